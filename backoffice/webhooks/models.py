"""Who is told of what happens: endpoints, events that are for somebody (the outbox), and the log of their delivery."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.people.models import Entity, User


class Endpoint(models.Model):
    """An address that an entity's events are sent to. ``events`` names them; an empty list means all.

    Secrets are not kept: each is made of the installation's key and the salt that stands here (signing.py). During a
    rotation the one before counts too, until ``old_until``. ``failing_since`` is empty after each success.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("Working")
        PAUSED = "paused", _("Paused")
        RETIRED = "retired", _("Retired")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    events = models.JSONField(default=list)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    salt = models.BinaryField(max_length=32)
    old_salt = models.BinaryField(max_length=32, null=True)
    old_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    last_success_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["entity", "id"], name="webhook_by_entity")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "paused", "retired"]), name="webhook_status_known"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """An act that at least one endpoint is told of. ``body`` is the text that is sent, the same each time."""

    record_id = models.BigIntegerField(unique=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=48)
    subject_type = models.CharField(max_length=24)
    subject_id = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    body = models.TextField()


class Delivery(models.Model):
    """One event on its way to one endpoint. Sent in the order of the keys; a replay is a delivery of its own."""

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        DONE = "done", _("Delivered")
        GIVEN_UP = "given_up", _("Given up")

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PENDING)
    attempts = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    replay_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["endpoint", "id"], name="webhook_waiting", condition=models.Q(status="pending")),
            models.Index(fields=["endpoint", "status", "id"], name="webhook_log"),
            models.Index(fields=["finished_at"], name="webhook_age", condition=models.Q(finished_at__isnull=False)),
        ]


class Attempt(models.Model):
    """One call: what it was answered with, or why it was not. ``signed_at`` is the moment in its signature."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    signed_at = models.DateTimeField()
    duration_ms = models.IntegerField()
    address = models.CharField(max_length=45)
    status = models.SmallIntegerField(null=True)
    answer = models.CharField(max_length=1000)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)


class Place(models.Model):
    """How far the audit trail was followed (follower.py): one row."""

    watermark = models.BigIntegerField()
    floor = models.BigIntegerField(default=0)
    next_floor = models.BigIntegerField(null=True)
    next_floor_at = models.DateTimeField(null=True)
    next_xid = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="webhook_place_one")]
