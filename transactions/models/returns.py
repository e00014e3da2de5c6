"""Returns that people book: proposed by one, confirmed by another."""

from django.db import models
from django.db.models import F, Q

from backoffice.people.models import User
from transactions.models.payments import Payment


class ReturnProposal(models.Model):
    """That the money of a payment came back, as one person says. Another one confirms it, or it is replaced."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="return_proposals")
    reason_code = models.CharField(max_length=4)
    reason = models.TextField(blank=True)
    value_date = models.DateField(null=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    end = models.CharField(max_length=9, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment"], condition=Q(ended_at=None), name="return_proposed_once"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, end="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, end="replaced")
                | (Q(ended_at__isnull=False, ended_by__isnull=False, end="confirmed") & ~Q(ended_by=F("proposed_by"))),
                name="return_confirmed_by_another",
            ),
        ]
