"""/api/v1/ says where to go on; /api/v1/schema is the OpenAPI document, the bytes of docs/openapi.yaml (by a test)."""

import functools
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework import serializers
from rest_framework.request import Request

from backoffice.common.api import ANYONE, Endpoint, act
from backoffice.common.fields import Output

CONTENT_TYPE = "application/vnd.oai.openapi"


@functools.cache
def document() -> bytes:
    """The document in YAML and English; made once a process."""
    with translation.override("en"):
        made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    rendered: bytes = OpenApiYamlRenderer().render(made, renderer_context={})  # type: ignore[no-untyped-call]
    return rendered


# Where each kind of object is listed, by the name of its address.
LISTS = (
    "entities", "users", "tokens", "accounts", "trial_balance", "entries", "payees", "sources", "batches", "payments",
    "outgoing", "audit_records", "rules", "webhooks",
    "channels", "fetched",
)  # fmt: skip


class IndexOut(Output):
    document = serializers.URLField()
    me = serializers.URLField()
    lists = serializers.ListField(child=serializers.URLField())


class Index(Endpoint):
    @act(ANYONE, "Where to begin: this document, who you are, and the lists", output=IndexOut)
    def get(self, request: Request) -> Any:
        def url(name: str) -> str:
            return request.build_absolute_uri(reverse(f"api:{name}"))

        return self.show(IndexOut, {"document": url("schema"), "me": url("me"), "lists": [url(name) for name in LISTS]})


class Schema(Endpoint):
    @act(ANYONE, "This document", binary=CONTENT_TYPE)
    def get(self, request: Request) -> Any:
        return HttpResponse(document(), content_type=CONTENT_TYPE)
