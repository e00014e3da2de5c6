"""Worked examples of the books, as an accountant would write them on paper: account, debit, credit."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from controls import approvals
from controls.models import ApprovalPolicy
from tests import people
from transactions import ledger, settlement, workflow
from transactions.models import AccountBalance, JournalEntry, OutgoingFile, PaymentState

pytestmark = pytest.mark.django_db

Lines = list[tuple[str, str, str]]


@pytest.fixture
def branch() -> people.Stage:
    """A bank's branch. The customer Fournitures Industrielles Ouest paid in 10,000.00 EUR."""
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "10000.00", stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def lines(entry: JournalEntry) -> Lines:
    """Account, debit, credit of each line."""
    return [
        (p.account.code, f"{p.amount:.2f}" if p.side == "D" else "", f"{p.amount:.2f}" if p.side == "C" else "")
        for p in entry.postings.select_related("account").order_by("line")
    ]


def balance(account: Any) -> tuple[str, str]:
    row = AccountBalance.objects.get(account=account)
    return f"{row.balance:.2f}", f"{row.held:.2f}"


def through(payment: Any, capture: Any) -> None:
    """Validated by one person, approved by another, posted by the worker."""
    with capture(execute=True):
        assert approvals.validate(ids=[payment.pk], actor=people.person())[0].done
    with capture(execute=True):
        answer = workflow.approve(ids=[payment.pk], actor=people.person())[0]
        assert answer.done, answer


def status(payment: Any) -> str:
    return PaymentState.objects.get(pk=payment.pk).status


def test_opening_balance(branch: people.Stage) -> None:
    assert lines(JournalEntry.objects.get(kind="opening")) == [
        ("BANK-CUST", "", "10000.00"), ("BANK-NOSTRO", "10000.00", ""),
    ]  # fmt: skip
    assert balance(branch.customer) == ("10000.00", "0.00")
    assert balance(branch.bank) == ("10000.00", "0.00")


def test_outgoing_sepa_transfer_and_its_settlement(
    branch: people.Stage, django_capture_on_commit_callbacks: Any
) -> None:
    payment = people.payment(branch, amount="1200.00")
    approvals.validate(ids=[payment.pk], actor=people.person())
    workflow.approve(ids=[payment.pk], actor=people.person())
    assert balance(branch.customer) == ("10000.00", "1200.00"), "reserved at approval"
    workflow.post(ids=[payment.pk])
    assert lines(JournalEntry.objects.get(kind="posting")) == [
        ("BANK-CUST", "1200.00", ""), ("BANK-TRANSIT", "", "1200.00"),
    ]  # fmt: skip
    assert balance(branch.customer) == ("8800.00", "0.00"), "moved at posting"
    assert balance(branch.transit) == ("1200.00", "0.00")
    supervisor = people.person("supervisor")
    file = settlement.prepare(account=branch.customer, actor=supervisor)[0]
    settlement.send(file_id=file.pk, actor=supervisor)
    assert status(payment) == "sent"
    settlement.confirm(file_id=file.pk, actor=supervisor, value_date=date(2026, 11, 25))
    entry = JournalEntry.objects.get(kind="settlement")
    assert lines(entry) == [("BANK-TRANSIT", "1200.00", ""), ("BANK-NOSTRO", "", "1200.00")]
    assert entry.value_date == date(2026, 11, 25)
    assert (balance(branch.transit), balance(branch.bank)) == (("0.00", "0.00"), ("8800.00", "0.00"))
    assert status(payment) == "settled"
    assert OutgoingFile.objects.get().status == "settled"
    assert ledger.audit() == []


def test_a_company_pays_a_supplier_from_its_bank_account(django_capture_on_commit_callbacks: Any) -> None:
    company = people.bank_branch("CIE", iban="FR7630006000011234567890189", balance="0")
    payables = people.account(company.entity, "401", "payable", "C", floor=None)
    equity = people.account(company.entity, "101", "equity", "C", floor=None)
    transit = people.account(company.entity, "58", "transit", "D", floor=None)
    bank = people.account(
        company.entity, "512", "bank", "D", iban="FR7610011000201234567890188", counterpart=payables, transit=transit
    )
    people.open_balance(bank, "5000.00", equity)
    ApprovalPolicy.objects.create(entity=company.entity, from_amount=Decimal(0), approvals=1)
    payment = people.payment(company, amount="750.00", debtor_account=bank, debtor_number=bank.iban)
    through(payment, django_capture_on_commit_callbacks)
    assert lines(JournalEntry.objects.get(kind="posting")) == [("512", "", "750.00"), ("58", "750.00", "")]
    people.to_bank(bank)
    assert ledger.settle([payment.pk]) == {}
    assert lines(JournalEntry.objects.get(kind="settlement")) == [("58", "", "750.00"), ("401", "750.00", "")]
    assert [balance(account)[0] for account in (bank, transit, payables)] == ["4250.00", "0.00", "-750.00"]
    assert ledger.audit() == []


def test_internal_transfer(branch: people.Stage, django_capture_on_commit_callbacks: Any) -> None:
    savings = people.account(branch.entity, "BANK-SAVE", "customer", "C", iban="FR7630006000011234567890189")
    payment = people.payment(
        branch, amount="300.00", kind="internal", creditor_account=savings, creditor_number=savings.iban
    )
    through(payment, django_capture_on_commit_callbacks)
    assert lines(JournalEntry.objects.get(kind="posting")) == [
        ("BANK-CUST", "300.00", ""), ("BANK-SAVE", "", "300.00"),
    ]  # fmt: skip
    assert status(payment) == "settled", "own accounts need no bank"
    assert (balance(branch.customer)[0], balance(savings)[0]) == ("9700.00", "300.00")


def test_return_reverses_every_entry(branch: people.Stage, django_capture_on_commit_callbacks: Any) -> None:
    payment = people.payment(branch, amount="450.00")
    through(payment, django_capture_on_commit_callbacks)
    people.to_bank(branch.customer)
    ledger.settle([payment.pk])
    supervisor = people.person("supervisor")
    assert people.returned(payment, reason="Account closed")[0].done
    reversals = JournalEntry.objects.filter(kind="reversal").order_by("id")
    assert [(entry.reverses.kind, lines(entry)) for entry in reversals] == [
        ("settlement", [("BANK-TRANSIT", "", "450.00"), ("BANK-NOSTRO", "450.00", "")]),
        ("posting", [("BANK-CUST", "", "450.00"), ("BANK-TRANSIT", "450.00", "")]),
    ]
    assert balance(branch.customer) == ("10000.00", "0.00")
    assert status(payment) == "returned"
    again = workflow.return_(ids=[payment.pk], actor=supervisor, reason_code="AC04")[0]
    assert again.code == "payment.already_returned"
    assert ledger.audit() == []


def test_insufficient_funds_is_am04_and_moves_nothing(branch: people.Stage) -> None:
    payment = people.payment(branch, amount="10000.01")
    approvals.validate(ids=[payment.pk], actor=people.person())
    answer = workflow.approve(ids=[payment.pk], actor=people.person())[0]
    assert (answer.done, answer.code) == (False, "payment.AM04")
    assert answer.sentence == "The available funds do not cover this payment (AM04)."
    assert (status(payment), balance(branch.customer)) == ("validated", ("10000.00", "0.00"))
    assert not JournalEntry.objects.exclude(kind="opening").exists()


def test_of_many_the_first_that_fit_are_taken(branch: people.Stage) -> None:
    amounts = ["6000.00", "5000.00", "3000.00", "1000.00", "0.01"]
    ids = [people.payment(branch, amount=amount).pk for amount in amounts]
    approvals.validate(ids=ids, actor=people.person())
    codes = [answer.code for answer in workflow.approve(ids=ids, actor=people.person())]
    assert codes == ["", "payment.AM04", "", "", "payment.AM04"]
    assert balance(branch.customer) == ("10000.00", "10000.00")


@pytest.mark.parametrize(("state", "code"), [("blocked", "payment.AC06"), ("closed", "payment.AC04")])
def test_an_account_that_is_not_open_pays_nothing(branch: people.Stage, state: str, code: str) -> None:
    payment = people.payment(branch)
    branch.customer.status = state
    branch.customer.save(update_fields=["status"])
    approvals.validate(ids=[payment.pk], actor=people.person())
    assert workflow.approve(ids=[payment.pk], actor=people.person())[0].code == code


def test_posting_twice_posts_once(branch: people.Stage, django_capture_on_commit_callbacks: Any) -> None:
    payment = people.payment(branch, amount="10.00")
    through(payment, django_capture_on_commit_callbacks)
    assert ledger.post([payment.pk]) == {payment.pk: "already_posted"}
    assert JournalEntry.objects.filter(kind="posting").count() == 1
