"""The passes in the versions that count for an entity, and how a version comes in force: by another than its writer."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access, roles
from backoffice.people.models import Entity, Grant, User
from controls.models import MatchingRule
from documents import trail

WRITE, PUBLISH, SUBJECT = "rule.write", "rule.publish", "matching_rule"
# What each pass may be told, from where to where: days, counts, money in the account's currency, shares of an amount.
BOUNDS: dict[str, dict[str, tuple[Decimal, Decimal]]] = {
    code: {name: (Decimal(low), Decimal(high)) for name, (low, high) in bounds.items()}
    for code, bounds in {
        "reference": {},
        "made_of_line": {},
        "contra": {"days": ("1", "60")},
        "details": {},
        "batch": {},
        "document": {"before": ("0", "60"), "after": ("0", "400")},
        "several": {"most": ("2", "200")},
        "instalments": {"days": ("1", "400"), "most": ("2", "50")},
        "fees": {"fee": ("0", "1000"), "fee_share": ("0", "0.1"), "exchange_share": ("0", "0.1")},
        "number": {"before": ("0", "15"), "after": ("0", "30")},
        "name": {"before": ("0", "15"), "after": ("0", "15")},
        "amount": {"before": ("0", "5"), "after": ("0", "10")},
        # Beyond 20 open items and 6 members a sum is found for any amount.
        "sums": {"before": ("0", "15"), "after": ("0", "60"), "items": ("2", "20"), "members": ("2", "6"),
                 "round": ("1", "1000000")},
    }.items()
}  # fmt: skip


@dataclass(frozen=True)
class Pass:
    """A version of a pass: its key, and its tolerances."""

    rule_id: int
    code: str
    version: int
    params: Mapping[str, Any]


_OF = """
    select distinct on (code) id, code, version, params, mode from controls_matchingrule
    where (entity_id = %s or entity_id is null) and mode = %s
    order by code, entity_id nulls last, version desc
"""


def of(entity_id: int, mode: str = MatchingRule.Mode.ACTIVE) -> dict[str, Pass]:
    """By code: the entity's own version, else the house's. A pass that is not there does not run. One query."""
    rows = MatchingRule.objects.raw(_OF, [entity_id, mode])
    return {one.code: Pass(one.pk, one.code, one.version, one.params) for one in rows}


def _demand(actor: User, right: str, entity_id: int | None) -> None:
    """The house's versions are for those who have the right everywhere."""
    access.demand(actor, right, entity_id)
    everywhere = Grant.objects.filter(user=actor, entity=None, role__in=roles.roles_with(right))
    if entity_id is None and not everywhere.exists():
        raise Denied("denied", right=right)


def _checked(code: str, params: Mapping[str, Any]) -> dict[str, Any]:
    bounds = BOUNDS.get(code)
    if bounds is None:
        raise BusinessError("matching_rule.unknown", code=code[:24])
    if params.keys() != bounds.keys():
        raise BusinessError("matching_rule.params", names=", ".join(sorted(bounds)) or "-")
    for name, (low, high) in bounds.items():
        value = params[name]
        whole = name not in {"fee", "fee_share", "exchange_share"}
        if isinstance(value, bool) or not isinstance(value, int | float) or (whole and value != int(value)):
            raise BusinessError("matching_rule.bounds", name=name, low=str(low), high=str(high))
        if not low <= Decimal(str(value)) <= high:
            raise BusinessError("matching_rule.bounds", name=name, low=str(low), high=str(high))
    return dict(params)


def write(
    *, actor: User, code: str, params: Mapping[str, Any], entity: Entity | None = None, note: str = ""
) -> MatchingRule:
    """A new version, in the shadow: runs tell what it would match, and it matches nothing. Needs rule.write."""
    _demand(actor, WRITE, entity.pk if entity else None)
    checked = _checked(code, params)
    with transaction.atomic():
        sql.run("select pg_advisory_xact_lock(hashtextextended('matching_rule ' || %s, 0))", [code])
        last = MatchingRule.objects.filter(code=code, entity=entity).aggregate(last=Max("version"))["last"] or 0
        made = MatchingRule.objects.create(
            entity=entity, code=code, version=last + 1, params=checked, note=note.strip()[:500], written_by=actor
        )
        trail.record(
            "matching_rule.written", subject_type=SUBJECT, subject_id=made.pk,
            entity_id=entity.pk if entity else None, actor=actor,
            data={"code": code, "version": made.version, "params": checked},
        )  # fmt: skip
    return made


def activate(*, actor: User, rule_id: int) -> MatchingRule:
    """Put a version in force; the one before it is over. By another person than its writer, with rule.publish."""
    return _decide(actor, rule_id, MatchingRule.Mode.ACTIVE)


def retire(*, actor: User, rule_id: int) -> MatchingRule:
    """End a version: a pass that has none in force does not run. Needs rule.publish."""
    return _decide(actor, rule_id, MatchingRule.Mode.OFF)


def _decide(actor: User, rule_id: int, mode: str) -> MatchingRule:
    with transaction.atomic():
        rule = MatchingRule.objects.select_for_update(no_key=True).filter(pk=rule_id).first()
        if rule is None:
            raise NotThere("not_there")
        _demand(actor, PUBLISH, rule.entity_id)
        if actor.is_machine:
            raise BusinessError("matching_rule.by_machine")
        if mode == MatchingRule.Mode.ACTIVE and rule.written_by_id == actor.pk:
            raise BusinessError("matching_rule.own_work")
        if rule.mode == mode:
            raise Conflict("matching_rule.decided_before")
        if mode == MatchingRule.Mode.ACTIVE:
            MatchingRule.objects.filter(code=rule.code, entity=rule.entity, mode=mode).update(
                mode=MatchingRule.Mode.OFF, decided_by=actor, decided_at=timezone.now()
            )
        rule.mode, rule.decided_by, rule.decided_at = mode, actor, timezone.now()
        rule.save(update_fields=["mode", "decided_by", "decided_at"])
        trail.record(
            "matching_rule.activated" if mode == MatchingRule.Mode.ACTIVE else "matching_rule.retired",
            subject_type=SUBJECT, subject_id=rule.pk, entity_id=rule.entity_id, actor=actor,
            data={"code": rule.code, "version": rule.version},
        )  # fmt: skip
    return rule
