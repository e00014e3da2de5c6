"""What people do: add what they expect, end what is not expected any more, excuse what does not come.

Programs do none of it. Locks: expectations, or occurrences; each answer says done, or refused with a code.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common import locks, money
from backoffice.common.errors import Answer, BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls.expected import looking, rhythms, table
from controls.expected.table import DECIDE, SUBJECT, VIEW
from controls.models import Expectation, Occurrence
from documents import trail
from transactions.models import Account, Calendar, IntakeSource, Payee, StandingOrder

LONGEST, MOST = 2000, 1_000
MOST_GRACE = 30


def _person(actor: User, entity_id: int | None = None) -> None:
    access.demand(actor, DECIDE, entity_id)
    if actor.is_machine:
        raise Denied("expected.by_machine")


def _said(reason: str) -> str:
    words = reason.replace("\x00", "").strip()
    if not words:
        raise BusinessError("expected.reason_required")
    if len(words) > LONGEST:
        raise BusinessError("expected.too_long", longest=LONGEST)
    return words


def add(
    *, actor: User, entity: Entity, kind: str, rhythm: str, first_on: date, account: int | None = None,
    payee: int | None = None, number: str = "", name: str = "", source: int | None = None,
    amount: Decimal | None = None, working_day: str = "next", tolerance: int = 1, grace: int = rhythms.GRACE,
    calendar: int | None = None,
) -> Expectation:  # fmt: skip
    """Expect something from ``first_on`` on. An amount lets only what is between half and twice of it count."""
    _person(actor, entity.pk)
    beat = rhythms.BY_CODE.get(rhythm)
    if beat is None or working_day not in StandingOrder.WorkingDay.values:
        raise BusinessError("expected.rhythm")
    today = table.today_of(entity)
    if not date(today.year - 1, 1, 1) <= first_on <= today + timedelta(days=550):
        raise BusinessError("expected.first")
    # Windows of a rhythm must not meet.
    most = {"week": 2, "fortnight": 5}.get(rhythm, 10)
    if not 0 <= tolerance <= most or not 0 <= grace <= MOST_GRACE:
        raise BusinessError("expected.grace", tolerance=most, grace=MOST_GRACE)
    one = Expectation(
        entity=entity, kind=kind, origin=Expectation.Origin.BY_HAND, unit=beat.unit, every=beat.every,
        first_on=first_on, working_day=working_day, tolerance=tolerance, grace=grace, made_by=actor,
        **_whose(entity, kind, account=account, payee=payee, number=number, name=name, source=source),
    )  # fmt: skip
    one.calendar = _mine(Calendar, entity, calendar) if calendar else table.calendar_of(entity)
    if amount is not None:
        if kind == Expectation.Kind.FILE:
            raise BusinessError("expected.amount")
        amount = money.parse(amount, one.currency)
        one.amount, one.amount_low, one.amount_high = amount, amount / 2, amount * 2
    one.next_on = next(rhythms.coming(one, max(first_on, today)), None)
    one._history_user = actor  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            table.alone(entity.pk)
            one.save()
            Occurrence.objects.bulk_create(table.lay([one], today, table.Calendars()))
            Expectation.objects.filter(pk=one.pk).update(next_on=one.next_on)
            trail.record(
                "expectation.added", subject_type=SUBJECT, subject_id=one.pk, entity_id=entity.pk, actor=actor,
                data={"name": one.name, "rhythm": rhythm, "first_on": first_on.isoformat()},
            )  # fmt: skip
    except IntegrityError as error:
        if "expectation_once" not in str(error):
            raise
        raise Conflict("expected.known") from None
    return one


def _mine(model: Any, entity: Entity, key: int | None) -> Any:
    found = model.objects.filter(pk=key, entity=entity).first() if key else None
    if found is None:
        raise NotThere("not_there")
    return found


def _whose(
    entity: Entity, kind: str, *, account: int | None, payee: int | None, number: str, name: str, source: int | None
) -> dict[str, Any]:
    """Of whom it is expected, with the key that what comes must have."""
    if kind == Expectation.Kind.FILE:
        if source is None:
            raise BusinessError("expected.source")
        of = _mine(IntakeSource, entity, source)
        return {"source": of, "name": of.name, "key": table.key_of(kind, source_id=of.pk)}
    if kind not in Expectation.Kind.values:
        raise BusinessError("expected.kind")
    number, name = "".join(number.split()).upper()[:34], " ".join(name.replace("\x00", "").split())[:140]
    if account is None:
        raise BusinessError("expected.whose")
    ours = _mine(Account, entity, account)
    other = _mine(Payee, entity, payee) if payee and kind == Expectation.Kind.PAYEE else None
    if other is None and not (number and name):
        raise BusinessError("expected.whose")
    key = table.key_of(
        kind, account_id=ours.pk, payee_id=other.pk if other else None, number=number, currency=ours.currency
    )
    return {
        "account": ours, "payee": other, "number": "" if other else number, "name": other.name if other else name,
        "currency": ours.currency, "key": key,
    }  # fmt: skip


def _held(model: Any, ids: Sequence[int], actor: User) -> tuple[dict[int, Any], dict[int, Answer]]:
    """The rows that the person may act on, locked; the others refused. Inside ``atomic()``."""
    if len(ids) > MOST:
        raise BusinessError("expected.too_many", most=MOST)
    may, sees = set(access.entity_ids(actor, DECIDE)), set(access.entity_ids(actor, VIEW))
    held = {one.pk: one for one in locks.lock(model.objects.all(), ids)}
    refused = {}
    for key in ids:
        place = held[key].entity_id if key in held else None
        if place not in may | sees:
            refused[key] = Answer(key, False, "not_there")
        elif place not in may:
            refused[key] = Answer(key, False, "denied", {"right": DECIDE})
    return held, refused


def end(*, ids: Sequence[int], actor: User, reason: str) -> list[Answer]:
    """Expect these no longer, for good: what is awaited is forgotten, what is missing stays, none is learnt again."""
    _person(actor)
    said, now = _said(reason), timezone.now()
    with transaction.atomic():
        held, refused = _held(Expectation, ids, actor)
        going: dict[int, Expectation] = {}
        for key in dict.fromkeys(ids):
            if key in refused:
                continue
            if not held[key].is_active:
                refused[key] = Answer(key, False, "expected.ended")
                continue
            going[key] = held[key]
        for one in going.values():
            one.ended_at, one.ended_by, one.end_reason = now, actor, said
            one._history_user = actor  # type: ignore[attr-defined]
            one.save(update_fields=["ended_at", "ended_by", "end_reason"])
        Occurrence.objects.filter(expectation__in=list(going), status=Occurrence.Status.AWAITED).delete()
        trail.record_many(
            "expectation.ended", subject_type=SUBJECT, actor=actor, reason=said,
            subjects=[(one.pk, one.entity_id, {"name": one.name}) for one in going.values()],
        )  # fmt: skip
    return [refused.get(key) or Answer(key, True) for key in ids]


def excuse(*, ids: Sequence[int], actor: User, reason: str) -> list[Answer]:
    """These need not come: awaited or missing ones, with a reason. The case of a missing one is told."""
    _person(actor)
    said, now = _said(reason), timezone.now()
    with transaction.atomic():
        held, refused = _held(Occurrence, ids, actor)
        going: dict[int, Occurrence] = {}
        missing = []
        for key in dict.fromkeys(ids):
            if key in refused:
                continue
            one = held[key]
            if not one.is_open:
                refused[key] = Answer(key, False, "expected.settled")
                continue
            if one.status == Occurrence.Status.MISSING:
                missing.append(one)
            one.status, one.excused_by, one.excused_at, one.reason = Occurrence.Status.EXCUSED, actor, now, said
            going[key] = one
        Occurrence.objects.bulk_update(
            going.values(), ["status", "excused_by", "excused_at", "reason"], batch_size=500
        )  # fmt: skip
        trail.record_many(
            "expectation.excused", subject_type=SUBJECT, actor=actor, reason=said,
            subjects=[
                (one.expectation_id, one.entity_id, {"due_on": one.due_on.isoformat()}) for one in going.values()
            ],
        )  # fmt: skip
        looking.note("case.excused", missing, _due, actor, said)
    return [refused.get(key) or Answer(key, True) for key in ids]


def _due(one: Occurrence) -> Mapping[str, Any]:
    return {"due_on": one.due_on.isoformat()}
