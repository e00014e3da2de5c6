"""The figures of a batch in words: what it adds up to, and what the file says of itself beside what was counted."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backoffice.common import formats
from transactions.intake import sums
from transactions.models import PaymentBatch


def sums_said(batch: PaymentBatch) -> list[str]:
    """One amount for each currency; what had none is a number."""
    return [
        formats.amount(total, currency, exact=True) if currency else formats.control_sum(total)
        for currency, total in sums.of(batch)
    ]


def declared(batch: PaymentBatch) -> list[dict[str, Any]]:
    """Count and control sum: what the file says of itself beside what was counted."""
    rows: list[dict[str, Any]] = []
    if batch.declared_count is not None:
        rows.append(_compared(_("Payments"), batch.declared_count, batch.read_count, ""))
    if batch.declared_sum is not None:
        currencies = list(batch.read_sums)
        alone = currencies[0] if len(currencies) == 1 else ""
        rows.append(_compared(_("Control sum"), batch.declared_sum, batch.read_sum, alone))
    return rows


def _compared(label: str, said: Decimal | int, counted: Decimal | int, currency: str) -> dict[str, Any]:
    return {
        "label": label,
        "said": _figure(said, currency),
        "counted": _figure(counted, currency),
        "gap": _figure(counted - said, currency),
        "same": said == counted,
    }


def _figure(value: Decimal | int, currency: str) -> str:
    """A control sum over several currencies has none of its own."""
    if isinstance(value, int):
        return formats.count(value)
    return formats.amount(value, currency, exact=True) if currency else formats.control_sum(value)
