"""A worker that is killed while it speaks to the bank: the file arrives once, or nobody claims to know."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from backoffice.common import tasks
from backoffice.people.models import User
from tests import files
from tests.channels.scene import way_of
from tests.channels.sftp_server import Server
from tests.flows.conftest import fresh_database  # noqa: F401 - a fixture
from tests.flows.installation import Installation, wait_for
from transactions import settlement
from transactions.models import BankChannel, BankMessage, FetchedFile, OutgoingFile, Transmission, TransmissionAttempt

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Prepared = Callable[[], OutgoingFile]


@pytest.fixture
def installation(
    tmp_path: Path,
    settings: Any,
    fresh_database: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Installation]:
    """Its workers share the folder of attachments with the test, and may call this machine."""
    settings.STATE_DIR.mkdir(exist_ok=True)
    settings.MEDIA_ROOT = settings.STATE_DIR / "attachments"
    monkeypatch.setenv("BACKOFFICE_STATE", str(settings.STATE_DIR))
    monkeypatch.setenv("BACKOFFICE_CHANNEL_NETWORKS", "127.0.0.0/8")
    made = Installation(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def sent(
    installation: Installation, by_sftp: BankChannel, sender: User, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> OutgoingFile:
    """A file that is sent and that no worker has looked at."""
    with monkeypatch.context() as lost:
        lost.setattr(tasks, "_send", lambda *_: None)
        return settlement.send(file_id=prepared().pk, actor=sender)


def killed_at(bank: Server, installation: Installation, step: str) -> None:
    """Stop at the first such step until the worker is killed, then let the step happen or not as the server would."""
    reached: list[str] = []

    def at(name: str, _path: Path) -> None:
        if name == step and not reached:
            reached.append(name)
            time.sleep(1.5)

    bank.at = at
    installation.start_worker()
    wait_for(lambda: installation.celery.control.ping(timeout=0.5), seconds=120)
    installation.celery.send_task("transactions.transmit_due")
    wait_for(lambda: reached, seconds=60)
    time.sleep(0.3)
    installation.kill_workers()
    time.sleep(2)


def after(file: OutgoingFile, installation: Installation, done: set[str]) -> Transmission:
    """The clock's part, once the time of the killed attempt is over."""
    Transmission.objects.update(next_at=timezone.now())
    connection.close()
    installation.start_worker()

    def over() -> bool:
        installation.celery.send_task("transactions.transmit_due")
        time.sleep(0.5)
        found = way_of(file).status in done
        connection.close()
        return found

    wait_for(over, seconds=90)
    return way_of(file)


@pytest.mark.parametrize("step", ["open", "write", "open_read"])
def test_killed_before_the_name(installation: Installation, bank: Server, sent: OutgoingFile, step: str) -> None:
    killed_at(bank, installation, step)
    assert (way_of(sent).status, bank.placed) == ("sending", [])
    bank.whole()
    way = after(sent, installation, {"delivered"})
    assert bank.placed == [f"{sent.message_id}.xml"]
    assert bank.files() == [f"{sent.message_id}.xml"]
    codes = TransmissionAttempt.objects.order_by("number").values_list("code", flat=True)
    assert (way.attempts, list(codes)) == (2, ["channel.worker_gone", ""])


@pytest.mark.parametrize("takes", [False, True])
def test_killed_while_it_gives_the_name(
    installation: Installation, bank: Server, sent: OutgoingFile, takes: bool
) -> None:
    """The server renames although the worker is gone. A bank that takes files away leaves nothing to be found."""
    if takes:
        bank.after = lambda _name, path: path.unlink()
    killed_at(bank, installation, "rename")
    wait_for(lambda: bank.placed)
    assert (way_of(sent).status, way_of(sent).stage) == ("sending", "placing")
    bank.whole()
    way = after(sent, installation, {"delivered", "unsure"})
    assert bank.placed == [f"{sent.message_id}.xml"], "never twice"
    assert way.status == ("unsure" if takes else "delivered")


def test_killed_while_it_fetches(installation: Installation, by_sftp: BankChannel, bank: Server) -> None:
    for number in range(12):
        (bank.root / "in" / f"{number}.xml").write_bytes(
            files.pain002("NONE", group="ACTC", message_id=f"ANSWER-{number}")
        )
    connection.close()
    bank.at = lambda name, _path: time.sleep(0.2) if name in {"read", "rename"} else None  # type: ignore[func-returns-value]

    def poll() -> bool:
        FetchedFile.objects.filter(status="seen").update(seen_at=timezone.now() - timedelta(minutes=1))
        installation.celery.send_task("transactions.fetch", args=[by_sftp.pk])
        time.sleep(1)
        connection.close()
        return not bank.files("in")

    for _kill in range(3):
        installation.start_worker()
        wait_for(lambda: installation.celery.control.ping(timeout=0.5), seconds=120)
        for _time in range(2):
            poll()
        installation.kill_workers()
    bank.whole()
    installation.start_worker()
    wait_for(poll, seconds=120)
    wait_for(lambda: BankMessage.objects.filter(status="applied").count() == 12, seconds=60)
    assert len(bank.files("in/done")) == 12
    assert BankMessage.objects.count() == 12
    assert FetchedFile.objects.filter(status="taken", code="").count() == 12
