"""Money that came back answers a recall, whether or not the other bank said so: by a pacs.004, or by a person."""

from collections.abc import Sequence

from backoffice.common import sql
from backoffice.people.models import User

# Asked for: not needed any more. In a file that is not sent: noted, and answered when it goes. Refused: it stays so.
_NOTE = """
    with back as materialized (
        select r.id, r.status from transactions_recall r
        join transactions_paymentstate s on s.payment_id = r.payment_id and s.status = 'returned'
        where r.payment_id = any(%(ids)s) and r.returned_at is null
          and (r.status in ('asked', 'approved') or r.sent_at is not null)
        order by r.id for update of r),
    noted as (
        update transactions_recall r
        set returned_at = clock_timestamp(),
            status = case when b.status = 'asked' then 'withdrawn' when b.status in ('sent', 'expired') then 'accepted'
                          else b.status end
        from back b where b.id = r.id
        returning r.id, r.entity_id, r.payment_id, r.reason_code, r.status)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
    select n.entity_id, 'recall', n.id, 'recall.returned', %(actor)s,
           '{"payment":' || n.payment_id || ',"reason_code":"' || n.reason_code || '","status":"' || n.status || '"}'
    from noted n order by n.id
"""


def note(ids: Sequence[int], actor: User | None) -> int:
    """Say of these payments' recalls that the money is back, where it is. Inside ``atomic()``, the states locked."""
    return sql.run(_NOTE, {"ids": list(ids), "actor": actor.pk if actor else None}) if ids else 0
