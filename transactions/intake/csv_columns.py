"""Columns of payment lists by their titles, in English and French, and the conventions their values follow.

Titles are compared by ``names.key``: without case, accents or punctuation. The order within a field is the order of
preference when two columns would fill it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from backoffice.common import money
from transactions.intake import names

Ranked = dict[str, tuple[str, int]]
TITLES: dict[str, tuple[str, ...]] = {
    "creditor_name": (
        "creditor name", "beneficiary name", "payee name", "supplier name", "vendor name", "recipient name", "creditor",
        "beneficiary", "payee", "supplier", "vendor", "recipient", "nom du beneficiaire", "nom beneficiaire",
        "nom du creancier", "nom du fournisseur", "nom fournisseur", "beneficiaire", "creancier", "fournisseur",
        "destinataire", "raison sociale", "tiers", "salarie", "nom", "name", "nom et prenom",
    ),
    "creditor_number": (
        "creditor iban", "beneficiary iban", "payee iban", "supplier iban", "creditor account", "beneficiary account",
        "payee account", "iban du beneficiaire", "iban beneficiaire", "iban creancier", "iban fournisseur",
        "compte du beneficiaire", "compte beneficiaire", "compte crediteur", "compte a crediter", "iban",
        "account number", "numero de compte", "iban account", "to account", "account", "compte",
    ),
    "creditor_bic": (
        "creditor bic", "beneficiary bic", "payee bic", "bic du beneficiaire", "bic beneficiaire", "bic creancier",
        "bic", "swift", "bic swift", "swift bic", "code bic", "code swift", "bic code", "swift code",
    ),
    "amount": (
        "amount", "montant", "amount to pay", "payment amount", "montant a payer", "montant du virement", "montant ttc",
        "net a payer", "total", "sum", "somme", "value",
    ),
    "currency": ("currency", "devise", "ccy", "currency code", "code devise", "monnaie"),
    "requested_execution_date": (
        "requested execution date", "execution date", "payment date", "date d execution", "date execution",
        "date de paiement", "date du virement", "date d echeance", "echeance", "due date", "value date",
        "date de valeur", "date",
    ),
    "debtor_number": (
        "debtor iban", "payer iban", "debtor account", "payer account", "ordering account", "from account",
        "debit account", "iban donneur d ordre", "iban du donneur d ordre", "iban debiteur", "iban emetteur",
        "compte a debiter", "compte debiteur", "compte emetteur", "compte donneur d ordre",
    ),
    "debtor_name": (
        "debtor name", "payer name", "debtor", "payer", "nom du debiteur", "donneur d ordre", "debiteur", "emetteur",
    ),
    "end_to_end_id": (
        "end to end id", "endtoendid", "end to end reference", "e2e", "reference de bout en bout", "bout en bout",
        "payment reference", "reference paiement", "reference de paiement", "reference du virement",
        "reference virement", "reference", "ref",
    ),
    "instruction_id": ("instruction id", "instruction reference", "reference d instruction", "identifiant instruction"),
    "remittance": (
        "remittance", "remittance information", "remittance info", "motif", "motif de paiement", "motif du virement",
        "libelle", "communication", "description", "details", "label", "message", "objet", "invoice",
        "invoice number", "facture", "numero de facture", "n facture",
    ),
    "creditor_reference": (
        "creditor reference", "structured reference", "rf reference", "reference creancier", "reference structuree",
    ),
    "purpose": ("purpose", "purpose code", "code motif"),
    "category_purpose": ("category purpose", "categorie"),
    "charge_bearer": ("charge bearer", "charges", "frais"),
    "service_level": ("service level", "niveau de service"),
    "ultimate_debtor": ("ultimate debtor", "debiteur final"),
    "ultimate_creditor": ("ultimate creditor", "creancier final", "beneficiaire final"),
    "uetr": ("uetr",),
    "kind": ("payment kind", "kind of payment", "nature du paiement", "genre de paiement"),
    "debtor_bic": ("debtor bic", "payer bic", "bic du debiteur", "bic debiteur", "bic emetteur", "bic du payeur"),
    "debtor_street": ("debtor street", "payer street", "rue du debiteur", "rue du payeur"),
    "debtor_post_code": ("debtor post code", "payer post code", "code postal du debiteur", "code postal du payeur"),
    "debtor_town": ("debtor town", "payer town", "ville du debiteur", "ville du payeur"),
    "debtor_country": ("debtor country", "payer country", "pays du debiteur", "pays du payeur"),
    "creditor_birth_date": (
        "creditor birth date", "creditor date of birth", "beneficiary birth date", "beneficiary date of birth",
        "payee birth date", "payee date of birth", "date de naissance du beneficiaire", "date naissance beneficiaire",
        "date de naissance du creancier", "date of birth", "birth date", "birthdate", "dob", "date de naissance",
        "date naissance", "ne le", "ne e le",
    ),
    "creditor_birth_town": (
        "creditor birth place", "creditor place of birth", "beneficiary place of birth", "payee place of birth",
        "lieu de naissance du beneficiaire", "lieu de naissance du creancier", "place of birth", "birth place",
        "town of birth", "city of birth", "lieu de naissance", "ville de naissance", "commune de naissance",
    ),
    "creditor_birth_country": (
        "creditor birth country", "creditor country of birth", "beneficiary country of birth",
        "payee country of birth", "pays de naissance du beneficiaire", "pays de naissance du creancier",
        "country of birth", "birth country", "pays de naissance",
    ),
    "debtor_birth_date": (
        "debtor birth date", "debtor date of birth", "payer birth date", "payer date of birth",
        "date de naissance du debiteur", "date de naissance du payeur",
    ),
    "debtor_birth_town": (
        "debtor birth place", "debtor place of birth", "payer place of birth", "lieu de naissance du debiteur",
        "lieu de naissance du payeur",
    ),
    "debtor_birth_country": (
        "debtor birth country", "debtor country of birth", "payer country of birth", "pays de naissance du debiteur",
        "pays de naissance du payeur",
    ),
    "ultimate_creditor_birth_date": (
        "ultimate creditor birth date", "ultimate creditor date of birth", "date de naissance du creancier final",
        "date de naissance du beneficiaire final",
    ),
    "ultimate_debtor_birth_date": (
        "ultimate debtor birth date", "ultimate debtor date of birth", "date de naissance du debiteur final",
    ),
    "address.street": ("street", "rue", "adresse", "address", "creditor address", "beneficiary address", "address 1"),
    "address.building": ("building number", "building", "numero de rue"),
    "address.post_code": ("post code", "postcode", "postal code", "zip", "zip code", "code postal", "cp"),
    "address.town": ("town", "city", "ville", "localite", "commune"),
    "address.country": ("country", "country code", "pays", "code pays"),
}  # fmt: skip
# Kinds as lists write them.
KINDS = {
    "incoming": "incoming", "received": "incoming", "recu": "incoming", "entrant": "incoming",
    "paiement recu": "incoming", "virement recu": "incoming",
}  # fmt: skip


def ranked(titles: dict[str, tuple[str, ...]]) -> Ranked:
    """Each title with the field that it fills and its place among the titles of the field."""
    return {title: (name, rank) for name, of in titles.items() for rank, title in enumerate(of)}


RANKED = ranked(TITLES)
# What reports of acquirers have beside (intake/cards.py).
CARD_FIELDS = frozenset({"fee", "net", "order_reference", "payout_reference", "acquirer"})
FIELDS = frozenset(TITLES) | CARD_FIELDS

DECIMALS = {",": "comma", ".": "point"}
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")
_SIGNS = re.compile(r"^(?:EUR|USD|GBP|CHF|€|\$|£)|(?:EUR|USD|GBP|CHF|€|\$|£)$")
_GROUPED = {
    ",": re.compile(r"([+-]?)([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,([0-9]*))?\Z"),
    ".": re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]*))?\Z"),
}
_ISO_DAY = re.compile(r"([0-9]{4})[-/.]?([0-9]{2})[-/.]?([0-9]{2})(?:[T ][0-9:.]+Z?)?\Z")
_DAY = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})\Z")


@dataclass
class Columns:
    """Which column fills which field. ``ignored`` are titles that fill none; ``currency`` stood in a title."""

    by_field: dict[str, int] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    currency: str = ""


def recognise(titles: list[str], saved: dict[str, str], known: Ranked = RANKED) -> Columns:
    """Fields by title: the saved mapping first (title as it stood: field, or "" to leave it out), then the synonyms."""
    found = Columns(titles=[title.strip() for title in titles])
    ranks: dict[str, int] = {}
    for index, title in enumerate(found.titles):
        name, rank, currency = _recognise(title, saved, known)
        if not name or (name in ranks and ranks[name] <= rank):
            if title and saved.get(title) != "":
                found.ignored.append(title)
            continue
        if name in ranks:
            found.ignored.append(found.titles[found.by_field[name]])
        found.by_field[name], ranks[name] = index, rank
        found.currency = found.currency or currency
    return found


def _recognise(title: str, saved: dict[str, str], known: Ranked) -> tuple[str, int, str]:
    if title in saved:
        name = saved[title]
        return (name, -1, "") if name in FIELDS else ("", 0, "")
    key = names.key(title)
    if key in known:
        return (*known[key], "")
    # "Montant (EUR)", "Amount USD": the currency of the whole column.
    stem, _blank, last = key.rpartition(" ")
    if last.upper() in money.currencies() and known.get(stem, ("", 0))[0] == "amount":
        return (*known[stem], last.upper())
    return "", 0, ""


@dataclass
class Evidence:
    """What the values of a column say of their convention. ``first``: an example that could be read both ways."""

    votes: dict[str, int] = field(default_factory=dict)
    first: str = ""

    def add(self, vote: str, text: str) -> None:
        if vote:
            self.votes[vote] = self.votes.get(vote, 0) + 1
        elif not self.first:
            self.first = text

    def decided(self, asked: str, otherwise: str) -> str:
        """The convention most values prove; without proof the one that was asked; "" when a person must say."""
        if self.votes:
            return max(self.votes, key=lambda vote: (self.votes[vote], vote == asked))
        return asked or ("" if self.first else otherwise)


def decimal_evidence(texts: Iterable[str]) -> Evidence:
    found = Evidence()
    for text in texts:
        packed = _packed(text)
        points, commas = packed.count("."), packed.count(",")
        if not points and not commas:
            continue
        if points and commas:
            found.add("." if packed.rindex(".") > packed.rindex(",") else ",", text)
        elif points + commas > 1:
            found.add("," if points else ".", text)
        else:
            mark = "." if points else ","
            whole, _mark, fraction = packed.lstrip("+-").partition(mark)
            both = len(fraction) == 3 and 0 < len(whole) <= 3 and not whole.startswith("0")
            found.add("" if both else mark, text)
    return found


def date_evidence(texts: Iterable[str]) -> Evidence:
    found = Evidence()
    for text in texts:
        day = _DAY.match(text.strip())
        if day is None:
            continue
        first, mark, second = int(day.group(1)), day.group(2), int(day.group(3))
        if mark == "." or first > 12 >= second:
            found.add("dmy", text)
        elif second > 12 >= first:
            found.add("mdy", text)
        elif first != second:
            found.add("", text)
    return found


def _packed(text: str) -> str:
    return _SIGNS.sub("", _SPACES.sub("", text))


def amount_text(text: str, decimal: str) -> str:
    """The amount with a point and no grouping, or "" when it does not follow the file's decimal mark."""
    found = _GROUPED[decimal].match(_packed(text))
    if found is None:
        return ""
    sign, whole, fraction = found.groups()
    digits = whole.replace(",", "").replace(".", "")
    return f"{sign if sign == '-' else ''}{digits}.{fraction}" if fraction else f"{sign if sign == '-' else ''}{digits}"


def date_text(text: str, order: str) -> str:
    """The date as ISO text, or "" when it is none in this order (dmy, mdy). ISO dates are read in any file."""
    found = _ISO_DAY.match(text)
    if found:
        return "-".join(found.groups()[:3])
    day = _DAY.match(text)
    if day is None:
        return ""
    first, _mark, second, year = day.groups()
    month, number = (second, first) if order == "dmy" else (first, second)
    return f"{year if len(year) == 4 else '20' + year}-{int(month):02d}-{int(number):02d}"


def short_year(text: str) -> bool:
    """Whether it is a date whose year has two digits: of a birth nobody can say of which century."""
    day = _DAY.match(text)
    return day is not None and len(day.group(4)) == 2


def default_mapping(
    columns: Columns, *, delimiter: str, quote: str, encoding: str, decimal: str, order: str, former: dict[str, Any]
) -> dict[str, Any]:
    """What is saved for the source: dialect, conventions, and each title's field; former answers are kept."""
    by_title = {columns.titles[index]: name for name, index in columns.by_field.items()}
    return {
        **former,
        "delimiter": delimiter,
        "quote": quote,
        "encoding": encoding,
        "decimal": decimal,
        "date": order,
        "columns": {**former.get("columns", {}), **by_title},
    }
