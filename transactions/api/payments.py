"""/api/v1/payments: entering and listing payments. The detail, which shows findings, is in controls/api.py."""

import re
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from backoffice.common import errors, problems, sql
from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, MoneyText, Number, Output, PageQuery, Person, Text, plain
from backoffice.people.models import User
from documents.models import AuditRecord
from transactions import births, intake, queries
from transactions import refunds as paid_back
from transactions.api.batches import BatchOut, ProblemOut, source_of
from transactions.models import Payment, PaymentBatch, PaymentState

MOST_AT_ONCE = 10_000
# Direct debits come in files with their mandates, refunds from what they refund, card payments by /card-payments.
ENTERED = [
    kind for kind in Payment.Kind.values if kind not in {Payment.Kind.DEBIT, Payment.Kind.REFUND, Payment.Kind.CARD}
]
OUTCOMES = ("pass", "inform", "warn", "second", "hold", "reject")
# Filters whose name in the API is another one than in the query.
NAMED_OTHERWISE = {"q": "text", "batch": "batch_id", "account": "debtor_account_id", "payee": "payee_id"}


class PaymentRow(Output):
    id = serializers.IntegerField()
    reference = serializers.CharField()
    entity = serializers.IntegerField(source="entity_id")
    batch = serializers.IntegerField(source="batch_id")
    position = serializers.IntegerField()
    kind = serializers.CharField()
    channel = serializers.CharField()
    status = serializers.CharField(source="state.status")
    version = serializers.IntegerField(source="state.version", help_text="Send it with a verb to act on what was read.")
    outcome = serializers.CharField(source="state.outcome", help_text="The worst finding; empty until it was checked.")
    risk = serializers.IntegerField(source="state.risk")
    hold_count = serializers.IntegerField(source="state.hold_count")
    approvals_required = serializers.IntegerField(source="state.approvals_required")
    approvals_given = serializers.IntegerField(source="state.approvals_given")
    priority = serializers.IntegerField(source="state.priority")
    due_at = Moment(source="state.due_at")
    cut_off_at = Moment(
        source="state.cut_off_at", allow_null=True, help_text="The last moment to release it; null: it has no cut-off."
    )
    execution_date = serializers.DateField(
        source="goes_on", allow_null=True,
        help_text="The day it goes when released in time; once that was missed, the day of the next cut-off.",
    )  # fmt: skip
    will_miss = serializers.BooleanField(
        allow_null=True, help_text="At the measured pace it is not approved by its cut-off; null where nobody asked."
    )
    effective_at = Moment(
        source="state.effective_at", allow_null=True, help_text="An approval is posted from then on, not before."
    )
    received_at = Moment()
    amount = Money()
    currency = serializers.CharField()
    requested_execution_date = serializers.DateField()
    debtor_name = serializers.CharField()
    debtor_number = Number()
    creditor_name = serializers.CharField()
    creditor_number = Number()
    end_to_end_id = serializers.CharField()


class ApprovalOut(Output):
    stage = serializers.IntegerField(help_text="0 validates, 1 and above approve.")
    person = Person()
    on_behalf_of = Person(allow_null=True, help_text="In whose place a deputy signed.")
    reason_code = serializers.CharField()
    reason = serializers.CharField()
    given_at = Moment()


class RequirementOut(Output):
    place = serializers.IntegerField(help_text="The stage number of the signature that fills it.")
    stage = serializers.IntegerField(help_text="Places of one stage are filled in any order.")
    role = serializers.CharField(help_text="Empty: whoever has the right.")
    team = serializers.CharField(source="team.name", default=None, allow_null=True)
    ceiling = serializers.DecimalField(18, 5, allow_null=True, help_text="The signer's own limit is at least this.")


class HoldOut(Output):
    id = serializers.IntegerField()
    code = serializers.CharField()
    reason = serializers.CharField()
    rule = serializers.CharField(source="rule_code")
    placed_by = Person(allow_null=True)
    placed_at = Moment()
    until = Moment(allow_null=True)
    question = serializers.CharField(help_text="Asked again at that moment.")
    lifts_itself = serializers.BooleanField()
    came_due_at = Moment(allow_null=True)
    lifted_by = Person(allow_null=True)
    lifted_at = Moment(allow_null=True)
    lift_reason = serializers.CharField()
    answer = serializers.CharField()


class AuditOut(Output):
    id = serializers.IntegerField()
    occurred_at = Moment()
    entity = serializers.IntegerField(source="entity_id", allow_null=True)
    subject_type = serializers.CharField()
    subject = serializers.IntegerField(source="subject_id")
    action = serializers.CharField()
    actor = Person(allow_null=True, help_text="Null: the machine.")
    reason = serializers.CharField()
    data = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="Null without the right iban.view."
    )

    def get_data(self, record: AuditRecord) -> dict[str, Any] | None:
        return record.details if self.context.get("clear") else None


class CardOut(Output):
    acquirer = serializers.IntegerField(source="acquirer_id", allow_null=True)
    acquirer_code = serializers.CharField()
    order_reference = serializers.CharField()
    captured_on = serializers.DateField()
    fee = Money(currency="payment.currency")
    net = Money(currency="payment.currency")
    payout_reference = serializers.CharField(help_text="As announced.")
    payout = serializers.IntegerField(source="payout_id", allow_null=True, help_text="Null: not paid out yet.")


class BirthOut(Output):
    side = serializers.CharField(help_text="debtor, creditor, ultimate_debtor, ultimate_creditor.")
    born_on = serializers.DateField(allow_null=True)
    province = serializers.CharField()
    town = serializers.CharField()
    country = serializers.CharField()


class PaymentOut(PaymentRow):
    """Everything that was asked, and who has it in hand."""

    debtor_bic = serializers.CharField()
    debtor_account = serializers.IntegerField(source="debtor_account_id", allow_null=True)
    debtor_address = serializers.DictField(help_text="Of incoming payments: where the payer lives.")
    ultimate_debtor = serializers.CharField()
    creditor_bic = serializers.CharField()
    creditor_address = serializers.DictField()
    creditor_account = serializers.IntegerField(source="creditor_account_id", allow_null=True)
    ultimate_creditor = serializers.CharField()
    births = serializers.SerializerMethodField(help_text="Of natural persons, as far as the payment says it.")
    payee = serializers.IntegerField(source="payee_id", allow_null=True)
    payment_info_id = serializers.CharField()
    instruction_id = serializers.CharField()
    uetr = serializers.CharField()
    remittance = serializers.CharField()
    creditor_reference = serializers.CharField()
    purpose = serializers.CharField()
    category_purpose = serializers.CharField()
    service_level = serializers.CharField()
    local_instrument = serializers.CharField()
    charge_bearer = serializers.CharField()
    maker = Person(allow_null=True, help_text="Null: the outside sender of the file.")
    claimed_by = Person(source="state.claimed_by", allow_null=True)
    claimed_until = Moment(source="state.claimed_until", allow_null=True)
    changed_at = Moment(source="state.changed_at")
    card = serializers.SerializerMethodField(help_text="What the acquirer reported of a card payment; else null.")
    refund_of = serializers.SerializerMethodField(help_text="The payment that a refund pays back; else null.")
    refunded = serializers.SerializerMethodField(
        help_text="How much of a payment that came in was refunded or is being refunded; of others null."
    )
    refunds = serializers.SerializerMethodField(help_text="Its refunds, the oldest first, rejected ones too.")

    @extend_schema_field(BirthOut(many=True))
    def get_births(self, of: Payment) -> list[dict[str, Any]]:
        nothing = {"born_on": None, "province": "", "town": "", "country": ""}
        return [{"side": side, **nothing, **said} for side, said in births.of(of.pk).items()]

    @extend_schema_field(CardOut(allow_null=True))
    def get_card(self, of: Payment) -> dict[str, Any] | None:
        return dict(CardOut(of.card).data) if of.kind == Payment.Kind.CARD else None

    def get_refund_of(self, of: Payment) -> int | None:
        return of.refund.original_id if of.kind == Payment.Kind.REFUND else None

    def get_refunded(self, of: Payment) -> str | None:
        found = self._refunds(of)
        return None if found is None else plain(found.total, of.currency)

    def get_refunds(self, of: Payment) -> list[int]:
        found = self._refunds(of)
        return [] if found is None else [one.payment_id for one in found.refunds]

    def _refunds(self, of: Payment) -> paid_back.Refunded | None:
        if not hasattr(of, "told_refunds"):
            of.told_refunds = paid_back.of(of)  # type: ignore[attr-defined]
        told: paid_back.Refunded | None = of.told_refunds  # type: ignore[attr-defined]
        return told


class PaymentQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(PaymentState.Status.values, required=False)
    outcome = serializers.ChoiceField(OUTCOMES, required=False, help_text="The worst finding.")
    held = serializers.BooleanField(required=False, help_text="Waits for a hold to be lifted, or does not.")
    batch = serializers.IntegerField(required=False)
    kind = serializers.ChoiceField(Payment.Kind.values, required=False)
    channel = serializers.ChoiceField(PaymentBatch.Channel.values, required=False)
    currency = serializers.CharField(required=False, max_length=3)
    account = serializers.IntegerField(required=False, help_text="Our account that is debited.")
    payee = serializers.IntegerField(required=False)
    end_to_end_id = serializers.CharField(required=False, max_length=35)
    execution_from = serializers.DateField(required=False, help_text="Requested execution date.")
    execution_to = serializers.DateField(required=False, help_text="This day included.")
    cut_off_from = Moment(required=False, help_text="Its cut-off is at this moment or later.")
    cut_off_to = Moment(required=False, help_text="Its cut-off is at this moment or before.")
    will_miss = serializers.BooleanField(required=False, help_text="Will miss its cut-off at the measured pace.")
    received_from = serializers.DateField(required=False)
    received_to = serializers.DateField(required=False, help_text="This day included.")
    amount_from = serializers.DecimalField(max_digits=18, decimal_places=5, required=False)
    amount_to = serializers.DecimalField(max_digits=18, decimal_places=5, required=False)
    q = serializers.CharField(
        required=False,
        max_length=140,
        help_text="A payment number, IBAN, amount, or the beginning of a reference, payee's name or file's name.",
    )


class AddressIn(Input):
    street = Text(140)
    building = Text(16)
    post_code = Text(16)
    town = Text(70)
    country = Text(2)
    lines = serializers.ListField(child=serializers.CharField(max_length=70), required=False, max_length=7)


class BirthIn(Input):
    born_on = serializers.DateField(required=False, allow_null=True)
    province = Text(35)
    town = Text(35)
    country = Text(2)


class PaymentIn(Input):
    """A payment as it is asked for. What it means (accounts, dates, amounts) is judged by intake and checks.

    Of an incoming payment the debtor is outside and the creditor's account is ours; its requested execution date is the
    value date.
    """

    kind = serializers.ChoiceField(ENTERED, required=False)
    debtor_account = serializers.CharField(
        max_length=42, required=False,
        help_text="IBAN or code of one of our accounts; of an incoming payment the payer's, which may be left out.",
    )  # fmt: skip
    debtor_name = Text(140, help_text="Of an incoming payment alone: ours are known.")
    debtor_bic = Text(11, help_text="Of an incoming payment alone.")
    debtor_address = AddressIn(required=False, help_text="Of an incoming payment alone.")
    debtor_birth = BirthIn(required=False, help_text="Of an incoming payment alone.")
    creditor_name = Text(140)
    creditor_account = serializers.CharField(
        max_length=42, required=False,
        help_text="IBAN, or code of an account for internal and incoming. An incoming payment may leave it out.",
    )  # fmt: skip
    creditor_bic = Text(11)
    creditor_address = AddressIn(required=False)
    creditor_birth = BirthIn(required=False, help_text="Of a natural person.")
    amount = MoneyText(max_length=24)
    currency = serializers.CharField(max_length=3)
    requested_execution_date = serializers.DateField()
    end_to_end_id = Text(35)
    instruction_id = Text(35)
    remittance = Text(140)
    creditor_reference = Text(35)
    uetr = Text(36)
    purpose = Text(35)
    category_purpose = Text(35)
    charge_bearer = Text(4)
    service_level = Text(35)
    local_instrument = Text(35)
    ultimate_debtor = Text(140)
    ultimate_creditor = Text(140)
    ultimate_debtor_birth = BirthIn(required=False)
    ultimate_creditor_birth = BirthIn(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wrong: dict[str, list[ErrorDetail]] = {}
        names: tuple[str, ...] = ()
        if attrs.get("kind") != Payment.Kind.INCOMING:
            names = ("debtor_account", "creditor_account")
            for name in ("debtor_name", "debtor_bic", "debtor_address", "debtor_birth"):
                if attrs.get(name):
                    wrong[name] = [ErrorDetail(_("Only an incoming payment says this."), code="invalid")]
        for name in names:
            if not attrs.get(name):
                wrong[name] = [ErrorDetail(str(self.fields[name].error_messages["required"]), code="required")]
        if wrong:
            raise serializers.ValidationError(wrong)
        return attrs


class PaymentsIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1, help_text="May be left out when there is only one.")
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=30, help_text="Code of the source."
    )
    payments = PaymentIn(many=True, allow_empty=False, max_length=MOST_AT_ONCE)  # type: ignore[call-arg]


class PaymentsMade(Output):
    batch = BatchOut()
    payments = PaymentRow(many=True)
    problems = ProblemOut(many=True)


class PaymentList(Endpoint):
    largest_body = 20_000_000

    @act("payment.view", "Payments, the newest first", output=PaymentRow, query=PaymentQuery, paged=True)
    def get(self, request: Request) -> Any:
        asked = self.query
        wanted = {
            NAMED_OTHERWISE.get(name, name): value
            for name, value in asked.items()
            if name not in {"entity", "cursor", "limit"}
        }
        chosen = self.chosen()
        if "will_miss" in wanted:
            wanted["missing"] = queries.will_miss(chosen)
        found = queries.payments_page(
            queries.PaymentFilter(entity_ids=chosen, **wanted),
            cursor=asked.get("cursor", ""),
            size=asked.get("limit", PageQuery.USUAL),
        )
        return self.paged(queries.with_times(found.items), found.next, found.previous)

    @act("payment.create", "Enter one payment or many", body=PaymentsIn, output=PaymentsMade, status=201,
         items=lambda body: len(body["payments"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        """What is taken in is answered with 201, with the problems of the rest; when nothing is, with 422."""
        entity = self.entity()
        batch = intake.receive_payments(
            payments=[_as_asked(payment) for payment in self.body["payments"]],
            entity=entity,
            actor=self.person,
            channel=PaymentBatch.Channel.API,
            source=source_of(entity, self.body.get("source")),
        )
        wrong = list(batch.problems.order_by("id")[:MOST_AT_ONCE]) if batch.said_count else []  # type: ignore[attr-defined]
        taken = getattr(batch, "taken", None) or (with_states(batch) if batch.taken_count else [])
        if not taken:
            return refused(batch, wrong)
        made = {
            "batch": self.show(BatchOut, batch),
            "payments": self.show(PaymentRow, taken, many=True),
            "problems": self.show(ProblemOut, wrong, many=True),
        }
        response = HttpResponse(problems.dumps(made), status=201, content_type="application/json")
        if len(taken) == 1:
            response.headers["Location"] = f"{request.path}/{taken[0].pk}"
        return response


_TAKEN = f"""
    select {sql.columns(Payment, "p")}, {sql.columns(PaymentState, "s")}
    from transactions_payment p join transactions_paymentstate s on s.payment_id = p.id
    where p.batch_id = %s order by p.position
"""  # noqa: S608 - names of columns


def with_states(batch: PaymentBatch) -> list[Payment]:
    taken = []
    for payment, state in sql.instances(_TAKEN, [batch.pk], Payment, PaymentState):
        payment.state = state
        taken.append(payment)
    return taken


def _as_asked(payment: dict[str, Any]) -> dict[str, Any]:
    """As the door of intake takes it: what was left out is absent, dates are ISO 8601."""
    asked = {name: value for name, value in payment.items() if value not in ("", None)}
    asked["requested_execution_date"] = payment["requested_execution_date"].isoformat()
    return asked


def refused(batch: PaymentBatch, wrong: Iterable[Any]) -> HttpResponse:
    told = [
        {
            "field": _place(problem.path) or problem.field,
            "code": problem.code,
            "detail": errors.sentence(problem.code, problem.params),
        }
        for problem in wrong
    ]
    return problems.problem(422, "payment.none_taken", {"batch": batch.pk}, errors=told)


def _place(path: str) -> str:
    """``/payments/0/creditor_account`` as ``payments[0].creditor_account``."""
    return re.sub(r"^payments/(\d+)", r"payments[\1]", path.strip("/")).replace("/", ".")


def with_actors(records: Iterable[AuditRecord]) -> list[AuditRecord]:
    """The records with their people. One query."""
    told = list(records)
    people = User.objects.in_bulk({record.actor_id for record in told if record.actor_id})
    for record in told:
        record.actor = people.get(record.actor_id) if record.actor_id else None  # type: ignore[attr-defined]
    return told
