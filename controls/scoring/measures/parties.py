"""Who is paid: new to the debtor, known under other details, known by another name, seldom seen in the house."""

import numpy as np

from controls.scoring.movements import REFUND, UNITS, Bools, Floats, Ints
from controls.scoring.pasts import HABIT, Pasts
from controls.scoring.windows import distinct, highest, lowest, median

_NAME = 24


def measure(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    movements = pasts.movements
    past, there = pasts.debtor.before(rows, HABIT)
    count = there.sum(axis=1)
    ages = pasts.ages(past, rows)
    same = there & (movements.creditor[past] == movements.creditor[rows][:, None])
    land = there & (movements.country[past] == movements.country[rows][:, None])
    coin = there & (movements.currency[past] == movements.currency[rows][:, None])
    way = there & (movements.channel[past] == movements.channel[rows][:, None])
    some = np.maximum(count, 1)
    found = {
        "pair_count": pasts.pair.before(rows, _NAME)[1].sum(axis=1).astype(np.float64),
        "payee_new": (~pasts.pair.before(rows, 1)[1][:, 0]).astype(np.float64),
        "payee_share": np.where(count > 0, same.sum(axis=1) / some, np.nan),
        "country_share": np.where(count > 0, land.sum(axis=1) / some, np.nan),
        "currency_share": np.where(count > 0, coin.sum(axis=1) / some, np.nan),
        "channel_share": np.where(count > 0, way.sum(axis=1) / some, np.nan),
        "debtor_new_share": _new_share(pasts, past, there),
        "refund": (movements.nature[rows] == REFUND).astype(np.float64),
        "debtor_age_days": np.where(there, ages, -1).max(axis=1),
        "creditor_age_days": _age(pasts, rows),
        "country_count": np.minimum(pasts.country.count(rows, 90 * 86_400), 100).astype(np.float64),
    }
    return found | _details(pasts, rows) | _other_name(pasts, rows)


def _new_share(pasts: Pasts, past: Ints, there: Bools) -> Floats:
    """How many different payees the debtor's habit has, by its length: 1 when each is paid once."""
    count = there.sum(axis=1)
    return np.where(count > 0, distinct(pasts.movements.creditor[past], there) / np.maximum(count, 1), np.nan)


def _age(pasts: Pasts, rows: Ints) -> Floats:
    past, there = pasts.creditor.before(rows, HABIT)
    return np.where(there, pasts.ages(past, rows), -1).max(axis=1)


def _details(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    """The debtor paid this name before, to other accounts and never to this one."""
    movements = pasts.movements
    past, there = pasts.name.before(rows, _NAME)
    here = there & (movements.creditor[past] == movements.creditor[rows][:, None])
    elsewhere = there & ~here
    changed = elsewhere.any(axis=1) & ~here.any(axis=1)
    usual = median(pasts.amount[past], elsewhere)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = pasts.amount[rows] / usual
    since = highest(pasts.ages(past, rows), here)
    settled = elsewhere & (pasts.ages(past, rows) < np.nan_to_num(since, nan=-1)[:, None])
    older = elsewhere.sum(axis=1) - settled.sum(axis=1)
    return {
        "details_accounts": distinct(movements.creditor[past], elsewhere).astype(np.float64),
        "details_since_days": np.where((older > 0) & (settled.sum(axis=1) < 2), since, np.nan),
        "details_other_land": (changed & ~(elsewhere & _land(pasts, past, rows)).any(axis=1)).astype(np.float64),
        "details_changed": changed.astype(np.float64),
        "details_before": np.where(changed, elsewhere.sum(axis=1), 0).astype(np.float64),
        "details_last_days": np.where(changed, lowest(pasts.ages(past, rows), elsewhere), np.nan),
        "details_ratio": np.where(changed, ratio, np.nan),
        "details_usual": np.where(changed, usual / UNITS, np.nan),
        "details_both_lately": (elsewhere[:, :4].any(axis=1) & here[:, :4].any(axis=1)).astype(np.float64),
    }


def _land(pasts: Pasts, past: Ints, rows: Ints) -> Bools:
    return pasts.movements.country[past] == pasts.movements.country[rows][:, None]


def _other_name(pasts: Pasts, rows: Ints) -> dict[str, Floats]:
    """The account was paid before under other names, never under this one."""
    movements = pasts.movements
    past, named, other = other_names(pasts, rows)
    return {
        "name_other": other.astype(np.float64),
        "name_likeness": _likeness(pasts, past, named, rows, other),
        "name_different": distinct(movements.name[past], named).astype(np.float64),
        "name_before": np.where(other, named.sum(axis=1), 0).astype(np.float64),
    }


def other_names(pasts: Pasts, rows: Ints) -> tuple[Ints, Bools, Bools]:
    """What was paid to each row's account before; which of it bore a name; whether none bore the row's own."""
    movements = pasts.movements
    past, there = pasts.creditor.before(rows, _NAME)
    named = there & (movements.name[past] >= 0)
    same = named & (movements.name[past] == movements.name[rows][:, None])
    return past, named, named.any(axis=1) & ~same.any(axis=1) & (movements.name[rows] >= 0)


def _likeness(pasts: Pasts, past: Ints, named: Bools, rows: Ints, other: Bools) -> Floats:
    """How alike the name is to the likest of the account's names before; NaN where it is not another."""
    found = np.full(len(rows), np.nan)
    if pasts.likeness is None:
        return found
    names = pasts.movements.name
    for row in np.flatnonzero(other):
        given = pasts.names[names[rows[row]]]
        before = {pasts.names[code] for code in names[past[row][named[row]]].tolist()}
        found[row] = max(pasts.likeness(given, known) for known in before)
    return found
