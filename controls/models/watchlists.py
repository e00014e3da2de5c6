"""Lists of names to screen against: their versions, their entries, and which versions ran together."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.people.models import Entity, User


class WatchList(models.Model):
    """A list by its code, of one entity or (None) of all. ``threshold`` is the score, 70 to 100, that makes a hit.

    A version that a person brings waits for a second person when it removes or weakens any entry; from the list's
    address, when these are more than ``shrink_percent`` of those in force. What weakens a list (a higher threshold, a
    larger share, switching it off) takes effect when a second person signs.
    """

    class Kind(models.TextChoices):
        SANCTIONS = "sanctions", _("Sanctions")
        PEP = "pep", _("Politically exposed persons")
        OWN = "own", _("Own list")

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=80)
    publisher = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.SANCTIONS)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, null=True, related_name="+")
    url = models.CharField(max_length=500, blank=True)
    threshold = models.SmallIntegerField(default=82)
    shrink_percent = models.SmallIntegerField(default=10)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gte=70, threshold__lte=100), name="watchlist_threshold"),
            models.CheckConstraint(condition=Q(shrink_percent__gte=0, shrink_percent__lte=90), name="watchlist_share"),
        ]

    def __str__(self) -> str:
        return self.name


class WatchListVersion(models.Model):
    """A file that was loaded, kept by its SHA-256. One of a list is in force; its entries are those whose
    ``first_number`` is not above its number and whose ``last_number`` is not below it."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting for a second person")
        CURRENT = "current", _("In force")
        PAST = "past", _("Replaced")
        REFUSED = "refused", _("Refused")

    class Origin(models.TextChoices):
        UPLOAD = "upload", _("Upload")
        URL = "url", _("Address")
        COMMAND = "command", _("Command")

    watch_list = models.ForeignKey(WatchList, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    status = models.CharField(max_length=7, choices=Status.choices)
    format = models.CharField(max_length=10)
    origin = models.CharField(max_length=7, choices=Origin.choices)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    published = models.CharField(max_length=20, blank=True)
    loaded_at = models.DateTimeField(auto_now_add=True)
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)
    # When the same file was last found unchanged: a list is as fresh as its last look.
    confirmed_at = models.DateTimeField(null=True)
    # When known names and open payments had been screened against what it changed.
    rescreened_at = models.DateTimeField(null=True)
    entry_count = models.IntegerField()
    added_count = models.IntegerField()
    changed_count = models.IntegerField()
    removed_count = models.IntegerField()
    # Entries among the changed that lost a name, or the strength of one, or are of another kind.
    weakened_count = models.IntegerField()

    # Files of the publisher that were not with it, where it was read just now.
    missing: Sequence[str] = ()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["watch_list", "number"], name="watchlist_version_once"),
            models.UniqueConstraint(
                fields=["watch_list"], condition=Q(status="current"), name="watchlist_one_in_force"
            ),
            models.UniqueConstraint(fields=["watch_list"], condition=Q(status="waiting"), name="watchlist_one_waiting"),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="watchlist_to_rescreen", condition=Q(status="current", rescreened_at=None)
            ),
        ]

    @property
    def seen_at(self) -> datetime:
        """When it was last known to be what the publisher says."""
        return self.confirmed_at or self.loaded_at

    @property
    def is_stale(self) -> bool:
        """Nobody looked for a day whether the publisher says something else (AML-09)."""
        return self.seen_at < timezone.now() - timedelta(days=1)


class WatchListEntry(models.Model):
    """An entry as it stood in the versions from ``first_number`` to ``last_number`` (None: it still stands).

    ``content`` is what controls/screening/formats/entry.py makes of the file, ``digest`` its SHA-256.
    """

    id = models.BigAutoField(primary_key=True)
    watch_list = models.ForeignKey(WatchList, on_delete=models.PROTECT, related_name="entries", db_index=False)
    code = models.CharField(max_length=120)
    first_number = models.IntegerField()
    last_number = models.IntegerField(null=True)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    content = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["watch_list", "code"], condition=Q(last_number=None), name="watchlist_entry_stands_once"
            ),
            models.UniqueConstraint(fields=["watch_list", "code", "first_number"], name="watchlist_entry_begins_once"),
            models.CheckConstraint(
                condition=Q(last_number=None) | Q(last_number__gte=F("first_number")), name="watchlist_entry_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["watch_list", "first_number"], name="watchlist_entry_added"),
            models.Index(fields=["watch_list", "last_number"], name="watchlist_entry_removed"),
        ]


class ListSet(models.Model):
    """The versions and thresholds of lists that ran together; an assessment names it."""

    digest = models.CharField(max_length=64, unique=True)
    members = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)


class ScreenedName(models.Model):
    """What a name, or a text, was found to be alike to under a list set: asked once. ``hits`` is empty for most."""

    class Form(models.TextChoices):
        NAME = "name", _("Name")
        TEXT = "text", _("Text")

    id = models.BigAutoField(primary_key=True)
    list_set = models.ForeignKey(ListSet, on_delete=models.CASCADE, related_name="+", db_index=False)
    form = models.CharField(max_length=4, choices=Form.choices)
    key = models.TextField()
    hits = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_set", "form", "key"], name="screened_name_once")]
