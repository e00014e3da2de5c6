"""SQL that lives in files beside its room, and COPY into tables."""

import functools
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, migrations

ROOT = Path(__file__).resolve().parent.parent.parent


@functools.cache
def text(room: str, name: str) -> str:
    """The text of ``<room>/sql/<name>.sql``."""
    return (ROOT / room / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def install(room: str, name: str, undo: str) -> migrations.RunSQL:
    """A migration step that runs a SQL file. ``undo`` is the SQL that takes it back."""
    return migrations.RunSQL(text(room, name), undo)


def rows(query: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall() if cursor.description else []


def dicts(query: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []


def run(query: str, params: Sequence[Any] | dict[str, Any] | None = None) -> int:
    """Execute and return the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return int(cursor.rowcount)


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})


def field(value: Any) -> str:
    """One value in COPY's text format."""
    if value is None:
        return "\\N"
    if value is True:
        return "t"
    if value is False:
        return "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    return str(value).translate(_ESCAPES)


def copy(table: str, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> None:
    """COPY rows into ``table``. Names come from code, never from a request."""
    buffer = io.StringIO("".join("\t".join(map(field, row)) + "\n" for row in values))
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", buffer)
