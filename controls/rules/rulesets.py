"""Which versions run together, and the one statement that runs them all.

A version counts when it is published, its moment has come and it is not off: of each rule the highest such number, for
an entity its own version before the general one. The set is known by the SHA-256 of its members' content, so an
assessment that names a rule set names every expression, parameter and sentence that ran. A named list goes into it with
the digest of its entries and their moments: what was asked of it is what it held when a payment was received.
"""

import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import JSONField, Q
from django.db.models.expressions import RawSQL
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from controls.models import RuleList, RuleSet, RuleVersion
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


# The named lists there are, with the versions whose text asks one: code -> [key, kind, digest].
_LISTS = """
    case when controls_ruleversion.expression ilike '%%list%%' then (
        select jsonb_object_agg(l.code, jsonb_build_array(l.id, l.kind, l.digest)) from controls_rulelist l) end
"""


def in_force(at: datetime | None = None) -> list[RuleVersion]:
    """The highest published version of each rule and entity whose moment has come, those that are off included: they
    say that nothing runs. ``at``: as it is then, by what is published now. One query."""
    moment = at or timezone.now()
    rows = (
        RuleVersion.objects.filter(Q(starts_at=None) | Q(starts_at__lte=moment), published_at__isnull=False)
        .select_related("rule")
        .annotate(known_lists=RawSQL(_LISTS, [], output_field=JSONField()))  # noqa: S611 - constant
        .order_by("rule__code", "entity_id", "-number")
        .distinct("rule__code", "entity_id")
    )
    return list(rows)


def member(version: RuleVersion) -> dict[str, Any]:
    """What of a version decides what it finds, and how that is told."""
    narrower = {name: getattr(version, name) for name in ("kinds", "channels") if getattr(version, name)}
    asked = _lists_of(version)
    return {
        **narrower,
        **({"lists": asked} if asked else {}),
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


def _lists_of(version: RuleVersion) -> dict[str, list[Any]]:
    """The lists that a version asks: code -> [key, kind, digest]. One query, unless in_force() brought them."""
    names = language.list_names(version.expression)
    if not names:
        return {}
    if hasattr(version, "known_lists"):
        known = version.known_lists or {}
    else:
        found = RuleList.objects.filter(code__in=names).values_list("code", "pk", "kind", "digest")
        known = {code: list(rest) for code, *rest in found}
    return {name: known[name] for name in names if name in known}


def lists_of(member: Mapping[str, Any]) -> dict[str, tuple[int, str]]:
    """The lists of a member, for the compiler."""
    return {name: (int(key), str(kind)) for name, (key, kind, _digest) in member.get("lists", {}).items()}


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
    compiled = language.compile_expression(member["expression"], member["parameters"], lists=lists_of(member))
    return " and ".join([*_scope(member, entities_with_own), compiled.sql])


def _constants(number: int, member: dict[str, Any]) -> str:
    shadow = "true" if member["mode"] == "shadow" else "false"
    return (
        f"({number}, {int(member['version'])}::bigint, {language.quoted(member['rule'])}, "
        f"{language.quoted(member['action'])}, {int(member['weight'])}::smallint, {shadow})"
    )


def concerned(version: RuleVersion) -> str:
    """SQL that is true for a row of ``facts f`` that a version concerns, whatever other versions there are."""
    return " and ".join(_scope(member(version), [])) or "true"


def _scope(member: dict[str, Any], entities_with_own: Sequence[int]) -> list[str]:
    """Whom and when the version concerns: its entity, profiles, kinds and channels, the days it is in force."""
    parts = []
    if member["entity"] is not None:
        parts.append(f"f.entity_id = {int(member['entity'])}")
    elif entities_with_own:
        parts.append(f"f.entity_id not in ({', '.join(str(int(key)) for key in entities_with_own)})")
    if member["profiles"]:
        parts.append(f"f.profile in ({', '.join(language.quoted(str(name)) for name in member['profiles'])})")
    for column, names in (("kind", member.get("kinds")), ("channel", member.get("channels"))):
        if names:
            parts.append(f"f.{column} in ({', '.join(language.quoted(str(name)) for name in names)})")
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
