"""The same call twice does its work once: an ``Idempotency-Key`` and the answer that was given to it.

The effect and the stored answer commit together, so a crash leaves both or neither. While the first call runs it holds
an advisory lock of its transaction; a second one does not wait but is told so. Should two slip past each other, the
unique key lets one of them commit and the other is undone and given the first one's answer.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from backoffice.common import problems, sql
from backoffice.common.errors import BusinessError, Conflict
from backoffice.people.models import IdempotencyKey, User

REPLAYED = "Idempotency-Replayed"
KEPT_FOR = timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?")
# Who may ask, whether the address exists, whether the service answers: not the outcome of the act, so not kept.
_NOT_KEPT = frozenset({401, 403, 404, 405, 413, 415, 429})

# The lock is tried in the statement that looks for the answer. A row that was committed between its snapshot and the
# lock is missed here, and met again when the answer is stored.
_TAKE = """
    select pg_try_advisory_xact_lock(%(lock)s), row.request_digest, row.status, row.body
    from (select 1) as one left join people_idempotencykey row on row.user_id = %(user)s and row.key = %(key)s
"""
_KEEP = """
    insert into people_idempotencykey (user_id, key, request_digest, status, body, created_at)
    values (%s, %s, %s, %s, %s, clock_timestamp()) on conflict do nothing
"""


class _AnsweredElsewhere(Exception):
    """Another request with this key committed first; ours is undone."""


@dataclass(frozen=True)
class Call:
    """One keyed call of a person: ``digest`` is the SHA-256 of its method, path, body and token."""

    user: User
    key: str
    digest: bytes

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise BusinessError("idempotency.bad_key")

    @property
    def lock(self) -> int:
        name = hashlib.sha256(f"idempotency:{self.user.pk}:{self.key}".encode()).digest()
        return int.from_bytes(name[:8], "big", signed=True)


def once(call: Call, run: Callable[[], HttpResponse], *, hide: Callable[[bytes], bytes] | None = None) -> HttpResponse:
    """The answer of ``run``, or the stored one of the same call before. ``hide`` blanks what may not be stored.

    ``run`` is inside one transaction with the stored answer. Refusals are stored too, after what was begun is undone.
    The caller has asked for the right before: an answer is replayed to whoever may still act, by the same token alone.
    Raises Conflict when the key was used for another call or its first call still runs. Two queries more than the act.
    """
    try:
        with transaction.atomic():
            before = _take(call)
            if before is not None:
                return before
            response = run()
            if response.status_code not in _NOT_KEPT and not _keep(call, response, hide):
                raise _AnsweredElsewhere
            return response
    except _AnsweredElsewhere:
        return _read(call)
    except Exception as error:
        refused = _kept_refusal(call, error)
        if refused is None:
            raise
        return refused


def _take(call: Call) -> HttpResponse | None:
    free, digest, status, body = sql.rows(_TAKE, {"lock": call.lock, "user": call.user.pk, "key": call.key})[0]
    if digest is not None:
        return _replay(call, bytes(digest), status, body)
    if not free:
        raise Conflict("idempotency.in_progress")
    return None


def _replay(call: Call, digest: bytes, status: int, body: str) -> HttpResponse:
    if digest != call.digest:
        raise Conflict("idempotency.other_body")
    response = HttpResponse(
        body.encode(), status=status, content_type="application/json" if status < 400 else problems.CONTENT_TYPE
    )
    response.headers[REPLAYED] = "true"
    return response


def _keep(call: Call, response: HttpResponse, hide: Callable[[bytes], bytes] | None) -> bool:
    body = hide(response.content) if hide else response.content
    return bool(sql.run(_KEEP, [call.user.pk, call.key, call.digest, response.status_code, body.decode()]))


def _read(call: Call) -> HttpResponse:
    row = IdempotencyKey.objects.get(user=call.user, key=call.key)
    return _replay(call, bytes(row.request_digest), int(row.status or 500), row.body)


def _kept_refusal(call: Call, error: Exception) -> HttpResponse | None:
    """The problem for a refusal of the act itself, stored as its answer; None for what is not one."""
    if isinstance(error, BusinessError) and error.code.startswith("idempotency."):
        return None
    response = problems.answer(error)
    if response is None or response.status_code >= 500 or response.status_code in _NOT_KEPT:
        return None
    with transaction.atomic():
        kept = _keep(call, response, None)
    return response if kept else _read(call)


def forget_old(*, now_minus: timedelta = KEPT_FOR, at_most: int = 50_000) -> int:
    """Delete the oldest answers, older than ``now_minus``. Returns how many; call again when it is ``at_most``."""
    return sql.run(
        "delete from people_idempotencykey where id in (select id from people_idempotencykey "
        "where created_at < %s order by created_at limit %s)",
        [timezone.now() - now_minus, at_most],
    )
