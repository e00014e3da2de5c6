"""IBAN and BIC: cleaning at the door, and what is wrong with one. Answers are cached: files repeat their accounts."""

import contextlib
import functools
import re

import pycountry
from schwifty import BIC, IBAN, registry
from schwifty.exceptions import (
    InvalidBBANChecksum,
    InvalidChecksumDigits,
    InvalidCountryCode,
    InvalidLength,
    InvalidStructure,
    SchwiftyException,
)

# In the scheme since October 2025 (AL, MD, ME, MK) and May 2026 (RS); the registry package does not say so yet.
_JOINED_LATELY = {"AL", "MD", "ME", "MK", "RS"}
_IBAN_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}\Z")
_BIC_SHAPE = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?\Z")


@functools.lru_cache(maxsize=65_536)
def clean(number: str) -> str:
    """An account number without blanks; upper case when it looks like an IBAN. Other identifiers keep their case."""
    packed = "".join(number.split())
    raised = packed.upper()
    return raised if _IBAN_SHAPE.match(raised) else packed


def looks_like_iban(number: str) -> bool:
    return bool(_IBAN_SHAPE.match(number))


@functools.cache
def sepa_countries() -> tuple[str, ...]:
    """Country codes whose IBANs can be reached by SEPA transfers, from the IBAN registry."""
    found = set(_JOINED_LATELY)
    for country in pycountry.countries:
        with contextlib.suppress(SchwiftyException):
            if registry.get_iban_spec(country.alpha_2).in_sepa_zone:
                found.add(country.alpha_2)
    return tuple(sorted(found))


@functools.lru_cache(maxsize=65_536)
def iban_fault(number: str) -> str:
    """The code of what is wrong with an IBAN, or empty: shape, country, length, check digits."""
    try:
        IBAN(number, validate_bban=False)
    except InvalidChecksumDigits:
        return "iban.check_digits"
    except InvalidLength:
        return "iban.length"
    except InvalidCountryCode:
        return "iban.country"
    except (InvalidStructure, InvalidBBANChecksum, SchwiftyException):
        return "iban.structure"
    return ""


@functools.lru_cache(maxsize=65_536)
def bic_fault(bic: str) -> str:
    """The code of what is wrong with a BIC, or empty. Whether a bank answers under it is not known here."""
    if not _BIC_SHAPE.match(bic):
        return "bic.structure"
    try:
        BIC(bic)
    except InvalidCountryCode:
        return "bic.country"
    except SchwiftyException:
        return "bic.structure"
    return ""
