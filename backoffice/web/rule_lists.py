"""Named lists of the rules: what they hold, what they held, and changes that wait for a second person."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import lists
from backoffice.web.rules import entity_of, scopes
from controls import changes
from controls.models import ChangeRequest, RuleList, RuleListEntry, RuleVersion
from controls.rules import language, life, reach, rule_lists

LIST = ChangeRequest.Subject.LIST
SHOWN, PAST = 500, 100


class ListForm(forms.Form):
    entity = forms.ChoiceField(label=gettext_lazy("Entity"))
    code = forms.CharField(label=gettext_lazy("Code"), max_length=40,
                           help_text=gettext_lazy("Small letters, digits and underscores."))  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("It holds"), choices=RuleList.Kind.choices)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=400, required=False)

    def __init__(self, *arguments: Any, places: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["entity"].choices = places  # type: ignore[attr-defined]


class EntriesForm(forms.Form):
    add = forms.CharField(
        label=gettext_lazy("Values to add"), required=False, max_length=50_000,
        widget=forms.Textarea({"rows": 4}), help_text=gettext_lazy("One a line."),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)


@require_safe
def list_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, lists, requests."""
    access.demand(request.user, reach.VIEW)
    reader = lists.reader(request)
    asked = changes.visible(reader, LIST).filter(status="waiting")
    context = {
        "rows": list(rule_lists.visible(reader)[:SHOWN]), "may_write": access.can(reader, reach.WRITE),
        "waiting": {one.subject_id for one in asked},
    }  # fmt: skip
    return render(request, "rules/lists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def list_new(request: HttpRequest) -> HttpResponse:
    access.demand(request.user, reach.WRITE)
    reader = lists.reader(request)
    form = ListForm(request.POST if request.method == "POST" else None, places=scopes(reader, reach.WRITE))
    if request.method == "POST":
        entity = entity_of(reader, request.POST.get("entity", ""))
        reach.demand(reader, reach.WRITE, entity.pk if entity else None)
        if form.is_valid():
            given = {name: form.cleaned_data[name] for name in ("code", "name", "kind", "note")}
            try:
                made = rule_lists.make(actor=reader, entity=entity, **given)
            except (Denied, NotThere):
                raise
            except BusinessError as refused:
                field = "code" if refused.code == "rule_list.taken" else str(refused.params.get("field", ""))
                form.add_error(field if field in form.fields else None, str(refused))
            else:
                messages.success(request, _("The list is made. What it holds is asked for here, by two people."))
                return redirect("rule_list_page", made.code)
    return render(request, "rules/list_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def list_page(request: HttpRequest, code: str) -> HttpResponse:
    """What a list holds; a form asks for values to come and to go."""
    access.demand(request.user, reach.VIEW)
    reader = lists.reader(request)
    found = rule_lists.found(reader, code)
    form = EntriesForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        reach.demand(reader, reach.WRITE, found.entity_id)
        if form.is_valid():
            try:
                changes.ask_list(
                    actor=reader, code=found.code, reason=form.cleaned_data["reason"],
                    add=[line.strip() for line in form.cleaned_data["add"].splitlines() if line.strip()],
                    remove=_values(found, request.POST.getlist("remove")),
                )  # fmt: skip
            except (Denied, NotThere, Conflict):
                raise
            except BusinessError as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("The change waits for a second person."))
                return redirect("rule_list_page", found.code)
    return render(request, "rules/list_page.html", _context(reader, found, form), status=422 if form.is_bound else 200)


def _values(of: RuleList, keys: list[str]) -> list[str]:
    """The values of these entries: a form names them by their keys, since not everybody may read an account number."""
    wanted = [number for key in keys if (number := lists.number(key)) is not None]
    return list(RuleListEntry.objects.filter(list=of, valid_to=None, pk__in=wanted).values_list("value", flat=True))


def _context(reader: User, found: RuleList, form: EntriesForm) -> dict[str, Any]:
    entries = RuleListEntry.objects.filter(list=found).select_related("added_by", "removed_by")
    asking = found.code
    named = RuleVersion.objects.filter(pk__in=life.visible(reader).values("pk"), expression__contains=f"'{asking}'")
    waiting = changes.waiting(reader, LIST, found.pk)
    return {
        "list": found, "form": form, "held": list(entries.filter(valid_to=None).order_by("value")[:SHOWN]),
        "past": list(entries.exclude(valid_to=None).order_by("-valid_to")[:PAST]),
        "rules": sorted({one.rule.code for one in named.select_related("rule")
                         if asking in language.list_names(one.expression)}),
        "waiting": [{"request": one, "own": one.asked_by_id == reader.pk} for one in waiting],
        "may_write": reach.may(reader, reach.WRITE, found.entity_id),
        "may_decide": reach.may(reader, reach.PUBLISH, found.entity_id),
    }  # fmt: skip
