"""The queue in a real browser: by keyboard alone, in dialogs, live, without scripts, in both languages and schemes."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from backoffice.people import roles
from backoffice.people.models import User
from backoffice.people.signing import anyone
from controls.models import ApprovalPolicy
from tests.people import Stage, bank_branch, payment, person
from tests.web.desk import finding
from transactions import workflow
from transactions.models import Payment, PaymentState

Opens = Callable[..., Page]
Axe = Callable[..., None]
REFUSED = "status of 422"


@pytest.fixture
def stage() -> Stage:
    stage = bank_branch(undo_seconds=120)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


@pytest.fixture
def operator(stage: Stage) -> User:
    return person(roles.OPERATOR, entity=stage.entity, name="Sarah Cohen")


@pytest.fixture
def waiting(stage: Stage) -> list[Payment]:
    """Four payments, the first the most urgent: one warns, the rest are clean."""
    names = ("Kervella Matériaux", "Imprimerie du Faou", "Logiciels Orme", "Papeterie Aubin")
    made = [payment(stage, creditor_name=name, amount=f"{place + 1}00.00") for place, name in enumerate(names)]
    for place, one in enumerate(made):
        PaymentState.objects.filter(pk=one.pk).update(priority=100 - place)
    finding(made[0], "warn", weight=45)
    return made


def shows(page: Page, text: str) -> None:
    """The pane shows a payment, on a page whose scripts have run."""
    expect(page.locator("#pane")).to_contain_text(text)
    page.wait_for_load_state()


def test_next_decide_next_by_keyboard_alone(
    stage: Stage, operator: User, waiting: list[Payment], page_for: Opens, axe_clean: Axe
) -> None:
    page = page_for(operator, allow=[REFUSED])
    page.goto("/queue/")
    chosen = page.locator('tr[aria-selected="true"]')
    shows(page, "Kervella Matériaux")

    page.keyboard.press("n")
    shows(page, "Held by you")
    page.keyboard.press("a")
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_role("heading")).to_have_text("Approve")
    axe_clean(page)
    page.keyboard.press("Tab")
    page.keyboard.type("Seen with the treasurer")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_contain_text("Nothing was saved. Correct what follows and send again.")
    expect(dialog.locator("textarea")).to_have_value("Seen with the treasurer")
    dialog.get_by_role("checkbox").check()
    dialog.locator("textarea").press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="first approval given")).to_be_visible()
    shows(page, "Imprimerie du Faou")

    page.keyboard.press("r")
    expect(dialog.get_by_role("heading")).to_have_text("Reject")
    dialog.locator("select").select_option("AC01")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("r")
    dialog.locator("select").select_option("AM05")
    dialog.locator("textarea").fill("Paid on Monday.")
    dialog.locator("textarea").press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="rejected. It takes effect in")).to_be_visible()
    shows(page, "Logiciels Orme")

    page.keyboard.press("a")
    shows(page, "Papeterie Aubin")
    page.keyboard.press("z")
    expect(page.locator(".toast")).to_contain_text("1 decision taken back.")
    page.wait_for_load_state()
    page.keyboard.press("k")
    expect(chosen).to_have_attribute("data-row", str(waiting[2].pk))
    statuses = {one.creditor_name: PaymentState.objects.get(pk=one.pk).status for one in waiting}
    assert statuses == {
        "Kervella Matériaux": "validated",
        "Imprimerie du Faou": "rejected",
        "Logiciels Orme": "checked",
        "Papeterie Aubin": "checked",
    }


def test_the_pane_follows_the_selected_row_and_the_address_tells_it(
    operator: User, waiting: list[Payment], page_for: Opens
) -> None:
    page = page_for(operator)
    page.goto("/queue/")
    pane = page.locator("#pane")
    for one in waiting[1:]:
        page.keyboard.press("j")
        expect(pane).to_contain_text(one.creditor_name)
        expect(page).to_have_url(re.compile(rf"row={one.pk}$"))
    page.reload()
    expect(pane).to_contain_text("Papeterie Aubin")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/payments/{waiting[3].pk}/"))
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(rf"/payments/{waiting[2].pk}/"))
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile(rf"/queue/\?row={waiting[2].pk}$"))


def test_selecting_some_says_how_much_and_approves_them_together(
    operator: User, waiting: list[Payment], page_for: Opens, axe_clean: Axe
) -> None:
    page = page_for(operator)
    page.goto(f"/queue/?row={waiting[1].pk}")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("X")
    selection = page.locator("[data-selection]")
    expect(selection).to_contain_text("3 selected")
    expect(selection).to_contain_text("€900.00")
    axe_clean(page)
    selection.get_by_role("button", name="Approve…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Approve 3 payments")
    axe_clean(page)
    page.get_by_role("button", name="Approve 3 payments").click()
    expect(page.get_by_role("status").filter(has_text="3 first approvals given.")).to_be_visible()
    assert PaymentState.objects.filter(status="validated").count() == 3


def test_a_colleagues_decision_shows_without_moving_the_list(
    operator: User, waiting: list[Payment], page_for: Opens
) -> None:
    page = page_for(operator)
    page.goto("/queue/")
    expect(page.locator("[data-live-state]")).to_contain_text("Live")
    colleague = person(name="Karim Amrani")
    workflow.claim(ids=[waiting[2].pk], actor=colleague)
    workflow.reject(ids=[waiting[1].pk], actor=colleague, reason_code="AC01")
    page.locator("[data-live-state]").click()
    expect(page.locator(f'tr[data-row="{waiting[2].pk}"]')).to_contain_text("Karim Amrani")
    expect(page.locator(f'tr[data-row="{waiting[1].pk}"]')).to_have_class(re.compile("gone"))
    expect(page.locator("tbody tr[data-row]")).to_have_count(4)
    expect(page.locator('tr[aria-selected="true"]')).to_have_attribute("data-row", str(waiting[0].pk))


def test_without_scripts_everything_is_a_link_or_a_form(
    operator: User, waiting: list[Payment], page_for: Opens
) -> None:
    page = page_for(operator, scripts=False)
    page.goto("/queue/")
    page.get_by_role("button", name="Take next").click()
    expect(page.locator("#pane")).to_contain_text("Held by you")
    page.locator("#pane").get_by_role("link", name="Reject").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reject")
    page.get_by_label("Reason").select_option("AC04")
    page.get_by_role("button", name=re.compile("^Reject ")).click()
    expect(page.locator("#pane")).to_contain_text("Imprimerie du Faou")
    page.locator("#pane").get_by_role("button", name="Approve").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile(f"Select {waiting[2].reference}")).check()
    page.get_by_role("checkbox", name=re.compile(f"Select {waiting[3].reference}")).check()
    page.get_by_role("button", name="Approve…").click()
    page.get_by_role("button", name="Approve 2 payments").click()
    statuses = [PaymentState.objects.get(pk=one.pk).status for one in waiting]
    assert statuses == ["rejected", "validated", "validated", "validated"]


def test_undo_leads_back_to_what_was_undone(operator: User, waiting: list[Payment], page_for: Opens) -> None:
    page = page_for(operator)
    page.goto(f"/queue/?row={waiting[2].pk}")
    shows(page, "Logiciels Orme")
    page.keyboard.press("a")
    page.wait_for_load_state()
    expect(page.locator(f'tr[data-row="{waiting[2].pk}"]')).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator(f'tr[data-row="{waiting[2].pk}"]')).to_have_attribute("aria-selected", "true")
    shows(page, "Logiciels Orme")


@pytest.mark.parametrize("scripts", [True, False], ids=["by keyboard", "without scripts"])
def test_second_approvals_are_given_together(
    stage: Stage, operator: User, waiting: list[Payment], page_for: Opens, scripts: bool
) -> None:
    ids = [one.pk for one in waiting]
    workflow.validate(ids=ids, actor=operator, requirements=dict.fromkeys(ids, anyone(1)))
    page = page_for(person(roles.SUPERVISOR, entity=stage.entity), scripts=scripts)
    page.goto("/second-approvals/")
    warned = page.locator(f'tr[data-row="{ids[0]}"] input[type="checkbox"]')
    expect(warned).to_have_accessible_name(re.compile(r"^Select .*\. With a warning"))
    if scripts:
        shows(page, "Kervella Matériaux")
        for _ in range(2):
            page.keyboard.press("j")
            page.keyboard.press("x")
        expect(page.locator("[data-selection]")).to_contain_text("2 selected€500.00")
    else:
        for key in ids[1:3]:
            page.locator(f'tr[data-row="{key}"] input[type="checkbox"]').check()
    page.locator("button", has_text="Approve…").locator("visible=true").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Approve 2 payments")
    page.get_by_role("button", name="Approve 2 payments").click()
    expect(page.locator("tr[data-row]")).to_have_count(2)
    assert [PaymentState.objects.get(pk=key).status for key in ids] == [
        "validated", "approved", "approved", "validated",
    ]  # fmt: skip


@pytest.fixture(params=[(language, scheme) for language in ("en", "fr") for scheme in ("light", "dark")])
def look(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A language and a colour scheme."""
    return request.param


def test_every_screen_is_clean_for_assistive_technology(
    stage: Stage, waiting: list[Payment], page_for: Opens, axe_clean: Axe, look: tuple[str, str]
) -> None:
    supervisor = person(roles.SUPERVISOR, entity=stage.entity)
    failed = payment(stage, creditor_name="Fonderies Lescot")
    finding(failed, "second", weight=70)
    workflow.hold(ids=[waiting[3].pk], actor=supervisor, code="document", reason="The invoice, please.")
    workflow.reject(ids=[waiting[2].pk], actor=supervisor, reason_code="AC01")
    page = page_for(supervisor, *look)
    for address in (
        "/queue/",
        "/queue/?view=waiting",
        "/queue/?view=mine",
        "/queue/?risk=99",
        "/second-approvals/",
        f"/queue/many/?ids={waiting[1].pk}&ids={failed.pk}",
        f"/queue/many/?view=second&ids={waiting[1].pk}",
        f"/payments/{failed.pk}/?view=todo",
        f"/payments/{failed.pk}/?checks=all",
        f"/payments/{waiting[2].pk}/",
        f"/payments/{waiting[3].pk}/",
        f"/payments/{failed.pk}/approve/",
        f"/payments/{failed.pk}/amend/",
        "/payments/",
        "/payments/?q=nothing",
        "/payments/new/",
    ):
        page.goto(address)
        axe_clean(page)
