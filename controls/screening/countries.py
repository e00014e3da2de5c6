"""Countries as publishers of lists write them, as codes of ISO 3166: ``Korea, North``, ``Iran (Islamic Republic of)``.

What is not recognised has no code: a comparison then says that it is not known, never that it differs.
"""

import functools
import re
from collections.abc import Mapping, Sequence

import pycountry
from anyascii import anyascii
from babel import Locale

# Beside the names of ISO and of Unicode, in English and French.
_ALSO = {
    "burma": "MM", "cape verde": "CV", "china hong kong special administrative region": "HK", "cote d ivoire": "CI",
    "czech republic": "CZ", "democratic peoples republic of korea": "KP", "democratic republic of the congo": "CD",
    "dprk": "KP", "east timor": "TL", "former yugoslav republic of macedonia": "MK", "gaza": "PS", "holy see": "VA",
    "ivory coast": "CI", "kosovo": "XK", "macau": "MO", "macedonia": "MK", "palestine": "PS", "palestinian": "PS",
    "republic of korea": "KR", "republic of the congo": "CG", "russian federation": "RU", "state of palestine": "PS",
    "swaziland": "SZ", "syrian arab republic": "SY", "turkey": "TR", "uae": "AE", "uk": "GB", "us": "US", "usa": "US",
    "west bank": "PS",
}  # fmt: skip
# No country is named at more length; what removes words and brackets looks at a text again and again.
_LONGEST = 120
_LEAD = re.compile(r"^(?:possibly|region|nationality|citizen|of registration|flag)\b:? +", re.IGNORECASE)
_APART = re.compile(r"[^a-z]+")


def agree(code: str, listed: Sequence[str]) -> bool | None:
    """Whether a country is among those of an entry. None: one side is not known, so nothing can be said."""
    known = {code_of(one) for one in listed}
    if not code or not known:
        return None
    if code.upper() in known:
        return True
    return None if "" in known else False


@functools.lru_cache(maxsize=4_096)
def code_of(text: str) -> str:
    """The code of a country that is named or coded; empty when it is not recognised."""
    said = text.strip()
    if len(said) > _LONGEST:
        return ""
    if len(said) == 2 and said.upper() in _codes():
        return said.upper()
    # "Iran (Islamic Republic of)" is Iran; "Congo, Democratic Republic of the" is said the other way round.
    bare = _LEAD.sub("", re.sub(r"\(.*?\)", " ", said))
    turned = " ".join(part.strip() for part in reversed(bare.split(",", 1)))
    return next((_names()[key] for key in map(_key, (said, bare, turned)) if key in _names()), "")


def _key(text: str) -> str:
    plain = _APART.sub(" ", anyascii(text).lower().replace("&", " and ").replace("'", "")).strip()
    while (shorter := _LEAD.sub("", plain).removeprefix("the ")) != plain:
        plain = shorter
    return plain


@functools.cache
def _codes() -> frozenset[str]:
    return frozenset({"XK", *(country.alpha_2 for country in pycountry.countries)})


@functools.cache
def _names() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for language in ("fr", "en"):
        for code, name in Locale(language).territories.items():
            if code in _codes():
                found[_key(name)] = code
    for country in pycountry.countries:
        for field in ("alpha_3", "name", "official_name", "common_name"):
            if hasattr(country, field):
                found[_key(getattr(country, field))] = country.alpha_2
    return found | _ALSO
