"""The matrix, its box to try, a deputy and two stages, in a browser, in both languages."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from backoffice.people import roles
from controls.models import ApprovalPolicy
from tests.people import bank_branch, payment, person
from tests.web.desk import finding, state
from transactions.models import PaymentApproval

Opens = Callable[..., Page]
Axe = Callable[..., None]
WORDS = {
    "en": {
        "ask": "Ask for the change", "waits": "The change waits for a second person.", "approve": "Approve the change",
        "try": "Who must approve?", "told": "one person, then one person (supervisor)", "let": "Let them sign",
        "place": "in the place of Marc Lefèvre", "deputy": "Deputy", "send": "Approve €12,000.00",
        "card": "Control card: 1 check",
    },
    "fr": {
        "ask": "Demander la modification", "waits": "La modification attend une seconde personne.",
        "approve": "Approuver la modification", "try": "Qui doit approuver\u202f?",
        "told": "une personne, puis une personne (superviseur)", "let": "Permettre de signer",
        "place": "à la place de Marc Lefèvre", "deputy": "Suppléant", "send": "Approuver 12\u202f000,00\u00a0€",
        "card": "Carte de contrôle\u00a0: 1 contrôle",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr"])
def test_two_people_change_the_matrix_and_a_deputy_signs_its_second_stage(
    page_for: Opens, axe_clean: Axe, language: str
) -> None:
    stage, words = bank_branch(), WORDS[language]
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    boss = person(roles.SUPERVISOR, entity=stage.entity, name="Marc Lefèvre", language=language)
    other = person(roles.ADMINISTRATOR, entity=stage.entity, name="Thomas Weber", language=language)
    first, second, third = (person(entity=stage.entity, name=f"Anne {n}", language=language) for n in range(3))

    page = page_for(boss, language)
    page.goto(f"/approvals/{stage.entity.pk}/new/")
    axe_clean(page)
    page.locator("[name=amount]").fill("10000")
    page.locator("[name=kind]").select_option("sepa")
    page.locator("[name=persons_1]").select_option("1")
    page.locator("[name=persons_2]").select_option("1")
    page.locator("[name=role_2]").select_option("supervisor")
    page.locator("[name=reason]").fill("Audit")
    page.get_by_role("button", name=words["ask"]).click()
    expect(page.get_by_role("status").filter(has_text=words["waits"])).to_be_visible()

    page = page_for(other, language)
    page.goto("/approvals/")
    axe_clean(page)
    page.get_by_role("button", name=words["approve"]).click()
    expect(page.locator("main")).to_contain_text(words["told"])
    page.locator("[name=amount]").fill("12000")
    page.locator("[name=kind]").select_option("sepa")
    page.get_by_role("button", name=words["try"]).click()
    expect(page.locator("aside [role=status]")).to_contain_text(words["told"])
    axe_clean(page)

    page = page_for(boss, language)
    page.goto("/deputies/")
    page.get_by_label(words["deputy"], exact=True).select_option(label="Anne 2")
    today = timezone.localdate()
    page.locator("[name=first_day]").fill(today.isoformat())
    page.locator("[name=last_day]").fill((today + timedelta(days=7)).isoformat())
    page.locator("[name=reason]").fill("On leave")
    page.get_by_role("button", name=words["let"]).click()
    expect(page.locator("tbody")).to_contain_text("Anne 2")
    axe_clean(page)

    one = payment(stage, amount="12000.00")
    finding(one, "warn")
    for signer in (first, second, third):
        page = page_for(signer, language)
        page.goto(f"/payments/{one.pk}/approve/")
        expect(page.locator("main")).to_contain_text(words["card"])
        if signer is first:
            page.get_by_role("checkbox").check()
        if signer is third:
            expect(page.locator("[name=on_behalf_of]")).to_contain_text(words["place"])
        page.locator("button.go[type=submit]").click()
        page.wait_for_url("**/payments/**")
        expect(page.locator("#signatures")).to_be_visible()
    expect(page.locator("main")).to_contain_text(words["place"])
    axe_clean(page)
    page.locator('a[href*="/cards/"]').last.click()
    expect(page.locator("h1")).to_be_visible()
    axe_clean(page)
    assert state(one).approvals_given == 2
    signed = PaymentApproval.objects.filter(payment=one).order_by("stage")
    assert list(signed.values_list("person", "on_behalf_of")) == [
        (first.pk, None), (second.pk, None), (third.pk, boss.pk),
    ]  # fmt: skip
