"""What looks wrong, told and judged: alerts, the cases that gather them, and what people made of them."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.people.models import Entity, User
from controls.models.expected import Occurrence
from transactions.models import Account, Party, Payee, Payment


class Incident(models.Model):
    """Several cases with one cause, gathered by a person so that they are decided together."""

    class Kind(models.TextChoices):
        PAYEE = "payee", _("Payee")
        FILE = "file", _("File")
        OPERATOR = "operator", _("Operator")
        RULE = "rule", _("Rule")
        OTHER = "other", _("Other cause")

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    label = models.CharField(max_length=140)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.label


class Case(models.Model):
    """Alerts on the same entity of the world and of one typology, for people to judge.

    ``status`` is where the work stands, ``disposition`` what people said it was; a case has the second when it is
    closed, and then alone. ``group`` and ``group_key`` are what its alerts have in common. ``score``, 0 to 100, is the
    highest of its alerts. ``round`` counts its judgements: a reopening, or two people who differ, begin the next one.
    ``seconding``: a first person has given a verdict and a second is asked. ``holding``: its payments wait for it.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        WORKING = "working", _("In progress")
        WAITING = "waiting", _("Waiting for an answer")
        SNOOZED = "snoozed", _("Snoozed")
        ESCALATED = "escalated", _("Escalated")
        CLOSED = "closed", _("Closed")

    class Disposition(models.TextChoices):
        CONFIRMED = "confirmed_risk", _("Confirmed risk")
        VALUABLE = "valuable_alert", _("Valuable alert, no harm")
        FALSE = "false_positive", _("False positive")

    class Group(models.TextChoices):
        PAYEE = "payee", _("Payee")
        NUMBER = "number", _("Account outside")
        ACCOUNT = "account", _("Account")
        OPERATOR = "operator", _("Operator")
        PAYMENT = "payment", _("Payment")
        SOURCE = "source", _("Source")

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    typology = models.CharField(max_length=24)
    group = models.CharField(max_length=8, choices=Group.choices)
    group_key = models.CharField(max_length=140)
    subject = models.CharField(max_length=140, blank=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.OPEN)
    score = models.SmallIntegerField()
    alert_count = models.IntegerField(default=0)
    priority = models.IntegerField(default=0)
    opened_at = models.DateTimeField()
    last_alert_at = models.DateTimeField()
    # By the band of the score; it rests while the case is snoozed or waits for an answer.
    due_at = models.DateTimeField()
    overdue_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    assigned_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)
    round = models.SmallIntegerField(default=1)
    seconding = models.BooleanField(default=False)
    holding = models.BooleanField(default=False)
    disposition = models.CharField(max_length=14, choices=Disposition.choices, blank=True, default="")
    cause = models.CharField(max_length=24, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="cases")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="case_score"),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(disposition="") & ~Q(cause="")
                | Q(closed_at=None, disposition="", cause="") & ~Q(status="closed"),
                name="case_closed_with_disposition",
                violation_error_message=_("A case is closed with what it was, by a person, and with its cause."),
            ),
            models.CheckConstraint(
                condition=Q(status="snoozed", snoozed_until__isnull=False)
                | Q(snoozed_until=None) & ~Q(status="snoozed"),
                name="case_snoozed_until",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["snoozed", "waiting"], paused_at__isnull=False)
                | Q(paused_at=None) & ~Q(status__in=["snoozed", "waiting"]),
                name="case_paused_since",
            ),
        ]
        indexes = [
            models.Index(fields=["entity", "-priority", "-id"], name="case_work", condition=~Q(status="closed")),
            models.Index(fields=["entity", "-id"], name="case_page"),
            models.Index(
                fields=["entity", "typology", "group", "group_key"], name="case_joined", condition=~Q(status="closed")
            ),
            models.Index(fields=["entity", "group", "group_key", "-id"], name="case_alike"),
            models.Index(fields=["closed_at"], name="case_closed", condition=Q(status="closed")),
            models.Index(fields=["assignee"], name="case_hands", condition=~Q(status="closed")),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"CASE-{self.opened_at.year}-{self.pk:06d}"


class Alert(models.Model):
    """That something looks wrong with one payment, or that one thing expected did not come; by whom or what, with
    reasons. Never changed.

    ``reasons`` are codes, or sentences with slots in both languages, each with parameters and a weight
    (controls/cases/reasons.py). ``evidence`` names related payments and values. ``version`` says which rule, model or
    detector it was: told twice by the same, it is one alert.
    """

    class Origin(models.TextChoices):
        RULE = "rule", _("Rule")
        MODEL = "model", _("Model")
        DETECTOR = "detector", _("Detector")
        PERSON = "person", _("Person")

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, null=True, related_name="alerts", db_constraint=False, db_index=False
    )
    occurrence = models.ForeignKey(
        Occurrence, on_delete=models.PROTECT, null=True, related_name="alerts", db_index=False
    )  # fmt: skip
    typology = models.CharField(max_length=24)
    origin = models.CharField(max_length=8, choices=Origin.choices)
    version = models.CharField(max_length=64)
    score = models.SmallIntegerField()
    reasons = models.JSONField()
    evidence = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="alerts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "typology", "origin", "version"], name="alert_once"),
            models.UniqueConstraint(
                fields=["occurrence"], condition=Q(occurrence__isnull=False), name="alert_of_occurrence_once"
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, occurrence=None) | Q(payment=None, occurrence__isnull=False),
                name="alert_of_one_thing",
                violation_error_message=_("An alert is of a payment, or of something expected that did not come."),
            ),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="alert_score"),
            models.CheckConstraint(
                condition=Q(origin="person", raised_by__isnull=False) | Q(raised_by=None) & ~Q(origin="person"),
                name="alert_by_person",
            ),
        ]
        indexes = [models.Index(fields=["entity", "-id"], name="alert_page")]


class AlertDue(models.Model):
    """A payment whose findings are still to be looked at for alerts; written with them, gone when that is done."""

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )


class CaseVerdict(models.Model):
    """What one person said that a case is. Never changed; the second of a round does not see the first."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="verdicts")
    round = models.SmallIntegerField()
    place = models.SmallIntegerField()
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    disposition = models.CharField(max_length=14, choices=Case.Disposition.choices)
    cause = models.CharField(max_length=24)
    reason = models.TextField()
    actions = models.JSONField(default=list)
    # Whether a second person is asked, whatever this one said.
    asks_second = models.BooleanField(default=False)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "round", "place"], name="verdict_place_once"),
            models.UniqueConstraint(
                fields=["case", "round", "person"],
                name="verdict_person_once",
                violation_error_message=_("The second verdict is another person's."),
            ),
            models.CheckConstraint(condition=Q(place__in=[1, 2]), name="verdict_place"),
        ]


class CaseLink(models.Model):
    """What belongs to a case beside the payments of its alerts: exactly one thing."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False)
    payee = models.ForeignKey(Payee, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    other = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="linked_from")
    note = models.CharField(max_length=200, blank=True)
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(auto_now_add=True)

    KINDS = ("payment", "payee", "party", "account", "other")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "payment", "payee", "party", "account", "other"],
                nulls_distinct=False,
                name="case_linked_once",
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, payee=None, party=None, account=None, other=None)
                | Q(payment=None, payee__isnull=False, party=None, account=None, other=None)
                | Q(payment=None, payee=None, party__isnull=False, account=None, other=None)
                | Q(payment=None, payee=None, party=None, account__isnull=False, other=None)
                | Q(payment=None, payee=None, party=None, account=None, other__isnull=False),
                name="case_link_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(other=None) | ~Q(other=F("case")), name="case_linked_to_another"),
        ]

    @property
    def kind(self) -> str:
        return next(kind for kind in self.KINDS if getattr(self, f"{kind}_id") is not None)


class CaseTick(models.Model):
    """An item of a case's checklist that somebody did; what is not done has no row."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ticks")
    item = models.CharField(max_length=32)
    ticked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ticked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "item"], name="case_ticked_once")]


class CaseRequest(models.Model):
    """Something asked of somebody for a case, until when, and the answer."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requests")
    addressee = models.CharField(max_length=140)
    question = models.TextField()
    due_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True, default="")
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="")
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
                name="case_request_answered",
            )
        ]


class SuspicionReport(models.Model):
    """A report of suspicion to the authority, being prepared. Who lacks the right does not learn that there is one:
    it is in no list, counter, history or answer of theirs, and changes nothing of the case that they see.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        FILED = "filed", _("Filed")
        DROPPED = "dropped", _("Given up")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.DRAFT)
    # As they stood when the draft was made: payments, parties, alerts with their reasons.
    facts = models.JSONField()
    analysis = models.TextField(blank=True)
    reference = models.CharField(max_length=80, blank=True)
    version = models.IntegerField(default=1)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(status="draft"), name="suspicion_one_draft"),
            models.CheckConstraint(
                condition=Q(status="draft", ended_at=None) | Q(ended_at__isnull=False) & ~Q(status="draft"),
                name="suspicion_ended",
            ),
            models.CheckConstraint(
                condition=~Q(status="filed") | ~Q(reference=""), name="suspicion_filed_with_reference"
            ),
        ]


class Silence(models.Model):
    """Alerts of one typology about one party that are not raised until a moment, after a false positive.

    Grave ones are raised all the same, and so are those of people. It ends by itself; ``hidden_count`` says what it
    hid.
    """

    LONGEST = timedelta(days=180)

    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_index=False)
    typology = models.CharField(max_length=24)
    group = models.CharField(max_length=8, choices=Case.Group.choices)
    group_key = models.CharField(max_length=140)
    subject = models.CharField(max_length=140, blank=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="silences")
    reason = models.TextField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    valid_to = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    hidden_count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gt=F("made_at"), valid_to__lte=F("made_at") + timedelta(days=180)),
                name="silence_bounded",
                violation_error_message=_("A silence lasts 180 days at most."),
            )
        ]
        indexes = [
            models.Index(
                fields=["entity", "typology", "group", "group_key"], name="silence_of", condition=Q(ended_at=None)
            )
        ]

    @property
    def in_force(self) -> bool:
        return self.ended_at is None and self.valid_to > timezone.now()
