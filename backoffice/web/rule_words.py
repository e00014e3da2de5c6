"""Rules in words: conditions of the builder, parameters with units, sentences with an example, where a fault is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice.common import formats
from backoffice.common.errors import BusinessError
from controls.models import RuleVersion
from controls.rules import builder, differences, language, rule_lists, rulesets, sentences
from controls.rules.builder import Condition, Group
from controls.vocabulary import FACTS, Kind

OPERATORS: dict[str, str | Promise] = {
    "eq": gettext_lazy("is"),
    "ne": gettext_lazy("is not"),
    "lt": gettext_lazy("is below"),
    "le": gettext_lazy("is at most"),
    "gt": gettext_lazy("is above"),
    "ge": gettext_lazy("is at least"),
    "between": gettext_lazy("is between"),
    "in": gettext_lazy("is one of"),
    "not_in": gettext_lazy("is none of"),
    "in_list": gettext_lazy("is in the list"),
    "not_in_list": gettext_lazy("is not in the list"),
    "begins": gettext_lazy("begins with"),
    "ends": gettext_lazy("ends with"),
    "contains": gettext_lazy("contains"),
    "like": gettext_lazy("matches the pattern"),
    "yes": pgettext_lazy("fact", "is true"),
    "no": pgettext_lazy("fact", "is false"),
    "known": gettext_lazy("is known"),
    "unknown": gettext_lazy("is not known"),
}
GROUPS: dict[tuple[str, bool], str | Promise] = {
    ("all", False): gettext_lazy("all of these hold"),
    ("any", False): gettext_lazy("any of these holds"),
    ("all", True): gettext_lazy("not all of these hold"),
    ("any", True): gettext_lazy("none of these holds"),
}
# What a payment may be like, for the example of a sentence.
_EXAMPLES = {
    Kind.MONEY: "48250.00", Kind.NUMBER: "4", Kind.PERCENT: "62", Kind.DATE: "2026-11-20", Kind.BOOLEAN: "true",
    Kind.ACCOUNT: "FR7612345000010000002000146", Kind.TEXT: "Kervella",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A node of the builder in words: a group with what is in it, or a condition."""

    words: str
    items: "tuple[Said, ...]" = ()


def tree(node: Condition | Group, parameters: Mapping[str, Any], units: dict[str, str]) -> Said:
    if isinstance(node, Group):
        return Said(str(GROUPS[node.of, node.negated]), tuple(tree(item, parameters, units) for item in node.items))
    values = [_value(node.fact, value, parameters, units) for value in node.values]
    between = _(" and ") if node.operator == "between" else ", "
    shown = between.join(value if value else _("empty") for value in values)
    what = {"what": called(node.fact)}
    if node.operator in {"yes", "no"}:
        return Said((_("%(what)s: yes") if node.operator == "yes" else _("%(what)s: no")) % what)
    return Said(" ".join(part for part in (what["what"], str(OPERATORS[node.operator]), shown) if part))


def called(fact: str) -> str:
    """What a fact means, for a sentence: without the remark on when it is not known, which follows a semicolon."""
    return _(FACTS[fact].meaning).partition(";")[0].rstrip()


def _value(fact: str, value: builder.Value, parameters: Mapping[str, Any], units: dict[str, str]) -> str:
    if value.kind == "parameter" and value.text in parameters:
        return differences.value_said(value.text, parameters[value.text], units)
    if value.kind == "fact":
        return _("“%(text)s”") % {"text": called(value.text)}
    if value.kind == "list":
        return value.text
    words = FACTS[fact].words
    if value.text in words:
        return words[value.text][1 if formats.locale_name().startswith("fr") else 0]
    return sentences.write(fact, value.text, "EUR") if value.kind == "number" else value.text


def conditions(version: RuleVersion) -> Said | None:
    """What a version asks, in words; None when only its text can say it."""
    found = builder.from_text(version.expression, version.parameters)
    return whole(found.tree, version.parameters, version.units) if found.tree else None


def whole(found: Group, parameters: Mapping[str, Any], units: dict[str, str]) -> Said:
    """A rule of one condition is said without "all of these"."""
    single = len(found.items) == 1 and not found.negated
    return tree(found.items[0] if single else found, parameters, units)


def parameters(version: RuleVersion) -> list[tuple[str, str, str]]:
    """Name, value with its unit, and the unit's word."""
    units = dict(RuleVersion.Unit.choices)
    told = []
    for name, value in version.parameters.items():
        unit = "list" if isinstance(value, list) else differences.unit_of(name, version.units)
        told.append((name, differences.value_said(name, value, version.units), str(units.get(unit, ""))))
    return told


def examples(version: RuleVersion) -> dict[str, str]:
    """Both sentences filled for a payment as it might be."""
    evidence: dict[str, Any] = {"currency": "EUR"}
    for name in rulesets.quoted_names(version.sentence_en, version.sentence_fr):
        if name in version.parameters:
            evidence[name] = version.parameters[name]
        elif name in FACTS:
            fact = FACTS[name]
            evidence[name] = next(iter(fact.words)) if fact.words else _EXAMPLES.get(fact.kind, "–")
        else:
            day = getattr(version, name)
            evidence[name] = day.isoformat() if day else None
    evidence["currency"] = "EUR"
    return sentences.both(version.sentence_en, version.sentence_fr, evidence, version.units)


@dataclass(frozen=True)
class Fault:
    """Why a text is refused, and where: the line, and the caret under its character."""

    sentence: str
    line: str = ""
    caret: str = ""
    number: int = 0
    column: int = 0


def fault(text: str, wrong: BusinessError) -> Fault:
    position = wrong.params.get("position")
    if not isinstance(position, int):
        return Fault(str(wrong))
    before = text[: max(position - 1, 0)]
    number, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)
    lines = text.split("\n")
    line = lines[number - 1] if number <= len(lines) else ""
    # Of a long line, what stands around the place.
    start = max(0, column - 50)
    shown = line[start : start + 90].replace("\t", " ")
    return Fault(str(wrong), shown, " " * (column - start) + "^", number, column + 1)


def looked_at(
    expression: str, given: Mapping[str, Any], units: Mapping[str, str], entity_id: int | None
) -> Fault | Said | None:  # fmt: skip
    """What is wrong with a text, or what it asks in words; None when only the text can say it. One query."""
    text = expression.replace("\r\n", "\n")
    try:
        language.compile_expression(text, given, lists=rule_lists.known(entity_id), units=units)
    except BusinessError as wrong:
        return fault(text, wrong)
    found = builder.from_text(text, given)
    return whole(found.tree, given, dict(units)) if found.tree else None
