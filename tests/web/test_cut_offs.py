"""Cut-offs on the screens and in the API: who will miss one, what is said after it, and the rules and calendars."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.common import formats
from backoffice.people import roles
from backoffice.people.models import User
from documents.models import AuditRecord
from tests import database, people
from tests.api.client import Program
from tests.web.desk import signed_in
from transactions.models import Calendar, CutOff, Hold, Holiday, Payment, PaymentApproval, PaymentState
from transactions.queries import forecast

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def _measured_anew() -> None:
    cache.delete(forecast.KEY)


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


@pytest.fixture
def supervisor(stage: people.Stage) -> User:
    return people.person(roles.SUPERVISOR, entity=stage.entity)


@pytest.fixture
def desk(supervisor: User) -> Client:
    return signed_in(supervisor)


def decided(stage: people.Stage, person: User, minutes_ago: float, action: str = "payment.validated") -> None:
    database.as_owner(
        "insert into documents_auditrecord (occurred_at, entity_id, subject_type, subject_id, action, actor_id, "
        "reason, data) values (now() - %s * interval '1 minute', %s, 'payment', 1, %s, %s, '', '{}')",
        [minutes_ago, stage.entity.pk, action, person.pk],
    )


def works(stage: people.Stage, person: User, *, each: float, last: float = 1) -> None:
    """Ten decisions, one after the other."""
    for number in range(10, -1, -1):
        decided(stage, person, last + number * each)


def waiting(stage: people.Stage, minutes: float, **fields: Any) -> Payment:
    """A payment whose cut-off is in so many minutes."""
    payment = people.payment(stage, **fields)
    moment = timezone.now() + timedelta(minutes=minutes)
    database.update(PaymentState.objects.filter(pk=payment.pk), due_at=moment, execution_date=moment.date())
    return payment


def text(answer: Any) -> str:
    return re.sub("<[^>]+>", "", answer.content.decode())


def listed(answer: Any) -> list[int]:
    return [int(key) for key in re.findall(r'<tr data-row="(\d+)"', answer.content.decode())]


class TestTheForecast:
    def test_who_will_miss_it_at_the_pace_of_one_person(self, stage: people.Stage, desk: Client) -> None:
        """The k-th needs k times four minutes, then three (assumed) for the second approval; twenty are left."""
        works(stage, people.person(entity=stage.entity), each=4)
        made = [waiting(stage, 20) for _ in range(10)]
        answer = desk.get("/queue/?view=miss")
        assert listed(answer) == [payment.pk for payment in made[4:]]
        assert answer.context["counts"]["miss"] == 6
        every = desk.get("/queue/")
        assert [row.will_miss for row in every.context["rows"]] == [False] * 4 + [True] * 6
        assert every.content.decode().count("will miss it") == 6
        paces = {row.pace.stage: row.pace for row in answer.context["paces"]}
        assert (round(paces["checked"].minutes, 2), paces["checked"].decisions, paces["checked"].present) == (4, 10, 1)
        assert (paces["validated"].minutes, paces["validated"].measured, paces["validated"].present) == (3, False, 0)
        page = answer.content.decode()
        assert "the median of the last 14 days" in page.lower()
        assert "assumed" in page

    def test_two_persons_are_twice_as_fast_and_one_who_left_is_not_counted(
        self, stage: people.Stage, desk: Client
    ) -> None:
        works(stage, people.person(entity=stage.entity), each=4)
        works(stage, people.person(entity=stage.entity), each=4, last=2)
        works(stage, people.person(entity=stage.entity), each=4, last=61)
        made = [waiting(stage, 25) for _ in range(14)]
        answer = desk.get("/queue/?view=miss")
        # The eleventh needs eleven times two minutes, then three; the ninth second approval comes after 27 minutes.
        assert listed(answer) == [payment.pk for payment in made[8:]]
        assert [row.pace.present for row in answer.context["paces"]] == [2, 0]

    def test_many_at_once_share_the_time_and_pauses_do_not_count(self, stage: people.Stage, desk: Client) -> None:
        person = people.person(entity=stage.entity)
        decided(stage, person, 100)
        decided(stage, person, 31)
        for at in (21, 11, 1):
            for _ in range(5):
                decided(stage, person, at)
        pace = forecast.paces([stage.entity.pk])[stage.entity.pk, "checked"]
        assert (round(pace.minutes, 2), pace.decisions) == (2, 15), "ten minutes for five"

    def test_second_approvals_wait_for_their_own_people(self, stage: people.Stage, desk: Client) -> None:
        person = people.person(entity=stage.entity)
        for number in range(10, -1, -1):
            decided(stage, person, 1 + number * 5, "payment.approved")
        made = [waiting(stage, 12, status="validated") for _ in range(4)]
        assert listed(desk.get("/queue/?view=miss")) == [payment.pk for payment in made[2:]]

    def test_who_comes_first_in_the_queue_is_served_first(self, stage: people.Stage, desk: Client) -> None:
        works(stage, people.person(entity=stage.entity), each=4)
        last, first = waiting(stage, 9), waiting(stage, 9)
        database.update(PaymentState.objects.filter(pk=first.pk), priority=90)
        assert listed(desk.get("/queue/?view=miss")) == [last.pk]

    def test_what_is_held_past_or_without_a_cut_off_is_not_told(self, stage: people.Stage, desk: Client) -> None:
        works(stage, people.person(entity=stage.entity), each=10)
        held, past = waiting(stage, 5), waiting(stage, -5)
        Hold.objects.create(payment=held, code="person", placed_at=timezone.now())
        database.update(PaymentState.objects.filter(pk=held.pk), hold_count=1)
        without = people.payment(stage)
        database.update(PaymentState.objects.filter(pk=without.pk), due_at=timezone.now() + timedelta(minutes=1))
        answer = desk.get("/queue/?view=miss")
        assert listed(answer) == []
        assert "No payment will miss its cut-off" in answer.content.decode()
        assert past.pk in listed(desk.get("/queue/"))

    def test_another_entity_is_not_counted(self, stage: people.Stage, desk: Client) -> None:
        other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
        waiting(other, 1)
        answer = desk.get("/queue/?view=miss")
        assert (listed(answer), answer.context["counts"]["miss"]) == ([], 0)

    def test_the_queue_costs_the_same_for_any_number(self, stage: people.Stage, desk: Client) -> None:
        counts = []
        for _round in range(2):
            for _ in range(10):
                waiting(stage, 1)
            for view in ("", "?view=miss"):
                desk.get(f"/queue/{view}")
                with CaptureQueriesContext(connection) as ran:
                    desk.get(f"/queue/{view}")
                counts.append(len(ran))
        assert counts[:2] == counts[2:]

    def test_the_dashboard_says_why_and_leads_to_the_payments(self, stage: people.Stage, desk: Client) -> None:
        works(stage, people.person(entity=stage.entity), each=4)
        moment = timezone.now() + timedelta(minutes=20)
        made = [waiting(stage, 20) for _ in range(6)]
        database.update(PaymentState.objects.filter(pk__in=[one.pk for one in made]), due_at=moment)
        answer = desk.get("/dashboard/")
        (row,) = answer.context["closings"]
        assert (row.scheme, row.closing.first, row.closing.later, row.closing.missing, row.closing.held) == (
            "SEPA credit transfer", 6, 0, 2, 0,
        )  # fmt: skip
        assert "6 first approvals at 4 min each, 1 person present: 24 min" in row.because
        assert "at 3 min each, nobody present: 18 min; " in row.because
        page = answer.content.decode()
        assert row.because in page.replace("&#x27;", "'")
        assert listed(desk.get(row.miss_url)) == [payment.pk for payment in made[4:]]
        assert listed(desk.get(row.first_url)) == [payment.pk for payment in made]
        assert listed(desk.get(row.first_url.replace("scheme=sepa", "scheme=core"))) == []


class TestAfterTheCutOff:
    def test_the_queue_and_the_page_say_when_it_goes(self, stage: people.Stage, desk: Client) -> None:
        people.cut_off(stage.entity, time(16))
        payment = waiting(stage, -30, requested_execution_date=date(2026, 11, 20))
        goes = forecast.times([payment.pk], timezone.now())[payment.pk].execution_date
        assert f"goes on {formats.day(goes)}" in text(desk.get("/queue/"))
        page = text(desk.get(f"/payments/{payment.pk}/"))
        card = page[page.index("Asked for") :]
        assert "after cut-off" in card
        assert formats.day(goes) in card

    def test_the_page_counts_the_minutes_and_says_what_a_miss_costs(self, stage: people.Stage, desk: Client) -> None:
        people.cut_off(stage.entity, time(16))
        payment = people.payment(stage, requested_execution_date=date(2031, 1, 17))
        page = desk.get(f"/payments/{payment.pk}/").content.decode()
        card = page[page.index('id="timing"') :]
        assert f'datetime="{datetime(2031, 1, 17, 15, tzinfo=ZoneInfo("UTC")).isoformat()}"' in card
        assert "data-until" in card
        assert f"after the cut-off it goes on {formats.day(date(2031, 1, 20))}" in re.sub("<[^>]+>", "", card)

    def test_an_approval_after_it_is_told_the_new_day(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16))
        payment = waiting(stage, -30, status="validated", requested_execution_date=date(2026, 11, 20))
        database.update(PaymentState.objects.filter(pk=payment.pk), execution_date=date(2026, 11, 20))
        database.insert(PaymentApproval(payment=payment, stage=0, person=people.person(), given_at=timezone.now()))
        client = signed_in(people.person(entity=stage.entity))
        client.post(f"/payments/{payment.pk}/approve/", {"version": "1"})
        state = PaymentState.objects.get(pk=payment.pk)
        assert state.status in {"approved", "posted"}
        assert state.execution_date is not None
        assert f"goes on {formats.day(state.execution_date)}" in client.get("/queue/").content.decode()
        assert "missed the cut-off" in client.get(f"/payments/{payment.pk}/").content.decode()


class TestTheApi:
    def test_payments_say_their_cut_off_and_who_will_miss_it(self, stage: people.Stage, supervisor: User) -> None:
        works(stage, people.person(entity=stage.entity), each=4)
        soon, later, none = waiting(stage, 5), waiting(stage, 600), people.payment(stage)
        program = Program(supervisor)
        items = {item["id"]: item for item in program.get("/payments").json()["items"]}
        state = PaymentState.objects.get(pk=soon.pk)
        assert datetime.fromisoformat(items[soon.pk]["cut_off_at"]) == state.due_at
        assert [items[one.pk]["will_miss"] for one in (soon, later, none)] == [True, False, False]
        assert (items[none.pk]["cut_off_at"], items[none.pk]["execution_date"]) == (None, None)
        assert items[later.pk]["execution_date"] == (timezone.now() + timedelta(minutes=600)).date().isoformat()

        def found(**query: Any) -> set[int]:
            return {item["id"] for item in program.get("/payments", **query).json()["items"]}

        assert found(will_miss="true") == {soon.pk}
        assert found(will_miss="false") == {later.pk, none.pk}
        assert found(cut_off_to=(timezone.now() + timedelta(hours=1)).isoformat()) == {soon.pk}
        assert found(cut_off_from=(timezone.now() + timedelta(hours=1)).isoformat()) == {later.pk}

    def test_a_payment_says_its_times(self, stage: people.Stage, supervisor: User) -> None:
        rule = people.cut_off(stage.entity, time(16))
        payment = people.payment(stage, requested_execution_date=date(2031, 1, 18))
        told = Program(supervisor).get(f"/payments/{payment.pk}").json()["times"]
        assert told == {
            "cut_off_at": "2031-01-20T15:00:00Z", "execution_date": "2031-01-20", "credit_by": "2031-01-21",
            "missed": False, "rule": rule.pk,
        }  # fmt: skip

    def test_what_is_entered_has_its_cut_off(self, stage: people.Stage, supervisor: User) -> None:
        people.cut_off(stage.entity, time(16), channel="api")
        answer = Program(supervisor).post("/payments", {"payments": [{
            "debtor_account": people.CUSTOMER_IBAN, "creditor_name": "Kervella", "amount": "1.00", "currency": "EUR",
            "creditor_account": people.PAYEE_IBAN, "requested_execution_date": "2031-01-20", "end_to_end_id": "A",
        }]})  # fmt: skip
        (made,) = answer.json()["payments"]
        assert (made["cut_off_at"], made["execution_date"], made["due_at"]) == (
            "2031-01-20T15:00:00Z", "2031-01-20", "2031-01-20T15:00:00Z",
        )  # fmt: skip

    def test_an_approval_after_it_answers_the_new_day(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16))
        payment = waiting(stage, -30, status="validated", requested_execution_date=date(2026, 11, 20))
        database.update(PaymentState.objects.filter(pk=payment.pk), execution_date=date(2026, 11, 20))
        database.insert(PaymentApproval(payment=payment, stage=0, person=people.person(), given_at=timezone.now()))
        person = people.person(entity=stage.entity)
        client = signed_in(person)
        answer = client.post("/api/v1/payments/approve", {"ids": [payment.pk]}, content_type="application/json")
        (told,) = answer.json()["answers"]
        state = PaymentState.objects.get(pk=payment.pk)
        assert state.execution_date is not None
        assert (told["done"], told["code"]) == (True, "payment.after_cut_off")
        assert told["params"] == {"execution_date": state.execution_date.isoformat()}

    def test_rules_and_calendars(self, stage: people.Stage, supervisor: User) -> None:
        program = Program(supervisor)
        calendar = program.post("/calendars", {"code": "fr", "name": "France"}).json()
        days = [{"day": "2091-07-14", "name": "Fête nationale"}, {"day": "2091-08-15", "name": "Assomption"}]
        closed = program.post(f"/calendars/{calendar['id']}/close", {"holidays": days}).json()
        assert [(one["day"], one["name"]) for one in closed["holidays"]] == [
            (day["day"], day["name"]) for day in days
        ]  # fmt: skip
        again = program.post(f"/calendars/{calendar['id']}/close", {"holidays": days[:1]})
        assert (again.status_code, again.json()["code"]) == (409, "calendar.closed_already")
        opened = program.post(f"/holidays/{closed['holidays'][0]['id']}/open", {"reason": "worked"})
        assert opened.json()["day"] == "2091-07-14"
        asked = {
            "account": stage.customer.pk, "scheme": "sepa", "local_time": "15:00", "calendar": calendar["id"],
            "days_before": 1, "valid_from": "2091-01-01",
        }  # fmt: skip
        made = program.post("/cut-offs", asked)
        assert made.status_code == 201
        assert program.post("/cut-offs", asked).json()["code"] == "cut_off.tie"
        key = made.json()["id"]
        changed = program.post(
            f"/cut-offs/{key}/change", {"local_time": "14:00", "valid_from": "2091-01-01", "reason": "earlier"}
        )
        assert (changed.json()["local_time"], changed.json()["calendar"], changed.json()["scheme"]) == (
            "14:00:00", None, "sepa",
        )  # fmt: skip
        versions = program.get(f"/cut-offs/{key}").json()["versions"]
        assert [(one["local_time"], one["change"], one["changed_by"]["name"]) for one in versions] == [
            ("15:00:00", "+", supervisor.full_name), ("14:00:00", "~", supervisor.full_name),
        ]  # fmt: skip
        assert program.post(f"/cut-offs/{key}/withdraw", {"reason": "a mistake"}).json()["id"] == key
        assert program.get("/cut-offs").json()["items"] == []

    def test_the_next_days(self, stage: people.Stage, supervisor: User) -> None:
        calendar = Calendar.objects.create(entity=stage.entity, code="ALL", name="Every day", target=False, weekend=[])
        today = datetime.now(PARIS).date()
        Holiday.objects.create(calendar=calendar, day=today + timedelta(days=2), name="Fête")
        rule = people.cut_off(stage.entity, time(16), calendar=calendar, days_before=1)
        items = Program(supervisor).get("/cut-offs/week", days=4).json()["items"]
        assert [(item["rule"], item["closed"], item["name"]) for item in items] == [
            (rule.pk, False, ""), (rule.pk, False, ""), (rule.pk, True, "Fête"), (rule.pk, False, ""),
        ]  # fmt: skip
        assert datetime.fromisoformat(items[1]["cut_off_at"]) == datetime.combine(
            today + timedelta(days=1), time(16), PARIS
        )
        assert items[1]["execution_date"] == (today + timedelta(days=3)).isoformat(), "the day between is closed"
        assert items[2]["cut_off_at"] is None


class TestTheScreen:
    def test_it_shows_the_week_the_rules_and_who_may_change_them(self, stage: people.Stage, desk: Client) -> None:
        people.cut_off(stage.entity, time(16))
        people.cut_off(stage.entity, time(15), account=stage.customer, scheme="core", days_before=1)
        page = desk.get("/cut-offs/").content.decode()
        assert "BANK-CUST · Direct debit CORE" in page
        assert "1 working day before" in page
        assert page.count(">16:00<") == sum(
            1 for number in range(7) if not _closed(datetime.now(PARIS).date() + timedelta(days=number))
        )
        assert "Add a cut-off" in page
        reading = signed_in(people.person(roles.OPERATOR, entity=stage.entity)).get("/cut-offs/").content.decode()
        assert "Every payment" in reading
        assert "Add a cut-off" not in reading

    def test_a_rule_is_added_changed_and_withdrawn(self, stage: people.Stage, desk: Client) -> None:
        hour = {"mode": "time", "time_zone": "Europe/Paris", "days_before": "0", "valid_from": "2091-01-01"}
        address = f"/cut-offs/{stage.entity.pk}/new/"
        assert desk.get(address).status_code == 200
        wrong = desk.post(address, {**hour, "scheme": "sepa"})
        assert wrong.status_code == 422
        assert "Give the hour of the cut-off" in wrong.content.decode()
        answer = desk.post(address, {**hour, "scheme": "sepa", "local_time": "16:00"}, follow=True)
        assert "SEPA credit transfer: the cut-off counts from" in answer.content.decode()
        again = desk.post(address, {**hour, "scheme": "sepa", "local_time": "15:00"})
        assert again.status_code == 422
        assert "begins on the same day" in again.content.decode()
        rule = CutOff.objects.get()
        changed = desk.post(f"/cut-offs/rules/{rule.pk}/", {**hour, "local_time": "15:00", "reason": "earlier"})
        assert changed.status_code == 302
        assert CutOff.objects.get().local_time == time(15)
        page = desk.get(f"/cut-offs/rules/{rule.pk}/").content.decode()
        assert "hour: 16:00 → 15:00" in page
        assert desk.post(f"/cut-offs/rules/{rule.pk}/withdraw/", {"reason": " "}).status_code == 422
        assert CutOff.objects.exists()
        desk.post(f"/cut-offs/rules/{rule.pk}/withdraw/", {"reason": "a mistake"})
        assert not CutOff.objects.exists()
        assert "withdrew the cut-off" in desk.get("/cut-offs/").content.decode()

    def test_a_rule_that_has_begun_is_followed_not_changed(self, stage: people.Stage, desk: Client) -> None:
        rule = people.cut_off(stage.entity, time(16), scheme="sepa")
        page = desk.get(f"/cut-offs/rules/{rule.pk}/").content.decode()
        assert "has begun and stays as it was" in page
        form = desk.get(f"/cut-offs/{stage.entity.pk}/new/?after={rule.pk}").content.decode()
        assert 'value="16:00"' in form
        refused = desk.post(f"/cut-offs/rules/{rule.pk}/withdraw/", {"reason": "x"})
        assert refused.status_code == 422
        assert CutOff.objects.filter(pk=rule.pk).exists()

    def test_a_calendar_is_added_with_its_holidays(self, stage: people.Stage, desk: Client) -> None:
        address = f"/cut-offs/{stage.entity.pk}/calendars/new/"
        desk.post(address, {"code": "fr", "name": "France", "target": "on", "weekend": ["6", "7"]})
        calendar = Calendar.objects.get()
        assert (calendar.code, calendar.weekend, calendar.target) == ("FR", [6, 7], True)
        close = f"/cut-offs/calendars/{calendar.pk}/close/"
        wrong = desk.post(close, {"holidays": "2091-07-14 Fête nationale\n15 août"})
        assert wrong.status_code == 422
        assert "Line 2 is not a date and a name" in wrong.content.decode()
        assert not Holiday.objects.exists()
        desk.post(close, {"holidays": "2091-07-14 Fête nationale\n\n2091-08-15; Assomption"})
        assert list(Holiday.objects.values_list("day", "name")) == [
            (date(2091, 7, 14), "Fête nationale"), (date(2091, 8, 15), "Assomption"),
        ]  # fmt: skip
        first = Holiday.objects.earliest("day")
        page = desk.post(f"/cut-offs/holidays/{first.pk}/open/", {"reason": "worked"}, follow=True).content.decode()
        assert "is a working day again" in page
        assert Holiday.objects.count() == 1
        kinds = AuditRecord.objects.filter(subject_type="calendar").order_by("id").values_list("action", flat=True)
        assert list(kinds) == ["calendar.added", "calendar.closed", "calendar.opened"]

    def test_in_french(self, stage: people.Stage) -> None:
        people.cut_off(stage.entity, time(16), days_before=2)
        person = people.person(roles.SUPERVISOR, entity=stage.entity, language="fr")
        page = signed_in(person).get("/cut-offs/").content.decode()
        assert "Heures limites" in page
        assert "2 jours ouvrés avant" in page


def _closed(day: date) -> bool:
    from backoffice.common import calendars

    return not calendars.is_open(day)
