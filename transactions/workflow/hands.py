"""Who signs, with what they signed for today: the engine's signer as payments know it. See the package."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from backoffice.common import sql
from backoffice.people import access, delegations, signing

# A signature of the day is one since midnight in the entity's zone, on whatever entity's payment, by the person or in
# their place; withdrawn ones are not counted. Validations and approvals have ceilings, and days, of their own.
_TODAY = """
    select e.id, p.currency, sum(p.amount)
    from people_entity e
    join transactions_paymentapproval a on (a.person_id = %(person)s or a.on_behalf_of_id = %(person)s)
        and a.withdrawn_at is null
        and (a.stage = 0) = %(first)s
        and a.given_at >= date_trunc('day', clock_timestamp() at time zone e.time_zone) at time zone e.time_zone
    join transactions_payment p on p.id = a.payment_id
    where e.id = any(%(entities)s)
    group by e.id, p.currency
"""


def read(person_id: int, verb: str, entity_ids: Sequence[int], giver_id: int | None = None) -> signing.Signer:
    """The signer for payments of these entities. One query a person, and one more for whom the day has a ceiling."""
    own = _hand(person_id, verb, entity_ids)
    return own if giver_id is None else signing.Deputy(own, _hand(giver_id, verb, entity_ids))


def _hand(person_id: int, verb: str, entity_ids: Sequence[int]) -> signing.Hand:
    hand = signing.hand(person_id, verb)
    if not hand.by_day:
        return hand
    rows = sql.rows(_TODAY, {"person": person_id, "first": verb == "validate", "entities": sorted(set(entity_ids))})
    return replace(hand, signed_today={(entity, currency): Decimal(total) for entity, currency, total in rows})


def rooms(person_id: int, verb: str, entity_ids: Sequence[int]) -> list[tuple[int, str, Decimal]]:
    """What is left of the person's day by entity and currency, where it has a ceiling."""
    return _hand(person_id, verb, entity_ids).rooms(entity_ids)


def lock(person_id: int, verb: str, entity_ids: Sequence[int], giver_id: int | None = None) -> signing.Signer:
    """The same under lock: what the person signs elsewhere at the same time waits, and is then counted.

    Inside ``atomic()``, after the states and before the balances (common/locks.py).
    """
    sql.run(
        "select 1 from people_limit where user_id = any(%s) and act = %s and day_amount is not null "
        "order by id for no key update",
        [[person_id, giver_id], verb],
    )
    return read(person_id, verb, entity_ids, giver_id)


def places(person_id: int, verb: str, giver_id: int, own: set[int]) -> set[int]:
    """Where a deputy may sign in the giver's place: in force, and both have the right. Two queries."""
    given = delegations.in_force(person_id, verb, list(own)).filter(giver=giver_id)
    right = f"payment.{verb}"
    return {one.entity_id for one in given if access.can(one.giver, right, one.entity_id)}
