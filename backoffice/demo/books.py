"""The books of the year that has been: opening balances, receipts, purchases, postings and settlements.

All entries go in by one statement in the order of time, so that each line's balance is the sum of those before it, and
the triggers that keep the books check every one of them.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from backoffice.common import calendars, sql
from backoffice.demo.agenda import Run, at
from backoffice.demo.house import BANK, COMPANY, House
from transactions.models import Account

# Moment, entity, payment, kind, label, booking date, value date, debited account, credited account, amount.
Entry = tuple[datetime, int, int | None, str, str, date, date, int, int, Decimal]
RECEIPTS_EVERY = 14

_STAGE = """
    create temporary table demo_entries (
        number bigint generated always as identity, occurred_at timestamptz, entity_id bigint, payment_id bigint,
        kind text, label text, booking_date date, value_date date, debit bigint, credit bigint, amount numeric
    ) on commit drop
"""
_WRITE = """
    with numbered as materialized (
        select n.*, nextval('transactions_journalentry_id_seq') as entry
        from (select * from demo_entries order by occurred_at, number) n),
    entries as (
        insert into transactions_journalentry
            (id, entity_id, payment_id, kind, label, booking_date, value_date, created_at, posting_count)
        select entry, entity_id, payment_id, kind, label, booking_date, value_date, occurred_at, 2 from numbered),
    legs as (
        select entry, occurred_at, 1 as line, debit as account, 'D' as side, amount from numbered
        union all select entry, occurred_at, 2, credit, 'C', amount from numbered)
    insert into transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, created_at)
    select l.entry, l.line, l.account, l.side, l.amount, a.currency,
           sum(case when l.side = a.normal_side then l.amount else -l.amount end)
               over (partition by l.account order by l.entry, l.line rows unbounded preceding), l.occurred_at
    from legs l join transactions_account a on a.id = l.account
    order by l.entry, l.line
"""
_POSTED = """
    select e.created_at, e.entity_id, 'payment', e.payment_id,
           case e.kind when 'posting' then 'payment.posted' else 'payment.settled' end, null, '',
           '{"entry":' || e.id || '}'
    from transactions_journalentry e where e.payment_id is not null order by e.id
"""


def write(house: House, runs: list[Run], chance: random.Random, first: date, last: date) -> None:
    entries = [*_openings(house, first), *_receipts(house, runs, chance, first, last), *_payments(house, runs)]
    entries += _purchases(house, runs)
    sql.run(_STAGE)
    columns = ("occurred_at", "entity_id", "payment_id", "kind", "label", "booking_date", "value_date")
    sql.copy("demo_entries", (*columns, "debit", "credit", "amount"), sorted(entries, key=lambda entry: entry[0]))
    sql.run(_WRITE)


def acts() -> list[tuple[Any, ...]]:
    """What happened to payments in the books, for the audit trail."""
    return sql.rows(_POSTED)


def _between(account: Account, other: Account, amount: Decimal, *, outwards: bool) -> tuple[int, int, Decimal]:
    """Debited and credited account for money that leaves ``account`` towards ``other``, or comes from it."""
    down = account.normal_side == Account.Side.CREDIT
    return (account.pk, other.pk, amount) if down == outwards else (other.pk, account.pk, amount)


def _other(house: House, account: Account) -> Account:
    """Where the receipts of an account come from."""
    bank = account.entity_id == house.bank.pk
    return house.books[(BANK, "NOSTRO-EUR") if bank else (COMPANY, "SALES")]


def _openings(house: House, first: date) -> Iterator[Entry]:
    for account in [*house.customers, *house.treasury]:
        bank = account.entity_id == house.bank.pk
        other = _other(house, account) if bank else house.books[COMPANY, "CAPITAL"]
        moved = _between(account, other, house.openings[account.pk], outwards=False)
        yield (at(first, 6), account.entity_id, None, "opening", "Reprise des soldes", first, first, *moved)


def _receipts(house: House, runs: list[Run], chance: random.Random, first: date, last: date) -> Iterator[Entry]:
    """Every two weeks each account receives about what it will pay in the next two."""
    for account in [*house.customers, *house.treasury]:
        paid = [(run.day, run.total) for run in runs if run.account.pk == account.pk]
        day = first + timedelta(days=1)
        while day <= last:
            until = day + timedelta(days=RECEIPTS_EVERY)
            due = sum((total for when, total in paid if day <= when < until), Decimal(0))
            amount = (due * Decimal(str(round(chance.uniform(0.96, 1.08), 3)))).quantize(Decimal("0.01"), ROUND_HALF_UP)
            booked = calendars.next_open_day(day)
            if amount > 0 and booked <= last:
                moved = _between(account, _other(house, account), amount, outwards=False)
                yield (
                    at(booked, 7),
                    account.entity_id,
                    None,
                    "manual",
                    "Remises et virements reçus",
                    booked,
                    booked,
                    *moved,
                )
            day = until


def _purchases(house: House, runs: list[Run]) -> Iterator[Entry]:
    """What the company owes before it pays: the invoices and salaries of each run, two weeks earlier at most."""
    books = house.books
    for run in runs:
        amount = sum((payment.amount for payment in run.going), Decimal(0))
        if run.account.entity_id == house.company.pk and amount:
            pair = (books[COMPANY, "PURCHASES"].pk, books[COMPANY, "PAYABLES"].pk, amount)
            label = f"Factures et salaires, {run.day:%d/%m/%Y}"
            yield (at(run.day, 6, 30), run.account.entity_id, None, "manual", label, run.day, run.day, *pair)


def _payments(house: House, runs: Iterable[Run]) -> Iterator[Entry]:
    for run in runs:
        account, entity = run.account, run.account.entity_id
        transit, counterpart = _of(house, account.transit_id), _of(house, account.counterpart_id)
        for payment in run.going:
            posted = _between(account, transit, payment.amount, outwards=True)
            yield (run.posted_at, entity, payment.id, "posting", "", run.day, run.day, *posted)
            if run.settled:
                day = run.settled_on
                settled = _between(transit, counterpart, payment.amount, outwards=True)
                yield (run.settled_at, entity, payment.id, "settlement", "", day, day, *settled)


def _of(house: House, key: Any) -> Account:
    return next(account for account in house.books.values() if account.pk == key)
