"""A rule tried on one payment: each condition true or false with its values, the outcome, both sentences.

Facts are measured as of the payment's own moment, as the live run does, in a transaction that is undone. Nothing is
kept, and nobody is told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from backoffice.common import sql
from backoffice.common.errors import NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls import facts
from controls.models import RuleVersion
from controls.rules import language, rule_lists, rulesets, sentences
from controls.rules.parts import Part, taken_apart
from controls.vocabulary import DATES, FACTS
from transactions.models import Payment

LONGEST_RUN = "5s"
_NUMBER = re.compile(r"(?:[A-Z]{2,4}-\d{4}-)?0*(\d{1,18})", re.IGNORECASE)


@dataclass(frozen=True)
class Shown:
    """One condition of the text. ``outcome`` None: unknown. ``values`` as people read them, by the name of the fact."""

    text: str
    outcome: bool | None
    values: list[tuple[str, str]]


@dataclass(frozen=True)
class Trial:
    """``outcome`` is that of the whole expression, ``concerned`` whether the version speaks about the payment at all;
    only where both are true there would be a finding. The sentences are as each language would write them."""

    payment: Payment
    outcome: bool | None
    concerned: bool
    conditions: list[Shown]
    sentence_en: str
    sentence_fr: str

    @property
    def found(self) -> bool:
        return bool(self.outcome) and self.concerned


def payment_of(actor: User, text: str, *, right: str = "payment.view") -> Payment:
    """The payment with this number or end-to-end reference (the latest), where the actor may see payments."""
    rows = Payment.objects.filter(entity__in=access.entity_ids(actor, right)).select_related("entity")
    said = " ".join(text.replace("\x00", "").split())[:140]
    number = _NUMBER.fullmatch(said)
    found = rows.filter(pk=int(number[1])).first() if number else None
    if found is None and said:
        found = rows.filter(end_to_end_id=said).order_by("-pk").first()
    if found is None:
        raise NotThere("not_there")
    return found


def facts_of(payment: Payment) -> dict[str, str | None]:
    """Every fact of a payment as text, by name. About forty statements; nothing is kept."""
    names = list(FACTS)
    row = _asked(payment, [f'f."{name}"::text' for name in names])
    return dict(zip(names, row, strict=True))


def on(payment: Payment, version: RuleVersion) -> Trial:
    """Try a version, draft or published, on a payment. About forty statements; nothing is kept."""
    known = rule_lists.known(version.entity_id)
    whole = language.compile_expression(version.expression, version.parameters, lists=known)
    leaves = list(taken_apart(version.expression).leaves())
    compiled = [language.compile_expression(leaf.text, version.parameters, lists=known) for leaf in leaves]
    quoted = rulesets.quoted_names(version.sentence_en, version.sentence_fr)
    names = sorted({*whole.facts, *(name for name in quoted if name in FACTS), "currency"})
    measured = [f'f."{name}"::text' for name in names]
    row = _asked(payment, [whole.sql, rulesets.concerned(version), *(one.sql for one in compiled), *measured])
    values = dict(zip(names, row[2 + len(leaves) :], strict=True))
    return Trial(
        payment, row[0], bool(row[1]),
        [_shown(*one, values) for one in zip(leaves, compiled, row[2 : 2 + len(leaves)], strict=True)],
        *_sentences(version, quoted, values),
    )  # fmt: skip


def _shown(
    leaf: Part, compiled: language.Compiled, outcome: bool | None, values: Mapping[str, str | None]
) -> Shown:  # fmt: skip
    currency = str(values.get("currency") or "EUR")
    said = [(name, sentences.write(name, values[name], currency)) for name in sorted(compiled.facts)]
    return Shown(" ".join(leaf.text.split()), outcome, said)


def _sentences(version: RuleVersion, quoted: list[str], values: Mapping[str, str | None]) -> tuple[str, str]:
    evidence: dict[str, Any] = {}
    for name in quoted:
        if name in FACTS:
            evidence[name] = values.get(name)
        elif name in DATES:
            day = getattr(version, name)
            evidence[name] = day.isoformat() if day else None
        else:
            evidence[name] = version.parameters.get(name)
    told = sentences.both(version.sentence_en, version.sentence_fr, evidence, version.units)
    return told["sentence_en"], told["sentence_fr"]


def _asked(payment: Payment, columns: list[str]) -> tuple[Any, ...]:
    """A row of the fact table of this payment, in a transaction that is undone and ends in time."""
    with transaction.atomic():
        sql.run(f"set local statement_timeout = '{LONGEST_RUN}'")
        facts.build([payment.pk])
        row = sql.rows(f"select {', '.join(columns)} from facts f")[0]  # noqa: S608 - checked expressions
        transaction.set_rollback(True)
    return row
