"""Reads of this room, by name. Each says how many queries it makes; lists never count or skip rows without a bound."""

from transactions.queries.payments import (
    NEVER_PAID,
    PAST_MONTHS,
    Obstacle,
    PastPayment,
    bank_details,
    entries,
    holds,
    obstacles,
    past_with_payee,
    payment,
    prepared,
    related,
    signatures,
    states,
    timeline,
    twins,
)
from transactions.queries.queue import (
    LARGE,
    LARGE_FROM,
    MINE,
    SECOND,
    TODO,
    VIEWS,
    WAITING,
    Place,
    QueueFilter,
    QueuePage,
    decisions_today,
    queue_counts,
    queue_neighbours,
    queue_page,
    queue_rows,
)
from transactions.queries.search import PaymentFilter, interpret, payments_page

__all__ = [
    "LARGE", "LARGE_FROM", "MINE", "NEVER_PAID", "PAST_MONTHS", "SECOND", "TODO", "VIEWS", "WAITING", "Obstacle",
    "PastPayment", "PaymentFilter", "Place", "QueueFilter", "QueuePage", "bank_details", "decisions_today", "entries",
    "holds", "interpret", "obstacles", "past_with_payee", "payment", "payments_page", "prepared", "queue_counts",
    "queue_neighbours", "queue_page", "queue_rows", "related", "signatures", "states", "timeline", "twins",
]  # fmt: skip
