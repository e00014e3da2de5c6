"""An installation for each test, on committed data, which the owner empties afterwards (tests/database.py)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def installation(cluster: Any, tmp_path: Path, fresh_database: None, settings: Any) -> Iterator[Any]:
    """Its workers share the folder of the state with the test."""
    from tests.flows.installation import installed

    yield from installed(cluster, tmp_path, Path(settings.STATE_DIR))
