"""Fill an empty installation with demo data. Run as the owner of the tables: the past is written as it was."""

import random
import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from backoffice.demo import PASSWORD, SEED, agenda, anomalies, books, history, house, payees
from backoffice.demo.today import Desk, arrive
from backoffice.people.models import Entity
from transactions.models import Payment

YEAR = timedelta(days=365)


class Command(BaseCommand):
    help = "Fill an empty installation with demo data: a year of history, people in each role, today's files."

    def handle(self, *args: Any, **options: Any) -> None:
        if Entity.objects.filter(code=house.BANK).exists():
            self._say(options, "The demo data are there already; nothing was changed.")
            return
        if Entity.objects.exists() or Payment.objects.exists():
            raise CommandError("This installation has data of its own; demo data go into an empty one only.")
        began = time.monotonic()
        count = seed()
        self._say(options, f"{count} payments of a year in {time.monotonic() - began:.1f} s. Password: {PASSWORD}")

    def _say(self, options: dict[str, Any], text: str) -> None:
        if options["verbosity"]:
            self.stdout.write(text)


def seed() -> int:
    """Everything, in one transaction but for today's files. Returns the number of payments of the past."""
    now = timezone.now()
    chance = random.Random(SEED)  # noqa: S311 - the same data each time is the point
    today = now.astimezone(agenda.PARIS).date()
    first, last = today - YEAR, today - timedelta(days=1)
    begin = agenda.at(first, 5)
    with transaction.atomic():
        built = house.build(begin)
        habits = payees.build(built, chance, begin, now)
        runs = agenda.plan(habits, chance, first, last)
        past = history.Past(built, runs)
        past.write()
        books.write(built, runs, chance, first, last)
        past.record([*house.acts(built, begin), *books.acts()])
        house.date_back(begin)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    anomalies.learnt(first, last)
    arrive(Desk(built, habits, runs, chance, now))
    return sum(len(run.payments) for run in runs)
