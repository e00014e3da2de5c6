"""BAI2, the cash report of American banks: records between commas, ended by a slash, gone on with by 88.

01 opens the file, 02 a group of one day, 03 an account with its balances and totals, 16 is an entry; 49, 98 and 99 give
control totals and numbers of records. Amounts are in the smallest unit of the currency.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from backoffice.common import money
from transactions.intake.rows import FileRefused
from transactions.statements import text
from transactions.statements import values as written
from transactions.statements.read import (
    AVAILABLE,
    BLOCK,
    CLOSING,
    INFORMATION,
    OPENING,
    PENDING,
    Declared,
    ReadBalance,
    ReadDetail,
    ReadLine,
    ReadStatement,
    Say,
)  # fmt: skip
from transactions.statements.speech import Speech

LONGEST_RECORD = 20_000
BALANCES = {"010": OPENING, "015": CLOSING, "040": AVAILABLE, "045": AVAILABLE, "060": AVAILABLE, "072": AVAILABLE}
# Totals of credits and of debits: their amount and how many they are.
CREDITS, DEBITS = "100", "400"
_AMOUNT = re.compile(r"([+-]?)([0-9]{1,18})\Z", re.ASCII)
_CODE = re.compile(r"[0-9]{3}\Z", re.ASCII)
INTERIM = "3"  # a group's status: the day is still running
# How many fields follow a kind of funds: dates of availability, or pairs of days and amounts.
FUNDS = {"S": 3, "V": 2}


class Bai2Reader:
    """Reads one file once."""

    kind = "bai2"

    def __init__(self, stream: IO[bytes], say: Say) -> None:
        self.stream = stream
        self.speech = Speech(say)
        self.facts: dict[str, Any] = {"format": "BAI2"}
        self.number = 0
        self.sender = self.group_currency = self.status = ""
        self.day: date | None = None
        self.created: datetime | None = None
        self.done: list[ReadStatement] = []
        self.sums = {"49": Decimal(0), "98": Decimal(0), "99": Decimal(0)}
        self.counts = {"49": 0, "98": 0, "99": 0}
        self._fresh()

    def statements(self) -> Iterator[ReadStatement]:
        for line, physical, record in self._records():
            self._record(line, physical, record)
            if self.done:
                yield from self._those_done()
        if self.open:
            self._close()
        yield from self._those_done()
        if not self.number:
            self.speech.error("statement.no_statement")

    def _those_done(self) -> list[ReadStatement]:
        done, self.done = self.done, []
        return done

    def _records(self) -> Iterator[tuple[int, int, str]]:
        """Each record with its line, how many lines it has, and all that 88 adds to it."""
        waiting: tuple[int, int, str] | None = None
        for number, line in text.lines(self.stream):
            told = line.strip()
            if not told:
                continue
            if told.startswith("88,") and waiting is not None:
                first, count, record = waiting
                added = told[3:]
                # A slash ends what is before; without it the text itself goes on.
                joined = f"{record[:-1]},{added}" if record.endswith("/") else f"{record} {added}"
                if len(joined) > LONGEST_RECORD:
                    raise FileRefused.at("statement.field_too_long", line=number, longest=LONGEST_RECORD)
                waiting = (first, count + 1, joined)
                continue
            if waiting is not None:
                yield waiting
            waiting = (number, 1, told)
        if waiting is not None:
            yield waiting

    def _record(self, line: int, physical: int, record: str) -> None:
        code = record[:2]
        fields = (record[:-1] if record.endswith("/") else record).split(",")
        for level in self.counts:
            self.counts[level] += physical
        if code == "16":
            self._entry(fields, record, line)
        elif code == "03":
            if self.open:
                self._close()
            self._account(fields, line, physical)
        elif code == "49":
            self._control("49", fields, line)
            if self.open:
                self._close()
        elif code == "02":
            self._group(fields, physical)
        elif code in {"98", "99"}:
            self._control(code, fields, line)
        elif code == "01":
            self.sender = _field(fields, 1)
            self.created = _created(_field(fields, 3), _field(fields, 4))
            self.counts = {"49": 0, "98": 0, "99": physical}
        else:
            self.speech.error("bai2.record_bad", statement=self.number, line=line, value=record[:60])

    def _group(self, fields: list[str], physical: int) -> None:
        self.counts["98"] = physical
        self.sums["98"] = Decimal(0)
        self.status, self.day = _field(fields, 3), written.short_day(_field(fields, 4))
        self.group_currency = _field(fields, 6).upper()

    def _control(self, code: str, fields: list[str], line: int) -> None:
        """What an account, a group or the file declares of itself, against what was counted."""
        declared = _AMOUNT.match(_field(fields, 1))
        records = _field(fields, 2 if code == "49" else 3)
        total, counted = self.sums[code], self.counts[code]
        where = {"statement": self.number if code == "49" else 0, "line": line, "field": code}
        if declared is None:
            self.speech.warn("statement.total_bad", value=_field(fields, 1) or "–", **where)
        else:
            said = Decimal(f"{declared.group(1)}{declared.group(2)}")
            if said != total:
                told = {"declared": str(said.scaleb(-2)), "counted": str(total.scaleb(-2)), "currency": ""}
                self.speech.error("statement.declared_group", **told, **where)
            upper = {"49": "98", "98": "99"}.get(code)
            if upper:
                self.sums[upper] += said
        if records.isdigit() and len(records) < 10 and int(records) != counted:
            self.speech.error("statement.declared_records", declared=records, counted=counted, **where)

    # Accounts

    open: bool

    def _fresh(self) -> None:
        self.open = False
        self.account = self.currency = ""
        self.balances: list[ReadBalance] = []
        self.lines: list[ReadLine] = []
        self.place = self.broken = self.begins = 0
        self.totals: dict[str, tuple[Decimal, int | None]] = {}

    def _account(self, fields: list[str], line: int, physical: int) -> None:
        self.number += 1
        self.open, self.begins = True, line
        self.sums["49"], self.counts["49"] = Decimal(0), physical
        self.account = _field(fields, 1)[:60]
        self.currency = (_field(fields, 2) or self.group_currency or "USD").upper()
        at = 3
        while at < len(fields):
            code, amount, count, funds = (_field(fields, at + ahead) for ahead in range(4))
            at = self._after_funds(fields, at + 3, funds)
            if not code and not amount:
                continue
            found = _AMOUNT.match(amount)
            if not _CODE.match(code) or (amount and found is None):
                self.speech.error(
                    "statement.balance_bad", statement=self.number, line=line, field="03", value=f"{code},{amount}"
                )
                continue
            if found is None:
                continue
            units = Decimal(f"{found.group(1)}{found.group(2)}")
            self.sums["49"] += units
            self._status(code, units, count, line)

    def _status(self, code: str, units: Decimal, count: str, line: int) -> None:
        """A balance or a total of the account."""
        amount = units.scaleb(-_decimals(self.currency))
        if written.amount(f"{abs(amount):f}") is None:
            self.speech.error("statement.balance_bad", statement=self.number, line=line, field=code, value=str(units))
        elif code in {CREDITS, DEBITS}:
            self.totals[code] = (abs(amount), int(count) if count.isdigit() and len(count) < 10 else None)
        elif code < "100":
            self.balances.append(ReadBalance(BALANCES.get(code, INFORMATION), amount, self.currency, self.day, code))

    def _after_funds(self, fields: list[str], at: int, funds: str) -> int:
        """The place of the next field behind the kind of funds at ``at`` and what belongs to it."""
        if funds == "D":
            days = _field(fields, at + 1)
            return at + 2 + 2 * (int(days) if days.isdigit() and len(days) < 4 else 0)
        return at + 1 + FUNDS.get(funds, 0)

    def _close(self) -> None:
        self._piece(continues=False)
        self._fresh()

    def _piece(self, *, continues: bool) -> None:
        credit, debit = self.totals.get(CREDITS), self.totals.get(DEBITS)
        declared = Declared() if continues else Declared(
            None, credit[1] if credit else None, debit[1] if debit else None, credit[0] if credit else None,
            debit[0] if debit else None,
        )  # fmt: skip
        self.done.append(ReadStatement(
            self.kind, self.account, self.currency, "", "", "", True, "", "", self.created, self.day, self.day,
            tuple(self.balances), tuple(self.lines), self.number, self.begins, continues, self.broken, declared,
        ))  # fmt: skip
        self.lines, self.broken = [], 0

    # Entries

    def _entry(self, fields: list[str], record: str, line: int) -> None:
        if not self.open:
            self.speech.error("bai2.no_account", line=line)
            return
        self.place += 1
        code, funds = _field(fields, 1), _field(fields, 3)
        found = _AMOUNT.match(_field(fields, 2) or "0")
        where = {"statement": self.number, "place": self.place, "line": line, "field": "16"}
        if not _CODE.match(code) or found is None:
            self.broken += 1
            self.speech.error(
                "statement.amount_bad" if found is None else "bai2.record_bad", value=record[:60], **where
            )
            return
        units = Decimal(f"{found.group(1)}{found.group(2)}")
        self.sums["49"] += units
        side = _side(code)
        amount = abs(units).scaleb(-_decimals(self.currency))
        if side is None or written.amount(f"{amount:f}") is None:
            self.broken += 1
            self.speech.error("bai2.type_unknown" if side is None else "statement.amount_bad", value=code, **where)
            return
        credit = side == (units >= 0)
        at = self._after_funds(fields, 3, funds)
        bank, customer = _field(fields, at)[:35], _field(fields, at + 1)[:35]
        said = written.squeezed(",".join(fields[at + 2 :]))[:2_000]
        value_on = written.short_day(_field(fields, 4)) if funds == "V" else self.day
        detail = ReadDetail(
            amount=amount, currency=self.currency, credit=credit, instruction_id=customer, bank_reference=bank,
            remittance=said,
        )  # fmt: skip
        self.lines.append(ReadLine(
            self.place, amount, self.currency, credit, self.day, value_on,
            PENDING if self.status == INTERIM else "booked", units < 0, code, bank, customer, None, said, (detail,),
            line,
        ))  # fmt: skip
        if len(self.lines) >= BLOCK:
            self._piece(continues=True)


def _side(code: str) -> bool | None:
    """Whether a type of entry is a credit; None for those that are neither. 900 and above are a bank's own."""
    if "100" <= code < "400" or "920" <= code < "960":
        return True
    return False if "400" <= code < "700" or code >= "960" else None


def _decimals(currency: str) -> int:
    return money.EXPONENTS.get(currency, 2)


def _field(fields: list[str], at: int) -> str:
    return fields[at].strip() if at < len(fields) else ""


def _created(day: str, clock: str) -> datetime | None:
    found = written.short_day(day)
    hours = clock if len(clock) == 4 and clock.isdigit() and clock < "2400" else "0000"
    return written.moment(f"{found.isoformat()}T{hours[:2]}:{hours[2:]}:00") if found else None
