"""What is decided first. Published, so that people can see why something stands where it does.

``priority = 100 lateness + 40 amount band + 30 risk + 15 waiting``, each term from 0 to 1, worked out when the payment
is checked. Lateness is 1 when the payment is due already and falls to 0 four hours before; waiting is 1 after a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

LATENESS, AMOUNT, RISK, WAITING = 100, 40, 30, 15
# From each amount on (in the payment's currency) the share of the band.
BANDS = ((Decimal(100_000), 1.0), (Decimal(50_000), 0.75), (Decimal(10_000), 0.5), (Decimal(1_000), 0.25))
HORIZON, DAY = timedelta(hours=4), timedelta(days=1)

_SHARES = " ".join(f"when {{amount}} >= {amount} then {share}" for amount, share in BANDS)


@dataclass(frozen=True)
class Term:
    """One term of a priority: its weight and its share of it, 0 to 1."""

    name: str
    weight: int
    share: float

    @property
    def points(self) -> float:
        return self.weight * self.share


def terms(*, amount: Decimal, risk: int, due_at: datetime, received_at: datetime, at: datetime) -> list[Term]:
    """The terms as they were at a moment (the check). Their points, rounded in sum, are the priority."""
    left = (due_at - at) / HORIZON
    return [
        Term("lateness", LATENESS, min(1.0, max(0.0, 1 - left))),
        Term("amount", AMOUNT, next((share for least, share in BANDS if amount >= least), 0.0)),
        Term("risk", RISK, min(100, max(0, risk)) / 100),
        Term("waiting", WAITING, min(1.0, max(0.0, (at - received_at) / DAY))),
    ]


def sql(*, amount: str, risk: str, due_at: str, received_at: str, at: str) -> str:
    """The same as an SQL expression over the named columns. Names come from code alone."""
    hours, day = HORIZON.total_seconds(), DAY.total_seconds()
    return (
        f"round({LATENESS} * least(1, greatest(0, 1 - extract(epoch from {due_at} - {at}) / {hours}))"
        f" + {AMOUNT} * case {_SHARES.format(amount=amount)} else 0 end"
        f" + {RISK} * least(100, greatest(0, {risk})) / 100.0"
        f" + {WAITING} * least(1, greatest(0, extract(epoch from {at} - {received_at}) / {day})))::integer"
    )
