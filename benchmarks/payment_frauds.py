"""Episodes of fraud in a stream of payments, and what honest parties do that looks like them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.payment_stream import FOREIGN, Party, Stream

Episode = Callable[[Stream, int, float], None]


def _firm(stream: Stream) -> Party:
    return stream.firms[stream.draw.integers(len(stream.firms))]


def _person(stream: Stream) -> Party:
    return stream.persons[stream.draw.integers(len(stream.persons))]


def _paid(stream: Stream, day: float) -> dict[str, Any]:
    """A payment of a firm in the fortnight before."""
    moment = stream.at(day)
    firm = _firm(stream)
    for _ in range(50):
        near = [
            row for row in stream.drawn
            if row["debtor_iban"] == firm.iban and 0 < (moment - row["created_at"]).days < 14
            and row["remittance"] != "Salary" and not row["typology"] and row["amount"] > 100
        ]  # fmt: skip
        if near:
            return near[stream.draw.integers(len(near))]
        firm = _firm(stream)
    raise RuntimeError("no firm paid anything")


def _again(stream: Stream, row: dict[str, Any], **other: Any) -> None:
    stream.drawn.append({**row, **other})


def duplicate(stream: Stream, level: int, day: float) -> None:
    row = _paid(stream, day)
    after = float(stream.draw.uniform(*((1, 3), (2, 7), (4, 11))[level - 1]))
    begun = (row["created_at"] - stream.at(0, hour=0)).total_seconds() / 86_400
    other: dict[str, Any] = {
        "created_at": stream.at(begun + after),
        "end_to_end_id": f"E2E-D{stream.draw.integers(10**9)}",
    }
    if level > 1:
        other["remittance"] = row["remittance"] + ("A", " bis")[level - 2]
    if level == 3:
        other["amount"] = round(row["amount"] * 1.01, 2)
    _again(stream, row, **other, **_label(stream, "duplicate", level))


def changed_details(stream: Stream, level: int, day: float) -> None:
    firm = _firm(stream)
    payee, _gap, median = firm.payees[stream.draw.integers(len(firm.payees))]
    account = stream.iban(str(stream.draw.choice(FOREIGN)) if level == 1 else "")
    ratio = (3.0, 1.6, 1.0)[level - 1]
    false, label = Party(payee.name, account), _label(stream, "changed_details", level)
    for number in range(1 + (stream.draw.random() < 0.4)):
        stream.pay(firm, false, stream.spread(median * ratio, 0.1), stream.at(day + number * 2), **label)


def name_unlike_holder(stream: Stream, level: int, day: float) -> None:
    firm, other = _firm(stream), _firm(stream)
    holder, _gap, _median = other.payees[stream.draw.integers(len(other.payees))]
    name = (stream.firm().name, stream.firm().name, f"{holder.name.split()[0]} {stream.person().name}")[level - 1]
    size = (6, 2, 1)[level - 1]
    stream.pay(
        firm,
        Party(name, holder.iban),
        stream.spread(firm.median * size, 0.2),
        stream.at(day),
        **_label(stream, "name_unlike_holder", level),
    )


def splitting(stream: Stream, level: int, day: float) -> None:
    firm = _firm(stream)
    limit = float(stream.draw.choice([5_000, 10_000, 10_000, 20_000]))
    payee = stream.firm() if level < 3 else firm.payees[0][0]
    label = _label(stream, "splitting", level)
    days = (1, 3, 6)[level - 1]
    for _ in range((6, 4, 3)[level - 1]):
        share = float(stream.draw.uniform(*((0.95, 0.995), (0.9, 0.99), (0.83, 0.98))[level - 1]))
        stream.pay(firm, payee, limit * share, stream.at(day + stream.draw.uniform(0, days)), **label)


def velocity(stream: Stream, level: int, day: float) -> None:
    person = _person(stream)
    label, hours = _label(stream, "velocity", level), (1, 3, 10)[level - 1]
    start = float(stream.draw.uniform(1, 12))
    for _ in range((15, 10, 7)[level - 1]):
        payee = stream.person() if level < 3 or stream.draw.random() < 0.6 else person.payees[0][0]
        stream.pay(
            person,
            payee,
            stream.spread(person.median, 0.4),
            stream.at(day, hour=start + float(stream.draw.uniform(0, hours))),
            **label,
        )


def sleeping_account(stream: Stream, level: int, day: float) -> None:
    person = stream.person()
    slept = (150, 100, 70)[level - 1]
    payees = [stream.firm() for _ in range(3)]
    begun = max(day - slept - 40, 0.0)
    for _ in range(14):
        stream.pay(
            person,
            payees[stream.draw.integers(3)],
            stream.spread(person.median),
            stream.at(stream.draw.uniform(begun, max(day - slept, begun + 1)), office=False),
        )
    label = _label(stream, "sleeping_account", level)
    for number in range(3 if level < 3 else 1):
        stream.pay(
            person,
            stream.person(),
            stream.spread(person.median * (8, 3, 1.5)[level - 1], 0.2),
            stream.at(day + number * 0.7, office=False),
            **label,
        )


def operator_habits(stream: Stream, level: int, day: float) -> None:
    firm = _firm(stream)
    hour = (3.0, 5.0, 21.5)[level - 1] + float(stream.draw.uniform(-0.5, 0.5))
    payee = stream.firm() if level < 3 else firm.payees[-1][0]
    stream.pay(
        firm,
        payee,
        stream.spread(firm.median * (5, 3, 2.5)[level - 1], 0.2),
        stream.at(day, hour=hour),
        **_label(stream, "operator_habits", level),
    )


def first_payee_large(stream: Stream, level: int, day: float) -> None:
    party = _firm(stream) if stream.draw.random() < 0.5 else _person(stream)
    payee = stream.firm(str(stream.draw.choice(FOREIGN)) if level == 1 else "")
    stream.pay(
        party,
        payee,
        stream.spread(party.median * (25, 10, 5)[level - 1], 0.15),
        stream.at(day),
        **_label(stream, "first_payee_large", level),
    )


def mule_pass_through(stream: Stream, level: int, day: float) -> None:
    mule = stream.person() if level < 3 else _person(stream)
    if level == 2:
        for _ in range(8):
            stream.pay(
                mule, stream.shops[0], stream.spread(mule.median), stream.at(stream.draw.uniform(0, day), office=False)
            )
    label, hours = _label(stream, "mule_pass_through", level), (3, 20, 40)[level - 1]
    amount, count = stream.spread(4_000, 0.4), level
    begin = float(stream.draw.uniform(8, 14))
    stream.pay(
        _person(stream) if level == 1 else stream.person(),
        mule,
        amount,
        stream.at(day, hour=begin),
        remittance="transfer",
    )
    for number in range(count):
        hour = begin + 0.3 + hours * (number + 1) / count * float(stream.draw.uniform(0.7, 1))
        stream.pay(
            mule,
            stream.person(FOREIGN[0] if level == 1 else ""),
            amount * float(stream.draw.uniform(0.93, 0.98)) / count,
            stream.at(day + int(hour // 24), hour=hour % 24),
            **label,
        )


def circle(stream: Stream, level: int, day: float) -> None:
    ring = [stream.firm() if level < 3 else _firm(stream) for _ in range(3)]
    if len({one.iban for one in ring}) < 3:
        ring = [stream.firm() for _ in range(3)]
    label, days = _label(stream, "circle", level), (1, 5, 11)[level - 1]
    amount, kept = stream.spread(15_000, 0.4), (1.0, 0.96, 0.92)[level - 1]
    for number in range(6 if level == 1 else 3):
        stream.pay(
            ring[number % 3],
            ring[(number + 1) % 3],
            amount * kept ** (number % 3),
            stream.at(day + days * number / 3, hour=9 + number),
            **label,
        )


def fan(stream: Stream, level: int, day: float) -> None:
    collector = stream.person()
    label, days = _label(stream, "fan", level), (1, 4, 6.5)[level - 1]
    outward = stream.draw.random() < 0.5
    if outward:
        collector.median = 60
        for _ in range(10):
            stream.pay(
                collector, stream.shops[1], stream.spread(60), stream.at(stream.draw.uniform(0, day - 1), office=False)
            )
    for _ in range((18, 12, 8)[level - 1]):
        amount, at = stream.spread(400, 0.4), stream.at(day + stream.draw.uniform(0, days), office=False)
        if outward:
            stream.pay(collector, stream.person(), amount, at, **label)
        else:
            stream.pay(_person(stream), collector, amount, at, **label)


def cumulative_cash(stream: Stream, level: int, day: float) -> None:
    person, desk = _person(stream), Party("Cash desk", "")
    label = _label(stream, "cumulative_cash", level)
    amount, count = ((9_200, 5), (6_500, 4), (3_400, 5))[level - 1]
    for number in range(count):
        stream.pay(
            desk,
            person,
            stream.spread(amount, 0.05),
            stream.at(day + number * (2, 4, 5)[level - 1]),
            kind="cash",
            remittance="cash deposit",
            channel="branch",
            **label,
        )


def _label(stream: Stream, typology: str, level: int) -> dict[str, Any]:
    stream.episode += 1
    return {"typology": typology, "difficulty": level, "episode": stream.episode}


FRAUDS: dict[str, Episode] = {
    one.__name__: one for one in (
        duplicate, changed_details, name_unlike_holder, splitting, velocity, sleeping_account, operator_habits,
        first_payee_large, mule_pass_through, circle, fan, cumulative_cash,
    )
}  # fmt: skip


# What honest parties do


def new_bank(stream: Stream, day: float, like: dict[str, Any]) -> None:
    firm = _firm(stream)
    payee, gap, median = firm.payees[stream.draw.integers(len(firm.payees))]
    moved = Party(payee.name, stream.iban(payee.iban[:2]))
    for number in range(3):
        stream.pay(firm, moved, stream.spread(median, 0.2), stream.at(day + gap * number), **like)


def two_orders(stream: Stream, day: float, like: dict[str, Any]) -> None:
    firm = _firm(stream)
    payee, _gap, median = firm.payees[stream.draw.integers(len(firm.payees))]
    price = round(median, -1) + 9
    for number in range(2):
        stream.pay(firm, payee, price, stream.at(day + number * 3), **like)


def name_variant(stream: Stream, day: float, like: dict[str, Any]) -> None:
    firm = _firm(stream)
    payee, _gap, median = firm.payees[stream.draw.integers(len(firm.payees))]
    words = payee.name.split()
    stream.pay(firm, Party(" ".join(words[:2]), payee.iban), stream.spread(median, 0.2), stream.at(day), **like)


def priced_under(stream: Stream, day: float, like: dict[str, Any]) -> None:
    firm, payee = _firm(stream), stream.firm()
    for number in range(5):
        stream.pay(firm, payee, 4_950, stream.at(day + number * 7), **like)


def bonus_day(stream: Stream, day: float, like: dict[str, Any]) -> None:
    firm, hour = _firm(stream), float(stream.draw.uniform(9, 16))
    known = [row for row in stream.drawn if row["debtor_iban"] == firm.iban and row["remittance"] == "Salary"]
    for row in known[:12]:
        _again(
            stream,
            row,
            created_at=stream.at(day, hour=hour),
            amount=round(row["amount"] * 0.4, 2),
            remittance="Bonus",
            end_to_end_id=f"BON-{stream.draw.integers(10**9)}",
            **like,
        )


def season(stream: Stream, day: float, like: dict[str, Any]) -> None:
    firm = stream.firm()
    payees = [stream.firm() for _ in range(4)]
    for begun in (max(day - 110, 0), day):
        for number in range(8):
            told = like if begun == day else {}
            stream.pay(firm, payees[number % 4], stream.spread(900, 0.2), stream.at(begun + number * 1.5), **told)


def closing_late(stream: Stream, day: float, like: dict[str, Any]) -> None:
    firm = _firm(stream)
    for payee, _gap, median in firm.payees[:3]:
        stream.pay(
            firm,
            payee,
            stream.spread(median, 0.2),
            stream.at(day, hour=19.5 + float(stream.draw.uniform(0, 1))),
            **like,
        )


def machine(stream: Stream, day: float, like: dict[str, Any]) -> None:
    firm, payee = _firm(stream), stream.firm()
    for number, size in enumerate((1.2, 2.8)):
        stream.pay(firm, payee, firm.median * size, stream.at(day + 10 * number), **like)


def wages_out(stream: Stream, day: float, like: dict[str, Any]) -> None:
    person, savings = _person(stream), stream.person()
    for number in range(3):
        begun = max(day - 30 * (2 - number), 0)
        stream.pay(stream.firms[0], person, 2_400, stream.at(begun, hour=9), remittance="Salary")
        stream.pay(
            person, savings, 1_700, stream.at(begun + 1, hour=10), remittance="savings", **(like if number == 2 else {})
        )


def given_back(stream: Stream, day: float, like: dict[str, Any]) -> None:
    person, (shop, _gap, _median) = (one := _person(stream)), one.payees[0]
    amount = stream.spread(person.median * 1.5, 0.3)
    stream.pay(person, shop, amount, stream.at(day))
    stream.pay(
        Party(shop.name, shop.iban),
        Party(person.name, person.iban),
        amount,
        stream.at(day + 5),
        remittance="Refund order",
        kind="refund",
        **like,
    )


def opening(stream: Stream, day: float, like: dict[str, Any]) -> None:
    shop = stream.firm()
    for _ in range(14):
        stream.pay(
            _person(stream),
            shop,
            stream.spread(35, 0.4),
            stream.at(day + stream.draw.uniform(0, 14), office=False),
            **like,
        )


def takings(stream: Stream, day: float, like: dict[str, Any]) -> None:
    shop, desk = stream.firm(), Party("Cash desk", "")
    week = 0
    while week * 7 < day + 14:
        told = like if week * 7 > day else {}
        stream.pay(
            desk,
            shop,
            stream.spread(3_000, 0.15),
            stream.at(week * 7 + 1),
            kind="cash",
            remittance="takings",
            channel="branch",
            **told,
        )
        week += 1


LOOK_ALIKES: dict[str, tuple[Callable[[Stream, float, dict[str, Any]], None], str]] = {
    one.__name__: (one, like) for one, like in (
        (new_bank, "changed_details"), (two_orders, "duplicate"), (name_variant, "name_unlike_holder"),
        (priced_under, "splitting"), (bonus_day, "velocity"), (season, "sleeping_account"),
        (closing_late, "operator_habits"), (machine, "first_payee_large"), (wages_out, "mule_pass_through"),
        (given_back, "circle"), (opening, "fan"), (takings, "cumulative_cash"),
    )
}  # fmt: skip


def stream(seed: int, *, firms: int, persons: int, days: int, burn_in: int, episodes: int) -> list[dict[str, Any]]:
    """``episodes`` of each typology and difficulty, and as many of each look-alike, after ``burn_in`` days."""
    made = Stream(seed, firms=firms, persons=persons, days=days)
    made.live()
    for typology in FRAUDS.values():
        for level in (1, 2, 3):
            for _ in range(episodes):
                typology(made, level, float(made.draw.uniform(burn_in, days - 12)))
    for name, (act, _like) in LOOK_ALIKES.items():
        for _ in range(episodes):
            made.episode += 1
            like = {"typology": f"like:{name}", "difficulty": 0, "episode": made.episode}
            act(made, float(made.draw.uniform(burn_in, days - 12)), like)
    return made.rows()


def is_fraud(rows: list[dict[str, Any]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array([row["difficulty"] > 0 for row in rows])
