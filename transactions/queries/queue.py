"""The open queues: what waits for a person, best first, at any depth for the price of the first page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.utils.dateparse import parse_datetime

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.common.pages import COUNT_CAP
from transactions.models import PaymentState

TODO, MINE, SECOND, MISS, DOCUMENT, WAITING, LARGE = "todo", "mine", "second", "miss", "document", "waiting", "large"
VIEWS = (TODO, MINE, SECOND, MISS, DOCUMENT, WAITING, LARGE)
LARGE_FROM = Decimal(50_000)
SOON_MINUTES = 30

_STATUSES = {
    TODO: ("checked",),
    MINE: ("checked", "validated"),
    SECOND: ("validated",),
    MISS: ("checked", "validated"),
    DOCUMENT: ("checked", "validated"),
    WAITING: ("checked", "validated"),
    LARGE: ("checked",),
}
_UNSIGNED = "s.approvals_given < s.approvals_required"
# What a person has in hand: handed over to them or to a team of theirs, or claimed. Both are looked up by an index.
_HANDED = """
    select o.payment_id from transactions_handover o
    where o.ended_at is null and (o.person_id = %(person)s or o.team_id in (
        select m.team_id from people_team_members m where m.user_id = %(person)s))
"""
_IN_HAND = f"""s.payment_id in (
    select c.payment_id from transactions_paymentstate c where c.claimed_by_id = %(person)s and c.claimed_until > now()
    union all {_HANDED})
"""  # noqa: S608 - a constant of this module
# On hold, it is worked on all the same when the moment of its hold came.
_FREE_NOW = "(s.hold_count = 0 or s.brought_back)"
_ASKED = (
    "exists (select 1 from transactions_informationrequest q "
    "where q.payment_id = s.payment_id and q.answered_at is null and q.closed_at is null)"
)
# Handed over comes before all that is worked out.
_HANDED_FIRST = 100_000


@dataclass(frozen=True)
class QueueFilter:
    """What part of the queue is asked for. ``entity_ids`` are entities the person may see, never more.

    ``miss``: those that :func:`will_miss` told, in that view.
    ``also`` narrows further: constant SQL on the aliases ``s`` (state) and ``p`` (payment) with its parameters.
    """

    entity_ids: Sequence[int]
    view: str = TODO
    person_id: int = 0
    minimum_risk: int = 0
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    miss: Sequence[int] = ()
    also: tuple[tuple[str, tuple[Any, ...]], ...] = ()

    def holds(self, state: PaymentState) -> bool:
        """Whether a payment is of this view, leaving the finer filters aside."""
        if state.status not in _STATUSES[self.view]:
            return False
        if self.view == SECOND and state.approvals_given >= state.approvals_required:
            return False
        if self.view in {WAITING, DOCUMENT}:
            return state.hold_count > 0
        return self.view == MINE or state.hold_count == 0 or state.brought_back

    @property
    def rank(self) -> str:
        """The expression that the view is ordered by first, highest first."""
        if self.view != MINE:
            return "s.priority"
        handed = _HANDED % {"person": int(self.person_id)}
        return f"(s.priority + case when s.payment_id in ({handed}) then {_HANDED_FIRST} else 0 end)"

    def conditions(self) -> tuple[str, list[Any]]:
        parts: list[tuple[str, tuple[Any, ...]]] = []
        if self.view in {TODO, LARGE, SECOND, MISS}:
            parts.append((_FREE_NOW, ()))
        if self.view == SECOND:
            # Signed by all and waiting for the day of its execution: nothing to do.
            parts.append((_UNSIGNED, ()))
        if self.view == WAITING:
            parts.append(("s.hold_count > 0", ()))
        if self.view == DOCUMENT:
            parts.append((_ASKED, ()))
        if self.view == MINE:
            parts.append((_IN_HAND % {"person": int(self.person_id)}, ()))
        if self.minimum_risk:
            parts.append(("s.risk >= %s", (self.minimum_risk,)))
        lowest = max(self.amount_from or Decimal(0), LARGE_FROM if self.view == LARGE else Decimal(0))
        if lowest:
            parts.append(("p.amount >= %s", (lowest,)))
        if self.amount_to is not None:
            parts.append(("p.amount <= %s", (self.amount_to,)))
        if self.view == MISS:
            parts.append(("s.payment_id = any(%s::bigint[])", (list(self.miss),)))
        parts.extend(self.also)
        return "".join(f" and {text}" for text, _params in parts), [
            value for _text, params in parts for value in params
        ]


@dataclass(frozen=True)
class Place:
    """Where a payment stands in the order of the queue: highest priority, then soonest due, then oldest."""

    priority: int
    due_at: datetime
    payment_id: int

    def cursor(self, *, backwards: bool = False) -> str:
        key = [int(backwards), self.priority, self.due_at.isoformat(), self.payment_id]
        return signing.dumps(key, salt="page:queue")


@dataclass(frozen=True)
class QueuePage:
    """Identifiers in order. ``next`` and ``previous`` are signed cursors for the URL, or empty."""

    ids: list[int]
    next: str
    previous: str


def _read(cursor: str) -> tuple[bool, Place]:
    try:
        backwards, priority, due_at, payment_id = signing.loads(cursor, salt="page:queue")
        moment = parse_datetime(due_at)
        if moment is None:
            raise ValueError(due_at)
        return bool(backwards), Place(int(priority), moment, int(payment_id))
    except (signing.BadSignature, ValueError, TypeError):
        raise BusinessError("cursor.invalid") from None


# The order mixes directions, so a row comparison alone cannot serve it: a page after a place is the rest of its own
# priority, then the lower priorities, each a range of the index (entity, -priority, due_at, payment).
_PIECES = {
    False: (
        "{rank} = %s and (s.due_at, s.payment_id) > (%s, %s)",
        "{rank} < %s",
        "{rank} desc, s.due_at, s.payment_id",
        "priority desc, due_at, payment_id",
    ),
    True: (
        "{rank} = %s and (s.due_at, s.payment_id) < (%s, %s)",
        "{rank} > %s",
        "{rank}, s.due_at desc, s.payment_id desc",
        "priority, due_at desc, payment_id desc",
    ),
}


def _places(wanted: QueueFilter, *, after: Place | None, backwards: bool, size: int) -> list[Place]:
    """``size`` places after (or, backwards, before) one, nearest first. One query: a merge of each entity's best."""
    same, beyond, inner, outer = (piece.replace("{rank}", wanted.rank) for piece in _PIECES[backwards])
    conditions, values = wanted.conditions()
    ranges: list[tuple[str, list[Any]]] = [("", [])]
    if after:
        ranges = [
            (f" and {same}", [after.priority, after.due_at, after.payment_id]),
            (f" and {beyond}", [after.priority]),
        ]
    branches, params = [], []
    for status in _STATUSES[wanted.view]:
        for text, places in ranges:
            branches.append(f"""
                select x.* from unnest(%s::bigint[]) as entity(id) cross join lateral (
                    select s.payment_id, {wanted.rank} as priority, s.due_at from transactions_paymentstate s
                    {"join transactions_payment p on p.id = s.payment_id" if "p." in conditions else ""}
                    where s.entity_id = entity.id and s.status = '{status}'{conditions}{text}
                    order by {inner} limit {int(size)}) x
            """)  # noqa: S608 - every fragment is a constant of the code
            params += [list(wanted.entity_ids), *values, *places]
    found = sql.rows(
        f"select priority, due_at, payment_id from ({' union all '.join(branches)}) q "  # noqa: S608
        f"order by {outer} limit {int(size)}",
        params,
    )
    return [Place(*row) for row in found]


def queue_page(wanted: QueueFilter, *, cursor: str = "", size: int = 50) -> QueuePage:
    """One page of the queue. One query, whatever the depth."""
    backwards, after = _read(cursor) if cursor else (False, None)
    found = _places(wanted, after=after, backwards=backwards, size=size + 1)
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next = bool(found) and (bool(cursor) if backwards else more)
    has_previous = bool(found) and (more if backwards else bool(cursor))
    return QueuePage(
        [place.payment_id for place in found],
        found[-1].cursor() if has_next else "",
        found[0].cursor(backwards=True) if has_previous else "",
    )


def queue_neighbours(wanted: QueueFilter, state: PaymentState, *, cap: int = 1000) -> dict[str, int | None]:
    """The payments before and after one in the queue, and how many come before it (None above ``cap``). Two queries,
    in "Mine" a third."""
    place = Place(_rank_of(wanted, state), state.due_at, state.payment_id)
    before = _places(wanted, after=place, backwards=True, size=cap + 1)
    after = _places(wanted, after=place, backwards=False, size=1)
    return {
        "previous": before[0].payment_id if before else None,
        "next": after[0].payment_id if after else None,
        "position": len(before) + 1 if len(before) <= cap else None,
    }


def _rank_of(wanted: QueueFilter, state: PaymentState) -> int:
    if wanted.view != MINE:
        return state.priority
    handed = sql.rows(
        f"select 1 where %(key)s in ({_HANDED})",
        {"key": state.payment_id, "person": wanted.person_id},
    )
    return state.priority + (_HANDED_FIRST if handed else 0)


def queue_rows(ids: Sequence[int]) -> list[PaymentState]:
    """The states with these identifiers, in their order, with payment, entity and holder. One query."""
    rows = PaymentState.objects.select_related("payment", "entity", "claimed_by").in_bulk(list(ids))
    return [rows[key] for key in ids if key in rows]


def queue_counts(entity_ids: Sequence[int], person_id: int) -> dict[str, int]:
    """How many wait in each view, and how many of them are late or soon; none counted beyond ``COUNT_CAP`` + 1.

    Who will miss a cut-off is a forecast (:func:`misses`).

    One query. It reads the most urgent ten thousand of each entity's queues, in the order of their index: ``large``,
    ``late`` and ``soon`` are counted among those, which is where their priority puts them.
    """
    if not entity_ids:
        return dict.fromkeys([*(view for view in VIEWS if view != MISS), "late", "soon"], 0)
    row = sql.dicts(
        _COUNTS,
        {
            "entities": list(entity_ids), "person": person_id, "large": LARGE_FROM, "cap": COUNT_CAP + 1,
            "soon": SOON_MINUTES,
        },
    )[0]  # fmt: skip
    return {name: int(value) for name, value in row.items()}


_BEST = """
    select x.* from unnest(%(entities)s::bigint[]) as entity(id) cross join lateral (
        select s.payment_id, s.status, s.hold_count, s.due_at, (s.hold_count = 0 or s.brought_back) as free
        from transactions_paymentstate s
        where s.entity_id = entity.id and s.status = '{status}'{more}
        order by s.priority desc, s.due_at, s.payment_id limit %(cap)s) x
"""
_FREE = """
    count(*) filter (where free) as free, count(*) filter (where hold_count > 0) as held,
    count(*) filter (where hold_count = 0 and due_at < now()) as late,
    count(*) filter (where hold_count = 0 and due_at >= now()
                     and due_at < now() + %(soon)s * interval '1 minute') as soon
"""
_COUNTS = """
    with first as ({first}), second as ({second})
    select a.free as todo, b.free as second, a.held + b.held as waiting, a.late + b.late as late,
           a.soon + b.soon as soon, c.large, d.mine, f.document
    from (select {free} from first) a, (select {free} from second) b,
         (select count(*) as large from first join transactions_payment p on p.id = first.payment_id
          where free and p.amount >= %(large)s) c,
         (select count(*) as mine from transactions_paymentstate s
          where {mine} and s.entity_id = any(%(entities)s) and s.status in ('checked', 'validated')) d,
         (select count(distinct q.payment_id) as document from transactions_informationrequest q
          join transactions_paymentstate s on s.payment_id = q.payment_id and s.status in ('checked', 'validated')
          where q.entity_id = any(%(entities)s) and q.answered_at is null and q.closed_at is null) f
""".format(  # noqa: S608 - fragments of this module
    first=_BEST.format(status="checked", more=""),
    second=_BEST.format(status="validated", more=f" and (s.hold_count > 0 or {_UNSIGNED})"),
    free=_FREE,
    mine=_IN_HAND,
)


def decisions_today(person_id: int, since: datetime) -> dict[str, int]:
    """How many payments the person decided since a moment (their midnight) and in the last hour.

    A payment counts once, by the person's last decision on it, and not at all when that one took back their own. Reads
    their last 2,000 acts, newest first: more in a day is not the work of hands. One query.
    """
    row = sql.rows(
        """
        with act as (
            select id, occurred_at, action, subject_id from documents_auditrecord where actor_id = %(person)s
            order by id desc limit 2000),
        decision as (
            select occurred_at, action, row_number() over later = 1 as last,
                   lead(action) over later = 'payment.validated' as after_own
            from act
            where action in ('payment.validated', 'payment.approved', 'payment.rejected', 'payment.sent_back',
                             'payment.withdrawn')
            window later as (partition by subject_id order by id desc))
        select count(*) filter (where occurred_at >= %(since)s),
               count(*) filter (where occurred_at >= now() - interval '1 hour')
        from decision
        where last and action <> 'payment.withdrawn'
          and not (action = 'payment.sent_back' and coalesce(after_own, false))
        """,
        {"person": person_id, "since": since},
    )[0]
    return {"today": int(row[0]), "last_hour": int(row[1])}
