"""What should come: rhythms are learnt, what does not come is told once, what comes late or is excused is noted."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import override

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from controls import cases, changes, expected, tasks
from controls.cases import reasons
from controls.expected import announced, learning, looking, queries, rhythms
from controls.models import Alert, Case, Expectation, Occurrence
from documents.models import AuditRecord
from tests import database, people
from tests.controls.cases_scene import ELSEWHERE, Scene, payee, scene
from transactions.models import BankDetails, Calendar, Holiday, Payment, StandingDue, StandingOrder
from transactions.standing import orders

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 17)  # a Wednesday
NUMBER = "DE02120300000000202051"


@pytest.fixture
def here() -> Scene:
    return scene()


def at(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def paid(here: Scene, day: date, amount: str = "1200.00", **fields: Any) -> Payment:
    return here.payment(
        received_at=at(day), amount=amount,
        **{"status": "settled", "creditor_name": "Landlord", "creditor_number": NUMBER, **fields},
    )  # fmt: skip


def series(here: Scene, days: list[date], **fields: Any) -> None:
    of = people.batch(here.stage, channel="api")
    for day in days:
        paid(here, day, in_batch=of, **fields)


def months(number: int, count: int, *, step: int = 1, until: date = TODAY) -> list[date]:
    """So many days of a number, the last before ``until``, moved to open days as TARGET's."""
    days, year, month = [], until.year, until.month
    while len(days) < count:
        day = rhythms.Days().at(date(year, month, number), 1)
        if day < until:
            days.insert(0, day)
        year, month = divmod(year * 12 + month - 1 - step, 12)
        month += 1
    return days


def weeks(count: int, step: int = 7, last: date = date(2026, 6, 15)) -> list[date]:
    return [last - timedelta(days=step * number) for number in reversed(range(count))]


def learn(here: Scene, day: date = TODAY) -> tuple[int, int]:
    return learning.learn(here.stage.entity.pk, now=at(day))


def look(here: Scene, day: date) -> tuple[int, int]:
    return looking.look(here.stage.entity.pk, now=at(day))


def told(alert: Alert, language: str = "en") -> list[str]:
    with override(language):
        return [one.sentence.replace("\u00a0", " ").replace("\u202f", " ") for one in reasons.told([alert])[alert.pk]]


def states() -> list[tuple[date, str]]:
    return list(Occurrence.objects.order_by("due_on").values_list("due_on", "status"))


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


# What the house announces


def standing(here: Scene, **fields: Any) -> StandingOrder:
    """In force, as two people agreed on it."""
    asked = changes.ask_standing(
        actor=people.person(roles.OPERATOR, entity=here.stage.entity), account=here.stage.customer,
        values={"creditor_name": "Landlord", "creditor_number": NUMBER, "amount": Decimal(900),
                "first_on": soon(), **fields},
    )  # fmt: skip
    changes.sign(actor=people.person(roles.OPERATOR, entity=here.stage.entity), request_id=asked.pk)
    return StandingOrder.objects.get(pk=asked.subject_id)


def soon() -> date:
    """An open day in about ten days."""
    return rhythms.Days().at(timezone.localdate() + timedelta(days=10), 1)


def test_a_standing_order_announces_its_dates(here: Scene) -> None:
    order, entity, today = standing(here), here.stage.entity.pk, timezone.localdate()
    standing(here, amount=None, floor=Decimal(0), creditor_number=ELSEWHERE)
    assert announced.announce(entity) == 1
    assert announced.announce(entity) == 0
    look(here, today)
    assert states() == [(soon(), "awaited")]
    orders.suspend(
        actor=people.person(roles.OPERATOR, entity=here.stage.entity), order_id=order.pk, since=today, until=soon(),
        reason="Strike",
    )  # fmt: skip
    assert announced.announce(entity) == 1
    look(here, today)
    assert states() == []
    orders.resume(
        actor=people.person(roles.OPERATOR, entity=here.stage.entity), order_id=order.pk, reason="Over"
    )  # fmt: skip
    assert announced.announce(entity) == 1
    assert look(here, soon() + timedelta(days=7)) == (0, 1)
    assert told(Alert.objects.get())[1] == f"The standing order {order.reference} announced it."
    payment = paid(here, soon(), "900.00")
    database.insert(StandingDue(
        order=order, due_on=soon(), execution_on=soon(), status="made", payment=payment, made_at=timezone.now(),
    ))  # fmt: skip
    assert look(here, soon() + timedelta(days=7)) == (1, 0)
    assert Occurrence.objects.get(status="came").payment == payment
    orders.end(actor=people.person(roles.OPERATOR, entity=here.stage.entity), order_id=order.pk, reason="Moved")
    assert announced.announce(entity) == 1
    assert Expectation.objects.get().end_reason == "order"
    assert announced.announce(entity) == 0


def test_what_is_announced_is_not_learnt_beside(here: Scene) -> None:
    series(here, months(20, 6, until=timezone.localdate()))
    assert learn(here, timezone.localdate()) == (1, 0)
    standing(here)
    announced.announce(here.stage.entity.pk)
    assert list(Expectation.objects.filter(ended_at=None).values_list("origin", flat=True)) == ["announced"]
    assert learn(here, timezone.localdate()) == (0, 0)


# People


def by_hand(here: Scene, **fields: Any) -> Expectation:
    return expected.add(
        actor=here.one, entity=here.stage.entity,
        **{"kind": "payee", "rhythm": "month", "first_on": timezone.localdate() + timedelta(days=20),
           "account": here.stage.customer.pk, "number": NUMBER, "name": "Landlord", "amount": Decimal(700), **fields},
    )  # fmt: skip


def test_what_a_person_ended_is_not_learnt_again(here: Scene) -> None:
    series(here, months(5, 6))
    learn(here)
    look(here, TODAY)
    one = Expectation.objects.get()
    with pytest.raises(BusinessError, match="Say why"):
        expected.end(ids=[one.pk], actor=here.one, reason=" ")
    (answer,) = expected.end(ids=[one.pk], actor=here.one, reason="Moved out")
    assert answer.done
    assert Occurrence.objects.count() == 0
    assert expected.end(ids=[one.pk], actor=here.one, reason="Again")[0].code == "expected.ended"
    assert learn(here) == (0, 0)
    assert look(here, date(2026, 7, 20)) == (0, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Expectation.objects.filter(pk=one.pk).update(ended_at=None, ended_by=None, end_reason="")
    assert [row.history_user for row in one.history.all()] == [here.one]
    assert by_hand(here).is_active, "a person may expect it again"


def test_added_by_hand_it_is_awaited_and_not_learnt_beside(here: Scene) -> None:
    one = by_hand(here)
    assert (one.amount_low, one.amount_high, one.name, one.key) == (
        350, 1400, "Landlord", f"{here.stage.customer.pk} {NUMBER} EUR",
    )  # fmt: skip
    assert Occurrence.objects.get(rhythm_on=one.first_on).status == "awaited"
    with pytest.raises(BusinessError, match="expected already"):
        by_hand(here)
    series(here, months(5, 6, until=timezone.localdate()))
    assert learn(here, timezone.localdate()) == (0, 0)
    file = by_hand(here, kind="file", account=None, source=here.stage.source.pk, amount=None)
    assert (file.name, file.key) == ("Treasurer", f"source {here.stage.source.pk}")


def test_a_payee_by_whatever_name_is_expected_once(here: Scene) -> None:
    """Learnt by the payee; a person adds the payee's number: that alone is expected."""
    of = payee(here)
    BankDetails.objects.create(
        payee=of, entity=here.stage.entity, account_number=NUMBER, valid_from=timezone.now(), added_by=here.one
    )
    series(here, months(5, 6, until=timezone.localdate()), payee=of)
    assert learn(here, timezone.localdate()) == (1, 0)
    learnt = Expectation.objects.get()
    assert (learnt.payee, learnt.number, learnt.key) == (of, "", f"{here.stage.customer.pk} payee {of.pk} EUR")
    by_hand(here)
    announced.announce(here.stage.entity.pk)
    assert list(Expectation.objects.filter(ended_at=None).values_list("origin", flat=True)) == ["by_hand"]
    assert learn(here, timezone.localdate()) == (0, 0)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"rhythm": "moon"}, "expected.rhythm"), ({"kind": "dog"}, "expected.kind"),
        ({"number": ""}, "expected.whose"), ({"account": None}, "expected.whose"),
        ({"first_on": date(1999, 1, 1)}, "expected.first"), ({"rhythm": "week", "tolerance": 4}, "expected.grace"),
        ({"kind": "file"}, "expected.source"), ({"amount": Decimal(0)}, "money.not_positive"),
    ],
)  # fmt: skip
def test_what_cannot_be_expected_is_refused(here: Scene, fault: dict[str, Any], code: str) -> None:
    with pytest.raises(BusinessError) as refused:
        by_hand(here, **fault)
    assert refused.value.code == code
    assert Expectation.objects.count() == 0


def test_an_excused_day_is_not_missing_and_an_excused_alert_is_noted(here: Scene) -> None:
    series(here, weeks(8, last=date(2026, 5, 11)))
    learn(here, date(2026, 5, 12))
    look(here, date(2026, 5, 13))
    first, second = Occurrence.objects.order_by("due_on")[:2]
    (done,) = expected.excuse(ids=[first.pk], actor=here.one, reason="Works closed")
    assert done.done
    assert look(here, date(2026, 5, 29)) == (0, 1)
    assert Alert.objects.get().occurrence_id == second.pk
    answers = expected.excuse(ids=[first.pk, second.pk, 999_999_999], actor=here.other, reason="On strike")
    assert [one.code for one in answers] == ["expected.settled", "", "not_there"]
    case = Case.objects.get()
    record = AuditRecord.objects.get(subject_type="case", subject_id=case.pk, action="case.excused")
    assert (record.reason, record.details["due_on"], case.status) == ("On strike", "2026-05-25", "open")
    assert look(here, date(2026, 5, 29)) == (0, 0)


def test_of_another_entity_it_is_not_there(here: Scene) -> None:
    there = scene("THERE", iban=ELSEWHERE)
    one = by_hand(here)
    due = one.occurrences.get()
    assert [row.code for row in expected.end(ids=[one.pk], actor=there.one, reason="No")] == ["not_there"]
    assert [row.code for row in expected.excuse(ids=[due.pk], actor=there.one, reason="No")] == ["not_there"]
    with pytest.raises(NotThere):
        queries.found(there.one, one.pk)
    with pytest.raises(NotThere):
        expected.add(
            actor=there.one, entity=there.stage.entity, kind="payee", rhythm="month", number=NUMBER, name="X",
            first_on=timezone.localdate(), account=here.stage.customer.pk,
        )  # fmt: skip
    series(here, months(5, 6), creditor_number=ELSEWHERE)
    assert learning.learn(there.stage.entity.pk, now=at(TODAY)) == (0, 0)
    auditor = people.person(roles.AUDITOR, entity=here.stage.entity)
    machine = people.person(roles.SUPERVISOR, entity=here.stage.entity, is_machine=True)
    for actor in (auditor, machine):
        with pytest.raises(Denied):
            expected.end(ids=[one.pk], actor=actor, reason="No")
    assert queries.found(auditor, one.pk) == one


def test_the_case_of_what_is_missing_holds_nothing_and_is_judged(here: Scene) -> None:
    series(here, months(5, 6, until=date(2026, 5, 20)))
    learn(here, date(2026, 5, 20))
    look(here, date(2026, 6, 10))
    case = Case.objects.get()
    (answer,) = cases.hold(ids=[case.pk], actor=here.one, reason="All of it")
    assert answer.code == "case.nothing_to_hold"
    (judged,) = cases.decide(
        ids=[case.pk], actor=here.one, disposition="valuable_alert", cause="rightly_asked", reason="He had forgotten"
    )
    assert judged.done
    now = timezone.now()
    assert cases.labels(now - timedelta(days=1), now + timedelta(days=1)) == []


def test_an_alert_is_of_one_thing(here: Scene) -> None:
    due, payment = by_hand(here).occurrences.get(), here.payment()
    case = here.case()
    for fields in ({}, {"payment": payment, "occurrence": due}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.create(
                entity=here.stage.entity, typology="missing", origin="detector", version="x", score=1, reasons=[],
                raised_at=timezone.now(), case=case, **fields,
            )  # fmt: skip


def test_the_tasks_do_all_of_it(here: Scene) -> None:
    """As the clock wakes them, twice."""
    today = timezone.localdate()
    last = today - timedelta(days=6)
    series(here, weeks(6, last=last))
    for _time in range(2):
        tasks.learn_expected_of(here.stage.entity.pk)
        tasks.look_expected_of(here.stage.entity.pk)
    assert Expectation.objects.get().unit == "week"
    assert Occurrence.objects.filter(status="awaited").count() >= 5
    assert Alert.objects.count() == 0
