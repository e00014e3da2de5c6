"""The figures of the dashboard. Each is a named, bounded query over the entities that the reader may see.

Days and hours are those of the reader's time zone. Nothing scans a whole table: today's payments are a range of the
index (entity, received_at), acts are a range of moments, open payments are counted up to a cap, and balances are one
row an account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.pages import COUNT_CAP
from backoffice.people.models import ApiToken, User
from documents.models import AuditRecord
from transactions.models import BankChannel, PaymentState

WEEKS = 4
RECENT_ACTS = 200_000
DECISIONS = ("payment.validated", "payment.approved", "payment.rejected", "payment.sent_back")
# Acts of a time that are no decisions: what its own author took back within its window, a first approval that its own
# author sent back, and the sending back. What was undone in that time is looked at, each by one step of the index of
# its payment.
_TAKEN_BACK = """
    select unnest(array[back.id, first.id])
    from documents_auditrecord back
    cross join lateral (
        select a.id, a.action, a.actor_id from documents_auditrecord a
        where a.subject_id = back.subject_id and a.subject_type = 'payment' and a.id < back.id
          and a.action in ('payment.validated', 'payment.approved', 'payment.rejected', 'payment.sent_back')
        order by a.id desc limit 1) first
    where back.subject_type = 'payment' and back.action in ('payment.sent_back', 'payment.withdrawn')
      and back.entity_id = any(%s) and back.occurred_at >= %s and back.occurred_at <= %s
      and first.actor_id = back.actor_id
      and case back.action when 'payment.sent_back' then first.action = 'payment.validated'
          else back.data::jsonb ->> 'verb' in ('validate', 'approve', 'reject') end
"""
# Acts that change what the house does, rather than move one payment along.
SIGNIFICANT = (
    "batch.refused", "outgoing.prepared", "outgoing.sent", "outgoing.voided", "outgoing.confirmed", "outgoing.answered",
    "outgoing.undelivered", "outgoing.unsure", "outgoing.unacknowledged", "outgoing.sent_again", "channel.added",
    "channel.changed", "channel.switched_on", "channel.switched_off", "channel.failing", "channel.recovered",
    "mandate.registered", "mandate.amended", "mandate.cancelled", "message.refused", "message.assigned",
    "message.dismissed", "cut_off.added", "cut_off.changed", "cut_off.withdrawn", "calendar.added", "calendar.closed",
    "calendar.opened", "account.opened", "account.changed", "source.added", "source.changed",
    "source.mapping_changed", "user.created", "user.granted", "user.revoked", "user.limited", "user.activated",
    "user.deactivated", "token.issued", "token.revoked", "scoring.changed",
)  # fmt: skip


def uses_channels(entity_ids: Sequence[int]) -> bool:
    """Do files of these entities go by channels, so that their arrival can be told?"""
    return BankChannel.objects.filter(entity__in=list(entity_ids)).exists()


@dataclass(frozen=True)
class Flow:
    """Payments received and decisions taken in each hour of a day, up to the hour of now; and what is usual by now."""

    day: date
    hours: list[int]
    received: list[int]
    decided: list[int]
    usual_by_now: tuple[int, int] | None
    received_by_now: int

    @property
    def decided_by_now(self) -> int:
        return sum(self.decided)

    @property
    def beside_usual(self) -> str:
        """``below``, ``within`` or ``above`` the band of the same weekday; empty without a past."""
        if self.usual_by_now is None:
            return ""
        low, high = self.usual_by_now
        return "below" if self.received_by_now < low else "above" if self.received_by_now > high else "within"


def flow(entity_ids: Sequence[int], now: datetime) -> Flow:
    """Three queries: today's payments by hour, today's decisions by hour, the same weekday of the last four weeks."""
    local = timezone.localtime(now)
    midnight = _midnight(local.date())
    zone = str(timezone.get_current_timezone())
    received = _by_hour(
        "select extract(hour from received_at at time zone %s)::int, count(*) from transactions_payment "
        "where entity_id = any(%s) and received_at >= %s and received_at <= %s group by 1",
        [zone, list(entity_ids), midnight, now],
    )
    today = [list(entity_ids), midnight, now]
    decided = _by_hour(
        "select extract(hour from occurred_at at time zone %s)::int, count(*) from documents_auditrecord "  # noqa: S608
        "where subject_type = 'payment' and action = any(%s) and entity_id = any(%s) "
        f"and occurred_at >= %s and occurred_at <= %s and id not in ({_TAKEN_BACK}) group by 1",
        [zone, list(DECISIONS), *today, *today],
    )
    busy = [hour for hour in {*received, *decided} if received.get(hour) or decided.get(hour)]
    first = min([8, *busy])
    hours = list(range(min(first, local.hour), max(local.hour, 18) + 1))
    return Flow(
        local.date(),
        hours,
        [received.get(hour, 0) for hour in hours],
        [decided.get(hour, 0) for hour in hours],
        _usual(entity_ids, local),
        sum(received.values()),
    )


def _by_hour(query: str, params: list[object]) -> dict[int, int]:
    return {int(hour): int(number) for hour, number in sql.rows(query, params)}


def _usual(entity_ids: Sequence[int], local: datetime) -> tuple[int, int] | None:
    """The fewest and the most payments received by this hour on the same weekday of the last four weeks: none is a
    number too. Nothing when no payment is as old as that."""
    days = [local.date() - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    starts = [_midnight(day) for day in days]
    ends = [timezone.make_aware(datetime.combine(day, local.time().replace(tzinfo=None))) for day in days]
    found = sql.rows(
        "select (select count(*) from transactions_payment p where p.entity_id = any(%s) "
        "and p.received_at >= w.since and p.received_at < w.until), "
        "exists(select from transactions_payment p where p.entity_id = any(%s) and p.received_at < w.until) "
        "from unnest(%s::timestamptz[], %s::timestamptz[]) as w(since, until)",
        [list(entity_ids), list(entity_ids), starts, ends],
    )
    counts = [int(row[0]) for row in found]
    return (min(counts), max(counts)) if any(row[1] for row in found) else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


# The open payments of highest priority, which is where lateness puts them, up to a cap for each entity and status.
_OPEN = " union all ".join(
    f"""
    select s.* from unnest(%s::bigint[]) as entity(id) cross join lateral (
        select s.payment_id, s.hold_count, s.due_at from transactions_paymentstate s
        where s.entity_id = entity.id and s.status = '{status}' order by s.priority desc limit {COUNT_CAP + 1}) s
    """  # noqa: S608 - constants
    for status in ("checked", "validated")
)


def _open_of(entity_ids: Sequence[int]) -> list[list[int]]:
    return [list(entity_ids)] * 2


@dataclass(frozen=True)
class Punctuality:
    """Decisions of the day in time and late, and what is still open: late now, due within the hour, the oldest."""

    kept: int
    broken: int
    open: int
    late: int
    soon: int
    oldest_due: datetime | None

    @property
    def share(self) -> float | None:
        return self.kept / (self.kept + self.broken) if self.kept + self.broken else None


def punctuality(entity_ids: Sequence[int], now: datetime) -> Punctuality:
    """A first decision (validation or rejection) against the due time of its payment, unless its author took it back.
    Two queries."""
    today = [list(entity_ids), _midnight(timezone.localtime(now).date()), now]
    kept, broken = sql.rows(
        "select count(*) filter (where a.occurred_at <= s.due_at), "  # noqa: S608 - a constant
        "count(*) filter (where a.occurred_at > s.due_at) "
        "from documents_auditrecord a join transactions_paymentstate s on s.payment_id = a.subject_id "
        "where a.subject_type = 'payment' and a.action in ('payment.validated', 'payment.rejected') "
        f"and a.entity_id = any(%s) and a.occurred_at >= %s and a.occurred_at <= %s and a.id not in ({_TAKEN_BACK})",
        [*today, *today],
    )[0]
    waiting = sql.rows(
        f"""
        select count(*), count(*) filter (where due_at < %s), count(*) filter (where due_at >= %s and due_at < %s),
               min(due_at) from ({_OPEN}) o where hold_count = 0
        """,  # noqa: S608 - a constant
        [now, now, now + timedelta(hours=1), *_open_of(entity_ids)],
    )[0]
    return Punctuality(int(kept), int(broken), int(waiting[0]), int(waiting[1]), int(waiting[2]), waiting[3])


@dataclass(frozen=True)
class RuleCount:
    """How many open payments a rule has a finding on."""

    code: str
    name_en: str
    name_fr: str
    action: str
    count: int


@dataclass(frozen=True)
class Safety:
    """Open payments that are held, how many have a finding, and the findings by rule, most frequent first."""

    held: int
    held_sums: list[tuple[str, Decimal]]
    with_finding: int
    rules: list[RuleCount]


def safety(entity_ids: Sequence[int]) -> Safety:
    """What the last assessment of each open payment found. Two queries."""
    scope = _open_of(entity_ids)
    held = sql.rows(
        f"select p.currency, count(*), sum(p.amount) from ({_OPEN}) o "  # noqa: S608 - a constant
        "join transactions_payment p on p.id = o.payment_id where o.hold_count > 0 group by 1 order by 3 desc",
        scope,
    )
    rules = sql.rows(
        f"""
        with found as (
            select r.payment_id, c.code, c.name_en, c.name_fr, r.action
            from ({_OPEN}) o
            cross join lateral (select a.id from controls_assessment a where a.payment_id = o.payment_id
                                order by a.id desc limit 1) last
            join controls_ruleresult r on r.assessment_id = last.id and not r.shadow
            join controls_ruleversion v on v.id = r.version_id
            join controls_rule c on c.id = v.rule_id)
        select null, null, null, null, count(distinct payment_id) from found
        union all
        (select code, name_en, name_fr, max(action), count(distinct payment_id) from found
         group by 1, 2, 3 order by 5 desc, 1 limit 12)
        """,  # noqa: S608 - a constant
        scope,
    )
    return Safety(
        sum(int(row[1]) for row in held),
        [(row[0], row[2]) for row in held],
        next((int(row[4]) for row in rules if row[0] is None), 0),
        sorted((RuleCount(*row) for row in rules if row[0] is not None), key=lambda rule: (-rule.count, rule.code)),
    )


@dataclass(frozen=True)
class Book:
    """The sums of debit and credit balances of one entity and currency."""

    entity_id: int
    entity: str
    code: str
    currency: str
    debit: Decimal
    credit: Decimal

    @property
    def balanced(self) -> bool:
        return self.debit == self.credit

    @property
    def difference(self) -> Decimal:
        return self.debit - self.credit


def books(entity_ids: Sequence[int]) -> list[Book]:
    """One row an account is read, never a posting. One query."""
    return [
        Book(*row)
        for row in sql.rows(
            """
            select e.id, e.name, e.code, a.currency,
                   coalesce(sum(b.balance) filter (where a.normal_side = 'D' and b.balance > 0), 0)
                       - coalesce(sum(b.balance) filter (where a.normal_side = 'C' and b.balance < 0), 0),
                   coalesce(sum(b.balance) filter (where a.normal_side = 'C' and b.balance > 0), 0)
                       - coalesce(sum(b.balance) filter (where a.normal_side = 'D' and b.balance < 0), 0)
            from transactions_account a join transactions_accountbalance b on b.account_id = a.id
            join people_entity e on e.id = a.entity_id
            where a.entity_id = any(%s) group by 1, 2, 3, 4 order by e.code, a.currency
            """,
            [list(entity_ids)],
        )
    ]


def decisions(entity_ids: Sequence[int], now: datetime, *, late: bool) -> QuerySet[AuditRecord]:
    """The decisions of the day that stand; with ``late`` only first decisions after the payment's due time. For keyset
    pages."""
    midnight = _midnight(timezone.localtime(now).date())
    rows = AuditRecord.objects.filter(
        subject_type="payment",
        action__in=DECISIONS,
        entity_id__in=entity_ids,
        occurred_at__gte=midnight,
        occurred_at__lte=now,
    ).exclude(pk__in=RawSQL(_TAKEN_BACK, [list(entity_ids), midnight, now]))  # noqa: S611 - a constant
    if late:
        after_due = PaymentState.objects.filter(payment_id=OuterRef("subject_id"), due_at__lt=OuterRef("occurred_at"))
        rows = rows.filter(Exists(after_due), action__in=("payment.validated", "payment.rejected"))
    return rows


def changes(entity_ids: Sequence[int], *, people: QuerySet[User], size: int = 12) -> list[AuditRecord]:
    """The last acts that changed the house, of these entities, and those on these people and their tokens.

    Acts on people belong to no entity, so whom the reader may see decides. Looks at the last ``RECENT_ACTS`` acts and
    no further. One query.
    """
    last = Subquery(AuditRecord.objects.order_by("-id").values("id")[:1])
    seen = people.order_by().values("pk")
    whose = (
        Q(entity_id__in=entity_ids)
        | Q(entity_id=None, subject_type="user", subject_id__in=seen)
        | Q(entity_id=None, subject_type="token", subject_id__in=ApiToken.objects.filter(user__in=seen).values("pk"))
    )
    rows = AuditRecord.objects.filter(whose, id__gt=last - RECENT_ACTS, action__in=SIGNIFICANT)
    return list(rows.order_by("-id")[:size])
