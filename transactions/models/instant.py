"""Instant transfers: what a customer allows by them, and how each went, second by second."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import User
from transactions.models.accounts import Account
from transactions.models.payments import Payment


class InstantLimit(models.Model):
    """The most that an account's holder allows by instant transfers: of one, and in one day of its entity (None: no
    limit; the law sets none). Source: Reg. (EU) 260/2012 art. 5a(6), inserted by Reg. (EU) 2024/886."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, primary_key=True, related_name="instant_limit")
    one_amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    day_amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(auto_now=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(one_amount=None) | Q(one_amount__gte=0)) & (Q(day_amount=None) | Q(day_amount__gte=0)),
                name="instant_limit_not_negative",
            )
        ]


class InstantTransfer(models.Model):
    """An instant transfer from its last approval on. Nothing is approved beyond the account's limits: a trigger sums
    the day under a lock on the limit (transactions/sql/instant.sql).

    ``status`` unanswered: the bank did not answer in time. It is asked, and the payment never sent again by itself;
    what it answers later counts.
    """

    class Status(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("instant transfer", "To be sent")
        SENT = "sent", pgettext_lazy("instant transfer", "Sent")
        UNANSWERED = "unanswered", pgettext_lazy("instant transfer", "No answer within 10 seconds")
        ANSWERED = "answered", pgettext_lazy("instant transfer", "Answered")

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, primary_key=True, related_name="instant")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    day = models.DateField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.APPROVED)
    approved_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    unanswered_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(sent_at__isnull=False, answered_at__gte=F("sent_at")),
                name="instant_answered_after_sent",
                violation_error_message=_("An answer comes after what it answers."),
            )
        ]
        indexes = [
            models.Index(fields=["account", "day"], name="instant_by_day"),
            models.Index(fields=["sent_at"], name="instant_in_the_air", condition=Q(status="sent")),
            models.Index(fields=["-payment"], name="instant_unanswered", condition=Q(status="unanswered")),
        ]

    @property
    def seconds_to_send(self) -> float | None:
        """From the last approval to the file in the bank's hands."""
        return None if self.sent_at is None else (self.sent_at - self.approved_at).total_seconds()

    @property
    def seconds_to_answer(self) -> float | None:
        if self.answered_at is None or self.sent_at is None:
            return None
        return (self.answered_at - self.sent_at).total_seconds()
