"""What the application's role cannot make true by SQL of its own, whatever a programmer or an intruder asks of it."""

from contextlib import nullcontext
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from backoffice.common import sql
from controls import approvals
from controls.models import ApprovalPolicy
from documents.models import AuditRecord
from tests import database, people
from transactions import ledger, settlement, workflow
from transactions.models import AccountBalance, Hold, OutgoingFile, Payment, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db
FORBIDDEN = "permission denied|row-level security"
NEW_STATE = """
    insert into transactions_paymentstate (payment_id, entity_id, status, version, priority, due_at, outcome, risk,
        hold_count, approvals_required, approvals_given, changed_at{names})
    values (%s, %s, %s, 1, 0, now(), '', 0, 0, %s, %s, now(){values})
"""


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def refused(query: str, params: list[Any] | None = None, *, match: str, kind: type[Exception] = DatabaseError) -> None:
    with pytest.raises(kind, match=match), transaction.atomic():
        sql.run(query, params)


def signed(payment: Payment, *, stages: int = 2) -> None:
    people.asks(payment, stages - 1)
    for number in range(stages):
        sql.run(
            "insert into transactions_paymentapproval (payment_id, stage, person_id, reason_code, reason, given_at) "
            "values (%s, %s, %s, '', '', now())",
            [payment.pk, number, people.person().pk],
        )


def set_status(payment: Payment, status: str, more: str = "") -> str:
    return f"update transactions_paymentstate set status = '{status}' {more} where payment_id = {payment.pk}"


def status(payment: Payment) -> str:
    return PaymentState.objects.get(pk=payment.pk).status


def approved(stage: people.Stage, amount: str = "150.00") -> Payment:
    payment = people.payment(stage, amount=amount)
    approvals.validate(ids=[payment.pk], actor=people.person())
    workflow.approve(ids=[payment.pk], actor=people.person())
    assert status(payment) == "approved"
    return payment


class TestStates:
    @pytest.mark.parametrize("made", ["checked", "validated", "approved", "posted", "sent", "settled", "returned"])
    def test_a_payment_begins_as_received(self, stage: people.Stage, made: str) -> None:
        payment = people.payment(stage)
        database.as_owner("delete from transactions_paymentstate where payment_id = %s", [payment.pk])
        given = 1 if made in {"approved", "posted", "sent", "settled", "returned"} else 0
        plain = NEW_STATE.format(names="", values="")
        params = [payment.pk, stage.entity.pk, made, 1, given]
        refused(plain, params, match=FORBIDDEN, kind=ProgrammingError)
        assert sql.run(plain, [payment.pk, stage.entity.pk, "received", 1, 0]) == 1

    def test_a_payment_begins_unsigned_and_without_funds(self, stage: people.Stage) -> None:
        payment = people.payment(stage)
        database.as_owner("delete from transactions_paymentstate where payment_id = %s", [payment.pk])
        start = [payment.pk, stage.entity.pk, "received"]
        refused(NEW_STATE.format(names="", values=""), [*start, 1, 1], match=FORBIDDEN)
        refused(NEW_STATE.format(names=", funds_held", values=", true"), [*start, 1, 0], match=FORBIDDEN)
        refused(
            NEW_STATE.format(names="", values=""), [*start, 0, 0], match="state_approved_by_one", kind=IntegrityError
        )

    @pytest.mark.parametrize("target", ["posted", "settled", "returned"])
    def test_what_moves_with_the_books_is_not_moved_without_them(self, stage: people.Stage, target: str) -> None:
        before = {"posted": "approved", "settled": "sent", "returned": "settled"}[target]
        payment = people.payment(stage, status=before)
        refused(set_status(payment, target), match=FORBIDDEN, kind=ProgrammingError)
        assert status(payment) == before

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("received", "validated"), ("received", "rejected"), ("checked", "sent"), ("rejected", "checked"),
            ("rejected", "validated"), ("cancelled", "received"), ("cancelled", "checked"), ("posted", "rejected"),
            ("posted", "cancelled"), ("sent", "rejected"), ("sent", "checked"), ("settled", "sent"),
            ("settled", "received"), ("returned", "received"), ("posted", "approved"), ("sent", "approved"),
        ],
    )  # fmt: skip
    def test_no_way_but_those_of_the_table(self, stage: people.Stage, before: str, after: str) -> None:
        payment = people.payment(stage, status=before)
        refused(set_status(payment, after), match="does not go from|state_|before it is signed", kind=IntegrityError)
        assert status(payment) == before

    def test_the_guard_and_the_table_of_verbs_are_one(self) -> None:
        """Every move that a verb makes passes, and no other does, among all pairs of states."""
        table = {
            (source, str(verb.target))
            for name, verb in workflow.TRANSITIONS.items()
            for source in verb.sources
            if verb.target
        }
        table |= {("received", "checked"), ("approved", "settled"), ("posted", "sent")}
        text = sql.rows(
            "select pg_get_triggerdef(oid) from pg_trigger where tgname = 'known_transition' and not tgisinternal"
        )[0][0]
        condition = text[text.index(" WHEN (") + 6 : text.index(" EXECUTE FUNCTION")]
        every = [str(value) for value in PaymentState.Status.values]
        query = f"""
            select old.status, new.status
            from (select unnest(%s::text[]) as status) old,
                 (select unnest(%s::text[]) as status, false as funds_held) n
                 cross join lateral (select n.status, n.status = 'approved' as funds_held) new
            where old.status <> new.status and not {condition}
        """
        assert set(sql.rows(query, [every, every])) == table

    def test_an_approval_needs_its_signatures_its_funds_and_no_hold(self, stage: people.Stage) -> None:
        payment = people.payment(stage, status="validated")
        signed(payment)
        approve = set_status(payment, "approved", ", approvals_given = 1")
        refused(approve, match="does not go from validated to approved", kind=IntegrityError)
        with transaction.atomic():
            assert ledger.reserve([payment.pk]) == {}
        held = Hold.objects.create(payment=payment, code="person", placed_at=payment.received_at)
        refused(approve, match="not approved while it is held", kind=IntegrityError)
        Hold.objects.filter(pk=held.pk).update(lifted_at=payment.received_at)
        assert sql.run(approve) == 1

    def test_the_requirement_is_not_lowered_after_validation(self, stage: people.Stage) -> None:
        raised = people.payment(stage, status="validated", approvals_required=2)
        lower = f"update transactions_paymentstate set approvals_required = 1 where payment_id = {raised.pk}"
        refused(lower, match="frozen when a payment is validated", kind=IntegrityError)
        refused(
            set_status(raised, "approved", ", approvals_required = 1, approvals_given = 1"),
            match="frozen|does not go", kind=IntegrityError,
        )  # fmt: skip
        nobody = people.payment(stage)
        signed(nobody, stages=1)
        refused(
            set_status(nobody, "validated", ", approvals_required = 0"),
            match="state_approved_by_one",
            kind=IntegrityError,
        )

    def test_reserved_funds_are_not_flipped_or_left_behind(self, stage: people.Stage) -> None:
        payment = approved(stage)
        refused(f"update transactions_paymentstate set funds_held = false where payment_id = {payment.pk}",
                match=FORBIDDEN)  # fmt: skip
        refused(set_status(payment, "rejected"), match="does not go from approved to rejected", kind=IntegrityError)
        assert AccountBalance.objects.get(account=stage.customer).held == Decimal("150.00")

    def test_a_state_stays_with_its_payment_and_entity(self, stage: people.Stage) -> None:
        payment = people.payment(stage)
        refused(f"update transactions_paymentstate set entity_id = 0 where payment_id = {payment.pk}", match=FORBIDDEN)

    def test_a_temporary_table_does_not_stand_in_for_the_signatures(self, stage: people.Stage) -> None:
        payment = people.payment(stage)
        with connection.cursor() as cursor:
            cursor.execute(
                "create temporary table transactions_paymentapproval on commit drop as "
                "select %s::bigint as payment_id, g::smallint as stage, g::bigint as person_id, "
                "null::timestamptz as withdrawn_at from generate_series(0, 1) g",
                [payment.pk],
            )
        refused(set_status(payment, "validated"), match="before it is signed", kind=IntegrityError)
        with connection.cursor() as cursor:
            cursor.execute("drop table pg_temp.transactions_paymentapproval")


class TestSignatures:
    def test_one_is_not_withdrawn_while_the_payment_rests_on_it(self, stage: people.Stage) -> None:
        payment = approved(stage)
        refused(
            f"update transactions_paymentapproval set withdrawn_at = now() where payment_id = {payment.pk}",
            match="stays while the payment rests on it",
            kind=IntegrityError,
        )

    def test_who_signs_first_and_amends_then_is_found_out(self, stage: people.Stage) -> None:
        payment, person = people.payment(stage), people.person()
        PaymentApproval.objects.create(payment=payment, stage=0, person=person, given_at=payment.received_at)
        answer = workflow.amend(
            payment_id=payment.pk, actor=person, changes={"creditor_name": "Mine"}, version=1, reason="x"
        )
        assert answer.done
        sql.run(set_status(payment, "checked"))
        refused(set_status(payment, "validated"), match="before it is signed", kind=IntegrityError)

    def test_neither_programs_nor_closed_accounts_sign(self, stage: people.Stage) -> None:
        payment = people.payment(stage)
        for fields in ({"is_machine": True}, {"is_active": False}):
            with pytest.raises(IntegrityError, match="person whose account is open"), transaction.atomic():
                PaymentApproval.objects.create(
                    payment=payment, stage=0, person=people.person(**fields), given_at=payment.received_at
                )

    def test_versions_are_kept(self, stage: people.Stage) -> None:
        payment, person = people.payment(stage), people.person()
        workflow.amend(payment_id=payment.pk, actor=person, changes={"creditor_name": "Mine"}, version=1, reason="why")
        version = payment.history.latest()
        assert (version.history_user_id, version.history_change_reason) == (person.pk, "why")
        refused("delete from transactions_historicalpayment", match=FORBIDDEN)
        refused("update transactions_historicalpayment set history_user_id = null", match=FORBIDDEN)


class TestFacts:
    @pytest.mark.parametrize(
        "change",
        [
            "amount = 1", "currency = 'USD'", "maker_id = null", "debtor_account_id = null", "fingerprint = '\\x00'",
            "batch_id = 0", "received_at = now()", "entity_id = 0", "channel = 'api'",
        ],
    )  # fmt: skip
    def test_what_never_changes(self, stage: people.Stage, change: str) -> None:
        payment = people.payment(stage)
        refused(f"update transactions_payment set {change} where id = {payment.pk}", match=FORBIDDEN)

    @pytest.mark.parametrize("status", ["validated", "approved", "posted", "sent", "settled"])
    def test_the_payee_is_not_changed_under_a_signature(self, stage: people.Stage, status: str) -> None:
        payment = people.payment(stage, status=status)
        for change in (
            "creditor_number = 'FR00'",
            "creditor_name = 'Mine'",
            "kind = 'internal'",
        ):
            refused(
                f"update transactions_payment set {change} where id = {payment.pk}",
                match="amended before it is signed",
                kind=IntegrityError,
            )
        payment.refresh_from_db()
        assert (payment.creditor_number, payment.kind) == (people.PAYEE_IBAN, "sepa")

    def test_a_hold_is_lifted_once_and_keeps_its_words(self, stage: people.Stage) -> None:
        payment = people.payment(stage)
        Hold.objects.create(payment=payment, code="person", reason="Fraud?", placed_at=payment.received_at)
        refused("update transactions_hold set reason = ''", match=FORBIDDEN)
        assert sql.run("update transactions_hold set lifted_at = now()") == 1
        refused("update transactions_hold set lifted_at = null", match="written once", kind=IntegrityError)

    def test_a_file_stays_the_one_that_came(self, stage: people.Stage) -> None:
        batch = people.batch(stage)
        refused("update documents_attachment set sha256 = 'x'", match=FORBIDDEN)
        refused("delete from documents_attachmentlink", match=FORBIDDEN)
        for change in ("sha256 = 'x'", "imported_by_id = null, source_id = null", "channel = 'api'"):
            refused(f"update transactions_paymentbatch set {change} where id = {batch.pk}", match="written once")

    def test_acts_are_recorded_at_their_moment_in_their_transaction(self) -> None:
        plain = "insert into documents_auditrecord (subject_type, subject_id, action{}) values ('user', 1, 'x'{})"
        for name, value in (("occurred_at", "'2020-01-01'"), ("xid", "'1'")):
            refused(plain.format(f", {name}", f", {value}"), match=FORBIDDEN)
        numbered = plain.format(", id", ", 1").replace("values", "overriding system value values")
        refused(numbered, match=FORBIDDEN)
        assert sql.run(plain.format("", "")) == 1
        record = AuditRecord.objects.get(action="x")
        assert sql.rows("select %s >= now()", [record.occurred_at]) == [(True,)]


class TestBooks:
    def test_nobody_but_their_owner_makes_money(self, stage: people.Stage) -> None:
        made = people.account(stage.entity, "MINE", "customer", "C")
        refused("select open_balance(%s, %s, 1000)", [made.pk, stage.bank.pk], match=FORBIDDEN)
        database.as_owner("delete from transactions_accountbalance where account_id = %s", [made.pk])
        new = "insert into transactions_accountbalance (account_id, balance, held, floor) values (%s, %s, %s, 0)"
        refused(new, [made.pk, 1000, 0], match=FORBIDDEN)
        refused(new, [made.pk, 0, -5], match=FORBIDDEN)
        assert sql.run(new, [made.pk, 0, 0]) == 1
        for table in ("transactions_journalentry", "transactions_posting"):
            refused(f"insert into {table} (id) values (1)", match=FORBIDDEN)
        for change in ("balance = 1", "held = 0", "floor = null"):
            refused(f"update transactions_accountbalance set {change}", match=FORBIDDEN)

    @pytest.mark.parametrize("change", ["currency = 'USD'", "normal_side = 'D'", "transit_id = id", "iban = ''"])
    def test_an_account_stays_what_it_is(self, stage: people.Stage, change: str) -> None:
        refused(f"update transactions_account set {change} where id = {stage.customer.pk}", match=FORBIDDEN)
        assert sql.run("update transactions_account set status = 'blocked' where id = %s", [stage.customer.pk]) == 1

    def test_a_file_for_the_bank_has_posted_payments_alone(self, stage: people.Stage) -> None:
        waiting, gone = people.payment(stage), people.payment(stage, status="posted")
        [file] = settlement.prepare_due()
        refused(
            "insert into transactions_outgoingitem (payment_id, file_id) values (%s, %s)", [waiting.pk, file.pk],
            match="posted payments of its account", kind=IntegrityError,
        )  # fmt: skip
        late = people.payment(stage, status="posted")
        refused(
            "insert into transactions_outgoingitem (payment_id, file_id) values (%s, %s)", [late.pk, file.pk],
            match="posted payments of its account", kind=IntegrityError,
        )  # fmt: skip
        refused(set_status(late, "sent"), match="sent in a file", kind=IntegrityError)
        assert status(gone) == "posted"

    def test_a_file_for_the_bank_is_sent_once_as_it_was_written(self, stage: people.Stage) -> None:
        people.payment(stage, status="posted")
        [file] = settlement.prepare_due()
        settlement.send(file_id=file.pk, actor=people.person("supervisor"))
        for change in ("status = 'prepared'", "message_id = 'again'", "attachment_id = null", "sent_at = now()"):
            refused(f"update transactions_outgoingfile set {change}", match="written once", kind=IntegrityError)
        refused("update transactions_outgoingfile set control_sum = 0", match=FORBIDDEN)
        refused("delete from transactions_outgoingfile", match=FORBIDDEN)
        assert OutgoingFile.objects.get().status == "sent"


@pytest.mark.django_db(transaction=True)
def test_the_owner_brings_in_what_was_there_before(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    stage = people.bank_branch(balance="0")
    words = ["open_balance", stage.entity.code, "BANK-CUST", "12500.00", "BANK-NOSTRO"]
    monkeypatch.setattr("backoffice.preparation.owner", nullcontext)
    with pytest.raises(CommandError, match="permission denied for function open_balance"):
        call_command(*words)
    monkeypatch.setattr("backoffice.preparation.owner", database.the_owner)
    with pytest.raises(CommandError, match="has no account NONE"):
        call_command("open_balance", stage.entity.code, "NONE", "10.00", "BANK-NOSTRO")
    call_command(*words)
    assert capsys.readouterr().out.startswith("BANK-CUST opens with 12500.00 EUR, entry ")
    with pytest.raises(CommandError, match="opened once"):
        call_command(*words)
    balances = AccountBalance.objects.filter(account__in=[stage.customer, stage.bank]).values_list("balance", flat=True)
    assert list(balances) == [Decimal(12500), Decimal(12500)]
    assert AuditRecord.objects.filter(action="account.opening_posted", subject_id=stage.customer.pk).count() == 1
    assert ledger.audit() == []
