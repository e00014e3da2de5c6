"""Money that comes back to where it set out within a fortnight: over nobody, one or two others.

A movement closes a ring when its creditor sent about as much, before, on a way that led to its debtor: each step later
than the one before it, a fifth of the amount may stay behind on the way.
"""

from dataclasses import dataclass

import numpy as np

from controls.scoring.measures.flows import WIDE, incoming, same_currency
from controls.scoring.movements import Bools, Floats, Ints
from controls.scoring.pasts import Pasts
from controls.scoring.windows import lowest

DAYS = 14
HOPS = 16
_BETWEEN = 3


@dataclass(frozen=True)
class Rings:
    """Of each row: what came to the debtor, what left the creditor, and which of them are steps of a ring.

    ``two``: came from the creditor itself. ``three``: pairs (left, came) that meet in one account. ``four``: pairs
    with a movement between; ``middle`` is that movement.
    """

    came: Ints
    left: Ints
    two: Bools
    three: Bools
    four: Bools
    middle: Ints


def rings(pasts: Pasts, rows: Ints) -> Rings:
    movements = pasts.movements
    came, left, two, near, gone = _steps(pasts, rows)
    both = gone[:, :, None] & (near & ~two)[:, None, :] & (left[:, :, None] < came[:, None, :])
    three = both & (movements.creditor[left][:, :, None] == movements.debtor[came][:, None, :])
    four, middle = _over_two(pasts, rows, left, came, both & ~three.any(axis=(1, 2))[:, None, None])
    return Rings(came, left, two, three, four, middle)


def middles_wanted(pasts: Pasts, rows: Ints) -> Ints:
    """What a ring of four may be closed between: where it began, where it ends, and the row that asks."""
    movements = pasts.movements
    came, left, two, near, gone = _steps(pasts, rows)
    both = gone[:, :, None] & (near & ~two)[:, None, :] & (left[:, :, None] < came[:, None, :])
    row, first, last = np.nonzero(both)
    begun, ended = left[row, first], came[row, last]
    open_ = movements.creditor[begun] != movements.debtor[ended]
    return np.stack([begun, ended, rows[row]], axis=1)[open_]


def _steps(pasts: Pasts, rows: Ints) -> tuple[Ints, Ints, Bools, Bools, Bools]:
    """What came to the debtor, what left the creditor; which came from the creditor, which may be steps of a ring."""
    movements = pasts.movements
    came, there = incoming(pasts, rows, HOPS)
    amount = pasts.amount[rows][:, None]
    near = there & (pasts.ages(came, rows) <= DAYS)
    near &= (pasts.amount[came] >= 0.8 * amount) & (pasts.amount[came] <= 1.3 * amount)
    two = near & (movements.debtor[came] == movements.creditor[rows][:, None])
    left, gone = pasts.debtor.of(movements.creditor[rows], rows, HOPS)
    gone = gone & same_currency(pasts, left, rows) & (pasts.ages(left, rows) <= DAYS)
    gone &= (pasts.amount[left] >= 0.8 * amount) & (pasts.amount[left] <= 1.6 * amount)
    gone &= movements.creditor[left] != movements.debtor[rows][:, None]
    return came, left, two, near, gone


def _over_two(pasts: Pasts, rows: Ints, left: Ints, came: Ints, both: Bools) -> tuple[Bools, Ints]:
    """Pairs of steps with a third between them, from where the first ended to where the last began."""
    movements = pasts.movements
    four, middle = np.zeros_like(both), np.zeros(both.shape, dtype=np.int64)
    row, first, last = np.nonzero(both)
    if not len(row):
        return four, middle
    begun, ended = left[row, first], came[row, last]
    pair = pasts.pair_code(movements.creditor[begun], movements.debtor[ended])
    between, there = pasts.pair.of(pair, rows[row], _BETWEEN)
    amount = pasts.amount[rows[row]][:, None]
    there = there & (between > begun[:, None]) & (between < ended[:, None])
    there &= same_currency(pasts, between, rows[row])
    there &= (pasts.amount[between] >= 0.8 * amount) & (pasts.amount[between] <= 1.6 * amount)
    found = there.any(axis=1)
    four[row, first, last] = found
    middle[row, first, last] = between[np.arange(len(row)), np.argmax(there, axis=1)]
    return four, middle


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    found = rings(pasts, rows)
    closing = found.two | found.three.any(axis=1) | found.four.any(axis=1)
    return {
        "circle_two": np.asarray(found.two.any(axis=1), dtype=np.float64),
        "circle_three": _any(found.three),
        "circle_four": _any(found.four),
        "circle_days": lowest(pasts.ages(found.came, rows), closing),
        "circle_habit": _habit(pasts, rows, found.came, closing),
    }


def _any(pairs: Bools) -> Floats:
    return np.asarray(pairs.reshape(len(pairs), HOPS * HOPS).any(axis=1), dtype=np.float64)


def _habit(pasts: Pasts, rows: Ints, came: Ints, closing: Bools) -> Floats:
    """How often, more than a fortnight ago, the debtor paid whom it pays now and was paid by who closes the ring: firms
    of one group do so all the time. The lesser of the two.
    """
    movements = pasts.movements
    out, gone = pasts.pair.before(rows, WIDE)
    paid = (gone & (pasts.ages(out, rows) > DAYS)).sum(axis=1)
    every, there = incoming(pasts, rows, WIDE)
    old = there & (pasts.ages(every, rows) > DAYS)
    payer = movements.debtor[came][np.arange(len(rows)), np.argmax(closing, axis=1)]
    got = (old & (movements.debtor[every] == payer[:, None])).sum(axis=1)
    return np.minimum(paid, got).astype(np.float64)
