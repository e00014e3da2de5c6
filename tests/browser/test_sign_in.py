"""The way in: sign-in page, wrong password, right password, and the page works without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from backoffice.people import roles
from backoffice.people.models import User
from tests import people

Open = Callable[..., Page]


@pytest.fixture
def anne() -> User:
    user = people.person(roles.OPERATOR, name="Anne Le Goff", entity=people.bank_branch().entity)
    user.set_password(people.PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_sign_in_page_is_accessible(
    page_for: Open, axe_clean: Callable[..., None], language: str, scheme: str
) -> None:
    page = page_for(None, language, scheme)
    page.goto("/account/login/")
    assert page.locator("html").get_attribute("lang") == language
    axe_clean(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_person_signs_in(page_for: Open, anne: User, scripts: bool) -> None:
    page = page_for(None, scripts=scripts)
    page.goto("/preferences/")
    page.wait_for_url("**/account/login/**")
    for password in ("not the password", people.PASSWORD):
        page.locator("input[name=login]").fill(anne.email)
        page.locator("input[name=password]").fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        if password != people.PASSWORD:
            expect(page.get_by_role("alert")).to_be_visible()
    page.wait_for_url("**/preferences/")
    expect(page.get_by_text("Anne Le Goff").first).to_be_attached()


def test_an_inline_script_is_blocked_and_noticed(page_for: Open) -> None:
    """The harness itself: an inline script is blocked and noticed."""
    page = page_for(None, allow=[r"content security policy|Content Security Policy"])
    page.goto("/account/login/")
    noticed: list[str] = []
    page.on("console", lambda message: noticed.append(message.text))
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.ran = 1'}))")
    page.wait_for_timeout(200)
    assert page.evaluate("window.ran") is None
    assert any("content security policy: script-src" in text for text in noticed)
