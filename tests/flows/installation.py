"""A small installation of its own for one test: a broker, real workers in processes, commands in processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import Celery

from backoffice import local

ROOT = Path(__file__).resolve().parents[2]


def wait_for(what: Callable[[], Any], *, seconds: float = 60, every: float = 0.05) -> Any:
    """Poll until ``what`` answers something true; fail when the time is over."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain")
        time.sleep(every)
    return answer


class Installation:
    """Workers and commands run on the database that DATABASE_URL names at the moment, with a broker of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.valkey = local.Valkey(folder)
        self.valkey.start()
        self.workers: list[subprocess.Popen[bytes]] = []
        self.environment = {
            **os.environ, "BACKOFFICE_EAGER": "0", "BACKOFFICE_STATE": os.environ.get("BACKOFFICE_STATE", str(folder)),
            "REDIS_URL": local.redis_url(folder), "BACKOFFICE_LOG": "WARNING",
        }  # fmt: skip
        self.celery = Celery(broker=local.redis_url(folder), set_as_current=False)

    def start_worker(self) -> subprocess.Popen[bytes]:
        log = (self.folder / f"worker{len(self.workers)}.log").open("wb")
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "backoffice", "worker", "--concurrency", "1",
             "--loglevel", "WARNING",
             "--without-gossip", "--without-mingle", "--hostname", f"w{len(self.workers)}@test"],
            cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def kill_workers(self) -> None:
        """End every worker and its children at once, as a power cut would."""
        for worker in self.workers:
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait()

    def command(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            check=check, timeout=240,
        )  # fmt: skip

    def sweep(self) -> None:
        """Have the sweeper look, without its usual patience."""
        self.celery.send_task("transactions.sweep", args=[0.0])

    def stop(self) -> None:
        self.kill_workers()
        self.celery.close()
        self.valkey.stop()
