"""Bringing rejected payments back, where nothing that they were made for was paid otherwise meanwhile."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import User
from transactions import reasons
from transactions.models import Payment, PaymentState, Refund
from transactions.workflow.deciding import decide
from transactions.workflow.table import TRANSITIONS, UNCLAIMED, Answer, S, lock
from transactions.workflow.verbs import start_anew, why

_PAID_OTHERWISE = """
    select distinct x.payment_id from transactions_invoiceshare x
    join transactions_supplierinvoice i on i.id = x.invoice_id
    join transactions_paymentstate s on s.payment_id = x.payment_id and s.status = 'rejected'
        and s.entity_id = any(%s)
    where x.payment_id = any(%s) and (i.status = 'cancelled' or invoice_taken(i.id) + x.amount + x.discount > i.gross)
"""


def reopen(
    *,
    ids: Sequence[int],
    actor: User,
    reason: str = "",
    reason_code: str = "",
    versions: Mapping[int, int] | None = None,
) -> list[Answer]:
    """Bring a rejected payment back; it is checked and signed anew. A code of reasons.REOPEN, or words.

    Not when its invoices are paid otherwise; a refund where the payment that it refunds still has room for it, the
    first ones first.
    """
    data = why(reason_code, reason, reasons.REOPEN)
    with transaction.atomic():
        places = access.entity_ids(actor, TRANSITIONS["reopen"].right)
        paid = {row[0] for row in sql.rows(_PAID_OTHERWISE, [places, list(ids)])}
        refused = {key: Answer(key, False, "payment.invoices_paid") for key in paid}
        refused |= {key: Answer(key, False, "refund.no_room") for key in _roomless(ids) if key not in paid}
        answers, moved = decide(
            "reopen", ids, actor, reason=reason, versions=versions, data=data, needs_reason=False,
            more=UNCLAIMED + ", approvals_given = 0, approvals_required = 1, straight_policy = null", refusals=refused,
        )  # fmt: skip
        if keys := start_anew(moved, actor):
            enqueue("controls.assess", keys)
    return answers


def _roomless(ids: Sequence[int]) -> set[int]:
    """Rejected refunds among these for which nothing is left; they and what they refund are locked."""
    refunds = Refund.objects.filter(payment__in=list(ids)).values_list("payment_id", "original_id")
    asked = dict(refunds.order_by("payment_id"))
    if not asked:
        return set()
    lock(sorted({*ids, *asked.values()}))
    left = dict(sql.rows("select k, refundable(k) from unnest(%s::bigint[]) as k", [sorted(set(asked.values()))]))
    settled = set(PaymentState.objects.filter(pk__in=asked.values(), status=S.SETTLED).values_list("pk", flat=True))
    rejected = Payment.objects.filter(pk__in=asked, state__status=S.REJECTED).order_by("pk")
    without = set()
    for key, amount in rejected.values_list("pk", "amount"):
        original = asked[key]
        if original not in settled or left[original] < amount:
            without.add(key)
        else:
            left[original] -= amount
    return without
