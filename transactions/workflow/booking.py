"""The verbs that move the books: posting, settlement, what waits in suspense, what an acquirer takes back."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django.db import transaction

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from backoffice.people.models import User
from transactions import ledger, payees
from transactions.models import Payment
from transactions.reasons import CHARGEBACK
from transactions.workflow.scope import in_scope, ledger_answers, not_ones_own
from transactions.workflow.table import Answer

_INSTANT = "select exists (select from transactions_payment where id = any(%s) and kind = 'instant')"


def post(*, ids: Sequence[int]) -> list[Answer]:
    """approved -> posted (a transfer between own accounts, and what comes in: settled). The books move in the same
    statement; incoming payments in a transaction of their own, so that balances are locked in one order."""
    with transaction.atomic():
        refused = ledger.post(list(ids))
        payees.learn([key for key in ids if key not in refused])
        if sql.rows(_INSTANT, [list(ids)])[0][0]:
            enqueue("transactions.send_instant")
    received = [key for key, code in refused.items() if code == "AC01"]
    for kind in (Payment.Kind.INCOMING, Payment.Kind.CARD) if received else ():
        keys = list(Payment.objects.filter(pk__in=received, kind=kind).order_by("pk").values_list("pk", flat=True))
        if keys:
            with transaction.atomic():
                answers = ledger.post_received(keys)
            refused = {key: code for key, code in refused.items() if key not in set(keys)} | answers
    return ledger_answers(ids, refused)


def apply(*, ids: Sequence[int], actor: User, account_id: int, reason: str) -> list[Answer]:
    """Apply incoming payments that wait in suspense to an account of their entity: posted -> settled.

    A person other than the maker does it, with a reason.
    """
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    ids, outside = in_scope(ids, actor, "apply")
    if actor.is_machine:
        return [Answer(key, False, "payment.by_machine") for key in ids] + outside
    with transaction.atomic():
        refused = ledger.apply(list(ids), account_id, actor, reason.strip())
    return ledger_answers(ids, refused) + outside


def charge_back(
    *, ids: Sequence[int], actor: User, reason_code: str, fee: str | Decimal = "0", reason: str = ""
) -> list[Answer]:
    """An acquirer took card payments back, each with a ``fee`` of its own: posted or settled -> returned.

    Booked by a person who neither made nor amended the payment.
    """
    if reason_code not in CHARGEBACK:
        raise BusinessError("payment.reason_unknown", code=reason_code[:8])
    ids, outside = in_scope(ids, actor, "chargeback")
    try:
        asked = Decimal(str(fee).strip() or "0")
    except InvalidOperation:
        raise BusinessError("money.not_a_number", value=str(fee)[:40]) from None
    if not asked.is_finite() or asked < 0 or asked > money.LARGEST:
        raise BusinessError("money.not_positive", value=str(fee)[:40])
    currencies = Payment.objects.filter(pk__in=ids).values_list("currency", flat=True).distinct()
    if asked:
        for currency in currencies:
            asked = money.parse(asked, currency)
    with transaction.atomic():
        ids, own = not_ones_own(ids, actor)
        refused = ledger.charge_back(list(ids), asked, reason_code, actor, reason.strip())
    return ledger_answers(ids, refused) + own + outside


def settle(*, ids: Sequence[int], actor: User | None) -> list[Answer]:
    """sent -> settled: the in-transit account gives way to the counterpart."""
    if actor is not None:
        ids, outside = in_scope(ids, actor, "settle")
    else:
        outside = []
    with transaction.atomic():
        refused = ledger.settle(list(ids), actor)
    return ledger_answers(ids, refused) + outside
