"""Ways to banks: channels, what they carry out and whether it arrived, what they brought in."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.people.models import Entity, User
from documents.models import Attachment
from transactions.models.accounts import Account
from transactions.models.intake import IntakeSource, PaymentBatch
from transactions.models.messages import BankMessage
from transactions.models.settlement import OutgoingFile

_STATE = ["waits", "failing_since", "last_ok_at", "last_code", "last_params", "needs_person"]


class BankChannel(models.Model):
    """A way to a bank and back, of one entity.

    ``secret`` is the password, the private key or the key that signs, encrypted (channels/vault.py). ``host_keys`` are
    lines ``type SHA256:fingerprint``: a server that shows none of them is refused. ``file_name`` is the pattern of
    names there. ``ack_minutes``: by when an acknowledgement is due after the delivery; none when the bank sends none.
    ``failing_since`` is empty after each success. ``needs_person``: it fails for a reason that only a person can mend
    (a changed host key, a refused password), so it is not tried until somebody saves or tests it.
    """

    class Kind(models.TextChoices):
        FOLDER = "folder", _("Folder")
        SFTP = "sftp", _("SFTP")
        ADAPTER = "adapter", _("Adapter")

    class After(models.TextChoices):
        ARCHIVE = "archive", _("move it to the folder “done”")
        DELETE = "delete", _("delete it")
        LEAVE = "leave", _("leave it there")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    host = models.CharField(max_length=255, blank=True)
    port = models.IntegerField(default=22)
    user = models.CharField(max_length=80, blank=True)
    url = models.CharField(max_length=400, blank=True)
    host_keys = models.TextField(blank=True)
    salt = models.BinaryField(max_length=32)
    secret = models.BinaryField(null=True)
    out_folder = models.CharField(max_length=200, blank=True)
    in_folder = models.CharField(max_length=200, blank=True)
    after_fetch = models.CharField(max_length=7, choices=After.choices, default=After.ARCHIVE)
    file_name = models.CharField(max_length=80, default="{message_id}.xml")
    source = models.ForeignKey(IntakeSource, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ack_minutes = models.IntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    # Where it points, or what it brings, is not signed by a second person yet: nothing goes by it until then.
    waits = models.BooleanField(default=False, db_default=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    failing_since = models.DateTimeField(null=True)
    last_ok_at = models.DateTimeField(null=True)
    last_code = models.CharField(max_length=48, blank=True)
    last_params = models.JSONField(default=dict)
    needs_person = models.BooleanField(default=False)
    history = HistoricalRecords(excluded_fields=["salt", "secret", *_STATE])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "name"],
                name="channel_name_once",
                violation_error_message=_("There is a channel of this name already."),
            ),
            models.CheckConstraint(condition=Q(kind__in=["folder", "sftp", "adapter"]), name="channel_kind_known"),
            models.CheckConstraint(condition=Q(waits=False) | Q(is_active=False), name="channel_waits_switched_off"),
        ]
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ChannelRoute(models.Model):
    """That files of an account and a kind go by a channel: by one only.

    Without an account: those of all accounts that have none of their own.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey(BankChannel, on_delete=models.CASCADE, related_name="routes")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=7, choices=OutgoingFile.Kind.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind"],
                name="channel_of_account_once",
                violation_error_message=_("Files of this kind of the account go by another channel already."),
            ),
            models.UniqueConstraint(
                fields=["entity", "kind"],
                condition=Q(account=None),
                name="channel_of_all_once",
                violation_error_message=_("Files of this kind of all other accounts go by another channel already."),
            ),
        ]


class Transmission(models.Model):
    """A file for the bank on its way. One for each file, whatever happens to it.

    ``stage`` is how far the present attempt came, committed before each step: *placing* is the one after which the
    bank may have the file. ``next_at`` is when to try again. ``decided_by`` is who last decided where only a person
    could, with the reason.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting to be transmitted")
        SENDING = "sending", _("Being transmitted")
        DELIVERED = "delivered", _("Delivered")
        ACKNOWLEDGED = "acknowledged", _("Acknowledged by the bank")
        FAILED = "failed", _("Not delivered")
        UNSURE = "unsure", _("Not certain")

    class Stage(models.TextChoices):
        BEGUN = "begun", _("connecting")
        WRITING = "writing", _("writing under another name")
        PLACING = "placing", _("giving it its name")
        DONE = "done", _("done")

    file = models.OneToOneField(OutgoingFile, on_delete=models.PROTECT, related_name="transmission")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.ForeignKey(BankChannel, on_delete=models.PROTECT, related_name="transmissions")
    remote_name = models.CharField(max_length=160)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.WAITING)
    stage = models.CharField(max_length=7, choices=Stage.choices, default=Stage.BEGUN)
    attempts = models.IntegerField(default=0)
    since = models.DateTimeField()
    next_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    ack_due_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=200, blank=True)
    late_told_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=48, blank=True)
    params = models.JSONField(default=dict)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "remote_name"],
                name="transmission_name_once",
                violation_error_message=_("Another file went by this channel under the same name."),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decision=""),
                name="transmission_decided_with_reason",
                violation_error_message=_("Who decides on a file that may have arrived says why."),
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="transmission_due", condition=Q(status__in=["waiting", "sending"])),
            models.Index(fields=["ack_due_at"], name="transmission_late", condition=Q(status="delivered")),
            models.Index(fields=["entity"], name="transmission_open", condition=Q(status__in=["failed", "unsure"])),
        ]


class TransmissionAttempt(models.Model):
    """One try: how far it came, and what ended it. ``verified`` is whether the bytes there were read back."""

    transmission = models.ForeignKey(Transmission, on_delete=models.PROTECT, related_name="log")
    number = models.IntegerField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    stage = models.CharField(max_length=7, choices=Transmission.Stage.choices, default=Transmission.Stage.BEGUN)
    address = models.CharField(max_length=45, blank=True)
    verified = models.BooleanField(null=True)
    code = models.CharField(max_length=48, blank=True)
    params = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["transmission", "number"], name="attempt_number_once")]


class FetchedFile(models.Model):
    """A file that was found at a bank. Taken once by name and content; *seen* until it no longer grows."""

    class Status(models.TextChoices):
        SEEN = "seen", _("Still being written")
        TAKEN = "taken", _("Taken in")
        WAITING = "waiting", _("Not recognised")
        REFUSED = "refused", _("Refused")
        DISMISSED = "dismissed", _("Laid aside")

    channel = models.ForeignKey(BankChannel, on_delete=models.PROTECT, related_name="fetched")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    modified = models.BigIntegerField()
    seen_at = models.DateTimeField()
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.SEEN)
    sha256 = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=48, blank=True)
    params = models.JSONField(default=dict)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, null=True, related_name="+")
    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, null=True, related_name="+")
    transmission = models.ForeignKey(Transmission, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "name", "sha256"],
                name="fetched_once",
                violation_error_message=_("This file was fetched before."),
            )
        ]
        indexes = [
            models.Index(fields=["entity", "-id"], name="fetched_waiting", condition=Q(status="waiting")),
            models.Index(fields=["entity", "-id"], name="fetched_page"),
        ]
