"""Hits: names that are alike to listed ones, and what people decide about them.

That it is somebody else is proposed by one person with a reason and confirmed by another (controls/changes.py; the
database holds it too). That it is the listed one is said by one, at once: it stops more. Two people take that back. The
hold of a payment is lifted with the last of its hits, in the name of whoever confirmed.

Locks: the hit, then the state of its payment.
"""

import json
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.models import ChangeRequest, ScreeningHit
from documents import trail
from transactions import workflow

VIEW, DECIDE = "screening.view", "screening.decide"
RULE = "SCREENING"
S = ScreeningHit.Status
_STOPPING = (S.OPEN, S.TRUE)


def visible(actor: User) -> QuerySet[ScreeningHit]:
    """The hits of entities in which the person may see screening, the newest first."""
    rows = ScreeningHit.objects.filter(entity__in=access.entity_ids(actor, VIEW))
    related = ("entity", "payment", "payee", "party", "entry__watch_list", "decided_by", "exemption")
    return rows.select_related(*related).order_by("-pk")


def asked_about() -> Exists:
    """Whether a release of the hit waits for a second person."""
    waiting = ChangeRequest.objects.filter(subject_type="hit", subject_id=OuterRef("pk"), status="waiting")
    return Exists(waiting)


def found(actor: User, hit_id: int) -> ScreeningHit:
    one = visible(actor).filter(pk=hit_id).first()
    if one is None:
        raise NotThere("not_there")
    return one


def birth_now(hit: ScreeningHit) -> dict[str, str]:
    """What is known now of the birth of whom a hit is about, by parts. One query for a payment, else none."""
    if hit.party is not None:
        return hit.party.birth
    if hit.payment_id is None:
        return {}
    told = sql.rows("select known_birth(%s, %s)::text", [hit.payment_id, hit.field])[0][0]
    known: dict[str, str] = json.loads(told)
    return known


def demand(actor: User, entity_id: int) -> None:
    access.demand(actor, DECIDE, entity_id)
    if actor.is_machine:
        raise Denied("payment.by_machine")


def true(*, actor: User, hit_id: int, reason: str) -> ScreeningHit:
    """It is the listed one: at once, by one person. What was proposed about it is over."""
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    demand(actor, found(actor, hit_id).entity_id)
    with transaction.atomic():
        one = ScreeningHit.objects.select_for_update(of=("self",)).get(pk=hit_id)
        if one.status != S.OPEN:
            raise BusinessError("hit.decided")
        _decide(one, S.TRUE, actor, reason)
        _record("hit.true", one, actor, reason)
    return one


def take_effect(asked: ChangeRequest, approver: User) -> None:
    """Two people say that it is somebody else. The payment goes on when nothing else of it is to decide."""
    one = ScreeningHit.objects.select_for_update(of=("self",)).get(pk=asked.subject_id or 0)
    demand(asked.asked_by, one.entity_id)
    if one.status not in _STOPPING or one.status != asked.change["was"]:
        raise BusinessError("hit.decided")
    _decide(one, S.FALSE, approver, asked.reason)
    _record("hit.false", one, approver, asked.reason, {"asked_by": asked.asked_by.full_name})
    if one.payment_id is not None:
        let_go([one.payment_id], actor=approver, reason=asked.reason)


def let_go(payment_ids: Sequence[int], *, actor: User | None, reason: str) -> int:
    """Lift the hold of payments of which no hit is open or true any more. Inside ``atomic()``."""
    stopped = ScreeningHit.objects.filter(payment__in=list(payment_ids), status__in=_STOPPING)
    still = set(stopped.values_list("payment_id", flat=True))
    going = [key for key in payment_ids if key not in still]
    return workflow.lift_by_check(ids=going, rule_code=RULE, actor=actor, reason=reason) if going else 0


_REOPEN = """
    update controls_screeninghit h
    set status = 'open', exemption_id = null, decided_at = null, decided_by_id = null, reason = ''
    from controls_exemption x, controls_watchlistentry e
    where x.id = %(exemption)s and e.watch_list_id = x.watch_list_id and e.code = x.entry_code and e.digest = x.digest
      and h.entry_id = e.id and h.entity_id = x.entity_id and h.key = x.key and h.status = 'exempt'
      and (h.payment_id is null or h.payment_id = any(%(payments)s))
    returning h.id, h.entity_id, h.score, h.payment_id
"""
_NOT_LEFT = """
    select h.payment_id
    from controls_exemption x
    join controls_watchlistentry e
        on e.watch_list_id = x.watch_list_id and e.code = x.entry_code and e.digest = x.digest
    join controls_screeninghit h
        on h.entry_id = e.id and h.entity_id = x.entity_id and h.key = x.key and h.status = 'exempt'
    join transactions_paymentstate s on s.payment_id = h.payment_id
    where x.id = %s and s.status in ('received', 'checked', 'validated', 'approved', 'posted')
"""


def reopen(exemption_id: int) -> int:
    """Hits that an exemption let pass are open again, now that it has ended; payments that have not left are held.
    Inside ``atomic()``; returns how many payments. Locks the payments, then the hits, which nobody else decides."""
    waiting = sorted({row[0] for row in sql.rows(_NOT_LEFT, [exemption_id])})
    if waiting:
        workflow.lock(waiting)
        # What left while the lock was waited for stays as it is.
        waiting = sorted({row[0] for row in sql.rows(_NOT_LEFT, [exemption_id])})
    rows = sql.rows(_REOPEN, {"exemption": exemption_id, "payments": waiting})
    subjects = [(hit, entity, {"payment": payment, "score": score}) for hit, entity, score, payment in rows]
    trail.record_many("hit.reopened", subject_type="hit", actor=None, subjects=subjects)
    return workflow.hold_by_check(ids=waiting, rule_code=RULE) if waiting else 0


def _decide(one: ScreeningHit, status: str, actor: User, reason: str) -> None:
    one.status, one.decided_at, one.decided_by, one.reason = status, timezone.now(), actor, reason.strip()
    one.save(update_fields=["status", "decided_at", "decided_by", "reason"])


def _record(action: str, one: ScreeningHit, actor: User, reason: str, data: dict[str, object] | None = None) -> None:
    trail.record(
        action, subject_type="hit", subject_id=one.pk, entity_id=one.entity_id, actor=actor, reason=reason.strip(),
        data={"payment": one.payment_id, "score": one.score, **(data or {})},
    )  # fmt: skip


def exempted(exemption_id: int) -> list[int]:
    """Open hits that an exemption lets pass from now on become exempt; the payments among them. Inside ``atomic()``."""
    rows = sql.rows(
        """
        update controls_screeninghit h set status = 'exempt', exemption_id = x.id, decided_at = clock_timestamp(),
               decided_by_id = x.approved_by_id, reason = x.reason
        from controls_exemption x, controls_watchlistentry e
        where x.id = %s and h.status = 'open' and h.entity_id = x.entity_id and h.key = x.key and e.id = h.entry_id
          and e.watch_list_id = x.watch_list_id and e.code = x.entry_code and e.digest = x.digest
        returning h.payment_id, h.id, h.entity_id
        """,
        [exemption_id],
    )
    trail.record_many(
        "hit.exempted", subject_type="hit", actor=None,
        subjects=[(hit_id, entity_id, {"exemption": exemption_id}) for _payment, hit_id, entity_id in rows],
    )  # fmt: skip
    return sorted({payment_id for payment_id, _hit, _entity in rows if payment_id is not None})
