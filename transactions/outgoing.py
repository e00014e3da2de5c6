"""A file for the bank or the clearing, whatever is in it: named once, kept as evidence, delivered once."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from backoffice.common import calendars, sql
from backoffice.people.models import User
from documents import attachments, trail
from transactions.models import Account, OutgoingFile

# A file is over when no payment of it is under way any more.
_OVER = """
    with spoken as materialized (
        select f.id from transactions_outgoingfile f
        where f.status = 'sent' and f.id in (
            select o.file_id from transactions_outgoingitem o where o.payment_id = any(%s))
        order by f.id for update),
    left_of as (
        select o.file_id, bool_or(s.status = 'sent') as waiting, bool_or(s.status = 'settled') as settled
        from transactions_outgoingitem o join transactions_paymentstate s on s.payment_id = o.payment_id
        where o.file_id in (select id from spoken) group by o.file_id)
    update transactions_outgoingfile f
    set status = case when l.settled then 'settled' else 'rejected' end
    from left_of l where l.file_id = f.id and not l.waiting
    returning f.id, f.entity_id, f.status, f.message_id
"""


@dataclass(frozen=True)
class Moment:
    """When a file is made: the moment, the day of the entity, and as messages write it."""

    now: datetime
    today: date

    @property
    def written(self) -> datetime:
        return self.now.replace(tzinfo=None, microsecond=0)


def moment(account: Account, now: datetime | None = None) -> Moment:
    now = now or timezone.now()
    return Moment(now, now.astimezone(ZoneInfo(account.entity.time_zone)).date())


def begin(*, account: Account, kind: str, at: Moment, day: date, count: int, total: Decimal) -> OutgoingFile:
    """The row of a file with its identification, for the writer. Inside ``atomic()``. ``day`` is the earliest on which
    the file is executed; closed days are passed over, but for instant transfers."""
    day = max(day, at.today)
    if kind != OutgoingFile.Kind.INSTANT:
        day = calendars.next_open_day(day)
    file = OutgoingFile.objects.create(
        entity_id=account.entity_id, kind=kind, account=account, message_id=uuid4().hex,
        execution_date=day, payment_count=count, control_sum=total,
        currency=account.currency, prepared_at=at.now,
    )  # fmt: skip
    # The last part keeps it unique when numbers start anew, in a database that was set up again.
    file.message_id = f"BO-{at.today:%Y%m%d}-{file.pk:08d}-{file.message_id[:6]}"
    return file


def keep(file: OutgoingFile, content: bytes, actor: User | None) -> None:
    """Keep the bytes of the file."""
    file.attachment = attachments.store(
        content=content, name=f"{file.message_id}.xml", content_type="application/xml", entity_id=file.entity_id,
        actor=actor,
    )  # fmt: skip
    file.save(update_fields=["message_id", "attachment"])


def record_prepared(file: OutgoingFile, actor: User | None) -> None:
    data: dict[str, Any] = {
        "message_id": file.message_id, "payments": file.payment_count, "sum": file.control_sum,
        "sha256": file.attachment.sha256 if file.attachment else "",
    }  # fmt: skip
    trail.record(
        "outgoing.prepared", subject_type="outgoing", subject_id=file.pk, entity_id=file.entity_id, actor=actor,
        data=data,
    )  # fmt: skip


def drop(message_id: str, content: bytes) -> None:
    """Put the bytes where the connector takes them, whole and once, also when a crash made us try again.

    ``kept`` holds a second name of each file that was ever put there: what is in ``kept`` and no longer waits in
    ``writing`` was delivered before.
    """
    folder = Path(settings.STATE_DIR) / "outgoing"
    kept, writing = folder / "kept" / f"{message_id}.xml", folder / "writing" / f"{message_id}.xml"
    for place in (kept.parent, writing.parent):
        place.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        with writing.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(writing, kept)
    if writing.exists():
        writing.rename(folder / f"{message_id}.xml")


def close_files(payment_ids: Sequence[int], actor: User | None, **told: int | str) -> None:
    """Files of these payments of which nothing is under way any more: settled, or rejected when nothing was. ``told``:
    by what, for their records. Inside ``atomic()``. Locks: the files by ascending key. One query."""
    for file_id, entity_id, status, message_id in sql.rows(_OVER, [list(payment_ids)]):
        trail.record(
            "outgoing.answered", subject_type="outgoing", subject_id=file_id, entity_id=entity_id, actor=actor,
            data={**told, "message_id": message_id, "status": status},
        )  # fmt: skip
