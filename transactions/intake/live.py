"""How far the reading of a batch is, while it runs. Kept in the cache, because the reading is one transaction.

A cache that does not answer costs the progress, never the reading.
"""

import time
from typing import Any

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from transactions.models import PaymentBatch

log = structlog.get_logger(__name__)
KEPT_SECONDS = 3600
_FAILURES = (RedisError, OSError)


def _key(batch_id: int) -> str:
    return f"intake:{batch_id}"


class Live:
    """Tells how far the reading is: real counts, at most ``EVERY`` seconds old."""

    EVERY = 0.5

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self.started = time.time()
        self.told = 0.0

    def tell(self, phase: str, *, read: int, problems: int, declared: int | None, now: bool = False) -> None:
        moment = time.time()
        if not now and moment - self.told < self.EVERY:
            return
        self.told = moment
        state = {
            "phase": phase,
            "read": read,
            "problems": problems,
            "declared": declared,
            "seconds": round(moment - self.started, 1),
        }
        try:
            cache.set(_key(self.batch_id), state, KEPT_SECONDS)
        except _FAILURES as error:
            log.warning("progress.not_told", error=type(error).__name__)


def of(batch_id: int) -> dict[str, Any]:
    """How far a batch is: phase (received, reading, storing, checking, ready, refused, cancelled) and counts.

    ``read``, ``problems`` (not taken in), ``taken``, ``checked``; ``declared`` by the file, or None; ``seconds`` since
    the reading began and ``rate`` in payments a second, None when it does not run. One query, one look into the cache.
    """
    batch = PaymentBatch.objects.only(
        "status", "read_count", "problem_count", "taken_count", "checked_count", "declared_count"
    ).get(pk=batch_id)
    told: dict[str, Any] = {
        "batch": batch_id,
        "status": batch.status,
        "phase": batch.status,
        "read": batch.read_count,
        "problems": batch.problem_count,
        "taken": batch.taken_count,
        "checked": batch.checked_count,
        "declared": batch.declared_count,
        "seconds": None,
        "rate": None,
        "finished": batch.status in {"ready", "refused", "cancelled"},
    }
    if batch.status in {"received", "reading"}:
        try:
            live = cache.get(_key(batch_id))
        except _FAILURES:
            live = None
        if live:
            told |= live
            told["rate"] = round(live["read"] / live["seconds"]) if live["seconds"] else None
    return told
