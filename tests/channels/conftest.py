"""A bank's server, a house that may call it, and files that are ready to be sent."""

import ipaddress
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from backoffice.people.models import User
from tests.channels.gateway import Gateway
from tests.channels.sftp_server import PASSWORD, USER, Server
from tests.people import Stage, bank_branch, open_balance, payment, person
from transactions import ledger, settlement
from transactions.channels import registry
from transactions.channels.registry import Wanted
from transactions.models import BankChannel, OutgoingFile, Transmission


@pytest.fixture(autouse=True)
def near(settings: Any, tmp_path: Path) -> None:
    settings.CHANNEL_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    settings.STATE_DIR = tmp_path / "state"


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "bank")
    yield made
    made.stop()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.stop()


@pytest.fixture
def stage() -> Stage:
    made = bank_branch(balance="0")
    with transaction.atomic():
        open_balance(made.customer, "1000.00", made.bank)
    return made


@pytest.fixture
def admin(stage: Stage) -> User:
    return person("administrator", entity=stage.entity)


@pytest.fixture
def sender(stage: Stage) -> User:
    return person("supervisor", entity=stage.entity, name="Marion Durand")


@pytest.fixture
def by_sftp(stage: Stage, admin: User, bank: Server) -> BankChannel:
    return registry.add(actor=admin, entity=stage.entity, kind="sftp", wanted=to(bank, stage), secret=PASSWORD)


def to(bank: Server, stage: Stage, **others: Any) -> Wanted:
    return Wanted(
        **{
            "name": "Bank", "host": "127.0.0.1", "port": bank.port, "user": USER, "host_keys": bank.pinned,
            "out_folder": "/out", "in_folder": "/in", "accounts": [stage.customer.pk], "source": stage.source.pk,
            "ack_minutes": 60, **others,
        }
    )  # fmt: skip


@pytest.fixture
def prepared(stage: Stage, sender: User) -> Callable[[], OutgoingFile]:
    """A new file for the bank, each time."""

    def make() -> OutgoingFile:
        made = payment(stage, amount="10.00", status="approved")
        with transaction.atomic():
            assert ledger.reserve([made.pk]) == {}
            assert ledger.post([made.pk]) == {}
        [file] = settlement.prepare(account=stage.customer, actor=sender)
        return file

    return make


def way_of(file: OutgoingFile) -> Transmission:
    return Transmission.objects.select_related("channel", "file__attachment").get(file=file)


def again_now(file: OutgoingFile) -> Transmission:
    """As if its time had come, and the clock's task found it."""
    from django.utils import timezone

    from transactions.channels import sending

    Transmission.objects.filter(file=file).update(next_at=timezone.now())
    sending.due()
    return way_of(file)
