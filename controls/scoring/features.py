"""All measures of behaviour of the rows wanted, as one table: each as of that movement's own moment, it included,
nothing later, and of labels what was known by then of movements at least a week old.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from controls.scoring.measures import amounts, cash, circles, flows, labels, operators, pace, parties, patterns
from controls.scoring.movements import Floats, Ints, Movements
from controls.scoring.pasts import Pasts

CHUNK = 20_000
Measure = Callable[[Pasts, Ints], dict[str, Floats]]
# What the present version measures; a model names the one that it was trained with.
VERSION = 1
PARTS: dict[str, Measure] = {
    "amounts": amounts.measure, "pace": pace.measure, "parties": parties.measure, "patterns": patterns.measure,
    "flows": flows.measure, "circles": circles.measure, "operators": operators.measure, "cash": cash.measure,
    "labels": labels.measure,
}  # fmt: skip
# A card pays at a terminal: no names, no operators, no money that comes in before it goes out.
CARD_PARTS = ("amounts", "pace", "labels")


@dataclass(frozen=True)
class Table:
    """Measures of rows: a column each, in order of ``names``. NaN: there was nothing to measure."""

    names: tuple[str, ...]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, name: str) -> Floats:
        return self.values[:, self.names.index(name)]

    def columns(self, names: Sequence[str]) -> NDArray[np.float64]:
        return self.values[:, [self.names.index(name) for name in names]]

    def rows(self, which: Ints) -> "Table":
        return Table(self.names, self.values[which])

    def row(self, number: int) -> dict[str, float]:
        return dict(zip(self.names, self.values[number].tolist(), strict=True))


def features(movements: Movements | Pasts, rows: Ints | None = None, parts: Sequence[str] = tuple(PARTS)) -> Table:
    """The table of ``rows`` (all of them by default), in their order. The other movements are only looked back at."""
    pasts = movements if isinstance(movements, Pasts) else Pasts(movements)
    wanted = np.arange(len(pasts.movements)) if rows is None else rows
    names: tuple[str, ...] = ()
    blocks: list[NDArray[np.float64]] = []
    for start in range(0, max(len(wanted), 1), CHUNK):
        found: dict[str, Floats] = {}
        for part in parts:
            found |= PARTS[part](pasts, wanted[start : start + CHUNK])
        names = tuple(found)
        blocks.append(np.column_stack([found[name] for name in names]))
    return Table(names, np.concatenate(blocks))
