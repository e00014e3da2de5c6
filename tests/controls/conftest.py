"""A verification service that answers in this process."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def server(settings: Any) -> Iterator[Any]:
    # This file is read before Django is set up.
    from controls.verification import simulator
    from tests.controls.verifying import TOKEN

    settings.WEBHOOKS_LOOPBACK = True
    made = simulator.Server(port=0, token=TOKEN)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
