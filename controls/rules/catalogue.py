"""The shipped catalogue and how it gets into the database.

``load()`` runs after every migrate (controls/apps.py) and by ``manage.py load_rules``; it may run any number of times.
A rule of the catalogue that the database does not have is made, active. One whose shipped content changed gets a next
version: published at once when the house never wrote a version of its own, else unpublished, for the house to decide.
Versions are never changed.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps as installed
from django.db import transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError
from controls.rules import language
from controls.rules.sentences import slots
from controls.rules.shipped import (
    Shipped,
    accounts,
    amounts,
    cash,
    dates,
    duplicates,
    form,
    habits,
    invoices,
    mandates,
    payees,
    received,
    screening,
    verification,
    vigilance,
)
from controls.vocabulary import DATES, FACTS

CATALOGUE: tuple[Shipped, ...] = (
    *form.RULES,
    *accounts.RULES,
    *payees.RULES,
    *verification.RULES,
    *duplicates.RULES,
    *amounts.RULES,
    *dates.RULES,
    *mandates.RULES,
    *invoices.RULES,
    *received.RULES,
    *cash.RULES,
    *vigilance.RULES,
    *screening.RULES,
    *habits.RULES,
)

_CONTENT = (
    "expression", "parameters", "action", "weight", "reject_reason", "sentence_en", "sentence_fr", "legal_reference",
    "profiles", "valid_from", "valid_to", "dated_by", "level", "certainty",
)  # fmt: skip


def check(
    *,
    expression: str,
    parameters: dict[str, Any],
    sentence_en: str,
    sentence_fr: str,
    lists: Mapping[str, language.Listed] | None = None,
    units: Mapping[str, str] | None = None,
) -> language.Compiled:
    """What every version must pass: an expression of the language, and sentences that quote what exists."""
    compiled = language.compile_expression(expression, parameters, lists=lists, units=units)
    for sentence in (sentence_en, sentence_fr):
        if not sentence.strip():
            raise BusinessError("rule.sentence_missing")
        for name in slots(sentence):
            if name not in FACTS and name not in parameters and name not in DATES:
                raise BusinessError("rule.slot_unknown", name=name)
    return compiled


_NAMING = ("family", "name_en", "name_fr")


def load(apps: Any = installed) -> list[str]:
    """Bring the database in step with the catalogue; returns the codes that changed. Two queries when nothing did."""
    rules = apps.get_model("controls", "Rule")
    versions = apps.get_model("controls", "RuleVersion")
    changed = []
    with transaction.atomic():
        known = {rule.code: rule for rule in rules.objects.filter(shipped=True)}
        latest: dict[int, Any] = {}
        ours: dict[int, Any] = {}
        numbers: dict[int, int] = {}
        for version in versions.objects.filter(rule__shipped=True).order_by("rule_id", "number"):
            numbers[version.rule_id] = version.number
            if version.entity_id is not None:
                continue
            if version.written_by_id is None:
                ours[version.rule_id] = version  # also what the house declined: it is not offered twice
            if version.discarded_at is None:
                latest[version.rule_id] = version
        for shipped in CATALOGUE:
            rule = known.get(shipped.code)
            if rule is None:
                rule = rules.objects.create(
                    code=shipped.code, family=shipped.family, name_en=shipped.name_en, name_fr=shipped.name_fr,
                    shipped=True,
                )  # fmt: skip
            elif any(getattr(rule, name) != getattr(shipped, name) for name in _NAMING):
                for name in _NAMING:
                    setattr(rule, name, getattr(shipped, name))
                rule.save()
                changed.append(shipped.code)
            before = ours.get(rule.pk)
            if before is not None and all(getattr(before, name) == shipped.content[name] for name in _CONTENT):
                continue
            content = shipped.content
            check(**{name: content[name] for name in ("expression", "parameters", "sentence_en", "sentence_fr")})
            last = latest.get(rule.pk)
            of_the_house = last is not None and last is not before
            versions.objects.create(
                rule=rule, number=numbers.get(rule.pk, 0) + 1, mode="active",
                published_at=None if of_the_house else timezone.now(), **content,
            )  # fmt: skip
            changed.append(shipped.code)
    return sorted(set(changed))
