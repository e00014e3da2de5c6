"""How payments are scored: the models, as records of how they were made, and what each entity does with scores."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.people.models import Entity, User


class ScoringModel(models.Model):
    """One version of the model: made once and never changed; only where it stands changes, and by whom.

    ``artefact`` is what scores are made with (``digest`` is its SHA-256): what was seen of each measure, and trees
    where there were enough labels. The same window, labels, measures, parameters and seed give the same bytes.
    ``figures`` are of payments that it did not learn from. The first one knows nothing and begins with assumptions.
    """

    class Status(models.TextChoices):
        CANDIDATE = "candidate", _("Candidate")
        # It scores along and raises nothing.
        CHALLENGER = "challenger", _("Challenger")
        CHAMPION = "champion", _("Champion")
        RETIRED = "retired", _("Retired")

    number = models.IntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.CANDIDATE)
    # The days whose payments it learnt from, both included, by the calendar of UTC; None: from assumptions alone.
    window_from = models.DateField(null=True)
    window_to = models.DateField(null=True)
    measures = models.IntegerField()
    names = models.JSONField()
    parameters = models.JSONField()
    seed = models.IntegerField(default=0)
    # Counts: payments, frauds, honest ones, and whether trees were learnt.
    learnt = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    artefact = models.BinaryField()
    digest = models.CharField(max_length=64)
    trained_at = models.DateTimeField(auto_now_add=True)
    trained_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    promoted_at = models.DateTimeField(null=True)
    promoted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    seconded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="champion"), name="model_one_champion",
                violation_error_message=_("There is one champion."),
            ),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="challenger"), name="model_one_challenger",
                violation_error_message=_("There is one challenger."),
            ),
            models.CheckConstraint(condition=~Q(promoted_by=F("seconded_by")), name="model_promoted_by_two"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number}"


class ScoringPolicy(models.Model):
    """What an entity does with scores: from which on an alert is raised, and which share of the others is shown to
    analysts all the same, unmarked, to measure what is missed. Without a row: 60 and one in a thousand."""

    entity = models.OneToOneField(Entity, on_delete=models.PROTECT, related_name="+")
    threshold = models.SmallIntegerField(default=60)
    # Of a million payments below the threshold.
    sample_per_million = models.IntegerField(default=1_000)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(threshold__gte=30, threshold__lte=100), name="scoring_threshold"),
            models.CheckConstraint(
                condition=Q(sample_per_million__gte=0, sample_per_million__lte=100_000), name="scoring_sample"
            ),
        ]
