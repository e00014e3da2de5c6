"""The approval matrix in words, a box to try it, and changes of it that wait for a second person."""

from collections.abc import Sequence
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
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import access, roles, signing
from backoffice.people.models import Entity, Team
from backoffice.web import approval_words, lists
from controls import approvals, changes, effects
from controls.models import ApprovalPolicy, ChangeRequest
from transactions.models import Payment, PaymentBatch

STAGES = 3
LARGEST = Decimal(10) ** 13
MATRIX = ChangeRequest.Subject.MATRIX


def number_field(label: Any, help_text: Any = "", **options: Any) -> forms.CharField:
    attributes = {"inputmode": "decimal", "autocomplete": "off"}
    return forms.CharField(
        label=label, max_length=30, help_text=help_text, widget=forms.TextInput(attributes), **options
    )


def day_field(label: Any, *, required: bool = False) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class AmountForm(forms.Form):
    """Amounts as people write them, and their currency."""

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if currency not in money.currencies():
            raise forms.ValidationError(_("“%(currency)s” is not a currency code.") % {"currency": currency})
        return currency

    def _amount(self, name: str) -> Decimal | None:
        text = "".join(str(self.cleaned_data.get(name) or "").split()).replace(",", ".")
        if not text:
            return None
        try:
            amount = money.number(text)
        except BusinessError:
            amount = Decimal(-1)
        if not amount.is_finite() or not 0 <= amount < LARGEST:
            raise forms.ValidationError(_("“%(value)s” is not an amount.") % {"value": text})
        return amount


class ConditionForm(AmountForm):
    """What a payment is like: in the box to try, and as the conditions of a row."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False,
                             choices=[("", gettext_lazy("any")), *Payment.Kind.choices])  # fmt: skip
    amount = number_field(gettext_lazy("Amount"))
    currency = forms.CharField(label=gettext_lazy("Currency"), min_length=3, max_length=3, initial="EUR")
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False,
                                choices=[("", gettext_lazy("any")), *PaymentBatch.Channel.choices])  # fmt: skip
    risk = forms.IntegerField(label=gettext_lazy("Risk score"), min_value=0, max_value=100, initial=0, required=False)
    new_payee = forms.BooleanField(label=gettext_lazy("The payee is new"), required=False)

    def clean_amount(self) -> Decimal:
        return self._amount("amount") or Decimal(0)

    def clean_risk(self) -> int:
        return self.cleaned_data.get("risk") or 0


class TryForm(ConditionForm):
    entity = forms.ChoiceField(label=gettext_lazy("Entity"))
    field_order = ("entity", "amount", "currency", "kind", "channel", "risk", "new_payee")

    def __init__(self, *arguments: Any, places: Sequence[Entity], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["entity"].choices = [(place.code, place.name) for place in places]  # type: ignore[attr-defined]


class RowForm(ConditionForm):
    """A row with its stages; empty stages are left out."""

    valid_from, valid_to = day_field(gettext_lazy("Valid from")), day_field(gettext_lazy("Valid until and including"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *arguments: Any, entity: Entity, policy: ApprovalPolicy | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["amount"].label = _("From this amount on")
        self.fields["risk"].label = _("From this risk score on")
        self.fields["new_payee"].label = _("Only to payees who were never paid")
        teams = Team.objects.filter(entity=entity).order_by("name").values_list("pk", "name")
        counts = [("", _("no stage")), *((number, approval_words.persons(number)) for number in range(1, 4))]
        asked = [("", _("whoever has the right")), *((role, roles.NAMES[role]) for role in ("operator", "supervisor"))]
        for number in range(1, STAGES + 1):
            first = number == 1
            self.fields[f"persons_{number}"] = forms.TypedChoiceField(
                label=_("Persons"),
                choices=counts[1:] if first else counts,
                coerce=int,
                empty_value=None,
                required=first,
            )
            self.fields[f"role_{number}"] = forms.ChoiceField(label=_("Role"), choices=asked, required=False)
            self.fields[f"team_{number}"] = forms.TypedChoiceField(
                label=_("Team"), choices=[("", _("any")), *teams], coerce=int, empty_value=None, required=False
            )
            self.fields[f"ceiling_{number}"] = number_field(_("Own limit of at least"), required=False)
        if policy:
            self.initial.update(_initial(policy) | _stages_initial(policy))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for number in range(1, STAGES + 1):
            try:
                cleaned[f"ceiling_{number}"] = self._amount(f"ceiling_{number}")
            except forms.ValidationError as wrong:
                self.add_error(f"ceiling_{number}", wrong)
        return cleaned

    @property
    def stage_fields(self) -> list[list[forms.BoundField]]:
        names = ("persons", "role", "team", "ceiling")
        return [[self[f"{name}_{number}"] for name in names] for number in range(1, STAGES + 1)]

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        stages = [
            signing.Stage(
                given[f"persons_{number}"], given[f"role_{number}"], given[f"team_{number}"], given[f"ceiling_{number}"]
            ).kept()
            for number in range(1, STAGES + 1)
            if given[f"persons_{number}"]
        ]
        return {
            **{name: given[name] for name in ("kind", "currency", "channel", "new_payee", "valid_from", "valid_to")},
            "from_amount": given["amount"], "risk_from": given["risk"], "stages": stages,
        }  # fmt: skip


def _initial(policy: ApprovalPolicy) -> dict[str, Any]:
    names = ("kind", "currency", "channel", "new_payee", "valid_from", "valid_to")
    return {
        **{name: getattr(policy, name) for name in names},
        "amount": money.plain(policy.from_amount, policy.currency), "risk": policy.risk_from,
    }  # fmt: skip


def _stages_initial(policy: ApprovalPolicy) -> dict[str, Any]:
    found: dict[str, Any] = {}
    stages = signing.stages_of(policy.stages) or [signing.Stage(policy.approvals)]
    for number, stage in enumerate(stages[:STAGES], start=1):
        found |= {
            f"persons_{number}": stage.persons, f"role_{number}": stage.role, f"team_{number}": stage.team_id,
            f"ceiling_{number}": "" if stage.ceiling is None else money.plain(stage.ceiling, policy.currency),
        }  # fmt: skip
    return found


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, rows, teams, waiting and decided requests; two more to try."""
    access.demand(request.user, "matrix.view")
    reader = lists.reader(request)
    places = lists.entities(request, "matrix.view")
    manages = set(access.entity_ids(reader, changes.MATRIX))
    teams = dict(Team.objects.filter(entity__in=places).values_list("pk", "name"))
    rows = ApprovalPolicy.objects.filter(entity__in=places).order_by(
        "currency", "kind", "channel", "new_payee", "risk_from", "from_amount"
    )
    asking = changes.visible(reader, MATRIX)
    trial = TryForm(request.GET if "amount" in request.GET else None, places=places)
    context = {
        "places": [
            {
                "entity": place, "may_manage": place.pk in manages,
                "rows": [_row(row, teams) for row in rows if row.entity_id == place.pk],
            }
            for place in places
        ],
        "waiting": [_request(one, teams, reader.pk, manages) for one in asking.filter(status="waiting")[:50]],
        "decided": [_request(one, teams, reader.pk, manages) for one in asking.exclude(status="waiting")[:20]],
        "trial": trial,
        "tried": _tried(trial, places, teams) if trial.is_bound and trial.is_valid() else None,
    }  # fmt: skip
    return render(request, "matrix/matrix.html", context)


def _row(policy: ApprovalPolicy, teams: dict[int, str]) -> dict[str, Any]:
    today = timezone.localdate()
    state = "now"
    if policy.valid_to and policy.valid_to < today:
        state = "past"
    elif policy.valid_from and policy.valid_from > today:
        state = "later"
    return {"policy": policy, "words": approval_words.row(policy, teams), "state": state}


def _request(one: ChangeRequest, teams: dict[int, str], reader_id: int, manages: set[int]) -> dict[str, Any]:
    assert one.entity is not None  # noqa: S101 - a row of the matrix has its entity
    own = one.asked_by_id == reader_id
    return {
        "request": one, "own": own, "may_decide": one.entity_id in manages,
        "after": approval_words.row(effects.row(one.entity, None, one.change), teams),
        "before": _before(one, teams), "valid": (one.change["valid_from"], one.change["valid_to"]),
    }  # fmt: skip


def _before(one: ChangeRequest, teams: dict[int, str]) -> str:
    found = ApprovalPolicy.objects.filter(pk=one.subject_id).first() if one.subject_id else None
    return approval_words.row(found, teams) if found and one.status == "waiting" else ""


def _tried(form: TryForm, places: Sequence[Entity], teams: dict[int, str]) -> dict[str, Any]:
    asked = form.cleaned_data
    entity = next(place for place in places if place.code == asked["entity"])
    found = approvals.tried(
        entity_id=entity.pk, kind=asked["kind"], currency=asked["currency"], amount=asked["amount"],
        channel=asked["channel"], risk=asked["risk"], new_payee=asked["new_payee"],
    )  # fmt: skip
    if found is None:
        return {"persons": approval_words.persons(approvals.WITHOUT_POLICY.persons), "row": ""}
    stages = signing.stages_of(found.stages) or [signing.Stage(found.approvals)]
    return {
        "persons": approval_words.in_words(stages, teams, found.currency), "row": approval_words.row(found, teams),
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def matrix_row(request: HttpRequest, entity_pk: int, pk: int | None = None) -> HttpResponse:
    """Ask for a new row, or for a change of one."""
    entity = entity_of(request, entity_pk)
    policy = None
    if pk is not None:
        policy = ApprovalPolicy.objects.filter(pk=pk, entity=entity).first()
        if policy is None:
            raise NotThere("not_there")
    form = RowForm(request.POST if request.method == "POST" else None, entity=entity, policy=policy)
    if request.method == "POST" and form.is_valid():
        try:
            changes.ask_matrix(
                actor=lists.reader(request), entity=entity, policy_id=pk, values=form.values(),
                reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except (Denied, NotThere):
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The change waits for a second person."))
            return redirect("matrix")
    context = {"form": form, "entity": entity, "policy": policy}
    return render(request, "matrix/row.html", context, status=422 if form.is_bound else 200)


def entity_of(request: HttpRequest, pk: int) -> Entity:
    access.demand(request.user, changes.MATRIX)
    if pk not in access.entity_ids(request.user, "matrix.view"):
        raise NotThere("not_there")
    access.demand(request.user, changes.MATRIX, pk)
    return Entity.objects.get(pk=pk)


@require_POST
def change_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a change that somebody else asked for, or refuse it with a reason; of whatever subject."""
    reader = lists.reader(request)
    if not any(access.can(reader, right) for right in changes.RIGHTS.values()):
        raise Denied("denied", right=changes.MATRIX)
    try:
        if request.POST.get("decision") == "refuse":
            changes.refuse(actor=reader, request_id=pk, reason=request.POST.get("reason", ""))
            messages.success(request, _("The change is refused."))
        else:
            changes.sign(actor=reader, request_id=pk)
            messages.success(request, _("The change is in effect."))
    except (Denied, NotThere, Conflict):
        raise
    except BusinessError as refused:
        raise Conflict(refused.code, **refused.params) from None
    return lists.back(request, "matrix")
