"""Having a payment checked again because something that was known about it changed. See the package."""

from django.db import transaction

from backoffice.common.tasks import enqueue
from backoffice.people.models import User
from transactions.workflow.table import UNCLAIMED, Answer, Judge, cases_of, move


def may_recheck(*, payment_id: int, actor: User) -> Answer | None:
    """Why the person may not have it checked again now; None when they may. Nothing is moved or stays locked."""
    judge = Judge("recheck", actor)
    with transaction.atomic():
        case = cases_of([payment_id], actor).get(payment_id)
        return judge.base(payment_id, case) or (judge.free(case) if case else None)


def recheck(*, payment_id: int, actor: User) -> Answer:
    """Back to the checks, before anybody signed. What stands on it stays on record."""
    with transaction.atomic():
        no = may_recheck(payment_id=payment_id, actor=actor)
        if no is not None:
            return no
        move([payment_id], "recheck", actor=actor, more=UNCLAIMED)
        enqueue("controls.assess", [payment_id])
    return Answer(payment_id, True)


__all__ = ["may_recheck", "recheck"]
