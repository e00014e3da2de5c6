"""A name made comparable: plain letters, its words in order, without titles, legal forms and particles.

``Владимир ПУТИН, д-р`` and ``Dr Vladimir Putin`` give the same words. What is left out is left out on both sides, and
never all of it: a name that has nothing but such words keeps them. ``fold`` brings spellings together that differ by
the alphabet they went through (w and v, ou and u, doubled letters); that a word was only alike after it costs points.
"""

import functools
import re
from dataclasses import dataclass

from anyascii import anyascii

# Of a name: a name of a payment has at most 140 characters, a listed one 300. Of a text: the longest remittance.
LONGEST, LONGEST_TEXT = 300, 10_000

# Said of a person, not part of the name.
TITLES = frozenset(
    {
        "mr", "mrs", "ms", "miss", "mister", "sir", "lady", "lord", "dr", "doctor", "docteur", "doktor", "prof",
        "professor", "professeur", "eng", "engineer", "ing", "m", "mme", "mlle", "monsieur", "madame", "mademoiselle",
        "herr", "frau", "senor", "senora", "sr", "sra", "don", "dona", "sheikh", "shaykh", "sheik", "cheikh", "shaikh",
        "hajji", "haji", "hadji", "hajj", "alhaji", "mullah", "mawlawi", "maulavi", "mawlana", "maulana", "qari",
        "imam", "ayatollah", "sayyid", "sayyed", "general", "gen", "brigadier", "colonel", "col", "major", "maj",
        "captain", "capt", "lieutenant", "lt", "commander", "admiral", "marshal", "president", "prezident", "minister",
        "ministre", "ambassador", "his", "her", "excellency", "rev", "reverend", "father", "esq", "jr", "junior",
        "phd", "mba", "presidente", "prasident", "praesident",
    }
)  # fmt: skip
LEGAL_FORMS = frozenset(
    {
        "ab", "ag", "as", "asa", "asbl", "aps", "bhd", "bv", "bvba", "ca", "cie", "co", "company", "corp",
        "corporation", "cv", "doo", "ead", "eeig", "eirl", "eurl", "ev", "fzc", "fze", "fzco", "gie", "gmbh", "hf",
        "inc", "incorporated", "jsc", "kft", "kg", "kgaa", "kk", "lda", "limited", "llc", "llp", "lp", "ltd", "ltda",
        "mbh", "nv", "ohg", "ojsc", "ooo", "oao", "oy", "oyj", "pao", "pjsc", "plc", "pllc", "private", "pt", "pte",
        "pty", "pvt", "rl", "sa", "sab", "sae", "sal", "sarl", "sas", "sasu", "sau", "sca", "sccv", "sci", "scop",
        "scs", "sdn", "se", "sl", "slu", "snc", "soc", "societe", "spa", "spol", "spolka", "sprl", "spzoo", "srl",
        "sro", "tbk", "zao", "zrt", "oo", "aktiengesellschaft", "gesellschaft", "obshchestvo",
    }
)  # fmt: skip
# Written or not, together or apart, as it pleases; left out where two other words are left.
PARTICLES = frozenset(
    {
        "al", "el", "ul", "as", "ar", "ad", "an", "at", "bin", "ibn", "bint", "de", "der", "den", "van", "von", "da",
        "di", "du", "la", "le", "les", "del", "della", "dos", "das", "do", "af", "av", "zu", "y", "e", "i", "and",
        "of", "the", "et", "und", "for", "des", "en", "in", "a", "to", "pour",
    }
)  # fmt: skip

_APOSTROPHES = re.compile(r"['’‘ʻʼ`´ʿʾ]")
_APART = re.compile(r"[^a-z0-9]+")
_DOTTED = re.compile(r"\b(?:[a-z][./]){1,5}[a-z]?\b\.?|\b[a-z](?:\.[a-z]){1,5}\.?")
_JOINT_STOCK = re.compile(r"\b(?:(?:open|public|closed)\s+)?joint[\s-]+stock\s+company\b")
_MUHAMMAD = re.compile(r"m[uo]h?am+[aeiu]d|me[hk]h?m[ae][dt]|mhmd|mohd")
_SERVANT = re.compile(r"abd(?:oul|[aeiou]l|[aeu]r|[aeu]s|[aeiou])?")
_SERVANTS = frozenset({"abd", "abdul", "abdel", "abdal", "abdoul", "abdol", "abdil", "abdu"})
_ARTICLES = frozenset({"al", "el", "ul", "il", "ar", "er", "ur", "as", "es", "us", "ad"})

_FOLDS = (
    (re.compile(r"tsch|tch"), "c"), (re.compile(r"sch"), "s"), (re.compile(r"sh"), "s"), (re.compile(r"ch"), "c"),
    (re.compile(r"ph"), "f"), (re.compile(r"[kg]h"), "k"), (re.compile(r"th"), "t"), (re.compile(r"dj"), "j"),
    (re.compile(r"ck|c(?=[^eiyhc]|$)|q"), "k"), (re.compile(r"ou|oo"), "u"), (re.compile(r"ee|ie|y"), "i"),
    (re.compile(r"w"), "v"), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared. ``words`` and ``folded`` go together, in the order they were written."""

    words: tuple[str, ...]
    folded: tuple[str, ...]

    @property
    def key(self) -> str:
        """What equal names have in common: the words in their order, one blank between."""
        return " ".join(self.words)


EMPTY = Name((), ())


@functools.lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """One spelling for those that alphabets and languages make of a sound. Words with digits stay as they are."""
    if not word.isalpha():
        return word
    if _MUHAMMAD.fullmatch(word):
        return "muhamad"
    for pattern, into in _FOLDS:
        word = pattern.sub(into, word)
    return word


@functools.lru_cache(maxsize=100_000)
def name(text: str) -> Name:
    """The name, made comparable. ``PUTIN, Vladimir`` is read as ``Vladimir Putin``."""
    plain = _plain(text[:LONGEST])
    before, comma, after = plain.partition(",")
    if comma and after.strip() and not _only(after, LEGAL_FORMS | TITLES):
        plain = f"{after} {before}"
    words = _words(plain)
    words = _without(words, TITLES | LEGAL_FORMS, keep=1)
    words = _servants(words)
    words = _without(words, PARTICLES, keep=2)
    return _made(words)


@functools.lru_cache(maxsize=4_000)
def text(words: str) -> Name:
    """Running text, such as a remittance: every word that may be part of a name, in order. Numbers are left out."""
    found = [word for word in _words(_plain(words[:LONGEST_TEXT])) if not any(letter.isdigit() for letter in word)]
    return _made([word for word in _servants(found) if len(word) > 1 and word not in PARTICLES])


def _made(words: list[str]) -> Name:
    return Name(tuple(words), tuple(fold(word) or word for word in words))


def _plain(written: str) -> str:
    ascii_only = written if written.isascii() else anyascii(_APOSTROPHES.sub("", written))
    return _APOSTROPHES.sub("", ascii_only.lower())


def _words(plain: str) -> list[str]:
    """Words apart; a dotted abbreviation of three letters, a legal form or a title is one word (s.a.r.l., ph.d.)."""
    joined = _DOTTED.sub(_abbreviation, _JOINT_STOCK.sub(" jsc ", plain))
    return _APART.sub(" ", joined).split()


def _abbreviation(found: re.Match[str]) -> str:
    letters = _APART.sub("", found[0])
    return f" {letters} " if letters in LEGAL_FORMS or letters in TITLES or len(letters) > 2 else found[0]


def _only(plain: str, words: frozenset[str]) -> bool:
    return all(word in words for word in _words(plain))


def _without(words: list[str], left_out: frozenset[str], *, keep: int) -> list[str]:
    """The words that are not left out; all of them where fewer than ``keep`` would remain."""
    found = [word for word in words if word not in left_out]
    return found if sum(len(word) > 1 for word in found) >= keep else words


def _servants(words: list[str]) -> list[str]:
    """Arabic names of the form "servant of …" are one word however they are written: Abd al-Rahman, Abdurrahman."""
    found: list[str] = []
    waiting = False
    for word in words:
        if waiting and word in _ARTICLES:
            continue
        if waiting:
            rest = word[2:] if word[:2] in _ARTICLES and len(word) >= 5 else word
            found.append(f"abd{rest}")
            waiting = False
        elif word in _SERVANTS:
            waiting = True
        elif word.startswith("abd") and len(word) >= 7:
            rest = _SERVANT.sub("", word, count=1)
            found.append(f"abd{rest}" if len(rest) >= 3 else word)
        else:
            found.append(word)
    return [*found, "abd"] if waiting else found
