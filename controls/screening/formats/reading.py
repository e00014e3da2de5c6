"""The only door of list files: what it is, read whole, or refused in words. Hostile input ends here.

XML is read without DTD, entities or network (a DOCTYPE is refused); a zip has at most ten files and its bytes are
counted while they are unpacked; fields, elements, entries and sizes have limits.
"""

import contextlib
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from lxml import etree

from backoffice.common.errors import BusinessError
from controls.screening.formats import consolidated, entry, ofac, simple, xml
from controls.screening.formats.entry import Reading
from transactions.intake import sniff

LARGEST = 200_000_000
MOST_FILES = 10
MOST_ENTRIES = 500_000
MOST_ELEMENTS = 10_000_000
FORMATS = ("ofac_csv", "ofac_xml", "eu_xml", "un_xml", "simple_csv")
_ROOTS = {
    "sdnList": ofac.read_xml,
    "export": consolidated.read_eu,
    "CONSOLIDATED_LIST": consolidated.read_un,
}


def read(content: bytes) -> Reading:
    """The entries of a file. Raises BusinessError ``watchlist.*`` for what is no list, broken, or too large."""
    files = [(name, one) for name, one in _unpacked(content) if one.strip()]
    if not files:
        raise BusinessError("watchlist.empty")
    if any(sniff.looks_like_xml(one[:200]) for _name, one in files):
        if len(files) > 1:
            raise BusinessError("watchlist.several_files")
        reading = _read_xml(files[0][1])
    else:
        reading = _read_csv([(name if len(files) > 1 else "", _decoded(one)) for name, one in files])
    return _checked(reading)


def packed(files: Sequence[tuple[str, bytes]]) -> tuple[bytes, str]:
    """Files that belong together as one, with its name: the same bytes for the same files, in whatever order."""
    if len(files) == 1:
        return files[0][1], files[0][0]
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return into.getvalue(), f"{' + '.join(sorted(name for name, _content in files))}.zip"


def _unpacked(content: bytes) -> list[tuple[str, bytes]]:
    if len(content) > LARGEST:
        raise BusinessError("watchlist.too_large", largest=LARGEST // 1_000_000)
    if not content.startswith(b"PK\x03\x04"):
        return [("", content)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = [one for one in packed.infolist() if not one.is_dir()]
            if len(members) > MOST_FILES:
                raise BusinessError("watchlist.several_files")
            return list(_members(packed, members))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise BusinessError("watchlist.broken_zip") from None


def _members(packed: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    left = LARGEST
    for one in members:
        with packed.open(one) as stream:
            unpacked = stream.read(left + 1)
        left -= len(unpacked)
        if left < 0:
            raise BusinessError("watchlist.too_large", largest=LARGEST // 1_000_000)
        yield one.filename, unpacked


def _decoded(content: bytes) -> str:
    if b"\0" in content:
        raise BusinessError("watchlist.unknown")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding).rstrip("\x1a")
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1").rstrip("\x1a")


def _read_xml(content: bytes) -> Reading:
    try:
        root: Any = None
        begun = 0
        events = etree.iterparse(io.BytesIO(content), events=("start", "end"), **sniff.parser_options())
        for event, node in events:
            if root is None:
                root = node
                _known(root)
            # Not by len(root), which counts all children anew.
            begun += event == "start"
            if begun > MOST_ELEMENTS:
                raise BusinessError("watchlist.too_many_elements", most=MOST_ELEMENTS)
    except etree.XMLSyntaxError as error:
        if b"<!DOCTYPE" in content[:10_000]:
            raise BusinessError("watchlist.doctype") from None
        raise BusinessError("watchlist.broken_xml", line=error.lineno or 0) from None
    if root is None:
        raise BusinessError("watchlist.empty")
    reader: Any = _ROOTS[xml.local(root)]
    reading: Reading = reader(root)
    return reading


def _known(root: Any) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise BusinessError("watchlist.doctype")
    if xml.local(root) not in _ROOTS:
        raise BusinessError("watchlist.unknown")


def _rows(text: str) -> list[list[str]]:
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            if row and any(value.strip() for value in row):
                rows.append(row)
            if len(rows) > MOST_ENTRIES:
                raise BusinessError("watchlist.too_many", most=MOST_ENTRIES)
    except csv.Error:
        raise BusinessError("watchlist.broken_csv", line=reader.line_num) from None
    return rows


def _read_csv(texts: Sequence[tuple[str, str]]) -> Reading:
    """``texts`` with the name of the file of each, empty where there is one alone."""
    tables = []
    for name, text in texts:
        with _in_file(name):
            rows = _rows(text)
        if rows:
            tables.append((name, rows))
    if not tables:
        raise BusinessError("watchlist.empty")
    header = [name.strip().lower() for name in tables[0][1][0]]
    if set(simple.NEEDED) <= set(header):
        if len(tables) > 1:
            raise BusinessError("watchlist.several_files")
        if len(set(header)) < len(header):
            raise BusinessError("watchlist.column_twice")
        whole = _whole(tables[0][1], len(header), texts[0][1])
        return simple.read(dict(zip(header, row, strict=False)) for row in whole)
    shapes = {}
    for name, rows in tables:
        shape = ofac.shape(rows[:50])
        with _in_file(name):
            if shape not in {ofac.SDN, ofac.ADDRESSES, ofac.ALIASES, ofac.COMMENTS} or shape in shapes:
                raise BusinessError("watchlist.unknown")
            shapes[shape] = list(_even(rows, shape))
    if ofac.SDN not in shapes:
        raise BusinessError("watchlist.no_names")
    return ofac.read_csv(dict(shapes))


@contextlib.contextmanager
def _in_file(name: str) -> Iterator[None]:
    """Of several files a refusal names the one."""
    try:
        yield
    except BusinessError as wrong:
        if not name or wrong.code not in {"watchlist.broken_csv", "watchlist.unknown"}:
            raise
        raise BusinessError(f"{wrong.code}_in", file=name[:200], **wrong.params) from None


def _whole(rows: Sequence[list[str]], columns: int, text: str) -> Iterator[list[str]]:
    """The rows after a header. Empty columns may be left out at the end of a row, but for one that the file ends in."""
    for number, row in enumerate(rows[1:], 2):
        if len(row) > columns or (len(row) < columns and number == len(rows) and not text.endswith("\n")):
            raise BusinessError("watchlist.broken_csv", line=number)
        yield row


def _even(rows: Sequence[list[str]], columns: int, first: int = 0) -> Iterator[list[str]]:
    """The rows; one that has not as many columns was cut off or shifted, and is no list any more."""
    for number, row in enumerate(rows[first:], first + 1):
        if len(row) != columns:
            raise BusinessError("watchlist.broken_csv", line=number)
        yield row


def _checked(reading: Reading) -> Reading:
    """Entries with a code and a name; each code once."""
    if len(reading.entries) > MOST_ENTRIES:
        raise BusinessError("watchlist.too_many", most=MOST_ENTRIES)
    seen: set[str] = set()
    for number, one in enumerate(reading.entries, 1):
        one.code = one.code.strip()
        if not one.code or len(one.code) > entry.LONGEST_CODE or not one.names:
            raise BusinessError("watchlist.nameless", number=number)
        if one.code in seen:
            raise BusinessError("watchlist.code_twice", code=one.code)
        seen.add(one.code)
    if not reading.entries:
        raise BusinessError("watchlist.empty")
    reading.published = reading.published[:20]
    return reading
