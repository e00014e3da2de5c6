"""OFX and QFX, SGML of version 1 and XML of version 2: one scanner over tags, since neither is kept to.

A leaf has its text up to the next tag, whether it is closed or not. Comments are skipped, entities are those of XML
alone, a document type is refused. OFX has no opening balance.
"""

import html
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import IO, Any

from transactions.intake.rows import FileRefused
from transactions.statements import text
from transactions.statements import values as written
from transactions.statements.read import (
    AVAILABLE,
    BLOCK,
    CLOSING,
    ReadBalance,
    ReadDetail,
    ReadLine,
    ReadStatement,
    Say,
)  # fmt: skip
from transactions.statements.speech import Speech

LONGEST_TOKEN = 100_000
_TOKEN = re.compile(r"<(/?)([A-Za-z0-9_.:]+)(?:\s[^<>]*)?(/?)>([^<]*)")
_NUMBER = re.compile(r"([+-]?)\s*([0-9][0-9.,']*|[.,][0-9]+)\Z")
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
STATEMENTS = {"STMTRS", "CCSTMTRS"}
ENTRY, INVESTMENT = "STMTTRN", "INVSTMTRS"
# Where an account is named: of the statement itself, and of the other party of an entry.
ACCOUNTS = {"BANKACCTFROM", "CCACCTFROM"}
PARTIES = {"BANKACCTTO", "CCACCTTO", "PAYEE"}
BALANCES = {"LEDGERBAL": CLOSING, "AVAILBAL": AVAILABLE}
DEBITS = frozenset({"DEBIT", "CHECK", "PAYMENT", "FEE", "SRVCHG", "ATM", "POS", "DIRECTDEBIT", "CASH", "REPEATPMT"})


class OfxReader:
    """Reads one file once."""

    kind = "ofx"
    open: bool
    entry: dict[str, str] | None
    account: dict[str, str]
    about: dict[str, str]
    balance: dict[str, str]
    status: dict[str, str]
    balances: list[ReadBalance]
    lines: list[ReadLine]

    def __init__(self, stream: IO[bytes], say: Say) -> None:
        self.stream = stream
        self.speech = Speech(say)
        self.facts: dict[str, Any] = {"format": "OFX"}
        self.number = self.investments = 0
        # Of investment statements: how many bank entries they hold, their sums and their currency.
        self.outside, self.outside_credit, self.outside_debit = 0, written.ZERO, written.ZERO
        self.outside_currency = ""
        self.done: list[ReadStatement] = []
        self.within: list[str] = []
        self._fresh()

    def statements(self) -> Iterator[ReadStatement]:
        for line, closing, name, value in self._tokens():
            self._token(line, closing=closing, name=name, value=value)
            if self.done:
                yield from self._those_done()
        if self.entry is not None:
            self._entry_ends()
        if self.open:
            self._close()
        yield from self._those_done()
        if self.investments:
            self.facts["investment_statements"] = self.investments
            self.speech.warn("ofx.investment")
        if not self.number and not self.investments:
            self.speech.error("statement.no_statement")

    def _those_done(self) -> list[ReadStatement]:
        done, self.done = self.done, []
        return done

    def _tokens(self) -> Iterator[tuple[int, bool, str, str]]:
        """Each tag with its line, whether it closes, its name in capitals, and the text behind it."""
        encoding = text.encoding_of(self.stream)
        left, line, comment = "", 1, False
        for stretch in text.stretches(self.stream, encoding):
            buffer, comment, left = _uncommented(left + stretch, comment)
            last = buffer.rfind("<")
            buffer, left = (buffer[:last], buffer[last:] + left) if last >= 0 else ("", buffer + left)
            if len(left) > LONGEST_TOKEN:
                raise FileRefused.at("statement.field_too_long", line=line, longest=LONGEST_TOKEN)
            yield from self._found(buffer, line)
            line += buffer.count("\n")
        yield from self._found(_uncommented(left, comment)[0], line)

    def _found(self, buffer: str, line: int) -> Iterator[tuple[int, bool, str, str]]:
        if "<!DOCTYPE" in buffer or "<!ENTITY" in buffer:
            raise FileRefused.at("xml.doctype", line=line)
        at = 0
        for found in _TOKEN.finditer(buffer):
            closing, name, empty, value = found.groups()
            line, at = line + buffer.count("\n", at, found.start()), found.start()
            yield line, bool(closing), name.upper(), value
            if empty:
                yield line, True, name.upper(), ""

    def _token(self, line: int, *, closing: bool, name: str, value: str) -> None:
        if closing:
            self._closes(name, line)
            return
        value = html.unescape(value).strip() if "&" in value else value.strip()
        if name in STATEMENTS:
            if self.open:
                self._close()
            self.number += 1
            self.open, self.begins = True, line
        elif name == INVESTMENT:
            self.investments += 1
        elif name == ENTRY:
            if self.entry is not None:
                self._entry_ends()
            self.entry, self.entry_line = {}, line
        elif name in ACCOUNTS | PARTIES | BALANCES.keys() | {"STATUS", "CURRENCY", "ORIGCURRENCY"}:
            self.within.append(name)
            if name in BALANCES:
                self.balance = {}
            if len(self.within) > 50:
                del self.within[:25]
        elif value:
            self._leaf(name, value[:2_000])

    def _closes(self, name: str, line: int) -> None:
        if name == ENTRY:
            if self.entry is not None:
                self._entry_ends()
        elif name in STATEMENTS:
            if self.open:
                self._close()
        elif name in self.within:
            while self.within and self.within.pop() != name:
                pass
            if name in BALANCES:
                self._balance(BALANCES[name], name)
            elif name == "STATUS":
                told, self.status = self.status, {}
                if told.get("SEVERITY", "").upper() == "ERROR":
                    self.speech.error(
                        "ofx.status", line=line, code=told.get("CODE", "")[:20], text=told.get("MESSAGE", "")[:200]
                    )

    def _leaf(self, name: str, value: str) -> None:
        where = self.within[-1] if self.within else ""
        if where == "STATUS":
            self.status[name] = value
        elif self.entry is not None:
            self.entry.setdefault(f"{where}/{name}" if where else name, value)
        elif where in BALANCES:
            self.balance.setdefault(name, value)
        elif where in ACCOUNTS:
            self.account.setdefault(name, value)
        elif name in {"CURDEF", "DTSTART", "DTEND"}:
            self.about.setdefault(name, value)

    # Statements

    def _fresh(self) -> None:
        self.open = False
        self.entry = None
        self.entry_line = self.place = self.broken = self.begins = 0
        self.account, self.about, self.balance, self.status = {}, {}, {}, {}
        self.balances, self.lines = [], []

    def _close(self) -> None:
        self._piece(continues=False)
        self._fresh()

    def _piece(self, *, continues: bool) -> None:
        get = self.about.get
        number = self.account.get("ACCTID", "")
        self.done.append(ReadStatement(
            self.kind, number[:60], self._currency(), "", "", "", True, "", "", None, _day(get("DTSTART", "")),
            _day(get("DTEND", "")), tuple(self.balances), tuple(self.lines), self.number, self.begins, continues,
            self.broken,
        ))  # fmt: skip
        self.lines, self.broken = [], 0

    def _currency(self) -> str:
        return self.about.get("CURDEF", "").upper()[:3]

    def _balance(self, kind: str, name: str) -> None:
        told, self.balance = self.balance, {}
        if not self.open:
            return
        amount = _amount(told.get("BALAMT", ""))
        if amount is None:
            self.speech.error(
                "statement.balance_bad", statement=self.number, line=self.begins, field=name,
                value=told.get("BALAMT", "–"),
            )  # fmt: skip
            return
        self.balances.append(ReadBalance(kind, amount, self._currency(), _day(told.get("DTASOF", "")), name))

    # Entries

    def _entry_ends(self) -> None:
        told, self.entry = self.entry or {}, None
        self.within.clear()
        self.place += 1
        read = self._entry(told, self.entry_line)
        if not self.open:
            # Of an investment statement, or of none.
            self.outside += 1
            self.outside_currency = self._currency()
            if read is not None and read.credit:
                self.outside_credit += read.amount
            elif read is not None:
                self.outside_debit += read.amount
            if not self.investments:
                self.speech.error("ofx.outside", line=self.entry_line)
            return
        if read is None:
            self.broken += 1
            return
        self.lines.append(read)
        if len(self.lines) >= BLOCK:
            self._piece(continues=True)

    def _entry(self, told: dict[str, str], line: int) -> ReadLine | None:
        get = told.get
        where = {"statement": self.number if self.open else 0, "place": self.place, "line": line}
        signed = _amount(get("TRNAMT", ""))
        if signed is None:
            code = "statement.amount_bad" if "TRNAMT" in told else "ofx.amount_missing"
            self.speech.error(code, field="TRNAMT", value=get("TRNAMT", ""), **where)
            return None
        posted = _day(get("DTPOSTED", ""))
        if posted is None:
            code = "statement.date_bad" if "DTPOSTED" in told else "statement.date_missing"
            self.speech.warn(code, field="DTPOSTED", value=get("DTPOSTED", ""), **where)
        if "FITID" not in told:
            self.speech.warn("ofx.fitid_missing", **where)
        name = get("NAME") or get("PAYEE/NAME", "")
        currency = self._currency()
        credit = signed > 0 or (signed == 0 and get("TRNTYPE", "").upper() not in DEBITS)
        amount = abs(signed)
        original = get("ORIGCURRENCY/CURSYM", "")
        rate = written.amount(get("ORIGCURRENCY/CURRATE", "")[:20])
        detail = ReadDetail(
            amount=amount, currency=currency, credit=credit, transaction_id=get("SRVRTID", "")[:35],
            instruction_id=get("CHECKNUM", "")[:35], bank_reference=get("FITID", "")[:35],
            counterparty_name=written.squeezed(name), remittance=written.squeezed(get("MEMO", "") or name),
            counterparty_number=(get("BANKACCTTO/ACCTID") or get("CCACCTTO/ACCTID", ""))[:60],
            original_currency=original if original != currency else "", exchange_rate=rate if original else None,
        )  # fmt: skip
        return ReadLine(
            self.place, amount, currency, credit, posted, _day(get("DTAVAIL", "")) or posted,
            code=get("TRNTYPE", "")[:35], bank_reference=get("FITID", "")[:255],
            customer_reference=(get("REFNUM") or get("CHECKNUM", ""))[:35],
            information=written.squeezed(f"{name} {get('MEMO', '')}"), details=(detail,), line=line,
        )  # fmt: skip


def _uncommented(buffer: str, comment: bool) -> tuple[str, bool, str]:
    """Without comments; whether one is still open, and what may begin one."""
    out: list[str] = []
    at = 0
    while True:
        if comment:
            ends = buffer.find("-->", at)
            if ends < 0:
                return "".join(out), True, buffer[-2:] if buffer.endswith("-") else ""
            at, comment = ends + 3, False
        begins = buffer.find("<!--", at)
        if begins < 0:
            rest = buffer[at:]
            cut = next((size for size in (3, 2, 1) if rest.endswith("<!--"[:size])), 0)
            out.append(rest[: len(rest) - cut])
            return "".join(out), False, rest[len(rest) - cut :] if cut else ""
        out.append(buffer[at:begins])
        at, comment = begins + 4, True


def _amount(told: str) -> Decimal | None:
    """Signed, with a point or a comma; the last mark is the decimal one where there are two kinds."""
    found = _NUMBER.match(told.replace(" ", "").replace("\u00a0", ""))
    if found is None:
        return None
    digits = found.group(2).replace("'", "")
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        mark = "." if digits.rfind(".") > digits.rfind(",") else ","
        digits = digits.replace("," if mark == "." else ".", "")
    whole, _mark, fraction = digits.replace(",", ".").partition(".")
    amount = written.amount(f"{whole.lstrip('0') or '0'}.{fraction}" if fraction else whole.lstrip("0") or "0")
    return None if amount is None else -amount if found.group(1) == "-" else amount


def _day(told: str) -> date | None:
    found = _DAY.match(told)
    return written.iso_day("-".join(found.groups())) if found else written.iso_day(told)
