"""Follows the audit trail and writes the outbox: events that somebody is told of, and a delivery for each endpoint.

The acts themselves pay nothing: they write their records as ever. A record counts when its transaction is surely over
and so are all that began before it (its ``xid`` is below the snapshot's ``xmin``), so that none is passed over while it
is not committed yet; within a step records go by their number, which is the order of acts on one subject, because
whoever acts second waited for the lock of the first.

``xid`` has no index, so a step reads the records above a ``floor``. It follows at a distance: a number that the
sequence gave out more than ``LAG`` ago belongs to a transaction whose ``xid`` was given in the same moment; when the
watermark has passed every ``xid`` that was given until then, nothing new can come below that number.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from backoffice.webhooks.events import EVENTS
from backoffice.webhooks.models import Place

LAG = timedelta(minutes=1)
LAST = 2**62
# Everything below it is over. A parameter of the module so that tests beside other tests' transactions need not wait.
SAFE = "pg_snapshot_xmin(pg_current_snapshot())"

_FOLLOW = """
    with wanted as (
        select id, entity_id, events, created_at from webhooks_endpoint where status <> 'retired'),
    names as (select * from unnest(%(actions)s::text[], %(names)s::text[]) as n(action, name)),
    fresh as materialized (
        select nextval('webhooks_event_id_seq') as id, r.*
        from (select a.id as record_id, a.entity_id, n.name, a.subject_type, a.subject_id, a.actor_id, a.occurred_at
              from documents_auditrecord a join names n on n.action = a.action
              where a.id > %(floor)s and a.xid >= %(since)s::text::xid8 and a.xid < %(until)s::text::xid8
                and exists (select 1 from wanted w where w.entity_id = a.entity_id and w.created_at <= a.occurred_at
                            and (w.events = '[]' or w.events ? n.name))
              order by a.id) r),
    events as (
        insert into webhooks_event (id, record_id, entity_id, type, subject_type, subject_id, occurred_at, body)
        select f.id, f.record_id, f.entity_id, f.name, f.subject_type, f.subject_id, f.occurred_at,
               json_build_object(
                   'id', f.id, 'type', f.name, 'entity', f.entity_id,
                   'occurred_at', to_char(f.occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                   'subject_type', case f.subject_type when 'outgoing' then 'file' else f.subject_type end,
                   'subject', f.subject_id, 'actor', f.actor_id,
                   'payment', case when p.id is not null then json_build_object(
                       'batch', p.batch_id, 'position', p.position, 'end_to_end_id', p.end_to_end_id) end)::text
        from fresh f left join transactions_payment p on f.subject_type = 'payment' and p.id = f.subject_id
        order by f.id)
    insert into webhooks_delivery (endpoint_id, event_id, status, attempts, created_at, next_at)
    select w.id, f.id, 'pending', 0, clock_timestamp(), clock_timestamp()
    from fresh f join wanted w on w.entity_id = f.entity_id and w.created_at <= f.occurred_at
        and (w.events = '[]' or w.events ? f.name)
    order by f.id, w.id
    returning endpoint_id
"""


def follow() -> int:
    """One step: what became sure since the last one is put in the outbox. Returns the number of deliveries made.

    A second follower waits for nothing: the row of the place is locked, or skipped. Three queries and two a change.
    """
    with transaction.atomic():
        place = Place.objects.select_for_update(skip_locked=True).filter(pk=1).first()
        if place is None:
            return 0
        until, following, given = sql.rows(
            f"select {SAFE}::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint, "  # noqa: S608
            "last_value from documents_auditrecord_id_seq"
        )[0]
        # A restored cluster counts its transactions anew: what was on record before is over, whatever its xid.
        restored = following < place.watermark
        until = LAST if restored else until
        made = sql.rows(
            _FOLLOW,
            {
                "actions": list(EVENTS), "names": list(EVENTS.values()), "floor": place.floor,
                "since": place.watermark, "until": until,
            },
        ) if until > place.watermark else []  # fmt: skip
        place.watermark = 0 if restored else max(place.watermark, until)
        _move_floor(place, following, given)
        place.save()
        for endpoint_id in sorted({row[0] for row in made}):
            enqueue("webhooks.deliver", endpoint_id)
    return len(made)


def _move_floor(place: Place, following: int, given: int) -> None:
    now = timezone.now()
    if place.next_floor is None or place.next_floor_at is None:
        place.next_floor, place.next_floor_at, place.next_xid = given, now, None
    elif place.next_xid is None and now - place.next_floor_at > LAG:
        place.next_xid = following
    elif place.next_xid is not None and place.watermark >= place.next_xid:
        place.floor, place.next_floor = place.next_floor, None
