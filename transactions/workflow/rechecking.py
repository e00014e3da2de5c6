"""Having payments checked again because something that was known about them changed. See the package."""

from collections.abc import Sequence

from django.db import transaction

from backoffice.common.tasks import enqueue
from backoffice.people.models import User
from transactions.workflow.table import UNCLAIMED, Answer, Judge, cases_of, move


def may_recheck(*, payment_id: int, actor: User) -> Answer | None:
    """Why the person may not have it checked again now; None when they may. Nothing is moved or stays locked."""
    with transaction.atomic():
        return _refused([payment_id], actor)[payment_id]


def recheck(*, ids: Sequence[int], actor: User) -> list[Answer]:
    """Back to the checks, before anybody signed. What stands on it stays on record."""
    with transaction.atomic():
        refused = _refused(ids, actor)
        moved = [key for key in ids if refused[key] is None]
        if moved:
            move(moved, "recheck", actor=actor, more=UNCLAIMED)
            enqueue("controls.assess", moved)
    return [refused[key] or Answer(key, True) for key in ids]


def _refused(ids: Sequence[int], actor: User) -> dict[int, Answer | None]:
    judge = Judge("recheck", actor)
    cases = cases_of(ids, actor)
    found: dict[int, Answer | None] = {}
    for key in ids:
        case = cases.get(key)
        found[key] = judge.base(key, case) or (judge.free(case) if case else None)
    return found


__all__ = ["may_recheck", "recheck"]
