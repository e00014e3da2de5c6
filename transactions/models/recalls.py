"""Recalls: of payments that we sent, asked of the other bank; and of payments that came in, asked of us."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.people.models import Entity, User
from transactions.models.messages import MessageItem
from transactions.models.payments import Payment
from transactions.models.settlement import OutgoingFile


class Recall(models.Model):
    """That a payment of ours is asked back. Asked by one person, approved by another, sent once, answered once.

    ``ask_until`` is the last day on which the rulebook lets it be asked, ``answer_due`` the last day for the other
    bank to answer. ``returned_at`` is when the money came back, which may be before the answer or without one.
    """

    class Status(models.TextChoices):
        ASKED = "asked", pgettext_lazy("recall", "Asked for")
        APPROVED = "approved", _("Approved")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        EXPIRED = "expired", _("Deadline passed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Reason(models.TextChoices):
        DUPL = "DUPL", _("Duplicate payment")
        TECH = "TECH", _("Technical problem")
        FRAD = "FRAD", _("Fraud")
        CUST = "CUST", _("Asked for by the customer")
        AC03 = "AC03", _("Wrong account of the creditor")
        AM09 = "AM09", _("Wrong amount")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="recalls", db_index=False)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason_code = models.CharField(max_length=4, choices=Reason.choices)
    reason = models.CharField(max_length=500)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.ASKED)
    ask_until = models.DateField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    approved_at = models.DateTimeField(null=True)
    file = models.ForeignKey(OutgoingFile, on_delete=models.PROTECT, null=True, related_name="recalls")
    sent_at = models.DateTimeField(null=True)
    answer_due = models.DateField(null=True)
    answer_item = models.ForeignKey(MessageItem, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    answer_code = models.CharField(max_length=35, blank=True)
    answer_text = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    # Who took it back, or would not approve it, and why.
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                name="recall_open_once",
                condition=Q(status__in=["asked", "approved", "sent", "accepted"]),
                violation_error_message=_("This payment is recalled already."),
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")),
                name="recall_by_two",
                violation_error_message=_("Whoever asks for a recall does not approve it."),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "withdrawn", "expired"])
                | Q(approved_by__isnull=False, file__isnull=False),
                name="recall_goes_on_approved",
                violation_error_message=_("A recall goes on when a second person has approved it."),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["sent", "accepted", "refused"])
                | Q(sent_at__isnull=False, answer_due__isnull=False),
                name="recall_answered_when_sent",
                violation_error_message=_("Only a recall that was sent is answered."),
            ),
        ]
        indexes = [
            models.Index(fields=["payment", "-id"], name="recall_of_payment"),
            models.Index(fields=["entity", "-id"], name="recall_page"),
            models.Index(
                fields=["entity", "-id"], name="recall_open", condition=Q(status__in=["asked", "approved", "sent"])
            ),
        ]

    def __str__(self) -> str:
        return self.case_id

    @property
    def case_id(self) -> str:
        """Our reference in the message, as the other bank may name it."""
        return f"R{self.pk}"

    @property
    def due_on(self) -> object:
        """The day that counts now: until when it can be asked, then until when the answer is due."""
        if self.status == self.Status.ASKED:
            return self.ask_until
        return self.answer_due if self.status in {self.Status.SENT, self.Status.EXPIRED} else None


class RecallRequest(models.Model):
    """That another bank asks a payment back which came in to an account of ours. Answered once, by ``due_on``.

    ``payment`` is what was found by its references, or what a person pointed out. Giving back needs two people:
    proposed by one, confirmed by another; refusing needs one.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("To answer")
        PROPOSED = "proposed", _("Acceptance proposed")
        ACCEPTED = "accepted", _("Given back")
        REFUSED = "refused", _("Refused")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.OneToOneField(MessageItem, on_delete=models.PROTECT, related_name="recall_request")
    sender = models.CharField(max_length=140, blank=True)
    cancellation_id = models.CharField(max_length=35, blank=True)
    case_id = models.CharField(max_length=35, blank=True)
    original_message_id = models.CharField(max_length=35, blank=True)
    original_message_name = models.CharField(max_length=35, blank=True)
    transaction_id = models.CharField(max_length=35, blank=True)
    debtor_name = models.CharField(max_length=140, blank=True)
    debtor_number = models.CharField(max_length=34, blank=True)
    debtor_bic = models.CharField(max_length=11, blank=True)
    creditor_name = models.CharField(max_length=140, blank=True)
    creditor_number = models.CharField(max_length=34, blank=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="recall_requests", db_index=False
    )
    match_code = models.CharField(max_length=48, blank=True)
    received_on = models.DateField()
    due_on = models.DateField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    proposed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    answer_code = models.CharField(max_length=35, blank=True)
    answer_text = models.CharField(max_length=500, blank=True)
    answer_file = models.ForeignKey(OutgoingFile, on_delete=models.PROTECT, null=True, related_name="recall_answers")
    return_file = models.ForeignKey(OutgoingFile, on_delete=models.PROTECT, null=True, related_name="recall_returns")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "sender", "cancellation_id"],
                name="request_taken_in_once",
                condition=~Q(cancellation_id=""),
                violation_error_message=_("This request was taken in before."),
            ),
            models.UniqueConstraint(
                fields=["payment"],
                name="request_of_payment_once",
                condition=Q(status__in=["proposed", "accepted"]),
                violation_error_message=_("This payment is given back already, or it is proposed."),
            ),
            models.CheckConstraint(
                condition=~Q(status="accepted")
                | Q(
                    payment__isnull=False, proposed_by__isnull=False, decided_by__isnull=False,
                    answer_file__isnull=False, return_file__isnull=False,
                ) & ~Q(decided_by=F("proposed_by")),
                name="request_accepted_by_two",
                violation_error_message=_("Giving a payment back needs two people."),
            ),
            models.CheckConstraint(
                condition=~Q(status="refused")
                | Q(decided_by__isnull=False, answer_file__isnull=False) & ~Q(answer_code=""),
                name="request_refused_with_reason",
                violation_error_message=_("Whoever refuses a recall says why."),
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["entity", "-id"], name="request_page"),
            models.Index(
                fields=["entity", "due_on"], name="recall_request_open", condition=Q(status__in=["open", "proposed"])
            ),
            models.Index(fields=["payment"], name="request_of_payment", condition=Q(payment__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.cancellation_id or f"#{self.pk}"

    @property
    def answer_id(self) -> str:
        """Our reference in the answer and in the return."""
        return f"A{self.pk}"
