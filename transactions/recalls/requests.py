"""Recalls of other banks (camt.056): taken in as requests with a deadline, answered by people, given back by two.

Accepting is proposed by one person and confirmed by another, who has it given back: entries are reversed, which the
credited account must have the funds for, and the answer and the return are written. Refusing has a reason and writes
the answer. Both files go out as every file for the bank does. Locks: states and balances of the payments, then the
requests, each by ascending key.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import locks, sql
from backoffice.common.errors import BusinessError, Denied
from backoffice.people import access, signing
from backoffice.people.models import User
from documents import trail
from transactions import ledger
from transactions.messages.reading import Item
from transactions.models import BankMessage, Payment, PaymentState, RecallRequest
from transactions.recalls import deadlines, files
from transactions.recalls.asking import APPROVE, ASK, PLACE
from transactions.recalls.outcomes import Outcome, no
from transactions.writers import camt029

RETURN = "payment.return"
S = RecallRequest.Status
# What a payment that was asked back is returned for.
REASON = "FOCR"
# EPC125-05, answers to a recall and to a request of the originator.
REFUSALS = ("CUST", "NOAS", "AC04", "AM04", "ARDT", "LEGL", "NOOR")
# Payments that leave us, or stay with us: no other bank sent them.
OURS = (Payment.Kind.SEPA, Payment.Kind.TRANSFER, Payment.Kind.INTERNAL)

_INSERT = """
    with matched as materialized (
        select w.id, count(h.payment_id) filter (where h.agrees) as fit,
               max(h.payment_id) filter (where h.agrees) as payment_id, count(h.payment_id) as near
        from wanted w left join held h on h.id = w.id where w.level = 'payment' group by w.id),
    made as (
        insert into transactions_recallrequest
            (entity_id, item_id, sender, cancellation_id, case_id, original_message_id, original_message_name,
             transaction_id, debtor_name, debtor_number, debtor_bic, creditor_name, creditor_number, payment_id,
             match_code, received_on, due_on, status, answer_code, answer_text)
        select %(entity)s, i.id, %(sender)s, x.cancellation_id, x.case_id, x.original_message_id,
               x.original_message_name, x.transaction_id, x.debtor_name, x.debtor_number, x.debtor_bic,
               x.creditor_name, x.creditor_number, case when m.fit = 1 then m.payment_id end,
               case when m.fit = 1 then '' when m.fit > 1 then 'answer.ambiguous' when m.near > 0 then
                    'recall.other_amount' else 'recall.not_held' end,
               %(today)s, %(due)s, 'open', '', ''
        from jsonb_to_recordset(%(rows)s::jsonb) as x (position int, cancellation_id text, case_id text,
            original_message_id text, original_message_name text, transaction_id text, debtor_name text,
            debtor_number text, debtor_bic text, creditor_name text, creditor_number text)
        join transactions_messageitem i on i.message_id = %(message)s and i.position = x.position
        join matched m on m.id = i.id
        order by i.id
        on conflict (entity_id, sender, cancellation_id) where cancellation_id <> '' do nothing
        returning id, item_id, payment_id, entity_id),
    told as (
        insert into documents_auditrecord (entity_id, subject_type, subject_id, action, actor_id, data)
        select d.entity_id, k.subject_type, case k.subject_type when 'recall_request' then d.id else d.payment_id end,
               k.action, %(actor)s, '{"message":' || %(message)s || ',"request":' || d.id || '}'
        from made d cross join (values ('recall_request', 'recall_request.received'),
                                       ('payment', 'payment.recall_received')) as k (subject_type, action)
        where k.subject_type = 'recall_request' or d.payment_id is not null
        order by d.id)
    update transactions_messageitem i
    set outcome = case when w.level = 'payment' then 'recorded' else 'unknown' end,
        outcome_code = case when w.level <> 'payment' then 'recall.of_a_file'
                            when d.id is null then 'recall.seen_before' else '' end,
        payment_id = d.payment_id, payment_count = (d.payment_id is not null)::int
    from wanted w left join made d on d.item_id = w.id where i.id = w.id
"""


def take_in(message: BankMessage, items: Sequence[Item]) -> dict[str, Any]:
    """Make a request of every payment that the message asks back. Inside ``atomic()``; ``items`` are in its order.

    A case that the same bank has sent before is not asked twice.
    """
    today = deadlines.today(message.entity.time_zone)
    rows = [{"position": number, **item.more} for number, item in enumerate(items, start=1) if item.more]
    sql.run(sql.text("transactions", "recall_requests"), {"message": message.pk})
    sql.run(_INSERT, {
        "entity": message.entity_id, "message": message.pk, "sender": message.sender, "rows": json.dumps(rows),
        "today": today, "due": deadlines.answer_due(today),
        "actor": message.imported_by_id,
    })  # fmt: skip
    found = sql.rows(
        "select count(*), count(q.payment_id) from transactions_recallrequest q "
        "join transactions_messageitem i on i.id = q.item_id where i.message_id = %s",
        [message.pk],
    )[0]
    return {"requests": found[0], "payments": found[1]}


def propose(*, ids: Sequence[int], actor: User, reason: str = "", payment_id: int | None = None) -> list[Outcome]:
    """Propose to give back what is asked for. ``payment_id`` points out the payment of a single request.

    Needs recall.ask; a program does not decide. Records recall_request.proposed.
    """
    access.demand(actor, ASK)
    _demand_person(actor)
    with transaction.atomic():
        pointed = Payment.objects.filter(pk=payment_id).values_list("pk", flat=True) if payment_id else []
        found = _lock(ids, actor, list(pointed))
        outcomes, going = [], []
        for key in ids:
            row = found.get(key)
            refused = _scope(key, row, actor, ASK, {S.OPEN})
            if row is not None and not refused:
                if payment_id and len(ids) == 1:
                    row.payment = Payment.objects.filter(pk=payment_id, entity_id=row.entity_id).first()
                refused = _not_held(row)
            outcomes.append(refused or Outcome(key, True, made=key))
            if row is not None and not refused:
                row.status, row.proposed_by, row.proposed_at = S.PROPOSED, actor, timezone.now()
                row.answer_text = reason.strip()[:500]
                going.append(row)
        RecallRequest.objects.bulk_update(going, ["status", "proposed_by", "proposed_at", "answer_text", "payment"])
        _record("proposed", going, actor, reason)
    return outcomes


def _not_held(row: RecallRequest) -> Outcome | None:
    """Can the payment be given back? It is ours to give, of the amount that is asked, and nobody else gives it."""
    payment = row.payment
    if payment is None:
        return no(row.pk, "recall.point_out")
    if payment.creditor_account_id is None or payment.kind in OURS:
        return no(row.pk, "recall.not_incoming")
    if row.item.amount is not None and (row.item.amount, row.item.currency) != (payment.amount, payment.currency):
        return no(row.pk, "recall.other_amount")
    status = PaymentState.objects.values_list("status", flat=True).get(pk=payment.pk)
    if status != PaymentState.Status.SETTLED:
        return no(row.pk, "payment.already_returned" if status == "returned" else "recall.not_settled")
    taken = RecallRequest.objects.filter(payment=payment, status__in=[S.PROPOSED, S.ACCEPTED]).exclude(pk=row.pk)
    return no(row.pk, "recall.given_before") if taken.exists() else None


def confirm(*, ids: Sequence[int], actor: User) -> list[Outcome]:
    """Have given back what another person proposed: the entries are reversed, answer and return are written.

    Needs recall.approve and payment.return; never by who proposed it or brought the message in, nor above the person's
    ceiling. Refused with ``payment.AM04`` where the account has not the funds. Records recall_request.accepted.
    """
    access.demand(actor, APPROVE)
    access.demand(actor, RETURN)
    _demand_person(actor)
    with transaction.atomic():
        found = _lock(ids, actor)
        hand = signing.hand(actor.pk, "approve")
        refusals: dict[int, Outcome] = {}
        going: dict[int, RecallRequest] = {}
        for key in ids:
            row = found.get(key)
            refused = _scope(key, row, actor, APPROVE, {S.PROPOSED}) or _scope(key, row, actor, RETURN, {S.PROPOSED})
            refused = refused or (_not_confirmed(row, actor, hand) if row else None)
            if refused:
                refusals[key] = refused
            elif row is not None and row.payment_id is not None and row.payment is not None:
                going[row.payment_id] = row
                hand.count(row.payment.amount, row.payment.currency)
        words = {key: (REASON, row.answer_text) for key, row in going.items()}
        for key, code in (ledger.reverse_each(words, actor) if words else {}).items():
            row = going.pop(key)
            refusals[row.pk] = no(row.pk, f"payment.{code}")
        _close(list(going.values()), S.ACCEPTED, actor)
    return [refusals.get(key) or Outcome(key, True, made=key) for key in ids]


def _not_confirmed(row: RecallRequest, actor: User, hand: signing.Hand) -> Outcome | None:
    payment = row.payment
    if payment is None:
        return no(row.pk, "recall.point_out")
    own = row.proposed_by_id == actor.pk
    refusal = signing.refusal(
        hand, PLACE, subject="recall", own_work=own, signed=False, entity_id=row.entity_id, currency=payment.currency
    ) or hand.reaches(payment.amount, payment.currency, entity_id=row.entity_id)
    if refusal:
        return no(row.pk, refusal[0], **refusal[1])
    return no(row.pk, "answer.own_message") if row.item.message.imported_by_id == actor.pk else None


def refuse(*, ids: Sequence[int], actor: User, reason_code: str, reason: str = "") -> list[Outcome]:
    """Refuse what is asked for, also what was proposed. NOOR says that we do not hold it; LEGL needs words.

    Needs recall.ask. Writes the answers. Records recall_request.refused.
    """
    access.demand(actor, ASK)
    _demand_person(actor)
    if reason_code not in REFUSALS:
        raise BusinessError("recall.reason_unknown", code=reason_code[:8])
    if reason_code == "LEGL" and not reason.strip():
        raise BusinessError("payment.reason_required")
    with transaction.atomic():
        found = _lock(ids, actor)
        answered = files.channels(list(found))
        outcomes, going = [], []
        for key in ids:
            row = found.get(key)
            refused = _scope(key, row, actor, ASK, {S.OPEN, S.PROPOSED})
            if row is not None and not refused:
                if reason_code == "NOOR" and row.payment_id is not None:
                    refused = no(key, "recall.is_held")
                elif key not in answered:
                    refused = no(key, "recall.no_account")
            outcomes.append(refused or Outcome(key, True, made=key))
            if row is not None and not refused:
                row.answer_code, row.answer_text = reason_code, reason.strip()[:500]
                going.append(row)
        _close(going, S.REFUSED, actor, reason)
    return outcomes


def _close(rows: list[RecallRequest], status: str, actor: User, reason: str = "") -> None:
    """Write the answers, of what is accepted the returns, and close the requests."""
    if not rows:
        return
    accepted = status == S.ACCEPTED
    answers = files.answers(rows, camt029.ACCEPTED if accepted else camt029.REFUSED, actor)
    returns = files.returns(rows, actor) if accepted else {}
    for row in rows:
        row.status, row.decided_by, row.decided_at = status, actor, timezone.now()
        row.answer_file, row.return_file = answers[row.pk], returns.get(row.pk)
    RecallRequest.objects.bulk_update(rows, [
        "status", "decided_by", "decided_at", "answer_code", "answer_text", "answer_file", "return_file",
    ])  # fmt: skip
    _record(status, rows, actor, reason)


def _record(step: str, rows: Sequence[RecallRequest], actor: User, reason: str) -> None:
    trail.record_many(
        f"recall_request.{step}", subject_type="recall_request", actor=actor, reason=reason.strip(),
        subjects=[
            (row.pk, row.entity_id, {"payment": row.payment_id, "reason_code": row.answer_code}) for row in rows
        ],
    )  # fmt: skip
    trail.record_many(
        f"payment.recall_request_{step}", subject_type="payment", actor=actor, reason=reason.strip(),
        subjects=[
            (row.payment_id, row.entity_id, {"request": row.pk, "reason_code": row.answer_code})
            for row in rows if row.payment_id is not None
        ],
    )  # fmt: skip


def _scope(key: int, row: RecallRequest | None, actor: User, right: str, states: set[Any]) -> Outcome | None:
    if row is None:
        return no(key, "not_there")
    if not access.can(actor, right, row.entity_id):
        return no(key, "denied", right=right)
    return None if row.status in states else no(key, "recall.answered_before")


def _lock(ids: Sequence[int], actor: User, further: Sequence[int] = ()) -> dict[int, RecallRequest]:
    """The requests that the actor may see, what giving them back may touch locked before them. Inside ``atomic()``.

    A request whose payment changed between is not there: whoever asks reads it again.
    """
    before = dict(sql.rows("select id, payment_id from transactions_recallrequest where id = any(%s)", [list(ids)]))
    ledger.lock(sorted({*(key for key in before.values() if key is not None), *further}))
    places = set(access.entity_ids(actor, "recall.view"))
    rows = locks.lock(RecallRequest.objects.select_related("entity", "payment", "item__message"), ids)
    return {row.pk: row for row in rows if row.entity_id in places and row.payment_id == before.get(row.pk)}


def _demand_person(actor: User) -> None:
    if actor.is_machine:
        raise Denied("payment.by_machine")
