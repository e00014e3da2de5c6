"""What every decision has in common: judged and moved together, kept for as long as it may be taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from backoffice.people.models import User
from transactions import ledger
from transactions.workflow.table import POST_CHUNK, Answer, Case, Judge, S, cases_of, move

# A task that comes a moment too early finds that the window is open, and leaves the payment to the sweeper.
MARGIN_SECONDS = 1
WINDOWED = ", effective_at = clock_timestamp() + %(window)s * interval '1 second'"

# An approval that takes effect at once (of an instant transfer) is nothing that could be taken back.
_KEEP = """
    insert into transactions_decision (payment_id, verb, person_id, decided_at, effective_at, version, before_status,
                                       before_given, hold_id)
    select s.payment_id, %(verb)s, %(actor)s, clock.now,
           case when %(verb)s = 'approve' and s.status = 'approved' then s.effective_at
                else clock.now + k.seconds * interval '1 second' end,
           s.version, k.status, k.given, k.hold
    from unnest(%(ids)s::bigint[], %(seconds)s::int[], %(statuses)s::text[], %(given)s::smallint[], %(holds)s::bigint[])
        as k(id, seconds, status, given, hold)
    join transactions_paymentstate s on s.payment_id = k.id
    cross join (select clock_timestamp() as now) clock
    where %(verb)s <> 'approve' or s.status <> 'approved' or s.effective_at is not null
"""


def answers_of(ids: Sequence[int], refused: Mapping[int, Answer]) -> list[Answer]:
    return [refused.get(payment_id) or Answer(payment_id, True) for payment_id in ids]


def decide(
    verb: str,
    ids: Sequence[int],
    actor: User,
    *,
    reason: str,
    versions: Mapping[int, int] | None = None,
    data: Mapping[str, Any] | None = None,
    more: str = "",
    others_only: bool = False,
    needs_reason: bool = True,
    refusals: Mapping[int, Answer] | None = None,
) -> tuple[list[Answer], list[Case]]:
    """Judge and move what needs no signature. Returns the answers, and the cases that moved as they were before.

    Inside ``atomic()``. ``refusals`` are what the caller knows against payments that pass otherwise.
    """
    if needs_reason and not reason.strip():
        raise BusinessError("payment.reason_required")
    judge = Judge(verb, actor, versions)
    cases, refused = cases_of(ids, actor), {}
    for payment_id in ids:
        case = cases.get(payment_id)
        no = judge.base(payment_id, case) or (case and judge.free(case))
        if not no and others_only and actor.is_machine:
            no = judge.no(payment_id, "payment.by_machine")
        if not no and others_only and case and case.own_work:
            no = judge.no(payment_id, "payment.own_work")
        no = no or (refusals or {}).get(payment_id)
        if no:
            refused[payment_id] = no
    going = [case for payment_id, case in cases.items() if payment_id not in refused]
    approved = [case.payment_id for case in going if case.status == S.APPROVED]
    if approved:
        ledger.release(approved)
    if going:
        move([case.payment_id for case in going], verb, actor=actor, reason=reason, data=data, more=more)
    return answers_of(ids, refused), going


def decided(verb: str, cases: Sequence[Case], actor: User, holds: Mapping[int, int] | None = None) -> None:
    """After the move: kept where the entity lets it be taken back, and whoever was handed the payment is done with it.

    ``cases`` as they were before; ``holds`` are the holds that a decision placed. Two statements.
    """
    windowed = [case for case in cases if case.undo_seconds]
    if windowed:
        sql.run(
            _KEEP,
            {
                "verb": verb, "actor": actor.pk, "ids": [case.payment_id for case in windowed],
                "seconds": [case.undo_seconds for case in windowed], "statuses": [case.status for case in windowed],
                "given": [case.approvals_given for case in windowed],
                "holds": [(holds or {}).get(case.payment_id) for case in windowed],
            },
        )  # fmt: skip
    if verb != "hold":
        end_hand_overs([case.payment_id for case in cases], actor, "decided")


def end_hand_overs(ids: Sequence[int], actor: User, end: str, reason: str = "") -> None:
    sql.run(
        'update transactions_handover set ended_at = clock_timestamp(), ended_by_id = %s, "end" = %s, end_reason = %s '
        "where payment_id = any(%s) and ended_at is null",
        [actor.pk, end, reason, list(ids)],
    )


def post_later(ids: Sequence[int], seconds: int) -> None:
    """Have approved payments posted when their window is over, ``seconds`` from now."""
    for start in range(0, len(ids), POST_CHUNK):
        enqueue(
            "transactions.post", list(ids[start : start + POST_CHUNK]),
            countdown=seconds + MARGIN_SECONDS if seconds else None,
        )  # fmt: skip


def withdraw_signatures(ids: Sequence[int]) -> None:
    """Every signature, and what they were given under: the next validation works it out anew."""
    sql.run(
        """
        with unasked as (
            update transactions_paymentrequirement set withdrawn_at = clock_timestamp()
            where payment_id = any(%(ids)s) and withdrawn_at is null)
        update transactions_paymentapproval set withdrawn_at = clock_timestamp()
        where payment_id = any(%(ids)s) and withdrawn_at is null
        """,
        {"ids": list(ids)},
    )
