"""Passing without signatures, under a policy of the controls. See the package."""

from collections.abc import Mapping

from django.db import transaction

from backoffice.common import sql
from backoffice.common.tasks import enqueue
from transactions import ledger
from transactions.workflow.table import POST_CHUNK

ACTION = "payment.passed_straight"

_MARKED = """
    update transactions_paymentstate s
    set status = 'validated', version = s.version + 1, changed_at = clock_timestamp(), straight_policy = k.policy
    from unnest(%(ids)s::bigint[], %(policies)s::bigint[]) as k(payment_id, policy)
    where s.payment_id = k.payment_id
"""
_PASSED = """
    with moved as (
        update transactions_paymentstate s
        set status = 'approved', version = s.version + 1, changed_at = clock_timestamp()
        where s.payment_id = any(%(ids)s) returning s.payment_id, s.entity_id)
    insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, reason, data)
    select m.entity_id, 'payment', m.payment_id, %(action)s, null, '', k.data
    from moved m join unnest(%(ids)s::bigint[], %(data)s::text[]) as k(payment_id, data) on k.payment_id = m.payment_id
    order by m.payment_id
"""


class Short(Exception):
    """Some of them cannot be paid: ``refused`` says which and why. Nothing was moved."""

    def __init__(self, refused: Mapping[int, str]) -> None:
        super().__init__(refused)
        self.refused = refused


def pass_straight(*, policies: Mapping[int, int], told: Mapping[int, str]) -> None:
    """checked -> approved with the funds reserved and the posting ordered; ``told`` is kept with each record.

    The states are locked and the releases written, in the same transaction (controls.straight): the database asks for
    them. Raises :class:`Short` when the ledger refuses some; the caller then undoes its savepoint.
    """
    ids = sorted(policies)
    with transaction.atomic():
        sql.run(_MARKED, {"ids": ids, "policies": [policies[key] for key in ids]})
        if refused := ledger.reserve(ids):
            raise Short(refused)
        sql.run(_PASSED, {"ids": ids, "action": ACTION, "data": [told[key] for key in ids]})
        for start in range(0, len(ids), POST_CHUNK):
            enqueue("transactions.post", ids[start : start + POST_CHUNK])
