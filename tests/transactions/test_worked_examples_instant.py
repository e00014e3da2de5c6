"""Worked examples of instant transfers: accounts, debit, credit, and what happens second by second."""

from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from lxml import etree

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people.models import Entity
from controls import approvals, assess
from documents import attachments
from documents.models import AuditRecord
from tests import people
from tests.api.client import Program
from tests.files import pain001, pain002
from tests.transactions import standing
from tests.transactions.test_messages import take_in
from tests.transactions.test_worked_examples import balance, lines, status
from transactions import instant, intake, settlement, workflow
from transactions.models import (
    Decision,
    InstantLimit,
    InstantTransfer,
    JournalEntry,
    OutgoingFile,
    Payment,
    PaymentState,
)

pytestmark = pytest.mark.django_db
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@pytest.fixture
def branch() -> people.Stage:
    return standing.branch("5000.00")


def ask(stage: people.Stage, amount: str = "1200.00", **fields: Any) -> Payment:
    return people.payment(
        stage, kind="instant", local_instrument="INST", amount=amount, **{
            "requested_execution_date": timezone.localdate(), **fields,
        },
    )  # fmt: skip


def sign(payments: list[Payment]) -> list[Any]:
    ids = [payment.pk for payment in payments]
    assert all(answer.done for answer in approvals.validate(ids=ids, actor=people.person(), reason="Checked"))
    return workflow.approve(ids=ids, actor=people.person(), reason="Checked")


def sent(stage: people.Stage, amount: str = "1200.00") -> tuple[Payment, OutgoingFile]:
    payment = ask(stage, amount)
    assert sign([payment])[0].done
    assert workflow.post(ids=[payment.pk])[0].done
    [file_id] = instant.send_due()
    return payment, OutgoingFile.objects.get(pk=file_id)


class TestSecondBySecond:
    """The customer has 5,000.00 and sends 1,200.00 at once."""

    def test_it_leaves_at_once_and_is_settled_by_the_answer(self, branch: people.Stage) -> None:
        # Everything else of the account waits for its cut-off.
        people.cut_off(branch.entity, time(23, 59, 59))
        people.payment(
            branch, status="posted", kind="sepa", requested_execution_date=timezone.localdate() + timedelta(days=9)
        )
        payment, file = sent(branch)
        assert lines(JournalEntry.objects.get(payment=payment, kind="posting")) == [
            ("BANK-CUST", "1200.00", ""), ("BANK-TRANSIT", "", "1200.00"),
        ]  # fmt: skip
        assert (file.kind, file.status, file.payment_count, file.sent_by) == ("instant", "sent", 1, None)
        assert file.execution_date == timezone.localdate(), "on whatever day of the year"
        root = etree.fromstring(attachments.read(file.attachment))
        assert root.xpath("string(//p:PmtTpInf/p:LclInstrm/p:Cd)", namespaces=NS) == "INST"
        assert root.xpath("string(//p:PmtTpInf/p:SvcLvl/p:Cd)", namespaces=NS) == "SEPA"
        assert root.xpath("count(//p:CdtTrfTxInf)", namespaces=NS) == 1
        assert (Path(settings.STATE_DIR) / "outgoing" / f"{file.message_id}.xml").exists()
        said = {"instruction": f"P{payment.pk}", "reference": payment.end_to_end_id, "status": "ACSC"}
        take_in(branch, pain002(file.message_id, payments=[said]))
        assert status(payment) == "settled"
        assert lines(JournalEntry.objects.get(payment=payment, kind="settlement")) == [
            ("BANK-TRANSIT", "1200.00", ""), ("BANK-NOSTRO", "", "1200.00"),
        ]  # fmt: skip
        way = InstantTransfer.objects.get()
        assert way.status == "answered"
        assert 0 <= (way.seconds_to_send or 0) < 60
        assert 0 <= (way.seconds_to_answer or -1) < 60
        assert instant.watch(timezone.now() + timedelta(hours=1)) == 0

    def test_a_negative_answer_gives_the_funds_back(self, branch: people.Stage) -> None:
        payment, file = sent(branch)
        said = {"instruction": f"P{payment.pk}", "reference": payment.end_to_end_id, "status": "RJCT", "reason": "AC04"}
        take_in(branch, pain002(file.message_id, payments=[said]))
        assert (status(payment), balance(branch.customer)) == ("returned", ("5000.00", "0.00"))
        assert InstantTransfer.objects.get().status == "answered"

    def test_no_answer_in_ten_seconds_waits_with_its_funds_and_is_never_sent_again(self, branch: people.Stage) -> None:
        payment, file = sent(branch)
        way = InstantTransfer.objects.get()
        assert way.sent_at is not None
        assert instant.watch(way.sent_at + timedelta(seconds=9)) == 0
        assert instant.watch(way.sent_at + timedelta(seconds=11)) == 1
        assert instant.watch(way.sent_at + timedelta(seconds=12)) == 0, "once"
        way.refresh_from_db()
        assert (way.status, status(payment)) == ("unanswered", "sent")
        assert [balance(one)[0] for one in (branch.customer, branch.transit)] == ["3800.00", "1200.00"]
        acts = AuditRecord.objects.filter(subject_type="payment", subject_id=payment.pk, action="payment.unanswered")
        assert acts.count() == 1
        assert instant.send_due(timezone.now() + timedelta(days=1)) == []
        assert OutgoingFile.objects.count() == 1
        said = {"instruction": f"P{payment.pk}", "reference": payment.end_to_end_id, "status": "ACSC"}
        take_in(branch, pain002(file.message_id, payments=[said]))
        way.refresh_from_db()
        assert (way.status, status(payment)) == ("answered", "settled"), "what it answers late counts"

    def test_settled_by_hand_leaves_the_queue(self, branch: people.Stage) -> None:
        payment, _file = sent(branch)
        instant.watch(timezone.now() + timedelta(seconds=11))
        workflow.settle(ids=[payment.pk], actor=people.person("supervisor"))
        instant.watch()
        assert InstantTransfer.objects.get().status == "answered"

    def test_a_file_whose_sending_was_lost_is_sent_and_no_other_made(self, branch: people.Stage) -> None:
        payment = ask(branch)
        sign([payment])
        workflow.post(ids=[payment.pk])
        [prepared] = settlement.prepare_instant()
        assert instant.send_due() == [prepared.pk]
        assert instant.send_due() == []
        assert (OutgoingFile.objects.count(), status(payment)) == (1, "sent")

    def test_one_for_tomorrow_waits_for_tomorrow(self, branch: people.Stage) -> None:
        payment = ask(branch, requested_execution_date=timezone.localdate() + timedelta(days=1))
        sign([payment])
        workflow.post(ids=[payment.pk])
        assert instant.send_due() == []
        assert len(instant.send_due(timezone.now() + timedelta(days=1))) == 1


def limit(stage: people.Stage, one: str | None, day: str | None) -> InstantLimit:
    return instant.set_limit(
        actor=people.person("supervisor"), account_id=stage.customer.pk, reason="Asked by letter",
        one_amount=None if one is None else Decimal(one), day_amount=None if day is None else Decimal(day),
    )  # fmt: skip


class TestLimits:
    """The customer allows 1,000.00 at once and 1,500.00 in a day."""

    def test_of_one_and_of_the_day(self, branch: people.Stage) -> None:
        limit(branch, "1000.00", "1500.00")
        payments = [ask(branch, amount) for amount in ("1000.01", "900.00", "700.00", "600.00")]
        answers = sign(payments)
        assert [answer.code for answer in answers] == ["payment.instant_one", "", "payment.instant_day", ""]
        assert [status(payment) for payment in payments] == ["validated", "approved", "validated", "approved"]
        assert balance(branch.customer)[1] == "1500.00", "nothing is held of what was refused"

    def test_what_came_back_counts_no_more(self, branch: people.Stage) -> None:
        limit(branch, None, "1500.00")
        payment, file = sent(branch, "1200.00")
        later = ask(branch, "1000.00")
        assert sign([later])[0].code == "payment.instant_day"
        said = {"instruction": f"P{payment.pk}", "reference": payment.end_to_end_id, "status": "RJCT", "reason": "AC04"}
        take_in(branch, pain002(file.message_id, payments=[said]))
        assert workflow.approve(ids=[later.pk], actor=people.person())[0].done

    def test_none_is_no_limit_and_zero_is_nothing(self, branch: people.Stage) -> None:
        first = ask(branch, "4000.00")
        assert sign([first])[0].done, "without a limit of the customer there is none"
        limit(branch, "0", None)
        assert sign([ask(branch, "0.01")])[0].code == "payment.instant_one"

    def test_the_database_sums_too(self, branch: people.Stage) -> None:
        limit(branch, "1000.00", "1500.00")
        payments = [ask(branch, "900.00"), ask(branch, "700.00")]
        insert = (
            "insert into transactions_instanttransfer (payment_id, account_id, amount, day, status, approved_at) "
            "values (%s, %s, %s, current_date, 'approved', now())"
        )
        with connection.cursor() as cursor:
            cursor.execute(insert, [payments[0].pk, branch.customer.pk, Decimal(900)])
            for amount, why in (("700.00", "allows no more"), ("1.00", "its own amount")):
                with pytest.raises(DatabaseError, match=why), transaction.atomic():
                    cursor.execute(insert, [payments[1].pk, branch.customer.pk, Decimal(amount)])

    def test_the_database_sends_nothing_that_was_not_counted(self, branch: people.Stage) -> None:
        ask(branch, "10.00", status="posted")
        with pytest.raises(DatabaseError, match="counted against its limit"), transaction.atomic():
            settlement.prepare_instant()

    def test_who_may_not_sets_none(self, branch: people.Stage) -> None:
        elsewhere = people.bank_branch("ELSE", iban="FR7630006000011234567890189")
        for actor, refusal in (
            (people.person(), Denied), (people.person("supervisor", entity=elsewhere.entity), NotThere),
        ):  # fmt: skip
            with pytest.raises(refusal):
                instant.set_limit(
                    actor=actor, account_id=branch.customer.pk, one_amount=None, day_amount=None, reason="x"
                )
        assert not InstantLimit.objects.exists()
        with pytest.raises(BusinessError):
            instant.set_limit(
                actor=people.person("supervisor"), account_id=branch.transit.pk, one_amount=None, day_amount=None,
                reason="x",
            )  # fmt: skip


def test_taken_in_by_file(branch: people.Stage) -> None:
    content = pain001(2, execution_date=timezone.localdate()).replace(
        b"</SvcLvl></PmtTpInf>", b"</SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>"
    )
    batch = intake.receive(
        content=content, file_name="i.xml", entity=branch.entity, actor=None, channel="file", source=branch.source
    )
    intake.read_batch(batch.pk)
    assess.assess_batch(batch.pk)
    payments = Payment.objects.filter(batch=batch).select_related("state")
    assert [(one.kind, one.local_instrument) for one in payments] == [("instant", "INST")] * 2
    waits = {one.state.due_at - one.received_at for one in payments}
    assert waits == {timedelta(minutes=5)}, "people decide in minutes, whatever the cut-off"


def test_taken_in_by_the_form_and_programs(branch: people.Stage) -> None:
    one = {
        "kind": "instant", "debtor_account": people.CUSTOMER_IBAN, "creditor_account": people.PAYEE_IBAN,
        "creditor_name": "Kervella", "amount": "5.00", "currency": "EUR",
        "requested_execution_date": timezone.localdate().isoformat(),
    }  # fmt: skip
    batch = intake.receive_payments(payments=[one], entity=branch.entity, actor=people.person(), channel="api")
    assert Payment.objects.get(batch=batch).kind == "instant"


class TestUndoWindow:
    """The window of the default, 10 s: the approval of an instant transfer takes effect at once and stays."""

    @pytest.fixture
    def validated(self, branch: people.Stage) -> Payment:
        Entity.objects.filter(pk=branch.entity.pk).update(undo_seconds=Entity._meta.get_field("undo_seconds").default)
        payment = ask(branch)
        assert approvals.validate(ids=[payment.pk], actor=people.person(), reason="Checked")[0].done
        return payment

    def effective(self, payment: Payment) -> None:
        state = PaymentState.objects.get(pk=payment.pk)
        assert (state.status, state.approvals_given, state.effective_at) == ("approved", 1, None)
        kept = Decision.objects.filter(payment=payment).values_list("verb", flat=True)
        assert list(kept) == ["validate"], "nothing is kept that could be taken back"
        assert workflow.post(ids=[payment.pk])[0].done

    def test_approved_by_a_program_for_a_person(self, validated: Payment) -> None:
        person = people.person("supervisor")
        assert Program(person).post(f"/payments/{validated.pk}/approve", {"reason": "Checked"}).status_code == 200
        assert Program(person).post(f"/payments/{validated.pk}/withdraw", {}).json()["code"] == "withdraw.nothing"
        self.effective(validated)

    def test_approved_on_the_screen(self, validated: Payment) -> None:
        client = Client()
        client.force_login(people.person("supervisor"))
        answer = client.post(f"/payments/{validated.pk}/approve/", {"reason": "Checked"})
        assert answer.status_code == 302
        assert "undo" not in client.session, "and nothing is offered to be taken back"
        self.effective(validated)

    def test_with_others_approved_at_once_each_has_its_own(self, branch: people.Stage, validated: Payment) -> None:
        plain = people.payment(branch)
        assert approvals.validate(ids=[plain.pk], actor=people.person())[0].done
        answers = workflow.approve(ids=[validated.pk, plain.pk], actor=people.person(), reason="Checked")
        assert [answer.done for answer in answers] == [True, True]
        assert PaymentState.objects.get(pk=plain.pk).effective_at is not None
        assert Decision.objects.filter(payment=plain, verb="approve").count() == 1
        self.effective(validated)
