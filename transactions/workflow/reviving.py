"""Payments that were given up hold nothing: what they were made for may be paid otherwise before they come back."""

from collections.abc import Sequence
from decimal import Decimal

from backoffice.common import sql
from transactions.models import PaymentState, Refund
from transactions.workflow.table import S, lock

_LOCK_INVOICES = """
    select 1 from transactions_supplierinvoice
    where id in (select invoice_id from transactions_invoiceshare where payment_id = any(%s)) order by id for update
"""
_SHARES = """
    select x.payment_id, i.id, x.amount + x.discount,
           case when i.status = 'cancelled' then -1 else i.gross - invoice_taken(i.id) end
    from transactions_invoiceshare x join transactions_supplierinvoice i on i.id = x.invoice_id
    where x.payment_id = any(%s) order by x.payment_id, i.id
"""


def lock_with_originals(ids: Sequence[int]) -> None:
    """Lock the states of payments, and of those that the refunds among them refund. Inside ``atomic()``."""
    originals = Refund.objects.filter(payment__in=list(ids)).values_list("original_id", flat=True)
    lock(sorted({*ids, *originals}))


def troubles(ids: Sequence[int]) -> dict[int, str]:
    """Which of these rejected or cancelled payments may not come to life again, and the code that says why.

    The states are locked (:func:`lock_with_originals`), the invoices are locked here. Where all do not fit together,
    the first ones come back. Five queries at most.
    """
    found = dict.fromkeys(_roomless(ids), "refund.no_room")
    return found | dict.fromkeys(_paid_otherwise(ids), "payment.invoices_paid")


def _paid_otherwise(ids: Sequence[int]) -> set[int]:
    sql.run(_LOCK_INVOICES, [list(ids)])
    shares: dict[int, list[tuple[int, Decimal]]] = {}
    left: dict[int, Decimal] = {}
    for payment_id, invoice_id, part, free in sql.rows(_SHARES, [list(ids)]):
        shares.setdefault(payment_id, []).append((invoice_id, part))
        left.setdefault(invoice_id, free)
    refused = set()
    for payment_id, parts in shares.items():
        if any(left[invoice_id] < part for invoice_id, part in parts):
            refused.add(payment_id)
            continue
        for invoice_id, part in parts:
            left[invoice_id] -= part
    return refused


def _roomless(ids: Sequence[int]) -> set[int]:
    refunds = Refund.objects.filter(payment__in=list(ids)).order_by("payment_id")
    asked = list(refunds.values_list("payment_id", "original_id", "payment__amount"))
    if not asked:
        return set()
    originals = sorted({original for _key, original, _amount in asked})
    left = dict(sql.rows("select k, refundable(k) from unnest(%s::bigint[]) as k", [originals]))
    settled = set(PaymentState.objects.filter(pk__in=originals, status=S.SETTLED).values_list("pk", flat=True))
    without = set()
    for key, original, amount in asked:
        if original not in settled or left[original] < amount:
            without.add(key)
        else:
            left[original] -= amount
    return without
