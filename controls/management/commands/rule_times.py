import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from controls import quality
from transactions.models import Payment


class Command(BaseCommand):
    help = "What each rule in force takes of the machine's time, over the facts of the newest payments. Writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--payments", type=int, default=10_000, help="how many, 10,000 at most")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        number = min(max(options["payments"], 1), 10_000)
        ids = list(Payment.objects.order_by("-pk").values_list("pk", flat=True)[:number])
        if not ids:
            raise CommandError("There is no payment to measure with.")
        told, together = quality.times(ids)
        if options["json"]:
            rows = [{"rule": one.code, "version": one.number, "seconds": round(one.seconds, 6)} for one in told]
            self.stdout.write(json.dumps({"payments": len(ids), "together": round(together, 6), "rules": rows}))
            return
        self.stdout.write(f"{len(ids)} payments; all rules in one statement: {together * 1000:.1f} ms; each by itself:")
        for one in told:
            self.stdout.write(f"{one.seconds * 1000:9.2f} ms  {one.code} {one.number}")
