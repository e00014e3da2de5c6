"""Breaks: what stays open longer than its tolerance, with a cause, an owner, a reason and a due date.

:func:`look` makes and closes them, set-based; people say the rest. Rights: ``reconciliation.match``. Locks: the breaks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from backoffice.common import sql
from backoffice.common.errors import Answer, BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import User
from controls.expected.table import today_of
from controls.models import Break, ReconciliationPolicy
from controls.reconciliation import calendar
from controls.reconciliation.days import MATCH, VIEW, person, said
from documents import trail
from transactions.models import Account

SUBJECT, MOST = "break", 1000
AGES = ("0-1", "2-5", "6-30", "30+")
S = Break.Status


def policy(entity_id: int) -> ReconciliationPolicy:
    """What counts in an entity; nothing is written off where nobody agreed to limits. One query."""
    found = ReconciliationPolicy.objects.filter(entity=entity_id).exclude(agreed_at=None).order_by("-pk").first()
    return found or ReconciliationPolicy(entity_id=entity_id)


def look(account_ids: Sequence[int]) -> tuple[int, int]:
    """Make breaks of what is past its tolerance and close what is open no more: how many of each. Safe twice."""
    accounts = list(
        Account.objects.filter(pk__in=list(account_ids), kind=Account.Kind.BANK).select_related("entity").order_by("pk")
    )
    if not accounts:
        return 0, 0
    open_days = calendar.days_of(accounts)
    policies = {one.entity_id: policy(one.entity_id) for one in accounts}
    lines, items = [], []
    for one in accounts:
        today, rule = today_of(one.entity), policies[one.entity_id]
        lines.append(_before(today, rule.line_days, open_days[one.pk]))
        items.append(_before(today, rule.item_days, open_days[one.pk]))
    asked = {"accounts": [one.pk for one in accounts], "line_until": lines, "item_until": items}
    with transaction.atomic():
        made, gone = sql.rows(sql.text("controls", "breaks_look"), asked)[0]
        sql.run(sql.text("controls", "breaks_causes"), asked)
    return int(made), int(gone)


def _before(today: date, count: int, days: Any) -> date:
    """The last day that is more than so many open days ago; with 0 today itself counts."""
    day = today
    for _step in range(count):
        day = days.at(day - calendar.ONE, -1)
    return day if not count else day - calendar.ONE


def listed(
    entity_ids: Sequence[int], today: date, *, account: int | None = None, cause: str = "", age: str = "",
    owner: int | None = None, status: str = S.OPEN,
) -> QuerySet[Break]:  # fmt: skip
    """Breaks for a page, by (on, id)."""
    rows = Break.objects.filter(entity__in=list(entity_ids), status=status).select_related("account", "owner", "line")
    if account is not None:
        rows = rows.filter(account=account)
    if cause:
        rows = rows.filter(cause=cause)
    if owner is not None:
        rows = rows.filter(owner=owner)
    if age in AGES:
        since, until = _window(age, today)
        rows = rows.filter(on__lte=until) if since is None else rows.filter(on__gt=since, on__lte=until)
    return rows


def _window(age: str, today: date) -> tuple[date | None, date]:
    """Days after the first up to the second; what is dated ahead is of the youngest."""
    ends = {"0-1": (1, None), "2-5": (5, 2), "6-30": (30, 6), "30+": (None, 31)}
    oldest, youngest = ends[age]
    until = today - timedelta(days=youngest) if youngest else date.max
    return (None if oldest is None else today - timedelta(days=oldest + 1)), until


@dataclass(frozen=True)
class Cell:
    account_id: int
    cause: str
    age: str
    count: int
    amount: Decimal


def ageing(account_ids: Sequence[int], today: date) -> list[Cell]:
    """Open breaks by account, cause and age. One query."""
    return [
        Cell(*row)
        for row in sql.rows(sql.text("controls", "breaks_ageing"), {"accounts": list(account_ids), "today": today})
    ]  # fmt: skip


def found(actor: User, key: int) -> Break:
    access.demand(actor, VIEW)
    one = (
        Break.objects.filter(pk=key, entity__in=access.entity_ids(actor, VIEW))
        .select_related("account__entity", "owner", "line", "cause_by", "ignored_by").first()
    )  # fmt: skip
    if one is None:
        raise NotThere("not_there")
    return one


def _held(ids: Sequence[int], actor: User) -> tuple[dict[int, Break], dict[int, Answer]]:
    """The breaks that the person may act on, locked; the others refused. Inside ``atomic()``."""
    if len(ids) > MOST:
        raise BusinessError("break.too_many", most=MOST)
    person(actor, MATCH)
    may, sees = set(access.entity_ids(actor, MATCH)), set(access.entity_ids(actor, VIEW))
    rows = Break.objects.filter(pk__in=list(ids)).order_by("pk").select_for_update(of=("self",))
    held = {one.pk: one for one in rows.select_related("account__entity")}
    refused = {}
    for key in ids:
        place = held[key].entity_id if key in held else None
        if place not in sees | may:
            refused[key] = Answer(key, False, "not_there")
        elif place not in may:
            refused[key] = Answer(key, False, "denied", {"right": MATCH})
        elif held[key].closed_at:
            refused[key] = Answer(key, False, "break.closed")
    return {key: one for key, one in held.items() if key not in refused}, refused


def _record(action: str, rows: Iterable[Break], actor: User, reason: str = "", data: Any = None) -> None:
    trail.record_many(
        action, subject_type=SUBJECT, actor=actor, reason=reason,
        subjects=[(one.pk, one.entity_id, {"account": one.account.code, **(data or {})}) for one in rows],
    )  # fmt: skip


def _answers(ids: Sequence[int], refused: dict[int, Answer]) -> list[Answer]:
    return [refused.get(key) or Answer(key, True) for key in ids]


def assign(
    *, ids: Sequence[int], actor: User, owner: int | None, due_on: date | None = None, reason: str = ""
) -> list[Answer]:
    """Give breaks an owner (None: nobody), and a day until when."""
    words = said(reason, needed=False)
    with transaction.atomic():
        held, refused = _held(ids, actor)
        whose = User.objects.filter(pk=owner, is_active=True, is_machine=False).first() if owner else None
        for one in held.values():
            today = today_of(one.account.entity)
            if due_on and not today <= due_on <= today + timedelta(days=366):
                raise BusinessError("break.due")
            if owner and (whose is None or not access.can(whose, MATCH, one.entity_id)):
                raise BusinessError("break.owner")
        Break.objects.filter(pk__in=list(held)).update(owner=whose, due_on=due_on)
        told = {"owner": whose.full_name if whose else "", "due_on": due_on.isoformat() if due_on else ""}
        _record("break.assigned", held.values(), actor, words, told)
    return _answers(ids, refused)


def explain(*, ids: Sequence[int], actor: User, cause: str, reason: str) -> list[Answer]:
    """Say why something is open: one of the causes, and in words."""
    words = said(reason)
    if cause not in Break.Cause.values:
        raise BusinessError("break.cause")
    with transaction.atomic():
        held, refused = _held(ids, actor)
        open_ones = [key for key, one in held.items() if one.status == S.OPEN]
        Break.objects.filter(pk__in=list(held)).update(cause=cause, cause_by=actor)
        Break.objects.filter(pk__in=open_ones).update(reason=words)
        _record("break.explained", held.values(), actor, words, {"cause": cause})
    return _answers(ids, refused)


def comment(*, ids: Sequence[int], actor: User, words: str) -> list[Answer]:
    """Say something about breaks: it stands in their history."""
    text = said(words)
    with transaction.atomic():
        held, refused = _held(ids, actor)
        _record("break.commented", held.values(), actor, text)
    return _answers(ids, refused)


def ignore(*, ids: Sequence[int], actor: User, reason: str) -> list[Answer]:
    """Leave breaks out, with a remark: they stay in the position and are listed in the day's proof."""
    words = said(reason)
    with transaction.atomic():
        held, refused = _held(ids, actor)
        Break.objects.filter(pk__in=list(held)).update(status=S.IGNORED, ignored_by=actor, reason=words)
        _record("break.left_out", held.values(), actor, words)
    return _answers(ids, refused)


def heed(*, ids: Sequence[int], actor: User) -> list[Answer]:
    """Take back that something was left out."""
    with transaction.atomic():
        held, refused = _held(ids, actor)
        for key, one in list(held.items()):
            if one.status != S.IGNORED:
                refused[key] = Answer(key, False, "break.not_ignored")
                held.pop(key)
        Break.objects.filter(pk__in=list(held)).update(status=S.OPEN, ignored_by=None)
        _record("break.taken_up", held.values(), actor)
    return _answers(ids, refused)


def of_open(*, lines: Sequence[int], items: Sequence[int], actor: User) -> list[int]:
    """The breaks of open lines and items of the person's entities, made now where there was none yet: leaving out or
    owning something need not wait until it is old."""
    may = access.entity_ids(actor, MATCH)
    sql.run(sql.text("controls", "breaks_of_open"), {"lines": list(lines), "items": list(items), "entities": may})
    rows = Break.objects.filter(closed_at=None, entity__in=may)
    mine = rows.filter(line__in=list(lines)) | rows.filter(item__in=list(items))
    return list(mine.order_by(Coalesce(F("line_id"), F("item")), "pk").values_list("pk", flat=True))
