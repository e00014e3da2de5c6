"""Committed data for tests with real workers and many hands; emptied afterwards by the owner (tests/database.py)."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.flows.installation import Cluster, Installation, installed


@pytest.fixture
def fresh_database(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """This worker's test database, named to the processes that a test starts, as the application's role."""
    name_database(monkeypatch)


def name_database(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = connection.settings_dict
    monkeypatch.setenv(
        "DATABASE_URL",
        f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST'].replace('/', '%2F')}",
    )
    monkeypatch.setenv("DATABASE_OWNER_URL", "")


@pytest.fixture(scope="session")
def cluster(django_db_setup: None) -> Iterator[Cluster]:
    """Broker and template of workers, on this session's test database."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        name_database(monkeypatch)
        made = Cluster()
    yield made
    made.stop()


@pytest.fixture
def installation(cluster: Cluster, tmp_path: Path, fresh_database: Any, settings: Any) -> Iterator[Installation]:
    """Its workers share the folder of the state with the test."""
    yield from installed(cluster, tmp_path, Path(os.fspath(settings.STATE_DIR)))
