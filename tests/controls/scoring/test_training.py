"""Training from the house's own past: reproducible bit for bit, judged on what it did not learn from, on record."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied
from backoffice.people import roles
from controls import tasks
from controls.models import Movement, ScoringModel, ScoringTraining
from controls.scoring import artefacts, champions, training, trainings
from controls.scoring.movements import DAY
from documents.models import AuditRecord
from tests import people
from tests.controls import cases_scene
from tests.controls.scoring import learning

pytestmark = pytest.mark.django_db
VALUABLE: Any = {"disposition": "valuable_alert", "cause": "rightly_asked", "reason": "Stopped by a call"}


def made(house: learning.House, **fields: Any) -> training.Made:
    given = training.checked(from_on=house.first, to_on=house.last, parameters=learning.SMALL, seed=0)
    wanted = {"from_on": house.first, "to_on": house.last, "parameters": given, "seed": 0,
              "known_until": timezone.now(), **fields}  # fmt: skip
    return training.make(**wanted)


def test_the_first_champion_knows_nothing() -> None:
    first = champions.present()
    assert (first.number, first.status, first.window_from, first.learnt) == (
        1, "champion", None, {"payments": 0, "trees": False},
    )  # fmt: skip
    assert champions.artefact(first).blank
    assert first.digest == artefacts.FIRST.digest


def test_the_same_days_and_labels_give_the_same_bytes() -> None:
    house = learning.house(movements=400)
    house.judge(2)
    one, again = made(house), made(house)
    assert one.artefact.content == again.artefact.content
    assert (one.learnt | {"known_until": ""}, one.figures) == (again.learnt | {"known_until": ""}, again.figures)


def test_a_case_closed_as_confirmed_changes_what_the_next_training_learns() -> None:
    house = learning.house(movements=400)
    before = made(house)
    assert (before.learnt["confirmed"], before.learnt["trees"]) == (0, False)
    house.judge(1)
    after = made(house)
    assert (after.learnt["confirmed"], after.learnt["honest"]) == (1, before.learnt["honest"] - 1)
    assert after.artefact.digest != before.artefact.digest
    assert after.artefact.memory.seen == before.artefact.memory.seen - 1


def test_trees_are_learnt_when_enough_is_known_and_are_the_same_bit_for_bit() -> None:
    house = learning.house(judged=100)
    house.judge()
    one, again, other = made(house), made(house), made(house, seed=1)
    assert (one.learnt["trees"], one.learnt["confirmed"] >= 50) == (True, True)
    assert one.artefact.content == again.artefact.content != other.artefact.content
    own, champion = one.figures["own"], one.figures["champion"]
    assert 15 < one.figures["tested"]["confirmed"] <= 100 - one.learnt["confirmed"]
    assert champion["number"] == 1
    assert own["average_precision"] > 0.5
    assert own["budgets"]["1"]["recall"] > 0


def test_payments_of_the_last_week_and_young_labels_are_not_learnt_from() -> None:
    """Known until the last day of the window: what came in its last month has not settled, and is judged by nobody."""
    house = learning.house(movements=400)
    until = timezone.now() - timedelta(days=31)
    moment = int(until.timestamp())
    found = made(house, known_until=until)
    times = Movement.objects.filter(at__lt=moment)
    split = moment - learning.DAYS * 25 // 100 * DAY
    assert found.learnt["learnt"] == pytest.approx(times.filter(at__lt=split - 7 * DAY).count(), abs=4)
    assert found.figures["tested"]["to"] <= (until - timedelta(days=30)).date().isoformat()
    # A case closed since was not known then.
    house.judge(3)
    assert made(house, known_until=until).artefact.content == found.artefact.content


def test_a_valuable_alert_is_learnt_as_what_people_want_to_see_and_a_false_one_as_honest() -> None:
    house = learning.house(movements=400)
    before = made(house)
    house.judge(1, disposition=VALUABLE)
    valuable = made(house)
    assert (valuable.learnt["valuable"], valuable.learnt["honest"]) == (1, before.learnt["honest"] - 1)
    assert valuable.artefact.memory.seen == before.artefact.memory.seen - 1
    house.judge(1, disposition=cases_scene.FALSE)
    assert made(house).artefact.content == valuable.artefact.content


def test_a_training_is_on_record_with_its_figures_and_a_second_one_gives_the_same_model() -> None:
    house = learning.house(movements=400)
    house.judge(2)
    wanted: dict[str, Any] = {"from_on": house.first, "to_on": house.last, "parameters": learning.SMALL, "seed": 7}
    model = training.train(actor=house.scene.one, **wanted)
    assert (model.number, model.status, model.seed, model.trained_by) == (2, "candidate", 7, house.scene.one)
    assert (model.window_from, model.window_to, model.measures) == (house.first, house.last, 1)
    assert [model.learnt[name] for name in ("confirmed", "of", "trees")] == [2, 400, False]
    assert model.figures["tested"]["payments"] > 50
    assert model.figures["tested"]["confirmed"] == 0
    assert model.figures["champion"]["number"] == 1
    assert sum(band["share"] for band in model.figures["scores"]) == pytest.approx(1, abs=1e-4)
    read = artefacts.load(bytes(ScoringModel.objects.get(pk=model.pk).artefact))
    assert (read.digest, read.blank) == (model.digest, False)
    assert training.train(actor=house.scene.one, **wanted) == model
    said = list(AuditRecord.objects.filter(subject_type="model").order_by("id").values_list("action", flat=True))
    assert said == ["model.trained", "model.made_again"]


# Asked for by people and the calendar


def asked(house: learning.House, **fields: Any) -> ScoringTraining:
    wanted = {"actor": house.scene.one, "from_on": house.first, "to_on": house.last, "parameters": learning.SMALL}
    return trainings.ask(**{**wanted, **fields})


def test_a_training_that_was_asked_for_ends_with_a_candidate() -> None:
    house = learning.house(movements=400)
    training_ = asked(house)
    assert (training_.state, trainings.stale()) == ("queued", [])
    with pytest.raises(BusinessError, match="under way"):
        asked(house)
    tasks.train(training_.pk)
    training_.refresh_from_db()
    assert (training_.state, training_.code, training_.model.number) == ("done", "", 2)  # type: ignore[union-attr]
    assert champions.challenger() is None
    tasks.train(training_.pk)
    assert ScoringModel.objects.count() == 2


def test_what_a_killed_worker_left_is_made_again_as_of_the_moment_it_was_asked_for() -> None:
    house = learning.house(movements=400)
    training_ = asked(house)
    model = training.train(
        from_on=house.first, to_on=house.last, actor=house.scene.one, parameters=learning.SMALL,
        known_until=training_.asked_at,
    )  # fmt: skip
    house.judge(2)
    ScoringTraining.objects.update(state="running", tries=1, touched_at=timezone.now() - timedelta(minutes=6))
    tasks.sweep_trainings()
    assert trainings.stale() == [training_.pk]
    tasks.train(training_.pk)
    training_.refresh_from_db()
    assert (training_.state, training_.model, ScoringModel.objects.count()) == ("done", model, 2)


def test_a_training_that_cannot_be_ends_with_what_is_wrong() -> None:
    house = learning.house(movements=0, judged=0)
    training_ = asked(house)
    tasks.train(training_.pk)
    training_.refresh_from_db()
    assert (training_.state, training_.code, training_.model) == ("failed", "training.nothing", None)
    ScoringTraining.objects.update(state="running", tries=3)
    tasks.train(training_.pk)
    training_.refresh_from_db()
    assert (training_.state, training_.code, training_.params) == ("failed", "training.gave_up", {"tries": 3})


def test_the_calendar_makes_a_challenger_when_there_is_none() -> None:
    house = learning.house(movements=400)
    tasks.retrain()
    training_ = ScoringTraining.objects.get()
    assert (training_.asked_by, training_.window_from, training_.window_to) == (None, house.first, house.last)
    tasks.retrain()
    tasks.train(training_.pk)
    first = champions.challenger()
    assert first is not None
    assert first.number == 2
    house.judge(1)
    tasks.retrain()
    tasks.train(ScoringTraining.objects.latest("pk").pk)
    assert (champions.challenger(), ScoringModel.objects.get(number=3).status) == (first, "candidate")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"parameters": {"trees": {"objective": "none"}}}, "training.parameter"),
        ({"parameters": {"delay_days": 6}}, "training.parameter"),
        ({"parameters": {"colour": 1}}, "training.parameter"),
        ({"parameters": {"most": "all"}}, "training.parameter"),
        ({"seed": -1}, "training.parameter"),
        ({"to_on": timezone.now().date() - timedelta(days=2_000)}, "training.period"),
        ({"from_on": timezone.now().date() - timedelta(days=2_000)}, "training.period"),
    ],
)
def test_what_is_no_training_is_refused(fields: dict[str, Any], code: str) -> None:
    house = learning.house(movements=0, judged=0)
    with pytest.raises(BusinessError) as refused:
        asked(house, **fields)
    assert (refused.value.code, ScoringTraining.objects.count()) == (code, 0)


def test_only_who_manages_models_in_every_entity_trains() -> None:
    house = learning.house(movements=0, judged=0)
    for role in (roles.AUDITOR, roles.OPERATOR, roles.ADMINISTRATOR):
        with pytest.raises(Denied):
            asked(house, actor=people.person(role))
    people.bank_branch("ELSEWHERE", iban=cases_scene.ELSEWHERE)
    with pytest.raises(Denied):
        asked(house)
    with pytest.raises(Denied):
        training.train(from_on=house.first, to_on=house.last, actor=house.scene.one)


def test_the_command_tells_in_words_what_it_made() -> None:
    house = learning.house(movements=400)
    house.judge(1)
    days = ["--from", house.first.isoformat(), "--to", house.last.isoformat()]
    out = io.StringIO()
    call_command("train", *days, "--seed", "3", stdout=out)
    model = ScoringModel.objects.get(number=2)
    told = out.getvalue()
    assert (model.seed, model.trained_by) == (3, None)
    assert model.digest in told
    assert "Confirmed risks: 1; valuable alerts: 0" in told
    assert "Too little is known to learn from what people made of alerts (50 frauds are needed)" in told
    assert "Average precision: not measured (champion, model 1: not measured)" in told
    with pytest.raises(CommandError, match="whole days"):
        call_command("train", "--from", days[3], "--to", days[1])
