"""/api/v1/bank-messages and /api/v1/bank-answers: what banks say of our payments, deciding what is not recognised."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import errors
from backoffice.common.api import Endpoint, UploadEndpoint, act
from backoffice.common.fields import Input, Moment, Money, Output, PageQuery, Person
from transactions import messages as bank
from transactions.models import BankMessage, MessageItem
from transactions.queries import messages as queries


class MessageOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    kind = serializers.CharField()
    format = serializers.CharField()
    sender = serializers.CharField()
    message_id = serializers.CharField()
    original_message_id = serializers.CharField()
    original_message_name = serializers.CharField()
    status = serializers.CharField()
    refusal = serializers.SerializerMethodField(help_text="Why it was refused, in words.")
    item_count = serializers.IntegerField()
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    imported_by = Person(allow_null=True)
    created_at = Moment()
    read_at = Moment(allow_null=True)

    def get_refusal(self, message: BankMessage) -> str:
        return errors.sentence(message.refusal_code, message.refusal_params) if message.refusal_code else ""


class BankAnswerOut(Output):
    id = serializers.IntegerField()
    message = serializers.IntegerField(source="message_id")
    position = serializers.IntegerField()
    level = serializers.CharField(help_text="What it speaks of: group (a file of ours), batch or payment.")
    status = serializers.CharField()
    reason_code = serializers.CharField()
    reason_text = serializers.CharField()
    payment_info_id = serializers.CharField()
    instruction_id = serializers.CharField()
    end_to_end_id = serializers.CharField()
    uetr = serializers.CharField()
    amount = Money(allow_null=True, help_text="None where the bank names none.")
    currency = serializers.CharField()
    effective_on = serializers.DateField(allow_null=True)
    outgoing_file = serializers.IntegerField(source="outgoing_id", allow_null=True)
    payment = serializers.IntegerField(source="payment_id", allow_null=True)
    payment_count = serializers.IntegerField()
    outcome = serializers.CharField()
    outcome_code = serializers.CharField()
    detail = serializers.SerializerMethodField(help_text="Why it waits, in words.")
    decided_by = Person(allow_null=True)
    decided_at = Moment(allow_null=True)
    decision = serializers.CharField()

    def get_detail(self, item: MessageItem) -> str:
        return errors.sentence(item.outcome_code) if item.outcome_code else ""


class MessageQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(BankMessage.Status.values, required=False)
    kind = serializers.ChoiceField(BankMessage.Kind.values, required=False)


class AnswerQuery(PageQuery):
    entity = serializers.IntegerField(required=False)


class MessageIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1)
    file_name = serializers.CharField(required=False, max_length=200)
    file = serializers.FileField(allow_empty_file=True)


class DismissIn(Input):
    reason = serializers.CharField(max_length=500)


class AssignIn(DismissIn):
    payment = serializers.IntegerField(min_value=1)


class MessageList(UploadEndpoint):
    @act("message.view", "Messages of the bank, the newest first", output=MessageOut, query=MessageQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = queries.received(self.chosen())
        for name in ("status", "kind"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        return self.page_of(found, key=("id",), salt="messages")

    @act("message.import", "Bring a message of the bank in: pain.002, pacs.002, pacs.004. A worker applies it",
         body=MessageIn, output=MessageOut, status=201, upload=True)  # fmt: skip
    def post(self, request: Request) -> Any:
        file = self.body["file"]
        made = bank.receive(
            content=self.read(file),
            file_name=self.body.get("file_name") or file.name or "",
            entity=self.entity(),
            actor=self.person,
            channel="api",
        )
        return self.show(MessageOut, BankMessage.objects.select_related("imported_by").get(pk=made.pk))


class MessageDetail(Endpoint):
    @act("message.view", "A message of the bank", output=MessageOut)
    def get(self, request: Request, message_id: int) -> Any:
        rows = BankMessage.objects.select_related("imported_by")
        return self.show(MessageOut, self.scoped(rows, message_id, seen="message.view"))


class MessageItems(Endpoint):
    @act("message.view", "The statuses in a message, in its order", output=BankAnswerOut, query=PageQuery, paged=True)
    def get(self, request: Request, message_id: int) -> Any:
        message = self.scoped(BankMessage.objects.all(), message_id, seen="message.view")
        return self.page_of(queries.items(message), key=("position",), salt=f"items:{message.pk}", descending=False)


class AnswersWaiting(Endpoint):
    @act("message.view", "Answers that wait for a person", output=BankAnswerOut, query=AnswerQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(queries.waiting(self.chosen()), key=("id",), salt="answers")


class AnswerAssign(Endpoint):
    @act("message.decide", "Say which payment an answer speaks of; what it says is then done", body=AssignIn,
         output=BankAnswerOut)  # fmt: skip
    def post(self, request: Request, answer_id: int) -> Any:
        item = self.scoped(MessageItem.objects.all(), answer_id, seen="message.view")
        made = bank.assign(
            item_id=item.pk, payment_id=self.body["payment"], actor=self.person, reason=self.body["reason"]
        )
        return self.show(BankAnswerOut, made)


class AnswerDismiss(Endpoint):
    @act("message.decide", "Lay an answer aside; nothing moves", body=DismissIn, output=BankAnswerOut)
    def post(self, request: Request, answer_id: int) -> Any:
        item = self.scoped(MessageItem.objects.all(), answer_id, seen="message.view")
        made = bank.dismiss(item_id=item.pk, actor=self.person, reason=self.body["reason"])
        return self.show(BankAnswerOut, made)
