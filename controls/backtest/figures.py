"""What a back-test found: counted chunk by chunk beside the facts, added up, and told.

A hit is **confirmed** when a person rejected the payment, when it was returned, or when it was recalled as fraud; it is
**cleared** when the payment went through. What is still open, cancelled, or rejected by no person counts as neither.
Precision is confirmed over confirmed and cleared.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.common import sql
from controls.backtest.threshold import Threshold, values_sql

CONFIRMED = ("fraud", "returned", "rejected")
CLEARED = ("released", "passed")
FATES = (*CONFIRMED, *CLEARED, "given_up", "open")
SAMPLE = 30
# Of one part; beyond, those drawn at random are kept, and all are counted.
KEPT = 2_000
_RANK = "array_position(array['inform', 'warn', 'second', 'hold', 'reject'], {action}::text)"
# What became of a payment (state st).
FATE = """
    case
        when exists (select from transactions_recall c where c.payment_id = st.payment_id and c.reason_code = 'FRAD'
                     and c.status <> 'withdrawn') then 'fraud'
        when st.status = 'returned' then 'returned'
        when st.status = 'rejected' and exists (
            select from documents_auditrecord a where a.subject_id = st.payment_id and a.subject_type = 'payment'
              and a.action = 'payment.rejected' and a.actor_id is not null) then 'rejected'
        when st.status in ('rejected', 'cancelled') then 'given_up'
        when st.status in ('received', 'checked', 'validated') then 'open'
        when exists (select from transactions_hold h
                     where h.payment_id = st.payment_id and h.lifted_by_id is not null) then 'released'
        else 'passed'
    end
"""
_DREW = "('x' || substr(md5(%(seed)s::text || ':' || f.payment_id), 1, 15))::bit(60)::bigint"
# One row a payment: who hit it, what became of it, what else was found on it when it was last checked.
_JUDGED = f"""
    create temporary table backtest_judged on commit drop as
    with hit as (
        select payment_id, bool_or(version_id = %(new)s) as new, bool_or(version_id = %(former)s) as former
        from findings group by payment_id
    )
    select s.payment_id, s.received_on, coalesce(hit.new, false) as new, coalesce(hit.former, false) as former,
           {FATE} as fate, st.outcome, {_DREW.replace("f.payment_id", "s.payment_id")} as draw
    from fact_subject s
    join transactions_paymentstate st on st.payment_id = s.payment_id
    left join hit on hit.payment_id = s.payment_id
"""  # noqa: S608 - constants
_DAYS = """
    select received_on::text, count(*), count(*) filter (where new), count(*) filter (where former),
           count(*) filter (where new and former)
    from backtest_judged group by 1
"""
_FATES = """
    select fate, count(*), count(*) filter (where new), count(*) filter (where former) from backtest_judged group by 1
"""
_OUTCOMES = "select outcome, count(*) from backtest_judged where outcome <> '' group by 1"
# What other rules found on the payments that the version hits.
_OTHERS = f"""
    with found as (
        select j.payment_id, c.code, r.shadow, {_RANK.format(action="r.action")} as rank
        from backtest_judged j
        cross join lateral (
            select a.id from controls_assessment a where a.payment_id = j.payment_id order by a.id desc limit 1) l
        join controls_ruleresult r on r.assessment_id = l.id
        join controls_ruleversion v on v.id = r.version_id
        join controls_rule c on c.id = v.rule_id and c.code <> %(rule)s
        where j.new
    ), worst as (
        select j.payment_id, coalesce(max(x.rank) filter (where not x.shadow), 0) as rank
        from backtest_judged j left join found x on x.payment_id = j.payment_id where j.new group by 1
    )
    select 'rule', code, count(distinct payment_id) from found group by code
    union all select 'alone', '', count(*) from worst where rank = 0
    union all select 'added', '', count(*) from worst where rank < {_RANK.format(action="%(action)s")}
"""  # noqa: S608 - constants
_KEEP = """
    insert into controls_backtesthit (back_test_id, payment_id, by, fate, evidence, draw, judgement)
    select %(back_test)s, j.payment_id,
           case when j.new and j.former then 'both' when j.new then 'new' else 'former' end,
           j.fate, f.evidence, j.draw, ''
    from (select * from backtest_judged where new or former order by draw limit %(kept)s) j
    join findings f on f.payment_id = j.payment_id
        and f.version_id = case when j.new then %(new)s else %(former)s end
    on conflict do nothing
"""


EMPTY: Mapping[str, Any] = {
    "days": {}, "fates": {}, "outcomes": {}, "rules": {}, "alone": 0, "added": {}, "values": {},
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the counting must know of a back-test."""

    back_test: int
    seed: int
    new: int
    former: int | None
    rule: str
    action: str
    member: dict[str, Any]
    own: Sequence[int]
    threshold: Threshold | None


def collect(asked: Asked, entity_id: int) -> dict[str, Any]:
    """Count what ``findings`` hold, and keep the hits. Beside the filled fact tables, in their transaction."""
    params = {
        "new": asked.new, "former": asked.former, "seed": asked.seed, "rule": asked.rule, "action": asked.action,
        "back_test": asked.back_test, "kept": KEPT,
    }  # fmt: skip
    sql.run("drop table if exists pg_temp.backtest_judged")
    sql.run(_JUDGED, params)
    found: dict[str, Any] = merged([EMPTY])
    for day, judged, new, former, both in sql.rows(_DAYS):
        found["days"][day] = {"judged": judged, "new": new, "former": former, "both": both}
    for fate, judged, new, former in sql.rows(_FATES):
        found["fates"][fate] = {"judged": judged, "new": new, "former": former}
    found["outcomes"] = {str(entity_id): dict(sql.rows(_OUTCOMES))}
    for what, code, number in sql.rows(_OTHERS, params):
        if what == "rule":
            found["rules"][code] = number
        elif what == "alone":
            found["alone"] = number
        else:
            found["added"] = {str(entity_id): number}
    if asked.threshold:
        found["values"] = dict(sql.rows(values_sql(asked.member, asked.threshold, asked.own)))
    sql.run(_KEEP, params)
    return found


def merged(some: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts added up, whatever their depth."""
    total: dict[str, Any] = {}
    for one in some:
        for key, value in one.items():
            if isinstance(value, Mapping):
                total[key] = merged([total.get(key, {}), value])
            else:
                total[key] = total.get(key, 0) + value
    return total


@dataclass(frozen=True)
class Precision:
    """Confirmed of those whose end is known, with the interval that holds 95 of 100 such shares (Wilson)."""

    right: int
    known: int

    @property
    def share(self) -> float | None:
        return self.right / self.known if self.known else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        return interval(self.right, self.known) if self.known else None


def interval(right: int, known: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share."""
    share, square = right / known, z * z
    middle = (share + square / (2 * known)) / (1 + square / known)
    half = z * math.sqrt(share * (1 - share) / known + square / (4 * known * known)) / (1 + square / known)
    return max(0.0, middle - half), min(1.0, middle + half)


def precision(fates: Mapping[str, Mapping[str, int]], by: str) -> Precision:
    """``by``: new, former or judged (every payment of the period, for comparison)."""

    def number(names: Iterable[str]) -> int:
        return sum(fates.get(name, {}).get(by, 0) for name in names)

    return Precision(number(CONFIRMED), number((*CONFIRMED, *CLEARED)))


def total(figures: Mapping[str, Any], what: str) -> int:
    """``judged``, ``new``, ``former`` or ``both`` of the whole period."""
    return sum(day.get(what, 0) for day in figures.get("days", {}).values())
