"""The first entity and the first administrator of an installation of your own."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from backoffice import preparation
from backoffice.common.errors import BusinessError
from backoffice.people import foundation
from backoffice.people.models import Entity


class Command(BaseCommand):
    help = "Add a legal entity, and the first administrator, who lets everybody else in by the screens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--entity", help="short code of a legal entity to add, e.g. ODET")
        parser.add_argument("--entity-name", default="", help="its name")
        parser.add_argument("--profile", choices=Entity.Profile.values, default=Entity.Profile.COMPANY)
        parser.add_argument("--country", default="FR")
        parser.add_argument("--bic", default="", help="its own BIC, for a bank")
        parser.add_argument("--administrator", metavar="EMAIL", help="address of the first administrator")
        parser.add_argument("--name", default="", help="the administrator's name")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["entity"] and not options["administrator"]:
            raise CommandError(
                "Say what to set up: --entity CODE --entity-name NAME, or --administrator EMAIL --name NAME."
            )
        try:
            if options["entity"]:
                entity = foundation.add_entity(
                    code=options["entity"],
                    name=options["entity_name"],
                    profile=options["profile"],
                    country=options["country"],
                    bic=options["bic"],
                )
                self.stdout.write(f"Entity {entity.code}, {entity.name}.")
            if options["administrator"]:
                password = self._password(stdin=options["password_stdin"])
                with preparation.owner():
                    user = foundation.first_administrator(
                        email=options["administrator"], full_name=options["name"], password=password
                    )
                self.stdout.write(f"{user.full_name} can sign in with {user.email}.")
        except BusinessError as refused:
            raise CommandError(str(refused)) from None
        except ValidationError as invalid:
            raise CommandError(" ".join(invalid.messages)) from None

    @staticmethod
    def _password(*, stdin: bool) -> str:
        if stdin:
            return sys.stdin.readline().rstrip("\n")
        first = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != first:
            raise CommandError("The two passwords differ.")
        return first
