"""Webhooks from the act to the receiver: signed, in order, tried again, given up, replayed, paused; never inside."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.people.models import User
from backoffice.webhooks import delivery, follower, services
from backoffice.webhooks.models import Attempt, Delivery, Endpoint, Event
from documents import trail
from tests import database
from tests.api.client import Program
from tests.people import Stage, bank_branch, payment, person
from tests.webhooks.receiver import Receiver
from transactions import workflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_once")]


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


@pytest.fixture
def owner(stage: Stage) -> User:
    return person("administrator", entity=stage.entity)


def register(owner: User, stage: Stage, url: str, *events: str) -> tuple[Endpoint, str]:
    return services.register(actor=owner, entity=stage.entity, name="ERP", url=url, events=events)


def comment_on(made: Any, stage: Stage, action: str = "payment.held", count: int = 1) -> None:
    with transaction.atomic():
        for _number in range(count):
            trail.record(action, subject_type="payment", subject_id=made.pk, entity_id=stage.entity.pk, actor=None)


def later(endpoint: Endpoint, **span: float) -> None:
    """As if everything of the endpoint had happened so much earlier."""
    ago = timedelta(**span)
    database.as_owner("update webhooks_attempt set signed_at = signed_at - %s", [ago])
    database.as_owner("update webhooks_delivery set next_at = now() - interval '1 second' where status = 'pending'")
    database.as_owner(
        "update webhooks_endpoint set failing_since = failing_since - %s where id = %s", [ago, endpoint.pk]
    )


def test_an_act_arrives_signed(stage: Stage, owner: User, receiver: Receiver) -> None:
    endpoint, secret = register(owner, stage, receiver.url)
    made = payment(stage, end_to_end_id="INV-7")
    operator = person("operator", entity=stage.entity)
    workflow.hold(ids=[made.pk], actor=operator, reason="Ask first")
    assert follower.follow() == 1
    (got,) = receiver.got
    record = sql.rows("select id from documents_auditrecord where action = 'payment.held'")[0][0]
    event = Event.objects.get(record_id=record)
    assert got.event == {
        "id": event.pk, "type": "payment.held", "entity": stage.entity.pk,
        "occurred_at": event.occurred_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "subject_type": "payment", "subject": made.pk, "actor": operator.pk,
        "payment": {"batch": made.batch_id, "position": made.position, "end_to_end_id": "INV-7"},
    }  # fmt: skip
    assert got.path == "/events?of=bank"
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["Backoffice-Event"] == "payment.held"
    assert got.headers["Backoffice-Delivery"] == str(Delivery.objects.get().pk)
    assert got.signed_by(secret)
    assert not got.signed_by(secret + "x")
    assert secret not in str(sql.rows("select row::text from webhooks_endpoint row"))
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.code, attempt.address) == (204, "", "127.0.0.1")
    endpoint.refresh_from_db()
    assert endpoint.last_success_at is not None
    assert follower.follow() == 0, "an act is told once"


def test_what_happened_before_is_not_told(stage: Stage, owner: User, receiver: Receiver) -> None:
    made = payment(stage)
    comment_on(made, stage)
    register(owner, stage, receiver.url)
    comment_on(made, stage, "payment.lifted")
    assert follower.follow() == 1
    assert [got.event["type"] for got in receiver.got] == ["payment.lifted"]


def test_each_hears_what_it_asked_for_of_its_own_entity(stage: Stage, owner: User, receiver: Receiver) -> None:
    other = bank_branch("OTHER", iban="FR7630006000011234567890189")
    register(owner, stage, receiver.url, "payment.lifted")
    made, away = payment(stage), payment(other)
    comment_on(made, stage, "payment.held")
    comment_on(made, stage, "payment.lifted")
    comment_on(away, other, "payment.lifted")
    comment_on(made, stage, "payment.looked_at")
    assert follower.follow() == 1
    assert [(got.event["type"], got.event["subject"]) for got in receiver.got] == [("payment.lifted", made.pk)]


def test_in_order_and_a_failure_holds_back_the_rest(stage: Stage, owner: User, receiver: Receiver) -> None:
    endpoint, _secret = register(owner, stage, receiver.url)
    made = payment(stage)
    receiver.answer = lambda _got: 503
    comment_on(made, stage, count=30)
    assert follower.follow() == 30
    assert len(receiver.got) == 1, "the first failed, the others wait"
    head = Delivery.objects.earliest("pk")
    assert (head.attempts, head.status) == (1, "pending")
    assert timedelta(seconds=8) < head.next_at - timezone.now() < timedelta(seconds=12)
    delivery.deliver(endpoint.pk)
    assert len(receiver.got) == 1, "not before its time"
    receiver.answer = lambda _got: 200
    later(endpoint, seconds=20)
    assert delivery.deliver(endpoint.pk) == 30
    ids = [got.event["id"] for got in receiver.got]
    assert ids == [ids[0], *sorted(set(ids))]
    assert len(set(ids)) == 30


def test_the_wait_grows(stage: Stage, owner: User, receiver: Receiver) -> None:
    endpoint, _secret = register(owner, stage, receiver.url)
    receiver.answer = lambda _got: 500
    comment_on(payment(stage), stage)
    follower.follow()
    waits = []
    for _number in range(9):
        waits.append((Delivery.objects.get().next_at - timezone.now()).total_seconds())
        later(endpoint, seconds=1)
        delivery.deliver(endpoint.pk)
    for seen, meant in zip(waits, [*delivery.DELAYS, delivery.DELAYS[-1]], strict=True):
        assert meant * 0.89 - 1 <= seen <= meant * 1.11


def test_after_a_day_it_is_given_up_paused_and_the_owner_told(stage: Stage, owner: User, receiver: Receiver) -> None:
    endpoint, _secret = register(owner, stage, receiver.url)
    receiver.answer = lambda _got: 500
    comment_on(payment(stage), stage, count=2)
    follower.follow()
    later(endpoint, hours=23)
    delivery.deliver(endpoint.pk)
    assert [row.status for row in Delivery.objects.order_by("pk")] == ["pending", "pending"]
    later(endpoint, hours=1.01)
    delivery.deliver(endpoint.pk)
    assert [row.status for row in Delivery.objects.order_by("pk")] == ["given_up", "pending"]
    endpoint.refresh_from_db()
    assert endpoint.status == "paused"
    (told,) = mail.outbox
    assert told.to == [owner.email]
    assert "ERP" in told.subject
    assert receiver.url in told.body
    assert sql.rows("select count(*) from documents_auditrecord where action = 'webhook.paused'")[0][0] == 1
    sent = len(receiver.got)
    assert delivery.sweep() == 0, "a paused one is left alone"
    receiver.answer = lambda _got: 200
    services.resume(actor=owner, endpoint_id=endpoint.pk)
    assert len(receiver.got) == sent + 1, "what waited is sent"


def test_a_refusal_for_good_lets_the_next_pass_after_an_hour(stage: Stage, owner: User, receiver: Receiver) -> None:
    endpoint, _secret = register(owner, stage, receiver.url)
    made = payment(stage)
    comment_on(made, stage)
    comment_on(made, stage, "payment.lifted")
    receiver.answer = lambda got: 422 if got.event["type"] == "payment.held" else 200
    follower.follow()
    later(endpoint, hours=1.01)
    assert delivery.deliver(endpoint.pk) == 1
    assert [row.status for row in Delivery.objects.order_by("pk")] == ["given_up", "done"]
    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.failing_since) == ("active", None)


def test_two_secrets_sign_while_one_is_rotated(stage: Stage, owner: User, receiver: Receiver) -> None:
    endpoint, old = register(owner, stage, receiver.url)
    _endpoint, new = services.rotate(actor=owner, endpoint_id=endpoint.pk)
    comment_on(payment(stage), stage)
    follower.follow()
    assert (receiver.got[0].signed_by(old), receiver.got[0].signed_by(new)) == (True, True)
    Endpoint.objects.update(old_until=timezone.now())
    comment_on(payment(stage), stage)
    follower.follow()
    assert (receiver.got[1].signed_by(old), receiver.got[1].signed_by(new)) == (False, True)


def test_replay_of_one_and_of_a_span(stage: Stage, owner: User, receiver: Receiver) -> None:
    endpoint, secret = register(owner, stage, receiver.url)
    program, path = Program(owner), f"/webhooks/{endpoint.pk}"
    comment_on(payment(stage), stage, count=5)
    follower.follow()
    first = [got.event["id"] for got in receiver.got]
    log = program.get(f"{path}/deliveries", status="done").json()["items"]
    assert [item["event"] for item in log] == first[::-1]
    answer = program.post(f"{path}/replay", {"deliveries": [log[1]["id"]]})
    assert (answer.status_code, answer.json()) == (200, {"count": 1})
    assert receiver.got[5].event["id"] == first[3]
    assert receiver.got[5].body == receiver.got[3].body
    assert receiver.got[5].signed_by(secret)
    span = {"since": (timezone.now() - timedelta(minutes=1)).isoformat(), "until": timezone.now().isoformat()}
    assert program.post(f"{path}/replay", span).json() == {"count": 5}
    assert [got.event["id"] for got in receiver.got[6:]] == first
    empty = program.post(f"{path}/replay", {**span, "failed_only": True})
    assert (empty.status_code, empty.json()["code"]) == (422, "webhook.nothing_to_replay")
    newest = program.get(f"{path}/deliveries").json()["items"][0]
    told = program.get(f"{path}/deliveries/{newest['id']}").json()
    assert told["replay_of"] == log[0]["id"]
    assert told["body"].encode() == receiver.got[-1].body
    assert [(call["status"], call["code"]) for call in told["log"]] == [(204, "")]


def test_a_redirect_is_an_answer_not_a_way(stage: Stage, owner: User, receiver: Receiver) -> None:
    register(owner, stage, receiver.url)
    receiver.answer, receiver.location = (lambda _got: 302), receiver.url
    comment_on(payment(stage), stage)
    follower.follow()
    assert len(receiver.got) == 1
    assert Attempt.objects.get().status == 302
    assert Delivery.objects.get().status == "pending"


def test_nobody_answers(stage: Stage, owner: User, receiver: Receiver) -> None:
    register(owner, stage, receiver.url)
    receiver.stop()
    comment_on(payment(stage), stage)
    follower.follow()
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.code) == (None, "webhook.no_answer")
    assert attempt.params == {"cause": "Connection refused"}


def test_the_sweeper_finds_what_was_lost(
    stage: Stage, owner: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(owner, stage, receiver.url)
    comment_on(payment(stage), stage, count=3)
    with monkeypatch.context() as lost:
        lost.setattr("backoffice.common.tasks._send", lambda *_: None)
        assert follower.follow() == 3
    assert receiver.got == []
    assert delivery.sweep() == 1
    assert len(receiver.got) == 3
    assert delivery.sweep() == 0


def test_what_is_old_and_finished_is_forgotten(stage: Stage, owner: User, receiver: Receiver) -> None:
    endpoint, _secret = register(owner, stage, receiver.url)
    comment_on(payment(stage), stage, count=2)
    follower.follow()
    services.replay(actor=owner, endpoint_id=endpoint.pk, ids=[Delivery.objects.earliest("pk").pk])
    database.as_owner(
        "update webhooks_delivery set finished_at = now() - interval '31 days' where replay_of_id is null"
    )
    assert delivery.forget_old() == 2
    assert (Delivery.objects.count(), Event.objects.count(), Attempt.objects.count()) == (1, 1, 1)


def test_a_retired_one_hears_no_more(stage: Stage, owner: User, receiver: Receiver) -> None:
    endpoint, _secret = register(owner, stage, receiver.url)
    services.retire(actor=owner, endpoint_id=endpoint.pk)
    comment_on(payment(stage), stage)
    assert follower.follow() == 0
    answer = Program(owner).post(f"/webhooks/{endpoint.pk}/resume")
    assert (answer.status_code, answer.json()["code"]) == (422, "webhook.retired")
