"""Incoming payments, refunds and card payments by the API."""

from typing import Any

import pytest

from controls import assess
from tests import people
from tests.api.client import Program
from tests.files import iban, pacs008
from tests.transactions.test_incoming import UNKNOWN, bring, go
from tests.transactions.test_worked_examples import status
from tests.transactions.test_worked_examples_cards import Shop
from transactions.models import Payment, Payout, Refund

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(tmp_path: object, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def branch() -> people.Stage:
    return people.branch_with_suspense()


@pytest.fixture
def operator(branch: people.Stage) -> Program:
    return Program(people.person("operator", entity=branch.entity))


@pytest.fixture
def supervisor(branch: people.Stage) -> Program:
    return Program(people.person("supervisor", entity=branch.entity))


def incoming(**fields: Any) -> dict[str, Any]:
    return {
        "kind": "incoming", "debtor_name": "Claire", "debtor_account": iban(7), "debtor_bic": "COBADEFFXXX",
        "debtor_address": {"town": "Köln", "country": "DE"}, "creditor_account": people.CUSTOMER_IBAN,
        "amount": "80.00", "currency": "EUR", "requested_execution_date": "2026-11-24", **fields,
    }  # fmt: skip


class TestIncoming:
    def test_entered_and_read(self, branch: people.Stage, operator: Program) -> None:
        answer = operator.post("/payments", {"payments": [incoming()]})
        assert answer.status_code == 201, answer.content
        [row] = answer.json()["payments"]
        assert (row["kind"], row["debtor_name"]) == ("incoming", "Claire")
        told = operator.get(f"/payments/{row['id']}").json()
        assert told["debtor_address"] == {"town": "Köln", "country": "DE"}
        assert (told["creditor_account"], told["debtor_account"]) == (branch.customer.pk, None)
        assert (told["refunded"], told["refunds"], told["refund_of"], told["card"]) == ("0.00", [], None, None)
        assert [one["id"] for one in operator.get("/payments?kind=incoming").json()["items"]] == [row["id"]]

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"kind": "transfer"}, "debtor_name"),
            ({"kind": "refund"}, "kind"),
            ({"kind": "card"}, "kind"),
            ({"kind": "sepa", "debtor_name": "", "debtor_bic": "", "debtor_address": {}, "debtor_account": ""},
             "debtor_account"),
        ],
    )  # fmt: skip
    def test_what_is_no_incoming_payment(self, operator: Program, fields: dict[str, Any], field: str) -> None:
        answer = operator.post("/payments", {"payments": [incoming(**fields)]})
        assert answer.status_code in {400, 422}
        assert field in answer.content.decode()
        assert not Payment.objects.exists()

    def test_applied(self, branch: people.Stage, operator: Program, supervisor: Program) -> None:
        _batch, [payment] = bring(branch, pacs008([{"amount": "80.00", "to": UNKNOWN}]))
        go([payment])
        body = {"account": branch.customer.pk, "reason": "By letter"}
        assert operator.post(f"/payments/{payment.pk}/apply", body).status_code == 403
        assert status(payment) == "posted"
        answer = supervisor.post(f"/payments/{payment.pk}/apply", body)
        assert (answer.status_code, answer.json()["status"]) == (200, "settled")
        again = supervisor.post("/payments/apply", {"ids": [payment.pk], **body}).json()
        assert [one["code"] for one in again["answers"]] == ["payment.already_settled"]


class TestRefunds:
    @pytest.fixture
    def paid(self, branch: people.Stage) -> Payment:
        _batch, [payment] = bring(branch, pacs008([{"amount": "100.00"}]))
        go([payment])
        return payment

    def test_in_parts(self, paid: Payment, operator: Program) -> None:
        path, body = f"/payments/{paid.pk}/refund", {"amount": "30.00", "reason_code": "CUST"}
        answer = operator.post(path, body, key="one")
        assert answer.status_code == 200, answer.content
        made = answer.json()
        assert (made["kind"], made["amount"], made["creditor_name"]) == ("refund", "30.00", "Claire Abonnée")
        assert operator.post(path, body, key="one").json()["id"] == made["id"], "sent again, made once"
        assert Refund.objects.count() == 1
        refused = operator.post(path, {"amount": "70.01", "reason_code": "CUST"})
        assert (refused.status_code, refused.json()["code"]) == (422, "refund.too_much")
        assert refused.json()["params"] == {"left": "70.00", "currency": "EUR"}
        told = operator.get(f"/payments/{paid.pk}").json()
        assert (told["refunded"], told["refunds"]) == ("30.00", [made["id"]])
        assert operator.get(f"/payments/{made['id']}").json()["refund_of"] == paid.pk

    def test_many(self, branch: people.Stage, paid: Payment, operator: Program) -> None:
        other = people.payment(branch)
        answer = operator.post("/payments/refund", {"ids": [paid.pk, other.pk], "reason_code": "DUPL"}).json()
        assert (answer["done"], answer["refused"]) == (1, 1)
        assert [one["code"] for one in answer["answers"]] == ["", "refund.wrong_kind"]
        assert answer["answers"][0]["params"]["refund"] == Refund.objects.get().pk

    def test_denied(self, paid: Payment) -> None:
        auditor = Program(people.person("auditor"))
        assert auditor.post(f"/payments/{paid.pk}/refund", {"reason_code": "CUST"}).status_code == 403
        assert not Refund.objects.exists()


def test_cards_from_report_to_chargeback() -> None:
    shop = Shop()
    operator = Program(people.person("operator", entity=shop.entity))
    supervisor = Program(people.person("supervisor", entity=shop.entity))
    row = {
        "amount": "100.00", "fee": "2.90", "currency": "EUR", "acquirer": "psp", "captured_on": "2026-11-24",
        "transaction": "ch_1", "order_reference": "C-1", "payout_reference": "PO-7", "payer": "Claire",
    }  # fmt: skip
    bad = {**row, "net": "97.00", "transaction": "ch_2"}
    answer = operator.post("/card-payments", {"payments": [row, bad]})
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert [one["code"] for one in made["problems"]] == ["card.net_differs"]
    payment = Payment.objects.get(pk=made["payments"][0]["id"])
    assess.assess_batch(payment.batch_id)
    go([payment])
    told = operator.get(f"/payments/{payment.pk}").json()["card"]
    assert (told["acquirer"], told["fee"], told["net"], told["payout"]) == (shop.claim.pk, "2.90", "97.10", None)
    body = {"acquirer": shop.claim.pk, "reference": "PO-7", "amount": "97.10", "paid_on": "2026-11-26"}
    assert operator.post("/payouts", body).status_code == 403
    refused = supervisor.post("/payouts", {**body, "amount": "97.00"})
    assert (refused.status_code, refused.json()["code"]) == (422, "payout.differs")
    assert not Payout.objects.exists()
    paid = supervisor.post("/payouts", body)
    assert (paid.status_code, paid.json()["amount"]) == (201, "97.10")
    assert [one["reference"] for one in operator.get("/payouts").json()["items"]] == ["PO-7"]
    taken = supervisor.post(f"/payments/{payment.pk}/chargeback", {"fee": "15.00", "reason_code": "FRAD"})
    assert (taken.status_code, taken.json()["status"]) == (200, "returned")
