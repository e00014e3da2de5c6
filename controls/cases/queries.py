"""What pages and programs read of cases: lists, counts, the payments around one, the past, figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.pages import capped_count
from backoffice.people.models import User
from controls.cases import reasons
from controls.cases.reasons import Reason
from controls.cases.table import S, visible
from controls.models import Alert, Case
from transactions.models import Payment

OPEN, MINE, SNOOZED, CLOSED = "", "mine", "snoozed", "closed"
VIEWS = (OPEN, MINE, SNOOZED, CLOSED)
LATELY = timedelta(days=90)
MOST_AROUND = 60
MOST_FLOWS = 8


def of_view(rows: QuerySet[Case], view: str, person_id: int) -> QuerySet[Case]:
    """Open: all that is to do, what waits for an answer among it."""
    if view == CLOSED:
        return rows.filter(status=S.CLOSED)
    if view == SNOOZED:
        return rows.filter(status=S.SNOOZED)
    rows = rows.exclude(status__in=[S.CLOSED, S.SNOOZED])
    return rows.filter(assignee=person_id) if view == MINE else rows


def chosen(
    actor: User, entity_ids: Sequence[int], view: str = OPEN, *, typology: str = "", status: str = "",
    payment: int | None = None, incident: int | None = None, least: int | None = None,
) -> QuerySet[Case]:  # fmt: skip
    """The cases of a list, with its filters. ``view`` does not narrow what is asked of one payment or incident."""
    rows = visible(actor).filter(entity__in=list(entity_ids))
    if payment is not None:
        rows = rows.filter(pk__in=Alert.objects.filter(payment=payment).values("case"))
    elif incident is not None:
        rows = rows.filter(incident=incident)
    else:
        rows = of_view(rows, view, actor.pk)
    narrowed = {"typology": typology, "status": status}
    rows = rows.filter(**{name: value for name, value in narrowed.items() if value})
    return rows if least is None else rows.filter(score__gte=least)


def counts(actor: User, entity_ids: Sequence[int]) -> dict[str, int]:
    """How many are to do, in one's own hands, and snoozed; counted no further than a tab shows. Three queries."""
    rows = Case.objects.filter(entity__in=list(entity_ids))
    return {view: capped_count(of_view(rows, view, actor.pk)) for view in (OPEN, MINE, SNOOZED)}


def last_raised(entity_ids: Sequence[int]) -> datetime | None:
    """When the last alert was raised, so that silence can be trusted. One query."""
    rows = Alert.objects.filter(entity__in=list(entity_ids)).order_by("-pk")
    return rows.values_list("raised_at", flat=True).first()


_SUMS = """
    select x.case_id, x.currency, sum(x.amount)
    from (select distinct a.case_id, p.id, p.currency, p.amount
          from controls_alert a join transactions_payment p on p.id = a.payment_id where a.case_id = any(%s)) x
    group by 1, 2 order by 1, 3 desc
"""


def sums(case_ids: Sequence[int]) -> dict[int, list[tuple[str, Decimal]]]:
    """What the payments of cases amount to, by case and currency, the largest first. One query."""
    told: dict[int, list[tuple[str, Decimal]]] = {}
    for key, currency, total in sql.rows(_SUMS, [list(case_ids)]):
        told.setdefault(key, []).append((currency, Decimal(total)))
    return told


def first_reasons(case_ids: Sequence[int], most: int = 2) -> dict[int, list[Reason]]:
    """The heaviest reasons of the gravest alert of each case. Two queries."""
    gravest = Alert.objects.filter(case__in=list(case_ids)).order_by("case", "-score", "pk").distinct("case")
    alerts = list(gravest)
    told = reasons.told(alerts)
    return {alert.case_id: told[alert.pk][:most] for alert in alerts}


def alerts_of(case: Case) -> list[Alert]:
    """The alerts of a case, the gravest first, at most 200. One query."""
    rows = Alert.objects.filter(case=case).select_related(
        "payment__state", "raised_by", "occurrence__expectation", "occurrence__payment"
    )
    return list(rows.order_by("-score", "pk")[:200])


@dataclass(frozen=True)
class Around:
    """A payment beside those of a case: ``why`` is alert, evidence, link or party."""

    payment: Payment
    why: str


def around(case: Case, alerts: Sequence[Alert]) -> list[Around]:
    """The payments of the alerts, those that they name as evidence, linked ones, and what else the party had in the
    last 90 days, by when they came in. Two queries."""
    why = dict.fromkeys(_of_party(case), "party")
    linked = case.links.filter(payment__isnull=False).values_list("payment_id", flat=True)
    why |= dict.fromkeys((key for key in linked if key is not None), "link")
    named = [key for alert in alerts for key in alert.evidence.get("payments", ()) if isinstance(key, int)]
    why |= dict.fromkeys(named[:MOST_AROUND], "evidence")
    why |= dict.fromkeys((alert.payment_id for alert in alerts if alert.payment_id), "alert")
    # What came in the end of what was missing.
    came = (alert.occurrence.payment_id for alert in alerts if alert.occurrence)
    why |= dict.fromkeys((key for key in came if key), "evidence")
    rows = Payment.objects.filter(pk__in=why, entity=case.entity_id).select_related("state")
    return [Around(one, why[one.pk]) for one in rows.order_by("received_at", "pk")]


# By index where there is one; of operators and accounts the newest payments of the entity are looked through.
_LOOKED_THROUGH = """(
    select * from transactions_payment
    where entity_id = %(entity)s and received_at >= %(since)s order by received_at desc, id desc limit 20000)"""
_PARTY = {
    "payee": ("transactions_payment", "p.payee_id = %(key)s::bigint"),
    "number": (
        "transactions_payment",
        "(p.creditor_number = %(key)s or p.debtor_number = %(key)s and p.kind = 'incoming')",
    ),
    "payment": ("transactions_payment", "p.id = %(key)s::bigint"),
    "account": (_LOOKED_THROUGH, "%(key)s::bigint in (p.debtor_account_id, p.creditor_account_id)"),
    "operator": (_LOOKED_THROUGH, "p.maker_id = %(key)s::bigint"),
    "source": (
        _LOOKED_THROUGH,
        "p.batch_id in (select id from transactions_paymentbatch where source_id = %(key)s::bigint)",
    ),
}


def _of_party(case: Case) -> list[int]:
    source, condition = _PARTY[case.group]
    rows = sql.rows(
        f"select p.id from {source} p where {condition} and p.entity_id = %(entity)s "  # noqa: S608
        "and p.received_at >= %(since)s order by p.received_at desc limit %(most)s",
        {
            "key": case.group_key, "entity": case.entity_id, "since": case.opened_at - LATELY,
            "most": MOST_AROUND // 2,
        },
    )  # fmt: skip
    return [row[0] for row in rows]


@dataclass(frozen=True)
class Flow:
    """What went between the party and another: ``incoming`` to the party. Sums are of one currency."""

    name: str
    incoming: bool
    payments: int
    amount: Decimal
    currency: str


def flows(case: Case) -> list[Flow]:
    """Who pays the party and whom it pays, from 90 days before the case on, the largest sums of each side first. One
    query; of operators and accounts the newest 20,000 payments of the entity are looked through."""
    source, condition = _PARTY[case.group]
    rows = sql.rows(
        f"""
        select side.name, side.incoming, count(*), sum(p.amount), p.currency
        from {source} p
        join transactions_paymentstate s on s.payment_id = p.id and s.status not in ('rejected', 'cancelled')
        cross join lateral (
            select (p.kind in ('debit', 'incoming', 'card')) = %(own)s as incoming,
                   case when p.kind in ('debit', 'incoming', 'card') = %(own)s then p.debtor_name
                        else p.creditor_name end as name) side
        where {condition} and p.entity_id = %(entity)s and p.received_at >= %(since)s
        group by 1, 2, 5 order by 2 desc, 4 desc, 1
        """,  # noqa: S608 - constants of this module
        {
            "key": case.group_key, "entity": case.entity_id, "since": case.opened_at - LATELY,
            "own": case.group in {"account", "operator"},
        },
    )  # fmt: skip
    told = [
        Flow(name or "\u2013", incoming, int(n), Decimal(total), currency)
        for name, incoming, n, total, currency in rows
    ]
    sides = [[one for one in told if one.incoming == incoming][:MOST_FLOWS] for incoming in (True, False)]
    return [*sides[0], *sides[1]]


@dataclass(frozen=True)
class Past:
    """Closed cases like one: how many, how many of them were a confirmed risk, and the last of them."""

    count: int
    confirmed: int
    cases: Sequence[Case]


def similar(case: Case, actor: User) -> Past:
    """Closed cases of the same party, or of the same typology in the entity in the last year. Two queries."""
    like = Q(group=case.group, group_key=case.group_key) | Q(
        typology=case.typology, closed_at__gte=timezone.now() - timedelta(days=365)
    )
    rows = visible(actor).filter(like, entity=case.entity_id, status=S.CLOSED).exclude(pk=case.pk)
    outcomes = list(rows.order_by().values_list("disposition", flat=True)[:1000])
    return Past(len(outcomes), outcomes.count(Case.Disposition.CONFIRMED), list(rows[:8]) if outcomes else [])


@dataclass(frozen=True)
class Figure:
    """Of one typology or person in a period: ``minutes`` is the median from opening to disposition."""

    key: Any
    closed: int
    confirmed: int
    valuable: int
    false: int
    minutes: float

    @property
    def precision(self) -> float:
        """The share of what was worth an alert."""
        return (self.confirmed + self.valuable) / self.closed if self.closed else 0.0


@dataclass(frozen=True)
class Figures:
    """``agreed`` of ``seconded`` rounds with two verdicts said the same; ``reopened`` of the closed cases were."""

    opened: int
    typologies: Sequence[Figure]
    people: Sequence[Figure]
    minutes: float | None
    seconded: int
    agreed: int
    reopened: int


_CLOSED = """
    with closed as (
        select c.typology, c.disposition, c.round, extract(epoch from c.closed_at - c.opened_at) / 60 as minutes,
               (select v.person_id from controls_caseverdict v
                where v.case_id = c.id and v.round = c.round and v.place = 1) as person
        from controls_case c
        where c.status = 'closed' and c.entity_id = any(%(entities)s)
          and c.closed_at >= %(since)s and c.closed_at < %(until)s
    )
    select by.kind, by.key, count(*), count(*) filter (where c.disposition = 'confirmed_risk'),
           count(*) filter (where c.disposition = 'valuable_alert'),
           count(*) filter (where c.disposition = 'false_positive'),
           percentile_cont(0.5) within group (order by c.minutes), count(*) filter (where c.round > 1)
    from closed c
    cross join lateral (values ('all', ''), ('typology', c.typology), ('person', c.person::text)) by(kind, key)
    group by 1, 2 order by 1, 3 desc, 2
"""
_SECONDED = """
    select count(*), count(*) filter (where a.disposition = b.disposition)
    from controls_caseverdict a join controls_caseverdict b on b.case_id = a.case_id and b.round = a.round
    join controls_case c on c.id = a.case_id and c.entity_id = any(%(entities)s)
    where a.place = 1 and b.place = 2 and b.given_at >= %(since)s and b.given_at < %(until)s
"""


def figures(entity_ids: Sequence[int], since: datetime, until: datetime) -> Figures:
    """Of cases closed from ``since`` to before ``until``: by typology, and by who gave the first verdict. Three
    queries."""
    params = {"entities": list(entity_ids), "since": since, "until": until}
    told: dict[str, list[Figure]] = {"all": [], "typology": [], "person": []}
    reopened = 0
    for kind, key, closed, confirmed, valuable, false, minutes, again in sql.rows(_CLOSED, params):
        named: Any = int(key) if kind == "person" and key else key
        told[kind].append(Figure(named, closed, confirmed, valuable, false, float(minutes)))
        reopened = again if kind == "all" else reopened
    seconded, agreed = sql.rows(_SECONDED, params)[0]
    opened = Case.objects.filter(entity__in=list(entity_ids), opened_at__gte=since, opened_at__lt=until).count()
    minutes_of_all = told["all"][0].minutes if told["all"] else None
    return Figures(opened, told["typology"], told["person"], minutes_of_all, int(seconded), int(agreed), reopened)


def causes_in_common(cases: Sequence[Case]) -> list[tuple[str, str, list[int]]]:
    """What several open cases have in common, so that they may be an incident: kind of cause, its name, their keys.
    The most cases first. One query."""
    rows = sql.rows(
        """
        select x.kind, x.label, array_agg(distinct x.case_id order by x.case_id)
        from (
            select a.case_id, 'file' as kind, b.file_name as label
            from controls_alert a join transactions_payment p on p.id = a.payment_id
            join transactions_paymentbatch b on b.id = p.batch_id and b.file_name <> '' where a.case_id = any(%(ids)s)
            union all
            select a.case_id, 'payee', p.creditor_name
            from controls_alert a join transactions_payment p on p.id = a.payment_id
            where p.creditor_name <> '' and a.case_id = any(%(ids)s)
            union all
            select a.case_id, 'operator', u.full_name
            from controls_alert a join transactions_payment p on p.id = a.payment_id
            join people_user u on u.id = p.maker_id where a.case_id = any(%(ids)s)
            union all
            select a.case_id, 'rule', a.version from controls_alert a
            where a.origin = 'rule' and a.case_id = any(%(ids)s)
        ) x group by 1, 2 having count(distinct x.case_id) > 1 order by count(distinct x.case_id) desc, 1, 2 limit 6
        """,
        {"ids": [case.pk for case in cases]},
    )
    return [(kind, label, list(keys)) for kind, label, keys in rows]
