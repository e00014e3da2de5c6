"""What a version of a rule says, looked at before it is kept; and how it takes effect when two people signed it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people.models import Entity
from backoffice.people.models import User as Person
from controls import tables
from controls.models import ChangeRequest, RuleVersion
from controls.rules import catalogue, language, reach, rule_lists, rulesets
from controls.rules.shipped import typography
from controls.vocabulary import CHANNELS, KINDS, Type
from documents import trail
from transactions import reasons

# What a version says: the fields that a draft writes and that the next version of it begins with.
CONTENT = (
    "expression", "parameters", "units", "action", "weight", "reject_reason", "sentence_en", "sentence_fr",
    "legal_reference", "profiles", "kinds", "channels", "valid_from", "valid_to", "dated_by", "level", "certainty",
)  # fmt: skip
MOST_PARAMETERS, LONGEST_SENTENCE = 30, 500
_BLANKS = re.compile(r"[ \t\r\n]+")
_NUMBERS = frozenset({"money", "percent", "days", "count"})


def content(version: RuleVersion) -> dict[str, Any]:
    """As it stands: what a draft may be made from."""
    return {name: getattr(version, name) for name in CONTENT}


def kept(version: RuleVersion) -> dict[str, Any]:
    """The same as JSON, for a request."""
    said = content(version)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def checked(values: Mapping[str, Any], *, entity_id: int | None) -> dict[str, Any]:
    """The content of a version of this entity (None: of all), every part looked at. Raises rule.* with the field in
    ``field`` where it is not the expression (which has ``position``). One query, for the lists."""
    said = {name: values[name] for name in CONTENT if name in values}
    said["expression"] = str(said.get("expression", "")).replace("\r\n", "\n").replace("\x00", "").strip()
    said["units"] = dict(said.get("units") or {})
    said["parameters"] = _parameters(dict(said.get("parameters") or {}), said["units"])
    for name in ("sentence_en", "sentence_fr"):
        # Blanks of typography stay, and French has its own.
        said[name] = _BLANKS.sub(" ", str(said.get(name, "")).replace("\x00", "")).strip()
        said[name] = typography(said[name]) if name == "sentence_fr" else said[name]
        if len(said[name]) > LONGEST_SENTENCE:
            raise BusinessError("rule.sentence_long", longest=LONGEST_SENTENCE, field=name)
    lists = rule_lists.known(entity_id)
    try:
        catalogue.check(
            expression=said["expression"], parameters=said["parameters"], sentence_en=said["sentence_en"],
            sentence_fr=said["sentence_fr"], lists=lists, units=said["units"],
        )  # fmt: skip
    except BusinessError as wrong:
        field = "sentence_en" if wrong.code.startswith(("rule.slot", "rule.sentence")) else "expression"
        raise BusinessError(wrong.code, **{"field": field, **wrong.params}) from None
    _scope(said)
    _action(said)
    return said


def _parameters(given: dict[str, Any], units: dict[str, str]) -> dict[str, Any]:
    if len(given) > MOST_PARAMETERS:
        raise BusinessError("rule.too_many_parameters", most=MOST_PARAMETERS, field="parameters")
    known = set(RuleVersion.Unit.values)
    for name, value in given.items():
        if not language.is_name(name) or units.get(name, "text") not in known:
            raise BusinessError("rule.parameter_name", name=str(name)[:40], field="parameters")
        unit = units.get(name)
        for one in value if isinstance(value, list) else [value]:
            found = _literal(one)
            fits = {"date": Type.DATE, "text": Type.TEXT}
            wanted = Type.NUMBER if unit in _NUMBERS else fits.get(unit or "")
            if wanted is not None and found is not wanted:
                raise BusinessError("rule.parameter_unit", name=name, field="parameters")
        if isinstance(value, list) and (unit not in {None, "list"} or not 0 < len(value) <= language.MOST_VALUES):
            raise BusinessError("rule.parameter_unit", name=name, field="parameters")
    for name in set(units) - set(given):
        del units[name]
    return given


def _literal(value: Any) -> Type:
    try:
        return language.literal(value)[1]
    except BusinessError as wrong:
        raise BusinessError(wrong.code, **{**wrong.params, "field": "parameters"}) from None


def _scope(said: dict[str, Any]) -> None:
    known: tuple[tuple[str, Sequence[str]], ...] = (
        ("profiles", Entity.Profile.values), ("kinds", list(KINDS)), ("channels", list(CHANNELS)),
    )  # fmt: skip
    for name, codes in known:
        said[name] = sorted(dict.fromkeys(str(code) for code in said.get(name) or []))
        if not set(said[name]) <= set(codes):
            raise BusinessError("rule.malformed", field=name)
    first, last = said.setdefault("valid_from", None), said.setdefault("valid_to", None)
    if first and last and first > last:
        raise BusinessError("rule.days_reversed", field="valid_to")
    said["dated_by"] = said.get("dated_by") or RuleVersion.DatedBy.RECEIPT.value
    said["level"] = int(said.get("level") or 1)
    if said["dated_by"] not in RuleVersion.DatedBy.values:
        raise BusinessError("rule.malformed", field="dated_by")
    if said["level"] not in RuleVersion.Level.values:
        raise BusinessError("rule.malformed", field="level")


def _action(said: dict[str, Any]) -> None:
    """Rejecting is proposed with a reason of ISO 20022, by a rule whose source was read."""
    for name in ("action", "certainty", "reject_reason", "legal_reference"):
        said[name] = _BLANKS.sub(" ", str(said.get(name) or "").replace("\x00", "")).strip()
    if said["action"] not in RuleVersion.Action.values:
        raise BusinessError("rule.malformed", field="action")
    if said["certainty"] not in RuleVersion.Certainty.values:
        raise BusinessError("rule.malformed", field="certainty")
    if len(said["legal_reference"]) > 200:
        raise BusinessError("rule.malformed", field="legal_reference")
    said["weight"] = int(said.get("weight") or 0)
    if not 0 <= said["weight"] <= 100:
        raise BusinessError("rule.malformed", field="weight")
    if said["reject_reason"] and said["reject_reason"] not in reasons.ISO:
        raise BusinessError("rule.reason_unknown", code=said["reject_reason"][:10], field="reject_reason")
    if said["action"] == RuleVersion.Action.REJECT:
        if not said["reject_reason"]:
            raise BusinessError("rule.reason_missing", field="reject_reason")
        if said["certainty"] == RuleVersion.Certainty.KNOWN:
            raise BusinessError("rule.not_read", field="certainty")


def _runs(version: RuleVersion) -> None:
    """All rules run in one statement: what PostgreSQL would not plan stops every check, so it is asked before."""
    member = {**rulesets.member(version), "mode": RuleVersion.Mode.ACTIVE.value}
    try:
        with transaction.atomic():
            tables.prepare()
            sql.run(f"explain {rulesets.statement_of([member], {})}")
    except DatabaseError as wrong:
        raise BusinessError("rule.cannot_run", cause=str(wrong).splitlines()[0][:200]) from None


def put(asked: ChangeRequest, approver: Person) -> None:
    """The version is published. In the transaction that signed the request; locks the version."""
    rows = RuleVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("rule")
    version = rows.get(pk=asked.subject_id or 0)
    reach.demand(asked.asked_by, reach.WRITE, version.entity_id)
    if version.published_at is not None or version.discarded_at is not None:
        raise BusinessError("rule.no_draft")
    checked(content(version), entity_id=version.entity_id)
    _runs(version)
    version.published_at, version.published_by = timezone.now(), approver
    version.save(update_fields=["published_at", "published_by"])
    trail.record(
        "rule.published", subject_type="rule", subject_id=version.rule_id, entity_id=version.entity_id, actor=approver,
        reason=asked.reason,
        data={"rule": version.rule.code, "number": version.number, "mode": version.mode, "starts_at": version.starts_at,
              "written_by": asked.asked_by.full_name, "request": asked.pk},
    )  # fmt: skip


def refused(asked: ChangeRequest) -> None:
    """A draft goes back to who wrote it; what was only to change the mode of a rule is discarded with its request."""
    if asked.change.get("promotes"):
        RuleVersion.objects.filter(pk=asked.subject_id or 0, published_at=None).update(discarded_at=timezone.now())
