"""The fact table as it was when each payment was last checked, for payments of the past.

What the present knows better than that moment is the fate of earlier payments: a payment that was rejected last week
was open the week before. The SQL of the facts asks for it in one way (``st.status in (...)``); here that expression is
written anew, with the status as of the moment of each check. A state that has not changed since tells it itself; of the
others the audit trail does (``status_at``). The statements are otherwise those of the live checks, so that the two
cannot drift apart.

Payments are replayed in rounds. In one round all payments to one account see the same earlier payments, and all
payments of one moment were checked together: two checks between which something happened to an earlier payment are
never in one round. Most chunks need one round.

Earlier payments that were amended since are compared with as they were. Read as they stand now: what
``needs.PRESENT`` names, and of amended payments what cash and mandates are summed over. An act that was under way while
the check ran counts by its recorded moment.
"""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from backoffice.common import sql
from controls import facts, tables
from controls.backtest.needs import ALWAYS, Needs
from controls.screening import verdicts

_FATE = re.compile(r"\b(\w+)\.status (not in|in) \(")
_OF_ACCOUNT = (
    "(select max(j.judged_at) from replayed j "
    "where j.entity_id = k.entity_id and j.creditor_number = k.creditor_number)"
)
_OF_MOMENT = "(select max(j.judged_at) from replayed j where j.moment = k.moment)"
_OF_PAYMENT = "(select j.judged_at from replayed j where j.payment_id = %s.payment_id)"
# By the table that a statement fills, or its file and place there: whose check counts.
_WHOSE = {
    "fact_recent": _OF_ACCOUNT,
    **dict.fromkeys(
        ("fact_usual", "fact_number_paid", "fact_maker", "fact_debt", "fact_cash_month", "fact_typed"), _OF_MOMENT
    ),
    "fact_mandate": _OF_PAYMENT % "c",
    "fact_received": _OF_PAYMENT % "f",
}
# Filled in any case, by next to nothing: ``facts`` joins it to every payment.
_NO_PARTY = (
    "insert into fact_party (payment_id, entity_id, creditor_number, currency, moment) "
    "select payment_id, entity_id, creditor_number, currency, moment from fact_subject"
)
# A payment is joined to its payee when it is posted, if nobody knew the payee before: at its check it had none. One
# that was amended was looked up anew then.
_UNLEARN = """
    update fact_subject s set payee_id = null
    from replayed j, transactions_payee y
    where j.payment_id = s.payment_id and y.id = s.payee_id
      and y.created_at > case when exists (select from transactions_historicalpayment h where h.id = s.payment_id)
                              then j.judged_at else j.moment end
"""
# Answers about a payee that came after the check are not of its moment.
_LAST_LINK = "where l.payment_id = s.payment_id"
_ANALYZE = re.compile(r"analyze (\w+)")


@dataclass(frozen=True)
class Subject:
    """A payment to replay: when it was known, and when it was judged. Those of one ``round`` go together."""

    payment_id: int
    entity_id: int
    creditor_number: str
    moment: datetime
    judged_at: datetime
    round: tuple[int, int]


_SUBJECTS = """
    with s as materialized (
        select p.id, p.entity_id, p.creditor_number, p.batch_id, p.received_at,
               greatest(p.received_at, b.read_at) as moment,
               coalesce(
                   (select a.ran_at from controls_assessment a where a.payment_id = p.id order by a.id desc limit 1),
                   greatest(p.received_at, b.read_at)) as judged_at
        from transactions_payment p
        join transactions_paymentbatch b on b.id = p.batch_id
        where p.id = any(%(ids)s)
    ), bounds as materialized (
        select min(judged_at) as since, max(judged_at) as until from s
    ), acts as materialized (
        select a.subject_id, a.action, a.occurred_at from documents_auditrecord a
        where %(of_account)s and a.subject_type = 'payment'
          and a.occurred_at > (select since from bounds) and a.occurred_at <= (select until from bounds)
          and a.action in ('payment.received', 'payment.rejected', 'payment.cancelled', 'payment.returned',
                           'payment.reopened', 'payment.withdrawn', 'payment.amended')
    ), befell as materialized (
        select h.id, h.entity_id, h.creditor_number, h.received_at, a.occurred_at
        from acts a join transactions_payment h on h.id = a.subject_id
        where a.action <> 'payment.received' or a.occurred_at > h.received_at + interval '1 second'
        union all
        -- One that was amended leaves the account that it named before.
        select v.id, v.entity_id, v.creditor_number, v.received_at, a.occurred_at
        from acts a join transactions_historicalpayment v on v.id = a.subject_id where a.action = 'payment.amended'
    ), breaks as materialized (
        -- What befell an earlier payment to the same account between two checks of this chunk.
        select distinct s.entity_id, s.creditor_number, h.occurred_at
        from befell h
        join s on s.entity_id = h.entity_id and s.creditor_number = h.creditor_number and s.creditor_number <> ''
            and s.id <> h.id and s.judged_at < h.occurred_at and s.moment >= h.received_at
    ), brought as materialized (
        select distinct entity_id, creditor_number, batch_id, received_at, moment from s
        where %(of_account)s and creditor_number <> ''
    ), tangled as materialized (
        -- A payment that came while a file waited to be read: each is earlier than the other, by its own clock.
        select distinct f.entity_id, f.creditor_number
        from brought f join brought o on o.entity_id = f.entity_id and o.creditor_number = f.creditor_number
            and o.batch_id <> f.batch_id and o.moment > f.received_at and o.received_at <= f.moment
        where f.moment > f.received_at
    ), placed as (
        -- One that was amended stands in its own round with what it says now; others see what it said then.
        select s.*, t.entity_id is not null as apart,
               case when %(of_account)s and exists (
                   select from transactions_historicalpayment v where v.id = s.id and v.history_type = '~')
                    then -1 else 1 end as side,
               (select count(*) from breaks x
                where x.entity_id = s.entity_id and x.creditor_number = s.creditor_number
                  and x.occurred_at <= s.judged_at) as past
        from s left join tangled t on t.entity_id = s.entity_id and t.creditor_number = s.creditor_number
    )
    select id, entity_id, creditor_number, moment, judged_at,
           case when not %(of_account)s then 1
                when apart then side * dense_rank()
                    over (partition by entity_id, creditor_number, side order by judged_at, batch_id)
                else side * dense_rank() over (partition by entity_id, creditor_number, side order by past) end,
           case when %(of_moment)s then dense_rank() over (partition by moment order by judged_at) else 1 end
    from placed order by id
"""


def subjects(ids: Sequence[int], needs: Needs) -> list[Subject]:
    """When each payment was last checked, and the rounds they fall into. A payment without a check is judged as of the
    moment when it was read. One query."""
    asked = {"ids": list(ids), "of_account": needs.of_account, "of_moment": needs.of_moment}
    return [
        Subject(payment_id, entity_id, number, moment, judged_at, (int(of_account), int(of_moment)))
        for payment_id, entity_id, number, moment, judged_at, of_account, of_moment in sql.rows(_SUBJECTS, asked)
    ]


def rounds(some: Iterable[Subject]) -> list[list[Subject]]:
    """The subjects by round, the earliest first."""
    found: dict[tuple[int, int], list[Subject]] = {}
    for one in some:
        found.setdefault(one.round, []).append(one)
    return [found[key] for key in sorted(found)]


def build(some: Sequence[Subject], needs: Needs) -> None:
    """Fill ``facts`` for the subjects of one round as it was at their checks, in the present transaction.

    Only what ``needs`` names is filled: facts beyond that are null.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the fact table lasts as long as a transaction; open one")
    tables.prepare()
    since = min(one.judged_at for one in some)
    changed = [row[0] for row in sql.rows(_CHANGED_SINCE, [since])]
    if changed or needs.of_account or needs.of_moment or "fact_party" in needs.tables:
        sql.copy(
            "replayed", ("payment_id", "entity_id", "creditor_number", "moment", "judged_at"),
            [(one.payment_id, one.entity_id, one.creditor_number, one.moment, one.judged_at) for one in some],
        )  # fmt: skip
        sql.run("analyze replayed")
    params: dict[str, Any] = {"ids": [one.payment_id for one in some]}
    for name in tables.FACT_FILES:
        if name == "facts":
            facts.judge_distinct(needs.tables)
        elif name == "fact_screening":
            # Against the lists in force now, and by what was decided since (needs.PRESENT).
            if "screened" in needs.tables:
                verdicts.fill()
            continue
        for table, text in _statements(name, needs.tables):
            told = text.replace("{since}", since.isoformat())
            sql.run(told, params if table == "fact_subject" else None)
            if table == "fact_subject" and "fact_party" in needs.tables:
                sql.run(_UNLEARN)
            elif table == "fact_recent":
                _amended(told, since)
    _accounts(changed)


@functools.lru_cache(maxsize=64)
def _statements(name: str, wanted: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The statements of a file that are wanted, with the fate of earlier payments as of the checks."""
    found = []
    for table, text in tables.steps(name):
        if table == "fact_party" and table not in wanted:
            found.append((table, _NO_PARTY))
        elif table in wanted or table == "facts" or (not table and _wanted(name, text, wanted)):
            found.append((table, _as_of(table or name, text)))
    return tuple(found)


def _wanted(name: str, text: str, wanted: frozenset[str]) -> bool:
    """A statement that fills no table of its own: it describes one, or completes ``facts``."""
    if analyzed := _ANALYZE.match(text):
        return name == "facts" or analyzed[1] in wanted
    if name == "fact_rare":
        return any(re.search(rf"\b{table}\b", text) for table in wanted - {"fact_subject"})
    return True


def _as_of(place: str, text: str) -> str:
    if place == "fact_verification":
        return text.replace(_LAST_LINK, f"{_LAST_LINK} and l.linked_at <= {_OF_PAYMENT % 's'}")
    whose = _WHOSE.get(place)
    if whose is None:
        return text
    if place == "fact_received" and "past as" in text:
        whose = _OF_ACCOUNT

    # A moment before the check that is at hand in the statement: what has not changed since then needs no look.
    before = "k.moment" if whose is _OF_MOMENT else "k.until" if place == "fact_recent" else "'{since}'::timestamptz"

    def status(found: re.Match[str]) -> str:
        state = found[1]
        told = (
            f"case when {state}.changed_at <= {before} then {state}.status "
            f"else status_at({state}.payment_id, {whose}) end"
        )
        return f"({told}) {found[2]} ("

    return _FATE.sub(status, text)


_VERSIONS_THEN = """
    insert into replayed_version
    select v.id, v.entity_id, v.batch_id, v.position, v.received_at, v.creditor_number, v.currency, v.amount,
           v.end_to_end_id, v.creditor_reference, v.remittance
    from (select h.*, lead(h.history_date) over w as ended_at, lag(h.history_id) over w as former
          from transactions_historicalpayment h where h.id = any(%s)
          window w as (partition by h.id order by h.history_date, h.history_id)) v
    join (select entity_id, creditor_number, max(judged_at) as judged_at from replayed group by 1, 2) j
        on j.entity_id = v.entity_id and j.creditor_number = v.creditor_number
    where not exists (select from replayed o where o.payment_id = v.id and o.creditor_number <> v.creditor_number)
      and (v.former is null or v.history_date <= j.judged_at) and (v.ended_at is null or v.ended_at > j.judged_at)
"""


def _amended(recent: str, since: datetime) -> None:
    """Earlier payments that were amended since stand among the recent ones with what they said then."""
    some = [
        row[0]
        for row in sql.rows("select distinct id from transactions_historicalpayment where history_date > %s", [since])
    ]
    if some:
        sql.run("delete from fact_recent where id = any(%s)", [some])
        sql.run(_VERSIONS_THEN, [some])
        sql.run(recent.replace("join transactions_payment h\n", "join replayed_version h\n"))


_STATUS_THEN = """
    update facts f set {column} = v.status
    from replayed j
    join fact_subject s on s.payment_id = j.payment_id
    cross join lateral (
        select h.status from transactions_historicalaccount h
        where h.id = s.{account} and h.history_date <= j.judged_at
        order by h.history_date desc, h.history_id desc limit 1) v
    where f.payment_id = j.payment_id and f.{column} is not null
      and s.{account} = any(%s)
"""
_CHANGED_SINCE = "select distinct id from transactions_historicalaccount where history_date > %s"


def _accounts(changed: Sequence[int]) -> None:
    """The status of accounts that changed since, from their versions."""
    if changed:
        for column, account in (
            ("account_status", "debtor_account_id"), ("creditor_account_status", "creditor_account_id"),
        ):  # fmt: skip
            sql.run(_STATUS_THEN.format(column=column, account=account), [list(changed)])


# Where the versions of each source are kept (needs.PRESENT).
_VERSIONS: Mapping[str, tuple[str, ...]] = {
    "bands": ("controls_historicalapprovalpolicy",),
    "limits": ("people_historicallimit", "people_historicalgrant"),
    "payees": ("transactions_historicalpayee",),
    "mandates": ("transactions_historicalmandate",),
    "parties": ("transactions_historicalparty",),
    "accounts": ("transactions_historicalaccount",),
}


def inexact(needs: Needs, since: datetime) -> list[str]:
    """Of what the rule asks for, what is read as it stands now and changed after ``since``: codes of needs.PRESENT."""
    return [code for code in needs.present if code in ALWAYS or _changed(_VERSIONS[code], since)]


def _changed(versions: Sequence[str], since: datetime) -> bool:
    return any(
        sql.rows(f"select exists (select from {name} where history_date > %s and history_type <> '+')", [since])[0][0]  # noqa: S608
        for name in versions
    )
