"""Supplier invoices: what we owe and for what, and which payment settles how much of each."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, User
from documents.models import Attachment
from transactions.models.parties import Payee
from transactions.models.payments import Payment


class SupplierInvoice(models.Model):
    """An invoice or credit note as it was registered. Never changed: a wrong one is cancelled and registered anew.

    ``number_key`` is the number in capitals without what people write differently; with the supplier it is unique among
    what is not cancelled. ``discount`` may be kept when it is paid by ``discount_until``. ``order_reference`` is the
    purchase order that it names. What is open of it follows from its shares (transactions/sql/supplier_invoices.sql).
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit", _("Credit note")

    class Status(models.TextChoices):
        REGISTERED = "registered", pgettext_lazy("invoice", "Registered")
        CANCELLED = "cancelled", pgettext_lazy("invoice", "Cancelled")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Payee, on_delete=models.PROTECT, related_name="invoices")
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.INVOICE)
    number = models.CharField(max_length=35)
    number_key = models.CharField(max_length=35)
    issued_on = models.DateField()
    received_on = models.DateField()
    due_on = models.DateField()
    gross = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    tax = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)
    currency = models.CharField(max_length=3)
    discount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)
    discount_until = models.DateField(null=True)
    account_number = models.CharField(max_length=34, blank=True)
    order_reference = models.CharField(max_length=35, blank=True)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.REGISTERED)
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "supplier", "number_key"],
                condition=~Q(status="cancelled"),
                name="invoice_number_once",
                violation_error_message=_("An invoice of this supplier with this number is registered already."),
            ),
            models.CheckConstraint(
                condition=Q(gross__gt=0, tax__gte=0, tax__lte=F("gross"), discount__gte=0, discount__lt=F("gross")),
                name="invoice_amounts",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("issued_on"))
                & (Q(discount=0, discount_until=None) | Q(discount__gt=0, discount_until__isnull=False)),
                name="invoice_days",
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "due_on", "id"], name="invoice_by_due", condition=Q(status="registered")),
            models.Index(fields=["entity", "-id"], name="invoice_page"),
            models.Index(fields=["supplier", "gross"], name="invoice_alike"),
        ]

    def __str__(self) -> str:
        return self.number


class InvoiceShare(models.Model):
    """How much of an invoice a payment settles: ``amount`` paid (of a credit note: deducted), ``discount`` kept.

    It counts as long as its payment is not rejected, cancelled or returned. Written once, with the payment.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="shares")
    invoice = models.ForeignKey(SupplierInvoice, on_delete=models.PROTECT, related_name="shares")
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    discount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "invoice"], name="share_once"),
            models.CheckConstraint(condition=Q(amount__gt=0, discount__gte=0), name="share_positive"),
        ]
