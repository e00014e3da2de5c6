"""When a standing order falls due: the dates of its rhythm, and the working days on which they are executed.

Pure: no database, no clock. Dates are the order's own until a working day is asked for; then the calendar of TARGET
counts (backoffice/common/calendars.py).
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Protocol

from backoffice.common import calendars

# How many open days before its execution a payment is made, so that people can sign it in time.
LEAD = 3
MOST_EVERY = 60
# No order runs longer; a date further off is none.
LAST_YEAR = 2199


class Rhythm(Protocol):
    """What of a standing order (or of terms that are asked for) gives its dates."""

    unit: str
    every: int
    last_working_day: bool
    first_on: date
    last_on: date | None
    times: int | None
    working_day: str
    suspended_from: date | None
    suspended_to: date | None


@dataclass(frozen=True)
class Occurrence:
    """A date of the rhythm and the day on which it is executed. ``suspended``: no payment is made for it."""

    due_on: date
    execution_on: date
    suspended: bool = False


def previous_open_day(day: date) -> date:
    """The last open day on or before ``day``."""
    while not calendars.is_open(day):
        day -= timedelta(days=1)
    return day


def open_days_before(day: date, count: int) -> date:
    """The open day that is ``count`` open days before ``day``; 0 gives ``day`` itself, open or not."""
    for _step in range(count):
        day = previous_open_day(day - timedelta(days=1))
    return day


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _at(of: Rhythm, months: int) -> date:
    """The date of the rhythm so many months after the month of its first date."""
    year, month = divmod(of.first_on.year * 12 + of.first_on.month - 1 + months, 12)
    if of.last_working_day:
        return previous_open_day(_in_month(year, month + 1, 31))
    return _in_month(year, month + 1, of.first_on.day)


def dates(of: Rhythm, *, since: date | None = None) -> Iterator[date]:
    """Every date of the rhythm from ``since`` on, in order, up to ``last_on``; how often (``times``) is not counted.

    Monthly and yearly dates stand on the day of ``first_on``, on the month's last day where it is shorter.
    """
    begin = max(of.first_on, since or of.first_on)
    if of.unit == "week":
        step = 7 * of.every
        number = -((begin - of.first_on).days // -step)
    else:
        step = of.every * (12 if of.unit == "year" else 1)
        apart = (begin.year - of.first_on.year) * 12 + begin.month - of.first_on.month
        number = apart // step
    while True:
        found = of.first_on + timedelta(days=step * number) if of.unit == "week" else _at(of, step * number)
        number += 1
        if found.year > LAST_YEAR or (of.last_on and found > of.last_on):
            return
        if found >= begin:
            yield found


def execution(of: Rhythm, due_on: date) -> date:
    """The day on which the bank is asked to execute what falls due on a date."""
    if of.working_day == "next":
        return calendars.next_open_day(due_on)
    return previous_open_day(due_on) if of.working_day == "previous" else due_on


def suspended(of: Rhythm, due_on: date) -> bool:
    return of.suspended_from is not None and of.suspended_from <= due_on and (
        of.suspended_to is None or due_on <= of.suspended_to
    )  # fmt: skip


def make_on(of: Rhythm, due_on: date, *, sweep: bool) -> date:
    """The day on which the payment of a date is made: some open days ahead; of a sweep the day of its execution, since
    only then is it known how much there is."""
    return open_days_before(execution(of, due_on), 0 if sweep else LEAD)


def coming(of: Rhythm, *, since: date | None, made: int, count: int) -> list[Occurrence]:
    """The next ``count`` dates from ``since`` on, suspended ones among them (they do not count as one of ``times``)."""
    left = None if of.times is None else of.times - made
    found: list[Occurrence] = []
    # Suspended without an end: beyond these nothing is ever due.
    for due_on in islice(dates(of, since=since), count):
        if left is not None and left <= 0:
            break
        stopped = suspended(of, due_on)
        found.append(Occurrence(due_on, execution(of, due_on), stopped))
        if left is not None and not stopped:
            left -= 1
    return found


def next_due(of: Rhythm, *, since: date, made: int) -> date | None:
    """The first date from ``since`` on for which a payment is to be made; None when there is none any more.

    An order that is suspended without an end has none until it is resumed.
    """
    if of.times is not None and made >= of.times:
        return None
    if of.suspended_from is not None and of.suspended_to is not None and since >= of.suspended_from:
        since = max(since, of.suspended_to + timedelta(days=1))
    for due_on in dates(of, since=since):
        if not suspended(of, due_on):
            return due_on
        if of.suspended_to is None:
            return None
    return None
