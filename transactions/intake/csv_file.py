"""CSV lists of payments: encoding, delimiter, header, decimal mark and date order are recognised from the file.

What cannot be recognised for certain (is 1,234 a thousand? is 03/04 in March?) is asked: the file is refused with a
code that says so, unless the source's saved mapping answers it. Nothing is guessed about money or dates.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from typing import IO, Any

from transactions.intake import births, csv_columns, names, sniff
from transactions.intake.csv_columns import Columns
from transactions.intake.fields import Understanding
from transactions.intake.received import INCOMING, ReceivedUnderstanding, ReceivedWriter
from transactions.intake.rows import WARNING, FileRefused, Header, Item, Problem, Row
from transactions.intake.writer import ChunkWriter

DELIMITERS = (";", ",", "\t", "|")
QUOTES = ('"', "'")
LONGEST_LINE = 131_072
HEADER_WITHIN = 30
# A cell that a spreadsheet would run. Plain signed numbers and sentences that begin with a dash are no formulas.
_FORMULA = re.compile(r"[=@]|[+-](?=.*[(|!=])")
_TEXTUAL = frozenset(csv_columns.FIELDS - births.DATES - {"amount", "fee", "net", "requested_execution_date"})


class CsvReader:
    """Reads one list. ``mapping`` afterwards is what should be saved for the source."""

    ranked = csv_columns.RANKED
    needs_creditor = True
    amounts = frozenset({"amount"})
    understanding: type[Understanding] = ReceivedUnderstanding
    writer: type[ChunkWriter] = ReceivedWriter

    def __init__(
        self,
        stream: IO[bytes],
        mapping: dict[str, Any] | None = None,
        *,
        currency: str = "EUR",
        today: date | None = None,
    ) -> None:
        self.stream = stream
        self.saved = dict(mapping or {})
        self.currency = self.saved.get("defaults", {}).get("currency") or currency
        self.today = today
        self.mapping = self.saved
        self.encoding = self.delimiter = self.quote = self.decimal = self.order = self.birth_order = ""
        self.columns = Columns()
        self.header_line = 0

    def items(self) -> Iterator[Item]:
        """Raises :class:`FileRefused` when the list cannot be read for certain."""
        self.encoding = self._encoding()
        self._find_header()
        yield Header(kind="csv", format="csv", line=self.header_line)
        yield from self._columns_said()
        self._decide()
        self.mapping = csv_columns.default_mapping(
            self.columns,
            delimiter=self.delimiter,
            quote=self.quote,
            encoding=self.encoding,
            decimal=self.decimal,
            order=self.order,
            former=self.saved,
        )
        for position, (line, cells) in enumerate(self._cells(), start=1):
            yield self._row(position, line, cells)

    def locate(self, row: Row, name: str) -> tuple[int | None, str]:
        index = self.columns.by_field.get(name)
        return row.line, "" if index is None else self.columns.titles[index]

    def _encoding(self) -> str:
        """UTF-16 and UTF-8 by their mark, UTF-8 when every byte agrees, else Windows-1252."""
        self.stream.seek(0)
        head = self.stream.read(4)
        self.stream.seek(0)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        decoder = codecs.getincrementaldecoder("utf-8-sig")()
        try:
            while chunk := self.stream.read(1 << 20):
                if b"\0" in chunk:
                    raise FileRefused.at("file.binary")
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
        return "utf-8-sig"

    def _lines(self) -> Iterator[str]:
        self.stream.seek(0)
        # Bytes that Windows-1252 leaves free become visible marks instead of ending the reading.
        text = io.TextIOWrapper(self.stream, encoding=self.encoding, errors="replace", newline="")
        try:
            number = 0
            while line := text.readline(LONGEST_LINE):
                number += 1
                if len(line) >= LONGEST_LINE:
                    raise FileRefused.at("csv.line_too_long", line=number, longest=LONGEST_LINE)
                if "\0" in line:  # of UTF-16: a database keeps it nowhere, and the file would be read for ever
                    raise FileRefused.at("file.binary")
                yield line
        finally:
            # The stream is not ours to close; who read it may have closed it before this reading was dropped.
            if not self.stream.closed:
                text.detach()

    def _records(self, delimiter: str, quote: str) -> Iterator[tuple[int, list[str]]]:
        """Records with the line they begin on."""
        reader = csv.reader(self._lines(), delimiter=delimiter, quotechar=quote, doublequote=True)
        begins = 1
        try:
            for cells in reader:
                yield begins, cells
                begins = reader.line_num + 1
        except csv.Error as error:
            raise FileRefused.at("csv.unreadable", line=begins, at=begins, detail=str(error)) from None

    def _find_header(self) -> None:
        """The delimiter, quote and line under which the most fields are recognised."""
        saved = self.saved.get("columns", {})
        best: tuple[int, int, int] = (0, 0, 0)
        for quote in QUOTES:
            for delimiter in DELIMITERS:
                for line, cells in self._first(delimiter, quote):
                    columns = csv_columns.recognise(cells, saved, self.ranked)
                    still_quoted = sum(title[0] == title[-1] in QUOTES for title in columns.titles if title)
                    score = (len(columns.by_field), -still_quoted, -line)
                    if columns.by_field and score > best:
                        best = score
                        self.columns, self.header_line = columns, line
                        self.delimiter, self.quote = delimiter, quote
        if not best[0]:
            self.stream.seek(0)
            strange = sniff.looks_binary(self.stream.read(4096)) and self.encoding != "utf-16"
            raise FileRefused.at("file.binary" if strange else "csv.no_header")
        known = self.columns.by_field
        if "amount" not in known:
            raise FileRefused.at("csv.no_amount_column", line=self.header_line, titles=self._titles())
        if self.needs_creditor and "creditor_name" not in known and "creditor_number" not in known:
            raise FileRefused.at("csv.no_creditor_column", line=self.header_line, titles=self._titles())

    def _first(self, delimiter: str, quote: str) -> Iterator[tuple[int, list[str]]]:
        try:
            for count, record in enumerate(self._records(delimiter, quote)):
                if count >= HEADER_WITHIN:
                    return
                yield record
        except FileRefused as refusal:
            # A wrong guess of the quote can swallow the file; a line too long is wrong under every guess.
            if refusal.code != "csv.unreadable":
                raise

    def _titles(self) -> str:
        return ", ".join(title for title in self.columns.titles if title)[:300]

    def _columns_said(self) -> Iterator[Problem]:
        line, known = self.header_line, self.columns.by_field

        def say(code: str, field: str = "", value: str = "", **params: Any) -> Problem:
            return Problem(0, code, params, field, value, line, value, WARNING)

        for title in self.columns.ignored:
            yield say("csv.column_left_out", "", title[:200], title=title[:200])
        if "currency" not in known and not self.columns.currency:
            yield say("csv.currency_assumed", "currency", self.currency, currency=self.currency)
        if "requested_execution_date" not in known:
            yield say("csv.date_assumed", "requested_execution_date", date=self._today())
        defaults = self.saved.get("defaults", {})
        if (
            self.needs_creditor
            and "debtor_number" not in known
            and not (defaults.get("debtor_number") or defaults.get("kind"))
        ):
            yield say("csv.no_debtor_column", "debtor_number")

    def _today(self) -> str:
        if self.today is None:
            from django.utils import timezone

            self.today = timezone.localdate()
        return self.today.isoformat()

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        """The records below the header that hold anything."""
        for line, cells in self._records(self.delimiter, self.quote):
            if line > self.header_line and any(cell and not cell.isspace() for cell in cells):
                yield line, cells

    def _decide(self) -> None:
        """Decimal mark and order of dates, proved by the values or answered before."""
        decimals = csv_columns.decimal_evidence(self._column("amount"))
        self.decimal = decimals.decided(self.saved.get("decimal", ""), ".")
        if not self.decimal:
            raise FileRefused.at("csv.decimal_ambiguous", line=self.header_line, example=decimals.first[:40])
        days = csv_columns.date_evidence(self._column("requested_execution_date"))
        self.order = days.decided(self.saved.get("date", ""), "dmy")
        if not self.order:
            raise FileRefused.at("csv.date_ambiguous", line=self.header_line, example=days.first[:40])
        self._decide_births(self.order if days.votes else self.saved.get("date", ""))

    def _decide_births(self, asked: str) -> None:
        """The order of dates of birth, by what they prove themselves; else that of the other dates."""
        columns = sorted(births.DATES & self.columns.by_field.keys())
        born = csv_columns.date_evidence(text for name in columns for text in self._column(name))
        self.birth_order = born.decided(asked, "dmy")
        if not self.birth_order:
            raise FileRefused.at("csv.date_ambiguous", line=self.header_line, example=born.first[:40])

    def _column(self, name: str) -> Iterator[str]:
        index = self.columns.by_field.get(name)
        if index is None:
            return
        for _line, cells in self._cells():
            if index < len(cells) and cells[index]:
                yield cells[index]

    def _row(self, position: int, line: int, cells: list[str]) -> Row:
        row = Row(position, line, {}, {})
        defaults = self.saved.get("defaults", {})
        if len(cells) > len(self.columns.titles) and any(cell.strip() for cell in cells[len(self.columns.titles) :]):
            params = {"cells": len(cells), "columns": len(self.columns.titles)}
            row.problems.append(Problem(position, "csv.too_many_cells", params, "", cells[-1][:200], line))
        for name, index in self.columns.by_field.items():
            text = cells[index].strip() if index < len(cells) else ""
            if not text:
                continue
            if name in _TEXTUAL and _FORMULA.match(text):
                row.problems.append(self._said(row, name, "csv.formula", text))
            if name.startswith("address."):
                row.address[name.partition(".")[2]] = text
            else:
                row.values[name] = self._value(row, name, text)
        values = row.values
        values.setdefault("currency", self.columns.currency or self.currency)
        values["currency"] = values["currency"].upper()
        if "requested_execution_date" not in self.columns.by_field:
            values["requested_execution_date"] = self._today()
        kind = values.get("kind") or str(defaults.get("kind", ""))
        if kind:
            values["kind"] = csv_columns.KINDS.get(names.key(kind), kind)
        if defaults.get("debtor_number") and values.get("kind") != INCOMING:
            values.setdefault("debtor_number", str(defaults["debtor_number"]))
        if self.needs_creditor and not values.get("creditor_name") and not values.get("creditor_number"):
            row.problems.append(self._said(row, "creditor_name", "creditor.missing", ""))
        return row

    def _value(self, row: Row, name: str, text: str) -> str:
        """An amount or date in the one form that is understood further on; other texts as they are."""
        if name in self.amounts:
            plain = csv_columns.amount_text(text, self.decimal)
            if not plain:
                code = "csv.amount_comma_expected" if self.decimal == "," else "csv.amount_point_expected"
                row.problems.append(self._said(row, name, code, text))
            return plain or text
        if name == "requested_execution_date":
            plain = csv_columns.date_text(text, self.order)
            if not plain:
                row.problems.append(self._said(row, name, "date.unreadable", text))
            return plain or text
        if name in births.DATES:
            plain = "" if csv_columns.short_year(text) else csv_columns.date_text(text, self.birth_order)
            if not plain and csv_columns.short_year(text):
                row.problems.append(self._said(row, name, "birth.short_year", text))
            return plain or text
        return text

    def _said(self, row: Row, name: str, code: str, text: str) -> Problem:
        line, title = self.locate(row, name)
        return Problem(row.position, code, {"value": text[:200]}, name, text[:200], line, title)
