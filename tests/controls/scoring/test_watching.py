"""Models in use: drift, the challenger beside the champion, thresholds with their consequence, the hidden sample."""

from datetime import UTC, timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from controls import cases, tasks
from controls.models import Alert, HiddenSample, ScoringDay, ScoringDrift, ScoringModel, ScoringPolicy
from controls.scoring import champions, counting, feedback, figures, suggesting, watching
from documents.models import AuditRecord
from tests import database
from tests.controls import cases_scene
from tests.controls.scoring.scored import days_ago, scores
from tests.controls.scoring.test_promotion import candidate
from transactions.models import Payment

pytestmark = pytest.mark.django_db
USUAL = np.concatenate([np.zeros(700), np.linspace(1, 60, 250), np.linspace(61, 99, 50)])


@pytest.fixture
def here() -> cases_scene.Scene:
    return cases_scene.scene()


def used(**fields: Any) -> ScoringModel:
    """A challenger that was made from scores as usual."""
    return candidate({"scores": figures.bands(USUAL)}, **fields)


# Drift


def test_scores_like_those_of_then_are_told_as_steady_and_others_as_drifting(here: cases_scene.Scene) -> None:
    model, entity = used(), here.stage.entity
    champions.challenge(actor=here.one, number=model.number)
    yesterday = timezone.now().astimezone(UTC).date() - timedelta(days=1)
    assert watching.look() == []
    scores(model, entity, np.tile(USUAL, 1)[:199], at=days_ago(2))
    assert watching.look() == []
    scores(model, entity, USUAL, at=days_ago(2), first=1_000)
    steady = watching.look()
    assert [(one.model, one.on, one.payment_count) for one in steady] == [(model, yesterday, 1_199)]
    assert steady[0].index < 0.1
    scores(model, entity, np.full(3_000, 70.0), at=days_ago(2), first=10_000)
    drifted = watching.look(yesterday - timedelta(days=1))
    assert drifted[0].index > 0.25
    assert sum(band["now"] for band in drifted[0].bands) == pytest.approx(1, abs=1e-5)
    assert AuditRecord.objects.filter(action="model.drifted").count() == 1
    # Told when it begins, and looked at once a day.
    tasks.watch_models()
    assert (ScoringDrift.objects.count(), AuditRecord.objects.filter(action="model.drifted").count()) == (2, 1)


def test_the_index_is_that_of_the_shares() -> None:
    assert figures.stability_index([0.5, 0.5], [0.5, 0.5]) == 0
    assert figures.stability_index([0.5, 0.5], [0.7, 0.3]) == pytest.approx(0.16946, abs=1e-4)
    assert figures.stability_index([1.0, 0.0], [0.0, 1.0]) > 5


def test_deciles_that_fall_together_are_one_band() -> None:
    bands = figures.bands(USUAL)
    assert bands[0]["from"] == 0
    assert bands[0]["share"] == pytest.approx(0.7, abs=0.01)
    assert sum(band["share"] for band in bands) == pytest.approx(1, abs=1e-5)
    assert figures.bands(np.empty(0)) == []


# Champion and challenger


def judged(here: cases_scene.Scene, count: int, disposition: Any) -> list[Payment]:
    """Payments with a closed case each."""
    made = []
    for _number in range(count):
        case = here.case(score=60)
        answers = cases.decide(ids=[case.pk], actor=here.one, **disposition)
        assert answers[0].done
        made.append(case.alerts.get().payment)  # type: ignore[attr-defined]
    return made


def test_both_are_told_on_the_same_payments_and_on_what_people_said_since(here: cases_scene.Scene) -> None:
    assert watching.shadow() is None
    model, entity, champion = used(), here.stage.entity, champions.present()
    champions.challenge(actor=here.one, number=model.number)
    right, wrong = judged(here, 3, cases_scene.RISK), judged(here, 2, cases_scene.FALSE)
    keys = [payment.pk for payment in right + wrong]
    scores(champion, entity, [90, 50, 40, 70, 10, 20, 61], payments=keys)
    scores(model, entity, [90, 80, 40, 30, 10, 65, 60], payments=keys)
    # What only one has scored is not compared.
    scores(champion, entity, [99], first=50)
    told = watching.shadow()
    assert told is not None
    assert (told.payments, told.both, told.champion_alone, told.challenger_alone) == (7, 2, 1, 2)
    assert told.agreement == pytest.approx(4 / 7)
    assert (told.judged, told.right) == (5, 3)
    assert (told.champion.right, told.champion.wrong, told.challenger.right, told.challenger.wrong) == (1, 1, 2, 0)
    assert told.challenger.average_precision == 1
    assert told.champion.average_precision == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


# Thresholds


def test_scores_are_counted_once_a_day_and_today_as_they_are(here: cases_scene.Scene) -> None:
    champion, entity = champions.present(), here.stage.entity
    scores(champion, entity, [0, 59.99, 60, 100], at=days_ago(3))
    scores(champion, entity, [70], at=days_ago(1), first=10)
    scores(champion, entity, [80], first=20)
    assert counting.count_days() == 2
    assert counting.count_days() == 0
    assert ScoringDay.objects.count() == 2
    counts, days = counting.of(champion, entity.pk, days_ago(90), timezone.now())
    assert {score: count for score, count in enumerate(counts) if count} == {0: 1, 59: 1, 60: 1, 70: 1, 80: 1, 100: 1}
    assert 3 <= days < 4.01


def test_a_threshold_is_suggested_that_people_can_work_off_and_that_catches_most(here: cases_scene.Scene) -> None:
    champion, entity = champions.present(), here.stage.entity
    right, wrong = judged(here, 12, cases_scene.RISK), judged(here, 12, cases_scene.FALSE)
    keys = [payment.pk for payment in right + wrong]
    scores(champion, entity, [72] * 10 + [46, 31] + [62] * 12, payments=keys, at=days_ago(0.01))
    # Everyday ones, so many that thirty would bring more alerts than anybody works off.
    scores(champion, entity, [33] * 400, at=days_ago(89), first=100)
    scores(champion, entity, [5] * 1_000, at=days_ago(89), first=1_000)
    counting.count_days()
    told = suggesting.thresholds(entity.pk)
    assert (told.scored, told.judged, told.known, told.present) == (1_424, 24, 12, 60)
    assert told.closed_a_day == pytest.approx(24 / 90)
    at = {step.threshold: (step.alerts, step.judged, step.right) for step in told.steps}
    assert (at[30], at[45], at[60], at[70], at[75]) == (
        (424, 24, 12), (23, 23, 11), (22, 22, 10), (10, 10, 10), (0, 0, 0),
    )  # fmt: skip
    assert told.at(60).share == pytest.approx(10 / 22)
    assert told.at(75).share is None
    # Thirty would bring five a day; of the others 45 catches most.
    assert told.suggested == 45


def test_nothing_is_suggested_of_few_labels(here: cases_scene.Scene) -> None:
    assert suggesting.thresholds(here.stage.entity.pk).suggested is None
    payments = judged(here, 2, cases_scene.RISK)
    scores(champions.present(), here.stage.entity, [80, 80], payments=[one.pk for one in payments])
    told = suggesting.thresholds(here.stage.entity.pk)
    assert (told.judged, told.suggested) == (2, None)


# Feedback


def test_each_reason_is_told_with_how_often_it_was_right(here: cases_scene.Scene) -> None:
    told = [("confirmed", cases_scene.RISK, ["by_hand"]), ("false", cases_scene.FALSE, ["by_hand"]), ("open", None, [])]
    for number, (_name, disposition, _codes) in enumerate(told):
        payment = here.payment(creditor_number=f"DE{number:020}")
        raised = cases.raise_alerts([cases_scene.row(payment, version="model 1", score=65)])
        if disposition:
            assert cases.decide(ids=list(raised.cases), actor=here.one, **disposition)[0].done
    here.case()  # of another detector
    line, *others = feedback.reasons([here.stage.entity.pk])
    assert others == []
    assert (line.code, line.alerts, line.judged, line.confirmed, line.false) == ("by_hand", 3, 2, 1, 1)
    assert line.share == 0.5
    assert line.bounds == pytest.approx((0.0945, 0.9055), abs=1e-3)
    assert feedback.reasons([here.stage.entity.pk + 1]) == []


def test_the_hidden_sample_says_how_much_is_missed_with_an_interval(here: cases_scene.Scene) -> None:
    champion, entity = champions.present(), here.stage.entity
    assert feedback.sample([entity.pk]).bounds is None
    right, wrong = judged(here, 1, cases_scene.RISK), judged(here, 9, cases_scene.FALSE)
    payments = [*right, *wrong, here.case(score=60).alerts.get().payment]  # type: ignore[attr-defined]
    made = scores(champion, entity, [10] * 11, payments=[one.pk for one in payments])
    scores(champion, entity, [5] * 989 + [80] * 20, first=100)
    HiddenSample.objects.bulk_create(
        HiddenSample(payment=payment, entity=entity, score=score, case=cases_of(payment), drawn_at=timezone.now())
        for payment, score in zip(payments, made, strict=True)
    )
    told = feedback.sample([entity.pk])
    # One that waits for its verdict is not counted yet: who watched the figure would know which.
    assert (told.drawn, told.judged, told.confirmed, told.below) == (10, 10, 1, 1_000)
    database.update(HiddenSample.objects.filter(payment=payments[-1]), drawn_at=days_ago(8))
    assert feedback.sample([entity.pk]).drawn == 11
    assert told.missed == pytest.approx(100)
    assert told.bounds == pytest.approx((17.9, 404.2), abs=0.5)
    database.insert(ScoringPolicy(entity=entity, threshold=90))
    assert feedback.sample([entity.pk]).below == 1_020


def cases_of(payment: Payment) -> Any:
    return Alert.objects.get(payment=payment).case
