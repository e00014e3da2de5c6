"""Who must approve: the matrix, and what the checks add to it: one more person, or the band of a sum that was split.

The requirement is worked out at validation and frozen on the payment; a later change of the matrix neither frees nor
stops what waits.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from backoffice.common import sql
from backoffice.people import signing
from backoffice.people.models import User
from backoffice.people.signing import Requirement
from controls.models import ApprovalPolicy
from transactions import workflow
from transactions.workflow import Answer

# Without any row for an entity and currency the strictest shipped answer holds: six eyes.
WITHOUT_POLICY = signing.anyone(2)

# What a row of the matrix is compared with. A payee is known from the first payment that went through on. Each past is
# read once, not once for each payment: a file may hold thousands to one payee.
_PAYMENTS = """
    with asked as materialized (
        select p.id, p.entity_id, p.kind, p.currency, p.amount, p.channel, p.payee_id
        from transactions_payment p where p.id = any(%(ids)s)),
    paid as materialized (
        select y.payee_id, min(q.id) as first, max(q.id) as last
        from (select distinct payee_id from asked where payee_id is not null) y
        cross join lateral (
            select q.id from transactions_payment q join transactions_paymentstate t on t.payment_id = q.id
            where q.payee_id = y.payee_id and t.status in ('posted', 'sent', 'settled') limit 2) q
        group by y.payee_id),
    latest as materialized (
        select a.payment_id, max(a.id) as id from controls_assessment a where a.payment_id = any(%(ids)s)
        group by a.payment_id),
    -- What was split below a band or a limit is approved like its sum.
    found as materialized (
        select l.payment_id, bool_or(r.action = 'second') as second,
               max((select max(one.value::numeric) from jsonb_each_text(r.evidence) one
                    where one.key in ('near_threshold_sum', 'ceiling_sum', 'typed_sum'))) as total
        from latest l join controls_ruleresult r on r.assessment_id = l.id
        where not r.shadow group by l.payment_id)
    select p.id as key, p.entity_id, p.kind, p.currency, greatest(p.amount, f.total) as amount, p.channel,
           s.risk::int as risk, coalesce(k.first = p.id and k.last = p.id, true) as new_payee,
           (now() at time zone e.time_zone)::date as day, s.outcome = 'second' or coalesce(f.second, false) as further
    from asked p join transactions_paymentstate s on s.payment_id = p.id
    join people_entity e on e.id = p.entity_id
    left join paid k on k.payee_id = p.payee_id
    left join found f on f.payment_id = p.id
"""
# The row that counts: see ApprovalPolicy.
_CHOSEN = """
    select b.id from controls_approvalpolicy b
    where b.entity_id = x.entity_id and b.currency = x.currency and b.kind in ('', x.kind)
      and b.channel in ('', x.channel) and b.from_amount <= x.amount and b.risk_from <= x.risk
      and (b.valid_from is null or b.valid_from <= x.day) and (b.valid_to is null or b.valid_to >= x.day)
      and (not b.new_payee or x.new_payee)
    order by (b.kind <> '')::int + (b.channel <> '')::int + b.new_payee::int + (b.risk_from > 0)::int desc,
             b.from_amount desc, b.risk_from desc
    limit 1
"""
_REQUIRED = f"select x.key, ({_CHOSEN}), x.further from ({_PAYMENTS}) x"  # noqa: S608 - constants of this module


_TRIED = f"""
    select ({_CHOSEN}) from (
        select e.id as entity_id, %(kind)s as kind, %(currency)s as currency, %(amount)s::numeric as amount,
               %(channel)s as channel, %(risk)s::int as risk, %(new_payee)s::boolean as new_payee,
               (now() at time zone e.time_zone)::date as day
        from people_entity e where e.id = %(entity)s) x
"""  # noqa: S608 - constants of this module


def tried(
    *, entity_id: int, kind: str, currency: str, amount: Decimal, channel: str, risk: int, new_payee: bool
) -> ApprovalPolicy | None:
    """The row of the matrix that such a payment would be asked by today; None: none, six eyes. Two queries."""
    asked = {
        "entity": entity_id, "kind": kind, "currency": currency, "amount": amount, "channel": channel, "risk": risk,
        "new_payee": new_payee,
    }  # fmt: skip
    found = sql.rows(_TRIED, asked)
    return ApprovalPolicy.objects.filter(pk=found[0][0]).first() if found else None


def requirements(ids: Sequence[int]) -> dict[int, Requirement]:
    """What each payment needs: by the matrix, one more person when a check asks for a further one. Two queries."""
    rows = sql.rows(_REQUIRED, {"ids": list(ids)})
    asked: dict[int | None, Requirement] = {
        policy.pk: policy.requirement()
        for policy in ApprovalPolicy.objects.filter(pk__in={row[1] for row in rows if row[1] is not None})
    }
    asked[None] = WITHOUT_POLICY
    further = {key: requirement.and_one_more() for key, requirement in asked.items()}
    return {key: (further if more else asked)[policy_id] for key, policy_id, more in rows}


def validate(
    *,
    ids: Sequence[int],
    actor: User,
    reason_code: str = "",
    reason: str = "",
    versions: Mapping[int, int] | None = None,
    on_behalf_of: int | None = None,
) -> list[Answer]:
    """First signature of each payment, with the requirement frozen. The door of screens and API to validation."""
    with transaction.atomic():
        # Locked first, so that what a check finds meanwhile cannot slip past the requirement.
        workflow.lock(ids)
        return workflow.validate(
            ids=ids, actor=actor, requirements=requirements(ids), reason_code=reason_code, reason=reason,
            versions=versions, on_behalf_of=on_behalf_of,
        )  # fmt: skip
