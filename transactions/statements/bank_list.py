"""Statements as lists: CSV or the first sheet of a workbook, read by a mapping that is guessed, saved and answered.

What a list does not prove (is 1,234 a thousand? is 03/04 in March?) is asked: it is refused with a code that says so,
unless the mapping answers it. Where each line tells the balance after it, the balances of the statement follow from it.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import IO, Any

from transactions.intake import csv_columns, names
from transactions.intake.cards import is_report
from transactions.intake.csv_columns import Evidence
from transactions.intake.reading import plain
from transactions.intake.rows import FileRefused
from transactions.statements import sheet, text
from transactions.statements import values as written
from transactions.statements.list_mapping import DELIMITERS, Mapping, Titles
from transactions.statements.read import BLOCK, CLOSING, OPENING, ReadBalance, ReadDetail, ReadLine, ReadStatement, Say
from transactions.statements.speech import Speech

HEADER_WITHIN = 30
MOST_COLUMNS = 500
AMOUNTS = ("amount", "debit", "credit", "balance", "original_amount", "charges")
CREDIT = frozenset({"c", "cr", "crdt", "credit", "h", "haben", "bij", "in", "entree", "gutschrift", "received"})
DEBIT = frozenset(
    {"d", "dr", "db", "dbit", "debit", "s", "soll", "af", "out", "sortie", "lastschrift", "sent", "belastung"}
)
# Lines that sum up, and are no entries.
TOTALS = ("balance", "solde", "saldo", "total", "kontostand", "endsaldo", "anfangssaldo", "summe")
# Titles that also name the account of the other party: they do where each line has another one.
DOUBTFUL = frozenset({"iban", "account", "compte", "konto", "kontonummer", "account number", "numero de compte"})


class BankListReader:
    """Reads one list. ``mapping`` afterwards is what should be saved for the source."""

    kind = "bank_csv"

    def __init__(self, stream: IO[bytes], say: Say, mapping: dict[str, Any] | None = None) -> None:
        self.stream = stream
        self.speech = Speech(say)
        self.mapping = Mapping.of(mapping, "bank")
        self.workbook = sheet.is_workbook(stream)
        self.facts: dict[str, Any] = {"format": "xlsx" if self.workbook else "csv"}
        self.titles = Titles({}, [], [])
        self.encoding, self.delimiter, self.header = "", self.mapping.delimiter, self.mapping.header
        self.decimal, self.order = self.mapping.decimal, self.mapping.order
        self.number = 0
        self.done: list[ReadStatement] = []
        self._fresh()

    def statements(self) -> Iterator[ReadStatement]:
        self._find_titles()
        self._decide()
        self.mapping = self.mapping.learnt(
            columns={**self.mapping.columns, **self.titles.as_mapping()},
            delimiter=self.delimiter,
            decimal=self.decimal,
            order=self.order,
        )
        self._begin(self.mapping.account, self.header)
        for line, cells in self._cells():
            self._row(line, cells)
            if self.done:
                done, self.done = self.done, []
                yield from done
        self._close()
        yield from self.done

    # The list

    def _rows(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        if self.workbook:
            self.stream.seek(0)
            return sheet.rows_of_workbook(self.stream)
        return sheet.rows_of_text(self.stream, delimiter, self.encoding)

    def _find_titles(self) -> None:
        """The delimiter and the line under which the most fields are recognised."""
        if not self.workbook:
            self.encoding = text.encoding_of(self.stream)
            if self.encoding == "cp1252":
                self.speech.warn("statement.encoding_guessed", encoding="windows-1252")
        best = (0, 0, 0)
        for delimiter in (self.delimiter,) if self.delimiter else ("",) if self.workbook else DELIMITERS:
            for line, cells in sheet.first_rows(self._rows(delimiter), HEADER_WITHIN):
                titles = Titles.of(cells[:MOST_COLUMNS], self.mapping.columns, "bank")
                score = (titles.score, len(cells) if titles.score else 0, -line)
                if score > best and self.mapping.header in {0, line}:
                    best, self.titles, self.header, self.delimiter = score, titles, line, delimiter
        if not self.titles.cells:
            raise FileRefused.at("statement.no_columns", titles="–")
        self.facts |= {"columns": self.titles.cells, "separator": self.delimiter, "data_rows": 0}

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        for line, cells in self._rows(self.delimiter):
            if line > self.header and any(cell and not cell.isspace() for cell in cells):
                yield line, cells

    def _decide(self) -> None:
        """Decimal mark, order of days and whose account a column names, as all lines prove it; and count them."""
        columns = self.titles.by_field
        decimals, days = Evidence(), Evidence()
        accounts: set[str] = set()
        count = 0
        for _line, cells in self._cells():
            count += 1
            _gather(decimals, csv_columns.decimal_evidence(_of(cells, columns, AMOUNTS)))
            _gather(days, csv_columns.date_evidence(_of(cells, columns, ("booking_on", "value_on"))))
            if "account" in columns and len(accounts) < 50:
                accounts.update(_of(cells, columns, ("account",)))
        self.facts["data_rows"] = count
        amount = {"amount", "debit", "credit"}.intersection(columns)
        if "booking_on" not in columns and "value_on" in columns:
            columns["booking_on"] = columns["value_on"]
        if "booking_on" not in columns or not amount:
            told = ", ".join(title for title in self.titles.cells if title)[:300]
            raise FileRefused.at("statement.no_columns", line=self.header, titles=told or "–")
        doubtful = len(accounts) > 3 and names.key(self.titles.cells[columns["account"]]) in DOUBTFUL
        if doubtful and "counterparty_number" not in columns:
            columns["counterparty_number"] = columns.pop("account")
        self.decimal = "." if self.workbook else decimals.decided(self.mapping.decimal, ".")
        if not self.decimal:
            raise FileRefused.at("csv.decimal_ambiguous", line=self.header, example=decimals.first[:40])
        self.order = days.decided(self.mapping.order, "dmy")
        if not self.order:
            raise FileRefused.at("csv.date_ambiguous", line=self.header, example=days.first[:40])

    # The statement

    def _fresh(self) -> None:
        self.account = self.currency = ""
        self.begins = self.place = self.broken = 0
        self.lines: list[ReadLine] = []
        self.told: list[
            tuple[Decimal, Decimal, date | None]
        ] = []  # signed amount and balance of the first and last line
        self.forward = self.backward = 0
        self.off: list[tuple[int, int, Decimal, Decimal]] = []
        self.days: tuple[date, date] | None = None

    def _begin(self, account: str, line: int) -> None:
        self.number += 1
        self.account, self.begins, self.currency = account, line, self.mapping.currency

    def _close(self) -> None:
        self._running()
        self._piece(continues=False)
        self._fresh()

    def _piece(self, *, continues: bool) -> None:
        days = self.days
        self.done.append(ReadStatement(
            self.kind, self.account, self.currency, "", "", "", True, "", "", None, days[0] if days else None,
            days[1] if days else None, () if continues else self._balances(), tuple(self.lines), self.number,
            self.begins, continues, self.broken,
        ))  # fmt: skip
        self.lines, self.broken = [], 0

    def _balances(self) -> tuple[ReadBalance, ...]:
        """From the balances behind the lines, oldest or newest first; none where a line at either end has none."""
        if len(self.told) < 2:
            if not self.told:
                return ()
            [(amount, after, on)] = self.told
            return (
                ReadBalance(OPENING, after - amount, self.currency, on, "line"),
                ReadBalance(CLOSING, after, self.currency, on, "line"),
            )
        first, last = self.told if self.forward >= self.backward else reversed(self.told)
        return (
            ReadBalance(OPENING, first[1] - first[0], self.currency, first[2], "line"),
            ReadBalance(CLOSING, last[1], self.currency, last[2], "line"),
        )

    def _running(self) -> None:
        """Lines after which the balance is not what it should be; said in the order that most of them prove."""
        if self.forward < self.backward:
            return
        for place, line, expected, said in self.off:
            self.speech.warn(
                "statement.running_balance", statement=self.number, place=place, line=line, expected=plain(expected),
                said=plain(said), currency=self.currency,
            )  # fmt: skip

    # Lines

    def _row(self, line: int, cells: list[str]) -> None:
        get = self._getter(cells)
        account = get("account")
        if account and account != self.account:
            if self.account and self.place:
                self._close()
                self._begin(account, line)
            self.account = account[:60]
        self.place += 1
        where = {"statement": self.number, "place": self.place, "line": line}
        booked_text = get("booking_on")
        booked = self._day(booked_text)
        if booked is None:
            summing = names.key(next((cell for cell in cells if cell.strip()), "")).startswith(TOTALS)
            if summing:
                self.place -= 1
                self.speech.warn("statement.row_total", line=line, value=next(cell for cell in cells if cell.strip()))
                return
            self.broken += 1
            self.speech.error("statement.row_no_date", value=booked_text or "–", **where)
            return
        signed = self._signed(get, where)
        if signed is None:
            self.broken += 1
            return
        currency = (get("currency") or self.mapping.currency or self.currency).upper()[:3]
        self.currency = self.currency or currency
        self._follow(signed, get("balance"), booked, line)
        self.days = (min(booked, self.days[0]), max(booked, self.days[1])) if self.days else (booked, booked)
        value_text = get("value_on")
        value_on = self._day(value_text) if value_text else booked
        if value_on is None:
            self.speech.warn("statement.date_bad", value=value_text, **where)
        self.lines.append(self._line(get, signed, currency, (booked, value_on), line))
        if len(self.lines) >= BLOCK:
            self._piece(continues=True)

    def _getter(self, cells: list[str]) -> Any:
        columns = self.titles.by_field

        def get(name: str) -> str:
            at = columns.get(name)
            return cells[at].strip() if at is not None and at < len(cells) else ""

        return get

    def _line(
        self, get: Any, signed: Decimal, currency: str, days: tuple[date, date | None], line: int
    ) -> ReadLine:  # fmt: skip
        label, more = written.squeezed(get("label")), written.squeezed(get("more"))
        said = f"{label} {more}".strip()[:2_000]
        original = self._amount(get("original_amount"))
        charges = self._amount(get("charges"))
        other = get("original_currency").upper()[:3]
        detail = ReadDetail(
            amount=abs(signed), currency=currency, credit=signed >= 0, bank_reference=get("reference")[:35],
            counterparty_name=written.squeezed(get("counterparty_name"))[:140],
            counterparty_number=get("counterparty_number").replace(" ", "")[:60],
            counterparty_bic=get("counterparty_bic")[:11], remittance=said,
            original_amount=abs(original) if original else None, original_currency=other if original else "",
            charges=abs(charges) if charges else None, charges_currency=currency if charges else "",
        )  # fmt: skip
        return ReadLine(
            self.place, abs(signed), currency, signed >= 0, days[0], days[1], bank_reference=get("reference")[:255],
            information=said, details=(detail,), line=line,
        )  # fmt: skip

    def _signed(self, get: Any, where: dict[str, Any]) -> Decimal | None:  # noqa: PLR0911
        """The amount with its sign: of one column, of two, or of one with a side beside it."""
        debit_text, credit_text = get("debit"), get("credit")
        debit = self._amount(debit_text) if debit_text else None
        credit = self._amount(credit_text) if credit_text else None
        for told, read in ((debit_text, debit), (credit_text, credit)):
            if told and read is None:
                self.speech.error("statement.amount_bad", value=told, **where)
                return None
        if debit and credit:
            self.speech.error("statement.amounts_both", value=f"{debit_text} / {credit_text}", **where)
            return None
        if debit is not None or credit is not None:
            return abs(credit) if credit else -abs(debit or Decimal(0))
        told = get("amount")
        amount = self._amount(told)
        if amount is None:
            self.speech.error("statement.amount_bad", value=told or "–", **where)
            return None
        side = get("side")
        if side:
            key = names.key(side) or side
            if key in CREDIT or side == "+":
                return abs(amount)
            if key in DEBIT or side == "-":
                return -abs(amount)
            self.speech.error("statement.side_missing", value=side, **where)
            return None
        return amount

    def _amount(self, told: str) -> Decimal | None:
        told = told.replace("\u2212", "-").strip()
        if told.endswith(("-", "+")):
            told = told[-1] + told[:-1].strip()
        elif told.startswith("(") and told.endswith(")"):
            told = f"-{told[1:-1]}"
        number = csv_columns.amount_text(told, self.decimal)
        amount = written.amount(number.removeprefix("-")) if number else None
        return None if amount is None else -amount if number.startswith("-") else amount

    def _day(self, told: str) -> date | None:
        first = told.split(" ", maxsplit=1)[0] if self.order else told
        return written.iso_day(csv_columns.date_text(first, self.order) or told)

    def _follow(self, signed: Decimal, told: str, on: date, line: int) -> None:
        """Compare the balance behind the line with the one before it."""
        after = self._amount(told) if told else None
        if after is None:
            return
        here = (signed, after, on)
        if self.told:
            before = self.told[-1]
            if before[1] + signed == after:
                self.forward += 1
            elif after + before[0] == before[1]:
                self.backward += 1
            elif len(self.off) < 200:
                self.off.append((self.place, line, before[1] + signed, after))
        self.told = [self.told[0], here] if self.told else [here]


def _of(cells: list[str], columns: dict[str, int], wanted: tuple[str, ...]) -> list[str]:
    places = (columns[name] for name in wanted if name in columns)
    return [cells[at].strip() for at in places if at < len(cells) and cells[at].strip()]


def _gather(into: Evidence, found: Evidence) -> None:
    for vote, count in found.votes.items():
        into.votes[vote] = into.votes.get(vote, 0) + count
    into.first = into.first or found.first


def is_bank_list(stream: IO[bytes]) -> bool:
    """Whether a list tells what happened on an account, and not what is to be paid. Leaves the stream at its start."""
    if is_report(stream):
        stream.seek(0)
        return False
    try:
        reader = BankListReader(stream, lambda _said: None)
        reader._find_titles()
    except FileRefused:
        return False
    finally:
        stream.seek(0)
    found = reader.titles.by_field.keys()
    amounts = {"amount", "debit", "credit"}.intersection(found)
    if not amounts:
        return False
    if {"debit", "credit"} <= found or {"balance", "side"}.intersection(found):
        return True
    asked = csv_columns.recognise(reader.titles.cells, {}).by_field
    if any(name.startswith(("creditor", "debtor", "address")) for name in asked):
        return False
    return "booking_on" in found or {"account", "amount"} <= found


__all__ = ["BankListReader", "is_bank_list"]
