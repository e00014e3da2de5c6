"""Control cards as people read them: each check with result, value, limit, source and time, as a signer saw it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime

from controls import queries
from controls.models import Assessment, ControlCard
from controls.queries import Finding


@dataclass(frozen=True)
class Card:
    """A frozen card. ``whole`` says that its content still has the digest it was frozen with."""

    frozen: ControlCard
    content: dict[str, Any]
    checks: list[Finding]
    ran_at: datetime | None

    @property
    def digest(self) -> str:
        return bytes(self.frozen.digest).hex()

    @property
    def whole(self) -> bool:
        return hashlib.sha256(self.frozen.content.encode()).digest() == bytes(self.frozen.digest)

    @property
    def amount(self) -> Decimal:
        return Decimal(self.content["amount"])

    @property
    def ceilings(self) -> list[tuple[Decimal, Decimal | None]]:
        """Of the signer, and of the one in whose place they signed: for one payment, and for the day."""
        return [
            (Decimal(one["one"]), None if one["day"] is None else Decimal(one["day"]))
            for one in self.content["ceilings"]
        ]


def of(payment_id: int) -> list[ControlCard]:
    """The cards of a payment, the first signature first, withdrawn ones included. One query."""
    return list(
        ControlCard.objects.filter(payment=payment_id)
        .select_related("signature__person", "signature__on_behalf_of")
        .defer("content")
        .order_by("pk")
    )


def read(payment_id: int, card_id: int) -> Card | None:
    """One card of a payment with its checks in the reader's language. Four queries."""
    found = (
        ControlCard.objects.filter(payment=payment_id, pk=card_id)
        .select_related("signature__person", "signature__on_behalf_of")
        .first()
    )
    if found is None:
        return None
    content: dict[str, Any] = json.loads(found.content)
    ran = Assessment.objects.filter(pk=content["assessment"]).select_related("rule_set", "payment__entity").first()
    checks = queries.checks_of(ran) if ran else []
    return Card(found, content, checks, parse_datetime(content["ran_at"]) if content["ran_at"] else None)
