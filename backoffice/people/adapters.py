"""allauth's hooks: nobody signs up by themselves, and single sign-on opens existing accounts only."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from backoffice.people.models import User


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class KnownPeopleOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join the sign-in to the account of the same verified e-mail; without one, refuse."""
        if sociallogin.is_existing:
            return
        verified = [address.email.lower() for address in sociallogin.email_addresses if address.verified]
        user = User.objects.filter(email__in=verified, is_active=True, is_machine=False).first()
        if user is None:
            raise ImmediateHttpResponse(self._refusal())
        sociallogin.connect(request, user)

    @staticmethod
    def _refusal() -> Any:
        raise PermissionDenied("no account for this address")
