"""What standing orders that fall due bring in: payments as data, each of which names the date that it is made for."""

from collections.abc import Callable
from typing import Any

from backoffice.common import sql
from transactions.intake.json_rows import FIELDS, JsonReader
from transactions.intake.received import ReceivedWriter
from transactions.intake.rows import Problem

# Who asked for the terms made the payments. Of the dates of one batch it is one person (standing/runs.py).
_MAKER = """
    select o.asked_by_id from transactions_standingdue d join transactions_standingorder o on o.id = d.order_id
    where d.batch_id = %s limit 1
"""
_MADE = """
    update transactions_standingdue d set status = 'made', payment_id = p.id
    from transactions_payment p
    where p.batch_id = %(batch)s and d.batch_id = %(batch)s and d.id = p.payment_info_id::bigint
      and d.status = 'planned'
"""


class StandingWriter(ReceivedWriter):
    """Chunks of payments, each with the date of the order that it is made for."""

    def __init__(self, params: dict[str, Any], say: Callable[[Problem], None]) -> None:
        found = sql.rows(_MAKER, [params["batch"]])
        super().__init__({**params, "maker": found[0][0] if found else params["maker"]}, say)

    def finish(self) -> None:
        super().finish()
        if sql.run(_MADE, {"batch": self.params["batch"]}) != self.taken:
            raise RuntimeError("payments of standing orders, and the dates that they are made for, differ in number")


class StandingReader(JsonReader):
    """Reads what the runs wrote. ``due`` is the number of the date, kept as the payment's group."""

    fields = {**FIELDS, "due": "payment_info_id"}
    writer = StandingWriter
