"""Sends what waits for an endpoint, in order, one at a time, at least once.

No transaction is open while a call is on its way. An advisory lock of the session keeps a second worker away and ends
with the process; what a killed worker had sent without noting it is sent again. The first delivery that fails holds
back those behind it, until it works or is given up.
"""

import http.client
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import destinations, locks, sql
from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from backoffice.webhooks import signing, telling
from backoffice.webhooks.models import Attempt, Delivery, Endpoint

# Short, so that an address that answers slowly does not keep a worker from the payments: its rest queues behind them.
RUN_SECONDS = 10
DELAYS = (10, 30, 60, 120, 300, 600, 1800, 3600)
GIVE_UP, REFUSED_FOR_GOOD = timedelta(days=1), timedelta(hours=1)
# Answers that speak of the moment, not of the event.
_TRY_AGAIN = frozenset({408, 409, 425, 429})


@dataclass(frozen=True)
class Outcome:
    """How one call went: the answer's status, or none, and a code of errors.py with parameters when it failed."""

    signed_at: datetime
    duration_ms: int
    address: str
    status: int | None
    answer: str
    code: str
    params: dict[str, Any]

    @property
    def good(self) -> bool:
        return not self.code


def deliver(endpoint_id: int, *, seconds: float = RUN_SECONDS) -> int:
    """Send what is due, for at most ``seconds``; returns how many arrived. Another worker at it: none."""
    arrived, until = 0, time.monotonic() + seconds
    while True:
        with locks.alone(f"webhooks:{endpoint_id}") as held:
            if not held:
                return arrived
            arrived += _run(endpoint_id, until)
        # What came between the last look and the unlocking found the lock held, and went away.
        if time.monotonic() >= until or not _due(endpoint_id):
            break
    if _due(endpoint_id):
        with transaction.atomic():
            enqueue("webhooks.deliver", endpoint_id)
    return arrived


def _run(endpoint_id: int, until: float) -> int:
    arrived, connection = 0, None
    try:
        while time.monotonic() < until:
            head = _head(endpoint_id)
            if head is None or head.next_at > timezone.now():
                break
            if connection is None or connection.target != destinations.parse(head.endpoint.url):
                connection = destinations.Connection(head.endpoint.url)
            outcome = call(head, connection)
            if not note(head, outcome):
                break
            arrived += outcome.good
    finally:
        if connection is not None:
            connection.close()
    return arrived


def _head(endpoint_id: int) -> Delivery | None:
    """The first delivery that waits, of an active endpoint. One query."""
    waiting = Delivery.objects.select_related("endpoint", "event").filter(
        endpoint_id=endpoint_id, endpoint__status=Endpoint.Status.ACTIVE, status=Delivery.Status.PENDING
    )
    return waiting.order_by("pk").first()


def _due(endpoint_id: int) -> bool:
    head = _head(endpoint_id)
    return head is not None and head.next_at <= timezone.now()


def call(delivery: Delivery, connection: destinations.Connection) -> Outcome:
    """Send one event, signed at this moment."""
    now, started = timezone.now(), time.monotonic()
    body = delivery.event.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "backoffice-webhooks/1",
        "Backoffice-Event": delivery.event.type,
        "Backoffice-Delivery": str(delivery.pk),
        "Backoffice-Signature": signing.signature(signing.secrets_of(delivery.endpoint, now), now, body),
    }
    status, text, code = None, "", ""
    params: dict[str, Any] = {}
    try:
        answer = connection.post(body, headers)
        status, text = answer.status, answer.text
        if not 200 <= status < 300:
            code, params = "webhook.answered", {"status": status}
    except BusinessError as refused:
        code, params = refused.code, dict(refused.params)
    except TimeoutError:
        code, params = "webhook.too_slow", {"seconds": destinations.SECONDS}
    except (OSError, http.client.HTTPException) as error:
        code, params = "webhook.no_answer", {"cause": (getattr(error, "strerror", None) or type(error).__name__)[:200]}
    duration = int((time.monotonic() - started) * 1000)
    return Outcome(now, duration, connection.address, status, text, code, params)


def note(delivery: Delivery, outcome: Outcome) -> bool:
    """Log the call and decide what follows; False when the next delivery has to wait."""
    now = timezone.now()
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update(no_key=True).select_related("created_by").get(
            pk=delivery.endpoint_id
        )  # fmt: skip
        Attempt.objects.create(
            delivery=delivery, signed_at=outcome.signed_at, duration_ms=outcome.duration_ms, address=outcome.address,
            status=outcome.status, answer=outcome.answer, code=outcome.code, params=outcome.params,
        )  # fmt: skip
        delivery.attempts += 1
        if outcome.good:
            delivery.status, delivery.finished_at = Delivery.Status.DONE, now
            endpoint.last_success_at, endpoint.failing_since = now, None
        else:
            endpoint.failing_since = endpoint.failing_since or now
            _after_failure(delivery, outcome, now)
            if now - endpoint.failing_since >= GIVE_UP and endpoint.status == Endpoint.Status.ACTIVE:
                endpoint.status = Endpoint.Status.PAUSED
                telling.paused(endpoint, failing_since=endpoint.failing_since)
        delivery.save(update_fields=["status", "attempts", "next_at", "finished_at"])
        endpoint.save(update_fields=["status", "last_success_at", "failing_since"])
    return delivery.status != Delivery.Status.PENDING and endpoint.status == Endpoint.Status.ACTIVE


def _after_failure(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    for_good = outcome.status is not None and 400 <= outcome.status < 500 and outcome.status not in _TRY_AGAIN
    first = delivery.log.order_by("pk").values_list("signed_at", flat=True).first() or now
    if now - first >= (REFUSED_FOR_GOOD if for_good else GIVE_UP):
        delivery.status, delivery.finished_at = Delivery.Status.GIVEN_UP, now
        return
    seconds = DELAYS[min(delivery.attempts, len(DELAYS)) - 1] * random.uniform(0.9, 1.1)  # noqa: S311 - spreads calls
    delivery.next_at = now + timedelta(seconds=seconds)
    enqueue("webhooks.deliver", delivery.endpoint_id, countdown=seconds)


def sweep() -> int:
    """Enqueue endpoints with something due: their task was lost, or its time came. Returns how many."""
    due = sql.rows(
        "select e.id from webhooks_endpoint e cross join lateral (select d.next_at from webhooks_delivery d "
        "where d.endpoint_id = e.id and d.status = 'pending' order by d.id limit 1) head "
        "where e.status = 'active' and head.next_at <= now() order by e.id"
    )
    with transaction.atomic():
        for (endpoint_id,) in due:
            enqueue("webhooks.deliver", endpoint_id)
    return len(due)


def forget_old(*, kept_for: timedelta = timedelta(days=30), at_most: int = 20_000) -> int:
    """Delete the log of deliveries that were finished long ago, and events that nothing refers to any more."""
    rows = Delivery.objects.filter(finished_at__lt=timezone.now() - kept_for).order_by("finished_at")
    old = dict(rows.values_list("pk", "event_id")[:at_most])
    with transaction.atomic():
        sql.run("delete from webhooks_attempt where delivery_id = any(%s)", [list(old)])
        sql.run("update webhooks_delivery set replay_of_id = null where replay_of_id = any(%s)", [list(old)])
        sql.run("delete from webhooks_delivery where id = any(%s)", [list(old)])
        sql.run(
            "delete from webhooks_event e where e.id = any(%s) "
            "and not exists (select 1 from webhooks_delivery d where d.event_id = e.id)",
            [sorted(set(old.values()))],
        )
    return len(old)
