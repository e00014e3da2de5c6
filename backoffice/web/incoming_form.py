"""Entering what came in by hand: a payment that a statement shows and no file brought."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from backoffice.common import money
from backoffice.web import typed
from backoffice.web.birth_form import BirthForm
from backoffice.web.typed import text
from transactions.models import Account, Payment

ADDRESS = ("street", "building", "post_code", "town", "country")


class NewIncoming(BirthForm):
    """One incoming payment. The account says the entity and the currency."""

    creditor_account = forms.ModelChoiceField(
        Account.objects.none(), label=gettext_lazy("To the account"), empty_label=gettext_lazy("Choose an account")
    )
    amount = text(gettext_lazy("Amount"), 24, required=True, inputmode="decimal", autocomplete="off")
    requested_execution_date = forms.DateField(
        label=gettext_lazy("Value date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    debtor_name = text(gettext_lazy("Payer's name"), 140, required=True, autocomplete="off")
    debtor_number = text(gettext_lazy("Payer's account"), 42, required=True, autocomplete="off", spellcheck="false")
    debtor_bic = text(
        gettext_lazy("BIC of the payer's bank"), 11, autocomplete="off", spellcheck="false",
        help_text=gettext_lazy("From outside the Union the payer's address is needed, too."),
    )  # fmt: skip
    creditor_name = text(
        gettext_lazy("Creditor as the payment names it"), 140, autocomplete="off",
        help_text=gettext_lazy("Empty: the holder of the account."),
    )  # fmt: skip
    remittance = text(gettext_lazy("Remittance"), 140, help_text=gettext_lazy("What the payer wrote."))
    end_to_end_id = text(gettext_lazy("End-to-end reference"), 35, autocomplete="off")
    creditor_reference = text(gettext_lazy("Creditor reference (RF)"), 35, autocomplete="off")
    street = text(gettext_lazy("Street"), 70)
    building = text(gettext_lazy("Building number"), 16)
    post_code = text(gettext_lazy("Post code"), 16)
    town = text(gettext_lazy("Town"), 35)
    country = text(gettext_lazy("Country code"), 2, help_text=gettext_lazy("Two letters, such as FR."))

    def __init__(self, *args: Any, entity_ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["creditor_account"].queryset = (  # type: ignore[attr-defined]
            Account.objects.filter(entity_id__in=entity_ids, kind__in=[Account.Kind.CUSTOMER, Account.Kind.BANK])
            .exclude(status=Account.Status.CLOSED)
            .select_related("entity", "owner")
            .order_by("entity__code", "code")
        )

    def clean_amount(self) -> Any:
        return typed.amount(self.cleaned_data["amount"])

    def clean_debtor_number(self) -> str:
        return typed.number(self.cleaned_data["debtor_number"])

    def clean_debtor_bic(self) -> str:
        return typed.bic(self.cleaned_data["debtor_bic"])

    def clean_country(self) -> str:
        return typed.country(self.cleaned_data["country"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        account = cleaned.get("creditor_account")
        if account is not None and cleaned.get("amount") is not None:
            try:
                cleaned["amount"] = typed.amount_in(str(cleaned["amount"]), account.currency)
            except forms.ValidationError as fault:
                self.add_error("amount", fault)
        return cleaned

    @property
    def account(self) -> Account:
        account: Account = self.cleaned_data["creditor_account"]
        return account

    def payment(self) -> dict[str, Any]:
        """The payment as the intake takes it: the keys of the API, texts."""
        given, account = self.cleaned_data, self.account
        holder = account.owner.name if account.owner else account.name
        if account.kind == Account.Kind.BANK and not account.owner:
            holder = account.entity.name
        plain = ("debtor_name", "debtor_bic", "remittance", "end_to_end_id", "creditor_reference")
        return {
            "kind": Payment.Kind.INCOMING.value,
            "creditor_account": account.number,
            "creditor_name": given["creditor_name"] or holder,
            "debtor_account": given["debtor_number"],
            "debtor_address": {name: given[name] for name in ADDRESS if given.get(name)},
            "debtor_birth": self.birth,
            "amount": money.plain(given["amount"], account.currency),
            "currency": account.currency,
            "requested_execution_date": given["requested_execution_date"].isoformat(),
            **{name: given[name] for name in plain},
        }
