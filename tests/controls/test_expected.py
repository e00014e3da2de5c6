"""What should come: rhythms are learnt, what does not come is told once, what comes late is noted."""

import random
from datetime import date, timedelta
from unittest import mock

import pytest

from controls.expected import rhythms
from controls.models import Alert, Case, Expectation, Occurrence
from documents.models import AuditRecord
from tests import people
from tests.controls.cases_scene import ELSEWHERE, Scene, scene
from tests.controls.expected_scene import NUMBER, TODAY, at, learn, look, months, paid, series, states, told, weeks
from transactions.models import Calendar, Holiday

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


# Learning


@pytest.mark.parametrize(
    ("days", "unit", "every", "following"),
    [
        (weeks(4), "week", 1, date(2026, 6, 22)),
        (weeks(9), "week", 1, date(2026, 6, 22)),
        (weeks(6, step=14), "week", 2, date(2026, 6, 29)),
        (months(5, 6), "month", 1, date(2026, 7, 5)),
        (months(15, 8, step=3), "month", 3, date(2026, 9, 15)),
        ([date(year, 3, 20) for year in (2023, 2024, 2025, 2026)], "year", 1, date(2027, 3, 20)),
    ],
    ids=["week", "weeks", "fortnight", "month", "quarter", "year"],
)
def test_each_rhythm_is_learnt(here: Scene, days: list[date], unit: str, every: int, following: date) -> None:
    series(here, days)
    assert learn(here) == (1, 0)
    one = Expectation.objects.get()
    assert (one.kind, one.origin, one.unit, one.every) == ("payee", "learnt", unit, every)
    assert (one.account, one.number, one.name, one.currency) == (here.stage.customer, NUMBER, "Landlord", "EUR")
    assert (one.amount, one.spread, one.learnt_from, one.last_seen_on) == (1200, 0, len(days), days[-1])
    assert one.next_on
    assert abs((one.next_on - following).days) <= 2
    before = list(Expectation.objects.values_list())
    assert learn(here) == (0, 0)
    assert list(Expectation.objects.values_list()) == before


def test_the_last_open_day_of_each_month_is_learnt(here: Scene) -> None:
    ends = [date(2025, 12, 31), date(2026, 1, 30), date(2026, 2, 27), date(2026, 3, 31), date(2026, 4, 30),
            date(2026, 5, 29)]  # fmt: skip
    series(here, ends)
    assert learn(here) == (1, 0)
    look(here, TODAY)
    assert states() == [(date(2026, 6, 30), "awaited")]
    look(here, date(2026, 6, 28))
    assert states() == [(date(2026, 6, 30), "awaited"), (date(2026, 7, 31), "awaited")]


def test_incoming_payments_and_files_are_learnt(here: Scene) -> None:
    series(
        here, months(10, 6), kind="incoming", debtor_account=None, debtor_name="Tenant", debtor_number=NUMBER,
        creditor_account=here.stage.customer, creditor_number=here.stage.customer.iban,
    )  # fmt: skip
    for day in weeks(5):
        with mock.patch("django.utils.timezone.now", return_value=at(day)):
            people.batch(here.stage)
    assert learn(here) == (2, 0)
    payer, file = Expectation.objects.get(kind="payer"), Expectation.objects.get(kind="file")
    assert (payer.account, payer.number, payer.name, payer.unit) == (here.stage.customer, NUMBER, "Tenant", "month")
    assert (file.source, file.name, file.unit, file.amount) == (here.stage.source, "Treasurer", "week", None)


def test_odd_amounts_between_do_not_hide_a_rhythm(here: Scene) -> None:
    series(here, months(5, 8))
    for day, amount in ((date(2026, 1, 19), "30.00"), (date(2026, 2, 20), "9000.00"), (date(2026, 4, 22), "41.00")):
        paid(here, day, amount)
    assert learn(here) == (1, 0)
    one = Expectation.objects.get()
    assert (one.unit, one.amount_low, one.amount_high) == ("month", 600, 2400)


@pytest.mark.parametrize("status", ["rejected", "cancelled"])
def test_what_was_refused_and_what_is_over_is_no_rhythm(here: Scene, status: str) -> None:
    series(here, months(5, 6), status=status)
    series(here, months(5, 6, until=date(2026, 4, 1)), creditor_number="DE89370400440532013000")
    series(here, months(5, 3), creditor_number="FR7630006000011234567890189")
    assert learn(here) == (0, 0)


def test_nothing_is_learnt_from_chance(here: Scene) -> None:
    """In the house with some series, and of the rhythms alone with many: at most one in a thousand."""
    chance = random.Random(11)
    for number in range(25):
        days = sorted({TODAY - timedelta(days=chance.randrange(2, 500)) for _one in range(chance.randrange(4, 14))})
        series(here, days, creditor_number=f"DE{number:020}", amount=str(chance.randrange(10, 9000)))
    assert learn(here) == (0, 0)
    found = 0
    for _number in range(2000):
        far = chance.choice((60, 200, 600, 1500))
        days = sorted({TODAY - timedelta(days=chance.randrange(far)) for _one in range(chance.randrange(4, 20))})
        found += rhythms.learn(days[-24:], rhythms.Days()) is not None
    assert found <= 2


def test_jitter_within_the_tolerance_is_still_a_rhythm() -> None:
    chance = random.Random(5)
    for _number in range(50):
        days = [day + timedelta(days=chance.randrange(-2, 3)) for day in months(12, 10)]
        learnt = rhythms.learn(days, rhythms.Days())
        assert learnt is not None
        assert (learnt.shape.unit, learnt.shape.every) == ("month", 1)


# Looking


def test_what_does_not_come_is_one_alert_that_says_why(here: Scene) -> None:
    series(here, months(5, 6, until=date(2026, 5, 20)))
    learn(here, date(2026, 5, 20))
    assert look(here, date(2026, 6, 4)) == (0, 0)
    assert look(here, date(2026, 6, 9)) == (0, 0), "the fifth is a Friday: two open days of grace end on the ninth"
    assert look(here, date(2026, 6, 10)) == (0, 1)
    assert look(here, date(2026, 6, 11)) == (0, 0)
    alert = Alert.objects.get()
    case = alert.case
    assert (alert.payment, alert.typology, alert.origin, alert.score) == (None, "missing", "detector", 46)
    assert (case.group, case.group_key, case.subject) == (
        "account", str(here.stage.customer.pk), here.stage.customer.name,
    )  # fmt: skip
    assert told(alert) == [
        "A payment of about €1,200.00 to Landlord was expected by 5 Jun 2026.",
        "The last 6 came between day 5 and day 7 of the month.",
    ]
    assert told(alert, "fr") == [
        "Un paiement d’environ 1 200,00 € à Landlord était attendu au plus tard le 5 juin 2026.",
        "Les 6 derniers sont arrivés entre le 5 et le 7 du mois.",
    ]
    assert [row.action for row in AuditRecord.objects.filter(subject_type="case")] == ["case.opened"]


def test_every_day_and_number_of_the_reasons_is_true(here: Scene) -> None:
    days = weeks(7, last=date(2026, 5, 18))
    series(here, days)
    learn(here, date(2026, 5, 20))
    look(here, date(2026, 6, 1))
    alert = Alert.objects.get()
    assert alert.occurrence
    assert alert.occurrence.due_on == date(2026, 5, 25)
    assert told(alert)[1] == "The last 6 came 7 to 7 days apart, the last on 18 May 2026."


def test_what_comes_within_the_tolerance_is_there(here: Scene) -> None:
    series(here, months(5, 6, until=date(2026, 5, 20)))
    learn(here, date(2026, 5, 20))
    payment = paid(here, date(2026, 6, 8), "1250.00")
    assert look(here, date(2026, 6, 10)) == (1, 0)
    one = Occurrence.objects.get(status="came")
    assert (one.payment, one.came_on, one.late) == (payment, date(2026, 6, 8), False)
    assert Alert.objects.count() == 0


def test_another_amount_number_account_or_currency_is_not_it(here: Scene) -> None:
    series(here, months(5, 6, until=date(2026, 5, 20)))
    learn(here, date(2026, 5, 20))
    on = date(2026, 6, 5)
    paid(here, on, "15.00")
    paid(here, on, creditor_number=ELSEWHERE)
    paid(here, on, currency="CHF")
    paid(here, on, status="rejected")
    paid(here, on, debtor_account=here.stage.bank)
    assert look(here, date(2026, 6, 10)) == (0, 1)


def test_a_late_arrival_is_noted_and_people_close_the_case(here: Scene) -> None:
    series(here, months(5, 6, until=date(2026, 5, 20)))
    learn(here, date(2026, 5, 20))
    look(here, date(2026, 6, 10))
    payment = paid(here, date(2026, 6, 12))
    assert look(here, date(2026, 6, 12)) == (1, 0)
    one = Occurrence.objects.get(payment=payment)
    assert (one.status, one.late, one.came_on) == ("came", True, date(2026, 6, 12))
    case = Case.objects.get()
    assert case.status == "open"
    record = AuditRecord.objects.get(subject_type="case", subject_id=case.pk, action="case.arrived")
    assert (record.details["day"], record.details["payment"]) == ("2026-06-12", payment.pk)
    assert look(here, date(2026, 6, 13)) == (0, 0)


def test_a_task_that_was_away_catches_up(here: Scene) -> None:
    """Weekly, and nobody looked for five weeks: each day is told once, what came is not."""
    series(here, weeks(8, last=date(2026, 5, 11)))
    learn(here, date(2026, 5, 12))
    paid(here, date(2026, 5, 25))
    assert look(here, TODAY) == (1, 3)
    assert look(here, TODAY) == (0, 0)
    assert states()[:5] == [
        (date(2026, 5, 18), "missing"), (date(2026, 5, 25), "came"), (date(2026, 6, 1), "missing"),
        (date(2026, 6, 8), "missing"), (date(2026, 6, 15), "awaited"),
    ]  # fmt: skip
    assert (Alert.objects.count(), Case.objects.count()) == (3, 1)


def test_a_silent_rhythm_is_given_up_and_learnt_again(here: Scene) -> None:
    series(here, weeks(8, last=date(2026, 5, 11)))
    learn(here, date(2026, 5, 12))
    assert look(here, date(2026, 6, 12)) == (0, 3)
    one = Expectation.objects.get()
    assert (one.is_active, one.ended_by, one.end_reason) == (False, None, "silent")
    assert look(here, date(2026, 7, 30)) == (0, 0)
    series(here, weeks(24, last=date(2026, 11, 23)))
    assert learn(here, date(2026, 11, 24)) == (1, 0)


def test_days_that_fall_on_closed_days_move(here: Scene) -> None:
    """The first of May, closed in TARGET and a Friday; of August, a Saturday; the house closes one day more."""
    calendar = Calendar.objects.create(entity=here.stage.entity, code="HOUSE", name="House")
    Holiday.objects.create(calendar=calendar, day=date(2026, 8, 3), name="Fair")
    dues = {}
    for name, of in (("target", rhythms.Days()), ("house", rhythms.Days.of(calendar))):
        shape = rhythms.Shape("month", 1, date(2026, 1, 1))
        dues[name] = [rhythms.due(shape, day, of, 1, 2) for day in (date(2026, 5, 1), date(2026, 8, 1))]
    assert [one[0] for one in dues["target"]] == [date(2026, 5, 4), date(2026, 8, 3)]
    assert [one[3] for one in dues["target"]] == [date(2026, 5, 6), date(2026, 8, 5)]
    assert [one[0] for one in dues["house"]] == [date(2026, 5, 4), date(2026, 8, 4)]
    assert dues["target"][0][2] == date(2026, 5, 30), "the day before the window of the first of June begins"
