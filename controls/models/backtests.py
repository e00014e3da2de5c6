"""Back-tests: what a version of a rule would have found, its parts as they are worked off, and what it hit."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.people.models import Entity, User
from controls.models.rules import RuleVersion
from transactions.models import Payment


class BackTest(models.Model):
    """One question: this version (``said[0]``), and where asked another (``said[1]``), over the payments of a period.

    ``said`` is what the versions said when it was asked, so that a draft that goes on changing does not change what is
    tested. ``since_on`` and ``until_on`` are days of receipt in each entity's time zone, both included. ``entity_ids``
    are those that the person could see: nothing else is read. ``figures`` are written once, when it is done.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to begin")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    version = models.ForeignKey(RuleVersion, on_delete=models.CASCADE, related_name="back_tests", db_index=False)
    against = models.ForeignKey(RuleVersion, on_delete=models.CASCADE, null=True, related_name="+")
    said = models.JSONField()
    since_on = models.DateField()
    until_on = models.DateField()
    entity_ids = models.JSONField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    total = models.BigIntegerField(default=0)
    judged = models.BigIntegerField(default=0)
    seed = models.BigIntegerField()
    figures = models.JSONField(default=dict)
    failure = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    # When it was last worked on: the sweeper takes up what was left lying.
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("since_on")), name="backtest_days_in_order"),
            models.CheckConstraint(condition=~Q(version=F("against")), name="backtest_against_another"),
        ]
        indexes = [
            models.Index(fields=["version", "-id"], name="backtest_of_version"),
            models.Index(fields=["touched_at"], name="backtest_open", condition=Q(state__in=["queued", "running"])),
        ]

    @property
    def open(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.RUNNING}


class BackTestPart(models.Model):
    """At most 10,000 payments of one entity, from one payment to another by receipt. Done once, with its figures."""

    back_test = models.ForeignKey(BackTest, on_delete=models.CASCADE, related_name="parts")
    number = models.IntegerField()
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    first_at = models.DateTimeField()
    first_id = models.BigIntegerField()
    last_at = models.DateTimeField()
    last_id = models.BigIntegerField()
    payment_count = models.IntegerField()
    done_at = models.DateTimeField(null=True)
    figures = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["back_test", "number"], name="backtest_part_once")]


class BackTestHit(models.Model):
    """A payment that was hit: by the version, by the other, or by both. ``draw`` is its place in the random order that
    samples are taken in. A person may say whether the rule was right about it."""

    class By(models.TextChoices):
        NEW = "new", _("Newly caught")
        FORMER = "former", _("No longer caught")
        BOTH = "both", _("Caught by both")

    class Judgement(models.TextChoices):
        RIGHT = "right", _("Right")
        WRONG = "wrong", _("Wrong")
        UNSURE = "unsure", _("Unsure")

    id = models.BigAutoField(primary_key=True)
    back_test = models.ForeignKey(BackTest, on_delete=models.CASCADE, related_name="hits", db_index=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    by = models.CharField(max_length=6, choices=By.choices)
    fate = models.CharField(max_length=8)
    evidence = models.JSONField(default=dict)
    draw = models.BigIntegerField()
    judgement = models.CharField(max_length=6, choices=Judgement.choices, blank=True, db_default="")
    judged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    judged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["back_test", "payment"], name="backtest_hit_once"),
            models.CheckConstraint(
                condition=Q(judgement="", judged_by=None) | (~Q(judgement="") & Q(judged_by__isnull=False)),
                name="backtest_judged_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["back_test", "draw"], name="backtest_sample")]
