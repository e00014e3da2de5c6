"""What people made of alerts, as labels to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backoffice.common import sql

FALSE, CONFIRMED, VALUABLE = 0, 1, 2
_LABELS = """
    select distinct on (a.payment_id) a.payment_id,
           case c.disposition when 'confirmed_risk' then 1 when 'valuable_alert' then 2 else 0 end, c.closed_at,
           c.typology, c.id
    from controls_case c join controls_alert a on a.case_id = c.id and a.payment_id is not null
    where c.status = 'closed' and c.closed_at >= %(since)s and c.closed_at < %(until)s
      and (%(entities)s::bigint[] is null or c.entity_id = any(%(entities)s::bigint[]))
    order by a.payment_id,
             case c.disposition when 'confirmed_risk' then 0 when 'valuable_alert' then 1 else 2 end, c.closed_at, c.id
"""


@dataclass(frozen=True)
class Label:
    """``label``: 1 confirmed risk, 2 valuable alert without harm, 0 false positive. ``known_at``: when the case that
    says so was closed, before which nobody knew."""

    payment_id: int
    label: int
    known_at: datetime
    typology: str
    case_id: int


def labels(since: datetime, until: datetime, entity_ids: Sequence[int] | None = None) -> list[Label]:
    """Labels that became known from ``since`` to before ``until``, one a payment, by payment.

    Of a payment in several cases a confirmed risk counts before a valuable alert, that before a false positive. A case
    that was opened again says nothing until it is closed again. One query.
    """
    params = {"since": since, "until": until, "entities": None if entity_ids is None else list(entity_ids)}
    return [Label(*row) for row in sql.rows(_LABELS, params)]
