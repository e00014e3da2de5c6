"""Invoices from a list: a CSV file with titles in English or French becomes invoices, all of them or none."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from backoffice.common.errors import BusinessError
from backoffice.people.models import Entity, User
from transactions import invoices
from transactions.intake import names
from transactions.models import SupplierInvoice
from transactions.queries.search import number_of

MOST_LINES = 5_000
LARGEST = 5_000_000
# Titles as names.key writes them.
TITLES: dict[str, tuple[str, ...]] = {
    "supplier_name": ("supplier", "supplier name", "vendor", "fournisseur", "nom du fournisseur"),
    "number": ("number", "invoice", "invoice number", "numero", "facture", "numero de facture", "n facture"),
    "issued_on": ("date", "invoice date", "issued on", "date de facture", "date facture"),
    "received_on": ("received", "received on", "recue le", "date de reception"),
    "due_on": ("due", "due date", "due on", "echeance", "date d echeance"),
    "gross": ("gross", "amount", "total", "montant", "montant ttc", "ttc"),
    "tax": ("tax", "vat", "tva", "montant tva"),
    "currency": ("currency", "devise"),
    "discount": ("discount", "escompte"),
    "discount_until": ("discount until", "escompte jusqu au", "date d escompte"),
    "account_number": ("iban", "account", "compte"),
    "order_reference": ("order", "purchase order", "commande", "bon de commande"),
    "kind": ("kind", "type", "nature"),
}
NEEDED = ("supplier_name", "number", "issued_on", "gross")
_CREDIT = frozenset({"credit", "credit note", "avoir"})
_AMOUNTS, _DAYS = frozenset({"gross", "tax", "discount"}), frozenset({"issued_on", "received_on", "due_on",
                                                                      "discount_until"})  # fmt: skip


class ListRefused(BusinessError):
    """Nothing of the list was registered. ``faults``: line and why, in the reader's language when it is shown."""

    faults: list[tuple[int, BusinessError]]


def register(*, actor: User, entity: Entity, content: bytes) -> list[SupplierInvoice]:
    """Register every line, in one transaction. Days are ``2026-11-24`` or ``24/11/2026``; amounts with either mark.

    Raises :class:`ListRefused` with what is wrong in each line; then nothing is registered.
    """
    made: list[SupplierInvoice] = []
    faults: list[tuple[int, BusinessError]] = []
    with transaction.atomic():
        for line, cells in _lines(content):
            try:
                with transaction.atomic():
                    made.append(invoices.register(actor=actor, entity=entity, **_values(cells, entity)))
            except BusinessError as fault:
                faults.append((line, fault))
        if faults or not made:
            refusal = ListRefused("invoice.list_refused", count=len(faults))
            refusal.faults = faults
            raise refusal
    return made


def _lines(content: bytes) -> Iterable[tuple[int, dict[str, str]]]:
    if len(content) > LARGEST:
        raise BusinessError("attachment.too_large", size=len(content), largest=LARGEST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    first = text.split("\n", 1)[0]
    delimiter = max((";", ",", "\t"), key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        titles = [names.key(cell) for cell in next(rows)]
        columns = {
            name: titles.index(title) for name, known in TITLES.items()
            for title in [next((one for one in known if one in titles), "")] if title
        }  # fmt: skip
        missing = [name for name in NEEDED if name not in columns]
        if missing:
            raise BusinessError("invoice.column_missing", titles=", ".join(TITLES[name][0] for name in missing))
        for number, row in enumerate(rows, start=2):
            if number > MOST_LINES + 1:
                raise BusinessError("invoice.list_long", most=MOST_LINES)
            if any(cell.strip() for cell in row):
                yield number, {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
    except (csv.Error, StopIteration):
        raise BusinessError("invoice.list_unreadable") from None


def _values(cells: dict[str, str], entity: Entity) -> dict[str, Any]:
    values: dict[str, Any] = {"currency": entity.base_currency}
    for name, text in cells.items():
        if not text:
            continue
        if name in _AMOUNTS:
            values[name] = _amount(text)
        elif name in _DAYS:
            values[name] = _day(text)
        elif name == "kind":
            values[name] = "credit" if names.key(text) in _CREDIT else "invoice"
        else:
            values[name] = text.upper() if name == "currency" else text
    for name in NEEDED:
        if name not in values:
            raise BusinessError("invoice.cell_missing", title=TITLES[name][0])
    return values


def _amount(text: str) -> Decimal:
    number = number_of(text, strict=True)
    if number is None:
        raise BusinessError("money.not_a_number", value=text[:40])
    return number


def _day(text: str) -> date:
    try:
        if "/" in text:
            day, month, year = text.split("/")
            return date(int(year), int(month), int(day))
        return date.fromisoformat(text)
    except ValueError:
        raise BusinessError("invoice.day_unreadable", value=text[:20]) from None
