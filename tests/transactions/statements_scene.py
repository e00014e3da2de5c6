"""Statements as a reader hands them over, for a company with an account at a bank."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from backoffice.people.models import Entity
from tests import people
from transactions.models import Account
from transactions.statements.read import (
    CLOSING,
    OPENING,
    ReadBalance,
    ReadDetail,
    ReadLine,
    ReadStatement,
)

IBAN = "FR7630006000011234567890189"
DAY = date(2026, 6, 15)


def company(code: str = "SHOP", iban: str = IBAN) -> Account:
    """An account at a bank with what a company pays through."""
    entity = Entity.objects.create(code=code, name=f"Maison {code.title()}", undo_seconds=0)
    payable = people.account(entity, f"{code}-401", "payable", "C", floor=None)
    transit = people.account(entity, f"{code}-467", "transit", "C", floor=None)
    people.account(entity, f"{code}-411", "receivable", "D", floor=None)
    people.account(entity, f"{code}-471", "suspense", "C", floor=None)
    people.account(entity, f"{code}-627", "expense", "D", floor=None)
    return people.account(
        entity, f"{code}-512", "bank", "D", balance="50000.00", floor=None, iban=iban, bic="AGRIFRPPXXX",
        counterpart=payable, transit=transit,
    )  # fmt: skip


def line(place: int, amount: str, **fields: Any) -> ReadLine:
    """A line of a signed amount; what belongs to its one transaction goes there."""
    value = Decimal(amount)
    own = {name: fields.pop(name) for name in list(fields) if name in ReadLine.__dataclass_fields__}
    day = own.pop("booking_on", DAY)
    details = own.pop("details", (ReadDetail(**fields),) if fields else ())
    return ReadLine(
        place=place, amount=abs(value), currency="EUR", credit=value > 0, booking_on=day,
        value_on=own.pop("value_on", day), details=details, **own,
    )  # fmt: skip


def statement(
    *lines: ReadLine, opening: str | None = "1000.00", closing: str | None = None, day: date = DAY, **fields: Any
) -> ReadStatement:
    """A statement of one day whose balances agree, unless ``closing`` says otherwise."""
    balances = []
    if opening is not None:
        moved = sum((one.amount if one.credit else -one.amount for one in lines if one.status == "booked"), Decimal(0))
        end = Decimal(closing) if closing is not None else Decimal(opening) + moved
        balances = [
            ReadBalance(OPENING, Decimal(opening), "EUR", day - timedelta(days=1)),
            ReadBalance(CLOSING, end, "EUR", day),
        ]
    return ReadStatement(
        **{
            "kind": "camt053", "number": IBAN, "currency": "EUR", "identification": f"ST-{day}", "from_on": day,
            "to_on": day, "balances": tuple(balances), "lines": tuple(lines), **fields,
        }
    )  # fmt: skip
