"""Files as evidence: stored once by their SHA-256, recorded, linked to their subjects, read back and verified."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage, default_storage
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from documents import trail
from documents.models import Attachment, AttachmentLink

_LINK = ("id", "attachment_id", "subject_type", "subject_id", "kind", "created_by_id", "created_at")

_elsewhere: ContextVar[Storage | None] = ContextVar("attachments", default=None)


@contextmanager
def in_memory() -> Iterator[None]:
    """Keep bytes in memory for a while, for what is tried in a transaction that is undone: nothing is left of them."""
    token = _elsewhere.set(InMemoryStorage())
    try:
        yield
    finally:
        _elsewhere.reset(token)


def _storage() -> Storage:
    return _elsewhere.get() or default_storage


def path(sha256: str) -> str:
    """Where the bytes lie in the storage."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def safe_name(name: str) -> str:
    """The last part of a file name without control characters, at most 200 characters."""
    last = PurePath(name.replace("\\", "/")).name
    plain = "".join(character for character in last if character.isprintable())[-200:]
    return plain if plain.strip(". ") else "file"


def store(*, content: bytes, name: str, content_type: str, entity_id: int, actor: User | None) -> Attachment:
    """Keep the bytes and record who brought them. Must run inside ``atomic()``; equal bytes are stored once.

    The bytes are written before the row: a rolled-back transaction leaves bytes that nothing names, never a row
    without its bytes.
    """
    sha256 = keep(content)
    attachment = Attachment.objects.create(
        entity_id=entity_id,
        sha256=sha256,
        size=len(content),
        name=safe_name(name),
        content_type=content_type[:100],
        created_by=actor,
    )
    trail.record(
        "attachment.stored",
        subject_type="attachment",
        subject_id=attachment.pk,
        entity_id=entity_id,
        actor=actor,
        data={"name": attachment.name, "sha256": sha256, "size": attachment.size},
    )
    return attachment


def keep(content: bytes) -> str:
    """Have the bytes in the storage, once; their SHA-256. The row that names them is the caller's to write after."""
    if not content:
        raise BusinessError("attachment.empty")
    if len(content) > settings.INTAKE_MAX_BYTES:
        raise BusinessError("attachment.too_large", size=len(content), largest=settings.INTAKE_MAX_BYTES)
    sha256 = hashlib.sha256(content).hexdigest()
    storage = _storage()
    if not storage.exists(path(sha256)):
        storage.save(path(sha256), ContentFile(content))
    return sha256


def link(
    attachment: Attachment, *, subject_type: str, subject_id: int, kind: str, actor: User | None
) -> AttachmentLink:
    """That the attachment belongs to the subject; the link that is there when it was said before. One query."""
    shape = ", ".join(f"l.{column}" for column in _LINK)
    row = sql.rows(
        f"""
        with made as (
            insert into documents_attachmentlink as l ({", ".join(_LINK[1:])})
            values (%s, %s, %s, %s, %s, %s) on conflict (attachment_id, subject_type, subject_id) do nothing
            returning {shape}
        )
        select * from made union all
        select {shape} from documents_attachmentlink l
        where l.attachment_id = %s and l.subject_type = %s and l.subject_id = %s limit 1
        """,  # noqa: S608 - names of columns
        [
            *(attachment.pk, subject_type, subject_id, kind, actor.pk if actor else None, timezone.now()),
            *(attachment.pk, subject_type, subject_id),
        ],
    )[0]
    return AttachmentLink.from_db("default", list(_LINK), list(row))


def open_file(attachment: Attachment) -> IO[bytes]:
    try:
        return _storage().open(path(attachment.sha256), "rb")
    except FileNotFoundError:
        raise BusinessError("attachment.missing", sha256=attachment.sha256) from None


def read(attachment: Attachment) -> bytes:
    """The bytes, refused when they no longer have the recorded fingerprint."""
    with open_file(attachment) as stored:
        content = stored.read()
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise BusinessError("attachment.damaged", sha256=attachment.sha256)
    return content
