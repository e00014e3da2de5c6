"""Small streams of movements, the same from the same seed."""

from typing import Any

import numpy as np

from controls.scoring.movements import DAY, Movements, movements

START = 1_700_000_000


def columns(count: int = 600, *, seed: int = 1, accounts: int = 12, days: int = 60) -> dict[str, Any]:
    """Movements among few accounts, so that each has a past; a tenth are frauds, known a week later."""
    draw = np.random.default_rng(seed)
    at = np.sort(START + draw.integers(0, days * DAY, count))
    return {
        "id": np.arange(count), "at": at, "debtor": draw.integers(0, accounts, count),
        "creditor": draw.integers(0, accounts, count) + draw.integers(0, 2, count) * accounts,
        "name": draw.integers(0, accounts * 2, count), "operator": draw.integers(0, 4, count),
        "channel": draw.integers(0, 2, count), "kind": np.zeros(count, dtype=np.int64),
        "currency": np.zeros(count, dtype=np.int64), "country": draw.integers(0, 3, count),
        "reference": draw.integers(-1, 40, count),
        "amount": np.round(np.exp(draw.normal(5, 1, count)), 2) * np.where(draw.random(count) < 0.2, 100, 1),
        "label": (draw.random(count) < 0.1).astype(np.int64), "known_at": at + 7 * DAY,
    }  # fmt: skip


def stream(count: int = 600, **given: Any) -> Movements:
    return movements(columns(count, **given))
