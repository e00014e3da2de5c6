"""Which account a statement is of: by IBAN, or by the number as the bank writes it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from backoffice.common.errors import BusinessError
from backoffice.people.models import Entity
from transactions.intake import account_numbers
from transactions.models import Account

_OTHER_SIGNS = re.compile(r"[^A-Z0-9/]")
# Shorter parts of an IBAN belong to many accounts.
SHORTEST = 6


@dataclass(frozen=True)
class Book:
    """The accounts of an entity that banks hold for it, by what banks call them."""

    accounts: tuple[Account, ...]
    by_number: dict[tuple[str, str], tuple[Account, ...]]

    @classmethod
    def of(cls, entity: Entity) -> "Book":
        """One query."""
        found = tuple(Account.objects.filter(entity=entity, kind=Account.Kind.BANK).order_by("pk"))
        named: dict[tuple[str, str], list[Account]] = defaultdict(list)
        for account in found:
            for number in {_packed(account.iban), _packed(account.other_number)} - {""}:
                named[number, account.currency].append(account)
        return cls(found, {key: tuple(accounts) for key, accounts in named.items()})

    def find(self, number: str, currency: str) -> Account:
        """Refuses what is no account's (``statement.account_unknown``), or could be several accounts'."""
        wanted = _packed(number).removesuffix(currency) if currency else _packed(number)
        found: Iterable[Account] = self.by_number.get((wanted, currency)) or self.by_number.get(
            (_packed(number), currency), ()
        )
        if not found:
            found = [one for one in self.accounts if one.currency == currency and _inside(wanted, one)]
        found = list(found)
        if len(found) > 1:
            raise BusinessError("statement.account_ambiguous", number=_shown(number), currency=currency)
        if not found:
            raise BusinessError("statement.account_unknown", number=_shown(number), currency=currency)
        return found[0]


def _packed(number: str) -> str:
    return account_numbers.clean(number).upper().replace(" ", "")


def _shown(number: str) -> str:
    """Enough of it to know it again."""
    packed = "".join(number.split())
    return packed if len(packed) <= 8 else f"{packed[:4]}…{packed[-4:]}"


def _inside(wanted: str, account: Account) -> bool:
    """Whether the parts of a number (bank code, branch, account) follow each other in the account's own."""
    parts = [part for part in _OTHER_SIGNS.sub("", wanted).split("/") if part]
    for own in (account.iban[4:], account.other_number):
        number = re.sub(r"[^A-Z0-9]", "", own.upper())
        at = 0
        for part in parts:
            at = number.find(part.lstrip("0") or part, at)
            if at < 0:
                break
            at += len(part.lstrip("0") or part)
        else:
            if number and sum(len(part) for part in parts) >= SHORTEST:
                return True
    return False
