"""Entering one payment by hand, and amending one before anybody signed it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from backoffice.common import calendars, errors, money
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import User
from backoffice.web import birth_form, lists, timeline, typed
from backoffice.web.birth_form import BirthForm
from backoffice.web.incoming_form import NewIncoming
from backoffice.web.queue_filter import Chosen
from backoffice.web.typed import text
from transactions import births, intake, queries, workflow
from transactions.models import Account, Payment

ADDRESS = {"street": 70, "building": 16, "post_code": 16, "town": 35, "country": 2}


class Creditor(BirthForm):
    """What both forms ask of the creditor and the references."""

    creditor_name = text(gettext_lazy("Creditor's name"), 140, required=True, autocomplete="off")
    creditor_number = text(
        gettext_lazy("Creditor's account"), 42, required=True, autocomplete="off", spellcheck="false",
        help_text=gettext_lazy("An IBAN with or without spaces, or another account number."),
    )  # fmt: skip
    creditor_bic = text(gettext_lazy("BIC"), 11, autocomplete="off", spellcheck="false")
    requested_execution_date = forms.DateField(
        label=gettext_lazy("Execution date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    end_to_end_id = text(gettext_lazy("End-to-end reference"), 35, autocomplete="off")
    remittance = text(
        gettext_lazy("Remittance"), 140, help_text=gettext_lazy("What the creditor reads: an invoice number.")
    )
    creditor_reference = text(gettext_lazy("Creditor reference (RF)"), 35, autocomplete="off")
    street = text(gettext_lazy("Street"), 70)
    building = text(gettext_lazy("Building number"), 16)
    post_code = text(gettext_lazy("Post code"), 16)
    town = text(gettext_lazy("Town"), 35)
    country = text(gettext_lazy("Country code"), 2, help_text=gettext_lazy("Two letters, such as FR."))

    def clean_creditor_number(self) -> str:
        return typed.number(self.cleaned_data["creditor_number"])

    def clean_creditor_bic(self) -> str:
        return typed.bic(self.cleaned_data["creditor_bic"])

    def clean_country(self) -> str:
        return typed.country(self.cleaned_data["country"])

    @property
    def address(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ADDRESS if self.cleaned_data.get(name)}


class NewPayment(Creditor):
    """One payment. The account says the entity; the currency is the account's unless another is named."""

    debtor_account = forms.ModelChoiceField(
        Account.objects.none(), label=gettext_lazy("From the account"), empty_label=gettext_lazy("Choose an account")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[choice for choice in Payment.Kind.choices if choice[0] in {"sepa", "transfer", "instant", "internal"}],
    )
    amount = text(gettext_lazy("Amount"), 24, required=True, inputmode="decimal", autocomplete="off")
    currency = text(gettext_lazy("Currency"), 3, autocomplete="off")

    field_order = ("debtor_account", "kind", "amount", "currency", "requested_execution_date", "creditor_name")

    def __init__(self, *args: Any, entity_ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["debtor_account"].queryset = (  # type: ignore[attr-defined]
            Account.objects.filter(
                entity_id__in=entity_ids, kind__in=[Account.Kind.CUSTOMER, Account.Kind.BANK], status="open"
            )
            .select_related("entity")
            .order_by("entity__code", "code")
        )

    def clean_amount(self) -> Any:
        return typed.amount(self.cleaned_data["amount"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        account = cleaned.get("debtor_account")
        if account is None:
            return cleaned
        currency = (cleaned.get("currency") or account.currency).upper()
        cleaned["currency"] = currency
        if cleaned.get("amount") is not None:
            try:
                cleaned["amount"] = money.parse(cleaned["amount"], currency)
            except BusinessError as refusal:
                self.add_error("currency" if refusal.code == "money.currency_unknown" else "amount", str(refusal))
        return cleaned

    @property
    def account(self) -> Account:
        account: Account = self.cleaned_data["debtor_account"]
        return account

    def payment(self) -> dict[str, Any]:
        """The payment as the intake takes it: the keys of the API, texts."""
        given = self.cleaned_data
        return {
            "kind": given["kind"],
            "debtor_account": given["debtor_account"].number,
            "creditor_name": given["creditor_name"],
            "creditor_account": given["creditor_number"],
            "creditor_bic": given["creditor_bic"],
            "creditor_address": self.address,
            "creditor_birth": self.birth,
            "amount": money.plain(given["amount"], given["currency"]),
            "currency": given["currency"],
            "requested_execution_date": given["requested_execution_date"].isoformat(),
            "end_to_end_id": given["end_to_end_id"],
            "remittance": given["remittance"],
            "creditor_reference": given["creditor_reference"],
        }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form; POST takes the payment in by the same door as files and the API, and opens it. ``kind=incoming`` in the
    address asks for what came in instead."""
    access.demand(request.user, "payment.create")
    places = access.entity_ids(request.user, "payment.create")
    data = request.POST if request.method == "POST" else None
    incoming = request.GET.get("kind") == Payment.Kind.INCOMING
    form: NewPayment | NewIncoming
    if incoming:
        form = NewIncoming(data, entity_ids=places, initial={"requested_execution_date": timezone.localdate()})
    else:
        next_day = calendars.add_open_days(timezone.localdate(), 1)
        form = NewPayment(data, entity_ids=places, initial={"requested_execution_date": next_day, "kind": "sepa"})
    if request.method == "POST" and form.is_valid():
        made = _receive(form, lists.reader(request))
        if made is not None:
            messages.success(request, _("%(reference)s is taken in and being checked.") % {"reference": made.reference})
            return redirect(reverse("payment", args=[made.pk]))
    page = "payment/new_incoming.html" if incoming else "payment/new.html"
    return render(request, page, {"form": form}, status=422 if form.errors else 200)


def _receive(form: NewPayment | NewIncoming, actor: User) -> Payment | None:
    """Take the payment in; when the intake finds fault with it, say so in the form and keep nothing."""
    try:
        with transaction.atomic():
            entity = form.account.entity
            batch = intake.receive_payments(payments=[form.payment()], entity=entity, actor=actor, channel="form")
            made = Payment.objects.select_related("state").filter(batch=batch).first()
            if made is None:
                _blame(form, list(batch.problems.all()))
                transaction.set_rollback(True)
    except BusinessError as refusal:
        if isinstance(refusal, Denied):
            raise
        form.add_error(None, str(refusal))
        return None
    return made


def _blame(form: NewPayment | NewIncoming, problems: list[Any]) -> None:
    names = {"creditor_account": "creditor_number", "debtor_account": "debtor_number"}
    for problem in problems:
        name = names.get(problem.field, problem.field)
        sentence = errors.sentence(problem.code, problem.params)
        form.add_error(name if name in form.fields else None, sentence)
    if not problems:
        form.add_error(None, _("The payment could not be taken in."))


# Amending


class Amendment(Creditor):
    """What may be amended before validation; never the amount or the debtor."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    reason = forms.CharField(
        label=gettext_lazy("Why it is amended"), max_length=2000, widget=forms.Textarea({"rows": 2})
    )

    def changes(self, payment: Payment) -> dict[str, Any]:
        """The fields whose value differs from the payment's."""
        given = {name: self.cleaned_data[name] for name in PLAIN if name in self.cleaned_data}
        kept = {name: value for name, value in (payment.creditor_address or {}).items() if name not in ADDRESS}
        given["creditor_address"] = {**kept, **self.address}
        known = _birth(payment)
        # The province is asked for nowhere: it stays with the place that it belongs to.
        stays = (
            {"province": known["province"]}
            if "province" in known and self.birth.get("town") == known.get("town")
            else {}
        )
        given["creditor_birth"] = {**self.birth, **stays}
        return {name: value for name, value in given.items() if value != _now(payment, name)}


PLAIN = (
    "creditor_name", "creditor_number", "creditor_bic", "requested_execution_date", "end_to_end_id", "remittance",
    "creditor_reference",
)  # fmt: skip


def _birth(payment: Payment) -> dict[str, str]:
    """What is known of the creditor's birth. One query a payment."""
    if not hasattr(payment, "known_birth"):
        payment.known_birth = births.of(payment.pk).get("creditor", {})  # type: ignore[attr-defined]
    known: dict[str, str] = payment.known_birth  # type: ignore[attr-defined]
    return known


def _now(payment: Payment, name: str) -> Any:
    return _birth(payment) if name == "creditor_birth" else getattr(payment, name)


def _initial(payment: Payment) -> dict[str, Any]:
    address = payment.creditor_address or {}
    return {
        **{name: getattr(payment, name) for name in PLAIN},
        **{name: address.get(name, "") for name in ADDRESS},
        **birth_form.initial(_birth(payment)),
        "version": payment.state.version,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, then the differences to confirm, then the act. Whoever amends cannot sign."""
    access.demand(request.user, "payment.view")
    payment = queries.payment(pk, access.entity_ids(request.user, "payment.view"))
    access.demand(request.user, "payment.amend", payment.entity_id)
    chosen = Chosen(request)
    if request.method != "POST":
        return _amendment(request, payment, Amendment(initial=_initial(payment)), chosen)
    form = Amendment(request.POST)
    changes = form.changes(payment) if form.is_valid() else {}
    if form.is_valid() and not changes:
        form.add_error(None, errors.sentence("payment.nothing_changed"))
    if form.errors:
        return _amendment(request, payment, form, chosen, status=422)
    if "confirmed" not in request.POST and form.cleaned_data["version"] == payment.state.version:
        return _amendment(request, payment, form, chosen, changes=changes)
    answer = workflow.amend(
        payment_id=pk,
        actor=lists.reader(request),
        changes=changes,
        version=form.cleaned_data["version"],
        reason=form.cleaned_data["reason"],
    )
    if not answer.done:
        return _overtaken(request, payment, form, chosen, answer)
    messages.success(request, _("%(reference)s amended; it is checked again.") % {"reference": payment.reference})
    return redirect(chosen.payment_address(pk) if chosen.from_list else reverse("payment", args=[pk]))


def _overtaken(
    request: HttpRequest, payment: Payment, form: Amendment, chosen: Chosen, answer: workflow.Answer
) -> HttpResponse:
    """Nothing was saved: yours beside theirs, field by field; what was typed stays in the form."""
    if answer.code == "not_there":
        raise NotThere("not_there")
    now = queries.payment(payment.pk, [payment.entity_id])
    kept = form.data.copy()  # type: ignore[attr-defined]
    kept["version"] = str(now.state.version)
    form.data = kept
    return _amendment(
        request, now, form, chosen, changes=form.changes(now), overtaken=answer.sentence,
        status=409 if answer.code in {"conflict.version", "payment.claimed", "payment.wrong_status"} else 422,
    )  # fmt: skip


def _amendment(
    request: HttpRequest, payment: Payment, form: Amendment, chosen: Chosen, *, status: int = 200,
    changes: Mapping[str, Any] | None = None, overtaken: str = "",
) -> HttpResponse:  # fmt: skip
    differences = [
        (
            timeline.FIELDS.get(name, name),
            timeline.value(name, _plain(_now(payment, name))),
            timeline.value(name, _plain(new)),
        )
        for name, new in (changes or {}).items()
    ]
    back = chosen.payment_address(payment.pk) if chosen.from_list else reverse("payment", args=[payment.pk])
    context = {
        "payment": payment, "state": payment.state, "form": form, "differences": differences, "overtaken": overtaken,
        "back": back, "query": request.GET.urlencode(), "open": payment.state.status == "checked",
    }  # fmt: skip
    return render(request, "payment/amend.html", context, status=status)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
