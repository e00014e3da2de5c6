"""Rules are data: a code, versions, a mode. A rule set freezes which versions ran."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from backoffice.people.models import Entity, User


class Rule(models.Model):
    """A control by its code, shipped or of the house. ``family`` groups rules in the strip of marks."""

    class Family(models.TextChoices):
        FORMAT = "format", _("Format")
        ACCOUNT = "account", _("Account and funds")
        PAYEE = "payee", _("Payee")
        DUPLICATE = "duplicate", _("Duplicates")
        AMOUNT = "amount", _("Amount")
        TIME = "time", _("Date and time")

    code = models.CharField(max_length=32, unique=True)
    family = models.CharField(max_length=10, choices=Family.choices)
    name_en = models.CharField(max_length=80)
    name_fr = models.CharField(max_length=80)
    shipped = models.BooleanField(default=False)
    history = HistoricalRecords()

    def __str__(self) -> str:
        return self.code


class RuleVersion(models.Model):
    """What a rule says from one moment on. Never changed once published; a change is the next version.

    It concerns payments of entities with one of ``profiles`` (none: any) whose day (``dated_by``) is from
    ``valid_from`` to ``valid_to``, both included: history is judged by the rule of its own day, and a rule whose day
    has not come is there and off. ``certainty`` says how well its source was read; what was not read never proposes to
    reject.

    ``expression`` is true for a payment that does **not** pass, in the language of controls/rules/language.py.
    ``parameters`` are named values the expression may use, ``units`` what they measure where the house said so.
    Sentences quote facts and parameters: ``{amount}``. ``kinds`` and ``channels`` narrow it to some payments (none:
    any).

    A draft is a version without ``published_at`` (controls/rules/life.py). ``editors`` are the people whose hand is in
    it beside the writer's. It runs from ``starts_at`` on (null: from its publication) until a higher number does.
    """

    class Action(models.TextChoices):
        INFORM = "inform", _("Inform")
        WARN = "warn", _("Warn")
        SECOND = "second", _("Ask a further approval")
        HOLD = "hold", _("Hold")
        REJECT = "reject", _("Reject")

    class Mode(models.TextChoices):
        OFF = "off", _("Off")
        SHADOW = "shadow", _("Shadow")
        ACTIVE = "active", pgettext_lazy("rule", "Active")

    class Unit(models.TextChoices):
        MONEY = "money", _("amount")
        PERCENT = "percent", _("percent")
        DAYS = "days", _("days")
        COUNT = "count", _("count")
        TEXT = "text", _("text")
        DATE = "date", _("date")
        LIST = "list", _("values")

    class Level(models.IntegerChoices):
        OPERATIONS = 1, _("Level 1, operations")
        RISK = 2, _("Level 2, risk and compliance")
        AUDIT = 3, _("Level 3, internal audit")

    class DatedBy(models.TextChoices):
        RECEIPT = "receipt", _("day of receipt")
        EXECUTION = "execution", _("execution date")

    class Certainty(models.TextChoices):
        HOUSE = "", _("a choice of the house")
        READ = "V", _("article and threshold read in a stored source")
        IN_PART = "V~", _("confirmed in part, or by a secondary source")
        KNOWN = "K", _("known, not read")

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    expression = models.TextField()
    parameters = models.JSONField(default=dict)
    action = models.CharField(max_length=8, choices=Action.choices)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.OFF)
    weight = models.SmallIntegerField(default=0)
    reject_reason = models.CharField(max_length=4, blank=True)
    sentence_en = models.TextField()
    sentence_fr = models.TextField()
    legal_reference = models.CharField(max_length=200, blank=True)
    profiles = models.JSONField(default=list)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    dated_by = models.CharField(max_length=9, choices=DatedBy.choices, default="receipt", db_default="receipt")
    level = models.SmallIntegerField(choices=Level.choices, default=1, db_default=1)
    certainty = models.CharField(max_length=2, choices=Certainty.choices, blank=True, db_default="")
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    kinds = models.JSONField(default=list)
    channels = models.JSONField(default=list)
    units = models.JSONField(default=dict)
    editors = models.JSONField(default=list)
    written_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once"),
            models.CheckConstraint(
                condition=models.Q(published_by=None) | ~models.Q(published_by=models.F("written_by")),
                name="rule_published_by_another",
                violation_error_message=_("A rule is published by someone other than its writer."),
            ),
            models.CheckConstraint(condition=models.Q(level__in=[1, 2, 3]), name="rule_level_known"),
            models.CheckConstraint(
                condition=~models.Q(action="reject", certainty="K"),
                name="rule_rejects_by_what_was_read",
                violation_error_message=_("What was not read in its source never proposes to reject."),
            ),
            models.UniqueConstraint(
                fields=["rule", "entity"],
                condition=models.Q(published_at=None, discarded_at=None, written_by__isnull=False),
                nulls_distinct=False,
                name="rule_one_open_draft",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at=None) | models.Q(discarded_at=None), name="rule_published_or_discarded"
            ),
        ]


class RuleSet(models.Model):
    """The versions that run together from one moment on; an assessment names it, so passing is membership."""

    digest = models.CharField(max_length=64, unique=True)
    members = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
