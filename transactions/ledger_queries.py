"""What the screens ask of the books: accounts, statements as of a moment, entries, trial balances. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from backoffice.common import pages, sql
from backoffice.people.models import Entity
from transactions import ledger
from transactions.models import Account, JournalEntry, Posting


def kinds(entity_ids: Sequence[int]) -> set[str]:
    """The kinds of which these entities have an account. One query."""
    return set(Account.objects.filter(entity__in=entity_ids).order_by().values_list("kind", flat=True).distinct())


def accounts(
    entity_ids: Sequence[int], *, kind: str = "", status: str = "", currency: str = "", words: str = ""
) -> QuerySet[Account]:
    """Accounts of the entities with their balances. ``words`` is part of a code or name, or an IBAN with or without
    spaces. For keyset pages by (entity, code)."""
    found = Account.objects.filter(entity__in=entity_ids).select_related("balance_row", "entity")
    if kind:
        found = found.filter(kind=kind)
    if status:
        found = found.filter(status=status)
    if currency:
        found = found.filter(currency=currency)
    if words:
        number = "".join(words.split()).upper()
        found = found.filter(Q(code__icontains=words) | Q(name__icontains=words) | Q(iban__startswith=number))
    return found


@dataclass(frozen=True)
class Statement:
    """An account as of ``moment``, in its currency, on its normal side. ``page`` holds postings, newest first."""

    balance: Decimal
    page: pages.Page[Posting]


def statement(account: Account, *, moment: datetime | None = None, cursor: str = "", size: int = 50) -> Statement:
    """The postings of the account up to a moment (now when None) and its balance then. Two queries."""
    rows = Posting.objects.filter(account=account).select_related("entry", "entry__payment")
    if moment is not None:
        rows = rows.filter(created_at__lte=moment)
    found = pages.page(
        rows, key=("created_at", "id"), cursor=cursor, size=size, salt=f"statement:{account.pk}:{moment or 'now'}"
    )
    return Statement(account.balance_row.balance if moment is None else ledger.balance_at(account, moment), found)


@dataclass(frozen=True)
class Entry:
    """An entry with its postings, and per currency the sums of both sides."""

    entry: JournalEntry
    postings: list[Posting]
    sums: dict[str, tuple[Decimal, Decimal]]
    reversed_by: JournalEntry | None

    @property
    def balanced(self) -> bool:
        return all(debit == credit for debit, credit in self.sums.values())


def entry(entry_id: int, entity_ids: Iterable[int]) -> Entry | None:
    """An entry of one of the entities, or None. Three queries."""
    found = (
        JournalEntry.objects.filter(pk=entry_id, entity__in=list(entity_ids))
        .select_related("entity", "payment", "reverses")
        .first()
    )
    if found is None:
        return None
    postings = list(found.postings.select_related("account").order_by("line"))
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for posting in postings:
        debit, credit = sums.get(posting.currency, (Decimal(0), Decimal(0)))
        if posting.side == Account.Side.DEBIT:
            sums[posting.currency] = (debit + posting.amount, credit)
        else:
            sums[posting.currency] = (debit, credit + posting.amount)
    return Entry(found, postings, sums, JournalEntry.objects.filter(reverses=found).first())


@dataclass(frozen=True)
class Line:
    """A line of a trial balance: one account, or a kind with too many accounts to list them (``account`` is None)."""

    account: Account | None
    kind: str
    count: int
    debit: Decimal
    credit: Decimal

    @property
    def kind_name(self) -> str:
        return str(Account.Kind(self.kind).label)


@dataclass
class Book:
    """The trial balance of one entity and currency. ``left_out``: accounts without a balance, which are not lines."""

    entity: Entity
    currency: str
    lines: list[Line] = field(default_factory=list)
    left_out: int = 0
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)

    @property
    def difference(self) -> Decimal:
        return self.debit - self.credit

    @property
    def balanced(self) -> bool:
        return self.debit == self.credit


# A negative balance stands on the other side. Of a kind with many accounts only the sums of both sides are listed.
_TRIAL = """
    with sides as (
        select a.id, a.entity_id, a.currency, a.kind, b.balance,
               case when (a.normal_side = 'D') = (b.balance > 0) then abs(b.balance) else 0 end as debit,
               case when (a.normal_side = 'D') = (b.balance > 0) then 0 else abs(b.balance) end as credit,
               count(*) over (partition by a.entity_id, a.currency, a.kind) as alike
        from transactions_account a cross join lateral ({balance}) b
        where a.entity_id = any(%(entities)s))
    select entity_id, currency, kind, case when alike <= %(listed)s then id end,
           count(*) filter (where balance <> 0), count(*) filter (where balance = 0), sum(debit), sum(credit)
    from sides group by 1, 2, 3, 4
"""
_NOW = "select c.balance from transactions_accountbalance c where c.account_id = a.id"
_THEN = """
    select coalesce((select p.balance_after from transactions_posting p
                     where p.account_id = a.id and p.created_at <= %(moment)s
                     order by p.created_at desc, p.id desc limit 1), 0) as balance
"""
MOST_LISTED = 100


def trial_balance(
    entities: Sequence[Entity], *, moment: datetime | None = None, listed: int = MOST_LISTED
) -> list[Book]:
    """Every account's balance on its side, by entity and currency, now or as of a moment.

    A kind with more than ``listed`` accounts is one line with the sums of both sides. Two queries; the past costs one
    look into an index for each account.
    """
    found = sql.rows(
        _TRIAL.format(balance=_NOW if moment is None else _THEN),
        {"entities": [entity.pk for entity in entities], "listed": listed, "moment": moment},
    )
    known = Account.objects.in_bulk([row[3] for row in found if row[3] is not None])
    by_id = {entity.pk: entity for entity in entities}
    books: dict[tuple[str, str], Book] = {}
    for entity_id, currency, kind, account_id, count, empty, debit, credit in found:
        entity = by_id[entity_id]
        book = books.setdefault((entity.code, currency), Book(entity, currency))
        book.left_out += empty
        book.debit += debit
        book.credit += credit
        if count:
            account = known[account_id] if account_id is not None else None
            book.lines.append(Line(account, kind, count, debit, credit))
    for book in books.values():
        book.lines.sort(key=lambda line: (line.account is None, line.account.code if line.account else line.kind))
    return [books[key] for key in sorted(books)]
