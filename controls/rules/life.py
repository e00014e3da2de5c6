"""The life of a rule: drafted by one person, handed in, published by another as shadow, active or off.

A version that was published never changes. The next version says what is to be otherwise: another threshold, another
mode, or what an earlier one said. Who wrote a draft and whoever changed it do not publish it, which the database holds
too (controls/sql/rule_life.sql); the engine of the second person is controls/changes.py. Locks: the rule, then its
version.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls import changes
from controls.backtest import capacity
from controls.models import ChangeRequest, Rule, RuleVersion
from controls.rules import publishing, reach
from documents import trail

SUBJECT = ChangeRequest.Subject.RULE
MODES = (RuleVersion.Mode.SHADOW, RuleVersion.Mode.ACTIVE, RuleVersion.Mode.OFF)
LATEST = timedelta(days=366)
_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,31}")
# Where a rule's code stands in a hold, cases have theirs (controls/cases/holding.py) and lift what stands under it.
_TAKEN = frozenset({"CASE"})
_OPEN = Q(published_at=None, discarded_at=None)


def visible(actor: User) -> QuerySet[RuleVersion]:
    """The versions of rules of all entities and of those of the actor; what was discarded is not there."""
    places = access.entity_ids(actor, reach.VIEW)
    if not places:
        return RuleVersion.objects.none()
    rows = RuleVersion.objects.filter(Q(entity=None) | Q(entity__in=places), discarded_at=None)
    return rows.select_related("rule", "entity", "written_by", "published_by")


def rules(actor: User) -> QuerySet[Rule]:
    """The rules of which the actor sees a version, by code."""
    seen = visible(actor).select_related(None).filter(rule=OuterRef("pk")).values("pk")
    return Rule.objects.filter(Exists(seen)).order_by("code")


def rule(actor: User, code: str) -> Rule:
    found = rules(actor).filter(code=code).first()
    if found is None:
        raise NotThere("not_there")
    return found


def draft(actor: User, version_id: int) -> RuleVersion:
    """A draft that is still one, seen by the actor."""
    found = visible(actor).filter(_OPEN, pk=version_id).first()
    if found is None:
        raise NotThere("not_there")
    return found


def waiting(version_ids: list[int]) -> dict[int, ChangeRequest]:
    """The requests that wait for these versions. One query."""
    rows = ChangeRequest.objects.filter(subject_type=SUBJECT, status="waiting", subject_id__in=version_ids)
    return {int(one.subject_id or 0): one for one in rows.select_related("asked_by")}


def draft_new(
    *, actor: User, entity: Entity | None, code: str, family: str, name_en: str, name_fr: str, values: Mapping[str, Any]
) -> RuleVersion:
    """A rule of the house, as a draft. Needs rule.write in its entity; in every entity for a rule of all.

    ``values``: see publishing.CONTENT. Refuses a code in use, a nameless rule, and what no version may say.
    """
    reach.demand(actor, reach.WRITE, entity.pk if entity else None)
    if not _CODE.fullmatch(code):
        raise BusinessError("rule.code_form", code=code[:32], field="code")
    if code in _TAKEN:
        raise BusinessError("rule.code_taken", code=code, field="code")
    naming = _naming({"family": family, "name_en": name_en, "name_fr": name_fr})
    said = publishing.checked(values, entity_id=entity.pk if entity else None)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Rule(code=code, **naming)
                made._history_user = actor  # type: ignore[attr-defined]
                made.save()
        except IntegrityError:
            raise BusinessError("rule.code_taken", code=code, field="code") from None
        return _write(actor, made, entity, said)


def draft_next(
    *, actor: User, code: str, entity: Entity | None, based_on: int, values: Mapping[str, Any] | None = None
) -> RuleVersion:
    """The next version of a rule, for an entity or for all, as a draft: what version ``based_on`` says, with ``values``
    in its place. Going back is a draft based on an earlier one. One draft at a time for each entity."""
    reach.demand(actor, reach.WRITE, entity.pk if entity else None)
    with transaction.atomic():
        found = rule(actor, code)
        base = visible(actor).filter(rule=found, pk=based_on).first()
        if base is None:
            raise NotThere("not_there")
        said = {**publishing.content(base), **(values or {})}
        return _write(actor, found, entity, publishing.checked(said, entity_id=entity.pk if entity else None))


def _write(actor: User, of: Rule, entity: Entity | None, said: dict[str, Any]) -> RuleVersion:
    Rule.objects.select_for_update(no_key=True).get(pk=of.pk)
    last = of.versions.aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            made = RuleVersion.objects.create(
                rule=of, number=last + 1, entity=entity, mode=RuleVersion.Mode.OFF, written_by=actor,
                written_at=timezone.now(), editors=[actor.pk], **said,
            )  # fmt: skip
    except IntegrityError as error:
        if "rule_one_open_draft" not in str(error):
            raise
        raise BusinessError("rule.draft_open") from None
    _record("rule.drafted", made, actor)
    return made


def change(
    *, actor: User, version_id: int, values: Mapping[str, Any], naming: Mapping[str, str] | None = None,
    read_at: str = "",
) -> RuleVersion:  # fmt: skip
    """Write a draft anew. Whoever does becomes one of its hands. ``read_at``: the ``written_at`` that was read, to
    refuse what would undo another's change (``rule.draft_changed``). ``naming`` while nothing of it was published."""
    with transaction.atomic():
        found = _locked(actor, version_id)
        if read_at and found.written_at and read_at != found.written_at.isoformat():
            raise Conflict("rule.draft_changed")
        said = publishing.checked({**publishing.content(found), **values}, entity_id=found.entity_id)
        for name, value in said.items():
            setattr(found, name, value)
        found.written_at = timezone.now()
        found.editors = sorted({*found.editors, actor.pk})
        found.save(update_fields=[*said, "written_at", "editors"])
        first = found.rule.versions.order_by("number").first()
        own = first is not None and first.entity_id == found.entity_id and not found.rule.shipped
        if naming and own and not found.rule.versions.exclude(published_at=None).exists():
            for name, value in _naming(naming).items():
                setattr(found.rule, name, value)
            found.rule._history_user = actor  # type: ignore[attr-defined]
            found.rule.save()
        _record("rule.draft_changed", found, actor)
    return found


def discard(*, actor: User, version_id: int, reason: str) -> None:
    """A draft that will not be. It stays on record, out of sight; not while it waits for a second person."""
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        found = _locked(actor, version_id)
        found.discarded_at = timezone.now()
        found.save(update_fields=["discarded_at"])
        _record("rule.draft_discarded", found, actor, reason.strip())


def submit(
    *, actor: User, version_id: int, mode: str, reason: str, starts_at: datetime | None = None,
    overload_reason: str = "",
) -> ChangeRequest:  # fmt: skip
    """Hand a draft in: published as shadow or active (or off) when a second person signs, and running from
    ``starts_at`` on, else at once. Until it is decided the draft stays as it is.

    What by its last back-test asks for more minutes than a team has becomes active for a reason of its own
    (``rule.overloads``), which the second person reads.
    """
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        return _ask(actor, _locked(actor, version_id), mode, starts_at, reason, overload_reason, promotes=False)


def ask_mode(
    *, actor: User, version_id: int, mode: str, reason: str, starts_at: datetime | None = None,
    overload_reason: str = "",
) -> ChangeRequest:  # fmt: skip
    """Ask for another mode of a published version: shadow to active, or off. It is the next version, with the same
    content, and waits for a second person; when it is refused, it is discarded."""
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        base = visible(actor).filter(pk=version_id).exclude(published_at=None).first()
        if base is None:
            raise NotThere("not_there")
        reach.demand(actor, reach.WRITE, base.entity_id)
        if base.mode == mode:
            raise BusinessError("payment.nothing_changed")
        made = _write(actor, base.rule, base.entity, publishing.content(base))
        return _ask(actor, made, mode, starts_at, reason, overload_reason, promotes=True)


def _ask(  # noqa: PLR0917 - one request
    actor: User, version: RuleVersion, mode: str, starts_at: datetime | None, reason: str, overload_reason: str,
    promotes: bool,
) -> ChangeRequest:  # fmt: skip
    changes.demand_person(actor)
    if mode not in MODES:
        raise BusinessError("rule.malformed", field="mode")
    now = timezone.now()
    if starts_at is not None and not now < starts_at < now + LATEST:
        raise BusinessError("rule.start", days=LATEST.days, field="starts_at")
    publishing.checked(publishing.content(version), entity_id=version.entity_id)
    active = mode == RuleVersion.Mode.ACTIVE
    room = capacity.demand_room(version, reason=overload_reason) if active else None
    version.mode, version.starts_at = mode, starts_at
    version.editors = sorted({*version.editors, actor.pk})
    version.save(update_fields=["mode", "starts_at", "editors"])
    asked = {
        "rule": version.rule.code, "rule_id": version.rule_id, "number": version.number, "mode": mode,
        "starts_at": starts_at.isoformat() if starts_at else None, "promotes": promotes,
        "hands": version.editors, "content": publishing.kept(version),
        "back_test": room.back_test.pk if room else None,
        "overload_reason": overload_reason.strip() if room and room.over else "",
    }  # fmt: skip
    return changes.ask(SUBJECT, version.pk, version.entity, asked, actor, reason)


def _locked(actor: User, version_id: int) -> RuleVersion:
    """A draft that the actor may write, locked; it does not wait for a second person."""
    rows = RuleVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("rule", "entity")
    if not visible(actor).filter(pk=version_id).exists():
        raise NotThere("not_there")
    found = rows.get(pk=version_id)
    reach.demand(actor, reach.WRITE, found.entity_id)
    if found.published_at is not None or found.discarded_at is not None:
        raise BusinessError("rule.no_draft")
    if waiting([found.pk]):
        raise BusinessError("rule.waits")
    return found


def _naming(given: Mapping[str, str]) -> dict[str, str]:
    said = {name: " ".join(str(given.get(name, "")).replace("\x00", "").split()) for name in ("name_en", "name_fr")}
    for name, text in said.items():
        if not 0 < len(text) <= 80 or not text.isprintable():
            raise BusinessError("rule.nameless", field=name)
    if given.get("family") not in Rule.Family.values:
        raise BusinessError("rule.malformed", field="family")
    return {**said, "family": str(given["family"])}


def _record(action: str, of: RuleVersion, actor: User, reason: str = "") -> None:
    trail.record(
        action, subject_type="rule", subject_id=of.rule_id, entity_id=of.entity_id, actor=actor, reason=reason,
        data={"rule": of.rule.code, "number": of.number, "version": of.pk},
    )  # fmt: skip
