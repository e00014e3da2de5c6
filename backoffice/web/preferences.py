"""Preferences of a person: language, time zone, look, shortcuts; and the way to password and second factor."""

import zoneinfo
from functools import cache
from typing import Any

from allauth.account import views as account_views
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.common.errors import NotThere
from backoffice.people import tokens
from backoffice.people.models import User
from backoffice.web import lists, own_tokens

# Names of people's languages are said in that language.
LANGUAGES = [("en", "English"), ("fr", "Français")]


@cache
def time_zones() -> list[tuple[str, str]]:
    """Places of the world by name, as the time zone database has them. Reading that takes 0.1 s: once a process."""
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    names = sorted(name for name in zoneinfo.available_timezones() if name.startswith(areas))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGES, widget=forms.RadioSelect)
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=time_zones)
    theme = forms.ChoiceField(label=gettext_lazy("Theme"), choices=User.Theme.choices, widget=forms.RadioSelect)
    density = forms.ChoiceField(label=gettext_lazy("Density"), choices=User.Density.choices, widget=forms.RadioSelect)
    shortcuts = forms.BooleanField(
        label=gettext_lazy("Keyboard shortcuts"),
        help_text=gettext_lazy("Single letters act outside of fields. Turn them off if you dictate or use a switch."),
        required=False,
    )

    class Meta:
        model = User
        fields = ("language", "time_zone", "theme", "density", "shortcuts")


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)  # noqa: S101
    person = User.objects.get(pk=request.user.pk)
    form = PreferencesForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(person.language):
            messages.success(request, _("Preferences saved"))
        response = redirect("preferences")
        _remember(response, person.language)
        return response
    return page(request, form, own_tokens.context(request), status=422 if form.errors else 200)


def page(request: HttpRequest, form: PreferencesForm, tokens: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Preferences, security and one's own API tokens on one page, whichever of its forms was sent."""
    person = lists.reader(request)
    context = {
        "form": form,
        "second_factor": Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).exists(),
        "has_password": person.has_usable_password(),
        **tokens,
    }
    return render(request, "preferences.html", context, status=status)


@never_cache
@require_POST
def token_make(request: HttpRequest) -> HttpResponse:
    """Answered with the token itself, once: it is never in an address, a list or a message."""
    made = own_tokens.make(request)
    form = PreferencesForm(instance=User.objects.get(pk=lists.reader(request).pk))
    return page(request, form, made, status=200 if made["secret"] else 422)


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop one of one's own tokens; anyone else's is not there."""
    person = lists.reader(request)
    if not tokens.own(person).filter(pk=pk).exists():
        raise NotThere("not_there")
    token = tokens.revoke(token_id=pk, actor=person)
    messages.success(request, _("Token “%(name)s” revoked; it stops working now.") % {"name": token.name})
    return redirect(reverse("preferences") + "#tokens")


def change_password(request: HttpRequest) -> HttpResponseBase:
    """allauth's page, for those who have a password. Who comes by single sign-on alone is not given one here."""
    if isinstance(request.user, User) and not request.user.has_usable_password():
        messages.info(request, _("You sign in by single sign-on: there is no password to change here."))
        return redirect("preferences")
    return account_views.password_change(request)


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language and stay on the page, with its filters."""
    chosen = request.POST.get("language", "")
    response = lists.back(request, "start")
    if chosen in dict(settings.LANGUAGES):
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=chosen)
        _remember(response, chosen)
    return response


def _remember(response: HttpResponse, chosen: str) -> None:
    """The cookie keeps the language for the sign-in page."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=365 * 86_400,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
