"""What came in: sources, batches (files and calls) and what was wrong in them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.common.money import DECIMAL_PLACES
from backoffice.people.models import Entity, User
from documents.models import Attachment


class IntakeSource(models.Model):
    """Where payments come from and how they are read. ``mapping`` is the saved dialect and columns of CSV files.

    ``maker`` sender: of files that programs and the console bring in, nobody of the house is the maker. A person is
    always the maker of what they bring in themselves.
    """

    class Maker(models.TextChoices):
        IMPORTER = "importer", _("the person who brings the file in")
        SENDER = "sender", _("the outside sender of the file")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="sources")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=140)
    mapping = models.JSONField(default=dict, blank=True)
    all_or_nothing = models.BooleanField(default=False)
    maker = models.CharField(max_length=8, choices=Maker.choices, default=Maker.IMPORTER)
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "code"], name="source_code_once_per_entity")]
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class PaymentBatch(models.Model):
    """One file, API call or form as it was taken in: what it declared, what was counted, where it stands."""

    class Channel(models.TextChoices):
        FILE = "file", _("File")
        API = "api", _("API")
        FORM = "form", _("Form")
        COMMAND = "command", _("Command")
        # Made here, of standing orders that fall due (transactions/standing/runs.py).
        STANDING = "standing", _("Standing order")

    class Status(models.TextChoices):
        RECEIVED = "received", _("Received")
        READING = "reading", _("Reading")
        CHECKING = "checking", _("Checking")
        READY = "ready", _("Checked")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Cancelled")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="batches")
    source = models.ForeignKey(IntakeSource, on_delete=models.PROTECT, null=True, related_name="batches")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200, blank=True)
    format = models.CharField(max_length=20, blank=True)
    message_id = models.CharField(max_length=70, blank=True)
    initiating_party = models.CharField(max_length=140, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    # What the file says of itself, and what was counted.
    declared_count = models.BigIntegerField(null=True)
    declared_sum = models.DecimalField(max_digits=28, decimal_places=DECIMAL_PLACES, null=True)
    read_count = models.BigIntegerField(default=0)
    read_sum = models.DecimalField(max_digits=28, decimal_places=DECIMAL_PLACES, default=0)
    # By currency, as texts: of files of several currencies ``read_sum`` is a control sum and no money.
    read_sums = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    # read_count = taken_count + problem_count once reading has ended; checked_count runs up to taken_count.
    taken_count = models.BigIntegerField(default=0)
    problem_count = models.BigIntegerField(default=0)
    checked_count = models.BigIntegerField(default=0)
    batch_count = models.IntegerField(default=0)
    refusal_code = models.CharField(max_length=48, blank=True)
    refusal_params = models.JSONField(default=dict)
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "payment batches"
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "sha256"],
                name="batch_file_taken_in_once",
                condition=Q(channel__in=["file", "command"]) & ~Q(status__in=["refused", "cancelled"]),
                violation_error_message=_("This file was taken in before."),
            ),
            models.CheckConstraint(
                condition=Q(checked_count__lte=models.F("taken_count")), name="batch_checked_at_most_taken"
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-id"], name="batch_page"),
            models.Index(fields=["entity", "-id"], name="batch_refused", condition=Q(status="refused")),
            models.Index(fields=["entity", "-id"], name="batch_with_problems", condition=Q(problem_count__gt=0)),
            models.Index(fields=["entity", "message_id"], name="batch_by_message", condition=~Q(message_id="")),
            models.Index(
                fields=["created_at"],
                name="batch_unfinished",
                condition=Q(status__in=["received", "reading", "checking"]),
            ),
        ]


class IntakeProblem(models.Model):
    """What was wrong in a row, payment or file, and where. ``position`` 0 is the file as a whole.

    ``code`` and ``params`` give the sentence (transactions/errors.py). ``severity`` error: the row was not taken in;
    warning: it was.
    """

    class Severity(models.TextChoices):
        ERROR = "error", _("Error")
        WARNING = "warning", _("Warning")

    batch = models.ForeignKey(PaymentBatch, on_delete=models.CASCADE, related_name="problems")
    position = models.BigIntegerField()
    line = models.BigIntegerField(null=True)
    path = models.CharField(max_length=200, blank=True)
    field = models.CharField(max_length=60, blank=True)
    value = models.CharField(max_length=200, blank=True)
    code = models.CharField(max_length=48)
    params = models.JSONField(default=dict)
    severity = models.CharField(max_length=8, choices=Severity.choices, default=Severity.ERROR)

    class Meta:
        indexes = [models.Index(fields=["batch", "id"], name="problem_page")]
