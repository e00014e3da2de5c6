from typing import Any

from django.core.management.base import BaseCommand

from controls.rules import catalogue


class Command(BaseCommand):
    help = "Bring the shipped rules into the database. Done after every migrate; may be run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = catalogue.load()
        self.stdout.write(f"{len(catalogue.CATALOGUE)} rules shipped, {len(changed)} made or changed.")
