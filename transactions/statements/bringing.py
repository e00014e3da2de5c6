"""Files of statements that people and programs bring in: kept as they came, read, checked and taken in."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from backoffice.common.errors import BusinessError, sentence
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import attachments
from transactions.intake.rows import FileRefused, Problem
from transactions.statements import opening, taking
from transactions.statements.read import joined

LARGEST = 64 * 1024 * 1024
MOST = 500


@dataclass(frozen=True)
class Brought:
    """What became of a file: each of its statements, and what was said of them. ``code``: why nothing was taken in."""

    sha256: str
    taken: Sequence[taking.Taken] = ()
    problems: Sequence[Problem] = ()
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return sentence(self.code, self.params) if self.code else ""


def bring_in(
    *, content: bytes, name: str, entity: Entity, actor: User, mapping: dict[str, Any] | None = None
) -> Brought:
    """Keep the file, take its statements in, say what is odd. The same file again changes nothing. Needs
    statement.import. All in one transaction; a file that cannot be read on is kept and nothing of it is taken in."""
    access.demand(actor, taking.RIGHT, entity.pk)
    if not content or len(content) > LARGEST:
        raise BusinessError("statement.file_size", most=LARGEST // 1024 // 1024)
    said: list[Problem] = []
    with transaction.atomic():
        kept = attachments.store(
            content=content, name=name, content_type="application/octet-stream", entity_id=entity.pk, actor=actor
        )
        source = taking.Source(entity, kept, kept.sha256, kept.name)
        try:
            with transaction.atomic():
                pieces = opening.checked(io.BytesIO(content), say=said.append, mapping=mapping)
                taken = taking.take(joined(pieces), source=source, actor=actor)
        except FileRefused as refused:
            return Brought(kept.sha256, problems=said[:MOST], code=refused.code, params=dict(refused.params))
    return Brought(kept.sha256, taken, said[:MOST])
