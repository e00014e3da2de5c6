"""/api/v1/cut-offs and /api/v1/calendars: until when payments are released, and the days that are closed."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from backoffice.common.api import Endpoint, act
from backoffice.common.fields import Clock, Input, Moment, Output, PageQuery, Person, Text
from transactions import cut_offs, queries
from transactions.models import Calendar, CutOff, Holiday, PaymentBatch


class CutOffOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    account = serializers.IntegerField(source="account_id", allow_null=True, help_text="Null: every account.")
    scheme = serializers.CharField(help_text="Empty: every scheme but instant transfers, which have no cut-off.")
    channel = serializers.CharField(help_text="Empty: every channel.")
    currency = serializers.CharField(help_text="Empty: every currency.")
    mode = serializers.CharField(help_text="time, always (no cut-off) or general (the less specific rule counts).")
    local_time = Clock(allow_null=True)
    time_zone = serializers.CharField()
    calendar = serializers.IntegerField(source="calendar_id", allow_null=True, help_text="Null: TARGET.")
    days_before = serializers.IntegerField(help_text="Working days before the execution date.")
    valid_from = serializers.DateField()


class CutOffVersionOut(CutOffOut):
    changed_by = Person(source="history_user", allow_null=True)
    changed_at = Moment(source="history_date")
    change = serializers.CharField(source="history_type", help_text="+ added, ~ changed, - withdrawn.")


class CutOffDetailOut(CutOffOut):
    versions = CutOffVersionOut(many=True, source="told_versions", help_text="The oldest first.")


class HourIn(Input):
    mode = serializers.ChoiceField(CutOff.Mode.values, default=CutOff.Mode.TIME)
    local_time = Clock(required=False, help_text="With mode time.")
    time_zone = Text(64)
    calendar = serializers.IntegerField(required=False, min_value=1, help_text="TARGET if left out.")
    days_before = serializers.IntegerField(required=False, min_value=0, max_value=20, default=0)
    valid_from = serializers.DateField(help_text="Today or later.")


class CutOffIn(HourIn):
    entity = serializers.IntegerField(required=False, min_value=1, help_text="May be left out when there is only one.")
    account = serializers.IntegerField(required=False, min_value=1)
    scheme = serializers.ChoiceField(CutOff.Scheme.values, required=False)
    channel = serializers.ChoiceField(PaymentBatch.Channel.values, required=False)
    currency = serializers.CharField(required=False, max_length=3)


class CutOffChangeIn(HourIn):
    reason = serializers.CharField(max_length=500)


class ReasonIn(Input):
    reason = serializers.CharField(max_length=500)


class CutOffQuery(PageQuery):
    entity = serializers.IntegerField(required=False)
    account = serializers.IntegerField(required=False)
    scheme = serializers.ChoiceField(CutOff.Scheme.values, required=False)


class WeekQuery(Input):
    entity = serializers.IntegerField(required=False)
    days = serializers.IntegerField(required=False, min_value=1, max_value=31, help_text="7 if left out.")


class DayOut(Output):
    entity = serializers.IntegerField(source="entity_id")
    rule = serializers.IntegerField(source="rule_id")
    day = serializers.DateField()
    mode = serializers.CharField()
    cut_off_at = Moment(allow_null=True, help_text="Null on closed days, and where there is no cut-off.")
    execution_date = serializers.DateField(allow_null=True, help_text="The day that what is released by then goes.")
    closed = serializers.BooleanField()
    name = serializers.CharField(help_text="Of the holiday.")


class WeekOut(Output):
    items = DayOut(many=True)


class HolidayOut(Output):
    id = serializers.IntegerField()
    day = serializers.DateField()
    name = serializers.CharField()


class CalendarOut(Output):
    id = serializers.IntegerField()
    entity = serializers.IntegerField(source="entity_id")
    code = serializers.CharField()
    name = serializers.CharField()
    target = serializers.BooleanField(help_text="Closed when TARGET is closed, too.")
    weekend = serializers.ListField(child=serializers.IntegerField(), help_text="ISO days of the week; 1 is Monday.")


class CalendarDetailOut(CalendarOut):
    holidays = HolidayOut(many=True, source="told_holidays", help_text="From today on.")


class CalendarIn(Input):
    entity = serializers.IntegerField(required=False, min_value=1, help_text="May be left out when there is only one.")
    code = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=80)
    target = serializers.BooleanField(default=True)
    weekend = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7), required=False, max_length=6
    )


class HolidayIn(Input):
    day = serializers.DateField()
    name = serializers.CharField(max_length=80)


class HolidaysIn(Input):
    holidays = HolidayIn(many=True, allow_empty=False, max_length=400)  # type: ignore[call-arg]


class CalendarQuery(PageQuery):
    entity = serializers.IntegerField(required=False)


class CutOffList(Endpoint):
    @act("cutoff.view", "Cut-off rules, past ones and those to come included", output=CutOffOut, query=CutOffQuery,
         paged=True)  # fmt: skip
    def get(self, request: Request) -> Any:
        found = CutOff.objects.filter(entity__in=self.chosen())
        for name in ("account", "scheme"):
            if name in self.query:
                found = found.filter(**{name: self.query[name]})
        return self.page_of(found, key=("id",), salt="cut-offs")

    @act("cutoff.manage", "Add a cut-off that counts from a day on", body=CutOffIn, output=CutOffOut, status=201)
    def post(self, request: Request) -> Any:
        entity = self.entity()
        asked = {name: value for name, value in self.body.items() if name != "entity"}
        asked["account"] = cut_offs.account_of(entity, asked.get("account"))
        asked["calendar"] = cut_offs.calendar_of(entity, asked.get("calendar"))
        return self.show(CutOffOut, cut_offs.add(actor=self.person, entity=entity, **asked))


class CutOffEndpoint(Endpoint):
    def fetch(self, cut_off_id: int) -> CutOff:
        rows = CutOff.objects.select_related("entity", "account", "calendar")
        found: CutOff = self.scoped(rows, cut_off_id, seen="cutoff.view")
        return found


class CutOffDetail(CutOffEndpoint):
    @act("cutoff.view", "A cut-off rule with its versions", output=CutOffDetailOut)
    def get(self, request: Request, cut_off_id: int) -> Any:
        found = self.fetch(cut_off_id)
        found.told_versions = list(  # type: ignore[attr-defined]
            found.history.select_related("history_user").order_by("history_id")[:200]
        )
        return self.show(CutOffDetailOut, found)


class CutOffChange(CutOffEndpoint):
    @act("cutoff.manage", "Put a rule right that begins today or later", body=CutOffChangeIn, output=CutOffOut)
    def post(self, request: Request, cut_off_id: int) -> Any:
        rule = self.fetch(cut_off_id)
        asked = {**self.body, "calendar": cut_offs.calendar_of(rule.entity, self.body.get("calendar"))}
        return self.show(CutOffOut, cut_offs.change(actor=self.person, cut_off_id=cut_off_id, **asked))


class CutOffWithdraw(CutOffEndpoint):
    @act("cutoff.manage", "Take a rule back that begins today or later", body=ReasonIn, output=CutOffOut)
    def post(self, request: Request, cut_off_id: int) -> Any:
        self.fetch(cut_off_id)
        gone = cut_offs.withdraw(actor=self.person, cut_off_id=cut_off_id, reason=self.body["reason"])
        return self.show(CutOffOut, gone)


class CutOffWeek(Endpoint):
    @act("cutoff.view", "The cut-offs of the next days, by rule", output=WeekOut, query=WeekQuery)
    def get(self, request: Request) -> Any:
        days = queries.week(self.chosen(), days=self.query.get("days", 7))
        return {"items": self.show(DayOut, days, many=True)}


class CalendarList(Endpoint):
    @act("cutoff.view", "Calendars beside TARGET", output=CalendarOut, query=CalendarQuery, paged=True)
    def get(self, request: Request) -> Any:
        return self.page_of(Calendar.objects.filter(entity__in=self.chosen()), key=("id",), salt="calendars")

    @act("cutoff.manage", "Add a calendar", body=CalendarIn, output=CalendarOut, status=201)
    def post(self, request: Request) -> Any:
        entity = self.entity()
        asked = {name: value for name, value in self.body.items() if name != "entity"}
        return self.show(CalendarOut, cut_offs.add_calendar(actor=self.person, entity=entity, **asked))


def _with_days(calendar: Calendar) -> Calendar:
    today = timezone.localdate()
    calendar.told_holidays = list(calendar.holidays.filter(day__gte=today).order_by("day"))  # type: ignore[attr-defined]
    return calendar


class CalendarDetail(Endpoint):
    @act("cutoff.view", "A calendar with its holidays from today on", output=CalendarDetailOut)
    def get(self, request: Request, calendar_id: int) -> Any:
        return self.show(
            CalendarDetailOut, _with_days(self.scoped(Calendar.objects.all(), calendar_id, seen="cutoff.view"))
        )


class CalendarClose(Endpoint):
    @act("cutoff.manage", "Close days of a calendar, all of them or none", body=HolidaysIn, output=CalendarDetailOut)
    def post(self, request: Request, calendar_id: int) -> Any:
        calendar = self.scoped(Calendar.objects.all(), calendar_id, seen="cutoff.view")
        given = {one["day"]: one["name"] for one in self.body["holidays"]}
        if len(given) < len(self.body["holidays"]):
            raise ValidationError({"holidays": [ErrorDetail("", code="unique")]})
        cut_offs.add_holidays(actor=self.person, calendar_id=calendar_id, holidays=given)
        return self.show(CalendarDetailOut, _with_days(calendar))


class HolidayOpen(Endpoint):
    @act("cutoff.manage", "Take a holiday back: the calendar works on that day", body=ReasonIn,
         output=HolidayOut)  # fmt: skip
    def post(self, request: Request, holiday_id: int) -> Any:
        calendar_id = Holiday.objects.filter(pk=holiday_id).values_list("calendar_id", flat=True).first() or 0
        self.scoped(Calendar.objects.all(), calendar_id, seen="cutoff.view")
        opened = cut_offs.open_day(actor=self.person, holiday_id=holiday_id, reason=self.body["reason"])
        return self.show(HolidayOut, opened)
