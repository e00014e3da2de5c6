"""Eight programs at once: the same payment, keyed and not, and eight people signing the same payments."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from tests.api.client import Program
from tests.api.test_payments import asked
from tests.people import bank_branch, payment, person
from transactions.models import Payment, PaymentApproval, PaymentBatch, PaymentState

pytestmark = pytest.mark.django_db(transaction=True)


def together(calls: list[Any]) -> list[Any]:
    def run(call: Any) -> Any:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as clients:
        return list(clients.map(run, calls))


def test_the_same_keyed_payment_from_eight_clients_is_one() -> None:
    door = Program(person("operator", entity=bank_branch().entity))
    body = {"payments": [asked()]}
    answers = together([lambda: door.post("/payments", body, key="erp-1")] * 24)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency.in_progress"}
    made = Payment.objects.get()
    good = [answer for answer in answers if answer.status_code == 201]
    assert {answer.json()["payments"][0]["id"] for answer in good} == {made.pk}
    assert sum("Idempotency-Replayed" not in answer for answer in good) == 1
    assert PaymentBatch.objects.count() == 1


def test_the_same_payment_without_a_key_is_taken_in_once() -> None:
    door = Program(person("operator", entity=bank_branch().entity))
    answers = together([lambda: door.post("/payments", {"payments": [asked()]})] * 8)
    assert sorted(answer.status_code for answer in answers) == [201] + [422] * 7
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert refused.json()["errors"][0]["code"] == "payment.seen_before"
    assert Payment.objects.count() == 1


def test_eight_people_validate_the_same_payments() -> None:
    stage = bank_branch()
    ids = [payment(stage).pk for _number in range(20)]
    doors = [Program(person("operator", entity=stage.entity)) for _number in range(8)]
    answers = together([lambda door=door: door.post("/payments/validate", {"ids": ids}) for door in doors])
    assert {answer.status_code for answer in answers} == {200}
    done = [row["payment"] for answer in answers for row in answer.json()["answers"] if row["done"]]
    assert sorted(done) == sorted(ids)
    codes = {row["code"] for answer in answers for row in answer.json()["answers"] if not row["done"]}
    assert codes == {"payment.wrong_status"}
    assert PaymentApproval.objects.count() == 20
    assert set(PaymentState.objects.values_list("status", "version")) == {("validated", 2)}
