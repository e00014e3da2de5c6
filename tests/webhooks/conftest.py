"""A receiver, and a house whose events may go to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.webhooks.receiver import Receiver


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_LOOPBACK = True
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Follow what is committed without waiting for transactions that other tests have open in the same cluster."""
    monkeypatch.setattr("backoffice.webhooks.follower.SAFE", "pg_snapshot_xmax(pg_current_snapshot())")
