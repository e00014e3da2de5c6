"""What the checks found, as people read it: findings, every check, the strip of marks, the main reason.

The last assessment of a payment counts. Shadow results are never told here. Sentences are made on reading, in the
active language, from the version that ran and the evidence kept with the result. Each function costs a constant number
of queries for any number of payments.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from backoffice.common import sql
from backoffice.common.pages import COUNT_CAP
from controls.models import Assessment, Rule, RuleVersion
from controls.rules import scope, sentences

FAMILIES: tuple[str, ...] = tuple(Rule.Family.values)
SEVERITY = ("inform", "warn", "second", "hold", "reject")
PASS, WARN, FAIL, NOT_RUN = "pass", "warn", "fail", "none"
MARKS = {"": PASS, "inform": PASS, "warn": WARN, "second": FAIL, "hold": FAIL, "reject": FAIL}


@dataclass(frozen=True)
class Finding:
    """A rule that ran on a payment. ``action`` and ``sentence`` are empty for one that was passed."""

    rule_code: str
    family: str
    name: str
    action: str
    weight: int
    sentence: str
    legal_reference: str
    version: int
    threshold: str
    reject_reason: str
    level: int
    valid_from: date | None
    valid_to: date | None
    dated_by: str
    profiles: Sequence[str]
    certainty: str
    kinds: Sequence[str] = ()
    channels: Sequence[str] = ()

    @property
    def scope(self) -> str:
        """Level of control, days in force, profiles, kinds and channels, in words."""
        return scope.said(
            level=self.level, valid_from=self.valid_from, valid_to=self.valid_to, dated_by=self.dated_by,
            profiles=self.profiles, kinds=self.kinds, channels=self.channels,
        )  # fmt: skip

    @property
    def passed(self) -> bool:
        return not self.action

    @property
    def mark(self) -> str:
        return MARKS[self.action]


_LAST = """
    from unnest(%(ids)s::bigint[]) as k(payment_id)
    cross join lateral (
        select a.id, a.rule_set_id from controls_assessment a
        where a.payment_id = k.payment_id order by a.id desc limit 1
    ) last
"""
_RANK = "array_position(array['inform', 'warn', 'second', 'hold', 'reject'], r.action::text)"
_TOLD = """
    join controls_ruleversion v on v.id = r.version_id
    join controls_rule c on c.id = v.rule_id
"""
_FIELDS = """
    p.currency, c.code, c.family, c.name_en, c.name_fr, r.action, r.weight, v.number, v.sentence_en, v.sentence_fr,
    v.legal_reference, v.parameters, v.reject_reason, r.evidence,
    v.level, v.valid_from, v.valid_to, v.dated_by, v.profiles, v.certainty, v.kinds, v.channels, v.units
"""
_FINDINGS = f"""
    select k.payment_id, {_FIELDS}
    {_LAST}
    join controls_ruleresult r on r.assessment_id = last.id and not r.shadow
    {_TOLD}
    join transactions_payment p on p.id = k.payment_id
    order by k.payment_id, {_RANK} desc, r.weight desc, c.code
"""
_FINDINGS_OF = f"""
    select {_FIELDS}
    from controls_ruleresult r {_TOLD}
    join transactions_payment p on p.id = r.payment_id
    where r.assessment_id = %(assessment)s and not r.shadow
    order by {_RANK} desc, r.weight desc, c.code
"""  # noqa: S608 - constants of this module
_REASONS = f"""
    select distinct on (k.payment_id) k.payment_id, c.name_en, c.name_fr
    {_LAST}
    join controls_ruleresult r on r.assessment_id = last.id and not r.shadow and r.action <> 'inform'
    join controls_ruleversion v on v.id = r.version_id
    join controls_rule c on c.id = v.rule_id
    order by k.payment_id, {_RANK} desc, r.weight desc, c.code
"""
_OF_BATCH = f"""
    with k as (select p.id as payment_id from transactions_payment p where p.batch_id = %(batch)s
               order by p.position limit %(cap)s)
    select c.code, c.name_en, c.name_fr,
           (array['inform', 'warn', 'second', 'hold', 'reject'])[max({_RANK})], count(distinct k.payment_id)
    from k
    cross join lateral (
        select a.id from controls_assessment a where a.payment_id = k.payment_id order by a.id desc limit 1
    ) last
    join controls_ruleresult r on r.assessment_id = last.id and not r.shadow
    join controls_ruleversion v on v.id = r.version_id
    join controls_rule c on c.id = v.rule_id
    group by 1, 2, 3 order by max({_RANK}) desc, 5 desc, 1
"""  # noqa: S608 - constants
_STRIPS = f"""
    select k.payment_id, last.rule_set_id, c.family, max({_RANK})
    {_LAST}
    left join controls_ruleresult r on r.assessment_id = last.id and not r.shadow
    left join controls_ruleversion v on v.id = r.version_id
    left join controls_rule c on c.id = v.rule_id
    group by k.payment_id, last.rule_set_id, c.family
"""
_FAMILIES_RUN = """
    select distinct s.id, c.family
    from controls_ruleset s
    cross join lateral jsonb_array_elements(s.members) m
    join controls_rule c on c.code = m ->> 'rule'
    where s.id = any(%s) and m ->> 'mode' = 'active'
"""


def findings(payment_ids: Sequence[int]) -> dict[int, list[Finding]]:
    """What each payment did not pass, the worst first; payments without findings are left out. One query."""
    found: dict[int, list[Finding]] = {}
    for row in sql.dicts(_FINDINGS, {"ids": list(payment_ids)}):
        found.setdefault(row["payment_id"], []).append(_finding(row))
    return found


def _finding(row: dict[str, Any]) -> Finding:
    french = _french()
    units = sentences.document(row["units"])
    return Finding(
        rule_code=row["code"],
        family=row["family"],
        name=row["name_fr"] if french else row["name_en"],
        action=row["action"],
        weight=row["weight"],
        sentence=sentences.fill(
            row["sentence_fr"] if french else row["sentence_en"], sentences.document(row["evidence"]), units
        ),
        legal_reference=row["legal_reference"],
        version=row["number"],
        threshold=sentences.thresholds(sentences.document(row["parameters"]), row["currency"], units),
        reject_reason=row["reject_reason"],
        level=row["level"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        dated_by=row["dated_by"],
        profiles=tuple(sentences.document(row["profiles"])),
        certainty=row["certainty"],
        kinds=tuple(sentences.document(row["kinds"])),
        channels=tuple(sentences.document(row["channels"])),
    )


def checks(payment_id: int) -> list[Finding]:
    """Every active rule of the last assessment that concerned the payment: findings first, then what it passed.

    Empty when the checks have not run. Three queries.
    """
    last = last_assessment(payment_id)
    return checks_of(last) if last else []


def last_assessment(payment_id: int) -> Assessment | None:
    """The one that counts, with its rule set, payment and entity. One query."""
    ran = Assessment.objects.filter(payment_id=payment_id).select_related("rule_set", "payment__entity")
    return ran.order_by("-pk").first()


def checks_of(assessment: Assessment) -> list[Finding]:
    """The same of one assessment, with its rule set, payment and entity at hand. Two queries."""
    failed = [_finding(row) for row in sql.dicts(_FINDINGS_OF, {"assessment": assessment.pk})]
    codes = {finding.rule_code for finding in failed}
    currency = assessment.payment.currency
    passed = [_passed(version, currency) for version in _concerned(assessment) if version.rule.code not in codes]
    passed.sort(key=lambda check: (FAMILIES.index(check.family), check.rule_code))
    return failed + passed


def _concerned(assessment: Assessment) -> list[RuleVersion]:
    """The members of its rule set that spoke about its payment: by entity, profile, kind, channel and day."""
    payment, entity = assessment.payment, assessment.payment.entity
    members: list[dict[str, Any]] = assessment.rule_set.members
    own = {member["rule"] for member in members if member["entity"] == entity.pk}
    wanted = [
        member["version"]
        for member in members
        if member["mode"] == "active" and member["entity"] == (entity.pk if member["rule"] in own else None)
    ]
    days = {
        RuleVersion.DatedBy.RECEIPT.value: payment.received_at.astimezone(ZoneInfo(entity.time_zone)).date(),
        RuleVersion.DatedBy.EXECUTION.value: payment.requested_execution_date,
    }
    return [
        version
        for version in RuleVersion.objects.filter(pk__in=wanted).select_related("rule")
        if (not version.profiles or entity.profile in version.profiles)
        and (version.valid_from is None or version.valid_from <= days[version.dated_by])
        and (version.valid_to is None or days[version.dated_by] <= version.valid_to)
        and (not version.kinds or payment.kind in version.kinds)
        and (not version.channels or payment.channel in version.channels)
    ]


def _passed(version: RuleVersion, currency: str) -> Finding:
    return Finding(
        rule_code=version.rule.code,
        family=version.rule.family,
        name=version.rule.name_fr if _french() else version.rule.name_en,
        action="",
        weight=0,
        sentence="",
        legal_reference=version.legal_reference,
        version=version.number,
        threshold=sentences.thresholds(version.parameters, currency, version.units),
        reject_reason="",
        level=version.level,
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        dated_by=version.dated_by,
        profiles=tuple(version.profiles),
        certainty=version.certainty,
        kinds=tuple(version.kinds),
        channels=tuple(version.channels),
    )


def strip(payment_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """One mark a family in the order of ``FAMILIES``: pass, warn, fail, or none where nothing ran. Two queries."""
    rows = sql.rows(_STRIPS, {"ids": list(payment_ids)})
    ran: dict[int, set[str]] = {}
    for rule_set_id, family in sql.rows(_FAMILIES_RUN, [sorted({row[1] for row in rows})]):
        ran.setdefault(rule_set_id, set()).add(family)
    marks: dict[int, dict[str, str]] = {key: dict.fromkeys(FAMILIES, NOT_RUN) for key in payment_ids}
    for payment_id, rule_set_id, _family, _rank in rows:
        marks[payment_id].update(dict.fromkeys(ran.get(rule_set_id, ()), PASS))
    for payment_id, _rule_set_id, family, rank in rows:
        if family is not None:
            marks[payment_id][family] = MARKS[SEVERITY[rank - 1]]
    return {key: list(found.items()) for key, found in marks.items()}


def main_reason(payment_ids: Sequence[int]) -> dict[int, str]:
    """The name of each payment's worst finding; those with notes only, or none, are left out. One query."""
    french = _french()
    return {
        payment_id: name_fr if french else name_en
        for payment_id, name_en, name_fr in sql.rows(_REASONS, {"ids": list(payment_ids)})
    }


@dataclass(frozen=True)
class RuleTally:
    """How many payments a rule has a finding on, and the worst that it says of one."""

    code: str
    name: str
    action: str
    count: int


def findings_of_batch(batch_id: int) -> list[RuleTally]:
    """What the last checks of a file's payments found, by rule, the gravest first; of its first ``COUNT_CAP``
    payments. One query."""
    french = _french()
    return [
        RuleTally(code, name_fr if french else name_en, action, int(number))
        for code, name_en, name_fr, action, number in sql.rows(_OF_BATCH, {"batch": batch_id, "cap": COUNT_CAP})
    ]


def _french() -> bool:
    return (get_language() or "en").startswith("fr")
