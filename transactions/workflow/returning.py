"""Returns that people book without a message of the bank: one proposes, another says the same. See the package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from documents import trail
from transactions import ledger
from transactions.models import ReturnProposal
from transactions.recalls import returned
from transactions.workflow.scope import in_scope, ledger_answers, not_ones_own
from transactions.workflow.table import REJECT_REASONS, Answer

PROPOSED = "payment.return_proposed"


@dataclass(frozen=True)
class _Said:
    reason_code: str
    reason: str
    value_date: date | None


class _Tried(Exception):
    """Takes back what was only tried."""


def return_(
    *, ids: Sequence[int], actor: User, reason_code: str, reason: str = "", value_date: date | None = None
) -> list[Answer]:
    """The money came back, as two people say: the first proposes it (``payment.return_proposed``, nothing is booked),
    another who gives the same code and value date, or no date, books it. Entries are reversed, never deleted.

    ``value_date`` is the bank's, today without one. Never by whoever made or amended the payment, nor by a program;
    what a message of the bank says needs none of this. Proposing again replaces one's own proposal.
    """
    if reason_code not in REJECT_REASONS:
        raise BusinessError("payment.reason_unknown", code=reason_code[:8])
    if reason_code == "NARR" and not reason.strip():
        raise BusinessError("payment.reason_required")
    if value_date is not None and value_date > timezone.localdate():
        raise BusinessError("payment.value_date_future")
    ids, outside = in_scope(ids, actor, "return")
    said = _Said(reason_code, reason.strip(), value_date)
    with transaction.atomic():
        ids, own = not_ones_own(ids, actor)
        found = ReturnProposal.objects.select_related("proposed_by").filter(payment__in=ids, ended_at=None)
        theirs = {one.payment_id: one for one in found if one.proposed_by_id != actor.pk}
        answers = _confirm(theirs, said, actor) + _propose([key for key in ids if key not in theirs], said, actor)
    return answers + own + outside


def _confirm(proposals: Mapping[int, ReturnProposal], said: _Said, actor: User) -> list[Answer]:
    other = [
        Answer(key, False, "payment.return_differs", {"person": one.proposed_by.full_name, "code": one.reason_code})
        for key, one in proposals.items()
        if one.reason_code != said.reason_code or said.value_date not in {None, one.value_date}
    ]
    refused: dict[int, str] = {}
    going = {key: one for key, one in proposals.items() if key not in {answer.payment_id for answer in other}}
    for day in {one.value_date for one in going.values()}:
        words = {
            key: (one.reason_code, said.reason or one.reason) for key, one in going.items() if one.value_date == day
        }
        refused |= ledger.reverse_each(words, actor, day)
    done = [key for key in going if key not in refused]
    returned.note(done, actor)
    _end(done, "confirmed", actor)
    return ledger_answers(list(going), refused) + other


def _propose(ids: Sequence[int], said: _Said, actor: User) -> list[Answer]:
    refused: dict[int, str] = {}
    try:
        # Booked first, so that what cannot be returned is refused now; then taken back to wait for the second person.
        with transaction.atomic():
            refused = ledger.reverse_each(dict.fromkeys(ids, (said.reason_code, said.reason)), actor, said.value_date)
            raise _Tried
    except _Tried:
        pass
    going = [key for key in ids if key not in refused]
    _end(going, "replaced", actor)
    made = ReturnProposal.objects.bulk_create(
        ReturnProposal(
            payment_id=key, reason_code=said.reason_code, reason=said.reason, value_date=said.value_date,
            proposed_by=actor, proposed_at=timezone.now(),
        )
        for key in going
    )  # fmt: skip
    sql.run(
        """
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
        select entity_id, 'payment', payment_id, 'payment.return_proposed', %(actor)s, %(reason)s, %(data)s
        from transactions_paymentstate where payment_id = any(%(ids)s) order by payment_id
        """,
        {
            "ids": [one.payment_id for one in made], "actor": actor.pk, "reason": said.reason,
            "data": trail.encode({"reason_code": said.reason_code, "value_date": said.value_date}),
        },
    )  # fmt: skip
    return [Answer(key, True, PROPOSED) for key in going] + [
        Answer(key, False, f"payment.{code}") for key, code in refused.items()
    ]


def _end(ids: Sequence[int], end: str, actor: User) -> None:
    open_ones = ReturnProposal.objects.filter(payment__in=list(ids), ended_at=None)
    open_ones.update(ended_at=timezone.now(), ended_by=actor, end=end)
