"""A worker that is killed while it speaks to the bank: the file arrives once, or nobody claims to know."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from backoffice.common import tasks
from backoffice.people.models import User
from tests import files
from tests.channels.scene import way_of
from tests.channels.sftp_server import Server
from tests.flows.installation import Cluster, Installation, installed, wait_for
from transactions import settlement
from transactions.models import BankChannel, BankMessage, FetchedFile, OutgoingFile, Transmission, TransmissionAttempt

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Prepared = Callable[[], OutgoingFile]


@pytest.fixture
def installation(
    cluster: Cluster,
    tmp_path: Path,
    settings: Any,
    fresh_database: None,
) -> Iterator[Installation]:
    """Its workers share the folder of attachments with the test, and may call this machine."""
    settings.STATE_DIR.mkdir(exist_ok=True)
    settings.MEDIA_ROOT = settings.STATE_DIR / "attachments"
    yield from installed(cluster, tmp_path, settings.STATE_DIR)


@pytest.fixture
def sent(
    installation: Installation, by_sftp: BankChannel, sender: User, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> OutgoingFile:
    """A file that is sent and that no worker has looked at."""
    with monkeypatch.context() as lost:
        lost.setattr(tasks, "_send", lambda *_: None)
        return settlement.send(file_id=prepared().pk, actor=sender)


class Standstill:
    """The bank's server stands still at the first such step until a worker is killed; then the step happens or not, as
    the server would."""

    def __init__(self, bank: Server, step: str) -> None:
        self.step, self.reached, self.go_on, self.over = step, threading.Event(), threading.Event(), threading.Event()
        bank.at = self._at

    def _at(self, name: str, _path: Path) -> None:
        if name == self.step and not self.reached.is_set():
            self.reached.set()
            self.go_on.wait(60)
            self.over.set()

    def kill(self, installation: Installation, begin: Callable[[], None]) -> None:
        installation.start_worker()
        installation.until(self.reached.is_set, begin)
        installation.kill_workers()
        self.go_on.set()
        assert self.over.wait(60)


def killed_at(bank: Server, installation: Installation, step: str) -> None:
    Standstill(bank, step).kill(installation, lambda: installation.send("transactions.transmit_due", []))


def after(file: OutgoingFile, installation: Installation, done: set[str]) -> Transmission:
    """The clock's part, once the time of the killed attempt is over."""
    Transmission.objects.update(next_at=timezone.now())
    installation.start_worker()
    installation.until(lambda: way_of(file).status in done, lambda: installation.send("transactions.transmit_due", []))
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
    """While it reads a file, while it keeps one, and with one that was kept and not moved."""
    count = 4
    for number in range(count):
        (bank.root / "in" / f"{number}.xml").write_bytes(
            files.pain002("NONE", group="ACTC", message_id=f"ANSWER-{number}")
        )

    def fetch() -> None:
        """Files that were seen a while ago no longer grow."""
        FetchedFile.objects.filter(status="seen").update(seen_at=timezone.now() - timedelta(minutes=1))
        installation.send("transactions.fetch", [by_sftp.pk])

    installation.start_worker()
    installation.until(lambda: FetchedFile.objects.filter(status="seen").count() == count, fetch)
    installation.kill_workers()
    for step, taken in (("read", 0), ("", 0), ("rename", 1), ("open_read", 1), ("rename", 2)):
        if step:
            Standstill(bank, step).kill(installation, fetch)
            wait_for(lambda: installation.others() == 0)
            bank.whole()
        else:
            installation.killed_at("transactions_bankmessage", fetch)
        assert FetchedFile.objects.filter(status="taken").count() == taken
        assert BankMessage.objects.count() == taken
    installation.start_worker()
    installation.until(lambda: not bank.files("in"), fetch)
    installation.until(lambda: BankMessage.objects.filter(status="applied").count() == count, installation.sweep)
    assert len(bank.files("in/done")) == count
    assert BankMessage.objects.count() == count
    assert FetchedFile.objects.filter(status="taken", code="").count() == count
