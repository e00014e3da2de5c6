"""Where an account stands at the end of a day: at the bank, in the books, and what explains the difference.

Money is signed as the bank shows it: what we own is positive. Days are those of booking at the bank and of value in the
books, which is what lines and postings are matched by.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backoffice.common import sql
from transactions.models import Account

# What stands in a difference, in the order in which a proof lists it.
LINE, ITEM, IGNORED_LINE, IGNORED_ITEM = "line", "item", "ignored_line", "ignored_item"
BANK_FIRST, BOOKS_FIRST, WAITS, DIFFERENCE = "bank_first", "books_first", "waits", "difference"
KINDS = (LINE, ITEM, BANK_FIRST, BOOKS_FIRST, WAITS, IGNORED_LINE, IGNORED_ITEM, DIFFERENCE)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Explained:
    """One reason of the difference: an open line or item, or a match whose two sides fall apart that day."""

    kind: str
    key: int
    on: date
    amount: Decimal
    words: str


@dataclass(frozen=True)
class Position:
    """``bank`` is None where no statement tells it. ``lines`` and ``matches`` are digests of what the day had."""

    account_id: int
    day: date
    bank: Decimal | None
    books: Decimal
    explained: Sequence[Explained] = ()
    statements: Sequence[int] = ()
    line_count: int = 0
    came: Decimal = ZERO
    went: Decimal = ZERO
    lines: str = ""
    match_count: int = 0
    matches: str = ""

    @property
    def difference(self) -> Decimal:
        return (self.bank or ZERO) - self.books

    @property
    def unexplained(self) -> Decimal:
        return self.difference - sum((one.amount for one in self.explained), ZERO)

    def sums(self) -> dict[str, tuple[int, Decimal]]:
        """How many and how much by kind, of the kinds there are, in the order of a proof."""
        found = {}
        for kind in KINDS:
            rows = [one.amount for one in self.explained if one.kind == kind]
            if rows:
                found[kind] = (len(rows), sum(rows, ZERO))
        return found


# The statement that reaches the day, or the last one before it, and what else was booked until the day.
_BANK = """
    with last as (
        select s.id, s.opening, s.closing, s.from_on, coalesce(s.to_on, s.from_on) as to_on
        from transactions_statement s
        where s.account_id = %(account)s and s.status = 'taken' and s.kind not in ('camt052', 'camt054', 'mt942')
          and coalesce(s.from_on, s.to_on) <= %(day)s and (s.closing is not null or s.opening is not null)
        order by coalesce(s.from_on, s.to_on) desc, s.to_on desc, s.id desc limit 1)
    select case
        when l.closing is not null and l.to_on <= %(day)s then l.closing + coalesce((
            select sum(case when t.credit then t.amount else -t.amount end)
            from transactions_statementline t join transactions_statement s on s.id = t.statement_id
            where t.account_id = %(account)s and t.booking_on > l.to_on and t.booking_on <= %(day)s
              and t.origin_id is null and t.status = 'booked' and s.status = 'taken'
              and s.kind not in ('camt052', 'camt054', 'mt942')), 0)
        when l.opening is not null then l.opening + coalesce((
            select sum(case when t.credit then t.amount else -t.amount end) from transactions_statementline t
            where t.statement_id = l.id and t.booking_on <= %(day)s and t.status = 'booked'), 0)
        else l.closing - coalesce((
            select sum(case when t.credit then t.amount else -t.amount end) from transactions_statementline t
            where t.statement_id = l.id and t.booking_on > %(day)s and t.status = 'booked'), 0) end
    from last l
"""
# What stands there now less what is dated later; nothing is dated more than a month ahead of when it is written.
_BOOKS = """
    select case when a.normal_side = 'D' then b.balance else -b.balance end - coalesce((
        select sum(case when p.side = 'D' then p.amount else -p.amount end)
        from transactions_posting p join transactions_journalentry e on e.id = p.entry_id
        where p.account_id = a.id and p.created_at >= %(day)s::date - 31 and e.value_date > %(day)s), 0)
    from transactions_account a join transactions_accountbalance b on b.account_id = a.id where a.id = %(account)s
"""
_LINES = """
    select distinct coalesce(l.origin_id, l.id), l.credit, l.amount, l.statement_id
    from transactions_statementline l join transactions_statement s on s.id = l.statement_id
    where l.account_id = %(account)s and l.booking_on = %(day)s and l.status = 'booked' and s.status = 'taken'
      and s.kind not in ('camt052', 'camt054', 'mt942')
    order by 1
"""
_MATCHES = """
    select distinct m.id from controls_match m join controls_matchline k on k.match_id = m.id
    join transactions_statementline l on l.id = k.line_id
    where m.account_id = %(account)s and m.undone_at is null and l.account_id = %(account)s and l.booking_on = %(day)s
    order by 1
"""


def bank_at(account_id: int, day: date) -> Decimal | None:
    """The balance at the bank at the end of a day, as the statements tell it; None where they do not. One query."""
    found = sql.rows(_BANK, {"account": account_id, "day": day})
    return found[0][0] if found else None


def books_at(account_id: int, day: date) -> Decimal:
    """The balance in the books at the end of a day, by value day. One query."""
    found: Decimal = sql.rows(_BOOKS, {"account": account_id, "day": day})[0][0]
    return found


def lines_of(account_id: int, day: date) -> tuple[list[tuple[Any, ...]], str]:
    """The bookings of a day, each as (line, credit, amount, statement), and their digest. One query."""
    rows = sql.rows(_LINES, {"account": account_id, "day": day})
    seen: dict[int, tuple[Any, ...]] = {}
    for row in rows:
        seen.setdefault(row[0], row)
    told = [f"{key}{'+' if credit else '-'}{amount.normalize():f}" for key, credit, amount, _of in seen.values()]
    return list(seen.values()), digest_of(told)


def digest_of(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def position(account: Account, day: date) -> Position:
    """Five queries, whatever the account has."""
    asked = {"account": account.pk, "day": day}
    lines, digest = lines_of(account.pk, day)
    matches = [str(row[0]) for row in sql.rows(_MATCHES, asked)]
    explained = [
        Explained(kind, key, on, amount, " ".join((words or "").split())[:140])
        for kind, key, on, amount, words in sql.rows(sql.text("controls", "day_explained"), asked)
    ]
    return Position(
        account_id=account.pk, day=day, bank=bank_at(account.pk, day), books=books_at(account.pk, day),
        explained=sorted(explained, key=lambda one: (KINDS.index(one.kind), one.on, one.key)),
        statements=sorted({row[3] for row in lines}), line_count=len(lines),
        came=sum((row[2] for row in lines if row[1]), ZERO), went=sum((row[2] for row in lines if not row[1]), ZERO),
        lines=digest, match_count=len(matches), matches=digest_of(matches),
    )  # fmt: skip
