"""What a model is made of, as bytes: what it remembers, its trees where it has any, and the measures it was made with.

A line of JSON, then the remembered values of each measure as little-endian doubles: the same parts give the same bytes
on every machine, and loading them copies nothing. Loaded artefacts are kept by digest, a few of them in each process.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from controls.scoring import risk, supervised, unsupervised
from controls.scoring.features import VERSION, Table

FORMAT = "backoffice scoring model 1"
# Champion, challenger, and two that somebody compares.
KEPT = 4
_DOUBLE = np.dtype("<f8")


class Damaged(Exception):
    """These bytes are no model, or not the one that their digest names."""


class Outdated(Exception):
    """The model was made with measures that this version of the product no longer takes."""


@dataclass(frozen=True)
class Artefact:
    memory: unsupervised.Memory
    model: supervised.Model | None = None
    measures: int = VERSION

    @property
    def blank(self) -> bool:
        """Does it know nothing yet, so that its scores rest on assumptions alone?"""
        return self.model is None and self.memory.seen == 0

    @cached_property
    def content(self) -> bytes:
        names = sorted(self.memory.values)
        header = {
            "format": FORMAT, "measures": self.measures, "seen": self.memory.seen,
            "remembered": [[name, len(self.memory.values[name])] for name in names],
            "model": self.model.document() if self.model else None,
        }  # fmt: skip
        line = json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
        told = [np.ascontiguousarray(self.memory.values[name], dtype=_DOUBLE).tobytes() for name in names]
        return b"".join([line, b"\n", *told])

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def assess(self, table: Table) -> risk.Risk:
        """Scores of rows of measures. Raises Outdated when these are not the measures that it was made with."""
        if self.measures != VERSION:
            raise Outdated(self.measures)
        return risk.assess(table, self.memory, self.model)

    def contributions(self, table: Table) -> list[dict[str, float]]:
        """What each measure added to the score of each row, where the model has trees."""
        if self.model is None or not len(table):
            return [{} for _row in range(len(table))]
        told = self.model.contributions(table)[:, :-1]
        return [dict(zip(self.model.names, row, strict=True)) for row in told.tolist()]


# The first model: it begins with what is assumed of all payments.
FIRST = Artefact(unsupervised.Memory())
_loaded: dict[str, Artefact] = {}


def load(content: bytes) -> Artefact:
    """The artefact of these bytes; the same object for the same bytes while it is kept. Raises Damaged."""
    digest = hashlib.sha256(content).hexdigest()
    return by_digest(digest, lambda: content)


def by_digest(digest: str, content: Callable[[], bytes]) -> Artefact:
    """The artefact with this digest; its bytes are asked for only when it is not kept. Raises Damaged."""
    found = _loaded.pop(digest, None)
    if found is None:
        given = bytes(content())
        if hashlib.sha256(given).hexdigest() != digest:
            raise Damaged(digest)
        found = _read(given)
    _loaded[digest] = found
    while len(_loaded) > KEPT:
        _loaded.pop(next(iter(_loaded)), None)
    return found


def _read(content: bytes) -> Artefact:
    line, _end, rest = content.partition(b"\n")
    try:
        header = json.loads(line)
        if header["format"] != FORMAT:
            raise Damaged(header["format"])
        values, start = {}, 0
        for name, count in header["remembered"]:
            values[name] = np.frombuffer(rest, dtype=_DOUBLE, count=count, offset=start).astype(np.float64, copy=False)
            start += count * _DOUBLE.itemsize
        if start != len(rest):
            raise Damaged(f"{len(rest)} bytes, {start} told")
        memory = unsupervised.Memory(int(header["seen"]), values)
        model = supervised.of(header["model"]) if header["model"] else None
        return Artefact(memory, model, int(header["measures"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(str(error)) from None
