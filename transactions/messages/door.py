"""Taking a message of the bank in: its bytes are kept, then a worker reads and applies it."""

import hashlib
import io
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from backoffice.common import locks, sql
from backoffice.common.errors import BusinessError, Conflict
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import attachments, trail
from documents.models import AttachmentLink
from transactions.channels import receipts
from transactions.intake import open_file
from transactions.intake.rows import ERROR, FileRefused
from transactions.messages import cases, matching, reading
from transactions.messages.reading import Head, Item, StatusReader
from transactions.models import BankMessage
from transactions.recalls import answers, requests

ONCE, SAME_ID = "message_taken_in_once", "message_id_once"
# A report on more than our largest files would answer: nothing of it could be ours.
MOST_ITEMS = 200_000
_COLUMNS = (
    "message_id", "entity_id", "position", "line", "level", "status", "reason_code", "reason_text", "payment_info_id",
    "instruction_id", "end_to_end_id", "uetr", "case_id", "amount", "currency", "effective_on", "payment_count",
    "outcome", "outcome_code", "decision",
)  # fmt: skip


# What reading makes of a message; the rest of its row stays as it came.
_MADE = [
    "format", "sender", "message_id", "sent_on", "original_message_id", "original_message_name", "status",
    "refusal_code", "refusal_params", "item_count", "read_at",
]  # fmt: skip


class _Refused(Exception):
    def __init__(self, code: str, params: dict[str, Any]) -> None:
        self.code, self.params = code, params


def recognise(content: bytes) -> str:
    """The kind of message that the bytes hold, or "" when it is none of those that this room reads."""
    try:
        kind, _root = open_file.kind_of(io.BytesIO(content))
    except BusinessError:
        return ""
    return kind if kind in reading.KINDS else ""


def receive(
    *, content: bytes, file_name: str, entity: Entity, actor: User | None, channel: str = "file"
) -> BankMessage:
    """Keep a message of the bank and wake its reader (``transactions.read_message``) on commit.

    Needs message.import in the entity (``actor`` None: the console). What is no such message is refused; bytes that
    were taken in before are a :class:`Conflict` ``message.seen_before``. Records message.received.
    """
    if actor is not None:
        access.demand(actor, "message.import", entity.pk)
    kind = recognise(content)
    if not kind:
        raise BusinessError("message.other_kind")
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        _refuse_seen(entity, sha256)
        try:
            with transaction.atomic():
                message = _keep(
                    content=content, sha256=sha256, kind=kind, file_name=file_name, entity=entity, actor=actor,
                    channel=channel,
                )  # fmt: skip
        except IntegrityError as error:
            if ONCE not in str(error):
                raise
            _refuse_seen(entity, sha256)
            raise
        enqueue("transactions.read_message", message.pk)
    return message


def _refuse_seen(entity: Entity, sha256: str) -> None:
    former = BankMessage.objects.filter(entity=entity, sha256=sha256).exclude(status="refused").first()
    if former is not None:
        raise Conflict("message.seen_before", message=former.pk, file_name=former.file_name)


def _keep(
    *, content: bytes, sha256: str, kind: str, file_name: str, entity: Entity, actor: User | None, channel: str
) -> BankMessage:
    attachment = attachments.store(
        content=content, name=file_name, content_type="application/xml", entity_id=entity.pk, actor=actor
    )
    message = BankMessage.objects.create(
        entity=entity, kind=kind, attachment=attachment, sha256=sha256, file_name=attachment.name, imported_by=actor
    )
    attachments.link(
        attachment, subject_type="message", subject_id=message.pk, kind=AttachmentLink.Kind.SOURCE, actor=actor
    )
    trail.record(
        "message.received", subject_type="message", subject_id=message.pk, entity_id=entity.pk, actor=actor,
        data={"channel": channel, "file_name": message.file_name, "sha256": sha256, "size": len(content)},
    )  # fmt: skip
    return message


def read_message(message_id: int) -> None:
    """Read a received message and apply it, whole or not at all. Nothing happens when it is not received (any more).

    Locks the message, then the states and balances that it moves, then the files that it answers, then their
    transmissions.
    """
    with transaction.atomic():
        rows = BankMessage.objects.filter(status=BankMessage.Status.RECEIVED).select_related("attachment")
        found = locks.lock(rows, [message_id])
        if not found:
            return
        message = found[0]
        try:
            with transaction.atomic():
                _apply(message)
        except FileRefused as refusal:
            _refuse(message, refusal.code, refusal.params)
        except _Refused as refusal:
            _refuse(message, refusal.code, refusal.params)
        except IntegrityError as error:
            # Two messages with one identification at the same moment: the second one waited, and is the repeat.
            if SAME_ID not in str(error):
                raise
            _refuse(message, "message.id_seen", {"id": message.message_id})


def _apply(message: BankMessage) -> None:
    stream = io.BytesIO(attachments.read(message.attachment))
    _kind, root = open_file.kind_of(stream)
    if root is None:
        raise _Refused("message.other_kind", {})
    reader = cases.reader_of(stream, root)
    items = _collected(reader)
    _understood(message, reader.head)
    broken = next((problem for problem in reader.report.problems if problem.severity == ERROR), None)
    if broken is not None:
        raise _Refused("message.broken", {"code": broken.code, "params": broken.params, "at": broken.line or 0})
    if not items:
        raise _Refused("message.no_status", {})
    same = BankMessage.objects.filter(
        entity_id=message.entity_id, kind=message.kind, sender=message.sender, message_id=message.message_id,
        status=BankMessage.Status.APPLIED,
    ).first()  # fmt: skip
    if message.message_id and same is not None:
        raise _Refused("message.id_seen", {"id": message.message_id, "message": same.pk})
    message.save(update_fields=_MADE)  # matched in SQL
    rows = [_row(message, number, item) for number, item in enumerate(items, start=1)]
    sql.copy("transactions_messageitem", _COLUMNS, rows)
    made = _matched(message, items)
    if message.original_message_id:
        # Whatever it says of the payments, it says that the bank has the file.
        receipts.by_file(
            entity_id=message.entity_id, message_id=message.original_message_id, by=message.message_id or str(message)
        )
    message.status, message.item_count, message.read_at = BankMessage.Status.APPLIED, len(items), timezone.now()
    message.save(update_fields=_MADE)
    trail.record(
        "message.applied", subject_type="message", subject_id=message.pk, entity_id=message.entity_id,
        actor=message.imported_by, data={"items": len(items), **made},
    )  # fmt: skip


def _matched(message: BankMessage, items: list[Item]) -> dict[str, Any]:
    """Do what the message says: of payments, of our recalls, or as a recall of another bank."""
    if message.kind == BankMessage.Kind.CAMT029:
        return answers.apply(message)
    if message.kind == BankMessage.Kind.CAMT056:
        return requests.take_in(message, items)
    return matching.apply(message)


def _collected(reader: StatusReader) -> list[Item]:
    found: list[Item] = []
    for item in reader.items():
        if len(found) >= MOST_ITEMS:
            raise _Refused("message.too_many", {"most": MOST_ITEMS})
        found.append(item)
    return found


def _understood(message: BankMessage, head: Head) -> None:
    message.format, message.sender, message.message_id = head.format[:35], head.sender, head.message_id
    message.sent_on = _day(head.sent_on)
    message.original_message_id, message.original_message_name = head.original_message_id, head.original_message_name


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _row(message: BankMessage, number: int, item: Item) -> tuple[Any, ...]:
    return (
        message.pk, message.entity_id, number, item.line, item.level, item.status, item.reason_code, item.reason_text,
        item.payment_info_id, item.instruction_id, item.end_to_end_id, item.uetr, item.case_id, item.amount,
        item.currency, _day(item.effective_on), 0, "read", "", "",
    )  # fmt: skip


def _refuse(message: BankMessage, code: str, params: dict[str, Any]) -> None:
    message.status, message.read_at = BankMessage.Status.REFUSED, timezone.now()
    message.refusal_code, message.refusal_params = code, params
    message.save(update_fields=_MADE)
    trail.record(
        "message.refused", subject_type="message", subject_id=message.pk, entity_id=message.entity_id,
        actor=message.imported_by, data={"code": code, "params": params},
    )  # fmt: skip
