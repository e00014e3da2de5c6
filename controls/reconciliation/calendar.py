"""How the days of accounts stand: whether the statement came, by the account's calendar, and what people made of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from backoffice.common import sql
from controls.expected import table
from controls.expected.rhythms import Days
from controls.models import ReconciledDay
from transactions.models import Account, CutOff

NOT_RECEIVED, LATE, IMPORTED, IN_PROGRESS = "not_received", "late", "imported", "in_progress"
PREPARED, SIGNED, REOPENED, CLOSED = "prepared", "signed", "reopened", "no_business"
STATUSES = {
    NOT_RECEIVED: pgettext_lazy("reconciled day", "Not received"), LATE: pgettext_lazy("reconciled day", "Late"),
    IMPORTED: pgettext_lazy("reconciled day", "Imported"),
    IN_PROGRESS: pgettext_lazy("reconciled day", "In progress"),
    PREPARED: pgettext_lazy("reconciled day", "Prepared"), SIGNED: pgettext_lazy("reconciled day", "Signed"),
    REOPENED: pgettext_lazy("reconciled day", "Reopened"),
    CLOSED: pgettext_lazy("reconciled day", "Closed at the bank"),
}  # fmt: skip
ONE = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """A day of an account. ``sign_off``: the last one that there was, also one that was sent back or reopened."""

    account_id: int
    day: date
    status: str
    sign_off: ReconciledDay | None = None

    @property
    def changed(self) -> bool:
        return bool(self.sign_off and self.sign_off.status == "signed" and self.sign_off.changed_at)

    @property
    def label(self) -> object:
        return STATUSES[self.status]


def days_of(accounts: Sequence[Account]) -> Mapping[int, Days]:
    """The open days of each account: of the calendar that its own cut-off names, else the entity's only one, else
    TARGET. Two queries for all, two more for each calendar."""
    own = {}
    rules = CutOff.objects.filter(account__in=[one.pk for one in accounts], calendar__isnull=False)
    for rule in rules.select_related("calendar").order_by("valid_from", "pk"):
        own[rule.account_id] = rule.calendar
    of_entity: dict[int, Days] = {}
    found = {}
    for one in accounts:
        if one.pk in own:
            found[one.pk] = Days.of(own[one.pk])
            continue
        if one.entity_id not in of_entity:
            of_entity[one.entity_id] = Days.of(table.calendar_of(one.entity))
        found[one.pk] = of_entity[one.entity_id]
    return found


_COVERED = """
    select s.account_id, coalesce(s.from_on, s.to_on), coalesce(s.to_on, s.from_on), s.matched_at is not null
    from transactions_statement s
    where s.account_id = any(%s) and s.status = 'taken' and s.kind not in ('camt052', 'camt054', 'mt942')
      and s.to_on >= %s and coalesce(s.from_on, s.to_on) <= %s
"""


def standings(
    accounts: Sequence[Account], since: date, until: date, today: date
) -> dict[tuple[int, date], Standing]:  # fmt: skip
    """Each day of each account, from ``since`` to ``until``. A constant number of queries beside the calendars."""
    keys = [one.pk for one in accounts]
    open_days = days_of(accounts)
    covered: dict[tuple[int, date], bool] = {}
    for account, begin, end, matched in sql.rows(_COVERED, [keys, since, until]):
        for day in _range(max(begin, since), min(end, until)):
            covered[account, day] = covered.get((account, day), True) and matched
    rows = ReconciledDay.objects.filter(account__in=keys, day__gte=since, day__lte=until).select_related(
        "prepared_by", "signed_by", "ended_by", "ended_asked_by"
    )
    last = {(row.account_id, row.day): row for row in rows.order_by("round")}
    found = {}
    for key in keys:
        for day in _range(since, until):
            at = (key, day)
            found[at] = Standing(
                key, day, _status(last.get(at), covered.get(at), day, open_days[key], today), last.get(at)
            )
    return found


def _range(since: date, until: date) -> Iterable[date]:
    return (since + ONE * step for step in range((until - since).days + 1))


def _status(row: ReconciledDay | None, matched: bool | None, day: date, days: Days, today: date) -> str:
    if row and row.status in {"prepared", "signed", "reopened"}:
        return row.status
    if matched is not None:
        return IN_PROGRESS if matched else IMPORTED
    if not days.is_open(day):
        return CLOSED
    # The statement of a day is there when the next open day is over.
    return LATE if today > days.at(day + ONE, 1) else NOT_RECEIVED


def standing(account: Account, day: date, today: date) -> Standing:
    return standings([account], day, day, today)[account.pk, day]


def missing(accounts: Sequence[Account], today: date, back: int = 10) -> list[Standing]:
    """Statements that are late, of the last days; none from before an account had its first one."""
    first = dict(
        sql.rows(
            "select account_id, min(coalesce(from_on, to_on)) from transactions_statement "
            "where account_id = any(%s) and status = 'taken' group by 1",
            [[one.pk for one in accounts]],
        )
    )
    found = standings(accounts, today - ONE * back, today - ONE, today)
    return [
        one for one in found.values()
        if one.status == LATE and first.get(one.account_id) and one.day >= first[one.account_id]
    ]  # fmt: skip


def changed(entity_ids: Sequence[int]) -> list[ReconciledDay]:
    """Signed days that something changed since, the earliest first. One query."""
    rows = ReconciledDay.objects.filter(entity__in=entity_ids, status="signed").exclude(changed_at=None)
    return list(rows.filter(Q(ended_at=None)).select_related("account").order_by(F("day").asc(), "pk")[:100])


def of_entities() -> list[list[int]]:
    """The accounts that have statements, an entity a list. One query."""
    rows = sql.rows(
        "select entity_id, array_agg(distinct account_id) from transactions_statement group by 1 order by 1"
    )
    return [sorted(accounts) for _entity, accounts in rows]
