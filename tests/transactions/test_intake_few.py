"""A few payments as data: what one call of the database keeps of them is what the usual way keeps."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import time
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.common import sql
from documents.models import AuditRecord
from tests import people
from transactions import intake, workflow
from transactions.intake import few, store
from transactions.models import (
    Account,
    BankDetails,
    IntakeProblem,
    IntakeSource,
    Party,
    Payee,
    Payment,
    PaymentBatch,
    PaymentState,
)

pytestmark = pytest.mark.django_db

DE, FR, US = "DE89370400440532013000", "FR7630006000011234567890189", "0123-OTHER"
# Tables that a call writes, and their columns that differ by the moment and the sequence alone.
TABLES = {
    "documents_attachment": {"id", "created_at"},
    "documents_attachmentlink": {"id", "created_at", "attachment_id", "subject_id"},
    "transactions_paymentbatch": {"id", "attachment_id", "created_at", "read_at"},
    "transactions_payment": {"id", "batch_id", "received_at"},
    "transactions_paymentstate": {"payment_id", "changed_at"},
    "transactions_intakeproblem": {"id", "batch_id"},
    "documents_auditrecord": {"id", "occurred_at", "xid", "digest", "subject_id"},
}


@pytest.fixture
def stage() -> people.Stage:
    """Accounts that meet by number, currency and code; payees that meet by account and by name."""
    made = people.bank_branch()
    owner = Party.objects.create(entity=made.entity, name="Coopérative du Port")
    people.account(made.entity, "SAVINGS", "customer", "C", iban=FR, owner=owner, name="Savings")
    people.cut_off(made.entity, time(14, 30), account=Account.objects.get(code="SAVINGS"))
    people.account(made.entity, "DOLLARS", "customer", "C", currency="USD", iban=FR, name="Dollars", bic="PSSTFRPPXXX")
    people.account(made.entity, "OTHER", "customer", "C", other_number=US, name="Other")
    for name, number in (("Kervella", DE), ("Kervella Matériaux", DE), ("Twice", ""), ("Twice", ""), ("Once", "")):
        key = name.lower().replace("é", "e")
        payee = Payee.objects.create(entity=made.entity, name=name, name_key=key, created_at=timezone.now())
        if number:
            BankDetails.objects.create(
                entity=made.entity, payee=payee, account_number=number, valid_from=timezone.now()
            )
    return made


PAYMENT = st.fixed_dictionaries(
    {
        "debtor_account": st.sampled_from([people.CUSTOMER_IBAN, FR, US, "SAVINGS", "DOLLARS", "NOBODY"]),
        "creditor_name": st.sampled_from(["Kervella", "Kervella Matériaux", "Twice", "Once", "", "A\tB",
            'O"\\n', "é" * 141]),
        "creditor_account": st.sampled_from([DE, "de89 3704 0044 0532 0130 00", FR, US, "SAVINGS", ""]),
        "amount": st.sampled_from(["1", "150.00", "0.01", "1.234", "9999999999999"]),
        "currency": st.sampled_from(["EUR", "EUR", "USD", "JPY", "EUX"]),
        "requested_execution_date": st.sampled_from(["2026-11-25", "2036-01-02", "2026-02-30"]),
    },
    optional={
        "kind": st.sampled_from(["internal", "sepa", "transfer"]),
        "creditor_bic": st.just("COBADEFFXXX"),
        "creditor_address": st.sampled_from([
            {"town": "Köln", "country": "DE"}, {"lines": ["a \\ b", '"c"']}, {"x": "y"}]),
        "end_to_end_id": st.text(max_size=36),
        "instruction_id": st.sampled_from(["I-1", "I-2"]),
        "remittance": st.text(max_size=40),
        "service_level": st.sampled_from(["SEPA", "URGP"]),
        "ultimate_debtor": st.just("Mother"),
    },
)  # fmt: skip


def kept(stage: people.Stage, payments: list[dict[str, Any]], options: dict[str, Any], *, most: int) -> dict[str, Any]:
    """Every row that a call adds, and whether all of it went by one call of the database; undone again."""
    with transaction.atomic():
        before = {table: sql.rows(f"select count(*) from {table}")[0][0] for table in TABLES}
        with mock.patch.object(few, "MOST", most):
            batch = intake.receive_payments(
                **{"payments": payments, "entity": stage.entity, "actor": None, "channel": "api", **options}
            )
        key = {"transactions_paymentstate": "payment_id"}
        added = {
            table: [
                {name: value for name, value in row.items() if name not in left}
                for row in sql.dicts(f"select * from {table} order by {key.get(table, 'id')}")[before[table] :]
            ]
            for table, left in TABLES.items()
        }
        due = sql.rows(
            "select s.due_at - s.changed_at < interval '4 hours' or null, s.changed_at = b.created_at"
            " from transactions_paymentstate s join transactions_payment p on p.id = s.payment_id"
            " join transactions_paymentbatch b on b.id = p.batch_id where b.id = %s order by s.payment_id",
            [batch.pk],
        )
        linked = sql.rows(
            "select l.attachment_id = %s, l.subject_id = %s from documents_attachmentlink l order by l.id desc limit 1",
            [batch.attachment_id, batch.pk],
        )
        names = [field.attname for field in batch._meta.concrete_fields]
        shown = {name: getattr(batch, name) for name in names if name not in TABLES["transactions_paymentbatch"]}
        for row in added["transactions_paymentstate"]:
            row.pop("due_at")
        for row in added["documents_auditrecord"]:
            row["data"] = row["data"].replace(f'"batch":{batch.pk},', '"batch":0,')
        transaction.set_rollback(True)
    shown["read_sum"], shown["said"] = f"{shown['read_sum']:.5f}", batch.said_count  # type: ignore[attr-defined]
    return {**added, "due": due, "linked": linked, "batch": shown}


@given(payments=st.lists(PAYMENT, min_size=1, max_size=4), twice=st.booleans(), sender=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_keep_the_same(
    stage: people.Stage, payments: list[dict[str, Any]], twice: bool, sender: bool
) -> None:
    options: dict[str, Any] = {"actor": None}
    if sender:
        options["actor"] = people.person(entity=stage.entity, is_machine=True)
        source, _made = IntakeSource.objects.get_or_create(
            entity=stage.entity, code="s", defaults={"name": "S", "maker": "sender"}
        )
        options["source"] = source
    asked = payments * 2 if twice else payments
    assert kept(stage, asked, options, most=20) == kept(stage, asked, options, most=0)


def counted(stage: people.Stage, *payments: dict[str, Any], **options: Any) -> tuple[PaymentBatch, list[str]]:
    said: list[str] = []

    def watch(execute: Any, query: Any, params: Any, many: Any, context: Any) -> Any:
        said.append(str(query))
        return execute(query, params, many, context)

    with connection.execute_wrapper(watch):
        batch = intake.receive_payments(
            **{"payments": list(payments), "entity": stage.entity, "actor": None, "channel": "api", **options}
        )
    return batch, said


ASKED: dict[str, Any] = {
    "debtor_account": people.CUSTOMER_IBAN, "creditor_name": "Kervella", "creditor_account": DE, "amount": "150.00",
    "currency": "EUR", "requested_execution_date": "2026-11-25", "end_to_end_id": "E-1",
}  # fmt: skip


def test_one_statement_takes_a_payment_in_with_all_that_is_kept_of_it(stage: people.Stage) -> None:
    batch, said = counted(stage, ASKED)
    assert len([query for query in said if "SAVEPOINT" not in query]) == 1
    [payment] = Payment.objects.filter(batch=batch)
    assert (payment.payee.name, payment.debtor_account) == ("Kervella", stage.customer)  # type: ignore[union-attr]
    batch.refresh_from_db()
    assert (batch.status, batch.taken_count, batch.read_sums) == ("checking", 1, {"EUR": "150.00"})


def test_what_came_before_is_said_by_the_usual_way_and_leaves_one_batch(stage: people.Stage) -> None:
    first, _said = counted(stage, ASKED)
    second, said = counted(stage, ASKED, {**ASKED, "end_to_end_id": "E-2"})
    assert len(said) > 5
    assert list(PaymentBatch.objects.order_by("pk")) == [first, second]
    [problem] = IntakeProblem.objects.all()
    assert (problem.batch, problem.position, problem.code) == (second, 1, "payment.seen_before")
    assert Payment.objects.filter(batch=second).get().end_to_end_id == "E-2"


def test_what_was_cancelled_may_be_sent_again_and_is_said(stage: people.Stage) -> None:
    first, _said = counted(stage, ASKED)
    ids = list(Payment.objects.filter(batch=first).values_list("pk", flat=True))
    workflow.cancel(ids=ids, actor=people.person("supervisor", entity=stage.entity), reason="x")
    assert PaymentState.objects.get(pk=ids[0]).status == "cancelled"
    second, _said = counted(stage, ASKED)
    assert (second.taken_count, Payment.objects.get(batch=second).occurrence) == (1, 2)
    assert IntakeProblem.objects.get().code == "payment.sent_again"


@pytest.mark.django_db(transaction=True)
def test_two_calls_with_the_same_payment_at_once(stage: people.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither sees the other's when it looks; the index lets one in, and the other is told by the usual way."""
    for module in (few, store):
        monkeypatch.setattr(module, "enqueue", lambda *_name_and_ids: None)
    first_in, waits = threading.Event(), threading.Event()

    def other() -> PaymentBatch:
        first_in.wait(10)
        threading.Timer(0.5, waits.set).start()
        try:
            return counted(stage, ASKED)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(other)
        with transaction.atomic():
            first, _said = counted(stage, ASKED)
            first_in.set()
            waits.wait(10)
        second = running.result(20)
    second.refresh_from_db()
    assert (second.status, second.refusal_code, second.taken_count) == ("refused", "batch.nothing_taken", 0)
    [problem] = IntakeProblem.objects.all()
    assert (problem.batch, problem.code, problem.params["batch"]) == (second, "payment.seen_before", first.pk)
    assert Payment.objects.count() == 1
    assert AuditRecord.objects.filter(action="batch.received").count() == 2
