"""Statements of accounts as the bank tells them: each with its lines, and the transactions of a line that has many."""

from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, User
from documents.models import Attachment
from transactions.models.accounts import Account

# Sums of many amounts.
SUM_DIGITS = 28


class Statement(models.Model):
    """What the bank says of an account over a period. Balances are signed: money that we owe the bank is negative.

    ``fingerprint`` is the SHA-256 of all it says: the same again changes nothing. One with the identity of a former
    (account, kind, identification or number, period) that says something else replaces it: ``supersedes`` names it and
    it stays as history. ``parallel``: another kind of file told the same period before; kept, but its lines count for
    nothing. ``findings`` are codes with parameters (transactions/errors_of_statements.py): sums, gaps, overlaps.
    """

    class Kind(models.TextChoices):
        CAMT053 = "camt053", "camt.053"
        CAMT052 = "camt052", "camt.052"
        CAMT054 = "camt054", "camt.054"
        MT940 = "mt940", "MT940"
        MT942 = "mt942", "MT942"
        CFONB120 = "cfonb120", "CFONB 120"
        OFX = "ofx", "OFX"
        BAI2 = "bai2", "BAI2"
        CSV = "bank_csv", "CSV"

    class Status(models.TextChoices):
        TAKEN = "taken", pgettext_lazy("statement", "Taken in")
        SUPERSEDED = "superseded", pgettext_lazy("statement", "Replaced")
        PARALLEL = "parallel", pgettext_lazy("statement", "Told before by another file")

    # What is reported in the course of the day: the lines come again in the statement of the day, so they do not count.
    INTERIM = frozenset({"camt052", "camt054", "mt942"})
    # Downloads without a chain of balances: they may overlap, and a line that came before is the same line.
    DOWNLOADS = frozenset({"ofx", "bank_csv"})

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="statements", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    identification = models.CharField(max_length=70, blank=True)
    sequence = models.CharField(max_length=35, blank=True)
    page = models.CharField(max_length=10, blank=True)
    # The account as the bank writes it.
    number = models.CharField(max_length=70)
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField(null=True)
    from_on = models.DateField(null=True)
    to_on = models.DateField(null=True)
    opening = models.DecimalField(max_digits=SUM_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    closing = models.DecimalField(max_digits=SUM_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    line_count = models.IntegerField()
    credit_sum = models.DecimalField(max_digits=SUM_DIGITS, decimal_places=DECIMAL_PLACES)
    debit_sum = models.DecimalField(max_digits=SUM_DIGITS, decimal_places=DECIMAL_PLACES)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.TAKEN)
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="successors")
    findings = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    fingerprint = models.BinaryField(max_length=32)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    taken_at = models.DateTimeField()
    # When the lines were given to be matched; empty while they wait.
    matched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fingerprint"],
                condition=~Q(status="superseded"),
                name="statement_once",
                violation_error_message=_("This statement was taken in before."),
            ),
            models.UniqueConstraint(
                fields=["supersedes"], condition=Q(supersedes__isnull=False), name="statement_replaced_once"
            ),
            models.CheckConstraint(
                condition=Q(line_count__gte=0, credit_sum__gte=0, debit_sum__gte=0), name="statement_sums"
            ),
            models.CheckConstraint(
                condition=Q(from_on=None) | Q(to_on=None) | Q(to_on__gte=F("from_on")), name="statement_period"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-to_on", "-id"], name="statement_of_account"),
            models.Index(fields=["entity", "-id"], name="statement_page"),
            models.Index(fields=["taken_at"], name="statement_unmatched", condition=Q(matched_at=None)),
        ]

    def __str__(self) -> str:
        return self.identification or self.sequence or f"#{self.pk}"

    @property
    def counts(self) -> bool:
        """Its lines are bookings to be matched."""
        return self.status == self.Status.TAKEN and self.kind not in self.INTERIM


class _Told(models.Model):
    """What a bank says of one transaction: of a line that has one, beside it; else of each."""

    end_to_end_id = models.CharField(max_length=70, blank=True)
    instruction_id = models.CharField(max_length=70, blank=True)
    transaction_id = models.CharField(max_length=70, blank=True)
    mandate_id = models.CharField(max_length=70, blank=True)
    payment_info_id = models.CharField(max_length=70, blank=True)
    message_id = models.CharField(max_length=70, blank=True)
    counterparty_name = models.CharField(max_length=140, blank=True)
    counterparty_number = models.CharField(max_length=70, blank=True)
    counterparty_bic = models.CharField(max_length=11, blank=True)
    creditor_reference = models.CharField(max_length=70, blank=True)
    remittance = models.TextField(blank=True)
    return_code = models.CharField(max_length=35, blank=True)
    original_amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    original_currency = models.CharField(max_length=3, blank=True)
    exchange_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    charges = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    charges_currency = models.CharField(max_length=3, blank=True)

    class Meta:
        abstract = True


class StatementLine(_Told):
    """One booking of the bank; never changed. ``amount`` is positive, ``credit`` says that money came.

    A line that a former statement told already (a corrected statement, downloads that overlap) names the first telling
    as its ``origin``: it is one booking, and what was matched with it stays. ``fingerprint`` is the SHA-256 of what
    makes it the same booking; ``occurrence`` numbers identical ones inside a statement.
    """

    id = models.BigAutoField(primary_key=True)
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="lines", db_constraint=False, db_index=False
    )
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    place = models.IntegerField()
    file_line = models.BigIntegerField(default=0)
    status = models.CharField(max_length=11, default="booked")
    credit = models.BooleanField()
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    currency = models.CharField(max_length=3)
    booking_on = models.DateField()
    value_on = models.DateField()
    reversal = models.BooleanField(default=False)
    code = models.CharField(max_length=50, blank=True)
    bank_reference = models.CharField(max_length=70, blank=True)
    customer_reference = models.CharField(max_length=70, blank=True)
    batch_count = models.IntegerField(null=True)
    information = models.TextField(blank=True)
    detail_count = models.IntegerField(default=0)
    fingerprint = models.BinaryField(max_length=32)
    occurrence = models.IntegerField(default=1)
    origin = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="retold", db_constraint=False, db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="line_amount_positive"),
            models.UniqueConstraint(fields=["statement", "place"], name="line_place_once"),
        ]
        indexes = [models.Index(fields=["account", "-booking_on", "-id"], name="line_page")]

    @property
    def signed(self) -> object:
        return self.amount if self.credit else -self.amount


class StatementDetail(_Told):
    """One of several transactions of a line. ``amount`` is empty where the bank does not say it."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(
        StatementLine, on_delete=models.PROTECT, related_name="told", db_constraint=False, db_index=False
    )
    place = models.IntegerField()
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    currency = models.CharField(max_length=3, blank=True)
    credit = models.BooleanField(null=True)
    bank_reference = models.CharField(max_length=70, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "place"], name="detail_place_once")]
