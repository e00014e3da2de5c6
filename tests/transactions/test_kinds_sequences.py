"""Whatever is done in whatever order to payments that come in, refunds and card payments, the books agree."""

import contextlib
import itertools
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from controls import approvals
from controls.models import ApprovalPolicy
from tests import people
from transactions import cards, ledger, refunds, workflow
from transactions.models import Account, AccountBalance, CardPayment, Payment, PaymentState, Refund

pytestmark = pytest.mark.django_db

ONWARD = ("validate", "approve", "post")
OWN = ("refund", "refund", "apply", "payout", "chargeback", "send", "settle", "return")
VERBS = (*ONWARD, *ONWARD, *OWN, *OWN, "reject", "cancel", "reopen", "hold", "lift")
LIFE = (("validate", 0), ("approve", 1), ("post", 0))
step = st.tuples(st.sampled_from(VERBS), st.sets(st.integers(0, 9), min_size=1), st.integers(0, 2))


class _Undo(Exception):
    """Takes an example's rows back."""


class House:
    """A bank whose customer has 500.00, with four incoming payments (one to nobody known) and three card payments."""

    def __init__(self) -> None:
        stage = self.stage = people.bank_branch(balance="0")
        people.open_balance(stage.customer, "500.00", stage.bank)
        people.account(stage.entity, "471", "suspense", "C", floor=None, counterpart=stage.bank)
        fees = people.account(stage.entity, "627", "expense", "D", floor=None)
        self.claim = people.account(
            stage.entity, "PSP", "receivable", "D", floor=None, counterpart=stage.bank, fees=fees
        )
        ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
        self.actors = [people.person("supervisor") for _ in range(3)]
        self.references = itertools.count(1)
        usual = {"debtor_account": None, "debtor_number": people.PAYEE_IBAN, "debtor_name": "Claire"}
        ours = {"creditor_account": stage.customer, "creditor_number": stage.customer.iban}
        made = [
            people.payment(stage, amount=amount, kind="incoming", **usual, **ours)
            for amount in ("100.00", "40.00", "0.01")
        ]
        made.append(people.payment(stage, amount="70.00", kind="incoming", **usual))
        for amount, fee in (("90.00", "2.61"), ("10.00", "0.00"), ("200.00", "5.80")):
            made.append(people.payment(stage, amount=amount, kind="card", **usual, **ours))
            CardPayment.objects.create(
                payment=made[-1], entity=stage.entity, acquirer=self.claim, acquirer_code="PSP",
                captured_on=timezone.localdate(), fee=Decimal(fee),
            )  # fmt: skip
        self.ids = [payment.pk for payment in made]

    def act(self, verb: str, places: set[int], who: int) -> None:
        # Refunds come to the end of the list as they are made.
        ids = [self.ids[place] for place in sorted(places) if place < len(self.ids)]
        actor = self.actors[who]
        if ids:
            {
                "validate": lambda: approvals.validate(ids=ids, actor=actor, reason="seen"),
                "approve": lambda: workflow.approve(ids=ids, actor=actor),
                "post": lambda: workflow.post(ids=ids),
                "send": lambda: people.to_bank(self.stage.customer),
                "settle": lambda: workflow.settle(ids=ids, actor=actor),
                "return": lambda: people.returned(*Payment.objects.filter(pk__in=ids)),
                "reject": lambda: workflow.reject(ids=ids, actor=actor, reason_code="AC01"),
                "cancel": lambda: workflow.cancel(ids=ids, actor=actor, reason="x"),
                "reopen": lambda: workflow.reopen(ids=ids, actor=actor, reason="x"),
                "hold": lambda: workflow.hold(ids=ids, actor=actor, reason="x"),
                "lift": lambda: workflow.lift(ids=ids, actor=actor, reason="x"),
                "apply": lambda: workflow.apply(
                    ids=ids, actor=actor, account_id=self.stage.customer.pk, reason="known"
                ),
                "chargeback": lambda: workflow.charge_back(ids=ids, actor=actor, reason_code="FRAD", fee="15"),
                "refund": lambda: self.refund(ids, actor),
                "payout": lambda: self.payout(ids, actor),
            }[verb]()
        PaymentState.objects.filter(status="received").update(status="checked")  # the worker checks them

    def refund(self, ids: list[int], actor: User) -> None:
        asked = [refunds.Asked(key, Decimal("35.00")) for key in ids]
        answers = refunds.refund(asked=asked, actor=actor, reason_code="CUST")
        self.ids += [answer.params["refund"] for answer in answers if answer.done]

    def payout(self, ids: list[int], actor: User) -> None:
        total = sql.rows("select coalesce(sum(part), 0) from payout_parts(%s)", [ids])[0][0]
        with contextlib.suppress(BusinessError):
            cards.receive_payout(
                actor=actor, acquirer_id=self.claim.pk, reference=f"PO-{next(self.references)}", amount=total,
                paid_on=timezone.localdate(), ids=ids,
            )  # fmt: skip

    def agree(self) -> None:
        assert ledger.audit() == []
        sides = sql.rows("select sum(case side when 'D' then amount else -amount end) from transactions_posting")
        assert sides == [(0,)]
        assert not AccountBalance.objects.filter(held__lt=0).exists()
        assert not AccountBalance.objects.filter(floor=0, balance__lt=0).exists()
        for original in Payment.objects.filter(refunds__isnull=False).distinct():
            standing = Refund.objects.filter(original=original).exclude(
                payment__state__status__in=["rejected", "cancelled", "returned"]
            )
            paid = sum((one.payment.amount for one in standing.select_related("payment")), Decimal(0))
            state = PaymentState.objects.get(pk=original.pk)
            assert paid <= original.amount
            assert not paid or state.status == "settled"
        # The claim is what was captured and not paid out, less what was taken back and not paid.
        open_parts = sql.rows(
            "select coalesce(sum(part), 0) from payout_parts(array("
            "select payment_id from transactions_paymentstate where status in ('posted', 'settled', 'returned')))"
        )
        assert AccountBalance.objects.get(account=self.claim).balance == open_parts[0][0]
        waiting = sum(
            Payment.objects.filter(kind="incoming", state__status="posted").values_list("amount", flat=True), Decimal(0)
        )
        assert AccountBalance.objects.get(account__code="471").balance == waiting


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(LIFE)), st.lists(step, min_size=1, max_size=12))
def test_any_sequence_of_verbs_leaves_the_books_in_agreement(
    begun: int, steps: list[tuple[str, set[int], int]]
) -> None:
    try:
        with transaction.atomic():
            house = House()
            for verb, who in LIFE[:begun]:
                house.act(verb, set(range(7)), who)
            house.agree()
            for verb, places, who in steps:
                house.act(verb, places, who)
                house.agree()
            raise _Undo
    except _Undo:
        pass


def test_a_full_life_is_such_a_sequence() -> None:
    """The property above is not empty: this one applies, refunds, pays out and takes back."""
    house = House()
    for verb, places, who in (
        *((verb, set(range(7)), who) for verb, who in LIFE),
        ("apply", {3}, 0), ("payout", {4, 5, 6}, 1), ("refund", {0, 1, 3, 4}, 2),
        *((verb, {7, 8, 9, 10}, who) for verb, who in LIFE),
        ("send", {7}, 1), ("settle", {7, 8, 9, 10}, 0), ("refund", {0, 1}, 0), ("chargeback", {5, 6}, 1),
        ("payout", {5, 6}, 1),
    ):  # fmt: skip
        house.act(verb, places, who)
        house.agree()
    told = dict(PaymentState.objects.values_list("payment_id", "status"))
    assert [told[key] for key in house.ids[:7]] == ["settled"] * 5 + ["returned"] * 2
    assert [told[key] for key in house.ids[7:]] == ["settled"] * 4 + ["checked"]
    assert Account.objects.filter(code="PSP").exists()
