"""What people type into the forms of payments: amounts, account numbers, BICs, countries, each with its sentence."""

from datetime import date
from decimal import Decimal
from typing import Any

import pycountry
from django import forms
from django.utils.translation import gettext as _

from backoffice.common import errors, money
from backoffice.common.errors import BusinessError
from transactions import births
from transactions.intake import account_numbers
from transactions.queries.search import number_of


def text(
    label: Any, longest: int, *, required: bool = False, help_text: Any = "", **attributes: str
) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, required=required, help_text=help_text, widget=forms.TextInput(attributes)
    )


def amount(typed: str) -> Decimal:
    """The amount that a person typed, or why it is none."""
    found = number_of(typed, strict=True)
    if found is None and number_of(typed) is not None:
        raise forms.ValidationError(
            _("“%(value)s” can be read in two ways; write it with its decimals.") % {"value": typed}
        )
    if found is None:
        raise forms.ValidationError(errors.sentence("money.not_a_number", {"value": typed}))
    if not 0 < found <= money.LARGEST:
        code = "money.too_large" if found else "money.not_positive"
        raise forms.ValidationError(errors.sentence(code, {"value": found}))
    return found


def amount_in(typed: str, currency: str) -> Decimal:
    """The same in the decimals of a currency."""
    try:
        return money.parse(amount(typed), currency)
    except BusinessError as refusal:
        raise forms.ValidationError(str(refusal)) from None


def number(typed: str) -> str:
    """An IBAN whose check digits match, or another account number; empty stays empty."""
    cleaned = account_numbers.clean(typed)
    if cleaned and (not cleaned.isalnum() or len(cleaned) > 34):
        raise forms.ValidationError(_("An account number has at most 34 letters and digits."))
    if account_numbers.looks_like_iban(cleaned):
        fault = account_numbers.iban_fault(cleaned)
        if fault:
            raise forms.ValidationError(errors.sentence(fault, {"value": cleaned, "iban": cleaned}))
    return cleaned


def bic(typed: str) -> str:
    code = typed.replace(" ", "").upper()
    fault = account_numbers.bic_fault(code) if code else ""
    if fault:
        raise forms.ValidationError(errors.sentence(fault, {"value": code, "bic": code}))
    return code


def birth(day: date | None) -> date | None:
    fault = births.fault(day) if day else ""
    if fault:
        raise forms.ValidationError(errors.sentence(fault))
    return day


def country(typed: str) -> str:
    code = typed.upper()
    if code and pycountry.countries.get(alpha_2=code) is None:
        raise forms.ValidationError(_("“%(country)s” is not a country code.") % {"country": code})
    return code
