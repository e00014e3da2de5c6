"""Scores under attack: a payment that cannot be scored, past that somebody wants away, a sample somebody looks for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from backoffice.people import roles
from backoffice.people.models import Entity
from controls import assess, cases
from controls.models import Alert, Case, HiddenSample, Movement, Score, ScoreDue
from controls.scoring import (
    alerting,
    champions,
    counting,
    entering,
    evidence,
    feedback,
    scores,
    suggesting,
    watching,
)
from controls.scoring.artefacts import Artefact
from tests import database, people
from tests.controls.scoring.test_promotion import candidate
from tests.people import Stage
from transactions import workflow
from transactions.models import Payment, PaymentState

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=4)


def waiting(stage: Stage, count: int, **fields: Any) -> list[Payment]:
    """Checked, and not scored."""
    made = [
        people.payment(stage, status="received", received_at=NOW + timedelta(hours=number), amount=f"{90 + number}.00",
                       creditor_number=f"DE{number % 3:020}", **fields) for number in range(count)
    ]  # fmt: skip
    assess.assess([one.pk for one in made])
    return made


def move(payment: Payment, status: str) -> None:
    with transaction.atomic():
        database.update(PaymentState.objects.filter(payment=payment), status=status)


def moved_to(payment: Payment) -> Movement | None:
    return Movement.objects.filter(payment=payment, voided_at=None).first()


def test_a_payment_that_cannot_be_scored_stops_no_other_and_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    payments = waiting(people.bank_branch("POISON"), 20)
    bad, real = payments[11], entering.entering

    def enters(ids: Any, entity_id: int) -> Any:
        if bad.pk in ids:
            raise ValueError("this cannot be read")
        return real(ids, entity_id)

    monkeypatch.setattr(entering, "entering", enters)
    assert scores.score_due() == 19
    assert set(Score.objects.values_list("payment", flat=True)) == {one.pk for one in payments} - {bad.pk}
    note = ScoreDue.objects.get()
    assert (note.payment_id, note.tries) == (bad.pk, 1)
    monkeypatch.undo()
    assert scores.score_due() == 0  # its time has not come
    database.update(ScoreDue.objects.filter(pk=note.pk), again_at=NOW)
    assert scores.score_due() == 1
    assert Score.objects.filter(payment=bad).count() == 1
    assert not ScoreDue.objects.exists()


def test_one_that_fails_again_waits_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    (payment,) = waiting(people.bank_branch("LONGER"), 1)

    def enters(_ids: Any, _entity_id: int) -> Any:
        raise MemoryError

    monkeypatch.setattr(entering, "entering", enters)
    waits = []
    for _again in range(3):
        scores.score_due()
        note = ScoreDue.objects.get(payment=payment)
        assert note.again_at is not None
        waits.append(round((note.again_at - datetime.now(UTC)) / timedelta(minutes=1)))
        database.update(ScoreDue.objects.filter(pk=note.pk), again_at=NOW)
    assert waits == [2, 4, 8]


def test_a_challenger_that_fails_stops_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = people.bank_branch("BROKEN")
    model = candidate()
    champions.challenge(actor=people.person(roles.SUPERVISOR), number=model.number)
    real = Artefact.assess

    def assesses(self: Artefact, table: Any) -> Any:
        made = real(self, table)
        if self.digest == model.digest:
            made.score[:] = float("nan")
        return made

    monkeypatch.setattr(Artefact, "assess", assesses)
    (payment,) = waiting(stage, 1)
    assert scores.score_due() == 1
    assert [(one.model_id, one.shadow) for one in Score.objects.filter(payment=payment)] == [
        (champions.present().pk, False)
    ]


def test_what_was_cancelled_before_it_was_scored_makes_no_payee_known() -> None:
    stage = people.bank_branch("QUICK")
    fields: dict[str, Any] = {
        "creditor_number": "DE00000000000000000042", "creditor_name": "Nobody Knows", "amount": "1834.56",
        "remittance": "Invoice 2026 4711",
    }  # fmt: skip
    first, second = (
        people.payment(stage, status="received", received_at=NOW + timedelta(hours=hours), **fields) for hours in (0, 2)
    )
    assess.assess([first.pk])
    move(first, "cancelled")
    assess.assess([second.pk])
    assert scores.score_due() == 2
    assert moved_to(first) is None
    codes = {one["code"] for one in Score.objects.get(payment=second).reasons}
    assert not codes & {"duplicate.reference", "duplicate.amount"}
    kept = {one.pk: one.value for one in Score.objects.all()}
    assert len(kept) == 2
    assert scores.again(list(kept)) == kept


def test_a_refusal_that_is_taken_back_takes_no_past_away() -> None:
    stage = people.bank_branch("UNDONE")
    Entity.objects.filter(pk=stage.entity.pk).update(undo_seconds=60)
    (payment,) = waiting(stage, 1)
    scores.score_due()
    person = people.person(roles.SUPERVISOR, entity=payment.entity)
    (answer,) = workflow.reject(ids=[payment.pk], actor=person, reason_code="DUPL")
    assert answer.done
    assert moved_to(payment) is None
    (answer,) = workflow.withdraw(ids=[payment.pk], actor=person)
    assert answer.done
    assert scores.score_due() == 1
    again = moved_to(payment)
    assert again is not None
    assert again.at > int(NOW.timestamp())
    move(payment, "rejected")
    move(payment, "received")  # reopened: checked anew, and noted then
    assert not ScoreDue.objects.exists()


def test_what_a_person_does_in_another_entity_is_no_past_here() -> None:
    one, other = people.bank_branch("HERE"), people.bank_branch("THERE", iban="DE89370400440532013000")
    maker = people.person()
    for number in range(30):
        payment = people.payment(other, status="received", received_at=NOW + timedelta(minutes=number), maker=maker,
                                 amount="5.00")  # fmt: skip
        assess.assess([payment.pk])
    scores.score_due()
    large = people.payment(one, status="received", received_at=NOW + timedelta(hours=1), maker=maker, amount="90000.00")
    assess.assess([large.pk])
    scores.score_due()
    codes = {reason["code"] for reason in Score.objects.get(payment=large).reasons}
    assert not [code for code in codes if code.startswith("operator_habits")]


def test_a_score_from_the_threshold_on_is_always_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_best", lambda *_of: [])
    monkeypatch.setattr(evidence, "TYPOLOGIES", dict.fromkeys(evidence.TYPOLOGIES, lambda *_of: []))
    stage = people.bank_branch("ALWAYS")
    first, second = (
        people.payment(stage, status="received", received_at=NOW + timedelta(days=days), amount="1834.56",
                       remittance="Invoice 2026 4711", creditor_number="DE00000000000000000001") for days in (0, 3)
    )  # fmt: skip
    assess.assess([first.pk, second.pk])
    scores.score_due()
    alert = Alert.objects.get(payment=second, origin="detector")
    assert [one["code"] for one in alert.reasons] == ["score.tail.amount"]


def test_the_hidden_sample_is_not_told_by_the_order_of_cases_nor_by_its_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = people.bank_branch("ORDER")
    fields: dict[str, Any] = {"amount": "1834.56", "remittance": "Invoice 2026 4711"}
    made = [
        people.payment(stage, status="received", received_at=NOW + timedelta(minutes=number),
                       creditor_number=f"DE{number // 2:020}", **fields) for number in range(6)
    ]  # fmt: skip
    usual = people.payment(stage, status="received", received_at=NOW - timedelta(hours=1), amount="20.00",
                           creditor_number="DE00000000000000000099")  # fmt: skip
    monkeypatch.setattr(alerting, "drawn", lambda payment, _share: payment == usual.pk)
    assess.assess([one.pk for one in [*made, usual]])
    scores.score_due()
    sample = HiddenSample.objects.get()
    alert = Alert.objects.get(case=sample.case_id)
    others = Case.objects.filter(alerts__origin="detector", entity=stage.entity).exclude(pk=sample.case_id)
    assert others.exists()
    assert sample.case_id < min(others.values_list("pk", flat=True))
    most = [
        max(
            one["weight"]
            for one in alerting._disguised({"payment": key, "score": 65, "reasons": alert.reasons})["reasons"]
        )
        for key in range(200)
    ]
    assert len(set(most)) > 80
    assert (min(most) >= 53, max(most) <= 65) == (True, True)


@pytest.mark.parametrize(("threshold", "least", "most"), [(30, 30, 44), (60, 60, 74), (70, 70, 79), (79, 79, 93),
                                                          (85, 85, 99), (100, 100, 100)])  # fmt: skip
def test_the_hidden_sample_has_scores_as_alerts_have_them(threshold: int, least: int, most: int) -> None:
    shown = {alerting._shown(key, threshold) for key in range(2_000)}
    assert shown == set(range(least, most + 1))


def test_what_came_long_before_it_was_scored_says_nothing_of_alerts_a_day() -> None:
    stage = people.bank_branch("BEFORE")
    old = [people.payment(stage, status="received", received_at=NOW - timedelta(days=60 + n)) for n in range(5)]
    new = people.payment(stage, status="received", received_at=NOW)
    assess.assess([one.pk for one in [*old, new]])
    assert scores.score_due() == 6
    since, until = NOW - timedelta(days=90), datetime.now(UTC)
    counts, _days = counting.of(champions.present(), stage.entity.pk, since, until)
    assert sum(counts) == 1


def test_no_figure_tells_of_the_hidden_sample_before_it_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = people.bank_branch("FIGURES")
    usual = people.payment(stage, status="received", received_at=NOW, amount="20.00")
    monkeypatch.setattr(alerting, "drawn", lambda payment, _share: payment == usual.pk)
    assess.assess([usual.pk])
    champions.challenge(actor=people.person(roles.SUPERVISOR), number=candidate().number)
    scores.score_due()
    entity = stage.entity.pk
    shown = Alert.objects.get(payment=usual).score

    def figures() -> tuple[int, list[int], int, int]:
        told, shadow = suggesting.thresholds(entity, also=(shown,)), watching.shadow()
        assert shadow is not None
        return (told.at(shown).alerts, [line.alerts for line in feedback.reasons([entity])],
                feedback.sample([entity]).drawn, shadow.champion_alone)  # fmt: skip

    assert figures() == (1, [1], 0, 1)
    judge = people.person(roles.SUPERVISOR, entity=stage.entity)
    case = HiddenSample.objects.get().case_id
    (answer,) = cases.decide(
        ids=[case], actor=judge, disposition="false_positive", cause="known_habit", reason="As every month"
    )
    assert answer.done
    assert figures() == (0, [], 1, 0)
