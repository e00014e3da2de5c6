"""The life of a training: asked for by a person or the calendar, made by a task, ended with a model or a refusal.

Labels count as they were known when it was asked for, so that a training which a killed worker left gives the same
model when it is taken up again. One at a time: each may hold all that is remembered of half a year.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common.errors import BusinessError
from backoffice.common.locks import alone
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import User
from controls.models import ScoringModel, ScoringTraining
from controls.scoring import champions, training
from documents import trail

log = structlog.get_logger(__name__)
TASK = "controls.train"
WINDOW_DAYS = 180
MOST_TRIES = 3
# After this without a sign of life the sweeper sends the task again; one that still works is not disturbed.
PATIENCE = timedelta(minutes=5)
T = ScoringTraining.State
_OPEN = (T.QUEUED, T.RUNNING)


def visible(actor: User) -> QuerySet[ScoringTraining]:
    rows = ScoringTraining.objects.select_related("asked_by").defer("model__artefact")
    return (rows if access.can(actor, champions.VIEW) else rows.none()).order_by("-pk")


def ask(
    *, actor: User | None, from_on: date, to_on: date, parameters: Mapping[str, Any] | None = None, seed: int = 0
) -> ScoringTraining:
    """Ask for a model of these days (of UTC). ``actor`` None: the calendar. Refused while another is under way
    (``training.under_way``); see training.checked for what is no training."""
    if actor is not None:
        champions.demand(actor)
    training.checked(from_on=from_on, to_on=to_on, parameters=parameters, seed=seed)
    now = timezone.now()
    with transaction.atomic():
        champions.locked()
        if ScoringTraining.objects.filter(state__in=_OPEN).exists():
            raise BusinessError("training.under_way")
        made = ScoringTraining.objects.create(
            window_from=from_on, window_to=to_on, parameters=dict(parameters or {}), seed=seed, asked_by=actor,
            asked_at=now, touched_at=now,
        )  # fmt: skip
        trail.record("training.asked", subject_type="training", subject_id=made.pk, entity_id=None, actor=actor,
                     data={"from": from_on, "to": to_on, "seed": seed})  # fmt: skip
        enqueue(TASK, made.pk)
    return made


def window(today: date) -> tuple[date, date]:
    """The last half year whose payments have settled: what is learnt from when nobody says otherwise."""
    last = today - timedelta(days=int(training.PARAMETERS["settling_days"]) + 1)
    return last - timedelta(days=WINDOW_DAYS - 1), last


def retrain() -> ScoringTraining | None:
    """By the calendar; None while another is under way."""
    first, last = window(timezone.now().date())
    try:
        return ask(actor=None, from_on=first, to_on=last)
    except BusinessError as refused:
        if refused.code != "training.under_way":
            raise
        return None


def stale() -> list[int]:
    """What nobody has worked on for a while, the oldest first."""
    rows = ScoringTraining.objects.filter(state__in=_OPEN, touched_at__lt=timezone.now() - PATIENCE)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def run(training_id: int) -> None:
    """Make its model. Safe twice: whoever comes while another works on it leaves it alone."""
    with alone(f"training {training_id}") as held:
        found = _begun(training_id) if held else None
        if found is None:
            return
        try:
            model = training.train(
                from_on=found.window_from, to_on=found.window_to, actor=found.asked_by, parameters=found.parameters,
                seed=found.seed, known_until=found.asked_at,
            )  # fmt: skip
        except BusinessError as refused:
            _end(found, T.FAILED, code=refused.code, params=refused.params)
        except DatabaseError:
            # The database went away, or the way to it: the sweeper takes it up again.
            raise
        except (ArithmeticError, LookupError, TypeError, ValueError, MemoryError) as error:
            log.exception("training.failed", training=training_id)
            _end(found, T.FAILED, code="training.failed", params={"cause": type(error).__name__})
        else:
            _end(found, T.DONE, model=model)


def _begun(training_id: int) -> ScoringTraining | None:
    with transaction.atomic():
        rows = ScoringTraining.objects.select_for_update(no_key=True, of=("self",)).select_related("asked_by")
        found = rows.filter(pk=training_id, state__in=_OPEN).first()
        if found is None:
            return None
        if found.tries >= MOST_TRIES:
            _end(found, T.FAILED, code="training.gave_up", params={"tries": found.tries})
            return None
        found.state, found.tries, found.touched_at = T.RUNNING, found.tries + 1, timezone.now()
        found.save(update_fields=["state", "tries", "touched_at"])
    return found


def _end(found: ScoringTraining, state: str, *, model: ScoringModel | None = None, code: str = "", **told: Any) -> None:
    """One that the calendar asked for becomes the challenger when there is none."""
    with transaction.atomic():
        champions.locked()
        found.state, found.model, found.code = state, model, code
        found.params, found.finished_at = told.get("params", {}), timezone.now()
        found.save(update_fields=["state", "model", "code", "params", "finished_at"])
        if state == T.FAILED:
            trail.record("training.failed", subject_type="training", subject_id=found.pk, entity_id=None, actor=None,
                         data={"code": code, "params": found.params})  # fmt: skip
        if model is not None and found.asked_by is None and champions.challenger() is None:
            champions.challenge_by_calendar(model)
