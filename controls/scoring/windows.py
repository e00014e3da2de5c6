"""The past of a key, for many rows at once: windows of time over columns in time order, each row's own moment its end.

The past is bounded the same way wherever it comes from: the last ``kept`` movements of a key within ``days`` days. A
row sees itself and what stands before it, never what comes later.
"""

import numpy as np

from controls.scoring.movements import DAY, Bools, Floats, Ints

_SPAN = np.int64(1) << 36  # more seconds than there are until the year 4000


class Past:
    """Movements by key, in time order within each. ``key`` -1 has no past."""

    def __init__(self, key: Ints, at: Ints, *, kept: int, days: int) -> None:
        self.kept, self.days = kept, days
        # Keys by rank, so that rank and moment go into one number however large the keys are.
        self._keys, ranks = np.unique(key, return_inverse=True)
        self.order: Ints = np.argsort(ranks, kind="stable")
        self.place: Ints = np.empty_like(self.order)
        self.place[self.order] = np.arange(len(key))
        self.key = ranks[self.order]
        self._known = key[self.order] >= 0
        self.at = at[self.order]
        self._line: Ints = self.key * _SPAN + self.at
        self._first = np.searchsorted(self.key, self.key, side="left")

    def here(self, rows: Ints) -> Ints:
        return self.place[rows]

    def since(self, rows: Ints, seconds: int) -> Ints:
        """The place of the first movement later than ``seconds`` before each row, within what is kept."""
        here = self.place[rows]
        found = np.searchsorted(self._line, self._line[here] - min(seconds, self.days * DAY), side="right")
        low = np.maximum(np.maximum(found, self._first[here]), here - self.kept + 1)
        return np.where(self._known[here], low, here + 1)

    def until(self, rows: Ints, seconds: int) -> Ints:
        """The place of the last movement at least ``seconds`` before each row; before the key's first when none is."""
        here = self.place[rows]
        found = np.searchsorted(self._line, self._line[here] - seconds, side="right") - 1
        return np.minimum(found, here)

    def before(self, rows: Ints, width: int) -> tuple[Ints, Bools]:
        """The last ``width`` movements before each row, the newest first: rows of the columns, and which are there."""
        here = self.place[rows]
        return self._back(here, here - 1, min(width, self.kept - 1))

    def older(self, rows: Ints, seconds: int, width: int) -> tuple[Ints, Bools]:
        """As ``before``, of those at least ``seconds`` before each row."""
        here = self.place[rows]
        return self._back(here, self.until(rows, seconds), width)

    def of(self, key: Ints, rows: Ints, width: int) -> tuple[Ints, Bools]:
        """The last ``width`` movements of another key before each row, the newest first."""
        count = np.int64(len(self.order))
        rank = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        known = (self._keys[rank] == key) & (key >= 0)
        newest = np.searchsorted(self.key * count + self.order, rank * count + rows, side="left") - 1
        places = newest[:, None] - np.arange(min(width, self.kept - 1))
        safe = np.maximum(places, 0)
        there = (places >= 0) & (self.key[safe] == rank[:, None]) & known[:, None]
        there &= self.at[safe] > (self.at[self.place[rows]] - self.days * DAY)[:, None]
        return self.order[np.where(there, places, 0)], there

    def _back(self, here: Ints, newest: Ints, width: int) -> tuple[Ints, Bools]:
        low = np.maximum(self._first[here], here - self.kept + 1)
        low = np.maximum(low, np.searchsorted(self._line, self._line[here] - self.days * DAY, side="right"))
        low = np.where(self._known[here], low, here + 1)
        places = newest[:, None] - np.arange(width)
        there = places >= low[:, None]
        return self.order[np.where(there, places, 0)], there

    def count(self, rows: Ints, seconds: int) -> Ints:
        """How many movements in the window, the row included."""
        here = self.place[rows]
        return here + 1 - self.since(rows, seconds)

    def running(self, values: Ints) -> Ints:
        """Sums up to each place, for ``total``."""
        return np.concatenate(([0], np.cumsum(values[self.order])))

    def total(self, running: Ints, rows: Ints, seconds: int) -> Ints:
        """The sum over the window, the row included. Whole numbers: exact."""
        return running[self.place[rows] + 1] - running[self.since(rows, seconds)]


def median(values: Floats, there: Bools) -> Floats:
    """The median of each row's values that are there; NaN when none is."""
    ordered = np.sort(np.where(there, values, np.inf), axis=1)
    count = there.sum(axis=1)
    rows = np.arange(len(values))
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, np.maximum(count - 1, 0))
    with np.errstate(invalid="ignore"):
        middle = (ordered[rows, low] + ordered[rows, high]) / 2
    return np.where(count > 0, middle, np.nan)


def spread(values: Floats, there: Bools, middle: Floats) -> Floats:
    """The median distance from ``middle``."""
    with np.errstate(invalid="ignore"):
        away = np.abs(values - middle[:, None])
    return median(np.where(there, away, np.inf), there)


def distinct(values: Ints, there: Bools) -> Ints:
    """How many different values are there in each row."""
    ordered = np.sort(np.where(there, values, -2), axis=1)
    changes = np.diff(ordered, axis=1, prepend=np.int64(-2)) != 0
    return changes.sum(axis=1)


def fresh(values: Ints, recent: Bools, there: Bools) -> Ints:
    """How many different values are among the recent and not among the others."""
    ordered = np.sort(np.where(there, values * 2 + recent, -2), axis=1)
    first = np.diff(ordered >> 1, axis=1, prepend=np.int64(-1)) != 0
    return (first & (ordered % 2 == 1)).sum(axis=1)


def highest(values: Floats, there: Bools) -> Floats:
    """The largest of each row's values that are there; NaN when none is."""
    most = np.where(there, values, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(np.isfinite(most), most, np.nan)


def lowest(values: Floats, there: Bools) -> Floats:
    """The smallest of each row's values that are there; NaN when none is."""
    least = np.where(there, values, np.inf).min(axis=1, initial=np.inf)
    return np.where(np.isfinite(least), least, np.nan)
