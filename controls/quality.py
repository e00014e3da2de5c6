"""How good the alerts are: by rule over a period, from what was recorded when payments were checked.

The last check of each payment counts. Bounded: of the period the newest 200,000 payments are looked at, and it is said
when there are more. Nothing here runs a rule, but :func:`times`, which a command asks for.
"""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from backoffice.common import sql
from controls import facts
from controls.backtest import capacity, figures
from controls.models import RuleVersion
from controls.rules import rulesets

MOST = 200_000
# Fewer than so many say nothing of two rules that always fire together.
TOGETHER_FROM = 5
_LAST = """
    create temporary table quality_last on commit drop as
    select p.id as payment_id, l.id, l.rule_set_id
    from (select id from transactions_payment
          where entity_id = any(%(entities)s) and received_at >= %(since)s and received_at < %(until)s
          order by received_at desc limit %(most)s) p
    cross join lateral (
        select a.id, a.rule_set_id from controls_assessment a where a.payment_id = p.id order by a.id desc limit 1) l;
    analyze quality_last;
"""
# On how many of them each rule ran and concerned the payment (rulesets._scope): by what its version is narrowed to.
_RAN = """
    with checked as materialized (
        select l.rule_set_id, p.entity_id, e.profile, p.kind, p.channel,
               (p.received_at at time zone e.time_zone)::date as received_on,
               p.requested_execution_date as execution_on, count(*) as n
        from quality_last l
        join transactions_payment p on p.id = l.payment_id
        join people_entity e on e.id = p.entity_id
        group by 1, 2, 3, 4, 5, 6, 7
    ), member as materialized (
        select s.rule_set_id, m ->> 'rule' as rule, m ->> 'mode' as mode, v.entity_id, v.profiles, v.kinds, v.channels,
               v.dated_by, v.valid_from, v.valid_to
        from (select distinct rule_set_id from checked) s
        join controls_ruleset r on r.id = s.rule_set_id
        cross join lateral jsonb_array_elements(r.members) m
        join controls_ruleversion v on v.id = (m ->> 'version')::bigint
    )
    select m.rule, bool_or(m.mode = 'shadow'), coalesce(sum(s.n) filter (
               where (m.profiles = '[]' or m.profiles ? s.profile) and (m.kinds = '[]' or m.kinds ? s.kind)
                 and (m.channels = '[]' or m.channels ? s.channel)
                 and (m.valid_from is null or d.day >= m.valid_from) and (m.valid_to is null or d.day <= m.valid_to)
           ), 0)
    from checked s
    join member m on m.rule_set_id = s.rule_set_id and (
        m.entity_id = s.entity_id or m.entity_id is null and not exists (
            select from member o where o.rule_set_id = m.rule_set_id and o.rule = m.rule and o.entity_id = s.entity_id))
    cross join lateral (
        select case m.dated_by when 'execution' then s.execution_on else s.received_on end as day) d
    where m.mode <> 'off'
    group by 1
"""
# What people said of the payment in a case that they closed counts before what became of it.
_SAID = """
    (select case max(case c.disposition when 'false_positive' then 0 else 1 end)
            when 1 then 'fraud' when 0 then 'passed' end
     from controls_alert a join controls_case c on c.id = a.case_id and c.status = 'closed'
     where a.payment_id = l.payment_id)
"""
_HITS = f"""
    select c.code, c.name_en, c.name_fr, (array_agg(r.action order by r.id desc))[1], count(*),
           count(*) filter (where x.fate = any(%(confirmed)s)), count(*) filter (where x.fate = any(%(cleared)s))
    from quality_last l
    join controls_ruleresult r on r.assessment_id = l.id
    join controls_ruleversion v on v.id = r.version_id
    join controls_rule c on c.id = v.rule_id
    join transactions_paymentstate st on st.payment_id = l.payment_id
    cross join lateral (select coalesce({_SAID}, {figures.FATE}) as fate) x
    group by 1, 2, 3
"""  # noqa: S608 - constants
_TOGETHER = """
    with hit as (
        select l.id, c.code from quality_last l
        join controls_ruleresult r on r.assessment_id = l.id
        join controls_ruleversion v on v.id = r.version_id
        join controls_rule c on c.id = v.rule_id
    ), single as (select code, count(*) as n from hit group by 1),
    pair as (select a.code as one, b.code as other, count(*) as n
             from hit a join hit b on b.id = a.id and a.code < b.code group by 1, 2)
    select p.one, p.other, p.n from pair p
    join single a on a.code = p.one and a.n = p.n
    join single b on b.code = p.other and b.n = p.n
    where p.n >= %s order by p.n desc, 1, 2 limit 100
"""


@dataclass(frozen=True)
class Line:
    """One rule: on how many payments that it concerns it ran and what it said of them, the latest action, what became
    of those."""

    code: str
    name_en: str
    name_fr: str
    action: str
    shadow: bool
    ran: int
    hits: int
    confirmed: int
    cleared: int
    minutes: float

    @property
    def rate(self) -> float:
        return self.hits / self.ran if self.ran else 0.0

    @property
    def precision(self) -> figures.Precision:
        return figures.Precision(self.confirmed, self.confirmed + self.cleared)


@dataclass(frozen=True)
class Quality:
    """The rules that ran, by hits; those among them that never fired, and those that concerned none of the payments:
    their day had not come, or nothing of their kind; pairs that fired on the same payments always."""

    payments: int
    capped: bool
    lines: Sequence[Line]
    silent: Sequence[Line]
    beside: Sequence[Line]
    together: Sequence[tuple[str, str, int]]


def quality(entity_ids: Sequence[int], since: datetime, until: datetime) -> Quality:
    """Of payments received from ``since`` to before ``until``. Seven queries."""
    params = {
        "entities": list(entity_ids), "since": since, "until": until, "most": MOST,
        "confirmed": list(figures.CONFIRMED), "cleared": list(figures.CLEARED),
    }  # fmt: skip
    cost = capacity.minutes(entity_ids).by_action
    with transaction.atomic():
        sql.run("drop table if exists pg_temp.quality_last")
        sql.run(_LAST, params)
        number = int(sql.rows("select count(*) from quality_last")[0][0])
        ran = {code: (bool(shadow), int(count)) for code, shadow, count in sql.rows(_RAN)}
        hits = {row[0]: row for row in sql.rows(_HITS, params)}
        together = [(one, other, int(count)) for one, other, count in sql.rows(_TOGETHER, [TOGETHER_FROM])]
        named = _names(sorted({*ran, *hits}))
        sql.run("drop table pg_temp.quality_last")
    lines = [_line(code, named[code], ran.get(code, (False, 0)), hits.get(code), cost) for code in named]
    lines.sort(key=lambda line: (-line.hits, line.code))
    never = [line for line in lines if not line.hits]
    return Quality(
        number, number >= MOST, lines, [line for line in never if line.ran], [line for line in never if not line.ran],
        together,
    )  # fmt: skip


def _names(codes: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    rows = sql.rows(
        "select distinct on (c.code) c.code, c.name_en, c.name_fr, v.action from controls_rule c "
        "join controls_ruleversion v on v.rule_id = c.id "
        "where c.code = any(%s) order by c.code, v.published_at is null, v.number desc",
        [list(codes)],
    )
    return {code: (name_en, name_fr, action) for code, name_en, name_fr, action in rows}


def _line(
    code: str, named: tuple[str, str, str], ran: tuple[bool, int], hit: tuple[Any, ...] | None,
    cost: Mapping[str, float],
) -> Line:  # fmt: skip
    action = hit[3] if hit else named[2]
    hits = int(hit[4]) if hit else 0
    shadow, number = ran
    return Line(
        code, named[0], named[1], action, shadow, number, hits, int(hit[5]) if hit else 0, int(hit[6]) if hit else 0,
        0.0 if shadow else hits * cost.get(action, 0.0),
    )  # fmt: skip


@dataclass(frozen=True)
class Time:
    """What the expression of a rule takes for the payments measured, beside the empty statement; in seconds."""

    code: str
    number: int
    seconds: float


def times(payment_ids: Sequence[int], *, repeats: int = 5) -> tuple[list[Time], float]:
    """Each version in force by itself over the facts of these payments, and all of them together.

    The rules of a check share one statement, in which the time of one cannot be told: it is measured here, median of
    ``repeats``, less a statement with a rule that is never true. Reads and writes temporary tables alone.
    """
    versions: list[RuleVersion] = rulesets.in_force()
    members = [{**rulesets.member(version), "mode": "active"} for version in versions]
    own = rulesets.entities_with_own(members)
    nothing = {**members[0], "expression": "amount < 0", "parameters": {}, "sentence_en": "", "sentence_fr": ""}
    with transaction.atomic():
        sql.run("set local jit = off")
        facts.build(list(payment_ids))
        empty = _seconds(rulesets.statement_of([nothing], {}), repeats)
        told = [
            Time(
                member["rule"],
                member["number"],
                max(0.0, _seconds(rulesets.statement_of([member], own), repeats) - empty),
            )
            for member in members
        ]
        together = _seconds(rulesets.statement_of(members, own), repeats)
    return sorted(told, key=lambda one: -one.seconds), together


def _seconds(statement: str, repeats: int) -> float:
    taken = []
    for _again in range(repeats):
        sql.run("truncate findings")
        start = time.perf_counter()
        sql.run(statement)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
