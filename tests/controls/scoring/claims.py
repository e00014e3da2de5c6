"""What a reason claims, looked up again in the movements one by one, without any of the product's measures."""

import statistics
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from controls.scoring.movements import DAY, UNITS, Movements

Row = dict[str, Any]


def rows_of(movements: Movements) -> list[Row]:
    names = movements.__dataclass_fields__
    return [
        {name: getattr(movements, name)[row].item() for name in names} | {"row": row} for row in range(len(movements))
    ]


class Past:
    """The movements before one, the newest first."""

    def __init__(self, rows: list[Row], row: int) -> None:
        self.own, self.every = rows[row], rows[:row][::-1]

    def where(self, *same: str, days: float = 400, **given: int) -> list[Row]:
        """Those alike in ``same``, with ``given`` values, in the days before."""
        own = self.own
        return [
            one for one in self.every
            if all(one[name] == own[name] and own[name] >= 0 for name in same)
            and all(one[name] == value for name, value in given.items()) and one["at"] > own["at"] - days * DAY
        ]  # fmt: skip


def _near(told: float, true: float) -> bool:
    return abs(told - true) <= 1e-6 * max(1.0, abs(true))


def _median(rows: list[Row]) -> float:
    return statistics.median(one["amount"] for one in rows) / UNITS


def _ago(past: Past, one: Row) -> float:
    return (past.own["at"] - one["at"]) / DAY


def _pair(past: Past, days: float = 400) -> list[Row]:
    return past.where("debtor", "creditor", "currency", days=days)


def _duplicate(past: Past, params: Row, related: list[Row]) -> bool:
    return all(
        one["debtor"] == past.own["debtor"] and one["creditor"] == past.own["creditor"]
        and abs(one["amount"] - past.own["amount"]) <= 0.02 * past.own["amount"]
        and _near(params.get("before", one["amount"] / UNITS), one["amount"] / UNITS) for one in related
    )  # fmt: skip


def _equal(past: Past, params: Row, related: list[Row]) -> bool:
    return related[0]["amount"] == past.own["amount"] and _duplicate(past, params, related)


def _cited(past: Past, params: Row, related: list[Row]) -> bool:
    return related[0]["reference"] == past.own["reference"] >= 0 and _duplicate(past, params, related)


def _changed(past: Past, params: Row, related: list[Row]) -> bool:
    named = past.where("debtor", "name")[: params["count"]]
    return len(named) == params["count"] and all(one["creditor"] != past.own["creditor"] for one in named)


def _changed_after(past: Past, params: Row, related: list[Row]) -> bool:
    named = past.where("debtor", "name")[:24]
    here = [one for one in named if one["creditor"] == past.own["creditor"]]
    return here[-1] == related[0] and any(one["creditor"] != past.own["creditor"] for one in named)


def _unlike(past: Past, params: Row, related: list[Row]) -> bool:
    named = [one for one in past.where("creditor")[:24] if one["name"] >= 0]
    return len(named) == params["count"] and all(one["name"] != past.own["name"] for one in named)


def _split(*same: str) -> Callable[[Past, Row, list[Row]], bool]:
    def true(past: Past, params: Row, related: list[Row]) -> bool:
        limit = params["limit"] * UNITS
        near = [one for one in past.where(*same, "currency", days=7) if 0.8 * limit <= one["amount"] < limit]
        total = (sum(one["amount"] for one in near) + past.own["amount"]) / UNITS
        return len(near) + 1 >= params["count"] >= 2 and past.own["amount"] < limit and (
            total >= params["sum"] - 0.01 and params["sum"] > params["limit"]
        )  # fmt: skip

    return true


def _pieces(past: Past, params: Row, related: list[Row]) -> bool:
    same = _pair(past, 3)
    total = sum(one["amount"] for one in same) + past.own["amount"]
    return len(same) + 1 == params["count"] and abs(total / UNITS - params["sum"]) < 0.01


def _count(name: str, days: float, who: str = "debtor") -> Callable[[Past, Row, list[Row]], bool]:
    return lambda past, params, related: len(past.where(who, days=days)) + 1 == params[name]


def _busiest(past: Past, params: Row, related: list[Row]) -> bool:
    mine = past.where("debtor")
    days = [sum(one["at"] - DAY < other["at"] <= one["at"] and other["row"] <= one["row"] for other in mine)
            for one in mine if 1 < _ago(past, one) <= 60]  # fmt: skip
    return _count("count", 1)(past, params, related) and max(days) == params["busiest"]


def _slept(past: Past, params: Row, related: list[Row]) -> bool:
    mine = [past.own, *past.where("debtor")]
    gaps = [(new["at"] - old["at"]) / DAY for new, old in pairwise(mine)]
    return any(int(gap) == params["days"] and old == related[0] for gap, old in zip(gaps, mine[1:], strict=True))


def _hour(one: Row) -> float:
    return one["clock"] % DAY / 3600


def _near_hour(one: Row, own: Row, hours: float) -> bool:
    away = abs(_hour(one) - _hour(own))
    return min(away, 24 - away) <= hours


def _share(rows: list[Row], params: Row, holds: Callable[[Row], bool]) -> bool:
    return len(rows) == params["count"] and _near(params["share"], sum(map(holds, rows)) / len(rows))


def _habit(who: str, holds: Callable[[Row, Row], bool]) -> Callable[[Past, Row, list[Row]], bool]:
    return lambda past, params, related: _share(past.where(who)[:60], params, lambda one: holds(one, past.own))


def _stranger(past: Past, params: Row, related: list[Row]) -> bool:
    known = [one for one in past.where("debtor")[:60] if one["operator"] >= 0]
    return _share(known, params, lambda one: one["operator"] == past.own["operator"])


def _no_account(past: Past, params: Row, related: list[Row]) -> bool:
    entered = past.where("operator")[:60]
    return len(entered) == params["count"] and all(one["debtor"] != past.own["debtor"] for one in entered)


def _times(*same: str, width: int) -> Callable[[Past, Row, list[Row]], bool]:
    def true(past: Past, params: Row, related: list[Row]) -> bool:
        usual = _median(before := past.where(*same)[:width])
        return (
            params.get("count", len(before)) == len(before) and _near(params["usual"], usual)
            and _near(params["times"], past.own["amount"] / UNITS / usual)
        )  # fmt: skip

    return true


def _first(past: Past, params: Row, related: list[Row]) -> bool:
    return not past.where("debtor", "creditor") and _times("debtor", "currency", width=60)(past, params, related)


def _through(past: Past, params: Row, related: list[Row]) -> bool:
    came = past.where("currency", days=2.00001, creditor=past.own["debtor"])[:32]
    first = min(one["at"] for one in came)
    left = [one for one in past.where("debtor", "currency")[:32] if one["at"] >= first]
    gone = sum(one["amount"] for one in left) + past.own["amount"]
    total = sum(one["amount"] for one in came)
    late = (past.own["at"] - first) / 3600
    return _near(params["came"], total / UNITS) and _near(params["share"], gone / total) and late <= params["hours"]


def _two(past: Past, params: Row, related: list[Row]) -> bool:
    one = related[0]
    return (one["debtor"], one["creditor"]) == (past.own["creditor"], past.own["debtor"]) and _near(
        params["before"], one["amount"] / UNITS
    )


def _ring(past: Past, params: Row, related: list[Row]) -> bool:
    """Each step begins where the one before ended, and is later."""
    way = [*related[::-1], past.own]
    joined = all(one["creditor"] == other["debtor"] and one["row"] < other["row"] for one, other in pairwise(way))
    return joined and way[0]["debtor"] == past.own["creditor"] and abs(params["days"] - _ago(past, way[0])) <= 0.1


def _fan(who: str, other: str, days: float) -> Callable[[Past, Row, list[Row]], bool]:
    def true(past: Past, params: Row, related: list[Row]) -> bool:
        met = {one[other] for one in past.where(who, days=days)} | {past.own[other]}
        month = {one[other] for one in past.where(who, days=35) if _ago(past, one) >= 7}
        return len(met) == params["parties"] and params.get("week", len(month) / 4) == len(month) / 4

    return true


def _cash(past: Past, params: Row, related: list[Row]) -> bool:
    for who in ("debtor", "creditor"):
        cash = [past.own, *past.where(who, days=30, nature=1)]
        total = sum(one["amount"] for one in cash) / UNITS
        if len(cash) == params["count"] and abs(total - params["sum"]) < 0.01:
            return past.own["nature"] == 1 and _near(params["most"], max(one["amount"] for one in cash) / UNITS)
    return False


def _gap(past: Past, params: Row, related: list[Row]) -> bool:
    mine = past.where("debtor")[:24]
    gaps = [(new["at"] - old["at"]) / DAY for new, old in pairwise(mine)]
    return _near(params["days"], _ago(past, mine[0])) and _near(params["usual_days"], statistics.median(gaps))


TRUE: dict[str, Callable[[Past, Row, list[Row]], bool]] = {
    "duplicate.reference": _cited, "duplicate.amount": _equal, "duplicate.close": _duplicate,
    "changed_details.first": _changed, "changed_details.after": _changed_after, "name_unlike_holder": _unlike,
    "splitting.pair": _split("debtor", "creditor"), "splitting.debtor": _split("debtor"),
    "splitting.creditor": _split("creditor"), "splitting.pieces": _pieces,
    "velocity.hour": _count("count", 1 / 24), "velocity.day": _count("count", 1), "velocity.busiest": _busiest,
    "sleeping_account": _slept,
    "operator_habits.hour": _habit("operator", lambda one, own: _near_hour(one, own, 1.5)),
    "operator_habits.weekend": _habit("operator", lambda one, own: (one["clock"] // DAY + 3) % 7 >= 5),
    "operator_habits.amount": _times("operator", width=60), "operator_habits.account": _no_account,
    "operator_habits.stranger": _stranger, "first_payee_large": _first, "mule_pass_through": _through,
    "circle.two": _two, "circle.three": _ring, "circle.four": _ring, "fan.out": _fan("debtor", "creditor", 7),
    "fan.in": _fan("creditor", "debtor", 7), "cumulative_cash": _cash,
    "tail.amount": lambda past, params, related: (
        params["amount"] == past.own["amount"] / UNITS and params["count"] == len(past.where("debtor", "currency")[:60])
    ),
    "tail.debtor_ratio": _times("debtor", "currency", width=60),
    "tail.pair_ratio": _times("debtor", "creditor", "currency", width=24),
    "tail.creditor_ratio": _times("creditor", "currency", width=60),
    "tail.debtor_count_1h": _count("count", 1 / 24), "tail.debtor_count_1d": _count("count", 1),
    "tail.creditor_count_1d": _count("count", 1, "creditor"),
    "tail.fan_out_new_1d": _fan("debtor", "creditor", 1), "tail.fan_in_new_7d": _fan("creditor", "debtor", 7),
    "tail.debtor_gap_ratio": _gap, "tail.hour_share": _habit("debtor", lambda one, own: _near_hour(one, own, 2)),
    "tail.payee_share": _habit("debtor", lambda one, own: one["creditor"] == own["creditor"]),
    "tail.country_share": _habit("debtor", lambda one, own: one["country"] == own["country"]),
    "tail.currency_share": _habit("debtor", lambda one, own: one["currency"] == own["currency"]),
    "tail.channel_share": _habit("debtor", lambda one, own: one["channel"] == own["channel"]),
}  # fmt: skip
