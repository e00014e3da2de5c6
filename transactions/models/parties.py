"""Whom we pay and for whom: parties, payees and the history of their bank details."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.people.models import Entity, User


def validate_birth(born_on: date) -> None:
    if born_on > timezone.localdate():
        raise ValidationError(_("Nobody is born in the future."), code="birth.future")


class Party(models.Model):
    """A person or organisation that owns accounts here (a bank's customer, a company itself)."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("Organisation")
        PERSON = "person", _("Person")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="parties")
    name = models.CharField(max_length=140)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ORGANISATION)
    registration_number = models.CharField(max_length=35, blank=True)
    lei = models.CharField(max_length=20, blank=True)
    street = models.CharField(max_length=140, blank=True)
    post_code = models.CharField(max_length=16, blank=True)
    town = models.CharField(max_length=70, blank=True)
    country = models.CharField(max_length=2, blank=True)
    # Of a person alone.
    born_on = models.DateField(null=True, blank=True, validators=[validate_birth])
    birth_town = models.CharField(max_length=70, blank=True, db_default="")
    birth_country = models.CharField(max_length=2, blank=True, db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "parties"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="person") | Q(born_on=None, birth_town="", birth_country=""),
                name="party_born_a_person",
                violation_error_message=_("Only a person is born."),
            ),
            models.CheckConstraint(
                condition=Q(born_on=None) | Q(born_on__gte=date(1900, 1, 1)),
                name="party_birth_of_the_living",
                violation_error_message=_("This date of birth is before 1900."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def birth(self) -> dict[str, str]:
        """As PaymentBirth.told says it."""
        born_on = self.born_on.isoformat() if self.born_on else ""
        parts = {"born_on": born_on, "town": self.birth_town, "country": self.birth_country}
        return {name: text for name, text in parts.items() if text}


class Payee(models.Model):
    """A creditor known to an entity. ``name_key`` is the name normalised for comparison (see intake.names.key)."""

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="payees")
    name = models.CharField(max_length=140)
    name_key = models.CharField(max_length=140)
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=5, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["entity", "name_key"], name="payee_by_name")]

    def __str__(self) -> str:
        return self.name


class BankDetails(models.Model):
    """An account of a payee and the time it was in use; a change adds a row and ends the former one.

    ``account_number`` is an IBAN without spaces, or another identifier. Paying to details that nobody confirmed is
    a finding of the controls, not a refusal here.
    """

    payee = models.ForeignKey(Payee, on_delete=models.PROTECT, related_name="bank_details")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    account_number = models.CharField(max_length=34)
    bic = models.CharField(max_length=11, blank=True)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "bank details"
        constraints = [
            models.UniqueConstraint(
                fields=["payee", "account_number"],
                condition=models.Q(valid_to=None),
                name="bank_details_once",
                violation_error_message=_("This payee has these bank details already."),
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("added_by")),
                name="bank_details_confirmed_by_another",
                violation_error_message=_(
                    "Bank details are confirmed by someone other than the person who added them."
                ),
            ),
        ]
        indexes = [models.Index(fields=["entity", "account_number"], name="bank_details_by_number")]
