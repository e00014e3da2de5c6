"""What the workbench shows of an account: suggestions, both sides open, matches, what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from backoffice.common import sql
from backoffice.common.errors import sentence
from controls.models import Break, Match, OpenItem, OpenLine
from controls.reconciliation import suggesting
from transactions.models import Account, Statement, StatementLine
from transactions.queries.search import number_of

# So many open lines, the oldest first, are on one page; suggestions are looked up for them at once.
SHOWN = 200


@dataclass(frozen=True)
class Proposal:
    """A suggestion with what it names. ``value`` is what a form sends to accept it."""

    line: OpenLine
    items: Sequence[OpenItem]
    confidence: int
    band: str
    difference: Decimal
    code: str
    reasons: Sequence[str]

    @property
    def value(self) -> str:
        return f"{self.line.pk}:{','.join(str(item.pk) for item in self.items)}:{self.code}"

    @property
    def total(self) -> Decimal:
        return sum((item.open if item.credit else -item.open for item in self.items), Decimal(0))

    @property
    def signed(self) -> Decimal:
        return self.line.open if self.line.credit else -self.line.open


def open_lines(account: Account, words: str = "", ignored: bool = False) -> QuerySet[OpenLine]:
    """Open lines, the oldest first, without those that were left out (or these alone)."""
    left_out = Break.objects.filter(account=account, status=Break.Status.IGNORED, line__isnull=False).values("line")
    rows = OpenLine.objects.filter(account=account).select_related("line", "statement")
    rows = rows.filter(pk__in=left_out) if ignored else rows.exclude(pk__in=left_out)
    if words:
        found = (
            Q(line__counterparty_name__icontains=words) | Q(line__remittance__icontains=words)
            | Q(line__information__icontains=words) | Q(line__end_to_end_id__icontains=words)
            | Q(line__bank_reference__icontains=words)
        )  # fmt: skip
        rows = rows.filter(_amount(found, words))
    return rows.order_by("booking_on", "line_id")


def open_items(account: Account, words: str = "", ignored: bool = False) -> QuerySet[OpenItem]:
    left_out = Break.objects.filter(account=account, status=Break.Status.IGNORED, item__isnull=False).values("item")
    rows = OpenItem.objects.filter(account=account).select_related("payment")
    rows = rows.filter(pk__in=left_out) if ignored else rows.exclude(pk__in=left_out)
    if words:
        key = "".join(sign for sign in words.upper() if sign.isalnum())
        found = Q(name__icontains=words) | Q(reference__contains=key) | Q(document__contains=key)
        rows = rows.filter(_amount(found if key else Q(name__icontains=words), words))
    return rows.order_by("booked_on", "id")


def _amount(found: Q, words: str) -> Q:
    number = number_of(words)
    return found | Q(open=abs(number)) if number is not None else found


def proposals(lines: Sequence[OpenLine], *, each: int = 1) -> dict[int, list[Proposal]]:
    """The likeliest for each of these lines. What suggesting asks, and one query for the items."""
    found = suggesting.suggest([line.pk for line in lines], shown=each) if lines else {}
    keys = {key for rows in found.values() for one in rows for key in one.items}
    items = OpenItem.objects.select_related("payment").in_bulk(keys)
    by_key = {line.pk: line for line in lines}
    return {
        key: [_proposal(by_key[key], one, items) for one in rows if all(item in items for item in one.items)]
        for key, rows in found.items()
        if key in by_key
    }


def _proposal(line: OpenLine, one: suggesting.Suggestion, items: dict[int, OpenItem]) -> Proposal:
    codes = {reason["code"] for reason in one.reasons}
    code = ""
    if one.difference:
        code = "fee" if {"match.fee", "match.fee_told"} & codes else "exchange" if "match.exchange" in codes else "part"
    reasons = [sentence(reason["code"], reason.get("params")) for reason in one.reasons]
    return Proposal(line, [items[key] for key in one.items], one.confidence, one.band, one.difference, code, reasons)


def certain(lines: Sequence[OpenLine]) -> list[Proposal]:
    """Those that may be accepted at once: certain, without a difference, and no two of them claim the same item."""
    best = [rows[0] for rows in proposals(lines).values() if rows]
    sure = [one for one in best if one.band == "certain" and not one.difference]
    claims: dict[int, int] = {}
    for one in best:
        for item in one.items:
            claims[item.pk] = claims.get(item.pk, 0) + 1
    return [one for one in sure if all(claims[item.pk] == 1 for item in one.items)]


def count(rows: QuerySet[Any], cap: int = 10_000) -> int:
    return len(rows.order_by().values_list("pk")[: cap + 1])


def matches(account: Account) -> QuerySet[Match]:
    return Match.objects.filter(account=account, undone_at=None).select_related("made_by")


_SIDES = """
    select k.match_id, l.id, l.booking_on, case when l.credit then k.amount else -k.amount end,
           coalesce(nullif(l.counterparty_name, ''), nullif(l.remittance, ''), l.information), null::bigint, ''
    from controls_matchline k join transactions_statementline l on l.id = k.line_id where k.match_id = any(%s)
    union all
    select k.match_id, null, e.value_date,
           case when coalesce(t.side = 'D', p.kind = 'debit') then k.amount else -k.amount end,
           coalesce(nullif(case when p.kind in ('incoming', 'debit', 'card') then p.debtor_name
                                else p.creditor_name end, ''), e.label, ''), k.entry_id, coalesce(e.kind, 'waits')
    from controls_matchposting k
    left join transactions_journalentry e on e.id = k.entry_id
    left join transactions_posting t on t.entry_id = k.entry_id and t.line = k.posting_line
    left join transactions_payment p on p.id = coalesce(e.payment_id, k.payment_id)
    where k.match_id = any(%s)
    order by 1, 3, 2
"""


@dataclass(frozen=True)
class Side:
    on: date | None
    amount: Decimal
    words: str
    line: int | None
    entry: int | None
    kind: str


def sides(match_ids: Sequence[int]) -> dict[int, tuple[list[Side], list[Side]]]:
    """What each match has at the bank and in the books. One query."""
    found: dict[int, tuple[list[Side], list[Side]]] = {key: ([], []) for key in match_ids}
    for match, line, on, amount, words, entry, kind in sql.rows(_SIDES, [list(match_ids)] * 2):
        found[match][0 if line else 1].append(Side(on, amount, (words or "")[:140], line, entry, kind))
    return found


def last_day(account: Account) -> date | None:
    """The last day that a statement tells. One query."""
    rows = Statement.objects.filter(account=account, status=Statement.Status.TAKEN).exclude(to_on=None)
    return rows.exclude(kind__in=Statement.INTERIM).order_by("-to_on").values_list("to_on", flat=True).first()


def statements(entity_ids: Sequence[int]) -> QuerySet[Statement]:
    return Statement.objects.filter(entity__in=list(entity_ids)).select_related("account", "entity")


def lines(statement: Statement) -> QuerySet[StatementLine]:
    return StatementLine.objects.filter(statement=statement)


def still_open(line_ids: Sequence[int]) -> dict[int, Decimal]:
    """What is open of lines, by the line that told them first."""
    return dict(OpenLine.objects.filter(pk__in=list(line_ids)).values_list("pk", "open"))
