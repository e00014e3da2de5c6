"""Straight-through processing: its policies with what went through under them, asked for, approved, stopped."""

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.common import money
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import approval_words, lists
from backoffice.web.matrix import AmountForm, day_field, number_field
from controls import changes, straight
from controls.models import ChangeRequest, StraightPolicy
from transactions.models import IntakeSource, PaymentBatch

SUBJECT = ChangeRequest.Subject.STRAIGHT
PAST = 20


class PolicyForm(AmountForm):
    """Days are whole days of the reader: from the first one's beginning to the last one's end."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), required=False,
        choices=[("", gettext_lazy("any")), *((kind.value, kind.label) for kind in straight.KINDS)],
    )  # fmt: skip
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False,
                                choices=[("", gettext_lazy("any")), *PaymentBatch.Channel.choices])  # fmt: skip
    source = forms.TypedChoiceField(label=gettext_lazy("Source"), required=False, coerce=int, empty_value=None)
    max_amount = number_field(gettext_lazy("At most for one payment"))
    day_amount = number_field(gettext_lazy("At most for all payments of a day"))
    currency = forms.CharField(label=gettext_lazy("Currency"), min_length=3, max_length=3, initial="EUR")
    known_payees = forms.BooleanField(
        label=gettext_lazy("Only to accounts that were paid before"), required=False, initial=True
    )
    first_day = day_field(gettext_lazy("Valid from"), required=True)
    last_day = day_field(gettext_lazy("Valid until and including"), required=True)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *arguments: Any, entity: Entity, policy: StraightPolicy | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        sources = IntakeSource.objects.filter(entity=entity).order_by("name").values_list("pk", "name")
        self.fields["source"].choices = [("", _("any")), *sources]  # type: ignore[attr-defined]
        if policy:
            self.fields["name"].disabled = True
            self.initial.update(_initial(policy))

    def clean_max_amount(self) -> Decimal | None:
        return self._amount("max_amount")

    def clean_day_amount(self) -> Decimal | None:
        return self._amount("day_amount")

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("name", "kind", "channel", "source", "max_amount", "day_amount", "currency", "known_payees")
        return {
            **{name: given[name] for name in names},
            "valid_from": timezone.make_aware(datetime.combine(given["first_day"], time.min)),
            "valid_to": timezone.make_aware(datetime.combine(given["last_day"], time.max)),
        }


def _initial(policy: StraightPolicy) -> dict[str, Any]:
    plain = {name: money.plain(getattr(policy, name), policy.currency) for name in ("max_amount", "day_amount")}
    return {
        **{name: getattr(policy, name) for name in ("name", "kind", "channel", "currency", "known_payees")},
        **plain, "source": policy.source_id,
        "first_day": timezone.localtime(policy.valid_from).date(),
        "last_day": timezone.localtime(policy.valid_to).date(),
    }  # fmt: skip


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, policies, figures, requests."""
    access.demand(request.user, straight.VIEW)
    reader = lists.reader(request)
    places = lists.entities(request, straight.VIEW)
    manages = set(access.entity_ids(reader, straight.MANAGE))
    stops = manages | set(access.entity_ids(reader, straight.STOP))
    rows = list(straight.visible(reader).filter(entity__in=places)[:200])
    figures = straight.figures([row.pk for row in rows])
    told = [_told(row, figures.get(row.pk, straight.Figures())) for row in rows]
    asking = changes.visible(reader, SUBJECT)
    context = {
        "places": [
            {
                "entity": place, "may_manage": place.pk in manages, "may_stop": place.pk in stops,
                "rows": [one for one in told if one["policy"].entity_id == place.pk and one["live"]],
                "past": [one for one in told if one["policy"].entity_id == place.pk and not one["live"]][:PAST],
            }
            for place in places
        ],
        "waiting": [_request(one, reader.pk, manages) for one in asking.filter(status="waiting")[:50]],
        "refused": [_request(one, reader.pk, manages) for one in asking.filter(status="refused")[:PAST]],
    }  # fmt: skip
    return render(request, "matrix/straight.html", context)


def _told(policy: StraightPolicy, figures: straight.Figures) -> dict[str, Any]:
    now = timezone.now()
    state = "now"
    if policy.stopped_at is not None:
        state = "stopped" if policy.stopped_by_id else "replaced"
    elif policy.valid_to <= now:
        state = "past"
    elif policy.valid_from > now:
        state = "later"
    return {
        "policy": policy, "words": approval_words.straight(policy), "state": state, "live": state in {"now", "later"},
        "figures": figures,
    }  # fmt: skip


def _request(one: ChangeRequest, reader_id: int, manages: set[int]) -> dict[str, Any]:
    after = StraightPolicy(**straight.policy_fields(one.change))
    return {
        "request": one, "own": one.asked_by_id == reader_id, "may_decide": one.entity_id in manages, "after": after,
        "words": approval_words.straight(after),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def policy_row(request: HttpRequest, entity_pk: int, pk: int | None = None) -> HttpResponse:
    """Ask for a policy, or for the next number of one."""
    access.demand(request.user, straight.MANAGE)
    if entity_pk not in access.entity_ids(request.user, straight.VIEW):
        raise NotThere("not_there")
    access.demand(request.user, straight.MANAGE, entity_pk)
    entity = Entity.objects.get(pk=entity_pk)
    policy = None
    if pk is not None:
        policy = StraightPolicy.objects.filter(pk=pk, entity=entity).first()
        if policy is None:
            raise NotThere("not_there")
    form = PolicyForm(request.POST if request.method == "POST" else None, entity=entity, policy=policy)
    if request.method == "POST" and form.is_valid():
        try:
            changes.ask_straight(
                actor=lists.reader(request), entity=entity, policy_id=pk, values=form.values(),
                reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The policy waits for a second person."))
            return redirect("straight")
    context = {"form": form, "entity": entity, "policy": policy, "fields": _fields(form)}
    return render(request, "matrix/straight_row.html", context, status=422 if form.is_bound else 200)


def _fields(form: PolicyForm) -> Sequence[forms.BoundField]:
    return [bound for bound in form if bound.name != "reason"]


@require_POST
def policy_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """At once, by one person."""
    straight.stop(actor=lists.reader(request), policy_id=pk, reason=lists.said(request))
    messages.success(request, _("The policy is stopped: payments wait for people."))
    return lists.back(request, "straight")
