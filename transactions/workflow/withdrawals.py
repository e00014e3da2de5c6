"""Taking a decision back before it takes effect: recorded beside it, never instead of it. See the package."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import User
from transactions import instant, ledger
from transactions.models import Payment
from transactions.workflow.deciding import answers_of, post_later, withdraw_signatures
from transactions.workflow.holds import lower
from transactions.workflow.reviving import lock_with_originals, troubles
from transactions.workflow.table import TRANSITIONS, UNCLAIMED, Answer, Judge, S, move

# The newest decision of the person on each payment, and who acted last.
_FOUND = """
    select s.payment_id, s.entity_id, s.status, s.version, d.id, d.verb, d.version, d.before_status, d.before_given,
           d.hold_id, d.withdrawn_at, clock_timestamp() < d.effective_at, last.full_name, e.undo_seconds, p.kind
    from transactions_paymentstate s
    join transactions_payment p on p.id = s.payment_id
    join people_entity e on e.id = s.entity_id
    left join lateral (select * from transactions_decision d
                       where d.payment_id = s.payment_id and d.person_id = %(actor)s
                       order by d.version desc limit 1) d on true
    left join lateral (select u.full_name from documents_auditrecord r join people_user u on u.id = r.actor_id
                       where r.subject_type = 'payment' and r.subject_id = s.payment_id and r.actor_id <> %(actor)s
                       order by r.id desc limit 1) last on true
    where s.payment_id = any(%(ids)s)
    order by s.payment_id
"""


@dataclass(frozen=True)
class _Found:
    payment_id: int
    entity_id: int
    status: str
    version: int
    decision_id: int | None
    verb: str
    led_to: int
    before_status: str
    before_given: int
    hold_id: int | None
    withdrawn_at: datetime | None
    in_time: bool
    other: str | None
    undo_seconds: int
    kind: str


def withdraw(*, ids: Sequence[int], actor: User, versions: Mapping[int, int] | None = None) -> list[Answer]:
    """Take back one's own last decision on each payment, within the entity's window and while nobody acted since.

    Refused: ``withdraw.nothing``, ``withdraw.over`` (it took effect), ``withdraw.overtaken``. What was rejected or
    cancelled is refused where its invoices were paid or its original refunded otherwise meanwhile; where it was
    approved before, with the reason why its funds cannot be reserved again, or with the limit of instant transfers.
    Nothing is moved then.
    """
    judge = Judge("withdraw", actor, versions)
    with transaction.atomic():
        lock_with_originals(ids)
        found = {
            one.payment_id: one
            for one in (_Found(*row) for row in sql.rows(_FOUND, {"ids": list(ids), "actor": actor.pk}))
        }
        refused = {key: no for key in ids if (no := _refusal(judge, key, found.get(key), actor)) is not None}
        going = [one for key, one in found.items() if key not in refused]
        refused |= {key: judge.no(key, code) for key, code in _not_again(going).items()}
        groups: dict[tuple[str, str, str], list[_Found]] = defaultdict(list)
        for one in going:
            if one.payment_id not in refused:
                groups[one.verb, one.status, one.before_status].append(one)
        for (verb, status, before), some in groups.items():
            _back(verb, status, before, some, actor)
    return answers_of(ids, refused)


def _not_again(going: Sequence[_Found]) -> dict[int, str]:
    """Why what was given up cannot be as before: funds are reserved and instant transfers counted again here."""
    given_up = [one for one in going if one.verb in {"reject", "cancel"}]
    refused = troubles([one.payment_id for one in given_up]) if given_up else {}
    approved = [one for one in given_up if one.before_status == S.APPROVED and one.payment_id not in refused]
    at_once = [one.payment_id for one in approved if one.kind == Payment.Kind.INSTANT]
    refused |= instant.judge(at_once) if at_once else {}
    again = [one.payment_id for one in approved if one.payment_id not in refused]
    refused |= {key: f"payment.{code}" for key, code in (ledger.reserve(again) if again else {}).items()}
    if counted := [key for key in at_once if key not in refused]:
        instant.count(counted)
    return refused


def _refusal(judge: Judge, key: int, one: _Found | None, actor: User) -> Answer | None:
    if one is None or one.entity_id not in judge.visible:
        return judge.no(key, "not_there")
    if one.decision_id is None or one.withdrawn_at is not None:
        return judge.no(key, "withdraw.nothing")
    right = TRANSITIONS[one.verb].right
    if not access.can(actor, right, one.entity_id):
        return judge.no(key, "denied", right=right)
    read = judge.versions.get(key)
    if read is not None and read != one.version and one.led_to == one.version:
        return judge.no(key, "conflict.version", read=read, now=one.version)
    if one.version != one.led_to:
        return judge.no(key, "withdraw.overtaken", person=one.other) if one.other else judge.no(key, "withdraw.over")
    return None if one.in_time else judge.no(key, "withdraw.over")


def _back(verb: str, status: str, before: str, some: Sequence[_Found], actor: User) -> None:
    ids = [one.payment_id for one in some]
    data = {"verb": verb}
    if verb == "hold":
        holds = [one.hold_id for one in some if one.hold_id is not None]
        lower(ids, holds, "withdraw", actor=actor, reason="", data=data)
    elif verb == "approve":
        if status == S.APPROVED:
            ledger.release(ids)
        more = UNCLAIMED + ", approvals_given = approvals_given - 1, effective_at = null"
        move(ids, "withdraw", actor=actor, data=data, target=before, more=more)
        sql.run(
            "update transactions_paymentapproval a set withdrawn_at = clock_timestamp() "
            "from unnest(%s::bigint[], %s::smallint[]) as w(key, stage) "
            "where a.payment_id = w.key and a.stage = w.stage and a.withdrawn_at is null",
            [ids, [one.before_given + 1 for one in some]],
        )
    elif verb == "validate":
        move(ids, "withdraw", actor=actor, data=data, target=before, more=UNCLAIMED + ", approvals_given = 0")
        withdraw_signatures(ids)
    else:
        move(ids, "withdraw", actor=actor, data=data, target=before, more=UNCLAIMED)
        if before == S.APPROVED:
            # Whoever was to post it while it was rejected found nothing to do.
            post_later(ids, max(one.undo_seconds for one in some))
        if before == S.RECEIVED:
            enqueue("controls.assess", ids)
    sql.run(
        "update transactions_decision set withdrawn_at = clock_timestamp() where id = any(%s)",
        [[one.decision_id for one in some]],
    )


__all__ = ["withdraw"]
