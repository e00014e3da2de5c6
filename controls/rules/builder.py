"""The builder of conditions: a tree of groups and conditions, and the text of the same rule, both ways.

A condition is a fact, an operator and values; a group says that all, or any, of its items hold, or (``negated``) that
they do not. ``to_text`` writes the language of rules; ``from_text`` fills the builder from it, or says where the text
holds what the builder cannot show, such as arithmetic. ``from_text(to_text(tree))`` is the tree itself, when it is
canonical: see ``canonical``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from backoffice.common.errors import BusinessError
from controls.rules import language
from controls.rules.parts import Part, taken_apart
from controls.vocabulary import FACTS, Type

Json = dict[str, Any]
MOST_DEPTH = 5


@dataclass(frozen=True)
class Value:
    """``kind``: number, text, parameter, fact, or list (the code of a named list)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Condition:
    fact: str
    operator: str
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Group:
    """``of``: all or any."""

    of: str
    items: "tuple[Condition | Group, ...]"
    negated: bool = False


Node = Condition | Group
_COMPARED = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_ORDERED = ("eq", "ne", "lt", "le", "gt", "ge", "between", "in", "not_in", "known", "unknown")
# What can be asked of a fact, by its type.
OPERATORS: dict[Type, tuple[str, ...]] = {
    Type.NUMBER: _ORDERED,
    Type.DATE: ("eq", "ne", "lt", "le", "gt", "ge", "between", "known", "unknown"),
    Type.TEXT: (
        "eq", "ne", "in", "not_in", "in_list", "not_in_list", "begins", "ends", "contains", "like", "known", "unknown",
    ),
    Type.BOOLEAN: ("yes", "no", "known", "unknown"),
}  # fmt: skip
# How many values each takes; None: one or more.
ARITY: dict[str, int | None] = {
    **dict.fromkeys(_COMPARED, 1), **dict.fromkeys(("begins", "ends", "contains", "like", "in_list", "not_in_list"), 1),
    **dict.fromkeys(("yes", "no", "known", "unknown"), 0), "between": 2, "in": None, "not_in": None,
}  # fmt: skip
_PATTERNS = {"begins": "{}%", "ends": "%{}", "contains": "%{}%"}


@dataclass(frozen=True)
class Read:
    """What ``from_text`` found: the tree, or the place (1 is the first character) that the builder cannot show."""

    tree: Group | None
    position: int = 0
    found: str = ""


class _Unshown(Exception):
    def __init__(self, part: Part) -> None:
        self.part = part


def canonical(tree: Group) -> Group:
    """The same rule without groups that say nothing: one of a single item is that item, and what is not so is "no"."""
    items = tuple(canonical(item) if isinstance(item, Group) else item for item in tree.items)
    items = tuple(_simpler(item) for item in items if isinstance(item, Condition) or item.items)
    if len(items) == 1:
        only = items[0]
        if isinstance(only, Group) and not tree.negated:
            return only
        if isinstance(only, Group) and not only.negated:
            return canonical(Group(only.of, only.items, negated=True))
        if tree.negated and isinstance(only, Condition) and only.operator == "yes":
            return Group("all", (Condition(only.fact, "no"),))
    return Group("all" if len(items) == 1 else tree.of, items, tree.negated)


def _simpler(item: Node) -> Node:
    if not isinstance(item, Group) or len(item.items) != 1 or item.negated:
        return item
    return item.items[0]


def to_text(tree: Group) -> str:
    """The text of a tree. Raises ``rule.builder`` for what no rule can say (no condition, a value of no form)."""
    tree = canonical(tree)
    if not tree.items:
        raise BusinessError("rule.builder_empty")
    return _group(tree, outer=True)


def _group(group: Group, *, outer: bool = False) -> str:
    word = " and " if group.of == "all" else " or "
    inner = word.join(_group(item) if isinstance(item, Group) else _condition(item) for item in group.items)
    if group.negated:
        return f"not ({inner})"
    return inner if outer else f"({inner})"


def _condition(one: Condition) -> str:  # noqa: PLR0911 - one way of writing for each operator
    fact, arity = FACTS.get(one.fact), ARITY.get(one.operator, -1)
    wrong = BusinessError("rule.builder", fact=one.fact[:40], operator=one.operator[:20])
    if fact is None or one.operator not in OPERATORS[fact.type]:
        raise wrong
    if (arity is None and not one.values) or (arity is not None and len(one.values) != arity):
        raise wrong
    values = [_written(value, fact.type, wrong) for value in one.values]
    match one.operator:
        case "yes" | "no":
            return one.fact if one.operator == "yes" else f"not {one.fact}"
        case "known" | "unknown":
            return f"{one.fact} is {'not ' if one.operator == 'known' else ''}null"
        case "between":
            return f"{one.fact} between {values[0]} and {values[1]}"
        case "in" | "not_in":
            return f"{one.fact} {'not ' if one.operator == 'not_in' else ''}in ({', '.join(values)})"
        case "in_list" | "not_in_list":
            return f"{one.fact} {'not ' if one.operator == 'not_in_list' else ''}in list({values[0]})"
        case "like":
            return f"{one.fact} like {values[0]}"
        case "begins" | "ends" | "contains":
            if one.values[0].kind != "text" or not one.values[0].text or {"%", "_"} & set(one.values[0].text):
                raise wrong
            return f"{one.fact} like {language.quoted(_PATTERNS[one.operator].format(one.values[0].text))}"
    return f"{one.fact} {_COMPARED[one.operator]} {values[0]}"


def _written(value: Value, kind: Type, wrong: BusinessError) -> str:
    if value.kind == "parameter" and language.is_name(value.text):
        return f":{value.text}"
    if value.kind == "fact" and value.text in FACTS:
        return value.text
    if value.kind == "number" and kind is Type.NUMBER and language.is_number(value.text):
        return value.text
    if value.kind in {"text", "list"} and kind is Type.TEXT:
        return language.quoted(value.text)
    if value.kind == "text" and kind is Type.DATE and language.is_date(value.text):
        return language.quoted(value.text)
    raise wrong


def from_text(text: str, parameters: Mapping[str, Any]) -> Read:
    """Fill the builder from a text that the language accepts with these parameters."""
    whole = taken_apart(text)
    try:
        tree = _read(whole, parameters, 0)
    except _Unshown as no:
        return Read(None, no.part.start + 1, no.part.text[:40])
    return Read(canonical(tree if isinstance(tree, Group) else Group("all", (tree,))))


def _read(part: Part, parameters: Mapping[str, Any], depth: int) -> Node:
    if depth > MOST_DEPTH:
        raise _Unshown(part)
    if part.kind == "leaf":
        return _leaf(part, parameters)
    items = tuple(_read(item, parameters, depth + (part.kind != "not")) for item in part.items)
    if part.kind == "not":
        only = items[0]
        if isinstance(only, Condition) and only.operator == "yes" and part.items[0].kind == "leaf":
            return Condition(only.fact, "no")
        if isinstance(only, Group) and not only.negated:
            return Group(only.of, only.items, negated=True)
        return Group("all", items, negated=True)
    return Group(part.kind, items)


def _leaf(part: Part, parameters: Mapping[str, Any]) -> Node:
    node: Any = sqlglot.parse_one(part.text, read="postgres")
    opposite = isinstance(node, exp.Not)
    inner = node.this if opposite else node
    found = _asked(inner)
    if found is None or found.fact not in FACTS or any(_odd(value) for value in found.values):
        raise _Unshown(part)
    if not opposite:
        return found
    if found.operator in {"in", "in_list"}:
        return Condition(found.fact, f"not_{found.operator}", found.values)
    if found.operator == "unknown":
        return Condition(found.fact, "known")
    return Group("all", (found,), negated=True)


def _odd(value: Value) -> bool:
    """A text that a field of the builder would read as something else."""
    text = value.text
    return value.kind == "text" and (text[:1] in {":", "["} or text != text.strip() or bool({",", "\n"} & set(text)))


def _asked(node: Any) -> Condition | None:  # noqa: PLR0911 - one for each kind of node
    """One condition; None when its left side is not a fact, or its right side no value."""
    name = _fact(node)
    if name:
        return Condition(name, "yes")
    name = _fact(getattr(node, "this", None))
    if not name:
        return None
    signs = {exp.EQ: "eq", exp.NEQ: "ne", exp.LT: "lt", exp.LTE: "le", exp.GT: "gt", exp.GTE: "ge"}
    if type(node) in signs:
        return _with(name, signs[type(node)], [node.expression])
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return Condition(name, "known" if node.args.get("negate") else "unknown")
    if isinstance(node, exp.Between):
        return _with(name, "between", [node.args["low"], node.args["high"]])
    if isinstance(node, exp.In) and isinstance(node.args.get("field"), exp.List):
        return Condition(name, "in_list", (Value("list", node.args["field"].expressions[0].this),))
    if isinstance(node, exp.In):
        return _with(name, "in", list(node.expressions) or [node.args.get("field")])
    if isinstance(node, exp.Like):
        return _like(name, node.expression)
    return None


def _like(name: str, node: Any) -> Condition | None:
    pattern = _value(node)
    if pattern is None:
        return None
    text = pattern.text
    if pattern.kind == "text":
        for operator, lead, trail in (("contains", "%", "%"), ("begins", "", "%"), ("ends", "%", "")):
            inner = text[len(lead) : len(text) - len(trail)]
            if text.startswith(lead) and text.endswith(trail) and inner and not {"%", "_"} & set(inner):
                return Condition(name, operator, (Value("text", inner),))
    return Condition(name, "like", (pattern,))


def _with(name: str, operator: str, nodes: list[Any]) -> Condition | None:
    values = [_value(node) for node in nodes]
    return Condition(name, operator, tuple(value for value in values if value)) if all(values) else None


def _value(node: Any) -> Value | None:
    if isinstance(node, exp.Paren):
        return _value(node.this)
    if isinstance(node, exp.Literal):
        return Value("text" if node.is_string else "number", node.this)
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
        return Value("number", f"-{node.this.this}")
    if isinstance(node, exp.Placeholder) and isinstance(node.this, str):
        return Value("parameter", node.this)
    name = _fact(node)
    return Value("fact", name) if name else None


def _fact(node: Any) -> str:
    if isinstance(node, exp.Paren):
        return _fact(node.this)
    return str(node.this.name) if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier) else ""


def to_json(tree: Node) -> Json:
    """As the API and a draft carry it."""
    if isinstance(tree, Condition):
        values = [{"kind": value.kind, "text": value.text} for value in tree.values]
        return {"fact": tree.fact, "operator": tree.operator, "values": values}
    return {"of": tree.of, "negated": tree.negated, "items": [to_json(item) for item in tree.items]}
