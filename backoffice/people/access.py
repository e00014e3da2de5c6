"""Who may do what where. Every view, endpoint and service asks here; nothing else decides on rights."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from backoffice.common.errors import Denied
from backoffice.people import roles
from backoffice.people.models import Entity, Grant, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def _grants(user: User) -> list[tuple[str, int | None]]:
    cached: list[tuple[str, int | None]] | None = getattr(user, "_grant_pairs", None)
    if cached is None:
        cached = list(Grant.objects.filter(user_id=user.pk).values_list("role", "entity_id"))
        user._grant_pairs = cached  # type: ignore[attr-defined]
    return cached


def remember(user: User, grants: str, within: Iterable[int] = ()) -> None:
    """The grants that came with the person, so that they are not asked for again: JSON of ``[role, entity]`` pairs.

    ``within`` narrows them to some entities: a role in all entities becomes one in each of those.
    """
    held, places = [(role, entity) for role, entity in json.loads(grants)], list(within)
    if places:
        held = [(role, place) for role, entity in held for place in places if entity in {None, place}]
    user._grant_pairs = held  # type: ignore[attr-defined]


def rights(user: "User | AnonymousUser") -> frozenset[str]:
    """Every right the person has in at least one entity. A token narrows it to its scopes."""
    if not user.is_authenticated or not isinstance(user, User) or not user.is_active:
        return frozenset()
    held = frozenset().union(*(roles.ROLES[role] for role, _entity in _grants(user)))
    scopes = getattr(user, "token_scopes", None)
    return held if scopes is None else held & frozenset(scopes)


def held_roles(user: User) -> frozenset[str]:
    """The person's roles, wherever they hold them."""
    return frozenset(role for role, _entity in _grants(user))


def places(user: User) -> frozenset[int | None]:
    """The entities in which the person has any role; None among them means all."""
    return frozenset(entity for _role, entity in _grants(user))


def entity_ids(user: "User | AnonymousUser", right: str) -> list[int]:
    """The entities in which the person has this right, ascending. One query a request for grants, one for entities."""
    if right not in roles.RIGHTS:
        raise KeyError(right)
    if right not in rights(user) or not isinstance(user, User):
        return []
    places = {entity for role, entity in _grants(user) if right in roles.ROLES[role]}
    if None in places:
        every: list[int] | None = getattr(user, "_every_entity", None)
        if every is None:
            every = list(Entity.objects.order_by("pk").values_list("pk", flat=True))
            user._every_entity = every  # type: ignore[attr-defined]
        return every
    return sorted(place for place in places if place is not None)


def can(user: "User | AnonymousUser", right: str, entity_id: int | None = None) -> bool:
    """Has the person this right, in this entity (or, without one, anywhere)?"""
    if entity_id is not None:
        return entity_id in entity_ids(user, right)
    if right not in roles.RIGHTS:
        raise KeyError(right)
    return right in rights(user)


def everywhere(user: "User | AnonymousUser", right: str) -> bool:
    """Has the person this right in every entity, those to come included?"""
    if right not in rights(user) or not isinstance(user, User):
        return False
    return any(entity is None and right in roles.ROLES[role] for role, entity in _grants(user))


def demand(user: "User | AnonymousUser", right: str, entity_id: int | None = None) -> None:
    """Refuse with :class:`Denied` unless the person has the right."""
    if not can(user, right, entity_id):
        raise Denied("denied", right=right)


def people_with(right: str, entity_id: int) -> Iterable[User]:
    """Active people who have the right in the entity."""
    return User.objects.filter(
        Q(grants__entity_id=entity_id) | Q(grants__entity=None),
        grants__role__in=roles.roles_with(right),
        is_active=True,
        is_machine=False,
    ).distinct()


def givers(user: User, right: str = "user.manage") -> QuerySet[User]:
    """Active people who have the right where the person works, by name: whom to ask."""
    where = Q(grants__entity=None)
    if None not in places(user):
        where |= Q(grants__entity_id__in=[place for place in places(user) if place is not None])
    return User.objects.filter(
        where, grants__role__in=roles.roles_with(right), is_active=True, is_machine=False
    ).distinct()
