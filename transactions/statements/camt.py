"""camt.053, camt.052 and camt.054, every version: expat's events, one walk, flat memory.

Elements are matched by local name, so national namespaces and versions to come are read too. No DTD is taken in, so
there are no entities but XML's own, and nothing is fetched. A file whose bytes are no UTF-8 although it says so is
read as Windows-1252, and that is said. Entries of a shape that was met before are cut out of the text and read by its
pattern (``camt_shapes.py``); all else is walked. What cannot be read is told in the words of ``xml_faults``.
"""

import codecs
import re
from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from lxml import etree

from transactions.intake import sniff, xml_faults
from transactions.intake.rows import FileRefused
from transactions.statements import camt_entries
from transactions.statements.camt_places import APART, Place, whole
from transactions.statements.camt_shapes import Shapes, Taken
from transactions.statements.read import BLOCK, ReadLine, ReadStatement, Say
from transactions.statements.speech import Speech

CHUNK = 65_536
LONGEST_TEXT = 100_000
MIXED = "\ufffd"
LONGEST_TAG = 10_000
LARGEST_TOKEN = 1_000_000
LARGEST_ENTRY = 200_000
DEEPEST = 500
_TEXTS = re.compile(r"(?:utf-(?:8|16|32)(?:-\w+)?|iso8859-\d+|cp\d+|ascii|koi8-\w|mac-\w+)\Z")
_OPENS = re.compile(r"<((?:[^\s<>/:]+:)?Ntry)>")


class _Walk:
    """Expat over what is fed to it, as texts by key. ``skipped`` lines were cut out before they came here."""

    def __init__(self, reader: "CamtReader") -> None:
        self.reader = reader
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.buffer_size = CHUNK
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.fed = self.skipped = 0
        self.last: Taken = ({}, [])
        self.stack: list[Place] = []
        self.place = whole()
        self._handle()

    def feed(self, text: str) -> None:
        parser = self.parser
        parser.Parse(text, False)
        self.fed += len(text) if text.isascii() else len(text.encode())
        if self.fed - max(parser.CurrentByteIndex, 0) > LARGEST_TOKEN:
            raise FileRefused.at("xml.element_too_large", line=self.line, largest=LARGEST_TOKEN)
        if len(self.stack) > DEEPEST:
            raise FileRefused.at("xml.limits", line=self.line, at=self.line)

    @property
    def line(self) -> int:
        return self.parser.CurrentLineNumber + self.skipped

    def _doctype(self, *_declared: Any) -> None:
        raise FileRefused.at("xml.doctype", line=1)

    def _handle(self) -> None:  # noqa: PLR0915
        """Hang the walk on the parser, as one closure: attributes would cost as much as expat itself."""
        reader, parser, stack = self.reader, self.parser, self.stack
        push, pop = stack.append, stack.pop
        place, text = self.place, ""
        values: dict[str, str] = {}
        outer: dict[str, str] = {}
        details: list[dict[str, str]] = []
        line = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal place, text, values, outer, details, line
            push(place)
            if place.key and not place:
                # An element inside a text: what stands around it is no text of one piece.
                values[place.key] = MIXED
            self.place = place = place[name]
            text = ""
            if attributes and place.key and "Ccy" in attributes:
                values.setdefault(place.currency, attributes["Ccy"])
            begins = place.begins
            if begins:
                if begins == "detail":
                    values = {}
                    details.append(values)
                elif begins == "entry":
                    outer = values = {}
                    details = []
                    line = parser.CurrentLineNumber + self.skipped
                elif begins == "balance":
                    values = {}
                    reader.balances.append(values)
                elif begins == "head":
                    values = reader.head
                else:
                    values = reader.begin(parser.CurrentLineNumber + self.skipped)

        def end(_name: str) -> None:
            nonlocal place, values, text
            key = place.key
            if key:
                text = text.strip()
                if text:
                    if key not in values:
                        values[key] = text
                    elif place.many:
                        values[key] += APART + text
                    text = ""
            elif place.begins:
                begins = place.begins
                if begins == "detail":
                    values = outer
                elif begins == "entry":
                    self.last = (outer, details)
                    reader.entry(outer, details, line)
                    values = reader.statement
                elif begins == "statement":
                    reader.piece(continues=False)
                else:
                    values = reader.statement
            self.place = place = pop()

        def characters(content: str) -> None:
            nonlocal text
            text += content
            if len(text) > LONGEST_TEXT:
                raise FileRefused.at("xml.element_too_large", line=self.line, largest=LONGEST_TEXT)

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = characters


class CamtReader:
    """Reads one message once."""

    def __init__(self, stream: IO[bytes], say: Say, *, root: sniff.Root | None = None) -> None:
        self.stream = stream
        self.speech = Speech(say)
        self.kind = root.kind if root is not None and root.kind.startswith("camt") else "camt053"
        self.facts: dict[str, Any] = {"tx_details": 0, "message_id": ""}
        self.head: dict[str, str] = {}
        self.statement: dict[str, str] = {}
        self.balances: list[dict[str, str]] = []
        self.lines: list[ReadLine] = []
        self.broken = self.place = self.number = self.begins = 0
        self.done: list[ReadStatement] = []
        self.walk = _Walk(self)
        self.shapes: Shapes | None = None
        self.left = self.opens = self.closes = ""
        self.plain, self.first = True, True

    def statements(self) -> Iterator[ReadStatement]:
        try:
            name, errors = self._encoding()
            decoder = codecs.getincrementaldecoder(name)(errors)
            while chunk := self.stream.read(CHUNK):
                self._text(decoder.decode(chunk))
                yield from self._those_done()
            self.walk.feed(self.left + decoder.decode(b"", True))
            self.walk.parser.Parse("", True)
        except (expat.ExpatError, UnicodeError) as error:
            raise self._fault(error) from None
        yield from self._those_done()

    def _those_done(self) -> list[ReadStatement]:
        done, self.done = self.done, []
        self.facts["message_id"] = self.head.get("message", "")
        return done

    def _text(self, text: str) -> None:
        """The next stretch of the file: entries of a known shape are cut out of it, the rest is walked."""
        buffer, at = self.left + text, 0
        self.left = ""
        # A comment or a section may hide what looks like an entry: from there on nothing is cut out.
        self.plain = self.plain and "<!" not in buffer and "<?" not in buffer[2 if self.first else 0 :]
        self.first = False
        if self.plain and not self.opens:
            self._name(buffer)
        if not self.plain or not self.opens:
            self._rest(buffer, 0)
            return
        opens, closes = self.opens, self.closes
        while (begins := buffer.find(opens, at)) >= 0:
            if begins > at:
                self._between(buffer[at:begins])
            if self.walk.place.begins != "statement":
                at = begins + len(opens)
                self.walk.feed(opens)
                continue
            ends = buffer.find(closes, begins)
            if ends < 0:
                if len(buffer) - begins > LARGEST_ENTRY:
                    self._rest(buffer, begins)
                else:
                    self.left = buffer[begins:]
                return
            at = ends + len(closes)
            self._one(buffer[begins:at])
        self._rest(buffer, at)

    def _between(self, text: str) -> None:
        if text.isspace() and self.walk.place.begins == "statement":
            self.walk.skipped += text.count("\n")
        else:
            self.walk.feed(text)

    def _rest(self, buffer: str, at: int) -> None:
        """Feed what is left, but for a tag that may go on in the next stretch."""
        last = buffer.rfind("<", at)
        whole_tag = last < 0 or len(buffer) - last > LONGEST_TAG
        self.left = "" if whole_tag else buffer[last:]
        self.walk.feed(buffer[at:] if whole_tag else buffer[at:last])

    def _name(self, buffer: str) -> None:
        """Entries under the name that they have in this file."""
        found = _OPENS.search(buffer)
        if found is not None:
            self.opens, self.closes = found.group(), f"</{found.group(1)}>"

    def _one(self, text: str) -> None:
        if self.shapes is None:
            self.shapes = Shapes(self.walk.place["Ntry"])
        taken = self.shapes.read(text)
        if taken is None:
            self.walk.feed(text)
            if self.walk.place.begins == "statement":
                self.shapes.learn(text, self.walk.last)
            return
        self.entry(*taken, self.walk.line)
        self.walk.skipped += text.count("\n")

    def _encoding(self) -> tuple[str, str]:
        """The codec of the file, and what becomes of bytes that it has not. Reads the seekable stream."""
        self.stream.seek(0)
        name = xml_faults.declared_encoding(self.stream.read(200))
        self.stream.seek(0)
        if not _TEXTS.match(name):
            raise FileRefused.at("xml.encoding_unknown", line=1, name=name[:60], at=1, column=1)
        if name not in {"utf-8", "utf-8-sig"}:
            return name, "strict"
        fits = _is_utf8(self.stream)
        self.stream.seek(0)
        if fits:
            return "utf-8-sig", "strict"
        self.speech.warn("statement.encoding_guessed", encoding="windows-1252")
        return "cp1252", "replace"

    def _fault(self, error: Exception) -> FileRefused:
        """The same fault as another parser tells it, with a code of ours and whether the file breaks off there."""
        self.stream.seek(0)
        try:
            for _event, element in etree.iterparse(self.stream, events=("end",), **sniff.parser_options()):
                element.clear()
        except etree.XMLSyntaxError as fault:
            return xml_faults.at_the_end(sniff.malformed(fault), self.stream)
        line = self.walk.line
        return FileRefused.at("xml.malformed", line=line, at=line, column=0, detail=str(error)[:300])

    # What the walk and the shapes hand over

    def begin(self, line: int) -> dict[str, str]:
        self.number += 1
        self.place = self.broken = 0
        self.begins = line
        self.statement, self.balances, self.lines = {}, [], []
        return self.statement

    def entry(self, texts: dict[str, str], details: list[dict[str, str]], line: int) -> None:
        self.place += 1
        self.facts["tx_details"] += len(details)
        read = camt_entries.line_of(self, texts, details, line)
        if read is None:
            self.broken += 1
            return
        self.lines.append(read)
        if len(self.lines) >= BLOCK:
            self.piece(continues=True)

    def piece(self, *, continues: bool) -> None:
        self.done.append(camt_entries.statement_of(self, continues=continues))
        self.lines, self.broken = [], 0


def _is_utf8(stream: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := stream.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True
