"""Which versions run together, and the one statement that runs them all.

A version counts when it is published and not off: of each rule the highest published number, for an entity its own
version before the general one. The set is known by the SHA-256 of its members' content, so an assessment that names a
rule set names every expression, parameter and sentence that ran.
"""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from controls.models import RuleSet, RuleVersion
from controls.rules import language
from controls.rules.sentences import slots
from controls.vocabulary import DATES, FACTS, Kind

_FINDINGS = "insert into findings (payment_id, version_id, rule_code, action, weight, shadow, evidence) "


@dataclass(frozen=True)
class Current:
    """The rule set in force: its row, and the statement that fills ``findings`` from ``facts``."""

    rule_set_id: int
    statement: str


def current() -> Current:
    """The rule set of now; its row is made when it is new. Two queries. Without any rule nothing may pass: an error."""
    versions = in_force()
    if not any(version.mode == RuleVersion.Mode.ACTIVE for version in versions):
        raise BusinessError("rules.none")
    members = [member(version) for version in versions]
    text = json.dumps(members, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Current(_row(digest, members), _statement(digest, text))


def in_force() -> list[RuleVersion]:
    """The highest published version of each rule and entity, without those that are off. One query."""
    rows = (
        RuleVersion.objects.filter(published_at__isnull=False)
        .select_related("rule")
        .order_by("rule__code", "entity_id", "-number")
        .distinct("rule__code", "entity_id")
    )
    return list(rows)


def member(version: RuleVersion) -> dict[str, Any]:
    """What of a version decides what it finds, and how that is told."""
    return {
        "version": version.pk,
        "rule": version.rule.code,
        "number": version.number,
        "entity": version.entity_id,
        "mode": version.mode,
        "expression": version.expression,
        "parameters": version.parameters,
        "action": version.action,
        "weight": version.weight,
        "sentence_en": version.sentence_en,
        "sentence_fr": version.sentence_fr,
        "profiles": version.profiles,
        "valid_from": version.valid_from.isoformat() if version.valid_from else None,
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "dated_by": version.dated_by,
    }


def _row(digest: str, members: Sequence[dict[str, Any]]) -> int:
    found = RuleSet.objects.filter(digest=digest).values_list("pk", flat=True).first()
    if found:
        return int(found)
    kept = [{name: member[name] for name in ("version", "rule", "number", "entity", "mode")} for member in members]
    sql.run(
        "insert into controls_ruleset (digest, members, created_at) values (%s, %s, now()) "
        "on conflict (digest) do nothing",
        [digest, json.dumps(kept)],
    )
    return RuleSet.objects.values_list("pk", flat=True).get(digest=digest)


@functools.lru_cache(maxsize=16)
def _statement(digest: str, text: str) -> str:
    """One statement and one scan for all rules: each payment's numbers of rules not passed, then their evidence.

    Every part of it is a literal or a checked expression; it takes no parameters. Evidence is made for findings alone.
    """
    members = json.loads(text)
    return statement_of(members, entities_with_own(members))


def entities_with_own(members: Sequence[Mapping[str, Any]]) -> dict[str, list[int]]:
    """By rule, the entities whose own version among these members counts instead of the general one."""
    own: dict[str, list[int]] = {}
    for member in members:
        if member["entity"] is not None:
            own.setdefault(member["rule"], []).append(member["entity"])
    return own


def statement_of(members: Sequence[dict[str, Any]], own: Mapping[str, Sequence[int]]) -> str:
    """The statement that fills ``findings`` for these members (see :func:`member`), those that are off left out."""
    running = list(enumerate(member for member in members if member["mode"] != "off"))
    tests = [f"case when {condition_of(one, own.get(one['rule'], []))} then {n} end" for n, one in running]
    evidence = [f"when {n} then {_evidence(one)}" for n, one in running]
    return (
        f"{_FINDINGS} select f.payment_id, m.version_id, m.rule_code, m.action, m.weight, m.shadow, "  # noqa: S608
        f"case m.n {' '.join(evidence)} end as evidence "
        f"from facts f cross join lateral unnest(array_remove(array[{', '.join(tests)}], null)) as found(n) "
        f"join (values {', '.join(_constants(n, one) for n, one in running)}) "
        "as m(n, version_id, rule_code, action, weight, shadow) on m.n = found.n"
    )


def condition_of(member: dict[str, Any], entities_with_own: Sequence[int]) -> str:
    """The SQL over ``facts f`` that is true for a payment that a member concerns and that does not pass."""
    compiled = language.compile_expression(member["expression"], member["parameters"])
    return " and ".join([*_scope(member, entities_with_own), compiled.sql])


def _constants(number: int, member: dict[str, Any]) -> str:
    shadow = "true" if member["mode"] == "shadow" else "false"
    return (
        f"({number}, {int(member['version'])}::bigint, {language.quoted(member['rule'])}, "
        f"{language.quoted(member['action'])}, {int(member['weight'])}::smallint, {shadow})"
    )


def _scope(member: dict[str, Any], entities_with_own: Sequence[int]) -> list[str]:
    """Whom and when the version concerns: its entity, its profiles, the days it is in force."""
    parts = []
    if member["entity"] is not None:
        parts.append(f"f.entity_id = {int(member['entity'])}")
    elif entities_with_own:
        parts.append(f"f.entity_id not in ({', '.join(str(int(key)) for key in entities_with_own)})")
    if member["profiles"]:
        parts.append(f"f.profile in ({', '.join(language.quoted(str(name)) for name in member['profiles'])})")
    day = "f.execution_date" if member["dated_by"] == RuleVersion.DatedBy.EXECUTION else "f.received_on"
    if member["valid_from"]:
        parts.append(f"{day} >= {language.quoted(member['valid_from'])}::date")
    if member["valid_to"]:
        parts.append(f"{day} <= {language.quoted(member['valid_to'])}::date")
    return parts


def quoted_names(*sentences: str) -> list[str]:
    """What a result keeps: the names its sentences quote, and the currency when one of them is an amount."""
    names = list(dict.fromkeys(name for sentence in sentences for name in slots(sentence)))
    if "currency" not in names and any(
        name not in DATES and (name not in FACTS or FACTS[name].kind is Kind.MONEY) for name in names
    ):
        names.append("currency")
    return names


def _evidence(member: dict[str, Any]) -> str:
    parts = []
    for name in quoted_names(member["sentence_en"], member["sentence_fr"]):
        if name in FACTS:
            parts.append(f'{language.quoted(name)}, f."{name}"::text')
        else:
            value = member[name] if name in DATES else member["parameters"][name]
            parts.append(f"{language.quoted(name)}, {_constant(value)}")
    return f"jsonb_build_object({', '.join(parts)})" if parts else "'{}'::jsonb"


def _constant(value: Any) -> str:
    if isinstance(value, list):
        return f"jsonb_build_array({', '.join(language.quoted(str(item)) for item in value)})"
    return f"{language.quoted(str(value))}::text"
