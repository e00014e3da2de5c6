"""From a received file to payments: parse, COPY to a stage, and set-based SQL, in one transaction.

A worker that is killed leaves the batch received, and nothing of it taken in; the next run begins anew. The row of the
batch is locked for the whole reading, so that two workers never read the same one.
"""

import hashlib
import io
import json
from decimal import Decimal
from typing import IO, Any, cast

from django.db import connection, transaction
from django.utils import timezone

from backoffice.common import locks, sql
from backoffice.common.errors import BusinessError
from backoffice.common.tasks import enqueue
from documents import attachments, trail
from transactions.intake import account_numbers, mapping, open_file, reading
from transactions.intake.csv_file import CsvReader
from transactions.intake.fields import COLUMNS
from transactions.intake.live import Live
from transactions.intake.reading import Reading, Tally
from transactions.intake.rows import WARNING, FileRefused, Problem
from transactions.models import IntakeSource, PaymentBatch

CHUNK = 5_000
# Problems that are kept; of a hostile file with millions the rest is counted.
MOST_PROBLEMS = 100_000
_PROBLEM_COLUMNS = ("batch_id", "position", "line", "path", "field", "value", "code", "params", "severity")
_STAGE = ", ".join(COLUMNS)
LARGEST_SUM = Decimal(10) ** 22
# Serialises the look for payments seen before with taking in, one entity at a time.
_LOCK_CLASS = 7001


class _Problems:
    """Problems of one batch on their way into the table."""

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self.waiting: list[Problem] = []
        self.count = 0

    def add(self, problem: Problem) -> None:
        self.count += 1
        if self.count <= MOST_PROBLEMS:
            self.waiting.append(problem)
        if len(self.waiting) >= CHUNK:
            self.flush()

    def flush(self) -> None:
        if self.count > MOST_PROBLEMS and self.waiting:
            more = {"count": self.count - MOST_PROBLEMS}
            self.waiting.append(Problem(0, "file.more_problems", more, severity=WARNING))
        rows = [
            (
                self.batch_id,
                one.position,
                one.line,
                one.path[:200],
                one.field[:60],
                one.value[:200],
                one.code,
                trail.encode(one.params),
                one.severity,
            )
            for one in self.waiting
        ]
        if rows:
            sql.copy("transactions_intakeproblem", _PROBLEM_COLUMNS, rows)
        self.waiting.clear()


def read_batch(batch_id: int) -> None:
    """Read a received batch into payments and wake the controls. Nothing happens when it is not received (any more).

    Locks the batch; one transaction. A file that cannot be read is refused with its reason, which is no error here.
    """
    with transaction.atomic():
        found = locks.lock(
            PaymentBatch.objects.select_related("entity", "source", "attachment").filter(
                status=PaymentBatch.Status.RECEIVED
            ),
            [batch_id],
        )
        if found:
            take_in(found[0])


def take_in(batch: PaymentBatch) -> None:
    """Read the locked batch. Inside ``atomic()``; :func:`read_batch` and the structured door call it."""
    _Taking(batch).run()


class _Taking:
    """The reading of one batch, from its bytes to payments or a refusal."""

    def __init__(self, batch: PaymentBatch) -> None:
        self.batch = batch
        self.problems = _Problems(batch.pk)
        self.live = Live(batch.pk)
        self.result: Reading | None = None

    def run(self) -> None:
        batch = self.batch
        try:
            with attachments.open_file(batch.attachment) as stored:
                _verify(stored, batch)
                result = self._stage(stored)
        except FileRefused as refusal:
            self.problems.add(refusal.problem())
            self._refuse(refusal.code, refusal.params)
            return
        self._tell("storing", now=True)
        taken = self._plan(result)
        demanded = batch.source is not None and batch.source.all_or_nothing
        if demanded and (taken < result.all.count or result.has_errors or result.schema_errors):
            self._refuse("batch.all_or_nothing", {"count": result.all.count - taken})
        elif not taken:
            self._refuse("batch.nothing_taken", {"count": result.all.count})
        else:
            self._take_in(taken)

    def _tell(self, phase: str, *, now: bool = False) -> None:
        counted = self.result.all if self.result else Tally()
        self.live.tell(phase, read=counted.count, problems=counted.bad, declared=self.batch.declared_count, now=now)

    def _stage(self, stored: IO[bytes]) -> Reading:
        """Copy the understood rows to the stage, in chunks, and what the file declares to the batch."""
        batch = self.batch
        saved = batch.source.mapping if batch.source is not None else {}
        reader = open_file.reader_of(
            stored, mapping=saved, content_type=batch.attachment.content_type, currency=batch.entity.base_currency
        )
        result = self.result = Reading(reader, entity_id=batch.entity_id, say=self.problems.add)
        sql.run(sql.text("transactions", "intake_stage"))
        lines: list[str] = []
        for columns in result.rows():
            text = "\t".join(columns)
            lines.append(text.replace("\\", "\\\\") if "\\" in text else text)
            if len(lines) >= CHUNK:
                _copy(lines)
                _declared(batch, result)
                self._tell("reading")
        _copy(lines)
        _declared(batch, result)
        if result.refused_groups:
            sql.run("delete from intake_stage where grp = any(%s)", [sorted(result.refused_groups)])
        if isinstance(reader, CsvReader) and batch.source is not None:
            mapping.remember(batch.source, reader.mapping)
        return result

    def _plan(self, result: Reading) -> int:
        """Decide what each staged row becomes; says the rows seen before. How many can be taken in."""
        if result.all.count == result.all.bad:
            return 0
        batch = self.batch
        self.problems.flush()
        sql.run("select pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, batch.entity_id])
        sql.run("analyze intake_stage")
        params = {"entity": batch.entity_id, "batch": batch.pk, "sepa": list(account_numbers.sepa_countries())}
        sql.run(sql.text("transactions", "intake_plan"), params)
        sql.run("create unique index on intake_plan (position); analyze intake_plan")
        sql.run(sql.text("transactions", "intake_seen"), params)
        [(taken,)] = sql.rows("select count(*) filter (where seen_payment_id is null) from intake_plan")
        return int(taken)

    def _take_in(self, taken: int) -> None:
        batch = self.batch
        sender_made_it = batch.source is not None and batch.source.maker == IntakeSource.Maker.SENDER
        params = {
            "entity": batch.entity_id,
            "batch": batch.pk,
            "channel": batch.channel,
            "received_at": batch.created_at,
            "maker": None if sender_made_it else batch.imported_by_id,
            "actor": batch.imported_by_id,
            "time_zone": batch.entity.time_zone,
        }
        [made] = sql.rows(sql.text("transactions", "intake_take_in"), params)
        if set(made) != {taken}:
            raise RuntimeError(f"batch {batch.pk}: {taken} planned; payments, states, records made: {made}")
        self._counted(taken)
        batch.status = PaymentBatch.Status.CHECKING
        batch.save()
        _record(batch, "batch.read")
        enqueue("controls.assess_batch", batch.pk)

    def _refuse(self, code: str, params: dict[str, Any]) -> None:
        """Nothing of the file is taken in; what was wrong stays on record, and a corrected file may come."""
        batch = self.batch
        self._counted(0)
        batch.status = PaymentBatch.Status.REFUSED
        batch.refusal_code, batch.refusal_params = code, json.loads(trail.encode(params))
        batch.save()
        _record(batch, "batch.refused")

    def _counted(self, taken: int) -> None:
        self.problems.flush()
        batch, result = self.batch, self.result
        counted = result.all if result else Tally()
        batch.read_count, batch.read_sum = counted.count, min(counted.total, LARGEST_SUM)
        batch.taken_count, batch.problem_count = taken, counted.count - taken
        batch.batch_count = result.groups if result else 0
        batch.read_at = timezone.now()


def _verify(stored: IO[bytes], batch: PaymentBatch) -> None:
    """The bytes are those that were recorded; leaves the stream at its start."""
    if hashlib.file_digest(cast(io.BufferedReader, stored), "sha256").hexdigest() != batch.attachment.sha256:
        raise BusinessError("attachment.damaged", sha256=batch.attachment.sha256)
    stored.seek(0)


def _copy(lines: list[str]) -> None:
    if lines:
        lines.append("")
        with connection.cursor() as cursor:
            cursor.copy_expert(f"copy intake_stage ({_STAGE}) from stdin", io.StringIO("\n".join(lines)))
        lines.clear()


def _declared(batch: PaymentBatch, result: Reading) -> None:
    """What the file says of itself, as far as it can be kept."""
    header = result.header
    if header is None or batch.format:
        return
    count, total = reading.number(header.declared_count), reading.number(header.declared_sum)
    batch.format = header.format[:20]
    batch.message_id = header.message_id[:70]
    batch.initiating_party = header.initiating_party[:140]
    if count is not None and 0 <= count < 10**15:
        batch.declared_count = int(count)
    if total is not None and abs(total) < LARGEST_SUM:
        batch.declared_sum = total


def _record(batch: PaymentBatch, action: str) -> None:
    trail.record(
        action,
        subject_type="batch",
        subject_id=batch.pk,
        entity_id=batch.entity_id,
        actor=batch.imported_by,
        data={
            "read": batch.read_count,
            "taken": batch.taken_count,
            "problems": batch.problem_count,
            "sum": batch.read_sum,
            "format": batch.format,
            **({"code": batch.refusal_code, "params": batch.refusal_params} if batch.refusal_code else {}),
        },
    )
