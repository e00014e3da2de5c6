"""From measures to one score between 0 and 100: surprise, detectors, and the trained model where there is one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controls.scoring import typologies, unsupervised
from controls.scoring.features import Table
from controls.scoring.movements import Floats
from controls.scoring.supervised import Model

# Surprise up to here is everyday; the share of the way to 100 that surprise alone can go.
EVERYDAY, STEEP, MOST = 1.5, 3.0, 0.75
# What a second detector adds, next to the strongest.
SECOND = 0.35


@dataclass(frozen=True)
class Risk:
    """Of rows: the score, and what it was made of."""

    score: Floats
    surprise: Floats
    each: NDArray[np.float64]
    tails: tuple[str, ...]
    strengths: dict[str, Floats]


def assess(table: Table, past: unsupervised.Memory, model: Model | None = None) -> Risk:
    """Scores of rows against what was seen before them. With a model the score is never below its calibrated risk."""
    surprise, each, tails = unsupervised.surprise(table, past)
    strengths = typologies.strengths(table)
    score = unlabelled(surprise, strengths)
    if model is not None:
        learnt = model.risk(table)
        score = 100 * learnt + (1 - learnt) * score * 0.5
    return Risk(score, surprise, each, tails, strengths)


def unlabelled(surprise: Floats, strengths: dict[str, Floats]) -> Floats:
    """The score without a trained model: independent signs, each leaving a part of what is above it."""
    strange = MOST * (1 - np.exp(-np.maximum(surprise - EVERYDAY, 0) / STEEP))
    signs = np.sort(np.stack(list(strengths.values()), axis=1) / 100, axis=1)[:, ::-1]
    left = (1 - signs[:, 0]) * np.prod(1 - SECOND * signs[:, 1:], axis=1) * (1 - 0.5 * strange)
    return 100 * (1 - left)
