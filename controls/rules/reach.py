"""Who may see, write and publish rules where: in the entity of a rule, and in every entity for a rule of all."""

from backoffice.common.errors import Denied
from backoffice.people import access
from backoffice.people.models import Entity, User

VIEW, WRITE, PUBLISH = "rule.view", "rule.write", "rule.publish"


def may(actor: User, right: str, entity_id: int | None) -> bool:
    """May the actor do this to a rule of the entity, or (None) of all entities? One query more for the latter."""
    if entity_id is not None:
        return access.can(actor, right, entity_id)
    places = access.entity_ids(actor, right)
    return bool(places) and len(places) == Entity.objects.count()


def demand(actor: User, right: str, entity_id: int | None) -> None:
    if not may(actor, right, entity_id):
        raise Denied("denied", right=right)
