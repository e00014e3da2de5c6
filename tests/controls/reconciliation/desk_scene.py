"""A bank's branch with statements and postings of its nostro, and the people who close its days."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.people import roles
from backoffice.people.models import User
from controls.models import OpenItem
from controls.reconciliation import days
from tests import database, people
from transactions.models import Account, JournalEntry, Statement, StatementLine

_number = itertools.count(1)
# A Tuesday: the days around it are open.
DAY = date(2026, 11, 24)


@dataclass
class Desk:
    stage: people.Stage
    operator: User
    other: User
    supervisor: User
    fees: Account

    @property
    def account(self) -> Account:
        return self.stage.bank


def desk(code: str = "BANK", **options: Any) -> Desk:
    stage = people.bank_branch(code, **options)
    database.update(Account.objects.filter(pk=stage.bank.pk), other_number=f"{stage.bank.pk:011}")
    stage.bank.refresh_from_db()
    expenses = people.account(stage.entity, f"{code}-627", "expense", "D", floor=None, name="Bank charges")
    return Desk(
        stage, people.person(roles.OPERATOR, entity=stage.entity, name=f"Olive Operator {code}"),
        people.person(roles.OPERATOR, entity=stage.entity, name=f"Otto Other {code}"),
        people.person(roles.SUPERVISOR, entity=stage.entity, name=f"Sana Supervisor {code}"), expenses,
    )  # fmt: skip


def statement(
    account: Account, lines: Sequence[tuple[str, str]], *, day: date = DAY, opening: str = "0", kind: str = "camt053",
    supersedes: Statement | None = None, taken: datetime | None = None, told: dict[str, Any] | None = None,
) -> Statement:  # fmt: skip
    """A statement of one day; lines are (signed amount, text)."""
    amounts = [Decimal(amount) for amount, _text in lines]
    number = next(_number)
    made = Statement.objects.create(
        entity_id=account.entity_id, account=account, kind=kind, identification=f"ST-{number}",
        number=account.number, currency=account.currency, from_on=day, to_on=day, opening=Decimal(opening),
        closing=Decimal(opening) + sum(amounts), line_count=len(lines),
        credit_sum=sum((one for one in amounts if one > 0), Decimal(0)),
        debit_sum=-sum((one for one in amounts if one < 0), Decimal(0)), supersedes=supersedes,
        fingerprint=hashlib.sha256(str(number).encode()).digest(), taken_at=taken or at(after(day)),
    )  # fmt: skip
    for place, (amount, text) in enumerate(zip(amounts, [text for _amount, text in lines], strict=True), 1):
        StatementLine.objects.create(
            statement=made, entity_id=account.entity_id, account=account, place=place, credit=amount > 0,
            amount=abs(amount), currency=account.currency, booking_on=day, value_on=day, remittance=text,
            counterparty_name=text.split(" F-")[0][:140],
            fingerprint=hashlib.sha256(f"{number}.{place}".encode()).digest(),
            **(told or {}),
        )  # fmt: skip
    return made


def post(one: Desk, amount: str, label: str, *, day: date = DAY) -> JournalEntry:
    """A posting on the nostro against the transit account, as the bank shows it, with a value day."""
    signed = Decimal(amount)
    database.as_owner(
        "select book_entry(%s, %s, %s, %s, %s, %s)",
        [one.account.pk, one.stage.transit.pk, abs(signed), signed > 0, label, day],
    )
    return JournalEntry.objects.order_by("-pk")[0]


def draw(account: Account) -> None:
    """What is new on both sides is open, nothing is matched."""
    with transaction.atomic():
        days.take_turn(account)
        sql.rows("select draw_lines(%s)", [[account.pk]])
        sql.rows("select draw_items(%s)", [[account.pk]])


def line(text: str) -> StatementLine:
    return StatementLine.objects.filter(remittance__startswith=text).order_by("-pk")[0]


def item(label: str) -> OpenItem:
    return OpenItem.objects.get(name=label)


def at(day: date, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def after(day: date, count: int = 1) -> date:
    return day + timedelta(days=count)
