#!/usr/bin/env python3
"""Django's command line. Commands that change the schema connect as the owner of the tables."""

import os
import sys

OWNER_COMMANDS = {"migrate", "makemigrations", "grant_application", "flush", "sqlmigrate", "dbshell", "seed_demo"}


def _connect_as_owner() -> None:
    """DATABASE_OWNER_URL names the owner of a server of yours; the embedded server's owner is known."""
    if "DATABASE_OWNER_URL" in os.environ:
        os.environ["DATABASE_APPLICATION_URL"] = os.environ.get("DATABASE_URL", "")
        os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
    elif "DATABASE_URL" not in os.environ:
        from pathlib import Path

        from backoffice import environment, local

        state = environment.folder("BACKOFFICE_STATE", Path(__file__).resolve().parent / ".local")
        os.environ["DATABASE_URL"] = local.database_url(state, local.OWNER)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        _connect_as_owner()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
