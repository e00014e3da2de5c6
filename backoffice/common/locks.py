"""Rows are locked in one order everywhere, so that two acts can wait for each other but never for ever.

The order: batch, bank message, payment state, limit, account balance, outgoing file; a policy of
straight-through processing after the limits. Within one table rows are locked
by ascending key, in a statement of its own, so that the statement after it sees what the lock protects. A service that
needs several kinds takes them in this order; SQL functions keep it too.
"""

from collections.abc import Iterable
from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

ORDER = ("PaymentBatch", "BankMessage", "PaymentState", "Limit", "StraightPolicy", "AccountBalance", "OutgoingFile")

M = TypeVar("M", bound=Model)


def lock(rows: QuerySet[M], keys: Iterable[int], *, skip_locked: bool = False) -> list[M]:
    """The rows with these primary keys, locked for update in ascending order. Must run inside ``atomic()``."""
    name = rows.model.__name__
    if name not in ORDER:
        raise RuntimeError(f"{name} has no place in the order of locks")
    if not connection.in_atomic_block:
        raise RuntimeError("locks last as long as a transaction; open one")
    return list(rows.filter(pk__in=list(keys)).order_by("pk").select_for_update(skip_locked=skip_locked, of=("self",)))
