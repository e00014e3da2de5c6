"""The cast and the stage: people in each role, an entity with its accounts, payments ready to act on."""

import hashlib
import itertools
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import Entity, Grant, Limit, User
from controls.models import ApprovalPolicy
from documents.models import Attachment
from tests import database
from transactions import settlement, workflow
from transactions.models import (
    Account,
    AccountBalance,
    CutOff,
    IntakeSource,
    OutgoingFile,
    Payment,
    PaymentBatch,
    PaymentRequirement,
    PaymentState,
)

PASSWORD = "correct horse battery staple"
CUSTOMER_IBAN = "FR1420041010050500013M02606"
PAYEE_IBAN = "DE89370400440532013000"
_number = itertools.count(1)


def next_number() -> int:
    return next(_number)


def person(
    role: str | None = roles.OPERATOR,
    *,
    entity: Entity | None = None,
    name: str = "",
    limit: str | None = "1000000",
    **fields: Any,
) -> User:
    """Someone with one role (or none), in one entity or (None) everywhere, with limits in EUR for both acts."""
    number = next(_number)
    user = User.objects.create_user(
        email=f"{role or 'nobody'}{number}@example.org",
        full_name=name or f"{(role or 'nobody').title()} {number}",
        **fields,
    )
    if role:
        grant(user, role, entity)
    if limit is not None:
        for act in Limit.Act.values:
            database.insert(Limit(user=user, act=act, currency="EUR", amount=Decimal(limit)))
    return user


def grant(user: User, role: str, entity: Entity | None = None) -> None:
    """A role given at the console, without a second person."""
    database.insert(Grant(user=user, role=role, entity=entity))


@dataclass
class Stage:
    entity: Entity
    customer: Account
    bank: Account
    transit: Account
    source: IntakeSource


def account(
    entity: Entity,
    code: str,
    kind: str,
    side: str,
    *,
    currency: str = "EUR",
    balance: str = "0",
    floor: str | None = "0",
    **fields: Any,
) -> Account:
    made = Account.objects.create(
        entity=entity,
        code=code,
        name=fields.pop("name", code.title()),
        kind=kind,
        normal_side=side,
        currency=currency,
        **fields,
    )
    database.insert(
        AccountBalance(account=made, balance=Decimal(balance), floor=None if floor is None else Decimal(floor))
    )
    return made


def open_balance(account: Account, amount: str | Decimal | int, contra: Account) -> None:
    """What was there before the books, brought in as the owner of the tables does it."""
    database.as_owner("select open_balance(%s, %s, %s)", [account.pk, contra.pk, Decimal(amount)])


def bank_branch(
    code: str = "BANK", *, balance: str = "100000.00", iban: str = CUSTOMER_IBAN, undo_seconds: int = 0
) -> Stage:
    """A bank's branch: a customer's account with funds, the nostro and the transit account. Decisions take effect at
    once unless ``undo_seconds`` says otherwise."""
    entity = Entity.objects.create(
        code=code, name=f"Banque {code.title()}", profile="bank", bic="PSSTFRPPXXX", undo_seconds=undo_seconds
    )
    bank = account(entity, f"{code}-NOSTRO", "bank", "D", floor=None)
    transit = account(entity, f"{code}-TRANSIT", "transit", "C", floor=None)
    customer = account(
        entity,
        f"{code}-CUST",
        "customer",
        "C",
        balance=balance,
        iban=iban,
        bic="PSSTFRPPXXX",
        counterpart=bank,
        transit=transit,
        name="Fournitures Industrielles Ouest",
    )
    source = IntakeSource.objects.create(entity=entity, code="treasurer", name="Treasurer", maker="sender")
    return Stage(entity, customer, bank, transit, source)


def batch(stage: Stage, **fields: Any) -> PaymentBatch:
    number = next(_number)
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    attachment = Attachment.objects.create(
        entity=stage.entity, sha256=digest, size=1, name=f"{number}.xml", content_type="application/xml"
    )
    return PaymentBatch.objects.create(
        **{
            "entity": stage.entity,
            "source": stage.source,
            "channel": "file",
            "attachment": attachment,
            "sha256": digest,
            "status": "ready",
            "format": "pain.001.001.09",
            **fields,
        }
    )


def cut_off(entity: Entity, hour: time | None, *, begins: str = "2020-01-01", **fields: Any) -> CutOff:
    """A rule that counts since long; without an hour it says that there is no cut-off."""
    return CutOff.objects.create(
        **{
            "entity": entity, "local_time": hour, "mode": "time" if hour else "always", "time_zone": "Europe/Paris",
            "valid_from": begins, **fields,
        }
    )  # fmt: skip


def asks(payment: Payment, persons: int = 1, **demands: Any) -> None:
    """What a payment needs after its validation, frozen directly: so many persons of one stage."""
    for place in range(1, persons + 1):
        database.insert(PaymentRequirement(payment=payment, place=place, stage=1, **demands))


def payment(
    stage: Stage,
    *,
    amount: str = "150.00",
    status: str = "checked",
    maker: User | None = None,
    received_at: datetime | None = None,
    in_batch: PaymentBatch | None = None,
    approvals_required: int = 1,
    approvals_given: int | None = None,
    **fields: Any,
) -> Payment:
    """A payment at a point of its life, made directly (tests of the doors make theirs through the doors)."""
    number = next(_number)
    moment = received_at or timezone.now()
    made = Payment.objects.create(
        **{
            "entity": stage.entity,
            "batch": in_batch or batch(stage),
            "position": number,
            "kind": "sepa",
            "channel": "file",
            "received_at": moment,
            "maker": maker,
            "amount": Decimal(amount),
            "currency": "EUR",
            "requested_execution_date": timezone.localdate() + timedelta(days=1),
            "debtor_name": stage.customer.name,
            "debtor_number": stage.customer.iban,
            "debtor_account": stage.customer,
            "creditor_name": "Kervella Matériaux SARL",
            "creditor_number": PAYEE_IBAN,
            "end_to_end_id": f"E2E-{number}",
            "remittance": f"Invoice {number}",
            "service_level": "SEPA",
            "charge_bearer": "SLEV",
            "fingerprint": hashlib.sha256(f"payment {number}".encode()).digest(),
            **fields,
        }
    )
    past = status in {"approved", "posted", "sent", "settled", "returned"}
    database.insert(
        PaymentState(
            payment=made,
            entity=stage.entity,
            status=status,
            due_at=moment + timedelta(hours=4),
            outcome="" if status == "received" else "pass",
            changed_at=moment,
            approvals_required=approvals_required,
            approvals_given=approvals_given if approvals_given is not None else (approvals_required if past else 0),
        )
    )
    return made


def to_bank(account: Account) -> list[OutgoingFile]:
    """What waits of an account goes to the bank now, in files that a supervisor prepares and sends."""
    supervisor = person(roles.SUPERVISOR)
    files = settlement.prepare(account=account, actor=supervisor)
    return [settlement.send(file_id=file.pk, actor=supervisor) for file in files]


def returned(*payments: Payment, reason_code: str = "AC04", **said: Any) -> list[workflow.Answer]:
    """Two supervisors book the return of these payments; the answers of the second."""
    ids = [one.pk for one in payments]
    for supervisor in (person(roles.SUPERVISOR), person(roles.SUPERVISOR)):
        answers = workflow.return_(ids=ids, actor=supervisor, reason_code=reason_code, **said)
    return answers


def branch_with_suspense() -> Stage:
    """1,000.00 on the customer's account, one approval asked, and an account where what comes in may wait."""
    stage = bank_branch(balance="0")
    open_balance(stage.customer, "1000.00", stage.bank)
    account(stage.entity, "471", "suspense", "C", floor=None, counterpart=stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage
