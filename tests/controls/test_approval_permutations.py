"""Every order of people against a plain model of the rules: who may sign next, and what it takes to be approved.

The model is written without the engine: sets and a list. People are makers, amenders, signers of every role, deputies
and a program; the requirement is any list of stages. Whoever the model lets sign signs, everybody else is refused with
the reason that the model names, and the payment is approved with the last signature that was asked, never before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.people import roles
from backoffice.people.models import Delegation, User
from controls import approvals
from controls.models import ApprovalPolicy
from tests import people
from tests.people import grant
from tests.web.desk import state
from transactions import workflow
from transactions.models import Payment, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db

CAST = {
    "maker": "supervisor", "amender": "supervisor", "operator 1": "operator", "operator 2": "operator",
    "operator 3": "operator", "supervisor 1": "supervisor", "supervisor 2": "supervisor", "low": "supervisor",
    "administrator": "administrator", "auditor": "auditor", "machine": "supervisor",
}  # fmt: skip
# Deputy -> giver. The giver of the second made the payment; the third hands on what was given to them.
DEPUTIES = {"operator 1": "supervisor 1", "operator 2": "maker", "operator 3": "operator 1"}
SIGNERS = [(name, None) for name in CAST] + list(DEPUTIES.items())
LADDER = {"operator": {"operator"}, "supervisor": {"operator", "supervisor"}}


@dataclass
class Model:
    """The rules as sentences. ``asked`` is the role of each place after the validation."""

    asked: list[str]
    names: set[str] = field(default_factory=set)
    given: int = 0

    def why_not(self, who: str, giver: str | None) -> str:
        both = {who, giver} - {None}
        if CAST[who] in {"administrator", "auditor"}:
            return "not_there" if who == "administrator" else "denied"
        if who == "machine":
            return "payment.by_machine"
        if both & {"maker", "amender"}:
            return "payment.own_work"
        if both & self.names:
            return "payment.signed_before"
        if self.given and (role := self.asked[self.given - 1]) and role not in LADDER.get(CAST[giver or who], ()):
            return "signing.role"
        return "payment.over_limit" if who == "low" else ""

    def sign(self, who: str, giver: str | None) -> None:
        self.names |= {name for name in (who, giver) if name}
        self.given += 1

    @property
    def done(self) -> bool:
        return self.given == 1 + len(self.asked)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def build(stages: list[dict[str, Any]]) -> tuple[Payment, dict[str, User]]:
    stage = people.bank_branch()
    cast = {
        name: people.person(role, name=name, is_machine=name == "machine", limit="10" if name == "low" else "1000000")
        for name, role in CAST.items()
    }
    # An administrator with every limit and a right of another entity has no right here.
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    grant(cast["administrator"], roles.SUPERVISOR, other.entity)
    now = timezone.now()
    for deputy, giver in DEPUTIES.items():
        for act in ("validate", "approve"):
            Delegation.objects.create(
                giver=cast[giver], deputy=cast[deputy], act=act, entity=stage.entity, reason="-",
                valid_from=now - timedelta(1), valid_to=now + timedelta(1),
            )  # fmt: skip
    ApprovalPolicy.objects.create(
        entity=stage.entity, from_amount=Decimal(0), approvals=sum(one["persons"] for one in stages), stages=stages
    )
    payment = people.payment(stage, maker=cast["maker"])
    change = {"creditor_name": "Amended"}
    assert workflow.amend(payment_id=payment.pk, actor=cast["amender"], changes=change, version=1, reason="x").done
    PaymentState.objects.filter(pk=payment.pk).update(status="checked")
    return payment, cast


def attempt(payment: Payment, who: User, giver: User | None) -> str:
    sign = approvals.validate if state(payment).status == "checked" else workflow.approve
    try:
        return sign(ids=[payment.pk], actor=who, on_behalf_of=giver.pk if giver else None, reason="seen")[0].code
    except Exception as refused:
        return getattr(refused, "code", repr(refused))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stages=st.lists(
        st.builds(
            lambda persons, role: {"persons": persons, "role": role},
            st.integers(1, 2), st.sampled_from(["", "operator", "supervisor"]),
        ),
        min_size=1, max_size=3,
    ),
    order=st.lists(st.sampled_from(SIGNERS), min_size=4, max_size=14),
)  # fmt: skip
def test_any_order_of_people_is_answered_as_the_rules_say(
    stages: list[dict[str, Any]], order: list[tuple[str, str | None]]
) -> None:
    with undone():
        payment, cast = build(stages)
        model = Model([one["role"] for one in stages for _person in range(one["persons"])])
        for who, giver in order:
            if model.done:
                break
            expected = model.why_not(who, giver)
            assert attempt(payment, cast[who], cast[giver] if giver else None) == expected, (who, giver, model)
            if not expected:
                model.sign(who, giver)
            now = state(payment)
            assert now.status == ("approved" if model.done else "validated" if model.given else "checked")
            assert now.approvals_given == max(0, model.given - 1)
        signed = PaymentApproval.objects.filter(payment=payment).values_list("person__full_name", "on_behalf_of")
        assert len(signed) == model.given
        assert {name for name, _giver in signed} <= model.names
