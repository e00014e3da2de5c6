"""Who works here: entities, users, teams, roles granted per entity, limits and API tokens."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from backoffice.common.money import DECIMAL_PLACES, MAX_DIGITS


class Entity(models.Model):
    """A legal entity. Every payment, account, rule and right belongs to one."""

    class Profile(models.TextChoices):
        BANK = "bank", _("Bank or payment institution")
        COMPANY = "company", _("Company treasury")
        SHOP = "shop", _("Online shop or retailer")
        INVESTMENT = "investment", _("Investment firm")
        CARRIER = "carrier", _("Carrier")

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=140)
    profile = models.CharField(max_length=12, choices=Profile.choices, default=Profile.COMPANY)
    country = models.CharField(max_length=2, default="FR")
    bic = models.CharField(max_length=11, blank=True)
    registration_number = models.CharField(max_length=35, blank=True)
    time_zone = models.CharField(max_length=40, default="Europe/Paris")
    base_currency = models.CharField(max_length=3, default="EUR")
    # How long a decision may be taken back before it takes effect; 0: it takes effect at once.
    undo_seconds = models.PositiveSmallIntegerField(default=10, db_default=10)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name_plural = "entities"
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(undo_seconds__lte=300),
                name="entity_undo_window_bounded",
                violation_error_message=_("A decision can be taken back for five minutes at most."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person, or a machine that signs in with tokens. There is no superuser: rights come from grants alone."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        COMPACT = "compact", _("Compact")
        COMFORTABLE = "comfortable", _("Comfortable")

    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=140)
    is_active = models.BooleanField(default=True)
    is_machine = models.BooleanField(default=False)
    language = models.CharField(max_length=5, default="en")
    time_zone = models.CharField(max_length=40, default="Europe/Paris")
    theme = models.CharField(max_length=6, choices=Theme.choices, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density.choices, default=Density.COMPACT)
    shortcuts = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Who made the account and had the link sent; none: the console of the server. Two of whom one made the other are
    # no two persons to a change of rights.
    created_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    history = HistoricalRecords(excluded_fields=["password", "last_login"])

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        ordering = ("full_name",)

    def __str__(self) -> str:
        return self.full_name

    @property
    def initials(self) -> str:
        words = [word for word in self.full_name.replace("-", " ").split() if word]
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


class Team(models.Model):
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)
    members = models.ManyToManyField(User, related_name="teams", blank=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "name"], name="team_name_once_per_entity")]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """A role given to a person, in one entity or (entity empty) in all. The rights of a role are code: see roles.py."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, null=True, blank=True, related_name="grants")
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "entity"],
                nulls_distinct=False,
                name="grant_once",
                violation_error_message=_("This person has this role here already."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    role__in=["operator", "supervisor", "logistics", "auditor", "administrator", "reporter"]
                ),
                name="grant_role_known",
            ),
        ]


class Limit(models.Model):
    """What a person may validate, or approve, in a currency: the largest single payment, and the most in one day.

    No row means no right to; without ``day_amount`` the day has no ceiling of its own. The day is that of the entity.
    """

    class Act(models.TextChoices):
        VALIDATE = "validate", _("validate")
        APPROVE = "approve", _("approve")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="limits")
    act = models.CharField(max_length=10, choices=Act.choices)
    currency = models.CharField(max_length=3, default="EUR")
    amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    day_amount = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "act", "currency"], name="limit_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="limit_not_negative"),
            models.CheckConstraint(
                condition=models.Q(day_amount=None) | models.Q(day_amount__gte=models.F("amount")),
                name="limit_of_the_day_not_below_one",
                violation_error_message=_("The limit of the day is not below that of one payment."),
            ),
        ]


class Delegation(models.Model):
    """``giver`` lets ``deputy`` sign in their place: one act, one entity, from one moment to another.

    It is never changed, only ended early. A signature under it names both. What a deputy may sign is what both may.
    """

    giver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_given")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_received")
    act = models.CharField(max_length=10, choices=Limit.Act.choices)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    reason = models.TextField()
    given_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(giver=models.F("deputy")),
                name="delegation_to_another",
                violation_error_message=_("Nobody is their own deputy."),
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__gt=models.F("valid_from")), name="delegation_dates_in_order"
            ),
            models.CheckConstraint(condition=models.Q(act__in=["validate", "approve"]), name="delegation_act_known"),
        ]


class ApiToken(models.Model):
    """A bearer token. Only its SHA-256 is kept; the token is shown once.

    ``scopes`` are rights and ``entities`` keys of entities (none: wherever its user has them); both only narrow.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = models.JSONField(default=list)
    entities = models.JSONField(default=list)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # Works when a second person has signed it.
    waits = models.BooleanField(default=False, db_default=False)


class IdempotencyKey(models.Model):
    """The answer that was given to a keyed API request, so that the same request gets the same answer."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_digest = models.BinaryField(max_length=32)
    status = models.SmallIntegerField(null=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]
