"""What came, and what did not: due days are laid, what came is laid to them, what is past its grace is missing.

Safe twice and after a pause of any length: everything follows from what is on record. What is missing becomes an alert
in the transaction that says so, once. What comes afterwards is noted in its case; the case stays for people to close.

Locks: the entity (table.alone), then occurrences, then what raising locks.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from backoffice.common import locks, money, sql
from backoffice.people.models import Entity
from controls.cases import raise_alerts
from controls.expected import table
from controls.models import Alert, Expectation, Occurrence
from controls.models.expected import GIVEN_UP_AFTER
from documents import trail

S = Occurrence.Status
VERSION = "expected 1"
CHUNK = 1_000
# How long after the end of its window an occurrence is still looked at: a task may have been away.
STILL = timedelta(days=45)
SAID = 6


def look(entity_id: int, *, now: datetime | None = None) -> tuple[int, int]:
    """Of one entity: how many came, how many are missing now. A thousand occurrences a transaction."""
    moment = now or timezone.now()
    today = table.today_of(Entity.objects.get(pk=entity_id), moment)
    with transaction.atomic():
        table.alone(entity_id)
        _lay(entity_id, today)
    came = missing = 0
    ids = list(
        Occurrence.objects.filter(entity=entity_id, status__in=[S.AWAITED, S.MISSING], window_from__lte=today)
        .filter(Q(status=S.AWAITED) | Q(window_to__gte=today - STILL))
        .order_by("pk").values_list("pk", flat=True)
    )  # fmt: skip
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            table.alone(entity_id)
            rows = {
                one.pk: one
                for one in locks.lock(
                    Occurrence.objects.filter(status__in=[S.AWAITED, S.MISSING]), ids[start : start + CHUNK]
                )
            }
            came += _came(rows, moment)
            missing += _missing([one for one in rows.values() if one.status == S.AWAITED], today, moment)
    return came, missing


def _lay(entity_id: int, today: date) -> None:
    rows = list(
        Expectation.objects.filter(entity=entity_id, ended_at=None, next_on__lte=today + table.AHEAD)
        .select_related("calendar").order_by("pk")
    )  # fmt: skip
    Occurrence.objects.bulk_create(table.lay(rows, today, table.Calendars()), ignore_conflicts=True)
    Expectation.objects.bulk_update(rows, ["next_on"], batch_size=500)


def _came(rows: Mapping[int, Occurrence], now: datetime) -> int:
    """Lay what came to what is awaited or missing. Two queries, two more when something came late."""
    used: set[tuple[int, Any, Any]] = set()
    found, late = [], []
    for key, payment, batch, day, is_late in sql.rows(sql.text("controls", "expected_matches"), {"ids": list(rows)}):
        one = rows[key]
        if (one.expectation_id, payment, batch) in used:
            continue
        used.add((one.expectation_id, payment, batch))
        if one.status == S.MISSING:
            late.append(one)
        one.status, one.payment_id, one.batch_id, one.came_on, one.late = S.CAME, payment, batch, day, is_late
        found.append(one)
    Occurrence.objects.bulk_update(found, ["status", "payment", "batch", "came_on", "late"], batch_size=500)
    _seen(found)
    note("case.arrived", late, lambda one: {
        "day": one.came_on.isoformat(), "due_on": one.due_on.isoformat(), "payment": one.payment_id,
        "batch": one.batch_id,
    })  # fmt: skip
    return len(found)


def _seen(found: Sequence[Occurrence]) -> None:
    """The days on which it came, for what is told when it does not."""
    days: dict[int, list[date]] = {}
    for one in found:
        if one.came_on:
            days.setdefault(one.expectation_id, []).append(one.came_on)
    rows = list(Expectation.objects.filter(pk__in=days, ended_by=None))
    for row in rows:
        row.seen_on = sorted({*row.seen_on, *days[row.pk]})[-12:]
        row.last_seen_on = row.seen_on[-1]
    Expectation.objects.bulk_update(rows, ["seen_on", "last_seen_on"], batch_size=100)


def note(action: str, rows: Sequence[Occurrence], data: Any, actor: Any = None, reason: str = "") -> None:
    """Tell the cases of what was missing. Inside ``atomic()``."""
    of = {one.pk: one for one in rows}
    alerts = Alert.objects.filter(occurrence__in=of).values_list("case_id", "entity_id", "occurrence_id")
    subjects = [(case, entity, data(of[key])) for case, entity, key in alerts if key]
    trail.record_many(action, subject_type="case", subjects=subjects, actor=actor, reason=reason)


def _missing(rows: Sequence[Occurrence], today: date, now: datetime) -> int:
    """What is past its grace is missing, each with one alert. Inside ``atomic()``, locked."""
    gone = [one for one in rows if one.missing_after < today]
    if not gone:
        return 0
    of = Expectation.objects.select_related("made_by", "standing").in_bulk({one.expectation_id for one in gone})
    silent, given_up = _silent(gone, of)
    told = [one for one in gone if one.pk not in silent]
    for one in told:
        one.status = S.MISSING
    Occurrence.objects.bulk_update(told, ["status"], batch_size=500)
    raise_alerts([_alert(one, of[one.expectation_id]) for one in told], now=now)
    for over in given_up:
        over.ended_at, over.end_reason = now, "silent"
    table.relay(given_up, today)
    Occurrence.objects.filter(pk__in=silent).delete()
    Expectation.objects.bulk_update(given_up, ["ended_at", "end_reason"], batch_size=100)
    table.record("expectation.lapsed", given_up, lambda one: {"why": "silent"})
    return len(told)


def _silent(gone: Sequence[Occurrence], of: Mapping[int, Expectation]) -> tuple[set[int], list[Expectation]]:
    """A learnt rhythm that was missed three times in a row is over: what would be missing after that, and which are
    over. It may be learnt again when it comes again. One query."""
    learnt = [one for one in of.values() if one.origin == Expectation.Origin.LEARNT and one.is_active]
    past: dict[int, list[tuple[int, str]]] = {one.pk: [] for one in learnt}
    going = {one.pk for one in gone}
    rows = Occurrence.objects.filter(expectation__in=past).order_by("due_on")
    for key, expectation, status in rows.values_list("pk", "expectation_id", "status"):
        if status != S.AWAITED or key in going:
            past[expectation].append((key, status))
    silent: set[int] = set()
    given_up = []
    for one in learnt:
        states = past[one.pk]
        broken = max((at for at, (_key, status) in enumerate(states) if status in {S.CAME, S.EXCUSED}), default=-1)
        row = states[broken + 1 :]
        if len(row) >= GIVEN_UP_AFTER:
            given_up.append(one)
            silent |= {key for key, _status in row[GIVEN_UP_AFTER:]} & going
    return silent, given_up


def _alert(one: Occurrence, of: Expectation) -> dict[str, Any]:
    score = 40 + min(of.learnt_from, 20) if of.origin == Expectation.Origin.LEARNT else 60
    return {
        "occurrence": one.pk, "typology": "missing", "origin": "detector", "version": VERSION, "score": score,
        "reasons": [_expected(one, of), *_why(of)], "evidence": {"due_on": one.due_on.isoformat()},
    }  # fmt: skip


def _expected(one: Occurrence, of: Expectation) -> dict[str, Any]:
    params: dict[str, Any] = {"name": of.name, "day": {"day": one.due_on.isoformat()}}
    code = f"missing.{of.kind}"
    if of.kind != Expectation.Kind.FILE:
        if of.amount is None:
            code += "_any"
        else:
            params["amount"] = {"amount": money.plain(of.amount, of.currency), "currency": of.currency}
    return {"code": code, "params": params, "weight": 40}


def _why(of: Expectation) -> list[dict[str, Any]]:
    """How it was known that it should come: what announced it, or the last days on which it came."""
    if of.standing:
        return [{"code": "missing.announced", "params": {"order": of.standing.reference}, "weight": 20}]
    told = []
    if of.made_by:
        told.append({"code": "missing.by_hand", "params": {"person": of.made_by.full_name}, "weight": 20})
    seen = sorted(of.seen_on)[-SAID:]
    if len(seen) < 2:
        return told
    numbers = [day.day for day in seen]
    if of.unit != "week" and max(numbers) - min(numbers) <= 12:
        params: dict[str, Any] = {"count": len(seen), "low": min(numbers), "high": max(numbers)}
        return [*told, {"code": "missing.seen_days", "params": params, "weight": 15}]
    gaps = [(b - a).days for a, b in pairwise(seen)]
    params = {"count": len(seen), "low": min(gaps), "high": max(gaps), "day": {"day": seen[-1].isoformat()}}
    return [*told, {"code": "missing.seen_gaps", "params": params, "weight": 15}]
