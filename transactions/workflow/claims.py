"""Leases: who is deciding what, for five minutes. One UPDATE decides a race. See the package."""

from collections.abc import Sequence

from django.db import transaction

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import User
from documents import trail
from transactions.workflow import handovers, hands
from transactions.workflow.table import LEASE, TRANSITIONS, Answer, Judge

_FREE = "(s.claimed_by_id is null or s.claimed_until <= clock_timestamp())"


def _record(action: str, rows: Sequence[tuple[int, int]], actor: User, reason: str = "") -> None:
    trail.record_many(
        action, subject_type="payment", subjects=[(key, entity, None) for key, entity in rows], actor=actor,
        reason=reason,
    )  # fmt: skip


def claim(*, ids: Sequence[int], actor: User) -> list[Answer]:
    """Hold payments for the actor for five minutes, or renew what is theirs. A renewal leaves no record."""
    judge = Judge("claim", actor)
    with transaction.atomic():
        mine = {
            row[0]
            for row in sql.rows(
                "select payment_id from transactions_paymentstate where payment_id = any(%s) and claimed_by_id = %s "
                "and claimed_until > clock_timestamp()",
                [list(ids), actor.pk],
            )
        }
        taken = sql.rows(
            f"""
            update transactions_paymentstate s
            set claimed_by_id = %(actor)s, claimed_until = clock_timestamp() + %(lease)s
            where s.payment_id = any(%(ids)s) and s.entity_id = any(%(places)s) and s.status = any(%(sources)s)
              and (s.claimed_by_id = %(actor)s or {_FREE})
            returning s.payment_id, s.entity_id
            """,  # noqa: S608 - a constant of this module
            {
                "actor": actor.pk, "ids": list(ids), "lease": LEASE, "places": list(judge.places),
                "sources": list(judge.transition.sources),
            },
        )  # fmt: skip
        _record("payment.claimed", [row for row in taken if row[0] not in mine], actor)
    done = {row[0] for row in taken}
    return [Answer(key, True) if key in done else _why_not(judge, key) for key in ids]


def _why_not(judge: Judge, key: int) -> Answer:
    rows = sql.rows(
        "select s.entity_id, s.status, u.full_name from transactions_paymentstate s "
        "left join people_user u on u.id = s.claimed_by_id where s.payment_id = %s",
        [key],
    )
    if not rows or rows[0][0] not in judge.places:
        return judge.no(key, "not_there")
    _entity, status, holder = rows[0]
    if status not in judge.transition.sources:
        return judge.no(key, "payment.wrong_status", status=status)
    return judge.no(key, "payment.claimed", person=holder or "")


def release(*, ids: Sequence[int], actor: User, reason: str = "") -> list[Answer]:
    """Give back one's claims; another person's needs the right payment.release_claim and a reason."""
    places = access.entity_ids(actor, "payment.release_claim")
    if places and not reason.strip():
        others = sql.rows(
            "select 1 from transactions_paymentstate where payment_id = any(%s) and claimed_by_id <> %s "
            "and claimed_until > clock_timestamp() limit 1",
            [list(ids), actor.pk],
        )
        if others:
            raise BusinessError("payment.reason_required")
    access.demand(actor, TRANSITIONS["release"].right)
    with transaction.atomic():
        freed = sql.rows(
            "update transactions_paymentstate set claimed_by_id = null, claimed_until = null "
            "where payment_id = any(%(ids)s) and (claimed_by_id = %(actor)s or "
            "(claimed_by_id is not null and entity_id = any(%(places)s))) returning payment_id, entity_id",
            {"ids": list(ids), "actor": actor.pk, "places": places},
        )
        _record("payment.released", freed, actor, reason)
    done = {row[0] for row in freed}
    return [Answer(key, True) if key in done else Answer(key, False, "payment.not_claimed") for key in ids]


_NEXT = """
    select s.payment_id, s.entity_id
    from transactions_paymentstate s
    join transactions_payment p on p.id = s.payment_id
    join people_limit l on l.user_id = %(actor)s and l.currency = p.currency and l.amount >= p.amount
        and l.act = case s.status when 'checked' then 'validate' else 'approve' end
    where s.status = %(status)s and s.entity_id = any(%(places)s) and s.hold_count = 0
      and (s.claimed_by_id is null or s.claimed_until <= clock_timestamp())
      and p.maker_id is distinct from %(actor)s
      and not exists (select 1 from transactions_historicalpayment h
                      where h.id = p.id and h.history_user_id = %(actor)s)
      and not exists (select 1 from transactions_paymentapproval a
                      where a.payment_id = p.id and %(actor)s in (a.person_id, a.on_behalf_of_id)
                        and a.withdrawn_at is null)
      and not exists (select 1 from unnest(%(entities)s::bigint[], %(currencies)s::text[], %(rooms)s::numeric[])
                          as day(entity_id, currency, room)
                      where day.entity_id = s.entity_id and day.currency = p.currency and day.room < p.amount)
      and not exists (select 1 from transactions_paymentrequirement r
                      where r.payment_id = s.payment_id and r.withdrawn_at is null and s.status = 'validated'
                        and r.place = s.approvals_given + 1
                        and not seat_filled(r.role, r.team_id, r.ceiling, %(actor)s, s.entity_id, p.currency))
      and (not %(own)s or s.payment_id = any(%(handed)s))
      and not exists (select 1 from transactions_handover o
                      where o.payment_id = s.payment_id and o.ended_at is null and o.payment_id <> all(%(handed)s))
    order by s.priority desc, s.due_at, s.payment_id
    limit 1 for update of s skip locked
"""


def take_next(*, actor: User, entity_ids: Sequence[int] | None = None, status: str = "checked") -> int | None:
    """Claim the best free payment that this person may sign, in one step; None when there is none.

    ``status`` checked looks in the first queue, validated in the second. Two people never get the same one. What was
    handed over to this person comes first; what was handed to others is left to them.
    """
    right = "payment.validate" if status == "checked" else "payment.approve"
    access.demand(actor, right)
    places = access.entity_ids(actor, right)
    if entity_ids is not None:
        places = [place for place in places if place in set(entity_ids)]
    with transaction.atomic():
        rooms = hands.rooms(actor.pk, "validate" if status == "checked" else "approve", places)
        handed = list(handovers.of_person(actor.pk).values_list("payment_id", flat=True))
        asked = {
            "actor": actor.pk, "status": status, "places": places, "entities": [entity for entity, _c, _r in rooms],
            "currencies": [currency for _e, currency, _r in rooms], "rooms": [room for _e, _c, room in rooms],
            "handed": handed,
        }  # fmt: skip
        found = sql.rows(_NEXT, {**asked, "own": True}) if handed else []
        found = found or sql.rows(_NEXT, {**asked, "own": False})
        if not found:
            return None
        key, entity = found[0]
        sql.run(
            "update transactions_paymentstate set claimed_by_id = %s, claimed_until = clock_timestamp() + %s "
            "where payment_id = %s",
            [actor.pk, LEASE, key],
        )
        _record("payment.claimed", [(key, entity)], actor)
    return int(key)
