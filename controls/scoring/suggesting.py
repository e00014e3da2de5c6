"""What another threshold would bring: alerts a day, how many of the judged ones were right, and how many of the risks
that are known it would have caught. From the champion's scores of the last ninety days and what people made of alerts.

What is below the threshold of then was judged only where a rule, a person or the hidden sample spoke of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from backoffice.common import sql
from controls import cases
from controls.models import Score
from controls.scoring import champions, counting, policies

DAYS = 90
STEPS = tuple(range(30, 100, 5))
# Fewer judged payments say nothing of a threshold.
ENOUGH_JUDGED = 20
# More alerts than people closed cases, up to here, are still taken for what they can do.
STRETCH = 1.2
_CLOSED = "select count(*) from controls_case where entity_id = %s and status = 'closed' and closed_at >= %s"


@dataclass(frozen=True)
class Step:
    """One threshold. ``judged``: payments from it on that people judged; ``right``: those they found right to ask
    about, confirmed or valuable."""

    threshold: int
    alerts: int
    alerts_a_day: float
    judged: int
    right: int

    @property
    def share(self) -> float | None:
        return self.right / self.judged if self.judged else None


@dataclass(frozen=True)
class Thresholds:
    """``known``: payments with a score that people found right to ask about; ``closed_a_day``: cases. ``suggested``:
    None where too little is judged."""

    steps: Sequence[Step]
    present: int
    scored: int
    days: float
    judged: int
    known: int
    closed_a_day: float
    suggested: int | None

    def at(self, threshold: int) -> Step:
        return next(step for step in self.steps if step.threshold == threshold)


def thresholds(entity_id: int, *, also: Iterable[int] = (), now: datetime | None = None) -> Thresholds:
    """Steps of five, the present threshold, and ``also``. Eight queries."""
    moment = now or timezone.now()
    since, model = moment - timedelta(days=DAYS), champions.present()
    present = policies.present(entity_id).threshold
    asked = sorted({*STEPS, present, *also})
    counts, days = counting.of(model, entity_id, since, moment)
    judged = _judged(model.pk, entity_id, since, moment)
    closed = sql.rows(_CLOSED, [entity_id, since])[0][0] / DAYS
    steps = [
        Step(
            step, sum(counts[step:]), sum(counts[step:]) / days, sum(score >= step for score, _right in judged),
            sum(score >= step for score, right in judged if right),
        )
        for step in asked
    ]  # fmt: skip
    known = sum(right for _score, right in judged)
    suggested = _suggested(steps, closed) if len(judged) >= ENOUGH_JUDGED and known else None
    return Thresholds(steps, present, sum(counts), days, len(judged), known, closed, suggested)


def _judged(model_id: int, entity_id: int, since: datetime, until: datetime) -> list[tuple[float, bool]]:
    """The champion's score of each payment that people judged, and whether it was right to ask."""
    right = {one.payment_id: one.label > 0 for one in cases.labels(since, until, [entity_id])}
    rows: Any = Score.objects.filter(model=model_id, payment__in=list(right), scored_at__gte=since).order_by("pk")
    latest = dict(rows.values_list("payment", "value"))
    return [(value, right[payment]) for payment, value in latest.items()]


def _suggested(steps: Sequence[Step], closed_a_day: float) -> int | None:
    """Of thresholds whose alerts people can work off, the one that catches most; of those, the highest. None where
    each that catches anything brings more than that."""
    possible = [step for step in steps if step.right and step.alerts_a_day <= max(STRETCH * closed_a_day, 1.0)]
    if not possible:
        return None
    return max(possible, key=lambda step: (step.right, step.threshold)).threshold
