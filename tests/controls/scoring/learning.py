"""A house with a past to learn from: movements of half a year, a few of whose payments people judged in cases."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from backoffice.people.models import User
from controls import cases
from controls.models import Case, Movement
from tests.controls import cases_scene
from tests.controls.scoring import streams
from transactions.models import Payment

SMALL: dict[str, Any] = {"trees": {"rounds": 20, "seeds": 2, "min_data_in_leaf": 10}}
DAYS = 180
# Payments of the scene have real keys; the others' are beyond them.
_BEYOND = 10**12
_COLUMNS = ("at", "clock", "debtor", "creditor", "name", "operator", "channel", "kind", "currency", "country",
            "reference", "nature", "amount")  # fmt: skip


@dataclass
class House:
    scene: cases_scene.Scene
    # Of the window, both included.
    first: date
    last: date
    cases: list[Case]

    def judge(self, count: int | None = None, *, disposition: Any = None, actor: User | None = None) -> list[Case]:
        """Close so many of the cases that are open."""
        wanted = [case for case in self.cases if case.status != Case.Status.CLOSED][:count]
        said = disposition or cases_scene.RISK
        answers = cases.decide(ids=[case.pk for case in wanted], actor=actor or self.scene.one, **said)
        assert all(answer.done for answer in answers), answers
        for case in wanted:
            case.refresh_from_db()
        return wanted


def house(*, movements: int = 1_500, judged: int = 4) -> House:
    """``judged``: movements of real payments with an open case each, evenly spread, with the highest amounts."""
    here = cases_scene.scene("LEARNS")
    last = timezone.now().astimezone(UTC).date() - timedelta(days=31)
    first = last - timedelta(days=DAYS - 1)
    start = int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp())
    columns = streams.columns(movements, days=DAYS)
    columns["at"] = columns["at"] - streams.START + start
    columns["clock"] = columns["at"]
    columns["nature"] = np.zeros(movements, dtype=np.int64)
    chosen = np.linspace(20, movements - 20, judged).astype(int).tolist() if judged else []
    columns["amount"][chosen] = 900_000
    payments = dict(zip(chosen, _payments(here, judged), strict=True))
    made = [
        Movement(
            payment_id=payments[row].pk if row in payments else _BEYOND + row, entity=here.stage.entity, ratio=1.0,
            **{name: int(columns[name][row] * (1_000 if name == "amount" else 1)) for name in _COLUMNS},
        )
        for row in range(movements)
    ]  # fmt: skip
    Movement.objects.bulk_create(made)
    rows = [cases_scene.row(payment, score=60) for payment in payments.values()]
    raised = cases.raise_alerts(rows) if rows else None
    found = list(Case.objects.filter(pk__in=raised.cases).order_by("pk")) if raised else []
    return House(here, first, last, found)


def _payments(here: cases_scene.Scene, count: int) -> list[Payment]:
    return [here.payment(creditor_number=f"DE{number:020}") for number in range(count)]
