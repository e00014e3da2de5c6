"""A few payments as data of which nothing is to be said, taken in by one call of the database (sql/take_in_few.sql).

Most calls of the API bring one payment, and the way of a file (a stage, chunks, a savepoint) costs them more than what
is kept of them. Here they are understood as everywhere; when anything is to be said of one, nothing was done, and the
caller goes the usual way. What is kept is the same by both.
"""

import io
import json
from typing import Any

from django.utils import timezone

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from backoffice.people.models import Entity, User
from documents import attachments, trail
from transactions.intake import account_numbers
from transactions.intake.fields import COLUMNS
from transactions.intake.json_rows import JsonReader
from transactions.intake.reading import Reading
from transactions.intake.received import INCOMING, REFUND
from transactions.intake.rows import FileRefused, Problem
from transactions.intake.store import LARGEST_SUM, maker_of
from transactions.intake.sums import Sums
from transactions.models import IntakeSource, Payment, PaymentBatch, PaymentState

MOST = 20
_TAKE_IN = f"""
    select {sql.columns(Payment, "(f.payment)")}, {sql.columns(PaymentState, "(f.state)")}, f.attachment
    from take_in_few(
        %(entity)s, %(source)s, %(channel)s, %(actor)s, %(maker)s, %(moment)s, %(sepa)s, %(name)s,
        %(content_type)s, %(size)s, %(sha256)s, %(format)s, %(total)s, %(totals)s, %(rows)s, %(stored)s, %(received)s,
        %(read)s) f
"""  # noqa: S608 - names of columns


def plain(payments: list[dict[str, Any]]) -> bool:
    """Whether these may go this way: few, and none that comes in or pays back, which keep more of their own."""
    return len(payments) <= MOST and not any(
        isinstance(payment, dict) and payment.get("kind") in {INCOMING, REFUND} for payment in payments
    )


def take_in(
    *,
    content: bytes,
    file_name: str,
    content_type: str,
    entity: Entity,
    actor: User | None,
    channel: str,
    source: IntakeSource | None,
) -> PaymentBatch | None:
    """The batch, or None when something is to be said of it, and nothing was kept but the bytes. Inside ``atomic()``.

    ``taken`` of it are its payments with their states. One query. Records attachment.stored, batch.received,
    payment.received and batch.read; wakes the controls.
    """
    said: list[Problem] = []
    sums = Sums()
    reading = Reading(JsonReader(io.BytesIO(content)), entity_id=entity.pk, say=said.append)
    try:
        rows = list(reading.rows(sums.add))
    except FileRefused:
        return None
    # Births are few: they go the usual way.
    if said or reading.understanding.births:
        return None
    if not 0 < len(rows) == reading.all.count <= MOST or reading.all.total >= LARGEST_SUM:
        return None
    sha256 = attachments.keep(content)
    name = attachments.safe_name(file_name)
    batch = PaymentBatch(
        entity=entity,
        source=source,
        channel=channel,
        sha256=sha256,
        file_name=name,
        format=reading.header.format if reading.header else "",
        status=PaymentBatch.Status.CHECKING,
        read_count=len(rows),
        read_sum=reading.all.total,
        read_sums=sums.kept(LARGEST_SUM),
        taken_count=len(rows),
        imported_by=actor,
        created_at=timezone.now(),
    )
    batch.read_at = batch.created_at
    asked = _params(batch, rows, size=len(content), content_type=content_type)
    found = sql.instances(_TAKE_IN, asked, Payment, PaymentState)
    if not found:
        return None
    batch.pk, batch.attachment_id = found[0][0].batch_id, found[0][2]
    for payment, state, _attachment in found:
        payment.state = state
    batch.taken = [row[0] for row in found]  # type: ignore[attr-defined]
    batch._state.adding, batch._state.db = False, "default"
    enqueue("controls.assess_batch", batch.pk)
    return batch


def _params(batch: PaymentBatch, rows: list[tuple[str, ...]], *, size: int, content_type: str) -> dict[str, Any]:
    source, maker = batch.source, maker_of(batch.source, batch.imported_by)
    stored = {"name": batch.file_name, "sha256": batch.sha256, "size": size}
    received = {
        "channel": batch.channel,
        "file_name": batch.file_name,
        "sha256": batch.sha256,
        "size": size,
        "source": source.code if source else None,
    }
    read = {"read": len(rows), "taken": len(rows), "problems": 0, "sum": batch.read_sum, "format": batch.format}
    return {
        "entity": batch.entity_id,
        "source": batch.source_id,
        "channel": batch.channel,
        "actor": batch.imported_by_id,
        "maker": maker.pk if maker else None,
        "moment": batch.created_at,
        "sepa": list(account_numbers.sepa_countries()),
        "name": batch.file_name,
        "content_type": content_type[:100],
        "size": size,
        "sha256": batch.sha256,
        "format": batch.format,
        "total": batch.read_sum,
        "totals": json.dumps(batch.read_sums),
        "rows": _json(rows),
        "stored": trail.encode(stored),
        "received": trail.encode(received),
        "read": trail.encode(read),
    }


def _json(rows: list[tuple[str, ...]]) -> str:
    """The columns as the function reads them: texts, but for the address, which is one of JSON already."""
    named = [dict(zip((*COLUMNS, "debtor_address"), row, strict=True)) for row in rows]
    return json.dumps(
        [{**row, **{name: json.loads(row[name]) for name in ("creditor_address", "debtor_address")}} for row in named]
    )
