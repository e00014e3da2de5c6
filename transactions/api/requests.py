"""/api/v1/information-requests: what is asked about payments, what came back, and giving a question up."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common import problems
from backoffice.common.api import Endpoint, act
from backoffice.common.errors import NotThere
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person, Text
from documents.models import Attachment, AttachmentLink
from transactions import queries, workflow
from transactions.api.verbs import LONGEST_REASON, Why
from transactions.models import InformationRequest


class RequestOut(Output):
    id = serializers.IntegerField()
    payment = serializers.IntegerField(source="payment_id")
    entity = serializers.IntegerField(source="entity_id")
    kind = serializers.CharField()
    question = serializers.CharField()
    addressee = serializers.CharField()
    addressee_name = serializers.CharField()
    team = serializers.IntegerField(source="team_id", allow_null=True)
    required = serializers.BooleanField(  # type: ignore[assignment]
        help_text="The payment waits for it."
    )
    asked_by = Person()
    asked_at = Moment()
    due_at = Moment()
    overdue_at = Moment(allow_null=True)
    answered_by = Person(allow_null=True)
    answered_at = Moment(allow_null=True)
    answer = serializers.CharField()
    attachment = serializers.IntegerField(source="attachment_id", allow_null=True)
    closed_by = Person(allow_null=True)
    closed_at = Moment(allow_null=True)
    close_reason = serializers.CharField()


class RequestQuery(PageQuery):
    entity = serializers.IntegerField(required=False, min_value=1)
    payment = serializers.IntegerField(required=False, min_value=1)
    open = serializers.BooleanField(required=False, default=None, allow_null=True)


class AnswerIn(Input):
    text = Text(LONGEST_REASON)
    attachment = serializers.IntegerField(
        required=False, min_value=1, help_text="A document of the payment, added before."
    )


class RequestEndpoint(Endpoint):
    def after(self, answer: workflow.Answer, request_id: int) -> Any:
        if not answer.done:
            raise problems.refusal(answer.code, answer.params)
        return self.show(RequestOut, queries.information_request(request_id, self.places("payment.view")))


class RequestList(Endpoint):
    @act("payment.view", "What is asked about payments, the newest first", output=RequestOut, query=RequestQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        found = queries.requests_of(self.chosen())
        if "payment" in self.query:
            found = found.filter(payment=self.query["payment"])
        if self.query.get("open") is True:
            found = found.filter(answered_at=None, closed_at=None)
        elif self.query.get("open") is False:
            found = found.exclude(answered_at=None, closed_at=None)
        return self.page_of(found, key=("id",), salt="requests")


class RequestDetail(Endpoint):
    @act("payment.view", "A request for a document or an answer", output=RequestOut)
    def get(self, request: Request, request_id: int) -> Any:
        return self.show(RequestOut, self.scoped(queries.requests_of(self.places()), request_id, seen="payment.view"))


class RequestAnswer(RequestEndpoint):
    @act("payment.comment", "Answer a request: a question with words, a document with one added to the payment",
         body=AnswerIn, output=RequestOut)  # fmt: skip
    def post(self, request: Request, request_id: int) -> Any:
        asked = self.scoped(InformationRequest.objects.all(), request_id, seen="payment.view")
        document = self._document(self.body.get("attachment"), asked)
        answer = workflow.answer(request_id=asked.pk, actor=self.person, text=self.body["text"], attachment=document)
        return self.after(answer, request_id)

    @staticmethod
    def _document(attachment_id: int | None, asked: InformationRequest) -> Attachment | None:
        """A document that was added to the same payment."""
        if attachment_id is None:
            return None
        link = (
            AttachmentLink.objects.exclude(kind=AttachmentLink.Kind.SOURCE)
            .filter(attachment=attachment_id, subject_type="payment", subject_id=asked.payment_id)
            .select_related("attachment")
        )
        found = link.first()
        if found is None:
            raise NotThere("not_there")
        return found.attachment


class RequestClose(RequestEndpoint):
    @act("payment.hold", "Give a request up, with the reason", body=Why, output=RequestOut)
    def post(self, request: Request, request_id: int) -> Any:
        asked = self.scoped(InformationRequest.objects.all(), request_id, seen="payment.view")
        answer = workflow.close(request_id=asked.pk, actor=self.person, reason=self.body["reason"])
        return self.after(answer, request_id)
