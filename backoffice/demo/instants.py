"""Instant transfers of the demo: a customer's limits, one to decide, and one that the bank has not answered yet."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from backoffice.people.models import User
from controls import approvals
from transactions import instant, intake, workflow
from transactions.models import Account, BankDetails, Payment, PaymentState


def sent(account: Account, person: Callable[[str], User], now: datetime, today: date) -> None:
    """Entered by the customer's program; the first one is signed by two people and leaves at once."""
    instant.set_limit(
        actor=person("marc.lefevre"), account_id=account.pk, one_amount=Decimal(15000), day_amount=Decimal(40000),
        reason="Demande du client par courrier.",
    )  # fmt: skip
    details = BankDetails.objects.filter(
        entity=account.entity_id,
        valid_to=None,
        account_number__startswith="FR",
        payee__payments__debtor_account=account,
    )
    found = list(details.select_related("payee").distinct().order_by("pk")[:2])
    batch = intake.receive_payments(
        payments=[
            {
                "kind": "instant", "debtor_account": account.iban, "creditor_name": one.payee.name,
                "creditor_account": one.account_number, "amount": amount, "currency": "EUR",
                "requested_execution_date": today.isoformat(), "end_to_end_id": f"INST-{account.code}-{number}",
                "remittance": "Acompte urgent", "service_level": "SEPA", "local_instrument": "INST",
            }
            for number, (one, amount) in enumerate(zip(found, ("2480.00", "960.00"), strict=False), start=1)
        ],
        entity=account.entity, actor=None, channel="api",
    )  # fmt: skip
    payment = Payment.objects.filter(batch=batch).order_by("position").first()
    if payment is None or PaymentState.objects.get(pk=payment.pk).hold_count:
        return
    approvals.validate(ids=[payment.pk], actor=person("yann.kervella"), reason="Confirmé par téléphone.")
    workflow.approve(ids=[payment.pk], actor=person("marc.lefevre"), reason="Confirmé par téléphone.")
    instant.watch(now + timedelta(minutes=5))
