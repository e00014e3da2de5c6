"""What the bank answers: matched, applied in the books, on record; what nobody knows waits for a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from controls import approvals
from controls.models import ApprovalPolicy
from documents.models import AuditRecord
from tests import people
from tests.files import pacs002, pain002
from transactions import ledger, messages, settlement, workflow
from transactions.models import (
    AccountBalance,
    BankMessage,
    JournalEntry,
    MessageItem,
    OutgoingFile,
    Payment,
    PaymentState,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch() -> people.Stage:
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "10000.00", stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def sent(
    stage: people.Stage, *amounts: str, each: list[dict[str, Any]] | None = None
) -> tuple[OutgoingFile, list[Payment]]:
    """A file that went to the bank with payments of these amounts, signed and posted on the way."""
    more = each or [{}] * len(amounts)
    payments = [people.payment(stage, amount=a, **fields) for a, fields in zip(amounts, more, strict=True)]
    ids = [payment.pk for payment in payments]
    assert all(answer.done for answer in approvals.validate(ids=ids, actor=people.person()))
    assert all(answer.done for answer in workflow.approve(ids=ids, actor=people.person()))
    assert all(answer.done for answer in workflow.post(ids=ids))
    supervisor = people.person("supervisor")
    file = settlement.prepare(account=stage.customer, actor=supervisor)[0]
    settlement.send(file_id=file.pk, actor=supervisor)
    file.refresh_from_db()
    return file, payments


def take_in(stage: people.Stage, content: bytes, actor: Any = None) -> BankMessage:
    message = messages.receive(content=content, file_name="answer.xml", entity=stage.entity, actor=actor)
    messages.read_message(message.pk)
    message.refresh_from_db()
    return message


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(BusinessError) as refusal:
        yield
    assert refusal.value.code == code


def statuses(payments: list[Payment]) -> list[str]:
    return [PaymentState.objects.get(pk=payment.pk).status for payment in payments]


def balances(stage: people.Stage) -> tuple[str, str, str]:
    """Customer, transit, nostro."""
    found = dict(AccountBalance.objects.values_list("account_id", "balance"))
    return tuple(f"{found[one.pk]:.2f}" for one in (stage.customer, stage.transit, stage.bank))  # type: ignore[return-value]


def outcomes(message: BankMessage) -> list[tuple[str, str]]:
    return list(message.items.order_by("position").values_list("outcome", "outcome_code"))


def test_one_payment_of_three_is_rejected(branch: people.Stage) -> None:
    file, payments = sent(branch, "100.00", "200.00", "300.00")
    assert balances(branch) == ("9400.00", "600.00", "10000.00")
    said = {"instruction": f"P{payments[1].pk}", "reference": payments[1].end_to_end_id, "status": "RJCT",
            "reason": "AC04", "text": "Konto erloschen"}  # fmt: skip
    message = take_in(branch, pain002(file.message_id, payments=[said], blocks={f"{file.message_id}-1": "PART"}))
    assert (message.status, message.item_count, message.sender, message.format) == (
        "applied", 2, "PSSTFRPPXXX", "pain.002.001.03",
    )  # fmt: skip
    assert outcomes(message) == [("applied", ""), ("recorded", "")]
    assert statuses(payments) == ["sent", "returned", "sent"]
    assert balances(branch) == ("9600.00", "400.00", "10000.00"), "the funds are the customer's again"
    reversal = JournalEntry.objects.get(payment=payments[1], kind="reversal")
    assert reversal.reverses.kind == "posting"
    acts = AuditRecord.objects.filter(subject_type="payment", subject_id=payments[1].pk).order_by("-id")[:2]
    assert [(act.action, act.reason, act.details["reason_code"], act.actor_id) for act in acts] == [
        ("payment.returned", "Konto erloschen", "AC04", None),
        ("payment.answered", "Konto erloschen", "AC04", None),
    ]
    assert (acts[1].details["status"], acts[1].details["message"]) == ("RJCT", message.pk)
    assert OutgoingFile.objects.get().status == "sent", "two payments are under way"
    assert ledger.audit() == []


def test_the_whole_file_is_settled_but_for_what_is_rejected(branch: people.Stage) -> None:
    file, payments = sent(branch, "100.00", "200.00", "300.00")
    said = {"instruction": f"P{payments[0].pk}", "status": "RJCT", "reason": "AC01"}
    message = take_in(branch, pain002(file.message_id, group="ACSC", payments=[said], version="12"))
    assert message.status == "applied", message.refusal_params
    assert statuses(payments) == ["returned", "settled", "settled"]
    assert balances(branch) == ("9500.00", "0.00", "9500.00")
    entries = JournalEntry.objects.filter(kind="settlement")
    assert {entry.value_date for entry in entries} == {date(2026, 11, 24)}, "the day of the report"
    assert list(message.items.order_by("position").values_list("level", "payment_count")) == [
        ("group", 2), ("payment", 1),
    ]  # fmt: skip
    assert OutgoingFile.objects.get().status == "settled"
    assert ledger.audit() == []


def test_a_file_that_is_rejected_gives_everything_back(branch: people.Stage) -> None:
    file, payments = sent(branch, "100.00", "200.00")
    take_in(branch, pain002(file.message_id, group="RJCT", reason="AM10"))
    assert statuses(payments) == ["returned", "returned"]
    assert balances(branch) == ("10000.00", "0.00", "10000.00")
    assert OutgoingFile.objects.get().status == "rejected"
    record = AuditRecord.objects.get(action="outgoing.answered")
    assert (record.subject_id, record.details["status"]) == (file.pk, "rejected")
    with pytest.raises(Conflict):
        settlement.confirm(file_id=file.pk, actor=people.person("supervisor"), value_date=date(2026, 11, 25))
    assert ledger.audit() == []


@pytest.mark.parametrize("status", ["ACTC", "ACCP", "ACSP", "PDNG", "XYZW"])
def test_what_moves_nothing_is_recorded(branch: people.Stage, status: str) -> None:
    file, payments = sent(branch, "100.00")
    namespace = "" if status != "XYZW" else "urn:of:a:national:variant:pain.002.001.03.xx"
    message = take_in(branch, pain002(file.message_id, group=status, namespace=namespace))
    assert outcomes(message) == [("recorded", "")]
    assert statuses(payments) == ["sent"]
    act = AuditRecord.objects.get(action="payment.answered")
    assert (act.subject_id, act.details["status"]) == (payments[0].pk, status)


def test_a_group_of_the_file_is_answered_alone(branch: people.Stage) -> None:
    file, payments = sent(branch, "1.00", "2.00", each=[{}, {"category_purpose": "SALA"}])
    message = take_in(
        branch, pain002(file.message_id, blocks={f"{file.message_id}-2": "RJCT", f"{file.message_id}-9": "RJCT"})
    )
    assert outcomes(message) == [("applied", ""), ("unknown", "answer.no_group")]
    assert statuses(payments) == ["sent", "returned"]


def test_a_payment_is_found_by_its_reference_when_that_is_alone(branch: people.Stage) -> None:
    same = {"end_to_end_id": "SAME"}
    file, payments = sent(branch, "10.00", "20.00", "30.00", each=[same, same, {}])
    message = take_in(
        branch,
        pain002(
            file.message_id,
            payments=[
                {"reference": payments[2].end_to_end_id, "status": "ACSC"},
                {"reference": "SAME", "status": "RJCT", "reason": "AC01"},
                {"reference": "SAME", "amount": "20.00", "status": "RJCT", "reason": "AC01"},
                {"reference": "NOTPROVIDED", "status": "RJCT", "reason": "AC01"},
            ],
        ),
    )
    assert outcomes(message) == [
        ("applied", ""), ("unknown", "answer.ambiguous"), ("applied", ""), ("unknown", "answer.no_payment"),
    ]  # fmt: skip
    assert statuses(payments) == ["sent", "returned", "settled"]


def test_what_does_not_agree_moves_nothing(branch: people.Stage) -> None:
    file, payments = sent(branch, "10.00")
    message = take_in(
        branch,
        pain002(
            file.message_id,
            payments=[
                {"instruction": f"P{payments[0].pk}", "amount": "11.00", "status": "RJCT", "reason": "AC01"},
                {"instruction": f"P{payments[0].pk}", "reference": "OTHER", "status": "RJCT", "reason": "AC01"},
                {"instruction": "P999999999", "status": "RJCT", "reason": "AC01"},
                {"instruction": "X1", "reference": payments[0].end_to_end_id, "status": "RJCT", "reason": "AC01"},
            ],
        ),
    )
    assert [code for _outcome, code in outcomes(message)] == [
        "answer.disagrees", "answer.disagrees", "answer.no_payment", "answer.no_payment",
    ]  # fmt: skip
    assert statuses(payments) == ["sent"]
    other = take_in(branch, pain002("NOT-OURS", group="RJCT", message_id="BANK-2"))
    assert outcomes(other) == [("unknown", "answer.no_file")]
    assert statuses(payments) == ["sent"]


def test_another_entitys_file_is_not_answered(branch: people.Stage) -> None:
    file, payments = sent(branch, "10.00")
    elsewhere = people.bank_branch("ELSE", iban="FR7630006000011234567890189")
    message = take_in(elsewhere, pain002(file.message_id, group="RJCT"))
    assert outcomes(message) == [("unknown", "answer.no_file")]
    said = [{"instruction": f"P{payments[0].pk}", "status": "RJCT", "reason": "AC01"}]
    assert outcomes(take_in(elsewhere, pacs002("ANY", said))) == [("unknown", "answer.no_file")]
    assert statuses(payments) == ["sent"]


def test_a_report_between_banks_names_the_payment_itself(branch: people.Stage) -> None:
    uetr = "eb6305c9-1f7f-49de-aed0-16487c27b42d"
    _file, payments = sent(branch, "10.00", "20.00", each=[{}, {"uetr": uetr}])
    said = [
        {"instruction": f"P{payments[0].pk}", "reference": payments[0].end_to_end_id, "status": "ACSC",
         "settled_on": "2026-11-26"},
        {"reference": payments[1].end_to_end_id, "uetr": uetr.upper(), "status": "RJCT", "reason": "MS03"},
        {"reference": payments[1].end_to_end_id, "status": "RJCT", "reason": "MS03"},
    ]  # fmt: skip
    message = take_in(branch, pacs002("CLEARING-ORIGINAL", said))
    assert (message.kind, message.sender) == ("pacs002", "BNPAFRPPXXX")
    assert outcomes(message) == [("applied", ""), ("applied", ""), ("unknown", "answer.no_file")]
    assert statuses(payments) == ["settled", "returned"]
    assert JournalEntry.objects.get(kind="settlement").value_date == date(2026, 11, 26)


def test_a_report_is_taken_in_once(branch: people.Stage) -> None:
    file, payments = sent(branch, "10.00")
    content = pain002(file.message_id, group="RJCT")
    first = take_in(branch, content)
    with pytest.raises(Conflict) as refusal:
        messages.receive(content=content, file_name="again.xml", entity=branch.entity, actor=None)
    assert (refusal.value.code, refusal.value.params["message"]) == ("message.seen_before", first.pk)
    again = take_in(branch, content + b"\n")
    assert (again.status, again.refusal_code) == ("refused", "message.id_seen")
    assert not again.items.exists()
    assert JournalEntry.objects.filter(kind="reversal").count() == 1
    repeat = take_in(branch, pain002(file.message_id, group="RJCT", message_id="BANK-2"))
    assert outcomes(repeat) == [("recorded", "")], "said again in another message: nothing is left to do"
    assert statuses(payments) == ["returned"]
    messages.read_message(first.pk)
    assert ledger.audit() == []


def test_settled_after_it_was_returned_waits_for_a_person(branch: people.Stage) -> None:
    file, payments = sent(branch, "10.00")
    take_in(branch, pain002(file.message_id, group="RJCT"))
    late = take_in(branch, pain002(file.message_id, group="ACSC", message_id="BANK-2"))
    assert outcomes(late) == [("refused", "answer.returned_before")]
    assert statuses(payments) == ["returned"]


def test_a_report_that_breaks_its_schema_moves_nothing(branch: people.Stage) -> None:
    file, payments = sent(branch, "10.00")
    message = take_in(branch, pain002(file.message_id, group="RJCTX"))
    assert (message.status, message.refusal_code, message.refusal_params["code"]) == (
        "refused", "message.broken", "schema.not_listed",
    )  # fmt: skip
    cut = take_in(branch, pain002(file.message_id, group="RJCT")[:-30])
    assert (cut.status, cut.refusal_code) == ("refused", "xml.breaks_off")
    empty = take_in(branch, pain002(file.message_id))
    assert (empty.status, empty.refusal_code) == ("refused", "message.no_status")
    with refused("message.other_kind"):
        messages.receive(content=b"<x/>", file_name="x", entity=branch.entity, actor=None)
    assert statuses(payments) == ["sent"]


def test_a_large_report_takes_a_constant_number_of_statements(
    branch: people.Stage, django_assert_max_num_queries: Any
) -> None:
    file, payments = sent(branch, *["1.00"] * 60)
    said = [{"instruction": f"P{one.pk}", "status": "RJCT", "reason": "AC01"} for one in payments]
    message = messages.receive(content=pain002(file.message_id, payments=said), file_name="", entity=branch.entity,
                               actor=None)  # fmt: skip
    with django_assert_max_num_queries(40):
        messages.read_message(message.pk)
    assert set(statuses(payments)) == {"returned"}
    assert balances(branch) == ("10000.00", "0.00", "10000.00")
    assert ledger.audit() == []


class TestDecisions:
    @pytest.fixture
    def waiting(self, branch: people.Stage) -> MessageItem:
        """A rejection of 10.00 that names nothing of ours."""
        said = [{"instruction": "X1", "amount": "10.00", "status": "RJCT", "reason": "AC04", "text": "closed"}]
        return take_in(branch, pain002("NOT-OURS", payments=said)).items.get()

    def test_assigned_it_does_what_it_says(self, branch: people.Stage, waiting: MessageItem) -> None:
        _file, payments = sent(branch, "10.00", "11.00")
        supervisor = people.person("supervisor")
        with refused("answer.other_amount"):
            messages.assign(item_id=waiting.pk, payment_id=payments[1].pk, actor=supervisor, reason="Called")
        item = messages.assign(item_id=waiting.pk, payment_id=payments[0].pk, actor=supervisor, reason="Called")
        assert (item.outcome, item.payment_id, item.decided_by_id) == ("assigned", payments[0].pk, supervisor.pk)
        assert statuses(payments) == ["returned", "sent"]
        returned = AuditRecord.objects.get(action="payment.returned")
        assert (returned.actor_id, returned.details["reason_code"]) == (supervisor.pk, "AC04")
        decided = AuditRecord.objects.get(action="message.assigned")
        assert (decided.reason, decided.details["payment"]) == ("Called", payments[0].pk)
        with pytest.raises(Conflict):
            messages.dismiss(item_id=waiting.pk, actor=supervisor, reason="again")
        assert ledger.audit() == []

    def test_dismissed_nothing_moves(self, branch: people.Stage, waiting: MessageItem) -> None:
        _file, payments = sent(branch, "10.00")
        messages.dismiss(item_id=waiting.pk, actor=people.person("supervisor"), reason="Another bank's")
        waiting.refresh_from_db()
        assert (waiting.outcome, waiting.decision) == ("dismissed", "Another bank's")
        assert statuses(payments) == ["sent"]

    def test_who_may_not_decide_moves_nothing(self, branch: people.Stage, waiting: MessageItem) -> None:
        _file, payments = sent(branch, "10.00")
        elsewhere = people.bank_branch("ELSE", iban="FR7630006000011234567890189").entity
        for actor, refusal in (
            (people.person("operator"), Denied),
            (people.person("auditor"), Denied),
            (people.person("supervisor", entity=elsewhere), NotThere),
        ):
            for act in (
                lambda actor=actor: messages.dismiss(item_id=waiting.pk, actor=actor, reason="x"),
                lambda actor=actor: messages.assign(
                    item_id=waiting.pk, payment_id=payments[0].pk, actor=actor, reason="x"
                ),
            ):
                with pytest.raises(refusal):
                    act()
        waiting.refresh_from_db()
        assert (waiting.outcome, statuses(payments)) == ("unknown", ["sent"])

    def test_neither_who_brought_it_in_nor_a_program_decides_what_it_moves(self, branch: people.Stage) -> None:
        _file, payments = sent(branch, "10.00")
        importer, program = people.person("supervisor"), people.person("supervisor", is_machine=True)
        said = [{"instruction": "X1", "status": "RJCT", "reason": "AC04"}]
        item = take_in(branch, pain002("NOT-OURS", payments=said), actor=importer).items.get()
        for actor, code in ((importer, "answer.own_message"), (program, "payment.by_machine")):
            with refused(code):
                messages.assign(item_id=item.pk, payment_id=payments[0].pk, actor=actor, reason="x")
        with refused("payment.reason_required"):
            messages.dismiss(item_id=item.pk, actor=importer, reason=" ")
        assert statuses(payments) == ["sent"]

    def test_an_operator_does_not_bring_in_what_moves_the_books(self, branch: people.Stage) -> None:
        with pytest.raises(Denied):
            take_in(branch, pain002("X", group="RJCT"), actor=people.person("operator"))
        assert not BankMessage.objects.exists()


class TestGuards:
    def test_what_came_and_what_was_decided_stays(self, branch: people.Stage) -> None:
        message = take_in(branch, pain002("NOT-OURS", group="RJCT"))
        messages.dismiss(item_id=message.items.get().pk, actor=people.person("supervisor"), reason="No")
        for query, kind in (
            ("update transactions_messageitem set status = 'ACSC'", ProgrammingError),
            ("update transactions_messageitem set outcome = 'unknown'", IntegrityError),
            ("update transactions_bankmessage set sha256 = ''", ProgrammingError),
            ("update transactions_bankmessage set status = 'received'", IntegrityError),
            ("delete from transactions_messageitem", ProgrammingError),
            ("delete from transactions_bankmessage", ProgrammingError),
        ):
            with pytest.raises(kind), transaction.atomic():
                sql.run(query)
        assert outcomes(message) == [("dismissed", "")] or outcomes(message)[0][0] == "dismissed"

    def test_an_answer_begins_undecided(self, branch: people.Stage) -> None:
        message = take_in(branch, pain002("NOT-OURS", group="RJCT"))
        with pytest.raises(IntegrityError, match="begins undecided"), transaction.atomic():
            MessageItem.objects.create(message=message, entity=branch.entity, position=9, level="group",
                                       status="ACSC", outcome="applied")  # fmt: skip
