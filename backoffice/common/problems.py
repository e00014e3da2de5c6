"""How the API says no: RFC 9457 ``application/problem+json`` with a code, its parameters and a sentence.

``{"type": "urn:backoffice:<code>", "code", "params", "detail", "status"}``, and for input that does not have the right
form ``errors``, a list of ``{"field", "code", "detail"}`` where ``field`` is a path such as ``payments[2].amount``.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import structlog
from django.core import signals
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError
from rest_framework import exceptions
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere, known, register, sentence

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"

register(
    {
        "request.invalid": _("The request has errors; each is listed with its field."),
        "request.malformed": _("The body is not what its Content-Type says: %(cause)s."),
        "request.unauthenticated": _("Sign in, or send a token: Authorization: Bearer …"),
        "request.token_refused": _("This token is not known, has expired or was revoked."),
        "request.forbidden": _("The request was refused: %(cause)s"),
        "request.not_allowed": _("This method is not possible at this address."),
        "request.media_type": _("A body of this kind (Content-Type) is not taken here."),
        "request.too_large": _("The body is larger than the %(largest)s bytes accepted here."),
        "request.too_many": _("Too many calls; this one passes in %(seconds)s seconds."),
        "request.other": _("The request was refused: %(cause)s"),
        "request.unexpected": _("An unexpected error happened. Nothing was changed; it was reported."),
        "database.refused": _("The books refuse this: %(cause)s"),
        "database.otherwise": _("it does not fit what they hold. Nothing was changed."),
    }
)

# Refusals that say nothing of an object's state, whatever their class.
_STATUSES = {"cursor.invalid": 400, "idempotency.bad_key": 400, "request.malformed": 400, "request.too_large": 413,
             "request.too_many": 429}  # fmt: skip


def dumps(data: Any) -> bytes:
    return json.dumps(data, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()


def problem(status: int, code: str, params: Mapping[str, Any] | None = None, **more: Any) -> HttpResponse:
    """The answer for a code, with its sentence in the active language."""
    body = {
        "type": f"urn:backoffice:{code}",
        "code": code,
        "params": dict(params or {}),
        "detail": sentence(code, params),
        "status": status,
        **more,
    }
    return HttpResponse(dumps(body), status=status, content_type=CONTENT_TYPE)


def status_of(error: BusinessError) -> int:
    """403, 404 and 409 by class; what an object's state or the rules forbid is 422."""
    if isinstance(error, Denied):
        return 403
    if isinstance(error, NotThere):
        return 404
    if isinstance(error, Conflict) or error.code.startswith(("conflict.", "idempotency.")):
        return _STATUSES.get(error.code, 409)
    return _STATUSES.get(error.code, 422)


def refusal(code: str, params: Mapping[str, Any]) -> BusinessError:
    """The error for a code that a service answered instead of raising."""
    if code == "denied":
        return Denied(code, **params)
    if code == "not_there":
        return NotThere(code, **params)
    return BusinessError(code, **params)


def handler(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """REST framework's exception handler: refusals are problems; the unexpected is logged and answered with 500."""
    response = answer(error)
    if response is not None:
        return response
    view = context.get("view")
    log.error("api.unexpected", endpoint=type(view).__name__ if view else "", exc_info=error)
    request = context.get("request")
    signals_sender = type(view) if isinstance(view, APIView) else None
    signals.got_request_exception.send(sender=signals_sender, request=getattr(request, "_request", request))
    return problem(500, "request.unexpected")


def answer(error: Exception) -> HttpResponse | None:
    """The problem for an error that is a refusal, None for one that nobody expected."""
    for kind, told in _ANSWERS:
        if isinstance(error, kind):
            return told(error)
    return None


def _business(error: BusinessError) -> HttpResponse:
    response = problem(status_of(error), error.code, error.params)
    if response.status_code == 429:
        response.headers["Retry-After"] = str(error.params["seconds"])
    return response


def _refused_credentials(error: Any) -> HttpResponse:
    code = "request.token_refused" if error.get_codes() == "token" else "request.unauthenticated"
    response = problem(error.status_code, code)
    header = getattr(error, "auth_header", None)
    if header:
        response.headers["WWW-Authenticate"] = header
    return response


def _unavailable(error: Exception) -> HttpResponse:
    log.warning("api.unavailable", error=type(error).__name__)
    response = problem(503, "service.unavailable")
    response.headers["Retry-After"] = "2"
    return response


# The first kind that fits answers. A more general kind stands below the ones it contains.
_ANSWERS: tuple[tuple[Any, Callable[[Any], HttpResponse]], ...] = (
    (BusinessError, _business),
    (exceptions.ValidationError, lambda e: problem(400, "request.invalid", errors=list(flat(e.detail)))),
    ((exceptions.AuthenticationFailed, exceptions.NotAuthenticated), _refused_credentials),
    (exceptions.ParseError, lambda e: problem(400, "request.malformed", {"cause": str(e.detail)})),
    (exceptions.MethodNotAllowed, lambda e: problem(405, "request.not_allowed")),
    (exceptions.UnsupportedMediaType, lambda e: problem(415, "request.media_type")),
    (exceptions.PermissionDenied, lambda e: problem(403, "request.forbidden", {"cause": str(e.detail)})),
    (exceptions.APIException, lambda e: problem(e.status_code, "request.other", {"cause": str(e.detail)})),
    (Http404, lambda e: problem(404, "not_there")),
    (PermissionDenied, lambda e: problem(403, "request.forbidden", {"cause": str(e)})),
    (SuspiciousOperation, lambda e: problem(400, "request.other", {"cause": str(e)})),
    (UnreadablePostError, lambda e: problem(400, "request.malformed", {"cause": "the connection ended"})),
    (IntegrityError, lambda e: _business(refused_by_database(e))),
    ((OperationalError, InterfaceError, RedisError), _unavailable),
)


def flat(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Nested validation errors as a flat list with the path of each field."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            if name == "non_field_errors":
                yield from flat(inner, path)
            elif isinstance(name, int):
                yield from flat(inner, f"{path}[{name}]")
            else:
                yield from flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            yield from flat(inner, path if isinstance(inner, str) else f"{path}[{number}]")
    else:
        yield {"field": path, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}


def refused_by_database(error: IntegrityError) -> Conflict:
    """What people are told when the database refuses: the sentence of the constraint, if there is one.

    It stands with the model's constraint, or in a room's ``errors.py`` as ``database.<name of the constraint>`` where a
    trigger refuses. The database's own words are told to nobody: they are English, and may quote rows.
    """
    from django.apps import apps
    from django.db.models import BaseConstraint

    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    log.warning("database.refused", constraint=name, error=type(error.__cause__).__name__)
    if name and f"database.{name}" in known():
        return Conflict("database.refused", cause=sentence(f"database.{name}"))
    constraints = (one for model in apps.get_models() for one in model._meta.constraints if one.name == name)
    found = next(constraints, None) if name else None
    if found is None or found.violation_error_message == BaseConstraint.default_violation_error_message:
        return Conflict("database.refused", cause=sentence("database.otherwise"))
    return Conflict("database.refused", cause=str(found.get_violation_error_message()))
