"""What a person makes of an answer that was not recognised or could not be applied."""

from django.db import transaction
from django.utils import timezone

from backoffice.common import locks, sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import User
from documents import trail
from transactions.messages import matching
from transactions.messages.statuses import RETURNS, SETTLES
from transactions.models import BankMessage, MessageItem, OutgoingItem, Payment
from transactions.recalls import answers

O = MessageItem.Outcome  # noqa: E741  as the states are S
WAITING = (O.UNKNOWN, O.REFUSED)


def assign(*, item_id: int, payment_id: int, actor: User, reason: str) -> MessageItem:
    """Say which payment an answer speaks of, and do what it says: return it, settle it, note it, or answer its recall.

    Needs message.decide, and for what moves the books the right to it; whoever brought the message in does not decide
    what it moves. The payment went to the bank, and the amount is that of the answer when it names one.
    """
    with transaction.atomic():
        item, message = _open(item_id, actor, reason)
        if item.level != MessageItem.Level.PAYMENT or message.kind == BankMessage.Kind.CAMT056:
            raise BusinessError("answer.of_a_file")
        _may_move(item, message, actor)
        payment = Payment.objects.filter(pk=payment_id, entity_id=item.entity_id).first()
        if payment is None:
            raise NotThere("not_there")
        sent = OutgoingItem.objects.filter(payment=payment, file__sent_at__isnull=False).first()
        if sent is None:
            raise BusinessError("answer.not_sent")
        if item.amount is not None and (item.amount, item.currency) != (payment.amount, payment.currency):
            raise BusinessError("answer.other_amount", amount=str(item.amount), currency=item.currency)
        item.payment, item.outgoing_id, item.payment_count = payment, sent.file_id, 1
        _decide(item, O.ASSIGNED, actor, reason)
        if message.kind == BankMessage.Kind.CAMT029:
            if code := answers.assign(message, item=item.pk, payment=payment.pk, actor=actor):
                raise BusinessError(code)
            return item
        refused = matching.carry_out(message, outcomes=[O.ASSIGNED], item=item.pk, actor=actor)
        if refused.get(payment.pk):
            raise BusinessError(refused[payment.pk])
    return item


def dismiss(*, item_id: int, actor: User, reason: str) -> MessageItem:
    """Lay an answer aside: nothing moves, and why stays on record."""
    with transaction.atomic():
        item, _message = _open(item_id, actor, reason)
        _decide(item, O.DISMISSED, actor, reason)
    return item


def _open(item_id: int, actor: User, reason: str) -> tuple[MessageItem, BankMessage]:
    """The item that waits, its message locked. Inside ``atomic()``."""
    access.demand(actor, "message.decide")
    row = sql.rows("select message_id from transactions_messageitem where id = %s", [item_id])
    if not row:
        raise NotThere("not_there")
    message = locks.lock(BankMessage.objects.all(), [row[0][0]])[0]
    item = MessageItem.objects.get(pk=item_id)
    if item.entity_id not in access.entity_ids(actor, "message.view"):
        raise NotThere("not_there")
    access.demand(actor, "message.decide", item.entity_id)
    if item.outcome not in WAITING:
        raise Conflict("answer.decided_before")
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    return item, message


def _may_move(item: MessageItem, message: BankMessage, actor: User) -> None:
    right = "payment.return" if item.status in RETURNS else "payment.settle" if item.status in SETTLES else ""
    if not right:
        return
    access.demand(actor, right, item.entity_id)
    if actor.is_machine:
        raise BusinessError("payment.by_machine")
    if message.imported_by_id == actor.pk:
        raise BusinessError("answer.own_message")


def _decide(item: MessageItem, outcome: str, actor: User, reason: str) -> None:
    item.outcome, item.decision = outcome, reason.strip()[:500]
    item.decided_by, item.decided_at = actor, timezone.now()
    item.save(update_fields=[
        "outcome", "decision", "decided_by", "decided_at", "payment", "outgoing", "payment_count",
    ])  # fmt: skip
    data = {"item": item.pk, "position": item.position, "status": item.status, "payment": item.payment_id}
    trail.record(
        f"message.{outcome}", subject_type="message", subject_id=item.message_id, entity_id=item.entity_id,
        actor=actor, reason=item.decision, data=data,
    )  # fmt: skip
