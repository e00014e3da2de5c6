"""From what a model says to how often it is right: a rising curve through what was seen (isotonic regression)."""

from dataclasses import dataclass

import numpy as np

from controls.scoring.movements import Floats, Ints


@dataclass(frozen=True)
class Curve:
    """Between its points the curve is straight, so that what a model puts first stays first."""

    given: tuple[float, ...]
    risk: tuple[float, ...]

    def __call__(self, raw: Floats) -> Floats:
        return np.interp(raw, self.given, self.risk)

    def document(self) -> dict[str, list[float]]:
        return {"given": list(self.given), "risk": list(self.risk)}


def rising(raw: Floats, label: Ints) -> Curve:
    """The rising curve nearest to the labels (pool adjacent violators), its points the middles of its steps.

    Beyond the first and last step it goes on to 0 and 1 within the width of what was seen: nothing is cut off flat.
    """
    order = np.argsort(raw, kind="stable")
    steps: list[list[float]] = []  # weight, sum of labels, sum of raw
    for given, true in zip(raw[order].tolist(), label[order].tolist(), strict=True):
        steps.append([1.0, float(true), given])
        while len(steps) > 1 and steps[-2][1] * steps[-1][0] >= steps[-1][1] * steps[-2][0]:
            weight, total, place = steps.pop()
            steps[-1][0] += weight
            steps[-1][1] += total
            steps[-1][2] += place
    # One more of each kind in each step: a step of three frauds is no certainty.
    prior = float(label.mean())
    risks = [(total + prior * 5) / (weight + 5) for weight, total, _place in steps]
    places = [place / weight for weight, _total, place in steps]
    low, high = float(raw.min(initial=0)), float(raw.max(initial=1))
    margin = max(high - low, 1e-6)
    given = [low - margin, *places, high + margin]
    return Curve(*(tuple(column) for column in _strict(given, [0.0, *risks, 1.0])))


def _strict(given: list[float], risks: list[float]) -> tuple[list[float], list[float]]:
    """Points in rising order, none twice, and none lower than the one before."""
    kept: tuple[list[float], list[float]] = ([given[0]], [risks[0]])
    for place, risk in zip(given[1:], risks[1:], strict=True):
        if place > kept[0][-1]:
            kept[0].append(place)
            kept[1].append(max(risk, kept[1][-1] + 1e-9))
    return kept
