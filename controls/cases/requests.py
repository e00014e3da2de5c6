"""Something is asked of somebody for a case, and answered. Meanwhile the case waits, and its due time rests.

Locks: the case.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from backoffice.common.errors import BusinessError, NotThere
from backoffice.people.models import User
from controls.cases.table import Answer, Hands, Refusal, S, Versions, act, resume, text, visible
from controls.cases.verbs import FURTHEST
from controls.models import Case, CaseRequest

_FIELDS = ("status", "due_at", "paused_at", "snoozed_until")


def ask(
    *, ids: Sequence[int], actor: User, addressee: str, question: str, due_at: datetime,
    versions: Versions | None = None,
) -> list[Answer]:  # fmt: skip
    """Ask the same of somebody for each case. To whom, what and until when; at most 90 days away. Not by who had a
    hand in its payments, for the case waits meanwhile."""
    hands = Hands(actor)
    who, what, now = text(addressee, "case.addressee_required")[:140], text(question), timezone.now()
    if due_at <= now:
        raise BusinessError("case.snooze_past")
    if due_at > now + FURTHEST:
        raise BusinessError("case.snooze_far", days=FURTHEST.days)

    def check(case: Case) -> Refusal | None:
        return ("case.seconding", {}) if case.seconding else hands.refusal(case)

    def change(case: Case) -> None:
        if case.status != S.WAITING:
            case.paused_at = case.paused_at or now
        case.status, case.snoozed_until = S.WAITING, None

    def after(cases: list[Case]) -> dict[int, Refusal]:
        CaseRequest.objects.bulk_create(
            CaseRequest(case=case, addressee=who, question=what, due_at=due_at, asked_by=actor, asked_at=now)
            for case in cases
        )
        return {}

    return act(
        "case.asked", ids=ids, actor=actor, check=check, change=change, fields=_FIELDS, reason=what,
        data={"addressee": who, "due": due_at.isoformat()}, versions=versions, prepare=hands.read, after=after,
    )  # fmt: skip


def answer(*, request_id: int, actor: User, words: str) -> Answer:
    """Write down what was answered. With the last answer the case goes on."""
    said = text(words, "case.answer_required")
    one = CaseRequest.objects.filter(pk=request_id, case__in=visible(actor)).first()
    if one is None:
        raise NotThere("not_there")

    def check(case: Case) -> Refusal | None:
        open_one = CaseRequest.objects.filter(pk=request_id, answered_at=None).exists()
        return None if open_one else ("case.request_answered", {})

    def change(case: Case) -> None:
        CaseRequest.objects.filter(pk=request_id).update(answer=said, answered_by=actor, answered_at=timezone.now())
        if case.status == S.WAITING and not CaseRequest.objects.filter(case=case, answered_at=None).exists():
            resume(case)

    return act(
        "case.answered", ids=[one.case_id], actor=actor, check=check, change=change, fields=_FIELDS, reason=said,
        data={"addressee": one.addressee},
    )[0]  # fmt: skip
