"""The form of a draft: what a version says, its parameters with units, and its condition built or written as text.

Everything works by submitting: a button adds a condition, a group or a parameter, takes one away, or turns the
condition from one form into the other, and the page comes back with what was written. Nothing is kept before "Save".
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.common.errors import BusinessError
from backoffice.people.models import Entity
from backoffice.web import rule_words
from backoffice.web.matrix import day_field
from controls.models import Rule, RuleVersion
from controls.rules import builder, differences, language, publishing, rule_lists
from controls.rules.builder import Condition, Group, Value
from controls.vocabulary import FACTS, Type
from transactions import reasons
from transactions.models import Payment, PaymentBatch
from transactions.queries.search import number_of

MOST_ITEMS, BLANK_PARAMETERS = 20, 2
_PATH = re.compile(r"b(?:\.\d{1,2}){0,6}")
_NUMBERS = frozenset({"money", "percent", "days", "count"})


def _choices(label: Any, choices: Any, help_text: Any = "") -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


class NamingForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=32, help_text=gettext_lazy("Capital letters, digits and hyphens.")
    )
    entity = forms.ChoiceField(label=gettext_lazy("Entity"))
    family = forms.ChoiceField(label=gettext_lazy("Family"), choices=Rule.Family.choices)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=80)
    name_fr = forms.CharField(label=gettext_lazy("Name in French"), max_length=80)

    def __init__(self, *arguments: Any, places: list[tuple[str, str]], fixed: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["entity"].choices = places  # type: ignore[attr-defined]
        if fixed:
            del self.fields["code"], self.fields["entity"]


class VersionForm(forms.Form):
    """What is beside the condition: the action, the sentences, whom and when it concerns, its source."""

    action = forms.ChoiceField(label=gettext_lazy("Action"), choices=RuleVersion.Action.choices)
    weight = forms.IntegerField(label=gettext_lazy("Weight"), min_value=0, max_value=100, initial=0,
                                help_text=gettext_lazy("What it adds to the risk score."))  # fmt: skip
    reject_reason = forms.ChoiceField(
        label=gettext_lazy("Reason of the rejection"), required=False,
        choices=[("", "–"), *((code, f"{code} {words}") for code, words in reasons.ISO.items())],
    )  # fmt: skip
    sentence_en = forms.CharField(label=gettext_lazy("Sentence in English"), max_length=500,
                                  widget=forms.Textarea({"rows": 2, "data-slots": "facts"}))  # fmt: skip
    sentence_fr = forms.CharField(label=gettext_lazy("Sentence in French"), max_length=500,
                                  widget=forms.Textarea({"rows": 2, "data-slots": "facts"}))  # fmt: skip
    kinds = _choices(gettext_lazy("Kinds of payment"), Payment.Kind.choices, gettext_lazy("None chosen: all of them."))
    channels = _choices(
        gettext_lazy("Channels"), PaymentBatch.Channel.choices, gettext_lazy("None chosen: all of them.")
    )
    profiles = _choices(gettext_lazy("Profiles"), Entity.Profile.choices, gettext_lazy("None chosen: all of them."))
    valid_from, valid_to = day_field(gettext_lazy("Payments from")), day_field(gettext_lazy("Payments until"))
    dated_by = forms.ChoiceField(label=gettext_lazy("Day that counts"), choices=RuleVersion.DatedBy.choices)
    level = forms.TypedChoiceField(
        label=gettext_lazy("Level of control"), choices=RuleVersion.Level.choices, coerce=int
    )
    legal_reference = forms.CharField(label=gettext_lazy("Legal reference"), max_length=200, required=False)
    certainty = forms.ChoiceField(
        label=gettext_lazy("Certainty"), choices=RuleVersion.Certainty.choices, required=False
    )


@dataclass
class Row:
    """A parameter as it is typed: values of a list with commas between."""

    name: str = ""
    unit: str = "count"
    value: str = ""


@dataclass
class Line:
    """A node of the builder as the form shows it: a condition as it is typed, or a group with its items."""

    path: str
    group: bool = False
    of: str = "all"
    fact: str = ""
    operator: str = "eq"
    value: str = ""
    items: "list[Line]" = field(default_factory=list)


@dataclass
class Written:
    """What a form says of the condition: which form of it counts, and both as far as they are there."""

    built: bool
    text: str
    lines: Line
    rows: list[Row]
    unshown: str = ""
    fault: rule_words.Fault | None = None


# Reading


def written(data: QueryDict) -> Written:
    rows = []
    for number in range(publishing.MOST_PARAMETERS + BLANK_PARAMETERS):
        name = data.get(f"p-{number}-name", "").strip()
        if name or data.get(f"p-{number}-value", "").strip():
            rows.append(Row(name[:60], data.get(f"p-{number}-unit", "count"), data.get(f"p-{number}-value", "")[:4000]))
    text = data.get("expression", "").replace("\r\n", "\n").replace("\x00", "")[: language.LONGEST + 1]
    return Written(data.get("form") == "builder", text, _line(data, "b"), rows)


def _line(data: QueryDict, path: str) -> Line:
    if path == "b" or f"{path}-of" in data:
        items = [
            _line(data, f"{path}.{number}")
            for number in range(MOST_ITEMS)
            if _PATH.fullmatch(f"{path}.{number}")
            and (f"{path}.{number}-of" in data or f"{path}.{number}-fact" in data)
        ]
        of = data.get(f"{path}-of", "all")
        return Line(path, True, of if of in _OF else "all", items=items)
    said = {name: data.get(f"{path}-{name}", "").replace("\x00", "")[:1000] for name in ("fact", "operator", "value")}
    return Line(path, fact=said["fact"].strip(), operator=said["operator"], value=said["value"].strip())


_OF = {"all": ("all", False), "any": ("any", False), "not_all": ("all", True), "none": ("any", True)}
_OF_BACK = {both: code for code, both in _OF.items()}
OF_CHOICES = [(code, rule_words.GROUPS[both]) for code, both in _OF.items()]


def tree(line: Line) -> Group:
    """The builder's tree of what was typed; conditions without a fact are left out."""
    items: list[Condition | Group] = []
    for item in line.items:
        if item.group:
            items.append(tree(item))
        elif item.fact:
            items.append(Condition(item.fact, item.operator, _values(item)))
    of, negated = _OF[line.of]
    return Group(of, tuple(items), negated)


def _values(line: Line) -> tuple[Value, ...]:
    """``:name`` is a parameter, ``[name]`` another fact; the rest is a number or a text, by the fact."""
    arity = builder.ARITY.get(line.operator, 1)
    if arity == 0:
        return ()
    parts = [line.value] if arity == 1 else _several(line.value)
    fact = FACTS.get(line.fact)
    made = []
    for part in parts:
        if line.operator in {"in_list", "not_in_list"}:
            made.append(Value("list", part))
        elif part.startswith(":"):
            made.append(Value("parameter", part[1:]))
        elif part.startswith("[") and part.endswith("]"):
            made.append(Value("fact", part[1:-1].strip()))
        elif fact and fact.type is Type.NUMBER:
            made.append(Value("number", _figure(part)))
        else:
            made.append(Value("text", _day(part) if fact and fact.type is Type.DATE else part))
    return tuple(made)


def _several(text: str) -> list[str]:
    """Values with commas between, or semicolons where a number has a comma of its own."""
    return [part.strip() for part in text.split(";" if ";" in text else ",")]


def _figure(text: str) -> str:
    """A number as the language writes it, of what a person typed (``1 000,50``); as it is when it is none."""
    plain = "".join(text.split())
    if language.is_number(plain):
        return plain
    found = number_of(text.strip().removesuffix("%"), strict=True)
    return plain if found is None else f"{found:f}"


def _day(text: str) -> str:
    """A day as the language writes it, of one that is typed day first (``15/11/2026``); as it is when it is none."""
    typed = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text)
    return f"{typed[3]}-{int(typed[2]):02}-{int(typed[1]):02}" if typed else text


def lines(node: Condition | Group, path: str = "b") -> Line:
    """A tree as the form shows it."""
    if isinstance(node, Group):
        items = [lines(item, f"{path}.{number}") for number, item in enumerate(node.items)]
        return Line(path, True, _OF_BACK[node.of, node.negated], items=items)
    said = {"parameter": ":{}", "fact": "[{}]"}
    value = ", ".join(said.get(one.kind, "{}").format(one.text) for one in node.values)
    return Line(path, fact=node.fact, operator=node.operator, value=value)


def parameters(rows: list[Row]) -> tuple[dict[str, Any], dict[str, str]]:
    """Values by name, each of its unit, and the units. Raises ``rule.parameter_*``."""
    values: dict[str, Any] = {}
    units: dict[str, str] = {}
    for row in rows:
        if not language.is_name(row.name) or row.unit not in RuleVersion.Unit.values or row.name in values:
            raise BusinessError("rule.parameter_name", name=row.name[:40], field="parameters")
        values[row.name], units[row.name] = _typed(row), row.unit
    return values, units


def _typed(row: Row) -> Any:
    text = row.value.strip()
    if row.unit == "list":
        values = [_number(part) for part in (one.strip() for one in text.replace("\n", ",").split(",")) if part]
        # A list is of numbers or of texts, not of both.
        return values if all(isinstance(one, int) for one in values) else [str(one) for one in values]
    if row.unit in _NUMBERS:
        found = _number(_figure(text))
        if isinstance(found, str) and not language.is_number(found):
            raise BusinessError("rule.parameter_unit", name=row.name, field="parameters")
        return found
    if row.unit == "date":
        try:
            return date.fromisoformat(_day(text)).isoformat()
        except ValueError:
            raise BusinessError("rule.parameter_unit", name=row.name, field="parameters") from None
    return text


def _number(text: str) -> int | str:
    """Whole numbers as such, decimals as their text: nothing is rounded."""
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) and not re.fullmatch(r"-?0\d+", text) else text


def rows(version: RuleVersion) -> list[Row]:
    made = []
    for name, value in version.parameters.items():
        unit = "list" if isinstance(value, list) else differences.unit_of(name, version.units)
        unit = unit or ("count" if language.is_number(str(value)) else "text")
        made.append(Row(name, unit, ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return made


def initial(version: RuleVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in VersionForm.base_fields}


# Turning one form into the other, and the buttons that change it


def of_version(version: RuleVersion) -> Written:
    """The form of a draft as it stands: built where the builder can show it."""
    found = builder.from_text(version.expression, version.parameters) if version.expression else None
    made = Written(bool(found and found.tree), version.expression, Line("b", True), rows(version))
    if found and found.tree:
        made.lines = lines(found.tree)
    elif found:
        made.unshown = unshown(found)
    return made


def unshown(found: builder.Read) -> str:
    return _("The builder cannot show “%(found)s” (character %(position)s): it stays a text.") % {
        "found": found.found, "position": found.position,
    }  # fmt: skip


def change(data: QueryDict, said: Written, entity_id: int | None) -> None:
    """Do what a button asks of the condition of a rule of this entity (None: of all). ``fault`` or ``unshown`` say why
    it cannot be done."""
    verb, _colon, where = data.get("do", "").partition(":")
    at = _find(said.lines, where) if _PATH.fullmatch(where) else None
    if verb in {"add-condition", "add-group"} and at is not None and at.group and len(at.items) < MOST_ITEMS:
        inner = [Line("", fact="", operator="eq")]
        at.items.append(Line("", group=True, items=inner) if verb == "add-group" else inner[0])
    elif verb == "remove" and at is not None and where != "b":
        parent = _find(said.lines, where.rpartition(".")[0])
        if parent is not None:
            parent.items.remove(at)
    elif verb == "add-parameter":
        said.rows.append(Row())
    elif verb == "to-text":
        to_text(said)
    elif verb == "to-builder":
        to_builder(said, entity_id)
    said.lines = _renumbered(said.lines, "b")


def to_text(said: Written) -> bool:
    """Write what is built. False, with a fault, when no rule says it."""
    try:
        said.text = builder.to_text(tree(said.lines))
    except BusinessError as wrong:
        said.fault = rule_words.Fault(str(wrong))
        return False
    said.built = False
    return True


def to_builder(said: Written, entity_id: int | None) -> None:
    try:
        values, _units = parameters(said.rows)
        language.compile_expression(said.text, values, lists=rule_lists.known(entity_id))
    except BusinessError as wrong:
        said.fault = rule_words.fault(said.text, wrong)
        return
    found = builder.from_text(said.text, values)
    if found.tree is None:
        said.unshown = unshown(found)
    else:
        said.lines, said.built = lines(found.tree), True


def _find(line: Line, path: str) -> Line | None:
    if line.path == path:
        return line
    return next((found for item in line.items if (found := _find(item, path))), None)


def _renumbered(line: Line, path: str) -> Line:
    line.path = path
    for number, item in enumerate(line.items):
        _renumbered(item, f"{path}.{number}")
    return line
