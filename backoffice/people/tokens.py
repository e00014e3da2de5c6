"""API tokens: ``Authorization: Bearer bo_…``. Only the SHA-256 of a token is kept; the token is shown once.

A token acts for its user with fewer rights, never with more: its scopes are rights, and count only while the user has
them; it may be narrowed to some of the user's entities, too. Whoever manages tokens makes them for machines; for a
person only that person does, so that nobody can act in another's name.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access, roles
from backoffice.people.models import ApiToken, Entity, Grant, User
from documents import trail

MANAGE = "token.manage"
MARK = "bo_"
SHOWN = 11  # the mark and eight characters, enough to tell tokens apart
LONGEST_LIFE = timedelta(days=366)
USED_EVERY = timedelta(minutes=1)
EXPIRES_IN = timedelta(days=90)


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


_OF_DIGEST = f"""
    select {sql.columns(ApiToken, "t")}, {sql.columns(User, "u")},
           (select coalesce(jsonb_agg(jsonb_build_array(g.role, g.entity_id)), '[]')
            from people_grant g where g.user_id = u.id)
    from people_apitoken t join people_user u on u.id = t.user_id
    where t.digest = %s and t.revoked_at is null and not t.waits and u.is_active
"""  # noqa: S608 - names of columns


class TokenAuthentication(BaseAuthentication):
    """One query a request; a second one at most each minute, to note the use."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2 or not parts[1].startswith(MARK.encode()):
            raise AuthenticationFailed(code="token")
        found = sql.instances(_OF_DIGEST, [hashlib.sha256(parts[1]).digest()], ApiToken, User)
        now = timezone.now()
        if not found or found[0][0].expires_at <= now:
            raise AuthenticationFailed(code="token")
        token, user, grants = found[0]
        token.user = user
        if token.last_used_at is None or token.last_used_at <= now - USED_EVERY:
            before = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY)
            ApiToken.objects.filter(before, pk=token.pk).update(last_used_at=now)
        user.token_scopes = frozenset(token.scopes)
        user.token_entities = frozenset(token.entities)
        access.remember(user, grants, token.entities)
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="backoffice"'


def visible(actor: User) -> QuerySet[ApiToken]:
    """The actor's own tokens, and those of users whose every role is in a place where the actor manages tokens."""
    rows = ApiToken.objects.select_related("user", "created_by")
    if access.everywhere(actor, MANAGE):
        return rows
    places = access.entity_ids(actor, MANAGE)
    inside = Grant.objects.filter(entity__in=places).values("user")
    outside = Grant.objects.filter(Q(entity=None) | ~Q(entity__in=places)).values("user")
    return rows.filter(Q(user=actor.pk) | (Q(user__in=inside) & ~Q(user__in=outside)))


def own(actor: User) -> QuerySet[ApiToken]:
    """The tokens that act in the actor's own name."""
    return ApiToken.objects.filter(user=actor.pk)


def issue(
    *,
    user: User,
    name: str,
    scopes: Iterable[str],
    actor: User,
    expires_at: datetime | None = None,
    entities: Iterable[int] = (),
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown once and not kept. Expires in 90 days unless said otherwise.

    ``scopes`` are rights that the user has, ``entities`` places where the user works; none means all. For oneself when
    signed in, or with the right token.manage in every place where the machine has a role. Refuses scopes beyond the
    user's rights and, by a token, scopes and entities beyond the token's.

    A program's token with weighty scopes (roles.weighty) ``waits``: it works when a second person has signed it, for
    which the caller asks (controls/widenings.py).
    """
    label, now = " ".join(name.split()), timezone.now()
    until = expires_at or now + EXPIRES_IN
    wanted, places = sorted(set(scopes)), sorted(set(entities))
    _demand_over(actor, user)
    if not user.is_active:
        raise BusinessError("token.user_inactive")
    if not label or len(label) > 80:
        raise BusinessError("token.name_missing")
    if not now < until <= now + LONGEST_LIFE:
        raise BusinessError("token.expiry_bad", days=LONGEST_LIFE.days)
    if not wanted:
        raise BusinessError("token.scopes_missing")
    held = access.rights(actor if actor.pk == user.pk else user)
    for scope in wanted:
        if scope not in roles.RIGHTS:
            raise BusinessError("token.scope_unknown", scope=scope[:40])
        if scope not in held:
            raise BusinessError("token.scope_exceeds", scope=scope)
    _refuse_beyond_token(wanted, places, actor)
    # A token that is narrowed makes none that is not.
    places = places or sorted(getattr(actor, "token_entities", ()))
    _refuse_elsewhere(places, actor if actor.pk == user.pk else user)
    secret = MARK + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=label,
            prefix=secret[:SHOWN],
            digest=digest(secret),
            scopes=wanted,
            entities=places,
            created_by=actor,
            expires_at=until,
            waits=user.is_machine and roles.weighty(wanted),
        )
        _record("token.issued", token, actor, {"scopes": wanted, "entities": places, "expires_at": until.isoformat()})
    return token, secret


def take_effect(*, token_id: int, actor: User) -> None:
    """A second person has signed the token: it works. The database looks at the signature."""
    with transaction.atomic():
        token = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=token_id)
        if not token.waits or token.revoked_at is not None:
            raise BusinessError("token.not_waiting")
        token.waits = False
        token.save(update_fields=["waits"])
        _record("token.took_effect", token, actor, {"scopes": token.scopes})


def refused(*, token_id: int, actor: User) -> None:
    """The token never works."""
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=token_id)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        _record("token.revoked", token, actor, {})


def revoke(*, token_id: int, actor: User) -> ApiToken:
    """Stop a token with its next request: one's own, or with the right token.manage a machine's or a person's."""
    with transaction.atomic():
        if not visible(actor).filter(pk=token_id).exists():
            raise NotThere("not_there")
        token = ApiToken.objects.select_related("user").select_for_update(of=("self",)).get(pk=token_id)
        if token.revoked_at is not None:
            raise BusinessError("token.revoked_already")
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        _record("token.revoked", token, actor, {})
    return token


def _refuse_beyond_token(scopes: Iterable[str], places: Iterable[int], actor: User) -> None:
    """What a token makes has its scopes and its entities at most, for whomever it is made."""
    may: frozenset[str] | None = getattr(actor, "token_scopes", None)
    where: frozenset[int] = getattr(actor, "token_entities", frozenset())
    for scope in scopes:
        if may is not None and scope not in may:
            raise BusinessError("token.scope_beyond_token", scope=scope)
    for place in places:
        if where and place not in where:
            raise BusinessError("token.entity_unknown", entity=place)


def revoke_own(*, actor: User) -> int:
    """Stop every token that acts in the person's own name; how many there were."""
    with transaction.atomic():
        rows = list(own(actor).filter(revoked_at=None).select_related("user").select_for_update(of=("self",)))
        for token in rows:
            token.revoked_at = timezone.now()
            token.save(update_fields=["revoked_at"])
            _record("token.revoked", token, actor, {"with": "password"})
    return len(rows)


def _refuse_elsewhere(places: Iterable[int], user: User) -> None:
    """An entity must be there, and the user have a role in it."""
    held = access.places(user)
    there = set(Entity.objects.filter(pk__in=list(places)).values_list("pk", flat=True))
    for place in places:
        if place not in there or not {None, place} & held:
            raise BusinessError("token.entity_unknown", entity=place)


def _demand_over(actor: User, user: User) -> None:
    """Oneself, but not by a token, or a machine in places where the actor manages tokens."""
    by_token = getattr(actor, "token_scopes", None) is not None
    if actor.pk == user.pk and not by_token:
        return
    if actor.pk != user.pk and not user.is_machine:
        access.demand(actor, MANAGE)
        raise Denied("token.not_for_another")
    access.demand(actor, MANAGE)
    for place in set(user.grants.values_list("entity_id", flat=True)):
        if place is None and not access.everywhere(actor, MANAGE):
            raise Denied("token.not_for_another")
        access.demand(actor, MANAGE, place)


def _record(action: str, token: ApiToken, actor: User, data: dict[str, object]) -> None:
    told = {"name": token.name, "prefix": token.prefix, "user": token.user_id, **data}
    trail.record(action, subject_type="token", subject_id=token.pk, entity_id=None, actor=actor, data=told)
