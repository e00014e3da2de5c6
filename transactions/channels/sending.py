"""Carries files out, each exactly once as far as that can be known, and says so where it cannot.

No transaction is open while the other side is spoken to. A lock of the session keeps a second worker away; what a
worker was about to do is committed before it does it. Up to *writing* nothing can have arrived, so the file is simply
sent anew. From *placing* on it may have: then the next attempt looks first. The final name is there: delivered. The
other name is still there, whole: the file never got its name, and gets it now. Neither: somebody may have taken it, and
only a person or an answer of the bank can tell (``unsure``).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.common import locks, sql
from backoffice.common.tasks import enqueue
from documents import attachments, trail
from transactions.channels import health, names, receipts, ways
from transactions.channels.ways import Fault, Found, Letter, Way
from transactions.models import BankChannel, ChannelRoute, OutgoingFile, Transmission, TransmissionAttempt

DELAYS = (15, 30, 60, 120, 300, 600, 1800, 3600)
GIVE_UP = timedelta(days=1)
# For so long nobody asks after an attempt that does not end: its worker was killed.
LEASE = timedelta(seconds=60)
BOUND = 500
Status, Stage = Transmission.Status, Transmission.Stage


def assign(file: OutgoingFile) -> Transmission | None:
    """Give a file that is being sent to the channel of its account, else to that of all others. None: there is none.
    Inside ``atomic()``."""
    ways_out = ChannelRoute.objects.select_related("channel").filter(entity_id=file.entity_id, kind=file.kind)
    route = ways_out.filter(account_id=file.account_id).first() or ways_out.filter(account=None).first()
    if route is None:
        return None
    now = timezone.now()
    made = Transmission.objects.create(
        file=file, entity_id=file.entity_id, channel=route.channel, since=now, next_at=now,
        remote_name=names.made(
            route.channel.file_name, message_id=file.message_id, kind=file.kind, on=file.execution_date
        ),
    )  # fmt: skip
    enqueue("transactions.transmit", made.pk)
    return made


def transmit(transmission_id: int) -> None:
    """Carry one file out if it is due. Another worker at it, or nothing to do: nothing happens."""
    with locks.alone(f"transmission:{transmission_id}") as held:
        if not held:
            return
        run = _claim(transmission_id)
        if run is not None:
            run.go()


def due() -> int:
    """Enqueue what is due, tell what is late. Called every 15 seconds; returns how many were enqueued."""
    with transaction.atomic():
        found = sql.rows(
            """select t.id from transactions_transmission t join transactions_bankchannel c on c.id = t.channel_id
               where t.status in ('waiting', 'sending') and t.next_at <= now() and c.is_active and not c.needs_person
               order by t.next_at limit %s""",
            [BOUND],
        )
        for (key,) in found:
            enqueue("transactions.transmit", key)
    receipts.tell_late()
    return len(found)


def letter(transmission: Transmission) -> Letter:
    """The file to carry. Its bytes have the recorded fingerprint, or it is not carried."""
    file = transmission.file
    assert file.attachment is not None  # noqa: S101 - a constraint: what is sent has its bytes
    content = attachments.read(file.attachment)
    return Letter(transmission.remote_name, content, file.attachment.sha256, file.message_id, file.kind)


def _claim(transmission_id: int) -> "_Run | None":
    with transaction.atomic():
        rows = Transmission.objects.select_related("channel__entity", "file__attachment")
        found = locks.lock(rows, [transmission_id])
        now = timezone.now()
        if not found or not _usable(found[0].channel) or found[0].next_at > now:
            return None
        held = found[0]
        if held.status not in {Status.WAITING, Status.SENDING}:
            return None
        resumed = held.status == Status.SENDING and held.stage == Stage.PLACING
        held.log.filter(ended_at=None).update(ended_at=now, code="channel.worker_gone")
        held.status, held.attempts = Status.SENDING, held.attempts + 1
        held.stage = Stage.PLACING if resumed else Stage.BEGUN
        held.next_at = now + LEASE
        held.save(update_fields=["status", "attempts", "stage", "next_at"])
        attempt = TransmissionAttempt.objects.create(
            transmission=held, number=held.attempts, begun_at=now, stage=held.stage
        )
        return _Run(held, attempt, resumed)


def _usable(channel: BankChannel) -> bool:
    return channel.is_active and not channel.needs_person


class _Overtaken(Exception):
    """Somebody else went on with this file: this attempt does nothing more."""


@dataclass
class _Run:
    transmission: Transmission
    attempt: TransmissionAttempt
    resumed: bool

    def go(self) -> None:
        try:
            with ways.opened(self.transmission.channel) as way:
                self.attempt.address = way.address
                found = self._carry(way, letter(self.transmission))
                self.attempt.address = way.address
        except Fault as fault:
            self._failed(fault)
        except _Overtaken:
            return
        else:
            self._arrived(found)

    def _carry(self, way: Way, sent: Letter) -> Found:
        found = way.look(sent)
        if found.final is not None:
            return self._theirs(found, sent)
        placing = self.resumed
        if placing and not way.sure_when_absent and found.unfinished != len(sent.content):
            raise Fault("transmission.gone_or_taken", lasting=True)
        if not placing:
            self._reach(Stage.WRITING)
            self.attempt.verified = way.write(sent)
        self._reach(Stage.PLACING)
        self.resumed = True
        return self._checked(way.place(sent))

    def _theirs(self, found: Found, sent: Letter) -> Found:
        """The final name is there already: it is our file, or nobody knows what it is."""
        if found.final != len(sent.content) or found.same is False:
            self.resumed = True  # whatever lies there came from somewhere: nothing is tried again by itself
            raise Fault("transmission.other_there", lasting=True, size=found.final or 0)
        self.attempt.verified = found.same
        return found

    def _checked(self, found: Found) -> Found:
        if found.same is False:
            raise Fault("transmission.other_there", lasting=True, size=found.final or 0)
        if found.same is not None:
            self.attempt.verified = found.same
        return found

    def _reach(self, stage: str) -> None:
        """Commit what comes next before it is done, unless another attempt began meanwhile."""
        with transaction.atomic():
            mine = Transmission.objects.filter(
                pk=self.transmission.pk, status=Status.SENDING, attempts=self.attempt.number
            ).update(stage=stage)
            if not mine:
                raise _Overtaken
            self.attempt.stage = stage
            self.attempt.save(update_fields=["stage"])

    def _mine(self) -> Transmission | None:
        """The row, locked, while this attempt is the present one. Inside ``atomic()``."""
        found = locks.lock(Transmission.objects.select_related("channel", "file"), [self.transmission.pk])
        here = found and found[0].status == Status.SENDING and found[0].attempts == self.attempt.number
        return found[0] if here else None

    def _end(self, code: str = "", params: dict[str, Any] | None = None) -> None:
        self.attempt.ended_at, self.attempt.code, self.attempt.params = timezone.now(), code, params or {}
        self.attempt.save(update_fields=["ended_at", "code", "params", "address", "verified", "stage"])

    def _arrived(self, found: Found) -> None:
        with transaction.atomic():
            held = self._mine()
            self.attempt.stage = Stage.DONE
            self._end()
            if held is not None:
                receipts.delivered(held, actor=None)
                if found.acknowledged:
                    receipts.acknowledged(held, by="adapter")
            health.worked(self.transmission.channel_id)

    def _failed(self, fault: Fault) -> None:
        now = timezone.now()
        with transaction.atomic():
            held = self._mine()
            self._end(fault.code, fault.params)
            health.failed(self.transmission.channel_id, fault)
            if held is None:
                return
            held.code, held.params = fault.code, fault.params
            # What a person must mend at the channel keeps its files waiting; they go on when it is mended.
            mendable = fault.of_channel or fault.code == "channel.name_taken"
            if mendable and now - held.since < GIVE_UP:
                held.status = Status.SENDING if held.stage == Stage.PLACING else Status.WAITING
                held.next_at = now + timedelta(seconds=DELAYS[min(held.attempts, len(DELAYS)) - 1])
            elif self.resumed and fault.code != "channel.file_refused":
                held.status = Status.UNSURE
            else:
                held.status = Status.FAILED
            held.save(update_fields=["status", "next_at", "code", "params"])
            if held.status in {Status.UNSURE, Status.FAILED}:
                action = "outgoing.unsure" if held.status == Status.UNSURE else "outgoing.undelivered"
                trail.record(
                    action, subject_type="outgoing", subject_id=held.file_id, entity_id=held.entity_id, actor=None,
                    data={"channel": held.channel.name, "code": fault.code, "params": fault.params},
                )  # fmt: skip


def again(transmission: Transmission) -> None:
    """Put a file that is not there in the line once more. Inside ``atomic()``, the row locked."""
    transmission.status, transmission.stage = Status.WAITING, Stage.BEGUN
    transmission.since = transmission.next_at = timezone.now()
    transmission.code, transmission.params = "", {}
    transmission.delivered_at = transmission.ack_due_at = transmission.late_told_at = None
    transmission.save(update_fields=receipts.CHANGES)
    enqueue("transactions.transmit", transmission.pk)


def waiting_on(channel: BankChannel) -> int:
    """How many files wait for a channel."""
    return Transmission.objects.filter(channel=channel, status__in=[Status.WAITING, Status.SENDING]).count()
