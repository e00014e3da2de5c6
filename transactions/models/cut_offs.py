"""When a payment must be released: cut-offs and the calendars they count working days in, as data with history."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.people.models import Entity
from transactions.models.accounts import Account


def weekend() -> list[int]:
    return [6, 7]


class Calendar(models.Model):
    """Working days of a country or a currency: not ``weekend`` (ISO days, 1 is Monday), not its holidays, and with
    ``target`` not when TARGET is closed either. Where no calendar is named, TARGET counts, which is known by rule."""

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="calendars")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    target = models.BooleanField(default=True)
    weekend = ArrayField(models.SmallIntegerField(), default=weekend)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "code"],
                name="calendar_code_once",
                violation_error_message=_("A calendar with this code is known already."),
            ),
            models.CheckConstraint(
                condition=Q(weekend__contained_by=[1, 2, 3, 4, 5, 6, 7]) & Q(weekend__len__lte=6),
                name="calendar_has_working_days",
                violation_error_message=_("A calendar has at least one working day a week."),
            ),
        ]
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Holiday(models.Model):
    """A day on which a calendar is closed, by name. Days that are past stay as they were."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=80)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "day"],
                name="holiday_once",
                violation_error_message=_("This day is closed already in this calendar."),
            )
        ]
        ordering = ("day",)


class CutOff(models.Model):
    """Until when a payment of this scope is released to go on its execution date.

    Scope: an entity, and where they are given an account of ours, a scheme, a channel and a currency. Of the rules that
    match a payment and have begun the most specific counts: the account first, then the scheme, the channel, the
    currency; of one scope the one that began last. ``days_before`` counts working days of ``calendar`` (TARGET where
    none is named) from the execution date back to the day of the cut-off. ``mode``: ``time`` is ``local_time`` in
    ``time_zone``; ``always`` has no cut-off; with ``general`` the scope ends, and the less specific rule counts again.

    A rule that has begun stays as it is (transactions/sql/cut_offs.sql): another one follows it. Instant transfers go
    day and night, whatever the rules (Regulation (EU) 2024/886).
    """

    class Scheme(models.TextChoices):
        SEPA = "sepa", _("SEPA credit transfer")
        TRANSFER = "transfer", _("Credit transfer")
        INTERNAL = "internal", _("Transfer between own accounts")
        CORE = "core", _("Direct debit CORE")
        B2B = "b2b", _("Direct debit B2B")

    class Mode(models.TextChoices):
        TIME = "time", _("Until an hour")
        ALWAYS = "always", _("No cut-off")
        GENERAL = "general", _("As the more general rule")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="cut_offs")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="cut_offs")
    scheme = models.CharField(max_length=10, blank=True, choices=Scheme.choices)
    channel = models.CharField(max_length=8, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.TIME)
    local_time = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="cut_offs")
    days_before = models.SmallIntegerField(default=0)
    valid_from = models.DateField()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "account", "scheme", "channel", "currency", "valid_from"],
                name="cut_off_no_tie",
                nulls_distinct=False,
                violation_error_message=_("Two cut-offs of the same scope would begin on the same day."),
            ),
            models.CheckConstraint(
                condition=Q(mode="time", local_time__isnull=False)
                | Q(mode__in=["always", "general"], local_time=None, days_before=0),
                name="cut_off_hour_when_it_has_one",
                violation_error_message=_("A cut-off has an hour, or says that there is none."),
            ),
            models.CheckConstraint(
                condition=Q(days_before__gte=0) & Q(days_before__lte=20),
                name="cut_off_days_bounded",
                violation_error_message=_("A cut-off is at most 20 working days before the execution date."),
            ),
        ]
        ordering = ("entity", "-account", "-scheme", "-channel", "-currency", "-valid_from")
