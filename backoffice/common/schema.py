"""The document of the API, made from the acts that its endpoints declare."""

import re
from typing import TYPE_CHECKING, Any, cast

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

if TYPE_CHECKING:
    from backoffice.common.api import Act, Endpoint

KEY = OpenApiParameter(
    name="Idempotency-Key",
    type=str,
    location=OpenApiParameter.HEADER,
    required=False,
    description="1 to 200 printable characters. The same call with the same key is done once and answered alike.",
)


class ProblemItem(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457. ``detail`` is the sentence of ``code`` with ``params`` in the reader's language."""

    type = serializers.CharField()
    code = serializers.CharField()
    params = serializers.DictField()
    detail = serializers.CharField()
    status = serializers.IntegerField()
    errors = ProblemItem(many=True, required=False)  # type: ignore[assignment]


# How an act may be refused, by status: the name of the answer in the document, and what it says.
REFUSALS = {
    "400": ("Invalid", "The input does not have the right form; `errors` names each field."),
    "401": ("Unauthenticated", "No sign-in, or a token that is unknown, expired or revoked."),
    "403": ("Forbidden", "Signed in, but without the right."),
    "404": ("NotThere", "There is no such object for you."),
    "409": ("Conflict", "The object changed meanwhile or was taken in before, or the Idempotency-Key is in use."),
    "413": ("TooLarge", "The body is larger than is accepted here."),
    "415": ("MediaType", "The body is of a kind that is not taken here."),
    "422": ("Refused", "Understood, but the rules or the state of the object do not allow it."),
    "429": ("TooMany", "More calls than the limit of the token or person allows."),
    "503": ("Unavailable", "A part of the service does not answer; nothing was lost, send the same call again."),
}
_WAITS = {"429", "503"}
_ALWAYS, _SENDING = ("400", "401", "403", "404", "429", "503"), ("409", "413", "415", "422")
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}


def with_refusals(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Each operation with the refusals that it may answer, named once: a hook of drf-spectacular."""
    for methods in result["paths"].values():
        for method, operation in methods.items():
            operation["responses"].pop("default")
            stored = any("application/octet-stream" in answer["content"] for answer in operation["responses"].values())
            codes = sorted({*_ALWAYS, *(_SENDING if method == "post" else ()), *(("422",) if stored else ())})
            operation["responses"] |= {code: {"$ref": f"#/components/responses/{REFUSALS[code][0]}"} for code in codes}
    told = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    result["components"]["responses"] = {
        name: {"description": text, **({"headers": {"Retry-After": _RETRY_AFTER}} if code in _WAITS else {}), **told}
        for code, (name, text) in REFUSALS.items()
    }
    return result


_PAGES: dict[type, serializers.BaseSerializer[Any]] = {}


def page_of(item: type[serializers.BaseSerializer[Any]]) -> serializers.BaseSerializer[Any]:
    if item not in _PAGES:
        _PAGES[item] = inline_serializer(
            name=f"{item.__name__}Page",
            fields={
                "items": item(many=True),
                "next": serializers.URLField(allow_null=True),
                "previous": serializers.URLField(allow_null=True),
            },
        )
    return _PAGES[item]


class BearerToken(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "backoffice.people.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "bo_…"}


class HouseSchema(AutoSchema):
    """Operations from acts. A method without an act does not exist, so there is nothing to guess."""

    @property
    def declared(self) -> "Act":
        return cast("Act", cast("Endpoint", self.view).act_of(self.method))

    def get_operation_id(self) -> str:
        parts = [part for part in re.split(r"[/\-]", self.path.removeprefix("/api/v1/")) if part]
        named = ["one" if part.startswith("{") else part for part in parts] or ["index"]
        return "_".join([self.method.lower(), *named])

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0] or "index"]

    def get_summary(self) -> str:
        return self.declared.summary

    def get_description(self) -> str:  # type: ignore[override]
        right = self.declared.right
        return f"Right: `{right}`." if right else "For everyone signed in."

    def get_override_parameters(self) -> list[Any]:
        asked: list[Any] = [self.declared.query] if self.declared.query else []
        if self.method == "POST":
            asked.append(KEY)
        return asked

    def get_request_serializer(self) -> Any:
        declared = self.declared
        if declared.body is None:
            return None
        if declared.upload:
            return {"multipart/form-data": declared.body, "application/octet-stream": OpenApiTypes.BINARY}
        if declared.many:
            from drf_spectacular.utils import PolymorphicProxySerializer

            return PolymorphicProxySerializer(
                component_name=f"{declared.body.__name__}OneOrMany",
                serializers=[declared.body, declared.body(many=True)],
                resource_type_field_name=None,
                many=False,
            )
        return declared.body

    def get_response_serializers(self) -> Any:
        declared = self.declared
        if declared.binary:
            good: Any = OpenApiResponse(OpenApiTypes.BINARY, description="The bytes, to be saved.")
            answers: dict[Any, Any] = {(str(declared.status), declared.binary): good}
        elif declared.output is None:
            answers = {str(declared.status): OpenApiResponse(description="Done.")}
        else:
            answers = {str(declared.status): page_of(declared.output) if declared.paged else declared.output}
        answers["default", "application/problem+json"] = OpenApiResponse(Problem, description="Refused.")
        return answers
