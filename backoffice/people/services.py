"""Changing who may do what. Every change needs the right to manage users where it takes effect, and is on record."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from backoffice.common import money
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access, roles
from backoffice.people.models import Entity, Grant, Limit, User
from documents import trail
from documents.models import AuditRecord

MANAGE = "user.manage"
LONGEST_UNDO = 300


def visible(actor: User, right: str = "user.view") -> QuerySet[User]:
    """The people whom ``actor`` may see: all, or those with a role in the actor's entities, everywhere or nowhere."""
    if access.everywhere(actor, right):
        return User.objects.all()
    places = access.entity_ids(actor, right)
    if not places:
        return User.objects.none()
    return User.objects.filter(
        Q(grants__entity__in=places) | Q(grants__isnull=True) | Q(grants__entity=None, grants__isnull=False)
    ).distinct()


def shown_grants(actor: User) -> QuerySet[Grant]:
    """The roles that concern the entities where the actor sees people."""
    rows = Grant.objects.all()
    if access.everywhere(actor, "user.view"):
        return rows
    return rows.filter(Q(entity=None) | Q(entity__in=access.entity_ids(actor, "user.view")))


def shown_acts(actor: User, acts: QuerySet[AuditRecord]) -> QuerySet[AuditRecord]:
    """Of the acts on a person or a token: those that concern the entities where the actor sees people.

    Roles are recorded with the code of their entity, in JSON of a fixed form.
    """
    if access.everywhere(actor, "user.view"):
        return acts
    places = access.entity_ids(actor, "user.view")
    codes = Entity.objects.filter(pk__in=places).values_list("code", flat=True)
    named = Q(data__contains='"entity":"')
    for code in codes:
        named &= ~Q(data__contains=f'"entity":"{code}"')
    return acts.filter(Q(entity_id=None) | Q(entity_id__in=places)).exclude(named)


def create_user(*, actor: User, email: str, full_name: str, language: str = "en", machine: bool = False) -> User:
    """A person without rights and without a password (they choose one by the link they are sent), or a machine.

    Refuses an address that is taken (``user.email_taken``) or malformed (``user.email_bad``).
    """
    access.demand(actor, MANAGE)
    address, name = email.strip().lower(), " ".join(full_name.split())
    try:
        validate_email(address)
    except ValidationError:
        raise BusinessError("user.email_bad", email=address[:80]) from None
    if not name or len(name) > 140:
        raise BusinessError("user.name_missing")
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email=address, full_name=name, language=language, is_machine=machine, created_by=actor
            )
            _record("user.created", user, actor, {"email": address, "full_name": name, "machine": machine})
    except IntegrityError:
        raise BusinessError("user.email_taken", email=address) from None
    return user


def grant(*, actor: User, user_id: int, role: str, entity: Entity | None) -> Grant:
    """Give a role in one entity or (None) in all. Nobody gives to themselves, or where they do not manage users.

    A role with weighty rights is written by a request that a second person signed (controls/widenings.py), for which
    the database asks.
    """
    with transaction.atomic():
        user = grantable(actor=actor, user_id=user_id, role=role, entity=entity)
        made = Grant.objects.create(user=user, role=role, entity=entity, granted_by=actor)
        _record("user.granted", user, actor, _described(made))
    return made


def grantable(*, actor: User, user_id: int, role: str, entity: Entity | None) -> User:
    """The person, locked, when the actor may give them the role; else refused. Inside ``atomic()``.

    Who has the role already (``user.granted_already``), and roles that nobody holds together (``user.roles_apart``).
    """
    if role not in roles.ROLES:
        raise BusinessError("user.role_unknown", role=role[:16])
    demand_place(actor, None if entity is None else entity.pk)
    user = _locked(actor, user_id)
    _refuse_self(actor, user)
    refuse_together(user, role, entity)
    return user


def refuse_together(user: User, role: str, entity: Entity | None) -> None:
    """Refuse a role that the person has there already, or that nobody holds together with one of theirs."""
    if user.grants.filter(role=role, entity=entity).exists():
        raise BusinessError("user.granted_already", name=user.full_name)
    others = user.grants.filter(role__in=roles.apart(role))
    if entity is not None:
        others = others.filter(Q(entity=None) | Q(entity=entity))
    if others.exists():
        raise BusinessError("user.roles_apart", name=user.full_name)


def revoke(*, actor: User, user_id: int, grant_id: int) -> None:
    """Take a role back, at once: rights are read anew with each request. The last administrator stays."""
    with transaction.atomic():
        user = _locked(actor, user_id)
        given = Grant.objects.select_related("entity").filter(pk=grant_id, user=user).first()
        if given is None:
            raise NotThere("not_there")
        demand_place(actor, given.entity_id)
        _refuse_self(actor, user)
        if given.role == roles.ADMINISTRATOR and user.is_active:
            _refuse_last_administrator(leaving=given)
        described = _described(given)
        given.delete()
        _record("user.revoked", user, actor, described)


def set_limit(
    *, actor: User, user_id: int, act: str, currency: str, amount: Decimal | None, day_amount: Decimal | None = None
) -> None:
    """The most the person may validate or approve in a currency, by one payment and (None: no ceiling) in one day.

    ``amount`` None takes the limit, and the right, away. Same values again record nothing. Refuses a day below one
    payment (``limit.day_below_one``). What widens is written by a request that a second person signed
    (controls/changes.py), for which the database asks.
    """
    with transaction.atomic():
        user, limit, amount, day_amount = limitable(
            actor=actor, user_id=user_id, act=act, currency=currency, amount=amount, day_amount=day_amount
        )
        before, day_before = (limit.amount, limit.day_amount) if limit else (None, None)
        if (before, day_before) == (amount, day_amount):
            return
        if amount is None:
            if limit is not None:
                limit.delete()
        elif limit is None:
            Limit.objects.create(user=user, act=act, currency=currency, amount=amount, day_amount=day_amount)
        else:
            limit.amount, limit.day_amount = amount, day_amount
            limit.save()
        told = {"before": before, "after": amount}
        if day_before != day_amount:
            told |= {"day_before": day_before, "day_after": day_amount}
        plain = {name: None if value is None else money.plain(value, currency) for name, value in told.items()}
        _record("user.limited", user, actor, {"act": act, "currency": currency, **plain})


def limitable(
    *, actor: User, user_id: int, act: str, currency: str, amount: Decimal | None, day_amount: Decimal | None
) -> tuple[User, Limit | None, Decimal | None, Decimal | None]:
    """The person, locked, their limit of now and the new one as it would be kept; else refused. Inside ``atomic()``."""
    if act not in Limit.Act.values:
        raise BusinessError("user.act_unknown", act=act[:10])
    if amount is not None:
        amount = money.parse(amount, currency)
    day_amount = money.parse(day_amount, currency) if day_amount is not None and amount is not None else None
    if day_amount is not None and amount is not None and day_amount < amount:
        raise BusinessError("limit.day_below_one")
    user = _locked(actor, user_id)
    demand_over(actor, user)
    _refuse_self(actor, user)
    return user, Limit.objects.filter(user=user, act=act, currency=currency).first(), amount, day_amount


def set_active(*, actor: User, user_id: int, active: bool, reason: str = "") -> None:
    """Open or close the person's access. Closing ends their sessions and stops their tokens with the next request."""
    with transaction.atomic():
        user = _locked(actor, user_id)
        demand_over(actor, user)
        _refuse_self(actor, user)
        if user.is_active == active:
            return
        if not active and not reason.strip():
            raise BusinessError("user.reason_missing")
        if not active and user.grants.filter(role=roles.ADMINISTRATOR).exists():
            _refuse_last_administrator(leaving=user)
        user.is_active = active
        user.save(update_fields=["is_active"])
        _record("user.activated" if active else "user.deactivated", user, actor, {}, reason=reason.strip())


def _locked(actor: User, user_id: int) -> User:
    """The person, locked against another change of rights. Of someone the actor cannot see: not there."""
    access.demand(actor, MANAGE)
    if not visible(actor, MANAGE).filter(pk=user_id).exists():
        raise NotThere("not_there")
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def demand_place(actor: User, entity_id: int | None) -> None:
    if entity_id is None and not access.everywhere(actor, MANAGE):
        raise Denied("user.not_everywhere")
    access.demand(actor, MANAGE, entity_id)


def demand_over(actor: User, user: User) -> None:
    """What concerns the whole person asks for the right in every place where the person has a role."""
    for entity_id in set(user.grants.values_list("entity_id", flat=True)):
        demand_place(actor, entity_id)


def _refuse_self(actor: User, user: User) -> None:
    if actor.pk == user.pk:
        raise Denied("user.oneself")


def _refuse_last_administrator(*, leaving: Grant | User) -> None:
    """Every administrator's grant is locked first, so that two of them cannot close the door on each other at once."""
    every = Grant.objects.filter(role=roles.ADMINISTRATOR)
    list(every.order_by("pk").select_for_update().values_list("pk", flat=True))
    left = every.filter(user__is_active=True)
    left = left.exclude(pk=leaving.pk) if isinstance(leaving, Grant) else left.exclude(user=leaving)
    if not left.exists():
        raise BusinessError("user.last_administrator")


def _described(given: Grant) -> dict[str, object]:
    return {"role": given.role, "entity": given.entity.code if given.entity else None}


def _record(action: str, user: User, actor: User, data: dict[str, object], reason: str = "") -> None:
    trail.record(action, subject_type="user", subject_id=user.pk, entity_id=None, actor=actor, reason=reason, data=data)


def set_undo_window(*, actor: User, entity_id: int, seconds: int, reason: str) -> Entity:
    """How long a decision on a payment of the entity may be taken back before it takes effect; 0: at once.

    Decisions taken before keep the window they were taken under. The same again records nothing.
    """
    access.demand(actor, "matrix.manage", entity_id)
    if not 0 <= seconds <= LONGEST_UNDO:
        raise BusinessError("entity.undo_too_long", longest=LONGEST_UNDO)
    if not reason.strip():
        raise BusinessError("entity.reason_missing")
    with transaction.atomic():
        entity = Entity.objects.select_for_update().get(pk=entity_id)
        before = entity.undo_seconds
        if before != seconds:
            entity.undo_seconds = seconds
            entity._history_user = actor  # type: ignore[attr-defined]
            entity._change_reason = reason[:100]  # type: ignore[attr-defined]
            entity.save(update_fields=["undo_seconds"])
            trail.record(
                "entity.undo_window_changed", subject_type="entity", subject_id=entity.pk, entity_id=entity.pk,
                actor=actor, reason=reason.strip(), data={"before": before, "after": seconds},
            )  # fmt: skip
    return entity
