"""The basic Latin set that every SEPA bank accepts.

Source: EPC217-08, SEPA requirements for an extended character set: letters, digits, / - ? : ( ) . , ' + and space.
Names and texts are transliterated first and cut afterwards; identifiers, IBANs and amounts are never changed.
"""

import re

from anyascii import anyascii

ALLOWED = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_REPLACED = str.maketrans(
    {"&": "+", "@": "(at)", "_": "-", "€": "EUR", "’": "'", "‘": "'", "–": "-", "—": "-",
     "ä": "ae", "ö": "oe", "ü": "ue",
     "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", '"': "", "“": "", "”": "", "«": "", "»": ""}
)  # fmt: skip


def basic_latin(text: str, longest: int) -> str:
    """``text`` in the basic set, single-spaced, at most ``longest`` characters."""
    plain = ALLOWED.sub(" ", anyascii(text.translate(_REPLACED)))
    return " ".join(plain.split())[:longest].strip()
