"""/api/v1/breaks and /corrections: what stays open too long, and entries by hand that make the books agree."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.errors import Answer, NotThere
from backoffice.common.fields import Input, Moment, Money, Output, PageQuery, Person, Text
from controls.api_reconciliation import MATCH, REASON, SIGN, VIEW, DeskReasonIn, Keys
from controls.models import Break, Correction
from controls.reconciliation import breaks, corrections


class BreakOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id")
    line = serializers.IntegerField(source="line_id", allow_null=True, help_text="Open at the bank.")
    item = serializers.IntegerField(allow_null=True, help_text="Open in the books.")
    on = serializers.DateField()
    credit = serializers.BooleanField()
    amount = Money()
    currency = serializers.CharField()
    name = serializers.CharField()
    cause = serializers.CharField(help_text="amount, duplicate, reference, currency, none, several, late.")
    status = serializers.CharField(help_text="open, ignored, closed.")
    owner = Person(allow_null=True)
    reason = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    opened_at = Moment()
    closed_at = Moment(allow_null=True)


class BreakQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    account = serializers.IntegerField(required=False)
    cause = serializers.ChoiceField(Break.Cause.values, required=False)
    age = serializers.ChoiceField(breaks.AGES, required=False, help_text="In days.")
    status = serializers.ChoiceField(Break.Status.values, default="open")


class BreaksIn(Input):
    ids = Keys()


class BreakAssignIn(BreaksIn):
    owner = serializers.IntegerField(required=False, allow_null=True, min_value=1, default=None)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    reason = Text(REASON)


class BreakExplainIn(BreaksIn):
    cause = serializers.ChoiceField(Break.Cause.values)
    reason = serializers.CharField(max_length=REASON)


class BreakCommentIn(BreaksIn):
    words = serializers.CharField(max_length=REASON)


class BreakIgnoreIn(BreaksIn):
    reason = serializers.CharField(max_length=REASON)


class BreakAnswerOut(Output):
    id = serializers.IntegerField()
    done = serializers.BooleanField()
    code = serializers.CharField(help_text="Why not; else empty.")
    params = serializers.DictField()
    detail = serializers.CharField()


class BreakAnswersOut(Output):
    done = serializers.IntegerField()
    refused = serializers.IntegerField()
    answers = BreakAnswerOut(many=True, help_text="In the order asked.")


def answered(answers: Sequence[Answer]) -> Mapping[str, Any]:
    rows = [
        {"id": one.key, "done": one.done, "code": one.code, "params": one.params, "detail": one.sentence}
        for one in answers
    ]
    done = sum(1 for one in answers if one.done)
    return {"done": done, "refused": len(rows) - done, "answers": rows}


class BreakList(Endpoint):
    @act(VIEW, "Breaks, the oldest first", output=BreakOut, query=BreakQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = breaks.listed(
            self.chosen(), timezone.localdate(), account=self.query.get("account"), cause=self.query.get("cause", ""),
            age=self.query.get("age", ""), status=self.query["status"],
        )  # fmt: skip
        return self.page_of(rows, key=("on", "id"), salt="breaks", descending=False)


class BreakDetail(Endpoint):
    @act(VIEW, "One break", output=BreakOut)
    def get(self, request: Request, break_id: int) -> Any:
        return self.show(BreakOut, breaks.found(self.person, break_id))


class BreaksAssign(Endpoint):
    @act(MATCH, "Give breaks an owner, and a day until when", body=BreakAssignIn, output=BreakAnswersOut,
         items=lambda body: len(body["ids"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        return answered(breaks.assign(actor=self.person, **self.body))


class BreaksExplain(Endpoint):
    @act(MATCH, "Say why something is open", body=BreakExplainIn, output=BreakAnswersOut,
         items=lambda body: len(body["ids"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        return answered(breaks.explain(actor=self.person, **self.body))


class BreaksComment(Endpoint):
    @act(MATCH, "Comment on breaks", body=BreakCommentIn, output=BreakAnswersOut, items=lambda body: len(body["ids"]))
    def post(self, request: Request) -> Any:
        return answered(breaks.comment(actor=self.person, **self.body))


class BreaksIgnore(Endpoint):
    @act(MATCH, "Leave breaks out, with a remark", body=BreakIgnoreIn, output=BreakAnswersOut,
         items=lambda body: len(body["ids"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        return answered(breaks.ignore(actor=self.person, **self.body))


class BreaksHeed(Endpoint):
    @act(MATCH, "Take up again what was left out", body=BreaksIn, output=BreakAnswersOut,
         items=lambda body: len(body["ids"]))  # fmt: skip
    def post(self, request: Request) -> Any:
        return answered(breaks.heed(actor=self.person, **self.body))


class CorrectionOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id")
    kind = serializers.CharField(help_text="write_off, entry.")
    line = serializers.IntegerField(source="line_id", allow_null=True)
    item = serializers.IntegerField(allow_null=True)
    credit = serializers.BooleanField()
    amount = Money()
    currency = serializers.CharField()
    contra = serializers.IntegerField(source="contra_id")
    label = serializers.CharField()  # type: ignore[assignment]
    reason = serializers.CharField()
    status = serializers.CharField(help_text="asked, booked, refused.")
    asked_by = Person()
    asked_at = Moment()
    decided_by = Person(allow_null=True)
    decided_at = Moment(allow_null=True)
    entry = serializers.IntegerField(source="entry_id", allow_null=True)


class CorrectionQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(Correction.Status.values, required=False)


class CorrectionIn(Input):
    kind = serializers.ChoiceField(Correction.Kind.values)
    line = serializers.IntegerField(required=False, min_value=1)
    item = serializers.IntegerField(required=False, min_value=1)
    contra = serializers.IntegerField(min_value=1)
    label = serializers.CharField(max_length=140)  # type: ignore[assignment]
    reason = serializers.CharField(max_length=REASON)


class CorrectionList(Endpoint):
    @act(VIEW, "Entries by hand, the newest first", output=CorrectionOut, query=CorrectionQuery, paged=True)
    def get(self, request: Request) -> Any:
        rows = Correction.objects.filter(entity__in=self.chosen()).select_related("asked_by", "decided_by")
        if "status" in self.query:
            rows = rows.filter(status=self.query["status"])
        return self.page_of(rows, key=("id",), salt="corrections")

    @act(MATCH, "Ask for a write-off or a missing entry; another agrees, unless the entity lets one person create it",
         body=CorrectionIn, output=CorrectionOut, status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        if ("line" in self.body) == ("item" in self.body):
            raise NotThere("not_there")
        made = corrections.ask(actor=self.person, **self.body)
        return self.show(CorrectionOut, _correction(made.pk))


def _correction(key: int) -> Correction:
    return Correction.objects.select_related("asked_by", "decided_by").get(pk=key)


class CorrectionAgree(Endpoint):
    @act(SIGN, "Agree to an entry that another asked for: it is booked and matched", output=CorrectionOut)
    def post(self, request: Request, correction_id: int) -> Any:
        corrections.agree(actor=self.person, correction_id=correction_id)
        return self.show(CorrectionOut, _correction(correction_id))


class CorrectionRefuse(Endpoint):
    @act(MATCH, "Refuse an entry, or take back what one asked for", body=DeskReasonIn, output=CorrectionOut)
    def post(self, request: Request, correction_id: int) -> Any:
        corrections.refuse(actor=self.person, correction_id=correction_id, reason=self.body["reason"])
        return self.show(CorrectionOut, _correction(correction_id))
