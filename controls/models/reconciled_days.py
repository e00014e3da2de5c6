"""The days of accounts at banks as people close them: sign-offs with their proof, breaks, and entries that correct."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, User
from controls.models.reconciliation import Match
from transactions.models import Account, JournalEntry, StatementLine
from transactions.models.statements import SUM_DIGITS


class ReconciledDay(models.Model):
    """One sign-off of a day of an account. A day that was reopened is signed anew, in the next ``round``.

    ``proof`` and ``digest`` (controls/reconciliation/proof.py) are of the moment when it was prepared and never change.
    ``forced_by``: who matched with a difference, or left out, by themselves: they do not sign. ``changed_at`` says that
    what came later does not agree with the proof any more, ``change`` what.
    """

    class Status(models.TextChoices):
        PREPARED = "prepared", pgettext_lazy("reconciled day", "Prepared")
        SIGNED = "signed", pgettext_lazy("reconciled day", "Signed")
        SENT_BACK = "sent_back", pgettext_lazy("reconciled day", "Sent back")
        REOPENED = "reopened", pgettext_lazy("reconciled day", "Reopened")

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="reconciled_days", db_index=False)
    day = models.DateField()
    round = models.SmallIntegerField(default=1)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PREPARED)
    bank = models.DecimalField(max_digits=SUM_DIGITS, decimal_places=DECIMAL_PLACES)
    books = models.DecimalField(max_digits=SUM_DIGITS, decimal_places=DECIMAL_PLACES)
    unexplained = models.DecimalField(max_digits=SUM_DIGITS, decimal_places=DECIMAL_PLACES)
    proof = models.JSONField()
    digest = models.BinaryField(max_length=32)
    forced_by = ArrayField(models.BigIntegerField(), default=list)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    prepared_at = models.DateTimeField()
    remark = models.CharField(max_length=2000, blank=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    signed_at = models.DateTimeField(null=True)
    # Two people reopen it: one asks with a reason, another agrees. The same fields say who sent it back, and why.
    ended_asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    ended_asked_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=2000, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)
    change = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day"],
                condition=Q(status__in=["prepared", "signed"]),
                name="reconciled_day_once",
                violation_error_message=_("This day is prepared or signed already."),
            ),
            models.UniqueConstraint(fields=["account", "day", "round"], name="reconciled_day_round"),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None, status__in=["prepared", "sent_back"])
                | Q(signed_by__isnull=False, signed_at__isnull=False, status__in=["signed", "reopened"])
                & ~Q(signed_by=F("prepared_by")),
                name="reconciled_day_by_two",
                violation_error_message=_("A day is prepared by one person and signed by another."),
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None, ended_at=None, status__in=["prepared", "signed"])
                | Q(ended_by__isnull=False, ended_at__isnull=False, status="sent_back")
                | Q(ended_asked_by__isnull=False, ended_by__isnull=False, ended_at__isnull=False, status="reopened")
                & ~Q(ended_by=F("ended_asked_by")),
                name="reconciled_day_reopened_by_two",
                violation_error_message=_("A signed day is reopened by two people, with a reason."),
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-day", "-id"], name="reconciled_day_page"),
            models.Index(fields=["account", "day"], name="reconciled_day_signed", condition=Q(status="signed")),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.day}"


class ReconciliationPolicy(models.Model):
    """What an entity allows by hand, in its base currency; the last one that a second person agreed to counts.

    ``write_off``: the largest difference that two people write off. ``alone``: up to here one person creates a missing
    entry, 0: never. ``line_days`` and ``item_days``: open days after which what is open at the bank, or in the books,
    is a break.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    write_off = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=Decimal)
    alone = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=Decimal)
    line_days = models.SmallIntegerField(default=0)
    item_days = models.SmallIntegerField(default=2)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    agreed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "reconciliation policies"
        constraints = [
            models.CheckConstraint(
                condition=Q(write_off__gte=0, alone__gte=0)
                & Q(line_days__gte=0, line_days__lte=30, item_days__gte=0, item_days__lte=30),
                name="reconciliation_policy_bounds",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by=None, agreed_at=None)
                | Q(agreed_by__isnull=False, agreed_at__isnull=False) & ~Q(agreed_by=F("asked_by")),
                name="reconciliation_policy_by_two",
                violation_error_message=_("Limits count when a second person agreed."),
            ),
        ]
        indexes = [models.Index(fields=["entity", "-id"], name="reconciliation_policy_last")]


class Break(models.Model):
    """What is open longer than the entity's tolerance: a line of the bank that the books lack, or the other way round.

    ``cause`` is found by rule (controls/sql/breaks_causes.sql) until a person says it (``cause_by``). ``item`` is the
    key of an :class:`OpenItem`. It closes by itself when nothing is open any more. Comments are acts in its history.
    """

    class Cause(models.TextChoices):
        AMOUNT = "amount", pgettext_lazy("break", "Amount differs")
        DUPLICATE = "duplicate", pgettext_lazy("break", "Duplicate")
        REFERENCE = "reference", pgettext_lazy("break", "Reference missing")
        CURRENCY = "currency", pgettext_lazy("break", "Currency differs")
        NONE = "none", pgettext_lazy("break", "No counterpart")
        SEVERAL = "several", pgettext_lazy("break", "Several candidates")
        LATE = "late", pgettext_lazy("break", "Late file")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("break", "Open")
        IGNORED = "ignored", pgettext_lazy("break", "Left out")
        CLOSED = "closed", pgettext_lazy("break", "Closed")

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="breaks", db_index=False)
    line = models.ForeignKey(
        StatementLine, on_delete=models.PROTECT, null=True, related_name="breaks", db_constraint=False, db_index=False
    )
    item = models.BigIntegerField(null=True)
    on = models.DateField()
    credit = models.BooleanField()
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    currency = models.CharField(max_length=3)
    name = models.CharField(max_length=140, blank=True)
    cause = models.CharField(max_length=9, choices=Cause.choices, default=Cause.NONE)
    cause_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.OPEN)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=2000, blank=True)
    due_on = models.DateField(null=True)
    ignored_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(line__isnull=False, item=None) | Q(line=None, item__isnull=False), name="break_of_one_side"
            ),
            models.UniqueConstraint(fields=["line"], condition=Q(closed_at=None), name="break_of_line_once"),
            models.UniqueConstraint(fields=["item"], condition=Q(closed_at=None), name="break_of_item_once"),
            models.CheckConstraint(
                condition=Q(status="ignored", ignored_by__isnull=False) & ~Q(reason="")
                | Q(ignored_by=None) & ~Q(status="ignored"),
                name="break_ignored_with_reason",
                violation_error_message=_("Something is left out by a person, with a remark."),
            ),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) | Q(closed_at=None) & ~Q(status="closed"),
                name="break_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-on", "-id"], name="break_page"),
            models.Index(fields=["entity", "on", "id"], name="break_open", condition=Q(closed_at=None)),
        ]


class Correction(models.Model):
    """An entry by hand that makes the books agree with the bank: a write-off, or an entry that was missing.

    ``credit`` is as the bank shows it: money that comes to the account. The other side goes to ``contra``. Booked when
    a second person agreed, or at once where the entity's policy lets one person create an entry.
    """

    class Kind(models.TextChoices):
        WRITE_OFF = "write_off", pgettext_lazy("correction", "Write-off")
        ENTRY = "entry", pgettext_lazy("correction", "Missing entry")

    class Status(models.TextChoices):
        ASKED = "asked", pgettext_lazy("correction", "Waits for a second person")
        BOOKED = "booked", pgettext_lazy("correction", "Booked")
        REFUSED = "refused", pgettext_lazy("correction", "Refused")

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    line = models.ForeignKey(
        StatementLine, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    item = models.BigIntegerField(null=True)
    credit = models.BooleanField()
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    currency = models.CharField(max_length=3)
    contra = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    label = models.CharField(max_length=140)
    reason = models.CharField(max_length=2000)
    value_on = models.DateField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decided_reason = models.CharField(max_length=2000, blank=True)
    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    match = models.ForeignKey(
        Match, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="correction_amount_positive"),
            models.CheckConstraint(
                condition=Q(line__isnull=False, item=None) | Q(line=None, item__isnull=False),
                name="correction_of_one_side",
            ),
            models.CheckConstraint(
                condition=Q(status="asked", decided_by=None, decided_at=None, entry=None)
                | Q(status="booked", decided_by__isnull=False, decided_at__isnull=False, entry__isnull=False)
                | Q(status="refused", decided_by__isnull=False, decided_at__isnull=False, entry=None),
                name="correction_decided",
            ),
            models.CheckConstraint(
                condition=~Q(kind="write_off", status="booked", decided_by=F("asked_by")),
                name="write_off_by_two",
                violation_error_message=_("Two people write something off."),
            ),
            models.UniqueConstraint(fields=["line"], condition=Q(status="asked"), name="correction_of_line_once"),
            models.UniqueConstraint(fields=["item"], condition=Q(status="asked"), name="correction_of_item_once"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="correction_page"),
            models.Index(fields=["entity", "id"], name="correction_waits", condition=Q(status="asked")),
        ]
