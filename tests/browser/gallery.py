"""`make gallery`: every screen in both languages and schemes as a picture, below build/gallery, with a page of all."""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from conftest import ROOT
from tests.browser.screens import SCREENS, Screen, person, seed

OUT = ROOT / "build" / "gallery"
VARIANTS = [(language, scheme) for language in ("en", "fr") for scheme in ("light", "dark")]
HEAD = (
    "<!doctype html><meta charset=utf-8><title>backoffice, every screen</title>"
    "<style>body{font:14px sans-serif;margin:2rem}img{width:24%;border:1px solid #999}</style>"
)


def test_gallery(page_for: Callable[..., Page], tmp_path: Path, settings: Any) -> None:
    seed(tmp_path, settings)
    for language, scheme in VARIANTS:
        folder = OUT / f"{language}-{scheme}"
        folder.mkdir(parents=True, exist_ok=True)
        opened: dict[str | None, Page] = {}
        for screen in SCREENS:
            if screen.who not in opened:
                who = person(screen.who) if screen.who else None
                opened[screen.who] = page_for(who, language, scheme, allow=["."])
            page = opened[screen.who]
            page.goto(screen.where())
            page.wait_for_load_state("networkidle")
            page.screenshot(path=folder / f"{screen.name}.png")
    (OUT / "index.html").write_text(HEAD + "".join(map(_row, SCREENS)), encoding="utf-8")


def _row(screen: Screen) -> str:
    pictures = "".join(
        f'<a href="{language}-{scheme}/{screen.name}.png"><img src="{language}-{scheme}/{screen.name}.png" '
        f'alt="{escape(screen.name)}, {language}, {scheme}" loading="lazy"></a> '
        for language, scheme in VARIANTS
    )
    return f"<h2>{escape(screen.name)}</h2>{pictures}"
