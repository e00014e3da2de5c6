"""The verification service of an entity: set up, changed, switched. Each act needs channel.manage in the entity.

Where it points is signed by a second person (controls/widenings.py), as channels are.
"""

import hashlib
import json
import secrets
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from backoffice.common import destinations
from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls.models import VerificationService
from controls.verification import simulator
from documents import trail
from transactions.channels import registry, vault

MANAGE = registry.MANAGE
MOST_HOURS = 168
SHORTEST_TOKEN, LONGEST_TOKEN = 16, 2_000
# What a second person signs, with the token.
_POINTS = ("url", "valid_hours")


def visible(actor: User) -> QuerySet[VerificationService]:
    places = access.entity_ids(actor, MANAGE)
    return VerificationService.objects.select_related("entity", "created_by").filter(entity__in=places)


def put(*, actor: User, entity: Entity, url: str, valid_hours: int, token: str = "") -> VerificationService:
    """Set the entity's service up, or change it. A token left out stays, but not for another address.

    Nothing is called yet. Where anything changed, nobody is asked until a second person has signed it.
    """
    access.demand(actor, MANAGE, entity.pk)
    if not 1 <= valid_hours <= MOST_HOURS:
        raise BusinessError("verification.hours", most=MOST_HOURS)
    address = _address(url)
    with transaction.atomic():
        made = visible(actor).select_for_update(no_key=True, of=("self",)).filter(entity=entity).first()
        before = {name: getattr(made, name) for name in _POINTS} if made else None
        if made is None:
            made = VerificationService(entity=entity, salt=secrets.token_bytes(32), created_by=actor)
        elif made.secret is not None and made.url != address and not token and address != simulator.ADDRESS:
            raise BusinessError("verification.token_again")
        made.url, made.valid_hours = address, valid_hours
        _give(made, token)
        after = {name: getattr(made, name) for name in _POINTS}
        if before == after and not token:
            return made
        made.waits, made.is_active, made.paused_until = True, False, None
        made._history_user = actor  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                made.save()
        except IntegrityError:
            raise BusinessError("change.waiting") from None
        _record("verifier.changed", made, actor, {"before": before, "after": after, "token": bool(token)})
    return made


def switch(*, actor: User, entity_id: int, on: bool) -> VerificationService:
    """Ask the service, or ask nobody."""
    with transaction.atomic():
        service = _locked(actor, entity_id)
        if on and service.waits:
            raise BusinessError("verification.waits")
        if service.is_active != on:
            service.is_active, service.paused_until = on, None
            service.save(update_fields=["is_active", "paused_until"])
            _record("verifier.switched_on" if on else "verifier.switched_off", service, actor, {})
    return service


def pointing(service: VerificationService) -> dict[str, Any]:
    """Whom the entity asks, for whoever signs it. ``digest`` is of all that counts, with the token as it is kept."""
    told = {"url": service.url, "valid_hours": service.valid_hours}
    secret = hashlib.sha256(bytes(service.secret or b"")).hexdigest()
    kept = json.dumps([told, service.entity_id, secret], sort_keys=True)
    return {"entity": service.entity.code, **told, "digest": hashlib.sha256(kept.encode()).hexdigest()}


def take_effect(*, actor: User, service_id: int, digest: str, on: bool) -> VerificationService:
    """A second person has signed it. Refused when it was changed since; the database looks at the signature."""
    with transaction.atomic():
        entity = VerificationService.objects.filter(pk=service_id).values_list("entity", flat=True).first()
        service = _locked(actor, entity or 0)
        if not service.waits or pointing(service)["digest"] != digest:
            raise BusinessError("verification.changed_since")
        service.waits, service.is_active = False, on
        service.save(update_fields=["waits", "is_active"])
        _record("verifier.signed", service, actor, {"digest": digest})
    return service


def _address(url: str) -> str:
    text = url.strip()
    if text == simulator.ADDRESS and settings.VERIFICATION_SIMULATOR:
        return text
    inside = settings.CHANNEL_NETWORKS
    target = destinations.parse(text, room="verification", plain=bool(inside))
    if "?" in target.path:
        raise BusinessError("verification.address_bad", url=text[:200])
    destinations.resolve(target, room="verification", inside=inside)
    return text


def _give(service: VerificationService, token: str) -> None:
    if token:
        plain = token.isascii() and token.isprintable() and " " not in token
        if not plain or not SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN:
            raise BusinessError("verification.token_short", shortest=SHORTEST_TOKEN, longest=LONGEST_TOKEN)
        service.secret = vault.close(bytes(service.salt), token)
    elif service.secret is None and service.url != simulator.ADDRESS:
        raise BusinessError("verification.token_missing")


def _locked(actor: User, entity_id: int) -> VerificationService:
    access.demand(actor, MANAGE)
    service = visible(actor).select_for_update(no_key=True, of=("self",)).filter(entity_id=entity_id).first()
    if service is None:
        raise NotThere("not_there")
    return service


def _record(action: str, service: VerificationService, actor: User | None, data: dict[str, Any]) -> None:
    trail.record(
        action, subject_type="verifier", subject_id=service.pk, entity_id=service.entity_id, actor=actor,
        data={"url": service.url, **data},
    )  # fmt: skip
