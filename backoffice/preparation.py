"""What must be in step before the programs start: translations, the screens' files, the database and its rights.

Every step looks first and does nothing when nothing changed.
"""

import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from backoffice import catalogue, environment, local
from backoffice.common import tables

Say = Callable[[str], None]


@contextlib.contextmanager
def owner() -> Iterator[None]:
    """Let this process connect as the owner of the tables for a while: DATABASE_OWNER_URL, or the embedded one's."""
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")
    found = environment.database(url or local.database_url(settings.STATE_DIR, local.OWNER))
    kept = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(found)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def files(say: Say) -> None:
    """Compile the catalogues, build sprite, fonts and styles, and collect them for the web server."""
    from backoffice.management.commands import build_static

    if catalogue.compile_stale():
        say("Translations compiled.")
    build_static.build()
    stamp, digest = settings.STATE_DIR / "static.sha256", _static_digest()
    if settings.STATIC_ROOT.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    say("Collecting the screens' files.")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest)


def _static_digest() -> str:
    """Changes when a file that a page may name does: our own by content, those of packages by the lock."""
    seen = hashlib.sha256((settings.BASE_DIR / "requirements.lock").read_bytes())
    folders = [Path(folder) for folder in settings.STATICFILES_DIRS]
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        seen.update(f"{path.relative_to(settings.BASE_DIR)}\0".encode())
        seen.update(hashlib.sha256(path.read_bytes()).digest())
    return seen.hexdigest()


def database(say: Say) -> None:
    """Bring the schema up to date and give the application's role its rights. Must run as the owner."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if said := tables.stopped(executor.loader):
        raise CommandError(said)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Bringing the database up to date.")
        call_command("migrate", interactive=False, verbosity=0)
    else:  # rules may change without a migration
        call_command("load_rules", stdout=io.StringIO())
    call_command("grant_application")
