"""Payments that have another answer about their payee than the one by which they were judged, and their way back."""

from backoffice.common import sql
from backoffice.people.models import User
from transactions import workflow
from transactions.workflow import Answer

_ANSWER = """
    select v.outcome, v.suggested_name from controls_paymentverification l
    join controls_payeeverification v on v.id = l.verification_id where l.payment_id = p.id
"""
_UNJUDGED = f"""
    select p.id from transactions_payment p
    join transactions_paymentstate s on s.payment_id = p.id and s.status = 'checked'
    cross join lateral ({_ANSWER} order by l.id desc limit 1) present
    left join lateral (select a.ran_at from controls_assessment a where a.payment_id = p.id order by a.id desc limit 1)
        judged on true
    left join lateral ({_ANSWER} and l.linked_at <= judged.ran_at order by l.id desc limit 1) former on true
    where {{which}} and (present.outcome, present.suggested_name)
        is distinct from (former.outcome, former.suggested_name)
    order by p.id
"""  # noqa: S608 - constants of this module


def found(which: str, key: int | list[int]) -> list[int]:
    """Those that wait for their validation; also what no answer judged, and what somebody held when it came. One query.

    ``which`` is a constant condition on ``p``.
    """
    return [row[0] for row in sql.rows(_UNJUDGED.replace("{which}", which), [key])]


def rechecked(which: str, key: int | list[int], actor: User) -> list[Answer]:
    """Have them checked again, now that there is an answer; refused where somebody has one in hand."""
    ids = found(which, key)
    return workflow.recheck(ids=ids, actor=actor) if ids else []
