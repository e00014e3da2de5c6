"""Who must sign: the approval matrix."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity


class ApprovalPolicy(models.Model):
    """From ``from_amount`` on, payments of this entity, kind (empty: any) and currency need so many approvals.

    The highest band at or below the amount counts; a kind of its own outranks any kind. Approvals come after the
    validation: 1 is four eyes, 2 is six. Copied onto the payment when it is validated.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="approval_policies")
    kind = models.CharField(max_length=10, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    from_amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)
    approvals = models.SmallIntegerField()
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "approval policies"
        constraints = [
            models.UniqueConstraint(fields=["entity", "kind", "currency", "from_amount"], name="policy_band_once"),
            models.CheckConstraint(condition=Q(approvals__gte=1), name="policy_four_eyes_at_least"),
        ]
