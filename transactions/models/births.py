"""When and where natural persons of payments were born, as far as a payment says it."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from transactions.models.payments import Payment


class PaymentBirth(models.Model):
    """What a payment says of the birth of one of its people: a row only where it says anything.

    Written with the payment; of a creditor amended before validation by a person, with history. Empty parts are not
    known.
    """

    class Side(models.TextChoices):
        DEBTOR = "debtor", _("Debtor")
        CREDITOR = "creditor", _("Creditor")
        ULTIMATE_DEBTOR = "ultimate_debtor", _("Ultimate debtor")
        ULTIMATE_CREDITOR = "ultimate_creditor", _("Ultimate creditor")

    id = models.BigAutoField(primary_key=True)
    # Written from the payments themselves, of which none is ever deleted.
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="births", db_constraint=False, db_index=False
    )
    side = models.CharField(max_length=17, choices=Side.choices)
    born_on = models.DateField(null=True)
    province = models.CharField(max_length=35, blank=True)
    town = models.CharField(max_length=35, blank=True)
    country = models.CharField(max_length=2, blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "side"], name="birth_of_a_side_once"),
            models.CheckConstraint(
                condition=Q(side__in=["debtor", "creditor", "ultimate_debtor", "ultimate_creditor"]),
                name="birth_side_known",
            ),
            models.CheckConstraint(
                condition=Q(born_on=None) | Q(born_on__gte=date(1900, 1, 1)),
                name="birth_of_the_living",
                violation_error_message=_("This date of birth is before 1900."),
            ),
        ]

    @property
    def told(self) -> dict[str, str]:
        """Its parts as they are written, those without a word left out."""
        parts = {
            "born_on": self.born_on.isoformat() if self.born_on else "", "province": self.province, "town": self.town,
            "country": self.country,
        }  # fmt: skip
        return {name: text for name, text in parts.items() if text}
