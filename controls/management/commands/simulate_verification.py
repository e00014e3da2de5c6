"""A verification service on this machine, to try the adapter against (docs/verification-of-payee.md)."""

import contextlib
import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from controls.verification import simulator


class Command(BaseCommand):
    help = "Answer verifications of payees on this machine, by words of the name. Ends with Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8765)
        parser.add_argument("--token", default="", help="what must be shown; made and printed when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        token = options["token"] or secrets.token_urlsafe(32)
        with simulator.Server(port=options["port"], token=token) as server:
            self.stdout.write(f"{server.url}\ntoken {token}\n")
            self.stdout.write("Words of a name: Presque, Autre, Injoignable, Lent, Panne; else a match.\n")
            self.stdout.flush()
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_forever()
