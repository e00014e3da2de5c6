"""Dates and places of birth of natural persons: what is asked of one wherever it comes in, and what payments keep."""

import functools
from collections.abc import Mapping
from datetime import date
from typing import Any

import pycountry
from django.utils import timezone

from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from transactions.models import Payment, PaymentBirth

# Nobody who was born before lives; the database refuses it, too.
EARLIEST = date(1900, 1, 1)
PARTS = ("born_on", "province", "town", "country")
LONGEST = {"province": 35, "town": 35, "country": 2}
# What a person may amend; of debtors it stays as it came.
AMENDED = {"creditor_birth": PaymentBirth.Side.CREDITOR, "ultimate_creditor_birth": PaymentBirth.Side.ULTIMATE_CREDITOR}


def fault(born_on: date, today: date | None = None) -> str:
    """The code of what is wrong with a date of birth, or empty."""
    if born_on < EARLIEST:
        return "birth.too_early"
    return "birth.future" if born_on > (today or timezone.localdate()) else ""


@functools.lru_cache(1_024)
def is_country(code: str) -> bool:
    return code == "XK" or pycountry.countries.get(alpha_2=code) is not None


def cleaned(given: Any, field: str) -> dict[str, str]:
    """What a person says of a birth, by :data:`PARTS`, parts without a word left out; or :class:`BusinessError`."""
    if not isinstance(given, Mapping) or not given.keys() <= set(PARTS):
        raise BusinessError("payment.field_invalid", field=field, value=str(given)[:40])
    said = {part: " ".join(str(given[part]).split()) for part in PARTS if given.get(part)}
    if "born_on" in said:
        try:
            wrong = fault(date.fromisoformat(said["born_on"]))
        except ValueError:
            raise BusinessError("payment.field_invalid", field=field, value=said["born_on"][:40]) from None
        if wrong:
            raise BusinessError(wrong)
    said |= {"country": said["country"].upper()} if "country" in said else {}
    if "country" in said and not is_country(said["country"]):
        raise BusinessError("birth.country", country=said["country"][:20])
    for part, longest in LONGEST.items():
        text = said.get(part, "")
        if not text.isprintable() or len(text) > longest:
            raise BusinessError("payment.field_invalid", field=field, value=text[:40])
    return said


def of(payment_id: int) -> dict[str, dict[str, str]]:
    """What is known of births, by side; sides of which nothing is known are absent. One query."""
    rows = PaymentBirth.objects.filter(payment=payment_id).order_by("pk")
    return {row.side: row.told for row in rows if row.told}


def put(*, payment: Payment, changes: Mapping[str, Mapping[str, str]], actor: User, reason: str, moment: Any) -> None:
    """Keep what a person amended of a payment that is locked, with its versions. Inside ``atomic()``."""
    known = {row.side: row for row in PaymentBirth.objects.filter(payment=payment)}
    for field, said in changes.items():
        side = AMENDED[field]
        row = known.get(side) or PaymentBirth(payment=payment, side=side)
        if row.pk and not row.history.exists():
            PaymentBirth.history.bulk_history_create([row], default_date=payment.received_at)
        row.born_on = date.fromisoformat(said["born_on"]) if said.get("born_on") else None
        row.province, row.town, row.country = (said.get(part, "") for part in PARTS[1:])
        row._history_user, row._history_date = actor, moment  # type: ignore[attr-defined]
        row._change_reason = reason[:100]  # type: ignore[attr-defined]
        # Of whom it is stays: the application may not write that again.
        row.save(update_fields=PARTS if row.pk else None)
