"""Judge payments: facts, rules, results, holds, and the move from received to checked, in one transaction.

Safe to run twice and to be killed: only payments in status received are taken, under lock, and everything about them
is written together or not at all. A payment is never past "received" without its assessment. What a file has behind it
is counted afterwards, in a transaction of its own.

Locks: payment states in the order of their keys; then, alone, the batch. About fifty statements for up to 10,000
payments. Of a large file several parts are judged at the same time, each over a connection of its own.
"""

import functools
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from backoffice.common import sql
from controls import facts, tables
from controls.rules import rulesets
from documents import trail
from transactions import workflow
from transactions.models import PaymentBatch

CHUNK, USUAL = 10_000, 9_000
# A file is judged in parts from here on; below, opening connections and asking twice costs more than it saves.
SHARED_FROM = 4_000
MOST_PARTS = 4

_BATCHES_OF = "select distinct batch_id from transactions_payment where id = any(%s)"
_LOCK_RECEIVED = """
    select payment_id from transactions_paymentstate
    where payment_id = any(%s) and status = 'received' order by payment_id for no key update
"""
# A file in pieces, each in the order of its payments. Those to one account stay together, since most of what is asked
# about a payment is asked about the account that it pays: what is known of an account is then read for one piece alone.
_PIECES = """
    select array_agg(r.id order by r.position, r.id)
    from (
        select p.id, p.position, abs(hashtext(p.creditor_number)::bigint) %% %s as piece
        from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id
        where p.batch_id = %s and s.status = 'received'
    ) r
    group by r.piece order by r.piece
"""
_LEFT = """
    select 1 from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id
    where p.batch_id = %s and s.status = 'received' limit 1
"""
_CHECKED = """
    select count(*) from transactions_payment p
    where p.batch_id = %s and exists (select 1 from controls_assessment a where a.payment_id = p.id)
"""


def assess(ids: Sequence[int]) -> int:
    """Judge these payments, in transactions of at most 10,000. Returns how many moved; the others were not received."""
    ordered = sorted(set(ids))
    return sum(_assess_some(ordered[start : start + CHUNK]) for start in range(0, len(ordered), CHUNK))


def assess_batch(batch_id: int) -> int:
    """Judge what is received of one file, then say that the file is ready. Takes up where it was interrupted."""
    parts = _parts(batch_id)
    pieces = _pieces(batch_id, parts)
    others = [_threads().submit(_beside, batch_id, pieces[part::parts]) for part in range(1, parts)]
    try:
        moved = _assess_pieces(batch_id, pieces[::parts])
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


def _pieces(batch_id: int, parts: int) -> list[list[int]]:
    """The payments of the file in pieces of at most ``CHUNK``, as many for each part. Reads the file once."""
    taken = PaymentBatch.objects.values_list("taken_count", flat=True).get(pk=batch_id)
    # Accounts are not spread evenly: aimed below the most, a piece rarely has to be cut again.
    count = parts * max(1, math.ceil(taken / (parts * USUAL)))
    found = [row[0] for row in sql.rows(_PIECES, [count, batch_id])]
    return [piece[at : at + CHUNK] for piece in found for at in range(0, len(piece), CHUNK)]


@functools.cache
def _threads() -> ThreadPoolExecutor:
    """They stay with the process, each with its connection and the tables in it."""
    return ThreadPoolExecutor(MOST_PARTS - 1, thread_name_prefix="assess")


def _beside(batch_id: int, pieces: list[list[int]]) -> int:
    close_old_connections()
    try:
        return _assess_pieces(batch_id, pieces)
    finally:
        close_old_connections()


def _assess_pieces(batch_id: int, pieces: list[list[int]]) -> int:
    return sum(_assess_some(piece, batch_id) for piece in pieces)


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
        facts.build(received)
        sql.run(current.statement)
        sql.run("analyze findings (payment_id)")
        tables.fill("assessed", {"now": now})
        tables.fill("holds", {"now": now})
        tables.fill("record", {"now": now, "rule_set": current.rule_set_id})
        moved = workflow.checked()
        counted = sql.rows("select batch_id, count(*) from fresh group by batch_id order by batch_id")
    with transaction.atomic():
        if counted:
            fresh = {"batches": [row[0] for row in counted], "counts": [row[1] for row in counted]}
            sql.run(sql.text("controls", "batch_progress"), fresh)
        _ready(batches, look=False)
    return moved


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
