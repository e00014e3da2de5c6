"""Who must sign: the approval matrix."""

from django.db import models
from django.db.models import F, Q, Value
from simple_history.models import HistoricalRecords

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people import signing
from backoffice.people.models import Entity


class ApprovalPolicy(models.Model):
    """A row of the matrix: payments of this entity and currency that meet its conditions need these approvals.

    Conditions: a kind, a channel (empty: any), a payee who was never paid (``new_payee``), a risk of at least
    ``risk_from`` and an amount of at least ``from_amount``, while it is valid. Of the rows that match a payment the one
    with the most conditions counts, the amount left aside; among these the highest amount, then the highest risk. Rows
    that would tie are refused when they are written (controls/sql/approval_matrix.sql).

    Approvals come after the validation: 1 is four eyes, 2 is six. ``stages`` lays them out (people/signing.Stage);
    without it whoever has the right gives them. What counts is frozen on the payment when it is validated.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="approval_policies")
    kind = models.CharField(max_length=10, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    from_amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)
    channel = models.CharField(max_length=8, blank=True, db_default="")
    risk_from = models.SmallIntegerField(default=0, db_default=0)
    new_payee = models.BooleanField(default=False, db_default=False)
    approvals = models.SmallIntegerField()
    stages = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "approval policies"
        constraints = [
            models.CheckConstraint(condition=Q(approvals__gte=1), name="policy_four_eyes_at_least"),
            models.CheckConstraint(condition=Q(risk_from__gte=0) & Q(risk_from__lte=100), name="policy_risk_bounded"),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="policy_dates_in_order",
            ),
        ]

    def requirement(self) -> signing.Requirement:
        stages = signing.stages_of(self.stages) or [signing.Stage(self.approvals)]
        return signing.laid_out(stages, self.pk)
