"""Standing orders: asked for, approved by a second person, suspended and ended; with coming dates and payments."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.common import errors, formats, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.web import acts, lists
from controls import changes
from controls.models import ChangeRequest
from documents import trail
from transactions.models import Account, StandingDue, StandingOrder
from transactions.queries.search import number_of
from transactions.standing import orders

STANDING = ChangeRequest.Subject.STANDING


def authorised(request: HttpRequest, pk: int, right: str = orders.VIEW) -> StandingOrder:
    """The order when the person may see it; of another entity it is not there. One query."""
    access.demand(request.user, orders.VIEW)
    rows = StandingOrder.objects.select_related("entity", "account__entity", "created_by", "approved_by")
    found = rows.filter(pk=pk, entity__in=access.entity_ids(request.user, orders.VIEW)).first()
    if found is None:
        raise NotThere("not_there")
    access.demand(request.user, right, found.entity_id)
    return found


def rhythm_said(order: StandingOrder) -> str:
    """How often, in words: ``every 3 months, on the 5th``."""
    count = {"n": order.every}
    told = {
        "week": ngettext("every week", "every %(n)s weeks", order.every),
        "month": ngettext("every month", "every %(n)s months", order.every),
        "year": ngettext("every year", "every %(n)s years", order.every),
    }[order.unit] % count
    if order.last_working_day:
        return _("%(rhythm)s, on the last working day") % {"rhythm": told}
    if order.unit == "month":
        return _("%(rhythm)s, on day %(day)s") % {"rhythm": told, "day": order.first_on.day}
    return told


def amount_said(order: StandingOrder) -> str:
    if order.amount is not None:
        return formats.amount(order.amount, order.currency)
    return _("all above %(floor)s") % {"floor": formats.amount(order.floor or Decimal(0), order.currency)}


@require_GET
def standing_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, one page of orders, which of them have a change that waits."""
    access.demand(request.user, orders.VIEW)
    places = lists.entities(request, orders.VIEW)
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    states = [("", _("All")), *StandingOrder.Status.choices]
    status = lists.choice(request, "status", states)
    bar = lists.bar(request, [entity] if len(places) > 1 else [], _("Payee"))
    rows = StandingOrder.objects.filter(entity__in=[place.pk for place in places if entity.value in ("", place.code)])
    if status:
        rows = rows.filter(status=status)
    if bar.words:
        rows = rows.filter(creditor_name__icontains=bar.words)
    page = pages.page(
        rows.select_related("entity", "account"), key=("id",), cursor=lists.cursor(request), salt=f"standing:{status}"
    )
    asked = set(
        ChangeRequest.objects.filter(
            subject_type=STANDING, status="waiting", subject_id__in=[order.pk for order in page.items]
        ).values_list("subject_id", flat=True)
    )
    return render(
        request,
        "standing/list.html",
        {
            "page": page,
            "rows": [(order, rhythm_said(order), amount_said(order), order.pk in asked) for order in page.items],
            "tabs": lists.tabs(request, "status", states),
            "bar": bar,
            "several_entities": len(places) > 1,
            "may_manage": access.can(request.user, orders.MANAGE),
        },
    )


class TermsForm(forms.Form):
    """The terms of a standing order. Amounts are read as people write them, in either language."""

    creditor_name = forms.CharField(max_length=140, label=gettext_lazy("Payee"))
    creditor_number = forms.CharField(max_length=42, label=gettext_lazy("Payee's IBAN"))
    amount = forms.CharField(
        max_length=24, required=False, label=gettext_lazy("Amount"),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    floor = forms.CharField(
        max_length=24, required=False, label=gettext_lazy("or everything above"),
        help_text=gettext_lazy("What stays on the account: the rest is moved on the day itself."),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    remittance = forms.CharField(max_length=140, required=False, label=gettext_lazy("Text for the payee"))
    every = forms.IntegerField(min_value=1, max_value=60, initial=1, label=gettext_lazy("Every"))
    unit = forms.ChoiceField(choices=StandingOrder.Unit.choices, initial="month", label=gettext_lazy("Unit"))
    last_working_day = forms.BooleanField(required=False, label=gettext_lazy("On the last working day of the month"))
    first_on = forms.DateField(
        label=gettext_lazy("First date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    last_on = forms.DateField(
        label=gettext_lazy("Last date"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    times = forms.IntegerField(min_value=1, max_value=9_999, required=False, label=gettext_lazy("or how many times"))
    working_day = forms.ChoiceField(
        choices=StandingOrder.WorkingDay.choices, initial="next", label=gettext_lazy("When the bank is closed")
    )

    def _number(self, name: str) -> Any:
        typed = self.cleaned_data[name]
        if not typed:
            return None
        number = number_of(typed, strict=True)
        if number is None:
            raise forms.ValidationError(errors.sentence("money.not_a_number", {"value": typed}))
        return number

    def clean_amount(self) -> Any:
        return self._number("amount")

    def clean_floor(self) -> Any:
        return self._number("floor")


class NewForm(TermsForm):
    account = forms.ModelChoiceField(
        Account.objects.none(), label=gettext_lazy("From the account"), empty_label=gettext_lazy("Choose an account")
    )
    field_order = ("account", "creditor_name", "creditor_number")

    def __init__(self, *arguments: Any, entity_ids: Sequence[int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["account"].queryset = (  # type: ignore[attr-defined]
            Account.objects.filter(
                entity__in=entity_ids, status="open", kind__in=[Account.Kind.CUSTOMER, Account.Kind.BANK]
            )
            .select_related("entity")
            .order_by("entity__code", "code")
        )


class ChangeForm(TermsForm):
    reason = forms.CharField(
        max_length=500, label=gettext_lazy("Why it changes"), widget=forms.Textarea(attrs={"rows": 2})
    )


@require_http_methods(["GET", "POST"])
def standing_new(request: HttpRequest) -> HttpResponse:
    access.demand(request.user, orders.MANAGE)
    form = NewForm(request.POST or None, entity_ids=access.entity_ids(request.user, orders.MANAGE))
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            made = changes.ask_standing(actor=lists.reader(request), account=values.pop("account"), values=values)
        except Denied:
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The standing order waits for a second person."))
            return redirect("standing_order", made.subject_id)
    return render(request, "standing/form.html", {"form": form, "order": None}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def standing_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for other terms of an order in force."""
    order = authorised(request, pk, orders.MANAGE)
    form = ChangeForm(request.POST or None, initial=_initial(order))
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            changes.ask_standing(
                actor=lists.reader(request), account=order.account, order_id=order.pk, reason=values.pop("reason"),
                values={"creditor_bic": order.creditor_bic, **values},
            )  # fmt: skip
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The change waits for a second person."))
            return redirect("standing_order", order.pk)
    return render(request, "standing/form.html", {"form": form, "order": order}, status=422 if form.is_bound else 200)


def _initial(order: StandingOrder) -> dict[str, Any]:
    told = {name: getattr(order, name) for name in StandingOrder.TERMS}
    for name in ("amount", "floor"):
        told[name] = "" if told[name] is None else formats.number(told[name], order.currency)
    return told


class SuspendForm(forms.Form):
    since = forms.DateField(
        label=gettext_lazy("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Left empty: until it is resumed."),
    )  # fmt: skip


@require_GET
def standing_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, authorised(request, pk))


def _page(request: HttpRequest, order: StandingOrder, form: SuspendForm | None = None, fault: str = "") -> HttpResponse:
    """The order with its coming dates, its payments, what waits for a second person, and its acts."""
    reader = lists.reader(request)
    dues = StandingDue.objects.filter(order=order).select_related("payment", "payment__state")
    manages = access.can(reader, orders.MANAGE, order.entity_id)
    waiting = [
        {"request": one, "own": one.asked_by_id == reader.pk, "terms": _compared(order, one.change)}
        for one in changes.waiting(reader, STANDING, order.pk)
    ]
    may_see_acts = access.can(reader, "history.view", order.entity_id)
    return render(
        request,
        "standing/order.html",
        {
            "order": order,
            "rhythm": rhythm_said(order),
            "amount": amount_said(order),
            "coming": orders.coming(order),
            "page": pages.page(dues, key=("due_on",), cursor=lists.cursor(request), salt=f"standing:{order.pk}"),
            "waiting": waiting,
            "may_decide": manages,
            "may_manage": manages and order.status == StandingOrder.Status.ACTIVE,
            "form": form or SuspendForm(initial={"since": orders.today_of(order)}),
            "fault": fault,
            "may_see_payments": access.can(reader, "payment.view", order.entity_id),
            "acts": acts.told(trail.of("standing", order.pk)[:30]) if may_see_acts else [],
        },
        status=422 if fault else 200,
    )


LABELS = {
    "creditor_name": gettext_lazy("Payee"), "creditor_number": gettext_lazy("Payee's IBAN"),
    "creditor_bic": gettext_lazy("BIC"), "amount": gettext_lazy("Amount"),
    "rhythm": gettext_lazy("Rhythm"), "remittance": gettext_lazy("Text for the payee"),
    "first_on": gettext_lazy("First date"), "last_on": gettext_lazy("Last date"),
    "times": gettext_lazy("How many times"), "working_day": gettext_lazy("When the bank is closed"),
}  # fmt: skip


def _told(order: StandingOrder) -> dict[str, str]:
    return {
        "creditor_name": order.creditor_name, "creditor_number": order.creditor_number,
        "creditor_bic": order.creditor_bic, "amount": amount_said(order), "rhythm": rhythm_said(order),
        "remittance": order.remittance, "first_on": formats.day(order.first_on),
        "last_on": formats.day(order.last_on) if order.last_on else "", "times": str(order.times or ""),
        "working_day": str(order.get_working_day_display()),
    }  # fmt: skip


def _compared(order: StandingOrder, change: dict[str, Any]) -> list[tuple[str, Any, str, str]]:
    """What a change asks: code, label, before, after. A new order: everything, without a before."""
    after = _told(orders.put(StandingOrder(entity=order.entity, account=order.account), change))
    if order.status == StandingOrder.Status.WAITING:
        return [(name, LABELS[name], "", value) for name, value in after.items() if value]
    before = _told(order)
    return [(name, LABELS[name], before[name], value) for name, value in after.items() if before[name] != value]


@require_POST
def standing_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Suspend, resume or end; takes effect at once."""
    order = authorised(request, pk, orders.MANAGE)
    actor, reason = lists.reader(request), lists.said(request)
    told = {"reference": order.reference}
    form = SuspendForm(request.POST) if verb == "suspend" else None
    try:
        if form is not None:
            if not form.is_valid():
                return _page(request, order, form, _("Say from when it is suspended."))
            orders.suspend(actor=actor, order_id=pk, reason=reason, **form.cleaned_data)
            messages.success(request, _("Standing order %(reference)s suspended.") % told)
        elif verb == "resume":
            orders.resume(actor=actor, order_id=pk, reason=reason)
            messages.success(request, _("Standing order %(reference)s resumed.") % told)
        else:
            orders.end(actor=actor, order_id=pk, reason=reason)
            messages.success(request, _("Standing order %(reference)s ended.") % told)
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        return _page(request, order, form, str(refused))
    return redirect("standing_order", pk)
