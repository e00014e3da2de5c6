"""Users, their roles and limits: the list, a person's page, giving and taking rights."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.common import money, pages
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access, delegations, roles, services
from backoffice.people.models import Grant, Limit, User
from backoffice.web import acts, change_words, lists
from backoffice.web.delegations import shown
from controls import changes, widenings
from controls.models import ChangeRequest
from documents import trail

# What stands for all entities in a form; codes of entities are words.
EVERYWHERE = "*"


RIGHTS_ASKED = (ChangeRequest.Subject.GRANT, ChangeRequest.Subject.TOKEN)


def authorised(request: HttpRequest, pk: int) -> User:
    """The person when the reader may see them; else not there."""
    access.demand(request.user, "user.view")
    reader = lists.reader(request)
    found = _with_rights(reader, services.visible(reader).filter(pk=pk)).first()
    if found is None:
        raise NotThere("not_there")
    return found


def _with_rights(reader: User, people: QuerySet[User]) -> QuerySet[User]:
    """With what the reader may see of their rights."""
    grants = services.shown_grants(reader).select_related("entity", "granted_by")
    return people.annotate(second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk")))).prefetch_related(
        Prefetch("grants", grants.order_by("role", "entity__code")),
        Prefetch("limits", Limit.objects.order_by("act", "currency")),
    )


@require_GET
def user_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, one page of people, their grants, their limits, the capped count."""
    access.demand(request.user, "user.view")
    states = [("", _("Active")), ("closed", _("Closed")), ("all", _("All"))]
    role = lists.select(request, "role", _("Role"), _("all"), list(roles.NAMES.items()))
    words = lists.words(request)
    state = lists.choice(request, "state", states)
    people = services.visible(lists.reader(request))
    if state != "all":
        people = people.filter(is_active=state == "")
    if role.value:
        people = people.filter(pk__in=Grant.objects.filter(role=role.value).values("user"))
    if words:
        people = people.filter(Q(full_name__icontains=words) | Q(email__icontains=words))
    page = pages.page(
        _with_rights(lists.reader(request), people),
        key=("full_name", "id"),
        cursor=lists.cursor(request),
        descending=False,
        size=50,
        salt="users",
    )
    return render(
        request,
        "users/list.html",
        {
            "page": page,
            "people": [described(person) for person in page.items],
            "tabs": lists.tabs(request, "state", states),
            "bar": lists.bar(request, [role], _("Name or e-mail")),
            "total": pages.capped_count(people),
            "may_manage": access.can(request.user, services.MANAGE),
            "asked": change_words.about_people(lists.reader(request)),
        },
    )


def described(person: User) -> dict[str, Any]:
    """A person with their roles and limits as the list shows them. No query: grants and limits are at hand."""
    by_role: dict[str, list[str]] = {}
    for grant in person.grants.all():
        by_role.setdefault(grant.role, []).append(grant.entity.code if grant.entity else _("all entities"))
    return {
        "person": person,
        "roles": [(roles.NAMES[role], ", ".join(places)) for role, places in by_role.items()],
        "validate": [limit for limit in person.limits.all() if limit.act == Limit.Act.VALIDATE],
        "approve": [limit for limit in person.limits.all() if limit.act == Limit.Act.APPROVE],
    }


@require_GET
def user_page(request: HttpRequest, pk: int) -> HttpResponse:
    person = authorised(request, pk)
    return _show(request, person)


def _show(request: HttpRequest, person: User, forms_bound: dict[str, forms.Form] | None = None) -> HttpResponse:
    reader = lists.reader(request)
    may_manage = access.can(reader, services.MANAGE) and reader.pk != person.pk
    bound = forms_bound or {}
    context: dict[str, Any] = {
        **described(person),
        "grants": [
            {"grant": given, "name": roles.NAMES[given.role], "revocable": may_manage and _manages(reader, given)}
            for given in person.grants.all()
        ],
        "limits": list(person.limits.all()),
        "waiting": [
            {"request": one, "own": one.asked_by_id == reader.pk, **acts.limit_asked(one.change)}
            for one in changes.waiting(reader, ChangeRequest.Subject.LIMIT, person.pk)
        ],
        "asked_rights": change_words.cards(reader, RIGHTS_ASKED, person.pk),
        "rows": [
            shown(row, reader)
            for row in delegations.of(person).filter(entity__in=access.entity_ids(reader, "user.view"))[:20]
        ],
        "said_rights": in_words(person),
        "may_manage": may_manage,
        "oneself": reader.pk == person.pk,
        "acts": acts.told(services.shown_acts(reader, trail.of("user", person.pk))[:30]),
    }
    if may_manage:
        context["grant_form"] = bound.get("grant") or GrantForm(places=_places(request))
        context["limit_form"] = bound.get("limit") or LimitForm()
    return render(request, "users/user.html", context, status=422 if bound else 200)


def _manages(reader: User, given: Grant) -> bool:
    if given.entity_id is None:
        return access.everywhere(reader, services.MANAGE)
    return access.can(reader, services.MANAGE, given.entity_id)


def in_words(person: User) -> list[tuple[Any, str]]:
    """Every right the person holds with where it holds, in the order of the rights. No query."""
    held: dict[str, set[str]] = {}
    for grant in person.grants.all():
        for right in roles.ROLES[grant.role]:
            held.setdefault(right, set()).add(grant.entity.code if grant.entity else "")
    return [
        (sentence, _("all entities") if "" in held[right] else ", ".join(sorted(held[right])))
        for right, sentence in roles.RIGHTS.items()
        if right in held
    ]


def _places(request: HttpRequest) -> list[tuple[str, Any]]:
    """Where the reader may give rights: all entities, when they manage users everywhere, and each of them."""
    own = [(place.code, place.name) for place in lists.entities(request, services.MANAGE)]
    return [(EVERYWHERE, _("All entities")), *own] if access.everywhere(request.user, services.MANAGE) else own


class CreateForm(forms.Form):
    full_name = forms.CharField(max_length=140, label=gettext_lazy("Name"))
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    language = forms.ChoiceField(choices=settings.LANGUAGES, label=gettext_lazy("Language"))
    machine = forms.BooleanField(
        required=False,
        label=gettext_lazy("This is a program"),
        help_text=gettext_lazy("It signs in with API tokens only; the address is whom to write to about it."),
    )


class GrantForm(forms.Form):
    role = forms.ChoiceField(choices=lambda: list(roles.NAMES.items()), label=gettext_lazy("Role"))
    entity = forms.ChoiceField(label=gettext_lazy("In"))

    def __init__(self, *arguments: Any, places: Sequence[tuple[str, Any]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["entity"].choices = places  # type: ignore[attr-defined]


class LimitForm(forms.Form):
    """An empty amount takes the limit away, and with it the right to sign in that currency."""

    act = forms.ChoiceField(choices=Limit.Act.choices, label=gettext_lazy("Allowed to"))
    currency = forms.CharField(min_length=3, max_length=3, initial="EUR", label=gettext_lazy("Currency"))
    amount = forms.CharField(
        required=False,
        label=gettext_lazy("Up to"),
        help_text=gettext_lazy("For one payment. Empty: may not sign in this currency."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )

    day_amount = forms.CharField(
        required=False,
        label=gettext_lazy("A day"),
        help_text=gettext_lazy("The most in one day of the entity, all payments together. Empty: no ceiling."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if currency not in money.currencies():
            raise forms.ValidationError(_("“%(currency)s” is not a currency code.") % {"currency": currency})
        return currency

    def clean_amount(self) -> Decimal | None:
        return self._amount("amount")

    def clean_day_amount(self) -> Decimal | None:
        return self._amount("day_amount")

    def _amount(self, name: str) -> Decimal | None:
        text = "".join(str(self.cleaned_data[name]).split()).replace(",", ".")
        if not text:
            return None
        try:
            return money.number(text)
        except BusinessError:
            raise forms.ValidationError(_("“%(value)s” is not an amount.") % {"value": text}) from None


@require_http_methods(["GET", "POST"])
def user_new(request: HttpRequest) -> HttpResponse:
    """Make a person's account and send them the link by which they choose their password."""
    access.demand(request.user, services.MANAGE)
    form = CreateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.create_user(actor=lists.reader(request), **form.cleaned_data)
        except BusinessError as refused:
            form.add_error("email" if refused.code.startswith("user.email") else None, str(refused))
        else:
            if person.is_machine:
                said = _("%(name)s is added. Give it a role, then make it a token.")
            else:
                invite(request, person)
                said = _("%(name)s can choose a password by the link sent to %(email)s. Now give a role.")
            messages.success(request, said % {"name": person.full_name, "email": person.email})
            return redirect("user", person.pk)
    return render(request, "users/new.html", {"form": form}, status=422 if form.is_bound else 200)


def invite(request: HttpRequest, person: User) -> None:
    """Send the link by which the person chooses their password."""
    link = ResetPasswordForm({"email": person.email})
    if link.is_valid():
        link.save(request)


@require_POST
def user_invite(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, services.MANAGE)
    person = authorised(request, pk)
    if person.is_machine or not person.is_active:
        raise NotThere("not_there")
    invite(request, person)
    messages.success(request, _("A link to choose a password was sent to %(email)s.") % {"email": person.email})
    return redirect("user", pk)


@require_POST
def user_grant(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, services.MANAGE)
    person = authorised(request, pk)
    form = GrantForm(request.POST, places=_places(request))
    if form.is_valid():
        code = form.cleaned_data["entity"]
        entity = next((place for place in lists.entities(request, services.MANAGE) if place.code == code), None)
        try:
            asked = widenings.ask_grant(
                actor=lists.reader(request), user_id=pk, role=form.cleaned_data["role"], entity=entity
            )
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The role waits for a second person.") if asked else _("Role given."))
            return redirect("user", pk)
    return _show(request, person, {"grant": form})


@require_POST
def user_revoke(request: HttpRequest, pk: int, grant_pk: int) -> HttpResponse:
    access.demand(request.user, services.MANAGE)
    services.revoke(actor=lists.reader(request), user_id=pk, grant_id=grant_pk)
    messages.success(request, _("Role taken back."))
    return redirect("user", pk)


@require_POST
def user_limit(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, services.MANAGE)
    person = authorised(request, pk)
    form = LimitForm(request.POST)
    if form.is_valid():
        try:
            asked = changes.ask_limit(actor=lists.reader(request), user_id=pk, **form.cleaned_data)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            field = "day_amount" if refused.code == "limit.day_below_one" else "amount"
            form.add_error(field if refused.code.startswith(("money.", "limit.")) else None, str(refused))
        else:
            messages.success(request, _("The limit waits for a second person.") if asked else _("Limit changed."))
            return redirect("user", pk)
    return _show(request, person, {"limit": form})


@require_POST
def user_active(request: HttpRequest, pk: int) -> HttpResponse:
    access.demand(request.user, services.MANAGE)
    active = request.POST.get("active") == "1"
    reason = request.POST.get("reason", "")
    services.set_active(actor=lists.reader(request), user_id=pk, active=active, reason=reason)
    said = _("Account reopened.") if active else _("Account closed. Its sessions and tokens stop working now.")
    messages.success(request, said)
    return redirect("user", pk)
