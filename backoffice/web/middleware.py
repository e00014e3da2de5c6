"""What every request goes through: security headers, sign-in, language and time zone, refusals as pages."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from backoffice.common import problems
from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from backoffice.web import system

Handler = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
API = "/api/"


class ContentSecurityPolicy:
    """No inline script or style, nothing from elsewhere."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        return response


class SignInRequired(LoginRequiredMiddleware):
    """Every screen needs a signed-in person unless its view says otherwise (``login_not_required``).

    A part of a page that is asked for after the session ended is answered 401, so that the page keeps what was typed
    and offers to sign in again.
    """

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if getattr(request, "htmx", False):
            return HttpResponse(status=401)
        if request.method not in {"GET", "HEAD"}:
            return system.sign_in_again(request)
        return super().handle_no_permission(request, view_func)


class Preferences:
    """Language and time zone of the reader: their own when signed in, else the cookie, else what the browser asks."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        chosen = user.language if isinstance(user, User) else ""
        language = chosen if chosen in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
        zone = zoneinfo.ZoneInfo(user.time_zone if isinstance(user, User) else settings.TIME_ZONE)
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


class PlainTexts:
    """No text of the database holds the character NUL: searches and forms lose it, a path with one leads nowhere.

    The API says itself what is wrong with a query or a body.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        api = request.path.startswith(API)
        if "\x00" in request.path:
            return problems.problem(404, "not_there") if api else system.not_found(request)
        if not api and "%00" in request.META.get("QUERY_STRING", ""):
            request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("%00", "")
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        """The form was read before, by the check of its token."""
        if request.method != "POST" or request.path.startswith(API):
            return
        if any("\x00" in value for _name, values in request.POST.lists() for value in values):
            plain: Any = request.POST.copy()
            for name, values in request.POST.lists():
                plain.setlist(name, [value.replace("\x00", "") for value in values])
            request.POST = plain


class Refusals:
    """What the house refuses becomes a page, or a message for a part of a page. The API has its own handler."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path.startswith(API):
            return None
        if isinstance(exception, BusinessError):
            return system.refusal(request, exception)
        if isinstance(exception, IntegrityError):
            return system.refusal(request, problems.refused_by_database(exception))
        if isinstance(exception, RedisError | OperationalError):
            return system.unavailable(request)
        return None
