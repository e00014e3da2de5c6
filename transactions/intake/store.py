"""From a received file to payments: read, store, or refuse, in one transaction.

A worker that is killed leaves the batch received, and nothing of it taken in; the next run begins anew. The row of the
batch is locked for the whole reading, so that two workers never read the same one.
"""

import hashlib
import io
import json
from decimal import Decimal
from typing import IO, Any, cast

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import errors
from django.utils import timezone

from backoffice.common import locks, sql
from backoffice.common.errors import BusinessError
from backoffice.common.tasks import Retryable, enqueue
from backoffice.people.models import User
from documents import attachments, trail
from transactions.intake import account_numbers, mapping, names, open_file, reading
from transactions.intake.csv_file import CsvReader
from transactions.intake.live import Live
from transactions.intake.reading import Reading, Tally
from transactions.intake.rows import WARNING, FileRefused, Problem
from transactions.intake.sums import Sums
from transactions.intake.writer import STAGE, ChunkWriter
from transactions.models import IntakeSource, PaymentBatch

# Problems that are kept; of a hostile file with millions the rest is counted.
MOST_PROBLEMS = 100_000
LARGEST_SUM = Decimal(10) ** 22
ATTEMPTS = 3
_PROBLEM_COLUMNS = ("batch_id", "position", "line", "path", "field", "value", "code", "params", "severity")
_TAKEN_ONCE = "payment_taken_in_once"


class _Refused(Exception):
    """The batch is refused as a whole; what was stored of it is undone."""

    def __init__(self, code: str, params: dict[str, Any]) -> None:
        self.code, self.params = code, params


class _Again(Exception):
    """What was read last shows that something before it must be read otherwise."""


def read_batch(batch_id: int) -> None:
    """Read a received batch into payments and wake the controls. Nothing happens when it is not received (any more).

    Locks the batch; one transaction. A file that cannot be read is refused with its reason, which is no error here.
    """
    with transaction.atomic():
        batches = PaymentBatch.objects.filter(status=PaymentBatch.Status.RECEIVED)
        found = locks.lock(batches.select_related("entity", "source", "attachment"), [batch_id])
        if found:
            take_in(found[0])


def take_in(batch: PaymentBatch, *, waited: bool = False) -> int:
    """Read the locked batch. Inside ``atomic()``; :func:`read_batch` and the structured door call it.

    ``waited``: whoever sent it waits for the answer; nobody looks at its progress. Returns how many problems were said.
    """
    taking = _Taking(batch, waited=waited)
    taking.run()
    return taking.problem_count


class _Taking:
    """The reading of one batch, from its bytes to payments or a refusal."""

    def __init__(self, batch: PaymentBatch, *, waited: bool = False) -> None:
        self.batch = batch
        self.waited = waited
        self.live = Live(batch.pk)
        self.result: Reading | None = None
        self.sums = Sums()
        self.problems: list[Problem] = []
        self.problem_count = 0
        self.refused_groups: frozenset[int] = frozenset()

    def run(self) -> None:
        batch = self.batch
        try:
            taken = self._read()
        except FileRefused as refusal:
            self._say(refusal.problem())
            self._refuse(refusal.code, refusal.params)
        except _Refused as refusal:
            self._refuse(refusal.code, refusal.params)
        else:
            self._close(taken)
            batch.status = PaymentBatch.Status.CHECKING
            batch.save()
            self._record("batch.read")
            enqueue("controls.assess_batch", batch.pk)

    def _say(self, problem: Problem) -> None:
        self.problem_count += 1
        if self.problem_count <= MOST_PROBLEMS:
            self.problems.append(problem)

    def _read(self) -> int:
        """Read and store; how many payments were taken in.

        Two workers may meet over the same payment in two files: the unique index lets the second wait for the first and
        fail, and it reads again, now seeing what was there before.
        """
        for _attempt in range(ATTEMPTS):
            self.problems, self.problem_count = [], 0
            try:
                with transaction.atomic(), attachments.open_file(self.batch.attachment) as stored:
                    _verify(stored, self.batch)
                    return self._store(stored)
            except _Again:
                continue
            except errors.DeadlockDetected:
                continue
            except errors.UniqueViolation as error:
                if error.diag.constraint_name != _TAKEN_ONCE:
                    raise
        raise Retryable(f"batch {self.batch.pk} met the same payments in other files {ATTEMPTS} times")

    def _store(self, stored: IO[bytes]) -> int:
        batch = self.batch
        saved = batch.source.mapping if batch.source is not None else {}
        reader = open_file.reader_of(
            stored, mapping=saved, content_type=batch.attachment.content_type, currency=batch.entity.base_currency
        )
        self.sums = Sums()
        result = self.result = Reading(
            reader, entity_id=batch.entity_id, say=self._say, refused_groups=self.refused_groups
        )
        with getattr(reader, "writer", ChunkWriter)(self._params(), self._say) as writer:
            writer.births = result.understanding.births
            for columns in result.rows(self.sums.add):
                if writer.add(columns):
                    self._tell("reading")
            self._tell("storing", now=True)
            writer.finish()
        if result.refused_groups - self.refused_groups:
            self.refused_groups = frozenset(result.refused_groups)
            raise _Again
        self._declared()
        demanded = batch.source is not None and batch.source.all_or_nothing
        if demanded and (writer.taken < result.all.count or result.has_errors or result.schema_errors):
            raise _Refused("batch.all_or_nothing", {"count": result.all.count - writer.taken})
        if not writer.taken:
            raise _Refused("batch.nothing_taken", {"count": result.all.count})
        if isinstance(reader, CsvReader) and batch.source is not None:
            mapping.remember(batch.source, reader.mapping)
        return writer.taken

    def _params(self) -> dict[str, Any]:
        batch = self.batch
        maker = maker_of(batch.source, batch.imported_by)
        return {
            "entity": batch.entity_id,
            "batch": batch.pk,
            "channel": batch.channel,
            "received_at": batch.created_at,
            "maker": maker.pk if maker else None,
            "actor": batch.imported_by_id,
        }

    def _tell(self, phase: str, *, now: bool = False) -> None:
        result = self.result
        if result is not None and not self.waited:
            header = result.header
            declared = reading.number(header.declared_count) if header else None
            self.live.tell(
                phase,
                read=result.all.count,
                problems=result.all.bad,
                declared=int(declared) if declared is not None else None,
                now=now,
            )

    def _declared(self) -> None:
        """What the file says of itself, as far as it can be kept; a message id seen before is said."""
        batch, header = self.batch, self.result.header if self.result else None
        if header is None:
            return
        count, total = reading.number(header.declared_count), reading.number(header.declared_sum)
        batch.format = header.format[:20]
        batch.message_id = header.message_id[:70]
        batch.initiating_party = header.initiating_party[:140]
        if count is not None and 0 <= count < 10**15:
            batch.declared_count = int(count)
        if total is not None and abs(total) < LARGEST_SUM:
            batch.declared_sum = total
        if not batch.message_id:
            return
        same = PaymentBatch.objects.filter(entity_id=batch.entity_id, message_id=batch.message_id)
        former = same.exclude(pk=batch.pk).exclude(status__in=["refused", "cancelled"]).first()
        if former is not None:
            params = {"batch": former.pk, "message": batch.message_id}
            path = f"{header.path}/MsgId"
            self._say(
                Problem(0, "batch.message_seen", params, "MsgId", batch.message_id, header.line, path, severity=WARNING)
            )

    def _refuse(self, code: str, params: dict[str, Any]) -> None:
        """Nothing of the file is taken in; what was wrong stays on record, and a corrected file may come."""
        batch = self.batch
        self._declared()
        self._close(0)
        batch.status = PaymentBatch.Status.REFUSED
        batch.refusal_code, batch.refusal_params = code, json.loads(trail.encode(params))
        batch.save()
        self._record("batch.refused")

    def _close(self, taken: int) -> None:
        """Problems into their table, counts onto the batch."""
        if self.problem_count > MOST_PROBLEMS:
            more = {"count": self.problem_count - MOST_PROBLEMS}
            self.problems.append(Problem(0, "file.more_problems", more, severity=WARNING))
        if self.problems:
            rows = [_problem_row(self.batch.pk, problem) for problem in self.problems]
            sql.copy("transactions_intakeproblem", _PROBLEM_COLUMNS, rows)
        batch, result = self.batch, self.result
        counted = result.all if result else Tally()
        batch.read_count, batch.read_sum = counted.count, max(min(counted.total, LARGEST_SUM), -LARGEST_SUM)
        batch.read_sums = self.sums.kept(LARGEST_SUM)
        batch.taken_count, batch.problem_count = taken, counted.count - taken
        batch.batch_count = result.groups if result else 0
        batch.read_at = timezone.now()

    def _record(self, action: str) -> None:
        batch = self.batch
        counts = {
            "read": batch.read_count,
            "taken": batch.taken_count,
            "problems": batch.problem_count,
            "sum": batch.read_sum,
            "format": batch.format,
        }
        refusal = {"code": batch.refusal_code, "params": batch.refusal_params} if batch.refusal_code else {}
        trail.record(
            action,
            subject_type="batch",
            subject_id=batch.pk,
            entity_id=batch.entity_id,
            actor=batch.imported_by,
            data={**counts, **refusal},
        )


def maker_of(source: IntakeSource | None, importer: User | None) -> User | None:
    """Who made what is brought in; None: an outside sender.

    Who could have made it cannot vouch for an outside sender: a person is the maker of what they bring in.
    """
    by_sender = source is not None and source.maker == IntakeSource.Maker.SENDER
    return None if by_sender and (importer is None or importer.is_machine) else importer


def _verify(stored: IO[bytes], batch: PaymentBatch) -> None:
    """The bytes are those that were recorded; leaves the stream at its start."""
    if hashlib.file_digest(cast(io.BufferedReader, stored), "sha256").hexdigest() != batch.attachment.sha256:
        raise BusinessError("attachment.damaged", sha256=batch.attachment.sha256)
    stored.seek(0)


def _problem_row(batch_id: int, problem: Problem) -> tuple[Any, ...]:
    return (
        batch_id,
        problem.position,
        problem.line,
        problem.path[:200],
        problem.field[:60],
        problem.value[:200],
        problem.code,
        trail.encode(problem.params),
        problem.severity,
    )


def resolve(ids: list[int]) -> None:
    """Look up anew what amended payments refer to: our account as creditor, the payee, and with them the kind.

    Inside ``atomic()``, on payments locked by their state. The fingerprint stays that of what came in.
    """
    params = {
        "ids": sorted(ids),
        "keys": json.dumps(_keys(ids)),
        "batch": 0,
        "sepa": list(account_numbers.sepa_countries()),
    }
    for (entity,) in sql.rows(
        "select distinct entity_id from transactions_payment where id = any(%s) order by 1", [ids]
    ):
        STAGE.prepare()
        sql.run(sql.text("transactions", "intake_amended"), {**params, "entity": entity})
        sql.run(sql.text("transactions", "intake_plan"), {**params, "entity": entity})
        sql.run(
            "update transactions_payment p set creditor_account_id = n.creditor_account_id, payee_id = n.payee_id,"
            " kind = n.kind from intake_plan n where p.id = n.position"
            " and (p.creditor_account_id, p.payee_id, p.kind)"
            " is distinct from (n.creditor_account_id, n.payee_id, n.kind)"
        )


def _keys(ids: list[int]) -> dict[str, str]:
    found = sql.rows("select distinct creditor_name from transactions_payment where id = any(%s)", [ids])
    return {name: names.key(name) for (name,) in found}
