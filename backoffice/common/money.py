"""Money is a ``Decimal`` with its ISO 4217 code, quantised to the currency's exponent at the door. Never a float."""

import functools
from decimal import Decimal, InvalidOperation

import pycountry

from backoffice.common.errors import BusinessError

MAX_DIGITS, DECIMAL_PLACES = 18, 5
LONGEST_NUMBER = 60  # places, before and after the point
LARGEST = Decimal(10) ** (MAX_DIGITS - DECIMAL_PLACES) - 1

# ISO 4217 minor units other than two.
EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_NOT_MONEY = {"XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA"}


@functools.cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes of currencies that can be paid in (no metals, no test codes)."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies) - _NOT_MONEY


def exponent(currency: str) -> int:
    """Decimals of a currency: 2 for EUR, 0 for JPY, 3 for TND."""
    if currency not in currencies():
        raise BusinessError("money.currency_unknown", currency=currency)
    return EXPONENTS.get(currency, 2)


def number(text: object) -> Decimal:
    """The number that someone wrote. Refuses what is none, is endless, or has more places than any amount: a dozen
    characters may stand for a number that fills the memory when it is written out."""
    written = str(text).strip()
    try:
        found = Decimal(written) if len(written) <= LONGEST_NUMBER else None
    except InvalidOperation:
        found = None
    if found is None or not found.is_finite() or abs(found.adjusted()) > LONGEST_NUMBER:
        raise BusinessError("money.not_a_number", value=written[:40])
    return found


def parse(value: str | Decimal | int, currency: str) -> Decimal:
    """A positive amount of ``currency``, quantised to its exponent; a finer one is refused, never rounded."""
    decimals = exponent(currency)
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        raise BusinessError("money.not_a_number", value=str(value)[:40]) from None
    if not amount.is_finite():
        raise BusinessError("money.not_a_number", value=str(value)[:40])
    if amount > LARGEST:
        raise BusinessError("money.too_large", value=str(value)[:40])
    if amount <= 0:
        raise BusinessError("money.not_positive", value=str(value)[:40])
    step = Decimal(1).scaleb(-decimals)
    quantised = amount.quantize(step)
    if quantised != amount:
        raise BusinessError("money.too_precise", value=str(value)[:40], decimals=decimals, currency=currency)
    return quantised


def plain(amount: Decimal, currency: str) -> str:
    """The amount for files and APIs: a point, the currency's decimals, no grouping."""
    return f"{amount.quantize(Decimal(1).scaleb(-exponent(currency))):f}"
