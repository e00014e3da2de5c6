"""What a customer of the demo's bank collects: its subscribers' mandates, and this morning's file of direct debits."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from schwifty import IBAN

from backoffice.people.models import User
from transactions import mandates
from transactions.models import Account, Mandate
from transactions.writers import pain008

CREDITOR = "FR72ZZZ123456"
SUBSCRIBERS = ("Claire Abgrall", "Yves Le Floc'h", "Hôtel de la Plage", "Cabinet Morvan", "Nolwenn Stephan")


def mandates_of(account: Account, actor: User, chance: random.Random, today: date) -> list[Mandate]:
    """One for each subscriber; the last one has ended it."""
    made = [
        mandates.register(
            actor=actor, account=account, creditor_scheme_id=CREDITOR, reference=f"RUM-{account.code}-{number:03d}",
            debtor_name=name, debtor_number=str(IBAN.random(country_code="FR", random=chance)),
            signed_on=today - timedelta(days=40 * number),
        )
        for number, name in enumerate(SUBSCRIBERS, start=1)
    ]  # fmt: skip
    mandates.cancel(actor=actor, mandate_id=made[-1].pk, reason="Abonnement résilié par lettre.")
    return made


def file(account: Account, known: list[Mandate], now: datetime, day: date) -> bytes:
    """A debit on each mandate, and one on a mandate that nobody registered."""

    def debit(number: int, name: str, iban: str, reference: str, signed_on: date) -> pain008.Debit:
        return pain008.Debit(
            instruction_id=f"ABO-{now:%m}-{number}", end_to_end_id=f"ABO-{now:%y%m}-{number:03d}",
            amount=Decimal("39.90") + 10 * number, currency="EUR", debtor_name=name, debtor_number=iban,
            mandate_reference=reference, signed_on=signed_on, sequence="RCUR", scheme="CORE",
            creditor_scheme_id=CREDITOR, remittance=f"Abonnement {now:%m/%Y}",
        )  # fmt: skip

    rows = [
        debit(number, one.debtor_name, one.debtor_number, one.reference, one.signed_on)
        for number, one in enumerate(known, start=1)
    ]
    rows.append(debit(9, "Gwenaël Riou", known[0].debtor_number, "RUM-INCONNUE", now.date() - timedelta(days=10)))
    order = pain008.Order(
        message_id=f"PRLV-{account.code}-{now:%Y%m%d}", created_at=now.replace(tzinfo=None, microsecond=0),
        collection_date=day, creditor_name=account.owner.name if account.owner else account.name,
        creditor_number=account.iban, creditor_bic=account.bic, creditor_currency="EUR",
    )  # fmt: skip
    return pain008.write(order, rows)
