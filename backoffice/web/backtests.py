"""Back-tests: their list, a new one, one with its figures, its hits and the sample to judge by hand."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.common import formats, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from backoffice.web import backtest_words, lists
from backoffice.web.matrix import day_field
from controls.backtest import capacity, figures, runs, threshold
from controls.models import BackTest, BackTestHit, RuleVersion
from controls.rules import sentences
from transactions.models import Payment

HIT_VIEWS = [
    ("", gettext_lazy("All hits")), ("new", gettext_lazy("Newly caught")),
    ("former", gettext_lazy("No longer caught")), ("both", gettext_lazy("Caught by both")),
]  # fmt: skip
USUAL_DAYS = 90


@require_safe
def backtests(request: HttpRequest) -> HttpResponse:
    """The last first. Queries: grants, entities, rows."""
    access.demand(request.user, runs.VIEW)
    reader = lists.reader(request)
    rows = runs.visible(reader).select_related("version__rule", "against", "asked_by")
    state = lists.select(request, "state", _("State"), _("all"), BackTest.State.choices)
    if state.value:
        rows = rows.filter(state=state.value)
    page = pages.page(rows, key=("id",), cursor=lists.cursor(request), salt="backtests")
    return render(
        request, "backtests/list.html",
        {
            "page": page, "rows": [(row, _summary(row)) for row in page.items], "bar": lists.bar(request, [state]),
            "may_run": access.can(reader, runs.RUN),
        },
    )  # fmt: skip


def _summary(row: BackTest) -> dict[str, Any]:
    return {
        "name": _name(row.version), "compared": _compared(row), "hits": figures.total(row.figures, "new"),
        "precision": figures.precision(row.figures.get("fates", {}), "new"),
    }  # fmt: skip


def _compared(row: BackTest) -> str:
    if row.against is None:
        return _("version %(number)s") % {"number": row.version.number}
    return _("version %(new)s compared with %(former)s") % {"new": row.version.number, "former": row.against.number}


def _name(version: RuleVersion) -> str:
    french = (get_language() or "en").startswith("fr")
    return version.rule.name_fr if french else version.rule.name_en


class BackTestForm(forms.Form):
    """A version, another of the same rule to compare with, the days of receipt, the entity."""

    version = forms.TypedChoiceField(label=gettext_lazy("Version of the rule"), coerce=int)
    against = forms.TypedChoiceField(
        label=gettext_lazy("Compared with"), required=False, coerce=int, empty_value=None,
        help_text=gettext_lazy("Another version of the same rule, usually the one before it."),
    )  # fmt: skip
    since = day_field(gettext_lazy("Received from"), required=True)
    until = day_field(gettext_lazy("Received until and including"), required=True)
    entity = forms.TypedChoiceField(label=gettext_lazy("Entity"), required=False, coerce=int, empty_value=None)

    def __init__(self, *arguments: Any, reader: User, places: list[Entity], **options: Any) -> None:
        super().__init__(*arguments, **options)
        versions = runs.testable(reader).order_by("rule__code", "-number")[:2_000]
        choices = [(version.pk, _said(version)) for version in versions]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]
        self.fields["against"].choices = [("", _("nothing")), *choices]  # type: ignore[attr-defined]
        named = [(place.pk, place.name) for place in places]
        self.fields["entity"].choices = [("", _("every entity you may test in")), *named]  # type: ignore[attr-defined]


def _said(version: RuleVersion) -> str:
    state = _("published") if version.published_at else _("draft")
    return _("%(code)s version %(number)s, %(state)s") % {
        "code": version.rule.code, "number": version.number, "state": state,
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def backtest_new(request: HttpRequest) -> HttpResponse:
    """Choose, see how many payments it is about, begin."""
    access.demand(request.user, runs.RUN)
    reader = lists.reader(request)
    places = lists.entities(request, runs.RUN)
    today = timezone.localdate()
    initial = {
        "version": request.GET.get("version", ""), "against": request.GET.get("against", ""),
        "since": today - timedelta(days=USUAL_DAYS), "until": today - timedelta(days=1),
    }  # fmt: skip
    sent = request.POST if request.method == "POST" else None
    form = BackTestForm(sent, reader=reader, places=places, initial=initial)
    estimate = None
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        if "estimate" in request.POST:
            chosen = [given["entity"]] if given["entity"] else [place.pk for place in places]
            estimate = _estimate(chosen, given["since"], given["until"])
        else:
            made = _asked(reader, form)
            if made is not None:
                messages.success(request, _("The back-test has begun."))
                return redirect("backtest", made.pk)
    refused = form.is_bound and bool(form.errors)
    context = {"form": form, "estimate": estimate}
    return render(request, "backtests/new.html", context, status=422 if refused else 200)


def _estimate(entity_ids: list[int], since: date, until: date) -> str:
    number = runs.estimate(entity_ids, since, until)
    return ngettext("about %(n)s payment", "about %(n)s payments", number) % {"n": formats.count(number)}


def _asked(reader: User, form: BackTestForm) -> BackTest | None:
    given = form.cleaned_data
    try:
        return runs.ask(
            actor=reader, version_id=given["version"], against_id=given["against"], since=given["since"],
            until=given["until"], entity_id=given["entity"],
        )  # fmt: skip
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        form.add_error(None, str(refused))
    return None


def _found(request: HttpRequest, pk: int) -> BackTest:
    access.demand(request.user, runs.VIEW)
    rows = runs.visible(lists.reader(request)).select_related("version__rule", "against", "asked_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotThere("not_there")
    return found


@require_safe
def backtest(request: HttpRequest, pk: int) -> HttpResponse:
    """One back-test. Queries: itself, entities, and when it is done the loads, a page of hits and the sample."""
    found = _found(request, pk)
    reader = lists.reader(request)
    may_run = all(access.can(reader, runs.RUN, entity) for entity in found.entity_ids)
    context: dict[str, Any] = {
        "test": found, "name": _name(found.version), "compared": _compared(found), "may_run": may_run,
        "places": list(Entity.objects.filter(pk__in=found.entity_ids).order_by("code")),
        "expression": found.said[0]["expression"],
        "parameters": sentences.thresholds(found.said[0]["parameters"], "EUR"),
    }  # fmt: skip
    if found.state == BackTest.State.DONE:
        context |= _told(request, found)
    return render(request, "backtests/backtest.html", context)


def _told(request: HttpRequest, found: BackTest) -> dict[str, Any]:
    given = found.figures
    loads = capacity.loads(given, action=found.said[0]["action"], since=found.since_on, until=found.until_on)
    counts = {what: figures.total(given, what) for what in ("judged", "new", "former", "both")}
    view = lists.choice(request, "hits", HIT_VIEWS)
    hits = BackTestHit.objects.filter(back_test=found).select_related("payment")
    page = pages.page(
        hits.filter(by=view) if view else hits, key=("payment",), cursor=lists.cursor(request),
        salt=f"backtest:{found.pk}:{view}",
    )  # fmt: skip
    sample = runs.sample(found)
    return {
        "counts": counts, "newly": counts["new"] - counts["both"], "no_longer": counts["former"] - counts["both"],
        "times": backtest_words.by_time(given.get("days", {})),
        "fates": backtest_words.fates(given.get("fates", {})), "rules": backtest_words.overlap(given, counts["new"]),
        "precision": figures.precision(given.get("fates", {}), "new"),
        "former_precision": figures.precision(given.get("fates", {}), "former"),
        "base": figures.precision(given.get("fates", {}), "judged"),
        "loads": loads, "overloads": any(load.over for load in loads),
        "minutes": backtest_words.minutes(given), "inexact": backtest_words.inexact(given.get("inexact", [])),
        "open": given.get("open", {}), "open_payments": _open(given), "page": page,
        "goes_to": backtest_words.queue_of(found.version.rule.code, found.said[0]["action"]),
        "tabs": lists.tabs(request, "hits", HIT_VIEWS) if found.against_id else None,
        "sample": sample, "by_hand": backtest_words.by_hand(sample), "judgements": BackTestHit.Judgement.choices,
        **_threshold(request, found),
    }  # fmt: skip


def _open(given: dict[str, Any]) -> list[tuple[Payment, str]]:
    """What waited and would be hit, with the worst that its last check found, in words. One query."""
    keys = given.get("open", {}).get("payments", [])
    rows = Payment.objects.filter(pk__in=keys).select_related("state").order_by("-pk")
    words = {code: str(label) for code, label in RuleVersion.Action.choices}
    return [(payment, words.get(payment.state.outcome, "")) for payment in rows]


def _threshold(request: HttpRequest, found: BackTest) -> dict[str, Any]:
    """The histogram of what the rule compares, and the hits for another threshold: from the values kept."""
    moved = threshold.of(found.said[0])
    if moved is None:
        return {}
    values = found.figures.get("values", {})
    told: dict[str, Any] = {"threshold": moved, "bins": backtest_words.bins(moved, values)}
    text = request.GET.get("threshold", "").strip()[:20]
    if text:
        told["asked"] = text
        value = backtest_words.value_typed(text)
        if value is not None:
            told |= {
                "moved_count": threshold.count_at(moved, values, value), "moved_exact": threshold.exact(value),
                "moved_to": backtest_words.value_said(moved, value),
            }  # fmt: skip
    return told


@require_POST
def backtest_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """It ends between two parts."""
    _found(request, pk)
    runs.cancel(actor=lists.reader(request), back_test_id=pk)
    messages.success(request, _("The back-test is cancelled."))
    return redirect("backtest", pk)


@require_POST
def backtest_judge(request: HttpRequest, pk: int) -> HttpResponse:
    """Right, wrong or unsure about one payment of the sample."""
    _found(request, pk)
    payment = lists.number(request.POST.get("payment", ""))
    if payment is None:
        raise NotThere("not_there")
    runs.judge(
        actor=lists.reader(request), back_test_id=pk, payment_id=payment, judgement=request.POST.get("judgement", "")
    )
    return redirect(f"{reverse('backtest', args=[pk])}#judge-{payment}")
