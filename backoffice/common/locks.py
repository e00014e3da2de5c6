"""Rows are locked in one order everywhere, so that two acts can wait for each other but never for ever.

The order: standing order, batch, bank message, account that is reconciled, expectation, occurrence, case, payment
state, limit, policy of straight-through processing, account balance, recall, recall request, outgoing file,
transmission. Within one table rows are locked by ascending key, in a statement of its own, so that the statement after
it sees what the lock protects. A service that needs several kinds takes them in this order; SQL functions keep it too.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

from backoffice.common import sql

ORDER = (
    "StandingOrder", "PaymentBatch", "BankMessage", "Reconciled", "Expectation", "Occurrence", "Case", "PaymentState",
    "Limit", "StraightPolicy", "AccountBalance", "Recall", "RecallRequest", "OutgoingFile", "Transmission",
)  # fmt: skip

M = TypeVar("M", bound=Model)


def lock(rows: QuerySet[M], keys: Iterable[int], *, skip_locked: bool = False) -> list[M]:
    """The rows with these primary keys, locked for update in ascending order. Must run inside ``atomic()``."""
    name = rows.model.__name__
    if name not in ORDER:
        raise RuntimeError(f"{name} has no place in the order of locks")
    if not connection.in_atomic_block:
        raise RuntimeError("locks last as long as a transaction; open one")
    return list(rows.filter(pk__in=list(keys)).order_by("pk").select_for_update(skip_locked=skip_locked, of=("self",)))


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Whether this session is the only one at the work of that name, across transactions. False: leave it.

    For work that calls out while no transaction is open. The lock ends with the session, so a killed worker frees it.
    """
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    held = bool(sql.rows("select pg_try_advisory_lock(%s)", [key])[0][0])
    try:
        yield held
    finally:
        if held:
            sql.rows("select pg_advisory_unlock(%s)", [key])
