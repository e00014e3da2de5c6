"""The rules that the product ships, as data. One module a family; ``catalogue.load`` brings them into the database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from controls.models import Rule, RuleVersion

Family = Rule.Family
Action = RuleVersion.Action
Certainty = RuleVersion.Certainty
DatedBy = RuleVersion.DatedBy
Level = RuleVersion.Level
# Profiles of organisation, by the marks of the reference: banks, payment and e-money institutions; investment firms.
PSP = ("bank",)
INVESTMENT = ("investment",)
# How well the sources were read, by their marks: a rule that rests on what was not read warns, holds, never rejects.
_READ = {
    "AML-01": Certainty.READ, "AML-02": Certainty.READ, "AML-03": Certainty.READ, "AML-04": Certainty.READ,
    "AML-05": Certainty.KNOWN, "AML-06": Certainty.IN_PART, "AML-09": Certainty.IN_PART, "CLI-01": Certainty.IN_PART,
    "CTL-03": Certainty.KNOWN, "CTL-05": Certainty.KNOWN, "SEP-01": Certainty.IN_PART, "SEP-02": Certainty.READ,
    "SEP-04": Certainty.READ, "SEP-05": Certainty.READ, "SEP-06": Certainty.KNOWN, "TIM-02": Certainty.KNOWN,
    "TIM-03": Certainty.READ, "TIM-04": Certainty.IN_PART,
}  # fmt: skip


def typography(text: str) -> str:
    """French spacing: a no-break space inside guillemets and before : ; ? ! and %."""
    return re.sub(r" ([:;?!%»])", "\u00a0\\1", text).replace("« ", "«\u00a0")


@dataclass(frozen=True)
class Shipped:
    """A rule and what its first sentence quotes. ``expression`` is true for a payment that does not pass.

    ``weight`` adds to the risk of 0 to 100; ``reject_reason`` is the ISO 20022 code proposed to whoever rejects. Whom
    and when it concerns, its level of control and how well its source was read: see RuleVersion.
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
    valid_from: date | None = None
    valid_to: date | None = None
    dated_by: str = RuleVersion.DatedBy.RECEIPT
    level: int = RuleVersion.Level.OPERATIONS
    # How well the source was read; by the mark that the reference begins with unless it is said here.
    read: str | None = None

    @property
    def certainty(self) -> str:
        return str(_READ.get(self.legal_reference[:6], Certainty.HOUSE) if self.read is None else self.read)

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
            "valid_from": self.valid_from,
            "valid_to": self.valid_to,
            "dated_by": str(self.dated_by),
            "level": int(self.level),
            "certainty": self.certainty,
        }
