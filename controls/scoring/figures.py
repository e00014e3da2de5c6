"""How well scores find what people confirmed: figures of rows with scores and labels. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from controls.scoring.movements import Floats, Ints

# Alerts as a share of payments, in percent.
BUDGETS = (0.5, 1.0)
_BANDS = 10
# Beyond the deciles, the top: few payments, and all of the alerts.
_PLACES = (*np.arange(0.1, 0.95, 0.1).round(1).tolist(), 0.95, 0.99)
_LEAST = 1e-4


def average_precision(label: Ints, score: Floats) -> float | None:
    """The precision at each true row, averaged; equal scores come together. None when nothing is true."""
    true = int(label.sum())
    if not true:
        return None
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    hits = np.cumsum(label[order])[ends]
    return float((hits / (ends + 1) * np.diff(hits, prepend=0)).sum() / true)


def at_budget(label: Ints, score: Floats, percent: float) -> dict[str, Any]:
    """What the highest ``percent`` of the scores find. Of equal scores at the edge each counts by its chance."""
    count = max(1, round(len(score) * percent / 100)) if len(score) else 0
    true = int(label.sum())
    if not count:
        return {"alerts": 0, "found": 0.0, "precision": None, "recall": None, "from": None}
    edge = float(np.partition(score, len(score) - count)[len(score) - count])
    above, level = score > edge, score == edge
    share = (count - int(above.sum())) / int(level.sum())
    found = float(label[above].sum() + share * label[level].sum())
    recall = _rounded(found / true) if true else None
    return {
        "alerts": count, "found": _rounded(found), "precision": _rounded(found / count), "recall": recall,
        "from": _rounded(edge),
    }  # fmt: skip


def calibration(label: Ints, score: Floats) -> list[dict[str, Any]]:
    """In each tenth of the scale: payments, their mean score, how many were true."""
    band = np.minimum((score / 100 * _BANDS).astype(np.int64), _BANDS - 1)
    return [
        {"from": 100 * number // _BANDS, "payments": int((band == number).sum()),
         "score": _rounded(float(score[band == number].mean())), "confirmed": int(label[band == number].sum())}
        for number in range(_BANDS) if (band == number).any()
    ]  # fmt: skip


def quality(label: Ints, score: Floats, *, threshold: Ints, days: float, times: float = 1.0) -> dict[str, Any]:
    """All figures of one model. ``label``: 1 where an alert was right; ``threshold`` of each row; ``times``: how many
    payments each row stands for, so that alerts a day are those of all."""
    alerts = score >= threshold
    precision = average_precision(label, score)
    found = int(label[alerts].sum())
    return {
        "average_precision": None if precision is None else _rounded(precision),
        "budgets": {f"{percent:g}": at_budget(label, score, percent) for percent in BUDGETS},
        "calibration": calibration(label, score),
        "alerts": int(alerts.sum()), "found": found, "alerts_a_day": _rounded(int(alerts.sum()) * times / days),
        "precision": _rounded(found / int(alerts.sum())) if alerts.any() else None,
    }  # fmt: skip


def bands(score: Floats) -> list[dict[str, float]]:
    """The shares of scores between their deciles (and in the top): what later scores are compared with.

    Most scores of a quiet house are equal: deciles that fall together are one band.
    """
    edges = [0.0, *sorted({float(edge) for edge in np.quantile(score, _PLACES)} - {0.0})] if len(score) else []
    return [{"from": edge, "share": _rounded(share)} for edge, share in zip(edges, shares(score, edges), strict=True)]


def shares(score: Floats, edges: Sequence[float]) -> list[float]:
    """The share of scores from each edge to the next."""
    place = np.searchsorted(np.array(edges), score, side="right") - 1
    return (np.bincount(np.maximum(place, 0), minlength=len(edges)) / max(len(score), 1)).tolist()


def stability_index(then: Sequence[float], now: Sequence[float]) -> float:
    """The population stability index: 0 alike, from 0.25 on another population."""
    before, after = (np.maximum(np.array(one, dtype=np.float64), _LEAST) for one in (then, now))
    return float(((after - before) * np.log(after / before)).sum())


def _rounded(value: float) -> float:
    return round(value, 6)
