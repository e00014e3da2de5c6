"""What the person who entered it does otherwise: hours, amounts, payees, accounts."""

import numpy as np

from controls.scoring.movements import DAY, Floats, Ints
from controls.scoring.pasts import HABIT, Pasts
from controls.scoring.windows import median, spread


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    movements = pasts.movements
    past, there = pasts.operator.before(rows, HABIT)
    count = there.sum(axis=1)
    some = np.maximum(count, 1)
    hour = (movements.clock[rows] % DAY) / 3_600
    away = np.abs((movements.clock[past] % DAY) / 3_600 - hour[:, None])
    away = np.where(there, np.minimum(away, 24 - away), 12.0)
    near = there & (away <= 1.5)
    weekend = there & ((movements.clock[past] // DAY + 3) % 7 >= 5)
    accounts = there & (movements.debtor[past] == movements.debtor[rows][:, None])
    payees = there & (movements.creditor[past] == movements.creditor[rows][:, None])
    values = np.log(np.maximum(pasts.amount[past], 1))
    usual = median(values, there)
    wide = spread(values, there, usual)
    own, own_there = pasts.debtor.before(rows, HABIT)
    known = own_there & (movements.operator[own] >= 0)
    mine = known & (movements.operator[own] == movements.operator[rows][:, None])
    with np.errstate(invalid="ignore"):
        z = (np.log(np.maximum(pasts.amount[rows], 1)) - usual) / np.maximum(1.4826 * wide, 0.3)
    nothing = count == 0
    return {
        "operator_history": count.astype(np.float64),
        "operator_hour_share": np.where(nothing, np.nan, near.sum(axis=1) / some),
        # The second nearest: one late evening in two months is no habit.
        "operator_hour_gap": np.where(count > 1, np.partition(away, 1, axis=1)[:, 1], np.nan),
        "operator_weekend_share": np.where(nothing, np.nan, weekend.sum(axis=1) / some),
        "operator_account_share": np.where(nothing, np.nan, accounts.sum(axis=1) / some),
        "operator_payee_share": np.where(nothing, np.nan, payees.sum(axis=1) / some),
        "operator_amount_z": z,
        "operator_share": np.where(
            known.any(axis=1) & (movements.operator[rows] >= 0),
            mine.sum(axis=1) / np.maximum(known.sum(axis=1), 1),
            np.nan,
        ),
    }
