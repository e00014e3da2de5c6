"""The control card of a signature: what the signer saw, as it was frozen with it."""

from decimal import Decimal
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backoffice.common.errors import NotThere
from backoffice.people import access
from backoffice.people.models import Team
from backoffice.web import approval_words
from controls import cards
from transactions import queries


@require_safe
def card(request: HttpRequest, pk: int, card_pk: int) -> HttpResponse:
    access.demand(request.user, "payment.view")
    found = queries.payment(pk, access.entity_ids(request.user, "payment.view"))
    access.demand(request.user, "rule.view", found.entity_id)
    shown = cards.read(pk, card_pk)
    if shown is None:
        raise NotThere("not_there")
    context = {"payment": found, "card": shown, "asked": _asked(shown.content["asked"], found.currency)}
    return render(request, "payment/card.html", context)


def _asked(places: list[dict[str, Any]], currency: str) -> str:
    """What was asked after the validation, in words. One query when it names teams."""
    teams = {place["team"] for place in places if place["team"]}
    names = dict(Team.objects.filter(pk__in=teams).values_list("pk", "name")) if teams else {}
    stages = []
    for _stage, group in groupby(places, key=lambda place: place["stage"]):
        rows = list(group)
        ceiling = rows[0]["ceiling"]
        of_whom = approval_words.demands(
            role=rows[0]["role"], team=names.get(rows[0]["team"], ""), currency=currency,
            ceiling=None if ceiling is None else Decimal(ceiling),
        )  # fmt: skip
        stages.append((len(rows), of_whom))
    return approval_words.stages(stages)
