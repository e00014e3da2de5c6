"""What should come: payments and files that are expected by their rhythm, and each day on which one falls due."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, User
from transactions.models import Account, Calendar, IntakeSource, Payee, Payment, PaymentBatch, StandingOrder

# Whatever the rhythm, a machine gives a learnt expectation up after so many that did not come, one after the other.
GIVEN_UP_AFTER = 3


class Expectation(models.Model):
    """That something comes again and again: a payment to a payee, a payment from a payer, a file of a source.

    ``key`` is what must be the same for something to count as it (controls/expected/keys.py). Dates follow from
    ``first_on`` by the rhythm, as those of a standing order do (transactions/standing/rhythm.py); one that falls on a
    closed day moves by ``working_day`` in ``calendar`` (without one, in TARGET's). What comes from ``tolerance``
    calendar days before the due day on counts; ``grace`` open days after the due day it is missing.

    ``amount`` is the median of what came and ``spread`` the median distance from it, in ``currency``; only what lies
    from ``amount_low`` to ``amount_high`` counts, where these are set. ``next_on`` is the first date of the rhythm of
    which there is no occurrence yet. ``seen_on`` are the last days on which it came. An expectation that a person ended
    stays ended; one that has no ``ended_by`` was ended by the machine.
    """

    class Kind(models.TextChoices):
        PAYEE = "payee", _("Payment to a payee")
        PAYER = "payer", _("Payment from a payer")
        FILE = "file", _("File of a source")

    class Origin(models.TextChoices):
        LEARNT = "learnt", pgettext_lazy("expectation", "Learnt")
        ANNOUNCED = "announced", pgettext_lazy("expectation", "Announced")
        BY_HAND = "by_hand", pgettext_lazy("expectation", "By hand")

    # What the machine keeps up to date; its versions are not kept.
    LEARNT_FIELDS = ("next_on", "seen_on", "last_seen_on", "learnt_from", "amount", "spread", "amount_low",
                     "amount_high")  # fmt: skip

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    key = models.CharField(max_length=100)
    origin = models.CharField(max_length=9, choices=Origin.choices)
    # The account of ours, and who is on the other side.
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    payee = models.ForeignKey(Payee, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    number = models.CharField(max_length=34, blank=True)
    name = models.CharField(max_length=140)
    source = models.ForeignKey(IntakeSource, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    standing = models.ForeignKey(StandingOrder, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.CharField(max_length=5, choices=StandingOrder.Unit.choices)
    every = models.SmallIntegerField(default=1)
    last_working_day = models.BooleanField(default=False)
    first_on = models.DateField()
    last_on = models.DateField(null=True)
    working_day = models.CharField(max_length=8, choices=StandingOrder.WorkingDay.choices, default="next")
    suspended_from = models.DateField(null=True)
    suspended_to = models.DateField(null=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    tolerance = models.SmallIntegerField(default=1)
    grace = models.SmallIntegerField(default=2)
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    spread = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    amount_low = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    amount_high = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    currency = models.CharField(max_length=3, blank=True)
    next_on = models.DateField(null=True)
    learnt_from = models.IntegerField(default=0)
    last_seen_on = models.DateField(null=True)
    seen_on = ArrayField(models.DateField(), default=list)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    end_reason = models.CharField(max_length=2000, blank=True)
    history = HistoricalRecords(excluded_fields=[*LEARNT_FIELDS])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "kind", "key"],
                condition=Q(ended_at=None),
                name="expectation_once",
                violation_error_message=_("This is expected already."),
            ),
            models.CheckConstraint(
                condition=Q(kind="file", source__isnull=False, account=None, payee=None, number="", currency="")
                | Q(kind__in=["payee", "payer"], source=None, account__isnull=False)
                & ~Q(currency="")
                & (Q(payee__isnull=False) | ~Q(number="")),
                name="expectation_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(origin="announced", standing__isnull=False)
                | Q(origin="by_hand", standing=None, made_by__isnull=False)
                | Q(origin="learnt", standing=None, made_by=None, learnt_from__gte=4),
                name="expectation_of_its_origin",
            ),
            models.CheckConstraint(
                condition=Q(every__gte=1, every__lte=60, tolerance__gte=0, tolerance__lte=15, grace__gte=0)
                & Q(grace__lte=30)
                & (Q(last_on=None) | Q(last_on__gte=F("first_on"))),
                name="expectation_rhythm",
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | Q(ended_at__isnull=False) & ~Q(end_reason=""), name="expectation_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-id"], name="expectation_page"),
            models.Index(fields=["next_on"], name="expectation_to_lay", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return self.name

    # A rhythm that is told with its last date needs no number of times.
    times: int | None = None

    @property
    def is_active(self) -> bool:
        return self.ended_at is None


class Occurrence(models.Model):
    """A day on which something expected falls due, and what became of it.

    ``rhythm_on`` is the date of the rhythm, ``due_on`` the open day that it moved to. What comes from ``window_from``
    to ``window_to`` counts as this one, the windows of an expectation do not overlap; after ``missing_after`` it is
    missing. What comes after that is ``late``.
    """

    class Status(models.TextChoices):
        AWAITED = "awaited", pgettext_lazy("occurrence", "Awaited")
        CAME = "came", pgettext_lazy("occurrence", "Came")
        MISSING = "missing", pgettext_lazy("occurrence", "Missing")
        EXCUSED = "excused", pgettext_lazy("occurrence", "Excused")

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    expectation = models.ForeignKey(
        Expectation, on_delete=models.PROTECT, related_name="occurrences", db_index=False
    )  # fmt: skip
    rhythm_on = models.DateField()
    due_on = models.DateField()
    window_from = models.DateField()
    window_to = models.DateField()
    missing_after = models.DateField()
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.AWAITED)
    came_on = models.DateField(null=True)
    late = models.BooleanField(default=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    excused_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    excused_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["expectation", "due_on"], name="occurrence_once"),
            models.UniqueConstraint(
                fields=["expectation", "payment"], condition=Q(payment__isnull=False), name="occurrence_payment_once"
            ),
            models.UniqueConstraint(
                fields=["expectation", "batch"], condition=Q(batch__isnull=False), name="occurrence_batch_once"
            ),
            models.CheckConstraint(
                condition=Q(window_from__lte=F("due_on"), window_to__gte=F("due_on"), missing_after__gte=F("due_on")),
                name="occurrence_window",
            ),
            models.CheckConstraint(
                condition=Q(status="came", came_on__isnull=False)
                & (Q(payment__isnull=False, batch=None) | Q(payment=None, batch__isnull=False))
                | Q(came_on=None, payment=None, batch=None, late=False) & ~Q(status="came"),
                name="occurrence_came",
            ),
            models.CheckConstraint(
                condition=Q(status="excused", excused_by__isnull=False, excused_at__isnull=False) & ~Q(reason="")
                | Q(excused_by=None, excused_at=None, reason="") & ~Q(status="excused"),
                name="occurrence_excused",
                violation_error_message=_("Something is excused by a person, with a reason."),
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "status", "-due_on", "-id"], name="occurrence_page"),
            models.Index(
                fields=["window_from"], name="occurrence_open", condition=Q(status__in=["awaited", "missing"])
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.status in {self.Status.AWAITED, self.Status.MISSING}
