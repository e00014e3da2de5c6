"""A supervisor works a case from its alert to its disposition; a second person judges without seeing the first."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from backoffice.people import roles
from controls import cases
from controls.cases import findings
from controls.models import Alert, Case
from tests.controls.scene import OTHER_IBAN, judge, scene
from tests.people import person
from transactions.models import PaymentState

Opens = Callable[..., Page]
Axe = Callable[..., None]
WORDS = {
    "en": {
        "name": "Changed bank details", "known": "the known account is", "second": "A second verdict is asked",
        "asked": "A second person is asked", "closed": "The case is closed.", "risk": "Confirmed risk",
        "first": "First verdict", "history": "closed the case as “Confirmed risk”", "related": "Related payments",
        "taken": "Taken.", "done": "The payee was called back on a number known before",
    },
    "fr": {
        "name": "Coordonnées bancaires changées", "known": "le compte connu est",
        "second": "Un second avis est demandé",
        "asked": "Une seconde personne est sollicitée", "closed": "Le dossier est clos.", "risk": "Risque avéré",
        "first": "Premier avis", "history": "a clos le dossier comme «\u00a0Risque avéré\u00a0»",
        "related": "Paiements liés", "taken": "Pris.", "done": "Le bénéficiaire a été rappelé à un numéro déjà connu",
    },
}  # fmt: skip


def verdict(page: Page) -> None:
    page.locator("input[name=disposition][value=confirmed_risk]").check()
    page.locator("select[name=cause]").select_option("account_taken_over")
    page.locator("#verdict-reason").fill("Called back: not their account")
    page.locator("input[name=actions][value=reject]").check()
    page.locator("form[action='/cases/acts/decide/'] button[type=submit]").click()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_case_goes_from_its_alert_to_its_disposition_by_two(page_for: Opens, axe_clean: Axe, language: str) -> None:
    here, words = scene(), WORDS[language]
    one, other = (
        person(roles.SUPERVISOR, entity=here.stage.entity, name=name, language=language)
        for name in ("Marc Lefèvre", "Sarah Collins")
    )
    payment = here.payment(creditor_number=OTHER_IBAN)
    judge(payment)
    findings.raise_due()
    case = Case.objects.get(typology="changed_details")

    page = page_for(one, language)
    page.goto("/cases/")
    expect(page.locator("main")).to_contain_text(words["known"])
    axe_clean(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/cases/{case.pk}/"))
    expect(page.locator("h1")).to_contain_text(words["name"])
    expect(page.locator("main")).to_contain_text(words["related"])
    axe_clean(page)
    page.keyboard.press("l")
    expect(page.get_by_role("status").filter(has_text=words["taken"])).to_be_visible()
    page.keyboard.press("a")
    expect(page.locator("input[name=disposition]").first).to_be_focused()
    expect(page.locator("input[name=disposition]:checked")).to_have_count(0)
    page.keyboard.press("e")
    expect(page.locator("#escalate-reason")).to_be_focused()
    page.get_by_role("button", name=words["done"]).click()
    expect(page.locator("main")).to_contain_text("Marc Lefèvre")
    verdict(page)
    expect(page.get_by_role("status").filter(has_text=words["asked"]).first).to_be_visible()
    axe_clean(page)

    review = page_for(other, language, "dark")
    review.goto(f"/payments/{payment.pk}/")
    review.locator(f"main a[href='/cases/{case.pk}/']").first.click()
    expect(review.locator("main")).to_contain_text(words["second"])
    expect(review.locator("main")).not_to_contain_text("Called back")
    expect(review.locator("main")).not_to_contain_text(words["first"])
    axe_clean(review)
    verdict(review)
    expect(review.get_by_role("status").filter(has_text=words["closed"])).to_be_visible()
    expect(review.locator("main")).to_contain_text(words["history"])
    expect(review.locator("aside")).to_contain_text(words["first"])
    axe_clean(review)

    assert PaymentState.objects.get(pk=payment.pk).status == "rejected"
    now = timezone.now()
    (label,) = cases.labels(now - timedelta(hours=1), now + timedelta(hours=1))
    assert (label.payment_id, label.label) == (Alert.objects.get(case=case).payment_id, 1)
