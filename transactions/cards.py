"""Card and marketplace payments: what an acquirer reports comes in as payments, its payouts settle them together, what
it takes back is a chargeback. The books of all three: transactions/sql/cards.sql.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import User
from documents import trail
from transactions import workflow
from transactions.models import Account, CardPayment, Payout

RIGHT = "payment.settle"
LONGEST = 35


@dataclass(frozen=True)
class Expected:
    """A payout that an acquirer announced: how many payments and chargebacks it is for, and their sum."""

    acquirer: Account
    reference: str
    count: int
    total: Decimal
    chargebacks: int
    ids: tuple[int, ...]


# Posted and not paid out, with what was taken back since the last payout of the acquirer.
_EXPECTED = """
    select k.acquirer_id, k.payout_reference, count(*) filter (where s.status = 'posted'),
           sum(parts.part), count(b.payment_id), array_agg(k.payment_id order by k.payment_id)
    from transactions_cardpayment k
    join transactions_paymentstate s on s.payment_id = k.payment_id
    left join transactions_chargeback b on b.payment_id = k.payment_id
    cross join lateral (
        select case when k.payout_id is null then p.amount - k.fee else 0 end
               - case when b.payment_id is not null and b.payout_id is null then p.amount + b.fee else 0 end as part
        from transactions_payment p where p.id = k.payment_id) parts
    where k.acquirer_id = any(%(accounts)s) and (%(reference)s = '' or k.payout_reference = %(reference)s)
      and (k.payout_id is null and s.status = 'posted' or b.payment_id is not null and b.payout_id is null)
    group by 1, 2 order by 1, 2
"""


def expected(entity_ids: Sequence[int], *, acquirer: Account | None = None, reference: str = "") -> list[Expected]:
    """What acquirers owe, by the payout that they announced ("": none yet). Two queries."""
    claims = Account.objects.filter(entity_id__in=entity_ids, kind=Account.Kind.RECEIVABLE, counterpart__isnull=False)
    if acquirer is not None:
        claims = claims.filter(pk=acquirer.pk)
    known = {claim.pk: claim for claim in claims.select_related("entity", "counterpart", "fees").order_by("code")}
    rows = sql.rows(_EXPECTED, {"accounts": list(known), "reference": reference})
    return [Expected(known[row[0]], row[1], row[2], row[3], row[4], tuple(row[5])) for row in rows]


def receive_payout(
    *, actor: User, acquirer_id: int, reference: str, amount: str | Decimal, paid_on: date, ids: Sequence[int] = ()
) -> Payout:
    """Book what an acquirer paid: its payments become settled by one entry. A person with payment.settle does it.

    ``ids``: the payments (and charged-back ones) it is for; without them all that the acquirer announced under
    ``reference``. They must add up to ``amount``, to the cent: the refusal says both sums. Booked before:
    :class:`Conflict`. Locks the states, then the balances.
    """
    access.demand(actor, RIGHT)
    acquirer = Account.objects.filter(pk=acquirer_id, entity__in=access.entity_ids(actor, "account.view")).first()
    if acquirer is None:
        raise NotThere("not_there")
    access.demand(actor, RIGHT, acquirer.entity_id)
    if actor.is_machine:
        raise BusinessError("payment.by_machine")
    reference = " ".join(reference.split())
    if not reference or len(reference) > LONGEST or not reference.isprintable():
        raise BusinessError("payout.reference_bad")
    paid = money.parse(amount, acquirer.currency)
    with transaction.atomic():
        chosen = list(ids) or [key for one in expected([acquirer.entity_id], acquirer=acquirer, reference=reference)
                               for key in one.ids]  # fmt: skip
        workflow.lock(chosen)
        _agree(acquirer, reference, chosen, paid)
        try:
            with transaction.atomic():
                made = sql.rows(
                    "select settle_payout(%s, %s, %s, %s, %s, %s)",
                    [acquirer.pk, reference, chosen, paid, paid_on, actor.pk],
                )[0][0]
        except IntegrityError as error:
            if "payout_once" in str(error):
                raise Conflict("payout.known", reference=reference) from None
            if "payout_of_unpaid" in str(error):
                raise BusinessError("payout.not_of_these") from None
            if "payout_accounts" in str(error):
                raise BusinessError("payout.no_bank", code=acquirer.code) from None
            raise
        trail.record(
            "payout.received", subject_type="account", subject_id=acquirer.pk, entity_id=acquirer.entity_id,
            actor=actor, data={
                "payout": made, "reference": reference, "amount": money.plain(paid, acquirer.currency),
                "currency": acquirer.currency, "payments": len(chosen),
            },
        )  # fmt: skip
    return Payout.objects.select_related("acquirer", "entity").get(pk=made)


def _agree(acquirer: Account, reference: str, ids: Sequence[int], paid: Decimal) -> None:
    """Refuse a payout booked before, one for nothing, and one that is not the sum of its payments."""
    if Payout.objects.filter(acquirer=acquirer, reference=reference).exists():
        raise Conflict("payout.known", reference=reference)
    open_ones = Q(payout=None, payment__state__status="posted") | Q(
        payment__chargeback__isnull=False, payment__chargeback__payout=None
    )
    known = CardPayment.objects.filter(open_ones, pk__in=list(ids), acquirer=acquirer).count()
    if not ids or known < len(set(ids)):
        raise BusinessError("payout.not_of_these" if ids else "payout.nothing", reference=reference)
    total = sql.rows("select coalesce(sum(part), 0) from payout_parts(%s)", [list(ids)])[0][0]
    if total != paid:
        raise BusinessError(
            "payout.differs", expected=money.plain(total, acquirer.currency),
            paid=money.plain(paid, acquirer.currency), currency=acquirer.currency,
        )  # fmt: skip


def payouts(entity_ids: Sequence[int]) -> Any:
    """The payouts of these entities, for pages of them."""
    return Payout.objects.select_related("acquirer", "entity", "received_by").filter(entity_id__in=list(entity_ids))
