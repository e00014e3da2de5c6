"""Accounts: the list, an account's statement as of any moment, opening and blocking."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.common import money, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, birth_form, change_words, lists
from controls import widenings
from controls.models import ChangeRequest
from documents import trail
from transactions import accounts, ledger_queries
from transactions.models import Account


def authorised(request: HttpRequest, pk: int, right: str = "account.view") -> Account:
    """The account when the person may see it; of another entity it is not there. One query."""
    account = (
        Account.objects.select_related("entity", "balance_row", "owner", "counterpart", "transit", "instant_limit")
        .filter(pk=pk, entity__in=access.entity_ids(request.user, "account.view"))
        .first()
    )
    if account is None:
        access.demand(request.user, "account.view")
        raise NotThere("not_there")
    access.demand(request.user, right, account.entity_id)
    return account


@require_GET
def account_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, the kinds that have one, one page of accounts, the capped count."""
    access.demand(request.user, "account.view")
    places = lists.entities(request, "account.view")
    entity = lists.select(request, "entity", _("Entity"), _("all"), [(place.code, place.name) for place in places])
    status = lists.select(request, "status", _("Status"), _("all"), Account.Status.choices)
    known = ledger_queries.kinds([place.pk for place in places if entity.value in ("", place.code)])
    asked = request.GET.get("kind", "")
    kinds = [("", _("All")), *((kind, label) for kind, label in Account.Kind.choices if kind in {*known, asked})]
    rows = ledger_queries.accounts(
        [place.pk for place in places if entity.value in ("", place.code)],
        kind=lists.choice(request, "kind", kinds),
        status=status.value,
        words=lists.words(request),
    )
    page = pages.page(
        rows, key=("entity", "code"), cursor=lists.cursor(request), size=50, descending=False, salt="accounts"
    )
    return render(
        request,
        "accounts/list.html",
        {
            "page": page,
            "tabs": lists.tabs(request, "kind", kinds),
            "bar": lists.bar(request, [*([entity] if len(places) > 1 else []), status], _("Code, name or IBAN")),
            "total": pages.capped_count(rows),
            "may_open": access.can(request.user, "account.manage"),
            "several_entities": len(places) > 1,
        },
    )


@require_GET
def account_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement of an account; ``as_of`` in the address turns the page into a past state."""
    account = authorised(request, pk)
    as_of = lists.as_of(request)
    statement = ledger_queries.statement(account, moment=as_of.moment, cursor=lists.cursor(request))
    may_see_acts = access.can(request.user, "history.view", account.entity_id)
    return render(
        request,
        "accounts/account.html",
        {
            "account": account,
            "balance": account.balance_row,
            # Who may pay by instant transfers has a word to say on them; joined, so without a query of its own.
            "instant": {"limit": getattr(account, "instant_limit", None)} if account.kind in accounts.PAYING else None,
            "statement": statement,
            "page": statement.page,
            "as_of": as_of,
            "bar": lists.bar(request, [], "", "as_of"),
            "channel": {"formats": Account.Format.choices, "methods": Account.Settlement.choices}
            if account.kind in accounts.PAYING
            else None,
            "may_manage": as_of.moment is None and access.can(request.user, "account.manage", account.entity_id),
            "asked": change_words.cards(lists.reader(request), [ChangeRequest.Subject.ACCOUNT], account.pk),
            "overdraft": _overdraft(account),
            "owner_birth": birth_form.words(account.owner.birth) if account.owner else "",
            "acts": acts.told(trail.of("account", account.pk)[:20]) if may_see_acts else [],
        },
    )


def _overdraft(account: Account) -> str:
    """How far below zero it may go, as the form has it; empty: without a floor."""
    floor = account.balance_row.floor
    return "" if floor is None else money.plain(-floor, account.currency)


class OpenForm(forms.Form):
    """What is asked to open an account. Choices are the accounts and entities where the person may."""

    entity = forms.ModelChoiceField(
        Entity.objects.none(), label=gettext_lazy("Entity"), to_field_name="code", empty_label=None
    )
    code = forms.CharField(max_length=20, label=gettext_lazy("Code"))
    name = forms.CharField(max_length=140, label=gettext_lazy("Name"))
    kind = forms.ChoiceField(choices=Account.Kind.choices, label=gettext_lazy("Kind"))
    currency = forms.CharField(min_length=3, max_length=3, initial="EUR", label=gettext_lazy("Currency"))
    iban = forms.CharField(max_length=42, required=False, label=gettext_lazy("IBAN"))
    bic = forms.CharField(max_length=11, required=False, label=gettext_lazy("BIC"))
    counterpart = forms.ModelChoiceField(
        Account.objects.none(),
        required=False,
        empty_label=gettext_lazy("none"),
        label=gettext_lazy("Settles against"),
        help_text=gettext_lazy("The account that takes the other side when a payment from here settles."),
    )
    transit = forms.ModelChoiceField(
        Account.objects.none(),
        required=False,
        empty_label=gettext_lazy("none"),
        label=gettext_lazy("In transit through"),
        help_text=gettext_lazy("Holds the funds between posting and settlement."),
    )
    fees = forms.ModelChoiceField(
        Account.objects.none(),
        required=False,
        empty_label=gettext_lazy("none"),
        label=gettext_lazy("Fees"),
        help_text=gettext_lazy("Of a claim on an acquirer or marketplace: the expense account of what it keeps."),
    )
    overdraft = forms.CharField(
        required=False,
        initial="0",
        label=gettext_lazy("Overdraft"),
        help_text=gettext_lazy(
            "How far below zero the account may go; what is not 0 waits for a second person. Empty: no floor."
        ),
    )

    def __init__(self, *arguments: Any, entity_ids: Sequence[int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["entity"].queryset = Entity.objects.filter(pk__in=entity_ids)  # type: ignore[attr-defined]
        own = Account.objects.filter(entity__in=entity_ids, status=Account.Status.OPEN)
        self.fields["counterpart"].queryset = own.exclude(  # type: ignore[attr-defined]
            kind__in=[Account.Kind.TRANSIT, Account.Kind.CUSTOMER]
        )
        self.fields["fees"].queryset = own.filter(kind=Account.Kind.EXPENSE)  # type: ignore[attr-defined]
        self.fields["transit"].queryset = own.filter(kind=Account.Kind.TRANSIT)  # type: ignore[attr-defined]

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if currency not in money.currencies():
            raise forms.ValidationError(_("“%(currency)s” is not a currency code.") % {"currency": currency})
        return currency


@require_http_methods(["GET", "POST"])
def account_open(request: HttpRequest) -> HttpResponse:
    access.demand(request.user, "account.manage")
    form = OpenForm(request.POST or None, entity_ids=access.entity_ids(request.user, "account.manage"))
    if request.method == "POST" and form.is_valid():
        asked = dict(form.cleaned_data)
        asked["overdraft"] = asked["overdraft"] or None
        try:
            account, waits = widenings.open_account(actor=lists.reader(request), **asked)
        except Denied:
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            said = _("Account %(code)s opened. Its overdraft waits for a second person.")
            messages.success(request, (said if waits else _("Account %(code)s opened.")) % {"code": account.code})
            return redirect("account", account.pk)
    return render(request, "accounts/open.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
def account_overdraft(request: HttpRequest, pk: int) -> HttpResponse:
    """How far below zero the account may go: at once when it narrows, else by a second person."""
    account = authorised(request, pk, "account.manage")
    try:
        waits = widenings.ask_overdraft(
            actor=lists.reader(request),
            account_id=account.pk,
            overdraft=request.POST.get("overdraft", "").strip() or None,
            reason=request.POST.get("reason", ""),
        )
        said = _("The overdraft waits for a second person.") if waits else _("The overdraft is changed.")
        messages.success(request, said)
    except Denied:
        raise
    except BusinessError as refusal:
        messages.error(request, str(refusal))
    return redirect("account", account.pk)


@require_POST
def account_block(request: HttpRequest, pk: int) -> HttpResponse:
    account = authorised(request, pk, "account.manage")
    accounts.block(actor=lists.reader(request), account_id=account.pk, reason=request.POST.get("reason", ""))
    messages.success(request, _("Account %(code)s blocked.") % {"code": account.code})
    return redirect("account", account.pk)


@require_POST
def account_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """How transfers leave the account: as orders to its bank, or between banks."""
    account = authorised(request, pk, "account.manage")
    given = request.POST
    try:
        accounts.set_channel(
            actor=lists.reader(request),
            account_id=account.pk,
            message_format=given.get("message_format", ""),
            settlement_method=given.get("settlement_method", ""),
            clearing_system=given.get("clearing_system", ""),
        )
        messages.success(request, _("Transfers from %(code)s leave like this from now on.") % {"code": account.code})
    except Denied:
        raise
    except BusinessError as refusal:
        messages.error(request, str(refusal))
    return redirect("account", account.pk)


@require_POST
def account_unblock(request: HttpRequest, pk: int) -> HttpResponse:
    account = authorised(request, pk, "account.manage")
    accounts.unblock(actor=lists.reader(request), account_id=account.pk, reason=request.POST.get("reason", ""))
    messages.success(request, _("Account %(code)s unblocked.") % {"code": account.code})
    return redirect("account", account.pk)
