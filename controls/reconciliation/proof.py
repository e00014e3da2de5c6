"""The proof of a day: what was true when it was prepared, as data, and the SHA-256 of it.

The bytes are fixed: each text in UTF-8 after its length, in the order below, numbers without trailing zeros. Another
program makes the same digest of the same proof; a golden test holds it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from controls.reconciliation.positions import Position
from transactions.models import Account

VERSION = "day 1"
_FIGURES = (
    "version", "entity", "account", "number", "currency", "day", "bank", "books", "unexplained", "line_count", "came",
    "went", "lines", "match_count", "matches",
)  # fmt: skip


def plain(amount: Decimal) -> str:
    """A number as a proof writes it: 1204.5, 0, -3."""
    written = f"{amount.normalize():f}"
    return "0" if written in {"-0", ""} else written


def of(account: Account, found: Position) -> dict[str, Any]:
    """The proof of a position whose balance at the bank is known."""
    return {
        "version": VERSION, "entity": account.entity.code, "account": account.code, "number": account.number,
        "currency": account.currency, "day": found.day.isoformat(), "bank": plain(found.bank or Decimal(0)),
        "books": plain(found.books), "unexplained": plain(found.unexplained), "line_count": str(found.line_count),
        "came": plain(found.came), "went": plain(found.went), "lines": found.lines,
        "match_count": str(found.match_count), "matches": found.matches,
        "explained": [
            [one.kind, str(one.key), one.on.isoformat(), plain(one.amount), one.words] for one in found.explained
        ],
    }  # fmt: skip


def digest(proof: Mapping[str, Any]) -> bytes:
    """SHA-256 of the figures in their order, then of each explained part in its order."""
    made = hashlib.sha256()
    for text in _texts(proof):
        written = str(text).encode()
        made.update(f"{len(written)}:".encode() + written)
    return made.digest()


def _texts(proof: Mapping[str, Any]) -> Iterable[Any]:
    for name in _FIGURES:
        yield proof[name]
    yield len(proof["explained"])
    for part in proof["explained"]:
        yield from part
