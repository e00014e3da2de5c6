"""No act is passed over while its transaction is open, and a killed worker loses nothing."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction

from backoffice.webhooks import follower, services
from backoffice.webhooks.models import Delivery, Event, Place
from documents import trail
from tests.flows.conftest import fresh_database  # noqa: F401 - a fixture
from tests.flows.installation import Installation, wait_for
from tests.people import Stage, bank_branch, payment, person
from tests.webhooks.receiver import Receiver

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
COUNT = 400


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


def record(stage: Stage, subject: int, count: int = 1) -> None:
    with transaction.atomic():
        for _number in range(count):
            trail.record(
                "payment.held", subject_type="payment", subject_id=subject, entity_id=stage.entity.pk, actor=None
            )


def test_what_is_not_committed_yet_is_waited_for(stage: Stage, receiver: Receiver) -> None:
    owner = person("administrator", entity=stage.entity)
    services.register(actor=owner, entity=stage.entity, name="ERP", url=receiver.url)
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            trail.record("payment.held", subject_type="payment", subject_id=1, entity_id=stage.entity.pk, actor=None)
            written.set()
            go_on.wait(60)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(60)
    record(stage, 2)
    for _number in range(3):
        assert follower.follow() == 0, "the second act is committed; the first, with the lower number, is not"
    go_on.set()
    thread.join()
    wait_for(lambda: follower.follow() + Event.objects.count() >= 2)
    assert list(Event.objects.order_by("pk").values_list("subject_id", flat=True)) == [1, 2]
    assert [got.event["subject"] for got in receiver.got] == [1, 2]


def test_the_floor_follows_and_nothing_is_told_twice(
    stage: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = person("administrator", entity=stage.entity)
    services.register(actor=owner, entity=stage.entity, name="ERP", url=receiver.url)
    monkeypatch.setattr(follower, "LAG", follower.timedelta(0))
    before = Place.objects.get().floor
    for number in range(1, 13):
        record(stage, number)
        follower.follow()
    wait_for(lambda: follower.follow() + Event.objects.count() >= 12)
    assert list(Event.objects.order_by("pk").values_list("subject_id", flat=True)) == list(range(1, 13))
    assert Place.objects.get().floor > before


def test_a_restored_cluster_is_followed_on(stage: Stage, receiver: Receiver) -> None:
    """Its transactions are counted anew, below the watermark that came with the backup."""
    owner = person("administrator", entity=stage.entity)
    services.register(actor=owner, entity=stage.entity, name="ERP", url=receiver.url)
    follower.follow()
    Place.objects.update(watermark=2**40)
    assert follower.follow() == 0
    record(stage, 5)
    wait_for(lambda: follower.follow() + Event.objects.count() >= 1)
    assert [got.event["subject"] for got in receiver.got] == [5]


@pytest.fixture
def installation(tmp_path: Path, fresh_database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:  # noqa: F811
    monkeypatch.setenv("BACKOFFICE_WEBHOOKS_LOOPBACK", "1")
    made = Installation(tmp_path)
    yield made
    made.stop()


def test_a_killed_worker_loses_nothing(installation: Installation, stage: Stage, receiver: Receiver) -> None:
    owner = person("administrator", entity=stage.entity)
    made = payment(stage)
    services.register(actor=owner, entity=stage.entity, name="ERP", url=receiver.url)
    receiver.answer = lambda _got: (time.sleep(0.005), 200)[1]
    record(stage, made.pk, COUNT)
    connection.close()
    for _kill in range(3):
        installation.start_worker()
        for task in ("webhooks.follow", "webhooks.sweep"):
            installation.celery.send_task(task)
        expected = min(COUNT, len(receiver.got) + 60)
        wait_for(lambda: len(receiver.got) >= expected or _nudge(installation), seconds=90)  # noqa: B023
        installation.kill_workers()
    installation.start_worker()
    installation.celery.send_task("webhooks.follow")
    wait_for(lambda: _all_done() or _nudge(installation), seconds=90)
    ids = [got.event["id"] for got in receiver.got]
    assert len(set(ids)) == COUNT
    assert list(dict.fromkeys(ids)) == sorted(set(ids)), "each for the first time in order"
    assert COUNT <= len(ids) <= COUNT + 3, "at most the one that was on its way is sent again after each kill"


def _all_done() -> bool:
    done = Delivery.objects.filter(status="done").count() == COUNT
    connection.close()
    return done


def _nudge(installation: Installation) -> bool:
    """The clock's part: follow and sweep now and then."""
    time.sleep(0.5)
    for task in ("webhooks.follow", "webhooks.sweep"):
        installation.celery.send_task(task)
    return False
