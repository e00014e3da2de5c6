"""Recalls of ours: asked for in time, approved by another, sent once, answered once, in whatever order answers come."""

from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import Conflict, Denied
from documents import attachments
from documents.models import AuditRecord
from tests import database, iso, people
from tests.files import camt029, pacs004, pain002
from tests.transactions.test_messages import balances, outcomes, refused, sent, statuses, take_in
from tests.transactions.test_messages import branch as _branch  # noqa: F401
from transactions import ledger, messages, settlement
from transactions.models import OutgoingFile, Payment, Recall
from transactions.recalls import asking, deadlines
from transactions.recalls.outcomes import Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def branch(_branch: people.Stage) -> people.Stage:  # noqa: F811
    return _branch


def asked(payments: list[Payment], reason_code: str = "DUPL", actor: Any = None) -> list[Recall]:
    outcomes = asking.ask(
        payment_ids=[payment.pk for payment in payments], actor=actor or people.person(), reason_code=reason_code,
        reason="Paid twice",
    )  # fmt: skip
    assert all(one.done for one in outcomes), outcomes
    return [Recall.objects.get(pk=one.made) for one in outcomes]


def recalled(branch: people.Stage, *amounts: str, reason_code: str = "DUPL") -> tuple[list[Recall], list[Payment]]:
    """Payments that were sent, and recalled by a file that was sent."""
    _file, payments = sent(branch, *amounts)
    recalls = asked(payments, reason_code)
    supervisor = people.person("supervisor")
    assert all(one.done for one in asking.approve(ids=[recall.pk for recall in recalls], actor=supervisor))
    for recall in recalls:
        recall.refresh_from_db()
    settlement.send(file_id=recalls[0].file_id or 0, actor=supervisor)
    for recall in recalls:
        recall.refresh_from_db()
    return recalls, payments


def standing(recalls: list[Recall]) -> list[tuple[str, str]]:
    rows = Recall.objects.filter(pk__in=[r.pk for r in recalls])
    return [(recall.status, recall.answer_code) for recall in rows.order_by("pk")]


def acts(recall: Recall) -> list[str]:
    rows = AuditRecord.objects.filter(subject_type="recall", subject_id=recall.pk).order_by("id")
    return [row.action for row in rows]


def said(recall: Recall, status: str = "ACCR", **more: str) -> dict[str, str]:
    return {"instruction": f"P{recall.payment_id}", "status": status, **more}


def test_from_the_request_to_the_money(branch: people.Stage) -> None:
    _file, payments = sent(branch, "100.00", "200.00")
    operator, supervisor = people.person(), people.person("supervisor")
    one, two = asked(payments, actor=operator)
    until = deadlines.ask_until("DUPL", _file.execution_date)
    assert (one.status, one.ask_until, one.asked_by, one.reason) == ("asked", until, operator, "Paid twice")
    assert balances(branch) == ("9700.00", "300.00", "10000.00"), "nothing moves by asking"
    outcome = asking.approve(ids=[one.pk, two.pk], actor=supervisor)
    assert [(o.done, o.made) for o in outcome] == [(True, one.pk), (True, two.pk)]
    file = OutgoingFile.objects.get(kind="camt056")
    one.refresh_from_db()
    assert (one.status, one.file, one.approved_by, one.sent_at) == ("approved", file, supervisor, None)
    assert (file.payment_count, file.control_sum, file.currency, file.status) == (2, 300, "EUR", "prepared")
    assert file.attachment is not None
    content = attachments.read(file.attachment)
    assert iso.faults(content) == []
    at = "FIToFIPmtCxlReq/Undrlyg/TxInf"
    assert iso.leaves(content, "FIToFIPmtCxlReq/Assgnmt/Id") == [file.message_id]
    assert iso.leaves(content, f"{at}/CxlId") == [f"R{one.pk}", f"R{two.pk}"]
    assert iso.leaves(content, f"{at}/OrgnlInstrId") == [f"P{p.pk}" for p in payments]
    assert iso.leaves(content, f"{at}/OrgnlEndToEndId") == [p.end_to_end_id for p in payments]
    assert iso.leaves(content, f"{at}/OrgnlGrpInf/OrgnlMsgId") == [_file.message_id] * 2
    assert iso.leaves(content, f"{at}/OrgnlGrpInf/OrgnlMsgNmId") == ["pain.001.001.09"] * 2
    assert iso.leaves(content, f"{at}/OrgnlIntrBkSttlmAmt") == ["100.00", "200.00"]
    assert iso.leaves(content, f"{at}/CxlRsnInf/Rsn/Cd") == ["DUPL"] * 2
    assert iso.leaves(content, "FIToFIPmtCxlReq/CtrlData/CtrlSum") == ["300.00"]
    settlement.send(file_id=file.pk, actor=supervisor)
    one.refresh_from_db()
    due = deadlines.answer_due(deadlines.today(branch.entity.time_zone))
    assert (one.status, one.answer_due) == ("sent", due)
    assert (Path(settings.STATE_DIR) / "outgoing" / f"{file.message_id}.xml").read_bytes() == content
    with pytest.raises(Conflict):
        settlement.send(file_id=file.pk, actor=supervisor)
    with refused("outgoing.nothing_to_settle"):
        settlement.confirm(file_id=file.pk, actor=supervisor, value_date=date(2026, 11, 27))
    answer = take_in(branch, camt029([said(one), said(two, "RJCR", reason="CUST", text="Er sagt nein")]))
    assert (answer.kind, answer.status, answer.sender, answer.format) == (
        "camt029", "applied", "COBADEFFXXX", "camt.029.001.09",
    )  # fmt: skip
    assert outcomes(answer) == [("applied", "")] * 2
    assert standing([one, two]) == [("accepted", ""), ("refused", "CUST")]
    assert balances(branch) == ("9700.00", "300.00", "10000.00"), "the money comes with the return"
    back = {"instruction": f"P{payments[0].pk}", "reference": payments[0].end_to_end_id, "amount": "100.00",
            "reason": "FOCR"}  # fmt: skip
    take_in(branch, pacs004("X", [back]))
    assert balances(branch) == ("9800.00", "200.00", "10000.00")
    one.refresh_from_db()
    assert one.returned_at is not None
    assert one.answer_item is not None
    assert statuses(payments) == ["returned", "sent"]
    assert acts(one) == ["recall.asked", "recall.approved", "recall.sent", "recall.answered", "recall.returned"]
    told = AuditRecord.objects.filter(subject_type="payment", subject_id=payments[1].pk, action__contains="recall")
    assert [row.action for row in told.order_by("id")] == [
        "payment.recall_asked", "payment.recall_approved", "payment.recall_sent", "payment.recall_answered",
    ]  # fmt: skip
    assert ledger.audit() == []


def _answers(recall: Recall, payment: Payment) -> dict[str, bytes]:
    back = {"instruction": f"P{payment.pk}", "reference": payment.end_to_end_id, "amount": "100.00", "reason": "FOCR"}
    return {
        "yes": camt029([said(recall)], message_id="YES"),
        "again": camt029([said(recall)], message_id="AGAIN"),
        "money": pacs004("X", [back]),
        "twice": pacs004("X", [back], message_id="RETURN-2"),
    }


@pytest.mark.parametrize("order", list(permutations(["yes", "again", "money", "twice"])))
def test_answer_and_money_come_in_any_order(branch: people.Stage, order: tuple[str, ...]) -> None:
    (recall,), payments = recalled(branch, "100.00")
    contents = _answers(recall, payments[0])
    applied = [outcomes(take_in(branch, contents[name]))[0] for name in order]
    recall.refresh_from_db()
    assert recall.status == "accepted"
    assert recall.returned_at is not None
    assert recall.answered_at is not None
    assert balances(branch) == ("10000.00", "0.00", "10000.00")
    assert sorted(applied) == [("applied", ""), ("applied", ""), ("recorded", ""), ("recorded", "")]
    assert ledger.audit() == []


@pytest.mark.parametrize("first", ["ACCR", "RJCR"])
def test_what_contradicts_waits_for_a_person(branch: people.Stage, first: str) -> None:
    (recall,), _payments = recalled(branch, "100.00")
    other = {"ACCR": "RJCR", "RJCR": "ACCR"}[first]
    take_in(branch, camt029([said(recall, first, reason="NOAS")]))
    before = standing([recall])
    message = take_in(branch, camt029([said(recall, other)], message_id="ANSWER-2"))
    assert outcomes(message) == [("refused", "recall.answered_otherwise")]
    assert standing([recall]) == before
    with refused("recall.answered_otherwise"):
        messages.assign(
            item_id=message.items.get().pk, payment_id=recall.payment_id, actor=people.person("supervisor"),
            reason="Look",
        )  # fmt: skip
    messages.dismiss(item_id=message.items.get().pk, actor=people.person("supervisor"), reason="The bank erred")


def test_a_refusal_and_yet_the_money(branch: people.Stage) -> None:
    (recall,), payments = recalled(branch, "100.00")
    take_in(branch, camt029([said(recall, "RJCR", reason="NOAS")]))
    take_in(branch, _answers(recall, payments[0])["money"])
    recall.refresh_from_db()
    assert (recall.status, recall.answer_code, recall.returned_at is not None) == ("refused", "NOAS", True)
    late = take_in(branch, camt029([said(recall)], message_id="LATER"))
    assert outcomes(late) == [("refused", "recall.answered_otherwise")]


def test_a_pending_answer_moves_nothing(branch: people.Stage) -> None:
    (recall,), _payments = recalled(branch, "100.00")
    message = take_in(branch, camt029([said(recall, "PDCR")]))
    assert outcomes(message) == [("recorded", "")]
    assert standing([recall]) == [("sent", "")]
    assert acts(recall)[-1] == "recall.answered"
    take_in(branch, camt029([said(recall, "RJCR", reason="ARDT")], message_id="ANSWER-2"))
    assert standing([recall]) == [("refused", "ARDT")]


def test_one_message_answers_many_and_the_rest_waits(branch: people.Stage) -> None:
    recalls, payments = recalled(branch, "1.00", "2.00", "3.00", "4.00", "5.00", "6.00")
    answer = take_in(branch, camt029([
        said(recalls[0], amount="1.00"),
        said(recalls[1], "RJCR", reason="LEGL", amount="2.00"),
        {"reference": payments[2].end_to_end_id, "amount": "3.00", "status": "ACCR"},
        {"case": f"R{recalls[3].pk}", "status": "RJCR", "reason": "NOAS"},
        said(recalls[4], amount="5.01"),
        {"reference": "NOT-OURS", "status": "ACCR"},
        {"transaction": f"P{payments[5].pk}", "status": "RJCR", "reason": "AM04"},
        {"case": "R999999999999", "status": "ACCR"},
    ]))  # fmt: skip
    assert outcomes(answer) == [
        ("applied", ""), ("applied", ""), ("applied", ""), ("applied", ""), ("unknown", "answer.disagrees"),
        ("unknown", "recall.unknown"), ("applied", ""), ("unknown", "recall.unknown"),
    ]  # fmt: skip
    assert standing(recalls) == [
        ("accepted", ""), ("refused", "LEGL"), ("accepted", ""), ("refused", "NOAS"), ("sent", ""), ("refused", "AM04"),
    ]  # fmt: skip
    item = answer.items.get(position=6)
    with refused("recall.none_sent"):
        _one, (other,) = sent(branch, "7.00")
        messages.assign(item_id=item.pk, payment_id=other.pk, actor=people.person("supervisor"), reason="By phone")
    messages.assign(item_id=item.pk, payment_id=payments[4].pk, actor=people.person("supervisor"), reason="By phone")
    assert standing(recalls)[4] == ("accepted", "")


def test_an_answer_without_details_is_about_its_case(branch: people.Stage) -> None:
    recalls, _payments = recalled(branch, "1.00", "2.00")
    assert outcomes(take_in(branch, camt029([], whole="CNCL", case=f"R{recalls[0].pk}"))) == [("applied", "")]
    assert outcomes(take_in(branch, camt029([], whole="RJCR", message_id="2"))) == [("unknown", "recall.unknown")]
    assert standing(recalls) == [("accepted", ""), ("sent", "")]


def test_a_file_of_recalls_that_the_clearing_rejects(branch: people.Stage) -> None:
    recalls, payments = recalled(branch, "1.00", "2.00")
    file = OutgoingFile.objects.get(kind="camt056")
    partly = take_in(branch, pain002(file.message_id, group="ACTC", message_id="OK"))
    assert outcomes(partly) == [("recorded", "")]
    message = take_in(branch, pain002(file.message_id, group="RJCT", reason="FF01"))
    assert outcomes(message) == [("applied", "")]
    assert standing(recalls) == [("refused", "FF01")] * 2
    assert acts(recalls[0])[-1] == "recall.answered"
    assert statuses(payments) == ["sent", "sent"], "the payments are where they were"
    assert asked(payments)[0].status == "asked", "it can be asked for anew"


def test_another_entity_s_recall_is_not_answered(branch: people.Stage) -> None:
    (recall,), _payments = recalled(branch, "1.00")
    other = people.bank_branch("OTHER", iban="DE89370400440532013000")
    assert outcomes(take_in(other, camt029([said(recall), {"case": f"R{recall.pk}", "status": "ACCR"}]))) == [
        ("unknown", "recall.unknown")
    ] * 2  # fmt: skip
    assert standing([recall]) == [("sent", "")]


class TestAsking:
    def test_each_is_answered_on_its_own(self, branch: people.Stage) -> None:
        _file, payments = sent(branch, "1.00", "2.00")
        waiting = people.payment(branch)
        operator = people.person("operator", entity=branch.entity)
        other = people.bank_branch("OTHER", iban="DE89370400440532013000")
        theirs = people.payment(other)
        asked(payments[:1])
        ids = [payments[0].pk, payments[1].pk, waiting.pk, theirs.pk, 10**9]
        outcome = asking.ask(payment_ids=ids, actor=operator, reason_code="TECH", reason="Sent by mistake")
        assert [(one.key, one.done, one.code) for one in outcome] == [
            (payments[0].pk, False, "recall.open_before"), (payments[1].pk, True, ""),
            (waiting.pk, False, "recall.not_sent"), (theirs.pk, False, "not_there"), (10**9, False, "not_there"),
        ]  # fmt: skip
        assert Recall.objects.count() == 2

    def test_with_a_reason_and_words_by_a_person(self, branch: people.Stage) -> None:
        _file, payments = sent(branch, "1.00")
        key = payments[0].pk
        with refused("recall.reason_unknown"):
            asking.ask(payment_ids=[key], actor=people.person(), reason_code="MS03", reason="x")
        with refused("payment.reason_required"):
            asking.ask(payment_ids=[key], actor=people.person(), reason_code="FRAD", reason="  ")
        with refused("payment.by_machine"):
            asking.ask(
                payment_ids=[key], actor=people.person("operator", is_machine=True), reason_code="FRAD", reason="x"
            )
        with pytest.raises(Denied):
            asking.ask(payment_ids=[key], actor=people.person("auditor"), reason_code="FRAD", reason="x")
        assert not Recall.objects.exists()

    @pytest.mark.parametrize(
        ("code", "late"), [("DUPL", False), ("DUPL", True), ("CUST", False), ("CUST", True), ("FRAD", True)]
    )
    def test_the_day_after_the_last_is_too_late(self, branch: people.Stage, code: str, late: bool) -> None:
        file, payments = sent(branch, "1.00")
        today = deadlines.today(branch.entity.time_zone)
        executed = today - timedelta(days=500)
        while deadlines.ask_until(code, executed) < today - timedelta(days=1 if late else 0):
            executed += timedelta(days=1)
        database.update(OutgoingFile.objects.filter(pk=file.pk), execution_date=executed)
        (outcome,) = asking.ask(payment_ids=[payments[0].pk], actor=people.person(), reason_code=code, reason="x")
        if deadlines.ask_until(code, executed) < today:
            assert (outcome.code, outcome.params) == (
                "recall.too_late", {"until": deadlines.ask_until(code, executed).isoformat()},
            )  # fmt: skip
        else:
            assert outcome.done

    def test_a_debit_is_not_recalled(self, branch: people.Stage) -> None:
        for kind in ("debit", "internal"):
            key = people.payment(branch, status="settled", kind=kind).pk
            (outcome,) = asking.ask(payment_ids=[key], actor=people.person(), reason_code="DUPL", reason="x")
            assert outcome.code == "recall.wrong_kind"


class TestApproving:
    def test_by_another_person_once(self, branch: people.Stage) -> None:
        _file, payments = sent(branch, "1.00")
        asker, supervisor = people.person("supervisor"), people.person("supervisor")
        (recall,) = asked(payments, actor=asker)
        assert asking.approve(ids=[recall.pk], actor=asker)[0].code == "recall.own_work"
        with pytest.raises(Denied):
            asking.approve(ids=[recall.pk], actor=people.person())
        with refused("payment.by_machine"):
            asking.approve(ids=[recall.pk], actor=people.person("supervisor", is_machine=True))
        assert not OutgoingFile.objects.filter(kind="camt056").exists()
        assert asking.approve(ids=[recall.pk], actor=supervisor)[0].done
        assert asking.approve(ids=[recall.pk], actor=supervisor)[0].code == "recall.wrong_status"
        assert OutgoingFile.objects.filter(kind="camt056").count() == 1

    def test_not_when_the_money_is_back_or_the_day_is_over(
        self, branch: people.Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file, payments = sent(branch, "1.00", "2.00")
        one, two = asked(payments)
        take_in(branch, pain002(file.message_id, payments=[
            {"instruction": f"P{payments[0].pk}", "status": "RJCT", "reason": "AC01"}
        ]))  # fmt: skip
        one.refresh_from_db()
        assert (one.status, one.returned_at is not None) == ("withdrawn", True)
        after = two.ask_until + timedelta(days=1)
        monkeypatch.setattr(deadlines, "today", lambda _zone, _moment=None: after)
        assert asking.approve(ids=[one.pk, two.pk], actor=people.person("supervisor")) == [
            Outcome(one.pk, False, "recall.wrong_status", {"status": "withdrawn"}),
            Outcome(two.pk, False, "recall.too_late", {"until": two.ask_until.isoformat()}),
        ]

    def test_one_that_came_back_in_its_file_is_answered_when_it_goes(self, branch: people.Stage) -> None:
        file, payments = sent(branch, "1.00")
        (recall,) = asked(payments)
        supervisor = people.person("supervisor")
        asking.approve(ids=[recall.pk], actor=supervisor)
        take_in(branch, pain002(file.message_id, group="RJCT", reason="AM10"))
        recall.refresh_from_db()
        assert recall.status == "approved"
        settlement.send(file_id=recall.file_id or 0, actor=supervisor)
        assert standing([recall]) == [("accepted", "")]

    def test_taken_back_before(self, branch: people.Stage) -> None:
        _file, payments = sent(branch, "1.00", "2.00")
        one, two = asked(payments)
        with refused("payment.reason_required"):
            asking.withdraw(ids=[one.pk], actor=people.person(), reason="")
        assert asking.withdraw(ids=[one.pk], actor=people.person(), reason="It was right")[0].done
        asking.approve(ids=[two.pk], actor=people.person("supervisor"))
        assert asking.withdraw(ids=[two.pk], actor=people.person(), reason="x")[0].code == "recall.wrong_status"
        assert standing([one, two]) == [("withdrawn", ""), ("approved", "")]
        assert asked(payments[:1])[0].pk > two.pk, "it can be asked for anew"

    def test_between_banks_a_file_for_each_bank(self, branch: people.Stage) -> None:
        for bic in ("COBADEFFXXX", "BNPAFRPPXXX"):
            assert bic
        _file, payments = sent(branch, "1.00", "2.00", each=[
            {"creditor_bic": "COBADEFFXXX"}, {"creditor_bic": "BNPAFRPPXXX"},
        ])  # fmt: skip
        asking.approve(ids=[r.pk for r in asked(payments)], actor=people.person("supervisor"))
        assert OutgoingFile.objects.filter(kind="camt056").count() == 1, "of orders to our bank, one to our bank"

    def test_by_hand_returned_it_is_answered(self, branch: people.Stage) -> None:
        (recall,), payments = recalled(branch, "5.00")
        assert people.returned(payments[0])[0].done
        assert standing([recall]) == [("accepted", "")]


class TestDeadlines:
    def test_they_are_of_the_rulebook(self) -> None:
        friday = date(2026, 12, 18)
        assert deadlines.ask_until("DUPL", friday) == date(2027, 1, 5), "25 December and 1 January are closed"
        assert deadlines.ask_until("TECH", date(2026, 4, 1)) == date(2026, 4, 17), "Good Friday and Easter Monday"
        for code in ("FRAD", "CUST", "AC03", "AM09"):
            assert deadlines.ask_until(code, date(2026, 1, 31)) == date(2027, 2, 28)
        assert deadlines.answer_due(date(2026, 11, 27)) == date(2026, 12, 18)

    def test_the_sweeper_ends_what_passed(self, branch: people.Stage) -> None:
        recalls, _payments = recalled(branch, "1.00", "2.00")
        _file, more = sent(branch, "3.00")
        (waiting,) = asked(more)
        assert deadlines.sweep() == 0
        due = recalls[0].answer_due
        assert due is not None
        now = timezone.now()
        assert deadlines.sweep(now + (due - timezone.localdate())) in {0, 1}, "its last day is not over"
        assert Recall.objects.get(pk=recalls[0].pk).status == "sent"
        deadlines.sweep(now + (due - timezone.localdate()) + timedelta(days=1))
        assert [status for status, _code in standing([*recalls, waiting])] == ["expired"] * 3
        assert deadlines.sweep(now + timedelta(days=90)) == 0
        assert acts(recalls[0])[-1] == "recall.expired"
        answer = take_in(branch, camt029([said(recalls[0]), said(recalls[1], "RJCR", reason="NOAS")]))
        assert outcomes(answer) == [("applied", "")] * 2, "a late answer is an answer"
        assert asking.approve(ids=[waiting.pk], actor=people.person("supervisor"))[0].code == "recall.wrong_status"
        assert asked(more)[0].status == "asked", "asked for anew"


class TestTheDatabase:
    def _refuses(self, statement: str, params: list[Any]) -> None:
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            sql.run(statement, params)

    def test_a_recall_of_what_was_not_sent(self, branch: people.Stage) -> None:
        payment = people.payment(branch)
        with pytest.raises(IntegrityError, match="sent"), transaction.atomic():
            Recall.objects.create(
                payment=payment, entity=branch.entity, reason_code="DUPL", reason="x", ask_until=date(2027, 1, 1),
                asked_by=people.person(), asked_at=timezone.now(),
            )  # fmt: skip

    def test_one_open_recall_a_payment(self, branch: people.Stage) -> None:
        _file, payments = sent(branch, "1.00")
        (recall,) = asked(payments)
        with pytest.raises(IntegrityError, match="recall_open_once"), transaction.atomic():
            Recall.objects.create(
                payment=payments[0], entity=branch.entity, reason_code="DUPL", reason="x", ask_until=recall.ask_until,
                asked_by=people.person(), asked_at=timezone.now(),
            )  # fmt: skip

    def test_steps_that_there_are_not(self, branch: people.Stage) -> None:
        (recall,), _payments = recalled(branch, "1.00")
        update = "update transactions_recall set {} where id = %s"
        for change in (
            "status = 'asked'", "status = 'withdrawn'", "sent_at = now()", "answer_due = '2030-01-01'",
            "file_id = null", "approved_by_id = asked_by_id", "reason_code = 'FRAD'", "ask_until = '2030-01-01'",
        ):  # fmt: skip
            self._refuses(update.format(change), [recall.pk])
        take_in(branch, camt029([said(recall)]))
        for change in ("status = 'refused'", "answer_code = 'X'", "answered_at = now()", "answer_item_id = null"):
            self._refuses(update.format(change), [recall.pk])
        self._refuses("delete from transactions_recall where id = %s", [recall.pk])

    def test_it_goes_on_signed_by_another_in_a_file(self, branch: people.Stage) -> None:
        _file, payments = sent(branch, "1.00")
        (recall,) = asked(payments)
        set_ = "update transactions_recall set status = 'approved', approved_by_id = {}, file_id = {} where id = %s"
        for signed, file in (("null", str(_file.pk)), ("asked_by_id", str(_file.pk)), ("null", "null")):
            self._refuses(set_.format(signed, file), [recall.pk])
        self._refuses(set_.format(people.person("supervisor").pk, _file.pk), [recall.pk])
