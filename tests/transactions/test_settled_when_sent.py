"""What one supervisor may do between posting and sending: nothing that gives the funds back and sends them, too."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client

from backoffice.common import sql
from backoffice.people import roles
from documents.models import AuditRecord
from tests import database, people
from tests.api.client import Program
from tests.files import pain008
from tests.transactions import standing
from tests.transactions import test_direct_debits as debits
from tests.transactions.test_worked_examples import balance, status
from transactions import ledger, settlement
from transactions.models import OutgoingFile, Payment, PaymentState
from transactions.recalls import asking

pytestmark = pytest.mark.django_db
NOT_SENT = "This payment was not sent: the bank can have executed nothing of it."
NOT_SETTLED = "Only a payment that was sent or settled can be returned."


@pytest.fixture
def branch() -> people.Stage:
    return standing.branch("1000.00")


@pytest.fixture
def supervisor() -> Program:
    return Program(people.person(roles.SUPERVISOR))


def posted(stage: people.Stage, amount: str = "900.00", **fields: Any) -> Payment:
    payment = people.payment(stage, amount=amount, **fields)
    debits.go([payment])
    return payment


def prepared(stage: people.Stage, by: Program) -> OutgoingFile:
    made = by.post("/outgoing-files", {"account": stage.customer.pk})
    assert made.status_code == 201
    [file] = made.json()["files"]
    return OutgoingFile.objects.get(pk=file["id"])


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def screen(by: Program) -> Client:
    client = Client()
    client.force_login(by.user)
    return client


def settle(payment: Payment, by: Program) -> str:
    """On the screen, the only door for it; what the page says."""
    return screen(by).post(f"/payments/{payment.pk}/settle/", {}, follow=True).content.decode()


def given(file: OutgoingFile) -> bool:
    """Whether the bytes are where the bank's connector takes them."""
    return (Path(settings.STATE_DIR) / "outgoing" / f"{file.message_id}.xml").exists()


class TestOneSupervisor:
    """The customer has 1,000.00; 900.00 are posted, and wait in a file."""

    def test_cannot_give_back_what_the_file_sends(self, branch: people.Stage, supervisor: Program) -> None:
        payment = posted(branch)
        file = prepared(branch, supervisor)
        assert NOT_SENT in settle(payment, supervisor)
        answer = supervisor.post(f"/payments/{payment.pk}/return", {"reason_code": "AC04"})
        assert code(answer) == (422, "payment.not_settled")
        assert status(payment) == "posted"
        assert supervisor.post(f"/outgoing-files/{file.pk}/send", {}).status_code == 200
        assert (status(payment), balance(branch.customer)) == ("sent", ("100.00", "0.00"))
        assert ledger.audit() == []

    def test_is_told_on_the_screen(self, branch: people.Stage, supervisor: Program) -> None:
        payment = posted(branch)
        prepared(branch, supervisor)
        page = screen(supervisor).post(f"/payments/{payment.pk}/return/", {"reason_code": "AC04"})
        assert (page.status_code, NOT_SETTLED in page.content.decode()) == (422, True)
        assert (NOT_SENT in settle(payment, supervisor), status(payment)) == (True, "posted")

    def test_settles_nothing_without_a_file(self, branch: people.Stage, supervisor: Program) -> None:
        payment = posted(branch)
        assert NOT_SENT in settle(payment, supervisor)
        assert (status(payment), balance(branch.bank)) == ("posted", ("1000.00", "0.00"))

    def test_has_no_debit_that_was_not_collected(self, branch: people.Stage, supervisor: Program) -> None:
        debits.mandate(branch)
        _batch, [debit] = debits.bring(branch, pain008([{"amount": "5000.00", "mandate": "M-1"}]))
        debits.go([debit])
        assert NOT_SENT in settle(debit, supervisor)
        assert (status(debit), balance(branch.customer)) == ("posted", ("1000.00", "0.00"))
        people.to_bank(branch.customer)
        settle(debit, supervisor)
        assert (status(debit), balance(branch.customer)) == ("settled", ("6000.00", "0.00"))

    def test_recalls_nothing_that_waits_in_a_file(self, branch: people.Stage, supervisor: Program) -> None:
        payment = posted(branch)
        prepared(branch, supervisor)
        [answer] = asking.ask(payment_ids=[payment.pk], actor=supervisor.user, reason_code="DUPL", reason="Twice")
        assert (answer.done, answer.code) == (False, "recall.not_sent")


class TestWhole:
    """A file of before, of which 10.00 were given back while it waited; 20.00 wait still."""

    @pytest.fixture
    def gone(self, branch: people.Stage) -> Payment:
        return posted(branch, "10.00")

    @pytest.fixture
    def waits(self, branch: people.Stage) -> Payment:
        return posted(branch, "20.00")

    @pytest.fixture
    def file(self, branch: people.Stage, supervisor: Program, gone: Payment, waits: Payment) -> OutgoingFile:
        made = prepared(branch, supervisor)
        database.update(PaymentState.objects.filter(pk=gone.pk), status="settled")
        assert ledger.reverse([gone.pk], None, "AC04") == {}
        return made

    def test_is_not_sent_in_part(self, supervisor: Program, file: OutgoingFile, waits: Payment) -> None:
        answer = supervisor.post(f"/outgoing-files/{file.pk}/send", {})
        assert code(answer) == (409, "outgoing.not_whole")
        assert answer.json()["detail"] == (
            f"Not every payment in the file {file.message_id} still waits to be sent. Give the file up: what waits "
            "goes in a new one."
        )
        file.refresh_from_db()
        assert (file.status, status(waits), given(file)) == ("prepared", "posted", False)

    def test_nor_by_sql(self, file: OutgoingFile, waits: Payment) -> None:
        for change in (
            f"update transactions_outgoingfile set status = 'sent', sent_at = now() where id = {file.pk}",
            f"update transactions_paymentstate set status = 'sent' where payment_id = {waits.pk}",
            f"update transactions_outgoingfile set status = 'void' where id = {file.pk}",
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                sql.run(change)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            sql.run("delete from transactions_outgoingitem")

    def test_given_up_what_waits_goes_in_the_next_one(
        self, branch: people.Stage, supervisor: Program, file: OutgoingFile, gone: Payment, waits: Payment
    ) -> None:
        answer = supervisor.post(f"/outgoing-files/{file.pk}/void", {"reason": "One came back"})
        assert (answer.status_code, answer.json()["status"]) == (200, "void")
        record = AuditRecord.objects.get(action="outgoing.voided")
        assert (record.actor_id, record.reason) == (supervisor.user.pk, "One came back")
        assert record.details == {"message_id": file.message_id, "payments": 2}
        for act in ("send", "void"):
            refused = supervisor.post(f"/outgoing-files/{file.pk}/{act}", {"reason": "x"} if act == "void" else {})
            assert refused.status_code == 409, act
        [anew] = settlement.prepare_due()
        assert (list(anew.items.values_list("payment", flat=True)), anew.control_sum) == ([waits.pk], Decimal("20.00"))
        assert supervisor.post(f"/outgoing-files/{anew.pk}/send", {}).status_code == 200
        assert (status(waits), status(gone), given(file), given(anew)) == ("sent", "returned", False, True)

    def test_given_up_on_the_screen(self, supervisor: Program, file: OutgoingFile) -> None:
        web = screen(supervisor)
        assert "Give the file up" in web.get(f"/outgoing/{file.pk}/").content.decode()
        page = web.post(f"/outgoing/{file.pk}/void/", {"reason": " "}, follow=True).content.decode()
        assert "Give the reason in words." in page
        page = web.post(f"/outgoing/{file.pk}/void/", {"reason": "One came back"}, follow=True).content.decode()
        assert "The file is given up; its payments go in the next one." in page
        assert "Send to the bank" not in page
        assert "Give the file up" not in page
        file.refresh_from_db()
        assert file.status == "void"

    def test_not_by_who_may_not_send(self, file: OutgoingFile) -> None:
        operator = Program(people.person())
        assert operator.post(f"/outgoing-files/{file.pk}/void", {"reason": "x"}).status_code == 403
