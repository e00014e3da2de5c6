"""Detectors of known ways of fraud and laundering, beside the models: each has a name and says how strongly it holds.

A strength goes from 0 to 100. What honest parties do too (rent, payroll, groups of firms, shops, seasons) weakens it,
by their own habit. Two typologies need what is not a movement and are no business of this table: a gap in statements,
and an order that does not match its payment.
"""

from collections.abc import Callable, Mapping

import numpy as np

from controls.scoring.features import Table
from controls.scoring.movements import Floats
from controls.scoring.pasts import BUSY, KEPT

# From here on a detector is worth being told.
TOLD = 30.0
Detector = Callable[[Table], Floats]


def strengths(table: Table) -> dict[str, Floats]:
    """Each detector's strength for each row."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return {code: np.clip(np.nan_to_num(detector(table)), 0, 100) for code, detector in DETECTORS.items()}


def ramp(value: Floats, low: float, high: float) -> Floats:
    """0 up to ``low``, 1 from ``high`` on, straight between; 0 for what is not known."""
    return np.nan_to_num(np.clip((value - low) / (high - low), 0.0, 1.0))


def duplicate(table: Table) -> Floats:
    """The same amount to the same account again. What comes in a rhythm is no duplicate, nor what is usual for the
    two.
    """
    days, cited = table["same_amount_days"], table["same_reference_days"]
    repeats = table["same_amount_count"] / np.maximum(table["pair_count"], 1)
    rhythm = table["same_amount_rhythm"]
    in_time = (rhythm > 0.75) & (rhythm < 1.5) & (table["pair_count"] >= 3)
    small = ramp(table["debtor_ratio"], 0.05, 0.3) * (1 - 0.4 * table["round_10"])
    by_reference = np.where(cited <= 90, 95 - 50 * ramp(cited, 10, 26), 0)
    by_reference *= np.where(cited > 26, np.where(cited < 35, 0.5, 1.0), 1.0)  # the second of a monthly contract
    by_amount = np.where(days <= 14, 75 - 35 * ramp(days, 1, 14), 0) * (0.4 + 0.6 * small)
    by_amount *= 1 - 0.25 * table["other_reference"]
    early = (rhythm < 0.45) & (table["pair_gap_days"] >= 5) & (table["pair_count"] >= 3)
    by_amount *= 1 - 0.8 * ramp(repeats, 0.35, 0.9) * (table["pair_count"] >= 3) * ~early
    # A number that was cited once is an invoice's; one that comes each time is a contract's.
    contract = ramp(table["same_reference_count"] / np.maximum(table["pair_count"], 1), 0.3, 0.8)
    contract *= np.where(in_time, 1.0, 0.5) * (table["pair_count"] >= 3)
    by_reference *= np.where(table["same_reference_count"] > 1, 1 - 0.9 * contract, 1.0)
    by_reference *= np.where(in_time & (table["pair_count"] - table["same_reference_count"] < 2), 0.4, 1.0)
    close = np.where(table["close_amount_days"] <= 3, 35.0, 0.0) * (1 - ramp(repeats, 0.3, 0.8)) * small
    return np.fmax(np.fmax(by_reference, np.where(in_time, 0.25, 1.0) * by_amount), close)


def changed_details(table: Table) -> Floats:
    """A payee that was paid before, under another account."""
    known = 45 + 30 * ramp(table["details_before"], 1, 4)
    more = 12 * ramp(table["details_ratio"], 1.3, 3) + 8 * table["details_other_land"]
    several = 25 * ramp(table["details_accounts"], 1, 3)
    strange = 8 * (table["creditor_history"] == 0)
    first = np.where(table["details_changed"] > 0, known + more + strange - several, 0)
    since = table["details_since_days"]
    after = np.where(since <= 14, 45 - 15 * ramp(since, 0, 14) - several, 0)
    return np.fmax(first, after)


def name_unlike_holder(table: Table) -> Floats:
    """An account that was paid before, under names unlike this one."""
    unlike = 1 - ramp(table["name_likeness"], 55, 88)
    unlike *= 1 - 0.7 * ramp(table["name_different"], 1, 4)  # one account for many, as collectors have
    return np.where(table["name_likeness"] < 88, (50 + 30 * ramp(table["name_before"], 1, 4)) * unlike, 0)


def splitting(table: Table) -> Floats:
    """Several amounts just under one limit within a week, together above it, unless that is what always comes."""
    found = np.zeros(len(table))
    high = 0.6 + 0.4 * ramp(table["under_limit"], 400, 5_000)
    for who, least, most in (("pair", 2, 4), ("debtor", 3, 6), ("creditor", 3, 6)):
        count, habit = table[f"under_{who}_count"], table[f"under_{who}_habit"]
        busy = table["pair_count_3d"] if who == "pair" else table[f"{who}_count_7d"]
        share = ramp(count / np.maximum(busy, 1), 0.2, 0.6)
        told = (35 + 50 * ramp(count, least, most)) * high * share * (1 - 0.85 * ramp(habit, 0.1, 0.5))
        found = np.fmax(found, np.where((count >= least) & (table[f"under_{who}_sum"] > table["under_limit"]), told, 0))
    pieces, usual = table["pair_count_3d"], table["pair_gap_days"]
    often = 1 - ramp(1 / np.maximum(usual, 0.1), 0.15, 0.6)
    several = np.where(pieces >= 3, 25 + 30 * ramp(pieces, 3, 6), 0) * np.where(table["pair_count"] >= pieces, often, 1)
    return np.fmax(found, several * ramp(table["debtor_ratio"], 0.3, 1.5))


def velocity(table: Table) -> Floats:
    """Many more in a day, or in an hour, than on the busiest day that the debtor had. Of a day that fills the past that
    is looked at nothing can be said.
    """
    busiest = np.fmax(table["debtor_busiest"], 2)
    known = ramp(table["debtor_history"], 5, 20)
    day = ramp(np.log2(table["debtor_count_1d"] / busiest), 0.4, 2.0) * (table["debtor_count_1d"] >= 5)
    hour = ramp(np.log2(table["debtor_count_1h"] / busiest), 0.0, 1.6) * (table["debtor_count_1h"] >= 4)
    told = np.where(day > 0, 35 + 45 * day, 0) * (0.5 + 0.5 * known) + np.where(hour > 0, 15 + 10 * hour, 0)
    told = np.where(table["debtor_count_1d"] < BUSY, told, 0)
    told *= np.where(np.isnan(table["debtor_busiest"]), 0.5, 1.0)  # without a day before there is no habit
    return told * (0.6 + 0.4 * ramp(table["fan_out_new_1d"] / table["fan_out_1d"], 0.1, 0.5))


def sleeping_account(table: Table) -> Floats:
    """An account that did nothing for two months and many times its usual gap, and now pays."""
    slept = np.fmax(table["debtor_slept_days"], 0)
    gap = table["debtor_gap_days"]
    seldom = np.where(np.isfinite(gap), ramp(slept / np.maximum(gap, 0.5), 1.8, 5), 0.5)
    unusual = np.fmax(table["payee_new"] * 0.7, ramp(table["debtor_ratio"], 1.3, 3))
    awake = 1 - 0.4 * (table["debtor_recency_days"] < 45)
    return (35 + 15 * ramp(slept, 60, 180) + 35 * unusual) * ramp(slept, 28, 62) * seldom * awake


def operator_habits(table: Table) -> Floats:
    """The person who entered it does not work at such hours, with such amounts, accounts or payees."""
    signs = np.stack([
        1.2 * (1 - ramp(table["operator_hour_share"], 0.0, 0.06)) * np.isfinite(table["operator_hour_share"])
        * (0.35 + 0.65 * ramp(table["operator_hour_gap"], 1.0, 4.0)),
        0.7 * (table["weekend"] * (1 - ramp(table["operator_weekend_share"], 0.0, 0.06))),
        0.9 * ramp(table["operator_amount_z"], 1.2, 3.8),
        0.5 * (table["operator_account_share"] == 0),
        0.6 * (1 - ramp(table["operator_share"], 0.0, 0.05)) * np.isfinite(table["operator_share"])
        * (table["debtor_history"] >= 15),
        0.4 * (table["operator_payee_share"] == 0) * table["payee_new"],
    ])  # fmt: skip
    known = ramp(table["operator_history"], 8, 25)
    total = signs.sum(axis=0)
    return np.where(total > 0.6, 25 + 60 * ramp(total, 0.6, 1.9), 0) * known


def first_payee_large(table: Table) -> Floats:
    """The first payment to a payee, and large for this debtor."""
    size = ramp(np.log2(np.maximum(table["debtor_ratio"], 1e-9)), 0.9, 4.0)
    top = 15 * ramp(table["debtor_over_most"], 0.8, 1.5)
    alien = 8 * (table["country_share"] == 0) + 5 * (table["creditor_history"] == 0)
    usual = ramp(table["debtor_new_share"], 0.3, 0.8)
    told = (25 + 45 * size + top + alien) * (1 - 0.4 * usual) * ramp(table["debtor_history"], 3, 10)
    return np.where((table["payee_new"] > 0) & (size > 0), told, 0)


def mule_pass_through(table: Table) -> Floats:
    """What came in goes out again within two days, nearly whole, on an account where so much did not come before."""
    whole = ramp(table["through_share"], 0.55, 0.9) * (1 - ramp(table["through_share"], 1.1, 1.6))
    unusual = np.fmax(ramp(table["through_largest_ratio"], 1.3, 4), 1 - ramp(table["through_in_before"], 1, 6))
    new = 0.55 + 0.45 * table["payee_new"]
    large = 0.4 + 0.6 * np.fmax(ramp(table["debtor_ratio"], 1, 4), 1 - ramp(table["debtor_history"], 3, 10))
    return 92 * whole * (0.2 + 0.8 * unusual) * new * large


def circle(table: Table) -> Floats:
    """Money that comes back to where it began within a fortnight; one who gives a purchase back does so too."""
    long = np.fmax(85 * table["circle_three"], 85 * table["circle_four"])
    back = np.fmax(long, 45 * table["circle_two"] * (1 - table["refund"]))
    return back * (1 - 0.75 * ramp(table["circle_habit"], 0, 3))


def fan(table: Table) -> Floats:
    """Many that are new, paid by one or paying one, within a day or a week, where there were few.

    Of who moves more in a month than the past that is kept nothing can be said.
    """
    found = np.zeros(len(table))
    for way, old in (("out", "debtor"), ("in", "creditor")):
        week, day = table[f"fan_{way}_new_7d"], table[f"fan_{way}_new_1d"]
        lately, month = table[f"{old}_count_7d"], table[f"{old}_count_30d"]
        usual = np.fmax(table[f"fan_{way}_before"], (month - lately) / 3.3 * table[f"fan_{way}_7d"] / lately)
        beyond = ramp(np.log2(np.fmax(week, 1.5 * day) / (usual + 1.5)), 0.6, 2.6)
        young = 1 - 0.3 * ramp(table[f"{old}_history"], 5, 40)
        told = np.where((week >= 5) & (beyond > 0) & (month < KEPT), 30 + 55 * beyond, 0) * young
        told *= 0.3 + 0.7 * table["payee_new"]
        if way == "in":  # customers of a new shop pay what they pay elsewhere
            told *= 0.55 + 0.45 * np.where(np.isnan(table["debtor_ratio"]), 1, ramp(table["debtor_ratio"], 0.8, 2.5))
        found = np.fmax(found, told)
    return found


def cumulative_cash(table: Table) -> Floats:
    """Cash in parts of less than 10,000 that come to more within a month, where the month before saw less."""
    found = np.zeros(len(table))
    for who in ("debtor", "creditor"):
        total, count = table[f"cash_{who}_sum"], table[f"cash_{who}_count"]
        habit = table[f"cash_{who}_before"] / np.maximum(total, 1)
        told = (50 + 25 * ramp(total, 10_000, 30_000)) * (1 - 0.75 * ramp(habit, 0.3, 0.9))
        week = 10 * ramp(table[f"cash_{who}_week"], 5_000, 12_000)
        split = (total > 10_000) & (count >= 3) & (table[f"cash_{who}_most"] < 10_000) & (table["cash"] > 0)
        found = np.fmax(found, np.where(split, told + week, 0))
    return found


DETECTORS: Mapping[str, Detector] = {
    "duplicate": duplicate, "changed_details": changed_details, "name_unlike_holder": name_unlike_holder,
    "splitting": splitting, "velocity": velocity, "sleeping_account": sleeping_account,
    "operator_habits": operator_habits, "first_payee_large": first_payee_large, "mule_pass_through": mule_pass_through,
    "circle": circle, "fan": fan, "cumulative_cash": cumulative_cash,
}  # fmt: skip
