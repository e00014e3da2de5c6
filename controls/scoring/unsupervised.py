"""The model that works from the first day: how seldom measures are as high (or low) as these.

Each measure has a tail: the share of earlier movements at least as extreme. Before there are any, a tail is assumed
from what the measure means (it halves, say, each time that the amount doubles beyond three times the usual); with each
movement seen the assumption weighs less. The surprise of a movement is minus the decimal logarithm of its least tail
in a group of measures that tell the same story, and of other groups what is beyond one in a hundred, at a part.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from controls.scoring.features import Table
from controls.scoring.movements import Floats

# How many movements weigh as much as what is assumed, and how many are remembered.
ASSUMED_WEIGHT = 200
REMEMBERED = 20_000
_BEYOND = 2.0
_PART = 0.5


@dataclass(frozen=True)
class Tail:
    """``start``: up to here nothing is strange; ``doubling``: how much smaller the tail is for twice as much beyond.

    ``low``: small values are strange; shares are looked at as one minus the share. ``history``: the measure that counts
    what it was compared with, and how many it takes to say anything.
    """

    group: str
    start: float
    doubling: float
    low: bool = False
    history: tuple[str, int] = ("", 0)


_OWN = ("debtor_history", 5)
TAILS: Mapping[str, Tail] = {
    "amount": Tail("amount", 100, 1.6),
    "debtor_ratio": Tail("amount", 2, 3.0, history=("debtor_history", 3)),
    "debtor_z": Tail("amount", 3, 3.0, history=_OWN),
    "pair_ratio": Tail("pair", 1.5, 4.0, history=("pair_history", 3)),
    "creditor_ratio": Tail("creditor", 3, 2.0, history=("creditor_history", 5)),
    "debtor_count_1h": Tail("pace", 2, 6.0),
    "debtor_count_1d": Tail("pace", 4, 4.0),
    "creditor_count_1d": Tail("received", 5, 4.0),
    "fan_out_new_1d": Tail("fan", 2, 5.0, history=_OWN),
    "fan_in_new_7d": Tail("received", 4, 4.0),
    "debtor_gap_ratio": Tail("sleep", 5, 3.0, history=_OWN),
    "hour_share": Tail("time", 0.9, 100.0, low=True, history=("debtor_history", 15)),
    "operator_hour_share": Tail("time", 0.9, 100.0, low=True, history=("operator_history", 15)),
    "operator_share": Tail("operator", 0.9, 100.0, low=True, history=("debtor_history", 15)),
    "operator_amount_z": Tail("operator", 3, 3.0, history=("operator_history", 10)),
    "payee_share": Tail("payee", 0.9, 100.0, low=True, history=("debtor_history", 15)),
    "country_share": Tail("country", 0.9, 100.0, low=True, history=("debtor_history", 15)),
    "currency_share": Tail("country", 0.9, 100.0, low=True, history=("debtor_history", 15)),
    "channel_share": Tail("channel", 0.9, 100.0, low=True, history=("debtor_history", 15)),
}


@dataclass(frozen=True)
class Memory:
    """What was seen of each measure, in rising order."""

    seen: int = 0
    values: Mapping[str, Floats] = field(default_factory=dict)

    def with_more(self, table: Table) -> "Memory":
        """This and the rows of ``table``, thinned evenly when there are too many to remember: what is old weighs less
        with each thinning.
        """
        kept: dict[str, Floats] = {}
        for name in TAILS:
            if name in table.names:
                told = table[name]
                told = told[_judged(name, table)]
                both = np.sort(np.concatenate([self.values.get(name, np.empty(0)), _oriented(name, told)]))
                kept[name] = _thinned(both) if len(both) > 2 * REMEMBERED else both
        return dataclasses.replace(self, seen=self.seen + len(table), values=kept)

    def thinned(self) -> "Memory":
        """At most ``REMEMBERED`` of each measure: what a model keeps."""
        return dataclasses.replace(self, values={name: _thinned(told) for name, told in self.values.items()})


def _thinned(told: Floats) -> Floats:
    if len(told) <= REMEMBERED:
        return told
    return told[np.linspace(0, len(told) - 1, REMEMBERED).astype(np.int64)]


def memory(table: Table) -> Memory:
    return Memory().with_more(table)


def tails(table: Table, past: Memory) -> dict[str, Floats]:
    """The share of earlier movements at least as extreme, for each measure; 1 where there is nothing to judge by."""
    return {name: _tail(name, table, past) for name in TAILS if name in table.names}


def surprise(table: Table, past: Memory) -> tuple[Floats, NDArray[np.float64], tuple[str, ...]]:
    """(surprise of each row; the surprise of each measure, 0 where another of its group tells more; their names)."""
    found = tails(table, past)
    names = tuple(found)
    each = np.column_stack([-np.log10(found[name]) for name in names])
    groups = [TAILS[name].group for name in names]
    total = np.zeros(len(table))
    for group in dict.fromkeys(groups):
        places = [number for number, one in enumerate(groups) if one == group]
        best = each[:, places].max(axis=1)
        first = np.argmax(each[:, places], axis=1)
        for nth, place in enumerate(places):
            each[first != nth, place] = 0.0
        total += best if group == "amount" else _PART * np.maximum(best - _BEYOND, 0)
    return total, each, names


def _tail(name: str, table: Table, past: Memory) -> Floats:
    told = _oriented(name, table[name])
    judged = _judged(name, table)
    value = np.where(judged, told, -np.inf)
    seen = past.values.get(name, np.empty(0))
    above = len(seen) - np.searchsorted(seen, value, side="left")
    assumed = _assumed(TAILS[name], value)
    tail = (above + ASSUMED_WEIGHT * assumed) / (len(seen) + ASSUMED_WEIGHT)
    return np.where(judged, np.clip(tail, 1e-9, 1.0), 1.0)


def _assumed(tail: Tail, value: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        beyond = np.log2(np.maximum(value, tail.start) / tail.start)
    return np.asarray(tail.doubling**-beyond)


def _oriented(name: str, told: Floats) -> Floats:
    return 1 - told if TAILS[name].low else told


def _judged(name: str, table: Table) -> NDArray[np.bool_]:
    tail = TAILS[name]
    judged = np.isfinite(table[name])
    if tail.history[0] in table.names:
        judged &= table[tail.history[0]] >= tail.history[1]
    return judged
