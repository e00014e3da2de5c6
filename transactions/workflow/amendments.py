"""Amending a payment before validation: a person's act, kept as versions with a diff. See the package."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from backoffice.people.models import User
from transactions import births
from transactions.intake import account_numbers
from transactions.models import Payment
from transactions.workflow.table import Answer, Judge, cases_of, move

AMENDABLE = {
    "creditor_name": 140,
    "creditor_number": 34,
    "creditor_bic": 11,
    "creditor_address": None,
    "ultimate_creditor": 140,
    "requested_execution_date": None,
    "remittance": 140,
    "creditor_reference": 35,
    "end_to_end_id": 35,
    "purpose": 35,
    "charge_bearer": 4,
    "creditor_birth": None,
    "ultimate_creditor_birth": None,
}
_TIDY = {"creditor_number", "creditor_bic", "charge_bearer"}


def _clean(field: str, value: Any) -> Any:
    if field not in AMENDABLE:
        raise BusinessError("payment.not_amendable", field=field)
    if field == "requested_execution_date":
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            raise BusinessError("payment.field_invalid", field=field, value=str(value)[:40]) from None
    if field in births.AMENDED:
        return births.cleaned(value, field)
    if field == "creditor_address":
        if not isinstance(value, dict):
            raise BusinessError("payment.field_invalid", field=field, value=str(value)[:40])
        return value
    text = "".join(str(value).split()).upper() if field in _TIDY else " ".join(str(value).split())
    longest = AMENDABLE[field]
    if not text.isprintable() or (longest and len(text) > longest):
        raise BusinessError("payment.field_invalid", field=field, value=text[:40])
    if field == "creditor_bic" and text and account_numbers.bic_fault(text):
        raise BusinessError("account.bic_bad", bic=text)
    return text


def amend(*, payment_id: int, actor: User, changes: Mapping[str, Any], version: int, reason: str) -> Answer:
    """Change what was asked, before anybody signed; it is checked again. The old version is kept.

    ``version`` is the state's version that the person read; another one is a conflict. Whoever amends can sign
    neither validation nor approval. An amount is never amended: reject and enter the payment anew.
    """
    from transactions import cut_offs
    from transactions.intake import store

    judge = Judge("amend", actor, {payment_id: version})
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    cleaned = {field: _clean(field, value) for field, value in changes.items()}
    with transaction.atomic():
        case = cases_of([payment_id], actor).get(payment_id)
        no = judge.base(payment_id, case) or (case and judge.free(case))
        if no:
            return no
        payment = Payment.objects.get(pk=payment_id)
        if payment.kind == Payment.Kind.DEBIT:
            return judge.no(payment_id, "payment.debit_as_presented")
        if payment.kind in {Payment.Kind.INCOMING, Payment.Kind.REFUND, Payment.Kind.CARD}:
            return judge.no(payment_id, "payment.as_it_came")
        before = _before(payment, cleaned)
        changed = {field: value for field, value in cleaned.items() if before[field] != value}
        if not changed:
            return judge.no(payment_id, "payment.nothing_changed")
        _keep(payment, changed, actor, reason)
        store.resolve([payment_id])
        cut_offs.due_anew([payment_id], asked_at=timezone.now())
        move(
            [payment_id], "amend", actor=actor, reason=reason,
            data={"fields": {
                field: {"old": trail_value(before[field]), "new": trail_value(value)}
                for field, value in changed.items()
            }},
            more=", claimed_by_id = null, claimed_until = null",
        )  # fmt: skip
        enqueue("controls.assess", [payment_id])
    return Answer(payment_id, True)


def _before(payment: Payment, cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What stands there now. One query where births are asked about, else none."""
    known = births.of(payment.pk) if births.AMENDED.keys() & cleaned.keys() else {}
    return {
        field: known.get(births.AMENDED[field], {}) if field in births.AMENDED else getattr(payment, field)
        for field in cleaned
    }


def _keep(payment: Payment, changed: Mapping[str, Any], actor: User, reason: str) -> None:
    """The payment as it is amended, and the version before."""
    moment = timezone.now()
    own = {field: value for field, value in changed.items() if field not in births.AMENDED}
    if not payment.history.exists():
        Payment.history.bulk_history_create([payment], default_date=payment.received_at)
    if not own:
        # Who amended a birth amended the payment: its versions say whose work it is.
        Payment.history.bulk_history_create(
            [payment], update=True, default_user=actor, default_change_reason=reason[:100], default_date=moment
        )
    if own:
        for field, value in own.items():
            setattr(payment, field, value)
        payment._history_user = actor  # type: ignore[attr-defined]
        payment._history_date = moment  # type: ignore[attr-defined]
        payment._change_reason = reason[:100]  # type: ignore[attr-defined]
        payment.save(update_fields=list(own))
    if born := {field: value for field, value in changed.items() if field in births.AMENDED}:
        births.put(payment=payment, changes=born, actor=actor, reason=reason, moment=moment)


def trail_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


__all__ = ["AMENDABLE", "amend"]
