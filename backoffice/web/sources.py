"""Sources: who sends files, who counts as their maker, and how their CSV lists are read."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from backoffice.common import pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, lists
from backoffice.web.fields import FIELD_NAMES
from documents import trail
from transactions import sources
from transactions.intake import csv_columns, mapping
from transactions.models import IntakeSource

MORE_COLUMNS = 3
LEFT_OUT = "-"


def authorised(request: HttpRequest, pk: int) -> IntakeSource:
    """The source when the person may see it; of another entity it is not there. One query."""
    access.demand(request.user, "batch.view")
    source = (
        IntakeSource.objects.select_related("entity")
        .filter(pk=pk, entity__in=access.entity_ids(request.user, "batch.view"))
        .first()
    )
    if source is None:
        raise NotThere("not_there")
    return source


@require_GET
def source_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, one page of sources."""
    access.demand(request.user, "batch.view")
    places = lists.entities(request, "batch.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    rows = IntakeSource.objects.filter(
        entity__in=[place.pk for place in places if entity.value in ("", place.code)]
    ).select_related("entity")
    return render(
        request,
        "sources/list.html",
        {
            "page": pages.page(
                rows, key=("entity", "code"), cursor=lists.cursor(request), descending=False, salt="sources"
            ),
            "bar": lists.bar(request, [entity] if len(places) > 1 else []),
            "several_entities": len(places) > 1,
            "may_manage": access.can(request.user, "source.manage"),
        },
    )


class TreatmentForm(forms.Form):
    name = forms.CharField(max_length=140, label=gettext_lazy("Name"))
    maker = forms.ChoiceField(
        choices=IntakeSource.Maker.choices,
        label=gettext_lazy("The maker of the payments is"),
        help_text=gettext_lazy(
            "The maker never validates or approves. The outside sender counts for files that programs bring in; "
            "a person is always the maker of what they bring in themselves."
        ),
    )
    all_or_nothing = forms.BooleanField(
        required=False,
        label=gettext_lazy("All or nothing"),
        help_text=gettext_lazy("One bad row refuses the whole file. Otherwise the other rows go on."),
    )


class NewForm(TreatmentForm):
    entity = forms.ModelChoiceField(
        Entity.objects.none(), to_field_name="code", empty_label=None, label=gettext_lazy("Entity")
    )
    code = forms.SlugField(
        max_length=30, label=gettext_lazy("Code"), help_text=gettext_lazy("Names the source in API calls.")
    )
    field_order = ("entity", "code", "name", "maker", "all_or_nothing")

    def __init__(self, *arguments: Any, entity_ids: Sequence[int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["entity"].queryset = Entity.objects.filter(pk__in=entity_ids)  # type: ignore[attr-defined]


class ChangeForm(TreatmentForm):
    is_active = forms.BooleanField(required=False, label=gettext_lazy("In use"))
    decimal = forms.ChoiceField(
        required=False,
        choices=[
            ("", gettext_lazy("recognise in each file")),
            (",", gettext_lazy("comma: 1.234,50")),
            (".", gettext_lazy("point: 1,234.50")),
        ],
        label=gettext_lazy("Decimal mark"),
    )
    date = forms.ChoiceField(
        required=False,
        choices=[
            ("", gettext_lazy("recognise in each file")),
            ("dmy", gettext_lazy("day first: 31/12/2026")),
            ("mdy", gettext_lazy("month first: 12/31/2026")),
        ],
        label=gettext_lazy("Order of dates"),
    )
    currency = forms.CharField(required=False, max_length=3, label=gettext_lazy("Currency when no column says it"))
    debtor_number = forms.CharField(
        required=False, max_length=42, label=gettext_lazy("Debited account when no column says it")
    )
    kind = forms.ChoiceField(
        required=False,
        choices=[
            ("", gettext_lazy("payments to be made")),
            ("incoming", gettext_lazy("payments that came in")),
        ],
        label=gettext_lazy("Its lists hold"),
    )
    acquirer = forms.CharField(
        required=False,
        max_length=20,
        label=gettext_lazy("Acquirer of its reports"),
        help_text=gettext_lazy("Code of our claim on it, for reports of card payments that do not name it."),
    )

    @classmethod
    def of(cls, source: IntakeSource, data: Any = None) -> "ChangeForm":
        saved, defaults = source.mapping, source.mapping.get("defaults", {})
        return cls(
            data,
            initial={
                "name": source.name,
                "maker": source.maker,
                "all_or_nothing": source.all_or_nothing,
                "is_active": source.is_active,
                "decimal": saved.get("decimal", ""),
                "date": saved.get("date", ""),
                "currency": defaults.get("currency", ""),
                "debtor_number": defaults.get("debtor_number", ""),
                "kind": defaults.get("kind", ""),
                "acquirer": defaults.get("acquirer", ""),
            },
        )

    @property
    def defaults(self) -> dict[str, str]:
        """What stands where no column says it. Kind and acquirer only when they are given: few sources have any."""
        given = self.cleaned_data
        said = {"kind": given["kind"], "acquirer": given["acquirer"].strip().upper()}
        return {
            "currency": given["currency"].upper(),
            "debtor_number": "".join(given["debtor_number"].split()).upper(),
            **{name: value for name, value in said.items() if value or self.initial.get(name)},
        }


def columns_of(source: IntakeSource, asked: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """Titles with their fields ("-": left out), those that were asked for first, and some empty rows to fill."""
    known = asked if asked is not None else source.mapping.get("columns", {})
    rows = [(title, name or LEFT_OUT) for title, name in sorted(known.items())]
    return rows + [("", "")] * MORE_COLUMNS


def asked_columns(request: HttpRequest) -> dict[str, str]:
    """What the rows of the form say: title -> field, or "" to leave the column out."""
    titles, names = request.POST.getlist("title"), request.POST.getlist("field")
    return {
        title.strip()[:200]: "" if name == LEFT_OUT else name
        for title, name in zip(titles, names, strict=False)
        if title.strip() and name
    }


def field_choices() -> list[tuple[str, Any]]:
    known = [(name, label) for name, label in FIELD_NAMES.items() if name in csv_columns.FIELDS]
    return [("", "–"), (LEFT_OUT, _("leave out")), *sorted(known, key=lambda pair: str(pair[1]))]


@require_http_methods(["GET", "POST"])
def source_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How a source is treated and read; changing it needs source.manage and is on record."""
    source = authorised(request, pk)
    may_manage = access.can(request.user, "source.manage", source.entity_id)
    columns = columns_of(source)
    form = ChangeForm.of(source)
    if request.method == "POST":
        access.demand(request.user, "source.manage", source.entity_id)
        asked = asked_columns(request)
        form, columns = ChangeForm.of(source, request.POST), columns_of(source, asked)
        if form.is_valid() and _change(request, source, form, asked):
            messages.success(request, _("Source saved. It counts from the next file on."))
            return redirect("source", source.pk)
    may_see_acts = access.can(request.user, "history.view", source.entity_id)
    return render(
        request,
        "sources/source.html",
        {
            "source": source,
            "form": form,
            "columns": columns,
            "choices": field_choices(),
            "may_manage": may_manage,
            "acts": acts.told(trail.of("source", source.pk)[:20]) if may_see_acts else [],
        },
        status=422 if form.is_bound else 200,
    )


def _change(request: HttpRequest, source: IntakeSource, form: ChangeForm, columns: dict[str, str]) -> bool:
    """Both services in one transaction: all of the form is saved, or nothing."""
    wanted, actor = form.cleaned_data, lists.reader(request)
    try:
        with transaction.atomic():
            changed = sources.change(
                actor=actor,
                source_id=source.pk,
                name=wanted["name"],
                maker=wanted["maker"],
                all_or_nothing=wanted["all_or_nothing"],
                is_active=wanted["is_active"],
            )
            if _reads_otherwise(changed, form, columns):
                mapping.answer(
                    source=changed,
                    actor=actor,
                    decimal=wanted["decimal"] or None,
                    date=wanted["date"] or None,
                    columns=columns,
                    defaults=form.defaults,
                )
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        form.add_error(None, str(refused))
        return False
    return True


def _reads_otherwise(source: IntakeSource, form: ChangeForm, columns: dict[str, str]) -> bool:
    wanted, saved, defaults = form.cleaned_data, source.mapping, source.mapping.get("defaults", {})
    return any(
        (
            wanted["decimal"] not in ("", saved.get("decimal")),
            wanted["date"] not in ("", saved.get("date")),
            any(defaults.get(name, "") != value for name, value in form.defaults.items()),
            any(saved.get("columns", {}).get(title) != name for title, name in columns.items()),
        )
    )


@require_http_methods(["GET", "POST"])
def source_new(request: HttpRequest) -> HttpResponse:
    access.demand(request.user, "source.manage")
    form = NewForm(request.POST or None, entity_ids=access.entity_ids(request.user, "source.manage"))
    if request.method == "POST" and form.is_valid():
        try:
            source = sources.add(actor=lists.reader(request), **form.cleaned_data)
        except Denied:
            raise
        except BusinessError as refused:
            form.add_error("code" if refused.code == "source.code_taken" else None, str(refused))
        else:
            messages.success(request, _("Source “%(name)s” added.") % {"name": source.name})
            return redirect("source", source.pk)
    return render(request, "sources/new.html", {"form": form}, status=422 if form.is_bound else 200)
