"""One payment and what surrounds it: who may decide, who signed, what holds it, its past, its entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import NotThere, sentence
from backoffice.people import signing
from documents.models import AuditRecord
from transactions.models import (
    Account,
    BankDetails,
    Hold,
    JournalEntry,
    OutgoingFault,
    OutgoingFile,
    Payment,
    PaymentApproval,
    PaymentRequirement,
    PaymentState,
    Posting,
    ReturnProposal,
)
from transactions.workflow import hands
from transactions.workflow.table import read_cases, stopped

PAST_MONTHS = 18
NEVER_PAID = ("rejected", "cancelled")


def payment(payment_id: int, entity_ids: Sequence[int]) -> Payment:
    """A payment of these entities with its state, or :class:`NotThere`. One query."""
    found = (
        Payment.objects.select_related(
            "entity", "batch", "batch__source", "state", "state__claimed_by", "maker", "payee", "debtor_account",
            "debtor_account__counterpart", "debtor_account__transit", "creditor_account",
            "creditor_account__counterpart", "creditor_account__transit", "collection", "refund__original",
            "card__acquirer", "card__payout", "chargeback",
        )
        .filter(pk=payment_id, entity_id__in=list(entity_ids))
        .first()
    )  # fmt: skip
    if found is None:
        raise NotThere("not_there")
    return found


@dataclass(frozen=True)
class Obstacle:
    """Why a person may not sign a payment that their role would let them sign."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return sentence(self.code, self.params)


def obstacles(ids: Iterable[int], person_id: int, giver_id: int | None = None) -> dict[int, Obstacle]:
    """What stops the person from signing each open payment, by the judgement of the workflow. At most five queries.

    A payment without an obstacle is absent; so is one that nobody can sign in its state. Held by a colleague comes
    last: it passes by itself. With ``giver_id`` the person is asked about as that one's deputy.
    """
    found: dict[int, Obstacle] = {}
    by_verb: dict[str, signing.Signer] = {}
    cases = read_cases(list(ids), person_id, giver_id)
    for case in cases:
        verb = {"checked": "validate", "validated": "approve"}.get(case.status)
        if verb is None:
            continue
        if verb not in by_verb:
            by_verb[verb] = hands.read(person_id, verb, [one.entity_id for one in cases], giver_id)
        no = stopped(case, by_verb[verb])
        if no is None and case.taken_by_other(person_id, timezone.now()):
            no = "payment.claimed", {"person": case.claimed_name or ""}
        if no is not None:
            found[case.payment_id] = Obstacle(*no)
    return found


def signatures(payment_id: int) -> list[PaymentApproval]:
    """The signatures that count, first stage first, with the people. One query."""
    return list(
        PaymentApproval.objects.filter(payment_id=payment_id, withdrawn_at=None)
        .select_related("person", "on_behalf_of")
        .order_by("stage")
    )


def requirements(payment_id: int) -> list[PaymentRequirement]:
    """What is asked after the validation, place by place, with the teams; empty before it. One query."""
    return list(
        PaymentRequirement.objects.filter(payment_id=payment_id, withdrawn_at=None)
        .select_related("team")
        .order_by("place")
    )


def left_out(payment_id: int) -> OutgoingFault | None:
    """Why a posted payment goes in no file. One query."""
    return OutgoingFault.objects.filter(pk=payment_id).first()


def proposed_return(payment_id: int) -> ReturnProposal | None:
    """The return that somebody proposed and nobody confirmed yet. One query."""
    found = ReturnProposal.objects.filter(payment_id=payment_id, ended_at=None)
    return found.select_related("proposed_by").first()


def holds(payment_id: int) -> list[Hold]:
    """Every hold of a payment, open ones first. One query."""
    return list(
        Hold.objects.filter(payment_id=payment_id)
        .select_related("placed_by", "lifted_by")
        .order_by("-lifted_at", "-placed_at")
    )


def asked_for(ids: Iterable[int]) -> dict[int, str]:
    """The code of the newest open hold that a person placed on each payment. One query."""
    found = Hold.objects.filter(payment_id__in=list(ids), lifted_at=None, rule_code="").order_by("placed_at")
    return dict(found.values_list("payment_id", "code"))


@dataclass(frozen=True)
class PastPayment:
    payment_id: int
    received_at: datetime
    amount: Decimal
    currency: str
    creditor_number: str
    status: str


def past_with_payee(of: Payment, *, cap: int = 120) -> list[PastPayment]:
    """What was paid to the same payee in the eighteen months before a payment, newest first, at most ``cap``.

    The payee is the known one; without one, whoever has the same account. Refused payments are not past payments.
    One query, in the order of an index.
    """
    same = "p.payee_id = %(payee)s" if of.payee_id else "p.entity_id = %(entity)s and p.creditor_number = %(number)s"
    if not of.payee_id and not of.creditor_number:
        return []
    found = sql.rows(
        f"""
        select p.id, p.received_at, p.amount, p.currency, p.creditor_number, s.status
        from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id
        where {same} and p.received_at < %(before)s and p.received_at >= %(since)s and p.id <> %(self)s
          and s.status <> all(%(never)s)
        order by p.received_at desc limit {int(cap)}
        """,  # noqa: S608 - constants of the code
        {
            "payee": of.payee_id, "entity": of.entity_id, "number": of.creditor_number, "before": of.received_at,
            "since": of.received_at - timedelta(days=PAST_MONTHS * 30.44), "self": of.pk, "never": list(NEVER_PAID),
        },
    )  # fmt: skip
    return [PastPayment(*row) for row in found]


def bank_details(payee_id: int | None) -> list[BankDetails]:
    """The bank details of a payee, those in use first, newest first. One query."""
    if payee_id is None:
        return []
    return list(
        BankDetails.objects.filter(payee_id=payee_id)
        .select_related("added_by", "confirmed_by")
        .order_by("-valid_to", "-valid_from")[:12]
    )


def twins(of: Payment, *, cap: int = 3) -> list[Payment]:
    """Payments that look like the same one: same creditor account, amount and currency within 90 days. One query."""
    if not of.creditor_number:
        return []
    return list(
        Payment.objects.select_related("state", "batch")
        .filter(
            entity_id=of.entity_id, creditor_number=of.creditor_number, amount=of.amount, currency=of.currency,
            received_at__gte=of.received_at - timedelta(days=90), received_at__lte=of.received_at + timedelta(days=90),
        )
        .exclude(pk=of.pk)
        .order_by("-received_at")[:cap]
    )  # fmt: skip


def related(of: Payment, *, cap: int = 5) -> list[Payment]:
    """The newest payments to the same payee (or account), other than this one, with their states. One query."""
    same = Q(payee_id=of.payee_id) if of.payee_id else Q(entity_id=of.entity_id, creditor_number=of.creditor_number)
    if not of.payee_id and not of.creditor_number:
        return []
    return list(Payment.objects.select_related("state").filter(same).exclude(pk=of.pk).order_by("-received_at")[:cap])


def entries(payment_id: int) -> list[JournalEntry]:
    """The journal entries of a payment and their reversals, oldest first, with postings and accounts. Three queries."""
    return list(
        JournalEntry.objects.filter(payment_id=payment_id)
        .order_by("id")
        .prefetch_related("postings", "postings__account")
    )


def prepared(of: Payment) -> list[Posting]:
    """The postings that will be made when the payment is posted, not stored; none while an account is unknown."""
    if of.kind == Payment.Kind.DEBIT:
        return _prepared_collection(of)
    if of.kind == Payment.Kind.INCOMING:
        return _prepared_receipt(of)
    if of.kind == Payment.Kind.CARD:
        return _prepared_card(of)
    debtor = of.debtor_account
    other = of.creditor_account if of.kind == Payment.Kind.INTERNAL else (debtor.transit if debtor else None)
    if debtor is None or other is None:
        return []
    pays = Account.Side.DEBIT if debtor.normal_side == Account.Side.CREDIT else Account.Side.CREDIT
    takes = Account.Side.CREDIT if pays == Account.Side.DEBIT else Account.Side.DEBIT
    return [
        Posting(account=debtor, side=pays, amount=of.amount, currency=of.currency),
        Posting(account=other, side=takes, amount=of.amount, currency=of.currency),
    ]


def _prepared_collection(of: Payment) -> list[Posting]:
    """The counterpart is to be received through transit; the creditor's account waits for the settlement."""
    ours = of.creditor_account
    if ours is None or ours.transit is None or ours.counterpart is None:
        return []
    other = Account.Side.DEBIT if ours.normal_side == Account.Side.CREDIT else Account.Side.CREDIT
    return [
        Posting(account=ours.counterpart, side=other, amount=of.amount, currency=of.currency),
        Posting(account=ours.transit, side=Account.Side(ours.normal_side), amount=of.amount, currency=of.currency),
    ]


def _prepared_receipt(of: Payment) -> list[Posting]:
    """As sql/received.sql places it: on the creditor's account, or in suspense. Two queries."""
    row = sql.rows("select account, side, other from receipt_places(array[%s]::bigint[]) where code is null", [of.pk])
    if not row:
        return []
    account, side, other = row[0]
    accounts = Account.objects.in_bulk([account, other])
    against = Account.Side.DEBIT if side == Account.Side.CREDIT else Account.Side.CREDIT
    return [
        Posting(account=accounts[other], side=against, amount=of.amount, currency=of.currency),
        Posting(account=accounts[account], side=Account.Side(side), amount=of.amount, currency=of.currency),
    ]


def _prepared_card(of: Payment) -> list[Posting]:
    """As sql/cards.sql books it: the claim on the acquirer and its fee against the gross. Two queries."""
    row = sql.rows("select claim, fees, account, fee from card_places(array[%s]::bigint[]) where code is null", [of.pk])
    if not row:
        return []
    claim, fees, account, fee = row[0]
    accounts = Account.objects.in_bulk([key for key in (claim, fees, account) if key])
    lines = [(claim, Account.Side.DEBIT, of.amount - fee), (account, Account.Side.CREDIT, of.amount)]
    if fee:
        lines.insert(1, (fees, Account.Side.DEBIT, fee))
    return [
        Posting(account=accounts[key], side=side, amount=amount, currency=of.currency) for key, side, amount in lines
    ]


def outgoing_file_of(payment_id: int) -> OutgoingFile | None:
    """The file for the bank that a payment went in. One query."""
    return OutgoingFile.objects.filter(items=payment_id).first()


def timeline(payment_id: int, *, cap: int = 200) -> list[AuditRecord]:
    """The acts on a payment, newest first, at most ``cap``. One query."""
    return list(AuditRecord.objects.filter(subject_type="payment", subject_id=payment_id).order_by("-id")[:cap])


def states(ids: Iterable[int], entity_ids: Sequence[int]) -> QuerySet[PaymentState]:
    """The states of chosen payments of these entities, with payment and holder."""
    return PaymentState.objects.select_related("payment", "claimed_by", "entity").filter(
        pk__in=list(ids), entity_id__in=list(entity_ids)
    )


def recent_reasons(person_id: int, action: str, *, cap: int = 3) -> list[str]:
    """The codes the person gave last with this act, newest first, each once. One query over their last 200 acts."""
    rows = sql.rows(
        """
        select data::jsonb ->> 'reason_code', data::jsonb ->> 'code' from (
            select action, data from documents_auditrecord where actor_id = %s order by id desc limit 200) act
        where action = %s
        """,
        [person_id, action],
    )
    return list(dict.fromkeys(first or second for first, second in rows if first or second))[:cap]
