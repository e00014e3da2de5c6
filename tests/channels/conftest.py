"""A bank's server, a gateway, a house that may call them, and files that are ready to be sent.

Nothing of the product is imported before Django is set up.
"""

import ipaddress
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def near(settings: Any, tmp_path: Path) -> None:
    settings.CHANNEL_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    settings.STATE_DIR = tmp_path / "state"


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Any]:
    from tests.channels.sftp_server import Server

    made = Server(tmp_path / "bank")
    yield made
    made.stop()


@pytest.fixture
def gateway() -> Iterator[Any]:
    from tests.channels.gateway import Gateway

    made = Gateway()
    yield made
    made.stop()


@pytest.fixture
def stage() -> Any:
    from django.db import transaction

    from tests.people import bank_branch, open_balance

    made = bank_branch(balance="0")
    with transaction.atomic():
        open_balance(made.customer, "1000.00", made.bank)
    return made


@pytest.fixture
def admin(stage: Any) -> Any:
    from tests.people import person

    return person("administrator", entity=stage.entity)


@pytest.fixture
def sender(stage: Any) -> Any:
    from tests.people import person

    return person("supervisor", entity=stage.entity, name="Marion Durand")


@pytest.fixture
def by_sftp(stage: Any, admin: Any, bank: Any) -> Any:
    from tests.channels.scene import add, to
    from tests.channels.sftp_server import PASSWORD

    return add(actor=admin, entity=stage.entity, kind="sftp", wanted=to(bank, stage), secret=PASSWORD)


@pytest.fixture
def prepared(stage: Any, sender: Any) -> Callable[[], Any]:
    """A new file for the bank, each time."""
    from django.db import transaction

    from tests.people import payment
    from transactions import ledger, settlement

    def make() -> Any:
        made = payment(stage, amount="10.00", status="approved")
        with transaction.atomic():
            assert ledger.reserve([made.pk]) == {}
            assert ledger.post([made.pk]) == {}
        [file] = settlement.prepare(account=stage.customer, actor=sender)
        return file

    return make
