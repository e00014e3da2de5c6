"""What waits too long because its task was lost is found and enqueued again, and what the clock brings: holds whose
moment came, requests whose due time passed. Nothing is moved here.

Reads partial indexes of unfinished work only; at most ``BOUND`` of each kind a sweep, the oldest first. Tasks are safe
twice, so finding what is merely slow does no harm.
"""

from datetime import timedelta

import structlog
from django.db import transaction

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from transactions import cut_offs

log = structlog.get_logger(__name__)
BOUND = 5_000
PATIENCE = timedelta(seconds=60)

_UNREAD = """
    select id from transactions_paymentbatch
    where status = 'received' and created_at < now() - %s::interval order by id limit %s
"""
_UNCHECKED_BATCHES = """
    select id from transactions_paymentbatch
    where status = 'checking' and coalesce(read_at, created_at) < now() - 2 * %s::interval order by id limit %s
"""
_UNREAD_MESSAGES = """
    select id from transactions_bankmessage
    where status = 'received' and created_at < now() - %s::interval order by id limit %s
"""
_STUCK = """
    select s.payment_id from transactions_paymentstate s
    join transactions_payment p on p.id = s.payment_id join transactions_paymentbatch b on b.id = p.batch_id
    where s.status = %s and greatest(s.changed_at, s.effective_at) < now() - %s::interval
      and (s.status <> 'received' or b.status <> 'checking')
    order by s.changed_at limit %s
"""
# Held until a moment that has come. The index is of those alone, which are few.
_HOLDS_DUE = """
    select distinct h.payment_id from transactions_hold h
    join transactions_paymentstate s on s.payment_id = h.payment_id and s.status in ('checked', 'validated')
    where h.until <= clock_timestamp() and h.lifted_at is null and h.came_due_at is null order by 1 limit %s
"""
_OVERDUE = """
    select q.id from transactions_informationrequest q
    join transactions_paymentstate s on s.payment_id = q.payment_id and s.status in ('checked', 'validated')
    where q.due_at <= clock_timestamp() and q.answered_at is null and q.closed_at is null and q.overdue_at is null
    order by q.id limit %s
"""
# Statements whose lines were not given to be matched.
_UNMATCHED = """
    select distinct account_id from transactions_statement
    where matched_at is null and taken_at < now() - %s::interval order by 1 limit %s
"""


def sweep(*, patience: timedelta = PATIENCE) -> dict[str, int]:
    """Enqueue again what waits longer than ``patience``; returns how much of each kind was found."""
    with transaction.atomic():
        unread = [row[0] for row in sql.rows(_UNREAD, [patience, BOUND])]
        unchecked = [row[0] for row in sql.rows(_UNCHECKED_BATCHES, [patience, BOUND])]
        messages = [row[0] for row in sql.rows(_UNREAD_MESSAGES, [patience, BOUND])]
        received = [row[0] for row in sql.rows(_STUCK, ["received", patience, BOUND])]
        approved = [row[0] for row in sql.rows(_STUCK, ["approved", patience, BOUND])]
        holds = [row[0] for row in sql.rows(_HOLDS_DUE, [BOUND])]
        overdue = [row[0] for row in sql.rows(_OVERDUE, [BOUND])]
        unmatched = [row[0] for row in sql.rows(_UNMATCHED, [patience, BOUND])]
        for batch_id in unread:
            enqueue("transactions.read_batch", batch_id)
        for message_id in messages:
            enqueue("transactions.read_message", message_id)
        for batch_id in unchecked:
            enqueue("controls.assess_batch", batch_id)
        for entity_id in cut_offs.changed():
            enqueue("transactions.renew_cut_offs", entity_id)
        if received:
            enqueue("controls.assess", received)
        if approved:
            enqueue("transactions.post", approved)
        if holds:
            enqueue("transactions.holds_due", holds)
        if overdue:
            enqueue("transactions.requests_overdue", overdue)
        if unmatched:
            enqueue("controls.match", unmatched)
    found = {
        "unread": len(unread), "unchecked": len(unchecked), "messages": len(messages), "received": len(received),
        "approved": len(approved), "unmatched": len(unmatched),
    }  # fmt: skip
    if any(found.values()):
        log.warning("sweep.found", **found)
    return {**found, "holds_due": len(holds), "overdue": len(overdue)}
