"""Amounts and days as banks write them. What is none is None: who reads says where it stood."""

import functools
import re
from calendar import monthrange
from datetime import UTC, date, datetime
from decimal import Decimal

from backoffice.common import money

ZERO = Decimal("0.00")
_WHOLE, _FRACTION = money.MAX_DIGITS - money.DECIMAL_PLACES, money.DECIMAL_PLACES
_AMOUNT = re.compile(r"\+?0*([0-9]*)(?:[.,]([0-9]*?)0*)?", re.ASCII)
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
LONGEST = 40
CENTURY_TURNS = 80


@functools.lru_cache(maxsize=65_536)
def amount(text: str) -> Decimal | None:
    """An amount without sign, its decimals after a point or a comma, kept as they are written: ``1,5`` and ``1.50``.

    None for what is no number, and for what has more digits than can be kept.
    """
    found = _AMOUNT.fullmatch(text) if 0 < len(text) <= LONGEST else None
    if found is None:
        return None
    whole, fraction = found.groups()
    if len(whole) > _WHOLE or (fraction and len(fraction) > _FRACTION):
        return None
    plain = text.lstrip("+").replace(",", ".")
    if not any(letter.isdigit() for letter in plain):
        return None
    # Zeros that end a fraction are kept as far as they can be.
    point = plain.find(".")
    return Decimal(plain[: point + 1 + _FRACTION] if point >= 0 else plain)


def pointed(text: str) -> Decimal | None:
    """An amount as XML writes it: with a point alone, since 1,234 could be a thousand."""
    return None if "," in text else amount(text)


@functools.lru_cache(maxsize=4_096)
def iso_day(text: str) -> date | None:
    """``2026-11-30``, also with a time or a zone behind it."""
    day = text[:10]
    try:
        return (
            date(int(day[:4]), int(day[5:7]), int(day[8:])) if day[4:5] == "-" == day[7:8] and day.isascii() else None
        )
    except ValueError:
        return None


def moment(text: str) -> datetime | None:
    """An ISO date and time; without zone it is taken as UTC."""
    found = _TIME.match(text)
    if found is None:
        return None
    day, clock, zone = found.groups()
    try:
        said = datetime.fromisoformat(f"{day}T{clock}{zone or ''}")
        # A clock that is hours before the first day of all has no other name in UTC.
        return said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


@functools.lru_cache(maxsize=4_096)
def short_day(text: str) -> date | None:
    """``YYMMDD``."""
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        return None
    year = int(text[:2])
    try:
        return date(year + (1900 if year >= CENTURY_TURNS else 2000), int(text[2:4]), int(text[4:]))
    except ValueError:
        return None


@functools.lru_cache(maxsize=4_096)
def end_of_month(text: str) -> date | None:
    """The last day of the month of a ``YYMMDD`` beyond it: banks that count 30 days a month write 30 February."""
    first = short_day(text[:4] + "01")
    if first is None or not text[4:].isdigit() or not 28 < int(text[4:]) <= 31:
        return None
    return first.replace(day=monthrange(first.year, first.month)[1])


@functools.lru_cache(maxsize=4_096)
def near(text: str, other: date) -> date | None:
    """``MMDD`` in the year that brings it nearest to another day: a booking of 2 January may be valued in December."""
    found: list[date] = []
    if len(text) == 4 and text.isascii() and text.isdigit():
        for year in (other.year - 1, other.year, other.year + 1):
            try:
                found.append(date(year, int(text[:2]), int(text[2:])))
            except ValueError:
                continue
    return min(found, key=lambda day: abs((day - other).days), default=None)


@functools.lru_cache(maxsize=4_096)
def both_days(day: str, short: str | None) -> tuple[date | None, date | None]:
    """Of an entry: ``YYMMDD`` of its value and ``MMDD`` of its booking, the first of which stands for a blank second.
    The second is None where one of them is no day."""
    value_on = short_day(day)
    if value_on is None or not short or short[0] == " ":
        return value_on, value_on
    return value_on, near(short, value_on)


def squeezed(text: str) -> str:
    """One blank for many, none at the ends."""
    return " ".join(text.split())
