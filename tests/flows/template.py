"""Real workers, soon: a process that imports the product once and forks a worker for each that is asked for.

What starts is a Celery worker as in production: a session of its own, a parent and a pool, the broker's queue. Only the
imports, which take longer than all that a test does with it, are shared. Asked by lines of JSON at its standard input:
the log and the folder of the state; answers each with the worker's number.
"""

import gc
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

WORKER = [
    "worker", "--concurrency", "1", "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
    "--without-heartbeat",
]  # fmt: skip

# What a worker imports when it starts and its tasks when they run.
LATE = (
    "celery.apps.worker", "celery.bin.worker", "celery.concurrency.prefork", "celery.contrib.rdb",
    "celery.events.state", "celery.worker.autoscale", "celery.worker.components", "celery.worker.consumer",
    "celery.worker.strategy", "billiard.heap", "billiard.popen_fork", "billiard.synchronize", "kombu.pidbox",
    "kombu.transport.redis", "backoffice.webhooks.delivery", "controls.assess", "transactions.channels.fetching",
    "transactions.messages",
)  # fmt: skip


def main() -> None:
    import django

    django.setup()
    from celery import current_app

    import backoffice.celery  # noqa: F401 - the application that is current

    current_app.loader.import_default_modules()
    for name in LATE:
        importlib.import_module(name)
    gc.freeze()  # what is here stays: a worker need not look through it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a worker: the kernel buries it
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        print(pid, flush=True)


def _become(asked: dict[str, Any]) -> None:
    from celery import current_app
    from django.conf import settings

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    settings.STATE_DIR = Path(asked["state"])
    settings.MEDIA_ROOT = settings.STATE_DIR / "attachments"
    current_app.worker_main([*WORKER, "--hostname", f"{os.getpid()}@test"])
    os._exit(0)


if __name__ == "__main__":
    main()
