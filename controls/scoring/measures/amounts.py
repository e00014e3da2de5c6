"""The amount against what is usual for the debtor, for the creditor and between the two."""

import numpy as np

from controls.scoring.movements import UNITS, Bools, Floats, Ints
from controls.scoring.pasts import HABIT, Pasts
from controls.scoring.windows import Past, highest, lowest, median, spread

HIGH = 2.2
_PAIR = 24


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    amount = pasts.amount[rows]
    found: dict[str, Floats] = {"amount": amount / UNITS}
    past, there = pasts.debtor_money.before(rows, HABIT)
    found |= _against(pasts, pasts.debtor_money, rows, "debtor", HABIT)
    found |= _against(pasts, pasts.creditor_money, rows, "creditor", HABIT)
    found |= _against(pasts, pasts.pair_money, rows, "pair", _PAIR)
    found |= _lately(pasts, rows, past, there)
    return found


def _against(pasts: Pasts, over: Past, rows: Ints, who: str, width: int) -> dict[str, Floats]:
    past, there = over.before(rows, width)
    values, amount = pasts.amount[past], pasts.amount[rows]
    usual = median(values, there)
    away = spread(values, there, usual)
    most = highest(values, there)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            f"{who}_history": there.sum(axis=1).astype(np.float64),
            f"{who}_median": usual / UNITS,
            f"{who}_ratio": amount / usual,
            # The least spread that a habit can have is a tenth of it: equal amounts are no proof against a cent more.
            f"{who}_z": (amount - usual) / np.maximum(1.4826 * away, 0.1 * usual),
            f"{who}_over_most": amount / most,
            f"{who}_rank": np.where(
                there.any(axis=1), ((values >= amount[:, None]) & there).sum(axis=1) / there.sum(axis=1), np.nan
            ),
        }


def _lately(pasts: Pasts, rows: Ints, past: Ints, there: Bools) -> dict[str, Floats]:
    """High amounts of the debtor in the fortnight before: one stands alone, several tell of details that leaked."""
    values, ages = pasts.amount[past], pasts.ages(past, rows)
    usual = median(values, there)
    recent = there & (ages <= 14)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.where(recent, values / usual[:, None], 0.0)
    high = recent & (ratios > HIGH)
    ordered = np.sort(ratios, axis=1)
    return {
        "debtor_high_14d": high.sum(axis=1).astype(np.float64),
        "debtor_high_share_14d": high.sum(axis=1) / np.maximum(recent.sum(axis=1), 1),
        "debtor_ratio_most_14d": ordered[:, -1],
        "debtor_ratio_second_14d": ordered[:, -2],
        "debtor_high_last_days": lowest(ages, high),
    }
