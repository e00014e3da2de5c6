"""Lists to screen against: each with its versions, what each of them changed, loading, settings."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.common.api import file_response
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, lists
from controls import changes
from controls.models import ChangeRequest, WatchList, WatchListVersion
from controls.screening import asking, version_changes, watchlists, words
from controls.screening.formats import reading
from documents import trail

MOST_SHOWN = 100
FORMATS = {
    "ofac_csv": "OFAC, CSV", "ofac_xml": "OFAC, XML", "eu_xml": gettext_lazy("EU consolidated list, XML"),
    "un_xml": gettext_lazy("UN consolidated list, XML"), "simple_csv": "OpenSanctions, CSV",
}  # fmt: skip
PAST = 30


class SettingsForm(forms.Form):
    threshold = forms.IntegerField(
        label=gettext_lazy("Score that makes a hit"), min_value=70, max_value=100, initial=82,
        help_text=gettext_lazy("70 to 100. A lower score finds more names, and more of them are somebody else."),
    )  # fmt: skip
    shrink_percent = forms.IntegerField(
        label=gettext_lazy("Entries that a version may lose, in percent"), min_value=0, max_value=90, initial=10,
        help_text=gettext_lazy("A version from the address that loses more waits for a second person."),
    )  # fmt: skip
    url = forms.CharField(
        label=gettext_lazy("Publisher’s address"), max_length=500, required=False, widget=forms.URLInput,
        help_text=gettext_lazy("Loaded from there every night. Empty: files are loaded by hand."),
    )  # fmt: skip


class NewForm(SettingsForm):
    code = forms.CharField(label=gettext_lazy("Code"), max_length=32)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    publisher = forms.CharField(label=gettext_lazy("Publisher"), max_length=80, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=WatchList.Kind.choices)
    entity = forms.TypedChoiceField(label=gettext_lazy("Entity"), required=False, coerce=int, empty_value=None)
    field_order = ["code", "name", "publisher", "kind", "entity", "url", "threshold", "shrink_percent"]

    def __init__(self, *arguments: Any, entities: list[Entity], everywhere: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        every = [("", _("all entities"))] if everywhere else []
        self.fields["entity"].choices = [*every, *((one.pk, one.name) for one in entities)]  # type: ignore[attr-defined]


class ChangeForm(SettingsForm):
    is_active = forms.BooleanField(label=gettext_lazy("Screen against this list"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500, required=False)


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; ``cleaned_data`` has them in a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(one, initial) for one in data or [None]]


class LoadForm(forms.Form):
    file = FilesField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("Of OFAC in CSV, choose sdn.csv, alt.csv and add.csv together."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, required=False,
        help_text=gettext_lazy("For the second person, when the file lost entries or names."),
    )  # fmt: skip


def authorised(request: HttpRequest, pk: int) -> WatchList:
    """The list when it concerns an entity of the reader; else not there."""
    access.demand(request.user, watchlists.VIEW)
    return watchlists.found(lists.reader(request), pk)


@require_safe
def list_page(request: HttpRequest) -> HttpResponse:
    """Every list that concerns the reader, with its version in force."""
    access.demand(request.user, watchlists.VIEW)
    rows = list(watchlists.visible(lists.reader(request)).select_related("entity")[:200])
    current = {
        one.watch_list_id: one
        for one in WatchListVersion.objects.filter(watch_list__in=rows, status=WatchListVersion.Status.CURRENT)
    }
    asked = changes.visible(lists.reader(request), ChangeRequest.Subject.WATCH).filter(status="waiting")
    waiting = set(asked.values_list("subject_id", flat=True))
    context = {
        "rows": [{"list": one, "version": current.get(one.pk), "waits": one.pk in waiting} for one in rows],
        "may_make": access.can(request.user, watchlists.MANAGE),
    }  # fmt: skip
    return render(request, "screening/lists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def list_new(request: HttpRequest) -> HttpResponse:
    access.demand(request.user, watchlists.MANAGE)
    reader = lists.reader(request)
    entities = lists.entities(request, watchlists.MANAGE)
    form = NewForm(
        request.POST if request.method == "POST" else None, entities=entities,
        everywhere=watchlists.may_manage(reader, None),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        entity = next((one for one in entities if one.pk == values["entity"]), None)
        try:
            made = watchlists.create(actor=reader, **{**values, "entity": entity})
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(_place(refused, form), str(refused))
        else:
            messages.success(request, _("The list is made. Load a file into it."))
            return redirect("watchlist", made.pk)
    return render(request, "screening/list_new.html", {"form": form}, status=422 if form.is_bound else 200)


def _place(refused: BusinessError, form: forms.Form) -> str | None:
    """The field that a refusal is about."""
    said = {"watchlist.code_taken": "code", "watchlist.address_bad": "url"}.get(refused.code)
    name = said or str(refused.params.get("field", ""))
    return name if name in form.fields else None


@require_safe
def watchlist_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, authorised(request, pk))


def _page(
    request: HttpRequest, of: WatchList, *, fault: str = "", form: ChangeForm | None = None
) -> HttpResponse:  # fmt: skip
    reader = lists.reader(request)
    manages = watchlists.may_manage(reader, of.entity_id)
    asked = changes.waiting(reader, ChangeRequest.Subject.WATCH, of.pk)
    versions = list(of.versions.select_related("loaded_by").order_by("-number")[:PAST])
    initial = {name: getattr(of, name) for name in watchlists.SETTINGS}
    context = {
        "list": of, "versions": versions, "manages": manages, "fault": fault,
        "current": next((one for one in versions if one.status == WatchListVersion.Status.CURRENT), None),
        "waiting": [{"request": one, "own": one.asked_by_id == reader.pk} for one in asked],
        "form": form or ChangeForm(initial=initial), "load": LoadForm(),
        "acts": acts.told(trail.of("watchlist", of.pk)[:15]) if access.can(reader, "history.view") else [],
    }  # fmt: skip
    return render(request, "screening/watchlist.html", context, status=422 if fault else 200)


@require_POST
def watchlist_load(request: HttpRequest, pk: int) -> HttpResponse:
    """Load a file that the person sends."""
    of = authorised(request, pk)
    reader = lists.reader(request)
    watchlists.demand(reader, of.entity_id)
    form = LoadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, of, fault=_("Choose a file."))
    files = form.cleaned_data["file"]
    if sum(file.size for file in files) > reading.LARGEST:
        return _page(request, of, fault=str(BusinessError("watchlist.too_large", largest=reading.LARGEST // 1_000_000)))
    try:
        content, name = reading.packed([(file.name, file.read()) for file in files])
        made, asked = asking.load(
            actor=reader, list_id=pk, content=content, file_name=name, reason=form.cleaned_data["reason"]
        )
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, of, fault=str(refused))
    _say(request, made, asked)
    return redirect("watchlist", pk)


@require_POST
def watchlist_fetch(request: HttpRequest, pk: int) -> HttpResponse:
    """Load from the list's address now."""
    of = authorised(request, pk)
    watchlists.demand(lists.reader(request), of.entity_id)
    try:
        made, asked = asking.fetch(actor=lists.reader(request), list_id=pk)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, of, fault=str(refused))
    _say(request, made, asked)
    return redirect("watchlist", pk)


def _say(request: HttpRequest, made: WatchListVersion, asked: ChangeRequest | None) -> None:
    if asked is not None:
        messages.warning(request, _("The file lost entries or names: a second person decides whether it takes effect."))
    else:
        messages.success(request, _("Version %(number)s is in force.") % {"number": made.number})
    if made.missing:
        told = {"files": ", ".join(made.missing)}
        messages.warning(request, _("It was read without %(files)s: aliases or addresses are not in it.") % told)


@require_POST
def watchlist_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change its settings: at once when it stops more, else by a second person."""
    of = authorised(request, pk)
    reader = lists.reader(request)
    watchlists.demand(reader, of.entity_id)
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return _page(request, of, fault=_("Look at the fields that are marked."), form=form)
    try:
        asked = asking.settings(
            actor=reader, list_id=pk, values=form.cleaned_data, reason=form.cleaned_data["reason"]
        )  # fmt: skip
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, of, fault=str(refused), form=form)
    messages.success(request, _("The change waits for a second person.") if asked else _("The list is changed."))
    return redirect("watchlist", pk)


@require_safe
def version_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What a version adds, changes and removes: the first hundred of each; while it waits, with its decision."""
    of = authorised(request, pk)
    version = of.versions.select_related("loaded_by").filter(number=number).first()
    if version is None:
        raise NotThere("not_there")
    reader = lists.reader(request)
    asked = [
        one for one in changes.waiting(reader, ChangeRequest.Subject.WATCH, of.pk)
        if one.change.get("version") == version.pk
    ]  # fmt: skip
    context = {
        "list": of, "version": version, "parts": _told(version), "manages": watchlists.may_manage(reader, of.entity_id),
        "format": FORMATS.get(version.format, version.format), "most": MOST_SHOWN,
        "waiting": [{"request": one, "own": one.asked_by_id == reader.pk} for one in asked],
    }  # fmt: skip
    return render(request, "screening/version.html", context)


def _told(version: WatchListVersion) -> list[dict[str, Any]] | None:
    """Parts with their count and entries, those that changed with what they say otherwise; None: not told."""
    found = version_changes.of(version, MOST_SHOWN)
    if found is None:
        return None
    counts = {"added": version.added_count, "changed": version.changed_count, "removed": version.removed_count}
    return [
        {
            "name": name, "count": counts[name],
            "entries": [
                (one, words.differences(one.before, one.after) if one.before and one.after else []) for one in entries
            ],
        }
        for name, entries in found.items()
        if entries
    ]  # fmt: skip


@require_safe
def version_file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The file as it was loaded."""
    of = authorised(request, pk)
    version = of.versions.filter(number=number).first()
    if version is None:
        raise NotThere("not_there")
    return file_response(watchlists.stored(version), name=version.file_name)
