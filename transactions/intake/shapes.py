"""Payments of one file are mostly of one shape: the same elements in the same order, other texts.

What a table of ``paths.py`` takes from an element is learned once a shape, as a pattern over the element as the parser
itself writes it out, and read by one match from then on. A pattern accepts the plain case alone: each leaf filled, no
blanks around its text, no attribute that its example did not have, nothing that had to be escaped. What no pattern
accepts is walked. So the walk decides what a payment says, and a pattern only says it sooner; one is kept when it reads
its own example as the walk did.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from transactions.intake.paths import Address, Amount, Repeated, Table, Values

# A file of many shapes is walked: a pattern tried in vain costs time, and one that is made costs more.
MOST_SHAPES = 6
MOST_LEARNED = 24
LONGEST_TEXT = 8_000
# Payees are repeated: their addresses are made once.
MOST_ADDRESSES = 4_096
_TAKEN = r"([^<&\s](?:[^<&]*[^<&\s])?)"
_LEFT = "[^<&]*"

Walk = Callable[[Any, Table, Values, dict[str, Any]], None]
Taken = tuple[Values, dict[str, Any]]


class _TooSpecial(Exception):
    """Something that the walk alone reads."""


class _Shape:
    """One shape: its pattern, and the names of what its groups hold; those of the address are one stretch of them."""

    def __init__(self, element: Any, table: Table) -> None:
        self.parts = [r"\s*"]
        self.names: list[str] = []
        self.keys: list[str] = []
        self.begin = 0
        self._element(element, table, root=True)
        fields = self.names[: self.begin] + self.names[self.begin + len(self.keys) :] if self.keys else self.names
        lines = self.keys.count("lines")
        plain = self.keys[: len(self.keys) - lines]
        if "lines" in plain or len({*plain}) < len(plain) or len({*fields}) < len(fields):
            raise _TooSpecial
        self.end = self.begin + len(self.keys)
        self.fields, self.plain, self.has_lines = tuple(fields), tuple(plain), lines > 0
        # The end tag of the element itself is what the text was split at.
        self.match = re.compile("".join(self.parts[:-1])).fullmatch
        self.addresses: dict[tuple[str, ...], dict[str, Any]] = {}

    def _element(self, element: Any, rule: Any, key: str | None = None, *, root: bool = False) -> None:
        name = _written(element)
        currency = isinstance(rule, Amount) and element.attrib.keys() == ["Ccy"]
        if (element.attrib and not currency) or (not root and element.nsmap != element.getparent().nsmap):
            raise _TooSpecial
        self.parts.append(f"<{name}")
        if currency:
            self.parts.append(' Ccy="([^"<&]*)"')
            self.names.append("currency")
        if len(element):
            if key or isinstance(rule, str | Repeated | Amount):
                raise _TooSpecial
            self.parts.append(">")
            self._inside(element, rule)
            self.parts.append(f"</{name}>")
        elif element.text:
            self.parts.append(f">{self._leaf(rule, key)}</{name}>")
        else:
            self.parts.append("/>")

    def _inside(self, element: Any, rule: Any) -> None:
        self._blank(element.text)
        for child in element:
            if isinstance(rule, Address):
                self._element(child, None, "lines" if child.tag == rule.line else rule.keys.get(child.tag))
            else:
                self._element(child, rule.get(child.tag) if isinstance(rule, dict) else None)
            self._blank(child.tail)

    def _leaf(self, rule: Any, key: str | None) -> str:
        if key:
            if not self.keys:
                self.begin = len(self.names)
            self.keys.append(key)
            self.names.append(key)
            return _TAKEN
        if isinstance(rule, str | Repeated | Amount):
            self.names.append(rule if isinstance(rule, str) else rule.name)
            return _TAKEN
        return _LEFT

    def _blank(self, text: str | None) -> None:
        if text:
            if not text.isspace():
                raise _TooSpecial
            self.parts.append(text)

    def take(self, texts: tuple[str, ...]) -> Taken:
        """What the groups of a match say."""
        if not self.keys:
            return dict(zip(self.fields, texts, strict=True)), {}
        begin, end = self.begin, self.end
        parts = texts[begin:end]
        address = self.addresses.get(parts)
        if address is None:
            if len(self.addresses) >= MOST_ADDRESSES:
                self.addresses.clear()
            address = self.addresses[parts] = dict(zip(self.plain, parts, strict=False))
            if self.has_lines:
                address["lines"] = parts[len(self.plain) :]
        return dict(zip(self.fields, texts[:begin] + texts[end:], strict=True)), address


class Shapes:
    """Reads elements of one kind by the shapes met so far, and walks what fits none of them."""

    def __init__(self, table: Table, walk: Walk) -> None:
        self.table, self.walk = table, walk
        self.known: list[_Shape] = []
        self.learned = 0
        self.names: dict[str | None, str] = {}

    def read(self, parent: Any) -> Iterator[Taken]:
        """The texts by field, and the address, of each child of an element that has no other content."""
        if parent.nsmap != self.names:
            # The same prefix may mean something else here.
            self.names, self.known = parent.nsmap, []
        texts: list[str] = []
        if self.known or self.learned < MOST_LEARNED:
            written = etree.tostring(parent, encoding="unicode", with_tail=False)
            texts = written[written.index(">") + 1 : written.rindex("<")].split(f"</{_written(parent[0])}>")
        if len(texts) != len(parent) + 1:
            for element in parent:
                yield self.alone(element)
            return
        for number, text in enumerate(texts[:-1]):
            for at, shape in enumerate(self.known):
                match = shape.match(text)
                if match is not None:
                    if at:
                        self.known.insert(0, self.known.pop(at))
                    yield shape.take(match.groups())
                    break
            else:
                element = parent[number]
                taken = self.alone(element)
                if self.learned < MOST_LEARNED and len(text) <= LONGEST_TEXT and "&" not in text:
                    self._learn(element, text, taken)
                yield taken

    def alone(self, element: Any) -> Taken:
        """Of one element, where it stands."""
        values: Values = {}
        address: dict[str, Any] = {}
        self.walk(element, self.table, values, address)
        return values, address

    def _learn(self, element: Any, text: str, taken: Taken) -> None:
        self.learned += 1
        try:
            shape = _Shape(element, self.table)
        except _TooSpecial:
            return
        match = shape.match(text)
        if match is not None and shape.take(match.groups()) == taken:
            self.known.insert(0, shape)
            del self.known[MOST_SHAPES:]


def _written(element: Any) -> str:
    local = str(element.tag).rpartition("}")[2]
    return f"{element.prefix}:{local}" if element.prefix else local
