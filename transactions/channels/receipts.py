"""That a file arrived, that the bank said so, and that it has not said so in time."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from backoffice.common import locks, sql
from backoffice.people.models import User
from documents import trail
from transactions.models import Transmission

Status = Transmission.Status
# What may change of a transmission (backoffice/sql/grants.sql), but its attempts.
CHANGES = [
    "status", "stage", "since", "next_at", "delivered_at", "ack_due_at", "acknowledged_at", "acknowledged_by",
    "late_told_at", "code", "params", "decided_by", "decided_at", "decision",
]  # fmt: skip


def delivered(transmission: Transmission, *, actor: User | None, reason: str = "") -> None:
    """Inside ``atomic()``, the row locked."""
    now, minutes = timezone.now(), transmission.channel.ack_minutes
    transmission.status, transmission.stage = Status.DELIVERED, Transmission.Stage.DONE
    transmission.delivered_at, transmission.code, transmission.params = now, "", {}
    transmission.ack_due_at = now + timedelta(minutes=minutes) if minutes is not None else None
    transmission.save(update_fields=CHANGES)
    _record("outgoing.delivered", transmission, actor, {"name": transmission.remote_name}, reason)


def acknowledged(transmission: Transmission, *, by: str) -> bool:
    """The bank has the file, whatever we knew until now. ``by`` says how it said so: a name, or a message. False when
    that was known. Inside ``atomic()``, the row locked."""
    if transmission.status == Status.ACKNOWLEDGED:
        return False
    transmission.status, transmission.acknowledged_by = Status.ACKNOWLEDGED, by[:200]
    transmission.acknowledged_at = timezone.now()
    transmission.code, transmission.params = "", {}
    transmission.save(update_fields=["status", "acknowledged_by", "acknowledged_at", "code", "params"])
    _record("outgoing.acknowledged", transmission, None, {"by": by[:200]})
    return True


def by_file(*, entity_id: int, message_id: str, by: str) -> Transmission | None:
    """The file with this message id was acknowledged. None when it went by no channel. Inside ``atomic()``."""
    rows = Transmission.objects.select_related("channel", "file")
    keys = list(
        Transmission.objects.filter(entity_id=entity_id, file__message_id=message_id).values_list("pk", flat=True)
    )
    held = locks.lock(rows, keys)
    for one in held:
        acknowledged(one, by=by)
    return held[0] if held else None


def tell_late() -> int:
    """Put on record, once each, which acknowledgements did not come by their time."""
    with transaction.atomic():
        late = sql.rows(
            """update transactions_transmission set late_told_at = now()
               where id in (select id from transactions_transmission
                            where status = 'delivered' and ack_due_at < now() and late_told_at is null
                            order by id limit 500 for update skip locked)
               returning file_id, entity_id, remote_name"""
        )
        if late:
            trail.record_many(
                "outgoing.unacknowledged", subject_type="outgoing", actor=None,
                subjects=[(file, entity, {"name": name}) for file, entity, name in sorted(late)],
            )  # fmt: skip
    return len(late)


def _record(
    action: str, transmission: Transmission, actor: User | None, data: dict[str, object], reason: str = ""
) -> None:
    trail.record(
        action, subject_type="outgoing", subject_id=transmission.file_id, entity_id=transmission.entity_id,
        actor=actor, reason=reason, data={"channel": transmission.channel.name, **data},
    )  # fmt: skip
