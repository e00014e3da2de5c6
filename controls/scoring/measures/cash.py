"""Cash over a month, of whom it is taken from and of whom it is brought to."""

import numpy as np

from controls.scoring.movements import CASH, UNITS, Floats, Ints
from controls.scoring.pasts import Pasts
from controls.scoring.windows import highest

MONTH = 30
_WIDE = 96


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    found: dict[str, Floats] = {"cash": (pasts.movements.nature[rows] == CASH).astype(np.float64)}
    for who, over in (("debtor", pasts.cash_debtor), ("creditor", pasts.cash_creditor)):
        past, there = over.before(rows, _WIDE)
        ages = pasts.ages(past, rows)
        month, earlier = there & (ages < MONTH), there & (ages >= MONTH) & (ages < 2 * MONTH)
        own = pasts.amount[rows] * found["cash"]
        values = pasts.amount[past]
        found |= {
            f"cash_{who}_count": month.sum(axis=1) + found["cash"],
            f"cash_{who}_sum": (np.where(month, values, 0).sum(axis=1) + own) / UNITS,
            f"cash_{who}_week": (np.where(there & (ages < 7), values, 0).sum(axis=1) + own) / UNITS,
            f"cash_{who}_before": np.where(earlier, values, 0).sum(axis=1) / UNITS,
            f"cash_{who}_most": np.fmax(highest(values, month), own) / UNITS,
        }
    return found
