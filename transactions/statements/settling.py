"""What a matched line does to payments: those that were sent are settled, those that came back are returned."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from backoffice.common import sql
from backoffice.people.models import User
from documents import trail
from transactions import instant, ledger
from transactions.recalls import returned

# A file is over when no payment of it is under way any more.
_FILES = """
    with spoken as materialized (
        select f.id from transactions_outgoingfile f
        where f.status = 'sent' and f.id in (
            select o.file_id from transactions_outgoingitem o where o.payment_id = any(%s))
        order by f.id for update),
    left_of as (
        select o.file_id, bool_or(s.status = 'sent') as waiting, bool_or(s.status = 'settled') as settled
        from transactions_outgoingitem o join transactions_paymentstate s on s.payment_id = o.payment_id
        where o.file_id in (select id from spoken) group by o.file_id)
    update transactions_outgoingfile f
    set status = case when l.settled then 'settled' else 'rejected' end
    from left_of l where l.file_id = f.id and not l.waiting
    returning f.id, f.entity_id, f.status, f.message_id
"""


def settle(value_dates: Mapping[int, date], actor: User | None = None) -> dict[int, str]:
    """sent -> settled, each payment with the value date of its line; what could not be is answered with a code.

    Inside ``atomic()``. Locks: states, balances, then files, each by ascending key.
    """
    if not value_dates:
        return {}
    ledger.lock(sorted(value_dates))
    by_day: dict[date, list[int]] = defaultdict(list)
    for key, day in value_dates.items():
        by_day[day].append(key)
    refused: dict[int, str] = {}
    for day, ids in sorted(by_day.items()):
        refused |= ledger.settle(ids, actor, day)
    instant.answered([key for key in value_dates if key not in refused])
    _close_files(sorted(value_dates), actor)
    return {key: code for key, code in refused.items() if code != "already_settled"}


def bring_back(reasons: Mapping[int, tuple[str, str, date]], actor: User | None = None) -> dict[int, str]:
    """settled -> returned, each with a reason code, words and the value date of its line. As :func:`settle`."""
    if not reasons:
        return {}
    ledger.lock(sorted(reasons))
    by_day: dict[date, dict[int, tuple[str, str]]] = defaultdict(dict)
    for key, (code, words, day) in reasons.items():
        by_day[day][key] = (code, words)
    refused: dict[int, str] = {}
    for day, said in sorted(by_day.items()):
        refused |= ledger.reverse_each(said, actor, day)
    returned.note([key for key in reasons if key not in refused], actor)
    _close_files(sorted(reasons), actor)
    return {key: code for key, code in refused.items() if code != "already_returned"}


def _close_files(ids: Sequence[int], actor: User | None) -> None:
    for file_id, entity_id, status, message_id in sql.rows(_FILES, [list(ids)]):
        trail.record(
            "outgoing.answered", subject_type="outgoing", subject_id=file_id, entity_id=entity_id, actor=actor,
            data={"by": "statement", "message_id": message_id, "status": status},
        )  # fmt: skip
