"""What people do with standing orders. New terms take effect by :func:`take_effect` alone, with a second signature.

Suspending, resuming and ending take effect at once: whoever must be stopped is stopped now, and resuming only brings
back what was approved. Locks: the order, then the states of its payments.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from backoffice.common import money
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import User
from documents import trail
from transactions import workflow
from transactions.intake import account_numbers
from transactions.intake.fields import clean
from transactions.models import Account, StandingDue, StandingOrder
from transactions.standing import rhythm

VIEW, MANAGE = "standing.view", "standing.manage"
Status = StandingOrder.Status
# Of which account and entity, and by whom it was first asked for, never changes.
_CHANGING = (
    *StandingOrder.TERMS, "suspended_from", "suspended_to", "status", "next_on", "make_on", "asked_by", "approved_by",
    "approved_at",
)  # fmt: skip


def terms(account: Account, values: Mapping[str, Any], *, former: StandingOrder | None = None) -> dict[str, Any]:
    """The terms as JSON, each value looked at; ``values`` by the names of StandingOrder.TERMS.

    A fixed ``amount``, or a ``floor`` above which everything is moved. The first date is not past, but may stay what it
    is when an order is changed (``former``).
    """
    if account.kind not in {Account.Kind.CUSTOMER, Account.Kind.BANK} or account.status != Account.Status.OPEN:
        raise BusinessError("standing.account_other", code=account.code)
    currency = account.currency
    amount, floor = values.get("amount"), values.get("floor")
    if (amount is None) == (floor is None):
        raise BusinessError("standing.amount_or_floor")
    told = {
        "amount": None if amount is None else money.plain(money.parse(amount, currency), currency),
        "floor": None if floor is None else money.plain(money.parse(floor, currency) if floor else floor, currency),
        "currency": currency, **_payee(account, values), **_rhythm(values, account, former),
    }  # fmt: skip
    remittance, said = clean(str(values.get("remittance") or ""))
    if said or len(remittance) > 140:
        raise BusinessError("standing.remittance_bad")
    return {**told, "remittance": remittance}


def _payee(account: Account, values: Mapping[str, Any]) -> dict[str, str]:
    name, said = clean(" ".join(str(values.get("creditor_name") or "").split()))
    number = account_numbers.clean(str(values.get("creditor_number") or "")).upper()
    bic = "".join(str(values.get("creditor_bic") or "").split()).upper()
    if not name or said or len(name) > 140:
        raise BusinessError("standing.name_missing")
    if account_numbers.iban_fault(number):
        raise BusinessError("standing.number_bad", number=number[:34])
    if number == account.iban:
        raise BusinessError("standing.to_itself")
    if bic and account_numbers.bic_fault(bic):
        raise BusinessError("account.bic_bad", bic=bic[:11])
    return {"creditor_name": name, "creditor_number": number, "creditor_bic": bic}


def _rhythm(values: Mapping[str, Any], account: Account, former: StandingOrder | None) -> dict[str, Any]:
    unit, every = values.get("unit") or "month", int(values.get("every") or 1)
    working_day = values.get("working_day") or "next"
    first_on, last_on, times = values["first_on"], values.get("last_on"), values.get("times")
    if unit not in StandingOrder.Unit.values or working_day not in StandingOrder.WorkingDay.values:
        raise BusinessError("standing.rhythm_bad")
    if not 1 <= every <= rhythm.MOST_EVERY or (times is not None and not 1 <= int(times) <= 9_999):
        raise BusinessError("standing.rhythm_bad")
    if values.get("last_working_day") and unit != "month":
        raise BusinessError("standing.last_working_day")
    as_it_is = former is not None and former.first_on == first_on
    if (first_on < today_of(account) and not as_it_is) or first_on.year > rhythm.LAST_YEAR:
        raise BusinessError("standing.first_past", first=first_on.isoformat())
    if last_on is not None and (times is not None or last_on < first_on):
        raise BusinessError("standing.last_bad")
    return {
        "unit": unit, "every": every, "last_working_day": bool(values.get("last_working_day")),
        "first_on": first_on.isoformat(), "last_on": last_on.isoformat() if last_on else None,
        "times": None if times is None else int(times), "working_day": working_day,
    }  # fmt: skip


def today_of(account_or_order: Account | StandingOrder) -> date:
    """The day in the zone of the entity."""
    return timezone.now().astimezone(ZoneInfo(account_or_order.entity.time_zone)).date()


def put(order: StandingOrder, kept: Mapping[str, Any]) -> StandingOrder:
    """Terms as JSON onto an order, not saved."""
    for name in StandingOrder.TERMS:
        value = kept[name]
        if name in {"first_on", "last_on"} and value is not None:
            value = date.fromisoformat(value)
        elif name in {"amount", "floor"} and value is not None:
            value = Decimal(value)
        setattr(order, name, value)
    return order


def kept(order: StandingOrder) -> dict[str, Any]:
    """The terms of an order as :func:`terms` gives them."""
    told: dict[str, Any] = {name: getattr(order, name) for name in StandingOrder.TERMS}
    for name in ("first_on", "last_on"):
        told[name] = told[name].isoformat() if told[name] else None
    for name in ("amount", "floor"):
        told[name] = None if told[name] is None else money.plain(told[name], order.currency)
    return told


def draft(*, actor: User, account: Account, kept: Mapping[str, Any]) -> StandingOrder:
    """An order that waits for its second person. Inside ``atomic()``; asked for by controls.changes."""
    access.demand(actor, MANAGE, account.entity_id)
    order = put(StandingOrder(entity_id=account.entity_id, account=account, created_by=actor, asked_by=actor), kept)
    _save(order, actor)
    return order


def take_effect(*, order_id: int, kept: Mapping[str, Any], asked_by: User, approved_by: User) -> StandingOrder:
    """The terms that somebody asked for and another approved are in force. Inside ``atomic()``.

    Dates that passed while it waited for approval are not made up: it is in force from now on. A changed rhythm goes on
    with its first date after those that payments were made for.
    """
    order = locked(order_id)
    if order.status not in {Status.WAITING, Status.ACTIVE}:
        raise Conflict("standing.over", reference=order.reference)
    access.demand(asked_by, MANAGE, order.entity_id)
    before = {name: getattr(order, name) for name in StandingOrder.TERMS}
    next_on = order.next_on if order.status == Status.ACTIVE else None
    put(order, kept)
    order.status, order.asked_by = Status.ACTIVE, asked_by
    order.approved_by, order.approved_at = approved_by, timezone.now()
    changed = [name for name in StandingOrder.TERMS if before[name] != getattr(order, name)]
    same_dates = next_on is not None and not {"unit", "every", "last_working_day", "first_on"} & set(changed)
    plan(order, since=next_on if same_dates and next_on else today_of(order))
    _save(order, approved_by)
    record("agreed", order, approved_by, {"asked_by": asked_by.full_name, "fields": changed})
    return order


def refused(*, order_id: int, actor: User) -> None:
    """A new order that the second person refused is over; a refused change leaves the order as it was."""
    order = locked(order_id)
    if order.status == Status.WAITING:
        order.status = Status.REFUSED
        _save(order, actor)


def suspend(*, actor: User, order_id: int, since: date, until: date | None, reason: str) -> StandingOrder:
    """No payment is made for the dates from ``since`` to ``until`` (None: until resumed). Payments that were made for
    them and are not approved yet are cancelled."""
    with transaction.atomic():
        order = _mine(actor, order_id, reason)
        if since < today_of(order) or (until is not None and until < since):
            raise BusinessError("standing.suspension_bad")
        order.suspended_from, order.suspended_to = since, until
        stopped = _stop(order, actor, reason, since=since, until=until)
        plan(order, since=order.next_on or today_of(order))
        _save(order, actor)
        record("suspended", order, actor, {"since": since, "until": until, "cancelled": stopped}, reason)
    return order


def resume(*, actor: User, order_id: int, reason: str) -> StandingOrder:
    """The suspension is over: the next date is the first one from today on. What fell due meanwhile is not made up."""
    with transaction.atomic():
        order = _mine(actor, order_id, reason)
        if order.suspended_from is None:
            raise Conflict("standing.not_suspended", reference=order.reference)
        order.suspended_from = order.suspended_to = None
        plan(order, since=today_of(order))
        _save(order, actor)
        record("resumed", order, actor, {}, reason)
    return order


def end(*, actor: User, order_id: int, reason: str) -> StandingOrder:
    """Nothing is paid under it any more, from now on; payments that wait for an approval are cancelled."""
    with transaction.atomic():
        order = _mine(actor, order_id, reason)
        order.status, order.next_on, order.make_on = Status.ENDED, None, None
        stopped = _stop(order, actor, reason)
        _save(order, actor)
        record("ended", order, actor, {"cancelled": stopped}, reason)
    return order


def plan(order: StandingOrder, *, since: date) -> None:
    """When the next payment is due and made: from ``since`` on, after the dates that were; not saved. One query."""
    begin = max(since, _after_last(order))
    order.next_on = rhythm.next_due(order, since=begin, made=order.made_count)
    order.make_on = (
        None if order.next_on is None else rhythm.make_on(order, order.next_on, sweep=order.is_sweep)
    )  # fmt: skip


def _after_last(order: StandingOrder) -> date:
    last = StandingDue.objects.filter(order=order).order_by("-due_on").values_list("due_on", flat=True).first()
    return max(order.first_on, last + timedelta(days=1)) if last else order.first_on


def coming(order: StandingOrder, count: int = 12) -> list[rhythm.Occurrence]:
    """The next dates of an order in force or waiting for approval, suspended ones too; none of one that is over."""
    if order.status not in {Status.ACTIVE, Status.WAITING}:
        return []
    since = order.next_on
    if since is None or (order.suspended_from is not None and since > order.suspended_from):
        since = max(_after_last(order), today_of(order))
    return rhythm.coming(order, since=since, made=order.made_count, count=count)


def locked(order_id: int) -> StandingOrder:
    order = StandingOrder.objects.select_for_update(of=("self",)).select_related("entity").filter(pk=order_id).first()
    if order is None:
        raise NotThere("not_there")
    return order


def _mine(actor: User, order_id: int, reason: str) -> StandingOrder:
    """The order in force, locked, when the actor may act on it and says why."""
    access.demand(actor, MANAGE)
    if not StandingOrder.objects.filter(pk=order_id, entity__in=access.entity_ids(actor, VIEW)).exists():
        raise NotThere("not_there")
    order = locked(order_id)
    access.demand(actor, MANAGE, order.entity_id)
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    if order.status != Status.ACTIVE:
        raise Conflict("standing.over", reference=order.reference)
    return order


def _stop(
    order: StandingOrder, actor: User, reason: str, *, since: date | None = None, until: date | None = None
) -> list[int]:
    """Cancel the payments of these dates that nobody has approved yet; their numbers."""
    dues = StandingDue.objects.filter(order=order, status=StandingDue.Status.MADE)
    if since is not None:
        dues = dues.filter(due_on__gte=since)
    if until is not None:
        dues = dues.filter(due_on__lte=until)
    return workflow.stop(
        ids=list(dues.values_list("payment", flat=True)), verb="cancel", actor=actor, reason=reason.strip()
    )


def _save(order: StandingOrder, actor: User) -> None:
    order._history_user = actor  # type: ignore[attr-defined]
    order.save(update_fields=_CHANGING if order.pk else None)


def record(act: str, order: StandingOrder, actor: User | None, data: Mapping[str, Any], reason: str = "") -> None:
    trail.record(
        f"standing.{act}", subject_type="standing", subject_id=order.pk, entity_id=order.entity_id, actor=actor,
        reason=reason.strip()[:500], data={"reference": order.reference, **data},
    )  # fmt: skip
