"""Anomalies: the list of cases, several together, and how they went."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backoffice.common import pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import case_words, lists
from controls.cases import incidents, queries, silences, typologies
from controls.cases.reasons import Reason
from controls.cases.table import DECIDE, VIEW
from controls.models import Case, Incident

VIEWS = (
    (queries.OPEN, pgettext_lazy("cases", "Open")), (queries.MINE, gettext_lazy("Mine")),
    (queries.SNOOZED, gettext_lazy("Snoozed")), (queries.CLOSED, pgettext_lazy("cases", "Closed")),
)  # fmt: skip
BANDS = ("80", "60", "40")
USUAL_DAYS, MOST_DAYS, MOST_TOGETHER = 90, 366, 200


@dataclass(frozen=True)
class Row:
    case: Case
    name: str
    reasons: list[Reason]
    sums: list[tuple[str, Decimal]]


def rows_of(found: list[Case]) -> list[Row]:
    """Cases with what a list says of them. Three queries."""
    keys = [case.pk for case in found]
    reasons, sums = queries.first_reasons(keys), queries.sums(keys)
    return [
        Row(case, typologies.name(case.typology), reasons.get(case.pk, []), sums.get(case.pk, [])) for case in found
    ]  # fmt: skip


@require_safe
def case_list(request: HttpRequest) -> HttpResponse:
    """By what is to do, or all of one payment or incident. Queries: grants, entities, three counts, the page with its
    reasons and sums, the last alert when it is empty."""
    access.demand(request.user, VIEW)
    reader, places = lists.reader(request), lists.entities(request, VIEW)
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    kinds = [(one.code, one.name) for one in typologies.TYPOLOGIES.values()]
    typology = lists.select(request, "typology", _("Typology"), _("all"), kinds)
    least = lists.select(request, "score", _("Score from"), _("all"), [(band, band) for band in BANDS])
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    view = lists.choice(request, "view", VIEWS)
    payment_id, incident = lists.number(request.GET.get("payment", "")), _incident(request, reader)
    rows = queries.chosen(
        reader, chosen, view, typology=typology.value, payment=payment_id,
        incident=incident.pk if incident else None, least=int(least.value) if least.value else None,
    )  # fmt: skip
    narrowed = payment_id is not None or incident is not None
    key = ("id",) if narrowed or view == queries.CLOSED else ("priority", "id")
    page: Any = pages.page(rows, key=key, cursor=lists.cursor(request), salt=f"cases:{view}:{narrowed}")
    shown = rows_of(page.items)
    context = {
        "page": page, "rows": shown, "view": view, "narrowed": narrowed, "incident": incident,
        "several_entities": len(places) > 1, "may_decide": access.can(reader, DECIDE),
        "tabs": [] if narrowed else lists.tabs(request, "view", VIEWS, queries.counts(reader, chosen)),
        "bar": lists.bar(request, [*([entity] if len(places) > 1 else []), typology, least]),
        "last": None if shown else queries.last_raised(chosen),
    }  # fmt: skip
    return render(request, "cases/list.html", context)


def _incident(request: HttpRequest, reader: User) -> Incident | None:
    asked = lists.number(request.GET.get("incident", ""))
    return incidents.found(reader, asked) if asked is not None else None


@require_safe
def together(request: HttpRequest) -> HttpResponse:
    """Several cases, to be given to somebody, gathered or decided by one act."""
    access.demand(request.user, VIEW)
    reader = lists.reader(request)
    keys = [key for key in map(lists.number, request.GET.getlist("ids")[:MOST_TOGETHER]) if key is not None]
    rows = queries.chosen(reader, access.entity_ids(reader, VIEW), queries.OPEN).filter(pk__in=keys)
    found = list(rows.order_by("-priority", "-pk"))
    places = {case.entity_id for case in found}
    people = {
        person.pk: person
        for place in places
        for person in (access.people_with(DECIDE, place) if len(places) == 1 else ())
    }
    common = [
        {"kind": kind, "label": label, "name": Incident.Kind(kind).label, "count": len(ids)}
        for kind, label, ids in (queries.causes_in_common(found) if found else [])
    ]
    context = {
        "rows": rows_of(found), "may_decide": bool(found) and all(access.can(reader, DECIDE, at) for at in places),
        "people": sorted(people.values(), key=lambda person: person.full_name), "common": common,
        "kinds": Incident.Kind.choices, "several_entities": len(places) > 1, **decision(),
    }  # fmt: skip
    return render(request, "cases/together.html", context)


def decision(said: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the form of a verdict offers, with what was chosen before it was refused."""
    causes = [
        (label, list(typologies.CAUSES[value].items())) for value, label in Case.Disposition.choices
    ]  # fmt: skip
    return {
        "dispositions": Case.Disposition.choices, "causes": causes, "measures": list(typologies.ACTIONS.items()),
        "said": said or {},
    }  # fmt: skip


@require_safe
def case_figures(request: HttpRequest) -> HttpResponse:
    """How cases went, by typology and person. What one person did is shown to who decides in all
    of the entities that are looked at, and to the person."""
    access.demand(request.user, VIEW)
    reader, places = lists.reader(request), lists.entities(request, VIEW)
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    today = timezone.localdate()
    until = _day(request.GET.get("until", "")) or today
    since = _day(request.GET.get("since", "")) or until - timedelta(days=USUAL_DAYS - 1)
    since = max(min(since, until), until - timedelta(days=MOST_DAYS - 1))
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    found = queries.figures(
        chosen,
        timezone.make_aware(datetime.combine(since, time.min)),
        timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min)),
    )
    everybody = set(chosen) <= set(access.entity_ids(reader, DECIDE))
    people = User.objects.in_bulk([one.key for one in found.people if everybody or one.key == reader.pk])
    by_name = sorted(
        ((people[one.key], one) for one in found.people if one.key in people), key=lambda pair: pair[0].full_name
    )
    context = {
        "found": found, "since": since, "until": until, "entity": entity if len(places) > 1 else None,
        "median": case_words.minutes(found.minutes),
        "typologies": [
            (typologies.name(one.key), one, case_words.minutes(one.minutes)) for one in found.typologies
        ],
        "people": [(person, one, case_words.minutes(one.minutes)) for person, one in by_name],
        "everybody": everybody,
    }  # fmt: skip
    return render(request, "cases/figures.html", context)


@require_safe
def silence_list(request: HttpRequest) -> HttpResponse:
    """What is not raised, about whom and until when, with what it hid. Queries: grants, entities, one page."""
    access.demand(request.user, VIEW)
    reader = lists.reader(request)
    page: Any = pages.page(silences.visible(reader), key=("id",), cursor=lists.cursor(request), salt="silences")
    decides = set(access.entity_ids(reader, DECIDE))
    rows = [
        {"row": one, "name": typologies.name(one.typology), "may_end": one.in_force and one.entity_id in decides}
        for one in page.items
    ]  # fmt: skip
    return render(request, "cases/silences.html", {"page": page, "rows": rows})


@require_POST
def silence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """At once, by one person."""
    access.demand(request.user, DECIDE)
    try:
        silences.end(silence_id=pk, actor=lists.reader(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.warning(request, str(refused))
        return redirect("silences")
    messages.success(request, _("Such alerts are raised again from now on."))
    return redirect("silences")


def _day(text: str) -> date | None:
    try:
        day = parse_date(text.strip())
    except ValueError:
        return None
    return day if day and 2000 <= day.year < 9000 else None
