"""Committed data for tests with real workers and many hands; emptied afterwards by the owner (tests/database.py)."""

import pytest
from django.db import connection


@pytest.fixture
def fresh_database(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """This worker's test database, named to the processes that a test starts, as the application's role."""
    settings = connection.settings_dict
    monkeypatch.setenv(
        "DATABASE_URL",
        f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST'].replace('/', '%2F')}",
    )
    monkeypatch.setenv("DATABASE_OWNER_URL", "")
