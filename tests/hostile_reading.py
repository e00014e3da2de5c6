"""One hostile file, read in a process of its own: what was said in both languages, how long it took, how much it cost.

Large files are made as they are read: no gigabyte is ever stored. ``python -m tests.hostile_reading NAME`` prints JSON.
"""

import gzip
import io
import itertools
import json
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

GIGABYTE = 1 << 30
SPACE = b"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
START = b'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="%s"><CstmrCdtTrfInitn><GrpHdr><MsgId>' % SPACE
HEAD = "Name;IBAN;Amount;Currency;Date;Reference\n"
LINE = "Kervella;DE89370400440532013000;150,00;EUR;2027-01-04;x\n"
BLOCK = 1 << 16


class Made(io.RawIOBase):
    """A file that is made as it is read: a start, then ``block`` again and again until ``size``, then an end."""

    def __init__(self, start: bytes, block: bytes = b"", size: int = 0, end: bytes = b"") -> None:
        self.start, self.block, self.size, self.end = start, block, size, end
        self.seek(0)

    def _pieces(self) -> Iterator[bytes]:
        yield self.start
        if self.block:
            whole = self.block * max(1, BLOCK // len(self.block))
            for _again in range(self.size // len(whole)):
                yield whole
        yield self.end

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        if offset or whence:
            raise io.UnsupportedOperation("only to the start")
        self.left, self.pieces = b"", self._pieces()
        return 0

    def readinto(self, into: Any) -> int:
        while not self.left:
            self.left = next(self.pieces, None)  # type: ignore[assignment]
            if self.left is None:
                self.left = b""
                return 0
        count = min(len(into), len(self.left))
        into[:count], self.left = self.left[:count], self.left[count:]
        return count


def made(start: bytes | str, block: bytes = b"", size: int = 0, end: bytes = b"") -> IO[bytes]:
    return io.BufferedReader(Made(start.encode() if isinstance(start, str) else start, block, size, end))


def zipped() -> IO[bytes]:
    """A gigabyte of zeros in a megabyte."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.xml", "w", force_zip64=True) as into,
    ):
        for _block in range(GIGABYTE >> 20):
            into.write(bytes(1 << 20))
    out.seek(0)
    return out


def message(inside: str = "", *, head: str = '<?xml version="1.0" encoding="UTF-8"?>', name: str = "Kervella") -> str:
    from tests.files import pain001

    plain = pain001(2).decode().partition("?>")[2]
    return head + plain.replace("<GrpHdr>", f"{inside}<GrpHdr>", 1).replace("Supplier 1<", f"{name}<", 1)


ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
ENTITY = "<!DOCTYPE a [<!ENTITY x"
FILES: dict[str, Callable[[], IO[bytes]]] = {
    "a line of a gigabyte": lambda: made(HEAD, b"a", GIGABYTE),
    "a first line of a gigabyte": lambda: made(b"Name", b"a", GIGABYTE),
    "a text of a gigabyte": lambda: made(START, b"a", GIGABYTE),
    "an attribute of a gigabyte": lambda: made(START + b'</MsgId><a b="', b"a", GIGABYTE),
    "a tag of a gigabyte": lambda: made(START + b"</MsgId><", b"a", GIGABYTE),
    "elements for a gigabyte": lambda: made(START + b"</MsgId>", b"<a/>", GIGABYTE),
    "blanks for a gigabyte": lambda: made(START + b"</MsgId>", b" ", GIGABYTE),
    "nothing but blanks": lambda: made(b" " * 10, b" ", GIGABYTE),
    "zeros for a gigabyte": lambda: made(b"", b"\0", GIGABYTE),
    "nesting for a gigabyte": lambda: made(START + b"</MsgId>", b"<a>", GIGABYTE),
    "a million columns": lambda: made(HEAD.strip(), b";c", 2_000_000, b"\n" + LINE.encode()),
    "a million cells": lambda: made(HEAD + LINE.strip(), b";c", 2_000_000, b"\n"),
    "a million attributes": lambda: made(START + b"</MsgId><a ", b"b='c' ", 6_000_000),
    "an open quote for a gigabyte": lambda: made(HEAD + '"', LINE.encode(), GIGABYTE),
    "a zip of a gigabyte": zipped,
    "gzip": lambda: io.BytesIO(gzip.compress(bytes(50_000_000))),
    "entities in entities": lambda: made(message(head=f'<!DOCTYPE a [<!ENTITY a0 "x">{ENTITIES}]>', name="&a9;")),
    "one entity a million times": lambda: made(
        f'<!DOCTYPE a [<!ENTITY a "{"x" * 60_000}">]><Document>', b"&a;", 3_000_000
    ),
    "an entity from a file": lambda: made(message(head=f'{ENTITY} SYSTEM "file:///etc/passwd">]>', name="&x;")),
    "an entity from the network": lambda: made(message(head=f'{ENTITY} SYSTEM "http://127.0.0.1:9/">]>', name="&x;")),
    "a parameter entity": lambda: made(message(head='<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]>')),
    "another encoding than declared": lambda: io.BytesIO(message(name="Kervéla").encode("latin-1")),
    "an encoding that nobody knows": lambda: made(message(head='<?xml version="1.0" encoding="KOI-99"?>')),
    "half a character": lambda: io.BytesIO(message(name="Kerv\udcc3").encode(errors="surrogateescape")),
    "UTF-16 cut in half": lambda: io.BytesIO(message().encode("utf-16")[:-401]),
    "a zero in a list": lambda: made(HEAD + LINE.replace("Ker", "Ker\0")),
    "a formula": lambda: made(HEAD + LINE.replace("Kervella", '=HYPERLINK("http://x")')),
    "another formula": lambda: made(HEAD + LINE.replace("Kervella", "@SUM(1+1)*cmd|' /C calc'!A0")),
    "a character that reorders, in a list": lambda: made(HEAD + LINE.replace("Kervella", "\u202eallevreK")),
    "a character that reorders, in a message": lambda: made(message(name="\u2067allevreK")),
    "a control character in an amount": lambda: made(HEAD + LINE.replace("150,00", "15\x7f0,00")),
    "a control character in a message": lambda: made(message(name="Ker\x01vella")),
    "a control character in a name": lambda: made(HEAD + LINE.replace("Kervella", "Ker\x7fvella")),
}  # fmt: skip


def read(name: str) -> dict[str, Any]:
    from django.utils import translation

    from backoffice.common.errors import sentence
    from benchmarks.memory import peak_kilobytes
    from transactions.intake import open_file
    from transactions.intake.reading import Reading
    from transactions.intake.rows import FileRefused, Problem

    # What reads an honest file is loaded and warm before anything is measured.
    for honest in (message(), HEAD + LINE):
        list(Reading(open_file.reader_of(made(honest), mapping={}), entity_id=1, say=lambda _said: None).rows())
    stream = FILES[name]()
    before, began = peak_kilobytes(), time.monotonic()
    problems: list[Problem] = []
    refused, taken = "", 0
    try:
        reading = Reading(open_file.reader_of(stream, mapping={}), entity_id=1, say=problems.append)
        taken = sum(1 for _columns in reading.rows())
    except FileRefused as refusal:
        refused = refusal.code
        problems.append(refusal.problem())
    seconds, grown = time.monotonic() - began, peak_kilobytes() - before
    told: dict[str, list[str]] = {}
    for language in ("en", "fr"):
        with translation.override(language):
            told[language] = [sentence(one.code, one.params) for one in problems[:20]]
    severities: Iterable[tuple[str, str]] = itertools.islice(((one.code, one.severity) for one in problems), 20)
    return {
        "refused": refused, "taken": taken, "said": list(severities), "told": told, "seconds": round(seconds, 2),
        "grown_mb": round(grown / 1024, 1),
    }  # fmt: skip


def main() -> None:
    from benchmarks import harness

    harness.set_up()
    print(json.dumps(read(sys.argv[1])))


if __name__ == "__main__":
    main()
