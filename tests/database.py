"""What the application's role may not do and tests need: emptying tables, and putting rows in the middle of a life."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import DatabaseDefault

from backoffice import local

M = TypeVar("M", bound=Model)

# Only the databases of tests have it: what it runs, the owner of the tables runs, in the transaction of the test.
OWNER_SQL = """
    create or replace function tests_as_owner(statement text) returns void language plpgsql security definer as
    $$ begin execute statement; end $$
"""


def as_owner(query: str, params: Sequence[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        text = query if params is None else cursor.mogrify(query, params).decode()
        cursor.execute("select tests_as_owner(%s)", [text])


@contextmanager
def the_owner() -> Iterator[None]:
    """As preparation.owner, in the database of the tests: for tests with ``transaction=True``."""
    application = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = local.OWNER
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["USER"] = application


def insert(row: M) -> M:
    """Insert an instance as the owner: what no door would let in as it is."""
    quote = connection.ops.quote_name
    left = (type(None), DatabaseDefault)  # the database's to say
    fields = [field for field in row._meta.concrete_fields if not isinstance(field.pre_save(row, add=True), left)]
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    columns = ", ".join(quote(str(field.column)) for field in fields)
    as_owner(f"insert into {row._meta.db_table} ({columns}) values ({', '.join(['%s'] * len(fields))})", values)
    return row


def update(rows: QuerySet[Any], **changes: Any) -> None:
    """Update rows as the owner."""
    meta = rows.model._meta
    fields = [meta.get_field(name) for name in changes]
    plain = [value.pk if isinstance(value, Model) else value for value in changes.values()]
    values = [field.get_db_prep_save(value, connection) for field, value in zip(fields, plain, strict=True)]
    assigned = ", ".join(f"{connection.ops.quote_name(str(field.column))} = %s" for field in fields)  # type: ignore[union-attr]
    keys = list(rows.values_list("pk", flat=True))
    assert meta.pk is not None
    as_owner(f"update {meta.db_table} set {assigned} where {meta.pk.column} = any(%s)", [*values, keys])


class Cleaner:
    """Remembers what the migrations put in the tables, and brings the database back to it."""

    def __init__(self, owner: str) -> None:
        self._connection = connection.copy()
        self._connection.settings_dict["USER"] = owner
        self._content: dict[str, str] = {}
        self._tables: list[str] = []

    def remember(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(OWNER_SQL)
            cursor.execute(
                "select quote_ident(tablename) from pg_tables where schemaname = 'public' "
                "and tablename <> 'django_migrations' order by 1"
            )
            self._tables = [row[0] for row in cursor.fetchall()]
            for table in self._tables:
                out = io.StringIO()
                cursor.copy_expert(f"copy {table} to stdout", out)
                if out.getvalue():
                    self._content[table] = out.getvalue()
        self._connection.close()

    def restore(self) -> None:
        """Triggers and foreign keys sleep meanwhile: append-only tables are emptied too, and the order is no matter."""
        with self._connection.cursor() as cursor:
            cursor.execute("set session_replication_role = replica")
            filled = [table for table in self._tables if table in self._content or self._has_rows(cursor, table)]
            if filled:
                cursor.execute(f"truncate {', '.join(filled)} cascade")
            for table, content in self._content.items():
                cursor.copy_expert(f"copy {table} from stdin", io.StringIO(content))
        self._connection.close()

    @staticmethod
    def _has_rows(cursor: Any, table: str) -> bool:
        cursor.execute(f"select exists (select 1 from {table})")
        return bool(cursor.fetchone()[0])
