"""Mandates: what debtors agreed to; registered, amended and cancelled, with the debits that rest on each."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.common import pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.web import acts, lists
from documents import trail
from transactions import mandates
from transactions.models import Account, Collection, Mandate


def authorised(request: HttpRequest, pk: int, right: str = "mandate.view") -> Mandate:
    """The mandate when the person may see it; of another entity it is not there. One query."""
    access.demand(request.user, "mandate.view")
    places = access.entity_ids(request.user, "mandate.view")
    rows = Mandate.objects.select_related("entity", "account", "created_by")
    found = rows.filter(pk=pk, entity__in=places).first()
    if found is None:
        raise NotThere("not_there")
    access.demand(request.user, right, found.entity_id)
    return found


@require_GET
def mandate_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, one page of mandates."""
    access.demand(request.user, "mandate.view")
    places = lists.entities(request, "mandate.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    scheme = lists.select(request, "scheme", _("Scheme"), _("all"), Mandate.Scheme.choices)
    states = [("", _("All")), *Mandate.Status.choices]
    status = lists.choice(request, "status", states)
    bar = lists.bar(request, [*([entity] if len(places) > 1 else []), scheme], _("Reference"))
    rows = Mandate.objects.filter(entity__in=[place.pk for place in places if entity.value in ("", place.code)])
    if status:
        rows = rows.filter(status=status)
    if scheme.value:
        rows = rows.filter(scheme=scheme.value)
    if bar.words:
        rows = rows.filter(reference=bar.words)
    rows = rows.select_related("entity", "account")
    return render(
        request,
        "mandates/list.html",
        {
            "page": pages.page(rows, key=("id",), cursor=lists.cursor(request), salt=f"mandates:{status}"),
            "tabs": lists.tabs(request, "status", states),
            "bar": bar,
            "several_entities": len(places) > 1,
            "may_manage": access.can(request.user, "mandate.manage"),
        },
    )


class DebtorForm(forms.Form):
    debtor_name = forms.CharField(max_length=140, label=gettext_lazy("Debtor's name"))
    debtor_number = forms.CharField(max_length=42, label=gettext_lazy("Debtor's IBAN"))
    debtor_bic = forms.CharField(max_length=11, required=False, label=gettext_lazy("BIC"))


class RegisterForm(DebtorForm):
    account = forms.ModelChoiceField(
        Account.objects.none(), empty_label=None, label=gettext_lazy("Credited account"), to_field_name="id"
    )
    creditor_scheme_id = forms.CharField(
        max_length=35,
        label=gettext_lazy("Creditor identifier"),
        help_text=gettext_lazy(
            "Given by the creditor's bank: country, two check digits, business code, national part."
        ),
    )
    reference = forms.CharField(max_length=35, label=gettext_lazy("Reference"))
    scheme = forms.ChoiceField(choices=Mandate.Scheme.choices, label=gettext_lazy("Scheme"))
    kind = forms.ChoiceField(choices=Mandate.Kind.choices, label=gettext_lazy("Use"))
    signed_on = forms.DateField(
        label=gettext_lazy("Signed on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ("account", "creditor_scheme_id", "reference", "scheme", "kind", "signed_on")

    def __init__(self, *arguments: Any, entity_ids: Sequence[int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["account"].queryset = Account.objects.filter(  # type: ignore[attr-defined]
            entity__in=entity_ids, status=Account.Status.OPEN, kind__in=[Account.Kind.CUSTOMER, Account.Kind.BANK]
        )


@require_http_methods(["GET", "POST"])
def mandate_new(request: HttpRequest) -> HttpResponse:
    access.demand(request.user, "mandate.manage")
    form = RegisterForm(request.POST or None, entity_ids=access.entity_ids(request.user, "mandate.manage"))
    if request.method == "POST" and form.is_valid():
        try:
            made = mandates.register(actor=lists.reader(request), **form.cleaned_data)
        except Denied:
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Mandate %(reference)s registered.") % {"reference": made.reference})
            return redirect("mandate", made.pk)
    return render(request, "mandates/new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
def mandate_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, authorised(request, pk))


def _page(request: HttpRequest, mandate: Mandate, form: DebtorForm | None = None, fault: str = "") -> HttpResponse:
    """The mandate with its debits, newest first, and its versions."""
    collections = Collection.objects.filter(
        entity=mandate.entity_id, creditor_scheme_id=mandate.creditor_scheme_id, mandate_reference=mandate.reference
    ).select_related("payment", "payment__state")
    may_manage = access.can(request.user, "mandate.manage", mandate.entity_id)
    may_see_acts = access.can(request.user, "history.view", mandate.entity_id)
    now = {name: getattr(mandate, name) for name in ("debtor_name", "debtor_number", "debtor_bic")}
    return render(
        request,
        "mandates/mandate.html",
        {
            "mandate": mandate,
            "page": pages.page(
                collections, key=("payment",), cursor=lists.cursor(request), salt=f"mandate:{mandate.pk}"
            ),
            "form": form or DebtorForm(initial=now),
            "fault": fault,
            "reason": request.POST.get("reason", ""),
            "may_manage": may_manage and mandate.status == Mandate.Status.ACTIVE,
            "acts": acts.told(trail.of("mandate", mandate.pk)[:20]) if may_see_acts else [],
        },
        status=422 if fault or form else 200,
    )


@require_POST
def mandate_amend(request: HttpRequest, pk: int) -> HttpResponse:
    mandate = authorised(request, pk, "mandate.manage")
    form = DebtorForm(request.POST)
    if not form.is_valid():
        return _page(request, mandate, form)
    return _changed(request, mandate, form, reason=request.POST.get("reason", ""))


@require_POST
def mandate_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _changed(request, authorised(request, pk, "mandate.manage"), None, reason=request.POST.get("reason", ""))


def _changed(request: HttpRequest, mandate: Mandate, form: DebtorForm | None, *, reason: str) -> HttpResponse:
    actor = lists.reader(request)
    try:
        if form is None:
            mandates.cancel(actor=actor, mandate_id=mandate.pk, reason=reason)
            messages.success(request, _("Mandate %(reference)s cancelled.") % {"reference": mandate.reference})
        else:
            mandates.amend(actor=actor, mandate_id=mandate.pk, reason=reason, **form.cleaned_data)
            messages.success(request, _("Mandate %(reference)s amended.") % {"reference": mandate.reference})
    except Denied:
        raise
    except BusinessError as refusal:
        return _page(request, mandate, form, str(refusal))
    return redirect("mandate", mandate.pk)
