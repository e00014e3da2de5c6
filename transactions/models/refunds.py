"""Refunds: which payment was paid back, and why."""

from django.db import models

from backoffice.people.models import Entity
from transactions.models.payments import Payment


class Refund(models.Model):
    """That a payment of the kind refund pays ``original`` back, in whole or part. Written once, with the payment.

    The sum of the refunds of a payment that were not rejected, cancelled or returned is never above its amount: held by
    triggers that lock the original's state (sql/refunds.sql).
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, primary_key=True, related_name="refund")
    original = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason_code = models.CharField(max_length=4)
