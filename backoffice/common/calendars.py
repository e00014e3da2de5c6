"""Days on which TARGET settles. By rule, so that any year is known: weekends and six closing days since 2002.

Source: calendar of TARGET closing days of the ECB (long-term calendar of 14 December 2000). Closing days are not moved
when they fall on a weekend; national holidays such as 14 July are open days.
"""

import functools
from datetime import date, timedelta

# Days that the ECB closed or opened out of rule, added here when it announces them.
EXTRA_CLOSING_DAYS: frozenset[date] = frozenset({date(2001, 12, 31)})


@functools.cache
def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (anonymous algorithm of 1876)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_century, century_rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_century - moon + 15) % 30
    leap, leap_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leap - epact - leap_rest) % 7
    correction = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


@functools.cache
def closing_days(year: int) -> frozenset[date]:
    """TARGET's closing days of a year, without its weekends."""
    sunday = easter(year)
    extra = {day for day in EXTRA_CLOSING_DAYS if day.year == year}
    return frozenset(
        {
            date(year, 1, 1),
            sunday - timedelta(days=2),
            sunday + timedelta(days=1),
            date(year, 5, 1),
            date(year, 12, 25),
            date(year, 12, 26),
        }
        | extra
    )


def is_open(day: date) -> bool:
    return day.weekday() < 5 and day not in closing_days(day.year)


def next_open_day(day: date) -> date:
    """The first open day on or after ``day``."""
    while not is_open(day):
        day += timedelta(days=1)
    return day


def add_open_days(day: date, count: int) -> date:
    """The open day that is ``count`` open days after ``day``; 0 gives the first open day on or after it."""
    day = next_open_day(day)
    for _step in range(count):
        day = next_open_day(day + timedelta(days=1))
    return day


def add_months(day: date, count: int) -> date:
    """The same day of the month ``count`` months later, or the last day of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
