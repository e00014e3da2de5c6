"""Recalls of other banks: requests with a deadline, given back by two people, refused with a reason, answered once."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from backoffice.common import sql
from backoffice.common.errors import Denied
from backoffice.people.models import Limit
from documents import attachments
from documents.models import AuditRecord
from tests import database, iso, people
from tests.files import camt029, camt056, iban
from tests.transactions.test_messages import balances, outcomes, refused, take_in
from tests.transactions.test_messages import branch as _branch  # noqa: F401
from transactions import ledger, messages, settlement
from transactions.models import Collection, OutgoingFile, Payment, PaymentState, RecallRequest
from transactions.recalls import deadlines, requests

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch(_branch: people.Stage) -> people.Stage:  # noqa: F811
    return _branch


def came_in(branch: people.Stage, amount: str = "250.00", reference: str = "THEIR-REF", **fields: Any) -> Payment:
    """A payment that came in to the customer's account, and is settled in the books: 250.00 more for the customer."""
    payment = people.payment(
        branch, amount=amount, kind="debit", end_to_end_id=reference, debtor_account=None, status="approved",
        creditor_account=branch.customer, debtor_name="Maison Kerguelen", debtor_number=iban(7),
        creditor_number=branch.customer.iban, creditor_name=branch.customer.name, **fields,
    )  # fmt: skip
    Collection.objects.create(
        payment=payment, entity=branch.entity, creditor_scheme_id="FR72ZZZ123456", creditor_id_valid=True,
        mandate_reference="M-1", signed_on=date(2026, 1, 10), sequence="RCUR", scheme="CORE",
    )  # fmt: skip
    database.update(PaymentState.objects.filter(pk=payment.pk), funds_held=True)
    assert ledger.post([payment.pk]) == {}
    people.to_bank(branch.customer)
    assert ledger.settle([payment.pk]) == {}
    return payment


def request_of(branch: people.Stage, **said: str) -> RecallRequest:
    one = {"reference": "THEIR-REF", "amount": "250.00", **said}
    message = take_in(branch, camt056([one], message_id=said.pop("message_id", "RECALL-1")))
    assert (message.kind, message.status) == ("camt056", "applied"), message.refusal_code
    return RecallRequest.objects.get(item__message=message)


def signer(branch: people.Stage, ceiling: str = "1000000") -> Any:
    person = people.person("supervisor")
    database.update(Limit.objects.filter(user=person, act="approve"), amount=Decimal(ceiling), day_amount=None)
    return person


def content(file: OutgoingFile | None) -> bytes:
    assert file is not None
    assert file.attachment is not None
    return attachments.read(file.attachment)


def test_given_back_by_two(branch: people.Stage) -> None:
    payment = came_in(branch)
    assert balances(branch) == ("10250.00", "0.00", "10250.00")
    row = request_of(branch, reason="FRAD", text="Compte pirate", case="CASE-77", transaction="TX-9")
    today = deadlines.today(branch.entity.time_zone)
    assert (row.status, row.payment, row.match_code) == ("open", payment, "")
    assert (row.sender, row.cancellation_id, row.transaction_id, row.debtor_bic) == (
        "COBADEFFXXX", "CASE-77", "TX-9", "COBADEFFXXX",
    )  # fmt: skip
    assert (row.received_on, row.due_on) == (today, deadlines.answer_due(today))
    assert outcomes(row.item.message) == [("recorded", "")]
    operator, supervisor = people.person(), signer(branch)
    assert requests.propose(ids=[row.pk], actor=operator, reason="The customer agrees")[0].done
    assert balances(branch) == ("10250.00", "0.00", "10250.00"), "one person moves nothing"
    with pytest.raises(Denied):
        requests.confirm(ids=[row.pk], actor=operator)
    assert requests.confirm(ids=[row.pk], actor=supervisor)[0].done
    assert balances(branch) == ("10000.00", "0.00", "10000.00")
    row.refresh_from_db()
    assert (row.status, row.proposed_by, row.decided_by) == ("accepted", operator, supervisor)
    assert PaymentState.objects.get(pk=payment.pk).status == "returned"
    answer, back = content(row.answer_file), content(row.return_file)
    assert iso.faults(answer) == []
    assert iso.faults(back) == []
    at = "RsltnOfInvstgtn/CxlDtls/TxInfAndSts"
    assert iso.leaves(answer, "RsltnOfInvstgtn/Sts/Conf") == ["CNCL"]
    assert iso.leaves(answer, f"{at}/TxCxlSts") == ["ACCR"]
    assert iso.leaves(answer, f"{at}/OrgnlEndToEndId") == ["THEIR-REF"]
    assert iso.leaves(answer, f"{at}/OrgnlTxId") == ["TX-9"]
    assert iso.leaves(answer, "RsltnOfInvstgtn/Assgnmt/Assgne/Agt/FinInstnId/BICFI") == ["COBADEFFXXX"]
    assert iso.leaves(back, "PmtRtr/TxInf/RtrdIntrBkSttlmAmt") == ["250.00"]
    assert iso.leaves(back, "PmtRtr/TxInf/RtrRsnInf/Rsn/Cd") == ["FOCR"]
    assert iso.leaves(back, "PmtRtr/TxInf/OrgnlTxId") == ["TX-9"]
    assert iso.leaves(back, "PmtRtr/GrpHdr/InstgAgt/FinInstnId/BICFI") == ["PSSTFRPPXXX"]
    assert (row.return_file.payment_count, row.return_file.control_sum) == (1, 250)  # type: ignore[union-attr]
    for file in (row.answer_file, row.return_file):
        settlement.send(file_id=file.pk, actor=supervisor)  # type: ignore[union-attr]
    assert requests.confirm(ids=[row.pk], actor=supervisor)[0].code == "recall.answered_before"
    acts = AuditRecord.objects.filter(subject_type="recall_request", subject_id=row.pk).order_by("id")
    assert [act.action for act in acts] == [
        "recall_request.received", "recall_request.proposed", "recall_request.accepted",
    ]  # fmt: skip
    assert ledger.audit() == []


def test_what_we_write_our_own_readers_read(branch: people.Stage) -> None:
    """The camt.029 and the pacs.004 as the other bank would read them: with the readers of this house."""
    came_in(branch)
    row = request_of(branch)
    requests.propose(ids=[row.pk], actor=people.person())
    requests.confirm(ids=[row.pk], actor=signer(branch))
    row.refresh_from_db()
    other = people.bank_branch("OTHER", iban="DE89370400440532013000")
    for file, kind, status in ((row.answer_file, "camt029", "ACCR"), (row.return_file, "pacs004", "RTRN")):
        message = take_in(other, content(file))
        item = message.items.get()
        assert (message.kind, message.status, item.status, item.amount) == (kind, "applied", status, Decimal(250))
        assert (item.end_to_end_id, item.outcome) == ("THEIR-REF", "unknown")


def test_refused_with_a_reason(branch: people.Stage) -> None:
    came_in(branch)
    row = request_of(branch)
    with refused("recall.reason_unknown"):
        requests.refuse(ids=[row.pk], actor=people.person(), reason_code="MS03")
    with refused("payment.reason_required"):
        requests.refuse(ids=[row.pk], actor=people.person(), reason_code="LEGL")
    assert requests.refuse(ids=[row.pk], actor=people.person(), reason_code="NOOR")[0].code == "recall.is_held"
    assert requests.refuse(ids=[row.pk], actor=people.person(), reason_code="CUST", reason="He says no")[0].done
    row.refresh_from_db()
    assert (row.status, row.answer_code, row.return_file) == ("refused", "CUST", None)
    answer = content(row.answer_file)
    assert iso.faults(answer) == []
    at = "RsltnOfInvstgtn/CxlDtls/TxInfAndSts"
    assert iso.leaves(answer, "RsltnOfInvstgtn/Sts/Conf") == ["RJCR"]
    assert iso.leaves(answer, f"{at}/CxlStsRsnInf/Rsn/Cd") == ["CUST"]
    assert iso.leaves(answer, f"{at}/CxlStsRsnInf/AddtlInf") == ["He says no"]
    assert balances(branch) == ("10250.00", "0.00", "10250.00")
    assert requests.refuse(ids=[row.pk], actor=people.person(), reason_code="NOAS")[0].code == "recall.answered_before"
    assert OutgoingFile.objects.filter(kind="camt029").count() == 1


def test_what_we_do_not_hold_is_said_so(branch: people.Stage) -> None:
    row = request_of(branch, reference="NEVER-CAME")
    assert (row.payment, row.match_code) == (None, "recall.not_held")
    assert requests.propose(ids=[row.pk], actor=people.person())[0].code == "recall.point_out"
    assert requests.refuse(ids=[row.pk], actor=people.person(), reason_code="NOOR")[0].done
    row.refresh_from_db()
    answer = content(row.answer_file)
    assert iso.faults(answer) == []
    assert iso.leaves(answer, "RsltnOfInvstgtn/CxlDtls/TxInfAndSts/CxlStsRsnInf/Rsn/Cd") == ["NOOR"]
    assert iso.leaves(answer, "RsltnOfInvstgtn/CxlDtls/TxInfAndSts/OrgnlIntrBkSttlmAmt") == ["250.00"]


def test_without_an_amount_it_is_answered_too(branch: people.Stage) -> None:
    row = request_of(branch, amount="")
    assert row.match_code == "recall.not_held"
    assert requests.refuse(ids=[row.pk], actor=people.person(), reason_code="NOOR")[0].done
    row.refresh_from_db()
    assert iso.faults(content(row.answer_file)) == []


def test_a_message_in_parts(branch: people.Stage) -> None:
    one, two = came_in(branch, reference="A"), came_in(branch, "10.00", reference="B")
    twin = came_in(branch, "5.00", reference="C"), came_in(branch, "5.00", reference="C")
    assert twin[0].pk != twin[1].pk
    message = take_in(branch, camt056([
        {"reference": "A", "amount": "250.00", "case": "1"}, {"reference": "B", "amount": "10.01", "case": "2"},
        {"reference": "C", "amount": "5.00", "case": "3"}, {"reference": "D", "amount": "1.00", "case": "4"},
        {"reference": "A", "amount": "250.00", "case": "1"},
    ]))  # fmt: skip
    assert outcomes(message) == [("recorded", "")] * 4 + [("recorded", "recall.seen_before")]
    rows = list(RecallRequest.objects.order_by("pk"))
    assert [(row.payment_id, row.match_code) for row in rows] == [
        (one.pk, ""), (None, "recall.other_amount"), (None, "answer.ambiguous"), (None, "recall.not_held"),
    ]  # fmt: skip
    again = take_in(branch, camt056([{"reference": "A", "amount": "250.00", "case": "1"}], message_id="RECALL-2"))
    assert outcomes(again) == [("recorded", "recall.seen_before")]
    assert requests.propose(ids=[rows[1].pk], actor=people.person(), payment_id=two.pk)[0].code == (
        "recall.other_amount"
    )
    assert requests.propose(ids=[rows[2].pk], actor=people.person(), payment_id=twin[1].pk)[0].done
    assert requests.propose(ids=[row.pk for row in rows], actor=people.person())[0].done
    outcome = requests.confirm(ids=[row.pk for row in rows], actor=signer(branch))
    assert [one.code for one in outcome] == ["", "recall.answered_before", "", "recall.answered_before"]
    assert OutgoingFile.objects.filter(kind="pacs004").get().payment_count == 2
    assert PaymentState.objects.get(pk=twin[0].pk).status == "settled"
    assert ledger.audit() == []


def test_the_account_must_have_it(branch: people.Stage) -> None:
    payment = came_in(branch)
    row = request_of(branch)
    requests.propose(ids=[row.pk], actor=people.person())
    spent = people.payment(branch, amount="10100.00", status="approved")
    assert ledger.reserve([spent.pk]) == {}
    supervisor = signer(branch)
    before = balances(branch)
    assert requests.confirm(ids=[row.pk], actor=supervisor)[0].code == "payment.AM04"
    row.refresh_from_db()
    assert (row.status, balances(branch), PaymentState.objects.get(pk=payment.pk).status) == (
        "proposed", before, "settled",
    )  # fmt: skip
    assert not OutgoingFile.objects.filter(kind__in=["camt029", "pacs004"]).exists()
    assert requests.refuse(ids=[row.pk], actor=supervisor, reason_code="AM04")[0].done


def test_who_confirms(branch: people.Stage) -> None:
    came_in(branch)
    importer, proposer = signer(branch), signer(branch)
    message = take_in(branch, camt056([{"reference": "THEIR-REF", "amount": "250.00"}]), importer)
    row = RecallRequest.objects.get(item__message=message)
    requests.propose(ids=[row.pk], actor=proposer)
    assert requests.confirm(ids=[row.pk], actor=proposer)[0].code == "recall.own_work"
    assert requests.confirm(ids=[row.pk], actor=importer)[0].code == "answer.own_message"
    assert requests.confirm(ids=[row.pk], actor=signer(branch, "249.99"))[0].code == "payment.over_limit"
    with refused("payment.by_machine"):
        requests.confirm(ids=[row.pk], actor=people.person("supervisor", is_machine=True))
    elsewhere = people.bank_branch("OTHER", iban="DE89370400440532013000")
    stranger = people.person("supervisor", entity=elsewhere.entity)
    assert requests.confirm(ids=[row.pk], actor=stranger)[0].code == "not_there"
    assert balances(branch) == ("10250.00", "0.00", "10250.00")
    assert requests.confirm(ids=[row.pk], actor=signer(branch, "250"))[0].done


def test_what_left_us_did_not_come_in(branch: people.Stage) -> None:
    ours = people.payment(
        branch, amount="250.00", status="settled", end_to_end_id="THEIR-REF", creditor_account=branch.customer
    )
    row = request_of(branch)
    assert row.match_code == "recall.not_held"
    assert requests.propose(ids=[row.pk], actor=people.person(), payment_id=ours.pk)[0].code == "recall.not_incoming"


def test_a_whole_file_waits_in_the_queue(branch: people.Stage) -> None:
    whole = camt056([{"reference": "X", "amount": "1.00"}]).replace(
        b"<Undrlyg>", b"<Undrlyg><OrgnlGrpInfAndCxl><OrgnlMsgId>T</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08"
        b"</OrgnlMsgNmId><GrpCxl>true</GrpCxl></OrgnlGrpInfAndCxl>",
    )  # fmt: skip
    message = take_in(branch, whole)
    assert outcomes(message) == [("unknown", "recall.of_a_file"), ("recorded", "")]
    item = message.items.get(position=1)
    with refused("answer.of_a_file"):
        messages.assign(item_id=item.pk, payment_id=1, actor=people.person("supervisor"), reason="x")
    messages.dismiss(item_id=item.pk, actor=people.person("supervisor"), reason="They name the payments")


def test_hostile_words_stay_words(branch: people.Stage) -> None:
    """What the other bank wrote comes back in our answer: escaped, cut, and never as a BIC that is none."""
    sender = "<Pty><Nm>&lt;/Nm&gt; &amp; Söhne</Nm></Pty>"
    evil = camt056([{"reference": "a<b&c", "amount": "1.00", "case": "</TxInf>", "transaction": "x" * 90}],
                   sender=sender).replace(b"<BICFI>COBADEFFXXX</BICFI>", b"<BICFI>&lt;X/&gt;</BICFI>")  # fmt: skip
    row = RecallRequest.objects.get(item__message=take_in(branch, evil))
    assert (row.sender, row.debtor_bic) == ("</Nm> & Söhne", "<X/>")
    requests.refuse(ids=[row.pk], actor=people.person(), reason_code="NOOR", reason="<Nm>")
    row.refresh_from_db()
    answer = content(row.answer_file)
    assert iso.faults(answer) == []
    assert iso.leaves(answer, "RsltnOfInvstgtn/CxlDtls/TxInfAndSts/OrgnlEndToEndId") == ["a<b&c"]
    assert iso.leaves(answer, "RsltnOfInvstgtn/Assgnmt/Assgne/Pty/Nm") == ["/Nm + Soehne"]


def test_the_count_must_be_right(branch: people.Stage) -> None:
    message = take_in(branch, camt056([{"reference": "X", "amount": "1.00"}], count="2"))
    assert (message.status, message.refusal_code) == ("refused", "message.broken")
    assert not RecallRequest.objects.exists()


def test_our_recall_comes_back_to_us(branch: people.Stage) -> None:
    """What we write as a recall, the reader of recalls reads: as the other bank would."""
    from tests.transactions.test_recalls import recalled

    (recall,), (payment,) = recalled(branch, "33.00", reason_code="CUST")
    other = people.bank_branch("OTHER", iban="DE89370400440532013000")
    message = take_in(other, content(recall.file))
    row = RecallRequest.objects.get(item__message=message)
    assert (row.cancellation_id, row.item.reason_code, row.item.amount, row.item.end_to_end_id) == (
        f"R{recall.pk}", "CUST", Decimal(33), payment.end_to_end_id,
    )  # fmt: skip
    assert (row.creditor_number, row.debtor_number) == (payment.creditor_number, payment.debtor_number)
    requests.refuse(ids=[row.pk], actor=people.person(), reason_code="NOOR")
    row.refresh_from_db()
    answer = take_in(branch, content(row.answer_file))
    assert outcomes(answer) == [("applied", "")]
    recall.refresh_from_db()
    assert (recall.status, recall.answer_code) == ("refused", "NOOR")


def test_a_file_that_answers_nothing(branch: people.Stage) -> None:
    message = take_in(branch, camt029([{"reference": "X"}]))
    assert (message.status, message.refusal_code) == ("refused", "message.broken"), "an answer without a status"


class TestTheDatabase:
    def _refuses(self, statement: str, params: list[Any]) -> None:
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            sql.run(statement, params)

    def test_nobody_passes_the_second_person(self, branch: people.Stage) -> None:
        came_in(branch)
        row = request_of(branch)
        operator = people.person()
        update = "update transactions_recallrequest set {} where id = %s"
        self._refuses(update.format("status = 'accepted'"), [row.pk])
        requests.propose(ids=[row.pk], actor=operator)
        file = OutgoingFile.objects.create(
            entity=branch.entity, account=branch.customer, kind="camt029", message_id="X", currency="EUR",
            execution_date=date(2026, 11, 27), prepared_at=row.item.message.created_at,
        )  # fmt: skip
        accept = f"status = 'accepted', answer_file_id = {file.pk}, return_file_id = {file.pk}, decided_by_id = "
        self._refuses(update.format(accept + str(operator.pk)), [row.pk])
        self._refuses(update.format(accept + str(people.person().pk)), [row.pk])  # not given back
        self._refuses(update.format("status = 'refused'"), [row.pk])
        self._refuses("delete from transactions_recallrequest where id = %s", [row.pk])

    def test_answered_is_answered(self, branch: people.Stage) -> None:
        came_in(branch)
        row = request_of(branch)
        requests.refuse(ids=[row.pk], actor=people.person(), reason_code="CUST")
        for change in ("status = 'open'", "answer_code = 'NOAS'", "status = 'proposed'", "payment_id = null"):
            self._refuses(f"update transactions_recallrequest set {change} where id = %s", [row.pk])
