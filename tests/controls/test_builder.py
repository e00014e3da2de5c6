"""The builder and the text are the same rule, both ways; what the builder cannot show is said with its place."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.common.errors import BusinessError
from controls.rules import builder, language, parts
from controls.rules.builder import Condition, Group, Value
from controls.rules.catalogue import CATALOGUE
from controls.vocabulary import FACTS, Type

PARAMETERS: dict[str, Any] = {"n": 100, "since": "2026-11-15", "word": "x", "texts": ["a"]}
LISTS = {"held": (1, "text"), "accounts": (2, "account")}
PLAIN = {kind: sorted(name for name, fact in FACTS.items() if fact.type is kind and not fact.words) for kind in Type}

words = st.text(alphabet="abcXYZ 0189.-'é", min_size=1, max_size=8).filter(lambda text: text == text.strip())
numbers = st.one_of(
    st.integers(-(10**9), 10**9).map(lambda n: Value("number", str(n))),
    st.decimals(0, 999, places=2).map(lambda n: Value("number", f"{n:f}")),
    st.just(Value("parameter", "n")),
    st.sampled_from(PLAIN[Type.NUMBER]).map(lambda name: Value("fact", name)),
)
texts = st.one_of(
    words.map(lambda text: Value("text", text)), st.just(Value("parameter", "word")),
    st.sampled_from(PLAIN[Type.TEXT]).map(lambda name: Value("fact", name)),
)  # fmt: skip
dates = st.one_of(
    st.just(Value("parameter", "since")),
    st.dates().map(lambda day: Value("text", day.isoformat())),
    st.sampled_from(PLAIN[Type.DATE]).map(lambda name: Value("fact", name)),
)
VALUES = {Type.NUMBER: numbers, Type.TEXT: texts, Type.DATE: dates}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    kind = draw(st.sampled_from(list(Type)))
    name = draw(st.sampled_from(PLAIN[kind]))
    operator = draw(st.sampled_from(builder.OPERATORS[kind]))
    arity = builder.ARITY[operator]
    if operator in {"in_list", "not_in_list"}:
        account = FACTS[name].kind.value == "account"
        return Condition(name, operator, (Value("list", "accounts" if account else "held"),))
    if operator in {"begins", "ends", "contains"}:
        return Condition(name, operator, (Value("text", draw(words)),))
    if operator == "like":
        return Condition(name, operator, (Value("parameter", "word"),))
    if operator in {"in", "not_in"}:
        literals = VALUES[kind].filter(lambda value: value.kind != "fact" and not value.text.startswith("-"))
        return Condition(name, operator, tuple(draw(st.lists(literals, min_size=1, max_size=4))))
    return Condition(name, operator, tuple(draw(VALUES[kind]) for _number in range(arity or 0)))


trees = st.recursive(
    conditions(),
    lambda inner: st.builds(
        Group, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3).map(tuple), st.booleans()
    ),
    max_leaves=7,
)


def depth(node: Any) -> int:
    return 1 + max(map(depth, node.items)) if isinstance(node, Group) else 0


@given(st.builds(Group, st.sampled_from(["all", "any"]), st.lists(trees, min_size=1, max_size=3).map(tuple),
                 st.booleans()))  # fmt: skip
@settings(max_examples=500)
def test_what_is_built_reads_as_what_was_built(tree: Group) -> None:
    tree = builder.canonical(tree)
    if depth(tree) > builder.MOST_DEPTH - 1:
        return
    text = builder.to_text(tree)
    language.compile_expression(text, PARAMETERS, lists=LISTS)
    assert builder.from_text(text, PARAMETERS).tree == tree
    assert builder.canonical(tree) == tree


@pytest.mark.parametrize(
    ("text", "built"),
    [
        ("amount > 1000", Group("all", (Condition("amount", "gt", (Value("number", "1000"),)),))),
        ("not account_known", Group("all", (Condition("account_known", "no"),))),
        (
            "kind in ('sepa', 'instant') and (amount < :n or amount > 5)",
            Group("all", (
                Condition("kind", "in", (Value("text", "sepa"), Value("text", "instant"))),
                Group("any", (
                    Condition("amount", "lt", (Value("parameter", "n"),)),
                    Condition("amount", "gt", (Value("number", "5"),)),
                )),
            )),
        ),
        (
            "not (amount between 1 and 2 or last_paid_on is null)",
            Group("any", (
                Condition("amount", "between", (Value("number", "1"), Value("number", "2"))),
                Condition("last_paid_on", "unknown"),
            ), negated=True),
        ),
        ("creditor_number LIKE 'DE%'", Group("all", (Condition("creditor_number", "begins", (Value("text", "DE"),)),))),
        ("creditor_number <> ''", Group("all", (Condition("creditor_number", "ne", (Value("text", ""),)),))),
        (
            "currency not in list('held')",
            Group("all", (Condition("currency", "not_in_list", (Value("list", "held"),)),)),
        ),
    ],
)  # fmt: skip
def test_texts_fill_the_builder(text: str, built: Group) -> None:
    found = builder.from_text(text, PARAMETERS)
    assert found.tree == built
    again = builder.to_text(built)
    assert builder.from_text(again, PARAMETERS).tree == built


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("amount > usual_amount * 2", 1),
        ("account_known and amount / 2 > 3", 19),
        ("account_known and (coalesce(usual_count, 0) = 0 or amount > 1)", 20),
        ("account_known and\n  lower(currency) = 'eur'", 21),
        ("100 < amount", 1),
        ("true", 1),
        ("currency = ':n'", 1),
        ("currency in ('a, b')", 1),
    ],
)
def test_what_the_builder_cannot_show_is_said_with_its_place(text: str, position: int) -> None:
    language.compile_expression(text, PARAMETERS)
    found = builder.from_text(text, PARAMETERS)
    assert (found.tree, found.position) == (None, position)
    assert text[position - 1 :].startswith(found.found[:5])


@pytest.mark.parametrize(
    "condition",
    [
        Condition("nothing", "eq", (Value("number", "1"),)),
        Condition("amount", "begins", (Value("text", "1"),)),
        Condition("amount", "eq", ()),
        Condition("amount", "eq", (Value("number", "1 or true"),)),
        Condition("amount", "eq", (Value("text", "1"),)),
        Condition("amount", "eq", (Value("fact", "nothing"),)),
        Condition("amount", "eq", (Value("parameter", "n) or (true"),)),
        Condition("currency", "begins", (Value("text", "%"),)),
        Condition("currency", "eq; drop", (Value("text", "x"),)),
        Condition("account_known", "yes", (Value("number", "1"),)),
    ],
)
def test_what_no_rule_can_say_is_refused(condition: Condition) -> None:
    with pytest.raises(BusinessError) as caught:
        builder.to_text(Group("all", (condition,)))
    assert caught.value.code == "rule.builder"
    with pytest.raises(BusinessError):
        builder.to_text(Group("all", (Group("any", ()),)))


def test_quotes_stay_in_the_text_they_are_in() -> None:
    tree = Group("all", (Condition("currency", "eq", (Value("text", "' or true or '"),)),))
    text = builder.to_text(tree)
    assert text == "currency = ''' or true or '''"
    assert builder.from_text(text, {}).tree == tree


def test_the_shipped_rules_are_taken_apart_without_loss() -> None:
    shown = 0
    for rule in CATALOGUE:
        text = str(rule.content["expression"])
        leaves = list(parts.taken_apart(text).leaves())
        for leaf in leaves:
            assert text[leaf.start : leaf.start + len(leaf.text)] == leaf.text
            language.compile_expression(leaf.text, rule.parameters)
        found = builder.from_text(text, rule.parameters)
        if found.tree is not None:
            shown += 1
            again = language.compile_expression(builder.to_text(found.tree), rule.parameters)
            assert again.facts == language.compile_expression(text, rule.parameters).facts
    assert shown > len(CATALOGUE) / 2
