"""/api/v1/webhooks: endpoints, the log of their deliveries, and sending again."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from backoffice.common.api import Endpoint as ApiEndpoint
from backoffice.common.api import act, found
from backoffice.common.errors import sentence
from backoffice.common.fields import Input, Moment, Output, PageQuery, Person
from backoffice.webhooks import events, services
from backoffice.webhooks.models import Attempt, Delivery, Endpoint

MANAGE = services.MANAGE


class WebhookOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    name = serializers.CharField()
    url = serializers.CharField()
    events = serializers.ListField(child=serializers.CharField(), help_text="Empty: all.")
    status = serializers.CharField()
    both_secrets_until = Moment(source="old_until", allow_null=True, help_text="Until then two secrets sign.")
    created_by = Person()
    created_at = Moment()
    last_success_at = Moment(allow_null=True)
    failing_since = Moment(allow_null=True)


class WebhookSecret(WebhookOut):
    secret = serializers.CharField(allow_null=True, help_text="Shown once. Null when the answer is replayed.")


class AttemptOut(Output):
    signed_at = Moment()
    duration_ms = serializers.IntegerField()
    address = serializers.CharField(help_text="The number that was called; empty when there was none.")
    status = serializers.IntegerField(allow_null=True, help_text="What it answered; null when nothing.")
    answer = serializers.CharField(help_text="The beginning of the answer's body.")
    code = serializers.CharField(help_text="Why it failed; empty when it worked.")
    detail = serializers.SerializerMethodField()

    def get_detail(self, attempt: Attempt) -> str:
        return sentence(attempt.code, attempt.params) if attempt.code else ""


class DeliveryOut(Output):
    id = serializers.IntegerField()
    event = serializers.IntegerField(source="event_id")
    type = serializers.CharField(source="event.type")
    subject_type = serializers.CharField(source="event.subject_type")
    subject = serializers.IntegerField(source="event.subject_id")
    occurred_at = Moment(source="event.occurred_at")
    status = serializers.CharField()
    attempts = serializers.IntegerField()
    next_at = Moment(help_text="When it is sent next, while it waits.")
    finished_at = Moment(allow_null=True)
    replay_of = serializers.IntegerField(source="replay_of_id", allow_null=True)


class DeliveryDetailOut(DeliveryOut):
    body = serializers.CharField(source="event.body", help_text="The text that is sent and signed.")
    log = AttemptOut(many=True)


class WebhookIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1, help_text="May be left out when there is only one.")
    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=500, help_text="https, and outside the house.")
    events = serializers.ListField(
        child=serializers.ChoiceField(events.NAMES), required=False, max_length=50, help_text="Empty: all."
    )


class WebhookChangeIn(Input):
    name = serializers.CharField(max_length=80, required=False)
    url = serializers.CharField(max_length=500, required=False)
    events = serializers.ListField(child=serializers.ChoiceField(events.NAMES), required=False, max_length=50)


class WebhookQuery(PageQuery):
    entity = serializers.IntegerField(required=False)


class DeliveryQuery(PageQuery):
    status = serializers.ChoiceField(Delivery.Status.values, required=False)


class ReplayIn(Input):
    deliveries = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, allow_empty=False, max_length=1_000,
        help_text="These; or a span.",
    )  # fmt: skip
    since = Moment(required=False, help_text="Events that happened from this moment on,")
    until = Moment(required=False, help_text="and before this one.")
    failed_only = serializers.BooleanField(default=False, help_text="Of the span, those that were given up.")


class ReplayOut(Output):
    count = serializers.IntegerField()


class WebhookEndpoint(ApiEndpoint):
    def fetch(self, webhook_id: int) -> Endpoint:
        return found(rows(self), pk=webhook_id)

    def show_one(self, endpoint: Endpoint) -> Any:
        return self.show(WebhookOut, services.visible(self.person).get(pk=endpoint.pk))


def rows(view: ApiEndpoint) -> QuerySet[Endpoint]:
    return services.visible(view.person)


class WebhookList(WebhookEndpoint):
    @act(MANAGE, "Who is told of what happens", output=WebhookOut, query=WebhookQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(rows(self).filter(entity__in=self.chosen()), key=("id",), salt="webhooks")

    @act(MANAGE, "Register an address; its secret is shown once", body=WebhookIn, output=WebhookSecret, status=201,
         once_only=("secret",))  # fmt: skip
    def post(self, request: Request) -> Any:
        asked = dict(self.body)
        asked.pop("entity", None)
        made, secret = services.register(actor=self.person, entity=self.entity(), **asked)
        made.secret = secret  # type: ignore[attr-defined]
        return self.show(WebhookSecret, made)


class WebhookDetail(WebhookEndpoint):
    @act(MANAGE, "An address", output=WebhookOut)
    def get(self, request: Request, webhook_id: int) -> Any:
        return self.show(WebhookOut, self.fetch(webhook_id))


class WebhookChange(WebhookEndpoint):
    @act(MANAGE, "Change name, address or events", body=WebhookChangeIn, output=WebhookOut)
    def post(self, request: Request, webhook_id: int) -> Any:
        before = self.fetch(webhook_id)
        asked = {"name": before.name, "url": before.url, "events": before.events} | self.body
        return self.show_one(services.change(actor=self.person, endpoint_id=webhook_id, **asked))


class WebhookRotate(WebhookEndpoint):
    @act(MANAGE, "A new secret; for a day both sign", output=WebhookSecret, once_only=("secret",))
    def post(self, request: Request, webhook_id: int) -> Any:
        made, secret = services.rotate(actor=self.person, endpoint_id=webhook_id)
        made.secret = secret  # type: ignore[attr-defined]
        return self.show(WebhookSecret, made)


class WebhookPause(WebhookEndpoint):
    @act(MANAGE, "Send nothing for now; events wait", output=WebhookOut)
    def post(self, request: Request, webhook_id: int) -> Any:
        return self.show_one(services.pause(actor=self.person, endpoint_id=webhook_id))


class WebhookResume(WebhookEndpoint):
    @act(MANAGE, "Send again, what waits first", output=WebhookOut)
    def post(self, request: Request, webhook_id: int) -> Any:
        return self.show_one(services.resume(actor=self.person, endpoint_id=webhook_id))


class WebhookRetire(WebhookEndpoint):
    @act(MANAGE, "Never send again; the log stays", output=WebhookOut)
    def post(self, request: Request, webhook_id: int) -> Any:
        return self.show_one(services.retire(actor=self.person, endpoint_id=webhook_id))


class WebhookReplay(WebhookEndpoint):
    @act(MANAGE, "Send deliveries again: chosen ones, or those of a span", body=ReplayIn, output=ReplayOut)
    def post(self, request: Request, webhook_id: int) -> Any:
        asked = self.body
        if "deliveries" in asked:
            if "since" in asked or "until" in asked or asked["failed_only"]:
                raise ValidationError({"deliveries": [ErrorDetail(sentence("form.invalid"), code="not_both")]})
            count = services.replay(actor=self.person, endpoint_id=webhook_id, ids=asked["deliveries"])
            return {"count": count}
        missing = [name for name in ("since", "until") if name not in asked]
        if missing:
            raise ValidationError({name: [ErrorDetail(sentence("form.invalid"), code="required")] for name in missing})
        return {"count": services.replay_span(actor=self.person, endpoint_id=webhook_id, **asked)}


class WebhookDeliveries(WebhookEndpoint):
    @act(MANAGE, "What was sent to an address, the newest first", output=DeliveryOut, query=DeliveryQuery, paged=True)
    def get(self, request: Request, webhook_id: int) -> Any:
        sent = services.deliveries(self.fetch(webhook_id))
        if "status" in self.query:
            sent = sent.filter(status=self.query["status"])
        return self.page_of(sent, key=("id",), salt=f"deliveries:{webhook_id}")


class WebhookDelivery(WebhookEndpoint):
    @act(MANAGE, "One delivery with its body and every call", output=DeliveryDetailOut)
    def get(self, request: Request, webhook_id: int, delivery_id: int) -> Any:
        delivery = found(services.deliveries(self.fetch(webhook_id)), pk=delivery_id)
        told = self.show(DeliveryOut, delivery)
        log = self.show(AttemptOut, delivery.log.order_by("-pk")[:200], many=True)
        return {**told, "body": delivery.event.body, "log": log}
