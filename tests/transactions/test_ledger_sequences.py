"""Whatever people and workers do in whatever order, the books agree with themselves."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.common import sql
from backoffice.people.models import User
from controls import approvals
from controls.models import ApprovalPolicy
from tests import people
from transactions import ledger, workflow
from transactions.models import Account, AccountBalance, Payment, PaymentState

pytestmark = pytest.mark.django_db

ONWARD = ("validate", "approve", "post")
ENDS = ("reject", "cancel", "reopen", "send_back", "hold", "lift")
VERBS = (*ONWARD, *ONWARD, "send", "settle", "settle", "return", *ENDS)
AMOUNTS = ("400.00", "350.00", "250.00", "0.01", "999.99")
LIFE = (("validate", 0), ("approve", 1), ("post", 0), ("send", 0), ("settle", 0))
step = st.tuples(st.sampled_from(VERBS), st.sets(st.integers(0, 5), min_size=1), st.integers(0, 2))


class _Undo(Exception):
    """Takes an example's rows back."""


def act(verb: str, ids: list[int], actor: User) -> None:
    {
        "validate": lambda: approvals.validate(ids=ids, actor=actor, reason="seen"),
        "approve": lambda: workflow.approve(ids=ids, actor=actor),
        "post": lambda: workflow.post(ids=ids),
        "send": lambda: [people.to_bank(account) for account in Account.objects.filter(kind="customer")],
        "settle": lambda: workflow.settle(ids=ids, actor=actor),
        "return": lambda: people.returned(*Payment.objects.filter(pk__in=ids)),
        "reject": lambda: workflow.reject(ids=ids, actor=actor, reason_code="AC01"),
        "cancel": lambda: workflow.cancel(ids=ids, actor=actor, reason="x"),
        "reopen": lambda: workflow.reopen(ids=ids, actor=actor, reason="x"),
        "send_back": lambda: workflow.send_back(ids=ids, actor=actor, reason="x"),
        "hold": lambda: workflow.hold(ids=ids, actor=actor, reason="x"),
        "lift": lambda: workflow.lift(ids=ids, actor=actor, reason="x"),
    }[verb]()
    if verb == "reopen":  # the worker checks it again
        PaymentState.objects.filter(pk__in=ids, status="received").update(status="checked")


def agree(total: Decimal) -> None:
    assert ledger.audit() == []
    sides = sql.rows(
        "select currency, sum(case side when 'D' then amount else -amount end) from transactions_posting group by 1"
    )
    assert all(difference == 0 for _currency, difference in sides)
    assert not AccountBalance.objects.filter(held__lt=0).exists()
    assert not AccountBalance.objects.filter(floor=0, balance__lt=0).exists()
    customers = AccountBalance.objects.filter(account__kind__in=["customer", "transit"])
    moved = sum((row.balance for row in customers), Decimal(0))
    bank = AccountBalance.objects.get(account__kind="bank").balance
    assert moved == bank <= total, "what we owe is what we own"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(LIFE)), st.lists(step, min_size=1, max_size=12))
def test_any_sequence_of_verbs_leaves_the_books_in_agreement(
    begun: int, steps: list[tuple[str, set[int], int]]
) -> None:
    """Sequences begin at every point of the usual life, since chance alone seldom gets far along it."""
    try:
        with transaction.atomic():
            stage = people.bank_branch(balance="0")
            total = Decimal("1000.00")
            people.open_balance(stage.customer, total, stage.bank)
            savings = people.account(stage.entity, "SAVE", "customer", "C", iban="FR7630006000011234567890189")
            ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
            actors = [people.person("supervisor") for _ in range(3)]
            ids = [people.payment(stage, amount=amount).pk for amount in AMOUNTS]
            ids.append(people.payment(stage, amount="120.00", kind="internal", creditor_account=savings).pk)
            agree(total)
            for verb, who in LIFE[:begun]:
                act(verb, ids, actors[who])
            for verb, chosen, who in steps:
                act(verb, [ids[number] for number in sorted(chosen)], actors[who])
                agree(total)
            raise _Undo
    except _Undo:
        pass


def test_a_full_life_of_many_is_such_a_sequence() -> None:
    """The property above is not empty: this sequence posts, settles and returns."""
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "1000.00", stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    one, two = people.person("supervisor"), people.person("supervisor")
    ids = [people.payment(stage, amount=amount).pk for amount in AMOUNTS[:4]]
    life = ("validate", one), ("approve", two), ("post", one), ("send", one), ("settle", one), ("return", two)
    for verb, actor in life:
        act(verb, ids, actor)
        agree(Decimal("1000.00"))
    statuses = list(PaymentState.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["returned", "returned", "returned", "validated"], "the cent that did not fit waits"
