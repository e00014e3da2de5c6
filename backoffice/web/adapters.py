"""allauth's hooks: nobody signs up by themselves, single sign-on opens existing accounts only, and who came in, who
left and who was turned away is on record."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.people import tokens
from backoffice.people.models import User
from documents import trail

PASSWORD, SECOND_FACTOR, SINGLE_SIGN_ON = "password", "second_factor", "single_sign_on"


def record(action: str, user: User | None, **data: Any) -> None:
    """One act of coming and going. An address that nobody has is not kept: people type passwords there."""
    with transaction.atomic():
        trail.record(
            action,
            subject_type="user",
            subject_id=user.pk if user else 0,
            entity_id=None,
            actor=user if action != "user.sign_in_failed" else None,
            data=data,
        )


class ClosedDoor(DefaultAccountAdapter):
    """E-mail and password."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address and the password do not go together."),
        "too_many_login_attempts": _("Too many attempts that failed. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The caller's address. A connection without one (a unix socket without our proxy) is one caller."""
        try:
            address: str = super().get_client_ip(request)
        except PermissionDenied:
            return "0.0.0.0"  # noqa: S104
        return address

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("preferences")

    def set_password(self, user: Any, password: str) -> None:
        """Whoever sets a password by a link may have lost the old one to somebody who made tokens: theirs stop.

        Of a change the person says so themselves: programs may hang on the tokens.
        """
        super().set_password(user, password)
        match = self.request.resolver_match
        by_link = match is not None and match.url_name == "account_reset_password_from_key"
        if by_link or self.request.POST.get("revoke_tokens") == "on":
            tokens.revoke_own(actor=user)

    def pre_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse | None:
        """Machines come in by token alone, whatever password one may have been given."""
        if user.is_machine:
            refused: HttpResponse = self.respond_user_inactive(request, user)
            return refused
        answer: HttpResponse | None = super().pre_login(request, user, **how)
        return answer

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        email = str(credentials.get("email") or "").lower()
        user = User.objects.filter(email=email).first() if email else None
        record("user.sign_in_failed", user, step=PASSWORD, from_address=self.get_client_ip(request))

    def post_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse:
        methods = request.session.get("account_authentication_methods") or []
        used = sorted({str(method.get("method", "")) for method in methods} - {""})
        record("user.signed_in", user, methods=used, from_address=self.get_client_ip(request))
        response: HttpResponse = super().post_login(request, user, **how)
        return response

    def logout(self, request: HttpRequest) -> None:
        user = request.user
        super().logout(request)
        if isinstance(user, User):
            record("user.signed_out", user)


class KnownPeopleOnly(DefaultSocialAccountAdapter):
    """Single sign-on joins an existing account of the same verified address, and makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join the sign-in to the account of the same verified e-mail; without one, refuse."""
        if sociallogin.is_existing:
            return
        verified = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
        user = User.objects.filter(email__in=verified, is_active=True, is_machine=False).first()
        if user is None:
            record("user.sign_in_failed", None, step=SINGLE_SIGN_ON)
            raise ImmediateHttpResponse(render(request, "socialaccount/unknown.html", status=403))
        sociallogin.connect(request, user)
