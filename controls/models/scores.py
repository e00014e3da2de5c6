"""Scores of payments and the movements that they are made from."""

from django.db import models
from django.db.models import Q, Value

from backoffice.people.models import Entity
from controls.models.cases import Case
from controls.models.scoring import ScoringModel
from transactions.models import Payment


class Movement(models.Model):
    """A payment as measures see it: numbers alone (controls/scoring/movements.py), written when it is scored.

    Keys are the first 63 bits of SHA-256 of entity and text; -1 where nothing is known. ``at`` and ``clock`` are
    seconds since 1970, ``clock`` as the entity's wall shows them. ``amount`` is in thousandths, ``ratio`` over the
    debtor's median as it was then. Those of one entity are written one transaction after the other, so their ids tell
    what was known before what. A payment that was amended has another one; ``voided_at`` ends the former, or one whose
    payment was refused: later scores do not look at it.
    """

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    at = models.BigIntegerField()
    clock = models.BigIntegerField()
    debtor = models.BigIntegerField()
    creditor = models.BigIntegerField()
    name = models.BigIntegerField()
    operator = models.BigIntegerField()
    channel = models.BigIntegerField()
    kind = models.BigIntegerField()
    currency = models.BigIntegerField()
    country = models.BigIntegerField()
    reference = models.BigIntegerField()
    nature = models.SmallIntegerField()
    amount = models.BigIntegerField()
    ratio = models.FloatField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment"], condition=Q(voided_at=None), name="movement_of_payment"),
        ]
        indexes = [
            models.Index(fields=["debtor", "at", "id"], name="movement_debtor", condition=Q(debtor__gte=0)),
            models.Index(fields=["creditor", "at", "id"], name="movement_creditor", condition=Q(creditor__gte=0)),
            models.Index(fields=["debtor", "creditor", "at", "id"], name="movement_pair", condition=Q(debtor__gte=0)),
            models.Index(fields=["debtor", "name", "at", "id"], name="movement_name", condition=Q(debtor__gte=0)),
            models.Index(fields=["operator", "at", "id"], name="movement_operator", condition=Q(operator__gte=0)),
            models.Index(
                fields=["entity", "country", "at", "id"], name="movement_country", condition=Q(country__gte=0)
            ),
            models.Index(fields=["debtor", "at", "id"], name="movement_cash_of", condition=Q(nature=1)),
            models.Index(fields=["creditor", "at", "id"], name="movement_cash_to", condition=Q(nature=1)),
        ]


class Score(models.Model):
    """What one version of the model made of a movement; never changed.

    ``horizon`` is the last movement that was known: with it, ``scored_at`` and the model the score can be made again.
    ``reasons`` (controls/scoring/reasons.py) where the score is worth telling.
    """

    id = models.BigAutoField(primary_key=True)
    movement = models.ForeignKey(
        Movement, on_delete=models.PROTECT, related_name="scores", db_constraint=False, db_index=False
    )
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="scores", db_constraint=False, db_index=False
    )
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    model = models.ForeignKey(
        ScoringModel, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    value = models.FloatField()
    # Of a challenger: it raises nothing and tells no reasons.
    shadow = models.BooleanField(default=False, db_default=False)
    scored_at = models.DateTimeField()
    horizon = models.BigIntegerField()
    reasons = models.JSONField(default=list, db_default=Value([], models.JSONField()))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["movement", "model"], name="score_once"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=100), name="score_range"),
        ]
        indexes = [
            models.Index(fields=["payment", "-id"], name="score_of_payment"),
            models.Index(fields=["model", "scored_at"], name="score_by_model"),
        ]


class ScoreDue(models.Model):
    """A payment that is still to be scored; written with its check, gone with its score.

    ``tries``: how often its score failed; it is tried again, alone, at ``again_at``.
    """

    id = models.BigAutoField(primary_key=True)
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    tries = models.SmallIntegerField(default=0, db_default=0)
    again_at = models.DateTimeField(null=True)


class HiddenSample(models.Model):
    """A payment below the threshold that analysts were shown like an alert. Only who may see models sees which."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="+")
    score = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
