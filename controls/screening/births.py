"""Dates and places of birth of two sides, each as exact as it is: a day, a month, a year, a span of years, or about
then (``~``).

A date that differs speaks against a hit and never takes it away: publishers know few dates for certain. The database
compares a day with them, too, to sort the queue (controls/sql/births.sql).
"""

import calendar
import re
from collections.abc import Sequence
from datetime import date

from controls.screening import countries, normal

_EXACT = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_SPAN = re.compile(r"([0-9]{4})/([0-9]{4})")

Days = tuple[date, date]


def days(text: str) -> Days | None:
    """The first and the last day that it may be, or is about; None: it says none."""
    said = text.strip().removeprefix("~")
    try:
        if span := _SPAN.fullmatch(said):
            first, last = sorted((int(span[1]), int(span[2])))
            return date(first, 1, 1), date(last, 12, 31)
        found = _EXACT.fullmatch(said)
        if found is None:
            return None
        year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
        if day:
            return date(year, month, day), date(year, month, day)
        last = calendar.monthrange(year, month)[1] if month else 31
        return date(year, month or 1, 1), date(year, month or 12, last)
    except ValueError:
        return None


def agree(born_on: str, listed: Sequence[str]) -> bool | None:
    """Whether it may be the date, or one of the dates, of an entry. None: one side is not known, or only about."""
    ours = days(born_on)
    if ours is None or not listed:
        return None
    theirs = [days(one) for one in listed]
    if any(span is not None and span[0] <= ours[1] and ours[0] <= span[1] for span in theirs):
        return True
    rough = any(one.strip().startswith("~") for one in (born_on, *listed))
    return None if rough or None in theirs else False


def swapped(born_on: str, listed: Sequence[str]) -> bool:
    """Whether it is a listed day with its day and month the other way round."""
    year, month, day = (*born_on.split("-"), "", "")[:3]
    turned = f"{year}-{day}-{month}"
    return bool(day) and turned != born_on and days(turned) is not None and turned in listed


def agree_in_place(town: str, country: str, listed: Sequence[str]) -> bool | None:
    """Whether a listed place names the town, or is in another country. None: nothing can be said, which is usual, as
    towns are spelt in many ways."""
    words = set(normal.name(town).folded)
    if words and any(words <= set(normal.text(one).folded) for one in listed):
        return True
    known = {code for one in listed if (code := countries.code_of(one.rpartition(",")[2]))}
    whole = all(countries.code_of(one.rpartition(",")[2]) for one in listed)
    return False if country and known and whole and country.upper() not in known else None
