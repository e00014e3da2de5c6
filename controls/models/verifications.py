"""Verification of payee: whom we asked whether a name is the holder's of an account, what was answered, for what."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.people.models import Entity, User
from transactions.models import Payment

_STATE = ["waits", "failing_since", "paused_until", "last_ok_at", "last_code", "last_params"]


class VerificationService(models.Model):
    """The outside service that an entity asks (docs/verification-of-payee.md). One of an entity at most.

    ``secret`` is the token, encrypted (transactions/channels/vault.py). ``valid_hours``: an answer counts so long for
    the same number and name. ``waits``: where it points is not signed by a second person yet, so nobody is asked.
    ``paused_until``: it failed several times in a row, and is left alone until then.
    """

    entity = models.OneToOneField(Entity, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=400)
    salt = models.BinaryField(max_length=32)
    secret = models.BinaryField(null=True)
    valid_hours = models.IntegerField(default=24)
    is_active = models.BooleanField(default=False)
    waits = models.BooleanField(default=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    failing_since = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    last_code = models.CharField(max_length=48, blank=True)
    last_params = models.JSONField(default=dict)
    history = HistoricalRecords(excluded_fields=["salt", "secret", *_STATE])

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(waits=False) | Q(is_active=False), name="verifier_waits_switched_off"),
            models.CheckConstraint(
                condition=Q(valid_hours__gte=1, valid_hours__lte=168),
                name="verifier_hours_bounded",
                violation_error_message=_("An answer counts for 1 to 168 hours."),
            ),
        ]

    def __str__(self) -> str:
        return self.url


class PayeeVerification(models.Model):
    """One answer for a number and a name of an entity, by the codes of the EPC scheme; written once.

    ``suggested_name`` is the holder's, only with a close match. ``source``: the holder of our own account, a payee
    whose bank details a person confirmed, or the outside service. Without an answer in time: NOAP, ``code`` says why.
    """

    class Outcome(models.TextChoices):
        MATCH = "MTCH", _("Match")
        CLOSE = "CMTC", _("Close match")
        NO_MATCH = "NMTC", _("No match")
        NOT_POSSIBLE = "NOAP", _("Not possible")

    class Source(models.TextChoices):
        ACCOUNT = "account", _("our own account")
        PAYEE = "payee", _("a confirmed payee")
        SERVICE = "service", _("the verification service")

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    account_number = models.CharField(max_length=34)
    name = models.CharField(max_length=140)
    outcome = models.CharField(max_length=4, choices=Outcome.choices)
    suggested_name = models.CharField(max_length=140, blank=True)
    source = models.CharField(max_length=7, choices=Source.choices)
    service_reference = models.CharField(max_length=64, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    duration_ms = models.IntegerField(default=0)
    code = models.CharField(max_length=48, blank=True)
    params = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["MTCH", "CMTC", "NMTC", "NOAP"]), name="verification_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["account", "payee", "service"]), name="verification_source_known"
            ),
            models.CheckConstraint(
                condition=(Q(outcome="CMTC") & ~Q(suggested_name="")) | (~Q(outcome="CMTC") & Q(suggested_name="")),
                name="verification_names_when_close",
                violation_error_message=_("The holder's name is shown with a close match, and only then."),
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=False) | Q(outcome="NOAP"),
                name="verification_answered_or_not_possible",
                violation_error_message=_("What was not answered is never a match."),
            ),
        ]
        indexes = [models.Index(fields=["entity", "account_number", "name", "-id"], name="verification_last")]


class PaymentVerification(models.Model):
    """That an answer stands for a payment. The last one counts, while the payment has its number and name."""

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="verifications", db_constraint=False, db_index=False
    )
    verification = models.ForeignKey(
        PayeeVerification, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    linked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["payment", "id"], name="verification_of_payment")]
