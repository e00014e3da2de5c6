"""Recalls of ours: asked for by one person, approved by another, sent once, taken back before they are approved.

Every verb takes many; one is the case of many. Locks: states of the payments, then the recalls, each by ascending key.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import locks, sql
from backoffice.common.errors import BusinessError, Denied
from backoffice.people import access, signing
from backoffice.people.models import User
from documents import trail
from transactions.models import OutgoingFile, Payment, PaymentState, Recall
from transactions.recalls import deadlines, files
from transactions.recalls.outcomes import Outcome, no

ASK, APPROVE = "recall.ask", "recall.approve"
# The place of the second person, by the engine that approves every subject.
PLACE = signing.anyone(1).places[0]
S = Recall.Status
OPEN = (S.ASKED, S.APPROVED, S.SENT, S.ACCEPTED)
NEVER = frozenset({Payment.Kind.DEBIT, Payment.Kind.INTERNAL})

_ASKED = """
    select s.payment_id, s.entity_id, s.status, p.kind, f.execution_date, e.time_zone,
           (select r.status from transactions_recall r
            where r.payment_id = s.payment_id and r.status = any(%(open)s)) as recalled
    from transactions_paymentstate s
    join transactions_payment p on p.id = s.payment_id
    join people_entity e on e.id = s.entity_id
    left join transactions_outgoingitem i on i.payment_id = s.payment_id
    left join transactions_outgoingfile f on f.id = i.file_id and f.sent_at is not null
    where s.payment_id = any(%(ids)s)
"""


def ask(*, payment_ids: Sequence[int], actor: User, reason_code: str, reason: str) -> list[Outcome]:
    """Ask payments back that were sent, each within its deadline. Outcomes name the recall that was made.

    Needs recall.ask, a reason of the rulebook and words; a program does not ask. Records recall.asked.
    """
    access.demand(actor, ASK)
    _demand_person(actor)
    if reason_code not in Recall.Reason.values:
        raise BusinessError("recall.reason_unknown", code=reason_code[:8])
    reason = _said(reason)
    with transaction.atomic():
        locks.lock(PaymentState.objects.all(), payment_ids)
        places, visible = set(access.entity_ids(actor, ASK)), set(access.entity_ids(actor, "payment.view"))
        cases = {row[0]: row for row in sql.rows(_ASKED, {"ids": list(payment_ids), "open": list(OPEN)})}
        outcomes, going = [], []
        for key in payment_ids:
            case = cases.get(key)
            until = deadlines.ask_until(reason_code, case[4]) if case and case[4] else None
            refused = _not_asked(key, case, until, places, visible)
            outcomes.append(refused or Outcome(key, True))
            if case and until and not refused:
                going.append(
                    Recall(
                        payment_id=key, entity_id=case[1], reason_code=reason_code, reason=reason, ask_until=until,
                        asked_by=actor, asked_at=timezone.now(),
                    )
                )  # fmt: skip
        made = {recall.payment_id: recall for recall in Recall.objects.bulk_create(going)}
        record("asked", made.values(), actor, reason)
    return [Outcome(one.key, True, made=made[one.key].pk) if one.done else one for one in outcomes]


def _not_asked(
    key: int, case: tuple[Any, ...] | None, until: date | None, places: set[int], visible: set[int]
) -> Outcome | None:
    if case is None or case[1] not in visible:
        return no(key, "not_there")
    _key, entity_id, status, kind, _day, time_zone, recalled = case
    if entity_id not in places:
        return no(key, "denied", right=ASK)
    if until is None or status not in {"sent", "settled"}:
        return no(key, "recall.wrong_kind" if kind in NEVER else "recall.not_sent")
    if kind in NEVER or recalled:
        return no(key, "recall.wrong_kind" if kind in NEVER else "recall.open_before")
    late = until < deadlines.today(time_zone)
    return no(key, "recall.too_late", until=until.isoformat()) if late else None


def approve(*, ids: Sequence[int], actor: User) -> list[Outcome]:
    """The second person approves: the recalls go in files for the bank, a file for each account and receiver.

    Never whoever asked. Refused when the payment came back meanwhile or the day has passed. Records recall.approved.
    """
    access.demand(actor, APPROVE)
    _demand_person(actor)
    with transaction.atomic():
        found = _lock(ids, actor)
        hand = signing.hand(actor.pk, "approve")
        payments = [recall.payment_id for recall in found.values()]
        back = PaymentState.objects.filter(pk__in=payments, status=PaymentState.Status.RETURNED)
        returned = set(back.values_list("pk", flat=True))
        outcomes = [_not_approved(key, found.get(key), hand, returned, actor) for key in ids]
        going = [found[key] for key, refused in zip(ids, outcomes, strict=True) if refused is None]
        if going:
            placed = files.recalls([recall.pk for recall in going], actor)
            for recall in going:
                recall.status, recall.approved_by, recall.approved_at = S.APPROVED, actor, timezone.now()
                recall.file_id = placed[recall.pk]
            Recall.objects.bulk_update(going, ["status", "approved_by", "approved_at", "file"])
            record("approved", going, actor)
    return [refused or Outcome(key, True, made=key) for key, refused in zip(ids, outcomes, strict=True)]


def _not_approved(
    key: int, recall: Recall | None, hand: signing.Hand, returned: set[int], actor: User
) -> Outcome | None:
    if recall is None:
        return no(key, "not_there")
    if not access.can(actor, APPROVE, recall.entity_id):
        return no(key, "denied", right=APPROVE)
    if recall.status != S.ASKED:
        return no(key, "recall.wrong_status", status=recall.status)
    refusal = signing.refusal(
        hand, PLACE, subject="recall", own_work=recall.asked_by_id == actor.pk, signed=False,
        entity_id=recall.entity_id, currency="",
    )  # fmt: skip
    if not refusal and recall.payment_id in returned:
        refusal = "recall.came_back", {}
    if not refusal and recall.ask_until < deadlines.today(recall.entity.time_zone):
        refusal = "recall.too_late", {"until": recall.ask_until.isoformat()}
    return no(key, refusal[0], **refusal[1]) if refusal else None


def withdraw(*, ids: Sequence[int], actor: User, reason: str) -> list[Outcome]:
    """Take recalls back before they are approved, or decline to approve them. Records recall.withdrawn."""
    access.demand(actor, ASK)
    _demand_person(actor)
    reason = _said(reason)
    with transaction.atomic():
        found = _lock(ids, actor)
        places = set(access.entity_ids(actor, ASK))
        outcomes, going = [], []
        for key in ids:
            recall = found.get(key)
            if recall is None:
                outcomes.append(no(key, "not_there"))
            elif recall.entity_id not in places:
                outcomes.append(no(key, "denied", right=ASK))
            elif recall.status != S.ASKED:
                outcomes.append(no(key, "recall.wrong_status", status=recall.status))
            else:
                outcomes.append(Outcome(key, True, made=key))
                recall.status, recall.ended_by, recall.ended_at, recall.ended_reason = (
                    S.WITHDRAWN, actor, timezone.now(), reason,
                )  # fmt: skip
                going.append(recall)
        Recall.objects.bulk_update(going, ["status", "ended_by", "ended_at", "ended_reason"])
        record("withdrawn", going, actor, reason)
    return outcomes


def sent(file: OutgoingFile, actor: User) -> None:
    """The file of these recalls goes out now: the answer is due from today. Called by settlement.send, with locks.

    A recall whose payment came back while it waited in the file is answered by that.
    """
    due = deadlines.answer_due(deadlines.today(file.entity.time_zone))
    waiting = list(Recall.objects.filter(file=file, status=S.APPROVED).order_by("pk"))
    for recall in waiting:
        recall.status, recall.sent_at, recall.answer_due = S.SENT, timezone.now(), due
    Recall.objects.bulk_update(waiting, ["status", "sent_at", "answer_due"])
    record("sent", waiting, actor)
    back = [recall for recall in waiting if recall.returned_at]
    for recall in back:
        recall.status = S.ACCEPTED
    Recall.objects.bulk_update(back, ["status"])


def record(step: str, recalls: Iterable[Recall], actor: User | None, reason: str = "") -> None:
    """One act on each recall, and on its payment, whose history tells it, too."""
    rows = list(recalls)
    trail.record_many(
        f"recall.{step}", subject_type="recall", actor=actor, reason=reason,
        subjects=[
            (row.pk, row.entity_id, {"payment": row.payment_id, "reason_code": row.reason_code}) for row in rows
        ],
    )  # fmt: skip
    trail.record_many(
        f"payment.recall_{step}", subject_type="payment", actor=actor, reason=reason,
        subjects=[(row.payment_id, row.entity_id, {"recall": row.pk, "reason_code": row.reason_code}) for row in rows],
    )  # fmt: skip


def _lock(ids: Sequence[int], actor: User) -> dict[int, Recall]:
    """The recalls that the actor may see, their payments' states locked before them. Inside ``atomic()``."""
    payments = [
        row[0] for row in sql.rows("select payment_id from transactions_recall where id = any(%s)", [list(ids)])
    ]
    locks.lock(PaymentState.objects.all(), payments)
    places = set(access.entity_ids(actor, "recall.view"))
    rows = Recall.objects.select_related("entity")
    return {recall.pk: recall for recall in locks.lock(rows, ids) if recall.entity_id in places}


def _said(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise BusinessError("payment.reason_required")
    return said[:500]


def _demand_person(actor: User) -> None:
    if actor.is_machine:
        raise Denied("payment.by_machine")
