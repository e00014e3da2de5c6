"""Listed names, indexed once: every name that the rule finds, asked of few. Lossless by proof.

A hit of the rule (``rule.py``) at a threshold of *t* is one of two:

1. *As a whole*: the joined or the sorted words are at least *t* alike, for what is taken off only lowers a score. The
   bound of ``grams.py`` leaves out neither.
2. *Word by word*: every full word of the side that has fewer is paired, with a full word that is at least ``NEAR``
   alike or, at most as often as the other side has initials, with an initial; and at least one with a full word. So
   ``fewer words - initials of the other side``, and at least one, different words that were given have a word at least
   ``NEAR`` alike among the listed ones; where both sides have as many words, the smaller of the two numbers.
   ``grams.py`` finds, lossless, the words of the lists that are so alike; names that have one of them are counted once
   for each word that was given.

Names that neither leaves are no hits. The others, few, are scored by the rule itself, so the index never decides. In
running text a listed name is found only when all its words have their own words there (``NEAR_IN_TEXT``), which is
counted in the same way. The rule looks at a text through a window of at most two words more than a name has; a long
text is looked at in pieces that overlap by one word less than the largest window, and each is as long as the others, so
every window of the text is a window of a piece, and no other is.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from controls.screening import normal, rule
from controls.screening.grams import Counter, Grams, bits, mask_of
from controls.screening.normal import Name
from controls.screening.rule import Match, Measured

_REMEMBERED = 4_000
# Words of a text that are looked at together, at least.
_PIECE = 48


@dataclass(frozen=True, slots=True)
class Listed:
    """One name of an entry. ``entry`` is any key; ``threshold`` is its list's, 70 to 100."""

    entry: Hashable
    text: str
    quality: str = "primary"
    threshold: int = 82

    @property
    def weak(self) -> bool:
        return self.quality == "weak"


@dataclass(frozen=True, slots=True)
class Found:
    listed: Listed
    match: Match


class Index:
    """Made once of all names of some versions of lists; safe to share between threads that only ask."""

    def __init__(self, listed: Iterable[Listed]) -> None:
        grouped: dict[tuple[str, ...], list[Listed]] = {}
        names: dict[tuple[str, ...], Measured] = {}
        for one in listed:
            name = normal.name(one.text)
            if not name.words:
                continue
            grouped.setdefault(name.words, []).append(one)
            if name.words not in names:
                names[name.words] = rule.measure(name)
        self.names = sorted(names.values(), key=lambda one: (len(one.joined), one.name.words))
        self.listed = [grouped[one.name.words] for one in self.names]
        self.lowest = min((one.threshold for group in self.listed for one in group), default=100)
        self._joined = Grams([one.joined for one in self.names])
        self._sorted = Grams([one.sorted for one in self.names])
        self._words()
        self._shapes()

    def __len__(self) -> int:
        return len(self.names)

    def _words(self) -> None:
        places: dict[str, list[int]] = {}
        for place, one in enumerate(self.names):
            for word in {one.name.folded[at] for at in one.full}:
                places.setdefault(word, []).append(place)
        self._vocabulary = sorted(places, key=lambda word: (len(word), word))
        self._places = [places[word] for word in self._vocabulary]
        self._near_words = Grams(self._vocabulary)
        self._remembered: dict[tuple[str, int], int] = {}

    def _shapes(self) -> None:
        """Names by how many full words and initials they have."""
        shapes: dict[tuple[int, int], list[int]] = {}
        for place, one in enumerate(self.names):
            shapes.setdefault((len(one.full), len(one.initials)), []).append(place)
        self._of_shape = {shape: mask_of(places, len(self.names)) for shape, places in shapes.items()}
        self._needs: dict[tuple[int, int], dict[int, int]] = {}

    def find(self, text: str) -> list[Found]:
        """Every listed name that the rule finds for a name, the most alike of each entry, the most alike first."""
        given = rule.measure(normal.name(text))
        if not given.name.words:
            return []
        whole, words = self.candidates(given)
        scored = [(place, rule.score(given, self.names[place])) for place in bits(whole)]
        # Whatever is not near as a whole is a hit by its words or none.
        scored += [(place, rule.words_score(given, self.names[place])) for place in bits(words & ~whole)]
        return self._found(given, sorted(one for one in scored if one[1] >= self.lowest))

    def brute_force(self, text: str) -> list[Found]:
        """The same by asking the rule of every listed name: what :meth:`find` is measured by."""
        given = rule.measure(normal.name(text))
        if not given.name.words:
            return []
        scores = ((place, rule.score(given, one)) for place, one in enumerate(self.names))
        return self._found(given, [(place, score) for place, score in scores if score >= self.lowest])

    def _found(self, given: Measured, scored: Sequence[tuple[int, int]]) -> list[Found]:
        best: dict[Hashable, tuple[int, int, Listed]] = {}
        for place, score in scored:
            for one in self.listed[place]:
                worth = score - (rule.WEAK if one.weak else 0)
                if worth < one.threshold:
                    continue
                held = best.get(one.entry)
                if held is None or (worth, one.quality == "primary") > (held[0], held[2].quality == "primary"):
                    best[one.entry] = (worth, place, one)
        found = [
            Found(one, rule.explain(given, self.names[place], weak=one.weak)) for _worth, place, one in best.values()
        ]
        return sorted(found, key=lambda one: (-one.match.score, one.listed.text, str(one.listed.entry)))

    def candidates(self, given: Measured) -> tuple[int, int]:
        """Masks of every name that may be a hit as a whole, and of every one that may be by its words."""
        t = self.lowest / 100
        whole = self._joined.near(given.joined, t) | self._sorted.near(given.sorted, t)
        found = 0
        words = [given.name.folded[at] for at in given.full]
        counter = Counter(self._having(word, rule.NEAR) for word in words)
        for need, among in self._needed(len(given.full), len(given.initials)).items():
            found |= counter.at_least(need, among)
        return whole, found

    def inside(self, text: str) -> list[Found]:
        """Every listed name of two words or more that is found in running text."""
        words = normal.text(text)
        if len(words.words) < 2:
            return []
        found = []
        for piece in self._pieces(words):
            counter = Counter(self._having(word, rule.NEAR_IN_TEXT) for word in piece.folded)
            for (full, _initials), among in self._of_shape.items():
                if not 2 <= full <= len(piece.words):
                    continue
                for place in bits(counter.at_least(full, among)):
                    match = rule.inside(piece, self.names[place])
                    if match is not None:
                        found.append((place, match))
        return self._inside(found)

    def _pieces(self, words: Name) -> Iterator[Name]:
        """Pieces of equal length, the last one at the end of the text; a short text is one."""
        window = max((full for full, _initials in self._of_shape), default=0) + rule.MORE_IN_TEXT
        size = max(_PIECE, 2 * window)
        last = max(0, len(words.words) - size)
        for start in (*range(0, last, size - window + 1), last):
            yield Name(words.words[start : start + size], words.folded[start : start + size])

    def brute_inside(self, text: str) -> list[Found]:
        """The same by asking of every listed name."""
        words = normal.text(text)
        asked = ((place, rule.inside(words, one)) for place, one in enumerate(self.names))
        return self._inside([(place, match) for place, match in asked if match is not None])

    def _inside(self, found: Sequence[tuple[int, Match]]) -> list[Found]:
        best: dict[Hashable, Found] = {}
        for place, match in found:
            for one in self.listed[place]:
                if one.weak or match.score < one.threshold:
                    continue
                held = best.get(one.entry)
                if held is None or match.score > held.match.score:
                    best[one.entry] = Found(one, match)
        return sorted(best.values(), key=lambda one: (-one.match.score, one.listed.text, str(one.listed.entry)))

    def _having(self, word: str, near: int) -> int:
        """A mask of the names that have a word at least so alike. Remembered: the same words come again and again."""
        asked = (word, near)
        known = self._remembered.get(asked)
        if known is not None:
            return known
        places: set[int] = set()
        for at in bits(self._near_words.near(word, near / 100)):
            other = self._vocabulary[at]
            if other == word or fuzz.ratio(word, other, score_cutoff=near):
                places.update(self._places[at])
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        made = self._remembered[asked] = mask_of(places, len(self.names))
        return made

    def _needed(self, full: int, initials: int) -> dict[int, int]:
        """For a name of so many words and initials: how many words must be found -> in which names."""
        known = self._needs.get((full, initials))
        if known is not None:
            return known
        needs: dict[int, int] = {}
        for (words, letters), among in self._of_shape.items():
            fewer = min(full, words)
            others = letters if full < words else initials if words < full else max(initials, letters)
            need = max(1, fewer - others)
            needs[need] = needs.get(need, 0) | among
        self._needs[full, initials] = needs
        return needs
