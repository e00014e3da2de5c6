"""How often and how much: counts and sums over windows, gaps, hours."""

import numpy as np

from controls.scoring.movements import DAY, UNITS, Floats, Ints
from controls.scoring.pasts import BUSY, Pasts
from controls.scoring.windows import Past, highest, median, spread

_WINDOWS = {"1h": 3_600, "1d": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
_GAPS = 24


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for who, over, money in (
        ("debtor", pasts.debtor, pasts.debtor_money),
        ("creditor", pasts.creditor, pasts.creditor_money),
    ):
        running = money.running(pasts.movements.amount)
        for window, seconds in _WINDOWS.items():
            count = over.count(rows, seconds).astype(np.float64)
            total = money.total(running, rows, seconds) / UNITS
            found[f"{who}_count_{window}"] = count
            found[f"{who}_sum_{window}"] = total
        found |= _gaps(pasts, over, rows, who)
    running = pasts.pair_money.running(pasts.movements.amount)
    found["pair_count_3d"] = pasts.pair_money.count(rows, 3 * DAY).astype(np.float64)
    found["pair_sum_3d"] = pasts.pair_money.total(running, rows, 3 * DAY) / UNITS
    return found | _clock(pasts, rows) | _habits(pasts, rows)


def _habits(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    """The busiest day of the debtor in two months before, and the longest sleep that it woke from within five days."""
    past, there = pasts.debtor.before(rows, BUSY)
    ages = pasts.ages(past, rows)
    busiest = highest(pasts.day_counts[past].astype(np.float64), there & (ages > 1) & (ages <= 60))
    ages = np.column_stack((np.zeros(len(rows)), ages[:, :_GAPS]))
    here = np.column_stack((np.ones(len(rows), dtype=bool), there[:, :_GAPS]))
    slept = highest(ages[:, 1:] - ages[:, :-1], here[:, 1:] & (ages[:, :-1] <= 5))
    return {"debtor_busiest": busiest, "debtor_slept_days": slept}


def _gaps(pasts: Pasts, over: Past, rows: Ints, who: str) -> dict[str, Floats]:
    past, there = over.before(rows, _GAPS)
    ages = pasts.ages(past, rows)
    between, both = ages[:, 1:] - ages[:, :-1], there[:, 1:] & there[:, :-1]
    usual = median(between, both)
    recency = np.where(there[:, 0], ages[:, 0], np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            f"{who}_recency_days": recency,
            f"{who}_gap_days": usual,
            f"{who}_gap_spread": spread(between, both, usual) / usual,
            f"{who}_gap_ratio": np.where(usual > 0, recency / usual, np.nan),
        }


def _clock(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    """The hour on the wall, and the share of the debtor's movements that came within two hours of it."""
    clock = pasts.movements.clock
    hour = (clock[rows] % DAY) / 3_600
    day = (clock[rows] // DAY + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    past, there = pasts.debtor.before(rows, 60)
    away = np.abs((clock[past] % DAY) / 3_600 - hour[:, None])
    near = there & (np.minimum(away, 24 - away) <= 2)
    weekend = there & ((clock[past] // DAY + 3) % 7 >= 5)
    count = there.sum(axis=1)
    return {
        "hour": hour,
        "night": (hour < 6).astype(np.float64),
        "weekend": (day >= 5).astype(np.float64),
        "hour_share": np.where(count > 0, near.sum(axis=1) / np.maximum(count, 1), np.nan),
        "weekend_share": np.where(count > 0, weekend.sum(axis=1) / np.maximum(count, 1), np.nan),
    }
