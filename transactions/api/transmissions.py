"""/api/v1/outgoing-files/{id}/transmission: whether a file arrived, and a person's acts when that is not certain."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act, found
from backoffice.common.errors import sentence
from backoffice.common.fields import Input, Moment, Output, Person
from transactions.channels import decisions
from transactions.models import OutgoingFile, Transmission, TransmissionAttempt

SEND = decisions.SEND


class TransmissionAttemptOut(Output):
    number = serializers.IntegerField()
    begun_at = Moment()
    ended_at = Moment(allow_null=True)
    stage = serializers.CharField(help_text="How far it came: begun, writing, placing, done.")
    address = serializers.CharField()
    verified = serializers.BooleanField(allow_null=True, help_text="Whether the bytes there were read back.")
    code = serializers.CharField()
    detail = serializers.SerializerMethodField()

    def get_detail(self, attempt: TransmissionAttempt) -> str:
        return sentence(attempt.code, attempt.params) if attempt.code else ""


class TransmissionOut(Output):
    file = serializers.IntegerField(source="file_id")
    channel = serializers.IntegerField(source="channel_id")
    channel_name = serializers.CharField(source="channel.name")
    remote_name = serializers.CharField()
    status = serializers.CharField(
        help_text="waiting, sending, delivered, acknowledged, failed (it is not there), unsure (it may be there)."
    )
    stage = serializers.CharField()
    attempts = serializers.IntegerField()
    next_at = Moment(help_text="When it is tried next, while it waits.")
    delivered_at = Moment(allow_null=True)
    ack_due_at = Moment(allow_null=True)
    acknowledged_at = Moment(allow_null=True)
    acknowledged_by = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.SerializerMethodField()
    decided_by = Person(allow_null=True)
    decided_at = Moment(allow_null=True)
    decision = serializers.CharField()

    def get_detail(self, one: Transmission) -> str:
        return sentence(one.code, one.params) if one.code else ""


class TransmissionDetailOut(TransmissionOut):
    log = TransmissionAttemptOut(many=True)


class LookOut(Output):
    word = serializers.CharField(help_text="absent, whole, other, unknown.")
    code = serializers.CharField()
    detail = serializers.CharField()


class TransmissionReasonIn(Input):
    reason = serializers.CharField(max_length=500)


class TransmissionEndpoint(Endpoint):
    def fetch(self, file_id: int) -> Transmission:
        self.scoped(OutgoingFile.objects.all(), file_id, seen="outgoing.view")
        return found(Transmission.objects.select_related("channel", "decided_by"), file_id=file_id)


class TransmissionDetail(TransmissionEndpoint):
    @act("outgoing.view", "Where a sent file stands on its way, with every attempt", output=TransmissionDetailOut)
    def get(self, request: Request, file_id: int) -> Any:
        one = self.fetch(file_id)
        log = self.show(TransmissionAttemptOut, one.log.order_by("-number")[:200], many=True)
        return {**self.show(TransmissionOut, one), "log": log}


class TransmissionLook(TransmissionEndpoint):
    @act(SEND, "Look whether the file lies at the bank", output=LookOut)
    def post(self, request: Request, file_id: int) -> Any:
        self.fetch(file_id)
        seen = decisions.look(file_id=file_id, actor=self.person)
        return {
            "word": seen.word, "code": seen.code, "detail": sentence(seen.code, seen.params) if seen.code else "",
        }  # fmt: skip


class TransmissionAgain(TransmissionEndpoint):
    @act(SEND, "Look, and send again what is not there; by another person when the bank may have it",
         body=TransmissionReasonIn, output=TransmissionOut)  # fmt: skip
    def post(self, request: Request, file_id: int) -> Any:
        self.fetch(file_id)
        decisions.send_again(file_id=file_id, actor=self.person, reason=self.body["reason"])
        return self.show(TransmissionOut, self.fetch(file_id))


class TransmissionArrived(TransmissionEndpoint):
    @act(
        SEND,
        "Say that the bank has the file, as you learned elsewhere",
        body=TransmissionReasonIn,
        output=TransmissionOut,
    )
    def post(self, request: Request, file_id: int) -> Any:
        self.fetch(file_id)
        decisions.arrived(file_id=file_id, actor=self.person, reason=self.body["reason"])
        return self.show(TransmissionOut, self.fetch(file_id))
