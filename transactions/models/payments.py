"""Payments: the fact (what was asked), the state (where it stands), who signed, what holds it."""

from datetime import date, datetime

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, Team, User
from transactions.models.accounts import Account
from transactions.models.intake import PaymentBatch
from transactions.models.parties import Payee


class Payment(models.Model):
    """What was asked. Written once, by COPY for files; amended only before validation, by a person, with history.

    Amounts are in ``currency``. Accounts are IBANs without spaces or other identifiers. ``maker`` is the person who
    entered or brought it in (empty when an outside sender is the maker). ``fingerprint`` is the SHA-256 of what makes
    it the same payment; ``occurrence`` numbers identical ones inside one file.
    """

    class Kind(models.TextChoices):
        SEPA = "sepa", _("SEPA credit transfer")
        TRANSFER = "transfer", _("Credit transfer")
        INTERNAL = "internal", _("Transfer between own accounts")
        INSTANT = "instant", _("Instant transfer")
        # What we owe by invoices that are registered here.
        SUPPLIER = "supplier", _("Supplier payment")
        # We collect: the creditor's account is ours, what was agreed is in the payment's Collection.
        DEBIT = "debit", _("Direct debit")
        # It came to an account of ours, or waits in suspense: the debtor is outside.
        INCOMING = "incoming", _("Incoming payment")
        # Paid back, in whole or part, of a payment that came in: the payment's Refund names it.
        REFUND = "refund", _("Refund")
        # Captured by an acquirer or marketplace, which owes us the net: the payment's CardPayment says what it reports.
        CARD = "card", _("Card or marketplace payment")

    # References are checked once a statement (sql/payment_references.sql), the composite indexes below cover them.
    entity = models.ForeignKey(
        Entity, on_delete=models.PROTECT, related_name="payments", db_constraint=False, db_index=False
    )
    batch = models.ForeignKey(
        PaymentBatch, on_delete=models.PROTECT, related_name="payments", db_constraint=False, db_index=False
    )
    position = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    channel = models.CharField(max_length=8, choices=PaymentBatch.Channel.choices)
    received_at = models.DateTimeField()
    maker = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    currency = models.CharField(max_length=3)
    requested_execution_date = models.DateField()
    # Debtor. ``debtor_account`` is ours when the number is known here; the control "account known" says when not.
    debtor_name = models.CharField(max_length=140, blank=True)
    debtor_number = models.CharField(max_length=34, blank=True)
    debtor_bic = models.CharField(max_length=11, blank=True)
    debtor_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    ultimate_debtor = models.CharField(max_length=140, blank=True)
    # Of what comes in: where the payer lives, with the keys of the creditor's address.
    debtor_address = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()))
    # Creditor. Address as given: {street, building, post_code, town, country, lines: []}.
    creditor_name = models.CharField(max_length=140, blank=True)
    creditor_number = models.CharField(max_length=34, blank=True)
    creditor_bic = models.CharField(max_length=11, blank=True)
    creditor_address = models.JSONField(default=dict, blank=True)
    creditor_account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    ultimate_creditor = models.CharField(max_length=140, blank=True)
    payee = models.ForeignKey(
        Payee, on_delete=models.PROTECT, null=True, related_name="payments", db_constraint=False, db_index=False
    )
    # References and remittance.
    payment_info_id = models.CharField(max_length=35, blank=True)
    instruction_id = models.CharField(max_length=35, blank=True)
    end_to_end_id = models.CharField(max_length=35, blank=True)
    uetr = models.CharField(max_length=36, blank=True)
    remittance = models.TextField(blank=True)
    creditor_reference = models.CharField(max_length=35, blank=True)
    purpose = models.CharField(max_length=35, blank=True)
    category_purpose = models.CharField(max_length=35, blank=True)
    service_level = models.CharField(max_length=35, blank=True)
    local_instrument = models.CharField(max_length=35, blank=True)
    charge_bearer = models.CharField(max_length=4, blank=True)
    fingerprint = models.BinaryField(max_length=32)
    occurrence = models.IntegerField(default=1)
    history = HistoricalRecords(excluded_fields=["fingerprint"])

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=~Q(kind__in=["incoming", "card"]) | Q(debtor_account=None),
                name="payment_received_from_outside",
                violation_error_message=_("What comes in is debited to no account of ours."),
            ),
            models.UniqueConstraint(
                fields=["entity", "fingerprint", "occurrence"],
                name="payment_taken_in_once",
                violation_error_message=_("This payment was taken in before."),
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-received_at", "-id"], name="payment_page"),
            models.Index(fields=["batch", "position"], name="payment_by_batch"),
            models.Index(fields=["payee", "-received_at"], name="payment_by_payee", condition=Q(payee__isnull=False)),
            models.Index(fields=["debtor_account", "-received_at"], name="payment_by_debtor"),
            models.Index(fields=["entity", "creditor_number", "-received_at"], name="payment_by_creditor"),
            models.Index(
                fields=["creditor_account", "requested_execution_date"],
                name="payment_collected",
                condition=Q(kind="debit"),
            ),
            models.Index(fields=["debtor_number"], name="payment_by_payer", condition=Q(kind="incoming")),
            models.Index(fields=["end_to_end_id"], name="payment_by_reference", opclasses=["varchar_pattern_ops"]),
            BrinIndex(fields=["received_at"], name="payment_by_time"),
        ]

    # What the cut-offs and the forecast say of it, where somebody asked (queries.with_times).
    will_miss: bool | None = None
    later_on: date | None = None

    @property
    def goes_on(self) -> date | None:
        """The day it goes: when it is released in time, or once that was missed, by the next cut-off."""
        return self.later_on or self.state.execution_date

    @property
    def counterparty(self) -> str:
        """The name on the other side: who is paid, or of what comes to us who pays."""
        return self.debtor_name if self.comes_in else self.creditor_name

    @property
    def comes_in(self) -> bool:
        """Whether the creditor's account is ours and the debtor is outside."""
        return self.kind in {self.Kind.DEBIT, self.Kind.INCOMING, self.Kind.CARD}

    @property
    def reference(self) -> str:
        return f"PAY-{self.received_at.year}-{self.pk:06d}"


class PaymentState(models.Model):
    """Where a payment stands: one small row, moved by transactions.workflow alone.

    ``straight_policy`` names the policy of the controls under which it went through without signatures.
    ``funds_held`` says that the amount is reserved on the debtor's account; the sum of these is the account's ``held``.
    From ``posted`` on, states and ``funds_held`` move in the SQL functions of transactions/sql alone.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", _("Received")
        CHECKED = "checked", _("Checked")
        VALIDATED = "validated", _("Validated")
        APPROVED = "approved", _("Approved")
        POSTED = "posted", _("Posted")
        SENT = "sent", _("Sent")
        SETTLED = "settled", _("Settled")
        REJECTED = "rejected", _("Rejected")
        CANCELLED = "cancelled", _("Cancelled")
        RETURNED = "returned", _("Returned")

    payment = models.OneToOneField(
        Payment, on_delete=models.PROTECT, primary_key=True, related_name="state", db_constraint=False
    )
    # No index of its own: every index of this table costs each move of a payment.
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    version = models.IntegerField(default=1)
    priority = models.IntegerField(default=0)
    # The cut-off until which it is released to go on ``execution_date``; without one, four hours after it came.
    due_at = models.DateTimeField()
    # When it goes if released in time, and after its last approval when it goes; empty without a cut-off.
    execution_date = models.DateField(null=True)
    # The worst finding of the last assessment and its risk, 0 to 100; empty until it has run.
    outcome = models.CharField(max_length=8, blank=True)
    risk = models.SmallIntegerField(default=0)
    hold_count = models.SmallIntegerField(default=0)
    approvals_required = models.SmallIntegerField(default=1)
    approvals_given = models.SmallIntegerField(default=0)
    funds_held = models.BooleanField(default=False, db_default=False)
    # An approval is not posted before this moment: until then it may be taken back (Decision). Empty: at once.
    effective_at = models.DateTimeField(null=True)
    # On hold, and to be looked at again all the same: the moment of its hold came.
    brought_back = models.BooleanField(default=False, db_default=False)
    straight_policy = models.BigIntegerField(null=True)
    claimed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    claimed_until = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "received",
                        "checked",
                        "validated",
                        "approved",
                        "posted",
                        "sent",
                        "settled",
                        "rejected",
                        "cancelled",
                        "returned",
                    ]
                ),
                name="state_status_known",
            ),
            models.CheckConstraint(condition=Q(hold_count__gte=0), name="state_holds_not_negative"),
            models.CheckConstraint(
                condition=Q(approvals_given__gte=0) & Q(approvals_given__lte=F("approvals_required")),
                name="state_approvals_bounded",
            ),
            models.CheckConstraint(
                condition=Q(approvals_required__gte=1),
                name="state_approved_by_one_at_least",
                violation_error_message=_("Nothing is approved by nobody."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "posted", "sent", "settled", "returned"])
                | ((Q(approvals_given=F("approvals_required")) | Q(straight_policy__isnull=False)) & Q(hold_count=0)),
                name="state_not_past_approval_unsigned",
                violation_error_message=_("A payment goes on only when every approval is given and no hold is left."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["entity", "-priority", "due_at", "payment"], name="state_queue", condition=Q(status="checked")
            ),
            models.Index(
                fields=["entity", "-priority", "due_at", "payment"],
                name="state_second",
                condition=Q(status="validated"),
            ),
            models.Index(
                fields=["changed_at"], name="state_moving", condition=Q(status__in=["received", "approved", "posted"])
            ),
            models.Index(fields=["claimed_by"], name="state_claims", condition=Q(claimed_by__isnull=False)),
        ]

    @property
    def cut_off_at(self) -> datetime | None:
        """The last moment to release it for its execution date; None: it has no cut-off."""
        return self.due_at if self.execution_date else None


class PaymentApproval(models.Model):
    """A signature: ``stage`` 0 validates, 1 and above approve. A trigger refuses the maker and whoever amended it."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="approvals")
    stage = models.SmallIntegerField()
    # The index by person has the moment, too: what somebody signed today is added up at each signature.
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    # In whose place a deputy signed, under a delegation that was in force.
    on_behalf_of = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason_code = models.CharField(max_length=24, blank=True)
    reason = models.TextField(blank=True)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "person"],
                condition=Q(withdrawn_at=None),
                name="approval_person_once",
                violation_error_message=_("One person never signs the same payment twice."),
            ),
            models.UniqueConstraint(
                fields=["payment", "stage"],
                condition=Q(withdrawn_at=None),
                name="approval_stage_once",
                violation_error_message=_("This stage is signed already."),
            ),
        ]
        indexes = [
            models.Index(fields=["person", "given_at"], name="approval_by_person"),
            models.Index(
                fields=["on_behalf_of", "given_at"], name="approval_by_giver", condition=Q(on_behalf_of__isnull=False)
            ),
        ]


class PaymentRequirement(models.Model):
    """A signature that a payment needs after its validation, frozen with it: ``place`` is the stage of its signature.

    ``stage`` groups the places whose people come in any order. The role, the member of a team and the level (a person
    whose own limit for one payment reaches ``ceiling``) are what the matrix asked; ``policy`` is its row (controls).
    """

    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="requirements", db_constraint=False, db_index=False
    )
    place = models.SmallIntegerField()
    stage = models.SmallIntegerField()
    role = models.CharField(max_length=16, blank=True)
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    ceiling = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    policy = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "place"], condition=Q(withdrawn_at=None), name="requirement_place_once"
            ),
            models.CheckConstraint(condition=Q(place__gte=1) & Q(stage__gte=1), name="requirement_after_validation"),
        ]


class Hold(models.Model):
    """A reason to wait, beside the state. The payment goes on when every hold is lifted.

    At ``until`` it is brought back with its ``question`` (``came_due_at``), or lifts by itself when whoever placed it
    chose so. ``answer`` is what was found when it was lifted.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="holds")
    code = models.CharField(max_length=48)
    reason = models.TextField(blank=True)
    # The rule that placed it (controls), or empty when a person did.
    rule_code = models.CharField(max_length=32, blank=True)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    placed_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    question = models.TextField(blank=True, db_default="")
    lifts_itself = models.BooleanField(default=False, db_default=False)
    came_due_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.TextField(blank=True)
    answer = models.TextField(blank=True, db_default="")
    # What a check found is decided first, then the check lifts it: nobody else does.
    stays = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(lifts_itself=False) | Q(until__isnull=False),
                name="hold_lifts_itself_at_a_moment",
                violation_error_message=_("A hold that lifts by itself has a moment to do so."),
            )
        ]
        indexes = [
            models.Index(fields=["payment"], name="hold_open", condition=Q(lifted_at=None)),
            models.Index(
                fields=["until"],
                name="hold_coming_due",
                condition=Q(lifted_at=None, came_due_at=None, until__isnull=False),
            ),
        ]
