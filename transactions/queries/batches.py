"""How the payments of a file stand."""

from dataclasses import dataclass
from decimal import Decimal

from backoffice.common import sql
from backoffice.common.pages import COUNT_CAP

# The outcomes of checks that are told together, mildest first; "" is not checked yet.
OUTCOMES = {"pass": ("pass", "inform"), "warn": ("warn",), "second": ("second",), "hold": ("hold",),
            "reject": ("reject",), "": ("",)}  # fmt: skip
_GROUP = {outcome: group for group, outcomes in OUTCOMES.items() for outcome in outcomes}


@dataclass
class Fared:
    """Payments with one outcome: how many, and their sum by currency."""

    outcome: str
    count: int
    sums: list[tuple[str, Decimal]]


@dataclass(frozen=True)
class Standing:
    """The first ``COUNT_CAP`` payments of a file by outcome, and how many of them wait in each queue."""

    fared: list[Fared]
    todo: int
    second: int
    waiting: int

    @property
    def count(self) -> int:
        return sum(group.count for group in self.fared)


def standing(batch_id: int) -> Standing:
    """How the payments of a file fared in the checks, and where they wait now. One query."""
    rows = sql.rows(
        """
        select s.outcome, s.status, s.hold_count > 0, p.currency, count(*), sum(p.amount)
        from (select id, currency, amount from transactions_payment where batch_id = %s
              order by position limit %s) p
        join transactions_paymentstate s on s.payment_id = p.id
        group by 1, 2, 3, 4
        """,
        [batch_id, COUNT_CAP],
    )
    counts = dict.fromkeys(OUTCOMES, 0)
    sums: dict[str, dict[str, Decimal]] = {group: {} for group in OUTCOMES}
    waits = {"todo": 0, "second": 0, "waiting": 0}
    for outcome, status, held, currency, number, total in rows:
        group = _GROUP.get(outcome, "")
        counts[group] += number
        sums[group][currency] = sums[group].get(currency, Decimal(0)) + total
        if status in {"checked", "validated"}:
            waits["waiting" if held else "todo" if status == "checked" else "second"] += number
    fared = [Fared(group, counts[group], sorted(sums[group].items())) for group in OUTCOMES if counts[group]]
    return Standing(fared, **waits)
