"""/api/v1/outgoing-files: files for the bank."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import BYTES, Endpoint, act, file_response
from backoffice.common.errors import NotThere
from backoffice.common.fields import Input, Moment, Money, Output, PageQuery, Person
from backoffice.people import access
from documents import attachments, trail
from transactions import settlement
from transactions.models import Account, OutgoingFile
from transactions.queries import outgoing as queries


class OutgoingOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id")
    account_code = serializers.CharField(source="account.code")
    message_id = serializers.CharField()
    execution_date = serializers.DateField()
    status = serializers.CharField()
    payment_count = serializers.IntegerField()
    control_sum = Money()
    currency = serializers.CharField()
    sha256 = serializers.CharField(source="attachment.sha256", allow_null=True, default=None)
    prepared_at = Moment()
    sent_at = Moment(allow_null=True)
    sent_by = Person(allow_null=True)


class OutgoingDetailOut(OutgoingOut):
    payments = serializers.ListField(child=serializers.IntegerField(), help_text="At most 10,000.")


class WaitingOut(Output):
    account = serializers.IntegerField(source="account.pk")
    account_code = serializers.CharField(source="account.code")
    currency = serializers.CharField()
    execution_date = serializers.DateField(help_text="The day it goes when it is in a file by the cut-off.")
    cut_off_at = Moment(allow_null=True, help_text="When it is put in a file; null: at once.")
    count = serializers.IntegerField()
    sum = Money()


class LeftOut(Output):
    payment = serializers.IntegerField(source="payment_id")
    code = serializers.CharField()
    detail = serializers.CharField(source="sentence", help_text="Why the bank would refuse a file with it.")
    found_at = Moment()


class WaitingList(Output):
    items = WaitingOut(many=True)
    left_out = LeftOut(many=True, help_text="What is posted and goes in no file; the newest 100.")


class OutgoingQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(OutgoingFile.Status.values, required=False)
    account = serializers.IntegerField(required=False)
    execution_date = serializers.DateField(required=False)


class WaitingQuery(Input):
    entity = serializers.IntegerField(required=False)


class PrepareIn(Input):
    account = serializers.IntegerField(min_value=1)


class PreparedOut(Output):
    files = OutgoingOut(many=True)


class VoidIn(Input):
    reason = serializers.CharField(max_length=500)


class SettleIn(Input):
    value_date = serializers.DateField(help_text="As the bank gave it.")


def rows() -> QuerySet[OutgoingFile]:
    return OutgoingFile.objects.select_related("account", "attachment", "sent_by")


class OutgoingList(Endpoint):
    @act("outgoing.view", "Files for the bank, the newest first", output=OutgoingOut, query=OutgoingQuery, paged=True)
    def get(self, request: Request) -> Any:
        found = rows().filter(entity__in=self.chosen())
        for name in ("status", "account", "execution_date"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        return self.page_of(found, key=("id",), salt="outgoing")

    @act("outgoing.send", "Put what waits of an account in files now, before its cut-off", body=PrepareIn,
         output=PreparedOut, status=201)  # fmt: skip
    def post(self, request: Request) -> Any:
        account = self.scoped(Account.objects.all(), self.body["account"], seen="outgoing.view")
        made = settlement.prepare(account=account, actor=self.person)
        return {"files": self.show(OutgoingOut, rows().filter(pk__in=[file.pk for file in made]), many=True)}


class OutgoingWaiting(Endpoint):
    @act("outgoing.view", "What waits to go in a file", output=WaitingList, query=WaitingQuery)
    def get(self, request: Request) -> Any:
        return {
            "items": self.show(WaitingOut, queries.waiting(self.chosen()), many=True),
            "left_out": self.show(LeftOut, queries.left_out(self.chosen()), many=True),
        }


class OutgoingDetail(Endpoint):
    @act("outgoing.view", "A file for the bank with its payments", output=OutgoingDetailOut)
    def get(self, request: Request, file_id: int) -> Any:
        file = self.scoped(rows(), file_id, seen="outgoing.view")
        file.payments = list(file.items.order_by("pk").values_list("pk", flat=True)[:10_000])  # type: ignore[attr-defined]
        return self.show(OutgoingDetailOut, file)


class OutgoingContent(Endpoint):
    @act("outgoing.view", "The bytes of a file; taking them is on record. Needs the right iban.view too", binary=BYTES)
    def get(self, request: Request, file_id: int) -> Any:
        file = self.scoped(rows(), file_id, seen="outgoing.view")
        access.demand(self.person, "iban.view", file.entity_id)
        if file.attachment is None:
            raise NotThere("not_there")
        content = attachments.read(file.attachment)
        with transaction.atomic():
            trail.record(
                "outgoing.downloaded",
                subject_type="outgoing",
                subject_id=file.pk,
                entity_id=file.entity_id,
                actor=self.person,
            )
        return file_response(content, name=f"{file.message_id}.xml")


class OutgoingSend(Endpoint):
    @act("outgoing.send", "Send a prepared file to the bank, once", output=OutgoingOut)
    def post(self, request: Request, file_id: int) -> Any:
        self.scoped(OutgoingFile.objects.all(), file_id, seen="outgoing.view")
        settlement.send(file_id=file_id, actor=self.person)
        return self.show(OutgoingOut, rows().get(pk=file_id))


class OutgoingVoid(Endpoint):
    @act("outgoing.send", "Give a prepared file up: it is not sent, and its payments go in the next one", body=VoidIn,
         output=OutgoingOut)  # fmt: skip
    def post(self, request: Request, file_id: int) -> Any:
        self.scoped(OutgoingFile.objects.all(), file_id, seen="outgoing.view")
        settlement.void(file_id=file_id, actor=self.person, reason=self.body["reason"])
        return self.show(OutgoingOut, rows().get(pk=file_id))


class OutgoingConfirm(Endpoint):
    @act("payment.settle", "Confirm that the bank executed a file", body=SettleIn, output=OutgoingOut)
    def post(self, request: Request, file_id: int) -> Any:
        self.scoped(OutgoingFile.objects.all(), file_id, seen="outgoing.view")
        settlement.confirm(file_id=file_id, actor=self.person, value_date=self.body["value_date"])
        return self.show(OutgoingOut, rows().get(pk=file_id))
