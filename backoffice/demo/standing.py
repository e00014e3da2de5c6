"""Standing orders of the demo: rents, loans and a sweep of the bank's customers; one waits, one is suspended."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from schwifty import IBAN

from backoffice.common import calendars
from backoffice.people.models import User
from controls import changes
from transactions.models import Account
from transactions.standing import orders, runs

# Payee, amount (None: all above the floor), text, and what is special of its rhythm.
_RENTS: tuple[tuple[str, str | None, str, dict[str, Any]], ...] = (
    ("SCI Ti Glas", "2450.00", "Loyer entrepôt", {}),
    ("Crédit Maritime de Cornouaille", "6318.42", "Prêt 0047211, échéance", {"times": 84}),
    ("Foncière de l'Odet", "1180.00", "Loyer boutique", {"working_day": "previous"}),
    ("Bretagne Leasing SA", "489.90", "Crédit-bail véhicule", {"every": 3}),
    ("Assurances du Ponant", "915.00", "Prime trimestrielle", {"every": 3, "last_working_day": True}),
    ("Épargne de précaution", None, "Excédent de trésorerie", {"last_working_day": True}),
)


def agree(accounts: list[Account], person: Callable[[str], User], chance: random.Random, today: date) -> None:
    """Asked for by one person, approved by another; the first ones fall due at once, so that the queue shows some."""
    maker, checker = person("yann.kervella"), person("marc.lefevre")
    for number, (payee, amount, text, special) in enumerate(_RENTS):
        soon = calendars.add_open_days(today, 1 + number % 3) if number < 3 else today + timedelta(days=9 * number)
        values: dict[str, Any] = {
            "creditor_name": payee, "creditor_number": str(IBAN.random(country_code="FR", random=chance)),
            "remittance": text, "first_on": soon, **special,
        }  # fmt: skip
        values |= {"amount": Decimal(amount)} if amount else {"floor": Decimal("250000.00")}
        asked = changes.ask_standing(actor=maker, account=accounts[number % len(accounts)], values=values)
        if number == 4:
            continue  # waits for a second person
        changes.sign(actor=checker, request_id=asked.pk)
        if number == 3:
            orders.suspend(
                actor=maker, order_id=asked.subject_id or 0, since=today + timedelta(days=1), until=None,
                reason="Véhicule au garage, accord du bailleur du 12.",
            )  # fmt: skip
    runs.make_due()
