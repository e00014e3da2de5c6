"""Every payment, newest first, and the one search box that finds them."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.people import access
from backoffice.web import lists
from transactions import queries
from transactions.models import Payment, PaymentState
from transactions.queries.search import amount_of

LONGEST = 140


def _day(text: str) -> Any:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


@require_safe
def payments(request: HttpRequest) -> HttpResponse:
    """One page of the list. Queries beside the session's and rights': entities, identifiers, rows. A search that
    finds one payment by its number opens it at once."""
    access.demand(request.user, "payment.view")
    places = lists.entities(request, "payment.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    status = lists.select(request, "status", _("Status"), _("all"), PaymentState.Status.choices)
    kind = lists.select(request, "kind", _("Kind"), _("all"), Payment.Kind.choices)
    text = " ".join(request.GET.get("q", "").split())[:LONGEST]
    given = {name: request.GET.get(name, "").strip()[:40] for name in ("since", "until", "least", "most")}
    wanted = queries.PaymentFilter(
        entity_ids=[place.pk for place in places if entity.value in ("", place.code)],
        text=text,
        status=status.value,
        kind=kind.value,
        received_from=_day(given["since"]),
        received_to=_day(given["until"]),
        amount_from=amount_of(given["least"]),
        amount_to=amount_of(given["most"]),
    )
    page = queries.payments_page(wanted, cursor=lists.cursor(request))
    if _is_reference(text) and len(page.items) == 1 and "cursor" not in request.GET:
        return redirect(reverse("payment", args=[page.items[0].pk]))
    return render(
        request,
        "payment/list.html",
        {
            "page": page,
            "entity": entity if len(places) > 1 else None,
            "status": status,
            "kind": kind,
            "text": text,
            "given": given,
            "misread": _misread(given),
            "filtered": bool(text or status.value or kind.value or entity.value or any(given.values())),
            "several_entities": len(places) > 1,
            "may_create": access.can(request.user, "payment.create"),
        },
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The search box of the shell: it looks among payments."""
    access.demand(request.user, "payment.view")
    text = " ".join(request.GET.get("q", "").split())[:LONGEST]
    return redirect(f"{reverse('payments')}?{urlencode({'q': text})}" if text else reverse("payments"))


def _is_reference(text: str) -> bool:
    return text.upper().startswith("PAY") and any(character.isdigit() for character in text)


def _misread(given: dict[str, str]) -> list[str]:
    """The fields whose text is no day or amount; they do not filter, and the page says so."""
    labels = {"since": _("From"), "until": _("To"), "least": _("Least amount"), "most": _("Largest amount")}
    readers = {"since": _day, "until": _day, "least": amount_of, "most": amount_of}
    return [labels[name] for name, text in given.items() if text and readers[name](text) is None]
