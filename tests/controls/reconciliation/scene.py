"""A branch whose payments were sent, a company whose account is at a bank, and their statements."""

from decimal import Decimal
from typing import Any

from backoffice.people import roles
from backoffice.people.models import User
from controls import approvals
from controls.models import ApprovalPolicy, Match, OpenItem, OpenLine
from controls.reconciliation import running
from tests import database, people
from tests.transactions.statements_scene import DAY, statement
from transactions import workflow
from transactions.models import Account, IntakeSource, JournalEntry, Payment, Posting
from transactions.statements import taking
from transactions.statements.read import ReadLine

NOSTRO = "FR7630004000031234567890143"


def branch() -> people.Stage:
    """A bank's branch whose nostro has a number of its own, and a place for charges."""
    stage = people.branch_with_suspense()
    database.update(Account.objects.filter(pk=stage.bank.pk), iban=NOSTRO)
    people.account(stage.entity, "627", "expense", "D", floor=None)
    return stage


def go(*payments: Payment) -> None:
    """Validated, approved and posted by the doors."""
    ids = [one.pk for one in payments]
    for answer in approvals.validate(ids=ids, actor=people.person(), reason="Checked"):
        assert answer.done, answer
    for answer in workflow.approve(ids=ids, actor=people.person(), reason="Checked"):
        assert answer.done, answer
    for answer in workflow.post(ids=ids):
        assert answer.done or answer.code == "payment.already_posted", answer  # where tasks run on commit


def sent(stage: people.Stage, *amounts: str, **fields: Any) -> list[Payment]:
    """Posted, and handed to the bank."""
    fields = {"requested_execution_date": DAY, **fields}
    made = [people.payment(stage, amount=amount, **fields) for amount in amounts]
    go(*made)
    people.to_bank(stage.customer)
    return made


def told(account: Account, *lines: ReadLine, number: str = NOSTRO, **fields: Any) -> taking.Taken:
    """The bank's statement comes in and is matched."""
    (answer,) = taking.take(
        [statement(*lines, number=number, **fields)], source=taking.Source(account.entity), actor=None
    )
    running.run([account.pk])
    return answer


def operator(account: Account) -> User:
    return people.person(roles.OPERATOR, entity=account.entity)


def matches() -> list[tuple[str, int, int]]:
    """By pass: how many lines and items each standing match has."""
    return sorted((one.code, one.lines.count(), one.postings.count()) for one in Match.objects.filter(undone_at=None))


def left() -> tuple[int, int]:
    return OpenLine.objects.count(), OpenItem.objects.count()


def booked(entry: JournalEntry) -> list[tuple[str, str, str]]:
    rows = Posting.objects.filter(entry=entry).select_related("account").order_by("line")
    return [(row.account.code, row.side, f"{row.amount:.2f}") for row in rows]


def paying(bank: Account) -> people.Stage:
    """A company's account at a bank, from where its own payments go."""
    database.insert(ApprovalPolicy(entity=bank.entity, from_amount=Decimal(0), approvals=1))
    source = IntakeSource.objects.create(entity=bank.entity, code="erp", name="ERP", maker="sender")
    assert bank.transit is not None
    return people.Stage(bank.entity, bank, bank, bank.transit, source)
