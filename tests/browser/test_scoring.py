"""A model worse than the champion is promoted by two people with a reason, and a threshold changed, in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from controls.models import ScoringPolicy
from controls.scoring import champions
from tests.controls import cases_scene
from tests.controls.scoring.test_promotion import WORSE, candidate

Opens = Callable[..., Page]
Axe = Callable[..., None]
WORDS = {
    "en": {
        "ask": "Ask for its promotion", "why": "say why it is to be promoted all the same",
        "waits": "The promotion waits for a second person.", "own": "You asked for it: another person approves.",
        "worse": "Average precision: 0.3 against 0.4 (−0.1)", "approve": "Approve the change",
        "effect": "The change is in effect.", "champion": "Champion", "nothing": "knows nothing of this house yet",
        "change": "Ask for the change", "from": "begin at score 70 (now 60)",
    },
    "fr": {
        "ask": "Demander sa promotion", "why": "dites pourquoi le promouvoir malgré tout",
        "waits": "La promotion attend une seconde personne.",
        "own": "Vous l’avez demandée\u00a0: une autre personne approuve.",
        "worse": "Précision moyenne\u00a0: 0,3 contre 0,4 (−0,1)", "approve": "Approuver la modification",
        "effect": "La modification est en vigueur.", "champion": "Champion",
        "nothing": "ne sait encore rien de cette maison", "change": "Demander la modification",
        "from": "commencent au score 70 (60 aujourd’hui)",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fr"])
def test_two_people_promote_a_model_that_is_worse_and_change_the_threshold(
    page_for: Opens, axe_clean: Axe, language: str
) -> None:
    here, words = cases_scene.scene(), WORDS[language]
    for person in (here.one, here.other):
        person.language = language
        person.save(update_fields=["language"])
    candidate(WORSE)
    page = page_for(here.one, language, allow=["status of 422"])
    page.goto("/scoring/")
    expect(page.locator("main")).to_contain_text(words["nothing"])
    axe_clean(page)
    page.locator("a[href='/scoring/models/2/']").click()
    expect(page.locator("aside")).to_contain_text(words["worse"])
    axe_clean(page)
    page.get_by_role("button", name=words["ask"]).click()
    expect(page.get_by_role("alert")).to_contain_text(words["why"])
    page.locator("#promote").fill("It knows instant payments")
    page.get_by_role("button", name=words["ask"]).click()
    expect(page.get_by_role("status").filter(has_text=words["waits"])).to_be_visible()
    expect(page.locator("main")).to_contain_text(words["own"])

    page.goto("/scoring/thresholds/")
    axe_clean(page)
    page.locator("[name=threshold]").fill("70")
    page.locator("[name=reason]").fill("Half the work")
    page.get_by_role("button", name=words["change"]).click()
    expect(page.locator("main")).to_contain_text(words["from"])

    review = page_for(here.other, language)
    review.goto("/scoring/models/2/")
    expect(review.locator("main")).to_contain_text(words["worse"])
    axe_clean(review)
    review.get_by_role("button", name=words["approve"]).click()
    expect(review.get_by_role("status").filter(has_text=words["effect"])).to_be_visible()
    expect(review.locator(".title")).to_contain_text(words["champion"])
    assert champions.present().number == 2
    review.goto("/scoring/thresholds/")
    review.get_by_role("button", name=words["approve"]).click()
    expect(review.get_by_role("status").filter(has_text=words["effect"])).to_be_visible()
    assert ScoringPolicy.objects.get().threshold == 70
    for path in ("/scoring/figures/", "/scoring/train/"):
        review.goto(path)
        axe_clean(review)
