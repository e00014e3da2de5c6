"""Payments scored by the task after their check: written once, made again, told as alerts."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from backoffice.common import formats, sql
from controls import assess, cases
from controls.models import Alert, HiddenSample, Movement, Score, ScoreDue, ScoringPolicy
from controls.scoring import alerting, scores, stream
from tests import database, people
from tests.people import Stage
from transactions.models import Payment, PaymentState

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=4)


def month(stage: Stage, *, seed: int = 1, count: int = 120, **fields: Any) -> list[Payment]:
    """Payments of a month to eight payees, each received at its moment and not checked yet."""
    draw, of = np.random.default_rng(seed), people.batch(stage)
    made = []
    for number in sorted(draw.integers(0, 30 * 24 * 60, count).tolist()):
        payee = int(draw.integers(0, 8))
        made.append(people.payment(
            stage, status="received", in_batch=of, received_at=NOW - timedelta(days=30) + timedelta(minutes=number),
            amount=f"{float(np.round(np.exp(draw.normal(5 + payee / 4, 0.6)), 2)):.2f}",
            creditor_name=f"Payee Number {'ABCDEFGH'[payee]}", creditor_number=f"DE{payee:020}",
            remittance=f"Invoice {draw.integers(1000, 1060)}", **fields,
        ))  # fmt: skip
    return made


def judge(payments: Sequence[Payment]) -> None:
    assert assess.assess([payment.pk for payment in payments]) == len(payments)


def scored(payments: Sequence[Payment]) -> dict[int, float]:
    return dict(Score.objects.filter(payment__in=payments).order_by("id").values_list("payment_id", "value"))


def by_file(payments: Sequence[Payment], zone: Any) -> dict[int, float]:
    """The scores of a file with the same payments."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(stream.COLUMNS)
    for one in payments:
        writer.writerow((
            one.pk, one.received_at.astimezone(zone).isoformat(), one.requested_execution_date, one.debtor_number,
            one.creditor_name, one.creditor_number, one.amount, one.currency, one.channel, "", one.end_to_end_id,
            one.remittance, one.kind,
        ))  # fmt: skip
    text.seek(0)
    read = stream.read(text)
    return {
        int(read.ids[row]): float(score)
        for part in stream.scored(read.pasts())
        for row, score in zip(part.rows.tolist(), np.clip(part.risk.score, 0, 100), strict=True)
    }


def test_scores_are_those_of_the_same_payments_in_a_file() -> None:
    stage = people.bank_branch("SCORED")
    payments = month(stage)
    judge(payments)
    assert ScoreDue.objects.count() == len(payments)
    assert scores.score_due() == len(payments)
    assert not ScoreDue.objects.exists()
    found, expected = scored(payments), by_file(payments, ZoneInfo(stage.entity.time_zone))
    assert found.keys() == expected.keys()
    assert max(abs(found[key] - expected[key]) for key in found) < 1e-9
    assert max(found.values()) > min(found.values())


def test_scored_in_parts_as_they_come_is_scored_at_once() -> None:
    stage, other = people.bank_branch("PARTS"), people.bank_branch("WHOLE", iban="DE89370400440532013000")
    parts, whole = month(stage, seed=2), month(other, seed=2)
    for first in range(0, len(parts), 7):
        judge(parts[first : first + 7])
        scores.score_due()
    judge(whole)
    scores.score_due()
    left, right = scored(parts), scored(whole)
    assert [round(left[one.pk], 9) for one in parts] == [round(right[one.pk], 9) for one in whole]


def test_a_file_of_one_moment_in_chunks_is_scored_as_at_once() -> None:
    moment = NOW + timedelta(hours=3)
    made = []
    for stage in (people.bank_branch("CHUNKS"), people.bank_branch("ONCE", iban="DE89370400440532013000")):
        past, of, draw = month(stage, seed=8, count=60), people.batch(stage), np.random.default_rng(9)
        file = [
            people.payment(stage, status="received", in_batch=of, received_at=moment, amount=f"{100 + n % 7}.50",
                           creditor_name=f"Payee {n % 5}", creditor_number=f"DE{int(draw.integers(0, 9)):020}",
                           remittance=f"Invoice {4000 + n % 90}") for n in range(330)
        ]  # fmt: skip
        judge([*past, *file])
        made.append(file)
    while ScoreDue.objects.filter(payment__entity=made[0][0].entity).exists():
        with transaction.atomic():
            taken = list(ScoreDue.objects.filter(payment__entity=made[0][0].entity).order_by("payment_id")[:50])
            scores.score([due.payment_id for due in taken], made[0][0].entity_id)
            ScoreDue.objects.filter(pk__in=[due.pk for due in taken]).delete()
    scores.score_due()
    chunks, once = (scored(file) for file in made)
    assert [round(chunks[one.pk], 9) for one in made[0]] == [round(once[one.pk], 9) for one in made[1]]
    kept = dict(Score.objects.filter(payment__in=made[0][100:110]).values_list("pk", "value"))
    assert scores.again(list(kept)) == kept


def test_scored_twice_nothing_is_written_twice() -> None:
    stage = people.bank_branch("TWICE")
    payments = month(stage, count=10)
    judge(payments)
    scores.score_due()
    before = list(Score.objects.order_by("id").values_list()), list(Movement.objects.order_by("id").values_list())
    assert scores.score_due() == 0
    for payment in payments:
        database.insert(ScoreDue(payment=payment))
    assert scores.score_due() == 10
    after = list(Score.objects.order_by("id").values_list()), list(Movement.objects.order_by("id").values_list())
    assert after == before


def test_a_score_is_made_again_as_it_was_whatever_came_since() -> None:
    stage = people.bank_branch("AGAIN")
    payments = month(stage, seed=3)
    for first in range(0, 100, 20):
        judge(payments[first : first + 20])
        scores.score_due()
    kept = {one.pk: one.value for one in Score.objects.all()}
    judge(payments[100:])
    scores.score_due()
    with transaction.atomic():
        database.update(PaymentState.objects.filter(payment__in=payments[:60:3]), status="rejected")
    assert Movement.objects.exclude(voided_at=None).count() == 20
    assert scores.again(list(kept)) == kept
    late = month(stage, seed=4, count=5)
    judge(late)
    scores.score_due()
    assert scores.again(list(kept)) == kept


def test_what_was_refused_is_no_past_for_what_comes() -> None:
    stage = people.bank_branch("REFUSED")
    first, second = (
        people.payment(stage, status="received", received_at=NOW + timedelta(hours=hours), amount="1834.56",
                       remittance="Invoice 2026 4711", creditor_number="DE00000000000000000001") for hours in (0, 2)
    )  # fmt: skip
    judge([first])
    scores.score_due()
    with transaction.atomic():
        database.update(PaymentState.objects.filter(payment=first), status="cancelled")
    judge([second])
    scores.score_due()
    codes = {one["code"] for one in Score.objects.get(payment=second).reasons}
    assert not codes & {"duplicate.reference", "duplicate.amount"}


def test_an_amended_payment_is_another_movement() -> None:
    stage = people.bank_branch("AMENDED")
    payment = people.payment(stage, status="received", received_at=NOW, amount="200.00")
    judge([payment])
    scores.score_due()
    database.update(Payment.objects.filter(pk=payment.pk), creditor_number="DE00000000000000000077")
    database.insert(ScoreDue(payment=payment))
    scores.score_due()
    former, present = Movement.objects.filter(payment=payment).order_by("id")
    assert former.voided_at is not None
    assert present.voided_at is None
    assert (former.at, former.creditor != present.creditor) == (int(NOW.timestamp()), True)
    assert present.at > former.at
    assert Score.objects.filter(payment=payment).count() == 2
    with pytest.raises(DatabaseError, match="ended before"), transaction.atomic():
        Movement.objects.filter(pk=former.pk).update(voided_at=timezone.now())


def duplicates(stage: Stage) -> tuple[Payment, Payment]:
    first, second = (
        people.payment(stage, status="received", received_at=NOW + timedelta(days=days), amount="1834.56",
                       remittance="Invoice 2026 4711", creditor_number="DE00000000000000000001") for days in (0, 3)
    )  # fmt: skip
    return first, second


def test_from_the_threshold_on_an_alert_is_raised_that_names_typology_and_payments() -> None:
    stage = people.bank_branch("RAISED")
    first, second = duplicates(stage)
    judge([first, second])
    scores.score_due()
    alert = Alert.objects.get(origin="detector")
    score = Score.objects.get(payment=second)
    assert (alert.payment_id, alert.typology, alert.version, alert.score) == (
        second.pk, "duplicate", "model 1", round(score.value),
    )  # fmt: skip
    assert alert.evidence == {"payments": [first.pk]}
    assert score.reasons[0]["payments"] == [first.pk]
    for language, said in (
        ("en", "€1,834.56 with the same number in its reference went to this account on {day}."),
        ("fr", "1\u202f834,56\u00a0€ avec le même numéro en référence"),
    ):
        with translation.override(language):
            sentences = [one.sentence for one in cases.reasons.told([alert])[alert.pk]]
            wanted = said.format(day=formats.day(first.received_at))
            assert any(sentence.startswith(wanted) for sentence in sentences), sentences


def test_what_came_long_ago_is_scored_and_raises_nothing() -> None:
    stage = people.bank_branch("LONGAGO")
    payments = [
        people.payment(stage, status="received", received_at=NOW - timedelta(days=days), amount="1834.56",
                       remittance="Invoice 2026 4711", creditor_number="DE00000000000000000001") for days in (40, 38)
    ]  # fmt: skip
    judge(payments)
    scores.score_due()
    assert Score.objects.get(payment=payments[1]).value >= 60
    assert not Alert.objects.filter(origin__in=["detector", "model"]).exists()


def test_above_a_higher_threshold_nothing_is_raised() -> None:
    stage = people.bank_branch("HIGHER")
    database.insert(ScoringPolicy(entity=stage.entity, threshold=100))
    judge(duplicates(stage))
    scores.score_due()
    assert not Alert.objects.filter(origin__in=["detector", "model"]).exists()
    assert Score.objects.filter(value__gte=60).exists()


def test_the_hidden_sample_looks_like_other_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = people.bank_branch("HIDDEN")
    payments = month(stage, count=30, seed=5)
    chosen = payments[-1]
    monkeypatch.setattr(alerting, "drawn", lambda payment, share: (payment, share) == (chosen.pk, 1_000))
    judge(payments)
    scores.score_due()
    sample = HiddenSample.objects.get()
    alert = Alert.objects.get(payment=chosen, case=sample.case)
    assert (sample.payment_id, sample.score.value < 60 <= alert.score < 80) == (chosen.pk, True)
    assert alert.version == "model 1"
    assert alert.reasons
    assert all(one.sentence for one in cases.reasons.told([alert])[alert.pk])


def test_the_draw_is_of_the_share_that_was_asked_and_the_same_each_time() -> None:
    real = alerting._secret
    drawn = [key for key in range(20_000) if real(key) % 1_000_000 < 10_000]
    assert 150 < len(drawn) < 250
    assert drawn == [key for key in range(20_000) if real(key) % 1_000_000 < 10_000]


def test_the_number_of_queries_does_not_grow() -> None:
    stage = people.bank_branch("QUERIES")
    payments = month(stage, count=80, seed=6)
    judge(payments[:20])
    scores.score_due()

    def cost(some: Sequence[Payment]) -> int:
        judge(some)
        with CaptureQueriesContext(connection) as counted:
            scores.score_due()
        return len(counted)

    assert cost(payments[20:21]) <= cost(payments[21:80]) <= 30


def test_what_was_written_stays() -> None:
    stage = people.bank_branch("STAYS")
    judge(month(stage, count=3))
    scores.score_due()
    for refused in (
        "update controls_score set value = 1",
        "delete from controls_score",
        "update controls_movement set amount = 1",
        "delete from controls_movement",
        "delete from controls_hiddensample",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql.run(refused)
    assert Score.objects.count() == Movement.objects.count() == 3
