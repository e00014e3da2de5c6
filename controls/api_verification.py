"""/api/v1/ of the verification of payees: of a payment again, of one name and number, and whom an entity asks."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act, found
from backoffice.common.errors import sentence
from backoffice.common.fields import Input, Moment, Number, Output, PageQuery, Person
from controls import widenings
from controls.models import PayeeVerification, VerificationService
from controls.verification import asking, registry
from transactions.api.verbs import PaymentEndpoint

MANAGE = registry.MANAGE


class VerificationOut(Output):
    id = serializers.IntegerField()
    outcome = serializers.CharField(help_text="MTCH, CMTC, NMTC or NOAP. NOAP is never a match.")
    suggested_name = serializers.CharField(help_text="The holder's name, with a close match alone; else empty.")
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="Who says so: account, payee or service."
    )
    service_reference = serializers.CharField()
    asked_at = Moment()
    answered_at = Moment(allow_null=True)
    duration_ms = serializers.IntegerField()
    code = serializers.CharField(help_text="Why it was not possible; else empty.")
    detail = serializers.SerializerMethodField(help_text="The same in the reader's language.")

    def get_detail(self, of: PayeeVerification) -> str:
        return sentence(of.code, of.params) if of.code else ""


class NameVerifiedOut(VerificationOut):
    entity = serializers.IntegerField(source="entity_id")
    account_number = Number()
    name = serializers.CharField()


class VerificationIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1, help_text="May be left out when there is only one.")
    account_number = serializers.CharField(max_length=42, help_text="An IBAN of the SEPA area.")
    name = serializers.CharField(max_length=140)


class ServiceOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    url = serializers.CharField()
    valid_hours = serializers.IntegerField(help_text="So long an answer counts for the same number and name.")
    is_active = serializers.BooleanField()
    waits = serializers.BooleanField(help_text="Nobody is asked until a second person has signed it.")
    secret_set = serializers.SerializerMethodField()
    created_by = Person()
    last_ok_at = Moment(allow_null=True)
    failing_since = Moment(allow_null=True)
    detail = serializers.SerializerMethodField(help_text="Why the last question failed; else empty.")

    def get_secret_set(self, of: VerificationService) -> bool:
        return of.secret is not None

    def get_detail(self, of: VerificationService) -> str:
        return sentence(of.last_code, of.last_params) if of.last_code else ""


class ServiceIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1, help_text="May be left out when there is only one.")
    url = serializers.CharField(max_length=400)
    valid_hours = serializers.IntegerField(min_value=1, max_value=registry.MOST_HOURS, default=24)
    token = serializers.CharField(
        max_length=registry.LONGEST_TOKEN, required=False, help_text="Kept encrypted, never shown."
    )


class PaymentVerify(PaymentEndpoint):
    @act("payment.validate", "Ask anew whether the creditor's name is the holder's; another answer has the payment "
         "checked again", output=VerificationOut)  # fmt: skip
    def post(self, request: Request, payment_id: int) -> Any:
        self.fetch(payment_id)
        return self.show(VerificationOut, asking.ask_again(payment_id=payment_id, actor=self.person))


class FileVerifiedOut(Output):
    payments = serializers.IntegerField(help_text="How many are asked about again; a worker does it.")


class BatchVerify(Endpoint):
    @act("payment.validate", "Ask again about everything of a file that could not be verified", output=FileVerifiedOut)
    def post(self, request: Request, batch_id: int) -> Any:
        return {"payments": asking.ask_file_again(batch_id=batch_id, actor=self.person)}


class VerificationList(Endpoint):
    @act("payment.create", "Verify one name and number before a payment is made of them", body=VerificationIn,
         output=NameVerifiedOut)  # fmt: skip
    def post(self, request: Request) -> Any:
        made = asking.verify_name(
            actor=self.person, entity=self.entity(), account_number=self.body["account_number"], name=self.body["name"]
        )
        return self.show(NameVerifiedOut, made)


class ServiceList(Endpoint):
    @act(MANAGE, "Verification services of entities", output=ServiceOut, query=PageQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(registry.visible(self.person), key=("id",), salt="verification-services")

    @act(MANAGE, "Set the entity's service up or change it; nobody is asked until a second person has signed it",
         body=ServiceIn, output=ServiceOut)  # fmt: skip
    def post(self, request: Request) -> Any:
        asked = dict(self.body)
        asked.pop("entity", None)
        made, _waits = widenings.put_verifier(actor=self.person, entity=self.entity(), **asked)
        return self.show(ServiceOut, registry.visible(self.person).get(pk=made.pk))


class ServiceSwitch(Endpoint):
    on = True

    def switched(self, service_id: int) -> Any:
        service = found(registry.visible(self.person), pk=service_id)
        registry.switch(actor=self.person, entity_id=service.entity_id, on=self.on)
        return self.show(ServiceOut, registry.visible(self.person).get(pk=service_id))


class ServiceSwitchOn(ServiceSwitch):
    @act(MANAGE, "Ask the service", output=ServiceOut)
    def post(self, request: Request, service_id: int) -> Any:
        return self.switched(service_id)


class ServiceSwitchOff(ServiceSwitch):
    on = False

    @act(MANAGE, "Ask nobody", output=ServiceOut)
    def post(self, request: Request, service_id: int) -> Any:
        return self.switched(service_id)
