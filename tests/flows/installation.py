"""A small installation of its own: a broker, real workers in processes, commands in processes."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from celery import Celery
from django.db import transaction

from backoffice import local
from backoffice.common import sql
from tests import database

ROOT = Path(__file__).resolve().parents[2]


def wait_for(what: Callable[[], Any], *, seconds: float = 60, every: float = 0.02) -> Any:
    """Poll until ``what`` answers something true; fail when the time is over."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain")
        time.sleep(every)
    return answer


class Cluster:
    """What the tests of a session share: the broker, and the template of the workers (template.py).

    They work on the database that DATABASE_URL names when it is made.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bo-"))
        self.valkey = local.Valkey(self.folder)
        self.valkey.start()
        self.environment = {
            **os.environ, "BACKOFFICE_EAGER": "0", "REDIS_URL": local.redis_url(self.folder),
            "BACKOFFICE_LOG": "WARNING", "BACKOFFICE_CHANNEL_NETWORKS": "127.0.0.0/8",
            "BACKOFFICE_WEBHOOKS_LOOPBACK": "1",
        }  # fmt: skip
        self.environment.setdefault("BACKOFFICE_STATE", str(self.folder))
        self.template = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.template"], cwd=ROOT, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def start_worker(self, *, log: Path, state: Path) -> int:
        assert self.template.stdin is not None
        assert self.template.stdout is not None
        self.template.stdin.write(json.dumps({"log": str(log), "state": str(state)}) + "\n")
        self.template.stdin.flush()
        return int(self.template.stdout.readline())

    def stop(self) -> None:
        assert self.template.stdin is not None
        self.template.stdin.close()
        self.template.wait()
        self.valkey.stop()


class Installation:
    """One test's part of the cluster: an empty broker, workers that it starts and kills."""

    def __init__(self, cluster: Cluster, folder: Path, state: Path) -> None:
        self.cluster, self.folder, self.state = cluster, folder, state
        self.valkey = cluster.valkey
        self.workers: list[int] = []
        self.celery = Celery(broker=local.redis_url(cluster.folder), set_as_current=False)
        with self.celery.connection_for_write() as broker:
            broker.default_channel.client.flushall()

    def start_worker(self) -> None:
        log = self.folder / f"worker{len(self.workers)}.log"
        self.workers.append(self.cluster.start_worker(log=log, state=self.state))

    def kill_workers(self) -> None:
        """End every worker and its children at once, as a power cut would."""
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker, signal.SIGKILL)
        wait_for(lambda: not any(_lives(worker) for worker in self.workers))
        self.workers.clear()

    def others(self) -> int:
        """Sessions of the application beside this one."""
        found: int = sql.rows(
            "select count(*) from pg_stat_activity where datname = current_database() and usename = current_user "
            "and pid <> pg_backend_pid()"
        )[0][0]
        return found

    def killed_at(self, table: str, begin: Callable[[], None] | None = None, *, waiting: int = 1) -> None:
        """Have a worker do what waits and kill it at the moment when it is about to write to the table: so many of its
        sessions are there, with all that they wrote before in open transactions. ``begin`` wakes it (the sweeper)."""
        with transaction.atomic():
            database.as_owner(f"lock table {table} in share row exclusive mode")
            self.start_worker()
            self.until(lambda: _waiting_at(table) >= waiting, begin or self.sweep)
            self.kill_workers()
        # A session that waited for the lock learns now that nobody listens to it.
        wait_for(lambda: self.others() == 0)

    def until(self, what: Callable[[], Any], again: Callable[[], None]) -> Any:
        """Do ``again`` and poll until ``what``. As the clock does, it is done again now and then: the broker may have
        given a message to a worker that had just been killed."""
        for _time in range(20):
            again()
            with contextlib.suppress(AssertionError):
                return wait_for(what, seconds=6)
        raise AssertionError("waited in vain")

    def send(self, name: str, ids: Sequence[Any], _countdown: float | None = None) -> None:
        """In the place of ``tasks._send``: to this broker."""
        self.celery.send_task(name, args=list(ids))

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        environment = {**self.cluster.environment, "BACKOFFICE_STATE": str(self.state)}
        return subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True,
            check=check, timeout=240,
        )  # fmt: skip

    def sweep(self) -> None:
        """Have the sweeper look, without its usual patience."""
        self.celery.send_task("transactions.sweep", args=[0.0])

    def stop(self) -> None:
        self.kill_workers()
        self.celery.close()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _waiting_at(table: str) -> int:
    found: int = sql.rows(
        "select count(*) from pg_locks where not granted and locktype = 'relation' and relation = %s::regclass "
        "and database = (select oid from pg_database where datname = current_database())",
        [table],
    )[0][0]
    return found


def installed(cluster: Cluster, folder: Path, state: Path) -> Iterator[Installation]:
    """For a fixture."""
    made = Installation(cluster, folder, state)
    yield made
    made.stop()
