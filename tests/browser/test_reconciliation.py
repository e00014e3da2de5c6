"""A morning's breaks are cleared by keyboard: accepted, paired, split, left out, an entry created; two people sign."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from controls.models import Correction, Match, OpenItem, OpenLine, ReconciledDay
from controls.reconciliation import breaks, corrections, positions
from tests import people
from tests.controls.reconciliation import desk_scene
from tests.controls.reconciliation.desk_scene import DAY, Desk, draw, line, post, statement

Opens = Callable[..., Page]
Axe = Callable[..., None]
WORDS = {
    "en": {
        "matched": "1 matched.", "paired": "Matched.", "undone": "1 undone.", "left": "1 left out.",
        "nothing": "Nothing left", "prepared": "Prepared. Another person must sign it.", "signed": "Signed.",
        "own": "You prepared this day.", "booked": "Booked and matched.", "unmatched": "Unmatched",
        "difference": "€0.00",
    },
    "fr": {
        "matched": "1 rapproché.", "paired": "Rapproché.", "undone": "1 annulé.", "left": "1 écarté.",
        "nothing": "Plus rien", "prepared": "Préparé. Une autre personne doit signer.", "signed": "Signé.",
        "own": "Vous avez préparé cette journée.", "booked": "Comptabilisé et rapproché.",
        "unmatched": "Non rapprochés", "difference": "0,00\u00a0€",
    },
}  # fmt: skip


def morning() -> Desk:
    """Five lines: a likely pair, one that two postings make, one paid in part, a fee, and one to leave out."""
    here = desk_scene.desk()
    statement(here.account, [
        ("500.00", "COOP VALLEE VERTE F-9921"), ("-300.00", "ENERGIE BRESLE"), ("80.00", "GARAGE TROIS PONTS"),
        ("-12.40", "FRAIS DE TENUE"), ("1.00", "TEST DE LA BANQUE"),
    ])  # fmt: skip
    post(here, "500.00", "COOP VALLEE VERTE")
    post(here, "-100.00", "Electricity October")
    post(here, "-200.00", "Electricity November")
    post(here, "90.00", "Garage")
    draw(here.account)
    breaks.look([here.account.pk])
    asked = corrections.ask_policy(
        actor=here.supervisor, entity=here.stage.entity, write_off=Decimal(0), alone=Decimal(20),
        line_days=0, item_days=2,
    )  # fmt: skip
    corrections.agree_policy(actor=people.person("supervisor", entity=here.stage.entity), policy_id=asked.pk)
    return here


def send(page: Page, key: str, words: str) -> None:
    """Press a key that sends a form, and read what the next page says."""
    with page.expect_navigation():
        page.keyboard.press(key)
    says(page, words)


def says(page: Page, words: str) -> None:
    expect(page.locator(".toasts")).to_contain_text(words)


def row(page: Page, pane: str, text: str) -> None:
    """Go to the row of a list by ``j`` from its first one; what is selected is written in it."""
    page.keyboard.press("k")
    for _step in range(6):
        if text in page.locator(f"table[data-pane={pane}] tr[aria-selected=true]").inner_text():
            return
        page.keyboard.press("j")
    raise AssertionError(text)


def top(page: Page) -> None:
    for _step in range(6):
        page.keyboard.press("k")


def accept(page: Page, words: dict[str, str]) -> None:
    """The surest suggestion by j, x, m; taken back by z, and accepted again."""
    page.keyboard.press("j")
    expect(page.locator("tr[aria-selected=true]")).to_contain_text("COOP VALLEE VERTE")
    page.keyboard.press("x")
    send(page, "m", words["matched"])
    send(page, "z", words["undone"])
    page.keyboard.press("j")
    send(page, "m", words["matched"])


def pair(page: Page, words: dict[str, str]) -> None:
    """One line with two postings, by Tab; the foot adds both sides up."""
    page.keyboard.press("j")
    row(page, "lines", "ENERGIE BRESLE")
    page.keyboard.press("x")
    page.keyboard.press("Tab")
    top(page)
    row(page, "items", "October")
    page.keyboard.press("x")
    expect(page.locator("[data-total=difference]")).not_to_have_text(words["difference"])
    row(page, "items", "November")
    page.keyboard.press("x")
    expect(page.locator("[data-total=difference]")).to_have_text(words["difference"])
    send(page, "m", words["paired"])


def split(page: Page, words: dict[str, str]) -> None:
    page.keyboard.press("j")
    row(page, "lines", "GARAGE")
    page.keyboard.press("x")
    page.keyboard.press("Tab")
    row(page, "items", "Garage")
    page.keyboard.press("x")
    send(page, "s", words["paired"])


def leave_out(page: Page, words: dict[str, str]) -> None:
    page.keyboard.press("j")
    row(page, "lines", "TEST DE LA BANQUE")
    page.keyboard.press("x")
    page.keyboard.press("r")
    page.keyboard.type("A test of the bank")
    page.keyboard.press("Escape")
    send(page, "i", words["left"])


def create(page: Page, words: dict[str, str], axe_clean: Axe) -> None:
    page.keyboard.press("j")
    row(page, "lines", "FRAIS")
    page.keyboard.press("x")
    with page.expect_navigation():
        page.keyboard.press("c")
    expect(page.locator("#label")).to_be_visible()
    axe_clean(page)
    page.locator("#label").focus()
    page.keyboard.type("Bank charges")
    page.keyboard.press("Tab")
    page.keyboard.type("Monthly")
    send(page, "Control+Enter", words["booked"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_morning_is_cleared_by_keyboard_and_signed_by_two(page_for: Opens, axe_clean: Axe, language: str) -> None:
    here, words = morning(), WORDS[language]
    page = page_for(here.operator, language)
    page.goto("/queue/")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url(re.compile(r"/reconciliation/$"))
    axe_clean(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/reconciliation/accounts/\d+/"))
    axe_clean(page)
    accept(page, words)
    page.get_by_role("link", name=words["unmatched"]).focus()
    page.keyboard.press("Enter")
    expect(page.locator("table[data-pane=items]")).to_be_visible()
    axe_clean(page)
    for act in (pair, split, leave_out):
        act(page, words)
    create(page, words, axe_clean)
    assert not OpenLine.objects.exclude(pk=line("TEST").pk).exists()
    assert OpenItem.objects.get().open == 10
    assert Match.objects.filter(undone_at=None).count() == 4
    assert Correction.objects.get().status == "booked"

    page.keyboard.press("d")
    expect(page.locator("#remark")).to_be_visible()
    axe_clean(page)
    page.keyboard.press("c")
    page.keyboard.type("A test of the bank was left out")
    page.keyboard.press("Escape")
    send(page, "p", words["prepared"])
    expect(page.locator(".banner")).to_contain_text(words["own"])
    review = page_for(here.supervisor, language)
    review.goto(f"/reconciliation/accounts/{here.account.pk}/days/{DAY.isoformat()}/")
    axe_clean(review)
    send(review, "a", words["signed"])
    one = ReconciledDay.objects.get()
    assert (one.status, one.prepared_by, one.signed_by) == ("signed", here.operator, here.supervisor)
    assert one.unexplained == 0
    assert positions.position(here.account, DAY).sums().keys() == {"item", "ignored_line"}
