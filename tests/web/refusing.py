"""Addresses that refuse, beside those of the house, to see what a refusal looks like."""

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from redis.exceptions import ConnectionError as RedisAway

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Conflict, NotThere
from backoffice.people import access
from backoffice.urls import handler400, handler403, handler404, handler500
from backoffice.urls import urlpatterns as house

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


# What the database refuses: by a constraint with its own sentence, by one without, by a trigger.
BROKEN = {
    "told": 'insert into transactions_handover (payment_id, entity_id, giver_id, person_id, reason, given_at, "end", '
    "end_reason) select 1, 1, id, id, '', now(), '', '' from people_user limit 1",
    "untold": "update people_entity set undo_seconds = -1",
    "trigger": "insert into transactions_channelroute (entity_id, channel_id, account_id, kind) "
    "select c.entity_id, c.id, a.id, 'pain001' from transactions_bankchannel c "
    "join transactions_account a on a.entity_id <> c.entity_id",
}


def refuse(request: HttpRequest, kind: str) -> HttpResponse:
    if kind == "right":
        access.demand(request.user, "user.manage")
    if kind == "redis":
        raise RedisAway("no route")
    if kind in BROKEN:
        with transaction.atomic():
            sql.run(BROKEN[kind])
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
