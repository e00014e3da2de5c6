"""Refunds: a payment of its own that pays a settled one back, in whole or part, to where it came from.

It takes the ordinary life of a payment that leaves: checks, two people, a file for the bank. Together the refunds of a
payment are never more than it (transactions/sql/refunds.sql), whoever asks how often and at the same time.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import calendars, money, sql
from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import trail
from transactions import intake, reasons, workflow
from transactions.intake import account_numbers
from transactions.models import Payment, Refund
from transactions.workflow import Answer

RIGHT = "payment.create"
LONGEST_WORDS = 140


@dataclass(frozen=True)
class Asked:
    """What is to be paid back of a payment: ``amount`` None is all that is left of it.

    ``account``, ``name`` and ``bic``: to whom else than its payer. ``left``: what was left when it was read; otherwise
    a conflict.
    """

    payment_id: int
    amount: Decimal | str | None = None
    account: str = ""
    name: str = ""
    bic: str = ""
    remittance: str = ""
    left: Decimal | None = None


# The account that had the money: the creditor's, or where it was applied from suspense (of a company, the bank account
# that the suspense account stands for; of a company's card payment the one that payouts reach).
_ORIGINALS = """
    select p.id, s.entity_id, p.kind, s.status, p.currency, p.amount, refundable(p.id) as left_over,
           p.debtor_name, p.debtor_number, p.debtor_bic, p.debtor_address::text as debtor_address, p.remittance,
           case when p.kind = 'card' then case when ca.kind = 'customer' then ca.id else q.counterpart_id end
                when t.account_id is null then p.creditor_account_id
                when ta.kind in ('customer', 'bank') then ta.id else wa.counterpart_id end as account,
           (select count(*) from transactions_refund r where r.original_id = p.id) as before,
           (select json_strip_nulls(json_build_object('born_on', b.born_on, 'province', b.province, 'town', b.town,
                                                      'country', b.country))::text
            from transactions_paymentbirth b where b.payment_id = p.id and b.side = 'debtor') as birth
    from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id
    left join transactions_journalentry e on e.payment_id = p.id and e.kind = 'settlement' and p.kind = 'incoming'
    left join transactions_posting t on t.entry_id = e.id and t.line = 2
    left join transactions_account ta on ta.id = t.account_id
    left join transactions_posting w on w.entry_id = e.id and w.line = 1
    left join transactions_account wa on wa.id = w.account_id
    left join transactions_account ca on ca.id = p.creditor_account_id
    left join transactions_cardpayment k on k.payment_id = p.id
    left join transactions_account q on q.id = k.acquirer_id
    where p.id = any(%s) order by p.id
"""
_NUMBERS = """
    select id, coalesce(nullif(iban, ''), nullif(other_number, ''), code) from transactions_account where id = any(%s)
"""
REFUNDABLE = frozenset({Payment.Kind.INCOMING, Payment.Kind.DEBIT, Payment.Kind.CARD})


def refund(
    *, asked: Sequence[Asked], actor: User, reason_code: str, reason: str = "", channel: str = "api"
) -> list[Answer]:
    """Make a refund of each payment; ``params`` of an answer name it (``refund``, ``reference``).

    Needs payment.create in the entity. Locks the states of the payments. NARR needs words. Each payment once a call.
    """
    access.demand(actor, RIGHT)
    if reason_code not in reasons.REFUND:
        raise BusinessError("payment.reason_unknown", code=reason_code[:8])
    if reason_code == "NARR" and not reason.strip():
        raise BusinessError("payment.reason_required")
    ids = [one.payment_id for one in asked]
    if len(set(ids)) < len(ids):
        raise BusinessError("refund.named_twice")
    answers: dict[int, Answer] = {}
    with transaction.atomic():
        workflow.lock(ids)
        found = {row["id"]: row for row in sql.dicts(_ORIGINALS, [ids])}
        places = set(access.entity_ids(actor, RIGHT))
        visible = set(access.entity_ids(actor, "payment.view")) | places
        going: dict[int, list[Asked]] = defaultdict(list)
        for one in asked:
            row = found.get(one.payment_id)
            no = _refusal(one, row, places, visible)
            if no:
                answers[one.payment_id] = no
            elif row:
                going[row["entity_id"]].append(one)
        for entity_id, wanted in sorted(going.items()):
            answers |= _make(entity_id, wanted, found, _Why(actor, reason_code, reason.strip(), channel))
    return [answers[key] for key in ids]


def _refusal(one: Asked, row: dict[str, Any] | None, places: set[int], visible: set[int]) -> Answer | None:
    no: tuple[str, dict[str, Any]] | None = None
    if row is None or row["entity_id"] not in visible:
        no = "not_there", {}
    elif row["entity_id"] not in places:
        no = "denied", {"right": RIGHT}
    elif row["kind"] not in REFUNDABLE:
        no = "refund.wrong_kind", {}
    elif row["status"] != "settled":
        no = "refund.not_settled", {}
    else:
        no = _too_much(one, row) or _nowhere(one, row)
    return Answer(one.payment_id, False, *no) if no else None


def _too_much(one: Asked, row: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    left, currency = row["left_over"], row["currency"]
    told = {"left": money.plain(left, currency), "currency": currency}
    if one.left is not None and one.left != left:
        return "refund.changed", told
    if left <= 0:
        return "refund.nothing_left", {}
    try:
        amount = left if one.amount is None else money.parse(one.amount, currency)
    except BusinessError as error:
        return error.code, error.params
    return ("refund.too_much", told) if amount > left else None


def _nowhere(one: Asked, row: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    if not (one.account or row["debtor_number"]):
        return "refund.no_account", {}
    return ("refund.no_source", {}) if row["account"] is None else None


@dataclass(frozen=True)
class _Why:
    actor: User
    code: str
    reason: str
    channel: str


def _make(entity_id: int, wanted: list[Asked], found: dict[int, dict[str, Any]], why: _Why) -> dict[int, Answer]:
    """The refunds of one entity, through the door of every payment; what that refuses is answered with its reason."""
    entity = Entity.objects.get(pk=entity_id)
    numbers = dict(sql.rows(_NUMBERS, [[found[one.payment_id]["account"] for one in wanted]]))
    rows = [_row(one, found[one.payment_id], numbers) for one in wanted]
    batch = intake.receive_payments(payments=rows, entity=entity, actor=why.actor, channel=why.channel)
    made = {payment.position: payment for payment in Payment.objects.filter(batch=batch)}
    Refund.objects.bulk_create(
        Refund(payment=payment, original_id=wanted[at - 1].payment_id, entity=entity, reason_code=why.code)
        for at, payment in sorted(made.items())
    )
    trail.record_many(
        "payment.refunded", subject_type="payment", actor=why.actor, reason=why.reason,
        subjects=[
            (wanted[at - 1].payment_id, entity_id, {
                "refund": payment.pk, "reference": payment.reference, "currency": payment.currency,
                "amount": money.plain(payment.amount, payment.currency), "reason_code": why.code,
            })
            for at, payment in sorted(made.items())
        ],
    )  # fmt: skip
    problems = {problem.position: problem for problem in batch.problems.filter(severity="error").order_by("-id")}
    answers = {}
    for at, one in enumerate(wanted, start=1):
        if at in made:
            params = {"refund": made[at].pk, "reference": made[at].reference}
            answers[one.payment_id] = Answer(one.payment_id, True, "", params)
        else:
            problem = problems.get(at)
            said = (problem.code, problem.params) if problem else ("batch.nothing_taken", {"count": 1})
            answers[one.payment_id] = Answer(one.payment_id, False, *said)
    return answers


def _row(one: Asked, row: dict[str, Any], numbers: dict[int, str]) -> dict[str, Any]:
    """The refund as the door takes it."""
    ours = numbers[row["account"]]
    theirs = account_numbers.clean(one.account) if one.account else row["debtor_number"]
    amount = row["left_over"] if one.amount is None else money.parse(one.amount, row["currency"])
    reach = account_numbers.sepa_countries()
    sepa = row["currency"] == "EUR" and ours[:2] in reach and theirs[:2] in reach
    same = not one.account or theirs == row["debtor_number"]
    return {
        "kind": Payment.Kind.REFUND.value,
        "refund_of": str(row["id"]),
        "debtor_account": ours,
        "creditor_name": one.name or row["debtor_name"],
        "creditor_account": theirs,
        "creditor_bic": one.bic or (row["debtor_bic"] if same else ""),
        "creditor_address": json.loads(row["debtor_address"]) if same else {},
        "creditor_birth": json.loads(row["birth"] or "{}") if same and not one.name else {},
        "amount": money.plain(amount, row["currency"]),
        "currency": row["currency"],
        "requested_execution_date": calendars.next_open_day(timezone.localdate()).isoformat(),
        "end_to_end_id": f"R{row['id']}-{row['before'] + 1}",
        "remittance": (one.remittance or row["remittance"])[:LONGEST_WORDS],
        "service_level": "SEPA" if sepa else "",
    }


@dataclass(frozen=True)
class Refunded:
    """How much of a payment was refunded or is being refunded, and by which payments."""

    refunds: list[Refund]
    total: Decimal
    left: Decimal


def of(payment: Payment) -> Refunded | None:
    """The refunds of a payment that can be refunded, the oldest first; None for others. Two queries."""
    if payment.kind not in REFUNDABLE:
        return None
    made = list(
        Refund.objects.select_related("payment", "payment__state").filter(original=payment).order_by("payment_id")
    )
    left = sql.rows("select refundable(%s)", [payment.pk])[0][0]
    return Refunded(made, payment.amount - left, left)
