"""What widens what somebody may do, an account may owe or a channel may bring: asked for; what narrows is done at once.

Each takes effect when a second person signs it (controls/changes.py).
"""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access, roles, services, tokens
from backoffice.people.models import ApiToken, Entity, User
from controls import changes
from controls.models import ChangeRequest, VerificationService
from controls.verification import registry as verifiers
from transactions import accounts
from transactions.channels import registry
from transactions.models import Account, AccountBalance, BankChannel

Subject = ChangeRequest.Subject


def open_account(
    *, actor: User, entity: Entity, overdraft: str | None = "0", **described: Any
) -> tuple[Account, ChangeRequest | None]:
    """An account that may not go below zero, and the request for its overdraft where one is asked for (None: without a
    floor). See accounts.open_account."""
    with transaction.atomic():
        floor = accounts.floor_of(overdraft, described["currency"])
        account = accounts.open_account(actor=actor, entity=entity, **described)
        return account, _ask_floor(actor, account, floor, "") if floor != 0 else None


def ask_overdraft(*, actor: User, account_id: int, overdraft: str | None, reason: str) -> ChangeRequest | None:
    """How far below zero an account may go (None: without a floor); None when it narrowed and took effect.

    Refuses silence on why, and a second request for the account (``change.waiting``).
    """
    account = Account.objects.filter(pk=account_id, entity__in=access.entity_ids(actor, "account.view")).first()
    if account is None:
        raise NotThere("not_there")
    access.demand(actor, accounts.MANAGE, account.entity_id)
    if not reason.strip():
        raise BusinessError("account.reason_missing")
    floor = accounts.floor_of(overdraft, account.currency)
    before: Decimal | None = AccountBalance.objects.get(pk=account.pk).floor
    if not accounts.widens(before, floor):
        accounts.set_floor(actor=actor, account_id=account.pk, floor=floor)
        return None
    return _ask_floor(actor, account, floor, reason)


def ask_grant(*, actor: User, user_id: int, role: str, entity: Entity | None) -> ChangeRequest | None:
    """Give a role: at once when it only lets somebody look, else when a second person signs it; None when it is given.

    Refuses what services.grantable refuses, and a second request for the same role (``change.waiting``).
    """
    if role in roles.ROLES and not roles.weighty(roles.ROLES[role]):
        services.grant(actor=actor, user_id=user_id, role=role, entity=entity)
        return None
    with transaction.atomic():
        user = services.grantable(actor=actor, user_id=user_id, role=role, entity=entity)
        changes.demand_person(actor)
        waiting = ChangeRequest.objects.filter(subject_type=Subject.GRANT, subject_id=user.pk, entity=entity)
        if waiting.filter(status=ChangeRequest.Status.WAITING, change__role=role).exists():
            raise BusinessError("change.waiting")
        change = {"role": role, "entity": None if entity is None else entity.code, **_whom(user)}
        return changes.ask(Subject.GRANT, user.pk, entity, change, actor, "")


def issue_token(*, user: User, actor: User, **described: Any) -> tuple[ApiToken, str, ChangeRequest | None]:
    """A token, its secret, and the request that a second person signs before it works, where it is a program's and has
    weighty rights. See tokens.issue."""
    with transaction.atomic():
        token, secret = tokens.issue(user=user, actor=actor, **described)
        if not token.waits:
            return token, secret, None
        changes.demand_person(actor)
        change = {
            "token": token.pk, "scopes": token.scopes, "entities": token.entities, "label": token.name, **_whom(user),
        }  # fmt: skip
        return token, secret, changes.ask(Subject.TOKEN, user.pk, None, change, actor, "")


def add_channel(*, actor: User, **described: Any) -> tuple[BankChannel, ChangeRequest]:
    """A channel, and the request that a second person signs before anything goes by it. See registry.add."""
    changes.demand_person(actor)
    with transaction.atomic():
        channel = registry.add(actor=actor, **described)
        return channel, _ask_channel(actor, channel, on=True)


def change_channel(*, actor: User, channel_id: int, **described: Any) -> tuple[BankChannel, ChangeRequest | None]:
    """Other settings; where they make it point elsewhere, it waits for a second person, and a former request about it
    is over. See registry.change."""
    changes.demand_person(actor)
    with transaction.atomic():
        before = registry.visible(actor).filter(pk=channel_id).values_list("is_active", flat=True).first()
        channel = registry.change(actor=actor, channel_id=channel_id, **described)
        return channel, _ask_channel(actor, channel, on=bool(before)) if channel.waits else None


def _ask_channel(actor: User, channel: BankChannel, *, on: bool) -> ChangeRequest:
    change = registry.pointing(channel)
    former = ChangeRequest.objects.filter(
        subject_type=Subject.CHANNEL, subject_id=channel.pk, status=ChangeRequest.Status.WAITING
    ).first()
    if former is not None:
        if former.change["digest"] == change["digest"]:
            return former
        on = former.change["on"]
        changes.refuse(actor=actor, request_id=former.pk, reason="change.replaced")
    return changes.ask(Subject.CHANNEL, channel.pk, channel.entity, {**change, "on": on}, actor, "")


def put_verifier(*, actor: User, entity: Entity, **described: Any) -> tuple[VerificationService, ChangeRequest | None]:
    """The verification service of an entity, and the request that a second person signs before anybody is asked; None
    when nothing changed. A former request about it is over. See verification/registry.put."""
    changes.demand_person(actor)
    with transaction.atomic():
        service = verifiers.put(actor=actor, entity=entity, **described)
        if not service.waits:
            return service, None
        change = {**verifiers.pointing(service), "on": True}
        former = ChangeRequest.objects.filter(
            subject_type=Subject.VERIFIER, subject_id=service.pk, status=ChangeRequest.Status.WAITING
        ).first()
        if former is not None:
            if former.change["digest"] == change["digest"]:
                return service, former
            changes.refuse(actor=actor, request_id=former.pk, reason="change.replaced")
        return service, changes.ask(Subject.VERIFIER, service.pk, entity, change, actor, "")


def _whom(user: User) -> dict[str, str]:
    """Who it is, as whoever signs must know it: whose address the link went to, and who had it sent."""
    made_by = "" if user.created_by is None else user.created_by.full_name
    return {"name": user.full_name, "email": user.email, "made_by": made_by}


def _ask_floor(actor: User, account: Account, floor: Decimal | None, reason: str) -> ChangeRequest:
    changes.demand_person(actor)
    change = {"floor": None if floor is None else f"{floor:f}", "currency": account.currency, "code": account.code}
    try:
        with transaction.atomic():
            return changes.ask(Subject.ACCOUNT, account.pk, account.entity, change, actor, reason)
    except IntegrityError:
        raise BusinessError("change.waiting") from None
