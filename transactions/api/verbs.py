"""/api/v1/payments/…/<verb>: what may be done to a payment, and to many at once, each answered on its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from backoffice.common import problems
from backoffice.common.api import LARGEST_LIST, Act, Endpoint, act
from backoffice.common.errors import NotThere
from backoffice.common.fields import Input, Moment, MoneyText, Output, Text
from backoffice.people import access
from backoffice.people.models import User
from transactions import reasons, refunds, workflow
from transactions.api.payments import AddressIn, BirthIn, PaymentRow
from transactions.models import InformationRequest, Payment, PaymentState
from transactions.workflow import Answer

REQUEST_KINDS = tuple(InformationRequest.Kind.values)
LONGEST_REASON = 2000


@extend_schema_field({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": LARGEST_LIST})
class Ids(serializers.Field[Any, Any, Any, Any]):
    """Identifiers, each once, at most 100,000."""

    def to_internal_value(self, data: Any) -> list[int]:
        if not isinstance(data, list) or not data or not all(type(key) is int and key > 0 for key in data):
            raise ValidationError(_("Give a list of payment numbers."), code="invalid")
        if len(data) > LARGEST_LIST:
            raise ValidationError(_("At most %(most)s at once.") % {"most": LARGEST_LIST}, code="max_length")
        if len(set(data)) < len(data):
            raise ValidationError(_("A payment is named twice."), code="unique")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}, "example": {"1204": 3}})
class Versions(serializers.Field[Any, Any, Any, Any]):
    """The version that was read of each payment."""

    def to_internal_value(self, data: Any) -> dict[int, int]:
        if not isinstance(data, dict) or not all(
            key.isascii() and key.isdecimal() and len(key) < 19 and type(version) is int
            for key, version in data.items()
        ):
            raise ValidationError(_("Give an object of payment numbers and versions."), code="invalid")
        return {int(key): version for key, version in data.items()}

    def to_representation(self, value: Any) -> Any:
        return value


class OneIn(Input):
    version = serializers.IntegerField(required=False, min_value=1, help_text="As it was read; another one is a 409.")


class IdsIn(Input):
    ids = Ids()


class ManyIn(IdsIn):
    versions = Versions(required=False)


class Why(Input):
    reason = serializers.CharField(max_length=LONGEST_REASON)


class MayWhy(Input):
    reason_code = Text(24)
    reason = Text(LONGEST_REASON)


class SignIn(MayWhy):
    on_behalf_of = serializers.IntegerField(
        required=False, min_value=1, help_text="The person in whose place you sign, under a delegation in force."
    )


class Coded(Input):
    reason_code = serializers.ChoiceField(workflow.REJECT_REASONS, help_text="ISO 20022 status reason.")
    reason = Text(LONGEST_REASON)


class ReturnIn(Coded):
    value_date = serializers.DateField(required=False, help_text="Of the bank's entry; today without it.")


class CancelIn(Input):
    reason_code = serializers.ChoiceField(reasons.CANCEL_CODES, required=False, help_text="Or words.")
    reason = Text(LONGEST_REASON)


class ReopenIn(Input):
    reason_code = serializers.ChoiceField(reasons.REOPEN_CODES, required=False, help_text="Or words.")
    reason = Text(LONGEST_REASON)


class HoldWhy(Why):
    code = serializers.ChoiceField(list(reasons.HOLD), required=False)
    until = Moment(required=False, help_text="It comes back on top then, with the question.")
    question = Text(LONGEST_REASON)
    lifts_itself = serializers.BooleanField(required=False, help_text="At `until`, without anybody.")


class LiftIn(Input):
    reason = Text(LONGEST_REASON)
    answer = Text(LONGEST_REASON, help_text="To the question of the hold; stands for the reason, too.")


class AskIn(Input):
    kind = serializers.ChoiceField(REQUEST_KINDS)
    question = serializers.CharField(max_length=LONGEST_REASON)
    addressee = serializers.ChoiceField(InformationRequest.Addressee.values)
    addressee_name = Text(140)
    team = serializers.IntegerField(required=False, min_value=1)
    due_at = Moment()
    required = serializers.BooleanField(  # type: ignore[assignment]
        required=False, help_text="The payment waits and nobody signs it; yes."
    )


class HandOverIn(Why):
    person = serializers.IntegerField(required=False, min_value=1)
    team = serializers.IntegerField(required=False, min_value=1)


class DeclineIn(Why):
    to_queue = serializers.BooleanField(required=False, help_text="To everybody instead of the giver.")


class MayReason(Input):
    reason = Text(LONGEST_REASON)


class ApplyIn(Why):
    account = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, help_text="Of the payment's entity, open, in its currency."
    )


class ChargebackIn(Input):
    fee = MoneyText(required=False, max_length=24, default="0", help_text="What the acquirer takes for each.")
    reason_code = serializers.ChoiceField(reasons.CHARGEBACK_CODES)
    reason = Text(LONGEST_REASON)


class RefundIn(Input):
    amount = MoneyText(required=False, max_length=24, help_text="Of each payment; all that is left when left out.")
    account = Text(42, help_text="Another account than the payer's: the checks hold such a refund.")
    name = Text(140, help_text="Whose it is; the payer when left out.")
    bic = Text(11)
    remittance = Text(140, help_text="What the payer reads; that of the payment when left out.")
    reason_code = serializers.ChoiceField(reasons.REFUND_CODES, help_text="ISO 20022 cancellation reason.")
    reason = Text(LONGEST_REASON)


class Empty(Input):
    pass


class AnswerOut(Output):
    payment = serializers.IntegerField(source="payment_id")
    done = serializers.BooleanField()
    code = serializers.CharField(help_text="Why not, or what to know of what was done; else empty.")
    params = serializers.DictField()
    detail = serializers.CharField(source="sentence")


class AnswersOut(Output):
    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    answers = AnswerOut(many=True, help_text="In the order asked.")


Run = Callable[[Sequence[int], User, Mapping[str, Any]], Sequence[Answer]]


@dataclass(frozen=True)
class Verb:
    """A verb of the workflow as two endpoints: of one payment and of many. ``versioned``: takes the version read."""

    name: str
    right: str
    summary: str
    takes: type[Input]
    run: Run
    versioned: bool = True

    def body(self, bases: tuple[type[Input], ...], suffix: str) -> type[Input]:
        name = "".join(part.title() for part in self.name.split("-")) + suffix
        return type(name, tuple(dict.fromkeys((*bases, self.takes))), {"__doc__": self.summary})

    def acts(self) -> tuple[Act, Act]:
        one: tuple[type[Input], ...] = (OneIn,) if self.versioned else ()
        many: tuple[type[Input], ...] = (ManyIn,) if self.versioned else (IdsIn,)
        return (
            Act(self.right, self.summary, body=self.body(one, "In"), output=PaymentRow),
            Act(
                self.right,
                f"{self.summary} (many)",
                body=self.body(many, "ManyIn"),
                output=AnswersOut,
                items=lambda body: len(body["ids"]),
            ),
        )


def simple(verb: Callable[..., Sequence[Answer]]) -> Run:
    """A verb of the workflow that takes what the body says by the same names."""

    def run(ids: Sequence[int], actor: User, body: Mapping[str, Any]) -> Sequence[Answer]:
        return verb(ids=ids, actor=actor, **body)

    return run


def _refund(ids: Sequence[int], actor: User, body: Mapping[str, Any]) -> Sequence[Answer]:
    said = dict(body)
    why = {name: said.pop(name) for name in ("reason_code", "reason")}
    amount = said.pop("amount", None)
    asked = [refunds.Asked(key, amount=None if amount is None else amount, **said) for key in ids]
    return refunds.refund(asked=asked, actor=actor, **why)


class VerbEndpoint(Endpoint):
    """Base of both: ``verb`` and its act come with the address."""

    verb = Verb("", "", "", Empty, simple(workflow.claim))
    declared: Act | None = None

    def act_of(self, method: str) -> Act | None:
        return self.declared if method == "POST" else None

    def split(self, ids: Sequence[int]) -> tuple[list[int], dict[int, Answer]]:
        """Which of the payments the person may do this to, and the answers for the others. One query."""
        may, sees = set(self.places()), set(self.places("payment.view"))
        where = dict(PaymentState.objects.filter(pk__in=ids).values_list("pk", "entity_id"))
        outside: dict[int, Answer] = {}
        for key in ids:
            entity = where.get(key)
            if entity in may:
                continue
            if entity is None or entity not in sees:
                outside[key] = Answer(key, False, "not_there")
            else:
                outside[key] = Answer(key, False, "denied", {"right": self.verb.right})
        return [key for key in ids if key not in outside], outside


class VerbOne(VerbEndpoint):
    @act("", "")
    def post(self, request: Request, payment_id: int) -> Any:
        ids, outside = self.split([payment_id])
        body = dict(self.body)
        version = body.pop("version", None)
        if version is not None:
            body["versions"] = {payment_id: version}
        answer = outside.get(payment_id) or self.verb.run(ids, self.person, body)[0]
        if not answer.done:
            raise problems.refusal(answer.code, answer.params)
        made = answer.params.get("refund", payment_id)
        return self.show(PaymentRow, Payment.objects.select_related("state").get(pk=made))


class VerbMany(VerbEndpoint):
    @act("", "")
    def post(self, request: Request) -> Any:
        body = dict(self.body)
        asked = body.pop("ids")
        ids, outside = self.split(asked)
        done = {answer.payment_id: answer for answer in (self.verb.run(ids, self.person, body) if ids else ())}
        return told(asked, done | outside)


def told(asked: Sequence[int], answers: Mapping[int, Answer]) -> dict[str, Any]:
    """The answers in the order asked. Built without serializers' help: there may be 100,000 of them."""
    rows = [
        {
            "payment": key,
            "done": answers[key].done,
            "code": answers[key].code,
            "params": answers[key].params,
            "detail": answers[key].sentence,
        }
        for key in asked
    ]
    done = sum(1 for row in rows if row["done"])
    return {"done": done, "refused": len(rows) - done, "answers": rows}


VERBS = (
    Verb("approve", "payment.approve", "Sign as the next person; the last signature sends it on", SignIn,
         simple(workflow.approve)),
    Verb("send-back", "payment.approve", "Return a validated payment to the first step", Why,
         simple(workflow.send_back)),
    Verb("reject", "payment.reject", "Refuse a payment for good", Coded, simple(workflow.reject)),
    Verb("cancel", "payment.cancel", "Take a payment back before posting", CancelIn, simple(workflow.cancel)),
    Verb("reopen", "payment.reopen", "Bring a rejected payment back", ReopenIn, simple(workflow.reopen)),
    Verb("withdraw", "payment.validate", "Take back one's own last decision, within the entity's window", Empty,
         simple(workflow.withdraw)),
    Verb("hold", "payment.hold", "Make a payment wait", HoldWhy, simple(workflow.hold)),
    Verb("lift", "payment.lift", "Lift every hold of a payment", LiftIn, simple(workflow.lift)),
    Verb("resume", "payment.hold", "Lift the holds that one placed oneself", LiftIn, simple(workflow.resume)),
    Verb("ask", "payment.hold", "Ask for a document or an answer", AskIn, simple(workflow.ask)),
    Verb("hand-over", "payment.validate", "Put a payment into the hands of a person or a team", HandOverIn,
         simple(workflow.hand_over)),
    Verb("decline", "payment.validate", "Give back what was handed over", DeclineIn, simple(workflow.decline)),
    Verb("claim", "payment.validate", "Keep a payment to oneself for five minutes", Empty, simple(workflow.claim),
         versioned=False),
    Verb("release", "payment.validate", "Give a claim back", MayReason, simple(workflow.release), versioned=False),
    Verb("return", "payment.return", "Propose that the money came back; another person who says the same books it",
         ReturnIn,
         simple(workflow.return_), versioned=False),
    Verb("apply", "payment.settle", "Apply an incoming payment that waits in suspense to an account", ApplyIn,
         lambda ids, actor, body: workflow.apply(ids=ids, actor=actor, account_id=body["account"],
                                                 reason=body["reason"]),
         versioned=False),
    Verb("refund", "payment.create", "Pay a settled payment back, in whole or part; answers the refund", RefundIn,
         _refund, versioned=False),
    Verb("chargeback", "payment.return", "Book that an acquirer took a card payment back", ChargebackIn,
         simple(workflow.charge_back), versioned=False),
)  # fmt: skip


class ChangesIn(Input):
    creditor_name = serializers.CharField(required=False, max_length=140)
    creditor_number = serializers.CharField(required=False, max_length=42)
    creditor_bic = Text(11, default=serializers.empty)
    creditor_address = AddressIn(required=False)
    ultimate_creditor = Text(140, default=serializers.empty)
    requested_execution_date = serializers.DateField(required=False)
    remittance = Text(140, default=serializers.empty)
    creditor_reference = Text(35, default=serializers.empty)
    end_to_end_id = Text(35, default=serializers.empty)
    purpose = Text(35, default=serializers.empty)
    charge_bearer = Text(4, default=serializers.empty)
    creditor_birth = BirthIn(required=False, help_text="Without a part: nothing is known of it.")
    ultimate_creditor_birth = BirthIn(required=False)


class AmendIn(Input):
    version = serializers.IntegerField(min_value=1, help_text="As it was read; another one is a 409.")
    changes = ChangesIn()
    reason = serializers.CharField(max_length=LONGEST_REASON)


class CommentIn(Input):
    text = serializers.CharField(max_length=4000)


class TakeNextIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1, help_text="Of this entity only.")
    queue = serializers.ChoiceField(["checked", "validated"], default="checked", help_text="First or second look.")


class TakenOut(Output):
    payment = PaymentRow(allow_null=True, help_text="Null when nothing waits that you may sign.")


class PaymentEndpoint(Endpoint):
    def fetch(self, payment_id: int) -> Payment:
        """The payment when the person sees it and may do the act in its entity."""
        payment: Payment = self.scoped(Payment.objects.select_related("state"), payment_id, seen="payment.view")
        return payment

    def after(self, answer: Answer) -> Any:
        if not answer.done:
            raise problems.refusal(answer.code, answer.params)
        return self.show(PaymentRow, Payment.objects.select_related("state").get(pk=answer.payment_id))


class PaymentAmend(PaymentEndpoint):
    @act("payment.amend", "Change what was asked, before anybody signed", body=AmendIn, output=PaymentRow)
    def post(self, request: Request, payment_id: int) -> Any:
        self.fetch(payment_id)
        if not self.body["changes"]:
            raise ValidationError({"changes": [ErrorDetail(_("Say what changes."), code="required")]})
        return self.after(workflow.amend(payment_id=payment_id, actor=self.person, **self.body))


class PaymentComment(PaymentEndpoint):
    @act("payment.comment", "Add words to the record of a payment", body=CommentIn, output=PaymentRow)
    def post(self, request: Request, payment_id: int) -> Any:
        self.fetch(payment_id)
        return self.after(workflow.comment(payment_id=payment_id, actor=self.person, text=self.body["text"]))


class PaymentTakeNext(Endpoint):
    @act("payment.validate", "Claim the best free payment that you may sign", body=TakeNextIn, output=TakenOut)
    def post(self, request: Request) -> Any:
        asked, queue = self.body.get("entity"), self.body["queue"]
        right = "payment.validate" if queue == "checked" else "payment.approve"
        places = [place for place in self.places(right) if asked in {None, place}]
        if asked is not None and not places:
            if asked in self.places("payment.view"):
                access.demand(self.person, right, asked)
            raise NotThere("not_there")
        key = workflow.take_next(actor=self.person, entity_ids=places, status=queue)
        if key is None:
            return {"payment": None}
        return {"payment": self.show(PaymentRow, Payment.objects.select_related("state").get(pk=key))}
