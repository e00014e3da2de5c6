"""The books: trial balance as of any moment, and one entry."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from backoffice.common.errors import NotThere
from backoffice.people import access
from backoffice.web import lists
from transactions import ledger_queries


@require_GET
def trial_balance(request: HttpRequest) -> HttpResponse:
    """Each entity's accounts by currency with debit and credit columns; ``as_of`` in the address asks for the past."""
    access.demand(request.user, "account.view")
    places = lists.entities(request, "account.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    as_of = lists.as_of(request)
    chosen = [place for place in places if entity.value in ("", place.code)]
    return render(
        request,
        "accounts/ledger.html",
        {
            "books": ledger_queries.trial_balance(chosen, moment=as_of.moment),
            "bar": lists.bar(request, [entity] if len(places) > 1 else [], "", "as_of"),
            "as_of": as_of,
        },
    )


@require_GET
def entry_page(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, "account.view")
    found = ledger_queries.entry(pk, access.entity_ids(request.user, "account.view"))
    if found is None:
        raise NotThere("not_there")
    return render(request, "accounts/entry.html", {"found": found, "entry": found.entry})
