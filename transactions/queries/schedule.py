"""Cut-off rules and calendars as they stand, and the cut-offs of the next days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from backoffice.common import sql
from transactions.models import Calendar, CutOff, Holiday

DAYS = 7


def rules(entity_ids: Sequence[int]) -> QuerySet[CutOff]:
    """The rules of these entities, the general ones first, of one scope the last first, with account and calendar."""
    return (
        CutOff.objects.filter(entity_id__in=list(entity_ids))
        .select_related("account", "calendar", "entity")
        .order_by("entity__code", "account__code", "scheme", "channel", "currency", "-valid_from")
    )


def calendars(entity_ids: Sequence[int], *, since: date) -> QuerySet[Calendar]:
    """The calendars of these entities with their holidays from a day on."""
    days = Holiday.objects.filter(day__gte=since).order_by("day")
    rows = Calendar.objects.filter(entity_id__in=list(entity_ids)).select_related("entity").order_by("entity", "code")
    return rows.prefetch_related(Prefetch("holidays", queryset=days, to_attr="told_holidays"))


@dataclass(frozen=True)
class Day:
    """A rule on a day: its cut-off and the day what is released by then goes; closed days have none, but a name where
    the calendar knows one. ``mode`` is that of the rule: what is always open has no moment either."""

    entity_id: int
    rule_id: int
    day: date
    mode: str
    cut_off_at: datetime | None
    execution_date: date | None
    closed: bool
    name: str


_WEEK = """
    with day as (
        select e.id as entity_id, (now() at time zone e.time_zone)::date + n as day
        from people_entity e cross join generate_series(0, %(days)s - 1) n where e.id = any(%(entities)s)
    ), rule as (
        select distinct on (k.entity_id, k.account_id, k.scheme, k.channel, k.currency, d.day) k.*, d.day
        from day d join transactions_cutoff k on k.entity_id = d.entity_id and k.valid_from <= d.day
        order by k.entity_id, k.account_id, k.scheme, k.channel, k.currency, d.day, k.valid_from desc
    ), judged as (
        select r.*, c.target, c.weekend, is_working_day(r.calendar_id, c.target, c.weekend, r.day) as open
        from rule r left join transactions_calendar c on c.id = r.calendar_id
        where r.mode <> 'general'
    )
    select j.entity_id, j.id, j.day, j.mode,
           case when j.open and j.mode = 'time' then (j.day + j.local_time) at time zone j.time_zone end,
           case when j.open and j.mode = 'time'
                then add_working_days(j.calendar_id, j.target, j.weekend, j.day, j.days_before) end,
           j.mode = 'time' and not j.open, coalesce(h.name, '')
    from judged j left join transactions_holiday h on h.calendar_id = j.calendar_id and h.day = j.day
    order by j.entity_id, j.day, 5
"""


def week(entity_ids: Sequence[int], *, days: int = DAYS) -> list[Day]:
    """The cut-offs of the next days, by each entity's own date. One query."""
    params: dict[str, Any] = {"entities": list(entity_ids), "days": days}
    return [Day(*row) for row in sql.rows(_WEEK, params)]
