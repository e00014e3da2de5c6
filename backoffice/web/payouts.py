"""What acquirers and marketplaces owe and what they paid out."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from backoffice.common import formats, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.web import lists, typed
from backoffice.web.typed import text
from transactions import cards
from transactions.models import Account


@require_GET
def payout_list(request: HttpRequest) -> HttpResponse:
    """What is owed, by acquirer and announced payout, then what was paid, newest first. Queries: a constant number."""
    access.demand(request.user, "account.view")
    places = lists.entities(request, "account.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    chosen = [place.pk for place in places if entity.value in ("", place.code)]
    return render(
        request,
        "payouts/list.html",
        {
            "expected": cards.expected(chosen),
            "page": pages.page(cards.payouts(chosen), key=("id",), cursor=lists.cursor(request), salt="payouts"),
            "bar": lists.bar(request, [entity] if len(places) > 1 else []),
            "several_entities": len(places) > 1,
            "booking": set(access.entity_ids(request.user, cards.RIGHT)),
        },
    )


class PayoutForm(forms.Form):
    """What arrived at the bank. Its payments must add up to it."""

    reference = text(gettext_lazy("Reference of the payout"), 35, required=True, autocomplete="off")
    amount = text(gettext_lazy("Amount that arrived"), 24, required=True, inputmode="decimal", autocomplete="off")
    paid_on = forms.DateField(
        label=gettext_lazy("Value date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, acquirer: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.acquirer = acquirer

    def clean_amount(self) -> Any:
        return typed.amount_in(self.cleaned_data["amount"], self.acquirer.currency)


@require_http_methods(["GET", "HEAD", "POST"])
def payout_new(request: HttpRequest, acquirer_pk: int) -> HttpResponse:
    """Book the payout of an acquirer; ``reference`` in the address names the announced one."""
    access.demand(request.user, "account.view")
    acquirer = (
        Account.objects.select_related("entity", "counterpart")
        .filter(
            pk=acquirer_pk, kind=Account.Kind.RECEIVABLE, counterpart__isnull=False,
            entity__in=access.entity_ids(request.user, "account.view"),
        )
        .first()
    )  # fmt: skip
    if acquirer is None:
        raise NotThere("not_there")
    access.demand(request.user, cards.RIGHT, acquirer.entity_id)
    announced = request.GET.get("reference", "")[: cards.LONGEST]
    known = [one for one in cards.expected([acquirer.entity_id], acquirer=acquirer) if one.reference == announced]
    data = request.POST if request.method == "POST" else None
    form = PayoutForm(
        data, acquirer=acquirer,
        initial={
            "reference": announced, "paid_on": timezone.localdate(),
            "amount": formats.number(known[0].total, acquirer.currency) if known and known[0].total > 0 else "",
        },
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        # What was announced without a reference is settled by what was shown.
        ids = known[0].ids if known and not announced else ()
        try:
            made = cards.receive_payout(
                actor=lists.reader(request), acquirer_id=acquirer.pk, ids=ids, **form.cleaned_data
            )
        except (Denied, NotThere):
            raise
        except BusinessError as refusal:
            form.add_error(None, str(refusal))
        else:
            words = _("The payout %(reference)s is booked.") % {"reference": made.reference}
            messages.success(request, words)
            return redirect(reverse("payouts"))
    context = {"form": form, "acquirer": acquirer, "known": known[0] if known else None}
    return render(request, "payouts/new.html", context, status=422 if form.errors else 200)
