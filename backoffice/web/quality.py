"""How good the alerts are, by rule."""

from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.people import access
from backoffice.web import lists
from controls.quality import Line, quality

USUAL_DAYS, MOST_DAYS = 30, 366


@require_safe
def alert_quality(request: HttpRequest) -> HttpResponse:
    """Days of receipt in the reader's time zone. Queries: grants, entities, the figures' seven."""
    access.demand(request.user, "rule.view")
    places = lists.entities(request, "rule.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    today = timezone.localdate()
    until = _day(request.GET.get("until", "")) or today
    since = _day(request.GET.get("since", "")) or until - timedelta(days=USUAL_DAYS - 1)
    since = max(min(since, until), until - timedelta(days=MOST_DAYS - 1))
    found = quality(
        [place.pk for place in places if entity.value in ("", place.code)],
        timezone.make_aware(datetime.combine(since, time.min)),
        timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min)),
    )
    french = (get_language() or "en").startswith("fr")
    return render(
        request, "quality/quality.html",
        {
            "quality": found, "since": since, "until": until, "entity": entity if len(places) > 1 else None,
            "rows": [(line, _name(line, french)) for line in found.lines if line.hits],
            "silent": [(line, _name(line, french)) for line in found.silent],
            "most": max((line.hits for line in found.lines), default=0),
            "may_test": access.can(request.user, "rule.test"),
        },
    )  # fmt: skip


def _name(line: Line, french: bool) -> str:
    return line.name_fr if french else line.name_en


def _day(text: str) -> date | None:
    try:
        day = parse_date(text.strip())
    except ValueError:
        return None
    return day if day and 2000 <= day.year < 9000 else None
