"""A training whose worker is killed, lost, or at which two workers are at once, makes its model once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from backoffice.common import tasks
from controls.models import Movement, ScoringModel, ScoringTraining
from controls.scoring import trainings
from tests import database
from tests.controls.scoring import streams
from tests.flows.clockwork import branch
from tests.flows.killing import COMMIT, COMMITTED, WRITE, Child, Clock, Scenario, Scene, audited, end_all

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TRAIN = "controls.train"
COMMITS = 3  # begun, the model, the end
NAMES = ("debtor", "creditor", "name", "operator", "channel", "kind", "currency", "country", "reference")


def asked_for(code: str) -> Scene:
    """Movements of sixty days that have settled, and a training of them that nobody has begun for a while."""
    stage = branch(code)
    last = timezone.now().astimezone(UTC).date() - timedelta(days=40)
    first = last - timedelta(days=59)
    start = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    columns = streams.columns(120, days=60)
    Movement.objects.bulk_create(
        Movement(
            payment_id=stage.entity.pk * 10_000 + row, entity=stage.entity, nature=0, ratio=1.0,
            at=int(columns["at"][row]) - streams.START + start, clock=int(columns["at"][row]) - streams.START + start,
            amount=int(columns["amount"][row] * 1_000), **{name: int(columns[name][row]) for name in NAMES},
        )
        for row in range(120)
    )  # fmt: skip
    made = trainings.ask(actor=None, from_on=first, to_on=last)
    database.update(ScoringTraining.objects.filter(pk=made.pk), touched_at=timezone.now() - timedelta(hours=1))
    return Scene(stage, [made.pk], look=lambda: looked(made), books=audited())


def looked(made: ScoringTraining) -> Any:
    made.refresh_from_db()
    model = made.model
    return made.state, made.code, model and (model.learnt["trees"], model.trained_by_id, model.window_from)


# The first model of the calendar scores along; the others find one that does.
SCENARIO = Scenario(TRAIN, asked_for, 2 * COMMITS, clock="controls.sweep_trainings")


@pytest.fixture
def clock(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Nothing of the product is sent: what is enqueued waits for the test."""
    made = Clock()
    monkeypatch.setattr(tasks, "_send", made.send)
    monkeypatch.setattr(trainings, "PATIENCE", timedelta(0))
    monkeypatch.setattr(trainings, "MOST_TRIES", 2 * COMMITS + 1)
    yield made
    end_all()


def killed(_scenario: Scenario, scene: Scene) -> None:
    """Before and after each commit: the next one begins anew."""
    for passes in range(COMMITS):
        for stop in (COMMIT, COMMITTED):
            child = Child(TRAIN, scene.args, stop, passes=passes)
            if child.reaches():
                child.kill()
            else:
                child.end()


def test_a_training_makes_its_model_once(clock: Clock) -> None:
    clock.run(SCENARIO, "FIRST", clock.undisturbed)
    once = clock.run(SCENARIO, "ONCE", clock.undisturbed)
    assert once.looked[:2] == ("done", "")
    assert (once.rows["controls_scoringmodel"], once.acts) == (1, {"model.trained": 1})
    ways = (("LOST", clock.lost), ("KILLED", killed), ("AT", clock.overtaken(WRITE)), ("LEFT", clock.inherited))
    for code, way in ways:
        assert clock.run(SCENARIO, code, way) == once, code
    assert ScoringModel.objects.filter(status="challenger").count() == 1
