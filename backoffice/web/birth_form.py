"""Date and place of birth of a natural person in the forms of payments, and in words where they are shown."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from backoffice.common import formats
from backoffice.web import typed
from backoffice.web.typed import text
from transactions import births

Words = str | Promise
LABELS: dict[str, Words] = {
    "creditor": gettext_lazy("Birth of the creditor"),
    "debtor": gettext_lazy("Birth of the debtor"),
    "ultimate_creditor": gettext_lazy("Birth of the ultimate creditor"),
    "ultimate_debtor": gettext_lazy("Birth of the ultimate debtor"),
}


class BirthForm(forms.Form):
    """The fields, for the forms that ask of one person."""

    birth_date = forms.DateField(
        label=gettext_lazy("Date of birth"), required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Of a natural person, where it is known."),
    )  # fmt: skip
    birth_town = text(gettext_lazy("Town of birth"), 35)
    birth_country = text(gettext_lazy("Country of birth"), 2, help_text=gettext_lazy("Two letters, such as FR."))

    def clean_birth_date(self) -> date | None:
        return typed.birth(self.cleaned_data["birth_date"])

    def clean_birth_country(self) -> str:
        return typed.country(self.cleaned_data["birth_country"])

    @property
    def birth(self) -> dict[str, str]:
        """What was typed, by the names of the interface."""
        given = self.cleaned_data
        day = given.get("birth_date")
        parts = {
            "born_on": day.isoformat() if day else "", "town": given.get("birth_town", ""),
            "country": given.get("birth_country", ""),
        }  # fmt: skip
        return {name: part for name, part in parts.items() if part}


def initial(known: Mapping[str, str]) -> dict[str, Any]:
    return {
        "birth_date": known.get("born_on", ""), "birth_town": known.get("town", ""),
        "birth_country": known.get("country", ""),
    }  # fmt: skip


def words(said: Mapping[str, Any]) -> str:
    """``9 Apr 1961, Varna, Bulgaria (BG)``: what is known of it."""
    born_on = said.get("born_on")
    parts = (
        formats.day(date.fromisoformat(str(born_on))) if born_on else "", str(said.get("town") or ""),
        str(said.get("province") or ""), formats.country(str(said.get("country") or "")),
    )  # fmt: skip
    return ", ".join(part for part in parts if part)


def told(payment_id: int) -> list[tuple[Words, str]]:
    """The births that a payment tells of, each with its label. One query."""
    return [(LABELS[side], words(said)) for side, said in births.of(payment_id).items()]
