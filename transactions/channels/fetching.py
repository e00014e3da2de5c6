"""Brings in what banks leave for us: each file once by its name and content.

A file is taken when it kept its size and moment for a while and has no name of a file in the making. Its bytes and its
row are committed first; only then is it moved or deleted there. What was committed and not yet moved is known by its
row, and is only moved the next time.
"""

import hashlib
import io
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backoffice.common import locks, sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import User
from documents import attachments, trail
from documents.models import AttachmentLink
from transactions import intake, messages
from transactions.channels import health, names, receipts, sending, ways
from transactions.channels.ways import Entry, Fault, Way
from transactions.intake import open_file
from transactions.models import BankChannel, FetchedFile, Transmission

SETTLED = timedelta(seconds=20)
MOST_AT_ONCE, MOST_ASKED = 200, 50
RUN_SECONDS = 240
Status = FetchedFile.Status


def due() -> int:
    """Enqueue every channel that brings in. Called every minute."""
    with transaction.atomic():
        found = sql.rows(
            """select id from transactions_bankchannel where is_active and not needs_person
               and (in_folder <> '' or (kind = 'adapter' and ack_minutes is not null)) order by id"""
        )
        for (key,) in found:
            enqueue("transactions.fetch", key)
    return len(found)


def fetch(channel_id: int) -> int:
    """Bring in what is whole; returns how many files were new. Another worker at it: none."""
    with locks.alone(f"fetch:{channel_id}") as held:
        channel = BankChannel.objects.select_related("entity", "source").filter(pk=channel_id).first()
        if not held or channel is None or not channel.is_active or channel.needs_person:
            return 0
        return _Poll(channel).run()


class _Poll:
    def __init__(self, channel: BankChannel) -> None:
        self.channel, self.until, self.taken = channel, time.monotonic() + RUN_SECONDS, 0

    def run(self) -> int:
        fault: Fault | None = None
        try:
            with ways.opened(self.channel) as way:
                if self.channel.kind == BankChannel.Kind.ADAPTER and self.channel.ack_minutes is not None:
                    self._ask(way)
                if self.channel.in_folder:
                    fault = self._inbox(way)
        except Fault as failure:
            fault = failure
        with transaction.atomic():
            if fault is None:
                health.worked(self.channel.pk)
            else:
                health.failed(self.channel.pk, fault)
        return self.taken

    def _inbox(self, way: Way) -> Fault | None:
        """One file that cannot be fetched or moved does not stop the others; the last such fault is returned."""
        fault: Fault | None = None
        entries = way.entries()
        known: dict[str, list[FetchedFile]] = {}
        listed = [names.shown(entry.name) for entry in entries]
        for row in FetchedFile.objects.filter(channel=self.channel, name__in=listed).order_by("pk"):
            known.setdefault(row.name, []).append(row)
        for entry in entries:
            if time.monotonic() > self.until or self.taken >= MOST_AT_ONCE:
                break
            if names.is_unfinished(entry.name) and not names.is_hostile(entry.name):
                continue
            try:
                self._one(way, entry, known.get(names.shown(entry.name), []))
            except Fault as failure:
                if failure.code in {"channel.broken_off", "channel.too_slow"}:
                    raise
                fault = failure
        return fault

    def _one(self, way: Way, entry: Entry, rows: list[FetchedFile]) -> None:
        if names.is_hostile(entry.name):
            self._refuse(entry, rows, "fetch.name_hostile", {})
            return
        if entry.size > settings.INTAKE_MAX_BYTES:
            self._refuse(entry, rows, "fetch.too_large", {"size": entry.size, "largest": settings.INTAKE_MAX_BYTES})
            return
        done = next((row for row in rows if self._is_done(row, entry)), None)
        if done is not None:
            self._take_away(way, entry, done)
            return
        seen = next((row for row in rows if row.status == Status.SEEN), None)
        if not self._settled(entry, seen):
            return
        content = way.fetch(entry)
        row = self._keep(entry, content, seen)
        self._take_away(way, entry, row)

    def _is_done(self, row: FetchedFile, entry: Entry) -> bool:
        """Was this very file taken, as far as its name, size and moment say? Where no moment is told, its bytes say."""
        if row.status in {Status.SEEN, Status.REFUSED} or row.size != entry.size or not entry.modified:
            return False
        left = self.channel.after_fetch == BankChannel.After.LEAVE
        return row.modified == entry.modified and (row.removed_at is None or left)

    def _settled(self, entry: Entry, seen: FetchedFile | None) -> bool:
        """Does it no longer grow? An adapter offers whole files alone."""
        if self.channel.kind == BankChannel.Kind.ADAPTER:
            return True
        now = timezone.now()
        if seen is None:
            FetchedFile.objects.create(
                channel=self.channel, entity_id=self.channel.entity_id, name=entry.name, size=entry.size,
                modified=entry.modified, seen_at=now,
            )  # fmt: skip
            return False
        if (seen.size, seen.modified) != (entry.size, entry.modified):
            FetchedFile.objects.filter(pk=seen.pk).update(size=entry.size, modified=entry.modified, seen_at=now)
            return False
        # An empty file is one that is about to be written, unless its name alone says all.
        whole = entry.size > 0 or entry.name.lower().endswith(names.ACKNOWLEDGES)
        return whole and now - seen.seen_at >= SETTLED

    def _refuse(self, entry: Entry, rows: list[FetchedFile], code: str, params: dict[str, Any]) -> None:
        """Leave it there, and say so once."""
        if any(row.status == Status.REFUSED and row.size == entry.size for row in rows):
            return
        with transaction.atomic():
            row, _made = FetchedFile.objects.update_or_create(
                channel=self.channel, name=names.shown(entry.name), sha256="",
                defaults={
                    "entity_id": self.channel.entity_id, "size": entry.size, "modified": entry.modified,
                    "seen_at": timezone.now(), "status": Status.REFUSED, "code": code, "params": params,
                },
            )  # fmt: skip
            _record("fetched.refused", row, None, {"code": code})

    def _keep(self, entry: Entry, content: bytes, seen: FetchedFile | None) -> FetchedFile:
        """The bytes, what they are and where they went, in one transaction; the row of before when they were taken."""
        sha256 = hashlib.sha256(content).hexdigest()
        with transaction.atomic():
            former = FetchedFile.objects.filter(channel=self.channel, name=entry.name, sha256=sha256).first()
            if former is not None:
                FetchedFile.objects.filter(pk=former.pk).update(modified=entry.modified, removed_at=None)
                if seen is not None:
                    seen.delete()
                former.modified, former.removed_at = entry.modified, None
                return former
            row = seen or FetchedFile(channel=self.channel, entity_id=self.channel.entity_id, name=entry.name)
            row.size, row.modified, row.seen_at, row.sha256 = len(content), entry.modified, timezone.now(), sha256
            _Sorting(self.channel, row).sort(content)
            row.save()
            _record("fetched.taken" if row.status == Status.TAKEN else "fetched.waiting", row, None, _where(row))
        self.taken += 1
        return row

    def _take_away(self, way: Way, entry: Entry, row: FetchedFile) -> None:
        if self.channel.after_fetch == BankChannel.After.LEAVE or row.removed_at is not None:
            return
        way.take_away(entry, archive=self.channel.after_fetch == BankChannel.After.ARCHIVE)
        FetchedFile.objects.filter(pk=row.pk).update(removed_at=timezone.now())

    def _ask(self, way: Way) -> None:
        """Ask a gateway after files that it has and that the bank has not acknowledged."""
        rows = Transmission.objects.filter(channel=self.channel, status=Transmission.Status.DELIVERED)
        for one in rows.select_related("channel", "file__attachment").order_by("delivered_at")[:MOST_ASKED]:
            if way.look(sending.letter(one)).acknowledged:
                with transaction.atomic():
                    receipts.acknowledged(locks.lock(rows.model.objects.all(), [one.pk])[0], by="adapter")


class _Sorting:
    """Where a file goes: to the transmission that it acknowledges, to the messages, to the payments, or to a person."""

    def __init__(self, channel: BankChannel, row: FetchedFile) -> None:
        self.channel, self.row = channel, row

    def sort(self, content: bytes) -> None:
        row = self.row
        row.status, row.code, row.params = Status.TAKEN, "", {}
        if row.name.lower().endswith(names.ACKNOWLEDGES) and self._acknowledges():
            return
        try:
            if row.name.lower().endswith(names.ACKNOWLEDGES):
                raise BusinessError("fetch.ack_unknown")
            with transaction.atomic():
                self._bring_in(content)
        except Conflict as known:
            row.code, row.params = known.code, dict(known.params)
        except BusinessError as refused:
            row.status, row.code, row.params = Status.WAITING, refused.code, dict(refused.params)
            if content:
                self._store(content)

    def _acknowledges(self) -> bool:
        """``<name there>.ack`` or ``<message id>.ack``: the bank has the file."""
        stem = self.row.name[: -len(names.ACKNOWLEDGES)]
        of_name = Transmission.objects.filter(channel=self.channel, remote_name=stem)
        of_id = Transmission.objects.filter(channel=self.channel, file__message_id=stem)
        keys = sorted({*of_name.values_list("pk", flat=True), *of_id.values_list("pk", flat=True)})
        held = locks.lock(Transmission.objects.select_related("channel"), keys)
        for one in held:
            receipts.acknowledged(one, by=self.row.name)
            self.row.transmission = one
        return bool(held)

    def _bring_in(self, content: bytes) -> None:
        row, entity = self.row, self.channel.entity
        if messages.recognise(content):
            row.message = messages.receive(
                content=content, file_name=row.name, entity=entity, actor=None, channel="channel"
            )
            row.attachment = row.message.attachment
            return
        kind, _root = open_file.kind_of(io.BytesIO(content))
        # Any text may be a list: only what is called one is tried as one.
        listed = kind == "csv" and row.name.lower().endswith((".csv", ".txt"))
        if kind not in {"pain001", "pain008"} and not listed:
            raise BusinessError("fetch.unknown_kind", kind=kind or "?")
        if self.channel.source is None:
            raise BusinessError("fetch.no_source")
        row.batch = intake.receive(
            content=content, file_name=row.name, entity=entity, actor=None, channel="file", source=self.channel.source
        )
        row.attachment = row.batch.attachment

    def _store(self, content: bytes) -> None:
        self.row.attachment = attachments.store(
            content=content, name=self.row.name, content_type="application/octet-stream",
            entity_id=self.channel.entity_id, actor=None,
        )  # fmt: skip
        self.row.save()
        attachments.link(
            self.row.attachment, subject_type="fetched", subject_id=self.row.pk, kind=AttachmentLink.Kind.SOURCE,
            actor=None,
        )  # fmt: skip


def dismiss(*, fetched_id: int, actor: User, reason: str) -> FetchedFile:
    """Lay a file aside that was not recognised; its bytes stay. Needs message.decide. Records fetched.dismissed."""
    access.demand(actor, "message.decide")
    said = " ".join(reason.split())
    if not said or len(said) > 500:
        raise BusinessError("transmission.reason_missing")
    with transaction.atomic():
        places = access.entity_ids(actor, "message.view")
        row = FetchedFile.objects.select_for_update(of=("self",)).filter(pk=fetched_id, entity__in=places).first()
        if row is None:
            raise NotThere("not_there")
        access.demand(actor, "message.decide", row.entity_id)
        if row.status != Status.WAITING:
            raise Conflict("fetch.not_waiting")
        row.status, row.decision = Status.DISMISSED, said
        row.decided_by, row.decided_at = actor, timezone.now()
        row.save(update_fields=["status", "decision", "decided_by", "decided_at"])
        _record("fetched.dismissed", row, actor, {}, said)
    return row


def _where(row: FetchedFile) -> dict[str, Any]:
    told: dict[str, Any] = {"sha256": row.sha256, "size": row.size, "code": row.code}
    return told | {
        name: value
        for name, value in (("message", row.message_id), ("batch", row.batch_id), ("file", row.transmission_id))
        if value is not None
    }


def _record(action: str, row: FetchedFile, actor: User | None, data: dict[str, Any], reason: str = "") -> None:
    trail.record(
        action, subject_type="fetched", subject_id=row.pk, entity_id=row.entity_id, actor=actor, reason=reason,
        data={"name": row.name, **data},
    )  # fmt: skip
