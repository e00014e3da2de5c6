"""Every screen on the demo's data, in both languages and schemes: axe finds nothing and nothing overflows.

Words and widths hang on the language, contrasts on the scheme, nothing on the pair: two looks see all four.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver
from playwright.sync_api import Page

from tests.browser.screens import NO_SCREENS, SCREENS, person, seed

OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("look", [("en", "light"), ("fr", "dark")])
def test_every_screen_is_accessible(
    page_for: Callable[..., Page],
    axe_clean: Callable[..., None],
    *,
    tmp_path: Path,
    settings: Any,
    look: tuple[str, str],
) -> None:
    seed(tmp_path, settings)
    language, scheme = look
    opened: dict[str | None, Page] = {}
    found = []
    for screen in SCREENS:
        if screen.who not in opened:
            who = person(screen.who) if screen.who else None
            opened[screen.who] = page_for(who, language, scheme, allow=[r"status of 40[34]"])
        page = opened[screen.who]
        answer = page.goto(screen.where())
        if answer is None or answer.status != screen.status:
            found.append(f"{screen.name}: answered {answer.status if answer else 'nothing'}")
            continue
        if page.evaluate("document.documentElement.lang") != language:
            found.append(f"{screen.name}: not in the reader's language")
        if page.evaluate(OVERFLOWS):
            found.append(f"{screen.name}: wider than the window")
        try:
            axe_clean(page)
        except AssertionError as violation:
            found.append(f"{screen.name}: {violation}")
    assert not found, "\n".join(found)


def test_no_screen_is_left_out() -> None:
    """A new address of a screen joins the list, or those that are no screens."""
    ours = {
        pattern.name
        for part in get_resolver().url_patterns
        for pattern in _flat(part)
        if pattern.callback.__module__.startswith("backoffice.web.")
    }
    assert ours - NO_SCREENS - {screen.address for screen in SCREENS} == set()


def _flat(part: Any) -> Any:
    if hasattr(part, "url_patterns"):
        for inner in part.url_patterns:
            yield from _flat(inner)
    else:
        yield part
