"""Give the application's role its rights, and no more, after a migration."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from backoffice import environment
from backoffice.common import sql


class Command(BaseCommand):
    help = "Give the application's database role its rights (run as the owner, after migrate)."

    def handle(self, *args: Any, **options: Any) -> None:
        database = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
        with connection.cursor() as cursor:
            cursor.execute(sql.text("backoffice", "grants").replace("current_database_name", database))
            password = self._password()
            if password:
                role = connection.ops.quote_name(settings.APPLICATION_ROLE)
                cursor.execute(f"alter role {role} password %s", [password])

    @staticmethod
    def _password() -> str:
        """The password in the application's address, when the owner has an address of its own."""
        if "DATABASE_OWNER_URL" not in os.environ:
            return ""
        address = environment.database(os.environ.get("DATABASE_APPLICATION_URL") or os.environ["DATABASE_URL"])
        return str(address["PASSWORD"]) if address["USER"] == settings.APPLICATION_ROLE else ""
