"""What the parts of this room share: rights, the lock of an entity, keys, laying due days anew."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from backoffice.common import sql
from backoffice.people.models import Entity
from controls.expected import rhythms
from controls.models import Expectation, Occurrence
from documents import trail
from transactions.models import Calendar

VIEW, DECIDE = "case.view", "case.decide"
SUBJECT = "expectation"
# How far ahead due days are laid, so that they can be seen and excused before.
AHEAD = timedelta(days=35)


def alone(entity_id: int) -> None:
    """One writer of an entity's expectations at a time. Inside ``atomic()``, before any row is locked."""
    sql.rows("select pg_advisory_xact_lock(hashtext('controls.expected'), %s)", [entity_id])


def today_of(entity: Entity, now: datetime | None = None) -> date:
    return (now or timezone.now()).astimezone(ZoneInfo(entity.time_zone)).date()


def calendar_of(entity: Entity) -> Calendar | None:
    """The calendar that what is learnt counts in: the entity's only one, else TARGET's."""
    found = list(Calendar.objects.filter(entity=entity)[:2])
    return found[0] if len(found) == 1 else None


def key_of(
    kind: str, *, account_id: int | None = None, payee_id: int | None = None, number: str = "", currency: str = "",
    source_id: int | None = None,
) -> str:  # fmt: skip
    """As controls/sql/expected_history.sql writes it."""
    if kind == Expectation.Kind.FILE:
        return f"source {source_id}"
    return f"{account_id} {f'payee {payee_id}' if payee_id else number} {currency}"


_COVERED = """
    select e.account_id, e.number, e.currency, d.payee_id
    from controls_expectation e
    left join transactions_bankdetails d on d.entity_id = e.entity_id and d.account_number = e.number
    where e.entity_id = %s and e.kind = 'payee' and e.origin <> 'learnt' and e.ended_at is null
"""


def covered(entity_id: int) -> set[str]:
    """The keys under which what standing orders announce, and what people added, would be learnt. One query."""
    keys = set()
    for account, number, currency, payee in sql.rows(_COVERED, [entity_id]):
        for named in (None, payee):
            keys.add(
                key_of("payee", account_id=account, payee_id=named, number=number, currency=currency)
            )  # fmt: skip
    return keys


class Calendars:
    """The open days of calendars, each read once."""

    def __init__(self) -> None:
        self._known: dict[int | None, rhythms.Days] = {}

    def of(self, one: Expectation) -> rhythms.Days:
        if one.calendar_id not in self._known:
            self._known[one.calendar_id] = rhythms.Days.of(one.calendar)
        return self._known[one.calendar_id]


def lay(rows: Iterable[Expectation], today: date, calendars: Calendars) -> list[Occurrence]:
    """The due days up to ``AHEAD`` of which there is no occurrence yet; moves ``next_on``. Saves neither."""
    made = []
    for one in rows:
        days = calendars.of(one)
        # A task that was away for long finds all it missed, of a weekly rhythm three years at once.
        for day in islice(rhythms.coming(one, one.next_on), 160) if one.next_on else ():
            one.next_on = day
            if day > today + AHEAD:
                break
            due_on, since, until, patience = rhythms.due(one, day, days, one.tolerance, one.grace)
            made.append(
                Occurrence(
                    entity_id=one.entity_id,
                    expectation=one,
                    rhythm_on=day,
                    due_on=due_on,
                    window_from=since,
                    window_to=until,
                    missing_after=patience,
                )
            )
        else:
            one.next_on = next(rhythms.coming(one, one.next_on + rhythms.ONE), None) if one.next_on else None
    return made


def relay(rows: Sequence[Expectation], today: date) -> None:
    """Forget what is awaited after today, for the rhythm has changed or ended. Inside ``atomic()``; one query."""
    Occurrence.objects.filter(
        expectation__in=[one.pk for one in rows], status=Occurrence.Status.AWAITED, due_on__gt=today
    ).delete()


def record(action: str, rows: Iterable[Expectation], data: Any = None) -> None:
    """An act of the machine on many expectations."""
    subjects = [(one.pk, one.entity_id, data(one) if data else None) for one in rows]
    trail.record_many(action, subject_type=SUBJECT, subjects=subjects, actor=None)
