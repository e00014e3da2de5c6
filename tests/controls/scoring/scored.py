"""Scores as the house writes them, of payments that exist and of many that do not."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from backoffice.people.models import Entity
from controls.models import Score, ScoringModel

_BEYOND = 10**13


def scores(
    model: ScoringModel, entity: Entity, values: Iterable[float], *, at: datetime | None = None, first: int = 0,
    payments: Iterable[int] = (),
) -> list[Score]:  # fmt: skip
    """A score for each value; of ``payments`` where told, else of keys from ``first`` on."""
    moment, keys = at or timezone.now(), list(payments)
    rows: list[dict[str, Any]] = []
    for number, value in enumerate(values):
        key = keys[number] if number < len(keys) else _BEYOND + first + number
        rows.append({"movement_id": key, "payment_id": key, "value": float(value)})
    made = [Score(model=model, entity=entity, scored_at=moment, horizon=0, **row) for row in rows]
    return Score.objects.bulk_create(made)


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)
