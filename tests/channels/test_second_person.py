"""A channel is nobody's own: two people sign where it points, and what it brings is not passed by who made it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from backoffice.common import calendars
from backoffice.people import roles
from backoffice.people.models import User
from controls import approvals, changes
from controls.models import ApprovalPolicy, ChangeRequest
from tests import files, people
from tests.api.client import Program
from tests.channels.scene import to
from tests.channels.sftp_server import PASSWORD, Server
from tests.channels.test_fetching import inbox, poll
from tests.channels.test_screens import form
from tests.controls import scene as scenes
from tests.files import iban
from tests.transactions.test_worked_examples import balance
from tests.web.desk import signed_in
from transactions import settlement, workflow
from transactions.channels import registry
from transactions.models import BankChannel, BankMessage, ChannelRoute, Payment, PaymentState

pytestmark = pytest.mark.django_db(transaction=True)


def administrator(stage: people.Stage) -> User:
    return people.person(roles.ADMINISTRATOR, entity=stage.entity, limit=None)


def status(payment: Payment) -> str:
    return PaymentState.objects.get(pk=payment.pk).status


def test_what_a_server_of_ones_own_answers_moves_nothing(stage: people.Stage, bank: Server) -> None:
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    payment = people.payment(stage, amount="900.00")
    assert approvals.validate(ids=[payment.pk], actor=people.person())[0].done
    assert workflow.approve(ids=[payment.pk], actor=people.person())[0].done
    boss = people.person(roles.SUPERVISOR)
    [file] = settlement.prepare(account=stage.customer, actor=boss)
    settlement.send(file_id=file.pk, actor=boss)
    alone, before = administrator(stage), balance(stage.customer)
    client = signed_in(alone)
    client.post("/channels/new/", form(bank, stage, accounts=[], out_folder=""))
    channel = BankChannel.objects.get()
    assert (channel.waits, channel.is_active) == (True, False)
    (inbox(bank) / "r.xml").write_bytes(files.pain002(file.message_id, payments=[
        {"instruction": f"P{payment.pk}", "reference": payment.end_to_end_id, "status": "RJCT", "reason": "AC04"},
    ]))  # fmt: skip
    client.post(f"/channels/{channel.pk}/switch/", {"on": "1"})
    asked = ChangeRequest.objects.get()
    assert client.post(f"/changes/{asked.pk}/decide/", {"decision": "approve"}).status_code == 409
    assert poll(channel) == 0
    assert (status(payment), balance(stage.customer), BankMessage.objects.count()) == ("sent", before, 0)

    second = Program(administrator(stage))
    [told] = second.get("/changes", subject="channel").json()["items"]
    assert (told["change"]["host"], told["change"]["host_keys"]) == ("127.0.0.1", bank.pinned)
    assert "secret" not in told["change"]
    assert second.post(f"/changes/{told['id']}/approve", {}).json()["status"] == "approved"
    assert poll(BankChannel.objects.get()) == 1
    assert status(payment) == "returned"


@pytest.mark.parametrize(
    "case",
    [
        ("in_folder", "/other", True),
        ("host_keys", "", True),
        ("accounts", [], True),
        ("source", "", True),
        ("password", "another password", True),
        ("name", "Renamed", False),
        ("ack_minutes", "30", False),
    ],
)
def test_what_makes_it_point_elsewhere_waits(
    stage: people.Stage, bank: Server, by_sftp: BankChannel, case: tuple[str, Any, bool]
) -> None:
    field, value, waits = case
    one = administrator(stage)
    sent = {**form(bank, stage, password=""), field: value}
    assert signed_in(one).post(f"/channels/{by_sftp.pk}/", sent).status_code == 302
    channel = BankChannel.objects.get()
    assert (channel.waits, channel.is_active) == (waits, not waits)
    assert ChangeRequest.objects.filter(subject_type="channel", status="waiting").exists() == waits
    if waits:
        asked = ChangeRequest.objects.get()
        signed_in(administrator(stage)).post(f"/changes/{asked.pk}/decide/", {"decision": "approve"})
        channel.refresh_from_db()
        assert (channel.waits, channel.is_active) == (False, True)


def test_who_signs_signs_what_is_there(stage: people.Stage, bank: Server) -> None:
    one, second = Program(administrator(stage)), Program(administrator(stage))
    body = {
        "entity": stage.entity.pk, "kind": "sftp", "name": "Bank", "host": "127.0.0.1", "port": bank.port, "user": "u",
        "in_folder": "/in", "secret": PASSWORD,
    }  # fmt: skip
    made = one.post("/channels", body).json()
    assert (made["waits"], made["is_active"]) == (True, False)
    first = ChangeRequest.objects.get()
    assert one.post(f"/channels/{made['id']}/change", {"in_folder": "/elsewhere"}).json()["waits"] is True
    assert second.post(f"/changes/{first.pk}/approve", {}).json()["code"] == "change.decided"
    assert one.post(f"/channels/{made['id']}/switch-on", {}).json()["code"] == "channel.waits"
    asked = ChangeRequest.objects.get(status="waiting")
    registry.change(
        actor=one.user, channel_id=made["id"], wanted=to(bank, stage, name="Bank", user="u", in_folder="/third")
    )
    assert second.post(f"/changes/{asked.pk}/approve", {}).json()["code"] == "channel.changed_since"
    assert BankChannel.objects.get().waits


def test_the_database_lets_no_channel_point_anywhere_unsigned(
    stage: people.Stage, by_sftp: BankChannel, bank: Server
) -> None:
    rows = BankChannel.objects.filter(pk=by_sftp.pk)
    for change in ({"host": "evil.example"}, {"in_folder": "/x"}, {"secret": b"x"}, {"source_id": None}):
        with pytest.raises(DatabaseError, match="asked for by one person and signed by another"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError, match="asked for by one person and signed by another"), transaction.atomic():
        BankChannel.objects.create(
            entity=stage.entity, name="New", kind="folder", salt=b"s" * 32, created_by=by_sftp.created_by
        )
    with pytest.raises(DatabaseError, match="What goes by a channel"), transaction.atomic():
        ChannelRoute.objects.create(entity=stage.entity, channel=by_sftp, account=None, kind="pain001")
    rows.update(host="evil.example", waits=True, is_active=False)
    with pytest.raises(DatabaseError, match="channel_waits_switched_off"), transaction.atomic():
        rows.update(is_active=True)
    with pytest.raises(DatabaseError, match="asked for by one person and signed by another"), transaction.atomic():
        rows.update(waits=False)


@pytest.mark.parametrize("hand", ["asked", "signed", "neither"])
def test_what_the_authors_of_a_policy_could_bring_does_not_pass_under_it(bank: Server, hand: str) -> None:
    scene = scenes.scene()
    stage = scene.stage
    author, approver, others = administrator(stage), administrator(stage), [administrator(stage) for _ in range(2)]
    now = timezone.now()
    asked = changes.ask_straight(
        actor=author, entity=stage.entity, policy_id=None, reason="Small ones",
        values={
            "name": "Small", "kind": "sepa", "currency": "EUR", "max_amount": "500", "day_amount": "5000",
            "known_payees": True, "valid_from": now - timedelta(hours=1), "valid_to": now + timedelta(days=30),
        },
    )  # fmt: skip
    changes.sign(actor=approver, request_id=asked.pk)
    adds, signs = {"asked": (author, others[0]), "signed": (others[0], approver), "neither": others}[hand]
    wanted = form(bank, stage, accounts=[], out_folder="")
    assert signed_in(adds).post("/channels/new/", wanted).status_code == 302
    waiting = ChangeRequest.objects.get(subject_type="channel")
    assert signed_in(signs).post(f"/changes/{waiting.pk}/decide/", {"decision": "approve"}).status_code == 302
    day = calendars.next_open_day(timezone.localdate() + timedelta(days=1))
    raw = files.pain001(1, amounts=["151.00"], message_id="M-1", execution_date=day).decode()
    raw = raw.replace(iban(1), people.PAYEE_IBAN).replace("Supplier 1", scenes.NAME)
    (inbox(bank) / "p.xml").write_bytes(raw.encode())
    assert poll(BankChannel.objects.get()) == 1
    payment = Payment.objects.get(amount="151.00")
    state = PaymentState.objects.get(pk=payment.pk)
    assert (state.outcome, state.straight_policy is not None) == ("pass", hand == "neither")
