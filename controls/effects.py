"""How what was asked for takes effect once it is signed: each subject of the requests of controls/changes.py."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction

from backoffice.common.errors import BusinessError
from backoffice.people import access, services, signing, tokens
from backoffice.people.models import Entity, User
from controls import straight
from controls.models import ApprovalPolicy, ChangeRequest
from controls.rules import publishing, reach, rule_lists
from controls.scoring import champions, policies
from controls.screening import exemptions, hits, watchlists
from controls.verification import registry as verifiers
from transactions import accounts
from transactions.channels import registry
from transactions.standing import orders

MATRIX = "matrix.manage"
CONDITIONS = ("kind", "currency", "from_amount", "channel", "risk_from", "new_payee", "valid_from", "valid_to")


def row(entity: Entity, policy_id: int | None, change: Mapping[str, Any]) -> ApprovalPolicy:
    """The row as it would be, not stored."""
    policy = ApprovalPolicy.objects.get(pk=policy_id) if policy_id else ApprovalPolicy(entity=entity)
    for name in CONDITIONS:
        setattr(policy, name, change[name])
    policy.from_amount = Decimal(change["from_amount"])
    for name in ("valid_from", "valid_to"):
        setattr(policy, name, date.fromisoformat(change[name]) if change[name] else None)
    policy.stages = list(change["stages"])
    policy.approvals = sum(stage.persons for stage in signing.stages_of(policy.stages))
    return policy


def apply(found: ChangeRequest, approver: User) -> None:
    """In the transaction that signed the last place, in the name of who asked, whose right is looked at again."""
    subject = ChangeRequest.Subject(found.subject_type)
    if subject == ChangeRequest.Subject.STANDING:
        orders.take_effect(
            order_id=found.subject_id or 0, kept=found.change, asked_by=found.asked_by, approved_by=approver
        )
    elif subject == ChangeRequest.Subject.STRAIGHT:
        access.demand(found.asked_by, straight.MANAGE, found.entity_id)
        straight.put(found, approver)
    elif subject == ChangeRequest.Subject.RULE:
        publishing.put(found, approver)
    elif subject == ChangeRequest.Subject.LIST:
        reach.demand(found.asked_by, reach.WRITE, found.entity_id)
        rule_lists.put(found, approver)
    elif subject == ChangeRequest.Subject.HIT:
        hits.take_effect(found, approver)
    elif subject == ChangeRequest.Subject.EXEMPT:
        exemptions.take_effect(found, approver)
    elif subject == ChangeRequest.Subject.WATCH:
        watchlists.take_effect(found)
    elif subject == ChangeRequest.Subject.MODEL:
        champions.take_effect(found, approver)
    elif subject == ChangeRequest.Subject.SCORING:
        policies.take_effect(found)
    else:
        _APPLIED[subject](found)


def _apply_limit(found: ChangeRequest) -> None:
    services.set_limit(
        actor=found.asked_by, user_id=int(found.subject_id or 0), act=found.change["act"],
        currency=found.change["currency"], amount=_decimal(found.change["amount"]),
        day_amount=_decimal(found.change["day_amount"]),
    )  # fmt: skip


def _apply_grant(found: ChangeRequest) -> None:
    services.grant(
        actor=found.asked_by, user_id=int(found.subject_id or 0), role=found.change["role"], entity=found.entity
    )


def _apply_token(found: ChangeRequest) -> None:
    access.demand(found.asked_by, tokens.MANAGE)
    tokens.take_effect(token_id=found.change["token"], actor=found.asked_by)


def _apply_account(found: ChangeRequest) -> None:
    floor = _decimal(found.change["floor"])
    accounts.set_floor(actor=found.asked_by, account_id=found.subject_id or 0, floor=floor, request_id=found.pk)


def _apply_channel(found: ChangeRequest) -> None:
    registry.take_effect(
        actor=found.asked_by, channel_id=found.subject_id or 0, digest=found.change["digest"],
        on=bool(found.change["on"]),
    )  # fmt: skip


def _apply_verifier(found: ChangeRequest) -> None:
    verifiers.take_effect(
        actor=found.asked_by, service_id=found.subject_id or 0, digest=found.change["digest"],
        on=bool(found.change["on"]),
    )  # fmt: skip


def _apply_matrix(found: ChangeRequest) -> None:
    assert found.entity is not None  # noqa: S101 - a row of the matrix has its entity
    access.demand(found.asked_by, MATRIX, found.entity_id)
    policy = row(found.entity, found.subject_id, found.change)
    policy._history_user = found.asked_by  # type: ignore[attr-defined]
    policy._change_reason = found.reason[:100]  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            policy.save()
    except DatabaseError:
        raise BusinessError("matrix.tie", field="") from None


_APPLIED = {
    ChangeRequest.Subject.MATRIX: _apply_matrix,
    ChangeRequest.Subject.LIMIT: _apply_limit,
    ChangeRequest.Subject.GRANT: _apply_grant,
    ChangeRequest.Subject.TOKEN: _apply_token,
    ChangeRequest.Subject.ACCOUNT: _apply_account,
    ChangeRequest.Subject.CHANNEL: _apply_channel,
    ChangeRequest.Subject.VERIFIER: _apply_verifier,
}


def _decimal(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)
