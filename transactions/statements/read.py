"""What a statement says, whatever its format: one protocol for all readers.

Amounts are positive (zero, where a bank books nothing) with a direction, in units of the currency; balances are signed,
a debit balance is negative. No amount has more digits than ``numeric(18,5)`` keeps.

A long statement comes in pieces, so that memory is flat: each piece has its next lines, ``continues`` says that more
follow, and the last one (the only one, mostly) has all balances and what the bank declared.

Nothing of this is changed once it is made. Lines and details are not frozen all the same: a frozen one takes three
times as long to make, and there are millions.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from transactions.intake.rows import Problem

BOOKED, PENDING, INFORMATION = "booked", "pending", "information"
# Of a balance: opening and closing of the period, interim ones, available ones, and what a page carries over.
OPENING, CLOSING, INTERIM, AVAILABLE, FORWARD = "opening", "closing", "interim", "available", "forward"


@dataclass(frozen=True, slots=True)
class ReadBalance:
    kind: str
    amount: Decimal
    currency: str
    on: date | None
    code: str = ""  # as the bank says it: OPBD, PRCD, 60F, 01, ...


@dataclass(slots=True, unsafe_hash=True)
class ReadDetail:
    """One transaction of a line: a line that books a batch has many, most have one."""

    amount: Decimal | None = None
    currency: str = ""
    credit: bool | None = None
    end_to_end_id: str = ""
    instruction_id: str = ""
    transaction_id: str = ""
    mandate_id: str = ""
    payment_info_id: str = ""
    message_id: str = ""
    bank_reference: str = ""
    counterparty_name: str = ""
    counterparty_number: str = ""  # IBAN, or the account as the bank writes it
    counterparty_bic: str = ""
    creditor_reference: str = ""  # structured (ISO 11649 or national)
    remittance: str = ""
    return_code: str = ""
    original_amount: Decimal | None = None
    original_currency: str = ""
    exchange_rate: Decimal | None = None
    charges: Decimal | None = None
    charges_currency: str = ""
    uetr: str = ""
    creditor_id: str = ""


@dataclass(slots=True, unsafe_hash=True)
class ReadLine:
    """One booking of the bank. ``place``: its number in the statement, from 1; ``line``: its line in the file."""

    place: int
    amount: Decimal
    currency: str
    credit: bool
    booking_on: date | None
    value_on: date | None
    status: str = BOOKED
    reversal: bool = False
    code: str = ""  # PMNT/RCDT/ESCT, NTRF, 05, ...
    bank_reference: str = ""
    customer_reference: str = ""
    batch_count: int | None = None
    information: str = ""
    details: tuple[ReadDetail, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Declared:
    """What the bank says that a statement holds; None where it says nothing."""

    entries: int | None = None
    credit_count: int | None = None
    debit_count: int | None = None
    credit_sum: Decimal | None = None
    debit_sum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """``number``: IBAN, or the account as the bank writes it. ``sequence``: the bank's own number of the statement."""

    kind: str  # camt053, camt052, camt054, mt940, mt942, cfonb120, ofx, bai2, bank_csv
    number: str
    currency: str
    identification: str = ""
    sequence: str = ""
    page: str = ""
    last_page: bool = True
    bic: str = ""
    holder: str = ""
    created_at: datetime | None = None
    from_on: date | None = None
    to_on: date | None = None
    balances: tuple[ReadBalance, ...] = ()
    lines: tuple[ReadLine, ...] = field(default=())
    place: int = 1  # number of the statement in the file, from 1
    line: int = 0  # of the file
    continues: bool = False
    broken: int = 0  # lines of this piece that could not be read, each with its problem
    declared: Declared = Declared()
    information: str = ""

    def balance(self, kind: str) -> ReadBalance | None:
        """The first of the kind; of closings the last."""
        found = [one for one in self.balances if one.kind == kind]
        return (found[-1] if kind == CLOSING else found[0]) if found else None


# Lines in a piece of a statement.
BLOCK = 2_000


class StatementReader(Protocol):
    """One format. ``statements`` is walked once; ``facts`` are what ``check_file`` tells of the file, whole at its end.

    Raises :class:`~transactions.intake.rows.FileRefused` where the file cannot be read on: then nothing of it is taken
    in. What is wrong with one line or statement is handed to the ``say`` that the reader was made with: an error of a
    line (its ``position`` is the place of the line in its statement) keeps that line out, a warning does not.
    """

    kind: str
    facts: dict[str, Any]

    def statements(self) -> Iterator[ReadStatement]: ...


Say = Callable[[Problem], None]


def joined(pieces: Iterable[ReadStatement]) -> Iterator[ReadStatement]:
    """Statements whole, however many pieces they came in: for what needs all lines at once and knows them to be few."""
    lines: list[ReadLine] = []
    broken = 0
    for piece in pieces:
        lines += piece.lines
        broken += piece.broken
        if not piece.continues:
            yield replace(piece, lines=tuple(lines), broken=broken)
            lines, broken = [], 0
