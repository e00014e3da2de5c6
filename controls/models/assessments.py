"""What ran on a payment and what it found."""

from django.db import models

from controls.models.rules import RuleSet, RuleVersion
from controls.models.watchlists import ListSet
from transactions.models import Payment


class Assessment(models.Model):
    """One run of a rule set over one payment. The last one counts; earlier ones stay."""

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="assessments", db_constraint=False, db_index=False
    )
    rule_set = models.ForeignKey(
        RuleSet, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    # The lists that the names were screened against; None when there were none.
    list_set = models.ForeignKey(
        ListSet, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    ran_at = models.DateTimeField()
    outcome = models.CharField(max_length=8)
    risk = models.SmallIntegerField()
    finding_count = models.SmallIntegerField()

    class Meta:
        # With ``id``, or "the last of this payment" may be looked for from the end of all.
        indexes = [models.Index(fields=["payment", "id"], name="assessment_last")]


class RuleResult(models.Model):
    """A rule that a payment did not pass, with the values that its sentence quotes."""

    id = models.BigAutoField(primary_key=True)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="results", db_constraint=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    action = models.CharField(max_length=8)
    weight = models.SmallIntegerField()
    shadow = models.BooleanField(default=False)
    evidence = models.JSONField(default=dict)
