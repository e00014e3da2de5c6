"""The model that learns from dispositions: trees boosted by gradient, the same from the same data and seeds, bit for
bit.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from controls.scoring import calibration
from controls.scoring.features import Table
from controls.scoring.movements import Floats, Ints

# LightGBM is imported where trees are grown or asked: it takes seconds and a system library (libgomp), which scoring
# without a trained model does not need.
if TYPE_CHECKING:
    import lightgbm

ENOUGH_FRAUDS = 50
PARAMETERS: Mapping[str, Any] = {
    "objective": "binary", "learning_rate": 0.03, "num_leaves": 7, "min_data_in_leaf": 60, "feature_fraction": 0.4,
    "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 3.0, "max_bin": 127, "rounds": 300, "seeds": 5,
}  # fmt: skip
_EXACT = {"deterministic": True, "force_col_wise": True, "num_threads": 1, "verbosity": -1}
# A known fraud of the payer itself leads to its card or account being stopped: what is left to find has none. Learning
# from them would teach the model to wait for them.
_NOT_LEARNT = ("debtor_known", "debtor_fraud", "debtor_last_known", "debtor_run", "debtor_last_fraud",
               "debtor_first_fraud", "debtor_last_honest", "debtor_ordinary", "debtor_honest")  # fmt: skip


def learnt(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if not name.startswith(_NOT_LEARNT))


@dataclass(frozen=True)
class Model:
    """Trees of several seeds, averaged, and the curve to a risk between 0 and 1."""

    names: tuple[str, ...]
    trees: tuple[str, ...]
    curve: calibration.Curve

    @cached_property
    def _boosters(self) -> "list[lightgbm.Booster]":
        import lightgbm

        return [lightgbm.Booster(model_str=text) for text in self.trees]

    def raw(self, table: Table) -> Floats:
        values = table.columns(self.names)
        every = [np.asarray(one.predict(values, raw_score=True, num_threads=1)) for one in self._boosters]
        return np.mean(every, axis=0)

    def risk(self, table: Table) -> Floats:
        return self.curve(self.raw(table))

    def contributions(self, table: Table) -> NDArray[np.float64]:
        """What each measure adds to the raw score of each row, in order of ``names``; the last column is the start."""
        values = table.columns(self.names)
        every = [np.asarray(one.predict(values, pred_contrib=True, num_threads=1)) for one in self._boosters]
        return np.mean(every, axis=0)

    def document(self) -> dict[str, Any]:
        return {"names": self.names, "curve": self.curve.document(), "trees": self.trees}

    def artefact(self) -> bytes:
        return json.dumps(self.document(), sort_keys=True, separators=(",", ":")).encode()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.artefact()).hexdigest()


def load(artefact: bytes) -> Model:
    return of(json.loads(artefact))


def of(document: Mapping[str, Any]) -> Model:
    curve = calibration.Curve(tuple(document["curve"]["given"]), tuple(document["curve"]["risk"]))
    return Model(tuple(document["names"]), tuple(document["trees"]), curve)


def train(table: Table, label: Ints, parameters: Mapping[str, Any] = PARAMETERS, *, seed: int = 0) -> Model:
    """Learn from rows in order of time. Labels are 0 or 1, and of at least ``ENOUGH_FRAUDS`` frauds (else ValueError).

    The curve is made of rows that the trees it reads did not learn from: three parts of the time, each judged by trees
    of the two others.
    """
    if int(label.sum()) < ENOUGH_FRAUDS:
        raise ValueError(f"{int(label.sum())} frauds are known; {ENOUGH_FRAUDS} are needed")
    names = learnt(table.names)
    values = table.columns(names)
    trees = tuple(_boosted(values, label, parameters, seed + number) for number in range(int(parameters["seeds"])))
    held = np.empty(len(label))
    part = (np.arange(len(label)) * 3) // max(len(label), 1)
    for number in range(3):
        out = part == number
        text = _boosted(values[~out], label[~out], parameters, seed)
        held[out] = Model(names, (text,), calibration.Curve((), ())).raw(Table(names, values[out]))
    return Model(names, trees, calibration.rising(held, label))


def _boosted(values: NDArray[np.float64], label: Ints, parameters: Mapping[str, Any], seed: int) -> str:
    import lightgbm

    given = {key: value for key, value in parameters.items() if key not in {"rounds", "seeds"}}
    data = lightgbm.Dataset(values, label, free_raw_data=True, params={"max_bin": given["max_bin"], "verbosity": -1})
    booster = lightgbm.train({**given, **_EXACT, "seed": seed}, data, num_boost_round=int(parameters["rounds"]))
    return str(booster.model_to_string())
