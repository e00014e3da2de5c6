"""Scoring by the API: models, trainings, promotion, thresholds; a bad model is not promoted alone or in silence."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.people import roles
from controls.models import ScoringModel, ScoringPolicy, ScoringTraining
from controls.scoring import champions
from tests import people
from tests.api.client import Program
from tests.controls import cases_scene
from tests.controls.scoring.scored import scores
from tests.controls.scoring.test_promotion import WORSE, candidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> cases_scene.Scene:
    return cases_scene.scene()


def test_models_are_told_with_their_figures_beside_the_champions(here: cases_scene.Scene) -> None:
    candidate(WORSE)
    program = Program(here.one)
    items = program.get("/scoring-models").json()["items"]
    assert [(item["number"], item["status"], item["window_from"]) for item in items] == [
        (2, "candidate", "2026-01-01"), (1, "champion", None),
    ]  # fmt: skip
    told = program.get("/scoring-models/2").json()
    assert told["compared_with"] == 1
    assert told["compared"][0] == {"measure": "average_precision", "own": 0.3, "champion": 0.4, "worse": True}
    assert [line["measure"] for line in told["compared"] if line["worse"]] == ["average_precision"]
    assert told["digest"] == ScoringModel.objects.get(number=2).digest
    assert program.get("/scoring-models/9").status_code == 404


def test_a_bad_model_is_promoted_neither_in_silence_nor_by_one(here: cases_scene.Scene) -> None:
    candidate(WORSE)
    one, other = Program(here.one), Program(here.other)
    refused = one.post("/scoring-models/2/promotion", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "model.worse")
    assert refused.json()["params"]["worse"] == [["average_precision", 0.3, 0.4]]
    assert "Average precision: 0.3 against 0.4" in refused.json()["detail"]
    asked = one.post("/scoring-models/2/promotion", {"reason": "It knows instant payments"}).json()
    assert (asked["subject"], asked["status"], asked["change"]["worse"]) == (
        "model", "waiting", [["average_precision", 0.3, 0.4]],
    )  # fmt: skip
    again = one.post(f"/changes/{asked['id']}/approve")
    assert (again.status_code, again.json()["code"]) == (422, "change.own_work")
    assert champions.present().number == 1
    assert other.post(f"/changes/{asked['id']}/approve").json()["status"] == "approved"
    told = one.get("/scoring-models/2").json()
    assert (told["status"], told["promoted_by"]["id"], told["seconded_by"]["id"], told["reason"]) == (
        "champion", here.one.pk, here.other.pk, "It knows instant payments",
    )  # fmt: skip


def test_a_candidate_scores_along_and_is_put_away(here: cases_scene.Scene) -> None:
    candidate()
    program = Program(here.one)
    assert program.post("/scoring-models/2/challenge").json()["status"] == "challenger"
    assert program.post("/scoring-models/2/challenge").json()["code"] == "model.no_candidate"
    figures = program.get("/scoring-figures").json()
    assert (figures["shadow"]["payments"], figures["shadow"]["agreement"]) == (0, None)
    assert figures["sample"] == {
        "drawn": 0, "judged": 0, "confirmed": 0, "valuable": 0, "below": 0, "missed": None, "bounds": None,
    }  # fmt: skip
    assert program.post("/scoring-models/2/retire", {"reason": "Worse"}).json()["status"] == "retired"


def test_a_training_is_asked_for_and_followed(here: cases_scene.Scene) -> None:
    program = Program(here.one)
    days = {"window_from": "2026-01-01", "window_to": "2026-03-31"}
    made = program.post("/scoring-trainings", {**days, "seed": 5})
    assert made.status_code == 201
    told = program.get(f"/scoring-trainings/{made.json()['id']}").json()
    assert (told["seed"], told["asked_by"]["id"], told["model"]) == (5, here.one.pk, None)
    for body, code in (
        ({**days, "window_to": "2025-01-01"}, "training.period"),
        ({**days, "parameters": {"most": 1}}, "training.parameter"),
        ({**days, "parameters": {"trees": {"rounds": 10**9}}}, "training.parameter"),
        ({**days, "parameters": {"trees": {"device": "gpu"}}}, "training.parameter"),
        ({**days, "parameters": {"trees": 3}}, "training.parameter"),
        (days, "training.under_way"),
    ):
        assert program.post("/scoring-trainings", body).json()["code"] == code
    assert len(program.get("/scoring-trainings").json()["items"]) == ScoringTraining.objects.count() == 1


def test_a_threshold_is_told_with_what_others_would_bring_and_changed_by_two(here: cases_scene.Scene) -> None:
    entity, one, other = here.stage.entity, Program(here.one), Program(here.other)
    scores(champions.present(), entity, [10] * 98 + [62, 85], at=timezone.now() - timedelta(minutes=1))
    assert one.get("/scoring-policies").json()["items"] == [
        {"entity": entity.pk, "threshold": 60, "sample_per_million": 1_000}
    ]
    told = one.get(f"/scoring-policies/{entity.pk}").json()
    assert (told["scored"], told["judged"], told["suggested"]) == (100, 0, None)
    assert {step["threshold"]: step["alerts"] for step in told["steps"]}[60] == 2
    body = {"threshold": 80, "sample_per_million": 500, "reason": "Too many"}
    asked = one.post(f"/scoring-policies/{entity.pk}/change", body).json()
    assert (asked["subject"], asked["subject_id"], asked["change"]["alerts_a_day"]) == ("scoring", entity.pk, 1)
    assert other.post(f"/changes/{asked['id']}/approve").status_code == 200
    assert ScoringPolicy.objects.get(entity=entity).threshold == 80
    assert one.post(f"/scoring-policies/{entity.pk}/change", {**body, "threshold": 20}).status_code == 400


def test_who_may_only_look_moves_nothing(here: cases_scene.Scene) -> None:
    candidate()
    entity = here.stage.entity
    acts: list[tuple[str, Any]] = [
        ("/scoring-models/2/challenge", {}), ("/scoring-models/2/retire", {"reason": "x"}),
        ("/scoring-models/2/promotion", {"reason": "x"}),
        ("/scoring-trainings", {"window_from": "2026-01-01", "window_to": "2026-03-31"}),
        (f"/scoring-policies/{entity.pk}/change", {"threshold": 80, "sample_per_million": 5, "reason": "x"}),
    ]  # fmt: skip
    auditor = Program(people.person(roles.AUDITOR, entity=entity))
    assert auditor.get("/scoring-models").status_code == 200
    assert auditor.get(f"/scoring-policies/{entity.pk}").status_code == 200
    operator = Program(people.person(roles.OPERATOR, entity=entity))
    assert operator.get("/scoring-models").status_code == 403
    for program in (auditor, operator):
        assert [program.post(path, body).status_code for path, body in acts] == [403] * len(acts)
    people.bank_branch("ELSEWHERE", iban=cases_scene.ELSEWHERE)
    # A model is of all entities; a threshold of one.
    assert [Program(here.one).post(path, body).status_code for path, body in acts] == [403, 403, 403, 403, 201]
    assert ScoringModel.objects.get(number=2).status == "candidate"
