"""Opening and blocking accounts. Balances are not touched here: they move through transactions.ledger alone."""

import re
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from backoffice.common import money, sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from documents import trail
from transactions.intake import account_numbers
from transactions.models import Account, AccountBalance

MANAGE = "account.manage"

# The side that raises an account's balance: what we own on the debit side, what we owe on the credit side.
NORMAL_SIDES: dict[str, str] = {
    Account.Kind.CUSTOMER: "C",
    Account.Kind.BANK: "D",
    Account.Kind.TRANSIT: "C",
    Account.Kind.PAYABLE: "C",
    Account.Kind.RECEIVABLE: "D",
    Account.Kind.SUSPENSE: "C",
    Account.Kind.EXPENSE: "D",
    Account.Kind.INCOME: "C",
    Account.Kind.EQUITY: "C",
}
# Kinds that payments leave from: they need somewhere for the funds to go.
PAYING = frozenset({Account.Kind.CUSTOMER, Account.Kind.BANK})
_SYSTEM = re.compile(r"[A-Z0-9]{0,35}")


def open_account(
    *,
    actor: User,
    entity: Entity,
    code: str,
    name: str,
    kind: str,
    currency: str,
    iban: str = "",
    bic: str = "",
    other_number: str = "",
    counterpart: Account | None = None,
    transit: Account | None = None,
    fees: Account | None = None,
) -> Account:
    """An account with a balance of zero that may not go below it (see :func:`set_floor`).

    Counterpart, transit and fees must be accounts of the same entity and currency."""
    access.demand(actor, MANAGE, entity.pk)
    if kind not in Account.Kind.values:
        raise BusinessError("account.kind_unknown", kind=kind[:12])
    code, name = code.strip().upper(), " ".join(name.split())
    if not code or len(code) > 20 or not name or len(name) > 140:
        raise BusinessError("account.code_or_name_missing")
    money.exponent(currency)
    for other in (counterpart, transit, fees):
        if other is not None and (other.entity_id, other.currency) != (entity.pk, currency):
            raise BusinessError("account.other_entity_or_currency", code=other.code)
    fields: dict[str, Any] = {
        "code": code,
        "name": name,
        "kind": kind,
        "normal_side": NORMAL_SIDES[kind],
        "currency": currency,
        "iban": _iban(iban),
        "bic": _bic(bic),
        "other_number": other_number.strip()[:34],
        "counterpart": counterpart,
        "transit": transit,
        "fees": fees,
    }
    try:
        with transaction.atomic():
            account = Account.objects.create(entity=entity, **fields)
            AccountBalance.objects.create(account=account)
            trail.record(
                "account.opened",
                subject_type="account",
                subject_id=account.pk,
                entity_id=entity.pk,
                actor=actor,
                data={"code": code, "kind": kind, "currency": currency},
            )
    except IntegrityError as error:
        taken = "account.iban_taken" if "account_iban_once" in str(error) else "account.code_taken"
        raise Conflict(taken, code=code, iban=fields["iban"]) from None
    return account


def floor_of(overdraft: str | None, currency: str) -> Decimal | None:
    """The lowest balance that an overdraft allows; None, no overdraft said: no floor."""
    if overdraft is None:
        return None
    return -(Decimal(0) if overdraft.strip() in {"", "0", "0.0", "0.00"} else money.parse(overdraft, currency))


def widens(before: Decimal | None, after: Decimal | None) -> bool:
    """May an account go further below zero than before?"""
    return before is not None and (after is None or after < before)


def set_floor(*, actor: User, account_id: int, floor: Decimal | None, request_id: int | None = None) -> None:
    """How low balance less held may reach. Further down only by a request that a second person signed, for which the
    database asks. Refuses a floor above what is there now (``account.below_floor``)."""
    with transaction.atomic():
        account = Account.objects.select_for_update(no_key=True).filter(pk=account_id).first()
        if account is None or not access.can(actor, "account.view", account.entity_id):
            raise NotThere("not_there")
        access.demand(actor, MANAGE, account.entity_id)
        before = AccountBalance.objects.get(pk=account_id).floor
        if before == floor:
            return
        try:
            with transaction.atomic():
                sql.run("select set_floor(%s, %s, %s)", [account_id, floor, request_id])
        except IntegrityError as error:
            if "balance_above_floor" not in str(error):
                raise
            raise BusinessError("account.below_floor", code=account.code) from None
        trail.record(
            "account.changed", subject_type="account", subject_id=account.pk, entity_id=account.entity_id, actor=actor,
            data={
                "field": "floor", "currency": account.currency,
                **{side: None if value is None else money.plain(value, account.currency)
                   for side, value in (("before", before), ("after", floor))},
            },
        )  # fmt: skip


def block(*, actor: User, account_id: int, reason: str) -> None:
    """Nothing more leaves the account until it is unblocked. A reason is asked."""
    _set_status(actor, account_id, Account.Status.OPEN, Account.Status.BLOCKED, reason)


def unblock(*, actor: User, account_id: int, reason: str) -> None:
    """Payments may leave the account again. A reason is asked."""
    _set_status(actor, account_id, Account.Status.BLOCKED, Account.Status.OPEN, reason)


def set_channel(
    *, actor: User, account_id: int, message_format: str, settlement_method: str = "CLRG", clearing_system: str = ""
) -> Account:
    """How transfers from the account leave: as orders to its bank (pain.001) or between banks (pacs.008).

    Of a pacs.008: how it settles, and the clearing system's code where there is one. What is in a file stays as it is.
    """
    with transaction.atomic():
        account = Account.objects.select_for_update(no_key=True).filter(pk=account_id).first()
        if account is None or not access.can(actor, "account.view", account.entity_id):
            raise NotThere("not_there")
        access.demand(actor, MANAGE, account.entity_id)
        if message_format not in Account.Format.values or settlement_method not in Account.Settlement.values:
            raise BusinessError("account.channel_unknown")
        if account.kind not in PAYING:
            raise BusinessError("account.pays_nobody", code=account.code)
        if message_format == Account.Format.PACS008 and not account.bic:
            raise BusinessError("account.needs_bic", code=account.code)
        system = clearing_system.strip().upper()
        if not _SYSTEM.fullmatch(system):
            raise BusinessError("account.clearing_bad")
        before = account.message_format
        account.message_format, account.settlement_method = message_format, settlement_method
        account.clearing_system = system if settlement_method == Account.Settlement.CLRG else ""
        account.save(update_fields=["message_format", "settlement_method", "clearing_system"])
        trail.record(
            "account.changed", subject_type="account", subject_id=account.pk, entity_id=account.entity_id, actor=actor,
            data={
                "field": "message_format", "before": before, "after": message_format, "settlement": settlement_method,
                "clearing": account.clearing_system,
            },
        )  # fmt: skip
    return account


def _set_status(actor: User, account_id: int, before: str, after: str, reason: str) -> None:
    """Locks the account's row alone, so it has no place in the order of locks."""
    with transaction.atomic():
        account = Account.objects.select_for_update(no_key=True).filter(pk=account_id).first()
        if account is None or not access.can(actor, "account.view", account.entity_id):
            raise NotThere("not_there")
        access.demand(actor, MANAGE, account.entity_id)
        if not reason.strip():
            raise BusinessError("account.reason_missing")
        if account.status != before:
            raise Conflict("account.status_changed", code=account.code)
        account.status = after
        account.save(update_fields=["status"])
        trail.record(
            "account.changed",
            subject_type="account",
            subject_id=account.pk,
            entity_id=account.entity_id,
            actor=actor,
            reason=reason.strip(),
            data={"field": "status", "before": before, "after": after},
        )


def _iban(value: str) -> str:
    number = account_numbers.clean(value).upper()
    if number and account_numbers.iban_fault(number):
        raise BusinessError("account.iban_bad", iban=number[:34])
    return number


def _bic(value: str) -> str:
    code = "".join(value.split()).upper()
    if code and account_numbers.bic_fault(code):
        raise BusinessError("account.bic_bad", bic=code[:11])
    return code
