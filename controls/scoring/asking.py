"""What two people decide about scoring, asked for: that a model becomes the champion, and from which score on there are
alerts. controls/changes.py has it signed and applied."""

from typing import Any

from django.db import IntegrityError, transaction

from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls import changes
from controls.models import ChangeRequest, ScoringModel
from controls.scoring import champions, comparing, policies, suggesting

Subject = ChangeRequest.Subject


def promotion(*, actor: User, number: int, reason: str = "") -> ChangeRequest:
    """Ask for a model to become the champion. Without a reason refused when it is worse than the champion on the same
    payments (``model.worse``), or when that is not known (``model.unmeasured``). A machine never asks."""
    champions.demand(actor)
    changes.demand_person(actor)
    with transaction.atomic():
        champion = champions.locked()
        model = champions.found(actor, number)
        if model.status == ScoringModel.Status.CHAMPION:
            raise BusinessError("model.is_champion", number=number)
        champions.demand_usable(model)
        champions.demand_reason(model, champion.number, reason)
        change = {
            "model": number, "digest": model.digest, "champion": champion.number,
            "unmeasured": comparing.unknown(model.figures, champion.number),
            "worse": [[line.code, line.own, line.champion] for line in comparing.worse(model.figures)],
        }  # fmt: skip
        return _ask(Subject.MODEL, model.pk, None, change, actor, reason)


def threshold(*, actor: User, entity: Entity, threshold: int, sample_per_million: int, reason: str) -> ChangeRequest:
    """Ask for another threshold of an entity, or another share of the hidden sample; with what it would bring, by the
    scores and labels of the last ninety days. Refused: ``scoring.malformed``, and when nothing changes."""
    access.demand(actor, champions.MANAGE, entity.pk)
    changes.demand_person(actor)
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    policies.check(threshold, sample_per_million)
    before = policies.present(entity.pk)
    if (before.threshold, before.sample_per_million) == (threshold, sample_per_million):
        raise BusinessError("payment.nothing_changed")
    told = suggesting.thresholds(entity.pk, also=(threshold, before.threshold))
    change = {
        "entity": entity.name, "threshold": threshold, "sample_per_million": sample_per_million,
        "before": {"threshold": before.threshold, "sample_per_million": before.sample_per_million},
        "alerts_a_day": told.at(threshold).alerts_a_day, "alerts_a_day_before": told.at(before.threshold).alerts_a_day,
        "caught": told.at(threshold).right, "caught_before": told.at(before.threshold).right, "known": told.known,
    }  # fmt: skip
    return _ask(Subject.SCORING, entity.pk, entity, change, actor, reason)


def _ask(  # noqa: PLR0917 - the columns of one row
    subject: str, subject_id: int, entity: Entity | None, change: dict[str, Any], actor: User, reason: str
) -> ChangeRequest:
    try:
        with transaction.atomic():
            return changes.ask(subject, subject_id, entity, change, actor, reason)
    except IntegrityError as error:
        if "change_of_a_row_once" not in str(error):
            raise
        raise BusinessError("change.waiting") from None
