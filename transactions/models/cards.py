"""Card and marketplace payments: what the acquirer or marketplace reports, what it pays out, what it takes back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, User
from transactions.models.accounts import Account
from transactions.models.ledger import JournalEntry
from transactions.models.payments import Payment


class Payout(models.Model):
    """One amount that an acquirer paid to our bank, for many payments at once, less what it took back.

    ``acquirer`` is the claim (an account of the kind receivable) that it settles. Written by sql/cards.sql alone.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    acquirer = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="payouts", db_index=False)
    reference = models.CharField(max_length=35)
    # In the currency of the acquirer's account.
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    paid_on = models.DateField()
    entry = models.OneToOneField(JournalEntry, on_delete=models.PROTECT, related_name="payout", db_constraint=False)
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["acquirer", "reference"],
                name="payout_once",
                violation_error_message=_("This payout is booked already."),
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payout_amount_positive"),
        ]
        indexes = [models.Index(fields=["entity", "-id"], name="payout_page")]


class CardPayment(models.Model):
    """What was reported of one payment: its amount is the gross, of which the acquirer keeps ``fee``.

    Written once; ``payout`` is set by sql/cards.sql when it is paid out.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, primary_key=True, related_name="card")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    acquirer = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    acquirer_code = models.CharField(max_length=20, blank=True)
    order_reference = models.CharField(max_length=35, blank=True)
    captured_on = models.DateField()
    fee = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    payout_reference = models.CharField(max_length=35, blank=True)
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, null=True, related_name="payments")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(fee__gte=0), name="card_fee_not_negative")]
        indexes = [
            models.Index(fields=["acquirer", "payout_reference"], name="card_unpaid", condition=Q(payout__isnull=True)),
            models.Index(fields=["entity", "order_reference"], name="card_by_order", condition=~Q(order_reference="")),
        ]

    @property
    def net(self) -> object:
        return self.payment.amount - self.fee


class Chargeback(models.Model):
    """That the acquirer took a payment back, with a ``fee`` of its own. Written by sql/cards.sql alone."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, primary_key=True, related_name="chargeback")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    fee = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    reason_code = models.CharField(max_length=4)
    # The payout that it was taken from.
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, null=True, related_name="chargebacks")
    created_at = models.DateTimeField()
