"""When each payment of the past was asked for, and how much it was."""

import calendar
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from backoffice.common import calendars
from backoffice.demo import files
from backoffice.demo.payees import Habit
from transactions.models import Account, BankDetails

PARIS = ZoneInfo("Europe/Paris")
MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre"]
MONTHS += ["novembre", "décembre"]


def at(day: date, hour: int, minute: int = 0, seconds: float = 0) -> datetime:
    """A moment of a day in Paris, in UTC."""
    return datetime.combine(day, time(hour, minute), PARIS).astimezone(UTC) + timedelta(seconds=seconds)


@dataclass
class Asked:
    """One payment of the past."""

    habit: Habit
    amount: Decimal
    words: str
    reference: str
    details: BankDetails
    status: str = "settled"
    id: int = 0


@dataclass
class Run:
    """What one account sent on one day: a file, its payments, and when each step was taken."""

    account: Account
    day: date
    number: int
    payments: list[Asked] = field(default_factory=list)
    batch_id: int = 0
    attachment_id: int = 0
    file_id: int = 0
    settled: bool = True

    @property
    def going(self) -> list[Asked]:
        """The payments that were signed and sent; the others were rejected."""
        return [payment for payment in self.payments if payment.status != "rejected"]

    @property
    def received_at(self) -> datetime:
        return at(self.day, 8, 5 + 7 * (self.account.pk % 7), self.number % 50)

    @property
    def validated_at(self) -> datetime:
        return self.received_at + timedelta(minutes=50 + self.number % 37)

    @property
    def approved_at(self) -> datetime:
        return self.validated_at + timedelta(minutes=35 + self.number % 53)

    @property
    def second_at(self) -> datetime:
        return self.approved_at + timedelta(minutes=25)

    @property
    def posted_at(self) -> datetime:
        return self.second_at + timedelta(seconds=2)

    @property
    def sent_at(self) -> datetime:
        return at(self.day, 16, 2, self.number % 40)

    @property
    def settled_on(self) -> date:
        return calendars.add_open_days(self.day, 1)

    @property
    def settled_at(self) -> datetime:
        return at(self.settled_on, 9, 30, self.number % 40)

    @property
    def total(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), Decimal(0))


def _due(habit: Habit, chance: random.Random, first: date, last: date) -> Iterator[date]:
    """The days on which the payee was due: salaries near the end of the month, others at their pace."""
    start = max(first, habit.payee.created_at.astimezone(PARIS).date())
    if habit.purpose == "SALA":
        year, month = start.year, start.month
        while (day := date(year, month, calendar.monthrange(year, month)[1] - 3)) <= last:
            if day >= start:
                yield day
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        return
    day = start + timedelta(days=chance.randrange(habit.every))
    while day <= last:
        yield day
        day += timedelta(days=max(3, round(habit.every * chance.uniform(0.85, 1.15))))


def _run_day(account: Account, due: date, salary: bool) -> date:
    """The day of the account's weekly run, or for salaries the day itself; always an open day."""
    if not salary:
        due += timedelta(days=(account.pk % 5 - due.weekday()) % 7)
    return calendars.next_open_day(due)


def _words(habit: Habit, chance: random.Random, due: date) -> str:
    words = habit.words.format(n=chance.randrange(10_000, 99_999), month=f"{MONTHS[due.month - 1]} {due.year}")
    return files.plain(words)


def plan(habits: list[Habit], chance: random.Random, first: date, last: date) -> list[Run]:
    """Every run from ``first`` to ``last``, in the order of time. What settles after ``last`` is only sent as yet."""
    runs: dict[tuple[date, int], Run] = {}
    for habit in habits:
        spread = 0.02 if habit.purpose == "SALA" else 0.16
        for due in _due(habit, chance, first, last):
            day = _run_day(habit.account, due, habit.purpose == "SALA")
            if day > last:
                continue
            amount = (habit.usual * Decimal(str(round(max(0.4, chance.gauss(1, spread)), 4)))).quantize(Decimal("0.01"))
            run = runs.setdefault((day, habit.account.pk), Run(habit.account, day, len(runs)))
            details = habit.number_at(max(run.received_at, habit.payee.created_at))
            run.payments.append(Asked(habit, amount, _words(habit, chance, due), "", details))
    ordered = [run for _key, run in sorted(runs.items(), key=lambda item: (item[1].received_at, item[0][1]))]
    for number, run in enumerate(ordered):
        run.number = number
        run.settled = run.settled_on <= last
        for position, payment in enumerate(run.payments, 1):
            payment.reference = f"{run.account.code}-{run.day:%y%m%d}-{position:03d}"
            payment.status = "rejected" if chance.random() < 0.008 else "settled" if run.settled else "sent"
    return ordered
