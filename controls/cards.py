"""Control cards as people read them: each check with result, value, limit, source and time, as a signer saw it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_datetime

from backoffice.people.models import User
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
    # Of a payment that went through without signatures, as its policy stood: amounts, and people by their names.
    policy: dict[str, Any] | None = None

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
    """The cards of a payment's signatures, the first signature first, withdrawn ones included. One query."""
    return list(
        ControlCard.objects.filter(payment=payment_id, signature__isnull=False)
        .select_related("signature__person", "signature__on_behalf_of")
        .defer("content")
        .order_by("pk")
    )


def read(payment_id: int, card_id: int) -> Card | None:
    """One card of a payment with its checks in the reader's language. Four queries, five of a release."""
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
    ran_at = parse_datetime(content["ran_at"]) if content["ran_at"] else None
    return Card(found, content, checks, ran_at, _policy(content.get("policy")))


def of_release(payment_id: int) -> ControlCard | None:
    """The card of the last release of a payment under a policy. One query."""
    rows = ControlCard.objects.filter(payment=payment_id, release__isnull=False).select_related("release__policy")
    return rows.defer("content").order_by("-pk").first()


def _policy(kept: dict[str, Any] | None) -> dict[str, Any] | None:
    if kept is None:
        return None
    names = dict(User.objects.filter(pk__in=[kept["written_by"], kept["approved_by"]]).values_list("pk", "full_name"))
    return {
        **kept,
        **{name: Decimal(kept[name]) for name in ("max_amount", "day_amount")},
        **{name: names.get(kept[name], "") for name in ("written_by", "approved_by")},
    }
