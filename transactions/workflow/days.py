"""What the calendar does to payments: approved after the cut-off, due on a day of their own, stopped before it."""

from collections.abc import Sequence

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from backoffice.people.models import User
from transactions import ledger
from transactions.models import PaymentState
from transactions.workflow.table import POST_CHUNK, TRANSITIONS, UNCLAIMED, Answer, S, cases_of, lock, move

_LATER = """
    with later as (
        select s.payment_id, s.entity_id, s.execution_date as before, s.due_at, t.execution_date
        from payment_times(%(ids)s::bigint[], array[clock_timestamp()]) t
        join transactions_paymentstate s on s.payment_id = t.payment_id
        where s.execution_date is not null and s.due_at < clock_timestamp() and t.execution_date > s.execution_date
    ), moved as (
        update transactions_paymentstate s set execution_date = l.execution_date from later l
        where s.payment_id = l.payment_id returning s.payment_id
    ), recorded as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
        select entity_id, 'payment', payment_id, 'payment.after_cut_off',
               '{"before":"' || before || '","execution_date":"' || execution_date || '"}'
        from later order by payment_id
    )
    select payment_id, execution_date from later
"""


def after_cut_off(ids: Sequence[int]) -> dict[int, Answer]:
    """Payments whose last approval missed their cut-off go on a later day: kept, on record, and said. One query."""
    return {
        payment_id: Answer(payment_id, True, "payment.after_cut_off", {"execution_date": day.isoformat()})
        for payment_id, day in sql.rows(_LATER, {"ids": list(ids)})
    }


def stop(*, ids: Sequence[int], verb: str, actor: User | None, reason: str, code: str = "") -> list[int]:
    """What its standing order stops, cancelled or rejected (with an ISO ``code``) before its funds are taken.

    ``actor`` is who ended or suspended the order, None the machine. Inside ``atomic()``. Returns what moved.
    """
    lock(ids)
    sources = sorted(TRANSITIONS[verb].sources - {S.APPROVED})
    rows = PaymentState.objects.filter(pk__in=list(ids), status__in=sources)
    going = sorted(rows.values_list("pk", flat=True))
    if going:
        data = {"reason_code": code} if code else None
        move(going, verb, actor=actor, reason=reason, data=data, more=UNCLAIMED)
    return going


def execute(*, ids: Sequence[int]) -> dict[int, str]:
    """validated with every signature -> approved, funds taken, on its way into the books; why not, by payment.

    Inside ``atomic()``; what is not ready (held, unsigned, moved meanwhile) is left alone without a word.
    """
    cases = cases_of(ids, None)
    ready = [
        case.payment_id for case in cases.values()
        if case.status == S.VALIDATED and not case.hold_count and case.approvals_given >= case.approvals_required
    ]  # fmt: skip
    refused = ledger.reserve(ready) if ready else {}
    final = [payment_id for payment_id in ready if payment_id not in refused]
    if final:
        move(final, "execute", actor=None)
    for start in range(0, len(final), POST_CHUNK):
        enqueue("transactions.post", final[start : start + POST_CHUNK])
    return {payment_id: refused.get(payment_id, "") for payment_id in ready}
