"""Worked examples of standing orders, as an accountant would write them: dates, accounts, debit, credit."""

from datetime import date
from decimal import Decimal

import pytest

from documents.models import AuditRecord
from tests import people
from tests.transactions import standing
from tests.transactions.standing import at
from tests.transactions.test_worked_examples import balance, lines, status
from transactions import ledger, settlement, workflow
from transactions.models import JournalEntry, Payment, StandingDue, StandingOrder
from transactions.standing import runs

pytestmark = pytest.mark.django_db


def events(order: StandingOrder) -> list[str]:
    rows = AuditRecord.objects.filter(subject_type="standing", subject_id=order.pk).order_by("id")
    return [row.action for row in rows]


def test_a_rent_of_750_is_paid_on_the_fifth() -> None:
    """The customer has 2,000.00 and owes 750.00 on the 5th of each month; 5 January 2027 is a Tuesday."""
    branch = standing.branch("2000.00")
    order = standing.agreed(branch.customer)
    assert (order.status, order.next_on, order.make_on) == ("active", date(2027, 1, 5), date(2026, 12, 30))
    assert runs.make_due(at("2026-12-29")) == 0
    assert runs.make_due(at("2026-12-30")) == 1, "three working days ahead: 30, 31 December and 4 January"
    [payment] = standing.taken_in()
    assert (payment.kind, payment.channel, payment.amount, payment.currency) == (
        "sepa", "standing", Decimal("750.00"), "EUR",
    )  # fmt: skip
    assert (payment.end_to_end_id, payment.remittance) == (f"{order.reference}-20270105", "Loyer")
    assert (payment.requested_execution_date, payment.maker) == (date(2027, 1, 5), order.asked_by)
    assert payment.standing_due.order == order
    standing.signed([payment])
    assert (status(payment), balance(branch.customer)) == ("validated", ("2000.00", "0.00")), "nothing before its day"
    assert runs.execute_due(at("2027-01-04")) == 0
    assert runs.execute_due(at("2027-01-05")) == 1
    assert (status(payment), balance(branch.customer)) == ("approved", ("2000.00", "750.00"))
    workflow.post(ids=[payment.pk])
    assert lines(JournalEntry.objects.get(kind="posting")) == [
        ("BANK-CUST", "750.00", ""), ("BANK-TRANSIT", "", "750.00"),
    ]  # fmt: skip
    supervisor = people.person("supervisor")
    [file] = settlement.prepare(account=branch.customer, actor=supervisor)
    settlement.send(file_id=file.pk, actor=supervisor)
    settlement.confirm(file_id=file.pk, actor=supervisor, value_date=date(2027, 1, 5))
    assert lines(JournalEntry.objects.get(kind="settlement")) == [
        ("BANK-TRANSIT", "750.00", ""), ("BANK-NOSTRO", "", "750.00"),
    ]  # fmt: skip
    assert [balance(one)[0] for one in (branch.customer, branch.transit, branch.bank)] == ["1250.00", "0.00", "1250.00"]
    assert ledger.audit() == []
    order.refresh_from_db()
    assert (order.next_on, order.made_count) == (date(2027, 2, 5), 1)
    assert events(order) == ["change.asked", "standing.agreed", "change.approved", "standing.made"]


def test_everything_above_1000_goes_to_the_savings_on_the_last_working_day() -> None:
    """The customer has 2,345.67; 29 January 2027 is the last working day: 1,345.67 move, made on the day itself."""
    branch = standing.branch("2345.67")
    iban = "FR7630006000011234567890189"
    savings = people.account(branch.entity, "BANK-SAVE", "customer", "C", iban=iban)
    order = standing.agreed(
        branch.customer, creditor_name="Épargne", creditor_number=iban, amount=None, floor=Decimal("1000.00"),
        first_on=date(2027, 1, 1), last_working_day=True,
    )  # fmt: skip
    assert (order.next_on, order.make_on) == (date(2027, 1, 29), date(2027, 1, 29))
    runs.make_due(at("2027-01-29"))
    [payment] = standing.taken_in()
    assert (payment.kind, payment.amount) == ("internal", Decimal("1345.67"))
    standing.signed([payment])
    assert runs.execute_due(at("2027-01-29", 7)) == 1
    workflow.post(ids=[payment.pk])
    assert lines(JournalEntry.objects.get(kind="posting")) == [
        ("BANK-CUST", "1345.67", ""), ("BANK-SAVE", "", "1345.67"),
    ]  # fmt: skip
    assert (balance(branch.customer), balance(savings)) == (("1000.00", "0.00"), ("1345.67", "0.00"))
    # In February nothing came in: there is nothing to move, and that is on record.
    runs.make_due(at("2027-02-26"))
    assert len(standing.taken_in()) == 1
    assert StandingDue.objects.get(order=order, due_on=date(2027, 2, 26)).status == "skipped"
    assert events(order)[-1] == "standing.nothing_to_move"
    assert ledger.audit() == []


def test_missing_funds_are_tried_on_three_more_working_days_then_given_up() -> None:
    """The customer has 500.00 and owes 750.00 on Friday 5 February 2027: tried on 5, 8, 9 and 10, given up on 11."""
    branch = standing.branch("500.00")
    order = standing.agreed(branch.customer, first_on=date(2027, 2, 5))
    runs.make_due(at("2027-02-02"))
    [payment] = standing.taken_in()
    standing.signed([payment])
    due = payment.standing_due
    for day, tries in (("2027-02-05", 1), ("2027-02-06", 1), ("2027-02-08", 2), ("2027-02-09", 3), ("2027-02-10", 4)):
        for hour in (6, 12):
            assert runs.execute_due(at(day, hour)) == 0
        due.refresh_from_db()
        assert (due.tries, due.status, status(payment)) == (tries, "made", "validated"), day
    runs.execute_due(at("2027-02-11"))
    due.refresh_from_db()
    assert (due.status, status(payment)) == ("given_up", "rejected")
    rejected = AuditRecord.objects.get(subject_type="payment", subject_id=payment.pk, action="payment.rejected")
    assert (rejected.details, rejected.actor_id) == ({"reason_code": "AM04"}, None)
    assert events(order)[-5:] == ["standing.short"] * 4 + ["standing.given_up"]
    assert balance(branch.customer) == ("500.00", "0.00")
    assert not JournalEntry.objects.filter(payment=payment).exists()


def test_funds_that_come_on_the_second_working_day_are_taken_then() -> None:
    branch = standing.branch("500.00")
    standing.agreed(branch.customer, first_on=date(2027, 2, 5))
    runs.make_due(at("2027-02-02"))
    [payment] = standing.taken_in()
    standing.signed([payment])
    assert runs.execute_due(at("2027-02-05")) == 0
    other = people.account(branch.entity, "BANK-OTHER", "customer", "C", iban="FR7630006000011234567890189")
    people.open_balance(other, "400.00", branch.bank)
    move = people.payment(
        branch, kind="internal", amount="400.00", debtor_account=other, debtor_number=other.iban,
        creditor_account=branch.customer, creditor_number=branch.customer.iban,
    )  # fmt: skip
    standing.signed([move])
    workflow.post(ids=[move.pk])
    assert balance(branch.customer) == ("900.00", "0.00")
    assert runs.execute_due(at("2027-02-08", 13)) == 1
    workflow.post(ids=[payment.pk])
    assert balance(branch.customer) == ("150.00", "0.00")
    assert Payment.objects.filter(channel="standing").count() == 1
