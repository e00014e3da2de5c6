"""Pages the reader did not ask for: refusals, what is not there, what failed."""

import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere, sentence
from backoffice.people import access, roles
from backoffice.people.models import User

log = structlog.get_logger(__name__)

STATUS: tuple[tuple[type[BusinessError], int], ...] = ((Denied, 403), (NotThere, 404), (Conflict, 409))


def status_of(error: BusinessError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 400)


def back_to(request: HttpRequest, fallback: str = "start") -> str:
    """The page the reader came from when it is one of ours, else a screen of the house. Always a path."""
    came_from = request.headers.get("Referer", "")
    try:
        ours = {request.get_host()}
    except DisallowedHost:  # this page refuses that very host
        return reverse(fallback)
    if url_has_allowed_host_and_scheme(came_from, ours, require_https=request.is_secure()):
        parts = urlsplit(came_from)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if path != request.get_full_path():
            return path
    return reverse(fallback)


def refusal(request: HttpRequest, error: BusinessError) -> HttpResponse:
    """403, 404, 409 as pages that say what to do; anything else goes back to the form with its sentence.

    Parts of a page get a message for the polite region, with the same status.
    """
    status = status_of(error)
    if getattr(request, "htmx", False):
        return _message(request, str(error), status)
    if status == 400 and request.method == "POST":
        messages.error(request, str(error))
        return redirect(back_to(request))
    return render(request, f"system/{status}.html", _context(request, error), status=status)


def _context(request: HttpRequest, error: BusinessError) -> dict[str, Any]:
    context: dict[str, Any] = {"sentence": str(error), "code": error.code, "back": back_to(request)}
    if isinstance(error, Denied):
        context |= _who_can_help(request, error)
    if isinstance(error, NotThere):
        context["words"] = words_of(request.path)
    return context


def _who_can_help(request: HttpRequest, error: Denied) -> dict[str, Any]:
    """The roles that carry the missing right, and the people who give roles where the reader works."""
    right, user = error.params.get("right", ""), request.user
    return {
        "right": roles.RIGHTS.get(right, right),
        "roles": [roles.NAMES[role] for role in roles.roles_with(right)] if right in roles.RIGHTS else [],
        "givers": list(access.givers(user)[:5]) if isinstance(user, User) else [],
    }


def words_of(path: str) -> str:
    """What a wrong address may have meant: its last part that is not a plain word of ours."""
    parts = [part for part in path.strip("/").split("/") if part]
    return parts[-1][:80] if parts else ""


def _message(request: HttpRequest, text: str, status: int, tone: str = "error") -> HttpResponse:
    response = render(request, "components/toast.html", {"text": text, "tone": tone}, status=status)
    response["HX-Retarget"] = "#toasts"
    response["HX-Reswap"] = "beforeend"
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    """A part of the service does not answer: 503, nothing of the request was done half."""
    log.warning("service.unavailable", path=request.path)
    text = sentence("service.unavailable")
    if getattr(request, "htmx", False):
        return _message(request, text, 503)
    return render(request, "system/503.html", {"sentence": text, "back": back_to(request)}, status=503)


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """A form that was sent after the session ended: sign in, then come back to the page it was on."""
    page = back_to(request, "start")
    return redirect(f"{reverse('account_login')}?{urlencode({'next': page})}")


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404. Someone who is not signed in gets no shell around it."""
    if getattr(request, "htmx", False):
        return _message(request, sentence("not_there"), 404)
    context = {"sentence": sentence("not_there"), "words": words_of(request.path), "back": reverse("start")}
    page = "system/404.html" if isinstance(getattr(request, "user", None), User) else "system/404_gate.html"
    return render(request, page, context, status=404)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403, for refusals that are not of the house."""
    return render(request, "system/refused_gate.html", {"back": back_to(request)}, status=403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: the form's token is missing or old, as after signing in again in another tab."""
    if getattr(request, "htmx", False):
        return _message(request, sentence("form.stale"), 403)
    return render(request, "system/refused_gate.html", {"back": back_to(request)}, status=403)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "system/refused_gate.html", {"back": back_to(request)}, status=400)


@login_not_required
def failed(request: HttpRequest) -> HttpResponse:
    """handler500. Touches neither the database nor the session; works without the style sheet."""
    reference = secrets.token_hex(4)
    log.exception("page.failed", reference=reference, path=request.path, method=request.method)
    language = translation.get_language_from_request(request)
    with translation.override(language):
        page = loader.render_to_string("system/500.html", {"reference": reference, "language": language})
    response = HttpResponse(page, status=500)
    if getattr(request, "htmx", False):
        response["X-Reference"] = reference
    return response
