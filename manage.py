#!/usr/bin/env python3
"""Django's command line. Commands that change the schema connect as the owner of the tables."""

import os
import sys

OWNER_COMMANDS = {"migrate", "makemigrations", "grant_application", "flush", "sqlmigrate", "dbshell"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    owner_url = os.environ.get("DATABASE_OWNER_URL")
    if owner_url and len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["DATABASE_URL"] = owner_url
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
