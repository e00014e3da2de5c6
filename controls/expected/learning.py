"""What comes again and again is learnt: the history in one query an entity, the rhythm of each series fitted to it.

Safe twice: what is known stays as it is while it still fits. What a person ended is not learnt again, what people added
or a standing order announces is not learnt beside it. A series that is over is no rhythm: the next date must not be
missing already.

Locks: the entity (table.alone).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from backoffice.common import sql
from backoffice.people.models import Entity
from controls.expected import rhythms, table
from controls.models import Expectation
from transactions.models import Calendar

# Four of a yearly payment lie three years apart, and a bit.
LOOKED_BACK = timedelta(days=1900)
SEEN = 12
_RHYTHM = ("unit", "every", "first_on", "working_day", "last_working_day", "tolerance")
_FIGURES = ("name", "learnt_from", "last_seen_on", "seen_on", "amount", "spread", "amount_low", "amount_high")


@dataclass(frozen=True)
class Found:
    """A series with its rhythm and what it usually amounts to."""

    row: Mapping[str, Any]
    days: Sequence[date]
    learnt: rhythms.Learnt

    @property
    def key(self) -> tuple[str, str]:
        return self.row["kind"], self.row["key"]


def entities() -> list[int]:
    return list(Entity.objects.order_by("pk").values_list("pk", flat=True))


def learn(entity_id: int, *, now: datetime | None = None) -> tuple[int, int]:
    """Learn of one entity; how many expectations were made and how many have another rhythm now. Four queries, and one
    for each hundred that change. The history of 1,900 days is read once."""
    entity = Entity.objects.get(pk=entity_id)
    today, calendar = table.today_of(entity, now), table.calendar_of(entity)
    days = rhythms.Days.of(calendar)
    with transaction.atomic():
        table.alone(entity_id)
        rows = sql.dicts(
            sql.text("controls", "expected_history"),
            {"entity": entity_id, "since": today - LOOKED_BACK, "least": rhythms.LEAST},
        )
        known, closed = _known(entity_id)
        found = _found(rows, known, days)
        made: list[Expectation] = []
        changed: list[Expectation] = []
        kept: list[Expectation] = []
        for key, one in found.items():
            if key in known:
                before = _said(known[key], _RHYTHM)
                _write(known[key], one, keep=keeps(known[key], one, days))
                (kept if _said(known[key], _RHYTHM) == before else changed).append(known[key])
            elif key not in closed and (fresh := _fresh(entity, one, today, days, calendar)):
                made.append(fresh)
        for other in changed:
            other.next_on = next(rhythms.coming(other, today + rhythms.ONE), None)
        table.relay(changed, today)
        Expectation.objects.bulk_create(made)
        Expectation.objects.bulk_update([*changed, *kept], [*_RHYTHM, *_FIGURES, "next_on"], batch_size=100)
        table.record("expectation.learnt", made, _told)
        table.record("expectation.changed", changed, _told)
    return len(made), len(changed)


def _known(entity_id: int) -> tuple[dict[tuple[str, str], Expectation], set[tuple[str, str]]]:
    """Active learnt ones by key; keys that are not learnt: people's, announced ones, those that a person ended."""
    rows = list(Expectation.objects.filter(entity=entity_id).select_related("calendar"))
    learnt = {
        (one.kind, one.key): one for one in rows if one.is_active and one.origin == Expectation.Origin.LEARNT
    }  # fmt: skip
    closed = {
        (one.kind, one.key)
        for one in rows
        if one.ended_by_id is not None or (one.is_active and one.origin != Expectation.Origin.LEARNT)
    }
    announced = {(Expectation.Kind.PAYEE.value, key) for key in table.covered(entity_id)}
    return learnt, closed | announced


def _found(
    rows: Sequence[Mapping[str, Any]], known: Mapping[tuple[str, str], Expectation], days: rhythms.Days
) -> dict[tuple[str, str], Found]:
    """By key: the rhythm of all that came, or else of what was of a usual amount. A known rhythm that fits is kept."""
    found: dict[tuple[str, str], Found] = {}
    for row in rows:
        key = (row["kind"], row["key"])
        if key in found:
            continue
        seen = list(row["days"])
        learnt = (rhythms.keeps(known[key], seen, days) if key in known else None) or rhythms.learn(seen, days)
        if learnt:
            found[key] = Found(row, seen, learnt)
    return found


def keeps(one: Expectation, found: Found, days: rhythms.Days) -> bool:
    return rhythms.keeps(one, found.days, days) is not None


def _said(one: Expectation, names: Sequence[str]) -> list[Any]:
    return [getattr(one, name) for name in names]


def _write(one: Expectation, found: Found, *, keep: bool) -> None:
    row, learnt = found.row, found.learnt
    if not keep:
        shape = learnt.shape
        one.unit, one.every, one.first_on = shape.unit, shape.every, shape.first_on
        one.working_day, one.last_working_day, one.tolerance = shape.working_day, False, learnt.tolerance
    one.name = row["name"][:140]
    one.learnt_from, one.last_seen_on, one.seen_on = learnt.count, found.days[-1], list(found.days[-SEEN:])
    one.amount, one.spread = row["amount"], row["spread"]
    if row["amount"] is not None:
        low, high = (row["amount"], row["amount"]) if row["usual"] else (row["least"], row["most"])
        one.amount_low, one.amount_high = Decimal(low) / 2, Decimal(high) * 2


def _fresh(
    entity: Entity, found: Found, today: date, days: rhythms.Days, calendar: Calendar | None
) -> Expectation | None:
    """What is expected from now on; None when it is over: what comes next would be missing already."""
    row, learnt = found.row, found.learnt
    one = Expectation(
        entity=entity, kind=row["kind"], key=row["key"], origin=Expectation.Origin.LEARNT,
        account_id=row["account_id"], payee_id=row["payee_id"], number=row["number"], source_id=row["source_id"],
        currency=row["currency"], grace=rhythms.GRACE, calendar=calendar, next_on=learnt.next_on,
    )  # fmt: skip
    _write(one, found, keep=False)
    _due, _since, _until, patience = rhythms.due(one, learnt.next_on, days, one.tolerance, one.grace)
    return one if patience >= today else None


def _told(one: Expectation) -> dict[str, Any]:
    return {
        "unit": one.unit, "every": one.every, "first_on": one.first_on.isoformat(), "tolerance": one.tolerance,
        "learnt_from": one.learnt_from,
    }  # fmt: skip
