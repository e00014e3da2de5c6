"""Texts by their pairs of letters: every text that may be as alike as asked, and few others. Lossless by proof.

**The bound.** Let a text have one mark before and one after it; a text of *a* letters then has *a* + 1 pairs of
neighbours (2-grams), counted as often as they occur. Let *L* be the length of the longest common subsequence of *x*
(*a* letters) and *y* (*b* letters). Delete from *x* the *a* - *L* letters outside it, then insert the *b* - *L* of *y*:
a deletion takes away at most two of the pairs that stood there before, an insertion at most one. So at most
2(*a* - *L*) + (*b* - *L*) pairs of *x* are lost on the way to *y*, and at least

    (a + 1) - 2(a - L) - (b - L)  =  3L - a - b + 1

pairs are common to both. The likeness of rapidfuzz is 2L / (a + b). When it is at least *t*, L is at least
t(a + b) / 2, rounded up; and L is at most min(a, b), which bounds the length of *y*. Whoever has fewer common pairs, or
another length, is not as alike as *t*, so leaving them out loses nothing. Above two thirds the bound says something.

Equal pairs are numbered (the first ``an``, the second ``an``), which makes the count of common pairs a count of common
members of two sets. Each member has a bit mask of the texts that have it; masks are added up column by column in
carry-save form, so that thousands of texts are counted by a few operations on long integers.
"""

import math
from collections.abc import Iterable, Iterator, Sequence

_ROUNDING = 1e-9


def common_at_least(a: int, b: int, t: float) -> int | None:
    """How many pairs two texts of these lengths share at least when they are ``t`` alike; None when they cannot be."""
    subsequence = math.ceil(t * (a + b) / 2 - _ROUNDING)
    if subsequence > min(a, b):
        return None
    return 3 * subsequence - a - b + 1


def members(text: str) -> list[str]:
    """The pairs of neighbours of a text, each with its number among equal ones."""
    marked = f"^{text}$"
    seen: dict[str, int] = {}
    found = []
    for at in range(len(marked) - 1):
        pair = marked[at : at + 2]
        number = seen[pair] = seen.get(pair, 0) + 1
        found.append(pair if number == 1 else f"{pair}{number}")
    return found


def bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, ascending."""
    written = bin(mask)[:1:-1]
    at = written.find("1")
    while at >= 0:
        yield at
        at = written.find("1", at + 1)


def mask_of(places: Iterable[int], size: int) -> int:
    made = bytearray(size // 8 + 1)
    for place in places:
        made[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(made, "little")


class Counter:
    """Counts, for each bit, in how many masks it is set."""

    def __init__(self, masks: Iterable[int]) -> None:
        self.planes: list[int] = []
        for mask in masks:
            carry = mask
            for at, plane in enumerate(self.planes):
                if not carry:
                    break
                self.planes[at] = plane ^ carry
                carry &= plane
            else:
                if carry:
                    self.planes.append(carry)

    def at_least(self, number: int, among: int) -> int:
        """The bits of ``among`` that are set in at least so many masks."""
        if number <= 0:
            return among
        if number.bit_length() > len(self.planes):
            return 0
        more, equal = 0, among
        for at in reversed(range(len(self.planes))):
            plane = self.planes[at]
            if number >> at & 1:
                equal &= plane
            else:
                more |= equal & plane
                equal ^= equal & plane
            if not equal:
                break
        return more | equal


class Grams:
    """Texts in ascending order of their lengths; places are their bits."""

    def __init__(self, texts: Sequence[str]) -> None:
        places: dict[str, list[int]] = {}
        self.begins: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        longest = 0
        for place, text in enumerate(texts):
            if len(text) < longest:
                raise ValueError("texts must be in ascending order of their lengths")
            longest = len(text)
            self.begins.setdefault(longest, place)
            self.ends[longest] = place + 1
            for member in members(text):
                places.setdefault(member, []).append(place)
        self.masks = {member: mask_of(found, len(texts)) for member, found in places.items()}

    def near(self, text: str, t: float) -> int:
        """A mask of every text that may be at least ``t`` (0 to 1) alike, and few others."""
        asked = self._asked(len(text), t)
        if not asked:
            return 0
        first, last = self.begins[asked[0][0]], self.ends[asked[-1][0]]
        window = (1 << (last - first)) - 1
        counter = Counter(self.masks[member] >> first & window for member in members(text) if member in self.masks)
        found = 0
        at = 0
        while at < len(asked):
            number, begin = asked[at][1], self.begins[asked[at][0]]
            while at < len(asked) and asked[at][1] == number:
                end = self.ends[asked[at][0]]
                at += 1
            among = ((1 << (end - first)) - 1) ^ ((1 << (begin - first)) - 1)
            found |= counter.at_least(number, among)
        return found << first

    def _asked(self, length: int, t: float) -> list[tuple[int, int]]:
        """Lengths that a text may have, with the pairs that it must share, ascending."""
        asked = []
        for other in self.begins:
            common = common_at_least(length, other, t)
            if common is not None:
                asked.append((other, common))
        return asked
