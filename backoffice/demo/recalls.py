"""What is asked back this morning in the demo: by the bank's people, and by another bank of what never came in."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from backoffice.people.models import User
from transactions.models import PaymentState
from transactions.recalls import asking
from transactions.writers import camt056
from transactions.writers.interbank import Head, Original, Side

OTHER, OURS = "COBADEFFXXX", "PSSTFRPPXXX"


def ask(entity_id: int, asker: User, approver: User) -> None:
    """Two payments of the last days are asked back; one of these recalls is approved and waits to be sent."""
    gone = PaymentState.objects.filter(entity=entity_id, status__in=["sent", "settled"], payment__kind="sepa")
    ids = list(gone.filter(payment__outgoing__file__sent_at__isnull=False).order_by("-pk").values_list("pk", flat=True))
    made = [
        outcome.made
        for number, reason in ((1, "Le client a payé cette facture deux fois."), (2, "Mauvais bénéficiaire."))
        for outcome in asking.ask(
            payment_ids=ids[number : number + 1], actor=asker, reason_code="CUST", reason=reason
        )
    ]  # fmt: skip
    asking.approve(ids=[key for key in made[1:] if key is not None], actor=approver)


def of_another_bank(now: datetime) -> Iterator[tuple[str, bytes]]:
    """A camt.056 about two payments that are not known here."""
    rows = [
        camt056.Request(
            case_id=f"RCL-{now:%y%m%d}-{number}",
            original=Original(
                message_id=f"{OTHER}-{now:%y%m%d}", message_name="pacs.008.001.08",
                end_to_end_id=f"RE-2026-{number:04d}", transaction_id=f"TX{now:%y%m%d}{number}",
                amount=Decimal("480.00") * number, currency="EUR",
                settled_on=now.date(), debtor_name="Kontor Hansen GmbH", debtor_bic=OTHER,
                creditor_name="Fournitures Industrielles Ouest",
            ),
            reason_code=code, reason=words,
        )
        for number, code, words in ((1, "DUPL", "Zahlung doppelt ausgeführt"), (2, "FRAD", "Betrug angezeigt"))
    ]  # fmt: skip
    head = Head(f"RCL-{now:%y%m%d}", now.replace(tzinfo=None, microsecond=0), Side(OTHER), Side(OURS))
    yield "camt056-rappel.xml", camt056.write(head, rows)
