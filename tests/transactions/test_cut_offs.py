"""Until when payments are released and when they then go: worked examples, limits that hold for any rule, the rules."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.common import calendars, sql
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from backoffice.people import roles
from documents import attachments
from documents.models import AuditRecord
from tests import database, people
from transactions import cut_offs, queries, settlement, sweeper, tasks, workflow
from transactions.models import (
    Calendar,
    Collection,
    CutOff,
    Holiday,
    InstantTransfer,
    Payment,
    PaymentApproval,
    PaymentState,
)

pytestmark = pytest.mark.django_db
PARIS, NEW_YORK, TOKYO = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def times(stage: people.Stage, day: str, released: datetime, **fields: Any) -> queries.Times:
    payment = people.payment(stage, requested_execution_date=date.fromisoformat(day), **fields)
    return queries.times([payment.pk], released)[payment.pk]


class TestTarget:
    def test_the_database_knows_the_same_closing_days(self) -> None:
        found = sql.rows(
            "select d::date from generate_series(date '1995-01-01', date '2199-12-31', interval '1 day') d "
            "where target_closed(d::date) order by 1"
        )
        expected, day = [], date(1995, 1, 1)
        while day <= date(2199, 12, 31):
            if not calendars.is_open(day):
                expected.append(day)
            day += timedelta(days=1)
        assert [row[0] for row in found] == expected


# Requested, released (Paris), last moment, goes on, credited by. SEPA until 16:00 of the same day.
EXAMPLES = [
    ("in time", "2026-11-24", "2026-11-24T15:59:59", "2026-11-24T16:00", "2026-11-24", "2026-11-25"),
    ("to the second", "2026-11-24", "2026-11-24T16:00:00", "2026-11-24T16:00", "2026-11-24", "2026-11-25"),
    ("after it", "2026-11-24", "2026-11-24T16:00:01", "2026-11-25T16:00", "2026-11-25", "2026-11-26"),
    ("days before", "2026-11-24", "2026-11-20T10:00", "2026-11-24T16:00", "2026-11-24", "2026-11-25"),
    ("after it on a Friday", "2026-11-27", "2026-11-27T18:00", "2026-11-30T16:00", "2026-11-30", "2026-12-01"),
    ("asked for a Saturday", "2026-11-28", "2026-11-27T10:00", "2026-11-30T16:00", "2026-11-30", "2026-12-01"),
    ("released on a Sunday", "2026-11-27", "2026-11-29T10:00", "2026-11-30T16:00", "2026-11-30", "2026-12-01"),
    ("before Good Friday", "2027-03-25", "2027-03-25T16:30", "2027-03-30T16:00", "2027-03-30", "2027-03-31"),
    ("for Good Friday", "2027-03-26", "2027-03-20T09:00", "2027-03-30T16:00", "2027-03-30", "2027-03-31"),
    ("for Easter Monday", "2028-04-17", "2028-04-10T09:00", "2028-04-18T16:00", "2028-04-18", "2028-04-19"),
    ("for 1 May", "2026-05-01", "2026-04-29T09:00", "2026-05-04T16:00", "2026-05-04", "2026-05-05"),
    ("before 1 May", "2026-04-30", "2026-04-30T09:00", "2026-04-30T16:00", "2026-04-30", "2026-05-04"),
    ("14 July is open", "2026-07-14", "2026-07-14T09:00", "2026-07-14T16:00", "2026-07-14", "2026-07-15"),
    ("before Christmas", "2026-12-24", "2026-12-24T17:00", "2026-12-28T16:00", "2026-12-28", "2026-12-29"),
    ("at the year's end", "2026-12-31", "2026-12-31T16:01", "2027-01-04T16:00", "2027-01-04", "2027-01-05"),
    ("asked for long ago", "2020-01-06", "2026-11-24T09:00", "2026-11-24T16:00", "2026-11-24", "2026-11-25"),
    ("the clocks go back", "2026-10-26", "2026-10-25T02:30", "2026-10-26T16:00", "2026-10-26", "2026-10-27"),
    ("the clocks go forward", "2026-03-30", "2026-03-29T03:30", "2026-03-30T16:00", "2026-03-30", "2026-03-31"),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_a_sepa_transfer(stage: people.Stage, example: tuple[str, ...]) -> None:
    _name, day, released, at, goes, credited = example
    people.cut_off(stage.entity, time(16))
    told = times(stage, day, paris(released))
    assert told.cut_off_at == paris(at)
    assert (told.execution_date.isoformat(), told.credit_by.isoformat()) == (goes, credited)
    first = calendars.next_open_day(date.fromisoformat(day))
    assert told.missed is (paris(released) > datetime.combine(first, time(16), PARIS))


def test_summer_and_winter_have_the_same_hour_of_the_clock(stage: people.Stage) -> None:
    people.cut_off(stage.entity, time(16))
    winter = times(stage, "2026-03-27", datetime(2026, 3, 27, 8, tzinfo=UTC))
    summer = times(stage, "2026-03-30", datetime(2026, 3, 30, 8, tzinfo=UTC))
    assert winter.cut_off_at == datetime(2026, 3, 27, 15, tzinfo=UTC)
    assert summer.cut_off_at == datetime(2026, 3, 30, 14, tzinfo=UTC)


def test_an_hour_that_the_clock_skips_or_has_twice_is_still_one_moment(stage: people.Stage) -> None:
    every_day = Calendar.objects.create(entity=stage.entity, code="ALL", name="Every day", target=False, weekend=[])
    people.cut_off(stage.entity, time(2, 30), calendar=every_day)
    before = datetime(2026, 3, 1, tzinfo=UTC)
    assert times(stage, "2026-03-29", before).cut_off_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "03:30 in summer"
    assert times(stage, "2026-10-25", before).cut_off_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "the second one"


def test_days_before_count_working_days(stage: people.Stage) -> None:
    """A dollar transfer is released the working day before, by the clock of New York; both places must work."""
    dollars = Calendar.objects.create(entity=stage.entity, code="USD", name="New York and TARGET")
    Holiday.objects.create(calendar=dollars, day=date(2026, 11, 26), name="Thanksgiving Day")
    people.cut_off(stage.entity, time(10, 30), scheme="transfer", currency="USD", time_zone="America/New_York",
                   days_before=1, calendar=dollars)  # fmt: skip
    asked = {"kind": "transfer", "currency": "USD"}
    told = times(stage, "2026-11-27", paris("2026-11-23T09:00"), **asked)
    assert told.cut_off_at == datetime(2026, 11, 25, 10, 30, tzinfo=NEW_YORK), "not on Thanksgiving"
    assert told.execution_date == date(2026, 11, 27)
    after = times(stage, "2026-11-27", datetime(2026, 11, 25, 10, 31, tzinfo=NEW_YORK), **asked)
    assert (after.cut_off_at, after.execution_date, after.missed) == (
        datetime(2026, 11, 27, 10, 30, tzinfo=NEW_YORK), date(2026, 11, 30), True,
    )  # fmt: skip
    assert after.credit_by == date(2026, 12, 4), "four working days at most, where it is no SEPA transfer"


def test_the_day_is_that_of_the_clock_of_the_rule(stage: people.Stage) -> None:
    """Tuesday evening in Paris is Wednesday in Tokyo: its cut-off of Wednesday is still to come, Tuesday's is past."""
    people.cut_off(stage.entity, time(9), time_zone="Asia/Tokyo")
    told = times(stage, "2026-11-24", paris("2026-11-24T20:00"))
    assert told.cut_off_at == datetime(2026, 11, 25, 9, tzinfo=TOKYO) == paris("2026-11-25T01:00")
    assert told.execution_date == date(2026, 11, 25)


def test_direct_debits_have_lead_days_by_scheme(stage: people.Stage) -> None:
    people.cut_off(stage.entity, time(16))
    people.cut_off(stage.entity, time(12), scheme="core", days_before=2)
    people.cut_off(stage.entity, time(11), scheme="b2b", days_before=1)
    found = {}
    for scheme in ("CORE", "B2B"):
        payment = people.payment(stage, kind="debit", requested_execution_date=date(2027, 1, 4),
                                 debtor_account=None, creditor_account=stage.customer)  # fmt: skip
        Collection.objects.create(
            payment=payment, entity=stage.entity, creditor_scheme_id="FR72ZZZ123456", creditor_id_valid=True,
            mandate_reference="M", sequence="RCUR", scheme=scheme,
        )  # fmt: skip
        found[scheme] = queries.times([payment.pk], paris("2026-12-20T09:00"))[payment.pk]
    assert found["CORE"].cut_off_at == paris("2026-12-30T12:00")
    assert found["B2B"].cut_off_at == paris("2026-12-31T11:00")
    assert {told.execution_date for told in found.values()} == {date(2027, 1, 4)}
    assert {told.credit_by for told in found.values()} == {date(2027, 1, 4)}, "ours is credited on the day"


def test_instant_transfers_go_day_and_night(stage: people.Stage) -> None:
    people.cut_off(stage.entity, time(16))
    told = times(stage, "2026-12-25", paris("2026-12-25T23:00"), local_instrument="INST")
    assert (told.cut_off_at, told.execution_date, told.credit_by) == (None, date(2026, 12, 25), date(2026, 12, 25))


def test_a_transfer_between_own_accounts_has_no_cut_off_where_a_rule_says_so(stage: people.Stage) -> None:
    people.cut_off(stage.entity, time(16))
    people.cut_off(stage.entity, None, scheme="internal")
    told = times(stage, "2026-11-28", paris("2026-11-28T20:00"), kind="internal")
    assert (told.cut_off_at, told.execution_date, told.credit_by) == (None, date(2026, 11, 28), date(2026, 11, 28))


def test_the_most_specific_rule_counts(stage: people.Stage) -> None:
    """The account, then the scheme, the channel, the currency."""
    for hour, scope in enumerate(
        ({}, {"currency": "EUR"}, {"channel": "api"}, {"channel": "api", "currency": "EUR"}, {"scheme": "sepa"},
         {"scheme": "sepa", "channel": "api", "currency": "EUR"}, {"account": stage.customer}), start=8,
    ):  # fmt: skip
        people.cut_off(stage.entity, time(hour), **scope)
        told = times(stage, "2026-11-24", paris("2026-11-20T09:00"), channel="api")
        assert told.cut_off_at == paris(f"2026-11-24T{hour:02}:00"), scope
    other = people.account(stage.entity, "OTHER", "customer", "C", iban="FR7630006000011234567890189")
    by_file = times(stage, "2026-11-24", paris("2026-11-20T09:00"), channel="file", debtor_account=other)
    assert by_file.cut_off_at == paris("2026-11-24T12:00"), "SEPA, whatever the channel"


def test_rules_follow_each_other_and_end(stage: people.Stage) -> None:
    people.cut_off(stage.entity, time(16))
    people.cut_off(stage.entity, time(15), account=stage.customer)
    people.cut_off(stage.entity, time(14), account=stage.customer, begins="2026-12-01")
    people.cut_off(stage.entity, None, account=stage.customer, begins="2027-01-01", mode="general")
    found = [
        times(stage, day, paris("2026-11-20T09:00")).cut_off_at for day in ("2026-11-30", "2026-12-01", "2027-01-04")
    ]
    assert found == [paris("2026-11-30T15:00"), paris("2026-12-01T14:00"), paris("2027-01-04T16:00")]


@dataclass(frozen=True)
class Rule:
    """Any rule, any calendar, any moment."""

    day: date
    released: datetime
    hour: time
    before: int
    zone: str
    closed: frozenset[date]
    target: bool
    weekend: frozenset[int]

    def works(self, day: date) -> bool:
        weekday = day.isoweekday() not in self.weekend and day not in self.closed
        return weekday and not (self.target and not calendars.is_open(day))


@st.composite
def any_rule(draw: st.DrawFn) -> Rule:
    day = draw(st.dates(date(2024, 1, 1), date(2031, 12, 31)))
    near = st.integers(-20, 40).map(lambda number: day + timedelta(days=number))
    midnight = datetime.combine(draw(near), time(0), UTC)
    return Rule(
        day, midnight + timedelta(seconds=draw(st.integers(0, 86_399))), draw(st.times()).replace(microsecond=0),
        draw(st.integers(0, 5)),
        draw(st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "UTC"])),
        draw(st.frozensets(near, max_size=12)), draw(st.booleans()), draw(st.frozensets(st.integers(1, 7), max_size=3)),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(rule=any_rule())
def test_no_release_on_a_closed_day_nor_after_the_limit_of_the_execution_date(rule: Rule) -> None:
    with transaction.atomic():
        stage = people.bank_branch("PROP", iban="FR7630006000011234567890189")
        calendar = Calendar.objects.create(
            entity=stage.entity, code="C", name="C", target=rule.target, weekend=sorted(rule.weekend)
        )
        Holiday.objects.bulk_create([Holiday(calendar=calendar, day=one, name="x") for one in rule.closed])
        people.cut_off(stage.entity, rule.hour, time_zone=rule.zone, days_before=rule.before, calendar=calendar)
        told = times(stage, rule.day.isoformat(), rule.released)
        transaction.set_rollback(True)
    assert told.cut_off_at is not None
    assert told.cut_off_at >= rule.released
    day, goes = told.cut_off_at.astimezone(ZoneInfo(rule.zone)).date(), told.execution_date
    assert rule.works(day)
    assert rule.works(goes)
    between = [day + timedelta(days=number) for number in range(1, (goes - day).days + 1)]
    assert sum(map(rule.works, between)) == rule.before, "so many working days before it goes, not one fewer"
    first = rule.day
    while not rule.works(first):
        first += timedelta(days=1)
    assert goes > first if told.missed else goes == first


def test_many_payments_are_worked_out_in_one_query(stage: people.Stage) -> None:
    people.cut_off(stage.entity, time(16))
    made = [people.payment(stage, requested_execution_date=date(2026, 11, 23 + number % 5)) for number in range(60)]
    with CaptureQueriesContext(
        connection,
    ) as ran:
        found = queries.times([one.pk for one in made], paris("2026-11-25T17:00"))
    assert len(ran) == 1
    assert len(found) == 60
    assert {told.execution_date for told in found.values()} == {date(2026, 11, 26), date(2026, 11, 27)}


class TestTheDatabaseSaysNo:
    def test_to_two_rules_of_one_scope_and_day(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16))
        with pytest.raises(IntegrityError, match="cut_off_no_tie"), transaction.atomic():
            people.cut_off(stage.entity, time(17))

    def test_to_a_change_of_what_has_begun(self, stage: people.Stage) -> None:
        rule = people.cut_off(stage.entity, time(16))
        for change in (lambda: CutOff.objects.update(local_time=time(17)), rule.delete):
            with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
                change()
        assert CutOff.objects.get().local_time == time(16)

    def test_to_another_entity_s_account_and_calendar_and_to_no_zone(self, stage: people.Stage) -> None:
        other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
        calendar = Calendar.objects.create(entity=other.entity, code="X", name="X")
        for wrong in ({"account": other.customer}, {"calendar": calendar}):
            with pytest.raises(IntegrityError, match="of its entity"), transaction.atomic():
                people.cut_off(stage.entity, time(16), **wrong)
        with pytest.raises(DatabaseError, match="time zone"), transaction.atomic():
            people.cut_off(stage.entity, time(16), time_zone="Mars/Olympus")

    def test_to_a_week_without_working_days_and_to_a_change_of_a_past_holiday(self, stage: people.Stage) -> None:
        with pytest.raises(IntegrityError, match="calendar_has_working_days"), transaction.atomic():
            Calendar.objects.create(entity=stage.entity, code="X", name="X", weekend=[1, 2, 3, 4, 5, 6, 7])
        calendar = Calendar.objects.create(entity=stage.entity, code="FR", name="France")
        past = Holiday.objects.create(calendar=calendar, day=date(2020, 7, 14), name="Fête nationale")
        with pytest.raises(IntegrityError, match="past stay"), transaction.atomic():
            past.delete()


class TestTheRules:
    @pytest.fixture
    def supervisor(self, stage: people.Stage) -> Any:
        return people.person(roles.SUPERVISOR, entity=stage.entity)

    def test_one_is_added_changed_and_withdrawn_with_versions(self, stage: people.Stage, supervisor: Any) -> None:
        later = date(2031, 1, 1)
        rule = cut_offs.add(actor=supervisor, entity=stage.entity, valid_from=later, local_time=time(16), scheme="sepa")
        with pytest.raises(Conflict) as tie:
            cut_offs.add(actor=supervisor, entity=stage.entity, valid_from=later, local_time=time(9), scheme="sepa")
        assert (tie.value.code, tie.value.params) == ("cut_off.tie", {"scope": "sepa"})
        cut_offs.change(actor=supervisor, cut_off_id=rule.pk, valid_from=later, local_time=time(15), reason="earlier")
        with pytest.raises(BusinessError) as same:
            cut_offs.change(actor=supervisor, cut_off_id=rule.pk, valid_from=later, local_time=time(15), reason="x")
        assert same.value.code == "payment.nothing_changed"
        cut_offs.withdraw(actor=supervisor, cut_off_id=rule.pk, reason="a mistake")
        assert not CutOff.objects.exists()
        kept = CutOff.history.filter(id=rule.pk).order_by("history_id")  # type: ignore[attr-defined]
        assert [(row.history_type, row.local_time, row.history_user) for row in kept] == [
            ("+", time(16), supervisor), ("~", time(15), supervisor), ("-", time(15), supervisor),
        ]  # fmt: skip
        records = AuditRecord.objects.filter(subject_type="cut_off", subject_id=rule.pk).order_by("id")
        assert [(row.action, row.reason) for row in records] == [
            ("cut_off.added", ""), ("cut_off.changed", "earlier"), ("cut_off.withdrawn", "a mistake"),
        ]  # fmt: skip
        assert records[1].details["fields"] == {"local_time": {"old": "16:00", "new": "15:00"}}

    @pytest.mark.parametrize(("asked", "code"), [
        ({"valid_from": date(2020, 1, 1), "local_time": time(9)}, "cut_off.begins_in_the_past"),
        ({"local_time": None}, "cut_off.hour_missing"),
        ({"local_time": time(9), "time_zone": "Paris"}, "cut_off.zone_unknown"),
        ({"local_time": time(9), "days_before": 21}, "cut_off.days_before"),
        ({"local_time": time(9), "scheme": "instant"}, "payment.field_invalid"),
        ({"local_time": time(9), "currency": "EURO"}, "money.currency_unknown"),
    ])  # fmt: skip
    def test_what_cannot_be_is_refused(
        self, stage: people.Stage, supervisor: Any, asked: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(BusinessError) as refused:
            cut_offs.add(actor=supervisor, entity=stage.entity, **{"valid_from": date(2031, 1, 1), **asked})
        assert refused.value.code == code
        assert not CutOff.objects.exists()

    def test_who_may(self, stage: people.Stage) -> None:
        other = people.bank_branch("OTHER", iban="FR7630006000011234567890189").entity
        rule = people.cut_off(stage.entity, time(16), begins="2031-01-01")
        hour = {"valid_from": date(2031, 1, 1), "local_time": time(9)}
        for actor, refusal in (
            (people.person(roles.OPERATOR, entity=stage.entity), Denied),
            (people.person(roles.AUDITOR, entity=stage.entity), Denied),
            (people.person(roles.SUPERVISOR, entity=other), NotThere),
        ):
            with pytest.raises(refusal):
                cut_offs.change(actor=actor, cut_off_id=rule.pk, reason="x", **hour)
            with pytest.raises(refusal):
                cut_offs.withdraw(actor=actor, cut_off_id=rule.pk, reason="x")
            with pytest.raises(Denied):
                cut_offs.add(actor=actor, entity=stage.entity, scheme="sepa", **hour)
        assert list(CutOff.objects.values_list("pk", "local_time")) == [(rule.pk, time(16))]
        assert cut_offs.add(actor=people.person(roles.ADMINISTRATOR), entity=stage.entity, scheme="sepa", **hour)

    def test_what_is_open_follows_a_changed_rule(
        self, stage: people.Stage, supervisor: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        day = calendars.add_open_days(date(2031, 3, 3), 0)
        payment = people.payment(stage, requested_execution_date=day)
        gone = people.payment(stage, requested_execution_date=day, status="posted")
        begins = datetime.now(PARIS).date()
        with django_capture_on_commit_callbacks(execute=True):
            cut_offs.add(actor=supervisor, entity=stage.entity, valid_from=begins, local_time=time(16))
        tasks.renew_cut_offs(stage.entity.pk)
        state = PaymentState.objects.get(pk=payment.pk)
        assert (state.due_at, state.execution_date) == (datetime.combine(day, time(16), PARIS), day)
        assert state.cut_off_at == state.due_at
        assert PaymentState.objects.get(pk=gone.pk).execution_date is None
        calendar = cut_offs.add_calendar(actor=supervisor, entity=stage.entity, code="fr", name="France")
        cut_offs.add_holidays(actor=supervisor, calendar_id=calendar.pk, holidays={day: "Fête"})
        cut_offs.add(actor=supervisor, entity=stage.entity, scheme="sepa", valid_from=begins, local_time=time(16),
                     calendar=calendar)  # fmt: skip
        sweeper.sweep()
        tasks.renew_cut_offs(stage.entity.pk)
        tasks.renew_cut_offs(stage.entity.pk)
        state = PaymentState.objects.get(pk=payment.pk)
        assert state.execution_date == calendars.add_open_days(day, 1)

    def test_holidays_are_all_closed_or_none_and_opened_again(self, stage: people.Stage, supervisor: Any) -> None:
        calendar = cut_offs.add_calendar(actor=supervisor, entity=stage.entity, code="fr", name="France", target=False)
        first, second = date(2031, 7, 14), date(2031, 8, 15)
        cut_offs.add_holidays(actor=supervisor, calendar_id=calendar.pk, holidays={first: "Fête nationale"})
        with pytest.raises(Conflict) as known:
            cut_offs.add_holidays(actor=supervisor, calendar_id=calendar.pk, holidays={second: "A", first: "B"})
        assert known.value.code == "calendar.closed_already"
        assert list(calendar.holidays.values_list("day", flat=True)) == [first]
        with pytest.raises(BusinessError) as past:
            cut_offs.add_holidays(actor=supervisor, calendar_id=calendar.pk, holidays={date(2020, 1, 1): "x"})
        assert past.value.code == "calendar.past_stays"
        cut_offs.open_day(actor=supervisor, holiday_id=calendar.holidays.get().pk, reason="it is worked")
        assert not calendar.holidays.exists()
        acts = AuditRecord.objects.filter(subject_type="calendar").order_by("id").values_list("action", flat=True)
        assert list(acts) == ["calendar.added", "calendar.closed", "calendar.opened"]
        assert Holiday.history.count() == 2  # type: ignore[attr-defined]


def approved(stage: people.Stage, day: date, at: datetime) -> Payment:
    """A posted payment whose last approval was given at a moment."""
    payment = people.payment(stage, status="posted", requested_execution_date=day)
    for stage_number, moment in ((0, at - timedelta(hours=1)), (1, at)):
        database.insert(PaymentApproval(payment=payment, stage=stage_number, person=people.person(), given_at=moment))
    return payment


class TestFiles:
    def test_what_is_approved_after_the_cut_off_goes_in_the_next_file(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16))
        friday = date(2031, 1, 17)
        early = approved(stage, friday, paris("2031-01-17T15:59"))
        late = approved(stage, friday, paris("2031-01-17T16:01"))
        assert settlement.prepare_due(paris("2031-01-17T15:59:30")) == []
        (file,) = settlement.prepare_due(paris("2031-01-17T16:02"))
        assert (file.execution_date, [item.payment_id for item in file.items.all()]) == (friday, [early.pk])
        assert settlement.prepare_due(paris("2031-01-19T16:02")) == [], "never for a Sunday"
        (file,) = settlement.prepare_due(paris("2031-01-20T16:02"))
        assert (file.execution_date, [item.payment_id for item in file.items.all()]) == (date(2031, 1, 20), [late.pk])
        assert file.attachment is not None
        assert b"<Dt>2031-01-20</Dt>" in attachments.read(file.attachment)

    def test_a_file_that_no_worker_made_in_time_is_for_no_closed_day(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16))
        payment = approved(stage, date(2026, 11, 20), paris("2026-11-20T15:00"))
        (file,) = settlement.prepare_due()
        assert [item.payment_id for item in file.items.all()] == [payment.pk]
        assert calendars.is_open(file.execution_date)
        assert file.execution_date >= datetime.now(PARIS).date()

    def test_an_instant_transfer_is_in_a_file_of_its_own_at_once(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16))
        day = date(2031, 1, 18)
        instant = people.payment(stage, status="posted", kind="instant", requested_execution_date=day)
        InstantTransfer.objects.create(
            payment=instant, account=stage.customer, amount=instant.amount, day=day, approved_at=timezone.now()
        )
        people.payment(stage, status="posted", requested_execution_date=day)
        assert settlement.prepare_due(paris("2031-01-18T10:00")) == []
        (file,) = settlement.prepare_instant(paris("2031-01-18T10:00"))
        assert (file.execution_date, [item.payment_id for item in file.items.all()]) == (day, [instant.pk])


class TestApproval:
    def approve(self, stage: people.Stage, due: datetime, day: date) -> workflow.Answer:
        payment = people.payment(stage, status="validated", requested_execution_date=day)
        database.insert(PaymentApproval(payment=payment, stage=0, person=people.person(), given_at=due))
        database.update(PaymentState.objects.filter(pk=payment.pk), due_at=due, execution_date=day)
        (answer,) = workflow.approve(ids=[payment.pk], actor=people.person(entity=stage.entity))
        return answer

    def test_after_the_cut_off_the_new_day_is_kept_recorded_and_said(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16))
        answer = self.approve(stage, datetime(2026, 11, 20, 15, tzinfo=UTC), date(2026, 11, 20))
        state = PaymentState.objects.get(pk=answer.payment_id)
        assert (answer.done, answer.code) == (True, "payment.after_cut_off")
        assert state.execution_date is not None
        assert answer.params == {"execution_date": state.execution_date.isoformat()}
        assert state.execution_date >= datetime.now(PARIS).date()
        assert calendars.is_open(state.execution_date)
        record = AuditRecord.objects.get(action="payment.after_cut_off")
        assert record.details == {"before": "2026-11-20", "execution_date": state.execution_date.isoformat()}
        assert "after the cut-off" in answer.sentence

    def test_in_time_nothing_is_said(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16))
        day = date(2031, 1, 20)
        answer = self.approve(stage, datetime.combine(day, time(16), PARIS), day)
        assert (answer.done, answer.code, answer.sentence) == (True, "", "")
        assert PaymentState.objects.get(pk=answer.payment_id).execution_date == day

    def test_an_amended_day_has_its_own_cut_off(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16))
        payment = people.payment(stage)
        answer = workflow.amend(
            payment_id=payment.pk, actor=people.person(entity=stage.entity), version=1, reason="asked to",
            changes={"requested_execution_date": date(2031, 1, 18)},
        )  # fmt: skip
        assert answer.done
        state = PaymentState.objects.get(pk=payment.pk)
        assert (state.due_at, state.execution_date) == (paris("2031-01-20T16:00"), date(2031, 1, 20))
