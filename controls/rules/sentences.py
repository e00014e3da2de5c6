"""Sentences of rules: a text with ``{slots}``, filled with the evidence of a result in the reader's language.

Evidence is kept as texts (``"48250.00000"``, ``"2026-11-20"``), so that nothing is lost and nothing is translated
before it is read. Only plain names are slots; nothing in a sentence can reach an attribute or call anything.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from backoffice.common import formats
from controls.vocabulary import FACTS, PARAMETERS, Kind, Words

_SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_UNKNOWN = "\u2013"


def slots(sentence: str) -> list[str]:
    """The names that a sentence quotes, in order, each once."""
    return list(dict.fromkeys(_SLOT.findall(sentence)))


def fill(sentence: str, evidence: Mapping[str, Any]) -> str:
    """The sentence with its slots written in the active language. A value that is not there shows as a dash."""
    currency = str(evidence.get("currency") or "EUR")
    return _SLOT.sub(lambda match: write(match[1], evidence.get(match[1]), currency), sentence)


def write(name: str, value: Any, currency: str) -> str:
    """One value as a person reads it, by the kind of the fact or parameter that it belongs to."""
    if value is None or value == "":
        return _UNKNOWN if value is None else ""
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    kind, words = _kind(name, value)
    try:
        return _written(kind, words, str(value), currency)
    except (InvalidOperation, ValueError):
        return str(value)


def _kind(name: str, value: Any) -> tuple[Kind, Words]:
    if name in FACTS:
        return FACTS[name].kind, FACTS[name].words
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
        case Kind.CODE if text in words:
            shown = words[text][1 if formats.locale_name().startswith("fr") else 0]
        case _:
            shown = text
    return shown


def thresholds(parameters: Mapping[str, Any], currency: str) -> str:
    """What a rule measures against: ``from €50,000.00``; several with a semicolon. Empty without parameters."""
    french = formats.locale_name().startswith("fr")
    parts = []
    for name, value in parameters.items():
        label = PARAMETERS[name].label[1 if french else 0] if name in PARAMETERS else name
        shown = f"{len(value)}" if isinstance(value, list) and len(value) > 8 else write(name, value, currency)
        after = name in PARAMETERS and PARAMETERS[name].kind is Kind.NUMBER and name != "payments"
        parts.append(f"{shown} {label}" if after else f"{label} {shown}")
    return "; ".join(parts) if not french else "\u00a0; ".join(parts)
