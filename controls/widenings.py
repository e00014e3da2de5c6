"""What widens what somebody may do or an account may owe: done at once as far as it narrows, else asked for.

Each takes effect when a second person signs it (controls/changes.py).
"""

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from backoffice.common.errors import BusinessError, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls import changes
from controls.models import ChangeRequest
from transactions import accounts
from transactions.models import Account, AccountBalance

Subject = ChangeRequest.Subject


def open_account(
    *, actor: User, entity: Entity, overdraft: str | None = "0", **described: Any
) -> tuple[Account, ChangeRequest | None]:
    """An account that may not go below zero, and the request for its overdraft where one is asked for (None: without a
    floor). See accounts.open_account."""
    with transaction.atomic():
        floor = accounts.floor_of(overdraft, described["currency"])
        account = accounts.open_account(actor=actor, entity=entity, **described)
        return account, _ask_floor(actor, account, floor, "") if floor != 0 else None


def ask_overdraft(*, actor: User, account_id: int, overdraft: str | None, reason: str) -> ChangeRequest | None:
    """How far below zero an account may go (None: without a floor); None when it narrowed and took effect.

    Refuses silence on why, and a second request for the account (``change.waiting``).
    """
    account = Account.objects.filter(pk=account_id, entity__in=access.entity_ids(actor, "account.view")).first()
    if account is None:
        raise NotThere("not_there")
    access.demand(actor, accounts.MANAGE, account.entity_id)
    if not reason.strip():
        raise BusinessError("account.reason_missing")
    floor = accounts.floor_of(overdraft, account.currency)
    before: Decimal | None = AccountBalance.objects.get(pk=account.pk).floor
    if not accounts.widens(before, floor):
        accounts.set_floor(actor=actor, account_id=account.pk, floor=floor)
        return None
    return _ask_floor(actor, account, floor, reason)


def _ask_floor(actor: User, account: Account, floor: Decimal | None, reason: str) -> ChangeRequest:
    changes.demand_person(actor)
    change = {"floor": None if floor is None else f"{floor:f}", "currency": account.currency, "code": account.code}
    try:
        with transaction.atomic():
            return changes.ask(Subject.ACCOUNT, account.pk, account.entity, change, actor, reason)
    except IntegrityError:
        raise BusinessError("change.waiting") from None
