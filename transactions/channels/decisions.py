"""A person's acts on a file that did not surely arrive: look, send again, or say that it arrived.

``look`` answers in four words what lies on the other side: *absent*, *whole*, *other*, *unknown*. Only what is absent
is sent again. A file that may have arrived is sent again by another person than the one who sent it, with a reason:
absence alone does not prove that the bank has not taken it.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import locks
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import User
from documents import trail
from transactions.channels import receipts, sending, ways
from transactions.channels.ways import Fault
from transactions.models import Transmission

SEND = "outgoing.send"
ABSENT, WHOLE, OTHER, UNKNOWN = "absent", "whole", "other", "unknown"
Status = Transmission.Status
OPEN = frozenset({Status.FAILED, Status.UNSURE, Status.DELIVERED})


@dataclass(frozen=True)
class Look:
    """``word`` is one of the four; ``code`` and ``params`` say why nothing is known."""

    word: str
    code: str = ""
    params: dict[str, Any] | None = None
    acknowledged: bool = False


def look(*, file_id: int, actor: User) -> Look:
    """What lies on the other side now. Needs outgoing.send; speaks to the bank, moves nothing there."""
    return _look(_found(file_id, actor))


def send_again(*, file_id: int, actor: User, reason: str) -> tuple[Transmission, Look]:
    """Look, and when nothing is there put the file in the line again. What is there whole becomes delivered.

    Refused: what is there and is another file, what cannot be looked at, and the person who sent a file that may have
    arrived. Needs outgoing.send. Records outgoing.sent_again.
    """
    said, before = _said(reason), _found(file_id, actor)
    if before.status not in OPEN:
        raise Conflict("transmission.not_open", status=before.status)
    if before.status != Status.FAILED and before.file.sent_by_id == actor.pk:
        raise BusinessError("transmission.another_person")
    seen = _look(before)
    if seen.word == UNKNOWN:
        raise BusinessError("transmission.not_looked", cause=str(Fault(seen.code, **(seen.params or {}))))
    if seen.word == OTHER:
        raise BusinessError("transmission.other_there", size=0)
    with transaction.atomic():
        held = _unchanged(before)
        if seen.acknowledged:
            receipts.acknowledged(held, by="adapter")
        elif seen.word == WHOLE:
            if held.status == Status.DELIVERED:
                raise Conflict("transmission.is_there")
            _decide(held, actor, said)
            receipts.delivered(held, actor=actor, reason=said)
        else:
            _decide(held, actor, said)
            sending.again(held)
            _record("outgoing.sent_again", held, actor, said)
    return held, seen


def arrived(*, file_id: int, actor: User, reason: str) -> Transmission:
    """The bank has the file, as a person learned elsewhere. Needs outgoing.send; of failed and unsure files alone."""
    said, before = _said(reason), _found(file_id, actor)
    if before.status not in {Status.FAILED, Status.UNSURE}:
        raise Conflict("transmission.not_open", status=before.status)
    with transaction.atomic():
        held = _unchanged(before)
        _decide(held, actor, said)
        receipts.delivered(held, actor=actor, reason=said)
    return held


def _found(file_id: int, actor: User) -> Transmission:
    access.demand(actor, SEND)
    found = (
        Transmission.objects.select_related("channel__entity", "file__attachment")
        .filter(file_id=file_id, entity__in=access.entity_ids(actor, "outgoing.view"))
        .first()
    )
    if found is None:
        raise NotThere("not_there")
    access.demand(actor, SEND, found.entity_id)
    return found


def _look(transmission: Transmission) -> Look:
    sent = sending.letter(transmission)
    try:
        with ways.opened(transmission.channel) as way:
            found = way.look(sent)
    except Fault as fault:
        return Look(UNKNOWN, fault.code, fault.params)
    if found.final is None:
        return Look(ABSENT)
    whole = found.final == len(sent.content) and found.same is not False
    return Look(WHOLE if whole else OTHER, acknowledged=found.acknowledged)


def _unchanged(before: Transmission) -> Transmission:
    """The row, locked, when nothing happened to it since it was looked at."""
    held = locks.lock(Transmission.objects.select_related("channel", "file"), [before.pk])[0]
    if (held.status, held.attempts, held.decided_at) != (before.status, before.attempts, before.decided_at):
        raise Conflict("transmission.not_open", status=held.status)
    return held


def _decide(held: Transmission, actor: User, reason: str) -> None:
    held.decided_by, held.decided_at, held.decision = actor, timezone.now(), reason


def _said(reason: str) -> str:
    said = " ".join(reason.split())
    if not said or len(said) > 500:
        raise BusinessError("transmission.reason_missing")
    return said


def _record(action: str, held: Transmission, actor: User, reason: str) -> None:
    trail.record(
        action, subject_type="outgoing", subject_id=held.file_id, entity_id=held.entity_id, actor=actor,
        reason=reason, data={"channel": held.channel.name, "name": held.remote_name},
    )  # fmt: skip
