"""What one version of a rule says otherwise than another, in words of the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.common import formats
from backoffice.people.models import Entity
from controls.models import RuleVersion
from controls.rules import references
from controls.vocabulary import CHANNELS, KINDS, PARAMETERS, Kind

MOST_SHOWN = 12
NAMES: dict[str, str | Promise] = {
    "expression": gettext_lazy("Condition"),
    "action": gettext_lazy("Action"),
    "mode": gettext_lazy("Mode"),
    "weight": gettext_lazy("Weight"),
    "reject_reason": gettext_lazy("Reason of the rejection"),
    "sentence_en": gettext_lazy("Sentence in English"),
    "sentence_fr": gettext_lazy("Sentence in French"),
    "legal_reference": gettext_lazy("Legal reference"),
    "profiles": gettext_lazy("Profiles"),
    "kinds": gettext_lazy("Kinds of payment"),
    "channels": gettext_lazy("Channels"),
    "entity": gettext_lazy("Entity"),
    "valid_from": gettext_lazy("Payments from"),
    "valid_to": gettext_lazy("Payments until"),
    "dated_by": gettext_lazy("Day that counts"),
    "level": gettext_lazy("Level of control"),
    "certainty": gettext_lazy("Certainty"),
    "starts_at": gettext_lazy("Runs from"),
}


@dataclass(frozen=True)
class Difference:
    """``field`` is a field of the version, or ``parameters.NAME``. What is empty on one side came or went."""

    field: str
    name: str
    before: str
    after: str

    @property
    def said(self) -> str:
        """``threshold: 50,000 becomes 60,000``."""
        told = {"what": self.name, "before": self.before, "after": self.after}
        if not self.before:
            return _("%(what)s: now %(after)s") % told
        if not self.after:
            return _("%(what)s: no longer %(before)s") % told
        return _("%(what)s: %(before)s becomes %(after)s") % told


def between(before: RuleVersion, after: RuleVersion) -> list[Difference]:
    """From one version to the other, in the order of a rule's page. No query beside their entities."""
    found = [
        Difference(field, str(name), told(before, field), told(after, field))
        for field, name in NAMES.items()
        if _raw(before, field) != _raw(after, field)
    ]
    for name in dict.fromkeys([*before.parameters, *after.parameters]):
        was, now = before.parameters.get(name), after.parameters.get(name)
        if isinstance(was, list) and isinstance(now, list):
            # Of lists what went and what came: nothing that is signed hides behind dots.
            gone, come = [one for one in was if one not in now], [one for one in now if one not in was]
            if gone or come:
                sides = [", ".join(str(one) for one in some) for some in (gone, come)]
                found.append(Difference(f"parameters.{name}", name, *sides))
        elif was != now or before.units.get(name) != after.units.get(name):
            sides = [value_said(name, value, version.units) for value, version in ((was, before), (now, after))]
            found.append(Difference(f"parameters.{name}", name, *sides))
    return found


def _raw(version: RuleVersion, field: str) -> Any:
    return version.entity_id if field == "entity" else getattr(version, field)


def told(version: RuleVersion, field: str) -> str:  # noqa: PLR0911 - one for each kind of field
    """One field of a version in words; empty when it says nothing."""
    value = _raw(version, field)
    if value in {None, ""} if not isinstance(value, list) else not value:
        return ""
    if field == "entity":
        return version.entity.name if version.entity else ""
    if field in {"action", "mode", "dated_by", "level", "certainty"}:
        return str(getattr(version, f"get_{field}_display")())
    if field in {"profiles", "kinds", "channels"}:
        return _codes(field, value)
    if field == "legal_reference":
        return references.said(value)
    if field == "starts_at":
        return formats.when(value)
    return formats.day(value) if isinstance(value, date) else str(value)


def _codes(field: str, codes: Sequence[str]) -> str:
    if field == "profiles":
        names = dict(Entity.Profile.choices)
        return ", ".join(str(names.get(code, code)) for code in codes)
    words = KINDS if field == "kinds" else CHANNELS
    language = 1 if formats.locale_name().startswith("fr") else 0
    return ", ".join(words[code][language] if code in words else code for code in codes)


def unit_of(name: str, units: dict[str, str]) -> str:
    """What a parameter measures: as the version says, else as its name is known for."""
    if name in units:
        return units[name]
    kind = PARAMETERS[name].kind if name in PARAMETERS else None
    known: dict[Kind | None, str] = {Kind.MONEY: "money", Kind.PERCENT: "percent", Kind.DATE: "date"}
    return "days" if name == "days" else known.get(kind, "")


def value_said(name: str, value: Any, units: dict[str, str]) -> str:  # noqa: PLR0911 - one for each unit
    """The value of a parameter with its unit: ``50,000``, ``3 days``, ``5%``, ``FR, DE``."""
    if value is None:
        return ""
    if isinstance(value, list):
        more = ", …" if len(value) > MOST_SHOWN else ""
        return ", ".join(str(one) for one in value[:MOST_SHOWN]) + more
    unit, text = unit_of(name, units), str(value)
    try:
        if unit == "date":
            return formats.day(date.fromisoformat(text))
        if unit == "text" or isinstance(value, bool):
            return text
        number = Decimal(text)
    except (InvalidOperation, ValueError):
        return text
    if unit == "percent":
        return formats.percent(number / 100)
    shown = formats.decimal(number, 6)
    return _("%(n)s days") % {"n": shown} if unit == "days" else shown
