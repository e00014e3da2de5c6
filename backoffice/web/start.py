"""Where the day begins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from backoffice.people.models import User
from backoffice.web import navigation


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """To the first screen of the person's role."""
    assert isinstance(request.user, User)  # noqa: S101
    return redirect(navigation.first_screen(request.user))
