"""docs/api.md names every event that a webhook may carry, once, and no other."""

import re
from pathlib import Path

from backoffice.webhooks.events import NAMES

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_every_event_is_documented() -> None:
    text = DOCS.read_text().partition("chooses its events, or all.")[2].partition("The address is https")[0]
    told: list[str] = []
    for name in re.findall(r"`([a-z_.]+)`", text):
        told.append(name if not name.startswith(".") else told[-1].partition(".")[0] + name)
    assert sorted(told) == list(NAMES)
