"""After each installation or upgrade, before the programs start."""

from typing import Any

from django.core.management.base import BaseCommand

from backoffice import preparation


class Command(BaseCommand):
    help = "Bring everything in step: translations, the screens' files, the database and the application's rights."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        preparation.files(self.stdout.write)
        with preparation.owner():
            preparation.database(self.stdout.write)
        self.stdout.write("Everything is in step.")
