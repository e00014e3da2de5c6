"""Standing orders of tests: asked for by one person, approved by another, run at a moment."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from controls import approvals, assess, changes
from controls.models import ApprovalPolicy
from tests import people
from transactions import intake, workflow
from transactions.models import Account, Payment, PaymentBatch, StandingOrder

PARIS = ZoneInfo("Europe/Paris")
LANDLORD = people.PAYEE_IBAN


def at(day: str, hour: int = 6) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=PARIS)


def terms(**fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "creditor_name": "SCI Ti Glas", "creditor_number": LANDLORD, "amount": Decimal("750.00"),
        "remittance": "Loyer", "unit": "month", "every": 1, "first_on": date(2027, 1, 5), **fields,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def ask(account: Account, *, actor: Any = None, **fields: Any) -> StandingOrder:
    """Waits for its second person."""
    request = changes.ask_standing(actor=actor or people.person(), account=account, values=terms(**fields))
    return StandingOrder.objects.get(pk=request.subject_id)


def agreed(account: Account, **fields: Any) -> StandingOrder:
    """In force."""
    order = ask(account, **fields)
    approve(order)
    order.refresh_from_db()
    return order


def approve(order: StandingOrder, actor: Any = None) -> None:
    actor = actor or people.person()
    changes.sign(actor=actor, request_id=changes.waiting(actor, "standing", order.pk)[0].pk)


def taken_in() -> list[Payment]:
    """What the runs handed to intake, read and checked by the worker."""
    for batch in PaymentBatch.objects.filter(channel="standing", status="received").order_by("pk"):
        intake.read_batch(batch.pk)
        assess.assess_batch(batch.pk)
    return list(Payment.objects.filter(channel="standing").order_by("pk"))


def signed(payments: list[Payment]) -> None:
    ids = [payment.pk for payment in payments]
    for answer in approvals.validate(ids=ids, actor=people.person(), reason="Checked"):
        assert answer.done, answer
    for answer in workflow.approve(ids=ids, actor=people.person(), reason="Checked"):
        assert answer.done, answer


def branch(opening: str = "2000.00") -> people.Stage:
    """A bank's branch. The customer has paid in what is given; one approval after the validation."""
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, opening, stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage
