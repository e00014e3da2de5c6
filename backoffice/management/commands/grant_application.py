"""Give the application's role its rights, and no more, after a migration."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from backoffice.common import sql


class Command(BaseCommand):
    help = "Give the application's database role its rights (run as the owner, after migrate)."

    def handle(self, *args: Any, **options: Any) -> None:
        database = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
        with connection.cursor() as cursor:
            cursor.execute(sql.text("backoffice", "grants").replace("current_database_name", database))
