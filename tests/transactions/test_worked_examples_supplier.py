"""Worked examples of supplier payments: invoices, credit notes, discounts, and the books from payables to bank."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from controls import assess
from controls.models import ApprovalPolicy, RuleResult
from tests import people
from tests.files import iban
from tests.transactions.standing import signed
from tests.transactions.test_worked_examples import balance, lines
from transactions import invoice_lists, invoices, ledger, settlement, workflow
from transactions.models import (
    Account,
    BankDetails,
    InvoiceShare,
    JournalEntry,
    Payee,
    Payment,
    PaymentBatch,
    PaymentState,
    SupplierInvoice,
)
from transactions.queries import invoices as queries

pytestmark = pytest.mark.django_db
SUPPLIER = "Kervella Matériaux SARL"


@pytest.fixture
def bank() -> Account:
    """A company with 5,000.00 EUR at its bank; it pays through transit (58) against payables (401)."""
    company = people.bank_branch("CIE", iban="FR7630006000011234567890189", balance="0")
    payables = people.account(company.entity, "401", "payable", "C", floor=None)
    equity = people.account(company.entity, "101", "equity", "C", floor=None)
    transit = people.account(company.entity, "58", "transit", "D", floor=None)
    account = people.account(
        company.entity, "512", "bank", "D", iban="FR7610011000201234567890188", counterpart=payables, transit=transit
    )
    people.open_balance(account, "5000.00", equity)
    ApprovalPolicy.objects.create(entity=company.entity, from_amount=Decimal(0), approvals=1)
    return account


def invoice(bank: Account, number: str, gross: str, **fields: Any) -> SupplierInvoice:
    today = timezone.localdate()
    return invoices.register(
        **{
            "actor": people.person(), "entity": bank.entity, "supplier_name": SUPPLIER, "number": number,
            "gross": Decimal(gross), "issued_on": today - timedelta(days=20), "due_on": today,
            "account_number": people.PAYEE_IBAN, **fields,
        }
    )  # fmt: skip


def pay(bank: Account, *found: SupplierInvoice, **fields: Any) -> list[Payment]:
    batch = invoices.pay(
        **{
            "actor": people.person(), "account": bank, "invoice_ids": [one.pk for one in found],
            "execution_on": timezone.localdate(), **fields,
        }
    )  # fmt: skip
    assess.assess_batch(batch.pk)
    return list(Payment.objects.filter(batch=batch).order_by("position"))


def left(one: SupplierInvoice) -> str:
    return f"{queries.with_open([SupplierInvoice.objects.get(pk=one.pk)])[0].open:.2f}"  # type: ignore[attr-defined]


def findings(payment: Payment) -> set[str]:
    rows = RuleResult.objects.filter(payment=payment, version__rule__code__startswith="INVOICE")
    return set(rows.values_list("version__rule__code", flat=True))


def confirmed() -> None:
    BankDetails.objects.update(confirmed_by=people.person("supervisor"), confirmed_at=timezone.now())


class TestBooks:
    def test_two_invoices_less_a_credit_note_with_a_discount(self, bank: Account) -> None:
        """1,000.00 with 20.00 discount in time, and 500.00, less a credit note of 80.00: 1,400.00 leave the bank."""
        today = timezone.localdate()
        first = invoice(bank, "F2026-101", "1000.00", discount=Decimal(20), discount_until=today)
        second = invoice(bank, "F2026-102", "500.00")
        credit = invoice(bank, "AV-7", "80.00", kind="credit", due_on=None)
        confirmed()
        [payment] = pay(bank, first, second, credit)
        assert (payment.kind, payment.amount, payment.remittance) == (
            "supplier", Decimal("1400.00"), "F2026-101, F2026-102, AV-7",
        )  # fmt: skip
        assert (payment.creditor_number, payment.creditor_name) == (people.PAYEE_IBAN, SUPPLIER)
        assert [left(one) for one in (first, second, credit)] == ["0.00", "0.00", "0.00"], "on its way is not open"
        assert findings(payment) == set()
        signed([payment])
        workflow.post(ids=[payment.pk])
        assert lines(JournalEntry.objects.get(kind="posting")) == [("512", "", "1400.00"), ("58", "1400.00", "")]
        supervisor = people.person("supervisor")
        [file] = settlement.prepare(account=bank, actor=supervisor)
        settlement.send(file_id=file.pk, actor=supervisor)
        settlement.confirm(file_id=file.pk, actor=supervisor, value_date=today)
        assert lines(JournalEntry.objects.get(kind="settlement")) == [("58", "", "1400.00"), ("401", "1400.00", "")]
        assert balance(bank) == ("3600.00", "0.00")
        assert ledger.audit() == []

    def test_a_returned_payment_opens_its_invoices_again(self, bank: Account) -> None:
        one = invoice(bank, "F-1", "300.00")
        confirmed()
        [payment] = pay(bank, one)
        signed([payment])
        workflow.post(ids=[payment.pk])
        with pytest.raises(BusinessError) as refused:
            pay(bank, one)
        assert refused.value.code == "invoice.nothing_open"
        supervisor = people.person("supervisor")
        [file] = settlement.prepare(account=bank, actor=supervisor)
        settlement.send(file_id=file.pk, actor=supervisor)
        people.returned(payment)
        assert left(one) == "300.00"
        [again] = pay(bank, one, execution_on=timezone.localdate() + timedelta(days=1))
        assert (again.amount, left(one)) == (Decimal("300.00"), "0.00")

    def test_a_late_discount_is_not_kept(self, bank: Account) -> None:
        one = invoice(
            bank, "F-1", "1000.00", discount=Decimal(20), discount_until=timezone.localdate() - timedelta(days=1)
        )
        [payment] = pay(bank, one)
        assert payment.amount == Decimal("1000.00")

    def test_one_payment_for_each_supplier(self, bank: Account) -> None:
        found = [
            invoice(bank, "F-1", "100.00"), invoice(bank, "F-2", "50.00"),
            invoice(bank, "G-1", "70.00", supplier_name="Le Bris SAS", account_number=iban(3)),
        ]  # fmt: skip
        assert [payment.amount for payment in pay(bank, *found)] == [Decimal("150.00"), Decimal("70.00")]
        assert Payee.objects.filter(entity=bank.entity).count() == 2


class TestNeverMoreThanOpen:
    def test_twice_the_same_number_is_refused_by_the_database(self, bank: Account) -> None:
        one = invoice(bank, "FA 2026/001", "100.00")
        with pytest.raises(Conflict) as refused:
            invoice(bank, "fa-2026-001", "999.00")
        assert refused.value.code == "invoice.known"
        invoices.cancel(actor=people.person(), invoice_id=one.pk, reason="Wrong amount")
        invoice(bank, "FA2026001", "120.00")

    def test_the_database_pays_no_more_than_is_open(self, bank: Account) -> None:
        one = invoice(bank, "F-1", "100.00")
        [payment] = pay(bank, one)
        insert = (
            "insert into transactions_invoiceshare (payment_id, invoice_id, amount, discount) values (%s, %s, %s, 0)"
        )
        other = people.payment(
            people.Stage(bank.entity, bank, bank, bank, people.bank_branch("X", iban=iban(9)).source), kind="supplier",
            amount="0.01", in_batch=payment.batch,
        )  # fmt: skip
        for keys, why in (
            ([other.pk, one.pk, Decimal("0.01")], "No more is paid"),
            ([other.pk, invoice(bank, "F-2", "5.00").pk, Decimal("5.00")], "sum of its invoices"),
        ):
            with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(insert, keys)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            InvoiceShare.objects.update(amount=1)

    def test_what_was_rejected_and_paid_otherwise_is_not_reopened(self, bank: Account) -> None:
        one = invoice(bank, "F-1", "100.00")
        [first] = pay(bank, one)
        supervisor = people.person("supervisor")
        assert workflow.reject(ids=[first.pk], actor=supervisor, reason_code="AM05")[0].done
        pay(bank, one, execution_on=timezone.localdate() + timedelta(days=1))
        assert workflow.reopen(ids=[first.pk], actor=supervisor, reason="Again")[0].code == "payment.invoices_paid"
        with pytest.raises(DatabaseError, match="paid or cancelled meanwhile"), transaction.atomic():
            PaymentState.objects.filter(pk=first.pk).update(status="received")
        assert PaymentState.objects.get(pk=first.pk).status == "rejected"

    def test_a_paid_invoice_is_not_cancelled(self, bank: Account) -> None:
        one = invoice(bank, "F-1", "100.00")
        pay(bank, one)
        with pytest.raises(Conflict) as refused:
            invoices.cancel(actor=people.person(), invoice_id=one.pk, reason="x")
        assert refused.value.code == "invoice.paid_already"

    def test_credit_notes_alone_or_too_large_pay_nothing(self, bank: Account) -> None:
        one, credit = invoice(bank, "F-1", "100.00"), invoice(bank, "AV-1", "150.00", kind="credit", due_on=None)
        for found, code in (((credit,), "invoice.credit_alone"), ((one, credit), "invoice.credit_too_much")):
            with pytest.raises(BusinessError) as refused:
                pay(bank, *found)
            assert refused.value.code == code
        assert not PaymentBatch.objects.exists()

    def test_who_may_not_moves_nothing(self, bank: Account) -> None:
        one = invoice(bank, "F-1", "100.00")
        elsewhere = people.bank_branch("ELSE", iban=iban(8))
        for actor, refusal in (
            (people.person("auditor"), Denied), (people.person(entity=elsewhere.entity), NotThere),
        ):  # fmt: skip
            with pytest.raises(Denied):
                pay(bank, one, actor=actor)
            with pytest.raises(refusal):
                invoices.cancel(actor=actor, invoice_id=one.pk, reason="x")
            with pytest.raises(Denied):
                invoice(bank, "F-2", "1.00", actor=actor)
        assert (left(one), SupplierInvoice.objects.count(), Payment.objects.count()) == ("100.00", 1, 0)


class TestChecks:
    def test_an_account_that_nobody_confirmed_is_held(self, bank: Account) -> None:
        [payment] = pay(bank, invoice(bank, "F-1", "100.00"))
        assert findings(payment) == {"INVOICE-ACCOUNT"}
        confirmed()
        changed = invoice(bank, "F-2", "90.00", account_number=iban(5))
        [payment] = pay(bank, changed)
        assert payment.creditor_number == iban(5)
        assert "INVOICE-ACCOUNT" in findings(payment), "unlike the supplier's known ones"

    def test_without_an_invoice_it_is_held(self, bank: Account) -> None:
        from transactions import intake

        batch = intake.receive_payments(
            payments=[{
                "kind": "supplier", "debtor_account": bank.iban, "creditor_account": people.PAYEE_IBAN,
                "creditor_name": SUPPLIER, "amount": "5.00", "currency": "EUR",
                "requested_execution_date": timezone.localdate().isoformat(),
            }],
            entity=bank.entity, actor=people.person(), channel="form",
        )  # fmt: skip
        assess.assess_batch(batch.pk)
        payment = Payment.objects.get(batch=batch)
        assert findings(payment) == {"INVOICE-NONE"}
        assert PaymentState.objects.get(pk=payment.pk).hold_count == 1

    def test_nearly_the_same_invoice_early_late_and_long_terms(self, bank: Account) -> None:
        today = timezone.localdate()
        twin = invoice(bank, "F-1", "100.00")
        confirmed()
        one = invoice(
            bank, "F-1-BIS", "100.00", issued_on=today - timedelta(days=15), due_on=today + timedelta(days=50)
        )
        assert invoices.alike(one) == [twin]
        [payment] = pay(bank, one)
        assert findings(payment) == {"INVOICE-ALIKE", "INVOICE-EARLY", "INVOICE-TERMS"}
        late = invoice(bank, "F-9", "77.00", due_on=today - timedelta(days=12))
        [payment] = pay(bank, late)
        assert findings(payment) == {"INVOICE-LATE"}

    def test_due_by_law(self, bank: Account) -> None:
        received = timezone.localdate()
        one = invoice(bank, "F-1", "1.00", due_on=None, received_on=received)
        assert one.due_on == received + timedelta(days=30)
        assert invoices.beyond_law(date(2026, 1, 1), date(2026, 3, 3))
        assert not invoices.beyond_law(date(2026, 1, 1), date(2026, 3, 2))


def test_ages(bank: Account) -> None:
    today = timezone.localdate()
    for number, (days, gross) in enumerate(((0, "10.00"), (1, "20.00"), (31, "40.00"), (61, "80.00"), (91, "160.00"))):
        invoice(bank, f"F-{number}", gross, issued_on=today - timedelta(days=100), due_on=today - timedelta(days=days))
    invoice(bank, "AV-1", "5.00", kind="credit", issued_on=today, due_on=None)
    [age] = queries.ages([bank.entity_id], today)
    assert [f"{one:.2f}" for one in age.sums] == ["5.00", "20.00", "40.00", "80.00", "160.00"]
    assert (age.total, age.count) == (Decimal("305.00"), 6)


CSV = """Fournisseur;N° facture;Date facture;Échéance;Montant TTC;TVA;IBAN;Nature
Kervella Matériaux SARL;F-1;02/11/2026;24/11/2026;1 234,50;205,75;DE89 3704 0044 0532 0130 00;facture
Le Bris SAS;B-7;2026-11-03;;80,00;;;avoir
"""


def test_a_list_is_registered_whole_or_not_at_all(bank: Account) -> None:
    text = CSV.replace("N° facture", "Numero de facture")
    made = invoice_lists.register(actor=people.person(), entity=bank.entity, content=text.encode())
    assert [(one.number, one.gross, one.tax, one.kind) for one in made] == [
        ("F-1", Decimal("1234.50"), Decimal("205.75"), "invoice"), ("B-7", Decimal("80.00"), Decimal(0), "credit"),
    ]  # fmt: skip
    assert (made[0].issued_on, made[0].due_on) == (date(2026, 11, 2), date(2026, 11, 24))
    more = text + "Autre;Z-1;31/02/2026;;5,00;;;\nAutre;Z-2;01/11/2026;;n.c.;;;\n"
    with pytest.raises(invoice_lists.ListRefused) as refused:
        invoice_lists.register(actor=people.person(), entity=bank.entity, content=more.encode("cp1252"))
    assert [(line, fault.code) for line, fault in refused.value.faults] == [
        (2, "invoice.known"), (3, "invoice.known"), (4, "invoice.day_unreadable"), (5, "money.not_a_number"),
    ]  # fmt: skip
    assert SupplierInvoice.objects.count() == 2


cents = st.integers(1, 10**9).map(lambda number: Decimal(number) / 100)


@settings(suppress_health_check=list(HealthCheck), max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(cents, cents, st.booleans()), min_size=1, max_size=8),
    st.lists(cents, max_size=3),
)
def test_a_bundle_adds_up_whatever_it_holds(
    grosses: list[tuple[Decimal, Decimal, bool]], credits: list[Decimal]
) -> None:
    """Paid and kept make up each invoice whole; the payment is what is paid less the credit notes, and above zero."""
    day = date(2026, 11, 24)
    supplier = Payee(pk=1, name=SUPPLIER)
    made = [
        SupplierInvoice(
            pk=number, supplier=supplier, number=f"F-{number}", gross=gross, due_on=day, account_number="X",
            discount=min(discount, gross - Decimal("0.01")), discount_until=day if in_time else None,
        )
        for number, (gross, discount, in_time) in enumerate(grosses, start=1)
    ] + [
        SupplierInvoice(pk=100 + n, supplier=supplier, kind="credit", number=f"A-{n}", gross=gross, due_on=day)
        for n, gross in enumerate(credits)
    ]  # fmt: skip
    for one in made:
        one.open = one.gross  # type: ignore[attr-defined]
    payable = sum((gross - (made[n].discount if ok else 0) for n, (gross, _d, ok) in enumerate(grosses)), Decimal(0))
    if payable <= sum(credits, Decimal(0)):
        with pytest.raises(BusinessError):
            invoices.bundles(made, day)
        return
    [bundle] = invoices.bundles(made, day)
    assert bundle.total == payable - sum(credits, Decimal(0))
    assert all(paid + kept == one.gross for one, paid, kept in bundle.shares)
    assert len(bundle.remittance) <= 140
