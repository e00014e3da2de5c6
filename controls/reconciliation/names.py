"""Whether a bank's writing of a counterparty is a name of the books: cut off, abbreviated or misspelt, not another."""

import re
import unicodedata

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

# Of a name without a hint in the books these say nothing.
_EMPTY = frozenset(
    {
        "SA", "SAS", "SARL", "SASU", "EURL", "SCI", "SNC", "GMBH", "AG", "KG", "LTD", "LLC", "INC", "BV", "NV",
        "SPA", "SRL", "SL", "PLC", "CIE", "ETS", "DE", "LA", "LE", "LES", "DU", "DES", "ET", "AND", "THE", "OF",
        "MR", "MME", "M", "MLLE", "STE", "SOCIETE", "VIR", "VIREMENT", "SEPA", "RECU", "EMIS", "INST", "PRLV",
        "FACTURE", "INVOICE", "PAIEMENT", "PAYMENT", "REF",
    }
)  # fmt: skip
_SIGNS = re.compile(r"[^A-Z0-9 ]+")


def words(text: str) -> list[str]:
    """The words of a name that say something, in capitals without accents, in their order."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return [word for word in _SIGNS.sub(" ", plain).split() if len(word) > 1 and word not in _EMPTY]


def _same(one: str, other: str) -> bool:
    """One word, though one of them is cut off or has a typing error."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= 3 and longer.startswith(shorter):
        return True
    return len(shorter) >= 5 and OSA.distance(one, other) <= (1 if len(shorter) < 8 else 2)


def supports(written: str, said: str, meant: str) -> bool:
    """Do the words of the bank, name or text, name the counterparty? All that the shorter of them says is found."""
    wanted = words(meant)
    if not any(len(word) >= 4 for word in wanted):
        return False
    given = words(written)
    if given:
        fewer, more = (given, wanted) if len(given) <= len(wanted) else (wanted, given)
        found = [word for word in fewer if any(_same(word, other) for other in more)]
        return len(found) == len(fewer) and any(len(word) >= 4 for word in found)
    text = words(said)
    return all(any(_same(word, other) for other in text) for word in wanted if not word.isdecimal())


def alike(written: str, meant: str) -> float:
    """From 0 to 1: for ranking, not for deciding."""
    return fuzz.token_set_ratio(" ".join(words(written)), " ".join(words(meant))) / 100
