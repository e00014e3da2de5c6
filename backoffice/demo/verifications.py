"""Verification of payees in the demo: the bank asks the simulator, and four payments of today have each an outcome."""

import random
import secrets
from datetime import date

from django.conf import settings
from schwifty import IBAN

from backoffice.demo import SEED
from backoffice.people.models import User
from controls.models import VerificationService
from controls.verification import simulator
from transactions import intake
from transactions.models import Account

# Names as the payments give them; the simulator answers by their words.
NAMES = (
    ("Ferronnerie Le Goff SARL", "Portail, acompte", "1840.00"),
    ("Granits de Locronan Presque", "Facture 2210", "3275.50"),
    ("Autre Négoce International", "Facture proforma 88", "9420.00"),
    ("Coopérative Injoignable", "Cotisation", "615.00"),
)


def asked(account: Account, administrator: User, execution: date) -> None:
    """Whom the bank asks, set up at the console; then the customer's program enters the payments."""
    VerificationService.objects.create(
        entity_id=account.entity_id, url=simulator.ADDRESS, salt=secrets.token_bytes(32), waits=False, is_active=True,
        created_by=administrator,
    )  # fmt: skip
    chance = random.Random(SEED)  # noqa: S311 - the same data each time is the point
    kept, settings.VERIFICATION_SIMULATOR = settings.VERIFICATION_SIMULATOR, True
    try:
        intake.receive_payments(
            payments=[
                {
                    "kind": "sepa", "debtor_account": account.iban, "creditor_name": name,
                    "creditor_account": str(IBAN.random(country_code="FR", random=chance)), "amount": amount,
                    "currency": "EUR", "requested_execution_date": execution.isoformat(),
                    "end_to_end_id": f"VOP-{number}", "remittance": words,
                }
                for number, (name, words, amount) in enumerate(NAMES, 1)
            ],
            entity=account.entity, actor=None, channel="api",
        )  # fmt: skip
    finally:
        settings.VERIFICATION_SIMULATOR = kept
