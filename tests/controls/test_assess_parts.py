"""A large file is judged in parts at the same time, and nobody can tell from what is written."""

from typing import Any

import pytest
from django.db import connection, transaction

from controls import assess
from controls.models import Assessment
from documents.models import AuditRecord
from tests.controls import scene as scenes
from tests.controls.scene import OTHER_IBAN
from tests.controls.test_assess import mixed_file, results
from transactions.models import Payment, PaymentBatch, PaymentState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _three_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assess, "SHARED_FROM", 4)
    monkeypatch.setattr(assess, "MOST_PARTS", 3)
    monkeypatch.setattr(assess.os, "cpu_count", lambda: 8)


def written(payments: list[Payment]) -> Any:
    keys = [payment.pk for payment in payments]
    states = PaymentState.objects.filter(pk__in=keys).order_by("pk")
    return list(states.values_list("status", "outcome", "risk", "hold_count", "version")), results(payments)


def test_parts_at_the_same_time_and_the_whole_give_the_same() -> None:
    payments = mixed_file(scenes.scene())
    batch = payments[0].batch
    with transaction.atomic():
        assert assess.assess_batch(batch.pk) == 14
        whole = written(payments)
        transaction.set_rollback(True)
    assert assess._parts(batch.pk) == 3
    assert assess.assess_batch(batch.pk) == 14
    assert written(payments) == whole
    batch.refresh_from_db()
    assert (batch.status, batch.checked_count) == ("ready", 14)
    assert AuditRecord.objects.filter(subject_type="batch", subject_id=batch.pk, action="batch.ready").count() == 1
    assert Assessment.objects.count() == 14


def test_each_payment_is_in_one_part_with_all_to_the_same_account(monkeypatch: pytest.MonkeyPatch) -> None:
    payments = mixed_file(scenes.scene())
    seen: list[tuple[int, list[int]]] = []
    real = assess._assess_some

    def watched(ids: list[int], batch_id: int | None = None) -> int:
        connection.ensure_connection()
        seen.append((connection.connection.info.backend_pid, list(ids)))
        return real(ids, batch_id)

    monkeypatch.setattr(assess, "_assess_some", watched)
    assess.assess_batch(payments[0].batch_id)
    assert sorted(key for _pid, keys in seen for key in keys) == [payment.pk for payment in payments]
    assert len({pid for pid, _keys in seen}) == len(seen) >= 2, "each over a connection of its own"
    accounts = [set(Payment.objects.filter(pk__in=keys).values_list("creditor_number", flat=True)) for _, keys in seen]
    assert sum(map(len, accounts)) == len(set().union(*accounts)) == 3


def test_a_large_file_is_cut_into_pieces_that_keep_accounts_together(monkeypatch: pytest.MonkeyPatch) -> None:
    payments = mixed_file(scenes.scene())
    monkeypatch.setattr(assess, "CHUNK", 6)
    monkeypatch.setattr(assess, "USUAL", 1)
    pieces = assess._pieces(payments[0].batch_id, 3)
    assert sorted(key for piece in pieces for key in piece) == sorted(payment.pk for payment in payments)
    assert max(map(len, pieces)) <= 6
    numbers = [set(Payment.objects.filter(pk__in=piece).values_list("creditor_number", flat=True)) for piece in pieces]
    cut_again = [piece for piece in pieces if len(piece) == 6]
    assert sum(map(len, numbers)) <= len(set().union(*numbers)) + len(cut_again)


def test_a_part_that_dies_leaves_its_payments_waiting_and_they_are_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    payments = mixed_file(scenes.scene())
    batch = payments[0].batch
    real = assess._assess_pieces
    unlucky = set(Payment.objects.filter(creditor_number=OTHER_IBAN).values_list("pk", flat=True))

    def dies(batch_id: int, pieces: list[list[int]]) -> int:
        if unlucky & {key for piece in pieces for key in piece}:
            raise ConnectionResetError
        return real(batch_id, pieces)

    monkeypatch.setattr(assess, "_assess_pieces", dies)
    with pytest.raises(ConnectionResetError):
        assess.assess_batch(batch.pk)
    batch = PaymentBatch.objects.get(pk=batch.pk)
    checked = PaymentState.objects.filter(payment__batch=batch, status="checked").count()
    assert (batch.status, batch.checked_count) == ("checking", checked)
    assert 0 < checked < 14
    monkeypatch.setattr(assess, "_assess_pieces", real)
    assert assess.assess_batch(batch.pk) == 14 - checked
    batch.refresh_from_db()
    assert (batch.status, batch.checked_count) == ("ready", 14)


def test_what_a_killed_worker_did_not_count_is_counted_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between the transaction that checks and the one that counts."""
    payments = mixed_file(scenes.scene())
    batch = payments[0].batch
    real = assess._ready

    def killed(*_words: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(assess, "_ready", killed)
    with pytest.raises(KeyboardInterrupt):
        assess.assess([payment.pk for payment in payments])
    assert PaymentState.objects.filter(payment__batch=batch, status="checked").count() == 14
    assert PaymentBatch.objects.get(pk=batch.pk).checked_count == 0
    monkeypatch.setattr(assess, "_ready", real)
    assert assess.assess_batch(batch.pk) == 0
    batch.refresh_from_db()
    assert (batch.status, batch.checked_count) == ("ready", 14)
