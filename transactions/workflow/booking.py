"""The verbs that move the books: posting, settlement, returns, what waits in suspense, what an acquirer takes back."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils import timezone

from backoffice.common import money
from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import User
from transactions import ledger, payees
from transactions.models import Payment, PaymentState
from transactions.reasons import CHARGEBACK
from transactions.recalls import returned
from transactions.workflow.table import REJECT_REASONS, TRANSITIONS, Answer


def post(*, ids: Sequence[int]) -> list[Answer]:
    """approved -> posted (a transfer between own accounts, and what comes in: settled). The books move in the same
    statement; incoming payments in a transaction of their own, so that balances are locked in one order."""
    with transaction.atomic():
        refused = ledger.post(list(ids))
        payees.learn([key for key in ids if key not in refused])
        if Payment.objects.filter(pk__in=list(ids), kind=Payment.Kind.INSTANT).exists():
            enqueue("transactions.send_instant")
    received = [key for key, code in refused.items() if code == "AC01"]
    for kind in (Payment.Kind.INCOMING, Payment.Kind.CARD) if received else ():
        keys = list(Payment.objects.filter(pk__in=received, kind=kind).order_by("pk").values_list("pk", flat=True))
        if keys:
            with transaction.atomic():
                answers = ledger.post_received(keys)
            refused = {key: code for key, code in refused.items() if key not in set(keys)} | answers
    return _ledger_answers(ids, refused)


def apply(*, ids: Sequence[int], actor: User, account_id: int, reason: str) -> list[Answer]:
    """Apply incoming payments that wait in suspense to an account of their entity: posted -> settled.

    A person other than the maker does it, with a reason.
    """
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    ids, outside = _in_scope(ids, actor, "apply")
    if actor.is_machine:
        return [Answer(key, False, "payment.by_machine") for key in ids] + outside
    with transaction.atomic():
        refused = ledger.apply(list(ids), account_id, actor, reason.strip())
    return _ledger_answers(ids, refused) + outside


def charge_back(
    *, ids: Sequence[int], actor: User, reason_code: str, fee: str | Decimal = "0", reason: str = ""
) -> list[Answer]:
    """An acquirer took card payments back, each with a ``fee`` of its own: posted or settled -> returned."""
    if reason_code not in CHARGEBACK:
        raise BusinessError("payment.reason_unknown", code=reason_code[:8])
    ids, outside = _in_scope(ids, actor, "chargeback")
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
        refused = ledger.charge_back(list(ids), asked, reason_code, actor, reason.strip())
    return _ledger_answers(ids, refused) + outside


def settle(*, ids: Sequence[int], actor: User | None) -> list[Answer]:
    """sent -> settled: the in-transit account gives way to the counterpart."""
    if actor is not None:
        ids, outside = _in_scope(ids, actor, "settle")
    else:
        outside = []
    with transaction.atomic():
        refused = ledger.settle(list(ids), actor)
    return _ledger_answers(ids, refused) + outside


def return_(
    *, ids: Sequence[int], actor: User, reason_code: str, reason: str = "", value_date: date | None = None
) -> list[Answer]:
    """The money came back: the entries are reversed, never deleted. ``value_date`` is the bank's, today without one."""
    if reason_code not in REJECT_REASONS:
        raise BusinessError("payment.reason_unknown", code=reason_code[:8])
    if reason_code == "NARR" and not reason.strip():
        raise BusinessError("payment.reason_required")
    if value_date is not None and value_date > timezone.localdate():
        raise BusinessError("payment.value_date_future")
    ids, outside = _in_scope(ids, actor, "return")
    with transaction.atomic():
        refused = ledger.reverse_each(dict.fromkeys(ids, (reason_code, reason)), actor, value_date)
        returned.note([key for key in ids if key not in refused], actor)
    return _ledger_answers(ids, refused) + outside


def _in_scope(ids: Sequence[int], actor: User, verb: str) -> tuple[list[int], list[Answer]]:
    right = TRANSITIONS[verb].right
    access.demand(actor, right)
    mine = set(
        PaymentState.objects.filter(pk__in=list(ids), entity_id__in=access.entity_ids(actor, right)).values_list(
            "pk", flat=True
        )
    )
    return [key for key in ids if key in mine], [Answer(key, False, "not_there") for key in ids if key not in mine]


def _ledger_answers(ids: Sequence[int], refused: Mapping[int, str]) -> list[Answer]:
    return [Answer(key, False, f"payment.{refused[key]}") if key in refused else Answer(key, True) for key in ids]
