"""Rhythms of what is expected: which one a series of days keeps, the open days on which it falls due, its windows.

Pure but for the holidays of a calendar, which are read once. The dates themselves are those of standing orders
(transactions/standing/rhythm.py).
"""

import calendar as months
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_low

from backoffice.common import calendars
from transactions.models import Calendar
from transactions.standing import rhythm
from transactions.standing.rhythm import Rhythm

LEAST = 4
# From here on one in five may be missing or out of rhythm; below, every one must fit, and closer. Chance looks like a
# rhythm in fewer than one series in a thousand (tests/controls/test_expected.py).
ENOUGH = 8
SHARE = 0.8
GRACE = 2
ONE = timedelta(days=1)


@dataclass(frozen=True)
class Beat:
    """A known rhythm: the gap it is told by, how far from it in days, and how far a single day may lie from its due
    day, with enough of them and with few."""

    code: str
    unit: str
    every: int
    gap: float
    around: int
    far: int
    near: int


BEATS = (
    Beat("week", "week", 1, 7, 1, 1, 0), Beat("fortnight", "week", 2, 14, 2, 2, 1),
    Beat("month", "month", 1, 30.4, 4, 4, 2), Beat("quarter", "month", 3, 91, 8, 7, 3),
    Beat("year", "year", 1, 365, 12, 10, 5),
)  # fmt: skip
BY_CODE = {beat.code: beat for beat in BEATS}


@dataclass(frozen=True)
class Days:
    """The open days of a calendar, or of TARGET without one."""

    target: bool = True
    weekend: frozenset[int] = frozenset({6, 7})
    holidays: frozenset[date] = frozenset()

    @classmethod
    def of(cls, found: Calendar | None) -> "Days":
        """One query for the holidays of a calendar."""
        if found is None:
            return cls()
        closed = found.holidays.values_list("day", flat=True)
        return cls(found.target, frozenset(found.weekend), frozenset(closed))

    def is_open(self, day: date) -> bool:
        shut = day.isoweekday() in self.weekend or day in self.holidays
        return not shut and not (self.target and not calendars.is_open(day))

    def at(self, day: date, step: int) -> date:
        """The first open day on or after (``step`` 1) or before (-1) a day."""
        while not self.is_open(day):
            day += step * ONE
        return day

    def after(self, day: date, count: int) -> date:
        """So many open days later."""
        for _step in range(count):
            day = self.at(day + ONE, 1)
        return day

    def moved(self, of: Rhythm, day: date) -> date:
        """The day on which a date of the rhythm falls due."""
        if of.working_day == "same":
            return day
        return self.at(day, 1 if of.working_day == "next" else -1)


@dataclass
class Shape:
    """A rhythm without an end."""

    unit: str
    every: int
    first_on: date
    working_day: str = "next"
    last_working_day: bool = False
    last_on: date | None = None
    times: int | None = None
    suspended_from: date | None = None
    suspended_to: date | None = None


@dataclass(frozen=True)
class Learnt:
    """A rhythm that days keep: how far they lie from it at most, how many keep it, the date that comes next."""

    shape: Shape
    tolerance: int
    count: int
    next_on: date
    cost: int = field(compare=False, default=0)


def coming(of: Rhythm, since: date) -> Iterator[date]:
    """Dates of the rhythm from a day on, without those in which it is suspended."""
    return (day for day in rhythm.dates(of, since=since) if not rhythm.suspended(of, day))


def due(of: Rhythm, day: date, days: Days, tolerance: int, grace: int) -> tuple[date, date, date, date]:
    """Of a date of the rhythm: the day it falls due, its window, the last day on which it is not missing yet.

    The window ends the day before the next one begins; of a last date it ends two months later.
    """
    on = days.moved(of, day)
    following = next(coming(of, day + ONE), None)
    until = days.moved(of, following) - (tolerance + 1) * ONE if following else on + timedelta(days=60)
    return on, on - tolerance * ONE, max(until, on), days.after(days.at(on, 1), grace)


def learn(seen: Sequence[date], days: Days) -> Learnt | None:
    """The rhythm that days keep, ascending and each once, or None. The one that fits closest."""
    if len(seen) < LEAST:
        return None
    gap = median_low([(b - a).days for a, b in pairwise(seen)])
    found = [
        learnt
        for beat in BEATS
        if abs(gap - beat.gap) <= beat.around
        for shape in _shapes(beat, seen)
        if (learnt := fitting(shape, beat, seen, days))
    ]  # fmt: skip
    return min(found, key=lambda one: one.cost, default=None)


def keeps(of: Rhythm, seen: Sequence[date], days: Days) -> Learnt | None:
    """Whether days keep a rhythm that is known, so that it needs no other."""
    beat = next((one for one in BEATS if (one.unit, one.every) == (of.unit, of.every)), None)
    if beat is None or len(seen) < LEAST:
        return None
    shape = Shape(of.unit, of.every, of.first_on, of.working_day, of.last_working_day)
    return fitting(shape, beat, seen, days)


def _shapes(beat: Beat, seen: Sequence[date]) -> Iterator[Shape]:
    first = seen[0]
    if beat.unit == "week":
        for begin in range(7 * beat.every):
            for working_day in ("next", "same"):
                yield Shape(beat.unit, beat.every, first - (7 * beat.every - begin) * ONE, working_day)
        return
    near = {min(31, max(1, day.day + shift)) for day in seen for shift in (-2, -1, 0)} | {31}
    for number in sorted(near):
        for working_day in ("next", "previous"):
            yield Shape(beat.unit, beat.every, _anchor(beat, seen, number), working_day)


def _anchor(beat: Beat, seen: Sequence[date], number: int) -> date:
    """A date before all days from which the rhythm counts, in a month that has such a day where there is one."""
    year = seen[0].year - 1
    if beat.unit == "year":
        in_month = median_low(day.month for day in seen)
        return date(year, in_month, min(number, months.monthrange(year, in_month)[1], 28 if in_month == 2 else 31))
    if beat.every == 1:
        return date(year, 1, number)
    phases = [day.month % 3 for day in seen]
    return date(year, {1: 1, 2: 5, 0: 3}[max(set(phases), key=phases.count)], number)


def fitting(shape: Shape, beat: Beat, seen: Sequence[date], days: Days) -> Learnt | None:
    """Each day is laid to the due day nearest to it. Enough must lie near, few due days be left without, and few have
    two."""
    few = len(seen) < ENOUGH
    far = beat.near if few else beat.far
    span = round(beat.gap) + beat.far + 5
    raw = list(_until(shape, seen[0] - span * ONE, seen[-1] + 2 * span * ONE))
    dues = [days.moved(shape, day) for day in raw]
    laid: list[tuple[int, int]] = []
    for day in seen:
        place = bisect_left(dues, day)
        near = min((at for at in (place - 1, place) if 0 <= at < len(dues)), key=lambda at: abs((dues[at] - day).days))
        laid.append((near, abs((dues[near] - day).days)))
    good = [(place, off) for place, off in laid if off <= far]
    hit = {place for place, _off in good}
    share = 1.0 if few else SHARE
    if len(hit) < LEAST or len(good) < share * len(seen) or median_low(off for _place, off in laid) > far // 2:
        return None
    periods = max(hit) - min(hit) + 1
    if len(hit) < share * periods or len(good) - len(hit) > (1 - share) * len(seen):
        return None
    cost = sum(min(off, far + 1) for _place, off in laid) * 10 + (shape.working_day != "next")
    tolerance = max(1, *(off for _place, off in good))
    return Learnt(shape, tolerance, len(hit), raw[max(hit) + 1], cost)


def _until(shape: Shape, since: date, last: date) -> Iterator[date]:
    for day in rhythm.dates(shape, since=since):
        yield day
        if day > last:
            return
