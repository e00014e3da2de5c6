"""Judge payments: facts, rules, results, holds, and the move from received to checked, in one transaction.

Safe to run twice and to be killed: only payments in status received are taken, under lock, and everything about them
is written together or not at all. A payment is never past "received" without its assessment. What a file has behind it
is counted afterwards, in a transaction of its own.

Locks: payment states in the order of their keys; then, alone, the batch. About fifty statements for up to 10,000
payments. Of a large file several parts are judged at the same time, each over a connection of its own.
"""

import functools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from controls import facts, straight, tables
from controls.cases import findings
from controls.rules import rulesets
from controls.scoring import scores
from documents import trail
from transactions import workflow
from transactions.models import PaymentBatch

CHUNK = 10_000
# A file is judged in parts from here on; below, opening connections and asking twice costs more than it saves.
SHARED_FROM = 4_000
MOST_PARTS = 4

_BATCHES_OF = "select distinct batch_id from transactions_payment where id = any(%s)"
_LOCK_RECEIVED = """
    select payment_id from transactions_paymentstate
    where payment_id = any(%s) and status = 'received' order by payment_id for no key update
"""
# One part of a file, each part by itself: payments to one account stay in one part and follow each other in it, since
# most of what is asked about a payment is asked about the account it pays.
# States and assessments are looked up one by one, not joined: nothing is known yet of how many rows a file that just
# came has, and a join planned for a few reads the whole file once for each of its payments.
_RECEIVED_OF_BATCH = """
    select p.id from transactions_payment p
    where p.batch_id = %s and abs(hashtext(p.creditor_number)::bigint) %% %s = %s
      and (select s.status from transactions_paymentstate s where s.payment_id = p.id) = 'received'
    order by hashtext(p.creditor_number), p.position, p.id
"""
_LEFT = """
    select 1 from transactions_payment p
    where p.batch_id = %s and (select s.status from transactions_paymentstate s where s.payment_id = p.id) = 'received'
    limit 1
"""
_CHECKED = """
    select count((select a.payment_id from controls_assessment a where a.payment_id = p.id))
    from transactions_payment p where p.batch_id = %s
"""


def assess(ids: Sequence[int]) -> int:
    """Judge these payments, in transactions of at most 10,000. Returns how many moved; the others were not received."""
    ordered = sorted(set(ids))
    return sum(_assess_some(ordered[start : start + CHUNK]) for start in range(0, len(ordered), CHUNK))


def assess_batch(batch_id: int) -> int:
    """Judge what is received of one file, then say that the file is ready. Takes up where it was interrupted."""
    parts = _parts(batch_id)
    others = [_threads().submit(_beside, batch_id, parts, part) for part in range(1, parts)]
    try:
        moved = _assess_part(batch_id, parts, 0)
    finally:
        wait(others)
    moved += sum(other.result() for other in others)
    with transaction.atomic():
        _ready([batch_id], look=True)
    return moved


def _parts(batch_id: int) -> int:
    """How many parts of a file to judge at the same time: one inside a transaction, which others do not see into."""
    if connection.in_atomic_block:
        return 1
    taken = PaymentBatch.objects.values_list("taken_count", flat=True).get(pk=batch_id)
    return min(MOST_PARTS, os.cpu_count() or 1, max(1, taken // (SHARED_FROM // 2)))


@functools.cache
def _threads() -> ThreadPoolExecutor:
    """They stay with the process, each with its connection and the tables in it."""
    return ThreadPoolExecutor(MOST_PARTS - 1, thread_name_prefix="assess")


def _beside(batch_id: int, parts: int, part: int) -> int:
    close_old_connections()
    try:
        return _assess_part(batch_id, parts, part)
    finally:
        close_old_connections()


def _assess_part(batch_id: int, parts: int, part: int) -> int:
    ids = [row[0] for row in sql.rows(_RECEIVED_OF_BATCH, [batch_id, parts, part])]
    return sum(_assess_some(ids[start : start + CHUNK], batch_id) for start in range(0, len(ids), CHUNK))


def _assess_some(ids: Sequence[int], batch_id: int | None = None) -> int:
    """``batch_id`` when all of them are of one file, which saves looking for their files."""
    with transaction.atomic():
        batches = [batch_id] if batch_id else [row[0] for row in sql.rows(_BATCHES_OF, [list(ids)])]
        received = [row[0] for row in sql.rows(_LOCK_RECEIVED, [list(ids)])]
        if not received:
            return 0
        # Many rows of one expression each: compiling them costs more than it saves.
        sql.run("set local jit = off")
        current = rulesets.current()
        now = timezone.now()
        list_set = facts.build(received)
        sql.run(current.statement)
        sql.run("analyze findings (payment_id)")
        tables.fill("assessed", {"now": now})
        tables.fill("holds", {"now": now})
        tables.fill("record", {"now": now, "rule_set": current.rule_set_id, "list_set": list_set})
        if list_set is not None:
            tables.fill("screening_hits", {"now": now})
        findings.expect()
        scores.expect()
        moved = workflow.checked()
        _offer(received)
        counted = sql.rows("select batch_id, count(*) from fresh group by batch_id order by batch_id")
    with transaction.atomic():
        if counted:
            fresh = {"batches": [row[0] for row in counted], "counts": [row[1] for row in counted]}
            sql.run(sql.text("controls", "batch_progress"), fresh)
        _ready(batches, look=False)
    return moved


def _offer(ids: Sequence[int]) -> None:
    """To the policies of straight-through processing, where there are any: afterwards, as a task of its own."""
    if straight.any_in_force([row[0] for row in sql.rows("select distinct entity_id from fact_subject")]):
        for start in range(0, len(ids), straight.CHUNK):
            enqueue("controls.straight", list(ids[start : start + straight.CHUNK]))


def _ready(batch_ids: Sequence[int], *, look: bool) -> None:
    """checking -> ready for files whose payments are all checked. ``look`` trusts no count but looks for one left.

    A payment that was cancelled before its check is never counted, nor is what a killed worker had no time to count.
    """
    rows = PaymentBatch.objects.select_for_update(no_key=True).filter(pk__in=list(batch_ids), status="checking")
    for batch in rows.order_by("pk"):
        if batch.checked_count < batch.taken_count:
            if not look or sql.rows(_LEFT, [batch.pk]):
                continue
            batch.checked_count = sql.rows(_CHECKED, [batch.pk])[0][0]
        batch.status, batch.ready_at = PaymentBatch.Status.READY, timezone.now()
        batch.save(update_fields=["status", "ready_at", "checked_count"])
        trail.record(
            "batch.ready", subject_type="batch", subject_id=batch.pk, entity_id=batch.entity_id, actor=None,
            data={"checked": batch.checked_count},
        )  # fmt: skip
