from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from controls import description

_DOCS = Path(__file__).resolve().parents[3] / "docs"
PLACES = {"en": _DOCS / "controls.md", "fr": _DOCS / "controls.fr.md"}


class Command(BaseCommand):
    help = "Write docs/controls.md and controls.fr.md: the shipped rules, the regulation map, the facts, the language."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of step")

    def handle(self, *args: Any, **options: Any) -> None:
        for language, place in PLACES.items():
            text = description.text(language)
            if options["check"]:
                if not place.exists() or place.read_text(encoding="utf-8") != text:
                    raise SystemExit(f"docs/{place.name} is out of step: run manage.py describe_controls.")
                continue
            place.parent.mkdir(exist_ok=True)
            place.write_text(text, encoding="utf-8")
            self.stdout.write(f"{place.name}: {len(text.splitlines())} lines.")
