"""What should come, announced by the house or said by people: ended, excused, judged; each entity its own."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from controls import cases, changes, expected, tasks
from controls.expected import announced, learning, queries, rhythms
from controls.models import Alert, Case, Expectation, Occurrence
from documents.models import AuditRecord
from tests import database, people
from tests.controls.cases_scene import ELSEWHERE, Scene, payee, scene
from tests.controls.expected_scene import (
    NUMBER,
    TODAY,
    at,
    by_hand,
    learn,
    look,
    months,
    paid,
    series,
    states,
    told,
    weeks,
)
from transactions.models import BankDetails, StandingDue, StandingOrder
from transactions.standing import orders

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


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
