"""Models promoted by two people, and what neither the services nor the database let one do alone."""

import json
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, InternalError, connection, transaction

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from backoffice.people.models import User
from controls import changes
from controls.models import ChangeRequest, ScoringModel, ScoringPolicy
from controls.scoring import artefacts, asking, champions, comparing, policies, unsupervised
from controls.scoring.features import VERSION, features
from documents.models import AuditRecord
from tests import database, people
from tests.controls import cases_scene
from tests.controls.scoring import streams

pytestmark = pytest.mark.django_db


def quality(precision: float | None, half: float | None, one: float | None) -> dict[str, Any]:
    return {
        "average_precision": precision,
        "budgets": {"0.5": {"recall": half, "precision": half}, "1": {"recall": one, "precision": one}},
    }


GOOD = {"own": quality(0.6, 0.5, 0.7), "champion": {"number": 1, **quality(0.4, 0.3, 0.5)}}
WORSE = {"own": quality(0.3, 0.5, 0.7), "champion": {"number": 1, **quality(0.4, 0.3, 0.5)}}
UNKNOWN = {"own": quality(None, None, None), "champion": {"number": 1, **quality(None, None, None)}}


@pytest.fixture
def here() -> cases_scene.Scene:
    return cases_scene.scene()


def candidate(figures: dict[str, Any] = GOOD, **fields: Any) -> ScoringModel:
    champions.present()
    number = ScoringModel.objects.count() + 1
    made = artefacts.Artefact(unsupervised.memory(features(streams.stream(60, seed=number))))
    return ScoringModel.objects.create(
        **{"number": number, "measures": VERSION, "names": [], "parameters": {}, "figures": figures,
           "artefact": made.content, "digest": made.digest, "window_from": "2026-01-01", "window_to": "2026-06-30",
           **fields},
    )  # fmt: skip


def standing() -> tuple[Any, ...]:
    models = ScoringModel.objects.order_by("pk").values_list("number", "status", "promoted_by", "seconded_by", "reason")
    return list(models), list(ScoringPolicy.objects.values_list()), ChangeRequest.objects.count(), (
        AuditRecord.objects.count()
    )  # fmt: skip


def test_one_asks_another_signs_and_the_former_champion_retires(here: cases_scene.Scene) -> None:
    model = candidate()
    asked = asking.promotion(actor=here.one, number=model.number)
    assert asked.change == {
        "model": 2, "digest": model.digest, "champion": 1, "unmeasured": False, "worse": [],
    }  # fmt: skip
    before = standing()
    for act, code in (
        (lambda: changes.sign(actor=here.one, request_id=asked.pk), "change.own_work"),
        (lambda: asking.promotion(actor=here.other, number=2), "change.waiting"),
        (lambda: champions.retire(actor=here.other, number=2, reason="Old"), "change.waiting"),
    ):
        with pytest.raises(BusinessError) as refused:
            act()
        assert refused.value.code == code
    assert standing() == before
    changes.sign(actor=here.other, request_id=asked.pk)
    model.refresh_from_db()
    assert (model.status, model.promoted_by, model.seconded_by) == ("champion", here.one, here.other)
    assert champions.present() == model
    assert ScoringModel.objects.get(number=1).status == "retired"
    said = AuditRecord.objects.filter(subject_type="model", subject_id=model.pk).order_by("id")
    assert [one.action for one in said] == ["change.asked", "model.promoted", "change.approved"]
    with pytest.raises(BusinessError, match="champion already"):
        asking.promotion(actor=here.one, number=2)


def test_a_worse_model_needs_a_reason_and_it_says_what_is_worse(here: cases_scene.Scene) -> None:
    candidate(WORSE)
    with pytest.raises(BusinessError) as refused:
        asking.promotion(actor=here.one, number=2, reason="  ")
    assert refused.value.code == "model.worse"
    assert str(refused.value) == (
        "Model 2 found less than model 1 on the same payments (Average precision: 0.3 against 0.4 (−0.1)): say "
        "why it is to be promoted all the same."
    )
    asked = asking.promotion(actor=here.one, number=2, reason="The old one knows no instant payments")
    assert asked.change["worse"] == [["average_precision", 0.3, 0.4]]
    changes.sign(actor=here.other, request_id=asked.pk)
    assert ScoringModel.objects.get(number=2).reason == "The old one knows no instant payments"


@pytest.mark.parametrize("figures", [UNKNOWN, {}, {**GOOD, "champion": {"number": 9, **quality(0.4, 0.3, 0.5)}}])
def test_what_was_not_measured_against_the_champion_needs_a_reason(
    here: cases_scene.Scene, figures: dict[str, Any]
) -> None:
    candidate(figures)
    with pytest.raises(BusinessError) as refused:
        asking.promotion(actor=here.one, number=2)
    assert refused.value.code == "model.unmeasured"
    asked = asking.promotion(actor=here.one, number=2, reason="A memory is better than none")
    changes.sign(actor=here.other, request_id=asked.pk)
    assert champions.present().number == 2


def test_a_former_champion_comes_back_by_two_and_with_a_reason(here: cases_scene.Scene) -> None:
    candidate()
    changes.sign(actor=here.other, request_id=asking.promotion(actor=here.one, number=2).pk)
    with pytest.raises(BusinessError, match="not known"):
        asking.promotion(actor=here.one, number=1)
    asked = asking.promotion(actor=here.one, number=1, reason="The new one is blind to instant payments")
    changes.sign(actor=here.other, request_id=asked.pk)
    assert [one.status for one in ScoringModel.objects.order_by("number")] == ["champion", "retired"]


def test_what_was_asked_against_another_champion_takes_no_effect(here: cases_scene.Scene) -> None:
    first, second = candidate(), candidate()
    one, other = (asking.promotion(actor=here.one, number=model.number) for model in (first, second))
    changes.sign(actor=here.other, request_id=one.pk)
    with pytest.raises(BusinessError) as refused:
        changes.sign(actor=here.other, request_id=other.pk)
    assert refused.value.code == "model.champion_changed"
    assert champions.present() == first
    changes.refuse(actor=here.other, request_id=other.pk, reason="Ask anew")
    asking.promotion(actor=here.one, number=3, reason="Compared by hand")


def test_the_database_lets_nobody_promote_alone_and_no_bad_model_without_a_reason(here: cases_scene.Scene) -> None:
    bad = candidate(WORSE)
    champion = champions.present()
    before = standing()

    def promoted(reason: str = "") -> None:
        ScoringModel.objects.filter(pk=champion.pk).update(status="retired")
        ScoringModel.objects.filter(pk=bad.pk).update(
            status="champion", promoted_by=here.one, seconded_by=here.other, reason=reason
        )

    def second_champion() -> None:
        ScoringModel.objects.filter(pk=bad.pk).update(status="champion", promoted_by=here.one, seconded_by=here.other)

    for act in (promoted, second_champion):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    # Asked for, and signed by nobody.
    asked = asking.promotion(actor=here.one, number=2, reason="Trust me")
    with pytest.raises(IntegrityError, match="retires with the promotion"), transaction.atomic():
        promoted("Trust me")
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequest.objects.filter(pk=asked.pk).update(status="approved", decided_by=here.one)
    with pytest.raises(IntegrityError), transaction.atomic():
        asked.signatures.create(place=1, person=here.one)

    # Signed by another, it is still that model, those people, and with its reason.
    def signed(reason: str, person: User) -> None:
        asked.signatures.create(place=1, person=here.other)
        ScoringModel.objects.filter(pk=champion.pk).update(status="retired")
        ScoringModel.objects.filter(pk=bad.pk).update(
            status="champion", promoted_by=person, seconded_by=here.other, reason=reason
        )

    with pytest.raises(IntegrityError, match="with a reason"), transaction.atomic():
        signed(" ", here.one)
    with pytest.raises(IntegrityError, match="one person has asked"), transaction.atomic():
        signed("Trust me", here.third)
    assert standing()[:2] == before[:2]
    with transaction.atomic():
        signed("Trust me", here.one)
        transaction.set_rollback(True)


def test_a_model_stays_on_record_as_it_was_made(here: cases_scene.Scene) -> None:
    model = candidate(WORSE)
    rows = ScoringModel.objects.filter(pk=model.pk)
    for values in (
        {"figures": GOOD}, {"artefact": artefacts.FIRST.content, "digest": artefacts.FIRST.digest}, {"number": 7},
        {"learnt": {"payments": 9}}, {"parameters": {"seed": 1}},
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**values)
        # Not even the owner, for whom the grants say nothing.
        with pytest.raises(DatabaseError, match="as it was made"), transaction.atomic():
            database.update(rows, **values)
    with pytest.raises(IntegrityError, match="as it was made"), transaction.atomic():
        rows.update(reason="Because")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()
    with pytest.raises(DatabaseError, match="as it was made"), transaction.atomic():
        database.as_owner(f"delete from controls_scoringmodel where id = {model.pk}")
    with pytest.raises(IntegrityError, match="digest"), transaction.atomic():
        candidate(digest="0" * 64)
    for fields in ({"status": "champion"}, {"status": "challenger"}, {"reason": "Mine"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            candidate(**fields)


def test_the_database_and_the_service_agree_on_who_needs_a_reason(here: cases_scene.Scene) -> None:
    values = (None, 0.4, 0.5, 0.6)
    for precision in values:
        for recall in values:
            for number in (1, 2):
                figures = {
                    "own": quality(precision, recall, 0.5),
                    "champion": {"number": number, **quality(0.5, 0.5, 0.5)},
                }
                with connection.cursor() as cursor:
                    cursor.execute("select model_needs_reason(%s::jsonb, 1)", [json.dumps(figures)])
                    told = cursor.fetchone()[0]
                assert told is comparing.needs_reason(figures, 1), figures


def test_the_challenger_is_set_and_put_away_by_one(here: cases_scene.Scene) -> None:
    candidate(), candidate()
    champions.challenge(actor=here.one, number=2)
    champions.challenge(actor=here.one, number=3)
    assert [one.status for one in ScoringModel.objects.order_by("number")] == ["champion", "candidate", "challenger"]
    for number in (1, 3):
        with pytest.raises(BusinessError, match="no candidate"):
            champions.challenge(actor=here.one, number=number)
    with pytest.raises(BusinessError, match="reason in words"):
        champions.retire(actor=here.one, number=3, reason=" ")
    champions.retire(actor=here.one, number=3, reason="Worse in shadow")
    with pytest.raises(BusinessError, match="not put away"):
        champions.retire(actor=here.one, number=1, reason="Gone")
    said = AuditRecord.objects.filter(subject_type="model").order_by("id").values_list("action", flat=True)
    assert list(said) == ["model.challenged", "model.withdrawn", "model.challenged", "model.retired"]
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoringModel.objects.filter(number=3).update(status="candidate")


def test_only_people_who_manage_models_everywhere_move_them(here: cases_scene.Scene) -> None:
    candidate()
    before = standing()
    machine = people.person(roles.SUPERVISOR, entity=here.stage.entity, is_machine=True)
    for actor in (people.person(roles.OPERATOR), people.person(roles.AUDITOR), people.person(roles.ADMINISTRATOR)):
        for act in (asking.promotion, champions.challenge):
            with pytest.raises((Denied, NotThere)):
                act(actor=actor, number=2)
    with pytest.raises(Denied):
        asking.promotion(actor=machine, number=2)
    people.bank_branch("ELSEWHERE", iban=cases_scene.ELSEWHERE)
    with pytest.raises(Denied):
        asking.promotion(actor=here.one, number=2)
    assert standing() == before


# Thresholds


def test_a_threshold_is_asked_for_by_one_and_signed_by_another(here: cases_scene.Scene) -> None:
    entity = here.stage.entity
    asked = asking.threshold(actor=here.one, entity=entity, threshold=70, sample_per_million=2_000, reason="Too many")
    assert asked.change["before"] == {"threshold": 60, "sample_per_million": 1_000}
    assert (asked.change["alerts_a_day"], asked.change["known"]) == (0, 0)
    assert policies.present(entity.pk).threshold == 60
    with pytest.raises(BusinessError) as own:
        changes.sign(actor=here.one, request_id=asked.pk)
    assert own.value.code == "change.own_work"
    changes.sign(actor=here.other, request_id=asked.pk)
    kept = ScoringPolicy.objects.get()
    assert (kept.entity, kept.threshold, kept.sample_per_million) == (entity, 70, 2_000)
    again = asking.threshold(actor=here.one, entity=entity, threshold=65, sample_per_million=0, reason="Too few")
    changes.sign(actor=here.other, request_id=again.pk)
    assert ScoringPolicy.objects.get().threshold == 65
    assert AuditRecord.objects.filter(action="scoring.changed", entity_id=entity.pk).count() == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"threshold": 29}, "scoring.malformed"),
        ({"threshold": 101}, "scoring.malformed"),
        ({"sample_per_million": 100_001}, "scoring.malformed"),
        ({"sample_per_million": -1}, "scoring.malformed"),
        ({"reason": " "}, "payment.reason_required"),
        ({"threshold": 60, "sample_per_million": 1_000}, "payment.nothing_changed"),
    ],
)
def test_what_is_no_threshold_is_refused(here: cases_scene.Scene, fields: dict[str, Any], code: str) -> None:
    wanted = {"threshold": 70, "sample_per_million": 500, "reason": "Review", **fields}
    with pytest.raises(BusinessError) as refused:
        asking.threshold(actor=here.one, entity=here.stage.entity, **wanted)
    assert (refused.value.code, ChangeRequest.objects.count()) == (code, 0)


def test_the_database_writes_no_threshold_that_two_people_did_not_sign(here: cases_scene.Scene) -> None:
    entity = here.stage.entity
    with pytest.raises(IntegrityError, match="signed by another"), transaction.atomic():
        ScoringPolicy.objects.create(entity=entity, threshold=95)
    asked = asking.threshold(actor=here.one, entity=entity, threshold=70, sample_per_million=2_000, reason="Too many")

    def other_than_signed() -> None:
        asked.signatures.create(place=1, person=here.other)
        ScoringPolicy.objects.create(entity=entity, threshold=71, sample_per_million=2_000)

    with pytest.raises(IntegrityError, match="signed by another"), transaction.atomic():
        other_than_signed()
    changes.sign(actor=here.other, request_id=asked.pk)
    with pytest.raises(IntegrityError, match="signed by another"), transaction.atomic():
        ScoringPolicy.objects.update(threshold=99)
    with pytest.raises((DatabaseError, InternalError)), transaction.atomic():
        ScoringPolicy.objects.all().delete()
