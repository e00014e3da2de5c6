"""What screening found, and the names that two people have let pass."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.people.models import Entity, User
from controls.models.changes import ChangeRequest
from controls.models.watchlists import WatchList, WatchListEntry
from transactions.models import Party, Payee, Payment


class Exemption(models.Model):
    """A name that two people have let pass against one entry of a list until a day, with a reason and an owner.

    It concerns the entry as it stood (``digest``): when the publisher changes the entry, it is looked at anew.
    """

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=300)
    key = models.CharField(max_length=300)
    watch_list = models.ForeignKey(WatchList, on_delete=models.PROTECT, related_name="+")
    entry_code = models.CharField(max_length=120)
    entry_name = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    reason = models.TextField()
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    request = models.OneToOneField(ChangeRequest, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateTimeField(auto_now_add=True)
    valid_to = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(owner=F("approved_by")), name="exemption_by_two"),
            models.UniqueConstraint(
                fields=["entity", "key", "watch_list", "entry_code"], condition=Q(ended_at=None), name="exemption_once"
            ),
        ]


class ScreeningHit(models.Model):
    """A name of a payment, a payee or a party that is alike to a listed one. It is open until people decide.

    ``match`` is what agrees with what (controls/screening/rule.py), as codes and values; in it is ``birth``, what was
    known of the birth of whom it is about when it was found. The field ``birth`` says whether that is one of the entry.
    Two people say that it is somebody else (``false``); one is enough to say that it is not (``true``), and two take
    that back.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("To decide")
        FALSE = "false", _("Somebody else")
        TRUE = "true", _("True match")
        EXEMPT = "exempt", _("Let pass by an exemption")

    class Field(models.TextChoices):
        CREDITOR = "creditor_name", _("Creditor's name")
        DEBTOR = "debtor_name", _("Debtor's name")
        ULTIMATE_CREDITOR = "ultimate_creditor", _("Ultimate creditor")
        ULTIMATE_DEBTOR = "ultimate_debtor", _("Ultimate debtor")
        REMITTANCE = "remittance", _("Remittance")
        PAYEE = "payee", _("Payee")
        PARTY = "party", _("Party")

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="screening_hits", db_constraint=False, db_index=False
    )
    payee = models.ForeignKey(Payee, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    field = models.CharField(max_length=17, choices=Field.choices)
    given = models.TextField()
    key = models.TextField()
    entry = models.ForeignKey(WatchListEntry, on_delete=models.PROTECT, related_name="+")
    # As they were when it was found.
    list_number = models.IntegerField()
    score = models.SmallIntegerField()
    # 1 agrees, -1 differs, 0 when one side was not known.
    birth = models.SmallIntegerField(default=0, db_default=0)
    match = models.JSONField()
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.OPEN)
    exemption = models.ForeignKey(Exemption, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    found_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(payment__isnull=False, payee=None, party=None)
                | Q(payment=None, payee__isnull=False, party=None)
                | Q(payment=None, payee=None, party__isnull=False),
                name="hit_of_one_subject",
            ),
            models.CheckConstraint(condition=Q(birth__gte=-1, birth__lte=1), name="hit_birth_agrees_or_not"),
            models.CheckConstraint(
                condition=Q(status="exempt", exemption__isnull=False) | ~Q(status="exempt"), name="hit_exempt_by"
            ),
            models.UniqueConstraint(
                fields=["payment", "field", "key", "entry"], condition=Q(payment__isnull=False), name="hit_payment_once"
            ),
            models.UniqueConstraint(
                fields=["payee", "key", "entry"], condition=Q(payee__isnull=False), name="hit_payee_once"
            ),
            models.UniqueConstraint(
                fields=["party", "key", "entry"], condition=Q(party__isnull=False), name="hit_party_once"
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-score", "-birth", "-id"], name="hit_open", condition=Q(status="open")),
            models.Index(fields=["entity", "-id"], name="hit_page"),
        ]

    @property
    def subject(self) -> Payment | Payee | Party:
        return self.payment or self.payee or self.party  # type: ignore[return-value]
