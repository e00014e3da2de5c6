"""Cut-offs and calendars: rules that follow each other, holidays by name. Each change is on record and in the versions.

What is open is worked out anew after a change (:func:`renew`). The rules themselves: models/cut_offs.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import trail
from transactions.models import Account, Calendar, CutOff, Holiday, PaymentBatch

VIEW, MANAGE = "cutoff.view", "cutoff.manage"
CHUNK = 5_000
MOST_HOLIDAYS = 400
_REFUSALS = {
    "cut_off_no_tie": "cut_off.tie",
    "cut_off_past_stays": "cut_off.past_stays",
    "calendar_code_once": "calendar.code_taken",
    "holiday_once": "calendar.closed_already",
    "holiday_past_stays": "calendar.past_stays",
    "calendar_has_working_days": "calendar.no_working_day",
}


def add(*, actor: User, entity: Entity, valid_from: date, **asked: Any) -> CutOff:
    """A rule from a day on, today or later: ``account``, ``scheme``, ``channel``, ``currency`` (its scope), ``mode``,
    ``local_time``, ``time_zone`` (the entity's), ``calendar`` (TARGET), ``days_before``.

    A rule of the same scope and first day is a :class:`Conflict`.
    """
    access.demand(actor, MANAGE, entity.pk)
    rule = CutOff(entity=entity, **_checked(entity, valid_from, asked))
    with transaction.atomic():
        _save(rule, actor, scope=_scope(rule))
        _record("cut_off.added", "cut_off", rule.pk, entity.pk, actor, data=told(rule))
        enqueue("transactions.renew_cut_offs", entity.pk)
    return rule


def change(*, actor: User, cut_off_id: int, reason: str, valid_from: date, **asked: Any) -> CutOff:
    """Put a rule right that begins later, or today; its scope stays. What has begun before is followed by another."""
    with transaction.atomic():
        rule = _locked(actor, cut_off_id, reason)
        scope = {"account": rule.account, "scheme": rule.scheme, "channel": rule.channel, "currency": rule.currency}
        before = told(rule)
        for name, value in _checked(rule.entity, valid_from, {**asked, **scope}).items():
            setattr(rule, name, value)
        after = told(rule)
        changed = {name: {"old": before[name], "new": after[name]} for name in after if before[name] != after[name]}
        if not changed:
            raise BusinessError("payment.nothing_changed")
        _save(rule, actor, scope=_scope(rule))
        _record("cut_off.changed", "cut_off", rule.pk, rule.entity_id, actor, reason=reason, data={"fields": changed})
        enqueue("transactions.renew_cut_offs", rule.entity_id)
    return rule


def withdraw(*, actor: User, cut_off_id: int, reason: str) -> CutOff:
    """Take a rule back before it has begun, or on its first day. To end one that has begun, add one that follows it."""
    with transaction.atomic():
        rule = _locked(actor, cut_off_id, reason)
        key, data = rule.pk, told(rule)
        rule._history_user = actor  # type: ignore[attr-defined]
        rule.delete()
        rule.pk = key
        _record("cut_off.withdrawn", "cut_off", key, rule.entity_id, actor, reason=reason, data=data)
        enqueue("transactions.renew_cut_offs", rule.entity_id)
    return rule


def _checked(entity: Entity, valid_from: date, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a rule, or why it cannot be."""
    mode = asked.get("mode") or CutOff.Mode.TIME
    fields: dict[str, Any] = {
        "account": asked.get("account"), "scheme": asked.get("scheme") or "", "channel": asked.get("channel") or "",
        "currency": (asked.get("currency") or "").upper(), "mode": mode,
        "local_time": asked.get("local_time") if mode == CutOff.Mode.TIME else None,
        "time_zone": asked.get("time_zone") or entity.time_zone, "calendar": asked.get("calendar"),
        "days_before": (asked.get("days_before") or 0) if mode == CutOff.Mode.TIME else 0, "valid_from": valid_from,
    }  # fmt: skip
    if fields["time_zone"] not in available_timezones():
        raise BusinessError("cut_off.zone_unknown", zone=str(fields["time_zone"])[:40])
    if fields["currency"]:
        money.exponent(fields["currency"])
    known = {"scheme": CutOff.Scheme.values, "channel": PaymentBatch.Channel.values, "mode": CutOff.Mode.values}
    for name, values in known.items():
        if fields[name] and fields[name] not in values:
            raise BusinessError("payment.field_invalid", field=name, value=str(fields[name])[:40])
    if mode == CutOff.Mode.TIME and not isinstance(fields["local_time"], time):
        raise BusinessError("cut_off.hour_missing")
    if not 0 <= fields["days_before"] <= 20:
        raise BusinessError("cut_off.days_before")
    if valid_from < timezone.now().astimezone(ZoneInfo(fields["time_zone"])).date():
        raise BusinessError("cut_off.begins_in_the_past")
    for name in ("account", "calendar"):
        if fields[name] is not None and fields[name].entity_id != entity.pk:
            raise NotThere("not_there")
    return fields


def add_calendar(
    *, actor: User, entity: Entity, code: str, name: str, target: bool = True, weekend: Sequence[int] = (6, 7)
) -> Calendar:
    """A calendar without holidays yet. ``weekend``: ISO days of the week that are closed."""
    access.demand(actor, MANAGE, entity.pk)
    code, name = code.strip().upper(), " ".join(name.split())
    if not code or len(code) > 20 or not name or len(name) > 80 or code == "TARGET":
        raise BusinessError("calendar.code_or_name_missing")
    days = sorted(set(weekend))
    if len(days) > 6 or not set(days) <= set(range(1, 8)):
        raise BusinessError("calendar.no_working_day")
    made = Calendar(entity=entity, code=code, name=name, target=target, weekend=days)
    with transaction.atomic():
        _save(made, actor, code=code)
        _record(
            "calendar.added", "calendar", made.pk, entity.pk, actor,
            data={"code": code, "name": name, "target": target, "weekend": days},
        )  # fmt: skip
    return made


def add_holidays(*, actor: User, calendar_id: int, holidays: Mapping[date, str]) -> list[Holiday]:
    """Close days of a calendar, each by its name. All of them or none; from today on."""
    with transaction.atomic():
        calendar = _calendar(actor, calendar_id)
        if not holidays or len(holidays) > MOST_HOLIDAYS:
            raise BusinessError("calendar.no_holiday", most=MOST_HOLIDAYS)
        today = timezone.now().astimezone(ZoneInfo(calendar.entity.time_zone)).date()
        made = []
        for day, name in sorted(holidays.items()):
            words = " ".join(name.split())
            if not words or len(words) > 80:
                raise BusinessError("calendar.holiday_unnamed", day=day.isoformat())
            if day < today:
                raise BusinessError("calendar.past_stays", day=day.isoformat())
            made.append(Holiday(calendar=calendar, day=day, name=words))
        known = calendar.holidays.filter(day__in=list(holidays)).values_list("day", flat=True).first()
        if known:
            raise Conflict("calendar.closed_already", day=known.isoformat())
        for holiday in made:
            _save(holiday, actor, day=holiday.day.isoformat())
        _record(
            "calendar.closed", "calendar", calendar.pk, calendar.entity_id, actor,
            data={"code": calendar.code, "days": {day.isoformat(): name for day, name in sorted(holidays.items())}},
        )  # fmt: skip
        enqueue("transactions.renew_cut_offs", calendar.entity_id)
    return made


def open_day(*, actor: User, holiday_id: int, reason: str) -> Holiday:
    """Take a holiday of today or later back: the calendar works on that day."""
    with transaction.atomic():
        found = Holiday.objects.filter(pk=holiday_id).values_list("calendar_id", flat=True).first()
        calendar = _calendar(actor, found or 0)
        holiday = Holiday.objects.select_for_update().filter(pk=holiday_id).first()
        if holiday is None:
            raise NotThere("not_there")
        if not reason.strip():
            raise BusinessError("payment.reason_required")
        day, name = holiday.day, holiday.name
        holiday._history_user = actor  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                holiday.delete()
        except IntegrityError as error:
            raise _refusal(error, {"day": day.isoformat()}) from None
        _record(
            "calendar.opened", "calendar", calendar.pk, calendar.entity_id, actor, reason=reason,
            data={"code": calendar.code, "day": day, "name": name},
        )  # fmt: skip
        enqueue("transactions.renew_cut_offs", calendar.entity_id)
    holiday.pk = holiday_id
    return holiday


# Entities whose rules or calendars changed, until a run is on record that began a while after: by then nothing is under
# way any more (a large file, say) that was worked out by the rules of before.
_CHANGED = """
    select c.entity_id from (
        select entity_id, history_date from transactions_historicalcutoff
        union all select entity_id, history_date from transactions_historicalcalendar
        union all select k.entity_id, h.history_date
                  from transactions_historicalholiday h join transactions_calendar k on k.id = h.calendar_id) c
    group by c.entity_id
    having not exists (
               select from documents_auditrecord r
               where r.subject_type = 'entity' and r.subject_id = c.entity_id and r.action = 'entity.cut_offs_renewed'
                 and r.occurred_at > max(c.history_date) + interval '15 minutes')
"""
_RENEWED = f"""
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, data)
    select entity_id, 'entity', entity_id, 'entity.cut_offs_renewed', '{{}}'
    from ({_CHANGED} and max(c.history_date) + interval '15 minutes' < %(began)s) settled
    where entity_id = %(entity)s
"""  # noqa: S608 - a constant


def changed() -> list[int]:
    """Entities whose open payments are to be worked out anew. One query."""
    return [row[0] for row in sql.rows(_CHANGED)]


def renew(entity_id: int) -> int:
    """Work out the cut-offs of an entity's open payments by the rules of now. Returns how many moved. Safe twice.

    Each is judged from the moment it came: a cut-off that was moved to an hour before now was missed. Locks the states
    of a chunk, by their keys.
    """
    began = sql.rows("select clock_timestamp()")[0][0]
    ids = [
        row[0]
        for row in sql.rows(
            "select payment_id from transactions_paymentstate where entity_id = %s "
            "and status in ('received', 'checked', 'validated') order by payment_id",
            [entity_id],
        )
    ]
    moved = 0
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            moved += due_anew(ids[start : start + CHUNK])
    with transaction.atomic():
        sql.rows("select pg_advisory_xact_lock(hashtext('cut_offs'), %s)", [entity_id])
        sql.run(_RENEWED, {"entity": entity_id, "began": began})
    return moved


_DUE_ANEW = """
    with open as (
        select p.id, p.received_at from transactions_payment p
        join transactions_paymentstate s on s.payment_id = p.id
        where p.id = any(%(ids)s) and s.status in ('received', 'checked', 'validated')
    ), fresh as (
        select o.id, coalesce(t.cut_off_at, o.received_at + interval '4 hours') as due_at,
               case when t.cut_off_at is not null then t.execution_date end as execution_date
        from open o join payment_times(
            (select array_agg(id order by id) from open),
            (select array_agg(coalesce(%(moment)s, received_at) order by id) from open)) t on t.payment_id = o.id
    )
    update transactions_paymentstate s set due_at = f.due_at, execution_date = f.execution_date
    from fresh f
    where s.payment_id = f.id and (s.due_at, s.execution_date) is distinct from (f.due_at, f.execution_date)
"""


def due_anew(ids: Sequence[int], *, asked_at: Any = None) -> int:
    """The cut-offs of open payments by the rules of now, each as asked when it came or at ``asked_at``. Inside
    ``atomic()``; locks the states. Two queries."""
    sql.run(
        "select 1 from transactions_paymentstate where payment_id = any(%s) order by payment_id for update", [list(ids)]
    )
    return sql.run(_DUE_ANEW, {"ids": list(ids), "moment": asked_at})


def told(rule: CutOff) -> dict[str, Any]:
    """A rule in codes, for the record."""
    return {
        "account": rule.account.code if rule.account else "", "scheme": rule.scheme, "channel": rule.channel,
        "currency": rule.currency, "mode": rule.mode, "time_zone": rule.time_zone,
        "local_time": f"{rule.local_time:%H:%M}" if rule.local_time else "",
        "calendar": rule.calendar.code if rule.calendar else "TARGET", "days_before": rule.days_before,
        "valid_from": rule.valid_from.isoformat(),
    }  # fmt: skip


def _scope(rule: CutOff) -> str:
    parts = [rule.account.code if rule.account else "", rule.scheme, rule.channel, rule.currency]
    return " ".join(part for part in parts if part) or "*"


def _locked(actor: User, cut_off_id: int, reason: str) -> CutOff:
    """The rule, locked; one that has begun before today is refused."""
    access.demand(actor, MANAGE)
    rows = CutOff.objects.select_for_update(of=("self",)).select_related("entity", "account", "calendar")
    rule = rows.filter(pk=cut_off_id, entity__in=access.entity_ids(actor, VIEW)).first()
    if rule is None:
        raise NotThere("not_there")
    access.demand(actor, MANAGE, rule.entity_id)
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    if not changeable(rule):
        raise BusinessError("cut_off.past_stays")
    return rule


def changeable(rule: CutOff) -> bool:
    """Whether a rule begins today or later, in its own zone."""
    return rule.valid_from >= timezone.now().astimezone(ZoneInfo(rule.time_zone)).date()


def _calendar(actor: User, calendar_id: int) -> Calendar:
    """The calendar, locked: one writer of its days at a time."""
    access.demand(actor, MANAGE)
    rows = Calendar.objects.select_for_update(of=("self",)).select_related("entity")
    calendar = rows.filter(pk=calendar_id, entity__in=access.entity_ids(actor, VIEW)).first()
    if calendar is None:
        raise NotThere("not_there")
    access.demand(actor, MANAGE, calendar.entity_id)
    return calendar


def _save(row: CutOff | Calendar | Holiday, actor: User, **params: Any) -> None:
    row._history_user = actor  # type: ignore[union-attr]
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise _refusal(error, params) from None


def _refusal(error: IntegrityError, params: dict[str, Any]) -> Exception:
    """The sentence of what the database refused; what it should never refuse is passed on."""
    cause = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    code = _REFUSALS.get(cause)
    return Conflict(code, **params) if code else error


def _record(
    act: str, subject: str, key: int, entity_id: int, actor: User, *, reason: str = "", data: dict[str, Any]
) -> None:
    trail.record(
        act, subject_type=subject, subject_id=key, entity_id=entity_id, actor=actor, reason=reason.strip()[:500],
        data=data,
    )  # fmt: skip


def account_of(entity: Entity, account_id: int | None) -> Account | None:
    """An account of the entity by its key, or :class:`NotThere`."""
    if account_id is None:
        return None
    found = Account.objects.filter(pk=account_id, entity=entity).first()
    if found is None:
        raise NotThere("not_there")
    return found


def calendar_of(entity: Entity, calendar_id: int | None) -> Calendar | None:
    """A calendar of the entity by its key, or :class:`NotThere`."""
    if calendar_id is None:
        return None
    found = Calendar.objects.filter(pk=calendar_id, entity=entity).first()
    if found is None:
        raise NotThere("not_there")
    return found
