"""Files go out once, whatever breaks on the way; and nobody sends one twice without having looked."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import paramiko
import pytest
from django.conf import settings
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Conflict, Denied
from backoffice.people.models import User
from documents import attachments
from documents.models import AuditRecord
from tests import files
from tests.channels import scene, sftp_server
from tests.channels.gateway import KEY, Gateway
from tests.channels.scene import again_now, to, way_of
from tests.channels.sftp_server import PASSWORD, Cut, Server, cut_at, forbidden, full_disk, slow
from tests.people import Stage, person
from transactions import messages, settlement
from transactions.channels import decisions, receipts, registry, sending, ways
from transactions.channels.registry import Wanted
from transactions.models import BankChannel, OutgoingFile, Transmission, TransmissionAttempt

pytestmark = pytest.mark.django_db(transaction=True)
Prepared = Callable[[], OutgoingFile]


def acts(file: OutgoingFile) -> list[str]:
    rows = AuditRecord.objects.filter(subject_type="outgoing", subject_id=file.pk).order_by("pk")
    return [row.action.removeprefix("outgoing.") for row in rows]


def content_of(file: OutgoingFile) -> bytes:
    assert file.attachment is not None
    return attachments.read(file.attachment)


def test_a_file_goes_by_the_channel_of_its_account_whole_and_once(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    file = settlement.send(file_id=prepared().pk, actor=sender)
    way = way_of(file)
    assert (way.status, way.attempts, way.stage, way.code) == ("delivered", 1, "done", "")
    name = f"{file.message_id}.xml"
    assert bank.files() == [name]
    assert (bank.root / "out" / name).read_bytes() == content_of(file)
    attempt = TransmissionAttempt.objects.get()
    assert (attempt.verified, attempt.address, attempt.code, attempt.stage) == (True, "127.0.0.1", "", "done")
    assert timedelta(minutes=59) < way.ack_due_at - timezone.now() < timedelta(minutes=61)
    assert not (Path(settings.STATE_DIR) / "outgoing").exists(), "one gesture: not the folder of the house, too"
    assert acts(file) == ["prepared", "sent", "delivered"]
    with pytest.raises(Conflict):
        settlement.send(file_id=file.pk, actor=sender)
    assert sending.due() == 0
    assert bank.placed == [name]


def test_without_a_channel_the_folder_of_the_house_is_used(stage: Stage, sender: User, prepared: Prepared) -> None:
    file = settlement.send(file_id=prepared().pk, actor=sender)
    assert not Transmission.objects.exists()
    assert (Path(settings.STATE_DIR) / "outgoing" / f"{file.message_id}.xml").read_bytes() == content_of(file)


def test_a_folder_is_a_kind_of_channel(stage: Stage, admin: User, sender: User, prepared: Prepared) -> None:
    wanted = Wanted(
        name="Share", out_folder="bank/out", accounts=[stage.customer.pk], file_name="CT_{date}_{message_id}.xml"
    )
    scene.add(actor=admin, entity=stage.entity, kind="folder", wanted=wanted)
    file = settlement.send(file_id=prepared().pk, actor=sender)
    place = Path(settings.STATE_DIR) / "channels" / "BANK" / "bank" / "out"
    assert [path.name for path in place.iterdir()] == [f"CT_{file.execution_date:%Y%m%d}_{file.message_id}.xml"]
    assert next(place.iterdir()).read_bytes() == content_of(file)
    assert way_of(file).status == "delivered"
    assert way_of(file).ack_due_at is None


def test_accounts_without_a_channel_of_their_own_go_by_that_of_all(
    by_sftp: BankChannel, bank: Server, stage: Stage, sender: User, prepared: Prepared
) -> None:
    admin = person("administrator", entity=stage.entity)
    every = Wanted(name="All", out_folder="out", all_accounts=True)
    made = scene.add(actor=admin, entity=stage.entity, kind="folder", wanted=every)
    with pytest.raises(Conflict, match="all other accounts"):
        scene.add(actor=admin, entity=stage.entity, kind="folder", wanted=replace(every, name="Second"))
    first = settlement.send(file_id=prepared().pk, actor=sender)
    assert way_of(first).channel == by_sftp
    scene.change(actor=admin, channel_id=by_sftp.pk, wanted=to(bank, stage, accounts=[]))
    second = settlement.send(file_id=prepared().pk, actor=sender)
    assert (way_of(second).channel, way_of(second).status) == (made, "delivered")


def test_another_host_key_is_refused_before_the_password_is_said(
    by_sftp: BankChannel, bank: Server, stage: Stage, sender: User, prepared: Prepared
) -> None:
    admin = person("administrator", entity=stage.entity)
    bank.key = paramiko.ECDSAKey.generate()
    file = settlement.send(file_id=prepared().pk, actor=sender)
    way = way_of(file)
    assert (way.status, way.code) == ("waiting", "channel.host_key_changed")
    assert way.params == {"seen": bank.pinned}
    assert (bank.tried, bank.steps) == ([], [])
    by_sftp.refresh_from_db()
    assert by_sftp.needs_person
    Transmission.objects.update(next_at=timezone.now())
    assert sending.due() == 0, "nothing is tried until a person has looked at it"
    sending.transmit(way.pk)
    assert way_of(file).attempts == 1
    scene.change(actor=admin, channel_id=by_sftp.pk, wanted=to(bank, stage))
    assert sending.due() == 1
    assert way_of(file).status == "delivered"
    assert [row.action for row in AuditRecord.objects.filter(subject_type="channel").order_by("pk")] == [
        "channel.added", "channel.failing", "channel.changed", "channel.recovered",
    ]  # fmt: skip


def test_a_refused_password_is_not_tried_again_by_itself(
    by_sftp: BankChannel, bank: Server, sender: User, admin: User, prepared: Prepared
) -> None:
    bank.password = "another"
    first, second = prepared(), prepared()
    for file in (first, second):
        settlement.send(file_id=file.pk, actor=sender)
    Transmission.objects.update(next_at=timezone.now())
    sending.due()
    assert bank.tried == [sftp_server.USER], "a second try may close the account"
    assert (way_of(first).status, way_of(first).code) == ("waiting", "channel.sign_in_refused")
    assert (way_of(second).status, way_of(second).attempts) == ("waiting", 0)
    bank.password = PASSWORD
    assert registry.test(actor=admin, channel_id=by_sftp.pk) == "127.0.0.1"
    assert sending.due() == 2
    assert len(bank.files()) == 2


@pytest.mark.parametrize(
    "case",
    [
        (full_disk, "channel.refused_there"),
        (forbidden("open"), "channel.permission"),
        (forbidden("stat"), "channel.permission"),
        (forbidden("write"), "channel.permission"),
    ],
)
def test_what_the_server_refuses_is_tried_again_with_growing_waits(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared, case: tuple[Any, str]
) -> None:
    bank.at, code = case
    file = settlement.send(file_id=prepared().pk, actor=sender)
    waits = []
    for _try in range(4):
        way = way_of(file)
        assert (way.status, way.code) == ("waiting", code)
        waits.append((way.next_at - timezone.now()).total_seconds())
        again_now(file)
    assert [round(wait / 5) * 5 for wait in waits] == [15, 30, 60, 120]
    assert bank.placed == []
    bank.whole()
    assert again_now(file).status == "delivered"
    assert (bank.root / "out" / f"{file.message_id}.xml").read_bytes() == content_of(file)
    assert bank.files() == [f"{file.message_id}.xml"], "nothing unfinished is left"


def test_a_day_of_failures_and_it_is_failed(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    bank.at = full_disk
    file = settlement.send(file_id=prepared().pk, actor=sender)
    Transmission.objects.update(since=timezone.now() - timedelta(hours=25))
    way = again_now(file)
    assert (way.status, way.code) == ("failed", "channel.refused_there")
    assert acts(file)[-1] == "undelivered"
    bank.whole()
    again_now(file)
    assert way_of(file).status == "failed", "only a person starts it again"
    sent, seen = decisions.send_again(file_id=file.pk, actor=sender, reason="The disk was full")
    assert (seen.word, way_of(file).status) == ("absent", "delivered")
    assert sent.decided_by == sender
    assert bank.placed == [f"{file.message_id}.xml"]


@pytest.mark.parametrize("step", ["stat", "open", "write", "open_read", "read"])
def test_cut_off_before_the_name_it_is_sent_anew(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared, step: str
) -> None:
    bank.at = cut_at(step)
    file = settlement.send(file_id=prepared().pk, actor=sender)
    assert (way_of(file).status, way_of(file).code) == ("waiting", "channel.broken_off")
    assert bank.placed == []
    way = again_now(file)
    assert (way.status, way.attempts) == ("delivered", 2)
    assert bank.placed == [f"{file.message_id}.xml"]
    assert (bank.root / "out" / f"{file.message_id}.xml").read_bytes() == content_of(file)


def test_cut_off_before_the_rename_the_name_is_given_without_a_second_copy(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    bank.at = cut_at("rename")
    file = settlement.send(file_id=prepared().pk, actor=sender)
    way = way_of(file)
    assert (way.status, way.stage, way.code) == ("sending", "placing", "channel.broken_off")
    written = bank.written
    way = again_now(file)
    assert (way.status, way.attempts) == ("delivered", 2)
    assert bank.written == written, "what lies there whole is not written again"
    assert bank.placed == [f"{file.message_id}.xml"]


def test_cut_off_after_the_rename_it_is_found_and_not_sent_again(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    bank.after = lambda _name, _path: (_ for _ in ()).throw(Cut)
    file = settlement.send(file_id=prepared().pk, actor=sender)
    assert (way_of(file).status, way_of(file).stage) == ("sending", "placing")
    bank.whole()
    assert again_now(file).status == "delivered"
    assert bank.placed == [f"{file.message_id}.xml"]
    assert [step for step, _name in bank.steps].count("rename") == 1


def taken_at_once(name: str, path: Path) -> None:
    """The bank takes a file the moment it has its name, and the answer to us is lost."""
    path.unlink()
    raise Cut


def test_taken_by_the_bank_while_the_answer_was_lost_only_a_person_can_tell(
    by_sftp: BankChannel, bank: Server, stage: Stage, sender: User, prepared: Prepared
) -> None:
    bank.after = taken_at_once
    file = settlement.send(file_id=prepared().pk, actor=sender)
    bank.whole()
    way = again_now(file)
    assert (way.status, way.code) == ("unsure", "transmission.gone_or_taken")
    assert acts(file)[-1] == "unsure"
    for _more in range(2):
        assert again_now(file).status == "unsure"
    assert bank.placed == [f"{file.message_id}.xml"], "never twice"
    with pytest.raises(BusinessError, match="another person"):
        decisions.send_again(file_id=file.pk, actor=sender, reason="They say they have nothing")
    with pytest.raises(BusinessError, match="Say why"):
        decisions.arrived(file_id=file.pk, actor=sender, reason="  ")
    way = decisions.arrived(file_id=file.pk, actor=sender, reason="Mrs Weber of the bank sees it")
    assert (way.status, way.decision) == ("delivered", "Mrs Weber of the bank sees it")
    assert bank.placed == [f"{file.message_id}.xml"]


def test_another_person_sends_again_what_is_not_there(
    by_sftp: BankChannel, bank: Server, stage: Stage, sender: User, prepared: Prepared
) -> None:
    bank.after = taken_at_once
    file = settlement.send(file_id=prepared().pk, actor=sender)
    bank.whole()
    again_now(file)
    other = person("supervisor", entity=stage.entity)
    with pytest.raises(Denied):
        decisions.send_again(file_id=file.pk, actor=person("operator", entity=stage.entity), reason="No right")
    _way, seen = decisions.send_again(file_id=file.pk, actor=other, reason="The bank has nothing, by telephone")
    assert (seen.word, way_of(file).status) == ("absent", "delivered")
    assert bank.placed == [f"{file.message_id}.xml"] * 2
    assert acts(file)[-2:] == ["sent_again", "delivered"]


def test_the_look_decides_before_anything_is_sent_again(
    by_sftp: BankChannel, bank: Server, stage: Stage, sender: User, prepared: Prepared
) -> None:
    file = settlement.send(file_id=prepared().pk, actor=sender)
    other, there = person("supervisor", entity=stage.entity), bank.root / "out" / f"{file.message_id}.xml"
    assert decisions.look(file_id=file.pk, actor=other).word == "whole"
    with pytest.raises(Conflict, match="It is there, whole"):
        decisions.send_again(file_id=file.pk, actor=other, reason="Once more")
    there.write_bytes(b"x" * there.stat().st_size)
    assert decisions.look(file_id=file.pk, actor=other).word == "other"
    with pytest.raises(BusinessError, match="another file"):
        decisions.send_again(file_id=file.pk, actor=other, reason="Once more")
    bank.password = "changed"
    assert decisions.look(file_id=file.pk, actor=other).word == "unknown"
    with pytest.raises(BusinessError, match="cannot be looked"):
        decisions.send_again(file_id=file.pk, actor=other, reason="Once more")
    assert bank.placed == [f"{file.message_id}.xml"]


def test_a_name_that_is_taken_is_never_written_over(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    file = prepared()
    there = bank.root / "out" / f"{file.message_id}.xml"
    there.write_bytes(b"what somebody else put there")
    settlement.send(file_id=file.pk, actor=sender)
    assert (way_of(file).status, way_of(file).code) == ("unsure", "transmission.other_there")
    assert there.read_bytes() == b"what somebody else put there"


def test_a_letter_box_that_cannot_be_read_takes_files_by_their_size(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    bank.at = forbidden("open_read")
    file = settlement.send(file_id=prepared().pk, actor=sender)
    assert way_of(file).status == "delivered"
    assert TransmissionAttempt.objects.get().verified is None


def test_bytes_that_arrive_otherwise_do_not_get_their_name(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    def spoil(name: str, path: Path) -> None:
        if name == "open_read" and path.name.endswith(".part"):
            path.write_bytes(path.read_bytes().replace(b"10.00", b"99.00"))

    bank.at = spoil
    file = settlement.send(file_id=prepared().pk, actor=sender)
    assert (way_of(file).status, way_of(file).code) == ("waiting", "channel.written_otherwise")
    assert bank.placed == []
    bank.whole()
    assert again_now(file).status == "delivered"


def test_a_slow_server_does_not_keep_a_worker(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "STEP_SECONDS", 0.5)
    bank.at = slow("rename", 2)
    file = settlement.send(file_id=prepared().pk, actor=sender)
    assert (way_of(file).status, way_of(file).stage, way_of(file).code) == ("sending", "placing", "channel.too_slow")
    bank.whole()
    threading.Event().wait(2)
    assert again_now(file).status == "delivered", "the server did it after all"
    assert bank.placed == [f"{file.message_id}.xml"]


def test_two_workers_at_once_carry_it_once(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lost:
        lost.setattr("backoffice.common.tasks._send", lambda *_: None)
        file = settlement.send(file_id=prepared().pk, actor=sender)
    bank.at = slow("write", 0.3)
    key, barrier = way_of(file).pk, threading.Barrier(4)

    def one(_number: int) -> None:
        barrier.wait()
        try:
            sending.transmit(key)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    assert bank.placed == [f"{file.message_id}.xml"]
    assert (way_of(file).status, way_of(file).attempts) == ("delivered", 1)


def test_an_overtaken_worker_gives_no_name(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    """Its session with the database was lost, another took over: what it still does ends before the bank sees it."""

    def overtaken(name: str, _path: Path) -> None:
        if name == "write":
            sql.run("update transactions_transmission set attempts = attempts + 1")
            connections["default"].close()

    bank.at = overtaken
    file = settlement.send(file_id=prepared().pk, actor=sender)
    assert bank.placed == []
    bank.whole()
    assert again_now(file).status == "delivered"
    assert bank.placed == [f"{file.message_id}.xml"]


def test_an_answer_of_the_bank_acknowledges(
    by_sftp: BankChannel, bank: Server, stage: Stage, sender: User, prepared: Prepared
) -> None:
    bank.after = taken_at_once
    file = settlement.send(file_id=prepared().pk, actor=sender)
    bank.whole()
    assert again_now(file).status == "unsure"
    content = files.pain002(file.message_id, group="ACCP", message_id="ANSWER-1")
    messages.receive(content=content, file_name="a.xml", entity=stage.entity, actor=None)
    way = way_of(file)
    assert (way.status, way.acknowledged_by) == ("acknowledged", "ANSWER-1")
    with pytest.raises(Conflict):
        decisions.send_again(file_id=file.pk, actor=person("supervisor", entity=stage.entity), reason="Once more")


def test_a_late_acknowledgement_is_told_once(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared
) -> None:
    file = settlement.send(file_id=prepared().pk, actor=sender)
    Transmission.objects.update(ack_due_at=timezone.now() - timedelta(minutes=1))
    sending.due()
    sending.due()
    assert acts(file).count("unacknowledged") == 1
    assert receipts.tell_late() == 0


def test_a_channel_that_is_off_keeps_its_files_waiting(
    by_sftp: BankChannel, bank: Server, admin: User, sender: User, prepared: Prepared
) -> None:
    registry.switch(actor=admin, channel_id=by_sftp.pk, on=False)
    file = settlement.send(file_id=prepared().pk, actor=sender)
    again_now(file)
    assert (way_of(file).status, bank.files()) == ("waiting", [])
    registry.switch(actor=admin, channel_id=by_sftp.pk, on=True)
    assert again_now(file).status == "delivered"


@pytest.mark.parametrize(
    "change",
    [
        "status = 'waiting'",
        "status = 'sending'",
        "status = 'waiting', decided_by_id = null, decision = ''",
    ],
)
def test_the_database_refuses_to_send_what_was_delivered(
    by_sftp: BankChannel, bank: Server, sender: User, prepared: Prepared, change: str
) -> None:
    settlement.send(file_id=prepared().pk, actor=sender)
    with pytest.raises(IntegrityError, match="cannot become"), transaction.atomic():
        sql.run(f"update transactions_transmission set {change}")
    assert way_of(OutgoingFile.objects.get()).status == "delivered"


class TestAdapter:
    @pytest.fixture(autouse=True)
    def channel(self, stage: Stage, admin: User, gateway: Gateway) -> BankChannel:
        wanted = Wanted(name="EBICS", url=gateway.url, in_folder="x", accounts=[stage.customer.pk], ack_minutes=30)
        return scene.add(actor=admin, entity=stage.entity, kind="adapter", wanted=wanted, secret=KEY)

    def test_the_message_id_is_the_key(self, gateway: Gateway, sender: User, prepared: Prepared) -> None:
        file = settlement.send(file_id=prepared().pk, actor=sender)
        assert (way_of(file).status, TransmissionAttempt.objects.get().verified) == ("delivered", True)
        assert gateway.files[file.message_id]["body"] == content_of(file)
        assert gateway.files[file.message_id]["name"] == f"{file.message_id}.xml"

    def test_it_may_acknowledge_in_its_answer(self, gateway: Gateway, sender: User, prepared: Prepared) -> None:
        gateway.status = "acknowledged"
        file = settlement.send(file_id=prepared().pk, actor=sender)
        assert way_of(file).status == "acknowledged"

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_broken_off_it_is_looked_first(self, gateway: Gateway, sender: User, prepared: Prepared, when: str) -> None:
        def broken(*_call: str) -> None:
            if not _call or _call[0] == "POST":
                raise ConnectionResetError

        setattr(gateway, when, broken)
        file = settlement.send(file_id=prepared().pk, actor=sender)
        assert (way_of(file).status, way_of(file).stage) == ("sending", "placing")
        setattr(gateway, when, lambda *_call: None)
        way = again_now(file)
        assert (way.status, gateway.accepted) == ("delivered", 1)
        posts = [call for call in gateway.calls if call[0] == "POST"]
        assert len(posts) == (2 if when == "before" else 1), "what is there is not posted again"

    @pytest.mark.parametrize("case", [(422, "failed"), (503, "sending"), (429, "sending"), (403, "sending")])
    def test_what_it_refuses(self, gateway: Gateway, sender: User, prepared: Prepared, case: tuple[int, str]) -> None:
        status, after = case
        gateway.before = lambda method, _path: status if method == "POST" else None
        file = settlement.send(file_id=prepared().pk, actor=sender)
        assert way_of(file).status == after
        assert BankChannel.objects.get().needs_person is (status == 403)

    def test_another_body_under_the_key_is_no_delivery(
        self, gateway: Gateway, sender: User, prepared: Prepared
    ) -> None:
        file = prepared()
        gateway.files[file.message_id] = {"sha256": "0" * 64, "body": b"", "name": ""}
        settlement.send(file_id=file.pk, actor=sender)
        assert (way_of(file).status, way_of(file).code) == ("unsure", "transmission.other_there")
        assert gateway.accepted == 0


def test_a_channel_of_another_name_or_account_is_refused(
    stage: Stage, admin: User, by_sftp: BankChannel, bank: Server
) -> None:
    with pytest.raises(Conflict, match="already"):
        scene.add(actor=admin, entity=stage.entity, kind="sftp", wanted=to(bank, stage, accounts=[]), secret="x")
    with pytest.raises(Conflict, match="another channel"):
        scene.add(actor=admin, entity=stage.entity, kind="sftp", wanted=to(bank, stage, name="B"), secret="x")
    assert BankChannel.objects.count() == 1
