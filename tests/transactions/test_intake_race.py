"""Several at the door at once: one of them is let in, the others are told by whom."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from backoffice.common.errors import Conflict
from documents.models import AuditRecord
from tests import people
from tests.files import pain001
from transactions import intake
from transactions.intake import store
from transactions.models import IntakeProblem, Payment, PaymentBatch, PaymentState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (store, intake.door):
        monkeypatch.setattr(module, "enqueue", lambda *_name_and_ids: None)


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """What ``act`` gave or raised, for each of ``count`` threads that start together."""
    found: list[Any] = [None] * count
    start = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            start.wait(10)
            found[number] = act(number)
        except Exception as error:
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def receive(stage: people.Stage, content: bytes, name: str = "f.xml") -> PaymentBatch:
    return intake.receive(
        content=content, file_name=name, entity=stage.entity, actor=None, channel="file", source=stage.source
    )


def test_the_same_file_from_eight_clients_is_one_batch(stage: people.Stage) -> None:
    content = pain001(5)
    found = at_once(8, lambda number: receive(stage, content, f"{number}.xml"))
    taken = [one for one in found if isinstance(one, PaymentBatch)]
    refused = [one for one in found if isinstance(one, Conflict)]
    assert (len(taken), len(refused)) == (1, 7)
    assert {one.params["batch"] for one in refused} == {taken[0].pk}
    assert PaymentBatch.objects.count() == 1
    assert AuditRecord.objects.filter(action="batch.received").count() == 1


def test_the_same_batch_read_by_four_workers_is_read_once(stage: people.Stage) -> None:
    batch = receive(stage, pain001(300))
    assert at_once(4, lambda _number: intake.read_batch(batch.pk)) == [None] * 4
    assert Payment.objects.count() == PaymentState.objects.count() == 300
    assert AuditRecord.objects.filter(action="batch.read").count() == 1


def test_the_same_payments_in_two_files_read_at_once_are_taken_in_once(stage: people.Stage) -> None:
    """In the same order and in the opposite one: the unique index decides, and the loser says where they are."""
    content = pain001(200)
    rows = content.split(b"<CdtTrfTxInf>")
    last = rows[-1].split(b"</CdtTrfTxInf>")
    rows[-1] = last[0] + b"</CdtTrfTxInf>"
    turned = b"<CdtTrfTxInf>".join([rows[0], *reversed(rows[1:])]) + last[1]
    batches = [receive(stage, content), receive(stage, content + b"\n"), receive(stage, turned)]
    assert at_once(3, lambda number: intake.read_batch(batches[number].pk)) == [None] * 3
    assert Payment.objects.count() == PaymentState.objects.count() == 200
    for batch in batches:
        batch.refresh_from_db()
    assert sorted(batch.status for batch in batches) == ["checking", "refused", "refused"]
    [winner] = [batch for batch in batches if batch.status == "checking"]
    said = IntakeProblem.objects.filter(code="payment.seen_before")
    assert said.count() == 400
    assert {problem.params["batch"] for problem in said} == {winner.pk}


def test_the_same_payment_by_the_api_from_eight_clients_is_one(stage: people.Stage) -> None:
    asked = {
        "debtor_account": people.CUSTOMER_IBAN,
        "creditor_name": "X",
        "creditor_account": people.PAYEE_IBAN,
        "amount": "1.00",
        "currency": "EUR",
        "requested_execution_date": "2026-11-25",
    }
    found = at_once(
        8,
        lambda _number: intake.receive_payments(payments=[asked], entity=stage.entity, actor=None, channel="api"),
    )
    assert sorted(batch.status for batch in found) == ["checking"] + ["refused"] * 7
    assert Payment.objects.count() == 1
