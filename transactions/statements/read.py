"""What a statement says, whatever its format: one protocol for all readers.

Amounts are positive with a direction, in units of the currency; balances are signed, a debit balance is negative.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One booking of the bank. ``place``: its number in the statement, from 1; ``line``: where it stands in the file."""

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

    def balance(self, kind: str) -> ReadBalance | None:
        """The first of the kind; of closings the last."""
        found = [one for one in self.balances if one.kind == kind]
        return (found[-1] if kind == CLOSING else found[0]) if found else None
