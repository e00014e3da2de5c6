"""A real Chromium against the product: the live server as the application's role, pages signed in by a cookie.

A page that logs an error, breaks the content security policy or gets a 5xx fails its test, whatever it asserted.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser import chromium

if TYPE_CHECKING:  # this file may be read before Django is set up
    from backoffice.people.models import User

# Playwright's synchronous interface keeps a loop in this thread, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

PATIENCE = 10_000  # milliseconds
# Rows of one table are alike: the first stand for the rest.
LOOKED_AT = {"exclude": [["tbody > tr:nth-child(n+13)"]]}
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", event => console.error(
    "content security policy: " + event.violatedDirective + " " + event.blockedURI + " " + (event.sample || "")));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@dataclass
class Trouble:
    """What went wrong on a page beside what the test looks at. ``allowed`` are patterns of what the test provokes."""

    allowed: Sequence[str] = ()
    found: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in self.allowed):
            self.found.append(text)

    def watch(self, page: Page) -> None:
        page.on("console", lambda message: message.type == "error" and self.note(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: self.note(f"{page.url}: {error}"))
        page.on("response", lambda answer: answer.status >= 500 and self.note(f"{answer.url}: status {answer.status}"))


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(_playwright: Playwright) -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(chromium.MISSING)
        pytest.skip(chromium.MISSING)
    running = _playwright.chromium.launch(executable_path=path, args=chromium.ARGUMENTS)
    yield running
    running.close()


@pytest.fixture
def live(live_server: Any) -> str:
    """The address of the product, running on this test's database as the application's role. Tasks run at once."""
    return str(live_server.url)


@pytest.fixture
def page_for(live: str, browser: Browser) -> Iterator[Callable[..., Page]]:
    """``page_for(user, language="fr", scheme="dark")`` opens a page as somebody (None: nobody), in their language."""
    contexts: list[BrowserContext] = []
    troubles: list[Trouble] = []

    def open_page(
        user: "User | None",
        language: str = "en",
        scheme: str = "light",
        *,
        width: int = 1440,
        height: int = 900,
        allow: Sequence[str] = (),
        scripts: bool = True,
    ) -> Page:
        context = browser.new_context(
            base_url=live,
            locale={"en": "en-GB", "fr": "fr-FR"}[language],
            timezone_id="Europe/Paris",
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(REPORT_VIOLATIONS)
        if user is not None:
            context.add_cookies(_signed_in(user, language, live))
        trouble = Trouble(allow)
        context.on("page", trouble.watch)
        contexts.append(context)
        troubles.append(trouble)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    found = [text for trouble in troubles for text in trouble.found]
    assert not found, "\n".join(found)


def _signed_in(user: "User", language: str, address: str) -> list[Any]:
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return [{"name": name, "value": morsel.value, "url": address} for name, morsel in client.cookies.items()]


@pytest.fixture(scope="session")
def axe_clean() -> Callable[..., None]:
    """``axe_clean(page)`` fails with the rule, the help and the elements of every violation."""
    axe = Axe()

    def check(page: Page, *, without: Sequence[str] = ()) -> None:
        options = {
            "rules": {rule: {"enabled": False} for rule in without}, "resultTypes": ["violations"], "iframes": False,
        }  # fmt: skip
        # Only what was violated comes back: the whole answer costs as much as finding it.
        page.evaluate(axe.axe_script)
        found = page.evaluate(
            "([where, options]) => axe.run(where, options).then(found => found.violations)", [LOOKED_AT, options]
        )
        told = [
            f"{violation['id']}: {violation['help']}\n"
            + "\n".join(f"    {' '.join(node['target'])}: {node['html'][:160]}" for node in violation["nodes"][:6])
            for violation in found
        ]
        assert not told, f"{page.url}\n" + "\n".join(told)

    return check
