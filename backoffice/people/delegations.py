"""Signing in another's place, for a time: given by the one who has the right, ended by either, always on record.

A delegation hands on the giver's own right and place, never what they were given themselves: no chain can grow. The
deputy has the right, too, and ceilings are the lesser of both, so that nobody signs for more than they could.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Delegation, Entity, Limit, User
from documents import trail

LONGEST = timedelta(days=92)


def give(
    *, actor: User, deputy_id: int, act: str, entity: Entity, valid_from: datetime, valid_to: datetime, reason: str
) -> Delegation:
    """Let ``deputy`` sign in the actor's place. Refuses whom the actor cannot name (``delegation.deputy``), dates that
    are past, not in order or more than 92 days apart (``delegation.dates``), and silence on why."""
    if act not in Limit.Act.values:
        raise BusinessError("user.act_unknown", act=act[:10])
    access.demand(actor, f"payment.{act}", entity.pk)
    if actor.is_machine:
        raise Denied("payment.by_machine")
    if not reason.strip():
        raise BusinessError("delegation.reason_missing")
    if not (valid_from < valid_to and valid_to > timezone.now() and valid_to - valid_from <= LONGEST):
        raise BusinessError("delegation.dates", days=LONGEST.days)
    if deputy_id not in {person.pk for person in candidates(actor, act, entity.pk)}:
        raise BusinessError("delegation.deputy")
    with transaction.atomic():
        made = Delegation.objects.create(
            giver=actor, deputy_id=deputy_id, act=act, entity=entity, valid_from=valid_from, valid_to=valid_to,
            reason=reason.strip(),
        )  # fmt: skip
        data = {
            "act": act, "entity": entity.code, "deputy": made.deputy.full_name, "from": valid_from, "to": valid_to,
        }  # fmt: skip
        for person_id in (actor.pk, deputy_id):
            trail.record(
                "delegation.given", subject_type="user", subject_id=person_id, entity_id=entity.pk, actor=actor,
                reason=reason.strip(), data={**data, "giver": actor.full_name},
            )  # fmt: skip
    return made


def end(*, actor: User, delegation_id: int) -> None:
    """End it before its time: the giver, the deputy, or who manages users there. Again, nothing happens."""
    with transaction.atomic():
        given = Delegation.objects.select_for_update(of=("self",)).select_related("entity", "giver", "deputy")
        found = given.filter(pk=delegation_id).first()
        if found is None:
            raise NotThere("not_there")
        if actor.pk not in {found.giver_id, found.deputy_id}:
            if not access.can(actor, "user.view", found.entity_id):
                raise NotThere("not_there")
            access.demand(actor, "user.manage", found.entity_id)
        if found.ended_at is not None or found.valid_to <= timezone.now():
            return
        found.ended_at, found.ended_by = timezone.now(), actor
        found.save(update_fields=["ended_at", "ended_by"])
        for person_id in (found.giver_id, found.deputy_id):
            trail.record(
                "delegation.ended", subject_type="user", subject_id=person_id, entity_id=found.entity_id, actor=actor,
                data={
                    "act": found.act, "entity": found.entity.code, "giver": found.giver.full_name,
                    "deputy": found.deputy.full_name,
                },
            )  # fmt: skip


def candidates(giver: User, act: str, entity_id: int) -> QuerySet[User]:
    """Whom the giver may name: other people who have the right in the entity, by name."""
    return User.objects.filter(
        pk__in=[person.pk for person in access.people_with(f"payment.{act}", entity_id) if person.pk != giver.pk]
    )


def of(person: User) -> QuerySet[Delegation]:
    """What the person gave and was given, the newest first."""
    return (
        Delegation.objects.filter(Q(giver=person) | Q(deputy=person))
        .select_related("giver", "deputy", "entity", "ended_by")
        .order_by("-pk")
    )


def visible(person: User) -> QuerySet[Delegation]:
    """What concerns the person, and everything where they see users; the newest first."""
    rows = Delegation.objects.filter(
        Q(giver=person) | Q(deputy=person) | Q(entity__in=access.entity_ids(person, "user.view"))
    )
    return rows.select_related("giver", "deputy", "entity", "ended_by").order_by("-pk")


def in_force(deputy_id: int, act: str, entity_ids: Sequence[int]) -> QuerySet[Delegation]:
    """The delegations under which a person may sign now, with the givers. One query."""
    now = timezone.now()
    return Delegation.objects.filter(
        deputy=deputy_id, act=act, entity__in=list(entity_ids), valid_from__lte=now, valid_to__gt=now, ended_at=None,
        giver__is_active=True,
    ).select_related("giver")  # fmt: skip
