"""Entries of one file are mostly of a few shapes: the same elements in the same order, other texts.

The walk decides what an entry says; a shape only says it sooner. A pattern is made over the text of an entry that was
walked, and accepts the plain case alone: the same tags, each leaf filled, no blanks around its text, nothing escaped,
no character that XML has not. So what it accepts is well-formed, and is read as the walk would read it; what no pattern
accepts is walked. One is kept when it reads its own example as the walk did.
"""

import re
from typing import Any

from transactions.statements.camt_places import APART, Place

MOST_SHAPES, MOST_LEARNED = 8, 64
LONGEST = 12_000
MOST_GROUPS = 90
_TAG = re.compile(r"<(/?)([^\s<>/]+)((?:\s[^<>/]*)?)(/?)>([^<]*)")
_CURRENCY = re.compile(r'\s+Ccy="[A-Z]{3}"\Z')
# A line that ends with a carriage return is another one to a parser.
_INNER = r"[^<&>\x00-\x08\x0b-\x1f\ufffe\uffff]"
_EDGE = r"[^<&>\s\x00-\x1f\ufffe\uffff]"
_TEXT = rf"{_EDGE}(?:{_INNER}*{_EDGE})?"
_BLANKS = r"[ \t\r\n]*"

Texts = dict[str, str]
Taken = tuple[Texts, list[Texts]]


class _TooSpecial(Exception):
    """Something that the walk alone reads."""


class _Shape:
    """A pattern, and what its groups hold: keys of the entry and of each of its details, each a stretch of groups."""

    def __init__(self, text: str, entry: Place) -> None:
        self.parts: list[str] = []
        # The key of each group, with the number of the detail it belongs to (0 is the entry itself).
        self.groups: list[tuple[int, str]] = []
        self.details = 0
        self._walk(_TAG.findall(text), entry)
        if len(self.groups) > MOST_GROUPS:
            raise _TooSpecial
        self.match = re.compile("".join(self.parts)).fullmatch
        self.keys = [[(at, key) for at, (of, key) in enumerate(self.groups) if of == number]
                     for number in range(self.details + 1)]  # fmt: skip
        self.plain = [self._plain(keys) for keys in self.keys]

    @staticmethod
    def _plain(keys: list[tuple[int, str]]) -> tuple[slice, tuple[str, ...]] | None:
        """The stretch of groups of a target, where no key comes twice and nothing stands between."""
        places, names = [at for at, _key in keys], tuple(key for _at, key in keys)
        if not places or len({*names}) < len(names) or places != list(range(places[0], places[-1] + 1)):
            return None
        return slice(places[0], places[-1] + 1), names

    def _walk(self, tags: list[tuple[str, str, str, str, str]], entry: Place) -> None:
        open_places: list[tuple[Place, int]] = []
        place, of = entry, 0
        for at, (closing, name, attributes, empty, after) in enumerate(tags):
            if closing:
                self.parts.append(f"</{re.escape(name)}>")
                if not open_places:
                    raise _TooSpecial
                place, of = open_places.pop()
            elif empty:
                if attributes.strip() or place[name].begins:
                    raise _TooSpecial
                self.parts.append(f"<{re.escape(name)}{attributes}/>")
            else:
                open_places.append((place, of))
                place = place[name] if at else place
                if place.begins == "detail":
                    self.details += 1
                    of = self.details
                self._opening(place, of, name, attributes)
                if at + 1 < len(tags) and tags[at + 1][0]:
                    self._leaf(place, of, after)
                    continue
            if after and not after.isspace():
                raise _TooSpecial
            self.parts.append(_BLANKS if open_places else "")

    def _opening(self, place: Place, of: int, name: str, attributes: str) -> None:
        if not attributes:
            self.parts.append(f"<{re.escape(name)}>")
            return
        if not _CURRENCY.match(attributes) or not place.key:
            raise _TooSpecial
        if (of, place.currency) in self.groups:
            self.parts.append(f'<{re.escape(name)}\\s+Ccy="[A-Z]{{3}}">')
        else:
            self.parts.append(f'<{re.escape(name)}\\s+Ccy="([A-Z]{{3}})">')
            self.groups.append((of, place.currency))

    def _leaf(self, place: Place, of: int, text: str) -> None:
        if not text or text != text.strip():
            raise _TooSpecial
        if place.key and (place.many or (of, place.key) not in self.groups):
            self.parts.append(f"({_TEXT})")
            self.groups.append((of, place.key))
        else:
            self.parts.append(f"{_INNER}*")

    def take(self, groups: tuple[str, ...]) -> Taken:
        found: list[Texts] = []
        for number, keys in enumerate(self.keys):
            plain = self.plain[number]
            if plain is not None:
                found.append(dict(zip(plain[1], groups[plain[0]], strict=True)))
                continue
            texts: Texts = {}
            for at, key in keys:
                texts[key] = f"{texts[key]}{APART}{groups[at]}" if key in texts else groups[at]
            found.append(texts)
        return found[0], found[1:]


class Shapes:
    """The shapes met so far, the last used first."""

    def __init__(self, entry: Place) -> None:
        self.entry = entry
        self.known: list[_Shape] = []
        self.learned = 0

    def read(self, text: str) -> Taken | None:
        """The texts of an entry and of its details; None when it must be walked."""
        known = self.known
        for place, shape in enumerate(known):
            found = shape.match(text)
            if found is not None:
                if place:
                    known.insert(0, known.pop(place))
                return shape.take(found.groups())
        return None

    def learn(self, text: str, walked: Any) -> None:
        """Make a pattern of an entry that was just walked."""
        if self.learned >= MOST_LEARNED or len(text) > LONGEST:
            return
        self.learned += 1
        try:
            shape = _Shape(text, self.entry)
        except (_TooSpecial, re.error):
            return
        found = shape.match(text)
        if found is not None and shape.take(found.groups()) == walked:
            self.known.insert(0, shape)
            del self.known[MOST_SHAPES:]
