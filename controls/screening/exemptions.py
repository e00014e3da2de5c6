"""Exemptions ("good guys"): a name that two people let pass against one entry, until a day, with a reason.

It concerns one entity, the name as it is compared, and the entry as it stood: when the publisher changes the entry, the
name is a hit again. One person ends it: what it let pass and has not left is held again, at once; what passed by one
that came to its day, with the next screening of everything (rescreen.py) or check of the payment.
"""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.models import ChangeRequest, Exemption, ScreeningHit
from controls.screening import hits
from documents import trail

VIEW, DECIDE = hits.VIEW, hits.DECIDE
LONGEST = timedelta(days=366)


def visible(actor: User) -> QuerySet[Exemption]:
    """The exemptions of entities in which the person may see screening, the newest first."""
    rows = Exemption.objects.filter(entity__in=access.entity_ids(actor, VIEW))
    return rows.select_related("entity", "watch_list", "owner", "approved_by", "ended_by").order_by("-pk")


def described(hit: ScreeningHit, until: date) -> dict[str, Any]:
    """What is asked for, as JSON. Refuses a day that has passed or is more than a year away."""
    today = timezone.localdate()
    if not today < until <= today + LONGEST:
        raise BusinessError("exemption.until", days=LONGEST.days)
    if hit.field == ScreeningHit.Field.REMITTANCE:
        raise BusinessError("exemption.of_names")
    entry = hit.entry
    standing = Exemption.objects.filter(
        entity=hit.entity_id, key=hit.key, watch_list=entry.watch_list_id, entry_code=entry.code, ended_at=None
    )
    if standing.filter(digest=entry.digest, valid_to__gte=today).exists():
        raise BusinessError("exemption.standing")
    return {
        "hit": hit.pk, "entity": hit.entity_id, "name": hit.given[:300], "key": hit.key[:300],
        "list": entry.watch_list_id, "list_name": entry.watch_list.name, "code": entry.code,
        "entry_name": entry.name, "digest": entry.digest, "until": until.isoformat(),
    }  # fmt: skip


def take_effect(asked: ChangeRequest, approver: User) -> Exemption:
    """Two people let the name pass. What it takes the place of ends; open hits of the name are decided with it."""
    change = asked.change
    hits.demand(asked.asked_by, change["entity"])
    until = parse_date(change["until"])
    if until is None or until < timezone.localdate():
        raise BusinessError("exemption.until", days=LONGEST.days)
    same = Exemption.objects.filter(
        entity=change["entity"], key=change["key"], watch_list=change["list"], entry_code=change["code"], ended_at=None
    )
    same.update(ended_at=timezone.now(), end_reason="exemption.replaced")
    try:
        with transaction.atomic():
            made = Exemption.objects.create(
                entity_id=change["entity"], name=change["name"], key=change["key"], watch_list_id=change["list"],
                entry_code=change["code"], entry_name=change["entry_name"], digest=change["digest"],
                reason=asked.reason, owner=asked.asked_by, approved_by=approver, request=asked, valid_to=until,
            )  # fmt: skip
    except IntegrityError as error:
        if "exemption_once" not in str(error):
            raise
        raise BusinessError("exemption.standing") from None
    _record("exemption.began", made, approver, asked.reason)
    payments = hits.exempted(made.pk)
    if payments:
        hits.let_go(payments, actor=approver, reason=asked.reason)
    return made


def end(*, actor: User, exemption_id: int, reason: str) -> Exemption:
    """End one at once, by one person: from now on its name is a hit again, and payments that it let pass are held if
    they have not left. Again: nothing."""
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        one = visible(actor).select_for_update(of=("self",)).filter(pk=exemption_id).first()
        if one is None:
            raise NotThere("not_there")
        hits.demand(actor, one.entity_id)
        if one.ended_at is None:
            one.ended_at, one.ended_by, one.end_reason = timezone.now(), actor, reason.strip()
            one.save(update_fields=["ended_at", "ended_by", "end_reason"])
            _record("exemption.ended", one, actor, reason.strip())
            hits.reopen(one.pk)
    return one


def in_force(one: Exemption) -> bool:
    return one.ended_at is None and one.valid_to >= timezone.localdate()


def _record(action: str, one: Exemption, actor: User, reason: str) -> None:
    trail.record(
        action, subject_type="exemption", subject_id=one.pk, entity_id=one.entity_id, actor=actor, reason=reason,
        data={"name": one.name, "list": one.watch_list_id, "entry": one.entry_code, "until": one.valid_to},
    )  # fmt: skip
