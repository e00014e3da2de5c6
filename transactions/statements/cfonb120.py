"""CFONB 120, the French statement: records of 120 characters, with line ends or without.

01 opens a statement, 04 is an entry, 05 tells more of the entry before it, 07 closes. What stands outside a statement
is read all the same and said. The last character of an amount is a digit with a sign.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import IO, Any

from transactions.intake.rows import FileRefused
from transactions.statements import text
from transactions.statements import values as written
from transactions.statements.read import (
    BLOCK,
    CLOSING,
    OPENING,
    ReadBalance,
    ReadDetail,
    ReadLine,
    ReadStatement,
    Say,
)  # fmt: skip
from transactions.statements.speech import Speech

LENGTH = 120
# An amount ends at 104; what complements say begins at 49.
SHORTEST = {"01": 104, "04": 104, "07": 104, "05": 49}
POSITIVE, NEGATIVE = "{ABCDEFGHI", "}JKLMNOPQR"
# The braces as French terminals show them.
SIGNS = {
    **{letter: (digit, 1) for digit, letter in enumerate(POSITIVE)},
    **{letter: (digit, -1) for digit, letter in enumerate(NEGATIVE)},
    "é": (0, 1), "è": (0, -1),
}  # fmt: skip
_DIGITS = re.compile(r"[0-9]{13}", re.ASCII)
_RIB = re.compile(r"[0-9]{10}[0-9A-Z]{11}\Z", re.ASCII)
_FOREIGN = re.compile(r"([A-Z]{3})([0-9])([0-9]{14})", re.ASCII)
# What the complements mean; the others are kept as text.
JOINED = frozenset({"LIB", "LCC", "LC2", "LCS", "REF"})


class Cfonb120Reader:
    """Reads one file once."""

    kind = "cfonb120"

    def __init__(self, stream: IO[bytes], say: Say) -> None:
        self.stream = stream
        self.speech = Speech(say)
        self.facts: dict[str, Any] = {"format": "CFONB 120", "detail_records": 0}
        self.number = 0
        self.done: list[ReadStatement] = []
        self._fresh()

    def statements(self) -> Iterator[ReadStatement]:
        for line, record in self._records():
            self._record(line, record)
            if self.done:
                yield from self._those_done()
        if self.open:
            self._close(None)
        yield from self._those_done()
        if not self.number:
            self.speech.error("statement.no_statement")

    def _those_done(self) -> list[ReadStatement]:
        done, self.done = self.done, []
        return done

    def _records(self) -> Iterator[tuple[int, str]]:
        """Records with their line; those of a file without line ends are counted."""
        encoding = text.encoding_of(self.stream)
        number, left = 0, ""
        for stretch in text.stretches(self.stream, encoding):
            left += stretch
            if "\n" in left:
                lines = left.split("\n")
                left = lines.pop()
                for line in lines:
                    number += 1
                    yield from ((number, record) for record in self._cut(line, number))
            elif len(left) > text.LONGEST_LINE:
                whole = len(left) - len(left) % LENGTH
                for at in range(0, whole, LENGTH):
                    number += 1
                    yield number, left[at : at + LENGTH]
                left = left[whole:]
        for at, record in enumerate(self._cut(left, number + 1)):
            yield number + 1 + at, record

    def _cut(self, line: str, number: int) -> Iterator[str]:
        if len(line) <= LENGTH or not line.strip():
            if line.strip(" \x00\x1a"):
                yield line
            return
        if len(line) % LENGTH and line[LENGTH:].strip():
            self.speech.warn("cfonb.length", line=number, length=len(line))
        for at in range(0, len(line), LENGTH):
            if line[at : at + LENGTH].strip():
                yield line[at : at + LENGTH]

    # Statements

    def _fresh(self) -> None:
        self.open = False
        self.balances: list[ReadBalance] = []
        self.account = self.currency = self.rib = ""
        self.place = self.broken = self.begins = 0
        self.lines: list[ReadLine] = []
        self.entry: tuple[ReadLine, str] | None = None
        self.skipped = False
        self.more: list[tuple[str, str]] = []

    def _begin(self, record: str, line: int) -> None:
        self.number += 1
        self.open, self.begins = True, line
        self.rib = record[2:7] + record[11:16] + record[21:32]
        self.account = iban(self.rib) or f"{record[2:7]} {record[11:16]} {record[21:32]}".strip()

    def _close(self, closing: ReadBalance | None) -> None:
        self._entry_ends()
        if closing is not None:
            self.balances.append(closing)
        elif self.balances:
            self.speech.warn("cfonb.not_closed", statement=self.number, line=self.begins)
        self._piece(continues=False)
        self._fresh()

    def _piece(self, *, continues: bool) -> None:
        first = self.balances[0] if self.balances else None
        last = self.balances[-1] if self.balances else None
        self.done.append(ReadStatement(
            self.kind, self.account, self.currency, self.rib, "", "", True, "", "", None, first.on if first else None,
            last.on if last else None, tuple(self.balances), tuple(self.lines), self.number, self.begins, continues,
            self.broken,
        ))  # fmt: skip
        self.lines, self.broken = [], 0

    # Records

    def _record(self, line: int, record: str) -> None:
        code = record[:2]
        shortest = SHORTEST.get(code)
        if shortest is None:
            self.speech.error("cfonb.record_unknown", statement=self.number, line=line, value=code)
            return
        if len(record) < shortest:
            self.speech.warn("cfonb.length", statement=self.number, line=line, length=len(record))
        record = record.ljust(LENGTH)
        if code == "05":
            self.facts["detail_records"] += 1
            self._complement(record, line)
            return
        self._entry_ends()
        if code == "01":
            if self.open:
                self._close(None)
            self._begin(record, line)
            self._balance(OPENING, record, line)
        elif code == "07":
            if not self.open:
                self._begin(record, line)
                self.speech.warn("cfonb.closing_alone", statement=self.number, line=line)
            self._same_account(record, line)
            self._close(self._balance(CLOSING, record, line))
        else:
            if not self.open:
                self._begin(record, line)
                self.speech.warn("cfonb.outside", statement=self.number, line=line, record=code)
            self._same_account(record, line)
            self._entry(record, line)

    def _same_account(self, record: str, line: int) -> None:
        rib = record[2:7] + record[11:16] + record[21:32]
        if rib != self.rib:
            self.speech.warn("cfonb.account_other", statement=self.number, line=line, value=rib.strip())

    def _amount(self, record: str) -> Decimal | None:
        """Signed: a credit is positive."""
        digits, sign = record[90:103].replace(" ", "0"), SIGNS.get(record[103])
        decimals = record[19] if record[19].isdigit() else "2"
        if sign is None or not _DIGITS.fullmatch(digits):
            return None
        amount = Decimal(int(digits) * 10 + sign[0]).scaleb(-int(decimals))
        if written.amount(f"{amount:f}") is None:
            return None
        return amount if sign[1] > 0 else -amount

    def _balance(self, kind: str, record: str, line: int) -> ReadBalance | None:
        amount = self._amount(record)
        if amount is None:
            code = "cfonb.sign" if record[103] not in SIGNS else "statement.balance_bad"
            self.speech.error(code, statement=self.number, line=line, field=record[:2], value=record[90:104])
            return None
        self.currency = self.currency or record[16:19].strip() or "EUR"
        read = ReadBalance(kind, amount, record[16:19].strip() or "EUR", self._day(record[34:40], line), record[:2])
        if kind == OPENING:
            self.balances.append(read)
        return read

    def _day(self, told: str, line: int, *, needed: bool = True) -> date | None:
        if not told.strip() and not needed:
            return None
        day = written.short_day(told[4:] + told[2:4] + told[:2])
        if day is None:
            self.speech.warn(
                "statement.date_bad", statement=self.number, place=self.place if self.entry else 0, line=line,
                value=told.strip() or "–",
            )  # fmt: skip
        return day

    def _entry(self, record: str, line: int) -> None:
        self.place += 1
        amount = self._amount(record)
        self.skipped = amount is None
        if amount is None:
            self.broken += 1
            code = "cfonb.sign" if record[103] not in SIGNS else "statement.amount_bad"
            self.speech.error(
                code, statement=self.number, place=self.place, line=line, field="04", value=record[90:104]
            )  # fmt: skip
            return
        currency = record[16:19].strip() or "EUR"
        self.currency = self.currency or currency
        label, reference = record[48:79].strip(), record[104:120].strip()
        read = ReadLine(
            self.place, abs(amount), currency, amount > 0 or record[103] in "{é", self._day(record[34:40], line),
            self._day(record[42:48], line, needed=False), code=record[32:34].strip(),
            bank_reference=record[81:88].strip().lstrip("0"), customer_reference=reference, information=label,
            line=line,
        )  # fmt: skip
        self.entry, self.more = (read, record[40:42].strip()), []

    def _complement(self, record: str, line: int) -> None:
        if self.entry is None:
            if not self.skipped:
                self.speech.warn("cfonb.detail_alone", statement=self.number, line=line)
            return
        self.more.append((record[45:48].strip(), record[48:118].rstrip()))

    def _entry_ends(self) -> None:
        """The entry with its complements."""
        if self.entry is None:
            return
        (read, rejected), more = self.entry, self.more
        self.entry, self.more = None, []
        said = "\n".join([read.information, *(f"{name} {told}" for name, told in more)])[:2_000]
        read.information, read.details = said, (_detail(read, rejected, more),)
        self.lines.append(read)
        if len(self.lines) >= BLOCK:
            self._piece(continues=True)


def _detail(read: ReadLine, rejected: str, more: list[tuple[str, str]]) -> ReadDetail:
    """What the complements say of the entry. A name is that of the payer of a credit, of the payee of a debit."""
    told: dict[str, str] = {}
    for name, said in more:
        if name in JOINED and name in told:
            told[name] = f"{told[name]} {said.strip()}"
        else:
            told.setdefault(name, said)
    get = told.get
    one, other = ("PY", "BE") if read.credit else ("BE", "PY")
    remittance = [get(name, "").strip() for name in ("LCC", "LC2")] or []
    texts = [part for part in (*remittance, get("LIB", "").strip()) if part]
    foreign = _FOREIGN.match(get("MMO", ""))
    fee = _FOREIGN.match(get("FEE", ""))
    end_to_end = get("RCN", "")[:35].strip()
    return ReadDetail(
        amount=read.amount, currency=read.currency, credit=read.credit,
        end_to_end_id="" if end_to_end in {"NOTPROVIDED", "NOT PROVIDED"} else end_to_end,
        mandate_id=get("RUM", "")[:35].strip(), bank_reference=written.squeezed(get("REF", ""))[:35],
        counterparty_name=written.squeezed(get(f"N{one}") or get(f"N{other}", "")),
        counterparty_number=_number(get(f"I{one}") or get("CBE" if not read.credit else "CPY", "")),
        creditor_reference=get("LCS", "").strip()[:35],
        remittance=written.squeezed(" ".join(texts) or read.information.partition("\n")[0])[:2_000],
        return_code=rejected if rejected.strip("0") else "",
        original_amount=_scaled(foreign), original_currency=foreign.group(1) if foreign else "",
        charges=_scaled(fee), charges_currency=fee.group(1) if fee else "",
    )  # fmt: skip


def _scaled(found: re.Match[str] | None) -> Decimal | None:
    return None if found is None else Decimal(int(found.group(3))).scaleb(-int(found.group(2)))


def _number(told: str) -> str:
    packed = told.replace(" ", "")
    return packed if re.match(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}\Z", packed) else ""


def iban(rib: str) -> str:
    """The IBAN of a French account of bank, branch and number (21 characters), keys reckoned; "" for other texts."""
    if not _RIB.match(rib):
        return ""
    digits = "".join(letter if letter.isdigit() else str(_letter(letter)) for letter in rib)
    key = 97 - (89 * int(digits[:5]) + 15 * int(digits[5:10]) + 3 * int(digits[10:])) % 97
    account = f"{rib}{key:02d}"
    check = 98 - int("".join(str(int(letter, 36)) for letter in f"{account}FR00")) % 97
    return f"FR{check:02d}{account}"


def _letter(letter: str) -> int:
    """Letters of account numbers as digits: A and J are 1, B, K and S are 2, and so on."""
    at = ord(letter) - ord("A")
    return at % 9 + 1 if letter < "S" else (at - 18) % 9 + 2


def refuse_other(kind: str) -> FileRefused:
    """CFONB 160 and 240 hold transfers and debits."""
    return FileRefused.at("cfonb.other_format", format=kind.removeprefix("cfonb"))
