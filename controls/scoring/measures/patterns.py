"""What the amounts themselves tell: the same again, just under a limit, round, and first digits that do not fall as
they do of themselves.
"""

import numpy as np

from controls.scoring.movements import UNITS, Bools, Floats, Ints
from controls.scoring.pasts import Pasts
from controls.scoring.windows import Past, lowest, median

LIMITS = np.array([500, 1_000, 1_500, 2_000, 3_000, 5_000, 7_500, 10_000, 12_500, 15_000, 20_000, 25_000, 30_000,
                   50_000, 75_000, 100_000, 150_000, 200_000, 250_000, 500_000, 1_000_000], dtype=float)  # fmt: skip
UNDER = 0.8
SPLIT_DAYS = 7
CLOSE = 0.02
_SPLIT = 48
_PAIR = 24
_DIGITS = 128
_BENFORD = np.log10(1 + 1 / np.arange(1, 10))


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    return _again(pasts, rows) | _split(pasts, rows) | _round(pasts, rows) | _digits(pasts, rows)


def same(pasts: Pasts, rows: Ints) -> tuple[Ints, Bools, Bools]:
    """Earlier movements of the pair; those of the same amount; those of the same reference and about the amount."""
    movements = pasts.movements
    past, there = pasts.pair_money.before(rows, _PAIR)
    amount = pasts.amount[rows][:, None]
    equal = there & (pasts.amount[past] == amount)
    cited = there & (np.abs(pasts.amount[past] - amount) <= CLOSE * amount) & (movements.reference[rows] >= 0)[:, None]
    cited &= movements.reference[past] == movements.reference[rows][:, None]
    return past, equal, cited


def _again(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    movements = pasts.movements
    past, equal, cited = same(pasts, rows)
    ages = pasts.ages(past, rows)
    _, there = pasts.pair_money.before(rows, _PAIR)
    amount = pasts.amount[rows][:, None]
    close = there & (np.abs(pasts.amount[past] - amount) <= CLOSE * amount)
    between = ages[:, 1:] - ages[:, :-1]
    usual = median(between, there[:, 1:] & there[:, :-1])
    last = lowest(ages, equal)
    with np.errstate(invalid="ignore", divide="ignore"):
        rhythm = np.where(usual > 0, last / usual, np.nan)
    return {
        "same_amount_days": last,
        "same_reference_days": lowest(ages, cited),
        "close_amount_days": lowest(ages, close),
        "same_reference_count": cited.sum(axis=1).astype(np.float64),
        "same_amount_count": equal.sum(axis=1).astype(np.float64),
        "pair_gap_days": usual,
        "same_amount_rhythm": rhythm,
        "other_reference": np.where(equal.any(axis=1) & (movements.reference[rows] >= 0), 1.0 - cited.any(axis=1), 0.0),
        "round_10": (movements.amount[rows] % (10 * UNITS) == 0).astype(np.float64),
    }


def limit(amount: Floats) -> Floats:
    """The limit that each amount stays just under; NaN when it does not."""
    above = np.searchsorted(LIMITS, amount / UNITS, side="right")
    nearest = LIMITS[np.minimum(above, len(LIMITS) - 1)] * UNITS
    return np.where((amount < nearest) & (amount >= UNDER * nearest), nearest, np.nan)


def under(pasts: Pasts, over: Past, rows: Ints) -> tuple[Ints, Bools, Bools]:
    """Movements before, those just under the same limit within a week, and those so long before."""
    past, there = over.before(rows, _SPLIT)
    nearest = limit(pasts.amount[rows])[:, None]
    with np.errstate(invalid="ignore"):
        near = there & (pasts.amount[past] < nearest) & (pasts.amount[past] >= UNDER * nearest)
    week = pasts.ages(past, rows) < SPLIT_DAYS
    return past, near & week, near & ~week


def _split(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    nearest = limit(pasts.amount[rows])
    for who, over in (("pair", pasts.pair_money), ("debtor", pasts.debtor_money), ("creditor", pasts.creditor_money)):
        past, near, before = under(pasts, over, rows)
        total = np.where(near, pasts.amount[past], 0).sum(axis=1) + pasts.amount[rows]
        _, there = over.before(rows, _SPLIT)
        older = (there & (pasts.ages(past, rows) >= SPLIT_DAYS)).sum(axis=1)
        found |= {
            f"under_{who}_count": np.where(np.isnan(nearest), 0, near.sum(axis=1) + 1).astype(np.float64),
            f"under_{who}_sum": np.where(np.isnan(nearest), 0, total) / UNITS,
            f"under_{who}_habit": before.sum(axis=1) / np.maximum(older, 1),
        }
    found["under_limit"] = nearest / UNITS
    with np.errstate(invalid="ignore"):
        found["under_by"] = (nearest - pasts.amount[rows]) / nearest
    return found


def _round(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    amount = pasts.movements.amount
    past, there = pasts.debtor.before(rows, 60)
    whole = there & (amount[past] % (100 * UNITS) == 0)
    count = there.sum(axis=1)
    return {
        "round_100": (amount[rows] % (100 * UNITS) == 0).astype(np.float64),
        "round_1000": (amount[rows] % (1_000 * UNITS) == 0).astype(np.float64),
        "round_share": np.where(count > 0, whole.sum(axis=1) / np.maximum(count, 1), np.nan),
    }


def _digits(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    """How far the first digits of the account's amounts of 90 days are from Benford's, from 30 amounts on: the mean
    distance of the nine shares, less what so few amounts show by chance."""
    past, there = pasts.debtor.before(rows, _DIGITS)
    there = there & (pasts.ages(past, rows) <= 90)
    values = np.maximum(pasts.amount[past], 1)
    first = (values / 10 ** np.floor(np.log10(values))).astype(np.int64)
    count = there.sum(axis=1)
    shares = np.stack([((first == digit) & there).sum(axis=1) for digit in range(1, 10)], axis=1)
    away = np.abs(shares / np.maximum(count, 1)[:, None] - _BENFORD).mean(axis=1)
    chance = np.sqrt(_BENFORD * (1 - _BENFORD)).mean() * 0.8 / np.sqrt(np.maximum(count, 1))
    return {"benford": np.where(count >= 30, away - chance, np.nan), "benford_count": count.astype(np.float64)}
