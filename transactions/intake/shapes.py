"""Payments of one file are mostly of one shape: the same elements in the same order, other texts.

What a table of ``paths.py`` takes from an element is learned once a shape, as a pattern over the element as the parser
itself writes it out, and read by one match from then on. A pattern accepts the plain case alone: each leaf filled, no
blanks around its text, no attribute that its example did not have, nothing that had to be escaped. What no pattern
accepts is walked. So the walk decides what a payment says, and a pattern only says it sooner; one is kept when it reads
its own example as the walk did.

Where there is a schema, a pattern demands of each leaf what the schema does (``facets.py``). The order of the elements
being that of its example, what it accepts is valid when the example is: such a shape is ``sound``, and what it accepts
needs no validation of its own.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from transactions.intake.facets import TEXT, Facets
from transactions.intake.paths import Address, Amount, Repeated, Table, Values

# A file of many shapes is walked: a pattern tried in vain costs time, and one that is made costs more.
MOST_SHAPES = 6
MOST_LEARNED = 24
LONGEST_TEXT = 8_000
# Payees are repeated: their addresses are made once.
MOST_ADDRESSES = 4_096
_LEFT = "[^<&>]*"
_ATTRIBUTE = r'[^"<&>\s]*'
_BLANKS = r"[ \t\r\n]*"

Walk = Callable[[Any, Table, Values, dict[str, Any]], None]
Taken = tuple[Values, dict[str, Any]]


class _TooSpecial(Exception):
    """Something that the walk alone reads."""


class _Shape:
    """One shape: its pattern, and the names of what its groups hold; those of the address are one stretch of them.

    ``exact``: a schema's demands on every leaf are in the pattern, or there is no schema. ``sound``: and an example of
    it was valid.
    """

    def __init__(self, element: Any, table: Table, facets: Facets | None) -> None:
        self.parts = [_BLANKS]
        self.names: list[str] = []
        self.keys: list[str] = []
        self.begin = 0
        self.facets, self.exact, self.sound = facets, True, False
        self._element(element, table, facets.elements.get(_local(element)) if facets else None, root=True)
        fields = self.names[: self.begin] + self.names[self.begin + len(self.keys) :] if self.keys else self.names
        lines = self.keys.count("lines")
        plain = self.keys[: len(self.keys) - lines]
        if "lines" in plain or len({*plain}) < len(plain) or len({*fields}) < len(fields):
            raise _TooSpecial
        self.end = self.begin + len(self.keys)
        self.fields, self.plain, self.has_lines = tuple(fields), tuple(plain), lines > 0
        # The end tag of the element itself is what the text of many was split at.
        self.match = re.compile("".join(self.parts[:-1])).fullmatch
        self.match_at = re.compile("".join(self.parts)).match
        self.addresses: dict[tuple[str, ...], dict[str, Any]] = {}

    def _element(
        self, element: Any, rule: Any, kind: str | None, key: str | None = None, *, root: bool = False
    ) -> None:
        name = _written(element)
        currency = isinstance(rule, Amount) and element.attrib.keys() == ["Ccy"]
        if (element.attrib and not currency) or (not root and element.nsmap != element.getparent().nsmap):
            raise _TooSpecial
        self.parts.append(f"<{name}")
        if currency:
            self.parts.append(f' Ccy="({self._demanded(kind, "Ccy") or _ATTRIBUTE})"')
            self.names.append("currency")
        if len(element):
            if key or isinstance(rule, str | Repeated | Amount):
                raise _TooSpecial
            self.parts.append(">")
            self._inside(element, rule, kind)
            self.parts.append(f"</{name}>")
        elif element.text:
            self.parts.append(f">{self._leaf(rule, kind, key)}</{name}>")
        else:
            self.parts.append("/>")

    def _inside(self, element: Any, rule: Any, kind: str | None) -> None:
        self._blank(element.text)
        for child in element:
            below = self.facets.child(kind, _local(child)) if self.facets else None
            if isinstance(rule, Address):
                self._element(child, None, below, "lines" if child.tag == rule.line else rule.keys.get(child.tag))
            else:
                self._element(child, rule.get(child.tag) if isinstance(rule, dict) else None, below)
            self._blank(child.tail)

    def _leaf(self, rule: Any, kind: str | None, key: str | None) -> str:
        demanded = self._demanded(kind)
        if key:
            if not self.keys:
                self.begin = len(self.names)
            self.keys.append(key)
        elif isinstance(rule, str | Repeated | Amount):
            key = rule if isinstance(rule, str) else rule.name
        if key:
            self.names.append(key)
            return f"({demanded or TEXT})"
        return demanded or _LEFT

    def _demanded(self, kind: str | None, attribute: str = "") -> str | None:
        """What the schema demands of a text; None where no pattern says it."""
        if self.facets is None:
            return None
        found = self.facets.attribute(kind, attribute) if attribute else self.facets.text(kind)
        self.exact = self.exact and found is not None
        return found

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

    def __init__(self, table: Table, walk: Walk, facets: Facets | None = None) -> None:
        self.table, self.walk, self.facets = table, walk, facets
        self.known: list[_Shape] = []
        self.learned = 0
        self.names: dict[str | None, str] = {}
        self.end_tag = ""

    def read(self, parent: Any, *, valid: bool = False) -> Iterator[Taken]:
        """The texts by field, and the address, of each child of an element that has no other content.

        ``valid``: each of them is known to keep the schema, or there is none.
        """
        if parent.nsmap != self.names:
            # The same prefix may mean something else here.
            self.names, self.known = parent.nsmap, []
        self.end_tag = f"</{_written(parent[0])}>"
        texts: list[str] = []
        if self.known or self.learned < MOST_LEARNED:
            written = etree.tostring(parent, encoding="unicode", with_tail=False)
            texts = written[written.index(">") + 1 : written.rindex("<")].split(self.end_tag)
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
                    shape.sound = shape.sound or (valid and shape.exact)
                    yield shape.take(match.groups())
                    break
            else:
                element = parent[number]
                taken = self.alone(element)
                if self.learned < MOST_LEARNED and len(text) <= LONGEST_TEXT and "&" not in text:
                    self._learn(element, text, taken, valid=valid)
                yield taken

    def next(self, text: str, at: int) -> tuple[int, Taken] | None:
        """Where the element that begins at ``at`` (or after blanks) ends, and what it says; None when it is not one of
        a sound shape. The text stands between siblings, in the names of ``names``, and hides nothing."""
        for place, shape in enumerate(self.known):
            match = shape.match_at(text, at) if shape.sound else None
            if match is not None:
                if place:
                    self.known.insert(0, self.known.pop(place))
                return match.end(), shape.take(match.groups())
        return None

    def alone(self, element: Any) -> Taken:
        """Of one element, where it stands."""
        values: Values = {}
        address: dict[str, Any] = {}
        self.walk(element, self.table, values, address)
        return values, address

    def _learn(self, element: Any, text: str, taken: Taken, *, valid: bool) -> None:
        self.learned += 1
        try:
            shape = _Shape(element, self.table, self.facets)
        except _TooSpecial:
            return
        match = shape.match(text)
        if match is not None and shape.take(match.groups()) == taken:
            shape.sound = valid and shape.exact
            self.known.insert(0, shape)
            del self.known[MOST_SHAPES:]


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _written(element: Any) -> str:
    return f"{element.prefix}:{_local(element)}" if element.prefix else _local(element)
