"""What an account held before the books began. Money from nowhere, so it is the act of whoever owns the books."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from backoffice import preparation
from backoffice.common import money
from backoffice.common.errors import BusinessError
from transactions import ledger
from transactions.models import Account


class Command(BaseCommand):
    help = "Write the opening balance of an account, once, on its normal side against another account of its entity."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("entity", help="code of the legal entity")
        parser.add_argument("account", help="code of the account")
        parser.add_argument("amount", help="in the account's currency, e.g. 1250.00")
        parser.add_argument("contra", help="code of the account that takes the other side")

    def handle(self, *args: Any, **options: Any) -> None:
        with preparation.owner():
            account, contra = (self._account(options["entity"], options[name]) for name in ("account", "contra"))
            try:
                amount = money.parse(options["amount"], account.currency)
                entry = ledger.open_balance(account=account, amount=amount, contra=contra, actor=None)
            except BusinessError as refused:
                raise CommandError(str(refused)) from None
            except DatabaseError as refused:
                raise CommandError(str(refused).splitlines()[0]) from None
        self.stdout.write(f"{account.code} opens with {amount} {account.currency}, entry {entry.pk}.")

    @staticmethod
    def _account(entity: str, code: str) -> Account:
        found = Account.objects.filter(entity__code=entity, code=code).first()
        if found is None:
            raise CommandError(f"{entity} has no account {code}.")
        return found
