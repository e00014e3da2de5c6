"""Straight-through processing: the explicit, dated exception from signatures, and what went through under it."""

from django.db import models
from django.db.models import F, Q

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS
from backoffice.people.models import Entity, User
from controls.models.changes import ChangeRequest
from transactions.models import IntakeSource, Payment


class StraightPolicy(models.Model):
    """Payments of an entity that meet every condition go on without signatures while it is in force. Off: no row.

    Conditions: a kind, a channel, a source (empty: any), at most ``max_amount`` for one payment and ``day_amount`` for
    all of a day of the entity, an account that was paid before (``known_payees``); always: every check passed, none
    even with a note, no hold, never amended, and entered by nobody who wrote or approved the policy. One person writes
    it and a second approves; it is never changed, only stopped: a change is the next ``number`` of its ``name``.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="straight_policies")
    name = models.CharField(max_length=60)
    number = models.IntegerField()
    kind = models.CharField(max_length=10, blank=True)
    channel = models.CharField(max_length=8, blank=True)
    source = models.ForeignKey(IntakeSource, on_delete=models.PROTECT, null=True, related_name="+")
    currency = models.CharField(max_length=3)
    max_amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    day_amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    known_payees = models.BooleanField(default=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    request = models.OneToOneField(ChangeRequest, on_delete=models.PROTECT, related_name="+")
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    # Nobody when the next number took its place.
    stopped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    stop_reason = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "straight policies"
        constraints = [
            models.UniqueConstraint(fields=["entity", "name", "number"], name="straight_number_once"),
            models.UniqueConstraint(
                fields=["entity", "name"], condition=Q(stopped_at=None), name="straight_one_in_force"
            ),
            models.CheckConstraint(condition=~Q(written_by=F("approved_by")), name="straight_by_two"),
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="straight_dates_in_order"),
            models.CheckConstraint(
                condition=Q(max_amount__gt=0) & Q(day_amount__gte=F("max_amount")), name="straight_ceilings"
            ),
            models.CheckConstraint(condition=Q(kind__in=["", "sepa", "transfer", "internal"]), name="straight_kind"),
        ]


class StraightRelease(models.Model):
    """A payment that went through under a policy: written in the transaction of its move, never changed.

    ``version`` is that of its state before; ``day`` is the entity's, by which the ceiling counts.
    """

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="releases", db_constraint=False)
    policy = models.ForeignKey(StraightPolicy, on_delete=models.PROTECT, related_name="releases", db_index=False)
    version = models.IntegerField()
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    day = models.DateField()
    released_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payment", "version"], name="release_once_a_version")]
        indexes = [models.Index(fields=["policy", "day"], name="release_of_the_day")]
