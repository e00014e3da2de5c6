"""Instant transfers: what the bank did not answer in time, what is under way, and how long each took."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from backoffice.common import errors, formats, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.web import accounts, lists
from transactions import instant
from transactions.models import InstantLimit, InstantTransfer
from transactions.queries.search import number_of

Status = InstantTransfer.Status


@require_GET
def instant_list(request: HttpRequest) -> HttpResponse:
    """What waits for an answer first. Queries: grants, entities, one page."""
    access.demand(request.user, "outgoing.view")
    places = lists.entities(request, "outgoing.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    states = [
        (Status.UNANSWERED, _("No answer: ask the bank")), (Status.SENT, _("Under way")),
        (Status.APPROVED, _("To be sent")), (Status.ANSWERED, _("Answered")),
    ]  # fmt: skip
    status = lists.choice(request, "status", states)
    rows = InstantTransfer.objects.filter(
        status=status, payment__entity__in=[place.pk for place in places if entity.value in ("", place.code)]
    ).select_related("payment", "payment__state", "payment__outgoing__file", "account")
    return render(
        request,
        "instants/list.html",
        {
            "page": pages.page(rows, key=("payment",), cursor=lists.cursor(request), salt=f"instant:{status}"),
            "tabs": lists.tabs(request, "status", states),
            "bar": lists.bar(request, [entity] if len(places) > 1 else []),
            "status": status,
        },
    )


class LimitForm(forms.Form):
    """Amounts as people write them; empty means that the customer sets no limit."""

    one_amount = forms.CharField(max_length=24, required=False, label=gettext_lazy("At most in one transfer"))
    day_amount = forms.CharField(max_length=24, required=False, label=gettext_lazy("At most in one day"))
    reason = forms.CharField(
        max_length=500, label=gettext_lazy("How you know"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def _number(self, name: str) -> Decimal | None:
        typed = self.cleaned_data[name]
        if not typed:
            return None
        number = number_of(typed, strict=True)
        if number is None:
            raise forms.ValidationError(errors.sentence("money.not_a_number", {"value": typed}))
        return number

    def clean_one_amount(self) -> Decimal | None:
        return self._number("one_amount")

    def clean_day_amount(self) -> Decimal | None:
        return self._number("day_amount")


@require_http_methods(["GET", "POST"])
def instant_limit(request: HttpRequest, pk: int) -> HttpResponse:
    """What an account's holder allows by instant transfers, and the form to change it."""
    account = accounts.authorised(request, pk, "account.manage")
    known = InstantLimit.objects.filter(account=account).select_related("set_by").first()
    form = LimitForm(request.POST or None, initial=_initial(known, account.currency))
    if request.method == "POST" and form.is_valid():
        try:
            instant.set_limit(actor=lists.reader(request), account_id=account.pk, **form.cleaned_data)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The limits of %(code)s are changed.") % {"code": account.code})
            return redirect("account", account.pk)
    context = {"form": form, "account": account, "limit": known, "spent": instant.spent(account)}
    return render(request, "instants/limit.html", context, status=422 if form.is_bound else 200)


def _initial(known: InstantLimit | None, currency: str) -> dict[str, Any]:
    amounts = {name: getattr(known, name, None) for name in ("one_amount", "day_amount")}
    return {name: "" if amount is None else formats.number(amount, currency) for name, amount in amounts.items()}
