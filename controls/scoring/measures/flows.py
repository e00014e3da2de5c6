"""Where money goes: distinct parties within a week, and what came in before it goes out."""

import numpy as np

from controls.scoring.movements import UNITS, Bools, Floats, Ints
from controls.scoring.pasts import Pasts
from controls.scoring.windows import Past, distinct, fresh, highest, median

WIDE = 96
INFLOW = 32
_PASS_HOURS = 48


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    movements = pasts.movements
    found = _fan(pasts, pasts.debtor, movements.creditor, rows, "out")
    found |= _fan(pasts, pasts.creditor, movements.debtor, rows, "in")
    found |= _through(pasts, rows)
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
