"""What people made of alerts from scores: how often each reason was right, and what is missed by the hidden sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from backoffice.common import sql
from controls.backtest.figures import interval
from controls.scoring import counting

DAYS = 365
# Alerts made from scores tell the model they come from. Those of the hidden sample are none, once they are judged:
# before, what is missing here would be known by it.
_REASONS = """
    select r.code, count(*), count(*) filter (where c.status = 'closed'),
           count(*) filter (where c.status = 'closed' and c.disposition = 'confirmed_risk'),
           count(*) filter (where c.status = 'closed' and c.disposition = 'valuable_alert'),
           count(*) filter (where c.status = 'closed' and c.disposition = 'false_positive')
    from controls_alert a join controls_case c on c.id = a.case_id
    cross join lateral (select distinct one ->> 'code' as code from jsonb_array_elements(a.reasons) one) r
    where a.origin in ('model', 'detector') and a.version like 'model %%' and a.raised_at >= %(since)s
      and a.entity_id = any(%(entities)s)
      and not (c.status = 'closed' and exists (
          select from controls_hiddensample h where h.payment_id = a.payment_id and h.case_id = a.case_id))
    group by 1 order by 2 desc, 1
"""
# What is not judged is counted when it is a week old: a figure that rises with a new alert would tell of it.
_SAMPLE = """
    select count(*), count(*) filter (where c.status = 'closed'),
           count(*) filter (where c.status = 'closed' and c.disposition = 'confirmed_risk'),
           count(*) filter (where c.status = 'closed' and c.disposition = 'valuable_alert'),
           min(h.drawn_at)
    from controls_hiddensample h join controls_case c on c.id = h.case_id
    where h.drawn_at >= %(since)s and h.entity_id = any(%(entities)s)
      and (c.status = 'closed' or h.drawn_at < now() - interval '7 days')
"""


@dataclass(frozen=True)
class ReasonLine:
    """``code`` as alerts tell it. ``judged``: alerts with this reason whose case is closed."""

    code: str
    alerts: int
    judged: int
    confirmed: int
    valuable: int
    false: int

    @property
    def right(self) -> int:
        return self.confirmed + self.valuable

    @property
    def share(self) -> float | None:
        return self.right / self.judged if self.judged else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        return interval(self.right, self.judged) if self.judged else None


@dataclass(frozen=True)
class Sample:
    """The hidden sample: what is judged or a week old. ``below``: payments below the threshold since it is drawn."""

    drawn: int
    judged: int
    confirmed: int
    valuable: int
    below: int

    @property
    def right(self) -> int:
        return self.confirmed + self.valuable

    @property
    def missed(self) -> float | None:
        """How many payments below the threshold people would have found right to ask about, by the sample."""
        return self.right / self.judged * self.below if self.judged else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Holds the true number in 95 of 100 such samples (Wilson)."""
        if not self.judged:
            return None
        low, high = interval(self.right, self.judged)
        return low * self.below, high * self.below


def reasons(entity_ids: Sequence[int], since: datetime | None = None) -> list[ReasonLine]:
    """Each reason of alerts from scores, the most frequent first. One query."""
    asked = {"entities": list(entity_ids), "since": since or timezone.now() - timedelta(days=DAYS)}
    return [ReasonLine(*row) for row in sql.rows(_REASONS, asked)]


def sample(entity_ids: Sequence[int], since: datetime | None = None) -> Sample:
    """The hidden sample of these entities, as figures alone: which payments are in it stays hidden. Five queries."""
    asked = {"entities": list(entity_ids), "since": since or timezone.now() - timedelta(days=DAYS)}
    drawn, judged, confirmed, valuable, first = sql.rows(_SAMPLE, asked)[0]
    below = counting.below(entity_ids, first) if first else 0
    return Sample(drawn, judged, confirmed, valuable, below)
