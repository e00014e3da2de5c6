"""What surrounds a decision: that it may still be taken back, who was handed the payment, what is asked of whom."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.people.models import Entity, Team, User
from documents.models import Attachment
from transactions.models.payments import Hold, Payment


class Decision(models.Model):
    """A decision that its author may take back until ``effective_at``, by the database's clock.

    Kept only where the entity has an undo window. ``version`` is the state's version that it led to: with another one
    somebody acted since. ``before_status`` and ``before_given`` are where taking it back leads. Never erased.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="decisions")
    verb = models.CharField(max_length=10)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    version = models.IntegerField()
    before_status = models.CharField(max_length=10)
    before_given = models.SmallIntegerField()
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "version"], name="decision_once_a_version"),
            models.CheckConstraint(condition=Q(effective_at__gt=F("decided_at")), name="decision_window_after"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__lt=F("effective_at")),
                name="decision_withdrawn_in_time",
                violation_error_message=_("What has taken effect is not taken back."),
            ),
            models.CheckConstraint(
                condition=Q(verb__in=["validate", "approve", "reject", "cancel", "hold"]), name="decision_verb_known"
            ),
        ]


class HandOver(models.Model):
    """A payment put into another's hands: a person's or a team's. Open until it is decided, declined or passed on.

    ``declines`` is the hand-over that this one gives back to its giver.
    """

    class End(models.TextChoices):
        DECIDED = "decided", _("Decided")
        DECLINED = "declined", _("Declined")
        PASSED_ON = "passed_on", _("Passed on")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="hand_overs")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.TextField()
    given_at = models.DateTimeField()
    declines = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="given_back")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    end = models.CharField(max_length=9, choices=End.choices, blank=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(ended_at=None),
                name="hand_over_open_once",
                violation_error_message=_("This payment was handed over meanwhile."),
            ),
            models.CheckConstraint(
                condition=Q(person=None, team__isnull=False) | Q(person__isnull=False, team=None),
                name="hand_over_to_one",
                violation_error_message=_("Hand over to one person or one team."),
            ),
            models.CheckConstraint(
                condition=Q(person=None) | ~Q(person=F("giver")),
                name="hand_over_to_another",
                violation_error_message=_("Hand over to somebody else than yourself."),
            ),
            models.CheckConstraint(
                condition=(Q(ended_at=None) & Q(end="")) | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="hand_over_ended_somehow",
            ),
        ]
        indexes = [
            models.Index(fields=["person"], name="hand_over_to_person", condition=Q(ended_at=None)),
            models.Index(fields=["team"], name="hand_over_to_team", condition=Q(ended_at=None)),
        ]


class InformationRequest(models.Model):
    """A document or an answer that is asked for: of whom, until when. It is answered once, or closed with a reason.

    While a ``required`` one is open the payment is held (``hold``) and nobody can sign it.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CONTRACT = "contract", _("Contract")
        ORDER = "order", _("Order or delivery note")
        BANK_DETAILS = "bank_details", _("Proof of bank details")
        IDENTITY = "identity", _("Proof of identity or ownership")
        MANDATE = "mandate", _("Authorisation")
        OTHER = "other", _("Other document")
        ANSWER = "answer", _("Answer to a question")

    class Addressee(models.TextChoices):
        MAKER = "maker", _("Whoever entered it")
        TEAM = "team", _("Team")
        DEPARTMENT = "department", _("Department")
        PAYEE = "payee", _("Contact of the payee")

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="information_requests")
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    question = models.TextField()
    addressee = models.CharField(max_length=10, choices=Addressee.choices)
    # Who exactly: the department's or contact's name; of a maker or team, their name when it was asked.
    addressee_name = models.CharField(max_length=140, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    required = models.BooleanField(default=True)
    hold = models.OneToOneField(Hold, on_delete=models.PROTECT, null=True, related_name="information_request")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    overdue_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payment", "kind"],
                condition=Q(answered_at=None, closed_at=None),
                name="request_open_once_a_kind",
                violation_error_message=_("The same is asked for already."),
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("asked_at")), name="request_due_later"),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(closed_at=None),
                name="request_ended_once",
                violation_error_message=_("A request is answered or closed, once."),
            ),
            models.CheckConstraint(condition=Q(required=False) | Q(hold__isnull=False), name="request_required_holds"),
        ]
        indexes = [
            models.Index(
                fields=["entity", "due_at"], name="request_open", condition=Q(answered_at=None, closed_at=None)
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and self.closed_at is None

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.overdue_at is not None
