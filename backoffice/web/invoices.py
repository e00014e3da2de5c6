"""Supplier invoices: registered by hand or from a list, looked at by age, and paid together."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.common import calendars, errors, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, lists
from documents import trail
from transactions import invoice_lists, invoices
from transactions.models import Account, InvoiceShare, SupplierInvoice
from transactions.queries import invoices as queries
from transactions.queries.search import number_of

DAYS_AHEAD = 7


def authorised(request: HttpRequest, pk: int, right: str = invoices.VIEW) -> SupplierInvoice:
    """The invoice when the person may see it; of another entity it is not there. One query."""
    access.demand(request.user, invoices.VIEW)
    rows = SupplierInvoice.objects.select_related("entity", "supplier", "registered_by", "attachment")
    found = rows.filter(pk=pk, entity__in=access.entity_ids(request.user, invoices.VIEW)).first()
    if found is None:
        raise NotThere("not_there")
    access.demand(request.user, right, found.entity_id)
    return found


@require_GET
def invoice_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, ages, one page and what is open of it."""
    access.demand(request.user, invoices.VIEW)
    places = lists.entities(request, invoices.VIEW)
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    views = [
        ("open", pgettext("invoices", "Open")),
        ("all", pgettext("invoices", "All")),
        ("cancelled", pgettext("invoices", "Cancelled")),
    ]
    view = lists.choice(request, "view", views)
    bar = lists.bar(request, [entity] if len(places) > 1 else [], _("Number or supplier"))
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    rows = SupplierInvoice.objects.filter(entity__in=chosen)
    key: tuple[str, ...] = ("id",)
    if view == "open":
        rows, key = rows.filter(status="registered").annotate(left=queries.LEFT).filter(left__gt=0), ("due_on", "id")
    elif view == "cancelled":
        rows = rows.filter(status="cancelled")
    if bar.words:
        rows = rows.filter(
            Q(supplier__name__icontains=bar.words) | Q(number_key__startswith=invoices.number_key(bar.words) or "-")
        )
    page = pages.page(
        rows.select_related("supplier", "entity"), key=key, cursor=lists.cursor(request), salt=f"invoices:{view}",
        descending=view != "open",
    )  # fmt: skip
    queries.with_open(page.items)
    return render(
        request,
        "invoices/list.html",
        {
            "page": page,
            "tabs": lists.tabs(request, "view", views),
            "bar": bar,
            "ages": queries.ages(chosen, timezone.localdate()),
            "several_entities": len(places) > 1,
            "may_manage": access.can(request.user, invoices.MANAGE),
            "may_pay": access.can(request.user, "payment.create"),
        },
    )


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


class InvoiceForm(forms.Form):
    """One invoice. Amounts are read as people write them."""

    entity = forms.ModelChoiceField(
        Entity.objects.none(), label=gettext_lazy("Entity"), to_field_name="code", empty_label=None
    )
    kind = forms.ChoiceField(choices=SupplierInvoice.Kind.choices, label=gettext_lazy("Kind"))
    supplier_name = forms.CharField(max_length=140, label=gettext_lazy("Supplier"))
    number = forms.CharField(max_length=35, label=gettext_lazy("Number"))
    issued_on = _day(gettext_lazy("Date of the invoice"))
    received_on = _day(gettext_lazy("Received on"), required=False)
    due_on = _day(
        gettext_lazy("Due on"), required=False, help_text=gettext_lazy("Left empty: 30 days after receipt, by law.")
    )
    gross = forms.CharField(max_length=24, label=gettext_lazy("Gross amount"))
    tax = forms.CharField(max_length=24, required=False, label=gettext_lazy("of which tax"))
    currency = forms.CharField(min_length=3, max_length=3, initial="EUR", label=gettext_lazy("Currency"))
    discount = forms.CharField(max_length=24, required=False, label=gettext_lazy("Discount when paid early"))
    discount_until = _day(gettext_lazy("until"), required=False)
    account_number = forms.CharField(max_length=42, required=False, label=gettext_lazy("IBAN on the invoice"))
    order_reference = forms.CharField(max_length=35, required=False, label=gettext_lazy("Purchase order"))
    file = forms.FileField(required=False, label=gettext_lazy("The invoice itself"))

    def __init__(self, *arguments: Any, entity_ids: Sequence[int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["entity"].queryset = Entity.objects.filter(pk__in=entity_ids)  # type: ignore[attr-defined]

    def _number(self, name: str) -> Decimal | None:
        typed = self.cleaned_data[name]
        if not typed:
            return None
        number = number_of(typed, strict=True)
        if number is None:
            raise forms.ValidationError(errors.sentence("money.not_a_number", {"value": typed}))
        return number

    def clean_gross(self) -> Decimal | None:
        return self._number("gross")

    def clean_tax(self) -> Decimal | None:
        return self._number("tax")

    def clean_discount(self) -> Decimal | None:
        return self._number("discount")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


@require_http_methods(["GET", "POST"])
def invoice_new(request: HttpRequest) -> HttpResponse:
    access.demand(request.user, invoices.MANAGE)
    places = access.entity_ids(request.user, invoices.MANAGE)
    form = InvoiceForm(request.POST or None, request.FILES or None, entity_ids=places)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        file = values.pop("file")
        try:
            made = invoices.register(
                actor=lists.reader(request), **values,
                file=(file.name, file.read(), file.content_type or "") if file else None,
            )  # fmt: skip
        except Denied:
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(number)s is registered.") % {"number": made.number})
            return redirect("invoice", made.pk)
    return render(request, "invoices/new.html", {"form": form}, status=422 if form.is_bound else 200)


class ListForm(forms.Form):
    entity = forms.ModelChoiceField(
        Entity.objects.none(), label=gettext_lazy("Entity"), to_field_name="code", empty_label=None
    )
    file = forms.FileField(label=gettext_lazy("List (CSV)"))

    def __init__(self, *arguments: Any, entity_ids: Sequence[int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["entity"].queryset = Entity.objects.filter(pk__in=entity_ids)  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def invoice_import(request: HttpRequest) -> HttpResponse:
    """A list of invoices: all of it is registered, or nothing and every line says why."""
    access.demand(request.user, invoices.MANAGE)
    places = access.entity_ids(request.user, invoices.MANAGE)
    form = ListForm(request.POST or None, request.FILES or None, entity_ids=places)
    faults: list[tuple[int, BusinessError]] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = invoice_lists.register(
                actor=lists.reader(request), entity=given["entity"], content=given["file"].read()
            )
        except Denied:
            raise
        except invoice_lists.ListRefused as refused:
            faults = refused.faults[:200]
            form.add_error(None, str(refused))
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            said = ngettext("%(n)s invoice registered.", "%(n)s invoices registered.", len(made))
            messages.success(request, said % {"n": len(made)})
            return redirect("invoices")
    context = {"form": form, "faults": faults}
    return render(request, "invoices/import.html", context, status=422 if form.is_bound else 200)


@require_GET
def invoice_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, authorised(request, pk))


def _page(request: HttpRequest, invoice: SupplierInvoice, fault: str = "") -> HttpResponse:
    queries.with_open([invoice])
    reader = lists.reader(request)
    left: Decimal = invoice.open  # type: ignore[attr-defined]
    untouched = left == invoice.gross and invoice.status == SupplierInvoice.Status.REGISTERED
    may_see_acts = access.can(reader, "history.view", invoice.entity_id)
    return render(
        request,
        "invoices/invoice.html",
        {
            "invoice": invoice,
            "shares": InvoiceShare.objects.filter(invoice=invoice).select_related("payment__state").order_by("pk"),
            "alike": invoices.alike(invoice),
            "beyond_law": invoices.beyond_law(invoice.issued_on, invoice.due_on),
            "may_cancel": untouched and access.can(reader, invoices.MANAGE, invoice.entity_id),
            "may_see_payments": access.can(reader, "payment.view", invoice.entity_id),
            "fault": fault,
            "acts": acts.told(trail.of("invoice", invoice.pk)[:20]) if may_see_acts else [],
        },
        status=422 if fault else 200,
    )


@require_POST
def invoice_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = authorised(request, pk, invoices.MANAGE)
    try:
        invoices.cancel(actor=lists.reader(request), invoice_id=pk, reason=lists.said(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, invoice, str(refused))
    messages.success(request, _("%(number)s is cancelled.") % {"number": invoice.number})
    return redirect("invoice", pk)


@require_http_methods(["GET", "POST"])
def invoice_pay(request: HttpRequest) -> HttpResponse:
    """Propose what falls due from one account, and make the payments of what is ticked."""
    access.demand(request.user, "payment.create")
    reader = lists.reader(request)
    places = set(access.entity_ids(reader, "payment.create")) & set(access.entity_ids(reader, invoices.VIEW))
    accounts = list(
        Account.objects.filter(entity__in=places, status="open", kind__in=[Account.Kind.BANK, Account.Kind.CUSTOMER])
        .select_related("entity")
        .order_by("kind", "entity__code", "code")
    )
    given = request.POST if request.method == "POST" else request.GET
    asked = lists.number(given.get("account", ""))
    account = next((one for one in accounts if one.pk == asked), None)
    if asked is not None and account is None:
        raise NotThere("not_there")
    today = timezone.localdate()
    until = _date(given.get("until", "")) or today + timedelta(days=DAYS_AHEAD)
    execution_on = _date(given.get("execution_on", "")) or calendars.add_open_days(today, 1)
    fault = ""
    if request.method == "POST" and account is not None:
        keys = [key for key in map(lists.number, request.POST.getlist("invoice")) if key is not None]
        try:
            batch = invoices.pay(actor=reader, account=account, invoice_ids=keys, execution_on=execution_on)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            fault = str(refused)
        else:
            said = ngettext("%(n)s payment made.", "%(n)s payments made.", batch.taken_count)
            messages.success(request, said % {"n": batch.taken_count})
            return redirect("batch", batch.pk)
    found = queries.due(account.entity_id, account.currency, until) if account else []
    _mark_twins(found)
    context = {
        "accounts": accounts, "account": account, "until": until, "execution_on": execution_on, "invoices": found,
        "proposed": _proposed(found),
        "fault": fault or (_("Choose an account.") if request.method == "POST" and account is None else ""),
    }  # fmt: skip
    return render(request, "invoices/pay.html", context, status=422 if context["fault"] else 200)


def _mark_twins(found: Iterable[Any]) -> None:
    """Of a supplier's invoices over the same amount, perhaps one invoice brought in twice, the first alone is proposed
    and the others say whose ``twin_of`` they are."""
    first: dict[tuple[int, Decimal], str] = {}
    for one in found:
        one.twin_of = ""
        if one.kind != "credit":
            number = first.setdefault((one.supplier_id, one.gross), one.number)
            one.twin_of = "" if number == one.number else number


def _proposed(found: Iterable[Any]) -> dict[str, Any]:
    """How many are ticked to begin with, of how many suppliers, and their total, credit notes deducted."""
    ticked = [one for one in found if not one.twin_of]
    total = sum((-one.open if one.kind == "credit" else one.open for one in ticked), Decimal(0))
    return {"count": len(ticked), "suppliers": len({one.supplier_id for one in ticked}), "total": total}


def _date(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None
