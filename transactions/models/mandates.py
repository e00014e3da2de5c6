"""What debtors have agreed to: mandates, and of each collection what the creditor said of the mandate it rests on."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from backoffice.people.models import Entity, User
from transactions.models.accounts import Account
from transactions.models.payments import Payment


class Mandate(models.Model):
    """A debtor's consent to be debited, known by the creditor's identifier and the mandate's reference (ISO: MndtId).

    Changed by people with history; cancelled, never deleted. It lapses 36 months after it was last used.
    """

    class Scheme(models.TextChoices):
        CORE = "CORE", _("SEPA Core")
        B2B = "B2B", _("SEPA B2B")

    class Kind(models.TextChoices):
        RECURRENT = "recurrent", _("Recurrent")
        ONE_OFF = "one_off", _("One-off")

    class Status(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("mandate", "Active")
        CANCELLED = "cancelled", pgettext_lazy("mandate", "Cancelled")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    creditor_scheme_id = models.CharField(max_length=35)
    reference = models.CharField(max_length=35)
    scheme = models.CharField(max_length=4, choices=Scheme.choices, default=Scheme.CORE)
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.RECURRENT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    debtor_name = models.CharField(max_length=140)
    debtor_number = models.CharField(max_length=34)
    debtor_bic = models.CharField(max_length=11, blank=True)
    signed_on = models.DateField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.ACTIVE)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "creditor_scheme_id", "reference"],
                name="mandate_reference_once",
                violation_error_message=_("A mandate with this reference is known already."),
            )
        ]
        indexes = [models.Index(fields=["entity", "-id"], name="mandate_page")]

    def __str__(self) -> str:
        return self.reference


class Collection(models.Model):
    """What the creditor said with one direct debit: the mandate, the sequence, and what changed of the mandate.

    ``amendment`` holds what the mandate was before: original reference, creditor identifier or debtor's account.
    """

    class Sequence(models.TextChoices):
        FIRST = "FRST", _("First")
        RECURRENT = "RCUR", _("Recurrent")
        FINAL = "FNAL", _("Final")
        ONE_OFF = "OOFF", _("One-off")

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, primary_key=True, related_name="collection")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    creditor_scheme_id = models.CharField(max_length=35)
    creditor_id_valid = models.BooleanField()
    mandate_reference = models.CharField(max_length=35)
    signed_on = models.DateField(null=True)
    sequence = models.CharField(max_length=4, choices=Sequence.choices)
    scheme = models.CharField(max_length=35)
    amendment = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["entity", "creditor_scheme_id", "mandate_reference"], name="collection_by_mandate")
        ]

    @property
    def mandate(self) -> Mandate | None:
        """The mandate it rests on, when it is known. One query."""
        return Mandate.objects.filter(
            entity=self.entity_id, creditor_scheme_id=self.creditor_scheme_id, reference=self.mandate_reference
        ).first()
