"""What each payment of a received file becomes: its kind, accounts, payee, day and fingerprint."""

import hashlib
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone

from backoffice.common import calendars
from tests import people
from tests.files import iban, pain001
from tests.transactions.taking_in import taken_in
from transactions.intake import names, store
from transactions.models import (
    BankDetails,
    IntakeProblem,
    Payee,
    Payment,
    PaymentState,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


def test_payments_to_our_own_account_are_internal_and_payees_are_found(stage: people.Stage) -> None:
    own = people.account(stage.entity, "SAVINGS", "customer", "C", iban=iban(2))
    known = Payee.objects.create(
        entity=stage.entity, name="Old name", name_key=names.key("Old name"), created_at=timezone.now()
    )
    BankDetails.objects.create(payee=known, entity=stage.entity, account_number=iban(1), valid_from=timezone.now())
    named = Payee.objects.create(
        entity=stage.entity, name="SUPPLIER 3", name_key=names.key("SUPPLIER 3"), created_at=timezone.now()
    )
    for _twice in range(2):
        Payee.objects.create(
            entity=stage.entity, name="Supplier 4", name_key=names.key("Supplier 4"), created_at=timezone.now()
        )
    batch = taken_in(stage, pain001(4))
    rows = Payment.objects.filter(batch=batch).order_by("position")
    assert [(row.kind, row.creditor_account, row.payee) for row in rows] == [
        ("sepa", None, known),
        ("internal", own, None),
        ("sepa", None, named),
        ("sepa", None, None),
    ]


def test_the_account_in_the_currency_of_the_payment_is_taken(stage: people.Stage) -> None:
    dollars = people.account(stage.entity, "USD", "customer", "C", currency="USD", iban=people.CUSTOMER_IBAN)
    batch = taken_in(stage, pain001(2).replace(b'Ccy="EUR">10.01', b'Ccy="USD">10.01'))
    rows = Payment.objects.filter(batch=batch).order_by("position")
    assert [(row.kind, row.debtor_account) for row in rows] == [("transfer", dollars), ("sepa", stage.customer)]


def test_an_account_of_another_entity_is_not_ours(stage: people.Stage) -> None:
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    batch = taken_in(other, pain001(1))
    assert Payment.objects.get(batch=batch).debtor_account is None


def test_when_a_payment_is_due(stage: people.Stage) -> None:
    """At the cut-off of its execution date, the next one when it came after that; without a cut-off in four hours."""
    zone = ZoneInfo(stage.entity.time_zone)
    none = taken_in(stage, pain001(1))
    state = PaymentState.objects.get(payment__batch=none)
    assert (state.due_at, state.execution_date) == (none.created_at + timedelta(hours=4), None)
    people.cut_off(stage.entity, time(15, 30), account=stage.customer)
    people.cut_off(stage.entity, time(9), days_before=2)
    batch = taken_in(stage, pain001(1, execution_date=date(2031, 1, 19), message_id="L"))
    state = PaymentState.objects.get(payment__batch=batch)
    monday = date(2031, 1, 20)
    assert (state.due_at, state.execution_date) == (datetime.combine(monday, time(15, 30), zone), monday)
    past = taken_in(stage, pain001(1, execution_date=date(2020, 1, 1), message_id="P"))
    state = PaymentState.objects.get(payment__batch=past)
    local = past.created_at.astimezone(zone)
    day = calendars.next_open_day(local.date())
    if day == local.date() and local.time() > time(15, 30):
        day = calendars.add_open_days(day + timedelta(days=1), 0)
    assert (state.due_at, state.execution_date) == (datetime.combine(day, time(15, 30), zone), day)


def test_characters_that_deceive_are_refused_and_invisible_ones_taken_out(stage: people.Stage) -> None:
    content = (
        pain001(3)
        .replace(b"<Nm>Supplier 1<", "<Nm>Supp\u202elier<".encode())
        .replace(b"<Nm>Supplier 2<", "<Nm>Sup\u200bplier\u00a02<".encode())
    )
    batch = taken_in(stage, content)
    assert (batch.taken_count, batch.problem_count) == (2, 1)
    problems = list(IntakeProblem.objects.filter(batch=batch).order_by("position"))
    assert [(row.position, row.code, row.severity, row.value) for row in problems] == [
        (1, "text.reordering", "error", "Supp\\u202elier"),
        (2, "text.invisible", "warning", "Sup\\u200bplier\\xa02"),
    ]
    assert Payment.objects.get(batch=batch, position=2).creditor_name == "Supplier 2"


def test_texts_that_copy_must_not_misread(stage: people.Stage) -> None:
    content = pain001(1).replace(b"<Ustrd>Invoice 0<", b"<Ustrd>C:\\new\\table \\N \\. end<")
    batch = taken_in(stage, content)
    assert Payment.objects.get(batch=batch).remittance == "C:\\new\\table \\N \\. end"


def test_the_fingerprint_is_frozen(stage: people.Stage) -> None:
    batch = taken_in(stage, pain001(1))
    payment = Payment.objects.get(batch=batch)
    parts = [
        str(stage.entity.pk),
        people.CUSTOMER_IBAN,
        iban(1),
        "supplier 1",
        "10.01",
        "2026-11-24",
        "EUR",
        "TEST-1-E0",
        "TEST-1-0",
        "Invoice 0",
    ]
    assert bytes(payment.fingerprint) == hashlib.sha256("\x1f".join(parts).encode()).digest()


def test_amended_payments_are_resolved_anew(stage: people.Stage) -> None:
    own = people.account(stage.entity, "SAVINGS", "customer", "C", iban=iban(7))
    batch = taken_in(stage, pain001(1))
    payment = Payment.objects.get(batch=batch)
    before = bytes(payment.fingerprint)
    PaymentState.objects.filter(pk=payment.pk).update(status="checked")
    Payment.objects.filter(pk=payment.pk).update(creditor_number=iban(7))
    with transaction.atomic():
        store.resolve([payment.pk])
    payment.refresh_from_db()
    assert (payment.kind, payment.creditor_account, bytes(payment.fingerprint)) == ("internal", own, before)
    Payment.objects.filter(pk=payment.pk).update(creditor_number=iban(8))
    with transaction.atomic():
        store.resolve([payment.pk])
    payment.refresh_from_db()
    assert (payment.kind, payment.creditor_account) == ("sepa", None)
