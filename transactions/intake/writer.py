"""Chunks of understood rows into payments, by COPY and set-based SQL, while the reader reads on.

All chunks of a file go through one connection in one transaction. From the first full chunk on a thread of its own
talks to the database, so that parsing and storing take place at the same time; a short file is stored where it is read.
"""

import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection

from backoffice.common import sql
from transactions.intake import account_numbers
from transactions.intake.fields import COLUMNS
from transactions.intake.rows import ERROR, WARNING, Problem

# A chunk has so many rows, the first ones fewer: the sooner one is full, the sooner the database has something to do.
CHUNK, FIRST = 2_500, 500


class Stage:
    """Where the rows of a chunk wait: ``tables``, the first for the rows themselves, as transactions/sql/``text`` makes
    them; ``steps`` make payments of them, the last of which tells how many of each thing, and the rows seen before."""

    def __init__(
        self, name: str, *, text: str, tables: tuple[str, ...], columns: tuple[str, ...], steps: tuple[str, ...]
    ) -> None:
        self.name, self.text, self.steps = name, text, steps
        self.used = f"select exists (select from pg_temp.{tables[0]})"  # noqa: S608 - names of ours
        self.empty = f"truncate {', '.join(f'pg_temp.{table}' for table in tables)}"
        self.copy = f"copy {tables[0]} ({', '.join(columns)}) from stdin"

    def prepare(self) -> None:
        """The tables, empty, in the present transaction."""
        if sql.keep(self.name, sql.text("transactions", self.text)) and sql.rows(self.used)[0][0]:
            sql.run(self.empty)


STAGE = Stage(
    "intake",
    text="intake_stage",
    tables=("intake_stage", "intake_plan"),
    columns=COLUMNS,
    steps=("intake_plan", "intake_take_in"),
)


def said_before(seen: list[Any]) -> Iterator[Problem]:
    """What is said of rows that were seen before, as intake_take_in.sql tells them."""
    for position, line, reference, batch, payment in seen:
        code = "payment.sent_again" if payment is None else "payment.seen_before"
        params = {"batch": batch, "payment": payment, "reference": reference}
        severity = WARNING if payment is None else ERROR
        yield Problem(position, code, params, "end_to_end_id", reference[:200], line, severity=severity)


class ChunkWriter:
    """Takes rows of one batch. ``params`` are those of intake_take_in.sql. ``taken`` counts the payments made.

    ``stage`` is where they wait. ``births`` is what the rows say of births, as whoever understands them adds it: each
    chunk takes out what there is.

    Use as a context inside ``atomic()``; nothing else may use the connection between the first ``add`` and ``finish``.
    """

    stage = STAGE

    def __init__(self, params: dict[str, Any], say: Callable[[Problem], None]) -> None:
        self.params = {**params, "sepa": list(account_numbers.sepa_countries())}
        self.say = say
        self.taken = 0
        self.lines: list[str] = []
        self.births: list[dict[str, Any]] = []
        self.chunks = 0
        self.size = FIRST
        self.thread: ThreadPoolExecutor | None = None
        self.running: Future[tuple[int, list[Any]]] | None = None

    def __enter__(self) -> "ChunkWriter":
        self.stage.prepare()
        # Django's connection belongs to the thread that opened it; the one below it is shared by taking turns.
        self.database = connection.connection
        return self

    def __exit__(self, *_error: object) -> None:
        """The thread is over before the transaction goes on, whatever happened."""
        if self.thread is not None:
            self.thread.shutdown(wait=True)

    def add(self, columns: tuple[str, ...]) -> bool:
        """Take one row; True when a chunk was handed over."""
        text = "\t".join(columns)
        self.lines.append(text.replace("\\", "\\\\") if "\\" in text else text)
        if len(self.lines) < min(self.size, CHUNK):
            return False
        self.size *= 2
        self._wait()
        if self.thread is None:
            self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="intake")
        self.running = self.thread.submit(self._store, self._content(), self._born())
        return True

    def finish(self) -> None:
        """Store what is left. Afterwards every row is a payment or was said to have been seen before."""
        self._wait()
        if self.lines:
            self._settle(self._store(self._content(), self._born()))

    def _content(self) -> str:
        self.lines.append("")
        content = "\n".join(self.lines)
        self.lines.clear()
        return content

    def _born(self) -> str:
        """What was said of births since the chunk before, as JSON; empty for most."""
        if not self.births:
            return ""
        content = json.dumps(self.births, ensure_ascii=False)
        self.births.clear()
        return content

    def _wait(self) -> None:
        if self.running is not None:
            done, self.running = self.running.result(), None
            self._settle(done)

    def _settle(self, done: tuple[int, list[Any]]) -> None:
        taken, seen = done
        self.taken += taken
        for problem in said_before(seen):
            self.say(problem)

    def _store(self, content: str, births: str) -> tuple[int, list[Any]]:
        """One chunk: how many payments were made, and the rows that were seen before."""
        with self.database.cursor() as cursor:
            if self.chunks:
                cursor.execute(self.stage.empty)
            self.chunks += 1
            cursor.copy_expert(self.stage.copy, io.StringIO(content), size=1 << 20)
            # One way to the database and back: the reader's thread is not kept from its work more than once.
            cursor.execute("".join(sql.text("transactions", step) for step in self.stage.steps), self.params)
            *made, seen = cursor.fetchone()
            if births:
                cursor.execute(sql.text("transactions", "intake_births"), {**self.params, "births": births})
        if len({*made}) != 1:
            raise RuntimeError(f"payments, and what there is of each, differ in number: {made}")
        return made[0], seen
