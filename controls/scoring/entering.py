"""Payments as movements: what a payment's fields come to as numbers, before it is written as a movement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backoffice.common import sql
from controls.scoring import texts
from controls.scoring.movements import CASH, REFUND, UNKNOWN, Ints
from transactions.models import Payment

COLUMNS = ("at", "clock", "debtor", "creditor", "name", "operator", "channel", "kind", "currency", "country",
           "reference", "nature", "amount")  # fmt: skip
# What a movement is known by, as the query tells it: a payment whose fields give the same is not written again.
_SAME = ("debtor", "creditor", "name", "kind", "reference", "nature", "amount")
_CASH_PURPOSES = frozenset({"CDCB", "CDCD", "CDCS", "CSDB"})
_COMES_IN = frozenset({Payment.Kind.DEBIT.value, Payment.Kind.INCOMING.value, Payment.Kind.CARD.value})
_PAYMENTS = """
    select p.id, extract(epoch from p.received_at)::bigint,
           extract(epoch from p.received_at at time zone e.time_zone)::bigint,
           extract(epoch from now())::bigint, extract(epoch from now() at time zone e.time_zone)::bigint,
           p.debtor_number, p.debtor_account_id, p.creditor_number, p.creditor_account_id, p.creditor_name,
           p.maker_id, u.full_name, p.channel, p.kind, p.currency, (p.amount * 1000)::bigint,
           p.remittance, p.end_to_end_id, p.creditor_reference, upper(p.purpose),
           exists (select 1 from controls_score s where s.payment_id = p.id),
           m.id, m.debtor, m.creditor, m.name, m.kind, m.reference, m.nature, m.amount
    from transactions_payment p
    join people_entity e on e.id = p.entity_id
    left join people_user u on u.id = p.maker_id and not u.is_machine
    left join controls_movement m on m.payment_id = p.id and m.voided_at is null
    where p.id = any(%s) and p.entity_id = %s order by p.received_at, p.id
"""


@dataclass(frozen=True)
class Entering:
    """Payments of one entity in order of time. ``former``: movements that they replace, since they were amended.

    The texts are those of their reasons, by the codes of the columns; ``names`` by payment.
    """

    payments: list[int]
    columns: dict[str, Ints]
    former: list[int]
    names: Mapping[int, str]
    operators: Mapping[int, str]
    channels: Mapping[int, str]
    currencies: Mapping[int, str]
    lands: Mapping[int, str]

    def __len__(self) -> int:
        return len(self.payments)


def entering(payment_ids: Sequence[int], entity_id: int) -> Entering:
    """Those of the payments that are no movement yet, or another one than before. One query."""
    made: dict[str, list[int]] = {name: [] for name in COLUMNS}
    found = Entering([], {}, [], {}, {}, {}, {}, {})
    for row in sql.rows(_PAYMENTS, [list(payment_ids), entity_id]):
        _enter(found, made, entity_id, row)
    return replace(found, columns={name: np.array(told, dtype=np.int64) for name, told in made.items()})


def _enter(found: Any, made: dict[str, list[int]], entity_id: int, row: tuple[Any, ...]) -> None:
    (payment, at, clock, now, wall, debtor, debtor_account, creditor, creditor_account, name, maker, person, channel,
     kind, currency, amount, remittance, end_to_end, reference, purpose, scored, former, *before) = row  # fmt: skip
    outside = kind in _COMES_IN
    land = creditor[:2] if creditor[:2].isalpha() else ""
    nature = texts.nature(f"{kind} {remittance}")
    values = {
        "at": at, "clock": clock,
        "debtor": _account(entity_id, debtor, debtor_account), "creditor": _account(entity_id, creditor,
                                                                                    creditor_account),
        # Of what comes in the creditor is ourselves: there is no payee to confuse.
        "name": UNKNOWN if outside else texts.key(texts.bare(name)),
        "operator": maker if person else UNKNOWN,
        "channel": texts.small(channel), "kind": texts.small(kind), "currency": texts.small(currency),
        "country": texts.small(land), "reference": texts.key(texts.cited(f"{reference} {remittance}", end_to_end)),
        "nature": CASH if purpose in _CASH_PURPOSES else REFUND if kind == Payment.Kind.REFUND else nature,
        "amount": amount,
    }  # fmt: skip
    if former is not None:
        if [values[name] for name in _SAME] == before:
            return
        found.former.append(former)
    if scored:
        values |= {"at": now, "clock": wall}
    found.payments.append(payment)
    for column, value in values.items():
        made[column].append(value)
    found.names[payment] = name
    for told, code, text in ((found.operators, values["operator"], person), (found.lands, values["country"], land),
                             (found.channels, values["channel"], channel),
                             (found.currencies, values["currency"], currency)):  # fmt: skip
        told[code] = text


def _account(entity_id: int, number: str, account_id: int | None) -> int:
    if number:
        return texts.key(f"{entity_id} {number}")
    return texts.key(f"{entity_id} account {account_id}") if account_id else UNKNOWN
