"""The verbs of daily work on cases: take, assign, release, snooze, wake, escalate, comment, tick.

``take`` and ``assign`` put a case into hands and leave it there until it is released, given on or closed: a case is
worked for hours, so there is no lease. See the package for what the verbs have in common.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.cases.table import (
    DECIDE,
    PAUSED,
    VIEW,
    Answer,
    Hands,
    Refusal,
    S,
    Versions,
    act,
    hands_of,
    in_others_hands,
    resume,
    save,
    text,
)
from controls.cases.typologies import TYPOLOGIES
from controls.models import Case, CaseTick
from documents import trail

FURTHEST = timedelta(days=90)
_HANDS = ("assignee", "assigned_at", "status")
_REST = ("status", "due_at", "paused_at", "snoozed_until")


def take(*, ids: Sequence[int], actor: User, versions: Versions | None = None) -> list[Answer]:
    """Into one's own hands, when nobody else has it and one had no hand in its payments."""
    hands = Hands(actor)

    def check(case: Case) -> Refusal | None:
        return hands.refusal(case) or in_others_hands(case, actor)

    def change(case: Case) -> None:
        _give(case, actor)

    return act(
        "case.taken", ids=ids, actor=actor, check=check, change=change, fields=_HANDS, versions=versions,
        prepare=hands.read,
    )  # fmt: skip


def assign(
    *, ids: Sequence[int], actor: User, person_id: int, reason: str = "", versions: Versions | None = None
) -> list[Answer]:
    """Into somebody's hands, whoever had it. The person works on cases of the entity and had no hand in its payments;
    what is taken out of another's hands needs a reason."""
    person = User.objects.filter(pk=person_id, is_active=True, is_machine=False).first()
    if person is None:
        raise NotThere("not_there")
    # Nobody learns the names of those of other entities by trying numbers.
    if not set(access.entity_ids(person, VIEW)) & set(access.entity_ids(actor, VIEW)):
        raise NotThere("not_there")
    places = set(access.entity_ids(person, DECIDE))
    concerned: dict[int, str] = {}
    said = reason.replace("\x00", "").strip()[:2000]

    def prepare(found: list[Case]) -> None:
        concerned.update(hands_of(found, person.pk))

    def check(case: Case) -> Refusal | None:
        if case.entity_id not in places:
            return "case.not_theirs", {"person": person.full_name}
        if case.pk in concerned:
            return "case.concerned", {"person": person.full_name}
        if case.assignee_id not in {None, person.pk, actor.pk} and not said:
            return "case.reason_required", {}
        return None

    def change(case: Case) -> None:
        _give(case, person)

    return act(
        "case.assigned", ids=ids, actor=actor, check=check, change=change, fields=_HANDS, reason=said,
        data={"person": person.full_name}, versions=versions, prepare=prepare,
    )  # fmt: skip


def _give(case: Case, person: User) -> None:
    case.assignee, case.assigned_at = person, timezone.now()
    if case.status == S.OPEN:
        case.status = S.WORKING


def release(*, ids: Sequence[int], actor: User, reason: str = "", versions: Versions | None = None) -> list[Answer]:
    """Out of the hands that it is in: one's own at once, another's with a reason."""
    said = reason.replace("\x00", "").strip()[:2000]

    def check(case: Case) -> Refusal | None:
        if case.assignee_id is None:
            return "case.free", {}
        return ("case.reason_required", {}) if case.assignee_id != actor.pk and not said else None

    def change(case: Case) -> None:
        case.assignee = case.assigned_at = None
        if case.status == S.WORKING:
            case.status = S.OPEN

    return act(
        "case.released", ids=ids, actor=actor, check=check, change=change, fields=_HANDS, reason=said,
        versions=versions,
    )  # fmt: skip


def snooze(
    *, ids: Sequence[int], actor: User, until: datetime, reason: str, versions: Versions | None = None
) -> list[Answer]:
    """Rest until a moment, at most 90 days away, with a reason; then it comes back by itself. Its due time rests. Not
    by who had a hand in its payments."""
    said, now, hands = text(reason), timezone.now(), Hands(actor)
    if until <= now:
        raise BusinessError("case.snooze_past")
    if until > now + FURTHEST:
        raise BusinessError("case.snooze_far", days=FURTHEST.days)

    def check(case: Case) -> Refusal | None:
        if case.status in PAUSED:
            return "case.rests", {}
        if case.seconding:
            return "case.seconding", {}
        return hands.refusal(case) or in_others_hands(case, actor)

    def change(case: Case) -> None:
        case.status, case.snoozed_until, case.paused_at = S.SNOOZED, until, now

    return act(
        "case.snoozed", ids=ids, actor=actor, check=check, change=change, fields=_REST, reason=said,
        data={"until": until.isoformat()}, versions=versions, prepare=hands.read,
    )  # fmt: skip


def wake(*, ids: Sequence[int], actor: User, versions: Versions | None = None) -> list[Answer]:
    """Bring a snoozed case back before its moment."""

    def check(case: Case) -> Refusal | None:
        return None if case.status == S.SNOOZED else ("case.not_snoozed", {})

    return act("case.woken", ids=ids, actor=actor, check=check, change=resume, fields=_REST, versions=versions)


def escalate(*, ids: Sequence[int], actor: User, reason: str, versions: Versions | None = None) -> list[Answer]:
    """To the others who may decide, on top of the list and out of one's hands, with a reason."""
    said = text(reason)

    def check(case: Case) -> Refusal | None:
        if case.status == S.ESCALATED:
            return "case.escalated", {}
        return in_others_hands(case, actor)

    def change(case: Case) -> None:
        resume(case)
        case.status, case.assignee, case.assigned_at = S.ESCALATED, None, None

    return act(
        "case.escalated", ids=ids, actor=actor, check=check, change=change, fields=(*_HANDS, *_REST[1:]), reason=said,
        versions=versions,
    )  # fmt: skip


def comment(*, ids: Sequence[int], actor: User, words: str) -> list[Answer]:
    """Add words to the record."""
    said = text(words)

    def check(_case: Case) -> Refusal | None:
        return None

    def change(_case: Case) -> None:
        pass

    return act("case.commented", ids=ids, actor=actor, check=check, change=change, fields=(), reason=said)


def tick(*, ids: Sequence[int], actor: User, item: str, done: bool = True) -> list[Answer]:
    """Say that an item of the checklist is done, or that it is not after all. Both are on record. Not by who had a hand
    in its payments."""
    hands = Hands(actor)

    def check(case: Case) -> Refusal | None:
        typology = TYPOLOGIES.get(case.typology)
        if typology is None or item not in typology.checklist:
            return "case.item_unknown", {"item": item[:32]}
        return hands.refusal(case)

    def change(_case: Case) -> None:
        pass

    def after(cases: list[Case]) -> dict[int, Refusal]:
        if done:
            rows = [CaseTick(case=case, item=item, ticked_by=actor) for case in cases]
            CaseTick.objects.bulk_create(rows, ignore_conflicts=True)
        else:
            CaseTick.objects.filter(case__in=cases, item=item).delete()
        return {}

    return act(
        "case.ticked" if done else "case.unticked", ids=ids, actor=actor, check=check, change=change, fields=(),
        data={"item": item}, prepare=hands.read, after=after,
    )  # fmt: skip


def come_back(now: datetime | None = None) -> int:
    """Snoozed cases whose moment has come are open again; those whose due time passed go to the top. Safe twice.

    Returns how many were touched, at most 1,000.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        due = Case.objects.select_for_update(skip_locked=True, of=("self",)).exclude(status=S.CLOSED)
        back = list(due.filter(status=S.SNOOZED, snoozed_until__lte=moment).order_by("pk")[:500])
        for case in back:
            resume(case)
        _touch("case.came_back", back, _REST)
        late = due.filter(due_at__lte=moment, overdue_at=None).exclude(status__in=PAUSED)
        overdue = list(late.order_by("pk")[:500])
        for case in overdue:
            case.overdue_at = moment
        _touch("case.overdue", overdue, ("overdue_at",))
    return len({*(case.pk for case in back), *(case.pk for case in overdue)})


def _touch(action: str, cases: list[Case], fields: Sequence[str]) -> None:
    save(cases, fields)
    subjects = [(case.pk, case.entity_id, None) for case in cases]
    trail.record_many(action, subject_type="case", subjects=subjects, actor=None)
