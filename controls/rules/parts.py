"""A checked expression taken apart by its words and, or, not and brackets: each part with its own text and place.

The text itself is cut, so that what is shown is what was written. Only for texts that the language accepted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlglot.tokens import Token, TokenType  # type: ignore[attr-defined]

from controls.rules.tokens import tokens_of


@dataclass(frozen=True)
class Part:
    """``kind``: all, any, not, or leaf (a condition). ``start``: its first character, 0 being that of the text."""

    kind: str
    text: str
    start: int
    items: "tuple[Part, ...]" = ()

    def leaves(self) -> "Iterator[Part]":
        if self.kind == "leaf":
            yield self
        for item in self.items:
            yield from item.leaves()


def taken_apart(text: str) -> Part:
    words = tokens_of(text)
    return _part(text, words, 0, len(words))


def _part(text: str, words: Sequence[Token], first: int, end: int) -> Part:
    start = words[first].start
    source = text[start : words[end - 1].end + 1]
    for connector, kind in ((TokenType.OR, "any"), (TokenType.AND, "all")):
        if cuts := _cuts(words, first, end, connector):
            items = tuple(_part(text, words, a + 1, b) for a, b in pairwise([first - 1, *cuts, end]))
            return Part(kind, source, start, items)
    if words[first].token_type is TokenType.NOT:
        return Part("not", source, start, (_part(text, words, first + 1, end),))
    if words[first].token_type is TokenType.L_PAREN and _closing(words, first) == end - 1:
        return _part(text, words, first + 1, end - 1)
    return Part("leaf", source, start)


def _cuts(words: Sequence[Token], first: int, end: int, connector: TokenType) -> list[int]:
    """Where a connector stands outside brackets; the "and" of a "between" is none."""
    depth = pending = 0
    found = []
    for at in range(first, end):
        kind = words[at].token_type
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        if depth:
            continue
        if kind is TokenType.BETWEEN:
            pending += 1
        elif kind is TokenType.AND and pending:
            pending -= 1
        elif kind is connector:
            found.append(at)
    return found


def _closing(words: Sequence[Token], opening: int) -> int:
    depth = 0
    for at in range(opening, len(words)):
        depth += (words[at].token_type is TokenType.L_PAREN) - (words[at].token_type is TokenType.R_PAREN)
        if not depth:
            return at
    return -1
