"""What is known of earlier movements of the same parties: labels that were known, of movements at least a week old."""

import numpy as np

from controls.scoring.measures.amounts import HIGH
from controls.scoring.movements import DAY, Bools, Floats, Ints
from controls.scoring.pasts import Pasts
from controls.scoring.windows import Past, highest, lowest

DELAY = 7
_WIDTH = 128
_WINDOWS = (1, 7, 30)


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    return _of(pasts, pasts.creditor, rows, "creditor") | _of(pasts, pasts.debtor, rows, "debtor")


def _of(pasts: Pasts, over: Past, rows: Ints, who: str) -> dict[str, Floats]:
    movements = pasts.movements
    past, there = over.older(rows, DELAY * DAY, _WIDTH)
    known = there & (movements.label[past] >= 0) & (movements.known_at[past] <= movements.at[rows][:, None])
    fraud = known & (movements.label[past] == 1)
    ages = pasts.ages(past, rows)
    found: dict[str, Floats] = {}
    for days in _WINDOWS:
        inside = known & (ages < DELAY + days)
        count, frauds = inside.sum(axis=1), (fraud & inside).sum(axis=1)
        found[f"{who}_known_{days}d"] = count.astype(np.float64)
        found[f"{who}_fraud_share_{days}d"] = frauds / np.maximum(count, 1)
        if days == 30:
            found[f"{who}_frauds_{days}d"] = frauds.astype(np.float64)
    found |= _sequence(who, ages, known, fraud)
    ordinary = fraud & (pasts.ratio[past] <= HIGH)
    found |= _ordinary(who, ages, known, fraud, ordinary)
    return found


def _sequence(who: str, ages: Floats, known: Bools, fraud: Bools) -> dict[str, Floats]:
    """The order in which frauds and honest movements came, the newest known first."""
    nth = np.cumsum(known, axis=1)
    honest = known & ~fraud
    run = fraud & (np.cumsum(honest, axis=1) == 0)
    recent = fraud & (ages < 28 + DELAY)
    return {
        f"{who}_frauds_last3": (fraud & (nth <= 3)).sum(axis=1).astype(np.float64),
        f"{who}_last_known": np.where(known.any(axis=1), (fraud & (nth == 1)).any(axis=1), np.nan).astype(np.float64),
        f"{who}_fraud_run": run.sum(axis=1).astype(np.float64),
        f"{who}_run_age": highest(ages, run),
        f"{who}_last_fraud_days": lowest(ages, fraud),
        f"{who}_first_fraud_days": highest(ages, fraud & (ages < 28)),
        f"{who}_first_fraud_35d": highest(ages, recent),
        f"{who}_last_honest_days": lowest(ages, honest),
    }


def _ordinary(who: str, ages: Floats, known: Bools, fraud: Bools, ordinary: Bools) -> dict[str, Floats]:
    """Frauds of amounts that nothing gave away: then it is the place, not the payer."""
    inside = ordinary & (ages < 28)
    first = highest(ages, inside)
    with np.errstate(invalid="ignore"):
        since = known & (ages <= np.nan_to_num(first, nan=-1)[:, None])
    honest_since = (since & ~fraud).sum(axis=1).astype(np.float64)
    before = lowest(ages, known & ~fraud & (ages > np.nan_to_num(first, nan=1e9)[:, None]))
    return {
        f"{who}_ordinary_frauds_28d": inside.sum(axis=1).astype(np.float64),
        f"{who}_ordinary_first_days": first,
        f"{who}_honest_since": np.where(np.isnan(first), np.nan, honest_since),
        f"{who}_fraud_share_since": np.where(
            np.isnan(first), 0.0, (since & fraud).sum(axis=1) / np.maximum(since.sum(axis=1), 1)
        ),
        f"{who}_honest_before_days": before,
    }
