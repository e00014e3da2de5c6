"""docs/controls.md, made from the code: the shipped rules, the facts, the language."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import override

from controls.models import Rule
from controls.rules import scope
from controls.rules.catalogue import CATALOGUE
from controls.rules.language import LONGEST
from controls.rules.shipped import Certainty, Shipped, typography
from controls.rules.tokens import FUNCTIONS
from controls.vocabulary import FACTS

_INTRODUCTION = """# Controls

Written by `manage.py describe_controls` from the catalogue; a test keeps it in step. Do not edit.

Every payment is checked before a person sees it. One SQL pass measures the *facts* of each payment as of its own
moment; one statement runs all *rules* over them. A rule is data: an expression that is true for a payment that does
not pass, parameters, an action, a weight, a sentence in both languages that quotes its evidence, a legal reference.
What ran is recorded: an assessment names its rule set, and a result is kept for each rule that was not passed.

| Action | Effect |
|---|---|
| inform | A note on the payment. |
| warn | The person who validates ticks it as seen. |
| second | One more person approves than the amount asks for. |
| hold | The payment waits until a person lifts the hold, with a reason. |
| reject | As hold; rejecting is proposed with the ISO 20022 reason. No rule rejects by itself. |

The risk of a payment is the sum of the weights of what it did not pass, 100 at most.

A version of a rule concerns payments of the profiles of organisation, kinds and channels that it names (none: all), and
of the days from its first to its last, compared with the day of receipt or, where it says so, the execution date. So a
payment of the past is judged by the rule of its own day, and a rule of the future is there already and finds nothing.
Each rule has a level of control (1 operations, 2 risk and compliance, 3 internal audit) and says how well its source
was read. What is known and not read never proposes to reject; the database refuses such a version.

These are defaults, not legal advice: have every rule that holds or rejects read by a lawyer before relying on it.
"""


def text() -> str:
    return "\n".join([_INTRODUCTION, *_rules(), *_language(), *_facts()]) + "\n"


def _rules() -> Iterator[str]:
    for family, name in Rule.Family.choices:
        rules = [rule for rule in CATALOGUE if rule.family == family]
        yield f"## {_english(name)} ({len(rules)})\n"
        for rule in rules:
            yield from _rule(rule)


def _rule(rule: Shipped) -> Iterator[str]:
    reason = f", reason {rule.reject_reason}" if rule.reject_reason else ""
    yield f"### {rule.code}: {rule.name_en} / {rule.name_fr}\n"
    yield f"`{rule.content['expression']}`\n"
    if rule.parameters:
        yield "- Parameters: " + "; ".join(f"`{name}` = {_value(value)}" for name, value in rule.parameters.items())
    yield f"- Action: **{rule.action}**, weight {rule.weight}{reason}"
    yield f"- English: {rule.sentence_en}"
    yield f"- French: {typography(rule.sentence_fr)}"
    with override("en"):
        of_whom = scope.said(
            level=rule.level, valid_from=rule.valid_from, valid_to=rule.valid_to, dated_by=rule.dated_by,
            profiles=rule.profiles,
        )  # fmt: skip
    yield f"- Concerns: {of_whom}"
    yield f"- Source: {rule.legal_reference} ({_english(Certainty(rule.certainty).label)})\n"


def _value(value: Any) -> str:
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _language() -> Iterator[str]:
    yield "## The language of rules\n"
    yield (
        f"A boolean expression as in SQL, at most {LONGEST:,} characters: facts, parameters (`:name`), numbers, texts\n"
        "in single quotes, `true` and `false`; `and or not`, `= <> < <= > >=`, `between`, `in`, `like`, `is null`,\n"
        f"`+ - * /`; the functions {', '.join(f'`{name}`' for name in FUNCTIONS)}. Everything else is refused. Types\n"
        "must fit; the days between two dates are a number; a division by zero and a comparison with an unknown fact\n"
        "are unknown, and unknown is not a finding: say `coalesce` or `is null` where absence matters. A named list\n"
        "of the house is asked by `in list('code')`, for what it held when the payment was received.\n"
    )


def _facts() -> Iterator[str]:
    yield "## Facts\n"
    yield "| Fact | Type | Meaning |"
    yield "|---|---|---|"
    for name, fact in FACTS.items():
        values = f" ({', '.join(fact.words)})" if fact.words else ""
        yield f"| `{name}` | {fact.kind.value} | {fact.meaning}{values} |"


def _english(label: Any) -> str:
    with override("en"):
        return str(label)
