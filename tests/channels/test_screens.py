"""Channels and files on their way, on screen and by the API; what opens a channel is shown to nobody."""

import ipaddress
from collections.abc import Callable
from typing import Any

import paramiko
import pytest

from backoffice.common import sql
from backoffice.people.models import User
from backoffice.webhooks import follower
from backoffice.webhooks import services as webhooks
from backoffice.webhooks.models import Event
from controls.models import ChangeRequest
from documents.models import AuditRecord
from tests.api.client import Program
from tests.channels import scene
from tests.channels.scene import again_now, to, way_of
from tests.channels.sftp_server import PASSWORD, USER, Server
from tests.channels.test_sending import taken_at_once
from tests.people import Stage, bank_branch, person
from tests.web.desk import signed_in
from transactions import settlement
from transactions.channels import fetching, registry
from transactions.models import BankChannel, ChannelRoute, FetchedFile, OutgoingFile

pytestmark = pytest.mark.django_db(transaction=True)
Prepared = Callable[[], OutgoingFile]


def form(bank: Server, stage: Stage, **others: Any) -> dict[str, Any]:
    return {
        "entity": stage.entity.code, "kind": "sftp", "name": "Bank", "host": "127.0.0.1", "port": bank.port,
        "user": USER, "host_keys": bank.pinned, "password": PASSWORD, "out_folder": "/out", "in_folder": "/in",
        "after_fetch": "archive", "file_name": "{message_id}.xml", "kinds": ["pain001", "pain008"],
        "accounts": [stage.customer.pk], "source": stage.source.pk, "ack_minutes": 60, **others,
    }  # fmt: skip


def test_a_channel_is_added_tested_changed_and_switched(stage: Stage, admin: User, bank: Server) -> None:
    client = signed_in(admin)
    answer = client.post("/channels/new/", form(bank, stage, host_keys=""))
    channel = BankChannel.objects.get()
    assert answer.headers["Location"] == f"/channels/{channel.pk}/"
    assert sorted(ChannelRoute.objects.values_list("account_id", "kind")) == [
        (stage.customer.pk, "pain001"), (stage.customer.pk, "pain008"),
    ]  # fmt: skip
    page = client.post(f"/channels/{channel.pk}/test/", follow=True).content.decode()
    assert bank.pinned in page, "the key is shown, to be compared"
    assert bank.tried == [], "and nothing was said to the server"
    assert client.post(f"/channels/{channel.pk}/", form(bank, stage, password="")).status_code == 302
    assert "It works" in client.post(f"/channels/{channel.pk}/test/", follow=True).content.decode()
    assert [step for step, _name in bank.steps if step not in {"stat"}] == [], "nothing is written"
    early = client.post(f"/channels/{channel.pk}/switch/", {"on": "1"}, follow=True).content.decode()
    assert "Nothing goes by this channel until a second person has signed where it points." in early
    second = signed_in(person("administrator", entity=stage.entity))
    [over, asked] = ChangeRequest.objects.order_by("pk")
    assert (over.status, over.answer) == ("refused", "change.replaced")
    assert "waits for a second person" in second.get(f"/channels/{channel.pk}/").content.decode()
    assert client.post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 409
    assert second.post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 302
    assert BankChannel.objects.get().is_active
    client.post(f"/channels/{channel.pk}/switch/", {"on": "0"})
    assert not BankChannel.objects.get().is_active
    assert [row.action for row in AuditRecord.objects.filter(subject_type="channel").exclude(
        action__startswith="change.").order_by("pk")] == [
        "channel.added", "channel.failing", "channel.tested", "channel.changed", "channel.recovered", "channel.tested",
        "channel.signed", "channel.switched_off",
    ]  # fmt: skip
    assert channel.history.count() == 4


def test_the_secret_is_nowhere_in_clear(stage: Stage, admin: User, by_sftp: BankChannel) -> None:
    client, program = signed_in(admin), Program(admin)
    seen = client.get(f"/channels/{by_sftp.pk}/").content.decode()
    assert PASSWORD not in seen
    assert bytes(by_sftp.secret or b"").decode() not in seen
    shown = program.get(f"/channels/{by_sftp.pk}")
    assert shown.json()["secret_set"] is True
    assert PASSWORD not in shown.content.decode()
    for table in ("transactions_bankchannel", "transactions_historicalbankchannel", "documents_auditrecord"):
        assert PASSWORD not in str(sql.rows(f"select row::text from {table} row"))
        assert PASSWORD.encode().hex() not in str(sql.rows(f"select row::text from {table} row"))
    assert b"Fernet" not in bytes(by_sftp.secret or b"")


def test_another_server_needs_the_password_again(stage: Stage, admin: User, by_sftp: BankChannel, bank: Server) -> None:
    """Else whoever may change a channel could have its password sent to a server of their own."""
    other = Server(bank.root.parent / "elsewhere")
    client = signed_in(admin)
    moved = form(bank, stage, port=other.port, host_keys=other.pinned, password="")
    answer = client.post(f"/channels/{by_sftp.pk}/", moved)
    assert answer.status_code == 422
    assert "once more" in answer.content.decode()
    by_sftp.refresh_from_db()
    assert by_sftp.port == bank.port
    refused = Program(admin).post(f"/channels/{by_sftp.pk}/change", {"port": other.port})
    assert (refused.status_code, refused.json()["code"]) == (422, "channel.secret_again")
    client.post(f"/channels/{by_sftp.pk}/test/")
    assert other.tried == []
    other.stop()


@pytest.mark.parametrize(
    "wrong",
    [
        ("host", "10.0.0.1", "inside the house"),
        ("host", "169.254.169.254", "inside the house"),
        ("host", "no such host!", "is not the name of a server"),
        ("host_keys", "ssh-ed25519 AAAAnonsense", "no key of a server"),
        ("host_keys", "SHA256:short", "no key of a server"),
        ("file_name", "always.xml", "must contain"),
        ("file_name", "{message_id}/../x", "is no file name"),
        ("file_name", "{message_id}.part", "is no file name"),
        ("file_name", "{secret}{message_id}", "is not one of them"),
        ("out_folder", "/out/../../etc", "is not a folder"),
        ("in_folder", "/out", "two folders"),
        ("private_key", "-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense", "cannot be read"),
        ("ack_minutes", "0", "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    stage: Stage, admin: User, bank: Server, wrong: tuple[str, str, str]
) -> None:
    field, value, said = wrong
    answer = signed_in(admin).post("/channels/new/", form(bank, stage, **{field: value}))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not BankChannel.objects.exists()


def test_only_listed_networks_are_called(stage: Stage, admin: User, bank: Server, settings: Any) -> None:
    channel = scene.add(actor=admin, entity=stage.entity, kind="sftp", wanted=to(bank, stage), secret=PASSWORD)
    settings.CHANNEL_NETWORKS = [ipaddress.ip_network("10.0.0.0/8")]
    page = signed_in(admin).post(f"/channels/{channel.pk}/test/", follow=True).content.decode()
    assert "inside the house" in page
    assert bank.tried == []


def test_a_private_key_opens_the_channel(stage: Stage, admin: User, bank: Server, tmp_path: Any) -> None:
    key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(tmp_path / "key"))
    bank.user_key = key
    text = (tmp_path / "key").read_text().replace("\n", "\r\n")
    signed_in(admin).post("/channels/new/", form(bank, stage, password="", private_key=text))
    assert registry.test(actor=admin, channel_id=BankChannel.objects.get().pk) == "127.0.0.1"


def test_an_account_of_another_entity_goes_by_no_channel_of_ours(stage: Stage, admin: User, bank: Server) -> None:
    other = bank_branch("OTHER", iban="FR7630006000011234567890189")
    answer = Program(admin).post(
        "/channels",
        {"kind": "folder", "name": "Share", "out_folder": "out", "accounts": [other.customer.pk]},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "channel.account_unknown")
    channel = scene.add(
        actor=admin, entity=stage.entity, kind="folder", wanted=registry.Wanted(name="S", out_folder="out")
    )
    with pytest.raises(Exception, match="another entity"):
        ChannelRoute.objects.create(entity=stage.entity, channel=channel, account=other.customer, kind="pain001")


def test_a_file_that_may_have_arrived_on_its_page(
    by_sftp: BankChannel, bank: Server, stage: Stage, sender: User, prepared: Prepared
) -> None:
    bank.after = taken_at_once
    file = prepared()
    client = signed_in(sender)
    client.post(f"/outgoing/{file.pk}/send/")
    bank.whole()
    again_now(file)
    page = client.get(f"/outgoing/{file.pk}/").content.decode()
    assert "Not certain" in page
    assert "another person decides" in page
    assert "Look and send again" not in page
    listed = client.get("/outgoing/?way=trouble")
    assert [row.pk for row in listed.context["page"].items] == [file.pk]
    assert client.get("/outgoing/").context["trouble"].unsure == 1
    assert client.get("/dashboard/").context["trouble"].total == 1
    said = client.post(f"/outgoing/{file.pk}/look/", follow=True).content.decode()
    assert "Not there: nothing lies under its name." in said
    other = signed_in(person("supervisor", entity=stage.entity))
    assert "Say why" in other.post(f"/outgoing/{file.pk}/send-again/", {"reason": ""}, follow=True).content.decode()
    said = other.post(f"/outgoing/{file.pk}/send-again/", {"reason": "They have nothing"}, follow=True)
    assert "It is sent again." in said.content.decode()
    assert way_of(file).status == "delivered"
    assert bank.placed == [f"{file.message_id}.xml"] * 2


def test_the_way_of_a_file_by_the_api(
    by_sftp: BankChannel, bank: Server, stage: Stage, sender: User, prepared: Prepared
) -> None:
    program, file = Program(sender), prepared()
    assert program.get(f"/outgoing-files/{file.pk}/transmission").status_code == 404
    program.post(f"/outgoing-files/{file.pk}/send")
    shown = program.get(f"/outgoing-files/{file.pk}/transmission").json()
    assert (shown["status"], shown["remote_name"], shown["log"][0]["stage"]) == (
        "delivered", f"{file.message_id}.xml", "done",
    )  # fmt: skip
    assert program.post(f"/outgoing-files/{file.pk}/look").json() == {"word": "whole", "code": "", "detail": ""}
    refused = program.post(f"/outgoing-files/{file.pk}/send-again", {"reason": "Once more"})
    assert (refused.status_code, refused.json()["code"]) == (422, "transmission.another_person")
    refused = program.post(f"/outgoing-files/{file.pk}/arrived", {"reason": "Seen"})
    assert (refused.status_code, refused.json()["code"]) == (409, "transmission.not_open")
    settlement.confirm(file_id=file.pk, actor=sender, value_date=file.execution_date)
    assert program.get(f"/outgoing-files/{file.pk}/transmission").json()["acknowledged_by"] == "settlement"


def test_a_fetched_file_is_laid_aside_with_a_reason(by_sftp: BankChannel, bank: Server, sender: User) -> None:
    (bank.root / "in" / "letter.pdf").write_bytes(b"%PDF-1.7")
    fetching.fetch(by_sftp.pk)
    sql.run("update transactions_fetchedfile set seen_at = seen_at - interval '1 minute'")
    fetching.fetch(by_sftp.pk)
    client, row = signed_in(sender), FetchedFile.objects.get()
    page = client.get("/fetched/").content.decode()
    assert "letter.pdf" in page
    assert "neither a message of the bank nor a payment file" in page
    taken = client.get(f"/fetched/{row.pk}/file/")
    assert b"".join(taken.streaming_content) == b"%PDF-1.7"
    assert taken.headers["Content-Type"] == "application/octet-stream"
    client.post(f"/fetched/{row.pk}/dismiss/", {"reason": ""})
    assert FetchedFile.objects.get().status == "waiting"
    client.post(f"/fetched/{row.pk}/dismiss/", {"reason": "Advertising"})
    row.refresh_from_db()
    assert (row.status, row.decided_by, row.decision) == ("dismissed", sender, "Advertising")
    again = Program(sender).post(f"/fetched-files/{row.pk}/dismiss", {"reason": "Once more"})
    assert again.status_code == 409


def test_programs_are_told_of_ways_messages_and_mandates(
    by_sftp: BankChannel, bank: Server, admin: User, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr("backoffice.webhooks.follower.SAFE", "pg_snapshot_xmax(pg_current_snapshot())")
    settings.WEBHOOKS_LOOPBACK = True
    webhooks.register(actor=admin, entity=by_sftp.entity, name="ERP", url="http://127.0.0.1:9/x")
    bank.password = "another"
    with pytest.raises(Exception, match="refused to let"):
        registry.test(actor=admin, channel_id=by_sftp.pk)
    bank.password = PASSWORD
    registry.test(actor=admin, channel_id=by_sftp.pk)
    follower.follow()
    assert list(Event.objects.order_by("pk").values_list("type", "subject_type")) == [
        ("channel.failing", "channel"), ("channel.recovered", "channel"),
    ]  # fmt: skip
