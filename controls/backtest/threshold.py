"""The threshold of a rule: the one fact that it compares with one parameter, when it has such a comparison.

Values are kept with three significant digits, rounded to the side on which the comparison stays what it was: so the
count for any threshold of at most three significant digits (10,000; 12,500; 0.75) is exact without a second run.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlglot
from sqlglot import exp

from backoffice.common.errors import BusinessError
from controls.rules import language, rulesets
from controls.vocabulary import FACTS, Type

_SIGNS = {exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
DIGITS = 3


@dataclass(frozen=True)
class Threshold:
    """``fact sign :parameter``, and what else the rule asks (``rest``)."""

    fact: str
    sign: str
    parameter: str
    value: Decimal
    rest: str

    def holds(self, value: Decimal, threshold: Decimal) -> bool:
        return {
            ">": value > threshold, ">=": value >= threshold, "<": value < threshold, "<=": value <= threshold,
        }[self.sign]  # fmt: skip


def of(member: Mapping[str, Any]) -> Threshold | None:
    """The movable threshold of a member: one comparison of a number with a parameter, beside which all else is asked
    too. None when there are several, or when the parameter stands elsewhere as well."""
    parts = _conjuncts(sqlglot.parse_one(member["expression"], read="postgres"))
    found = [(part, told) for part in parts if (told := _comparison(part, member["parameters"]))]
    if len(found) != 1:
        return None
    part, (fact, sign, name) = found[0]
    others = [other for other in parts if other is not part]
    if any(one.this == name for other in others for one in other.find_all(exp.Placeholder)):
        return None
    rest = " and ".join(f"({_text(other)})" for other in others) or "true"
    try:
        language.compile_expression(rest, member["parameters"], lists=rulesets.lists_of(member))
    except BusinessError:
        return None
    return Threshold(fact, sign, name, Decimal(str(member["parameters"][name])), rest)


def _text(node: exp.Expr) -> str:
    """A part of the rule as its language writes it."""
    return re.sub(r"%\((\w+)\)s", r":\1", node.sql(dialect="postgres"))


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.Paren):
        return _conjuncts(node.this)
    if isinstance(node, exp.And):
        return [*_conjuncts(node.this), *_conjuncts(node.expression)]
    return [node]


def _comparison(node: exp.Expr, parameters: Mapping[str, Any]) -> tuple[str, str, str] | None:
    sign = _SIGNS.get(type(node))  # type: ignore[arg-type]
    if sign is None:
        return None
    left, right = node.this, node.expression
    if isinstance(left, exp.Placeholder):
        left, right, sign = right, left, _TURNED[sign]
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Placeholder)):
        return None
    fact = FACTS.get(left.name)
    value = parameters.get(right.this)
    if fact is None or fact.type is not Type.NUMBER or isinstance(value, bool | list) or not _number(value):
        return None
    return left.name, sign, right.this


def _number(value: Any) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except ArithmeticError:
        return False


def values_sql(member: dict[str, Any], threshold: Threshold, own: Sequence[int]) -> str:
    """The statement that counts, by value, the payments that meet the rest of the rule."""
    side = "floor" if threshold.sign in {">=", "<"} else "ceil"
    value = f'f."{threshold.fact}"'
    # In floating point, which is many times faster. A hair below the logarithm: a power of ten gets the finer unit.
    unit = f"power(10::float8, floor(log(abs({value})::float8) - 1e-9) - {DIGITS - 1})::numeric"
    rounded = f"case when {value} = 0 then 0 else {side}({value} / {unit}) * {unit} end"
    asked = rulesets.condition_of({**member, "expression": threshold.rest}, own)
    return (
        f"select trim_scale({rounded})::text, count(*) from facts f "  # noqa: S608 - checked expressions
        f"where {asked} and {value} is not null group by 1"
    )


def exact(threshold: Decimal) -> bool:
    """Has it few enough digits for the kept values to count exactly?"""
    return len(threshold.normalize().as_tuple().digits) <= DIGITS


def count_at(threshold: Threshold, values: Mapping[str, int], moved_to: Decimal) -> int:
    """How many payments the rule would hit with another threshold, from the values kept."""
    return sum(count for value, count in values.items() if threshold.holds(Decimal(value), moved_to))


@dataclass(frozen=True)
class Bin:
    """Values from ``low`` to below ``high``; ``hit``: on the side of the threshold that is hit."""

    low: Decimal
    high: Decimal
    count: int
    hit: bool


def histogram(threshold: Threshold, values: Mapping[str, int], bins: int = 10) -> list[Bin]:
    """Equal steps from nothing to twice the threshold, what is beyond in the last: the threshold is where two meet."""
    top = abs(threshold.value) * 2 or Decimal(1)
    step = top / bins
    counts = [0] * (bins + 1)
    for value, count in values.items():
        at = int(Decimal(value) // step) if Decimal(value) > 0 else 0
        counts[min(at, bins)] += count
    found = []
    for at, count in enumerate(counts):
        low = step * at
        hit = threshold.holds(low + step / 2, threshold.value)
        found.append(Bin(low, low + step, count, hit))
    return found
