"""/api/v1/schema: the OpenAPI document, the same bytes as docs/openapi.yaml (held by a test)."""

import functools
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.request import Request

from backoffice.common.api import ANYONE, Endpoint, act

CONTENT_TYPE = "application/vnd.oai.openapi"


@functools.cache
def document() -> bytes:
    """The document in YAML and English; made once a process."""
    with translation.override("en"):
        made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    rendered: bytes = OpenApiYamlRenderer().render(made, renderer_context={})  # type: ignore[no-untyped-call]
    return rendered


class Schema(Endpoint):
    @act(ANYONE, "This document", binary=True)
    def get(self, request: Request) -> Any:
        return HttpResponse(document(), content_type=CONTENT_TYPE)
