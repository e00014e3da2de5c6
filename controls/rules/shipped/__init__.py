"""The rules that the product ships, as data. One module a family; ``catalogue.load`` brings them into the database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controls.models import Rule, RuleVersion

Family = Rule.Family
Action = RuleVersion.Action


def typography(text: str) -> str:
    """French spacing: a no-break space inside guillemets and before : ; ? ! and %."""
    return re.sub(r" ([:;?!%»])", "\u00a0\\1", text).replace("« ", "«\u00a0")


@dataclass(frozen=True)
class Shipped:
    """A rule and what its first sentence quotes. ``expression`` is true for a payment that does not pass.

    ``weight`` adds to the risk of 0 to 100; ``reject_reason`` is the ISO 20022 code proposed to whoever rejects.
    """

    code: str
    family: str
    name_en: str
    name_fr: str
    expression: str
    action: str
    weight: int
    sentence_en: str
    sentence_fr: str
    legal_reference: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    reject_reason: str = ""
    profiles: tuple[str, ...] = ()

    @property
    def content(self) -> dict[str, Any]:
        """What a version holds of it, as stored."""
        return {
            "expression": " ".join(self.expression.split()),
            "parameters": dict(self.parameters),
            "action": self.action,
            "weight": self.weight,
            "reject_reason": self.reject_reason,
            "sentence_en": self.sentence_en,
            "sentence_fr": typography(self.sentence_fr),
            "legal_reference": self.legal_reference,
            "profiles": list(self.profiles),
        }
