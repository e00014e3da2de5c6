"""Deputies: whom one lets sign in one's place, for whom one may sign, and until when."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access, delegations
from backoffice.people.models import Delegation, Limit, User
from backoffice.web import lists

SHOWN = 50


class DelegationForm(forms.Form):
    """Days are whole days of the reader: from the first one's beginning to the last one's end."""

    deputy = forms.ModelChoiceField(User.objects.none(), empty_label=gettext_lazy("Choose a person"),
                                    label=gettext_lazy("Deputy"))  # fmt: skip
    act = forms.ChoiceField(choices=Limit.Act.choices, initial="approve", label=gettext_lazy("Allowed to"))
    entity = forms.ChoiceField(label=gettext_lazy("In"))
    first_day = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last_day = forms.DateField(
        label=gettext_lazy("Until and including"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(max_length=500, label=gettext_lazy("Reason"))

    def __init__(self, *arguments: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*arguments, **options)
        giver = lists.reader(request)
        self.places = {place.code: place for place in lists.entities(request, "payment.approve")}
        people = {
            person.pk for place in self.places.values() for person in delegations.candidates(giver, "approve", place.pk)
        }
        self.fields["deputy"].queryset = User.objects.filter(pk__in=people)  # type: ignore[attr-defined]
        self.fields["entity"].choices = [  # type: ignore[attr-defined]
            (place.code, place.name) for place in self.places.values()
        ]

    def given(self) -> dict[str, Any]:
        asked = self.cleaned_data
        return {
            "deputy_id": asked["deputy"].pk,
            "act": asked["act"],
            "entity": self.places[asked["entity"]],
            "valid_from": timezone.make_aware(datetime.combine(asked["first_day"], time.min)),
            "valid_to": timezone.make_aware(datetime.combine(asked["last_day"], time.max)),
            "reason": asked["reason"],
        }


@require_http_methods(["GET", "HEAD", "POST"])
def delegation_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, candidates of each entity, the reader's delegations."""
    access.demand(request.user, "payment.approve")
    reader = lists.reader(request)
    form = DelegationForm(request.POST if request.method == "POST" else None, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            made = delegations.give(actor=reader, **form.given())
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error("last_day" if refused.code == "delegation.dates" else None, str(refused))
        else:
            messages.success(request, _("%(name)s may sign in your place.") % {"name": made.deputy.full_name})
            return redirect("delegations")
    return render(
        request,
        "people/delegations.html",
        {"form": form, "rows": [shown(row, reader) for row in delegations.of(reader)[:SHOWN]]},
        status=422 if form.is_bound else 200,
    )


def shown(row: Delegation, reader: User) -> dict[str, Any]:
    now = timezone.now()
    if row.ended_at is not None:
        state = "ended"
    elif row.valid_to <= now:
        state = "past"
    else:
        state = "now" if row.valid_from <= now else "later"
    return {"row": row, "state": state, "mine": row.giver_id == reader.pk, "endable": state in {"now", "later"}}


@require_POST
def delegation_end(request: HttpRequest, pk: int) -> HttpResponse:
    """The giver and the deputy may, and who manages users there; of anybody else's it is not there."""
    delegations.end(actor=lists.reader(request), delegation_id=pk)
    messages.success(request, _("The delegation is ended."))
    return lists.back(request, "delegations")
