"""Named lists that rules ask: allowed countries, trusted accounts, words. What they held, and when, stays."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.people.models import Entity, User
from controls.models.changes import ChangeRequest


class RuleList(models.Model):
    """A list by its code, of one entity or (null) of all. A rule asks it by ``in list('code')``.

    It is made empty; what it holds changes by two people (controls/rules/rule_lists.py). ``digest`` is the SHA-256 of
    every entry with its moments: it goes into the digest of a rule set, so that an assessment names what was asked.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Texts")
        ACCOUNT = "account", _("Account numbers")
        COUNTRY = "country", _("Countries")

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=400, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["text", "account", "country"]), name="rule_list_kind_known"
            )
        ]

    def __str__(self) -> str:
        return self.code


class RuleListEntry(models.Model):
    """A value that a list holds from ``valid_from`` (included) until ``valid_to`` (excluded; null: still)."""

    list = models.ForeignKey(RuleList, on_delete=models.PROTECT, related_name="entries")
    value = models.CharField(max_length=140)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_with = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    removed_with = models.ForeignKey(ChangeRequest, on_delete=models.PROTECT, null=True, related_name="+")
    removal_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name_plural = "rule list entries"
        constraints = [
            models.UniqueConstraint(
                fields=["list", "value"], condition=models.Q(valid_to=None), name="rule_list_holds_once"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")),
                name="rule_list_moments_in_order",
            ),
        ]
        indexes = [models.Index(fields=["list", "value", "valid_from"], name="rule_list_asked")]
