"""Verification of payees on screens: of a payment again, beside the form of a new one, and whom an entity asks."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.common import errors
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity, User
from backoffice.web import acts, change_words, lists
from backoffice.web.payment_form import NewPayment
from backoffice.web.queue_filter import Chosen
from controls import widenings
from controls.models import ChangeRequest, PayeeVerification, VerificationService
from controls.verification import asking, registry
from documents import trail
from transactions import queries
from transactions.models import Payment

TONES = {"MTCH": ("ok", "check"), "CMTC": ("warn", "warn"), "NMTC": ("stop", "cross"), "NOAP": ("", "help")}
_PLACES = {
    "verification.hours": "valid_hours", "verification.token_short": "token", "verification.token_again": "token",
    "verification.token_missing": "token",
}  # fmt: skip


def shown(made: PayeeVerification | None) -> dict[str, Any] | None:
    """An answer as templates show it."""
    if made is None:
        return None
    tone, icon = TONES[made.outcome]
    why = errors.sentence(made.code, made.params) if made.code else ""
    return {"made": made, "tone": tone, "icon": icon, "why": why}


def of_payment(found: Payment, user: User) -> dict[str, Any] | None:
    """What was answered about the payee of a payment; None where payees are not verified. One query."""
    if not asking.concerns(found):
        return None
    may_ask = found.state.status == "checked" and access.can(user, "payment.validate", found.entity_id)
    return {"last": shown(asking.last_of(found.pk)), "may_ask": may_ask}


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask now, whatever was answered before."""
    access.demand(request.user, "payment.view")
    found = queries.payment(pk, access.entity_ids(request.user, "payment.view"))
    access.demand(request.user, "payment.validate", found.entity_id)
    try:
        made = asking.ask_again(payment_id=pk, actor=lists.reader(request))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The payee was verified: %(outcome)s.") % {"outcome": made.get_outcome_display()})
    chosen = Chosen(request)
    return redirect(chosen.payment_address(pk) if chosen.from_list else reverse("payment", args=[pk]))


@require_POST
def file_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask again about everything of a file that could not be verified; a worker does it."""
    access.demand(request.user, "batch.view")
    count = asking.ask_file_again(batch_id=pk, actor=lists.reader(request))
    said = ngettext("%(n)s payment is verified again.", "%(n)s payments are verified again.", count) % {"n": count}
    messages.success(request, said if count else _("Nothing of this file is left that could not be verified."))
    return redirect("batch", pk)


@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """What is answered about the name and number typed so far; nothing of the payment is kept."""
    access.demand(request.user, "payment.create")
    places = access.entity_ids(request.user, "payment.create")
    typed = NewPayment(request.POST, entity_ids=places)
    typed.is_valid()
    given = typed.cleaned_data
    account, name, number = (given.get(key) for key in ("debtor_account", "creditor_name", "creditor_number"))
    context: dict[str, Any] = {"asked": True}
    if not (account and name and number):
        context["refused"] = _fault(typed)
    else:
        try:
            made = asking.verify_name(
                actor=lists.reader(request), entity=account.entity, account_number=number, name=name
            )
            context["verified"] = shown(made)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            context["refused"] = str(refused)
    if getattr(request, "htmx", False):
        return render(request, "payment/verified.html", context)
    form = NewPayment(entity_ids=places, initial=request.POST.dict())
    return render(request, "payment/new.html", {"form": form, **context})


def _fault(typed: NewPayment) -> str:
    """Why nobody can be asked: what is wrong with what was typed, else that something of it is missing."""
    for name in ("debtor_account", "creditor_name", "creditor_number"):
        if typed.data.get(name, "").strip() and name in typed.errors:
            return str(typed.errors[name][0])
    return _("Choose the account and enter the creditor's name and account first.")


class ServiceForm(forms.Form):
    """Whom to ask. The token is never shown again."""

    url = forms.CharField(
        max_length=400, label=gettext_lazy("Address of the service"), widget=forms.TextInput({"spellcheck": "false"}),
        help_text=gettext_lazy("https://host/path; the contract is in docs/verification-of-payee.md."),
    )  # fmt: skip
    valid_hours = forms.IntegerField(
        min_value=1, max_value=registry.MOST_HOURS, initial=24, label=gettext_lazy("Hours that an answer counts"),
        help_text=gettext_lazy("For the same account and name, in this entity alone."),
    )  # fmt: skip
    token = forms.CharField(
        required=False, max_length=registry.LONGEST_TOKEN, strip=False, label=gettext_lazy("Token"),
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Kept encrypted and never shown again. Left empty, the one that was entered stays."),
    )  # fmt: skip


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """Each entity with whom it asks. Queries: grants, entities, services."""
    access.demand(request.user, registry.MANAGE)
    places = lists.entities(request, registry.MANAGE)
    rows = {one.entity_id: one for one in registry.visible(lists.reader(request))}
    return render(request, "verification/list.html", {"rows": [(place, rows.get(place.pk)) for place in places]})


def _entity(request: HttpRequest, entity_pk: int) -> Entity:
    access.demand(request.user, registry.MANAGE)
    if entity_pk not in access.entity_ids(request.user, registry.MANAGE):
        raise NotThere("not_there")
    return Entity.objects.get(pk=entity_pk)


@never_cache
@sensitive_post_parameters("token")
@require_http_methods(["GET", "HEAD", "POST"])
def service(request: HttpRequest, entity_pk: int) -> HttpResponse:
    entity = _entity(request, entity_pk)
    actor = lists.reader(request)
    kept = registry.visible(actor).filter(entity=entity).first()
    begun = {"url": kept.url, "valid_hours": kept.valid_hours} if kept else None
    form = ServiceForm(request.POST if request.method == "POST" else None, initial=begun)
    if request.method == "POST" and form.is_valid():
        try:
            _kept, waits = widenings.put_verifier(actor=actor, entity=entity, **form.cleaned_data)
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(_PLACES.get(refused.code, "url"), str(refused))
        else:
            said = _("Saved. Nobody is asked until a second person has signed it.")
            messages.success(request, said if waits else _("Nothing was changed."))
            return redirect("verification_service", entity.pk)
    return render(request, "verification/service.html", _context(entity, kept, form, actor),
                  status=422 if form.is_bound else 200)  # fmt: skip


def _context(entity: Entity, kept: VerificationService | None, form: ServiceForm, actor: User) -> dict[str, Any]:
    return {
        "entity": entity, "service": kept, "form": form,
        "why": errors.sentence(kept.last_code, kept.last_params) if kept and kept.last_code else "",
        "asked": change_words.cards(actor, [ChangeRequest.Subject.VERIFIER], kept.pk) if kept else [],
        "acts": acts.told(trail.of("verifier", kept.pk)[:20]) if kept else [],
    }  # fmt: skip


@require_POST
def switch(request: HttpRequest, entity_pk: int) -> HttpResponse:
    entity, on = _entity(request, entity_pk), request.POST.get("on") == "1"
    try:
        registry.switch(actor=lists.reader(request), entity_id=entity.pk, on=on)
        messages.success(request, _("Payees are verified by the service.") if on else _("The service is not asked."))
    except (Denied, NotThere):
        raise
    except BusinessError as refused:
        messages.error(request, str(refused))
    return redirect("verification_service", entity.pk)
