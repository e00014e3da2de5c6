"""The loader of movements, until the house has its own."""

import importlib.util
import sys

import pytest


@pytest.fixture(autouse=True)
def loader(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("controls.scoring.house") is None:
        from tests.controls.scoring import standing_in

        monkeypatch.setitem(sys.modules, "controls.scoring.house", standing_in)
