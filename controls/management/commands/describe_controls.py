from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from controls import description

PLACE = Path(__file__).resolve().parents[3] / "docs" / "controls.md"


class Command(BaseCommand):
    help = "Write docs/controls.md: the shipped rules, the facts and the language of rules."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is out of step")

    def handle(self, *args: Any, **options: Any) -> None:
        text = description.text()
        if options["check"]:
            if not PLACE.exists() or PLACE.read_text(encoding="utf-8") != text:
                raise SystemExit("docs/controls.md is out of step with the catalogue: run manage.py describe_controls.")
            return
        PLACE.parent.mkdir(exist_ok=True)
        PLACE.write_text(text, encoding="utf-8")
        self.stdout.write(f"{PLACE.name}: {len(text.splitlines())} lines.")
