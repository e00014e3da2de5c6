"""Reasons of single movements, made of what the columns hold: each value is taken from the movements themselves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from controls.scoring.measures import circles, flows, patterns
from controls.scoring.movements import DAY, UNITS, Ints
from controls.scoring.pasts import HABIT, Pasts
from controls.scoring.reasons import Reason, Value
from controls.scoring.risk import Risk
from controls.scoring.typologies import TOLD
from controls.scoring.windows import Past

MOST_REASONS = 3
MOST_RELATED = 20
# A measure is told when one in this many is as extreme (as a decimal logarithm).
_SELDOM = 2.0
# A measure is told that adds so much of all that raised a trained score.
_LEARNT = 0.08
_MOST_LEARNT = 5


Told = Sequence[str] | Mapping[int, str]
EMPTY: Mapping[str, float] = {}


@dataclass(frozen=True)
class Texts:
    """What the codes of movements stand for; ``given_names``: as each movement writes it, by its place."""

    operators: Told = ()
    channels: Told = ()
    currencies: Told = ()
    lands: Told = ()
    given_names: Told = ()


class Case:
    """One movement with its measures."""

    def __init__(self, pasts: Pasts, told: dict[str, float], row: int, texts: Texts) -> None:
        self.pasts, self.movements, self.texts, self.row = pasts, pasts.movements, texts, row
        self.rows: Ints = np.array([row])
        self.told = told

    def __getitem__(self, name: str) -> float:
        return self.told[name]

    def day(self, row: int) -> str:
        return datetime.fromtimestamp(int(self.movements.clock[row]), UTC).date().isoformat()

    @property
    def clock(self) -> str:
        return datetime.fromtimestamp(int(self.movements.clock[self.row]), UTC).strftime("%H:%M")

    @property
    def currency(self) -> str:
        return text(self.texts.currencies, self.movements.currency[self.row]) or "EUR"

    @property
    def operator(self) -> str:
        return text(self.texts.operators, self.movements.operator[self.row])

    @property
    def name(self) -> str:
        return text(self.texts.given_names, self.row)

    def money(self, row: int) -> float:
        return float(self.movements.amount[row]) / UNITS

    def before(self, over: Past, width: int = HABIT) -> list[int]:
        rows, there = over.before(self.rows, width)
        return rows[0][there[0]].tolist()

    def days_since(self, row: int) -> float:
        return round(float(self.movements.at[self.row] - self.movements.at[row]) / DAY, 1)

    def days_since_exactly(self, row: int) -> float:
        return float(self.movements.at[self.row] - self.movements.at[row]) / DAY

    def reason(self, code: str, weight: float, related: Sequence[int] = (), **params: Value) -> Reason:
        return Reason(code, {**params, "currency": self.currency}, round(weight, 1), tuple(related[:MOST_RELATED]))


def text(texts: Told, code: int) -> str:
    if isinstance(texts, Mapping):
        return texts.get(int(code), "")
    return texts[code] if 0 <= code < len(texts) else ""


def reasons(case: Case, risk: Risk, place: int, learnt: Mapping[str, float] = EMPTY) -> list[Reason]:
    """Why a movement (at ``place`` in ``risk``) has its score: the strongest first, at most three.

    ``learnt``: what each measure added to the score of a trained model, where there is one.
    """
    found: list[Reason] = []
    for code, strength in risk.strengths.items():
        if strength[place] >= TOLD:
            found += TYPOLOGIES[code](case, float(strength[place]))
    for number, name in enumerate(risk.tails):
        seldom = float(risk.each[place, number])
        if seldom >= _SELDOM and name in TAILS:
            found += TAILS[name](case, min(15 * seldom, 60.0))
    if risk.score[place] >= TOLD:
        found += _learnt(case, risk, place, learnt)
        found = found or _best(case, risk, place) or TAILS["amount"](case, TOLD / 2)
    told: dict[str, Reason] = {}
    for one in sorted(found, key=lambda one: -one.weight):
        told.setdefault(_subject(one.code), one)
    return list(told.values())[:MOST_REASONS]


def _best(case: Case, risk: Risk, place: int) -> list[Reason]:
    """Of a score made of small signs alone: the strongest of each kind."""
    found: list[Reason] = []
    code = max(risk.strengths, key=lambda one: risk.strengths[one][place])
    if risk.strengths[code][place] >= TOLD / 2:
        found += TYPOLOGIES[code](case, float(risk.strengths[code][place]))
    known = [name for name in risk.tails if name in TAILS]
    name = max(known, key=lambda one: risk.each[place, risk.tails.index(one)])
    if risk.each[place, risk.tails.index(name)] > 0:
        found += TAILS[name](case, TOLD / 2)
    return found


def weakest(case: Case, risk: Risk, place: int) -> list[Reason]:
    """Of a movement that nothing is strange about: its strongest small sign, else its amount."""
    found = sorted(_best(case, risk, place), key=lambda one: -one.weight)
    return found[:1] or TAILS["amount"](case, TOLD / 2)


def _subject(code: str) -> str:
    """Reasons that say the same in other words."""
    same = {"tail.debtor_count_1h": "pace", "tail.debtor_count_1d": "pace", "velocity.hour": "pace",
            "velocity.day": "pace", "velocity.busiest": "pace", "fan.out": "out", "tail.fan_out_new_1d": "out",
            "fan.in": "in", "tail.fan_in_new_7d": "in", "tail.creditor_count_1d": "in", "first_payee_large": "size",
            "tail.debtor_ratio": "size", "tail.amount": "size", "sleeping_account": "sleep",
            "tail.debtor_gap_ratio": "sleep", "operator_habits.hour": "hour", "tail.hour_share": "hour"}  # fmt: skip
    return same.get(code, code)


# Typologies


def _duplicate(case: Case, weight: float) -> list[Reason]:
    past, equal, cited = patterns.same(case.pasts, case.rows)
    ages = case.pasts.ages(past, case.rows)[0]
    if cited[0].any():
        first = int(past[0][cited[0]][0])
        return [case.reason("duplicate.reference", weight, [first], before=case.money(first), on=case.day(first))]
    if equal[0].any():
        first = int(past[0][equal[0]][0])
        return [case.reason("duplicate.amount", weight, [first], on=case.day(first), days=case.days_since(first))]
    _, there = case.pasts.pair_money.before(case.rows, past.shape[1])
    amount = case.pasts.amount[case.row]
    near = there[0] & (np.abs(case.pasts.amount[past[0]] - amount) <= patterns.CLOSE * amount) & (ages <= 90)
    if not near.any():
        return []
    first = int(past[0][near][0])
    return [case.reason("duplicate.close", weight, [first], before=case.money(first), on=case.day(first),
                        days=case.days_since(first))]  # fmt: skip


def _changed_details(case: Case, weight: float) -> list[Reason]:
    past = case.before(case.pasts.name, 24)
    account = case.movements.creditor[case.row]
    other = [row for row in past if case.movements.creditor[row] != account]
    here = [row for row in past if case.movements.creditor[row] == account]
    if not other:
        return []
    if not here:
        return [case.reason("changed_details.first", weight, other, count=len(past), name=case.name,
                            on=case.day(other[0]))]  # fmt: skip
    return [case.reason("changed_details.after", weight, [here[-1], *other], name=case.name, since=case.day(here[-1]))]


def _name_unlike_holder(case: Case, weight: float) -> list[Reason]:
    past = [row for row in case.before(case.pasts.creditor, 24) if case.movements.name[row] >= 0]
    return [case.reason("name_unlike_holder", weight, past, count=len(past), alike=int(case["name_likeness"]))]


def _splitting(case: Case, weight: float) -> list[Reason]:
    pasts, best, told = case.pasts, 0, []
    for who, over in (("pair", pasts.pair_money), ("debtor", pasts.debtor_money), ("creditor", pasts.creditor_money)):
        past, near, _old = patterns.under(pasts, over, case.rows)
        rows = past[0][near[0]].tolist()
        total = case.money(case.row) + sum(case.money(row) for row in rows)
        if len(rows) > best and total > case["under_limit"]:
            best = len(rows)
            told = [case.reason(f"splitting.{who}", weight, rows, count=len(rows) + 1, limit=case["under_limit"],
                                sum=round(total, 2))]  # fmt: skip
    if not told and case["pair_count_3d"] >= 2:
        past_rows = [row for row in case.before(pasts.pair_money, 255) if case.days_since_exactly(row) < 3]
        told = [case.reason("splitting.pieces", weight, past_rows, count=int(case["pair_count_3d"]),
                            sum=round(case["pair_sum_3d"], 2))]  # fmt: skip
    return told


def _velocity(case: Case, weight: float) -> list[Reason]:
    past = case.before(case.pasts.debtor, 255)
    hour, day = int(case["debtor_count_1h"]), int(case["debtor_count_1d"])
    if hour >= 4 and hour * 2 >= day:
        return [case.reason("velocity.hour", weight, past[: hour - 1], count=hour)]
    if np.isfinite(case["debtor_busiest"]):
        return [case.reason("velocity.busiest", weight, past[: day - 1], count=day,
                            busiest=int(case["debtor_busiest"]))]  # fmt: skip
    return [case.reason("velocity.day", weight, past[: day - 1], count=day)]


def _sleeping_account(case: Case, weight: float) -> list[Reason]:
    rows = [case.row, *case.before(case.pasts.debtor, 24)]
    at = case.movements.at
    gaps = [((at[new] - at[old]) / DAY, new, old) for new, old in pairwise(rows)
            if (at[case.row] - at[new]) / DAY <= 5]  # fmt: skip
    days, woke, slept = max(gaps)
    return [case.reason("sleeping_account", weight, [slept], days=int(days), on=case.day(woke))]


def _operator_habits(case: Case, weight: float) -> list[Reason]:
    past = case.before(case.pasts.operator)
    share, count = case["operator_hour_share"], len(past)
    told: list[Reason] = []
    if share < 0.06:
        told.append(case.reason("operator_habits.hour", weight, count=count, operator=case.operator, share=share,
                                clock=case.clock))  # fmt: skip
    if case["operator_amount_z"] > 2:
        usual = float(np.median(case.pasts.amount[past]))
        told.append(case.reason("operator_habits.amount", weight - 1, operator=case.operator, usual=usual / UNITS,
                                times=case.movements.amount[case.row] / usual))  # fmt: skip
    if case["weekend"] and case["operator_weekend_share"] < 0.06:
        told.append(case.reason("operator_habits.weekend", weight - 2, count=count, operator=case.operator,
                                share=case["operator_weekend_share"]))  # fmt: skip
    if case["operator_account_share"] == 0:
        told.append(case.reason("operator_habits.account", weight - 3, count=count, operator=case.operator))
    if not told and case["operator_share"] < 0.05:
        told = _stranger(case, weight - 4)
    return told[:2]


def _stranger(case: Case, weight: float) -> list[Reason]:
    own = [row for row in case.before(case.pasts.debtor) if case.movements.operator[row] >= 0]
    return [case.reason("operator_habits.stranger", weight, count=len(own), operator=case.operator,
                        share=case["operator_share"])]  # fmt: skip


def _first_payee_large(case: Case, weight: float) -> list[Reason]:
    return [case.reason("first_payee_large", weight, times=case["debtor_ratio"], usual=case["debtor_median"])]


def _mule_pass_through(case: Case, weight: float) -> list[Reason]:
    past, there = flows.incoming(case.pasts, case.rows)
    lately = there[0] & (case.pasts.ages(past, case.rows)[0] * 24 <= 48)
    return [case.reason("mule_pass_through", weight, past[0][lately].tolist(), came=case["through_in_48h"],
                        hours=max(round(case["through_hours"] + 0.05, 1), 0.1),
                        share=case["through_share"])]  # fmt: skip


def _circle(case: Case, weight: float) -> list[Reason]:
    found = circles.rings(case.pasts, case.rows)
    for code, which in (("circle.three", found.three[0]), ("circle.four", found.four[0])):
        if which.any():
            first, last = (int(place[0]) for place in np.nonzero(which))
            begun, ended = int(found.left[0, first]), int(found.came[0, last])
            middle = [int(found.middle[0, first, last])] if code == "circle.four" else []
            return [case.reason(code, weight, [ended, *middle, begun], days=case.days_since(begun))]
    first = int(found.came[0][found.two[0]][0])
    return [case.reason("circle.two", weight, [first], before=case.money(first), on=case.day(first))]


def _fan(case: Case, weight: float) -> list[Reason]:
    ways = {"out": case.pasts.debtor, "in": case.pasts.creditor}
    way = max(ways, key=lambda one: case[f"fan_{one}_new_7d"] / (case[f"fan_{one}_before"] + 1.5))
    rows = [row for row in case.before(ways[way], flows.WIDE) if case.days_since_exactly(row) < 7]
    return [case.reason(f"fan.{way}", weight, rows, parties=int(case[f"fan_{way}_7d"]), week=case[f"fan_{way}_before"])]


def _cumulative_cash(case: Case, weight: float) -> list[Reason]:
    pasts = case.pasts
    who, over = max((("debtor", pasts.cash_debtor), ("creditor", pasts.cash_creditor)),
                    key=lambda one: case[f"cash_{one[0]}_sum"])  # fmt: skip
    rows = [row for row in case.before(over, 96) if case.days_since_exactly(row) < 30]
    return [case.reason("cumulative_cash", weight, rows, count=int(case[f"cash_{who}_count"]),
                        most=case[f"cash_{who}_most"], sum=round(case[f"cash_{who}_sum"], 2))]  # fmt: skip


Maker = Callable[[Case, float], list[Reason]]
TYPOLOGIES: dict[str, Maker] = {
    "duplicate": _duplicate, "changed_details": _changed_details, "name_unlike_holder": _name_unlike_holder,
    "splitting": _splitting, "velocity": _velocity, "sleeping_account": _sleeping_account,
    "operator_habits": _operator_habits, "first_payee_large": _first_payee_large,
    "mule_pass_through": _mule_pass_through, "circle": _circle, "fan": _fan, "cumulative_cash": _cumulative_cash,
}  # fmt: skip


# Measures that seldom are so high or low


def _against(who: str) -> Maker:
    def made(case: Case, weight: float) -> list[Reason]:
        return [case.reason(f"tail.{who}_ratio", weight, times=case[f"{who}_ratio"], usual=case[f"{who}_median"],
                            count=int(case[f"{who}_history"]))]  # fmt: skip

    return made


def _amount(case: Case, weight: float) -> list[Reason]:
    count = int(np.nan_to_num(case["debtor_history"]))
    return [case.reason("tail.amount", weight - 5, amount=case.money(case.row), count=count)]


def _counted(name: str) -> Maker:
    def made(case: Case, weight: float) -> list[Reason]:
        return [case.reason(f"tail.{name}", weight, count=int(case[name]))]

    return made


def _parties(name: str, measure: str) -> Maker:
    def made(case: Case, weight: float) -> list[Reason]:
        return [case.reason(f"tail.{name}", weight, parties=int(case[measure]))]

    return made


def _shared(name: str, **params: Callable[[Case], str]) -> Maker:
    def made(case: Case, weight: float) -> list[Reason]:
        count = len(case.before(case.pasts.debtor))
        values = {key: value(case) for key, value in params.items()}
        return [case.reason(f"tail.{name}", weight, (), count=count, share=case[name], **values)]

    return made


def _gap(case: Case, weight: float) -> list[Reason]:
    return [case.reason("tail.debtor_gap_ratio", weight, days=case["debtor_recency_days"],
                        usual_days=case["debtor_gap_days"])]  # fmt: skip


def _operator(case: Case, weight: float) -> list[Reason]:
    return _operator_habits(case, weight)


TAILS: dict[str, Maker] = {
    "amount": _amount,
    "debtor_ratio": _against("debtor"), "debtor_z": _against("debtor"), "pair_ratio": _against("pair"),
    "creditor_ratio": _against("creditor"), "debtor_count_1h": _counted("debtor_count_1h"),
    "debtor_count_1d": _counted("debtor_count_1d"), "creditor_count_1d": _counted("creditor_count_1d"),
    "fan_out_new_1d": _parties("fan_out_new_1d", "fan_out_1d"),
    "fan_in_new_7d": _parties("fan_in_new_7d", "fan_in_7d"), "debtor_gap_ratio": _gap,
    "hour_share": _shared("hour_share", clock=lambda case: case.clock), "operator_hour_share": _operator,
    "operator_share": _stranger, "operator_amount_z": _operator, "payee_share": _shared("payee_share"),
    "country_share": _shared(
        "country_share", land=lambda case: text(case.texts.lands, case.movements.country[case.row])
    ),
    "currency_share": _shared("currency_share", coin=lambda case: case.currency),
    "channel_share": _shared(
        "channel_share", channel=lambda case: text(case.texts.channels, case.movements.channel[case.row])
    ),
}  # fmt: skip


# What was learnt


# Measures that speak of what a detector looks at.
_OF_DETECTORS = {
    "same_": "duplicate", "details_": "changed_details", "name_": "name_unlike_holder", "under_": "splitting",
    "pair_count_3d": "splitting", "through_": "mule_pass_through", "circle_": "circle", "fan_": "fan",
    "cash_": "cumulative_cash", "debtor_slept": "sleeping_account", "debtor_recency": "sleeping_account",
    "operator_": "operator_habits",
}  # fmt: skip


def _learnt(case: Case, risk: Risk, place: int, learnt: Mapping[str, float]) -> list[Reason]:
    """Of the measures that raised a trained score most, those that can be told in words."""
    found: list[Reason] = []
    raised = sum(added for added in learnt.values() if added > 0)
    for name in sorted(learnt, key=lambda one: -learnt[one])[:_MOST_LEARNT]:
        weight = min(20 * max(learnt[name], 0.0), 60.0)
        detector = next((code for start, code in _OF_DETECTORS.items() if name.startswith(start)), "")
        if learnt[name] <= _LEARNT * raised or not np.isfinite(case[name]):
            continue
        if name.startswith("creditor_") and ("fraud" in name or "known" in name):
            found += _known(case, weight)
        elif name in TAILS:
            found += TAILS[name](case, weight)
        elif detector and risk.strengths[detector][place] > 0:
            found += TYPOLOGIES[detector](case, weight)
    return found


def _known(case: Case, weight: float) -> list[Reason]:
    told: list[Reason] = []
    if "creditor_frauds_30d" in case.told and case["creditor_frauds_30d"] > 0:
        told.append(case.reason("known.frauds", weight, count=int(case["creditor_known_30d"]),
                                frauds=int(case["creditor_frauds_30d"])))  # fmt: skip
    return told
