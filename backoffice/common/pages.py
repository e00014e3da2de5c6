"""Keyset pages: any depth costs what the first page costs. Never OFFSET, never an unbounded COUNT."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db import connection
from django.db.models import Field, Model, QuerySet
from django.db.models.expressions import RawSQL

from backoffice.common.errors import BusinessError

COUNT_CAP = 10_000
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """``next`` and ``previous`` are signed cursors for the URL, or empty."""

    items: list[M]
    next: str
    previous: str


def _sign(salt: str, backwards: bool, key: Sequence[Any]) -> str:
    return signing.dumps([int(backwards), [str(value) for value in key]], salt=f"page:{salt}", compress=False)


def _read(salt: str, cursor: str) -> tuple[bool, list[str]]:
    try:
        backwards, key = signing.loads(cursor, salt=f"page:{salt}")
        return bool(backwards), list(key)
    except (signing.BadSignature, ValueError, TypeError):
        raise BusinessError("cursor.invalid") from None


def page(
    rows: QuerySet[M], *, key: Sequence[str], cursor: str = "", size: int = 50, descending: bool = True, salt: str
) -> Page[M]:
    """One page of ``rows`` ordered by ``key``: fields of the rows' own table, all in one direction, unique together.

    The predicate is a row comparison ``(a, b) < (x, y)``, which an index on the key answers at any depth. One query.
    ``salt`` names the list, so that a cursor of one list is refused by another.
    """
    model = rows.model
    backwards, values = _read(salt, cursor) if cursor else (False, [])
    fields = [_own_field(model, name) for name in key]
    columns = [str(field.column) for field in fields]
    down = descending != backwards
    if values:
        if len(values) != len(key):
            raise BusinessError("cursor.invalid")
        table = connection.ops.quote_name(model._meta.db_table)
        left = ", ".join(f"{table}.{connection.ops.quote_name(column)}" for column in columns)
        types = [model._meta.get_field(name).db_type(connection) or "text" for name in key]
        right = ", ".join(f"%s::{_comparable(kind)}" for kind in types)
        from django.db.models import BooleanField

        rows = rows.filter(RawSQL(f"({left}) {'<' if down else '>'} ({right})", values, output_field=BooleanField()))  # noqa: S611
    found = list(rows.order_by(*[f"-{name}" if down else name for name in key])[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    attributes = [field.attname for field in fields]

    def cursor_at(item: M, back: bool) -> str:
        return _sign(salt, back, [_text(getattr(item, attribute)) for attribute in attributes])

    has_next = bool(found) and (more if not backwards else bool(cursor))
    has_previous = bool(found) and (more if backwards else bool(cursor))
    return Page(
        found,
        cursor_at(found[-1], False) if has_next else "",
        cursor_at(found[0], True) if has_previous else "",
    )


def _own_field(model: type[Model], name: str) -> "Field[Any, Any]":
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(f"{name} is not a column of {model.__name__}")
    return field


def _comparable(kind: str) -> str:
    return {"bigserial": "bigint", "serial": "integer"}.get(
        kind.split(" ", maxsplit=1)[0], kind.split(" generated", maxsplit=1)[0]
    )


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def capped_count(rows: QuerySet[Any], cap: int = COUNT_CAP) -> int:
    """How many, counting no further than ``cap`` + 1; show more than ``cap`` as "10,000+"."""
    return rows.order_by()[: cap + 1].count()
