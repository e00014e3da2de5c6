"""The only door in: a file, or payments as data. What comes is kept as it came before anything is made of it."""

import hashlib
from typing import Any

from django.db import IntegrityError, transaction

from backoffice.common.errors import BusinessError, Conflict
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import attachments, trail
from documents.models import AttachmentLink
from transactions.intake import few, json_rows, open_file, store
from transactions.models import IntakeSource, PaymentBatch

FILE_CHANNELS = frozenset({PaymentBatch.Channel.FILE, PaymentBatch.Channel.COMMAND})
ONCE = "batch_file_taken_in_once"
MOST_PAYMENTS = 10_000


def receive(
    *,
    content: bytes,
    file_name: str,
    entity: Entity,
    actor: User | None,
    channel: str,
    source: IntakeSource | None = None,
    content_type: str = "",
) -> PaymentBatch:
    """Take a file in: keep its bytes, open a batch, wake the reader (``transactions.read_batch``) on commit.

    Needs batch.import in the entity (``actor`` None: the console). Bytes that this entity took in before are refused
    with :class:`Conflict` ``batch.seen_before`` (params ``batch``, ``file_name``, ``received_at``), also when several
    clients send them at once; a refused or cancelled batch does not stand in the way. Records batch.received.
    """
    if actor is not None:
        access.demand(actor, "batch.import", entity.pk)
    _check_source(source, entity)
    if content_type in {open_file.JSON_TYPE, open_file.STANDING_TYPE, open_file.CARDS_TYPE}:
        content_type = ""  # ours alone: payments as data are read whole, and their maker is known (below)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        _refuse_seen(entity, sha256)
        try:
            with transaction.atomic():
                batch = _open(
                    content=content,
                    sha256=sha256,
                    file_name=file_name,
                    entity=entity,
                    actor=actor,
                    channel=channel,
                    source=source,
                    content_type=content_type,
                )
        except IntegrityError as error:
            # Another client was first and has committed meanwhile: the constraint waited for it.
            if ONCE not in str(error):
                raise
            _refuse_seen(entity, sha256)
            raise
        enqueue("transactions.read_batch", batch.pk)
    return batch


def receive_payments(
    *,
    payments: list[dict[str, Any]],
    entity: Entity,
    actor: User | None,
    channel: str,
    source: IntakeSource | None = None,
    cards: bool = False,
) -> PaymentBatch:
    """Take structured payments in and read them at once, in the same transaction. Names are in json_rows.py; of what an
    acquirer reports (``cards``) in cards.py.

    Needs payment.create in the entity. What was wrong are the batch's problems (``said_count`` of them); a batch of
    which nothing could be taken is refused. At most 10,000 payments. Of a few that were clean, ``taken`` are the
    payments with their states, which saves asking for them.
    """
    if actor is not None:
        access.demand(actor, "payment.create", entity.pk)
    _check_source(source, entity)
    if source is not None and source.maker == IntakeSource.Maker.SENDER and actor is not None and not actor.is_machine:
        # What a person types is that person's; naming an outside sender would let them sign it.
        raise BusinessError("source.of_a_sender", source=source.code)
    if not payments:
        raise BusinessError("json.no_payments")
    if len(payments) > MOST_PAYMENTS:
        raise BusinessError("json.too_many", count=len(payments), largest=MOST_PAYMENTS)
    content = json_rows.encode(payments)
    door: dict[str, Any] = {
        "content": content,
        "file_name": "payments.json",
        "content_type": open_file.CARDS_TYPE if cards else open_file.JSON_TYPE,
        "entity": entity,
        "actor": actor,
        "channel": channel,
        "source": source,
    }
    # Inside a transaction already (that of an idempotent call) a savepoint would buy nothing: what fails undoes it all.
    with transaction.atomic(savepoint=False):
        batch = few.take_in(**door) if few.plain(payments) and not cards else None
        said = 0
        if batch is None:
            batch = _open(sha256=hashlib.sha256(content).hexdigest(), **door)
            said = store.take_in(batch, waited=True)
        batch.said_count = said  # type: ignore[attr-defined]
    return batch


def receive_standing(*, payments: list[dict[str, Any]], entity: Entity) -> PaymentBatch:
    """Take in what standing orders of one maker pay, each payment with the number of its ``due`` date, for the reader.

    Called by the machine alone, inside ``atomic()``; the dates are written in the same transaction, after the batch.
    """
    content = json_rows.encode(payments)
    batch = _open(
        content=content, sha256=hashlib.sha256(content).hexdigest(), file_name="standing-orders.json", entity=entity,
        actor=None, channel=PaymentBatch.Channel.STANDING, source=None, content_type=open_file.STANDING_TYPE,
    )  # fmt: skip
    enqueue("transactions.read_batch", batch.pk)
    return batch


def _check_source(source: IntakeSource | None, entity: Entity) -> None:
    if source is not None and (source.entity_id != entity.pk or not source.is_active):
        raise BusinessError("source.not_usable", source=source.code, entity=entity.code)


def _refuse_seen(entity: Entity, sha256: str) -> None:
    former = (
        PaymentBatch.objects.filter(entity=entity, sha256=sha256, channel__in=FILE_CHANNELS)
        .exclude(status__in=[PaymentBatch.Status.REFUSED, PaymentBatch.Status.CANCELLED])
        .first()
    )
    if former is not None:
        raise Conflict(
            "batch.seen_before",
            batch=former.pk,
            file_name=former.file_name,
            received_at=former.created_at.isoformat(timespec="seconds"),
        )


def _open(
    *,
    content: bytes,
    sha256: str,
    file_name: str,
    entity: Entity,
    actor: User | None,
    channel: str,
    source: IntakeSource | None,
    content_type: str,
) -> PaymentBatch:
    attachment = attachments.store(
        content=content, name=file_name, content_type=content_type, entity_id=entity.pk, actor=actor
    )
    batch = PaymentBatch.objects.create(
        entity=entity,
        source=source,
        channel=channel,
        attachment=attachment,
        sha256=sha256,
        file_name=attachment.name,
        imported_by=actor,
    )
    attachments.link(
        attachment, subject_type="batch", subject_id=batch.pk, kind=AttachmentLink.Kind.SOURCE, actor=actor
    )
    trail.record(
        "batch.received",
        subject_type="batch",
        subject_id=batch.pk,
        entity_id=entity.pk,
        actor=actor,
        data={
            "channel": channel,
            "file_name": batch.file_name,
            "sha256": sha256,
            "size": len(content),
            "source": source.code if source else None,
        },
    )
    return batch
