"""What the house announces itself: the dates of standing orders of a fixed amount. Sweeps, which may find nothing to
move, are none.

Safe twice. Locks: the entity (table.alone).
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.people.models import Entity
from controls.expected import rhythms, table
from controls.models import Expectation
from transactions.models import StandingOrder

_TERMS = ("unit", "every", "last_working_day", "first_on", "last_on", "working_day", "suspended_from", "suspended_to")
_REST = ("name", "number", "currency", "amount", "amount_low", "amount_high")


def announce(entity_id: int, *, now: datetime | None = None) -> int:
    """Bring what is expected of standing orders in step with their terms. Returns how many changed. Four queries, and
    one for each hundred that change."""
    today = table.today_of(Entity.objects.get(pk=entity_id), now)
    with transaction.atomic():
        table.alone(entity_id)
        orders = StandingOrder.objects.filter(
            entity=entity_id, status=StandingOrder.Status.ACTIVE, amount__isnull=False
        ).in_bulk()
        rows = {
            one.standing_id: one
            for one in Expectation.objects.filter(entity=entity_id, standing__isnull=False).order_by("pk")
        }
        made = [_made(order, today) for key, order in orders.items() if key not in rows]
        changed = [one for key, one in rows.items() if one.is_active and key in orders and _renewed(one, orders[key])]
        over = [one for key, one in rows.items() if one.is_active and key not in orders]
        for one in changed:
            one.next_on = next(rhythms.coming(one, today + rhythms.ONE), None)
        for one in over:
            one.ended_at = now or timezone.now()
            one.end_reason = "order"
        table.relay([*changed, *over], today)
        Expectation.objects.bulk_create(made)
        Expectation.objects.bulk_update(
            [*changed, *over], [*_TERMS, *_REST, "next_on", "ended_at", "end_reason"], batch_size=100
        )
        _instead(entity_id, today, now or timezone.now())
        table.record("expectation.announced", made, _told)
        table.record("expectation.changed", changed, _told)
        table.record("expectation.lapsed", over, lambda one: {"why": "order"})
    return len(made) + len(changed) + len(over)


def _made(order: StandingOrder, today: date) -> Expectation:
    one = Expectation(
        entity_id=order.entity_id, kind=Expectation.Kind.PAYEE, key=f"standing {order.pk}",
        origin=Expectation.Origin.ANNOUNCED, account_id=order.account_id, standing=order, tolerance=1,
        grace=rhythms.GRACE,
    )  # fmt: skip
    _renewed(one, order)
    one.next_on = next(rhythms.coming(one, max(today, order.first_on)), None)
    return one


def _renewed(one: Expectation, order: StandingOrder) -> bool:
    """Take the terms over; whether any has changed."""
    before = [getattr(one, name) for name in (*_TERMS, *_REST)]
    for name in _TERMS:
        setattr(one, name, getattr(order, name))
    one.name, one.number, one.currency = order.creditor_name, order.creditor_number, order.currency
    one.amount = one.amount_low = one.amount_high = order.amount
    return [getattr(one, name) for name in (*_TERMS, *_REST)] != before


def _instead(entity_id: int, today: date, now: datetime) -> None:
    """What is announced now, or was added by hand, is not expected by its rhythm as well."""
    over = list(
        Expectation.objects.filter(
            entity=entity_id, kind=Expectation.Kind.PAYEE, origin=Expectation.Origin.LEARNT, ended_at=None,
            key__in=table.covered(entity_id),
        )
    )  # fmt: skip
    table.relay(over, today)
    Expectation.objects.filter(pk__in=[one.pk for one in over]).update(ended_at=now, end_reason="announced")
    table.record("expectation.lapsed", over, lambda one: {"why": "announced"})


def _told(one: Expectation) -> dict[str, Any]:
    return {"order": one.standing_id, "unit": one.unit, "every": one.every, "first_on": one.first_on.isoformat()}
