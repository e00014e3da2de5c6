"""The database between tests that commit. The application's role may not empty tables, so the owner does."""

import contextlib
import io
from collections.abc import Iterator
from typing import Any, ClassVar

from django.db import connection



@contextlib.contextmanager
def as_owner() -> Iterator[Any]:
    """A cursor of the tables' owner, in a transaction that is undone. It sees what the test committed."""
    own = connection.copy()
    own.settings_dict["USER"] = Cleaner.owner
    own.set_autocommit(False)
    try:
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.rollback()
        own.close()


class Cleaner:
    """Remembers what the migrations put in the tables, and brings the database back to it."""

    owner: ClassVar[str]

    def __init__(self, owner: str) -> None:
        Cleaner.owner = owner
        self._connection = connection.copy()
        self._connection.settings_dict["USER"] = owner
        self._content: dict[str, str] = {}
        self._tables: list[str] = []

    def remember(self) -> None:
        with self._connection.cursor() as cursor:
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
