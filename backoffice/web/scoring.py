"""Models of scoring: their list, one beside the champion, training; thresholds; what alerts were worth."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.common import pages
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, change_words, lists, scoring_words
from backoffice.web.matrix import day_field
from controls.models import ChangeRequest, ScoringModel
from controls.scoring import (
    asking,
    champions,
    comparing,
    feedback,
    model_words,
    policies,
    suggesting,
    trainings,
    watching,
)  # fmt: skip
from documents import trail

VIEW, MANAGE = champions.VIEW, champions.MANAGE
SHOWN_TRAININGS = 5
Subject = ChangeRequest.Subject


class TrainForm(forms.Form):
    window_from = day_field(gettext_lazy("First day"), required=True)
    window_to = day_field(gettext_lazy("Last day, included"), required=True)
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"), min_value=0, max_value=2**31 - 1, initial=0,
        help_text=gettext_lazy("The same days, labels and seed give the same model, to the last bit."),
    )  # fmt: skip


class ThresholdForm(forms.Form):
    threshold = forms.IntegerField(
        label=gettext_lazy("Score from which on there are alerts"), min_value=policies.LOWEST,
        max_value=policies.HIGHEST,
    )  # fmt: skip
    sample_per_million = forms.IntegerField(
        label=gettext_lazy("Of a million payments below it, shown all the same"), min_value=0,
        max_value=policies.MOST_SAMPLED,
        help_text=gettext_lazy("Shown like alerts, unmarked, to measure what is missed."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


@require_safe
def model_list(request: HttpRequest) -> HttpResponse:
    """Every model, the newest first, and the last trainings. Queries: grants, rows, trainings, changes."""
    access.demand(request.user, VIEW)
    reader = lists.reader(request)
    page = pages.page(champions.visible(reader), key=("number",), cursor=lists.cursor(request), salt="models")
    rows = [(one, {line.code: line for line in model_words.compared(one.figures)}) for one in page.items]
    waiting = {one.subject_id for one in changes_waiting(request)}
    context = {
        "page": page, "rows": [(one, lines["average_precision"], lines["recall_1"], one.pk in waiting)
                               for one, lines in rows],
        "trainings": [(one, scoring_words.refusal(one)) for one in _open_trainings(request)],
        "champion": champions.present(), "may": champions.may_manage(reader),
    }  # fmt: skip
    return render(request, "scoring/list.html", context)


def changes_waiting(request: HttpRequest, subject: str = Subject.MODEL, key: int | None = None) -> list[ChangeRequest]:
    return [card["request"] for card in change_words.cards(lists.reader(request), [subject], key)]


def _open_trainings(request: HttpRequest) -> list[Any]:
    """What is under way, and what ended without a model since the last that made one."""
    found = []
    for one in trainings.visible(lists.reader(request))[:SHOWN_TRAININGS]:
        if one.state == "done":
            break
        found.append(one)
    return found


def authorised(request: HttpRequest, number: int) -> ScoringModel:
    access.demand(request.user, VIEW)
    return champions.found(lists.reader(request), number)


@require_safe
def model_page(request: HttpRequest, number: int) -> HttpResponse:
    return _page(request, authorised(request, number))


def _page(request: HttpRequest, model: ScoringModel, *, fault: str = "", reason: str = "") -> HttpResponse:
    reader = lists.reader(request)
    champion = champions.present()
    drifts = watching.drifts(model)
    shown = model.status in {ScoringModel.Status.CHAMPION, ScoringModel.Status.CHALLENGER}
    context = {
        "model": model, "learnt": model_words.learnt(model), "tested": model_words.tested(model.figures),
        "lines": model_words.compared(model.figures) if model.figures.get("own") else [],
        "beside": (model.figures.get("champion") or {}).get("number"),
        "calibration": (model.figures.get("own") or {}).get("calibration", []),
        "trees": sorted((model.parameters.get("trees") or {}).items()),
        "parameters": [(name, model.parameters[name]) for name in sorted(model.parameters) if name != "trees"],
        "drift": drifts[0] if drifts else None, "drifting": shown and watching.drifting(drifts),
        "shadow": watching.shadow() if shown else None, "may": champions.may_manage(reader),
        "worse": model_words.worse(comparing.worse(model.figures)),
        "unknown": comparing.unknown(model.figures, champion.number), "champion": champion,
        "cards": change_words.cards(reader, [Subject.MODEL], model.pk), "fault": fault, "reason": reason,
        "acts": acts.told(trail.of("model", model.pk)[:20]),
    }  # fmt: skip
    return render(request, "scoring/model.html", context, status=422 if fault else 200)


@require_POST
def model_challenge(request: HttpRequest, number: int) -> HttpResponse:
    """Let a candidate score along."""
    authorised(request, number)
    try:
        champions.challenge(actor=lists.reader(request), number=number)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        raise Conflict(refused.code, **refused.params) from None
    messages.success(request, _("Model %(number)s scores along as the challenger.") % {"number": number})
    return redirect("model", number)


@require_POST
def model_retire(request: HttpRequest, number: int) -> HttpResponse:
    """Put a candidate or the challenger away."""
    model = authorised(request, number)
    try:
        champions.retire(actor=lists.reader(request), number=number, reason=request.POST.get("reason", ""))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, model, fault=str(refused))
    messages.success(request, _("Model %(number)s is put away.") % {"number": number})
    return redirect("model", number)


@require_POST
def model_promote(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for a model to become the champion; another person signs."""
    model = authorised(request, number)
    reason = request.POST.get("reason", "")[:500]
    try:
        asking.promotion(actor=lists.reader(request), number=number, reason=reason)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, model, fault=str(refused), reason=reason)
    messages.success(request, _("The promotion waits for a second person."))
    return redirect("model", number)


@require_http_methods(["GET", "HEAD", "POST"])
def model_train(request: HttpRequest) -> HttpResponse:
    """Ask for a training; it begins by a task."""
    access.demand(request.user, MANAGE)
    reader = lists.reader(request)
    champions.demand(reader)
    first, last = trainings.window(timezone.now().date())
    form = TrainForm(
        request.POST if request.method == "POST" else None,
        initial={"window_from": first, "window_to": last, "seed": 0},
    )
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            trainings.ask(
                actor=reader, from_on=given["window_from"], to_on=given["window_to"], seed=given["seed"]
            )  # fmt: skip
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The training has begun. Its model becomes a candidate."))
            return redirect("models")
    return render(request, "scoring/train.html", {"form": form}, status=422 if form.is_bound else 200)


def _entity(request: HttpRequest) -> tuple[Entity, list[Entity]]:
    """The entity that the address names, else the first; and all that the reader may see models in."""
    access.demand(request.user, VIEW)
    places = lists.entities(request, VIEW)
    asked = lists.number(request.GET["entity"]) if "entity" in request.GET else None
    chosen = [one for one in places if "entity" not in request.GET or one.pk == asked]
    if not chosen:
        raise NotThere("not_there")
    return chosen[0], places


@require_http_methods(["GET", "HEAD", "POST"])
def scoring_thresholds(request: HttpRequest) -> HttpResponse:
    """What each threshold would bring to an entity, one suggested with its reason, and a change asked for."""
    entity, places = _entity(request)
    reader = lists.reader(request)
    present = policies.present(entity.pk)
    form = ThresholdForm(
        request.POST if request.method == "POST" else None,
        initial={"threshold": present.threshold, "sample_per_million": present.sample_per_million},
    )
    if form.is_bound:
        access.demand(reader, MANAGE, entity.pk)
        if form.is_valid():
            try:
                asking.threshold(actor=reader, entity=entity, **form.cleaned_data)
            except (Denied, NotThere):
                raise
            except BusinessError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("The change waits for a second person."))
                return redirect(lists.address(request))
    told = suggesting.thresholds(entity.pk)
    context = {
        "entity": entity, "places": places if len(places) > 1 else [], "told": told, "policy": present, "form": form,
        "suggestion": scoring_words.suggestion(told), "may": access.can(reader, MANAGE, entity.pk),
        "cards": change_words.cards(reader, [Subject.SCORING], entity.pk),
    }  # fmt: skip
    return render(request, "scoring/thresholds.html", context, status=422 if form.is_bound else 200)


@require_safe
def scoring_figures(request: HttpRequest) -> HttpResponse:
    """How often each reason was right, what the hidden sample says is missed, champion and challenger side by side."""
    access.demand(request.user, VIEW)
    places = lists.entities(request, VIEW)
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    context = {
        "reasons": [(line, scoring_words.reason(line.code)) for line in feedback.reasons(chosen)],
        "sample": feedback.sample(chosen), "shadow": watching.shadow(),
        "bar": lists.bar(request, [entity] if len(places) > 1 else []),
    }  # fmt: skip
    return render(request, "scoring/figures.html", context)
