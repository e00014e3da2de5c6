"""A role from the console of the server: how the second administrator comes about."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice import preparation
from backoffice.common.errors import BusinessError
from backoffice.people import foundation, roles


class Command(BaseCommand):
    help = "Give an account a role without a second person: whoever holds the console answers for account and role."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address of an account that is there")
        parser.add_argument("role", choices=sorted(roles.ROLES))
        parser.add_argument("--entity", default="", help="code of a legal entity; all entities if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        with preparation.owner():
            try:
                user = foundation.give_role(email=options["email"], role=options["role"], entity_code=options["entity"])
            except BusinessError as refused:
                raise CommandError(str(refused)) from None
        self.stdout.write(f"{user.full_name} has the role {options['role']} in {options['entity'] or 'all entities'}.")
