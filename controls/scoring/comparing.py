"""A model beside the champion, on the same payments: which measures are worse, and whether promotion needs a reason.

The same is asked by the database (model_needs_reason in controls/sql/scoring_models.sql).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Precision among so many alerts rises and falls with recall, so recall tells both.
COMPARED: Mapping[str, tuple[str, ...]] = {
    "average_precision": ("average_precision",),
    "recall_0.5": ("budgets", "0.5", "recall"),
    "recall_1": ("budgets", "1", "recall"),
}
SHOWN: Mapping[str, tuple[str, ...]] = {
    **COMPARED,
    "precision_0.5": ("budgets", "0.5", "precision"),
    "precision_1": ("budgets", "1", "precision"),
    "precision": ("precision",),
    "alerts_a_day": ("alerts_a_day",),
}


@dataclass(frozen=True)
class Line:
    """One measure of both; None: it was not measured."""

    code: str
    own: float | None
    champion: float | None

    @property
    def worse(self) -> bool:
        """Of what is compared: less than the champion's."""
        known = self.own is not None and self.champion is not None
        return self.code in COMPARED and known and float(self.own or 0) < float(self.champion or 0)

    @property
    def by(self) -> float | None:
        return None if self.own is None or self.champion is None else self.own - self.champion


def lines(figures: Mapping[str, Any]) -> list[Line]:
    own, champion = figures.get("own") or {}, figures.get("champion") or {}
    return [Line(code, _at(own, path), _at(champion, path)) for code, path in SHOWN.items()]


def worse(figures: Mapping[str, Any]) -> list[Line]:
    return [line for line in lines(figures) if line.worse]


def unknown(figures: Mapping[str, Any], champion: int) -> bool:
    """Was it never compared with the present champion, or were there no frauds to compare by?"""
    if (figures.get("champion") or {}).get("number") != champion:
        return True
    return any(line.code in COMPARED and line.by is None for line in lines(figures))


def needs_reason(figures: Mapping[str, Any], champion: int) -> bool:
    return unknown(figures, champion) or bool(worse(figures))


def _at(told: Mapping[str, Any], path: tuple[str, ...]) -> float | None:
    found: Any = told
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return None if found is None else float(found)
