"""Stands for controls/scoring/house.py: all movements of the window, each both wanted and past."""

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import numpy as np

from controls.models import Movement
from controls.scoring.movements import movements
from controls.scoring.pasts import Pasts

_NAMES = ("at", "clock", "debtor", "creditor", "name", "operator", "channel", "kind", "currency", "country",
          "reference", "nature", "amount", "ratio")  # fmt: skip


def between(start: datetime, end: datetime, *, most: int) -> Iterator[Any]:
    rows = Movement.objects.filter(
        at__gte=int(start.timestamp()), at__lt=int(end.timestamp()), voided_at=None
    ).order_by("at", "id")[:most]  # fmt: skip
    told = list(rows.values("id", "payment_id", *_NAMES))
    if not told:
        return
    columns = {name: np.array([row[name] for row in told]) for name in ("id", *_NAMES)}
    columns["amount"] = columns["amount"] / 1_000
    payment = np.array([row["payment_id"] for row in told])
    yield SimpleNamespace(pasts=Pasts(movements(columns)), rows=np.arange(len(told)), payments=payment, payment=payment)
