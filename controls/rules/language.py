"""The language of rules: a boolean expression over named facts, written as in SQL.

``creditor_number <> '' and usual_count >= :payments and usual_ratio > :times``

The text is read by a real SQL parser (sqlglot, PostgreSQL's dialect), but nothing of it reaches the database as
written: tokens, then nodes, are checked against a white list and typed, and the SQL is written anew from the checked
nodes. A construct that is not listed here is refused, whatever it is. Names are facts (controls/vocabulary.py) or
parameters of the rule (``:name``); numbers become ``numeric`` and division by zero null, so that no rule can fail on a
value while others run in the same statement. ``creditor_country in list('high_risk')`` asks a named list of the house
(controls/models/lists.py) for what it held at the payment's receipt.

What a rule may cost is bounded before anything is parsed or run: characters, parts, depth, values of a list in the
text, the form of a pattern. tests/controls/test_language_attacks.py is the list of what was tried.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]

from backoffice.common.errors import BusinessError
from controls.rules import tokens
from controls.vocabulary import FACTS, Fact, Kind, Type

LONGEST, MOST_NODES = 2_000, 300
MOST_VALUES, LONGEST_VALUE, LONGEST_NAME = 500, 140, 40
LONGEST_PATTERN, MOST_WILDCARDS = 100, 5
_NUMBER = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME = re.compile(r"[a-z][a-z0-9_]*")

_LISTED = re.compile(r"\blist\s*\(\s*'([^']*)'", re.IGNORECASE)

Value = str | int | float | bool | Sequence[Any]
# A named list: its key and what it holds (text, account, country).
Listed = tuple[int, str]
# What a parameter measures, beside a fact of another kind.
_UNLIKE = {
    Kind.MONEY: {"percent", "days", "count"}, Kind.PERCENT: {"money", "days"}, Kind.NUMBER: {"money", "percent"},
}  # fmt: skip

# Each node that may appear, with the arguments it may carry; anything else on it (escape, symmetric) is refused.
_NODES: dict[type[exp.Expr], frozenset[str]] = {
    exp.Column: frozenset({"this"}),
    exp.Placeholder: frozenset({"this"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: frozenset({"this"}),
    exp.Paren: frozenset({"this"}),
    exp.Not: frozenset({"this"}),
    exp.Neg: frozenset({"this"}),
    exp.And: frozenset({"this", "expression"}),
    exp.Or: frozenset({"this", "expression"}),
    exp.EQ: frozenset({"this", "expression"}),
    exp.NEQ: frozenset({"this", "expression"}),
    exp.GT: frozenset({"this", "expression"}),
    exp.GTE: frozenset({"this", "expression"}),
    exp.LT: frozenset({"this", "expression"}),
    exp.LTE: frozenset({"this", "expression"}),
    exp.Like: frozenset({"this", "expression"}),
    exp.Is: frozenset({"this", "expression", "negate"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "field"}),
    exp.Add: frozenset({"this", "expression"}),
    exp.Sub: frozenset({"this", "expression"}),
    exp.Mul: frozenset({"this", "expression"}),
    exp.Div: frozenset({"this", "expression", "typed", "safe"}),
    exp.Abs: frozenset({"this"}),
    exp.Lower: frozenset({"this"}),
    exp.Upper: frozenset({"this"}),
    exp.Length: frozenset({"this"}),
    exp.Coalesce: frozenset({"this", "expressions"}),
    exp.Least: frozenset({"this", "expressions", "ignore_nulls"}),
    exp.Greatest: frozenset({"this", "expressions", "ignore_nulls"}),
}


@dataclass(frozen=True)
class Compiled:
    """A checked expression as SQL over the table ``facts f``, and the facts, parameters and lists that it names."""

    sql: str
    facts: frozenset[str]
    parameters: frozenset[str]
    lists: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Part:
    sql: str
    type: Type
    fact: Fact | None = None
    literal: str | None = None
    unit: str = ""
    # Stands in the text itself, in quotes.
    quoted: bool = False


def compile_expression(
    text: str,
    parameters: Mapping[str, Value],
    *,
    lists: Mapping[str, Listed] | None = None,
    units: Mapping[str, str] | None = None,
) -> Compiled:
    """Check and compile. Raises ``BusinessError`` rule.* with ``position``, 1 being the first character.

    ``lists`` are the named lists that the rule may ask; ``units`` what its parameters measure, where that is said.
    """
    if len(text) > LONGEST:
        raise BusinessError("rule.too_long", longest=LONGEST, position=LONGEST + 1)
    words = tokens.checked(text, parameters)
    writer = _Writer(text, parameters, lists or {}, units or {})
    part = writer.write(_parse(text, words))
    if part.type is not Type.BOOLEAN:
        raise BusinessError("rule.not_boolean", type=part.type.value, position=words[0].start + 1)
    return Compiled(part.sql, frozenset(writer.facts), frozenset(writer.parameters), frozenset(writer.lists))


def list_names(text: str) -> list[str]:
    """The named lists that a checked expression asks, each once. Cheap: nothing is parsed."""
    return sorted(set(_LISTED.findall(text)))


def _parse(text: str, words: Sequence[Token]) -> exp.Expr:
    try:
        statements = sqlglot.parse(text, read="postgres")
    except SqlglotError as error:
        place = (getattr(error, "errors", None) or [{}])[0]
        position = _offset(text, place.get("line") or 1, place.get("col") or len(text))
        raise BusinessError("rule.syntax", position=position, found=str(place.get("highlight") or "")[:20]) from None
    except RecursionError:
        raise BusinessError("rule.too_long", longest=LONGEST, position=1) from None
    if len(statements) != 1 or statements[0] is None:
        raise BusinessError("rule.syntax", position=1, found=text[:20])
    tree: exp.Expr = statements[0]
    if sum(1 for _node in tree.walk()) > MOST_NODES:
        raise BusinessError("rule.too_long", longest=LONGEST, position=1)
    _place(tree, words)
    return tree


def _place(tree: exp.Expr, words: Sequence[Token]) -> None:
    """Where parameters and the words true, false and null stand, which the parser does not say: in their order."""
    colons = [token for token, after in pairwise(words)
              if token.token_type is TokenType.COLON and after.token_type is TokenType.VAR]  # fmt: skip
    values = [token for token in words if token.token_type in {TokenType.TRUE, TokenType.FALSE, TokenType.NULL}]
    for kinds, found in (((exp.Placeholder,), colons), ((exp.Boolean, exp.Null), values)):
        nodes = [node for node in tree.dfs() if isinstance(node, kinds)]
        if len(nodes) == len(found):
            for node, token in zip(nodes, found, strict=True):
                node.meta["start"] = token.start


def _offset(text: str, line: int, column: int) -> int:
    before = text.split("\n")[: line - 1]
    return sum(len(part) + 1 for part in before) + max(column, 1)


def literal(value: Any) -> tuple[str, Type]:
    """A parameter's value as an SQL literal with its type. Dates are texts of the form ``2026-11-15``."""
    if isinstance(value, bool):
        return ("true" if value else "false"), Type.BOOLEAN
    if isinstance(value, int | float) or (isinstance(value, str) and value != "" and _is_number(value)):
        text = str(value)
        if not _NUMBER.fullmatch(text.lstrip("-")):
            raise BusinessError("rule.number_form", value=text[:40])
        return f"({text})::numeric", Type.NUMBER
    if isinstance(value, str) and _DATE.fullmatch(value):
        if not is_date(value):
            raise BusinessError("rule.parameter_form", value=value)
        return f"'{value}'::date", Type.DATE
    if isinstance(value, str) and len(value) <= LONGEST_VALUE:
        return quoted(value), Type.TEXT
    raise BusinessError("rule.parameter_form", value=str(value)[:40])


def is_name(text: str) -> bool:
    """Can this be the name of a parameter?"""
    return len(text) <= LONGEST_NAME and _NAME.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """A number as the language writes it, with or without a minus."""
    return _NUMBER.fullmatch(text.removeprefix("-")) is not None


def is_date(text: str) -> bool:
    """A day as the language writes it: ``2026-11-15``."""
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_number(value: str) -> bool:
    return re.fullmatch(r"-?[0-9]+\.[0-9]+", value) is not None


def quoted(value: str) -> str:
    """A text literal. What PostgreSQL could read as an escape is refused rather than escaped."""
    if "\\" in value or "\x00" in value:
        raise BusinessError("rule.parameter_form", value=value[:40].replace("\x00", ""))
    return "'" + value.replace("'", "''") + "'"


@dataclass
class _Writer:
    """Writes SQL from checked nodes; keeps the names it met."""

    text: str
    given: Mapping[str, Value]
    known: Mapping[str, Listed] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    facts: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)

    def write(self, node: Any) -> _Part:
        allowed = _NODES.get(type(node))
        if isinstance(node, exp.Null):
            raise BusinessError("rule.null", position=self._position(node))
        if allowed is None:
            raise BusinessError("rule.not_allowed", position=self._position(node), found=type(node).__name__)
        extra = {name for name, value in node.args.items() if value not in (None, False, []) and name not in allowed}
        if extra:
            raise BusinessError("rule.not_allowed", position=self._position(node), found=sorted(extra)[0])
        return _WRITERS[type(node)](self, node)

    def _position(self, node: Any) -> int:
        """Where the first word of a node stands; 1 when the parser did not say."""
        parts = node.walk() if isinstance(node, exp.Expr) else ()
        starts = [part.meta["start"] for part in parts if isinstance(part.meta.get("start"), int)]
        return min(starts) + 1 if starts else 1

    def wrong(self, node: exp.Expr, *parts: _Part) -> BusinessError:
        found = ", ".join(part.type.value for part in parts)
        return BusinessError("rule.type", position=self._position(node), found=found)

    def column(self, node: exp.Column) -> _Part:
        name = node.this.name if isinstance(node.this, exp.Identifier) and not node.this.quoted else ""
        fact = FACTS.get(name)
        if fact is None:
            raise BusinessError("rule.unknown_fact", name=name or "?", position=self._position(node))
        self.facts.add(name)
        return _Part(f'f."{name}"', fact.type, fact)

    def placeholder(self, node: exp.Placeholder) -> _Part:
        name = node.this if isinstance(node.this, str) else ""
        if name not in self.given or not _NAME.fullmatch(name):
            raise BusinessError("rule.unknown_parameter", name=name or "?", position=self._position(node))
        value = self.given[name]
        self.parameters.add(name)
        if isinstance(value, list | tuple):
            raise BusinessError("rule.list_outside_in", name=name, position=self._position(node))
        sql, kind = self._literal(node, value)
        return _Part(sql, kind, literal=value if isinstance(value, str) else None, unit=self.units.get(name, ""))

    def _literal(self, node: exp.Expr, value: Any) -> tuple[str, Type]:
        """Of a value that the text names, with the place where it does."""
        try:
            return literal(value)
        except BusinessError as wrong:
            raise BusinessError(wrong.code, **wrong.params, position=self._position(node)) from None

    def literal(self, node: exp.Literal) -> _Part:
        if node.is_string:
            return _Part(quoted(node.this), Type.TEXT, literal=node.this, quoted=True)
        if not _NUMBER.fullmatch(node.this):
            raise BusinessError("rule.number_form", value=node.this[:40], position=self._position(node))
        return _Part(f"{node.this}::numeric", Type.NUMBER)

    def boolean(self, node: exp.Boolean) -> _Part:
        return _Part("true" if node.this else "false", Type.BOOLEAN)

    def paren(self, node: exp.Paren) -> _Part:
        inner = self.write(node.this)
        return _Part(f"({inner.sql})", inner.type, inner.fact, inner.literal)

    def negation(self, node: exp.Not) -> _Part:
        inner = self.write(node.this)
        if inner.type is not Type.BOOLEAN:
            raise self.wrong(node, inner)
        return _Part(f"(not {inner.sql})", Type.BOOLEAN)

    def minus(self, node: exp.Neg) -> _Part:
        inner = self.write(node.this)
        if inner.type is not Type.NUMBER:
            raise self.wrong(node, inner)
        return _Part(f"(- {inner.sql})", Type.NUMBER)

    def connector(self, node: exp.And | exp.Or) -> _Part:
        left, right = self.write(node.this), self.write(node.expression)
        if left.type is not Type.BOOLEAN or right.type is not Type.BOOLEAN:
            raise self.wrong(node, left, right)
        word = "and" if isinstance(node, exp.And) else "or"
        return _Part(f"({left.sql} {word} {right.sql})", Type.BOOLEAN)

    def comparison(self, node: exp.Binary) -> _Part:
        left, right = self._together(node.this, node.expression)
        ordered = isinstance(node, exp.GT | exp.GTE | exp.LT | exp.LTE)
        if left.type is not right.type or (ordered and left.type not in {Type.NUMBER, Type.DATE}):
            raise self.wrong(node, left, right)
        for side, other in ((left, right), (right, left)):
            self._known_code(node, side, other)
            self._like_units(node, side, other)
        return _Part(f"({left.sql} {_SIGNS[type(node)]} {right.sql})", Type.BOOLEAN)

    def _together(self, *nodes: Any) -> list[_Part]:
        """Parts that stand beside each other: beside a date, a text in quotes is one (``>= '2026-11-15'``)."""
        parts = [self.write(node) for node in nodes]
        if all(part.type is not Type.DATE for part in parts):
            return parts
        return [self._day(node, part) if part.quoted else part for node, part in zip(nodes, parts, strict=True)]

    def _day(self, node: Any, part: _Part) -> _Part:
        text = part.literal or ""
        if not is_date(text):
            raise BusinessError("rule.date_form", value=text[:40], position=self._position(node))
        return _Part(*literal(text))

    def _known_code(self, node: exp.Expr, side: _Part, other: _Part) -> None:
        if side.fact and side.fact.words and other.literal is not None and other.literal not in side.fact.words:
            known = ", ".join(side.fact.words)
            raise BusinessError("rule.unknown_code", value=other.literal, known=known, position=self._position(node))

    def _like_units(self, node: exp.Expr, side: _Part, other: _Part) -> None:
        """An amount is not compared with what the rule calls days."""
        if side.fact and other.unit in _UNLIKE.get(side.fact.kind, ()):
            raise BusinessError("rule.unit", unit=other.unit, kind=side.fact.kind.value, position=self._position(node))

    def like(self, node: exp.Like) -> _Part:
        left, right = self.write(node.this), self.write(node.expression)
        if left.type is not Type.TEXT or right.type is not Type.TEXT or right.literal is None:
            raise self.wrong(node, left, right)
        if len(right.literal) > LONGEST_PATTERN or right.literal.count("%") > MOST_WILDCARDS:
            raise BusinessError(
                "rule.pattern", longest=LONGEST_PATTERN, wildcards=MOST_WILDCARDS,
                position=self._position(node.expression),
            )  # fmt: skip
        return _Part(f"({left.sql} like {right.sql})", Type.BOOLEAN)

    def test(self, node: exp.Is) -> _Part:
        left = self.write(node.this)
        no = " not" if node.args.get("negate") else ""
        if isinstance(node.expression, exp.Null):
            return _Part(f"({left.sql} is{no} null)", Type.BOOLEAN)
        if isinstance(node.expression, exp.Boolean) and left.type is Type.BOOLEAN:
            return _Part(f"({left.sql} is{no} {'true' if node.expression.this else 'false'})", Type.BOOLEAN)
        raise self.wrong(node, left)

    def between(self, node: exp.Between) -> _Part:
        parts = self._together(node.this, node.args["low"], node.args["high"])
        if len({part.type for part in parts}) != 1 or parts[0].type not in {Type.NUMBER, Type.DATE}:
            raise self.wrong(node, *parts)
        for bound in parts[1:]:
            self._like_units(node, parts[0], bound)
        return _Part(f"({parts[0].sql} between {parts[1].sql} and {parts[2].sql})", Type.BOOLEAN)

    def membership(self, node: exp.In) -> _Part:
        left = self.write(node.this)
        sources = list(node.expressions) or ([node.args["field"]] if node.args.get("field") else [])
        if isinstance(node.args.get("field"), exp.List):
            return self._of_list(node, left, node.args["field"])
        members: list[_Part] = []
        for source in sources:
            name = source.this if isinstance(source, exp.Placeholder) else None
            if isinstance(name, str) and isinstance(self.given.get(name), list | tuple):
                self.parameters.add(name)
                members.extend(
                    _Part(*self._literal(source, value), literal=value if isinstance(value, str) else None)
                    for value in self.given[name]  # type: ignore[union-attr]
                )
            elif isinstance(source, exp.Literal | exp.Placeholder | exp.Boolean):
                members.append(self._member(left, source))
            else:
                raise BusinessError("rule.not_allowed", position=self._position(node), found=type(source).__name__)
        if len(members) > MOST_VALUES:
            raise BusinessError("rule.too_many_values", most=MOST_VALUES, position=self._position(node))
        if not members or any(member.type is not left.type for member in members):
            raise self.wrong(node, left, *members[:1])
        for member in members:
            self._known_code(node, left, member)
        return _Part(f"({left.sql} in ({', '.join(member.sql for member in members)}))", Type.BOOLEAN)

    def _member(self, left: _Part, source: Any) -> _Part:
        part = self.write(source)
        return self._day(source, part) if left.type is Type.DATE and part.quoted else part

    def _of_list(self, node: exp.In, left: _Part, called: exp.List) -> _Part:
        """Did the list hold it when the payment was received? Unknown when the fact is."""
        given = called.expressions
        if len(given) != 1 or not isinstance(given[0], exp.Literal) or not given[0].is_string or node.expressions:
            raise BusinessError("rule.not_allowed", position=self._position(node), found="list")
        name = given[0].this
        if name not in self.known:
            raise BusinessError("rule.unknown_list", name=name[:40], position=self._position(given[0]))
        key, kind = self.known[name]
        accounts = left.fact is not None and left.fact.kind is Kind.ACCOUNT
        if left.type is not Type.TEXT or accounts != (kind == "account"):
            raise BusinessError("rule.list_kind", name=name, kind=kind, position=self._position(node))
        self.lists.add(name)
        held = (
            f"exists (select 1 from controls_rulelistentry e where e.list_id = {int(key)} and e.value = {left.sql} "  # noqa: S608
            "and e.valid_from <= f.received_at and (e.valid_to is null or e.valid_to > f.received_at))"
        )
        return _Part(f"(case when {left.sql} is not null then {held} end)", Type.BOOLEAN)

    def arithmetic(self, node: exp.Binary) -> _Part:
        left, right = self._together(node.this, node.expression)
        if isinstance(node, exp.Sub) and left.type is Type.DATE and right.type is Type.DATE:
            return _Part(f"(({left.sql} - {right.sql})::numeric)", Type.NUMBER)
        if left.type is not Type.NUMBER or right.type is not Type.NUMBER:
            raise self.wrong(node, left, right)
        if isinstance(node, exp.Div):
            return _Part(f"({left.sql} / nullif({right.sql}, 0))", Type.NUMBER)
        return _Part(f"({left.sql} {_SIGNS[type(node)]} {right.sql})", Type.NUMBER)

    def function(self, node: exp.Func) -> _Part:
        parts = self._together(node.this, *node.expressions)
        first = parts[0].type
        takes, gives = _FUNCTIONS[type(node)]
        if any(part.type is not first for part in parts) or first not in takes:
            raise self.wrong(node, *parts)
        call = f"{type(node).__name__.lower()}({', '.join(part.sql for part in parts)})"
        return _Part(f"{call}::numeric" if isinstance(node, exp.Length) else call, gives or first)


_SIGNS = {
    exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*",
}  # fmt: skip
_ORDERED = frozenset({Type.NUMBER, Type.DATE})
_FUNCTIONS: dict[type[exp.Expr], tuple[frozenset[Type], Type | None]] = {
    exp.Abs: (frozenset({Type.NUMBER}), Type.NUMBER),
    exp.Lower: (frozenset({Type.TEXT}), Type.TEXT),
    exp.Upper: (frozenset({Type.TEXT}), Type.TEXT),
    exp.Length: (frozenset({Type.TEXT}), Type.NUMBER),
    exp.Coalesce: (frozenset(Type), None),
    exp.Least: (_ORDERED, None),
    exp.Greatest: (_ORDERED, None),
}
_WRITERS: dict[type[exp.Expr], Callable[[_Writer, Any], _Part]] = {
    exp.Column: _Writer.column,
    exp.Placeholder: _Writer.placeholder,
    exp.Literal: _Writer.literal,
    exp.Boolean: _Writer.boolean,
    exp.Paren: _Writer.paren,
    exp.Not: _Writer.negation,
    exp.Neg: _Writer.minus,
    exp.Like: _Writer.like,
    exp.Is: _Writer.test,
    exp.Between: _Writer.between,
    exp.In: _Writer.membership,
    **dict.fromkeys((exp.And, exp.Or), _Writer.connector),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _Writer.comparison),
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div), _Writer.arithmetic),
    **dict.fromkeys(_FUNCTIONS, _Writer.function),
}
