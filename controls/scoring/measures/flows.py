"""Where money goes: distinct parties within a week, what came in before it goes out, and ways back to its beginning."""

import numpy as np

from controls.scoring.movements import UNITS, Bools, Floats, Ints
from controls.scoring.pasts import Pasts
from controls.scoring.windows import Past, distinct, fresh, highest, lowest, median

WIDE = 96
INFLOW = 32
HOPS = 16
CIRCLE_DAYS = 14
_PASS_HOURS = 48


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    movements = pasts.movements
    found = _fan(pasts, pasts.debtor, movements.creditor, rows, "out")
    found |= _fan(pasts, pasts.creditor, movements.debtor, rows, "in")
    found |= _through(pasts, rows)
    found |= _circle(pasts, rows)
    return found


def _fan(pasts: Pasts, over: Past, other: Ints, rows: Ints, way: str) -> dict[str, Floats]:
    past, there = over.before(rows, WIDE)
    past, there = np.column_stack((rows, past)), np.column_stack((np.ones(len(rows), dtype=bool), there))
    ages = pasts.ages(past, rows)
    who = other[past]
    week, day = there & (ages < 7), there & (ages < 1)
    month = there & (ages >= 7) & (ages < 35)
    return {
        f"fan_{way}_1d": distinct(who, day).astype(np.float64),
        f"fan_{way}_7d": distinct(who, week).astype(np.float64),
        f"fan_{way}_before": distinct(who, month) / 4,
        f"fan_{way}_new_1d": fresh(who, day, there).astype(np.float64),
        f"fan_{way}_new_7d": fresh(who, week, there).astype(np.float64),
    }


def incoming(pasts: Pasts, rows: Ints, width: int = INFLOW) -> tuple[Ints, Bools]:
    """What was paid to the debtor before."""
    past, there = pasts.creditor.of(pasts.movements.debtor[rows], rows, width)
    return past, there & same_currency(pasts, past, rows)


def same_currency(pasts: Pasts, past: Ints, rows: Ints) -> Bools:
    return pasts.movements.currency[past] == pasts.movements.currency[rows][:, None]


def _through(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    """What came in within two days, and how much of it has gone out again with this."""
    past, there = incoming(pasts, rows)
    ages, values = pasts.ages(past, rows), pasts.amount[past]
    lately = there & (ages * 24 <= _PASS_HOURS)
    came = np.where(lately, values, 0).sum(axis=1)
    out, gone = pasts.debtor_money.before(rows, INFLOW)
    first = np.where(lately, ages, -1).max(axis=1)
    after = gone & (pasts.ages(out, rows) <= first[:, None])
    left = np.where(after, pasts.amount[out], 0).sum(axis=1) + pasts.amount[rows]
    most = highest(values, lately)
    before = there & ~lately
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(came > 0, left / came, np.nan)
        usual = median(values, before)
        return {
            "through_in_48h": came / UNITS,
            "through_in_count": lately.sum(axis=1).astype(np.float64),
            "through_share": share,
            "through_hours": np.where(lately.any(axis=1), first * 24, np.nan),
            "through_largest_ratio": np.where(before.any(axis=1), most / usual, np.nan),
            "through_in_before": before.sum(axis=1).astype(np.float64),
            "through_amount_share": pasts.amount[rows] / most,
        }


def circle(pasts: Pasts, rows: Ints) -> tuple[Ints, Bools, Ints, Bools]:
    """(incoming to the debtor, those that close A→B→A; and of what left the creditor the first edge of A→B→C→A, if
    any).

    A ring is closed by this row: the creditor paid the debtor, or paid one who then paid the debtor, each of about the
    amount of the one before (a fifth may stay behind) within a fortnight.
    """
    movements = pasts.movements
    came, there = incoming(pasts, rows, HOPS)
    there = there & (pasts.ages(came, rows) <= CIRCLE_DAYS)
    amount = pasts.amount[rows][:, None]
    near = there & (pasts.amount[came] >= 0.8 * amount) & (pasts.amount[came] <= 1.3 * amount)
    two = near & (movements.debtor[came] == movements.creditor[rows][:, None])
    left, gone = pasts.debtor.of(movements.creditor[rows], rows, HOPS)
    gone = gone & same_currency(pasts, left, rows) & (pasts.ages(left, rows) <= CIRCLE_DAYS)
    gone &= (pasts.amount[left] >= 0.8 * amount) & (pasts.amount[left] <= 1.6 * amount)
    met = (movements.creditor[left][:, :, None] == movements.debtor[came][:, None, :]) & (
        left[:, :, None] < came[:, None, :]
    )
    met &= gone[:, :, None] & near[:, None, :] & ~two[:, None, :]
    met &= movements.creditor[left][:, :, None] != movements.debtor[rows][:, None, None]
    three = met.any(axis=2)
    return came, two | met.any(axis=1), left, three


def _circle(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    movements = pasts.movements
    came, closing, _left, three = circle(pasts, rows)
    direct = closing & (movements.debtor[came] == movements.creditor[rows][:, None])
    ages = pasts.ages(came, rows)
    return {
        "circle_two": direct.any(axis=1).astype(np.float64),
        "circle_three": three.any(axis=1).astype(np.float64),
        "circle_days": lowest(ages, closing),
        "circle_habit": _habit(pasts, rows, came, closing),
    }


def _habit(pasts: Pasts, rows: Ints, came: Ints, closing: Bools) -> Floats:
    """How often, more than a fortnight ago, the debtor paid whom it pays now and was paid by who closes the ring: firms
    of one group do so all the time. The lesser of the two.
    """
    movements = pasts.movements
    out, gone = pasts.pair.before(rows, WIDE)
    paid = (gone & (pasts.ages(out, rows) > CIRCLE_DAYS)).sum(axis=1)
    every, there = incoming(pasts, rows, WIDE)
    old = there & (pasts.ages(every, rows) > CIRCLE_DAYS)
    payer = movements.debtor[came][np.arange(len(rows)), np.argmax(closing, axis=1)]
    got = (old & (movements.debtor[every] == payer[:, None])).sum(axis=1)
    return np.minimum(paid, got).astype(np.float64)
