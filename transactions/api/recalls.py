"""/api/v1/recalls and /api/v1/recall-requests: payments asked back, by us and by other banks."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Input, Moment, Money, Number, Output, PageQuery, Person, Text
from transactions.api.verbs import Ids
from transactions.models import Recall, RecallRequest
from transactions.queries import recalls as queries
from transactions.recalls import asking, requests
from transactions.recalls.outcomes import one


class RecallOut(Output):
    id = serializers.IntegerField()
    case = serializers.CharField(source="case_id", help_text="As the message names it.")
    entity = serializers.IntegerField(source="entity_id")
    payment = serializers.IntegerField(source="payment_id")
    amount = Money("payment.amount", currency="payment.currency")
    currency = serializers.CharField(source="payment.currency")
    reason_code = serializers.CharField()
    reason = serializers.CharField()
    status = serializers.CharField()
    ask_until = serializers.DateField(help_text="The last day on which it can be asked for.")
    asked_by = Person()
    asked_at = Moment()
    approved_by = Person(allow_null=True)
    approved_at = Moment(allow_null=True)
    outgoing_file = serializers.IntegerField(source="file_id", allow_null=True)
    sent_at = Moment(allow_null=True)
    answer_due = serializers.DateField(allow_null=True, help_text="The last day for the other bank to answer.")
    answered_at = Moment(allow_null=True)
    answer_code = serializers.CharField()
    answer_text = serializers.CharField()
    returned_at = Moment(allow_null=True, help_text="When the money came back.")


class RecallRequestOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    sender = serializers.CharField(help_text="The bank that asks.")
    cancellation_id = serializers.CharField()
    message = serializers.IntegerField(source="item.message_id")
    reason_code = serializers.CharField(source="item.reason_code")
    reason = serializers.CharField(source="item.reason_text")
    end_to_end_id = serializers.CharField(source="item.end_to_end_id")
    uetr = serializers.CharField(source="item.uetr")
    amount = Money("item.amount", currency="item.currency", allow_null=True)
    currency = serializers.CharField(source="item.currency")
    debtor_name = serializers.CharField()
    creditor_name = serializers.CharField()
    creditor_number = Number()
    payment = serializers.IntegerField(source="payment_id", allow_null=True, help_text="What was found; or none.")
    match_code = serializers.CharField(help_text="Why none was found.")
    received_on = serializers.DateField()
    due_on = serializers.DateField(help_text="The last day for our answer.")
    status = serializers.CharField()
    proposed_by = Person(allow_null=True)
    proposed_at = Moment(allow_null=True)
    decided_by = Person(allow_null=True)
    decided_at = Moment(allow_null=True)
    answer_code = serializers.CharField()
    answer_text = serializers.CharField()
    answer_file = serializers.IntegerField(source="answer_file_id", allow_null=True)
    return_file = serializers.IntegerField(source="return_file_id", allow_null=True)


class RecallQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(Recall.Status.values, required=False)
    payment = serializers.IntegerField(required=False)


class RequestQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(RecallRequest.Status.values, required=False)
    payment = serializers.IntegerField(required=False)


class RecallsIn(Input):
    payments = Ids()
    reason_code = serializers.ChoiceField(Recall.Reason.values)
    reason = serializers.CharField(max_length=500)


class RecallAnswerOut(Output):
    payment = serializers.IntegerField(source="key")
    done = serializers.BooleanField()
    recall = serializers.IntegerField(source="made", allow_null=True)
    code = serializers.CharField(help_text="Why not; empty when done.")
    params = serializers.DictField()
    detail = serializers.CharField(source="sentence")


class RecallAnswersOut(Output):
    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    answers = RecallAnswerOut(many=True, help_text="In the order asked.")


class NothingIn(Input):
    pass


class RecallWithdrawIn(Input):
    reason = serializers.CharField(max_length=500)


class AcceptIn(Input):
    payment = serializers.IntegerField(required=False, min_value=1, help_text="Which one, where none was found.")
    reason = Text(500)


class RefuseIn(Input):
    reason_code = serializers.ChoiceField(requests.REFUSALS)
    reason = Text(500)


class RecallList(Endpoint):
    @act("recall.view", "Recalls of ours, the newest first", output=RecallOut, query=RecallQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = queries.ours(self.chosen())
        for name in ("status", "payment"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        return self.page_of(found, key=("id",), salt="recalls")

    @act("recall.ask", "Ask payments back that were sent, each answered on its own", body=RecallsIn,
         output=RecallAnswersOut, items=lambda body: len(body["payments"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        made = asking.ask(
            payment_ids=self.body["payments"], actor=self.person, reason_code=self.body["reason_code"],
            reason=self.body["reason"],
        )  # fmt: skip
        done = sum(outcome.done for outcome in made)
        return self.show(RecallAnswersOut, {"done": done, "refused": len(made) - done, "answers": made})


class _OfRecall(Endpoint):
    def told(self, recall_id: int) -> Any:
        return self.show(RecallOut, queries.ours(self.places("recall.view")).get(pk=recall_id))

    def find(self, recall_id: int) -> None:
        self.scoped(Recall.objects.all(), recall_id, seen="recall.view")


class RecallDetail(_OfRecall):
    @act("recall.view", "A recall of ours", output=RecallOut)
    def get(self, request: Request, recall_id: int) -> Any:
        self.find(recall_id)
        return self.told(recall_id)


class RecallApprove(_OfRecall):
    @act("recall.approve", "Approve a recall; it goes in a file for the bank", body=NothingIn, output=RecallOut)
    def post(self, request: Request, recall_id: int) -> Any:
        self.find(recall_id)
        one(asking.approve(ids=[recall_id], actor=self.person))
        return self.told(recall_id)


class RecallWithdraw(_OfRecall):
    @act(
        "recall.ask", "Take a recall back before it is approved, or decline it", body=RecallWithdrawIn, output=RecallOut
    )
    def post(self, request: Request, recall_id: int) -> Any:
        self.find(recall_id)
        one(asking.withdraw(ids=[recall_id], actor=self.person, reason=self.body["reason"]))
        return self.told(recall_id)


class RequestList(Endpoint):
    @act("recall.view", "Recalls of other banks, the newest first", output=RecallRequestOut, query=RequestQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        found = queries.received(self.chosen())
        for name in ("status", "payment"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        return self.page_of(found, key=("id",), salt="recall-requests")


class _OfRequest(Endpoint):
    def told(self, request_id: int) -> Any:
        return self.show(RecallRequestOut, queries.received(self.places("recall.view")).get(pk=request_id))

    def find(self, request_id: int) -> None:
        self.scoped(RecallRequest.objects.all(), request_id, seen="recall.view")


class RequestDetail(_OfRequest):
    @act("recall.view", "A recall of another bank", output=RecallRequestOut)
    def get(self, request: Request, request_id: int) -> Any:
        self.find(request_id)
        return self.told(request_id)


class RequestAccept(_OfRequest):
    @act("recall.ask", "Propose to give the payment back; another person confirms", body=AcceptIn,
         output=RecallRequestOut)  # fmt: skip
    def post(self, request: Request, request_id: int) -> Any:
        self.find(request_id)
        one(requests.propose(
            ids=[request_id], actor=self.person, reason=self.body["reason"], payment_id=self.body.get("payment")
        ))  # fmt: skip
        return self.told(request_id)


class RequestConfirm(_OfRequest):
    @act("recall.approve", "Give the payment back; answer and return are written", body=NothingIn,
         output=RecallRequestOut)  # fmt: skip
    def post(self, request: Request, request_id: int) -> Any:
        self.find(request_id)
        one(requests.confirm(ids=[request_id], actor=self.person))
        return self.told(request_id)


class RequestRefuse(_OfRequest):
    @act("recall.ask", "Refuse with a reason; the answer is written", body=RefuseIn, output=RecallRequestOut)
    def post(self, request: Request, request_id: int) -> Any:
        self.find(request_id)
        one(requests.refuse(
            ids=[request_id], actor=self.person, reason_code=self.body["reason_code"], reason=self.body["reason"]
        ))  # fmt: skip
        return self.told(request_id)
