"""What a file adds up to in each currency. Its control sum, which mixes them, is no amount of money."""

import re
from decimal import Decimal

from backoffice.common import money
from transactions.intake.rows import Row
from transactions.models import PaymentBatch

# As amounts of rows that are not taken in count for the control sum (fields.py), so that both agree.
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?\Z|[+-]?\.[0-9]+\Z")
LONGEST = 40
NO_CURRENCY = ""


class Sums:
    """Adds up rows as they are read, taken in or not; what has no currency of ISO 4217 stands under none."""

    def __init__(self) -> None:
        self._totals: dict[str, Decimal] = {}
        self._known = money.currencies()

    def add(self, row: Row) -> None:
        values = row.values
        text = values.get("amount", "")
        if len(text) <= LONGEST and _NUMBER.match(text):
            currency = values.get("currency", "")
            if currency not in self._known:
                currency = NO_CURRENCY
            self._totals[currency] = self._totals.get(currency, Decimal(0)) + Decimal(text)

    def kept(self, largest: Decimal) -> dict[str, str]:
        """For ``PaymentBatch.read_sums``: texts by currency, bounded as the sum is."""
        totals = sorted(self._totals.items())
        return {currency: f"{max(min(total, largest), -largest):f}" for currency, total in totals}


def of(batch: PaymentBatch) -> list[tuple[str, Decimal]]:
    """Currency and sum, by currency; what has no currency comes first, under ``""``."""
    return [(currency, Decimal(total)) for currency, total in sorted(batch.read_sums.items())]
