"""From which score on an entity raises alerts, and which share of the rest is shown all the same."""

from collections.abc import Sequence

from backoffice.common.errors import BusinessError
from backoffice.people import access
from controls.models import ChangeRequest, ScoringPolicy
from controls.scoring import champions
from documents import trail

LOWEST, HIGHEST = 30, 100
MOST_SAMPLED = 100_000


def present(entity_id: int) -> ScoringPolicy:
    """What the entity said, else what is usual (not stored)."""
    return ScoringPolicy.objects.filter(entity=entity_id).first() or ScoringPolicy(entity_id=entity_id)


def of(entity_ids: Sequence[int]) -> dict[int, ScoringPolicy]:
    """The same of several. One query."""
    found = {one.entity_id: one for one in ScoringPolicy.objects.filter(entity__in=entity_ids)}
    return {entity: found.get(entity) or ScoringPolicy(entity_id=entity) for entity in entity_ids}


def check(threshold: int, sample_per_million: int) -> None:
    if not LOWEST <= threshold <= HIGHEST:
        raise BusinessError("scoring.malformed", field="threshold")
    if not 0 <= sample_per_million <= MOST_SAMPLED:
        raise BusinessError("scoring.malformed", field="sample_per_million")


def take_effect(asked: ChangeRequest) -> None:
    """What two people signed. The database looks at that, too."""
    access.demand(asked.asked_by, champions.MANAGE, asked.entity_id)
    change, entity_id = asked.change, int(asked.entity_id or 0)
    now = present(entity_id)
    before = {"threshold": now.threshold, "sample_per_million": now.sample_per_million}
    if before != change["before"]:
        raise BusinessError("scoring.changed_since")
    now.threshold, now.sample_per_million = change["threshold"], change["sample_per_million"]
    now.save()
    trail.record(
        "scoring.changed", subject_type="scoring", subject_id=entity_id, entity_id=entity_id, actor=asked.asked_by,
        reason=asked.reason,
        data={"before": before, "threshold": now.threshold, "sample_per_million": now.sample_per_million,
              "request": asked.pk},
    )  # fmt: skip
