"""What the templates of every page can ask for. Nothing is read before a template asks."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_noop

from backoffice.people import access, roles
from backoffice.people.models import User
from backoffice.web import navigation

# Ribbons that the house puts up itself speak the reader's language; others stand as the environment says them.
RIBBONS = (gettext_noop("Test data"),)


class Shell:
    """The frame of a page: ribbon, navigation with counters, and the reader's preferences."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.ribbon = gettext(settings.RIBBON) if settings.RIBBON else ""
        user = getattr(request, "user", None)
        self._user = user if isinstance(user, User) else None

    @property
    def theme(self) -> str:
        return self._user.theme if self._user else "system"

    @property
    def density(self) -> str:
        return self._user.density if self._user else "compact"

    @property
    def shortcuts(self) -> bool:
        return self._user.shortcuts if self._user else True

    @property
    def here(self) -> str:
        """The address of this page, for what brings the reader back to it."""
        return self._request.get_full_path() if self._request.method == "GET" else self._request.path

    @property
    def query(self) -> str:
        match = self._request.resolver_match
        return self._request.GET.get("q", "") if match and match.url_name == "payments" else ""

    @cached_property
    def rights(self) -> frozenset[str]:
        return access.rights(self._user) if self._user else frozenset()

    @property
    def can_search(self) -> bool:
        return "payment.view" in self.rights

    @cached_property
    def roles(self) -> list[str]:
        """The reader's roles in words, each once."""
        if self._user is None:
            return []
        held = access.held_roles(self._user)
        return [str(label) for role, label in roles.NAMES.items() if role in held]

    @cached_property
    def navigation(self) -> list[dict[str, Any]]:
        match = self._request.resolver_match
        if self._user is None:
            return []
        name = (match.url_name or "") if match else ""
        return navigation.menu(self._user, navigation.origin(name, self._request.GET.get("view", "")))


def shell(request: HttpRequest) -> dict[str, Any]:
    """``shell``; ``rights`` for {% if "payment.validate" in rights %}; ``frame``, what a page that may also open in the
    dialog extends."""
    found = Shell(request)
    inside = bool(getattr(request, "htmx", False))
    return {"shell": found, "rights": _Rights(found), "frame": "dialog.html" if inside else "base.html"}


class _Rights:
    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def __contains__(self, right: object) -> bool:
        return right in self._shell.rights
