"""Why a payment waits and with whom: what is asked, what came back, who handed it over, and for how long it rested."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import NotThere
from transactions.models import HandOver, Hold, InformationRequest
from transactions.workflow import handovers
from transactions.workflow.table import TOP


@dataclass(frozen=True)
class Note:
    """The one thing to know of a payment before its checks: ``handed`` over, hold ``due``, ``overdue``, ``answered`` or
    ``asked``. ``person`` did it; ``words`` are theirs."""

    kind: str
    person_id: int | None
    person: str
    words: str
    due_at: datetime | None


_NOTES = """
    select distinct on (n.payment_id) n.payment_id, n.kind, n.person_id, coalesce(u.full_name, ''), n.words, n.due_at
    from (
        select o.payment_id, 'handed' as kind, o.giver_id as person_id, o.reason as words, null::timestamptz as due_at,
               1 as rank, o.id
        from transactions_handover o
        where o.payment_id = any(%(ids)s) and o.ended_at is null and (o.person_id = %(person)s or o.team_id in (
            select m.team_id from people_team_members m where m.user_id = %(person)s))
        union all
        select h.payment_id, 'due', h.placed_by_id, coalesce(nullif(h.question, ''), h.reason), h.until, 2, h.id
        from transactions_hold h
        where h.payment_id = any(%(ids)s) and h.lifted_at is null and h.came_due_at is not null
        union all
        select q.payment_id, case when q.overdue_at is null then 'asked' else 'overdue' end, q.asked_by_id, q.question,
               q.due_at, case when q.overdue_at is null then 5 else 3 end, q.id
        from transactions_informationrequest q
        where q.payment_id = any(%(ids)s) and q.answered_at is null and q.closed_at is null
        union all
        select q.payment_id, 'answered', q.answered_by_id, coalesce(nullif(q.answer, ''), a.name, ''), null, 4, q.id
        from transactions_informationrequest q
        join transactions_paymentstate s on s.payment_id = q.payment_id and s.priority >= %(top)s
        left join documents_attachment a on a.id = q.attachment_id
        where q.payment_id = any(%(ids)s) and q.answered_at is not null
    ) n
    left join people_user u on u.id = n.person_id
    order by n.payment_id, n.rank, n.id desc
"""


def notes(ids: Iterable[int], person_id: int) -> dict[int, Note]:
    """What to say first of each payment that something is to be said of. One query."""
    found = sql.rows(_NOTES, {"ids": list(ids), "person": person_id, "top": TOP})
    return {row[0]: Note(*row[1:]) for row in found}


def information_requests(payment_id: int) -> list[InformationRequest]:
    """What was asked about a payment, open ones first, then the newest. One query."""
    found = InformationRequest.objects.filter(payment_id=payment_id).select_related(
        "asked_by", "answered_by", "closed_by", "attachment", "team"
    )
    return sorted(found, key=lambda one: (not one.is_open, -one.asked_at.timestamp()))


def information_request(request_id: int, entity_ids: Sequence[int]) -> InformationRequest:
    """A request about a payment of these entities, or :class:`NotThere`. One query."""
    found = requests_of(entity_ids).filter(pk=request_id).first()
    if found is None:
        raise NotThere("not_there")
    return found


def requests_of(entity_ids: Sequence[int]) -> QuerySet[InformationRequest]:
    return InformationRequest.objects.filter(entity_id__in=list(entity_ids)).select_related(
        "asked_by", "answered_by", "closed_by", "attachment", "team"
    )


def hand_over_of(payment_id: int) -> HandOver | None:
    """In whose hands the payment was put, while it is undecided. One query."""
    return (
        HandOver.objects.filter(payment_id=payment_id, ended_at=None)
        .select_related("giver", "person", "team", "declines")
        .first()
    )


def handed_to(person_id: int, ids: Iterable[int]) -> set[int]:
    """Which of these are in the person's hands, or in those of a team of theirs. Two queries."""
    return set(handovers.of_person(person_id).filter(payment_id__in=list(ids)).values_list("payment_id", flat=True))


def waited(holds: Iterable[Hold]) -> timedelta:
    """For how long a payment rested in all: the time that any hold was open, each moment counted once."""
    now = timezone.now()
    total, reached = timedelta(), None
    for start, end in sorted((hold.placed_at, hold.lifted_at or now) for hold in holds):
        begin = start if reached is None else max(start, reached)
        if end > begin:
            total += end - begin
        reached = end if reached is None else max(end, reached)
    return total
