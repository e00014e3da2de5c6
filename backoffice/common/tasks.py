"""How rooms wake each other: a task by name, with identifiers, after commit.

A lost task is a waiting payment, never a released one: what a task would have done is found again by the sweeper. So a
broker that is down is logged and forgiven here.
"""

import functools
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class Retryable(Exception):
    """A failure that time may mend (a server that does not answer). Anything else is not tried again."""


def enqueue(name: str, *ids: Any, countdown: float | None = None) -> None:
    """Send the task ``name`` with identifiers when the present transaction commits."""
    transaction.on_commit(functools.partial(_send, name, ids, countdown))


def _send(name: str, ids: tuple[Any, ...], countdown: float | None) -> None:
    try:
        if current_app.conf.task_always_eager:
            _register()
            current_app.tasks[name].apply(args=ids)
        else:
            current_app.send_task(name, args=ids, countdown=countdown)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("task.not_sent", task=name, error=type(error).__name__)


@functools.cache
def _register() -> None:
    """Import the rooms' tasks, as a worker does when it starts. Once a process."""
    current_app.autodiscover_tasks(force=True)
