"""A verification service that answers in this process."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def server(settings: Any) -> Iterator[Any]:
    # This file is read before Django is set up.
    from tests.controls import verifying

    settings.WEBHOOKS_LOOPBACK = True
    with verifying.serving() as made:
        yield made
