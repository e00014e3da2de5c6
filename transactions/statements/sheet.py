"""Rows of a list: from a CSV of any delimiter, or from the first sheet of an XLSX workbook.

A workbook is a zip of XML: what it would unpack to is known and bounded before anything is unpacked, its XML is read
without DTD and entities, and formulas count as the values that were last reckoned.
"""

import csv
import itertools
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from typing import IO, Any

from lxml import etree

from transactions.intake import sniff
from transactions.intake.rows import FileRefused
from transactions.statements import text

LARGEST = 200_000_000
MOST_COLUMNS, MOST_STRINGS = 500, 2_000_000
LONGEST_CELL = 32_767
# Built-in number formats that are dates, and letters that make one of a format of the workbook's own.
DATES = frozenset({*range(14, 23), 27, 30, 36, 45, 46, 47, 50, 57})
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_CELL = re.compile(r"([A-Z]{1,3})[0-9]+\Z")
# What the library says of archives that are none, or are none that it knows.
_UNREADABLE = (
    zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError, ValueError,
    struct.error,
)  # fmt: skip
_EPOCH = date(1899, 12, 30)


def rows_of_text(stream: IO[bytes], delimiter: str, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins. Raises :class:`FileRefused` where the list cannot be read on."""
    stream.seek(0)

    def lines() -> Iterator[str]:
        left = ""
        number = 0
        for stretch in text.stretches(stream, encoding):
            parts = (left + stretch).split("\n")
            left = parts.pop()
            for part in parts:
                number += 1
                yield part + "\n"
            if len(left) > text.LONGEST_LINE:
                raise FileRefused.at("csv.line_too_long", line=number + 1, longest=text.LONGEST_LINE)
        if left:
            yield left

    reader = csv.reader(lines(), delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused.at("csv.unreadable", line=begins, at=begins, detail=str(error)) from None


def first_rows(rows: Iterator[tuple[int, list[str]]], most: int) -> Iterator[tuple[int, list[str]]]:
    """The first rows of a list, as far as it can be read: a wrong guess of the delimiter can make it unreadable."""
    try:
        yield from itertools.islice(rows, most)
    except FileRefused as refusal:
        if refusal.code != "csv.unreadable":
            raise


def rows_of_workbook(stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet; days as ISO dates, numbers as they are stored."""
    try:
        with zipfile.ZipFile(stream) as archive:
            if sum(one.file_size for one in archive.infolist()) > LARGEST:
                raise FileRefused.at("sheet.too_large", largest=LARGEST)
            strings = _strings(archive)
            dates, old = _date_styles(archive), _starts_1904(archive)
            with archive.open(_first_sheet(archive)) as sheet:
                yield from _rows(_Bounded(sheet), strings, dates, old)
    except _UNREADABLE as error:
        raise FileRefused.at("sheet.unreadable", detail=type(error).__name__) from None
    except etree.XMLSyntaxError as error:
        raise FileRefused.at("sheet.unreadable", detail=(error.msg or "XML")[:100]) from None


class _Bounded:
    """What the archive says of sizes may be a lie: no more than that is read of any part."""

    def __init__(self, part: IO[bytes]) -> None:
        self.part, self.left = part, LARGEST

    def read(self, size: int = 65_536) -> bytes:
        content = self.part.read(min(size, 1 << 20))
        self.left -= len(content)
        if self.left < 0:
            raise FileRefused.at("sheet.too_large", largest=LARGEST)
        return content


def _events(part: IO[bytes] | _Bounded, tag: str) -> Iterator[Any]:
    for _event, element in etree.iterparse(part, events=("end",), tag=f"{{*}}{tag}", **sniff.parser_options()):
        if element.getroottree().docinfo.internalDTD is not None:
            raise FileRefused.at("xml.doctype", line=1)
        yield element
        element.clear()
        while (before := element.getprevious()) is not None:
            element.getparent().remove(before)


def _strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    found: list[str] = []
    with archive.open("xl/sharedStrings.xml") as part:
        for element in _events(_Bounded(part), "si"):
            texts = [piece.text or "" for piece in element.iter("{*}t")]
            found.append("".join(texts)[:LONGEST_CELL])
            if len(found) > MOST_STRINGS:
                raise FileRefused.at("sheet.too_large", largest=LARGEST)
    return found


def _date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """The styles of cells whose numbers are days."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    with archive.open("xl/styles.xml") as part:
        content = _Bounded(part)
        root = etree.fromstring(
            b"".join(iter(lambda: content.read(65_536), b"")), etree.XMLParser(**sniff.parser_options())
        )
    own = {
        one.get("numFmtId"): bool(_DATE_LETTERS.search(_QUOTED.sub("", one.get("formatCode") or "")))
        for one in root.iterfind("{*}numFmts/{*}numFmt")
    }
    found = set()
    for at, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
        number = style.get("numFmtId") or "0"
        if own.get(number, number.isdigit() and int(number) in DATES):
            found.add(at)
    return frozenset(found)


def _starts_1904(archive: zipfile.ZipFile) -> bool:
    with archive.open("xl/workbook.xml") as part:
        return any(one.get("date1904") in {"1", "true"} for one in _events(_Bounded(part), "workbookPr"))


def _first_sheet(archive: zipfile.ZipFile) -> str:
    sheets = sorted(name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", name))
    if not sheets:
        raise FileRefused.at("sheet.unreadable", detail="xl/worksheets")
    return min(sheets, key=lambda name: int(re.sub(r"\D", "", name)))


def _rows(part: _Bounded, strings: list[str], dates: frozenset[int], old: bool) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for element in _events(part, "row"):
        told = element.get("r") or ""
        number = int(told) if told.isdigit() and len(told) < 9 else number + 1
        cells: list[str] = []
        for cell in element.iterfind("{*}c"):
            at = _column(cell.get("r") or "", len(cells))
            if at >= MOST_COLUMNS:
                break
            cells += [""] * (at - len(cells))
            cells.append(_value(cell, strings, dates, old))
        yield number, cells


def _column(reference: str, otherwise: int) -> int:
    found = _CELL.match(reference)
    if found is None:
        return otherwise
    at = 0
    for letter in found.group(1):
        at = at * 26 + ord(letter) - ord("A") + 1
    return max(at - 1, otherwise)


def _value(cell: Any, strings: list[str], dates: frozenset[int], old: bool) -> str:
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        return "".join(piece.text or "" for piece in cell.iter("{*}t"))[:LONGEST_CELL]
    told = (cell.findtext("{*}v") or "").strip()
    if kind == "s":
        return strings[int(told)] if told.isdigit() and len(told) < 9 and int(told) < len(strings) else ""
    style = cell.get("s") or "0"
    if kind == "n" and told and style.isdigit() and int(style) in dates:
        return _day(told, old) or told
    return told[:LONGEST_CELL]


def _day(told: str, old: bool) -> str:
    try:
        days = int(float(told)) + (1462 if old else 0)
        return (_EPOCH + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return ""


def is_workbook(stream: IO[bytes]) -> bool:
    """Leaves the stream at its start."""
    stream.seek(0)
    head = stream.read(4)
    try:
        if head != b"PK\x03\x04":
            return False
        with zipfile.ZipFile(stream) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except _UNREADABLE:
        return False
    finally:
        stream.seek(0)


__all__ = ["is_workbook", "rows_of_text", "rows_of_workbook"]
