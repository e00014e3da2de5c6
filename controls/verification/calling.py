"""Asking an outside service many questions: a few at the same time, within a budget, and not when it is broken.

No transaction is open and no row is locked while a question is on its way; the questions of one run share one answer to
"does it work at all": after ``PATIENCE`` failures in a row the rest is not asked, and nobody asks for a minute.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, LifoQueue

from django.db import transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError
from controls.models import VerificationService
from controls.verification import service as services
from controls.verification.service import Asked, Said
from documents import trail

AT_ONCE, SLICE = 8, 256
# Failures in a row after which a service is left alone, and for how long.
PATIENCE, PAUSE = 5, timedelta(seconds=60)
# For all questions of a file; what is not asked by then can be asked again.
BUDGET_SECONDS = 60.0


@dataclass(frozen=True)
class Question:
    """``after``: the last answer that is kept for it, or 0 (the key of the question depends on it)."""

    entity_id: int
    number: str
    name: str
    after: int = 0


def _not_asked(code: str) -> Said:
    return Said("NOAP", timezone.now(), None, code=f"verification.{code}")


class Run:
    """The questions of one run to one service."""

    def __init__(self, service: VerificationService) -> None:
        self.service, self.until = service, time.monotonic() + BUDGET_SECONDS
        self.failed, self.worked = 0, False
        self.last: Said | None = None
        self._lock, self._idle = threading.Lock(), LifoQueue[Asked]()
        self._stopped = service.paused_until is not None and service.paused_until > timezone.now()

    @property
    def stopped(self) -> bool:
        return self._stopped

    def ask(self, questions: Sequence[Question]) -> Iterator[list[tuple[Question, Said]]]:
        """Answers in parts, each to be kept before the next part is asked. Whatever happens, one for each question."""
        pool = ThreadPoolExecutor(min(AT_ONCE, max(1, len(questions))), thread_name_prefix="verify")
        try:
            for start in range(0, len(questions), SLICE):
                yield self._slice(pool, questions[start : start + SLICE])
        finally:
            # A call that hangs is not waited for: it ends by itself.
            pool.shutdown(wait=False, cancel_futures=True)
            self._close()
            self._note()

    def _slice(self, pool: ThreadPoolExecutor, some: Sequence[Question]) -> list[tuple[Question, Said]]:
        futures: list[tuple[Question, Future[Said]]] = []
        if not self._stopped and self.until > time.monotonic():
            futures = [(one, pool.submit(self._one, one)) for one in some]
            wait([future for _one, future in futures], timeout=max(0.0, self.until - time.monotonic()))
        told = []
        for one, future in futures:
            future.cancel()
            told.append((one, future.result() if future.done() and not future.cancelled() else _not_asked("no_time")))
        if not futures:
            told = [(one, _not_asked("paused" if self._stopped else "no_time")) for one in some]
        return told

    def _one(self, question: Question) -> Said:
        if self._stopped:
            return _not_asked("paused")
        if time.monotonic() >= self.until:
            return _not_asked("no_time")
        asked = None
        try:
            asked = self._open()
            key = services.key_of(question.entity_id, question.number, question.name, question.after)
            said = asked.ask(number=question.number, name=question.name, key=key)
        except BusinessError as refused:
            said = Said("NOAP", timezone.now(), None, code=refused.code, params=dict(refused.params), broken=True)
        finally:
            if asked is not None:
                self._idle.put(asked)
        self._count(said)
        return said

    def _open(self) -> Asked:
        try:
            return self._idle.get_nowait()
        except Empty:
            return services.opened(self.service)

    def _count(self, said: Said) -> None:
        with self._lock:
            if said.broken:
                self.failed, self.last = self.failed + 1, said
                self._stopped = self._stopped or self.failed >= PATIENCE
            else:
                self.failed, self.worked = 0, True

    def _close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _note(self) -> None:
        """Whether the service works: when it begins to fail and when it works again is on record."""
        if not self.worked and self.last is None:
            return
        with transaction.atomic():
            row = VerificationService.objects.select_for_update(no_key=True).get(pk=self.service.pk)
            if self._stopped or (self.last is not None and not self.worked):
                assert self.last is not None  # noqa: S101 - it stopped, or nothing worked
                if row.failing_since is None:
                    _record("verifier.failing", row, {"code": self.last.code, "params": self.last.params})
                row.failing_since = row.failing_since or timezone.now()
                row.paused_until = timezone.now() + PAUSE if self._stopped else row.paused_until
                row.last_code, row.last_params = self.last.code, self.last.params
            else:
                if row.failing_since is not None:
                    _record("verifier.recovered", row, {"failing_since": row.failing_since})
                row.failing_since, row.paused_until, row.last_code, row.last_params = None, None, "", {}
                row.last_ok_at = timezone.now()
            fields = ("failing_since", "paused_until", "last_code", "last_params", "last_ok_at")
            VerificationService.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in fields})


def _record(action: str, service: VerificationService, data: dict[str, object]) -> None:
    trail.record(
        action, subject_type="verifier", subject_id=service.pk, entity_id=service.entity_id, actor=None,
        data={"url": service.url, **data},
    )  # fmt: skip
