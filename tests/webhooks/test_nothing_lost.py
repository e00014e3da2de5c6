"""No act is passed over while its transaction is open, and a killed worker loses nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from backoffice.webhooks import follower, services
from backoffice.webhooks.models import Delivery, Event, Place
from documents import trail
from tests.flows.installation import Cluster, Installation, installed, wait_for
from tests.people import Stage, bank_branch, payment, person
from tests.webhooks.receiver import Got, Receiver

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
COUNT = 40


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
def installation(
    cluster: Cluster,
    tmp_path: Path,
    fresh_database: None,
    settings: Any,
) -> Iterator[Installation]:
    yield from installed(cluster, tmp_path, settings.STATE_DIR)


def test_a_killed_worker_loses_nothing(installation: Installation, stage: Stage, receiver: Receiver) -> None:
    """Killed three times while the receiver has the call and has not answered: it is made once more, first of all."""
    owner = person("administrator", entity=stage.entity)
    made = payment(stage)
    services.register(actor=owner, entity=stage.entity, name="ERP", url=receiver.url)
    reached, go_on = threading.Event(), threading.Event()
    still_at: set[int] = set()

    def answer(_got: Got) -> int:
        if len(receiver.got) in still_at:
            reached.set()
            go_on.wait(60)
        return 204

    def clock() -> None:
        for task in ("webhooks.follow", "webhooks.sweep"):
            installation.send(task, [])

    receiver.answer = answer
    record(stage, made.pk, COUNT)
    for call in (5, 12, 13):
        still_at.add(call)
        reached.clear()
        go_on.clear()
        installation.start_worker()
        installation.until(reached.is_set, clock)
        installation.kill_workers()
        go_on.set()
        wait_for(lambda: installation.others() == 0)
        assert len(receiver.got) == call
    installation.start_worker()
    installation.until(lambda: Delivery.objects.filter(status="done").count() == COUNT, clock)
    ids = [got.event["id"] for got in receiver.got]
    first = sorted(set(ids))
    assert len(first) == COUNT
    # The fifth, the eleventh and the eleventh again.
    assert ids == [*first[:5], *first[4:11], first[10], *first[10:]], "in order; what was on its way once more"
