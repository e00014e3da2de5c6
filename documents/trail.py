"""The audit trail: the only history of acts. ``record()`` from Python, or the same insert inside set-based SQL.

An act and its record share one transaction: there is no act without its record, and no record of an act undone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from backoffice.common import sql
from backoffice.people.models import User
from documents.models import AuditRecord

COLUMNS = ("entity_id", "subject_type", "subject_id", "action", "actor_id", "reason", "data")


def encode(data: Mapping[str, Any] | None) -> str:
    """The JSON text of an act's parameters. Decimals and moments become strings; keys are sorted."""
    return json.dumps(data or {}, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def record(
    action: str,
    *,
    subject_type: str,
    subject_id: int,
    entity_id: int | None,
    actor: User | None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write one act on one subject. ``action`` is dotted and past: ``payment.amended``. One query."""
    record_many(action, subject_type=subject_type, subjects=[(subject_id, entity_id, data)], actor=actor, reason=reason)


def record_many(
    action: str,
    *,
    subject_type: str,
    subjects: Iterable[tuple[int, int | None, Mapping[str, Any] | None]],
    actor: User | None,
    reason: str = "",
) -> None:
    """Write the same act on many subjects, each ``(subject_id, entity_id, data)``, by one statement."""
    if not connection.in_atomic_block:
        raise RuntimeError("an act is recorded in the transaction of the act")
    actor_id = actor.pk if actor else None
    rows: Sequence[tuple[Any, ...]] = [
        (entity_id, subject_type, subject_id, action, actor_id, reason, encode(data))
        for subject_id, entity_id, data in subjects
    ]
    if len(rows) > 50:
        sql.copy("documents_auditrecord", COLUMNS, rows)
    elif rows:
        places = ", ".join(["(" + ", ".join(["%s"] * len(COLUMNS)) + ")"] * len(rows))
        sql.run(
            f"insert into documents_auditrecord ({', '.join(COLUMNS)}) values {places}",  # noqa: S608 - names of columns
            [value for row in rows for value in row],
        )


def of(subject_type: str, subject_id: int) -> QuerySet[AuditRecord]:
    """The acts on one subject, newest first."""
    return AuditRecord.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("-id")
