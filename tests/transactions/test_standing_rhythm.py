"""The calendar of standing orders: examples by hand, and what holds for every rhythm."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.common import calendars
from transactions.standing import rhythm


@dataclass(frozen=True)
class R:
    first_on: date
    unit: str = "month"
    every: int = 1
    last_working_day: bool = False
    last_on: date | None = None
    times: int | None = None
    working_day: str = "next"
    suspended_from: date | None = None
    suspended_to: date | None = None


def some(of: R, count: int = 4, since: date | None = None) -> list[str]:
    return [day.isoformat() for day in islice(rhythm.dates(of, since=since), count)]


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (R(date(2026, 1, 31)), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        (R(date(2027, 11, 30), every=3), ["2027-11-30", "2028-02-29", "2028-05-30", "2028-08-30"]),
        (R(date(2026, 1, 7), unit="week", every=2), ["2026-01-07", "2026-01-21", "2026-02-04", "2026-02-18"]),
        (R(date(2024, 2, 29), unit="year"), ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28"]),
        # 31 January 2026 is a Saturday, 28 February too; 31 May is a Sunday.
        (R(date(2026, 1, 5), last_working_day=True), ["2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30"]),
        (R(date(2026, 1, 31), last_working_day=True), ["2026-02-27", "2026-03-31", "2026-04-30", "2026-05-29"]),
    ],
)
def test_dates_by_hand(of: R, expected: list[str]) -> None:
    assert some(of) == expected


@pytest.mark.parametrize(
    ("rule", "due", "expected"),
    [
        # Good Friday and Easter Monday 2026: 3 and 6 April.
        ("next", date(2026, 4, 3), date(2026, 4, 7)),
        ("previous", date(2026, 4, 6), date(2026, 4, 2)),
        ("same", date(2026, 4, 5), date(2026, 4, 5)),
        ("next", date(2026, 5, 1), date(2026, 5, 4)),
        ("previous", date(2027, 1, 1), date(2026, 12, 31)),
        ("next", date(2026, 7, 14), date(2026, 7, 14)),
    ],
)
def test_the_working_day_is_targets(rule: str, due: date, expected: date) -> None:
    assert rhythm.execution(R(due, working_day=rule), due) == expected


def test_a_payment_is_made_three_open_days_ahead() -> None:
    # Tuesday after Easter: Thursday, Wednesday and Tuesday before it are open.
    of = R(date(2026, 4, 3))
    assert rhythm.make_on(of, date(2026, 4, 3), sweep=False) == date(2026, 3, 31)
    assert rhythm.make_on(of, date(2026, 4, 3), sweep=True) == date(2026, 4, 7)


def test_suspended_dates_are_shown_and_not_counted() -> None:
    of = R(date(2026, 1, 1), times=3, suspended_from=date(2026, 2, 1), suspended_to=date(2026, 3, 31))
    found = rhythm.coming(of, since=None, made=0, count=12)
    assert [(one.due_on.month, one.suspended) for one in found] == [
        (1, False), (2, True), (3, True), (4, False), (5, False),
    ]  # fmt: skip
    assert rhythm.next_due(of, since=date(2026, 1, 2), made=1) == date(2026, 4, 1)
    for_ever = R(date(2026, 1, 1), suspended_from=date(2026, 2, 1))
    assert rhythm.next_due(for_ever, since=date(2026, 1, 2), made=1) is None


days = st.dates(date(2020, 1, 1), date(2060, 12, 31))
rhythms = st.builds(
    R, first_on=days, unit=st.sampled_from(["week", "month", "year"]), every=st.integers(1, 60),
    working_day=st.sampled_from(["next", "previous", "same"]),
) | st.builds(R, first_on=days, every=st.integers(1, 60), last_working_day=st.just(True))  # fmt: skip


@given(rhythms)
def test_dates_rise_and_keep_their_distance(of: R) -> None:
    found = list(islice(rhythm.dates(of), 12))
    assert found[0] >= of.first_on
    assert of.last_working_day or found[0] == of.first_on
    for before, after in pairwise(found):
        if of.unit == "week":
            assert (after - before).days == 7 * of.every
        else:
            step = of.every * (12 if of.unit == "year" else 1)
            assert (after.year - before.year) * 12 + after.month - before.month == step
    if of.last_working_day:
        assert all(calendars.is_open(day) for day in found)
        assert all(calendars.next_open_day(day + timedelta(days=1)).month != day.month for day in found)
    elif of.unit != "week":
        assert all(day.day == of.first_on.day or (day + timedelta(days=1)).day == 1 for day in found)


@given(rhythms, st.integers(0, 3000))
def test_since_only_leaves_out_what_was_before(of: R, later: int) -> None:
    """However far the rhythm has run, asking from a day on gives the same dates as walking there."""
    since = of.first_on + timedelta(days=later)
    walked = [day for day in islice(rhythm.dates(of), 500) if day >= since][:5]
    assert list(islice(rhythm.dates(of, since=since), 5))[: len(walked)] == walked


@given(rhythms)
def test_execution_is_on_an_open_day_near_by(of: R) -> None:
    for due in islice(rhythm.dates(of), 6):
        day = rhythm.execution(of, due)
        assert of.working_day == "same" or calendars.is_open(day)
        assert abs((day - due).days) <= 5
        made = rhythm.make_on(of, due, sweep=False)
        assert made < day
        between = sum(calendars.is_open(made + timedelta(days=n)) for n in range((day - made).days))
        assert between == rhythm.LEAD
