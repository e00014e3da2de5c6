"""Sentences of rules: a text with ``{slots}``, filled with the evidence of a result in the reader's language.

Evidence is kept as texts (``"48250.00000"``, ``"2026-11-20"``), so that nothing is lost and nothing is translated
before it is read. Only plain names are slots; nothing in a sentence can reach an attribute or call anything.
"""

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext, override

from backoffice.common import formats
from controls.vocabulary import FACTS, PARAMETERS, Kind, Words

_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_UNKNOWN = "\u2013"
_TRUTHS = {"true": True, "True": True, "false": False, "False": False}


def slots(sentence: str) -> list[str]:
    """The names that a sentence quotes, in order, each once."""
    return list(dict.fromkeys(_SLOT.findall(sentence)))


Units = Mapping[str, str]
_NO_UNITS: Units = {}
_MEASURED = {
    "money": Kind.MONEY, "percent": Kind.PERCENT, "days": Kind.NUMBER, "count": Kind.NUMBER, "date": Kind.DATE,
    "text": Kind.TEXT, "list": Kind.TEXT,
}  # fmt: skip


def fill(sentence: str, evidence: Mapping[str, Any], units: Units = _NO_UNITS) -> str:
    """The sentence with its slots written in the active language. A value that is not there shows as a dash.

    ``units``: what the version's own parameters measure.
    """
    currency = str(evidence.get("currency") or "EUR")
    return _SLOT.sub(lambda match: write(match[1], evidence.get(match[1]), currency, units), sentence)


def both(english: str, french: str, evidence: Mapping[str, Any], units: Units = _NO_UNITS) -> dict[str, str]:
    """The sentences in their own languages, whatever the reader's."""
    told = {}
    for code, sentence in (("en", english), ("fr", french)):
        with override(code):
            told[f"sentence_{code}"] = fill(sentence, evidence, units)
    return told


def document(value: Any) -> dict[str, Any]:
    """JSON comes as text from a bare cursor and as an object from the ORM."""
    parsed: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return parsed


def write(name: str, value: Any, currency: str, units: Units = _NO_UNITS) -> str:
    """One value as a person reads it, by the kind of the fact or parameter that it belongs to."""
    if value is None or value == "":
        return _UNKNOWN if value is None else ""
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    kind, words = _kind(name, value, units)
    try:
        return _written(kind, words, str(value), currency)
    except (InvalidOperation, ValueError):
        return str(value)


def _kind(name: str, value: Any, units: Units) -> tuple[Kind, Words]:
    if name in FACTS:
        return FACTS[name].kind, FACTS[name].words
    if name in units:
        return _MEASURED.get(units[name], Kind.TEXT), {}
    if name in PARAMETERS:
        return PARAMETERS[name].kind, {}
    return (Kind.NUMBER if isinstance(value, int | float) else Kind.TEXT), {}


def _written(kind: Kind, words: Words, text: str, currency: str) -> str:
    match kind:
        case Kind.MONEY:
            shown = formats.amount(Decimal(text), currency)
        case Kind.NUMBER:
            shown = formats.decimal(Decimal(text))
        case Kind.PERCENT:
            shown = formats.percent(Decimal(text) / 100)
        case Kind.DATE:
            shown = formats.day(date.fromisoformat(text))
        case Kind.ACCOUNT:
            shown = formats.masked(text)
        case Kind.BOOLEAN if text in _TRUTHS:
            shown = gettext("yes") if _TRUTHS[text] else gettext("no")
        case Kind.CODE if text in words:
            shown = words[text][1 if formats.locale_name().startswith("fr") else 0]
        case _:
            shown = text
    return shown


def thresholds(parameters: Mapping[str, Any], currency: str, units: Units = _NO_UNITS) -> str:
    """What a rule measures against: ``from €50,000.00``; several with a semicolon. Empty without parameters."""
    french = formats.locale_name().startswith("fr")
    parts = []
    for name, value in parameters.items():
        label = PARAMETERS[name].label[1 if french else 0] if name in PARAMETERS else name
        shown = f"{len(value)}" if isinstance(value, list) and len(value) > 8 else write(name, value, currency, units)
        if name in units:
            parts.append(measured(name, shown, units[name]))
            continue
        after = name in PARAMETERS and PARAMETERS[name].kind is Kind.NUMBER and name != "payments"
        parts.append(f"{shown} {label}" if after else f"{label} {shown}")
    return "; ".join(parts) if not french else "\u00a0; ".join(parts)


def measured(name: str, shown: str, unit: str) -> str:
    """A parameter of the house's own: ``limit = 3 days``."""
    if unit == "days":
        shown = gettext("%(n)s days") % {"n": shown}
    return f"{name} = {shown}"
