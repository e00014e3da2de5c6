"""What of an XML file can be read from its text: whether the text hides nothing, and where siblings stand in it.

Every ``<`` of a text opens a tag when there is no comment, no CDATA section and no instruction in the file, and no DTD,
which the door refuses. Then what a pattern of ``shapes.py`` accepts behind the end of one payment is the next one, as
the parser would have it; the parser is fed blanks in its place, so that it goes on counting lines and columns.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from transactions.intake import sniff

_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(<\?xml\s[^>]*\?>)?(?>\s+|<!--.*?-->|<\?.*?\?>)*+(?=<[A-Za-z_])", re.DOTALL)
_ENCODING = re.compile(rb"\sencoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)
# No characters of XML. Those that UTF-8 writes in three bytes are told by the first two.
_NO_CHARACTERS = bytes({*range(32)} - {9, 10, 13})
_LAST_OF_PLANE = b"\xef\xbf"


class Sight:
    """Follows the pieces of one file. ``line``: on which line the piece that was seen last begins, from 1."""

    def __init__(self) -> None:
        self.line = 1
        self._clear: bool | None = None
        self._breaks = 0
        self._last = b""

    def cut(self, content: bytes, end_tag: str) -> tuple[bytes, str, bytes] | None:
        """The next piece, divided at the first and the last ``end_tag``; None when it cannot be read from its text."""
        self.line += self._breaks
        self._breaks = content.count(b"\n")
        self._watch(content)
        if not self._clear or not end_tag:
            return None
        closing = end_tag.encode()
        first, last = content.find(closing), content.rfind(closing)
        if first == last:
            return None
        begin, end = first + len(closing), last + len(closing)
        middle = content[begin:end]
        if len(middle) != len(middle.translate(None, _NO_CHARACTERS)) or _LAST_OF_PLANE in middle:
            return None
        try:
            text = middle.decode()
        except UnicodeDecodeError:
            return None
        if "\r" in text:
            text = text.replace("\r\n", "\n")
            if "\r" in text:
                return None
        return content[:begin], text, content[end:]

    def _watch(self, content: bytes) -> None:
        begins = 0
        if self._clear is None:
            prolog = _PROLOG.match(content)
            self._clear = prolog is not None and not _ENCODING.search(prolog.group(1) or b"")
            begins = prolog.end() if prolog else 0
        if self._clear:
            seam = self._last + content[:1]
            hiding = seam in (b"<!", b"<?") or content.find(b"<!", begins) >= 0 or content.find(b"<?", begins) >= 0
            self._clear = not hiding
        self._last = content[-1:]


def blank(text: str) -> str:
    """As many lines as the text, and as many columns in the last of them."""
    last = text.rfind("\n")
    return "\n" * text.count("\n") + " " * (len(text) - last - 1)


class Lifted:
    """The payments that were read last from the text, as elements for who asks where something stands in one."""

    def __init__(self, names: Mapping[str | None, str], text: str) -> None:
        self.names, self.text = names, text
        self.places: list[tuple[int, int, int]] = []
        self._made: tuple[int, Any] = (-1, None)

    def __getitem__(self, number: int) -> tuple[Any, int]:
        """The element, and how many lines of the file stand before its own."""
        begin, end, line = self.places[number]
        if self._made[0] != number:
            names = "".join(f" xmlns{f':{name}' if name else ''}={quoteattr(uri)}" for name, uri in self.names.items())
            whole = f"<siblings{names}>{self.text[begin:end]}</siblings>"
            self._made = (number, etree.fromstring(whole, etree.XMLParser(**sniff.parser_options()))[0])
        return self._made[1], line - 1
