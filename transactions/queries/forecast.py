"""Who will miss its cut-off: what waits before each payment, at the pace of the last days, by the people present.

The definitions, which the screens state:

* *pace*: the minutes from one decision to the next of the same person, shared among what was decided in one click;
  pauses over 15 minutes do not count. The median of the last 14 days, by entity and stage; ``ASSUMED`` minutes where
  fewer than ``FEWEST`` decisions are known.
* *present*: who decided within the last hour, at the stage of their last decision; with nobody, one is counted.
* *ahead*: what stands at or before a payment in the order of the queue and is not on hold: signatures still to be given
  at each stage.
* *will miss*: at that pace its last signature is given after its cut-off. What missed it already is not counted again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from backoffice.common import sql
from backoffice.common.pages import COUNT_CAP
from transactions.models import Payment

log = structlog.get_logger(__name__)
ASSUMED = 3.0
FEWEST = 5
DAYS = 14
PAUSE_MINUTES = 15
PRESENT_MINUTES = 60
ACTS = 400
KEPT_SECONDS = 60
KEY = "forecast:pace"
FIRST, LATER = "checked", "validated"


@dataclass(frozen=True)
class Pace:
    """How a stage of an entity works: minutes a payment and person, from how many decisions, and who is present."""

    entity_id: int
    stage: str
    minutes: float
    decisions: int
    present: int

    @property
    def measured(self) -> bool:
        return self.decisions >= FEWEST

    @property
    def each(self) -> float:
        """Minutes from one payment to the next, everybody present at work."""
        return self.minutes / max(self.present, 1)


# Decisions of one click have the same moment but for the milliseconds of their statement. The last 400 acts of each
# person are looked at, by the index of their acts.
_PACE = """
    with act as (
        select u.id as person, a.id, a.entity_id, a.occurred_at, a.action
        from people_user u cross join lateral (
            select r.id, r.entity_id, r.occurred_at, r.action from documents_auditrecord r
            where r.actor_id = u.id order by r.id desc limit %(acts)s) a
        where u.is_active and not u.is_machine and a.occurred_at >= now() - %(days)s * interval '1 day'
          and a.action in ('payment.validated', 'payment.approved', 'payment.rejected', 'payment.sent_back')
    ), decision as (
        select *, case when action in ('payment.approved', 'payment.sent_back') then 'validated' else 'checked' end
                  as stage,
               (occurred_at - lag(occurred_at) over mine < interval '1 second') is not true as opens,
               row_number() over (partition by person order by id desc) = 1 as last
        from act window mine as (partition by person order by id)
    ), numbered as (
        select *, count(*) filter (where opens) over (partition by person order by id) as click from decision
    ), click as (
        select person, click, entity_id, stage, min(occurred_at) as at, max(occurred_at) as until, count(*) as many
        from numbered group by 1, 2, 3, 4
    ), spent as (
        select entity_id, stage, many,
               extract(epoch from at - lag(until) over (partition by person order by click, at)) / 60 as minutes
        from click
    ), measured as (
        select s.entity_id, s.stage, count(*) as decisions,
               percentile_cont(0.5) within group (order by s.minutes / s.many) as minutes
        from spent s cross join lateral generate_series(1, s.many)
        where s.minutes between 0 and %(pause)s group by 1, 2
    ), present as (
        select entity_id, stage, count(*) as people from decision
        where last and occurred_at >= now() - %(present)s * interval '1 minute' group by 1, 2
    )
    select coalesce(m.entity_id, p.entity_id), coalesce(m.stage, p.stage), coalesce(m.minutes, 0)::float,
           coalesce(m.decisions, 0), coalesce(p.people, 0)
    from measured m full join present p on (p.entity_id, p.stage) = (m.entity_id, m.stage)
"""


def paces(entity_ids: Sequence[int]) -> dict[tuple[int, str], Pace]:
    """The pace of both stages of each entity, measured at most a minute ago. One query, or none."""
    try:
        found = cache.get(KEY)
    except (RedisError, OSError):
        found = None
    if found is None:
        found = sql.rows(_PACE, {"acts": ACTS, "days": DAYS, "pause": PAUSE_MINUTES, "present": PRESENT_MINUTES})
        try:
            cache.set(KEY, found, KEPT_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("pace.not_kept", error=type(error).__name__)
    known = {(row[0], row[1]): row for row in found}
    told = {}
    for entity_id in entity_ids:
        for stage in (FIRST, LATER):
            _entity, _stage, minutes, decisions, present = known.get((entity_id, stage), (0, "", 0.0, 0, 0))
            pace = minutes if decisions >= FEWEST else ASSUMED
            told[entity_id, stage] = Pace(entity_id, stage, pace, int(decisions), int(present))
    return told


# The signatures at or before each payment in the order of the queue, and when its last one is given at the pace.
_FORECAST = """
    with pace as (
        select * from unnest(%(entities)s::bigint[], %(first)s::float[], %(later)s::float[], %(alone)s::float[])
            as p(entity_id, first, later, alone)
    ), open as materialized (
        select pace.*, o.* from pace cross join lateral (
            (select s.payment_id, s.status, s.priority, s.due_at, s.execution_date,
                    s.approvals_required - s.approvals_given as further
             from transactions_paymentstate s
             where s.entity_id = pace.entity_id and s.status = 'checked' and s.hold_count = 0
             order by s.priority desc, s.due_at, s.payment_id limit %(cap)s)
            union all
            (select s.payment_id, s.status, s.priority, s.due_at, s.execution_date,
                    s.approvals_required - s.approvals_given
             from transactions_paymentstate s
             where s.entity_id = pace.entity_id and s.status = 'validated' and s.hold_count = 0
             order by s.priority desc, s.due_at, s.payment_id limit %(cap)s)) o
    ), ranked as (
        select *, count(*) filter (where status = 'checked') over place as firsts,
               sum(further) over place as furthers
        from open
        window place as (partition by entity_id order by priority desc, due_at, payment_id
                         rows between unbounded preceding and current row)
    ), forecast as (
        select *, now() + interval '1 minute' * greatest(
                   case when status = 'checked' then firsts * first + further * alone else 0 end,
                   furthers * later) > due_at as misses
        from ranked where execution_date is not null and due_at >= now()
    )
"""


_MISSING = f"{_FORECAST} select payment_id from forecast where misses"  # noqa: S608 - constants of this module
_MISSES = f"""{_FORECAST}
    select count(*), array_agg(payment_id) filter (where payment_id = any(%(ids)s)) from forecast where misses
"""  # noqa: S608
_CLOSINGS = f"""{_FORECAST}    , held as (
        select s.payment_id, s.entity_id, s.due_at from transactions_paymentstate s
        where s.entity_id = any(%(entities)s) and s.status in ('checked', 'validated') and s.hold_count > 0
          and s.execution_date is not null and s.due_at >= now() limit %(cap)s
    ), every as (
        select payment_id, entity_id, due_at, status, misses, firsts, furthers from forecast
        union all select payment_id, entity_id, due_at, 'held', false, 0, 0 from held
    )
    select e.entity_id, payment_scheme(p.kind, p.local_instrument, c.scheme), e.due_at,
           count(*) filter (where e.status <> 'held'), count(*) filter (where e.misses),
           count(*) filter (where e.status = 'held'), count(*) filter (where e.status = 'checked'),
           count(*) filter (where e.status = 'validated'),
           coalesce(max(e.firsts) filter (where e.status = 'checked'), 0), coalesce(max(e.furthers), 0)::int
    from every e join transactions_payment p on p.id = e.payment_id
    left join transactions_collection c on p.kind = 'debit' and c.payment_id = p.id
    where e.due_at < now() + %(hours)s * interval '1 hour'
    group by 1, 2, 3 order by 3, 5 desc, 1, 2 limit %(most)s
"""  # noqa: S608


def _values(entity_ids: Sequence[int]) -> dict[str, Any]:
    found, entities = paces(entity_ids), list(entity_ids)
    return {
        "entities": entities, "cap": COUNT_CAP + 1, "first": [found[one, FIRST].each for one in entities],
        "later": [found[one, LATER].each for one in entities],
        "alone": [found[one, LATER].minutes for one in entities],
    }  # fmt: skip


def will_miss(entity_ids: Sequence[int]) -> list[int]:
    """The payments of these entities that will miss their cut-off, of the ten thousand most urgent of each stage. Two
    queries at most."""
    if not entity_ids:
        return []
    return [row[0] for row in sql.rows(_MISSING, _values(entity_ids))]


def misses(entity_ids: Sequence[int], ids: Sequence[int]) -> tuple[int, set[int]]:
    """How many of these entities will miss their cut-off, and which of ``ids`` do. Two queries at most."""
    if not entity_ids:
        return 0, set()
    row = sql.rows(
        _MISSES,
        {**_values(entity_ids), "ids": list(ids)},
    )[0]
    return int(row[0]), set(row[1] or ())


@dataclass(frozen=True)
class Closing:
    """A cut-off that is near: how many wait for it, will miss it, are on hold, wait at each stage; and how many
    signatures of each stage are given until the last of them is through."""

    entity_id: int
    scheme: str
    cut_off_at: datetime
    waiting: int
    missing: int
    held: int
    first: int
    later: int
    firsts_before: int
    laters_before: int


def closings(entity_ids: Sequence[int], *, hours: int = 36, most: int = 12) -> list[Closing]:
    """The next cut-offs of what is open, soonest first. Two queries at most."""
    if not entity_ids:
        return []
    found = sql.rows(
        _CLOSINGS,
        {**_values(entity_ids), "hours": hours, "most": most},
    )
    return [Closing(*row) for row in found]


@dataclass(frozen=True)
class Times:
    """What cut-offs say of a payment now: the rule, the last moment to release it (None: none), the day it goes, until
    when the creditor's account is credited, and whether it missed the cut-off of the day that was asked for."""

    rule_id: int | None
    cut_off_at: datetime | None
    execution_date: Any
    credit_by: Any
    missed: bool


def with_times(payments: Sequence[Payment]) -> Sequence[Payment]:
    """The same payments; the open ones know whether they will miss their cut-off, and the day they go if they did.
    At most three queries, none when none is open."""
    waiting = [payment for payment in payments if payment.state.status in (FIRST, LATER)]
    if waiting:
        now, ids = timezone.now(), [payment.pk for payment in waiting]
        _count, missing = misses(sorted({payment.entity_id for payment in waiting}), ids)
        told = times(ids, now)
        for payment in waiting:
            payment.will_miss = payment.pk in missing
            if payment.state.execution_date and payment.state.due_at < now:
                payment.later_on = told[payment.pk].execution_date
    return payments


def times(ids: Sequence[int], at: datetime) -> dict[int, Times]:
    """The times of payments that are released at a moment. One query."""
    found = sql.rows("select * from payment_times(%s::bigint[], array[%s::timestamptz])", [list(ids), at])
    return {row[0]: Times(*row[1:]) for row in found}
