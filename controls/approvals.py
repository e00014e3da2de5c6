"""How many people must approve: the matrix, and what the checks add to it.

The requirement is worked out at validation and frozen on the payment; a later change of the matrix neither frees nor
stops what waits.
"""

from collections.abc import Mapping, Sequence

from django.db import transaction

from backoffice.common import sql
from backoffice.people.models import User
from transactions import workflow
from transactions.workflow import Answer

# Without any band for an entity and currency the strictest shipped answer holds: six eyes.
WITHOUT_POLICY = 2

_REQUIRED = """
    select p.id,
           coalesce((
               select b.approvals from controls_approvalpolicy b
               where b.entity_id = p.entity_id and b.currency = p.currency and b.kind in ('', p.kind)
                 and b.from_amount <= p.amount
               order by (b.kind <> '') desc, b.from_amount desc limit 1), %(default)s)
           + case when s.outcome = 'second' or exists (
                 select 1 from controls_ruleresult r
                 where r.action = 'second' and not r.shadow and r.assessment_id = (
                     select max(a.id) from controls_assessment a where a.payment_id = p.id)) then 1 else 0 end
    from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id
    where p.id = any(%(ids)s)
"""


def requirements(ids: Sequence[int]) -> dict[int, int]:
    """Approvals asked for each payment: its amount band, one more when a check asks for a further person. One query."""
    return dict(sql.rows(_REQUIRED, {"ids": list(ids), "default": WITHOUT_POLICY}))


def validate(
    *,
    ids: Sequence[int],
    actor: User,
    reason_code: str = "",
    reason: str = "",
    versions: Mapping[int, int] | None = None,
) -> list[Answer]:
    """First signature of each payment, with the requirement frozen. The door of screens and API to validation."""
    with transaction.atomic():
        # Locked first, so that what a check finds meanwhile cannot slip past the requirement.
        workflow.lock(ids)
        return workflow.validate(
            ids=ids, actor=actor, requirements=requirements(ids), reason_code=reason_code, reason=reason,
            versions=versions,
        )  # fmt: skip
