"""Registering endpoints and looking after them. Each act asks for ``webhook.manage`` in the endpoint's entity."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common import destinations, sql
from backoffice.common.errors import BusinessError, NotThere
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import Entity, User
from backoffice.webhooks import signing
from backoffice.webhooks.events import NAMES
from backoffice.webhooks.models import Delivery, Endpoint
from documents import trail

MANAGE = "webhook.manage"
MOST, MOST_REPLAYED = 20, 10_000
BOTH_FOR = timedelta(days=1)


def visible(actor: User) -> QuerySet[Endpoint]:
    return Endpoint.objects.select_related("entity", "created_by").filter(entity__in=access.entity_ids(actor, MANAGE))


def deliveries(endpoint: Endpoint) -> QuerySet[Delivery]:
    return Delivery.objects.filter(endpoint=endpoint).select_related("event")


def register(*, actor: User, entity: Entity, name: str, url: str, events: Iterable[str] = ()) -> tuple[Endpoint, str]:
    """A new endpoint and its secret, which is shown once. It is told of what happens from now on."""
    access.demand(actor, MANAGE, entity.pk)
    label, wanted = _checked(name, url, events)
    with transaction.atomic():
        # Two who register at once are counted one after the other.
        Entity.objects.select_for_update(no_key=True).get(pk=entity.pk)
        if Endpoint.objects.filter(entity=entity).exclude(status=Endpoint.Status.RETIRED).count() >= MOST:
            raise BusinessError("webhook.too_many", most=MOST)
        salt = secrets.token_bytes(32)
        made = Endpoint.objects.create(
            entity=entity, name=label, url=url, events=wanted, salt=salt, created_by=actor
        )  # fmt: skip
        _record("webhook.registered", made, actor, {"url": url, "events": wanted})
    return made, signing.secret(salt)


def change(*, actor: User, endpoint_id: int, name: str, url: str, events: Iterable[str]) -> Endpoint:
    """Another name, address or choice of events, from the next event on. What waits goes to the new address."""
    label, wanted = _checked(name, url, events)
    with transaction.atomic():
        endpoint = _locked(actor, endpoint_id)
        before = {"name": endpoint.name, "url": endpoint.url, "events": endpoint.events}
        after = {"name": label, "url": url, "events": wanted}
        if before == after:
            return endpoint
        endpoint.name, endpoint.url, endpoint.events = label, url, wanted
        endpoint.save(update_fields=["name", "url", "events"])
        _record("webhook.changed", endpoint, actor, {"before": before, "after": after})
    return endpoint


def rotate(*, actor: User, endpoint_id: int) -> tuple[Endpoint, str]:
    """A new secret, shown once. For a day both sign, so that the receiver can change over without losing an event."""
    with transaction.atomic():
        endpoint = _locked(actor, endpoint_id)
        endpoint.old_salt, endpoint.old_until = endpoint.salt, timezone.now() + BOTH_FOR
        endpoint.salt = secrets.token_bytes(32)
        endpoint.save(update_fields=["salt", "old_salt", "old_until"])
        _record("webhook.rotated", endpoint, actor, {"both_until": endpoint.old_until})
    return endpoint, signing.secret(bytes(endpoint.salt))


def pause(*, actor: User, endpoint_id: int) -> Endpoint:
    """Send nothing until it is resumed; events wait."""
    return _set(actor, endpoint_id, Endpoint.Status.PAUSED, "webhook.paused")


def resume(*, actor: User, endpoint_id: int) -> Endpoint:
    """Send again, what waits first and at once."""
    endpoint = _set(actor, endpoint_id, Endpoint.Status.ACTIVE, "webhook.resumed")
    with transaction.atomic():
        sql.run(
            "update webhooks_delivery set next_at = clock_timestamp() where id = (select id from webhooks_delivery "
            "where endpoint_id = %s and status = 'pending' order by id limit 1)",
            [endpoint.pk],
        )
        enqueue("webhooks.deliver", endpoint.pk)
    return endpoint


def retire(*, actor: User, endpoint_id: int) -> Endpoint:
    """Never send again; what waits is given up. The log stays."""
    endpoint = _set(actor, endpoint_id, Endpoint.Status.RETIRED, "webhook.retired")
    sql.run(
        "update webhooks_delivery set status = 'given_up', finished_at = clock_timestamp() "
        "where endpoint_id = %s and status = 'pending'",
        [endpoint.pk],
    )
    return endpoint


def replay(*, actor: User, endpoint_id: int, ids: Sequence[int]) -> int:
    """Send these deliveries again, in their order, behind what waits. Each is a delivery of its own in the log."""
    with transaction.atomic():
        endpoint = _locked(actor, endpoint_id)
        return _again(endpoint, actor, "d.id = any(%s)", [list(ids)], {"deliveries": len(ids)})


def replay_span(*, actor: User, endpoint_id: int, since: datetime, until: datetime, failed_only: bool = False) -> int:
    """Send again every event of a span of time; with ``failed_only`` those that were given up."""
    with transaction.atomic():
        endpoint = _locked(actor, endpoint_id)
        only = " and d.status = 'given_up'" if failed_only else ""
        return _again(
            endpoint, actor, "d.replay_of_id is null and e.occurred_at >= %s and e.occurred_at < %s" + only,
            [since, until], {"since": since, "until": until, "failed_only": failed_only},
        )  # fmt: skip


def _again(endpoint: Endpoint, actor: User, which: str, values: list[object], told: dict[str, object]) -> int:
    found = sql.rows(
        "select d.id, d.event_id from webhooks_delivery d join webhooks_event e on e.id = d.event_id "  # noqa: S608
        f"where d.endpoint_id = %s and d.status <> 'pending' and {which} order by d.event_id, d.id limit %s",
        [endpoint.pk, *values, MOST_REPLAYED + 1],
    )
    if not found:
        raise BusinessError("webhook.nothing_to_replay")
    if len(found) > MOST_REPLAYED:
        raise BusinessError("webhook.replay_too_many", most=MOST_REPLAYED)
    sql.run(
        "insert into webhooks_delivery (endpoint_id, event_id, status, attempts, created_at, next_at, replay_of_id) "
        "select %s, r.event, 'pending', 0, clock_timestamp(), clock_timestamp(), r.delivery "
        "from unnest(%s::bigint[], %s::bigint[]) with ordinality as r(delivery, event, place) order by r.place",
        [endpoint.pk, [row[0] for row in found], [row[1] for row in found]],
    )
    _record("webhook.replayed", endpoint, actor, {**told, "count": len(found)})
    enqueue("webhooks.deliver", endpoint.pk)
    return len(found)


def _set(actor: User, endpoint_id: int, status: str, action: str) -> Endpoint:
    with transaction.atomic():
        endpoint = _locked(actor, endpoint_id)
        if endpoint.status != status:
            endpoint.status = status
            endpoint.failing_since = None if status == Endpoint.Status.ACTIVE else endpoint.failing_since
            endpoint.save(update_fields=["status", "failing_since"])
            _record(action, endpoint, actor, {})
    return endpoint


def _locked(actor: User, endpoint_id: int) -> Endpoint:
    access.demand(actor, MANAGE)
    endpoint = visible(actor).select_for_update(no_key=True, of=("self",)).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotThere("not_there")
    if endpoint.status == Endpoint.Status.RETIRED:
        raise BusinessError("webhook.retired")
    return endpoint


def _checked(name: str, url: str, events: Iterable[str]) -> tuple[str, list[str]]:
    label, wanted = " ".join(name.split()), sorted(set(events))
    if not label or len(label) > 80:
        raise BusinessError("webhook.name_missing")
    for event in wanted:
        if event not in NAMES:
            raise BusinessError("webhook.event_unknown", event=event[:48])
    destinations.resolve(destinations.parse(url))
    return label, wanted


def _record(action: str, endpoint: Endpoint, actor: User, data: dict[str, object]) -> None:
    trail.record(
        action, subject_type="webhook", subject_id=endpoint.pk, entity_id=endpoint.entity_id, actor=actor,
        data={"name": endpoint.name, **data},
    )  # fmt: skip
