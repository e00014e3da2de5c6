"""Tasks in processes that stop where their effects become lasting: to be killed there, or overtaken by another worker.

A :class:`Child` is what a worker's process is: a fork with a connection of its own that runs one task by its name.
Asked for a stop it waits there, its transaction and its locks open, until it gets SIGKILL or is let go. So a kill never
falls beside what it is meant for, and nothing sleeps.
"""

import dataclasses
import gc
import json
import os
import re
import select
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from celery import current_app
from django.db import connection, connections

from backoffice.common import sql, tasks
from tests.people import Stage
from transactions import ledger

# Before the first statement that writes, before and after the first commit of something written, after the first task
# that was sent on.
WRITE, COMMIT, COMMITTED, TOLD = "write", "commit", "committed", "told"
_WRITES = re.compile(
    r"\binsert\s+into\b|\bdelete\s+from\b|\bupdate\s+\"?\w+\"?\s+(?:\w+\s+)?set\b"
    r"|\b(?:post_payments|post_receipts|reserve_funds)\(",
    re.IGNORECASE,
)
PATIENCE = 30.0
# More steps than any task of a scene has.
MOST_STEPS = 12


class Child:
    """A worker's process at one task; ``stop`` is where it waits, after it went by so many such places. Its connections
    end with it."""

    living: ClassVar[list["Child"]] = []

    def __init__(self, task: str, args: Sequence[Any], stop: str = "", *, passes: int = 0) -> None:
        tasks._register()
        connections.close_all()  # a child must not end the parent's session when it closes what it inherited
        hears, says = os.pipe()
        waits, goes = os.pipe()
        self.name, self.stopped, self.backend, self.failure = f"{task} to {stop or 'its end'}", False, 0, ""
        self.sent: list[tuple[str, list[Any]]] = []
        self.pid = os.fork()
        if self.pid == 0:
            os.close(hears)
            os.close(goes)
            _work(task, args, (stop, passes), says, waits)
        os.close(says)
        os.close(waits)
        self._hears, self._goes, self._rest, self.over = hears, goes, b"", False
        self.living.append(self)

    def _hear(self, seconds: float) -> None:
        """What it says, as far as it comes within so many seconds."""
        if self.over or not select.select([self._hears], [], [], seconds)[0]:
            return
        told = os.read(self._hears, 65_536)
        if not told:
            self.over = True
            os.close(self._hears)
            os.close(self._goes)
            self.status = os.waitpid(self.pid, 0)[1]
            self.living.remove(self)
            return
        *lines, self._rest = (self._rest + told).split(b"\n")
        for line in lines:
            word, value = json.loads(line)
            if word == "sent":
                self.sent.append((value[0], value[1]))
            else:
                setattr(self, word, value)

    def wait(self, enough: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not (self.over or enough()):
            assert time.monotonic() < deadline, f"{self.name}: waited in vain"
            self._hear(0.005)
        assert not self.failure, f"{self.name}:\n{self.failure}"

    def reaches(self) -> bool:
        """Whether it came to its stop; otherwise it is at its end."""
        self.wait(lambda: self.stopped)
        return self.stopped

    def waits(self) -> bool:
        """Whether it waits for somebody else's lock; otherwise it is at its end."""
        self.wait(self._blocked)
        return not self.over

    def _blocked(self) -> bool:
        if not self.backend:
            return False
        asked = "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s"
        return any(row[0] for row in sql.rows(asked, [self.backend]))

    def end(self) -> list[tuple[str, list[Any]]]:
        """Let it go on, to its end; the tasks that it sent."""
        if self.stopped and not self.over:
            os.write(self._goes, b"!")
        self.wait(lambda: False)
        assert self.status == 0, f"{self.name}: ended with {self.status}"
        return self.sent

    def kill(self) -> None:
        """SIGKILL. The server has noticed when this returns: locks are free, what was not committed is gone."""
        assert self.stopped, self.name
        assert not self.over, self.name
        os.kill(self.pid, signal.SIGKILL)
        self.wait(lambda: False)
        assert os.WTERMSIG(self.status) == signal.SIGKILL
        deadline = time.monotonic() + PATIENCE
        while sql.rows("select 1 from pg_stat_activity where pid = %s", [self.backend]):
            assert time.monotonic() < deadline, "the server keeps the session of a dead worker"
            time.sleep(0.002)


def end_all() -> None:
    """What a test that failed left at a stop: its locks would keep the next one waiting."""
    for child in list(Child.living):
        os.kill(child.pid, signal.SIGKILL)
        while not child.over:
            child._hear(0.1)


def _work(task: str, args: Sequence[Any], where: tuple[str, int], says: int, waits: int) -> None:
    """The child's life. Never returns: what the parent would do at its end is not the child's to do."""
    gc.disable()  # it would look through all that the tests have in memory
    stop, passes = where
    code, before = 1, None  # rows that were written before the present transaction

    def say(word: str, value: Any) -> None:
        os.write(says, json.dumps([word, value]).encode() + b"\n")

    def pause() -> None:
        nonlocal stop, passes
        if passes:
            passes -= 1
            return
        stop = ""
        say("stopped", True)
        os.read(waits, 1)

    def send(name: str, ids: Sequence[Any], _countdown: float | None) -> None:
        say("sent", [name, list(ids)])
        if stop == TOLD:
            pause()

    def statement(execute: Any, text: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal before
        if before is None and not connection.get_autocommit():
            before = _rows_written()
        writes = bool(_WRITES.search(str(text)))
        alone = writes and connection.get_autocommit()  # such a statement is its own transaction
        if (stop == WRITE and writes) or (stop == COMMIT and alone):
            pause()
        answer = execute(text, params, many, context)
        if stop == COMMITTED and alone:
            pause()
        return answer

    def commit() -> None:
        nonlocal before
        wrote = before is not None and _rows_written() > before
        if stop == COMMIT and wrote:
            pause()
        commits()
        before = None
        if stop == COMMITTED and wrote:
            pause()

    try:
        connection.ensure_connection()
        say("backend", connection.connection.info.backend_pid)
        tasks._send = send
        commits, connection._commit = connection._commit, commit  # type: ignore[attr-defined]
        connection.execute_wrappers.append(statement)
        current_app.tasks[task].apply(args=list(args), throw=True)
        connection.close()
        code = 0
    except BaseException:
        say("failure", traceback.format_exc())
    finally:
        os._exit(code)


def _rows_written() -> int:
    """Since the server last took the numbers over. Locked rows do not count, nor what is in temporary tables."""
    with connection.connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_xact_user_tables "
            "where schemaname = 'public'"
        )
        return int(cursor.fetchone()[0])


@dataclasses.dataclass
class Scene:
    """What a task has to do: in an entity of its own, with the parameters of the task, and what to look at besides.
    ``books`` is what the audit of the books says of payments that were made without them."""

    stage: Stage
    args: Sequence[Any] = ()
    look: Callable[[], Any] = lambda: None
    books: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A task of the clock, or one that is sent for later.

    ``acts`` are all records that it and what follows from it leave; ``looked`` and ``rows`` what it does besides, where
    that is not on record. ``kills`` is how many there are to survive: two a commit. ``clock`` is the task that finds
    again what was lost, beside the sweeper; ``waits``: nobody does, people go on with it. ``left`` is sent and not run
    here. ``sends``: it does nothing but send tasks. ``small`` are attributes of modules that make a small scene take
    several transactions.
    """

    task: str
    make: Callable[[str], Scene]
    kills: int
    acts: dict[str, int] = dataclasses.field(default_factory=dict)
    rows: dict[str, int] | None = None
    looked: Any = None
    clock: str = ""
    waits: bool = False
    left: str = ""
    sends: bool = False
    small: tuple[tuple[Any, str, Any], ...] = ()


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What was made since a moment: rows of every table, records by act, and where the payments and accounts stand."""

    rows: dict[str, int]
    acts: dict[str, int]
    states: list[Any]
    balances: list[Any]
    looked: Any


class Clock:
    """Runs scenes by their tasks: tasks that are sent wait here, as they would with the broker."""

    def __init__(self) -> None:
        self.kills = 0
        self.queue: list[tuple[str, list[Any]]] = []
        names = sql.rows(
            "select quote_ident(tablename) from pg_tables where schemaname = 'public' "
            "and tablename not in ('django_migrations', 'django_session', 'controls_ruleset') order by 1"
        )
        self._counting = " union all ".join(f"select '{name}', count(*) from {name}" for (name,) in names)

    def send(self, name: str, ids: Sequence[Any], _countdown: float | None) -> None:
        self.queue.append((name, list(ids)))

    def run(self, scenario: Scenario, code: str, way: Callable[[Scenario, Scene], None]) -> Outcome:
        """A new scene gone through in this way, then healed by the clock; its outcome."""
        scene = scenario.make(code)
        self.queue.clear()  # what was sent while the scene was made was lost
        self._before = self._counts()
        self._last = sql.rows("select coalesce(max(id), 0) from documents_auditrecord")[0][0]
        way(scenario, scene)
        self.drain(scenario)
        deliver("transactions.sweep", 0.0)
        self.drain(scenario)
        if scenario.clock:
            deliver(scenario.clock)
            self.drain(scenario)
        assert audited() == scene.books
        return self.outcome(scene)

    def _counts(self) -> Counter[str]:
        return Counter(dict(sql.rows(self._counting)))

    def outcome(self, scene: Scene) -> Outcome:
        now = self._counts()
        acts = sql.rows(
            "select action, count(*), count(distinct (subject_type, subject_id)) from documents_auditrecord "
            "where id > %s group by 1 order by 1",
            [self._last],
        )
        assert all(count == subjects for _act, count, subjects in acts), acts
        return Outcome(
            rows={name: now[name] - self._before[name] for name in now if now[name] != self._before[name]},
            acts={act: count for act, count, _subjects in acts},
            states=sql.rows(
                "select status, outcome, version, hold_count, brought_back, approvals_given, funds_held "
                "from transactions_paymentstate where entity_id = %s order by payment_id", [scene.stage.entity.pk],
            ),
            balances=sql.rows(
                "select a.kind, b.balance, b.held from transactions_accountbalance b "
                "join transactions_account a on a.id = b.account_id where a.entity_id = %s order by a.id",
                [scene.stage.entity.pk],
            ),
            looked=scene.look(),
        )  # fmt: skip

    def drain(self, scenario: Scenario) -> None:
        """Deliver what was sent, and what that sends, each twice: the broker promises no less and no more than once."""
        most = 200
        while self.queue:
            name, args = self.queue.pop(0)
            if name == scenario.left:
                continue
            for _time in range(2):
                deliver(name, *args)
            most -= 1
            assert most, f"without an end: {name}"

    # Ways

    def undisturbed(self, scenario: Scenario, scene: Scene) -> None:
        deliver(scenario.task, *scene.args)

    def lost(self, scenario: Scenario, scene: Scene) -> None:
        """It never comes to a worker."""

    def killed(self, scenario: Scenario, scene: Scene) -> None:
        """A kill before and after each commit, one after the other. What the killed were to send is lost."""
        self.kills = 0
        for _step in range(MOST_STEPS):
            before = self.outcome(scene)
            for stop in (TOLD,) if scenario.sends else (COMMIT, COMMITTED):
                child = Child(scenario.task, scene.args, stop)
                if not child.reaches():
                    self.queue += child.end()
                    assert self.kills, f"{child.name}: never came there"
                    return
                child.kill()
                self.kills += 1
                if stop == COMMIT:
                    # But for files in the bank's folder, which are known there by their names.
                    left = dataclasses.replace(self.outcome(scene), looked=before.looked)
                    assert left == before, "nothing of what was not committed"
                assert audited() == scene.books
            if scenario.sends:
                return
            if self.outcome(scene) == before:
                return  # it only notes that it was there

    def overtaken(self, stop: str) -> Callable[[Scenario, Scene], None]:
        """A second worker at the same task while the first is at ``stop``; then both go on."""

        def way(scenario: Scenario, scene: Scene) -> None:
            first = Child(scenario.task, scene.args, stop)
            assert first.reaches(), f"{first.name}: never came there"
            second = Child(scenario.task, scene.args)
            second.waits()
            for child in (first, second):
                self.queue += child.end()

        return way

    def inherited(self, scenario: Scenario, scene: Scene) -> None:
        """The first worker is killed with everything done and nothing committed while a second one is at it already."""
        first = Child(scenario.task, scene.args, COMMIT)
        assert first.reaches(), f"{first.name}: never came there"
        second = Child(scenario.task, scene.args)
        second.waits()
        first.kill()
        self.queue += second.end()


def audited() -> list[str]:
    """What the books do not agree on."""
    return sorted(map(str, ledger.audit()))


def deliver(name: str, *args: Any) -> None:
    """Run a task in this process, by its name."""
    tasks._register()
    current_app.tasks[name].apply(args=list(args), throw=True)
