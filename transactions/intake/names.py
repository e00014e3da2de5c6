"""Names of people and firms, normalised for comparison."""

import functools
import re

from anyascii import anyascii

_APART = re.compile(r"[^a-z0-9]+")
LONGEST = 140


@functools.lru_cache(maxsize=65_536)
def key(name: str) -> str:
    """The name in plain lower-case letters and digits, one blank between words: ``kervella fils`` of “Kervélla & Fils”.

    Legal forms stay: two firms may differ by theirs alone.
    """
    plain = name if name.isascii() else anyascii(name)
    return _APART.sub(" ", plain.lower()).strip()[:LONGEST]
