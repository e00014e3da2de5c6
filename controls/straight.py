"""Straight-through processing: payments that go on without signatures, under an explicit and dated policy.

Off by default. What any check had a word on, what is held, amended, above a ceiling or entered by whoever stands behind
the policy waits for people as ever; so does everything when the task that passes is lost: it fails closed. The database
looks at each condition again (controls/sql/straight.sql).

Locks: payment states, then policies, then balances.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls.models import ChangeRequest, StraightPolicy
from documents import trail
from transactions import workflow
from transactions.models import IntakeSource, Payment, PaymentBatch

VIEW, MANAGE, STOP = "matrix.view", "matrix.manage", "payment.hold"
KINDS = (Payment.Kind.SEPA, Payment.Kind.TRANSFER, Payment.Kind.INTERNAL)
LONGEST = timedelta(days=366)
CHUNK = 5_000

_IN_FORCE = """
    select y.id from controls_straightpolicy y
    where y.stopped_at is null and clock_timestamp() >= y.valid_from and clock_timestamp() < y.valid_to
      and y.entity_id in (select p.entity_id from transactions_payment p where p.id = any(%(ids)s))
    order by y.id for no key update
"""
# Of several policies that let a payment go, the one that was approved first. Claimed payments are in somebody's hands.
_FITTING = """
    select p.id, y.id, s.version, p.amount
    from transactions_payment p
    join transactions_paymentstate s on s.payment_id = p.id
    join lateral (
        select c.id from controls_straightpolicy c
        where c.id = any(%(policies)s) and c.entity_id = p.entity_id and c.currency = p.currency
          and p.amount <= c.max_amount and straight_fault(c.id, p.id) is null
        order by c.id limit 1) y on true
    where p.id = any(%(ids)s) and s.status = 'checked' and s.outcome = 'pass' and s.hold_count = 0
      and not (s.claimed_by_id is not null and s.claimed_until > clock_timestamp())
    order by p.id
"""
# What is left of the day, of every number of the policy's name together.
_ROOM = """
    select y.id, (clock_timestamp() at time zone e.time_zone)::date, y.name, y.number, y.day_amount - coalesce((
        select sum(r.amount) from controls_straightrelease r join controls_straightpolicy z on z.id = r.policy_id
        where z.entity_id = y.entity_id and z.name = y.name and z.currency = y.currency
          and r.day = (clock_timestamp() at time zone e.time_zone)::date), 0)
    from controls_straightpolicy y join people_entity e on e.id = y.entity_id where y.id = any(%(policies)s)
"""
_RELEASE = """
    insert into controls_straightrelease (payment_id, policy_id, version, amount, day, released_at)
    select k.payment_id, k.policy, s.version, p.amount, k.day, now()
    from unnest(%(ids)s::bigint[], %(policies)s::bigint[], %(days)s::date[]) as k(payment_id, policy, day)
    join transactions_payment p on p.id = k.payment_id
    join transactions_paymentstate s on s.payment_id = k.payment_id
    order by k.payment_id
"""
_FIGURES = """
    select y.id, count(r.id), coalesce(sum(r.amount), 0),
           count(r.id) filter (where r.day = (now() at time zone e.time_zone)::date),
           coalesce(sum(r.amount) filter (where r.day = (now() at time zone e.time_zone)::date), 0)
    from controls_straightpolicy y join people_entity e on e.id = y.entity_id
    left join controls_straightrelease r on r.policy_id = y.id
    where y.id = any(%s) group by y.id
"""


def any_in_force(entity_ids: Sequence[int]) -> bool:
    """Is there any policy of these entities in force now? One query."""
    now = timezone.now()
    return StraightPolicy.objects.filter(
        entity__in=list(entity_ids), stopped_at=None, valid_from__lte=now, valid_to__gt=now
    ).exists()


def release(ids: Sequence[int]) -> int:
    """Let go what a policy lets go, in transactions of at most 5,000; safe twice. Returns how many went."""
    ordered = sorted(set(ids))
    return sum(_release_some(ordered[start : start + CHUNK]) for start in range(0, len(ordered), CHUNK))


def _release_some(ids: Sequence[int]) -> int:
    with transaction.atomic():
        workflow.lock(ids)
        policies = [row[0] for row in sql.rows(_IN_FORCE, {"ids": list(ids)})]
        if not policies:
            return 0
        found = sql.rows(_FITTING, {"ids": list(ids), "policies": policies})
        rooms = {row[0]: _Room(*row[1:]) for row in sql.rows(_ROOM, {"policies": policies})}
        short: set[int] = set()
        while True:
            going = _within(found, rooms, short)
            if not going:
                return 0
            try:
                with transaction.atomic():
                    _pass(going, rooms)
            except workflow.Short as refused:
                # Their funds are short: they wait for people, and no longer take the room of others.
                short |= set(refused.refused)
            else:
                return len(going)


@dataclass(frozen=True)
class _Room:
    day: Any
    name: str
    number: int
    left: Decimal


def _within(found: Sequence[tuple[Any, ...]], rooms: Mapping[int, _Room], without: set[int]) -> dict[int, int]:
    """Payments by their policy, in the order of their numbers, as long as the day has room; a smaller one may fit."""
    left = {key: room.left for key, room in rooms.items()}
    going: dict[int, int] = {}
    for payment_id, policy_id, _version, amount in found:
        if payment_id not in without and amount <= left[policy_id]:
            left[policy_id] -= amount
            going[payment_id] = policy_id
    return going


def _pass(going: Mapping[int, int], rooms: Mapping[int, _Room]) -> None:
    keys = list(going)
    policies = [going[key] for key in keys]
    sql.run(_RELEASE, {"ids": keys, "policies": policies, "days": [rooms[policy].day for policy in policies]})
    told = {
        policy: trail.encode({"policy": policy, "name": rooms[policy].name, "number": rooms[policy].number})
        for policy in set(policies)
    }
    workflow.pass_straight(policies=going, told={key: told[going[key]] for key in keys})


def visible(actor: User) -> QuerySet[StraightPolicy]:
    """The policies that the actor may see, the newest first."""
    rows = StraightPolicy.objects.filter(entity__in=access.entity_ids(actor, VIEW))
    return rows.select_related("entity", "source", "written_by", "approved_by", "stopped_by").order_by("-pk")


@dataclass(frozen=True)
class Figures:
    """What went through under a policy: ever, and today."""

    count: int = 0
    amount: Decimal = Decimal(0)
    today_count: int = 0
    today_amount: Decimal = Decimal(0)


def figures(policy_ids: Sequence[int]) -> dict[int, Figures]:
    """One query."""
    return {row[0]: Figures(*row[1:]) for row in sql.rows(_FIGURES, [list(policy_ids)])}


def released(payment_id: int) -> StraightPolicy | None:
    """The policy under which a payment went through last. One query."""
    rows = StraightPolicy.objects.filter(releases__payment=payment_id).select_related("written_by", "approved_by")
    return rows.order_by("-releases__id").first()


def stop(*, actor: User, policy_id: int, reason: str) -> StraightPolicy:
    """Stop a policy at once, by one person: whoever may hold payments there, or manages the matrix. Again: nothing."""
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        rows = StraightPolicy.objects.select_for_update(of=("self",), no_key=True).select_related("entity")
        found = rows.filter(pk=policy_id, entity__in=access.entity_ids(actor, VIEW)).first()
        if found is None:
            raise NotThere("not_there")
        if not any(access.can(actor, right, found.entity_id) for right in (MANAGE, STOP)):
            raise Denied("denied", right=MANAGE)
        if found.stopped_at is not None:
            return found
        found.stopped_at, found.stopped_by, found.stop_reason = timezone.now(), actor, reason.strip()
        found.save(update_fields=["stopped_at", "stopped_by", "stop_reason"])
        _record("straight.stopped", found, actor, reason.strip())
    return found


def described(entity: Entity, policy_id: int | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """The policy that is asked for, as JSON, every value looked at. ``policy_id`` is the one it takes the place of."""
    currency = str(values.get("currency") or "EUR").upper()
    kind, channel = values.get("kind") or "", values.get("channel") or ""
    most, day = _amount(values.get("max_amount")), _amount(values.get("day_amount"))
    name = " ".join(str(values.get("name") or "").split())
    if policy_id is not None:
        before = StraightPolicy.objects.filter(pk=policy_id, entity=entity).first()
        if before is None:
            raise NotThere("not_there")
        name = before.name
    source = values.get("source")
    first, last = values.get("valid_from"), values.get("valid_to")
    wrong = {
        "name": not 0 < len(name) <= 60 or not name.isprintable(),
        "currency": currency not in money.currencies(),
        "kind": kind not in {"", *KINDS},
        "channel": channel not in {"", *PaymentBatch.Channel.values},
        "source": source is not None and not IntakeSource.objects.filter(pk=source, entity=entity).exists(),
        "max_amount": most is None,
        "day_amount": day is None or (most is not None and day < most),
        "valid_from": not isinstance(first, datetime),
        "valid_to": not isinstance(last, datetime) or last <= timezone.now()
        or (isinstance(first, datetime) and not timedelta(0) < last - first <= LONGEST),
    }  # fmt: skip
    if field := next((field for field, bad in wrong.items() if bad), ""):
        raise BusinessError("straight.malformed", field=field, days=LONGEST.days)
    taken = StraightPolicy.objects.filter(entity=entity, name=name, stopped_at=None)
    if any(key != policy_id for key in taken.values_list("pk", flat=True)):
        raise BusinessError("straight.name_taken", name=name)
    assert first is not None and last is not None  # noqa: S101, PT018 - looked at above
    return {
        "name": name, "kind": kind, "channel": channel, "source": source, "currency": currency,
        "max_amount": f"{most:f}", "day_amount": f"{day:f}", "known_payees": bool(values.get("known_payees", True)),
        "valid_from": first.isoformat(), "valid_to": last.isoformat(),
    }  # fmt: skip


def _amount(value: Any) -> Decimal | None:
    try:
        given = None if value is None else money.number(value)
    except BusinessError:
        return None
    return given if given is not None and 0 < given < Decimal(10) ** 13 else None


def put(asked: ChangeRequest, approver: User) -> StraightPolicy:
    """The policy takes effect, in the place of the one it changes. In the transaction that signed the request."""
    change, entity = asked.change, asked.entity
    assert entity is not None  # noqa: S101 - a policy has its entity
    if asked.subject_id is not None:
        rows = StraightPolicy.objects.select_for_update(of=("self",), no_key=True)
        before = rows.get(pk=asked.subject_id)
        if before.stopped_at is None:
            before.stopped_at, before.stop_reason = timezone.now(), "straight.replaced"
            before.save(update_fields=["stopped_at", "stop_reason"])
    same = StraightPolicy.objects.filter(entity=entity, name=change["name"])
    if same.filter(stopped_at=None).exists():
        raise BusinessError("straight.name_taken", name=change["name"])
    last = same.order_by("-number").values_list("number", flat=True).first() or 0
    made = StraightPolicy.objects.create(
        entity=entity, number=last + 1, request=asked, written_by=asked.asked_by, approved_by=approver,
        approved_at=timezone.now(), **policy_fields(change),
    )  # fmt: skip
    _record("straight.began", made, approver, asked.reason)
    return made


def policy_fields(change: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a policy as :func:`described` kept them."""
    return {
        **{name: change[name] for name in ("name", "kind", "channel", "currency", "known_payees")},
        "source_id": change["source"],
        **{name: Decimal(change[name]) for name in ("max_amount", "day_amount")},
        **{name: datetime.fromisoformat(change[name]) for name in ("valid_from", "valid_to")},
    }


def _record(action: str, policy: StraightPolicy, actor: User, reason: str) -> None:
    trail.record(
        action, subject_type="policy", subject_id=policy.pk, entity_id=policy.entity_id, actor=actor, reason=reason,
        data={"name": policy.name, "number": policy.number, "request": policy.request_id},
    )  # fmt: skip


def in_effect(policy: StraightPolicy) -> bool:
    """Now."""
    return policy.stopped_at is None and policy.valid_from <= timezone.now() < policy.valid_to
