"""What the texts of a payment come to as keys of movements: one reading for files and for the house."""

import hashlib
import re

from controls import facts
from controls.scoring.movements import CASH, REFUND, UNKNOWN

_CASH = re.compile(r"\b(cash|atm|especes|bargeld|contant|retrait)\b")
_REFUND = re.compile(r"\b(refund|remboursement|reversal|rueckzahlung|chargeback)\b")
_NUMBERED = re.compile(r"\d{3,}")


def bare(name: str) -> str:
    """A name without what two writings of it differ in: the order of its words, case, accents, legal forms."""
    return " ".join(sorted(facts.bare_name(name).split())) if name else ""


def cited(remittance: str, end_to_end_id: str) -> str:
    """The numbers that the remittance quotes; without any, an end-to-end reference that has some."""
    numbers = _NUMBERED.findall(remittance)
    if numbers:
        return " ".join(numbers)
    reference = end_to_end_id.upper()
    return " ".join(reference.split()) if _NUMBERED.search(reference) else ""


def nature(words: str) -> int:
    """Cash, a refund, or neither, by the words of kind and remittance."""
    plain = words.lower().replace("_", " ").replace("è", "e")
    if _CASH.search(plain):
        return CASH
    return REFUND if _REFUND.search(plain) else 0


def key(text: str) -> int:
    """The first 63 bits of its SHA-256; -1 of an empty one."""
    if not text:
        return UNKNOWN
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def small(text: str) -> int:
    """A short code as a number: its first seven bytes; -1 of an empty one."""
    return int.from_bytes(text.encode()[:7], "big") if text else UNKNOWN
