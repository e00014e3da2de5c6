"""Scores counted day by day, so that figures of months are read from few rows; the present day from the scores."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from backoffice.common import sql
from controls.models import ScoringDay, ScoringModel
from controls.scoring import champions, policies
from controls.scoring.alerting import LATELY

KEPT_DAYS = 90
WHOLE = 101
# What came long before it was scored raises nothing (controls/scoring/alerting.py): it would only have been counted.
_COUNTS = """
    select s.model_id, s.entity_id, floor(s.value)::integer, count(*) from controls_score s
    where s.model_id = any(%s) and s.scored_at >= %s and s.scored_at < %s and not exists (
        select from controls_movement m
        where m.id = s.movement_id and m.at < extract(epoch from s.scored_at)::bigint - %s)
    group by 1, 2, 3
"""
# The hidden sample while nobody judged it: what was counted, and the score that its alert shows.
_HIDDEN = """
    select floor(s.value)::integer, a.score from controls_hiddensample h
    join controls_score s on s.id = h.score_id and s.model_id = %s
    join controls_case c on c.id = h.case_id and c.status <> 'closed'
    join controls_alert a on a.payment_id = h.payment_id and a.case_id = h.case_id and a.version like 'model %%'
    where h.entity_id = %s and s.scored_at >= %s
"""


def count_days(today: date | None = None) -> int:
    """Count each day before ``today`` (UTC) of the last ninety that is not counted. Returns the rows written."""
    end = today or timezone.now().astimezone(UTC).date()
    days = [end - timedelta(days=back) for back in range(1, KEPT_DAYS + 1)]
    counted = set(ScoringDay.objects.filter(on__in=days).values_list("on", flat=True))
    models = list(ScoringModel.objects.values_list("pk", flat=True))
    made = 0
    for day in sorted(set(days) - counted):
        found = _counted(models, _start(day), _start(day + timedelta(days=1)))
        rows = [ScoringDay(model_id=model, entity_id=entity, on=day, counts=counts)
                for (model, entity), counts in found.items()]  # fmt: skip
        ScoringDay.objects.bulk_create(rows, ignore_conflicts=True)
        made += len(rows)
    return made


def of(model: ScoringModel, entity_id: int, since: datetime, until: datetime) -> tuple[list[int], float]:
    """How often the model gave each whole score, and over how many days. Three queries.

    A payment of the hidden sample counts by what its alert shows until it is judged: with fewer scores than alerts
    somebody could tell which one it is.
    """
    first = since.astimezone(UTC).date()
    rows = list(ScoringDay.objects.filter(model=model, entity=entity_id, on__gte=first).order_by("on"))
    today = _start(until.astimezone(UTC).date())
    now = _counted([model.pk], today, until + timedelta(microseconds=1)).get((model.pk, entity_id))
    total = [0] * WHOLE
    for counts in [*(row.counts for row in rows), *([now] if now else [])]:
        total = [one + other for one, other in zip(total, counts, strict=True)]
    for real, shown in sql.rows(_HIDDEN, [model.pk, entity_id, _start(first)]):
        if total[real]:
            total[real], total[shown] = total[real] - 1, total[shown] + 1
    begun = _start(rows[0].on) if rows else today
    return total, max((until - begun) / timedelta(days=1), 1.0)


def below(entity_ids: Sequence[int], since: datetime) -> int:
    """Payments scored below the present threshold since a moment's day. Of models that scored the same ones, one
    counts: the champion, else the one with most. Five queries."""
    champion, first = champions.present().pk, since.astimezone(UTC).date()
    today = timezone.now().astimezone(UTC).date()
    found: dict[tuple[int, date], tuple[tuple[bool, int], list[int]]] = {}
    told = [(row.entity_id, row.on, row.model_id, row.counts)
            for row in ScoringDay.objects.filter(entity__in=entity_ids, on__gte=first)]  # fmt: skip
    models = list(ScoringModel.objects.values_list("pk", flat=True))
    present = _counted(models, _start(today), _start(today + timedelta(days=1)))
    told += [(entity, today, model, counts) for (model, entity), counts in present.items() if entity in entity_ids]
    for entity, on, model, counts in told:
        rank = (model == champion, sum(counts))
        if (entity, on) not in found or found[entity, on][0] < rank:
            found[entity, on] = (rank, counts)
    threshold = {entity: policy.threshold for entity, policy in policies.of(entity_ids).items()}
    return sum(sum(counts[: threshold[entity]]) for (entity, _on), (_rank, counts) in found.items())


def _counted(models: Sequence[int], since: datetime, until: datetime) -> dict[tuple[int, int], list[int]]:
    found: dict[tuple[int, int], list[int]] = {}
    for model, entity, score, count in sql.rows(_COUNTS, [list(models), since, until, int(LATELY.total_seconds())]):
        found.setdefault((model, entity), [0] * WHOLE)[score] = count
    return found


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
