"""The models in use: whether scores still look as when a model was made, and the challenger beside the champion.

Scores of a week are compared with those of the payments that the model was judged on, by the population stability
index over their deciles: below 0.1 alike, from 0.25 on another population, for which nobody measured the model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from controls import cases
from controls.models import ScoringDrift, ScoringModel, ScoringPolicy
from controls.scoring import champions, figures
from documents import trail

DAYS = 7
DRIFTED, UNSTEADY = 0.25, 0.1
# Of what both have scored the newest are compared: a page waits for it.
MOST_COMPARED = 20_000
# Fewer scores of a week say nothing of their spread.
LEAST = 200
_BANDS = """
    select width_bucket(value, %s::double precision[]), count(*) from controls_score
    where model_id = %s and scored_at >= %s and scored_at < %s group by 1
"""
_BOTH = """
    select count(*), count(*) filter (where own and other), count(*) filter (where own and not other),
           count(*) filter (where other and not own)
    from (select c.value >= coalesce(p.threshold, %(usual)s) or c.id in (
                     -- The hidden sample is alerts like others until it is judged.
                     select h.score_id from controls_hiddensample h
                     join controls_case k on k.id = h.case_id and k.status <> 'closed') as own,
                 h.value >= coalesce(p.threshold, %(usual)s) as other
          from (select movement_id, entity_id, value from controls_score where model_id = %(challenger)s
                order by scored_at desc limit %(most)s) h
          join controls_score c on c.movement_id = h.movement_id and c.model_id = %(champion)s
          left join controls_scoringpolicy p on p.entity_id = h.entity_id) both_scored
"""
_JUDGED = """
    select h.payment_id, c.value, h.value, coalesce(p.threshold, %(usual)s)
    from controls_score h join controls_score c on c.movement_id = h.movement_id and c.model_id = %(champion)s
    left join controls_scoringpolicy p on p.entity_id = h.entity_id
    where h.model_id = %(challenger)s and h.payment_id = any(%(payments)s::bigint[]) order by h.id
"""


def look(on: date | None = None) -> list[ScoringDrift]:
    """Compare the week that ends with ``on`` (default: yesterday, UTC) for the champion and the challenger. Told once
    when it begins to drift. A model without scores of its own to compare with, or a quiet week, is left out."""
    day = on or timezone.now().astimezone(UTC).date() - timedelta(days=1)
    models = [model for model in (champions.present(), champions.challenger()) if model is not None]
    return [drift for drift in (_look(model, day) for model in models) if drift is not None]


def _look(model: ScoringModel, day: date) -> ScoringDrift | None:
    then = model.figures.get("scores") or []
    until = datetime.combine(day + timedelta(days=1), time(), UTC)
    edges = [float(band["from"]) for band in then]
    if not edges:
        return None
    told = dict(sql.rows(_BANDS, [edges, model.pk, until - timedelta(days=DAYS), until]))
    count = sum(told.values())
    if count < LEAST:
        return None
    now = [told.get(place + 1, 0) / count for place in range(len(edges))]
    before = [float(band["share"]) for band in then]
    index = figures.stability_index(before, now)
    bands = [{"from": edge, "then": was, "now": round(share, 6)}
             for edge, was, share in zip(edges, before, now, strict=True)]  # fmt: skip
    with transaction.atomic():
        champions.locked()
        last = ScoringDrift.objects.filter(model=model).order_by("-on").first()
        made, new = ScoringDrift.objects.get_or_create(
            model=model, on=day, defaults={"index": index, "payment_count": count, "bands": bands}
        )
        if new and index >= DRIFTED and (last is None or last.index < DRIFTED):
            trail.record(
                "model.drifted", subject_type="model", subject_id=model.pk, entity_id=None, actor=None,
                data={"model": model.number, "on": day, "index": round(index, 4), "payments": count},
            )  # fmt: skip
    return made


def drifts(model: ScoringModel) -> list[ScoringDrift]:
    """The latest first, of a month. One query."""
    return list(ScoringDrift.objects.filter(model=model).order_by("-on")[:30])


@dataclass(frozen=True)
class Side:
    """What one of two models makes of judged payments. ``right``: of those people found right to ask about, how many
    are above the threshold; ``wrong``: of the false ones."""

    number: int
    average_precision: float | None
    right: int
    wrong: int


@dataclass(frozen=True)
class Shadow:
    """Both on the same payments, the newest: how many, alerts of both, of one alone. ``judged`` and ``right``: all that
    people judged since the challenger was made."""

    payments: int
    both: int
    champion_alone: int
    challenger_alone: int
    judged: int
    right: int
    champion: Side
    challenger: Side

    @property
    def agreement(self) -> float | None:
        return 1 - (self.champion_alone + self.challenger_alone) / self.payments if self.payments else None


def shadow() -> Shadow | None:
    """The challenger beside the champion; None without one. Five queries."""
    champion, challenger = champions.present(), champions.challenger()
    if challenger is None:
        return None
    asked: dict[str, Any] = {
        "champion": champion.pk, "challenger": challenger.pk, "usual": ScoringPolicy().threshold,
        "most": MOST_COMPARED,
    }  # fmt: skip
    count, both, own, other = sql.rows(_BOTH, asked)[0]
    # Known since it was made: it may have learnt from what was known before.
    labels = {one.payment_id: one.label > 0 for one in cases.labels(challenger.trained_at, timezone.now())}
    rows = sql.rows(_JUDGED, {**asked, "payments": list(labels)})
    latest = {row[0]: row[1:] for row in rows}
    right = np.array([int(labels[payment]) for payment in latest], dtype=np.int64)
    columns = np.array([*latest.values()], dtype=np.float64).reshape(len(latest), 3)
    return Shadow(
        count, both, own, other, len(latest), int(right.sum()), _side(champion, right, columns[:, 0], columns[:, 2]),
        _side(challenger, right, columns[:, 1], columns[:, 2]),
    )  # fmt: skip


def _side(model: ScoringModel, right: Any, score: Any, threshold: Any) -> Side:
    above = score >= threshold
    return Side(
        model.number, figures.average_precision(right, score), int((above & (right == 1)).sum()),
        int((above & (right == 0)).sum()),
    )  # fmt: skip


def drifting(found: Sequence[ScoringDrift]) -> bool:
    return bool(found) and found[0].index >= DRIFTED
