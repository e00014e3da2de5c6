"""Movements of money as columns in time order: what every measure is taken from.

Keys (accounts, names, operators) are whole numbers, -1 when not known. Amounts are thousandths of a unit of currency in
whole numbers: sums over a window are then exact, however far back the columns reach. Moments are seconds; ``clock`` is
the same moment as the clock on the wall shows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UNITS = 1_000
DAY = 86_400
CASH, REFUND = 1, 2
NEVER = np.iinfo(np.int64).max // 4
UNKNOWN = -1


@dataclass(frozen=True)
class Movements:
    """Columns of one length, in order of ``at`` and then ``id``. ``nature`` tells cash and refunds from the rest.

    ``label``: 1 a known fraud, 0 known as honest, -1 not known; it counts from ``known_at`` on. ``ratio``: the amount
    over the debtor's median at that time; NaN lets :mod:`controls.scoring.features` find it from the columns.
    """

    id: Ints
    at: Ints
    clock: Ints
    debtor: Ints
    creditor: Ints
    name: Ints
    operator: Ints
    channel: Ints
    kind: Ints
    currency: Ints
    country: Ints
    reference: Ints
    nature: Ints
    amount: Ints
    label: Ints
    known_at: Ints
    ratio: Floats

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: Ints) -> "Movements":
        """These rows alone, in the order given."""
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def with_labels(self, label: Ints, known_at: Ints) -> "Movements":
        return replace(self, label=label, known_at=known_at)

    def ordered(self) -> "Movements":
        """In order of time, and of ``id`` within a second."""
        return self.take(np.lexsort((self.id, self.at)))


def movements(columns: dict[str, Any]) -> Movements:
    """Columns by name; what is left out is not known. ``amount`` in units of the currency."""
    count = len(columns["id"])
    made: dict[str, Any] = {}
    for field in fields(Movements):
        given = columns.get(field.name)
        if field.name == "ratio":
            made["ratio"] = np.full(count, np.nan) if given is None else np.asarray(given, dtype=np.float64)
        elif field.name == "amount":
            made["amount"] = np.rint(np.asarray(given, dtype=np.float64) * UNITS).astype(np.int64)
        elif given is None:
            default = {"known_at": NEVER}.get(field.name, UNKNOWN)
            made[field.name] = np.full(count, default, dtype=np.int64)
        else:
            made[field.name] = np.asarray(given, dtype=np.int64)
    if columns.get("clock") is None:
        made["clock"] = made["at"]
    return Movements(**made).ordered()


class Codes:
    """Whole numbers for texts, in order of first sight. An empty text is not known."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        if not text:
            return UNKNOWN
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return number

    def all(self, texts: Sequence[str]) -> Ints:
        return np.fromiter((self(text) for text in texts), dtype=np.int64, count=len(texts))


def paired(left: Ints, right: Ints) -> Ints:
    """One key for two: -1 where either is not known."""
    most = int(right.max(initial=0)) + 1
    return np.where((left < 0) | (right < 0), UNKNOWN, left * most + right)
