"""Changes that a second person approves before they take effect: of the matrix, of limits, of accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.people.models import Entity, User


class ChangeRequest(models.Model):
    """What somebody asks to change, with the places that were frozen when they asked. It is decided once.

    ``subject_id`` is the row of the matrix or the policy that changes (None: a new one), the person of the limit, the
    role or the token, the standing order, the account, the channel, the verification service, the version of a rule,
    the list, the screening hit, the watch list, the model of scoring, or the entity whose threshold of scores changes.
    """

    class Subject(models.TextChoices):
        MATRIX = "matrix", _("Approval matrix")
        LIMIT = "limit", _("Limit")
        STANDING = "standing", _("Standing order")
        STRAIGHT = "straight", _("Straight-through processing")
        ACCOUNT = "account", _("Overdraft")
        CHANNEL = "channel", _("Channel to a bank")
        GRANT = "grant", _("Role")
        TOKEN = "token", _("API token of a program")
        VERIFIER = "verifier", _("Verification service")
        RULE = "rule", _("Rule")
        LIST = "list", _("List of the rules")
        HIT = "hit", _("Screening hit")
        EXEMPT = "exempt", _("Exemption from screening")
        WATCH = "watch", _("Watch list")
        MODEL = "model", _("Model of scoring")
        SCORING = "scoring", _("Threshold of scoring")

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for a second person")
        APPROVED = "approved", _("In effect")
        REFUSED = "refused", _("Refused")

    subject_type = models.CharField(max_length=8, choices=Subject.choices)
    subject_id = models.BigIntegerField(null=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, null=True, related_name="+")
    change = models.JSONField()
    places = models.JSONField()
    reason = models.TextField(blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="waiting", decided_by=None) | ~models.Q(status="waiting"),
                name="change_waits_undecided",
            ),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                condition=models.Q(
                    status="waiting",
                    subject_type__in=[
                        "matrix",
                        "standing",
                        "straight",
                        "account",
                        "channel",
                        "verifier",
                        "rule",
                        "list",
                        "hit",
                        "watch",
                        "model",
                        "scoring",
                    ],
                    subject_id__isnull=False,
                ),
                name="change_of_a_row_once",
            ),
        ]
        indexes = [models.Index(fields=["subject_type", "status", "-id"], name="change_waiting")]


class ChangeSignature(models.Model):
    """A place of a request that somebody filled. Never the one who asked (controls/sql/changes.sql)."""

    request = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="signatures")
    place = models.SmallIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "person"], name="change_signed_once_by_one"),
            models.UniqueConstraint(fields=["request", "place"], name="change_place_signed_once"),
        ]
