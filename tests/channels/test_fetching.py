"""What banks leave is taken once, whole, and only moved there when it is ours."""

import os
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import paramiko
import pytest
from django.conf import settings as house
from django.utils import timezone

from backoffice.common import sql
from backoffice.people.models import User
from documents import attachments
from documents.models import Attachment
from tests import files
from tests.channels import scene
from tests.channels.gateway import KEY, Gateway
from tests.channels.scene import to, way_of
from tests.channels.sftp_server import PASSWORD, Server, cut_at, forbidden
from tests.people import Stage
from transactions import settlement
from transactions.channels import fetching
from transactions.channels.registry import Wanted
from transactions.models import BankChannel, BankMessage, FetchedFile, OutgoingFile, Payment, PaymentBatch

pytestmark = pytest.mark.django_db(transaction=True)
Prepared = Callable[[], OutgoingFile]


def answer(number: int = 1) -> bytes:
    return files.pain002("NONE", group="ACTC", message_id=f"ANSWER-{number}")


def later() -> None:
    """As if what was seen had been seen a while ago."""
    FetchedFile.objects.filter(status="seen").update(seen_at=timezone.now() - timedelta(minutes=1))


def poll(channel: BankChannel, times: int = 2) -> int:
    taken = 0
    for _time in range(times):
        taken += fetching.fetch(channel.pk)
        later()
    return taken


def inbox(bank: Server) -> Path:
    return bank.root / "in"


def told() -> list[tuple[str, str, str]]:
    return list(FetchedFile.objects.order_by("name", "pk").values_list("name", "status", "code"))


def test_a_message_is_taken_once_and_moved_afterwards(by_sftp: BankChannel, bank: Server) -> None:
    (inbox(bank) / "report.xml").write_bytes(answer())
    assert fetching.fetch(by_sftp.pk) == 0, "it may still be written"
    assert told() == [("report.xml", "seen", "")]
    later()
    assert fetching.fetch(by_sftp.pk) == 1
    row = FetchedFile.objects.get()
    assert (row.status, row.code, row.message) == ("taken", "", BankMessage.objects.get())
    assert row.removed_at is not None
    assert attachments.read(row.attachment) == answer()
    assert bank.files("in") == []
    assert bank.files("in/done") == ["report.xml"]
    assert BankMessage.objects.get().status == "applied"
    assert poll(by_sftp) == 0


def test_a_payment_file_goes_to_its_source(by_sftp: BankChannel, bank: Server, stage: Stage) -> None:
    (inbox(bank) / "orders.xml").write_bytes(files.pain001(3))
    assert poll(by_sftp) == 1
    batch = PaymentBatch.objects.get()
    assert (batch.source, batch.imported_by, batch.file_name, batch.read_count) == (stage.source, None, "orders.xml", 3)
    assert FetchedFile.objects.get().batch == batch
    (inbox(bank) / "orders-copy.xml").write_bytes(files.pain001(3))
    assert poll(by_sftp) == 1
    assert told()[0] == ("orders-copy.xml", "taken", "batch.seen_before")
    assert (PaymentBatch.objects.count(), Payment.objects.count()) == (1, 3)


def test_growing_and_unfinished_files_are_left(by_sftp: BankChannel, bank: Server) -> None:
    for name in ("a.xml.part", "b.tmp", ".hidden.xml", "c.XML.FILEPART"):
        (inbox(bank) / name).write_bytes(answer())
    growing, whole = inbox(bank) / "grows.xml", answer()
    for size in (100, 200, len(whole)):
        growing.write_bytes(whole[:size])
        assert fetching.fetch(by_sftp.pk) == 0
        later()
    assert fetching.fetch(by_sftp.pk) == 1
    assert attachments.read(FetchedFile.objects.get().attachment) == whole
    assert len(bank.files("in")) == 4


def test_an_empty_file_waits_until_it_is_written(by_sftp: BankChannel, bank: Server) -> None:
    (inbox(bank) / "empty.xml").write_bytes(b"")
    assert poll(by_sftp, 3) == 0
    (inbox(bank) / "empty.xml").write_bytes(answer())
    assert poll(by_sftp) == 1


def test_what_nobody_recognises_waits_for_a_person(by_sftp: BankChannel, bank: Server) -> None:
    (inbox(bank) / "letter.pdf").write_bytes(b"%PDF-1.7 to whom it may concern")
    (inbox(bank) / "bomb.xml").write_bytes(b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>')
    assert poll(by_sftp) == 2
    assert [(name, status) for name, status, _code in told()] == [("bomb.xml", "waiting"), ("letter.pdf", "waiting")]
    assert told()[1][2] == "fetch.unknown_kind"
    assert attachments.read(FetchedFile.objects.get(name="letter.pdf").attachment).startswith(b"%PDF")
    assert bank.files("in/done") == ["bomb.xml", "letter.pdf"]
    assert PaymentBatch.objects.count() == 0


def test_payments_without_a_source_wait(stage: Stage, admin: User, bank: Server) -> None:
    channel = scene.add(
        actor=admin, entity=stage.entity, kind="sftp", wanted=to(bank, stage, source=None), secret=PASSWORD
    )
    (inbox(bank) / "orders.xml").write_bytes(files.pain001(1))
    assert poll(channel) == 1
    assert told() == [("orders.xml", "waiting", "fetch.no_source")]


def test_hostile_names_and_sizes_are_refused_and_left(by_sftp: BankChannel, bank: Server, settings: Any) -> None:
    settings.INTAKE_MAX_BYTES = 5_000
    for name in ("../../etc/passwd", "a\nb.xml", "back\\slash.xml", "r\u202elmx.exe", "x" * 201):
        entry = paramiko.SFTPAttributes()
        entry.filename, entry.st_mode, entry.st_size, entry.st_mtime = name, stat.S_IFREG | 0o600, 10, 1
        bank.extra_entries.append(entry)
    (inbox(bank) / "large.xml").write_bytes(b"<" * 5_001)
    (inbox(bank) / "good.xml").write_bytes(answer())
    assert poll(by_sftp, 3) == 1
    assert {code for _name, status, code in told() if status == "refused"} == {"fetch.name_hostile", "fetch.too_large"}
    assert sum(status == "refused" for _name, status, _code in told()) == 6
    assert [name for step, name in bank.steps if step == "open_read"] == ["good.xml"]
    assert bank.files("in") == ["large.xml"]
    assert sql.rows("select count(*) from documents_auditrecord where action = 'fetched.refused'")[0][0] == 6


@pytest.mark.parametrize("step", ["list", "open_read", "read", "rename"])
def test_cut_off_at_each_step_it_is_taken_once(by_sftp: BankChannel, bank: Server, step: str) -> None:
    (inbox(bank) / "report.xml").write_bytes(answer())
    fetching.fetch(by_sftp.pk)
    later()
    bank.at = cut_at(step)
    fetching.fetch(by_sftp.pk)
    by_sftp.refresh_from_db()
    assert by_sftp.failing_since is not None
    assert bank.files("in") == ["report.xml"]
    assert BankMessage.objects.count() == (1 if step == "rename" else 0), "ours before it is moved there"
    poll(by_sftp)
    assert (BankMessage.objects.count(), Attachment.objects.count()) == (1, 1)
    assert (bank.files("in"), bank.files("in/done")) == ([], ["report.xml"])
    by_sftp.refresh_from_db()
    assert by_sftp.failing_since is None


def test_what_may_not_be_moved_is_not_taken_again(by_sftp: BankChannel, bank: Server) -> None:
    bank.at = forbidden("rename")
    (inbox(bank) / "report.xml").write_bytes(answer())
    (inbox(bank) / "second.xml").write_bytes(answer(2))
    assert poll(by_sftp, 4) == 2
    assert [step for step, _name in bank.steps].count("open_read") == 2, "known by its row, not read again"
    by_sftp.refresh_from_db()
    assert by_sftp.last_code == "channel.permission"
    bank.whole()
    poll(by_sftp)
    assert bank.files("in") == []


def test_a_bank_that_lets_nothing_be_moved(stage: Stage, admin: User, bank: Server) -> None:
    wanted = to(bank, stage, after_fetch="leave")
    channel = scene.add(actor=admin, entity=stage.entity, kind="sftp", wanted=wanted, secret=PASSWORD)
    (inbox(bank) / "report.xml").write_bytes(answer())
    assert poll(channel, 4) == 1
    assert bank.files("in") == ["report.xml"]
    os.utime(inbox(bank) / "report.xml", (5, 5))
    assert poll(channel, 3) == 0, "the same bytes under the same name"
    (inbox(bank) / "report.xml").write_bytes(answer(2))
    assert poll(channel, 3) == 1
    assert BankMessage.objects.count() == 2


def test_an_acknowledgement_closes_the_way_of_its_file(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    first, second = prepared(), prepared()
    for file in (first, second):
        settlement.send(file_id=file.pk, actor=sender)
    (inbox(bank) / f"{first.message_id}.xml.ack").write_bytes(b"")
    (inbox(bank) / f"{second.message_id}.ACK").write_bytes(b"OK")
    (inbox(bank) / "unknown.ack").write_bytes(b"OK")
    assert poll(by_sftp) == 3
    assert {way_of(file).status for file in (first, second)} == {"acknowledged"}
    assert way_of(first).acknowledged_by == f"{first.message_id}.xml.ack"
    unknown = FetchedFile.objects.get(name="unknown.ack")
    assert (unknown.status, unknown.code) == ("waiting", "fetch.ack_unknown")
    assert FetchedFile.objects.get(transmission__file=first).status == "taken"


def test_a_folder_is_read_without_following_links(stage: Stage, admin: User, tmp_path: Path) -> None:
    wanted = Wanted(name="Share", in_folder="bank/in", after_fetch="delete")
    channel = scene.add(actor=admin, entity=stage.entity, kind="folder", wanted=wanted)
    place = Path(house.STATE_DIR) / "channels" / "BANK" / "bank" / "in"
    secret = tmp_path / "secret"
    secret.write_bytes(answer(7))
    (place / "link.xml").symlink_to(secret)
    (place / "report.xml").write_bytes(answer())
    Path(os.fsdecode(os.fsencode(str(place)) + b"/bad\xff.xml")).write_bytes(b"x")
    assert poll(channel, 3) == 1
    assert sorted(path.name for path in place.iterdir() if path.name.isascii()) == ["link.xml"]
    assert BankMessage.objects.get().file_name == "report.xml"


def test_a_gateway_offers_whole_files(
    stage: Stage, admin: User, gateway: Gateway, sender: User, prepared: Prepared
) -> None:
    wanted = Wanted(name="EBICS", url=gateway.url, in_folder="x", accounts=[stage.customer.pk], ack_minutes=30)
    channel = scene.add(actor=admin, entity=stage.entity, kind="adapter", wanted=wanted, secret=KEY)
    file = settlement.send(file_id=prepared().pk, actor=sender)
    gateway.inbox = {"a report.xml": answer(), "b/../x": b"x"}
    assert fetching.fetch(channel.pk) == 1
    assert gateway.taken == ["a report.xml"]
    assert told() == [("a report.xml", "taken", ""), ("b/../x", "refused", "fetch.name_hostile")]
    gateway.inbox["a report.xml"] = answer(2)
    assert fetching.fetch(channel.pk) == 1
    assert way_of(file).status == "delivered"
    gateway.status = "acknowledged"
    fetching.fetch(channel.pk)
    assert way_of(file).status == "acknowledged"


def test_every_channel_that_brings_in_is_looked_at(by_sftp: BankChannel, bank: Server, admin: User) -> None:
    assert fetching.due() == 1
    bank.password = "another"
    fetching.fetch(by_sftp.pk)
    tried = len(bank.tried)
    assert fetching.due() == 0, "a refused password is not tried every minute"
    assert fetching.fetch(by_sftp.pk) == 0
    assert len(bank.tried) == tried
