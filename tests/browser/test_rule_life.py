"""A supervisor writes a rule and back-tests it, another reviews it; it runs in the shadow, then catches a payment."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from backoffice.people import roles
from controls import assess, queries
from controls.backtest import runs
from controls.models import ApprovalPolicy, BackTest, RuleResult
from tests.people import bank_branch, payment, person
from transactions.models import Payment

Opens = Callable[..., Page]
Axe = Callable[..., None]
WORDS = {
    "en": {
        "text": "Write it as a text", "builder": "Show it in the builder", "save": "Save the draft",
        "saved": "The draft is saved.", "hand_in": "Hand it in",
        "found": "It would be found", "waits": "It waits for a second person.",
        "approve": "Approve the change", "effect": "The change is in effect.", "ask": "Ask for it",
        "mode": "Mode: Shadow becomes Active", "sentence": "€1,500.00 is €1,000.00 or more.",
        "fault": "There is no fact named “amont” (character 1).",
    },
    "fr": {
        "text": "L’écrire en texte", "builder": "La montrer dans le constructeur",
        "save": "Enregistrer le brouillon", "saved": "Le brouillon est enregistré.", "hand_in": "Soumettre",
        "found": "Il serait trouvé",
        "waits": "Cela attend une seconde personne.", "approve": "Approuver la modification",
        "effect": "La modification est en vigueur.", "ask": "Demander", "mode": "Mode\u00a0: À blanc devient Active",
        "sentence": "1\u202f500,00\u00a0€ atteint 1\u202f000,00\u00a0€.",
        "fault": "Il n’existe pas de fait nommé «\u00a0amont\u00a0» (caractère 1).",
    },
}  # fmt: skip


def write(page: Page, words: dict[str, str], axe_clean: Axe) -> None:
    """With the builder, then as a text with a fault, then well."""
    page.goto("/rules/new/")
    axe_clean(page)
    page.locator("[name=code]").fill("HOUSE-LARGE")
    page.locator("[name=name_en]").fill("Large amount")
    page.locator("[name=name_fr]").fill("Montant élevé")
    page.locator("[name='b.0-fact']").fill("amount")
    page.locator("[name='b.0-operator']").select_option("ge")
    page.locator("[name='b.0-value']").fill(":threshold")
    page.locator("[name='p-0-name']").fill("threshold")
    page.locator("[name='p-0-unit']").select_option("money")
    page.locator("[name='p-0-value']").fill("1000")
    page.get_by_role("button", name=words["text"]).click()
    text = page.locator("#expression")
    expect(text).to_have_value("amount >= :threshold")
    text.fill("amont >= :threshold")
    expect(page.locator("#check")).to_contain_text(words["fault"])
    axe_clean(page)
    text.fill("")
    text.press_sequentially("amou")
    expect(page.get_by_role("listbox")).to_be_visible()
    text.press("ArrowDown")
    text.press("Enter")
    expect(text).to_have_value("amount")
    text.press_sequentially(" >= :")
    expect(page.get_by_role("option", name="threshold", exact=True)).to_be_visible()
    text.press("ArrowDown")
    text.press("Enter")
    expect(text).to_have_value("amount >= :threshold")
    sentence = page.locator("[name=sentence_en]")
    sentence.press_sequentially("{thr")
    sentence.press("ArrowDown")
    sentence.press("Tab")
    expect(sentence).to_have_value("{threshold}")
    page.get_by_role("button", name=words["builder"]).click()
    expect(page.locator("[name='b.0-fact']")).to_have_value("amount")
    page.locator("[name=action]").select_option("warn")
    page.locator("[name=sentence_en]").fill("{amount} is {threshold} or more.")
    page.locator("[name=sentence_fr]").fill("{amount} atteint {threshold}.")
    page.get_by_role("button", name=words["save"]).click()
    expect(page.get_by_role("status").filter(has_text=words["saved"])).to_be_visible()
    axe_clean(page)


def back_test(page: Page, hit: Payment, axe_clean: Axe) -> None:
    """Until today, when the payment came; the worker's part is done here."""
    page.goto("/rules/HOUSE-LARGE/")
    page.locator("main a[href^='/rules/back-tests/new/']").click()
    page.locator("[name=until]").fill(f"{timezone.localdate()}")
    page.locator("main .btn.go").click()
    expect(page).to_have_url(re.compile(r"/rules/back-tests/\d+/"))
    runs.run(BackTest.objects.get().pk)
    page.reload()
    expect(page.locator("main")).to_contain_text(hit.reference)
    axe_clean(page)
    page.goto("/rules/HOUSE-LARGE/")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_rule_is_written_back_tested_reviewed_shadowed_activated_and_catches_a_payment(
    page_for: Opens, axe_clean: Axe, language: str
) -> None:
    stage, words = bank_branch(), WORDS[language]
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=0, approvals=1)
    one, other = (
        person(roles.SUPERVISOR, entity=stage.entity, name=name, language=language)
        for name in ("Marc Lefèvre", "Sarah Collins")
    )
    page = page_for(one, language)
    write(page, words, axe_clean)
    back_test(page, payment(stage, amount="1500.00", status="checked"), axe_clean)
    page.locator("form[action$='/submit/'] [name=mode]").select_option("shadow")
    page.locator("form[action$='/submit/'] [name=reason]").fill("Agreed")
    page.get_by_role("button", name=words["hand_in"]).click()
    expect(page.get_by_role("status").filter(has_text=words["waits"])).to_be_visible()
    axe_clean(page)

    review = page_for(other, language)
    review.goto("/rules/")
    review.get_by_role("link", name="HOUSE-LARGE 1").click()
    axe_clean(review)
    review.get_by_role("button", name=words["approve"]).click()
    expect(review.get_by_role("status").filter(has_text=words["effect"])).to_be_visible()

    passing = payment(stage, amount="1500.00", status="received")
    assess.assess([passing.pk])
    assert RuleResult.objects.filter(payment=passing, version__rule__code="HOUSE-LARGE", shadow=True).count() == 1
    assert "HOUSE-LARGE" not in {one.rule_code for one in queries.findings([passing.pk]).get(passing.pk, [])}

    page.goto("/rules/HOUSE-LARGE/")
    page.locator("#other-mode").select_option("active")
    page.locator("#other-reason").fill("Seen enough")
    page.get_by_role("button", name=words["ask"]).click()
    review.goto("/rules/HOUSE-LARGE/?version=2")
    expect(review.locator("main")).to_contain_text(words["mode"])
    review.get_by_role("button", name=words["approve"]).click()

    caught = payment(stage, amount="1500.00", status="received")
    assess.assess([caught.pk])
    review.goto(f"/rules/HOUSE-LARGE/?payment={caught.pk}")
    expect(review.locator("main")).to_contain_text(words["found"])
    axe_clean(review)
    review.goto(f"/payments/{caught.pk}/")
    expect(review.locator("main")).to_contain_text(words["sentence"])
