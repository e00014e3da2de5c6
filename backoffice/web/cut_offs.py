"""Cut-offs and calendars: the next seven days, the rules behind them, working days; each change is on record."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backoffice.common import formats, money
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import access
from backoffice.people.models import Entity
from backoffice.web import acts, lists
from documents import trail
from documents.models import AuditRecord
from transactions import cut_offs, queries
from transactions.models import Account, Calendar, CutOff, PaymentBatch

ACTS = ("cut_off.added", "cut_off.changed", "cut_off.withdrawn", "calendar.added", "calendar.closed", "calendar.opened")
WEEKDAYS = [
    (1, gettext_lazy("Monday")), (2, gettext_lazy("Tuesday")), (3, gettext_lazy("Wednesday")),
    (4, gettext_lazy("Thursday")), (5, gettext_lazy("Friday")), (6, gettext_lazy("Saturday")),
    (7, gettext_lazy("Sunday")),
]  # fmt: skip
_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})[\s,;]+(\S.*)")


def scope_words(rule: CutOff) -> str:
    """Which payments a rule is for, in words."""
    channels = dict(PaymentBatch.Channel.choices)
    parts = [
        rule.account.code if rule.account else "",
        rule.get_scheme_display() if rule.scheme else "",
        str(channels.get(rule.channel, rule.channel)) if rule.channel else "",
        rule.currency,
    ]
    return " · ".join(part for part in parts if part) or _("Every payment")


def hour_words(rule: CutOff) -> str:
    """Until when, in words."""
    if rule.mode != CutOff.Mode.TIME or rule.local_time is None:
        return str(rule.get_mode_display())
    said = _("%(hour)s, %(zone)s") % {"hour": f"{rule.local_time:%H:%M}", "zone": rule.time_zone.replace("_", " ")}
    if not rule.days_before:
        return said
    before = ngettext("%(n)s working day before", "%(n)s working days before", rule.days_before)
    return f"{said}, {before % {'n': rule.days_before}}"


class HourForm(forms.Form):
    mode = forms.ChoiceField(choices=CutOff.Mode.choices, label=gettext_lazy("Cut-off"))
    local_time = forms.TimeField(
        required=False, label=gettext_lazy("Hour"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    days_before = forms.IntegerField(
        min_value=0, max_value=20, initial=0, required=False, label=gettext_lazy("Working days before"),
        help_text=gettext_lazy("How many working days before the execution date the cut-off is."),
    )  # fmt: skip
    calendar = forms.ModelChoiceField(
        Calendar.objects.none(), required=False, empty_label="TARGET", label=gettext_lazy("Calendar")
    )
    valid_from = forms.DateField(
        label=gettext_lazy("Valid from"), help_text=gettext_lazy("Today or later: what counted before stays."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip

    def __init__(self, *arguments: Any, entity: Entity, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["calendar"].queryset = Calendar.objects.filter(entity=entity)  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [(name, name) for name in sorted(available_timezones())]  # type: ignore[attr-defined]


class RuleForm(HourForm):
    account = forms.ModelChoiceField(
        Account.objects.none(), required=False, empty_label=gettext_lazy("any"), label=gettext_lazy("Account")
    )
    scheme = forms.ChoiceField(required=False, label=gettext_lazy("Scheme"),
                               choices=[("", gettext_lazy("any")), *CutOff.Scheme.choices])  # fmt: skip
    channel = forms.ChoiceField(required=False, label=gettext_lazy("Channel"),
                                choices=[("", gettext_lazy("any")), *PaymentBatch.Channel.choices])  # fmt: skip
    currency = forms.CharField(required=False, min_length=3, max_length=3, label=gettext_lazy("Currency"),
                               help_text=gettext_lazy("Empty: any."))  # fmt: skip
    field_order = ("account", "scheme", "channel", "currency", "mode", "local_time")

    def __init__(self, *arguments: Any, entity: Entity, **options: Any) -> None:
        super().__init__(*arguments, entity=entity, **options)
        paying = [Account.Kind.CUSTOMER, Account.Kind.BANK]
        self.fields["account"].queryset = Account.objects.filter(  # type: ignore[attr-defined]
            entity=entity, kind__in=paying, status=Account.Status.OPEN
        )

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if currency and currency not in money.currencies():
            raise forms.ValidationError(_("“%(currency)s” is not a currency code.") % {"currency": currency})
        return currency


class ChangeForm(HourForm):
    reason = forms.CharField(max_length=500, label=gettext_lazy("Reason"))


@require_GET
def cut_off_list(request: HttpRequest) -> HttpResponse:
    """Queries: grants, entities, the week, rules, calendars, holidays, acts; whatever their number."""
    access.demand(request.user, "cutoff.view")
    places = lists.entities(request, "cutoff.view")
    ids, today = [place.pk for place in places], timezone.localdate()
    manages = set(access.entity_ids(request.user, cut_offs.MANAGE))
    rules = list(queries.rules(ids))
    calendars = list(queries.calendars(ids, since=today))
    days = queries.week(ids)
    seen = access.entity_ids(request.user, "history.view")
    records = AuditRecord.objects.filter(action__in=ACTS, entity_id__in=seen).order_by("-id")[:12] if seen else []
    context = {
        "places": [
            {
                "entity": place, "may_manage": place.pk in manages, "week": _week(place, rules, days),
                "rules": _rules([rule for rule in rules if rule.entity_id == place.pk], today),
                "calendars": [calendar for calendar in calendars if calendar.entity_id == place.pk],
            }
            for place in places
        ],
        "acts": acts.told(records) if seen else None,
    }  # fmt: skip
    return render(request, "cutoffs/list.html", context)


def _rules(rules: Sequence[CutOff], today: date) -> list[dict[str, Any]]:
    """The rules in words; of one scope those that count now and later, and what they followed."""
    told, counts = [], set()
    for rule in rules:
        scope = (rule.account_id, rule.scheme, rule.channel, rule.currency)
        state = "later" if rule.valid_from > today else "past" if scope in counts else "now"
        if state == "now":
            counts.add(scope)
        told.append(
            {
                "rule": rule, "scope": scope_words(rule), "hour": hour_words(rule), "state": state,
                "may_change": cut_offs.changeable(rule),
            }
        )  # fmt: skip
    return told


def _week(place: Entity, rules: Sequence[CutOff], days: Sequence[queries.Day]) -> dict[str, Any]:
    """A line a scope, a column a day."""
    of = {rule.pk: rule for rule in rules}
    mine = [day for day in days if day.entity_id == place.pk]
    dates = sorted({day.day for day in mine})
    lines: dict[str, dict[date, queries.Day]] = {}
    for day in mine:
        lines.setdefault(scope_words(of[day.rule_id]), {})[day.day] = day
    return {
        "dates": dates,
        "lines": [(scope, [_cell(cells.get(one)) for one in dates]) for scope, cells in sorted(lines.items())],
    }


def _cell(day: queries.Day | None) -> tuple[queries.Day | None, str]:
    """A day of a rule, and when what it closes goes."""
    goes = formats.day(day.execution_date) if day and day.execution_date else ""
    return day, _("goes on %(on)s") % {"on": goes} if goes else ""


def _entity(request: HttpRequest, pk: int) -> Entity:
    access.demand(request.user, cut_offs.MANAGE)
    if pk not in access.entity_ids(request.user, cut_offs.VIEW):
        raise NotThere("not_there")
    access.demand(request.user, cut_offs.MANAGE, pk)
    return Entity.objects.get(pk=pk)


def _rule(request: HttpRequest, pk: int) -> CutOff:
    access.demand(request.user, cut_offs.MANAGE)
    places = access.entity_ids(request.user, cut_offs.VIEW)
    rule = CutOff.objects.select_related("entity", "account", "calendar").filter(pk=pk, entity__in=places).first()
    if rule is None:
        raise NotThere("not_there")
    access.demand(request.user, cut_offs.MANAGE, rule.entity_id)
    return rule


def _initial(rule: CutOff) -> dict[str, Any]:
    names = ("account", "scheme", "channel", "currency", "mode", "local_time", "time_zone", "days_before", "calendar")
    return {name: getattr(rule, name) for name in names}


@require_http_methods(["GET", "POST"])
def cut_off_new(request: HttpRequest, entity_pk: int) -> HttpResponse:
    """A new rule; ``?after=`` fills in the one that it follows."""
    entity = _entity(request, entity_pk)
    former = lists.number(request.GET.get("after", ""))
    rule = CutOff.objects.filter(pk=former, entity=entity).first() if former else None
    initial = {"time_zone": entity.time_zone, "valid_from": timezone.localdate(), **(_initial(rule) if rule else {})}
    form = RuleForm(request.POST or None, entity=entity, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = cut_offs.add(actor=lists.reader(request), entity=entity, **form.cleaned_data)
        except Denied:
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            said = {"scope": scope_words(made), "day": formats.day(made.valid_from)}
            messages.success(request, _("%(scope)s: the cut-off counts from %(day)s on.") % said)
            return redirect("cut_offs")
    context = {"form": form, "entity": entity, "rule": None}
    return render(request, "cutoffs/rule.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def cut_off_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a rule right that begins today or later."""
    rule = _rule(request, pk)
    form = ChangeForm(
        request.POST or None, entity=rule.entity, initial={**_initial(rule), "valid_from": rule.valid_from}
    )
    if request.method == "POST" and form.is_valid():
        try:
            cut_offs.change(actor=lists.reader(request), cut_off_id=pk, **form.cleaned_data)
        except Denied:
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(scope)s: the cut-off is changed.") % {"scope": scope_words(rule)})
            return redirect("cut_offs")
    return _rule_page(request, rule, form)


def _rule_page(request: HttpRequest, rule: CutOff, form: ChangeForm, fault: str = "") -> HttpResponse:
    may_see_acts = access.can(request.user, "history.view", rule.entity_id)
    context = {
        "form": form, "entity": rule.entity, "rule": rule, "scope": scope_words(rule), "hour": hour_words(rule),
        "changeable": cut_offs.changeable(rule), "fault": fault,
        "acts": acts.told(trail.of("cut_off", rule.pk)[:20]) if may_see_acts else [],
    }  # fmt: skip
    return render(request, "cutoffs/rule.html", context, status=422 if fault or form.is_bound else 200)


@require_POST
def cut_off_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    rule = _rule(request, pk)
    try:
        cut_offs.withdraw(actor=lists.reader(request), cut_off_id=pk, reason=lists.said(request))
    except Denied:
        raise
    except BusinessError as refused:
        form = ChangeForm(entity=rule.entity, initial={**_initial(rule), "valid_from": rule.valid_from})
        return _rule_page(request, rule, form, str(refused))
    messages.success(request, _("%(scope)s: the cut-off is withdrawn.") % {"scope": scope_words(rule)})
    return redirect("cut_offs")


class CalendarForm(forms.Form):
    code = forms.CharField(max_length=20, label=gettext_lazy("Code"))
    name = forms.CharField(max_length=80, label=gettext_lazy("Name"))
    target = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Closed when TARGET is closed, too"))
    weekend = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS, coerce=int, required=False, initial=[6, 7], label=gettext_lazy("Closed each"),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


class HolidaysForm(forms.Form):
    holidays = forms.CharField(
        label=gettext_lazy("Days to close"), max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "2027-05-06 Ascension"}),
        help_text=gettext_lazy("One a line: the date as 2027-05-06, then its name."),
    )  # fmt: skip

    def clean_holidays(self) -> dict[date, str]:
        found: dict[date, str] = {}
        for number, line in enumerate(self.cleaned_data["holidays"].splitlines(), start=1):
            if not line.strip():
                continue
            read = _LINE.fullmatch(line.strip())
            try:
                day = date.fromisoformat(read[1]) if read else None
            except ValueError:
                day = None
            if read is None or day is None or day in found:
                refused = BusinessError("calendar.holiday_unread", line=number, value=line.strip()[:40])
                raise forms.ValidationError(str(refused))
            found[day] = read[2]
        return found


@require_http_methods(["GET", "POST"])
def calendar_new(request: HttpRequest, entity_pk: int) -> HttpResponse:
    entity = _entity(request, entity_pk)
    form = CalendarForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = cut_offs.add_calendar(actor=lists.reader(request), entity=entity, **form.cleaned_data)
        except Denied:
            raise
        except BusinessError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Calendar %(code)s added.") % {"code": made.code})
            return redirect("calendar", made.pk)
    context = {"form": form, "entity": entity}
    return render(request, "cutoffs/calendar_new.html", context, status=422 if form.is_bound else 200)


def _calendar(request: HttpRequest, pk: int, right: str) -> Calendar:
    access.demand(request.user, right)
    places = access.entity_ids(request.user, cut_offs.VIEW)
    found = queries.calendars(places, since=timezone.localdate()).filter(pk=pk).first()
    if found is None:
        raise NotThere("not_there")
    access.demand(request.user, right, found.entity_id)
    return found


@require_GET
def calendar_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _calendar_page(request, _calendar(request, pk, cut_offs.VIEW), HolidaysForm())


def _calendar_page(
    request: HttpRequest, calendar: Calendar, form: HolidaysForm, fault: str = "", status: int = 200
) -> HttpResponse:
    names = dict(WEEKDAYS)
    may_see_acts = access.can(request.user, "history.view", calendar.entity_id)
    context = {
        "calendar": calendar, "form": form, "fault": fault,
        "may_manage": access.can(request.user, cut_offs.MANAGE, calendar.entity_id),
        "weekend": ", ".join(str(names[day]) for day in calendar.weekend),
        "acts": acts.told(trail.of("calendar", calendar.pk)[:20]) if may_see_acts else [],
    }  # fmt: skip
    return render(request, "cutoffs/calendar.html", context, status=status)


@require_POST
def calendar_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close days of a calendar: all of the list or none."""
    calendar = _calendar(request, pk, cut_offs.MANAGE)
    form = HolidaysForm(request.POST)
    if form.is_valid():
        try:
            made = cut_offs.add_holidays(
                actor=lists.reader(request), calendar_id=pk, holidays=form.cleaned_data["holidays"]
            )
        except Denied:
            raise
        except BusinessError as refused:
            form.add_error("holidays", str(refused))
        else:
            said = ngettext("%(n)s day closed.", "%(n)s days closed.", len(made)) % {"n": len(made)}
            messages.success(request, said)
            return redirect("calendar", pk)
    return _calendar_page(request, calendar, form, status=422)


@require_POST
def holiday_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a holiday back."""
    access.demand(request.user, cut_offs.MANAGE)
    places = access.entity_ids(request.user, cut_offs.VIEW)
    found = Calendar.objects.filter(holidays=pk, entity__in=places).values_list("pk", flat=True).first()
    if found is None:
        raise NotThere("not_there")
    calendar = _calendar(request, found, cut_offs.MANAGE)
    try:
        opened = cut_offs.open_day(actor=lists.reader(request), holiday_id=pk, reason=lists.said(request))
    except Denied:
        raise
    except BusinessError as refused:
        return _calendar_page(request, calendar, HolidaysForm(), str(refused), status=422)
    messages.success(request, _("%(day)s is a working day again.") % {"day": formats.day(opened.day)})
    return redirect("calendar", calendar.pk)
