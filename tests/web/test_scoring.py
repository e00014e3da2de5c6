"""Models of scoring on their screens: told, trained, promoted by two, thresholds asked for; refusals move nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.people import roles
from controls import cases
from controls.models import ChangeRequest, ScoringDrift, ScoringModel, ScoringPolicy, ScoringTraining
from controls.scoring import champions
from tests import people
from tests.controls import cases_scene
from tests.controls.scoring import learning
from tests.controls.scoring.scored import scores
from tests.controls.scoring.test_promotion import GOOD, WORSE, candidate
from tests.web.desk import signed_in

pytestmark = pytest.mark.django_db
LEARNT = {
    "payments": 200_000, "of": 400_000, "learnt": 140_000, "unknown": 10, "honest": 139_900, "confirmed": 60,
    "valuable": 30, "trees": True, "needed": 50,
}  # fmt: skip


@pytest.fixture
def here() -> cases_scene.Scene:
    return cases_scene.scene()


def page_of(user: Any, path: str, status: int = 200) -> str:
    answer = signed_in(user).get(path)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_a_house_that_begins_is_told_that_its_model_knows_nothing(here: cases_scene.Scene) -> None:
    page = page_of(here.one, "/scoring/")
    assert "The champion knows nothing of this house yet" in page
    assert "from assumptions alone" in page
    page = page_of(here.one, "/scoring/models/1/")
    assert "It knows nothing yet: its scores rest on what is assumed of all payments." in page
    assert "Make it the champion" not in page
    french = people.person(roles.AUDITOR, entity=here.stage.entity, language="fr")
    assert "ne sait encore rien" in page_of(french, "/scoring/")


def test_a_model_is_told_beside_the_champion(here: cases_scene.Scene) -> None:
    figures = {**WORSE, "tested": {"payments": 900, "from": "2026-05-01", "to": "2026-06-30", "confirmed": 20,
                                   "valuable": 4}}  # fmt: skip
    model = candidate(figures, learnt=LEARNT, trained_by=here.one, names=["amount", "debtor_ratio"])
    page = page_of(here.one, "/scoring/models/2/")
    for words in (
        "It learnt from 140,000 payments.", "Of 400,000 payments in these days an even share of 200,000 was taken.",
        "Confirmed risks: 60; valuable alerts: 30; honest ones: 139,900; not known: 10.",
        "It has learnt from what people made of alerts.", model.digest, "debtor_ratio",
        "Judged on 900 payments", "It found less than the champion on the same payments:",
        "Average precision: 0.3 against 0.4 (−0.1)", "+20 points", here.one.full_name,
    ):  # fmt: skip
        assert words in page, words
    assert "Ask for its promotion" not in page_of(people.person(roles.AUDITOR, entity=here.stage.entity),
                                                  "/scoring/models/2/")  # fmt: skip
    assert page_of(people.person(roles.OPERATOR, entity=here.stage.entity), "/scoring/models/2/", 403)
    assert page_of(here.one, "/scoring/models/7/", 404)


def test_the_list_takes_the_same_queries_for_many_models(here: cases_scene.Scene) -> None:
    desk = signed_in(here.one)
    desk.get("/scoring/")
    counts = []
    for _round in range(2):
        candidate(GOOD, learnt=LEARNT)
        with CaptureQueriesContext(connection) as asked:
            desk.get("/scoring/")
        counts.append(len(asked))
        # Their bytes are megabytes: no page reads them.
        assert not any('"controls_scoringmodel"."artefact"' in one["sql"] for one in asked.captured_queries)
    assert counts[0] == counts[1] <= 12


def test_a_bad_model_is_promoted_on_screen_with_a_reason_and_by_two(here: cases_scene.Scene) -> None:
    candidate(WORSE)
    one, other = signed_in(here.one), signed_in(here.other)
    refused = one.post("/scoring/models/2/promote/", {"reason": " "})
    assert (refused.status_code, ChangeRequest.objects.count()) == (422, 0)
    assert "say why it is to be promoted all the same" in refused.content.decode()
    asked = one.post("/scoring/models/2/promote/", {"reason": "It knows instant payments"})
    assert asked.headers["Location"] == "/scoring/models/2/"
    request = ChangeRequest.objects.get()
    page = page_of(here.one, "/scoring/models/2/")
    assert "You asked for it: another person approves." in page
    assert "It found less on the same payments: Average precision: 0.3 against 0.4" in page
    assert one.post(f"/changes/{request.pk}/decide/", {"decision": "approve"}).status_code == 409
    assert champions.present().number == 1
    other.post(f"/changes/{request.pk}/decide/", {"decision": "approve", "next": "/scoring/models/2/"})
    assert champions.present().number == 2
    page = page_of(here.other, "/scoring/models/2/")
    assert f"made model 2 the champion, as {here.other.full_name} approved" in page
    assert "It knows instant payments" in page


def test_a_candidate_scores_along_and_is_put_away(here: cases_scene.Scene) -> None:
    candidate(GOOD)
    desk = signed_in(here.one)
    assert desk.post("/scoring/models/2/challenge/").status_code == 302
    assert desk.post("/scoring/models/2/challenge/").status_code == 409
    assert "No payment was scored by both yet." in page_of(here.one, "/scoring/models/2/")
    assert desk.post("/scoring/models/2/retire/", {"reason": ""}).status_code == 422
    assert desk.post("/scoring/models/2/retire/", {"reason": "Worse in shadow"}).status_code == 302
    assert ScoringModel.objects.get(number=2).status == "retired"


def test_a_training_is_asked_for_and_what_went_wrong_is_told(
    here: cases_scene.Scene, django_capture_on_commit_callbacks: Any
) -> None:
    desk = signed_in(here.one)
    page = page_of(here.one, "/scoring/train/")
    assert "judged on the last quarter" in page
    days = {"window_from": "2026-01-01", "window_to": "2026-03-31", "seed": "4"}
    assert desk.post("/scoring/train/", {**days, "window_to": "2025-03-31"}).status_code == 422
    assert desk.post("/scoring/train/", days).status_code == 302
    assert ScoringTraining.objects.get().seed == 4
    assert "Queued" in page_of(here.one, "/scoring/")
    again = desk.post("/scoring/train/", days)
    assert (again.status_code, "under way already" in again.content.decode()) == (422, True)
    ScoringTraining.objects.update(state="failed", code="training.nothing")
    assert "There is no scored payment to learn from" in page_of(here.one, "/scoring/")


def test_a_drifting_model_is_told_on_its_page_and_in_the_menu(here: cases_scene.Scene) -> None:
    model = candidate(GOOD)
    champions.challenge(actor=here.one, number=2)
    bands = [{"from": 0.0, "then": 0.9, "now": 0.4}, {"from": 30.0, "then": 0.1, "now": 0.6}]
    before = page_of(here.one, "/scoring/")
    ScoringDrift.objects.create(
        model=model, on=timezone.localdate() - timedelta(days=1), index=1.3, payment_count=400, bands=bands
    )
    page = page_of(here.one, "/scoring/models/2/")
    assert "Its scores no longer look as when it was made (stability index 1.3" in page
    assert page_of(here.one, "/scoring/").count("some are late") == before.count("some are late") + 1


def test_a_threshold_is_suggested_and_changed_by_two(here: cases_scene.Scene) -> None:
    entity = here.stage.entity
    payments = []
    for number in range(24):
        case = here.case(score=60)
        said = cases_scene.RISK if number % 2 else cases_scene.FALSE
        assert cases.decide(ids=[case.pk], actor=here.one, **said)[0].done
        payments.append(case.alerts.get().payment_id)  # type: ignore[attr-defined]
    values = [75 if number % 2 else 62 for number in range(24)]
    scores(champions.present(), entity, values, payments=payments)
    page = page_of(here.one, "/scoring/thresholds/")
    assert "each that catches a known risk brings more alerts than people work off (0.3 cases closed a day)." in page
    desk = signed_in(here.one)
    body = {"threshold": "70", "sample_per_million": "1000", "reason": "Half the work"}
    assert desk.post("/scoring/thresholds/", {**body, "threshold": "20"}).status_code == 422
    assert desk.post("/scoring/thresholds/", body).status_code == 302
    request = ChangeRequest.objects.get()
    page = page_of(here.other, "/scoring/thresholds/")
    assert "begin at score 70 (now 60): about 12 a day (now 24), with 12 of 12 known risks (now 12)" in page
    signed_in(here.other).post(f"/changes/{request.pk}/decide/", {"decision": "approve"})
    assert ScoringPolicy.objects.get().threshold == 70
    assert signed_in(here.one).get("/scoring/thresholds/?entity=999999").status_code == 404


def test_what_alerts_were_worth_is_told_by_reason(here: cases_scene.Scene) -> None:
    payment = here.payment(creditor_number="DE1")
    reason = {"code": "by_hand", "params": {"said": "seen"}, "weight": 10}
    raised = cases.raise_alerts([cases_scene.row(payment, version="model 1", reasons=[reason], score=65)])
    cases.decide(ids=list(raised.cases), actor=here.one, **cases_scene.RISK)
    page = page_of(here.one, "/scoring/figures/")
    assert "by_hand" in page
    assert "100%" in page
    assert page_of(people.person(roles.OPERATOR, entity=here.stage.entity), "/scoring/figures/", 403)


def test_a_training_from_the_door_to_the_figures(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A case closed as confirmed is in what the next training learns, asked for on the screen."""
    house = learning.house(movements=400)
    house.judge(1)
    days = {"window_from": house.first.isoformat(), "window_to": house.last.isoformat(), "seed": "0"}
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(house.scene.one).post("/scoring/train/", days)
    assert ScoringTraining.objects.get().state == "done"
    page = page_of(house.scene.one, "/scoring/models/2/")
    assert "Confirmed risks: 1;" in page
    assert "50 frauds are needed" in page
    assert date.fromisoformat(days["window_from"]) == ScoringModel.objects.get(number=2).window_from
