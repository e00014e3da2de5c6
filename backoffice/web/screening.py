"""Screening: hits to decide, one hit with both sides, names that two people let pass, a name to try."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.common import pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import acts, lists
from controls import changes
from controls.models import ChangeRequest, Exemption, ScreeningHit
from controls.screening import asking, exemptions, hits, verdicts, words
from documents import trail

S = ScreeningHit.Status
OPEN, PROPOSED, TRUE, DECIDED = "", "proposed", "true", "decided"
LONGEST_NAME = 140
MOST_COUNTED, MOST_ASKED = 10_000, 99


def authorised(request: HttpRequest, pk: int) -> ScreeningHit:
    """The hit when the reader may see it; of another entity it is not there. One query."""
    access.demand(request.user, hits.VIEW)
    return hits.found(lists.reader(request), pk)


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Hits by what is to do, or all of one payment (``?payment=``). Queries: grants, entities, two counts, requests,
    one page."""
    access.demand(request.user, hits.VIEW)
    places = lists.entities(request, hits.VIEW)
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    views = [
        (OPEN, _("To decide")), (PROPOSED, _("To confirm")), (TRUE, _("True matches")), (DECIDED, _("Decided")),
    ]  # fmt: skip
    view = lists.choice(request, "view", views)
    reader = lists.reader(request)
    rows = hits.visible(reader).filter(entity__in=chosen).annotate(proposed=hits.asked_about())
    payment_id = lists.number(request.GET.get("payment", ""))
    if payment_id is not None:
        rows = rows.filter(payment=payment_id)
    elif view == OPEN:
        rows = rows.filter(status=S.OPEN, proposed=False)
    elif view == PROPOSED:
        rows = rows.filter(status__in=[S.OPEN, S.TRUE], proposed=True)
    elif view == TRUE:
        rows = rows.filter(status=S.TRUE)
    else:
        rows = rows.filter(status__in=[S.FALSE, S.EXEMPT])
    key = ("score", "birth", "id") if view == OPEN else ("id",)
    page: Any = pages.page(rows, key=key, cursor=lists.cursor(request), salt=f"screening:{view}")
    context = {
        "page": page, "view": view, "several_entities": len(places) > 1,
        "tabs": [] if payment_id is not None else lists.tabs(request, "view", views, _counts(reader, chosen)),
        "waiting": _asked(reader),
        "bar": lists.bar(request, [entity] if len(places) > 1 else []),
    }  # fmt: skip
    return render(request, "screening/queue.html", context)


def _counts(reader: User, entity_ids: list[int]) -> dict[str, int]:
    """What is to do, counted no further than a tab shows."""
    rows = hits.visible(reader).filter(entity__in=entity_ids).annotate(proposed=hits.asked_about())
    to_do = {OPEN: rows.filter(status=S.OPEN, proposed=False),
             PROPOSED: rows.filter(status__in=[S.OPEN, S.TRUE], proposed=True)}  # fmt: skip
    return {view: found.order_by()[: MOST_COUNTED + 1].count() for view, found in to_do.items()}


def _asked(reader: User) -> dict[str, int]:
    """Requests of others that wait elsewhere in this room: exemptions, and changes of watch lists."""
    waiting = {}
    for subject in (ChangeRequest.Subject.EXEMPT, ChangeRequest.Subject.WATCH):
        rows = changes.visible(reader, subject).filter(status="waiting").exclude(asked_by=reader)
        waiting[str(subject)] = rows.order_by()[:MOST_ASKED].count()
    return waiting


class ExemptForm(forms.Form):
    until = forms.DateField(
        label=gettext_lazy("Until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("At most a year away; it also ends when the publisher changes the entry."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


@require_safe
def hit_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, authorised(request, pk))


def _page(
    request: HttpRequest, hit: ScreeningHit, fault: str = "", form: ExemptForm | None = None
) -> HttpResponse:  # fmt: skip
    reader = lists.reader(request)
    may_decide = access.can(reader, hits.DECIDE, hit.entity_id)
    waiting = _waiting(reader, hit)
    stopping = hit.status in {S.OPEN, S.TRUE}
    others = hits.visible(reader).filter(payment=hit.payment_id).exclude(pk=hit.pk) if hit.payment_id else ()
    context = {
        "hit": hit, "fault": fault, "said": words.explanation(hit.match), "rows": words.compared(hit),
        "verdicts": words.VERDICTS, "kind": words.ENTRY_KINDS.get(hit.entry.kind, hit.entry.kind),
        "content": hit.entry.content, "may_decide": may_decide and stopping,
        "waiting": [
            {"request": one, "own": one.asked_by_id == reader.pk, "until": _until(one)} for one in waiting
        ],
        "form": form or ExemptForm(), "reason": lists.said(request),
        "may_exempt": may_decide and hit.status == S.OPEN and hit.field != ScreeningHit.Field.REMITTANCE,
        "others": list(others[:20]),
        "acts": acts.told(trail.of("hit", hit.pk)[:20]) if access.can(reader, "history.view", hit.entity_id) else [],
    }  # fmt: skip
    return render(request, "screening/hit.html", context, status=422 if fault else 200)


def _until(asked: ChangeRequest) -> date | None:
    """The day of an exemption that is asked for."""
    return parse_date(asked.change.get("until", ""))


def _waiting(reader: User, hit: ScreeningHit) -> list[ChangeRequest]:
    found = changes.waiting(reader, ChangeRequest.Subject.HIT, hit.pk)
    exempting = changes.visible(reader, ChangeRequest.Subject.EXEMPT).filter(status="waiting", change__hit=hit.pk)
    return [*found, *exempting[:5]]


@require_POST
def hit_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that it is somebody else."""
    hit, actor, reason = authorised(request, pk), lists.reader(request), lists.said(request)
    return _acted(
        request, hit, lambda: asking.release(actor=actor, hit_id=pk, reason=reason),
        _("A second person confirms that it is somebody else."),
    )  # fmt: skip


@require_POST
def hit_true(request: HttpRequest, pk: int) -> HttpResponse:
    """It is the listed one: at once."""
    hit, actor, reason = authorised(request, pk), lists.reader(request), lists.said(request)
    return _acted(
        request, hit, lambda: hits.true(actor=actor, hit_id=pk, reason=reason),
        _("Recorded as a true match: the hold stays."),
    )  # fmt: skip


@require_POST
def hit_exempt(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask to let the name pass against this entry until a day."""
    hit = authorised(request, pk)
    access.demand(request.user, hits.DECIDE, hit.entity_id)
    form = ExemptForm(request.POST)
    if not form.is_valid():
        return _page(request, hit, _("Say until when, and why."), form)
    actor, until, reason = lists.reader(request), form.cleaned_data["until"], form.cleaned_data["reason"]
    return _acted(
        request, hit, lambda: asking.exempt(actor=actor, hit_id=pk, until=until, reason=reason),
        _("The exemption waits for a second person."), form,
    )  # fmt: skip


def _acted(
    request: HttpRequest, hit: ScreeningHit, act: Callable[[], Any], told: str, form: ExemptForm | None = None
) -> HttpResponse:
    """Back to the hit when it was done; its page with the words when it was refused."""
    try:
        act()
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, hit, str(refused), form)
    messages.success(request, told)
    return redirect("screening_hit", hit.pk)


@require_safe
def exemption_list(request: HttpRequest) -> HttpResponse:
    """Names that are let pass, those in force first shown by their newest."""
    access.demand(request.user, exemptions.VIEW)
    reader = lists.reader(request)
    page: Any = pages.page(
        exemptions.visible(reader), key=("id",), cursor=lists.cursor(request), salt="exemptions"
    )  # fmt: skip
    decides = set(access.entity_ids(reader, exemptions.DECIDE))
    rows = [_told(one, decides) for one in page.items]
    asked = changes.visible(reader, ChangeRequest.Subject.EXEMPT).filter(status="waiting")[:50]
    context = {
        "page": page, "rows": rows,
        "waiting": [
            {
                "request": one, "own": one.asked_by_id == reader.pk, "may_decide": one.entity_id in decides,
                "until": _until(one),
            }
            for one in asked
        ],
    }  # fmt: skip
    return render(request, "screening/exemptions.html", context)


def _told(one: Exemption, decides: set[int]) -> dict[str, Any]:
    live = exemptions.in_force(one)
    return {"row": one, "live": live, "may_end": live and one.entity_id in decides}


@require_POST
def exemption_end(request: HttpRequest, pk: int) -> HttpResponse:
    """At once, by one person."""
    access.demand(request.user, exemptions.VIEW)
    exemptions.end(actor=lists.reader(request), exemption_id=pk, reason=lists.said(request))
    messages.success(request, _("The name is a hit again from now on."))
    return redirect("exemptions")


class BornForm(forms.Form):
    birth_date = forms.DateField(
        label=gettext_lazy("Date of birth"), required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("It is compared, and takes no hit away."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def try_name(request: HttpRequest) -> HttpResponse:
    """What a name is alike to, under the lists in force that concern the reader, and how a date of birth compares.
    Nothing is kept."""
    access.demand(request.user, hits.VIEW)
    reader = lists.reader(request)
    name = request.POST.get("name", "").replace("\x00", "").strip()[:LONGEST_NAME]
    places = {None, *access.entity_ids(reader, hits.VIEW)}
    asked = BornForm(request.POST if request.method == "POST" else None)
    born_on = asked.cleaned_data["birth_date"] if asked.is_valid() else None
    current, found = verdicts.one(name) if name else (None, [])
    born = verdicts.births_of(found[:100])
    rows = [
        {
            "born": words.birth_row(
                born_on.isoformat() if born_on else "", born[int(str(one.listed.entry))], _("Born")
            ),
            "name": one.listed.text, "score": one.match.score, "meant": meant,
            "said": words.explanation({**verdicts.match(one), "name": one.listed.text, "quality": one.listed.quality}),
        }
        for one, meant in found[:100]
        if meant.member.entity_id in places
    ]  # fmt: skip
    context = {
        "form": asked,
        "name": name,
        "rows": rows,
        "asked": bool(name),
        "lists": len(current.members) if current else None,
    }
    return render(request, "screening/try.html", context)
