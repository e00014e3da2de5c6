"""Standing orders: what is paid again and again from an account of ours, and each date on which it falls due."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, User
from transactions.models.accounts import Account
from transactions.models.intake import PaymentBatch
from transactions.models.payments import Payment


class StandingOrder(models.Model):
    """An agreement to pay, with its terms as they are in force; what is asked for waits in a change request (controls).

    ``amount`` is fixed, in ``currency``; a sweep has none and moves what is available above ``floor``. Due dates follow
    from ``first_on`` by the rhythm (transactions/standing/rhythm.py). ``next_on`` is the first date of which no payment
    was made yet, ``make_on`` the day on which it is made; both are empty when nothing is due any more.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("standing order", "Waiting for a second person")
        ACTIVE = "active", pgettext_lazy("standing order", "In force")
        REFUSED = "refused", pgettext_lazy("standing order", "Refused")
        COMPLETED = "completed", pgettext_lazy("standing order", "Completed")
        ENDED = "ended", pgettext_lazy("standing order", "Ended")

    class Unit(models.TextChoices):
        WEEK = "week", _("week")
        MONTH = "month", _("month")
        YEAR = "year", _("year")

    class WorkingDay(models.TextChoices):
        NEXT = "next", _("the next working day")
        PREVIOUS = "previous", _("the working day before")
        SAME = "same", _("the same day")

    # What a second person approves, together and alone.
    TERMS = (
        "creditor_name", "creditor_number", "creditor_bic", "amount", "floor", "currency", "remittance", "unit",
        "every", "last_working_day", "first_on", "last_on", "times", "working_day",
    )  # fmt: skip

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    creditor_name = models.CharField(max_length=140)
    creditor_number = models.CharField(max_length=34)
    creditor_bic = models.CharField(max_length=11, blank=True)
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    floor = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    currency = models.CharField(max_length=3)
    remittance = models.CharField(max_length=140, blank=True)
    unit = models.CharField(max_length=5, choices=Unit.choices, default=Unit.MONTH)
    every = models.SmallIntegerField(default=1)
    # The last working day of the month instead of the day of ``first_on``.
    last_working_day = models.BooleanField(default=False)
    first_on = models.DateField()
    last_on = models.DateField(null=True)
    times = models.IntegerField(null=True)
    working_day = models.CharField(max_length=8, choices=WorkingDay.choices, default=WorkingDay.NEXT)
    suspended_from = models.DateField(null=True)
    suspended_to = models.DateField(null=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.WAITING)
    next_on = models.DateField(null=True)
    make_on = models.DateField(null=True)
    made_count = models.IntegerField(default=0)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # Who asked for the terms that are in force, and who approved them.
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    history = HistoricalRecords(excluded_fields=["next_on", "make_on", "made_count"])

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, floor=None) | Q(amount=None, floor__gte=0), name="standing_amount_or_floor"
            ),
            models.CheckConstraint(
                condition=Q(every__gte=1) & (Q(last_on=None) | Q(last_on__gte=F("first_on"))), name="standing_rhythm"
            ),
            models.CheckConstraint(condition=Q(times=None) | Q(times__gte=1), name="standing_times"),
            models.CheckConstraint(
                condition=Q(suspended_from=None, suspended_to=None)
                | Q(suspended_from__isnull=False) & (Q(suspended_to=None) | Q(suspended_to__gte=F("suspended_from"))),
                name="standing_suspension",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["active", "completed"])
                | (Q(approved_by__isnull=False) & ~Q(approved_by=F("asked_by"))),
                name="standing_approved_by_another",
                violation_error_message=_("A standing order is in force when a second person has approved it."),
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-id"], name="standing_page"),
            models.Index(fields=["make_on", "id"], name="standing_to_make", condition=Q(status="active")),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"SO-{self.pk:06d}"

    @property
    def is_sweep(self) -> bool:
        return self.amount is None


class StandingDue(models.Model):
    """A date on which a standing order falls due: one, whatever happens to the task that makes its payment.

    ``due_on`` is the date of the rhythm, ``execution_on`` the working day asked of the bank. ``tries`` counts the
    working days on which the funds were missing.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("due date", "Handed to intake")
        MADE = "made", pgettext_lazy("due date", "Payment made")
        EXECUTED = "executed", pgettext_lazy("due date", "Executed")
        SKIPPED = "skipped", pgettext_lazy("due date", "Nothing to move")
        GIVEN_UP = "given_up", pgettext_lazy("due date", "Given up for want of funds")

    order = models.ForeignKey(StandingOrder, on_delete=models.PROTECT, related_name="dues", db_index=False)
    due_on = models.DateField()
    execution_on = models.DateField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PLANNED)
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, null=True, related_name="+")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, related_name="standing_due")
    tries = models.SmallIntegerField(default=0)
    last_tried_on = models.DateField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "due_on"],
                name="standing_due_once",
                violation_error_message=_("The payment of this date was made before."),
            ),
        ]
