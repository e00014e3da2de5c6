"""Messages of the bank and what waits in them. Each function says its queries."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from transactions.models import BankMessage, MessageItem, Payment

WAITING = (MessageItem.Outcome.UNKNOWN, MessageItem.Outcome.REFUSED)
MOST_CANDIDATES = 10


def received(entity_ids: Sequence[int]) -> QuerySet[BankMessage]:
    return BankMessage.objects.filter(entity__in=entity_ids).select_related("entity", "imported_by")


def items(message: BankMessage) -> QuerySet[MessageItem]:
    return MessageItem.objects.filter(message=message).select_related("payment", "outgoing", "decided_by")


def waiting(entity_ids: Sequence[int]) -> QuerySet[MessageItem]:
    """Answers that wait for a person."""
    rows = MessageItem.objects.filter(entity__in=entity_ids, outcome__in=WAITING)
    return rows.select_related("message", "entity", "payment", "outgoing", "decided_by")


def of_file(outgoing_id: int, most: int = 20) -> list[MessageItem]:
    """What banks said of a file of ours, newest first. One query."""
    return list(
        MessageItem.objects.filter(outgoing=outgoing_id).select_related("message", "payment").order_by("-id")[:most]
    )


def candidates(item: MessageItem) -> list[Payment]:
    """Payments that went to the bank and that an answer could speak of, by its references. One query."""
    named = Q(pk__in=[])
    if item.end_to_end_id and item.end_to_end_id != "NOTPROVIDED":
        named |= Q(end_to_end_id=item.end_to_end_id)
    digits = item.instruction_id.removeprefix("P")
    if digits.isascii() and digits.isdecimal() and len(digits) < 19:
        named |= Q(pk=int(digits))
    sent = Payment.objects.filter(named, entity=item.entity_id, outgoing__file__sent_at__isnull=False)
    return list(sent.select_related("state").order_by("-pk")[:MOST_CANDIDATES])
