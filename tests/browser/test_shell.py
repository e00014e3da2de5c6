"""The frame in a real browser: keyboard, menus, language, dialogs, live parts, with and without scripts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from backoffice.people import roles
from backoffice.people.models import User
from tests import people
from transactions.models import PaymentState

Open = Callable[..., Page]


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


@pytest.fixture
def sarah(stage: people.Stage) -> User:
    user = people.person(roles.SUPERVISOR, name="Sarah Cohen", entity=stage.entity)
    user.set_password(people.PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize(
    "look",
    [("en", "light", 1440), ("fr", "dark", 1440), ("fr", "light", 1024), ("en", "dark", 390)],
)
def test_preferences_and_refusals_are_accessible(
    page_for: Open, axe_clean: Callable[..., None], sarah: User, look: tuple[str, str, int]
) -> None:
    language, scheme, width = look
    page = page_for(sarah, language, scheme, width=width, allow=["status of 40[34]"])
    for address in (
        "/preferences/",
        "/users/",
        "/nothing/here/",
        "/account/password/change/",
        "/account/second-factor/",
    ):
        page.goto(address)
        axe_clean(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{address} scrolls sideways at {width}"


def test_letters_go_to_places_and_open_the_list_of_shortcuts(page_for: Open, sarah: User) -> None:
    page = page_for(sarah)
    page.goto("/preferences/")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/dashboard/")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("g q ?")
    expect(page.locator("#q")).to_have_value("g q ?")
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Shortcuts of this page")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("Go to: Ledger")).to_be_visible()
    assert all(dialog.locator("dt").all_inner_texts()), "each key has its words"
    assert "Go to:" not in dialog.locator("dt").all_inner_texts()
    page.keyboard.press("g")
    page.keyboard.press("q")
    assert page.url.endswith("/dashboard/"), "letters rest while a dialog is open"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_shortcuts_can_be_turned_off(page_for: Open, sarah: User) -> None:
    page = page_for(sarah)
    page.goto("/preferences/")
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save preferences").click()
    expect(page.get_by_text("Preferences saved")).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_timeout(300)
    assert page.url.endswith("/preferences/")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_language_switch_keeps_the_page_and_its_filters(page_for: Open, sarah: User, scripts: bool) -> None:
    page = page_for(sarah, scripts=scripts)
    page.goto("/payments/?q=Kervella")
    page.get_by_role("button", name="Français").click()
    page.wait_for_url("**/payments/?q=Kervella")
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_menus_open_without_scripts_and_the_phone_has_its_navigation(page_for: Open, sarah: User) -> None:
    page = page_for(sarah, scripts=False, width=390, height=780)
    page.goto("/preferences/")
    expect(page.locator("#side")).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.get_by_role("link", name="Ledger")).to_be_visible()
    page.get_by_role("link", name="Ledger").click()
    page.wait_for_url("**/ledger/")
    page.get_by_role("button", name="Your menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")


def test_rows_are_walked_and_the_pane_follows(page_for: Open, stage: people.Stage, sarah: User) -> None:
    payments = [people.payment(stage, creditor_name=name) for name in ("Atelier Un", "Atelier Deux", "Atelier Trois")]
    for place, payment in enumerate(payments):
        PaymentState.objects.filter(pk=payment.pk).update(priority=10 - place)
    page = page_for(sarah)
    page.goto("/queue/")
    pane = page.locator("#pane")
    page.keyboard.press("j")
    expect(pane).to_contain_text(["Atelier Deux"])
    page.keyboard.press("j")
    expect(pane).to_contain_text(["Atelier Trois"])
    assert page.url.endswith(f"row={payments[2].pk}"), "the address tells the truth"
    expect(page.locator('tr[aria-selected="true"]')).to_have_count(1)
    page.keyboard.press("k")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("[data-selection-count]")).to_have_text("2")
    expect(page.locator("[data-selection-sum]")).to_have_text("€300.00")
    page.keyboard.press("Escape")
    expect(page.locator("[data-selection]")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/payments/{payments[2].pk}/**")


def test_on_a_narrow_screen_the_pane_opens_over_the_list_and_closes(
    page_for: Open, axe_clean: Callable[..., None], stage: people.Stage, sarah: User
) -> None:
    people.payment(stage, creditor_name="Atelier Un")
    page = page_for(sarah, width=1024)
    page.goto("/queue/")
    pane = page.locator("#pane")
    expect(pane).to_be_hidden()
    page.keyboard.press("j")
    expect(pane).to_be_visible()
    axe_clean(page)
    page.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    expect(page.locator('tr[aria-selected="true"] a').first).to_be_focused()


def test_on_a_narrow_screen_every_place_is_in_reach_and_tells_its_name(page_for: Open, sarah: User) -> None:
    page = page_for(sarah, width=900, height=700)
    page.goto("/preferences/")
    last = page.locator("#side a").last
    last.focus()
    assert last.bounding_box()["y"] + last.bounding_box()["height"] <= 700  # type: ignore[index]
    assert page.evaluate("document.documentElement.scrollHeight") == 700, "the rail scrolls, not the window"
    expect(last.locator(".name")).to_have_css("opacity", "1")
    page.locator("#main").focus()
    expect(last.locator(".name")).to_have_css("opacity", "0")


def test_new_rows_wait_and_rows_that_left_stay_until_the_next_act(
    page_for: Open, stage: people.Stage, sarah: User
) -> None:
    first, second = (
        people.payment(stage, creditor_name="Atelier Un"),
        people.payment(stage, creditor_name="Atelier Deux"),
    )
    page = page_for(sarah)
    page.goto("/queue/")
    page.keyboard.press("j")
    rows = page.locator("table[data-list] tbody tr")
    before = rows.all_inner_texts()
    newer = people.payment(stage, creditor_name="Atelier Trois")
    PaymentState.objects.filter(pk=newer.pk).update(priority=99)
    PaymentState.objects.filter(pk=first.pk).update(hold_count=1)
    page.get_by_role("button", name="Live").click()
    expect(page.get_by_role("button", name="1 new item, show")).to_be_visible()
    assert [text.split("\n")[0] for text in rows.all_inner_texts()] == [text.split("\n")[0] for text in before]
    expect(page.locator(f'tr[data-row="{first.pk}"]')).to_have_class("gone")
    page.get_by_role("button", name="1 new item, show").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Atelier Trois")
    expect(rows.last).to_contain_text(second.creditor_name)


def test_a_server_that_is_away_is_said_and_the_page_goes_on(page_for: Open, stage: people.Stage, sarah: User) -> None:
    payment = people.payment(stage)
    page = page_for(sarah, allow=["Failed to load resource", "net::ERR"])
    page.goto("/queue/")
    state = page.locator("[data-live-state]")
    expect(state).to_have_attribute("data-state", "live")
    page.route("**/queue/**", lambda route: route.abort())
    for _time in range(2):
        state.click()
        page.wait_for_timeout(200)
    expect(state).to_have_attribute("data-state", "late")
    expect(state).to_contain_text("Late")
    expect(page.locator(f'tr[data-row="{payment.pk}"]')).to_be_visible()
    page.unroute("**/queue/**")
    state.click()
    expect(state).to_have_attribute("data-state", "live")


def test_time_left_ticks_and_becomes_late(page_for: Open, stage: people.Stage, sarah: User) -> None:
    payment = people.payment(stage)
    PaymentState.objects.filter(pk=payment.pk).update(due_at=timezone.now() + timedelta(seconds=5))
    page = page_for(sarah)
    page.goto("/queue/")
    due = page.locator("table .sla")
    expect(due).to_have_class("sla soon")
    expect(due).to_have_class("sla late", timeout=15_000)
    expect(due.locator("time")).to_contain_text("\u2212")


def test_focus_is_seen_and_the_first_stop_skips_to_the_content(page_for: Open, sarah: User) -> None:
    page = page_for(sarah)
    page.goto("/preferences/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    assert skip.bounding_box()["y"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_print_leaves_the_frame_out(page_for: Open, sarah: User) -> None:
    page = page_for(sarah)
    page.goto("/dashboard/")
    page.emulate_media(media="print")
    for part in (".top", "#side", ".keys"):
        expect(page.locator(part)).to_be_hidden()
    expect(page.locator(".only-print")).to_contain_text("Printed by Sarah Cohen. A printed view is not evidence.")
