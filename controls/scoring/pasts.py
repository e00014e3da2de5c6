"""The pasts of a set of movements by each key that measures look at, each made when it is first asked for."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import numpy as np

from controls.scoring.movements import CASH, DAY, UNKNOWN, Floats, Ints, Movements, paired
from controls.scoring.windows import Past, median

DAYS = 400
KEPT = 256
HABIT = 60
BUSY = 128
_CHUNK = 20_000
Likeness = Callable[[str, str], int]
Names = Sequence[str] | Mapping[int, str]


class Pasts:
    """What of a movement's past counts, the same for a stream and for rows out of the database: ``KEPT`` movements of
    a key within ``DAYS`` days."""

    def __init__(self, movements: Movements, names: Names = (), likeness: Likeness | None = None) -> None:
        """``names``: the texts that the codes of names stand for; ``likeness``: how alike two are, 0 to 100."""
        self.movements = movements
        self.names, self.likeness = names, likeness
        self.amount: Floats = movements.amount.astype(np.float64)

    def _past(self, key: Ints) -> Past:
        return Past(key, self.movements.at, kept=KEPT, days=DAYS)

    @cached_property
    def debtor(self) -> Past:
        return self._past(self.movements.debtor)

    @cached_property
    def creditor(self) -> Past:
        return self._past(self.movements.creditor)

    @cached_property
    def debtor_money(self) -> Past:
        """What the debtor paid in one currency: amounts of two are not compared."""
        return self._past(paired(self.movements.debtor, self._currency))

    @cached_property
    def creditor_money(self) -> Past:
        return self._past(paired(self.movements.creditor, self._currency))

    @cached_property
    def pair_money(self) -> Past:
        return self._past(paired(paired(self.movements.debtor, self.movements.creditor), self._currency))

    @cached_property
    def _currency(self) -> Ints:
        """Where none is told, all have one."""
        return np.maximum(self.movements.currency, 0)

    @cached_property
    def pair(self) -> Past:
        return self._past(self.pair_code(self.movements.debtor, self.movements.creditor))

    def pair_code(self, debtor: Ints, creditor: Ints) -> Ints:
        """The key of two accounts."""
        return np.where((debtor < 0) | (creditor < 0), UNKNOWN, debtor * self._accounts + creditor)

    @cached_property
    def _accounts(self) -> int:
        return int(max(self.movements.debtor.max(initial=0), self.movements.creditor.max(initial=0))) + 1

    @cached_property
    def name(self) -> Past:
        """The names a debtor pays: one supplier under two accounts meets itself here."""
        return self._past(paired(self.movements.debtor, self.movements.name))

    @cached_property
    def operator(self) -> Past:
        return self._past(self.movements.operator)

    @cached_property
    def operator_pair(self) -> Past:
        return self._past(paired(self.movements.operator, self.movements.creditor))

    @cached_property
    def cash_debtor(self) -> Past:
        return self._past(np.where(self.movements.nature == CASH, self.movements.debtor, UNKNOWN))

    @cached_property
    def cash_creditor(self) -> Past:
        return self._past(np.where(self.movements.nature == CASH, self.movements.creditor, UNKNOWN))

    @cached_property
    def day_counts(self) -> Ints:
        """How many movements each movement's debtor had made within a day, as of then."""
        return np.minimum(self.debtor.count(np.arange(len(self.movements)), DAY), BUSY)

    @cached_property
    def country(self) -> Past:
        """Where the house pays to, whoever pays."""
        return self._past(self.movements.country)

    @cached_property
    def ratio(self) -> Floats:
        """Each amount over its debtor's median as it was at its moment; 1 where there is nothing to compare."""
        ratio = self.movements.ratio.copy()
        missing = np.flatnonzero(np.isnan(ratio))
        for start in range(0, len(missing), _CHUNK):
            rows = missing[start : start + _CHUNK]
            past, there = self.debtor_money.before(rows, HABIT)
            usual = median(self.amount[past], there)
            with np.errstate(invalid="ignore", divide="ignore"):
                ratio[rows] = np.where(usual > 0, self.amount[rows] / usual, 1.0)
        return ratio

    def ages(self, past: Ints, rows: Ints) -> Floats:
        """Days between earlier movements and the rows they are looked at from."""
        at = self.movements.at
        return (at[rows][:, None] - at[past]) / DAY
