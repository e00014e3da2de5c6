"""A file taken in as the worker does it, and what was said of it."""

from typing import Any

from tests import people
from transactions import intake
from transactions.models import (
    IntakeProblem,
    PaymentBatch,
)


def taken_in(stage: people.Stage, content: bytes, **options: Any) -> PaymentBatch:
    batch = intake.receive(
        **{
            "content": content,
            "file_name": "file.xml",
            "entity": stage.entity,
            "actor": None,
            "channel": "file",
            "source": stage.source,
            **options,
        }
    )
    intake.read_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def said(batch: PaymentBatch) -> list[tuple[int, str, str]]:
    rows = IntakeProblem.objects.filter(batch=batch).order_by("id")
    return [(row.position, row.code, row.severity) for row in rows]
