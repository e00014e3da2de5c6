"""Statements against the books: what is open on both sides, what was matched with what and why, and by which rules.

What is open are narrow rows of their own, beside lines and postings that never change: a line is there while a part of
it is not matched. They are written by the SQL functions of controls/sql/reconciliation.sql alone.
"""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, User
from transactions.models import Account, JournalEntry, OutgoingFile, Payment, Statement, StatementLine


class Reconciled(models.Model):
    """How far an account was drawn in: the last posting in the order of writing. Runs take turns by its lock."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="reconciled")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    posted_at = models.DateTimeField(null=True)
    posting_id = models.BigIntegerField(default=0)
    matched_at = models.DateTimeField(null=True)


class DrawnFile(models.Model):
    """That the payments of a file that was sent were drawn in, to wait for the bank's line."""

    file = models.OneToOneField(OutgoingFile, on_delete=models.PROTECT, primary_key=True, related_name="+")


class MatchingRule(models.Model):
    """A version of a pass: in force, tried in the shadow, or over. ``params`` are its tolerances.

    Without an entity it is the house's; an entity's own of the same code goes before it. Whoever wrote a version does
    not put it in force.
    """

    class Mode(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("matching rule", "In force")
        SHADOW = "shadow", pgettext_lazy("matching rule", "In the shadow")
        OFF = "off", pgettext_lazy("matching rule", "Off")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    code = models.CharField(max_length=24)
    version = models.IntegerField()
    mode = models.CharField(max_length=6, choices=Mode.choices, default=Mode.SHADOW)
    params = models.JSONField(default=dict)
    note = models.CharField(max_length=500, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    written_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "code", "version"], name="matching_rule_version_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["entity", "code"],
                condition=Q(mode="active"),
                name="matching_rule_active_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | Q(written_by=None) | ~Q(decided_by=F("written_by")),
                name="matching_rule_by_two",
                violation_error_message=_("Whoever wrote a version does not put it in force."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class MatchRun(models.Model):
    """One look at an account: what was drawn in, and how many lines each pass matched. ``shadow``: what versions in the
    shadow would have matched of the rest, by code: how many, and with which lines, the first hundred."""

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    drawn_lines = models.IntegerField(default=0)
    drawn_items = models.IntegerField(default=0)
    matched = models.JSONField(default=dict)
    shadow = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="matchrun_page")]


class OpenLine(models.Model):
    """What is not matched of a line. ``open`` is what is left of its ``amount``.

    ``exact_key`` is a hash of account, direction, amount and reference, ``amount_key`` one without the reference: equal
    keys are looked up, then what they stand for is compared. Texts are normalised (controls/sql/reconciliation.sql).
    """

    line = models.OneToOneField(
        StatementLine, on_delete=models.PROTECT, primary_key=True, related_name="open_part", db_constraint=False
    )
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    credit = models.BooleanField()
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    open = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    currency = models.CharField(max_length=3)
    booking_on = models.DateField()
    exact_key = models.BigIntegerField(null=True)
    amount_key = models.BigIntegerField()
    reference = models.CharField(max_length=70, blank=True)
    # New ones are looked at by the next run.
    is_new = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(open__gt=0) & Q(open__lte=F("amount")),
                name="open_line_within",
                violation_error_message=_("No more of a line is matched than its amount."),
            )
        ]
        indexes = [
            models.Index(fields=["exact_key"], name="open_line_exact", condition=Q(exact_key__isnull=False)),
            models.Index(fields=["amount_key"], name="open_line_amount"),
            models.Index(fields=["account", "booking_on", "line"], name="open_line_page"),
            models.Index(fields=["account"], name="open_line_new", condition=Q(is_new=True)),
        ]


class OpenItem(models.Model):
    """What is not matched of the books' side: a posting on an account at a bank, or a payment that was sent from behind
    it and waits to be settled, which will be posted on it. ``id``: the posting's, or the payment's below zero.

    ``credit`` is as the bank shows it: money that comes. ``reference`` is the end-to-end identification, ``document`` a
    structured reference or number of an invoice, ``file`` the identification of the file that took it to the bank and
    ``block`` its place there. ``reversal``: it takes another posting back.
    """

    id = models.BigIntegerField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    posting_line = models.SmallIntegerField(null=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    credit = models.BooleanField()
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    open = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    currency = models.CharField(max_length=3)
    booked_on = models.DateField()
    exact_key = models.BigIntegerField(null=True)
    amount_key = models.BigIntegerField()
    reference = models.CharField(max_length=70, blank=True)
    document = models.CharField(max_length=70, blank=True)
    file = models.CharField(max_length=35, blank=True)
    block = models.IntegerField(null=True)
    number = models.CharField(max_length=70, blank=True)
    name = models.CharField(max_length=140, blank=True)
    reversal = models.BooleanField(default=False)
    is_new = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(open__gt=0) & Q(open__lte=F("amount")),
                name="open_item_within",
                violation_error_message=_("No more of a posting is matched than its amount."),
            )
        ]
        indexes = [
            models.Index(fields=["exact_key"], name="open_item_exact", condition=Q(exact_key__isnull=False)),
            models.Index(fields=["amount_key"], name="open_item_amount"),
            models.Index(fields=["reference"], name="open_item_reference", condition=~Q(reference="")),
            models.Index(fields=["document"], name="open_item_document", condition=~Q(document="")),
            models.Index(fields=["account", "file"], name="open_item_file", condition=~Q(file="")),
            models.Index(fields=["account", "booked_on", "id"], name="open_item_page"),
            models.Index(fields=["account"], name="open_item_new", condition=Q(is_new=True)),
            models.Index(fields=["payment"], name="open_item_waiting", condition=Q(entry=None)),
            models.Index(fields=["account", "number"], name="open_item_number", condition=~Q(number="")),
            models.Index("account", Upper("name"), name="open_item_name", condition=~Q(name="")),
            models.Index(fields=["account"], name="open_item_reversal", condition=Q(reversal=True)),
        ]


class Match(models.Model):
    """That lines of statements and postings (or payments waiting for them) are the same. Undone, it stays on record.

    ``code`` is the pass that found it, or ``manual``; ``rule`` the version. ``reasons`` are codes with parameters
    (controls/errors_of_matching.py). ``difference`` is what the bank moved beyond the books, signed as the bank shows
    it; ``difference_code`` says what it is. ``confidence`` is in hundredths.
    """

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    code = models.CharField(max_length=24)
    rule = models.ForeignKey(
        MatchingRule, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    reasons = models.JSONField(default=list)
    confidence = models.SmallIntegerField(default=100)
    difference = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, default=0)
    difference_code = models.CharField(max_length=12, blank=True)
    difference_entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    made_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    reason = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    undo_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.CheckConstraint(
                condition=Q(difference=0, difference_code="") | ~Q(difference=0) & ~Q(difference_code=""),
                name="match_difference_named",
                violation_error_message=_("A difference says what it is."),
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None, undo_reason="")
                | Q(undone_at__isnull=False) & ~Q(undo_reason=""),
                name="match_undone_with_reason",
                violation_error_message=_("A match is undone with a reason."),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="match_page"),
            models.Index(fields=["account"], name="match_undone_by_people", condition=Q(undone_by__isnull=False)),
        ]


class MatchLine(models.Model):
    """How much of a line a match takes. The database takes it from what is open, or refuses."""

    pk = models.CompositePrimaryKey("match_id", "line_id")
    match = models.ForeignKey(
        Match, on_delete=models.PROTECT, related_name="lines", db_constraint=False, db_index=False
    )
    line = models.ForeignKey(
        StatementLine, on_delete=models.PROTECT, related_name="matches", db_constraint=False, db_index=False
    )
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="matchline_amount_positive")]
        indexes = [models.Index(fields=["line"], name="matchline_by_line")]


class MatchPosting(models.Model):
    """How much of a posting, or of a payment that will be posted, a match takes. ``item``: as of :class:`OpenItem`."""

    pk = models.CompositePrimaryKey("match_id", "item")
    match = models.ForeignKey(
        Match, on_delete=models.PROTECT, related_name="postings", db_constraint=False, db_index=False
    )
    item = models.BigIntegerField()
    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    posting_line = models.SmallIntegerField(null=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="matchposting_amount_positive")]
        indexes = [
            models.Index(fields=["entry", "posting_line"], name="matchposting_by_posting"),
            models.Index(fields=["payment"], name="matchposting_waiting", condition=Q(entry=None)),
        ]


class Alias(models.Model):
    """That a bank writes a counterparty in this way: learnt from matches that people made, forgotten when they undo."""

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    written = models.CharField(max_length=140)
    meant = models.CharField(max_length=140)
    confirmed_count = models.IntegerField(default=1)
    learnt_from = models.ForeignKey(
        Match, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    learnt_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    learnt_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "written", "meant"], condition=Q(ended_at=None), name="alias_once"
            )
        ]


class LineReceipt(models.Model):
    """The incoming payment that was made of a line which nothing else told of. Its posting is that line's."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="receipts", db_constraint=False)
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    proposed_at = models.DateTimeField()
