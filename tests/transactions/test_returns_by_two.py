"""A return that no message of the bank speaks of: two people say it, none of them a program or the payment's maker."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import User
from documents.models import AuditRecord
from tests import people
from tests.api.client import Program
from tests.files import pain002
from tests.transactions import standing
from tests.transactions.test_messages import sent, take_in
from tests.transactions.test_worked_examples import balance, status
from tests.transactions.test_worked_examples_cards import shop
from transactions import ledger, workflow
from transactions.models import Payment, ReturnProposal

__all__ = ["shop"]
pytestmark = pytest.mark.django_db
BODY = {"reason_code": "AC04", "reason": "The bank's letter of today"}


@pytest.fixture
def branch() -> people.Stage:
    return standing.branch("1000.00")


@pytest.fixture
def payment(branch: people.Stage) -> Payment:
    _file, [one] = sent(branch, "900.00")
    return one


def person(name: str) -> Program:
    return Program(people.person(roles.SUPERVISOR, name=name))


def give(by: Program, payment: Payment, **said: Any) -> tuple[int, str]:
    answer = by.post(f"/payments/{payment.pk}/return", BODY | said)
    return answer.status_code, answer.json().get("code", answer.json().get("status"))


def refused(payment: Payment, by: Program, code: str) -> None:
    assert give(by, payment)[1] == code
    assert status(payment) == "sent"
    assert ReturnProposal.objects.count() == 0


class TestTwoPeople:
    def test_one_proposes_and_another_books(self, branch: people.Stage, payment: Payment) -> None:
        first, second = person("First"), person("Second")
        assert give(first, payment) == (200, "sent")
        assert (status(payment), balance(branch.customer)) == ("sent", ("100.00", "0.00"))
        record = AuditRecord.objects.get(action="payment.return_proposed")
        assert (record.actor_id, record.reason, record.details) == (
            first.user.pk, BODY["reason"], {"reason_code": "AC04", "value_date": None},
        )  # fmt: skip
        assert give(second, payment, reason="") == (200, "returned")
        assert balance(branch.customer) == ("1000.00", "0.00")
        proposal = ReturnProposal.objects.get()
        assert (proposal.end, proposal.proposed_by, proposal.ended_by) == ("confirmed", first.user, second.user)
        booked = AuditRecord.objects.get(action="payment.returned")
        assert (booked.actor_id, booked.reason) == (second.user.pk, BODY["reason"])
        assert ledger.audit() == []

    def test_saying_it_twice_does_not_book_it(self, branch: people.Stage, payment: Payment) -> None:
        only = person("Only")
        for code in ("AC04", "AC06", "AC06"):
            assert give(only, payment, reason_code=code) == (200, "sent")
        assert (status(payment), balance(branch.customer)) == ("sent", ("100.00", "0.00"))
        ends = ReturnProposal.objects.order_by("pk").values_list("reason_code", "end")
        assert list(ends) == [("AC04", "replaced"), ("AC06", "replaced"), ("AC06", "")]

    def test_both_say_the_same(self, payment: Payment) -> None:
        yesterday = timezone.localdate() - timedelta(days=1)
        assert give(person("Ann"), payment, value_date=yesterday.isoformat()) == (200, "sent")
        other = person("Ben")
        for different in ({"reason_code": "AC06"}, {"value_date": timezone.localdate().isoformat()}):
            answer = other.post(f"/payments/{payment.pk}/return", BODY | different)
            assert (answer.status_code, answer.json()["detail"]) == (
                422, "Ann proposed this return with the code AC04. Give the same code and value date to book it.",
            )  # fmt: skip
        assert status(payment) == "sent"
        assert give(other, payment) == (200, "returned")
        entry = payment.entries.filter(kind="reversal").latest("pk")
        assert entry.value_date == yesterday

    def test_on_the_screen(self, payment: Payment) -> None:
        first, second = (Client() for _ in range(2))
        ann = people.person(roles.SUPERVISOR, name="Ann")
        first.force_login(ann)
        second.force_login(people.person(roles.SUPERVISOR))
        page = first.post(f"/payments/{payment.pk}/return/", BODY, follow=True).content.decode()
        assert "The return is proposed; it is booked when another person says the same." in page
        page = second.get(f"/payments/{payment.pk}/").content.decode()
        assert "Ann proposed to book its return, code AC04. It is booked when another person says the same." in page
        form = second.get(f"/payments/{payment.pk}/return/").context["form"]
        assert form.initial["reason_code"] == "AC04"
        page = second.post(f"/payments/{payment.pk}/return/", BODY, follow=True).content.decode()
        assert f"{payment.reference} returned." in page
        assert status(payment) == "returned"
        assert "It is booked when another" not in second.get(f"/payments/{payment.pk}/").content.decode()

    def test_what_cannot_be_returned_is_not_proposed(self, branch: people.Stage) -> None:
        waits = people.payment(branch)
        answer = person("Ann").post(f"/payments/{waits.pk}/return", BODY)
        assert (answer.status_code, answer.json()["code"]) == (422, "payment.not_settled")
        assert ReturnProposal.objects.count() == 0

    def test_the_bank_alone_is_enough(self, branch: people.Stage) -> None:
        file, [payment] = sent(branch, "900.00")
        said = {"instruction": f"P{payment.pk}", "reference": payment.end_to_end_id, "status": "RJCT", "reason": "AC04"}
        take_in(branch, pain002(file.message_id, payments=[said]))
        assert status(payment) == "returned"

    def test_many_at_once(self, branch: people.Stage) -> None:
        _file, payments = sent(branch, "100.00", "200.00")
        ids = [one.pk for one in payments]
        for by in (person("Ann"), person("Ben")):
            answer = by.post("/payments/return", {"ids": ids, **BODY}).json()
            assert (answer["done"], answer["refused"]) == (2, 0)
        assert [status(one) for one in payments] == ["returned", "returned"]


class TestNotOnesOwn:
    def test_never_its_maker(self, branch: people.Stage) -> None:
        maker = person("Maker")
        _file, [payment] = sent(branch, "900.00", each=[{"maker": maker.user}])
        refused(payment, maker, "payment.own_work")
        assert give(person("Ann"), payment) == (200, "sent")
        assert give(maker, payment)[1] == "payment.own_work"
        assert status(payment) == "sent"

    def test_never_who_amended_it(self, branch: people.Stage, payment: Payment) -> None:
        amender = person("Amender")
        Payment.history.bulk_history_create([payment], default_user=amender.user, default_date=timezone.now())
        refused(payment, amender, "payment.own_work")

    def test_never_a_program(self, payment: Payment) -> None:
        machine = people.person(roles.SUPERVISOR, is_machine=True)
        refused(payment, Program(machine, ["payment.return", "payment.view"]), "payment.by_machine")

    def test_nor_is_a_chargeback_a_programs(self, shop: Any) -> None:
        captured = shop.booked()[0]
        machine = people.person(roles.SUPERVISOR, is_machine=True)
        answer = Program(machine, ["payment.return", "payment.view"]).post(
            f"/payments/{captured.pk}/chargeback", {"reason_code": "FRAD"}
        )
        assert answer.json()["code"] == "payment.by_machine"
        maker = person("Maker")
        Payment.history.bulk_history_create([captured], default_user=maker.user, default_date=timezone.now())
        answer = maker.post(f"/payments/{captured.pk}/chargeback", {"reason_code": "FRAD"})
        assert answer.json()["code"] == "payment.own_work"
        assert status(captured) == "posted"


class TestBySql:
    def proposal(self, payment: Payment, by: User, **fields: Any) -> ReturnProposal:
        return ReturnProposal(payment=payment, reason_code="AC04", proposed_by=by, proposed_at=timezone.now(), **fields)

    def test_the_database_asks_for_two_people(self, branch: people.Stage) -> None:
        maker, ann, ben = (people.person(roles.SUPERVISOR) for _ in range(3))
        machine = people.person(roles.SUPERVISOR, is_machine=True)
        _file, [payment] = sent(branch, "900.00", each=[{"maker": maker}])
        for wrong in (maker, machine):
            with pytest.raises(IntegrityError, match="none of them made or amended"), transaction.atomic():
                self.proposal(payment, wrong).save()
        made = self.proposal(payment, ann)
        made.save()
        rows = ReturnProposal.objects.filter(pk=made.pk)
        for by, why in ((maker, "none of them made"), (machine, "none of them made"), (ann, "by_another")):
            with pytest.raises(IntegrityError, match=why), transaction.atomic():
                rows.update(ended_at=timezone.now(), ended_by=by, end="confirmed")
        rows.update(ended_at=timezone.now(), ended_by=ben, end="confirmed")
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            rows.update(end="replaced")
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            self.proposal(payment, ann, ended_at=timezone.now(), ended_by=ben, end="confirmed").save()


def test_everybody_hears_of_it(payment: Payment) -> None:
    answer = workflow.return_(ids=[payment.pk], actor=people.person(roles.SUPERVISOR), reason_code="AC04")
    assert [(one.done, one.code) for one in answer] == [(True, workflow.PROPOSED)]
