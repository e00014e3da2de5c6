"""Addresses that refuse, beside those of the house, to see what a refusal looks like."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path
from redis.exceptions import ConnectionError as RedisAway

from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.urls import handler400, handler403, handler404, handler500
from backoffice.urls import urlpatterns as house

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def refuse(request: HttpRequest, kind: str) -> HttpResponse:
    if kind == "right":
        access.demand(request.user, "user.manage")
    if kind == "redis":
        raise RedisAway("no route")
    if kind == "fault":
        raise RuntimeError("a fault <of ours>")
    errors: dict[str, BusinessError] = {
        "there": NotThere("not_there"),
        "conflict": Conflict("conflict.version", read=3, now=4),
        "business": BusinessError("money.not_a_number", value="<b>12,x</b>"),
    }
    raise errors[kind]


@login_not_required
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("taken")


urlpatterns = [path("refuse/<slug:kind>/", refuse), path("open-form/", form), *house]
