"""Bringing rejected payments back, where nothing that they were made for was paid otherwise meanwhile."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from backoffice.common.tasks import enqueue
from backoffice.people.models import User
from transactions import reasons
from transactions.models import PaymentState
from transactions.workflow.deciding import decide
from transactions.workflow.reviving import lock_with_originals, troubles
from transactions.workflow.table import UNCLAIMED, Answer, S
from transactions.workflow.verbs import start_anew, why


def reopen(
    *,
    ids: Sequence[int],
    actor: User,
    reason: str = "",
    reason_code: str = "",
    versions: Mapping[int, int] | None = None,
) -> list[Answer]:
    """Bring a rejected payment back; it is checked and signed anew. A code of reasons.REOPEN, or words.

    Not when its invoices are paid otherwise; a refund where the payment that it refunds still has room for it, the
    first ones first.
    """
    data = why(reason_code, reason, reasons.REOPEN)
    with transaction.atomic():
        lock_with_originals(ids)
        rejected = PaymentState.objects.filter(pk__in=list(ids), status=S.REJECTED).values_list("pk", flat=True)
        refused = {key: Answer(key, False, code) for key, code in troubles(list(rejected)).items()}
        answers, moved = decide(
            "reopen", ids, actor, reason=reason, versions=versions, data=data, needs_reason=False,
            more=UNCLAIMED + ", approvals_given = 0, approvals_required = 1, straight_policy = null", refusals=refused,
        )  # fmt: skip
        if keys := start_anew(moved, actor):
            enqueue("controls.assess", keys)
    return answers
