"""What a custodian tells an investment firm, as lists: holdings, trades and cash, read by a mapping.

Holdings are an instrument, a quantity, a price and a value on a day; trades are what was bought and sold; cash comes as
a list of a bank (``bank_list.py``) or as one balance a line, read as holdings without instrument.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO, Any

from stdnum import isin as isins

from transactions.intake import csv_columns, names
from transactions.intake.csv_columns import Evidence
from transactions.intake.reading import plain
from transactions.intake.rows import FileRefused
from transactions.statements import sheet, text
from transactions.statements import values as written
from transactions.statements.list_mapping import DELIMITERS, Mapping, Titles
from transactions.statements.read import Say
from transactions.statements.speech import Speech

HEADER_WITHIN, MOST_COLUMNS, MOST_REMEMBERED = 30, 500, 100_000
NUMBERS = ("quantity", "price", "value", "fees")
BUY = frozenset({"b", "buy", "achat", "a", "kauf", "k", "purchase", "subscription", "souscription", "bought"})
SELL = frozenset({"s", "sell", "vente", "v", "verkauf", "sale", "redemption", "rachat", "sold"})
# How far quantity times price may be from the value: half a per cent, for rounded prices and accrued interest.
TOLERANCE = Decimal("0.005")
LARGEST_QUANTITY = Decimal(10) ** 18


@dataclass(frozen=True, slots=True)
class ReadHolding:
    """A position on a day. ``isin`` is "" of cash; ``quantity`` is negative of what is owed; ``price`` is per unit, in
    per cent of the nominal where ``percent``."""

    place: int
    account: str
    isin: str
    name: str
    quantity: Decimal
    price: Decimal | None
    currency: str
    value: Decimal | None
    on: date | None
    percent: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class ReadTrade:
    """Something bought or sold. ``amount`` is what it came to, without a sign; ``fees`` beside it."""

    place: int
    account: str
    isin: str
    name: str
    bought: bool
    quantity: Decimal
    price: Decimal | None
    currency: str
    amount: Decimal | None
    traded_on: date | None
    settled_on: date | None
    reference: str = ""
    fees: Decimal | None = None
    line: int = 0


class CustodyReader:
    """Reads one list once: ``holdings`` or ``trades``. ``mapping`` afterwards is what should be saved."""

    def __init__(self, stream: IO[bytes], say: Say, mapping: dict[str, Any] | None = None) -> None:
        self.stream = stream
        self.speech = Speech(say)
        self.mapping = Mapping.of(mapping, "positions")
        self.workbook = sheet.is_workbook(stream)
        self.facts: dict[str, Any] = {"format": "xlsx" if self.workbook else "csv"}
        self.encoding = "" if self.workbook else text.encoding_of(stream)
        self.titles = Titles({}, [], [])
        self.delimiter, self.header = self.mapping.delimiter, self.mapping.header
        self.decimal, self.order = self.mapping.decimal, self.mapping.order

    def holdings(self) -> Iterator[ReadHolding]:
        """Raises :class:`FileRefused` where the list cannot be read for certain."""
        seen: dict[tuple[str, str, date | None], int] = {}
        days: set[date] = set()
        for place, line, get in self._lines():
            where = {"place": place, "line": line}
            isin = self._isin(get, where)
            quantity = self._number(get("quantity"))
            value, cash = self._number(get("value")), "isin" not in self.titles.by_field or not get("isin")
            if cash and quantity is None:
                quantity = value
            if isin is None or (cash and not get("currency")):
                if isin is not None:
                    self.speech.error("custody.instrument_missing", value=get("name") or "–", **where)
                continue
            if quantity is None or abs(quantity) >= LARGEST_QUANTITY:
                self.speech.error("custody.quantity_bad", value=get("quantity") or "–", **where)
                continue
            on = self._date(get("on"), where)
            price_text = get("price")
            percent = price_text.endswith("%")
            price = self._number(price_text.rstrip("% "))
            read = ReadHolding(
                place, get("account") or self.mapping.account, isin, written.squeezed(get("name"))[:140], quantity,
                price,
                (get("currency") or self.mapping.currency).upper()[:3], value, on, percent, line,
            )  # fmt: skip
            self._value(read, where)
            key = (read.account, isin or f"{read.currency} {read.name}", on)
            if key in seen:
                self.speech.warn("custody.twice", before=seen[key], value=isin or read.currency, **where)
            elif len(seen) < MOST_REMEMBERED:
                seen[key] = line
            if on:
                days.add(on)
            yield read
        if len(days) > 1:
            self.speech.warn("custody.date_mixed", days=", ".join(day.isoformat() for day in sorted(days)[:5]))

    def trades(self) -> Iterator[ReadTrade]:
        """Raises :class:`FileRefused` where the list cannot be read for certain."""
        seen: dict[str, int] = {}
        for place, line, get in self._lines():
            where = {"place": place, "line": line}
            isin = self._isin(get, where)
            if isin is None:
                continue
            if not isin:
                self.speech.error("custody.instrument_missing", value=get("name") or "–", **where)
                continue
            quantity = self._number(get("quantity"))
            if not quantity or abs(quantity) >= LARGEST_QUANTITY:
                self.speech.error("custody.quantity_bad", value=get("quantity") or "–", **where)
                continue
            side = get("side")
            key = names.key(side)
            if side and key not in BUY | SELL:
                self.speech.error("statement.side_missing", value=side, **where)
                continue
            bought = key in BUY if side else quantity > 0
            amount, fees = self._number(get("value")), self._number(get("fees"))
            reference = get("reference")[:60]
            if reference:
                if reference in seen:
                    self.speech.warn("custody.twice", before=seen[reference], value=reference, **where)
                elif len(seen) < MOST_REMEMBERED:
                    seen[reference] = line
            settled = get("settlement_on")
            yield ReadTrade(
                place, get("account") or self.mapping.account, isin, written.squeezed(get("name"))[:140], bought,
                abs(quantity), self._number(get("price").rstrip("% ")),
                (get("currency") or self.mapping.currency).upper()[:3], None if amount is None else abs(amount),
                self._date(get("on"), where), self._date(settled, where) if settled else None, reference,
                None if fees is None else abs(fees), line,
            )  # fmt: skip

    # The list

    def _rows(self, delimiter: str) -> Iterator[tuple[int, list[str]]]:
        if self.workbook:
            self.stream.seek(0)
            return sheet.rows_of_workbook(self.stream)
        return sheet.rows_of_text(self.stream, delimiter, self.encoding)

    def _lines(self) -> Iterator[tuple[int, int, Any]]:
        """Place, line and what each field says, of the lines below the titles."""
        self._find_titles()
        self._decide()
        columns = self.titles.by_field
        for place, (line, cells) in enumerate(self._cells(), start=1):

            def get(name: str, row: list[str] = cells) -> str:
                at = columns.get(name)
                return row[at].strip() if at is not None and at < len(row) else ""

            yield place, line, get

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        for line, cells in self._rows(self.delimiter):
            if line > self.header and any(cell and not cell.isspace() for cell in cells):
                yield line, cells

    def _find_titles(self) -> None:
        best = (0, 0, 0)
        for delimiter in (self.delimiter,) if self.delimiter else ("",) if self.workbook else DELIMITERS:
            for line, cells in sheet.first_rows(self._rows(delimiter), HEADER_WITHIN):
                titles = Titles.of(cells[:MOST_COLUMNS], self.mapping.columns, "positions")
                score = (titles.score, len(cells) if titles.score else 0, -line)
                if score > best and self.mapping.header in {0, line}:
                    best, self.titles, self.header, self.delimiter = score, titles, line, delimiter
        found = self.titles.by_field
        if not ("quantity" in found or {"value", "currency"} <= found.keys()):
            told = ", ".join(title for title in self.titles.cells if title)[:300]
            raise FileRefused.at("statement.no_columns", line=self.header or None, titles=told or "–")
        self.facts |= {"columns": self.titles.cells, "separator": self.delimiter}

    def _decide(self) -> None:
        decimals, days = Evidence(), Evidence()
        columns = self.titles.by_field
        for _line, cells in self._cells():
            told = [
                cells[columns[name]].rstrip("% ") for name in NUMBERS if name in columns and columns[name] < len(cells)
            ]
            found = csv_columns.decimal_evidence(one for one in told if one.strip())
            dated = [
                cells[columns[name]]
                for name in ("on", "settlement_on")
                if name in columns and columns[name] < len(cells)
            ]
            for into, said in ((decimals, found), (days, csv_columns.date_evidence(dated))):
                for vote, count in said.votes.items():
                    into.votes[vote] = into.votes.get(vote, 0) + count
                into.first = into.first or said.first
        self.decimal = "." if self.workbook else decimals.decided(self.mapping.decimal, ".")
        if not self.decimal:
            raise FileRefused.at("csv.decimal_ambiguous", line=self.header, example=decimals.first[:40])
        self.order = days.decided(self.mapping.order, "dmy")
        if not self.order:
            raise FileRefused.at("csv.date_ambiguous", line=self.header, example=days.first[:40])
        self.mapping = self.mapping.learnt(
            columns={**self.mapping.columns, **self.titles.as_mapping()},
            delimiter=self.delimiter,
            decimal=self.decimal,
            order=self.order,
        )

    # Values

    def _isin(self, get: Any, where: dict[str, Any]) -> str | None:
        """An empty text where the line names no instrument; None, and it is said, where what it names is none."""
        told = get("isin").replace(" ", "").upper()
        if told and not isins.is_valid(told):
            self.speech.error("custody.instrument_bad", value=told, **where)
            return None
        return told

    def _number(self, told: str) -> Decimal | None:
        """Signed; more decimals than money has, as quantities of funds and prices are written."""
        told = told.replace("\u2212", "-").strip()
        number = csv_columns.amount_text(told, self.decimal) if told and len(told) <= 40 else ""
        return Decimal(number) if number else None

    def _date(self, told: str, where: dict[str, Any]) -> date | None:
        if not told:
            return None
        day = written.iso_day(csv_columns.date_text(told.split(" ", maxsplit=1)[0], self.order) or told)
        if day is None:
            self.speech.warn("statement.date_bad", value=told, **where)
        return day

    def _value(self, read: ReadHolding, where: dict[str, Any]) -> None:
        if read.price is None or not read.value or not read.isin:
            return
        expected = read.quantity * read.price / (100 if read.percent else 1)
        # A bond is priced in per cent of its nominal, whether the list says so or not.
        if all(abs(one - read.value) > abs(read.value) * TOLERANCE for one in (expected, expected / 100)):
            self.speech.warn(
                "custody.value_differs", expected=plain(expected.quantize(Decimal("0.01"))), said=plain(read.value),
                currency=read.currency, **where,
            )  # fmt: skip
