"""SQL that lives in files beside its room, and COPY into tables."""

import functools
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, migrations
from django.db.models import Model
from psycopg2.extensions import QuotedString

ROOT = Path(__file__).resolve().parent.parent.parent


@functools.cache
def text(room: str, name: str) -> str:
    """The text of ``<room>/sql/<name>.sql``."""
    return (ROOT / room / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def install(room: str, name: str, undo: str | None = None) -> migrations.RunSQL:
    """A migration step that runs a SQL file. ``undo`` is the SQL that takes it back; without it, nothing does."""
    return migrations.RunSQL(text(room, name), undo)


def again(room: str, name: str, *defined: str) -> migrations.RunSQL:
    """A migration step that defines functions and triggers of a SQL file anew, where the file has come after them.

    The file holds each in its last form: a new database gets that from the file, an older one from this step.
    ``defined`` are names of functions, or of triggers as ``trigger on table``. Cannot take back what was there before.
    """
    return migrations.RunSQL("\n".join(_definition(text(room, name), one) for one in defined), "")


def _definition(source: str, defined: str) -> str:
    name, _on, table = defined.partition(" on ")
    if table:
        found = re.search(rf"create (?:or replace )?(constraint )?trigger {name}\s[^;]*?\son {table}\s[^;]*;", source)
        if found and found[1]:
            return f"drop trigger if exists {name} on {table};\n{found[0]}"
        replaced = "create or replace trigger"
    else:
        found = re.search(rf"create (?:or replace )?function {name}\(.*?\$\$.*?\$\$[^;]*;", source, re.DOTALL)
        replaced = "create or replace function"
    if not found:
        raise ValueError(f"{defined} is not defined there")
    return re.sub(r"^create (?:or replace )?(?:function|trigger)", replaced, found[0])


# From here on a list goes as one literal: psycopg2 writes an expression with a constant for each value, which costs the
# server ten times as much to read, 10 ms for 10,000 keys.
LONG = 100


class Literal:
    """A list of numbers or of texts, any of them None, as one literal of PostgreSQL. psycopg2 asks for it."""

    def __init__(self, values: Sequence[Any], kind: str) -> None:
        self.values, self.kind = values, kind
        self._connection: Any = None

    def __conform__(self, _protocol: Any) -> "Literal":
        return self

    def prepare(self, connection: Any) -> None:
        self._connection = connection

    def getquoted(self) -> bytes:
        if self.kind == "bigint":
            told = ",".join("NULL" if value is None else str(value) for value in self.values)
            return f"'{{{told}}}'::bigint[]".encode()
        quoted = QuotedString(f"{{{','.join(map(_element, self.values))}}}")
        quoted.prepare(self._connection)
        whole: bytes = quoted.getquoted()
        return whole + b"::text[]"


def _element(value: str | None) -> str:
    return "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def bound(value: Any) -> Any:
    """A parameter as it is sent best: a long list as one literal."""
    if value.__class__ is list and len(value) >= LONG:
        kinds = set(map(type, value)) - {type(None)}
        if kinds == {int}:
            return Literal(value, "bigint")
        if kinds == {str}:
            return Literal(value, "text")
    return value


def _params(params: Sequence[Any] | dict[str, Any] | None) -> Any:
    if params is None:
        return None
    return (
        {name: bound(value) for name, value in params.items()} if isinstance(params, dict) else list(map(bound, params))
    )


def rows(query: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, _params(params))
        return cursor.fetchall() if cursor.description else []


def dicts(query: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, _params(params))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()] if names else []


def run(query: str, params: Sequence[Any] | dict[str, Any] | None = None) -> int:
    """Execute and return the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(query, _params(params))
        return int(cursor.rowcount)


def keep(name: str, make: str) -> bool:
    """Have the temporary tables that ``make`` makes (its parameters filled in); False when they had to be made.

    Making one costs three files and a hundred rows in the system's catalogues, 3 ms: so a session makes them once, ``on
    commit delete rows``, and knows them again by the text that made them. A session that holds those of another version
    (behind a pool of connections) makes them anew, so ``make`` begins by dropping them. Their rows are of one
    transaction; an earlier use in the same one may have left some.
    """
    marker = f"{name}_{hashlib.sha256(make.encode()).hexdigest()[:16]}"
    if rows("select to_regclass(%s) is not null", [f"pg_temp.{marker}"])[0][0]:
        return True
    run(f"{make};\ncreate temporary table {marker} ()")
    return False


@functools.cache
def _shape(model: type[Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    """The attributes of a model in the order of its columns, and the conversions that values of some need."""
    fields = model._meta.concrete_fields
    conversions = [(at, field.from_db_value) for at, field in enumerate(fields) if hasattr(field, "from_db_value")]
    return [str(field.attname) for field in fields], conversions


@functools.cache
def columns(model: type[Model], alias: str) -> str:
    """Every column of a model for the select of :func:`instances`."""
    return ", ".join(f"{alias}.{connection.ops.quote_name(str(field.column))}" for field in model._meta.concrete_fields)


def instances(query: str, params: Sequence[Any] | dict[str, Any], *models: type[Model]) -> list[tuple[Any, ...]]:
    """Rows as instances of ``models``, for hot paths where composing the query costs more than running it.

    ``query`` selects :func:`columns` of each model in turn; what it selects beyond them follows as plain values.
    """
    shapes = [(model, *_shape(model)) for model in models]
    found = []
    for row in rows(query, params):
        made: list[Any] = []
        at = 0
        for model, names, conversions in shapes:
            values = list(row[at : at + len(names)])
            for place, convert in conversions:
                values[place] = convert(values[place], None, connection)
            made.append(model.from_db(connection.alias, names, values))
            at += len(names)
        found.append((*made, *row[at:]))
    return found


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
