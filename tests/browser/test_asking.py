"""Undo, asking and handing over in a real browser, by their letters and without scripts."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from backoffice.people import roles
from backoffice.people.models import User
from controls.models import ApprovalPolicy
from tests.people import Stage, bank_branch, payment, person
from transactions.models import HandOver, InformationRequest, Payment, PaymentState

Opens = Callable[..., Page]
Axe = Callable[..., None]


@pytest.fixture
def stage() -> Stage:
    stage = bank_branch(undo_seconds=120)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


@pytest.fixture
def operator(stage: Stage) -> User:
    return person(roles.OPERATOR, entity=stage.entity, name="Sarah Cohen")


@pytest.fixture
def colleague(stage: Stage) -> User:
    return person(roles.OPERATOR, entity=stage.entity, name="Karim Aziz")


@pytest.fixture
def waiting(stage: Stage) -> Payment:
    return payment(stage, creditor_name="Kervella Matériaux")


def standing(one: Payment) -> tuple[str, int]:
    state = PaymentState.objects.get(pk=one.pk)
    return state.status, state.hold_count


def opened(page: Page, letter: str) -> None:
    expect(page.locator("#pane")).to_contain_text("Kervella Matériaux")
    page.wait_for_load_state()
    page.keyboard.press(letter)


def test_z_takes_a_rejection_back(operator: User, waiting: Payment, page_for: Opens) -> None:
    page = page_for(operator)
    page.goto("/queue/")
    opened(page, "r")
    dialog = page.locator("dialog[open]")
    dialog.locator("select").select_option("AC01")
    dialog.locator("textarea").press("Control+Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert standing(waiting) == ("rejected", 0)
    page.wait_for_load_state()
    page.keyboard.press("z")
    expect(page.locator(".toast")).to_contain_text("1 decision taken back.")
    expect(page.locator("#pane")).to_contain_text("Kervella Matériaux")
    assert standing(waiting) == ("checked", 0)


def test_d_asks_and_the_answer_brings_it_back(
    operator: User, waiting: Payment, page_for: Opens, axe_clean: Axe
) -> None:
    page = page_for(operator)
    page.goto("/queue/")
    opened(page, "d")
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_role("heading")).to_have_text("Ask for a document or an answer")
    axe_clean(page)
    dialog.get_by_label("What is asked for").select_option("invoice")
    dialog.get_by_label("Question or explanation").fill("Which invoice is it?")
    dialog.get_by_label("Asked of").select_option("maker")
    dialog.get_by_label("Question or explanation").press("Control+Enter")
    expect(page.get_by_role("link", name=re.compile("Waiting for document"))).to_contain_text("1")
    assert standing(waiting) == ("checked", 1)
    page.get_by_role("link", name=re.compile("Waiting for document")).click()
    expect(page.locator("#pane")).to_contain_text("Which invoice is it?")
    axe_clean(page)
    page.wait_for_load_state()
    page.locator("#pane").get_by_role("link", name="Answer").click()
    page.locator("dialog[open]").get_by_label("Answer").fill("F-7731")
    invoice = {"name": "F-7731.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.locator("dialog[open] input[type=file]").set_input_files(invoice)  # type: ignore[arg-type]
    page.locator("dialog[open]").get_by_role("button", name="Answer").click()
    expect(page.locator(".toast")).to_contain_text("The answer is kept.")
    assert standing(waiting) == ("checked", 0)
    assert InformationRequest.objects.get().answer == "F-7731"


@pytest.mark.parametrize("scripts", [True, False], ids=["by its letter", "without scripts"])
def test_e_hands_over(operator: User, colleague: User, waiting: Payment, page_for: Opens, scripts: bool) -> None:
    page = page_for(operator, scripts=scripts)
    page.goto("/queue/")
    if scripts:
        opened(page, "e")
        form = page.locator("dialog[open]")
    else:
        page.locator("#pane").get_by_role("link", name="Hand over").click()
        form = page.locator("#content, main").first
    form.get_by_label("To").select_option(label="Karim Aziz")
    form.get_by_label("Reason").fill("You know them.")
    form.get_by_role("button", name=re.compile("^Hand over ")).click()
    expect(page.locator("body")).to_contain_text("handed over.")
    assert HandOver.objects.get().person_id == colleague.pk
    theirs = page_for(colleague)
    theirs.goto("/queue/?view=mine")
    expect(theirs.locator("tbody tr[data-row]")).to_contain_text("Sarah Cohen handed it over: You know them.")
