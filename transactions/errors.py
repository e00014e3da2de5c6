"""Codes and sentences of this room."""

from django.utils.translation import gettext_lazy as _

from backoffice.common.errors import register

# The life of a payment: transactions/workflow.
register(
    {
        "payment.wrong_status": _("This cannot be done to a payment that is “%(status)s”."),
        "payment.claimed": _("%(person)s is deciding on this payment."),
        "payment.not_claimed": _("Nobody holds this payment, or it is not yours to release."),
        "payment.own_work": _("You created or amended this payment. Another person must decide."),
        "payment.signed_before": _("You have signed this payment already. Another person must sign now."),
        "payment.held": _("This payment is held. It goes on when the hold is lifted."),
        "payment.over_limit": _("This payment is above your limit of %(limit)s %(currency)s."),
        "payment.reason_required": _("Give the reason in words."),
        "payment.reason_unknown": _("“%(code)s” is not one of the reasons that can be given here."),
        "payment.comment_empty": _("The comment is empty."),
        "payment.not_amendable": _("The field “%(field)s” cannot be amended; reject the payment and enter it anew."),
        "payment.field_invalid": _("“%(value)s” cannot be the value of “%(field)s”."),
        "payment.nothing_changed": _("Nothing was changed."),
    }
)

# Accounts: transactions/accounts.
register(
    {
        "account.kind_unknown": _("There is no kind of account “%(kind)s”."),
        "account.code_or_name_missing": _(
            "An account needs a code of at most 20 characters and a name of at most 140."
        ),
        "account.other_entity_or_currency": _("Account %(code)s is of another entity or currency."),
        "account.code_taken": _("The entity has an account %(code)s already."),
        "account.iban_taken": _("An account with the IBAN %(iban)s and this currency is known already."),
        "account.iban_bad": _("“%(iban)s” is not an IBAN: its check digits or length are wrong."),
        "account.bic_bad": _("“%(bic)s” is not a BIC."),
        "account.reason_missing": _("Write why; the reason is kept with the account."),
        "account.status_changed": _("Account %(code)s was changed meanwhile. Read it again."),
    }
)

# Payees: transactions/payees.py.
register(
    {
        "payee.number_invalid": _("“%(value)s” cannot be an account number."),
        "payee.number_known": _("This payee has these bank details already."),
        "payee.confirmed_by_another": _("You added these bank details. Another person must confirm them."),
        "payee.confirmed_already": _("These bank details are confirmed already."),
    }
)
