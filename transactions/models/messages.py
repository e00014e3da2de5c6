"""What banks say of our payments: messages as they came or went, and each status in them with what was made of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, User
from documents.models import Attachment
from transactions.models.payments import Payment
from transactions.models.settlement import OutgoingFile


class BankMessage(models.Model):
    """One message of the bank. The same bytes, or the same identification of the same sender, is taken in once."""

    class Kind(models.TextChoices):
        PAIN002 = "pain002", _("Payment status report")
        PACS002 = "pacs002", _("Status report between banks")
        PACS004 = "pacs004", _("Return of payments")
        CAMT029 = "camt029", _("Answer to recalls")
        CAMT056 = "camt056", _("Recall of payments")

    class Status(models.TextChoices):
        RECEIVED = "received", _("Received")
        APPLIED = "applied", _("Applied")
        REFUSED = "refused", _("Refused")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    format = models.CharField(max_length=35, blank=True)
    sender = models.CharField(max_length=140, blank=True)
    message_id = models.CharField(max_length=35, blank=True)
    sent_on = models.DateField(null=True)
    original_message_id = models.CharField(max_length=35, blank=True)
    original_message_name = models.CharField(max_length=35, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RECEIVED)
    refusal_code = models.CharField(max_length=48, blank=True)
    refusal_params = models.JSONField(default=dict)
    item_count = models.IntegerField(default=0)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200, blank=True)
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "sha256"],
                name="message_taken_in_once",
                condition=~Q(status="refused"),
                violation_error_message=_("This message was taken in before."),
            ),
            models.UniqueConstraint(
                fields=["entity", "kind", "sender", "message_id"],
                name="message_id_once",
                condition=Q(status="applied") & ~Q(message_id=""),
                violation_error_message=_("A message of this sender with this identification was taken in before."),
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-id"], name="message_page"),
            models.Index(fields=["created_at"], name="message_unread", condition=Q(status="received")),
        ]

    def __str__(self) -> str:
        return self.message_id or self.file_name or f"#{self.pk}"


class MessageItem(models.Model):
    """One status in a message: what it names, what it says, and what was made of it.

    ``level`` says how much it speaks of: a whole file of ours, one of its groups, or one payment. ``unknown`` and
    ``refused`` wait for a person, who assigns the item to a payment or dismisses it, with a reason.
    """

    class Level(models.TextChoices):
        GROUP = "group", _("File")
        BATCH = "batch", _("Group of payments")
        PAYMENT = "payment", _("Payment")

    class Outcome(models.TextChoices):
        READ = "read", _("Being applied")
        APPLIED = "applied", _("Applied")
        RECORDED = "recorded", _("Recorded")
        UNKNOWN = "unknown", _("Not recognised")
        REFUSED = "refused", _("Not applicable")
        ASSIGNED = "assigned", _("Assigned")
        DISMISSED = "dismissed", _("Dismissed")

    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, related_name="items", db_index=False)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.IntegerField()
    line = models.BigIntegerField(null=True)
    level = models.CharField(max_length=7, choices=Level.choices)
    # The status code of ISO 20022 as it stands (RJCT, ACSC, ...), and the reason with its words.
    status = models.CharField(max_length=35)
    reason_code = models.CharField(max_length=35, blank=True)
    reason_text = models.CharField(max_length=500, blank=True)
    payment_info_id = models.CharField(max_length=35, blank=True)
    instruction_id = models.CharField(max_length=35, blank=True)
    end_to_end_id = models.CharField(max_length=35, blank=True)
    uetr = models.CharField(max_length=36, blank=True)
    # Of an answer to a recall: the case that it names, which is ours.
    case_id = models.CharField(max_length=35, blank=True, db_default="")
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    currency = models.CharField(max_length=3, blank=True)
    effective_on = models.DateField(null=True)
    outgoing = models.ForeignKey(OutgoingFile, on_delete=models.PROTECT, null=True, related_name="answers")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="answers", db_index=False)
    payment_count = models.IntegerField(default=0)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.READ)
    outcome_code = models.CharField(max_length=48, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "position"], name="item_position_once"),
            models.CheckConstraint(
                condition=~Q(outcome__in=["assigned", "dismissed"]) | (Q(decided_by__isnull=False) & ~Q(decision="")),
                name="item_decided_by_someone",
                violation_error_message=_("Who decides on an answer says why."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["entity", "-id"], name="item_waiting", condition=Q(outcome__in=["unknown", "refused"])
            ),
            models.Index(fields=["payment", "-id"], name="item_of_payment", condition=Q(payment__isnull=False)),
        ]
