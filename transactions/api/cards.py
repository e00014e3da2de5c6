"""/api/v1/card-payments and /payouts: what acquirers report and what they pay out."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import problems
from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, MoneyText, Output, PageQuery, Person, Text
from transactions import cards, intake
from transactions.api.batches import BatchOut, ProblemOut, source_of
from transactions.api.payments import MOST_AT_ONCE, PaymentRow, PaymentsMade, refused, with_states
from transactions.api.verbs import Ids
from transactions.models import PaymentBatch


class CardIn(Input):
    """One payment as the acquirer or marketplace reports it. Fee or net may be left out: one follows from the other."""

    amount = MoneyText(max_length=24, help_text="The gross.")
    currency = serializers.CharField(max_length=3)
    fee = MoneyText(required=False, max_length=24)
    net = MoneyText(required=False, max_length=24)
    acquirer = serializers.CharField(max_length=20, help_text="Code of our claim on it, a receivable.")
    captured_on = serializers.DateField()
    transaction = Text(35, help_text="The acquirer's number of the payment.")
    order_reference = Text(35)
    payout_reference = Text(35, help_text="The payout that it is announced with.")
    payer = Text(140)
    creditor_account = Text(42, help_text="IBAN or code of the account that the gross is for; receivables if left out.")
    remittance = Text(140)


class CardsIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1)
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=30, help_text="Code of the source."
    )
    payments = CardIn(many=True, allow_empty=False, max_length=MOST_AT_ONCE)  # type: ignore[call-arg]


class PayoutOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    acquirer = serializers.IntegerField(source="acquirer_id", help_text="Our claim that it settled.")
    reference = serializers.CharField()
    amount = Money(currency="acquirer.currency")
    currency = serializers.CharField(source="acquirer.currency")
    paid_on = serializers.DateField()
    entry = serializers.IntegerField(source="entry_id")
    received_by = Person(allow_null=True)
    created_at = Moment()


class PayoutQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    acquirer = serializers.IntegerField(required=False)


class PayoutIn(Input):
    acquirer = serializers.IntegerField(min_value=1, help_text="Our claim on it.")
    reference = serializers.CharField(max_length=35)
    amount = MoneyText(max_length=24, help_text="As it arrived, in the currency of the claim.")
    paid_on = serializers.DateField()
    payments = Ids(
        required=False, help_text="Payments and charged-back ones; all announced under the reference if left out."
    )


class CardPaymentList(Endpoint):
    largest_body = 20_000_000

    @act("payment.create", "Enter what an acquirer or marketplace reports", body=CardsIn, output=PaymentsMade,
         status=201, items=lambda body: len(body["payments"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        """As POST /payments: 201 with the problems of the rest, 422 when nothing was taken in."""
        entity = self.entity()
        rows = [
            {name: value for name, value in row.items() if value not in ("", None)}
            | {"captured_on": row["captured_on"].isoformat()}
            for row in self.body["payments"]
        ]
        batch = intake.receive_payments(
            payments=rows, entity=entity, actor=self.person, channel=PaymentBatch.Channel.API,
            source=source_of(entity, self.body.get("source")), cards=True,
        )  # fmt: skip
        wrong = list(batch.problems.order_by("id")[:MOST_AT_ONCE]) if batch.said_count else []  # type: ignore[attr-defined]
        taken = with_states(batch) if batch.taken_count else []
        if not taken:
            return refused(batch, wrong)
        made = {
            "batch": self.show(BatchOut, batch),
            "payments": self.show(PaymentRow, taken, many=True),
            "problems": self.show(ProblemOut, wrong, many=True),
        }
        return HttpResponse(problems.dumps(made), status=201, content_type="application/json")


class PayoutList(Endpoint):
    @act("account.view", "Payouts of acquirers, the newest first", output=PayoutOut, query=PayoutQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = cards.payouts(self.chosen())
        if "acquirer" in self.query:
            found = found.filter(acquirer=self.query["acquirer"])
        return self.page_of(found, key=("id",), salt="payouts")

    @act("payment.settle", "Book what an acquirer paid: its payments become settled", body=PayoutIn, output=PayoutOut,
         status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        asked = self.body
        made = cards.receive_payout(
            actor=self.person, acquirer_id=asked["acquirer"], reference=asked["reference"], amount=asked["amount"],
            paid_on=asked["paid_on"], ids=asked.get("payments", ()),
        )  # fmt: skip
        return self.show(PayoutOut, made)
