"""Reasons of alerts: kept as codes with parameters, told as sentences in the reader's language.

A reason is an object with a ``weight`` and one of

- ``rule``: the key of the version of a rule; its sentence is filled with ``params``, the evidence of the finding;
- ``code``: one of those that were given to :func:`register_told`, or to :func:`register`, a text with ``%(name)s``; a
  parameter may be ``{"day": "2026-11-25"}`` or ``{"amount": "1200.00", "currency": "EUR"}``, told as the reader writes
  them;
- ``sentence_en`` and ``sentence_fr``: texts with ``{name}`` (controls/rules/sentences.py).
"""

import functools
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.common import formats
from backoffice.common.errors import BusinessError
from controls.models import Alert, RuleVersion
from controls.rules import sentences

Words = str | Promise
_CODES: dict[str, Words] = {}
_TOLD: dict[str, tuple[Container[str], Callable[[str, Mapping[str, Any]], str]]] = {}
_PARTS = frozenset({"rule", "code", "sentence_en", "sentence_fr", "params", "weight"})
LONGEST = 1000


def register(codes: Mapping[str, Words]) -> None:
    """Sentences of reasons by their codes; each room that raises alerts gives its own."""
    doubled = {code for code in codes.keys() & _CODES.keys() if _CODES[code] != codes[code]}
    if doubled:
        raise RuntimeError(f"reasons registered twice: {sorted(doubled)}")
    _CODES.update(codes)


def register_told(prefix: str, codes: Container[str], told: Callable[[str, Mapping[str, Any]], str]) -> None:
    """Codes that begin with ``prefix`` and go on with one of ``codes`` are told by a function, given the rest."""
    _TOLD[prefix] = (codes, told)


def _teller(code: str) -> Callable[[Mapping[str, Any]], str] | None:
    for prefix, (codes, told) in _TOLD.items():
        rest = code.removeprefix(prefix)
        if rest != code and rest in codes:
            return functools.partial(told, rest)
    return None


register({"by_hand": _("Raised by hand: %(said)s")})


def check(reasons: Sequence[Mapping[str, Any]]) -> None:
    """Refuse what could not be told."""
    if not reasons:
        raise BusinessError("alert.reasons_missing")
    for one in reasons:
        code = str(one.get("code", ""))
        told = (
            "rule" in one
            or code in _CODES
            or _teller(code) is not None
            or ("sentence_en" in one and "sentence_fr" in one)
        )
        long = any(len(str(one.get(name, ""))) > LONGEST for name in ("sentence_en", "sentence_fr"))
        if not told or long or one.keys() - _PARTS or not isinstance(one.get("weight", 0), int | float):
            raise BusinessError("alert.reason_malformed", reason=str(one.get("code") or one)[:80])


@dataclass(frozen=True)
class Reason:
    """``weight`` as it was given, ``share`` of the heaviest in percent, ``rule`` and ``number`` of a rule's version."""

    sentence: str
    weight: float
    share: int = 0
    name: str = ""
    rule: str = ""
    number: int = 0


def told(alerts: Iterable[Alert]) -> dict[int, list[Reason]]:
    """The reasons of alerts, by alert, the heaviest first. One query when rules are among them."""
    rows = list(alerts)
    wanted = {one["rule"] for alert in rows for one in alert.reasons if "rule" in one}
    versions = RuleVersion.objects.select_related("rule").in_bulk(wanted) if wanted else {}
    french = (get_language() or "en").startswith("fr")
    return {alert.pk: ranked(_reason(one, versions, french=french) for one in alert.reasons) for alert in rows}


def ranked(reasons: Iterable[Reason]) -> list[Reason]:
    """The heaviest first, each once, with its share of the heaviest."""
    found: dict[str, Reason] = {}
    for one in reasons:
        if one.sentence not in found or found[one.sentence].weight < one.weight:
            found[one.sentence] = one
    most = max((abs(one.weight) for one in found.values()), default=0) or 1
    rows = sorted(found.values(), key=lambda one: (-one.weight, one.sentence))
    return [
        Reason(one.sentence, one.weight, round(100 * abs(one.weight) / most), one.name, one.rule, one.number)
        for one in rows
    ]


def _reason(one: Mapping[str, Any], versions: Mapping[int, RuleVersion], *, french: bool) -> Reason:
    weight, params = float(one.get("weight", 0)), one.get("params") or {}
    if "rule" in one:
        version = versions.get(one["rule"])
        if version is None:
            return Reason("\u2013", weight)
        text = version.sentence_fr if french else version.sentence_en
        name = version.rule.name_fr if french else version.rule.name_en
        said = sentences.fill(text, params, version.units)
        return Reason(said, weight, name=name, rule=version.rule.code, number=version.number)
    if "code" in one:
        return Reason(_coded(str(one["code"]), params), weight)
    return Reason(sentences.fill(str(one["sentence_fr" if french else "sentence_en"]), params), weight)


def _coded(code: str, params: Mapping[str, Any]) -> str:
    text, teller = _CODES.get(code), _teller(code)
    if text is None and teller is None:
        return code
    try:
        if teller is not None:
            return teller(params)
        return str(text) % {name: _shown(value) for name, value in params.items()}
    except (KeyError, TypeError, ValueError):
        return str(text)


def _shown(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if "day" in value:
        return formats.day(date.fromisoformat(value["day"]))
    return formats.amount(Decimal(value["amount"]), value["currency"])
