"""The dashboard: is it flowing, on time, safe, balanced, and what changed. Each number leads to the list behind it."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from backoffice.common import formats, pages
from backoffice.people import access, services
from backoffice.people.models import User
from backoffice.web import acts, figures, forecast_words, lists
from transactions.models import Payment
from transactions.queries import outgoing


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Only what the reader may see is counted: payments, books and acts each ask for their own right."""
    access.demand(request.user, "dashboard.view")
    places = lists.entities(request, "dashboard.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    chosen = {place.pk for place in places if entity.value in ("", place.code)}
    now = timezone.now()

    def scope(right: str) -> list[int]:
        return [place for place in access.entity_ids(request.user, right) if place in chosen]

    context: dict[str, Any] = {
        "today": timezone.localdate(now),
        "bar": lists.bar(request, [entity] if len(places) > 1 else []),
        "entity": entity.value,
        "several_entities": len(places) > 1,
        "may_list_decisions": access.can(request.user, "history.view"),
    }
    payments, books, history = scope("payment.view"), scope("account.view"), scope("history.view")
    if payments:
        context |= _payments(payments, now)
        context["closings"] = forecast_words.closings([place for place in places if place.pk in payments], now)
        context["paces"] = forecast_words.paces([place for place in places if place.pk in payments])
    if books:
        found = figures.books(books)
        context |= {"books": found, "all_balanced": all(book.balanced for book in found)}
    files = scope("outgoing.view")
    if files and figures.uses_channels(files):
        context["trouble"] = outgoing.trouble(files)
    if history or access.can(request.user, "user.view"):
        people = services.visible(lists.reader(request))
        context["acts"] = acts.told(figures.changes(history, people=people), subjects=True)
    return render(request, "dashboard/dashboard.html", context)


def _payments(entity_ids: list[int], now: datetime) -> dict[str, Any]:
    flow = figures.flow(entity_ids, now)
    present = flow.hours.index(timezone.localtime(now).hour)
    french = (get_language() or "en").startswith("fr")
    safety = figures.safety(entity_ids)
    return {
        "flow": flow,
        "present_hour": present,
        "received_chart": _columns(flow.hours, flow.received),
        "decided_chart": _columns(flow.hours, flow.decided),
        "punctuality": figures.punctuality(entity_ids, now),
        "safety": safety,
        "rules": [(rule, rule.name_fr if french else rule.name_en) for rule in safety.rules],
    }


def _columns(hours: list[int], numbers: list[int]) -> list[tuple[str, int, str]]:
    return [
        (
            _("%(hour)sh") % {"hour": hour},
            number,
            ngettext("%(n)s payment", "%(n)s payments", number) % {"n": formats.count(number)},
        )
        for hour, number in zip(hours, numbers, strict=True)
    ]


# The code that gives the pill its tone, and its word.
OUTCOMES = {
    "payment.validated": ("validated", pgettext_lazy("decision", "Validated")),
    "payment.approved": ("approved", gettext_lazy("Approved")),
    "payment.rejected": ("rejected", gettext_lazy("Rejected")),
    "payment.sent_back": ("returned", gettext_lazy("Sent back")),
}


@require_GET
def decisions(request: HttpRequest) -> HttpResponse:
    """The decisions of the day, newest first; ``?late=1`` only those after the due time."""
    access.demand(request.user, "history.view")
    places = lists.entities(request, "history.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    views = [("", pgettext("decisions", "All")), ("1", _("After the due time"))]
    late = lists.choice(request, "late", views) == "1"
    rows = figures.decisions(
        [place.pk for place in places if entity.value in ("", place.code)], timezone.now(), late=late
    )
    page = pages.page(rows, key=("id",), cursor=lists.cursor(request), salt=f"decisions:{late}")
    people = User.objects.in_bulk({row.actor_id for row in page.items if row.actor_id})
    payments = Payment.objects.select_related("state").in_bulk({row.subject_id for row in page.items})
    return render(
        request,
        "dashboard/decisions.html",
        {
            "page": page,
            "rows": [
                (row, people.get(row.actor_id or 0), payments.get(row.subject_id), OUTCOMES[row.action])
                for row in page.items
            ],
            "tabs": lists.tabs(request, "late", views),
            "bar": lists.bar(request, [entity] if len(places) > 1 else []),
        },
    )
