"""How a source's CSV lists are read: saved when a list was read, answered by a person when a list could not be."""

from typing import Any

from django.db import transaction

from backoffice.common.errors import BusinessError
from backoffice.people import access
from backoffice.people.models import User
from documents import trail
from transactions.intake import csv_columns
from transactions.models import IntakeSource

ORDERS = ("dmy", "mdy")


def remember(source: IntakeSource, mapping: dict[str, Any]) -> None:
    """Keep what was recognised. Inside ``atomic()``; nothing is written when nothing is new."""
    if source.mapping != mapping:
        source.mapping = mapping
        source.save(update_fields=["mapping"])


def answer(
    *,
    source: IntakeSource,
    actor: User,
    decimal: str | None = None,
    date: str | None = None,
    columns: dict[str, str] | None = None,
    defaults: dict[str, str] | None = None,
) -> IntakeSource:
    """Answer what a list leaves open: ``decimal`` mark (``,`` or ``.``), order of ``date`` (dmy, mdy).

    ``columns`` gives fields by title ("" leaves a column out), ``defaults`` values for fields without a column
    (currency, debtor_number, acquirer, kind: ``incoming`` for lists of what came in).

    Needs the right source.manage; recorded as source.mapping_changed.
    """
    access.demand(actor, "source.manage", source.entity_id)
    if decimal is not None and decimal not in csv_columns.DECIMALS:
        raise BusinessError("mapping.decimal_unknown", value=str(decimal)[:20])
    if date is not None and date not in ORDERS:
        raise BusinessError("mapping.date_unknown", value=str(date)[:20])
    for name in (columns or {}).values():
        if name and name not in csv_columns.FIELDS:
            raise BusinessError("mapping.field_unknown", field=str(name)[:60])
    for name in defaults or {}:
        if name not in {"currency", "debtor_number", "kind", "acquirer"}:
            raise BusinessError("mapping.field_unknown", field=str(name)[:60])
    if (defaults or {}).get("kind", "") not in {"", "incoming"}:
        raise BusinessError("payment.kind_unknown", kind=str((defaults or {})["kind"])[:20])
    with transaction.atomic():
        changes = {
            **({"decimal": decimal} if decimal is not None else {}),
            **({"date": date} if date is not None else {}),
            **({"columns": {**source.mapping.get("columns", {}), **columns}} if columns else {}),
            **({"defaults": {**source.mapping.get("defaults", {}), **defaults}} if defaults else {}),
        }
        remember(source, {**source.mapping, **changes})
        trail.record(
            "source.mapping_changed",
            subject_type="source",
            subject_id=source.pk,
            entity_id=source.entity_id,
            actor=actor,
            data=changes,
        )
    return source
