"""What goes to the bank: files by account and cut-off, and which payment went in which, once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.common.errors import sentence
from backoffice.common.money import DECIMAL_PLACES
from backoffice.people.models import Entity, User
from documents.models import Attachment
from transactions.models.accounts import Account
from transactions.models.payments import Payment


class OutgoingFile(models.Model):
    """A file for the bank or the clearing, of one account and execution date. ``message_id`` is never used twice.

    Payments go in a pain.001 or a pacs.008, what we collect in a pain.008: their items say which. Recalls (camt.056),
    answers to recalls (camt.029) and returns (pacs.004) name their file themselves.
    """

    class Status(models.TextChoices):
        PREPARED = "prepared", _("Prepared")
        SENT = "sent", _("Sent")
        SETTLED = "settled", _("Settled")
        REJECTED = "rejected", _("Rejected")
        VOID = "void", pgettext_lazy("outgoing file", "Void")

    class Kind(models.TextChoices):
        TRANSFERS = "pain001", _("Credit transfers")
        COLLECTIONS = "pain008", _("Direct debits")
        INTERBANK = "pacs008", _("Credit transfers between banks")
        RECALLS = "camt056", _("Recalls")
        ANSWERS = "camt029", _("Answers to recalls")
        RETURNS = "pacs004", _("Returns")
        # A pain.001, too, but of a file of its own that no cut-off holds back.
        INSTANT = "instant", _("Instant transfers")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.TRANSFERS, db_default="pain001")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=35, unique=True)
    execution_date = models.DateField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PREPARED)
    payment_count = models.IntegerField(default=0)
    control_sum = models.DecimalField(max_digits=28, decimal_places=DECIMAL_PLACES, default=0)
    currency = models.CharField(max_length=3)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, null=True, related_name="+")
    prepared_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="prepared") | Q(attachment__isnull=False), name="outgoing_sent_has_its_bytes"
            )
        ]

    @property
    def of_cases(self) -> bool:
        """It holds recalls, answers or returns; no payment moves when it is sent."""
        return self.kind in {self.Kind.RECALLS, self.Kind.ANSWERS, self.Kind.RETURNS}


class OutgoingItem(models.Model):
    """That a payment went in a file. The key is the payment: it can never be in two.

    ``block`` numbers the payment information blocks of the file from 1: answers of the bank may speak of one.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, primary_key=True, related_name="outgoing")
    file = models.ForeignKey(OutgoingFile, on_delete=models.PROTECT, related_name="items")
    block = models.IntegerField(default=1, db_default=1)


class OutgoingFault(models.Model):
    """Why a posted payment goes in no file: the bank would refuse the file with it. A sentence by code and parameters.

    It waits for a person: prepared by hand it is tried once more, or its funds are given back by a return.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, primary_key=True, related_name="outgoing_fault")
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    found_at = models.DateTimeField()

    @property
    def sentence(self) -> str:
        return sentence(self.code, self.params)
