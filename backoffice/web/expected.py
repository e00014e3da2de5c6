"""What is expected: the days on which something was due, by what became of them; rhythms; one of them with its acts."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.common import errors, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, expected_words, lists
from controls import expected
from controls.expected import queries, rhythms, table
from controls.expected.table import DECIDE, VIEW
from controls.models import Expectation, Occurrence
from documents import trail
from transactions.models import Account, IntakeSource, StandingOrder
from transactions.queries.search import number_of

VIEWS = (
    (queries.MISSING, gettext_lazy("Missing")), (queries.AWAITED, gettext_lazy("Awaited")),
    (queries.LATE, gettext_lazy("Came late")), (queries.EXCUSED, gettext_lazy("Excused")),
    (queries.CAME, gettext_lazy("Came")), ("rhythms", gettext_lazy("Rhythms")),
)  # fmt: skip


def authorised(request: HttpRequest, pk: int) -> Expectation:
    access.demand(request.user, VIEW)
    return queries.found(lists.reader(request), pk)


@require_safe
def expected_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, two counts, one page."""
    access.demand(request.user, VIEW)
    reader, places = lists.reader(request), lists.entities(request, VIEW)
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    kind = lists.select(request, "kind", _("What"), _("all"), Expectation.Kind.choices)
    bar = lists.bar(request, [*([entity] if len(places) > 1 else []), kind], _("Name"))
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    view = lists.choice(request, "view", VIEWS)
    rows: Any
    key: tuple[str, ...]
    if view == "rhythms":
        rows, key = queries.expectations(chosen, kind=kind.value, words=bar.words), ("id",)
    else:
        rows, key = queries.occurrences(chosen, view, kind.value, bar.words), ("due_on", "id")
    page: Any = pages.page(
        rows, key=key, cursor=lists.cursor(request), descending=view != queries.AWAITED, salt=f"expected:{view}"
    )
    context = {
        "page": page, "view": view, "bar": bar, "several_entities": len(places) > 1,
        "rows": [_row(one) for one in page.items], "may_decide": access.can(reader, DECIDE),
        "tabs": lists.tabs(request, "view", VIEWS, queries.counts(chosen)),
    }  # fmt: skip
    return render(request, "expected/list.html", context)


def _row(one: Expectation | Occurrence) -> dict[str, Any]:
    of = one if isinstance(one, Expectation) else one.expectation
    due = None if isinstance(one, Expectation) else one
    return {"of": of, "due": due, "rhythm": expected_words.rhythm(of), "amount": expected_words.amount(of)}


@require_safe
def expected_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, authorised(request, pk))


def _page(request: HttpRequest, one: Expectation, fault: str = "") -> HttpResponse:
    """One of them with the days on which it was due, newest first."""
    reader = lists.reader(request)
    dues = one.occurrences.select_related("payment", "batch", "excused_by")
    page = pages.page(dues, key=("due_on", "id"), cursor=lists.cursor(request), salt=f"expectation:{one.pk}")
    may = access.can(reader, DECIDE, one.entity_id) and not reader.is_machine
    context = {
        "one": one, "rhythm": expected_words.rhythm(one), "amount": expected_words.amount(one), "page": page,
        "may": may, "fault": fault, "end_reason": expected_words.end_reason(one),
        "open": queries.opened(one) if may else [],
        "acts": acts.told(trail.of(table.SUBJECT, one.pk)[:60])
        if access.can(reader, "history.view", one.entity_id) else [],
    }  # fmt: skip
    return render(request, "expected/one.html", context, status=422 if fault else 200)


def _done(request: HttpRequest, one: Expectation, answers: Sequence[expected.Answer], words: str) -> HttpResponse:
    refused = next((answer for answer in answers if not answer.done), None)
    if refused and refused.code in {"not_there", "denied"}:
        raise Denied("denied", **refused.params) if refused.code == "denied" else NotThere("not_there")
    if refused:
        return _page(request, one, refused.sentence)
    messages.success(request, words)
    return redirect("expectation", pk=one.pk)


@require_POST
def expected_end(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, DECIDE)
    one = authorised(request, pk)
    access.demand(request.user, DECIDE, one.entity_id)
    try:
        answers = expected.end(ids=[pk], actor=lists.reader(request), reason=lists.said(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, one, str(refused))
    return _done(request, one, answers, _("This is not expected any more."))


@require_POST
def expected_excuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Of one expectation: the day that the form names."""
    access.demand(request.user, DECIDE)
    one = authorised(request, pk)
    access.demand(request.user, DECIDE, one.entity_id)
    asked = lists.number(request.POST.get("occurrence", ""))
    if asked is None or not one.occurrences.filter(pk=asked).exists():
        raise NotThere("not_there")
    try:
        answers = expected.excuse(ids=[asked], actor=lists.reader(request), reason=lists.said(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, one, str(refused))
    return _done(request, one, answers, _("Excused."))


class NewForm(forms.Form):
    """What somebody expects. The other side is named by its number, or it is a file of a source."""

    kind = forms.ChoiceField(choices=Expectation.Kind.choices, label=gettext_lazy("What"))
    account = forms.ModelChoiceField(
        Account.objects.none(), label=gettext_lazy("Account of ours"), required=False, empty_label="–"
    )
    name = forms.CharField(max_length=140, required=False, label=gettext_lazy("Name of the other side"))
    number = forms.CharField(max_length=42, required=False, label=gettext_lazy("Its account number"))
    source = forms.ModelChoiceField(
        IntakeSource.objects.none(), label=gettext_lazy("or the source of the file"), required=False, empty_label="–"
    )
    amount = forms.CharField(
        max_length=24, required=False, label=gettext_lazy("Amount"),
        help_text=gettext_lazy("What is between half and twice of it counts; without one, any amount."),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    rhythm = forms.ChoiceField(
        choices=list(expected_words.RHYTHMS.items()), initial="month", label=gettext_lazy("Rhythm")
    )
    first_on = forms.DateField(
        label=gettext_lazy("First date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    working_day = forms.ChoiceField(
        choices=StandingOrder.WorkingDay.choices, initial="next", label=gettext_lazy("On a closed day")
    )
    tolerance = forms.IntegerField(
        min_value=0, max_value=10, initial=1, label=gettext_lazy("Days that it may come before")
    )
    grace = forms.IntegerField(
        min_value=0, max_value=30, initial=rhythms.GRACE, label=gettext_lazy("Open days until it is missing")
    )

    def __init__(self, *arguments: Any, entity: Entity, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for name, rows in (
            ("account", Account.objects.filter(entity=entity).order_by("code")),
            ("source", IntakeSource.objects.filter(entity=entity, is_active=True)),
        ):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean_amount(self) -> Any:
        typed = self.cleaned_data["amount"]
        if not typed:
            return None
        number = number_of(typed, strict=True)
        if number is None:
            raise forms.ValidationError(errors.sentence("money.not_a_number", {"value": typed}))
        return number


@require_http_methods(["GET", "HEAD", "POST"])
def expected_new(request: HttpRequest) -> HttpResponse:
    """Of one entity, which the address names where the person may act in several."""
    access.demand(request.user, DECIDE)
    places = lists.entities(request, DECIDE)
    entity = next((place for place in places if place.code == request.GET.get("entity")), places[0])
    form = NewForm(request.POST or None, entity=entity)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        keys: dict[str, Any] = {name: of.pk if (of := said.pop(name)) else None for name in ("account", "source")}
        try:
            made = expected.add(actor=lists.reader(request), entity=entity, **keys, **said)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Expected from now on."))
            return redirect("expectation", pk=made.pk)
    context = {"form": form, "places": places if len(places) > 1 else [], "entity": entity}
    return render(request, "expected/new.html", context, status=422 if form.errors else 200)
