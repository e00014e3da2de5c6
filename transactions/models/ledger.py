"""The books. Entries and postings are written by the SQL functions of transactions/sql alone and never change."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity
from transactions.models.accounts import Account
from transactions.models.payments import Payment


class JournalEntry(models.Model):
    """At least two postings that balance per currency (held by a trigger). Corrected by a reversal, never changed.

    An entry and all its postings are written by one statement, and all its accounts are of its entity.
    """

    class Kind(models.TextChoices):
        POSTING = "posting", _("Payment posted")
        SETTLEMENT = "settlement", _("Payment settled")
        REVERSAL = "reversal", _("Reversal")
        OPENING = "opening", _("Opening balance")
        MANUAL = "manual", _("Manual entry")
        PAYOUT = "payout", _("Payout of an acquirer")
        CHARGEBACK = "chargeback", _("Chargeback")

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="entries", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    label = models.CharField(max_length=140, blank=True)
    booking_date = models.DateField()
    value_date = models.DateField()
    created_at = models.DateTimeField()
    posting_count = models.SmallIntegerField()
    reverses = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="reversals", db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name_plural = "journal entries"
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "kind"],
                condition=Q(payment__isnull=False, reverses__isnull=True),
                name="entry_once_per_step",
                violation_error_message=_("A payment is posted once and settled once."),
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
                name="entry_reversed_once",
                violation_error_message=_("An entry is reversed once."),
            ),
            models.CheckConstraint(condition=Q(posting_count__gte=2), name="entry_two_postings_at_least"),
        ]


class Posting(models.Model):
    """One line of an entry: a positive amount and a side, with the account's balance after it.

    ``line`` counts from 1 to the entry's ``posting_count``. The balance of an account moves with its postings, by a
    trigger, so that it is always their sum.
    """

    pk = models.CompositePrimaryKey("entry_id", "line")
    # The order of writing, counted by the database. No index of its own: every index here is paid twice a payment.
    id = models.BigIntegerField(editable=False)
    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    line = models.SmallIntegerField()
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    side = models.CharField(max_length=1, choices=Account.Side.choices)
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    currency = models.CharField(max_length=3)
    balance_after = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="posting_amount_positive"),
            models.CheckConstraint(condition=Q(side__in=["D", "C"]), name="posting_side_known"),
        ]
        indexes = [models.Index(fields=["account", "created_at", "id"], name="posting_statement")]
