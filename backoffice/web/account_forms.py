"""allauth's forms in the house's words: labels that stay beside their fields, no placeholder that repeats them."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.core.exceptions import ValidationError
from django.forms import Form
from django.utils.translation import gettext_lazy as _

from backoffice.web import adapters

LABELS: dict[str, Any] = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password, again"),
    "code": _("Code"),
}


class HouseForm(Form):
    """Takes placeholders away and puts our labels; the link to a forgotten password is the page's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            if name in {"login", "password", "oldpassword"}:
                field.help_text = ""
            if name == "code":
                field.widget.attrs |= {"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"}


class SignInForm(HouseForm, account.LoginForm):
    pass


class ChangePassword(HouseForm, account.ChangePasswordForm):
    pass


class AskForLink(HouseForm, account.ResetPasswordForm):
    pass


class ChoosePassword(HouseForm, account.ResetPasswordKeyForm):
    pass


class ConfirmPassword(HouseForm, account.ReauthenticateForm):
    pass


class SecondFactor(HouseForm, mfa.AuthenticateForm):
    """The challenge after the password; a wrong code is on record."""

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()
        except ValidationError:
            adapters.record("user.sign_in_failed", self.user, step=adapters.SECOND_FACTOR)
            raise
        return code


class ConfirmSecondFactor(HouseForm, mfa.ReauthenticateForm):
    pass


class TurnOnSecondFactor(HouseForm, totp.ActivateTOTPForm):
    pass
