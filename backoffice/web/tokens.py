"""API tokens: the list, making one (its secret is shown once) and revoking."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.common import pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access, roles, services, tokens
from backoffice.people.models import Entity, Grant, User
from backoffice.web import lists
from controls import widenings


class NewTokenForm(forms.Form):
    """What every token needs. Its rights are chosen among those that its user has."""

    name = forms.CharField(max_length=80, label=gettext_lazy("Used by"), help_text=gettext_lazy("What will hold it."))
    days = forms.TypedChoiceField(
        coerce=int,
        choices=[(30, gettext_lazy("30 days")), (90, gettext_lazy("90 days")), (365, gettext_lazy("1 year"))],
        initial=90,
        label=gettext_lazy("Expires after"),
    )
    entities = forms.ModelMultipleChoiceField(
        Entity.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Works in"),
        help_text=gettext_lazy("None chosen: wherever its program has a role."),
    )
    scopes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Allowed to"),
        help_text=gettext_lazy("A token never has more rights than its program. Give it the fewest that do the work."),
    )

    def offer(self, useful: Iterable[str], entity_ids: Iterable[int]) -> None:
        """Offer these rights, in the order and words of the roles, and these entities."""
        held = frozenset(useful)
        self.fields["entities"].queryset = Entity.objects.filter(pk__in=entity_ids)  # type: ignore[attr-defined]
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (right, sentence) for right, sentence in roles.RIGHTS.items() if right in held
        ]

    def issue(self, *, user: User, actor: User) -> str:
        """The secret of the token that was asked for, or "" when it was refused, which the form then says."""
        asked = self.cleaned_data
        try:
            _token, secret, _waits = widenings.issue_token(
                user=user,
                name=asked["name"],
                scopes=asked["scopes"],
                entities=[entity.pk for entity in asked["entities"]],
                actor=actor,
                expires_at=timezone.now() + timedelta(days=asked["days"]),
            )
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            fields = {"token.scope": "scopes", "token.entit": "entities"}
            self.add_error(fields.get(refused.code[:11]), str(refused))
            return ""
        return secret


class TokenForm(NewTokenForm):
    """A token of a machine whom the reader manages."""

    user = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Program"), empty_label=None)

    def __init__(self, *arguments: Any, actor: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        machines = services.visible(actor, tokens.MANAGE).filter(is_machine=True, is_active=True)
        self.fields["user"].queryset = machines.order_by("full_name")  # type: ignore[attr-defined]
        held = set(Grant.objects.filter(user__in=machines.values("pk")).values_list("role", flat=True))
        rights = frozenset().union(*(roles.ROLES[role] for role in held))
        self.offer(rights, access.entity_ids(actor, tokens.MANAGE))


@never_cache
@require_http_methods(["GET", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    """The page answers the form that makes a token with the token itself, once; it is never in an address or a list."""
    access.demand(request.user, tokens.MANAGE)
    actor = lists.reader(request)
    form = TokenForm(request.POST or None, actor=actor)
    secret = ""
    if request.method == "POST" and form.is_valid():
        secret = form.issue(user=form.cleaned_data["user"], actor=actor)
    refused_form = form.is_bound and not secret
    names = dict(Entity.objects.values_list("pk", "code"))
    page = pages.page(tokens.visible(actor), key=("id",), cursor=lists.cursor(request), salt="tokens")
    return render(
        request,
        "users/tokens.html",
        {
            "page": page,
            "secret": secret,
            "form": TokenForm(actor=actor) if secret else form,
            "machines": form.fields["user"].queryset.exists(),  # type: ignore[attr-defined]
            "listed": [(one, ", ".join(names.get(key, str(key)) for key in one.entities)) for one in page.items],
            "now": timezone.now(),
            "may_add": access.can(actor, services.MANAGE),
        },
        status=422 if refused_form else 200,
    )


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, tokens.MANAGE)
    token = tokens.revoke(token_id=pk, actor=lists.reader(request))
    messages.success(request, _("Token “%(name)s” revoked; it stops working now.") % {"name": token.name})
    return redirect("tokens")
