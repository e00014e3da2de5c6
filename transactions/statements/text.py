"""The bytes of a text as letters: its encoding is decided over the whole file, and it is read in bounded stretches."""

import codecs
import io
from collections.abc import Iterator
from typing import IO, Any

from transactions.intake.rows import FileRefused
from transactions.statements.speech import Speech

CHUNK = 262_144
LONGEST_LINE = 131_072


class _Windows(codecs.IncrementalDecoder):
    """Windows-1252, with Latin-1 for the five bytes that it leaves free: no byte is lost and none stops the reading."""

    def decode(self, content: Any, final: bool = False) -> str:
        try:
            return str(content, "cp1252")
        except UnicodeDecodeError:
            return "".join(
                chr(byte) if byte in _FREE else bytes((byte,)).decode("cp1252") for byte in content
            )  # fmt: skip


_FREE = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})


def encoding_of(stream: IO[bytes]) -> str:
    """``utf-16`` and ``utf-8-sig`` by their mark, ``utf-8-sig`` where every byte agrees, else ``cp1252``."""
    stream.seek(0)
    head = stream.read(4)
    stream.seek(0)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        stream.seek(0)
    return "utf-8-sig"


def stretches(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """The text in stretches, with plain line ends."""
    decoder = _Windows() if encoding == "cp1252" else codecs.getincrementaldecoder(encoding)("replace")
    lines = io.IncrementalNewlineDecoder(decoder, translate=True)
    while chunk := stream.read(CHUNK):
        yield lines.decode(chunk)
    if text := lines.decode(b"", True):
        yield text


def lines(stream: IO[bytes], speech: Speech | None = None) -> Iterator[tuple[int, str]]:
    """Each line with its number, without its end. Raises :class:`FileRefused` for a line without end."""
    encoding = encoding_of(stream)
    if speech is not None and encoding == "cp1252":
        speech.warn("statement.encoding_guessed", encoding="windows-1252")
    number, left = 0, ""
    for stretch in stretches(stream, encoding):
        parts = (left + stretch).split("\n")
        left = parts.pop()
        for part in parts:
            number += 1
            if len(part) > LONGEST_LINE:
                raise FileRefused.at("csv.line_too_long", line=number, longest=LONGEST_LINE)
            yield number, part
        if len(left) > LONGEST_LINE:
            raise FileRefused.at("csv.line_too_long", line=number + 1, longest=LONGEST_LINE)
    if left:
        yield number + 1, left
