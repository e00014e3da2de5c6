"""TARGET's closing days, by rule, against the published calendar and an independent library."""

from datetime import date, timedelta

import holidays
import pytest

from backoffice.common import calendars


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2026, ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25", "2026-12-26"]),
        (2027, ["2027-01-01", "2027-03-26", "2027-03-29", "2027-05-01", "2027-12-25", "2027-12-26"]),
        (2028, ["2028-01-01", "2028-04-14", "2028-04-17", "2028-05-01", "2028-12-25", "2028-12-26"]),
    ],
)
def test_closing_days_are_those_published(year: int, expected: list[str]) -> None:
    assert sorted(calendars.closing_days(year)) == [date.fromisoformat(day) for day in expected]


def test_the_rule_agrees_with_the_library_for_forty_years() -> None:
    for year in range(2002, 2042):
        assert set(holidays.financial_holidays("ECB", years=year)) == calendars.closing_days(year), year


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2026-11-23", True),
        ("2026-11-22", False),
        ("2026-12-25", False),
        ("2026-12-24", True),
        ("2026-07-14", True),
        ("2027-03-26", False),
        ("2027-03-30", True),
    ],
)
def test_open_days(day: str, is_open: bool) -> None:
    assert calendars.is_open(date.fromisoformat(day)) is is_open


def test_the_next_open_day_jumps_over_easter() -> None:
    assert calendars.next_open_day(date(2027, 3, 26)) == date(2027, 3, 30)
    assert calendars.next_open_day(date(2027, 3, 30)) == date(2027, 3, 30)


def test_open_days_are_counted_over_closing_days() -> None:
    assert calendars.add_open_days(date(2026, 12, 24), 1) == date(2026, 12, 28)
    assert calendars.add_open_days(date(2026, 12, 25), 0) == date(2026, 12, 28)
    assert calendars.add_open_days(date(2026, 11, 20), 3) == date(2026, 11, 20) + timedelta(days=5)
