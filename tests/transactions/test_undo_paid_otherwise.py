"""Undoing what gave a payment up, when what it was made for was paid otherwise meanwhile: nothing comes back."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import Entity
from controls import approvals, assess
from tests import people
from tests.api.client import Program
from tests.files import pacs008
from tests.transactions.test_incoming import bring, go
from tests.transactions.test_worked_examples_supplier import bank, confirmed, invoice, left
from transactions import instant, ledger, workflow
from transactions.models import Account, AccountBalance, Payment, PaymentState, Refund

__all__ = ["bank"]
pytestmark = pytest.mark.django_db
GIVE_UP: dict[str, dict[str, str]] = {"cancel": {"reason": "Mistake"}, "reject": {"reason_code": "AM02"}}
GIVEN_UP = {"cancel": "cancelled", "reject": "rejected"}
PAID = "Its invoices were paid or cancelled meanwhile, so it does not come back."
NO_ROOM = "What this would refund was refunded otherwise or returned meanwhile."
DAY = "With this payment, more leaves by instant transfer today than the customer allows."


def status(key: int) -> str:
    return PaymentState.objects.get(pk=key).status


def refused(answer: Any) -> tuple[int, str, str]:
    said = answer.json()
    return answer.status_code, said["code"], said["detail"]


def revive(key: int, to: str, match: str) -> None:
    """By SQL, under a decision that is in its window: the database itself says no."""
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        PaymentState.objects.filter(pk=key).update(status=to)


@pytest.fixture
def supervisor() -> Program:
    return Program(people.person(roles.SUPERVISOR))


@pytest.mark.parametrize("verb", GIVE_UP)
class TestInvoices:
    """1,000.00 are owed once."""

    @pytest.fixture
    def first(self, bank: Account, supervisor: Program, verb: str) -> Payment:
        Entity.objects.filter(pk=bank.entity_id).update(undo_seconds=300)
        self.invoice = invoice(bank, "F-1", "1000.00")
        confirmed()
        payment = self.pay(bank)
        assert supervisor.post(f"/payments/{payment.pk}/{verb}", GIVE_UP[verb]).status_code == 200
        return payment

    def pay(self, account: Account) -> Payment:
        body = {
            "account": account.pk, "invoices": [self.invoice.pk], "execution_date": timezone.localdate().isoformat(),
        }  # fmt: skip
        assert Program(people.person()).post("/supplier-invoices/pay", body).status_code == 201
        payment = Payment.objects.latest("pk")
        assess.assess_batch(payment.batch_id)
        return payment

    def test_paid_again_the_first_one_stays_given_up(
        self, bank: Account, first: Payment, supervisor: Program, verb: str
    ) -> None:
        second = self.pay(bank)
        assert refused(supervisor.post(f"/payments/{first.pk}/withdraw", {})) == (422, "payment.invoices_paid", PAID)
        assert (status(first.pk), status(second.pk)) == (GIVEN_UP[verb], "checked")
        assert left(self.invoice) == "0.00"
        revive(first.pk, "checked", "paid or cancelled meanwhile")

    def test_on_the_screen_it_is_said_in_words(
        self, bank: Account, first: Payment, supervisor: Program, verb: str
    ) -> None:
        self.pay(bank)
        web = Client()
        web.force_login(supervisor.user)
        page = web.post("/queue/undo/", {"ids": str(first.pk)}, follow=True)
        assert page.status_code == 200
        assert PAID in page.content.decode()
        assert status(first.pk) == GIVEN_UP[verb]

    def test_not_paid_otherwise_it_comes_back(
        self, bank: Account, first: Payment, supervisor: Program, verb: str
    ) -> None:
        assert supervisor.post(f"/payments/{first.pk}/withdraw", {}).status_code == 200
        assert (status(first.pk), left(self.invoice)) == ("checked", "0.00")

    def test_of_two_that_come_back_together_the_first_one_does(
        self, bank: Account, first: Payment, supervisor: Program, verb: str
    ) -> None:
        second = self.pay(bank)
        assert supervisor.post(f"/payments/{second.pk}/{verb}", GIVE_UP[verb]).status_code == 200
        answers = workflow.withdraw(ids=[second.pk, first.pk], actor=supervisor.user)
        assert {answer.payment_id: answer.code for answer in answers} == {
            first.pk: "", second.pk: "payment.invoices_paid",
        }  # fmt: skip


@pytest.fixture
def branch() -> people.Stage:
    return people.branch_with_suspense()


@pytest.mark.parametrize("verb", GIVE_UP)
class TestRefunds:
    """Claire paid 100.00 and is paid back once."""

    @pytest.fixture
    def first(self, branch: people.Stage, supervisor: Program, verb: str) -> int:
        _batch, [self.paid] = bring(branch, pacs008([{"amount": "100.00"}]))
        go([self.paid])
        Entity.objects.filter(pk=branch.entity.pk).update(undo_seconds=300)
        refund = self.refund()
        assert supervisor.post(f"/payments/{refund}/{verb}", GIVE_UP[verb]).status_code == 200
        return refund

    def refund(self) -> int:
        answer = Program(people.person()).post(f"/payments/{self.paid.pk}/refund", {"reason_code": "CUST"})
        key: int = answer.json()["id"]
        assess.assess_batch(Payment.objects.get(pk=key).batch_id)
        return key

    def test_refunded_again_the_first_one_stays_given_up(self, first: int, supervisor: Program, verb: str) -> None:
        second = self.refund()
        assert refused(supervisor.post(f"/payments/{first}/withdraw", {})) == (422, "refund.no_room", NO_ROOM)
        assert (status(first), status(second)) == (GIVEN_UP[verb], "checked")
        revive(first, "checked", "never more than what was paid")
        alive = Refund.objects.filter(payment__state__status="checked")
        assert list(alive.values_list("payment", "payment__amount")) == [(second, Decimal("100.00"))]
        assert ledger.audit() == []

    def test_returned_meanwhile_nothing_is_refunded(
        self, branch: people.Stage, first: int, supervisor: Program, verb: str
    ) -> None:
        assert ledger.reverse([self.paid.pk], None, "CUST") == {}
        assert refused(supervisor.post(f"/payments/{first}/withdraw", {})) == (422, "refund.no_room", NO_ROOM)
        assert status(first) == GIVEN_UP[verb]


@pytest.mark.parametrize("verb", GIVE_UP)
class TestInstant:
    """The customer allows 100.00 of a day."""

    @pytest.fixture
    def given_up(self, branch: people.Stage, supervisor: Program, verb: str) -> tuple[Payment, Payment]:
        Entity.objects.filter(pk=branch.entity.pk).update(undo_seconds=300)
        instant.set_limit(
            actor=supervisor.user, account_id=branch.customer.pk, one_amount=None, day_amount=Decimal(100), reason="x"
        )
        first, second = (people.payment(branch, amount="100.00", kind="instant") for _ in range(2))
        for payment in (first, second):
            assert approvals.validate(ids=[payment.pk], actor=people.person())[0].done
        assert workflow.approve(ids=[first.pk], actor=people.person())[0].done
        assert supervisor.post(f"/payments/{first.pk}/{verb}", GIVE_UP[verb]).status_code == 200
        return first, second

    def test_when_another_took_the_day_it_stays_given_up(
        self, branch: people.Stage, given_up: tuple[Payment, Payment], supervisor: Program, verb: str
    ) -> None:
        first, second = given_up
        assert workflow.approve(ids=[second.pk], actor=people.person())[0].done
        assert refused(supervisor.post(f"/payments/{first.pk}/withdraw", {})) == (422, "payment.instant_day", DAY)
        assert (status(first.pk), status(second.pk)) == (GIVEN_UP[verb], "approved")
        assert instant.spent(branch.customer) == Decimal("100.00")
        assert AccountBalance.objects.get(account=branch.customer).held == Decimal("100.00")
        with transaction.atomic():
            assert ledger.reserve([first.pk]) == {}
            with pytest.raises(DatabaseError, match="allows no more"), transaction.atomic():
                PaymentState.objects.filter(pk=first.pk).update(status="approved")
            transaction.set_rollback(True)

    def test_while_the_day_has_room_it_comes_back_and_counts(
        self, branch: people.Stage, given_up: tuple[Payment, Payment], supervisor: Program, verb: str
    ) -> None:
        first, second = given_up
        assert instant.spent(branch.customer) == 0
        assert supervisor.post(f"/payments/{first.pk}/withdraw", {}).status_code == 200
        assert (status(first.pk), instant.spent(branch.customer)) == ("approved", Decimal("100.00"))
        assert workflow.approve(ids=[second.pk], actor=people.person())[0].code == "payment.instant_day"
