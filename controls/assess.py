"""Judge payments: facts, rules, results, holds, and the move from received to checked, in one transaction.

Safe to run twice and to be killed: only payments in status received are taken, under lock, and everything about them
is written together or not at all. A payment is never past "received" without its assessment.

Locks: batch, then payment states, in the order of their keys. About fifty statements for up to 10,000 payments.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from controls import facts, priority
from controls.rules import rulesets
from documents import trail
from transactions import workflow
from transactions.models import PaymentBatch

CHUNK = 10_000

_BATCHES_OF = "select distinct batch_id from transactions_payment where id = any(%s)"
_LOCK_BATCHES = "select id from transactions_paymentbatch where id = any(%s) order by id for no key update"
_LOCK_RECEIVED = """
    select payment_id from transactions_paymentstate
    where payment_id = any(%s) and status = 'received' order by payment_id for no key update
"""
# A file in the order of its payments, from one place on: all of it is read once however often it is cut.
_NEXT_OF_BATCH = """
    select p.id, p.position from transactions_payment p
    join transactions_paymentstate s on s.payment_id = p.id
    where p.batch_id = %s and (p.position, p.id) > (%s, %s) and s.status = 'received'
    order by p.position, p.id limit %s
"""
_LEFT = """
    select 1 from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id
    where p.batch_id = %s and s.status = 'received' limit 1
"""


def assess(ids: Sequence[int]) -> int:
    """Judge these payments, in transactions of at most 10,000. Returns how many moved; the others were not received."""
    ordered = sorted(set(ids))
    return sum(_assess_some(ordered[start : start + CHUNK]) for start in range(0, len(ordered), CHUNK))


def assess_batch(batch_id: int) -> int:
    """Judge what is received of one file, then say that the file is ready. Takes up where it was interrupted."""
    moved, last = 0, (-1, 0)
    while True:
        rows = sql.rows(_NEXT_OF_BATCH, [batch_id, *last, CHUNK])
        if not rows:
            break
        moved += _assess_some([row[0] for row in rows], batch_id)
        last = (rows[-1][1], rows[-1][0])
    with transaction.atomic():
        _ready([batch_id], look=True)
    return moved


def _assess_some(ids: Sequence[int], batch_id: int | None = None) -> int:
    """``batch_id`` when all of them are of one file, which saves looking for their files."""
    with transaction.atomic():
        batches = [batch_id] if batch_id else [row[0] for row in sql.rows(_BATCHES_OF, [list(ids)])]
        sql.rows(_LOCK_BATCHES, [batches])
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
        sql.run(_assessed_statement(), {"now": now})
        sql.run(sql.text("controls", "holds"), {"now": now})
        sql.run(sql.text("controls", "record"), {"now": now, "rule_set": current.rule_set_id})
        moved = workflow.checked()
        sql.run(sql.text("controls", "batch_progress"))
        _ready(batches, look=False)
    return moved


def _assessed_statement() -> str:
    place = priority.sql(
        amount="f.amount", risk="coalesce(x.risk, 0)", due_at="f.due_at", received_at="f.received_at", at="%(now)s"
    )
    return sql.text("controls", "assessed").replace("{priority}", place)


def _ready(batch_ids: Sequence[int], *, look: bool) -> None:
    """checking -> ready for files whose taken payments are all checked. ``look`` counts no more but looks for one left:
    a payment that was cancelled before its check is never counted."""
    rows = PaymentBatch.objects.select_for_update(no_key=True).filter(pk__in=list(batch_ids), status="checking")
    for batch in rows.order_by("pk"):
        done = batch.checked_count >= batch.taken_count
        if not done and (not look or sql.rows(_LEFT, [batch.pk])):
            continue
        batch.status, batch.ready_at = PaymentBatch.Status.READY, timezone.now()
        batch.save(update_fields=["status", "ready_at"])
        trail.record(
            "batch.ready", subject_type="batch", subject_id=batch.pk, entity_id=batch.entity_id, actor=None,
            data={"checked": batch.checked_count},
        )  # fmt: skip
