"""Cases at once: the same alert from two workers, two second verdicts, a verdict and an alert; a task that is lost."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from backoffice.common.errors import BusinessError
from controls import cases, tasks
from controls.cases import findings
from controls.models import Alert, AlertDue, Case, CaseVerdict
from tests.controls import scene as checks
from tests.controls.cases_scene import payee, row, scene
from transactions import workflow
from transactions.models import PaymentState

pytestmark = pytest.mark.django_db(transaction=True)
RISK: Any = {"disposition": "confirmed_risk", "cause": "fraud_outside", "reason": "Mailbox taken over"}
FALSE: Any = {"disposition": "false_positive", "cause": "known_habit", "reason": "Monthly order"}


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run them in threads that start together; what each answered, or the refusal."""
    told: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int) -> None:
        try:
            start.wait(10)
            told[place] = acts[place]()
        except BusinessError as refused:
            told[place] = refused.code
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return told


def test_the_same_alerts_from_several_workers_are_one_case() -> None:
    here = scene()
    of = payee(here)
    payments = [here.payment(payee=of) for _one in range(4)]
    rows = [row(one, typology="changed_details") for one in payments]
    told = at_once(*(lambda: cases.raise_alerts(rows) for _worker in range(4)))
    assert sorted(one.made for one in told) == [0, 0, 0, 4]
    assert Case.objects.get().alert_count == Alert.objects.count() == 4


def test_of_two_second_verdicts_one_counts() -> None:
    here = scene()
    case = here.case(score=90)
    cases.decide(ids=[case.pk], actor=here.one, **FALSE)
    told = at_once(
        lambda: cases.decide(ids=[case.pk], actor=here.other, **FALSE)[0],
        lambda: cases.decide(ids=[case.pk], actor=here.third, **FALSE)[0],
    )
    assert sorted((one.done, one.code) for one in told) == [(False, "case.closed"), (True, "")]
    assert CaseVerdict.objects.count() == 2


def test_two_first_verdicts_are_a_first_and_a_second() -> None:
    here = scene()
    case = here.case(score=90)
    told = at_once(
        lambda: cases.decide(ids=[case.pk], actor=here.other, **RISK)[0],
        lambda: cases.decide(ids=[case.pk], actor=here.third, **RISK)[0],
    )
    assert sorted((one.done, one.code) for one in told) == [(True, ""), (True, "case.second_asked")]
    case.refresh_from_db()
    assert (case.status, list(case.verdicts.order_by("place").values_list("place", flat=True))) == ("closed", [1, 2])


def test_an_alert_beside_the_closing_verdict_is_in_a_case_that_is_open_or_was_judged_with_it() -> None:
    here = scene()
    of = payee(here)
    cases.raise_alerts([row(here.payment(payee=of), typology="changed_details")])
    case = Case.objects.get()
    fresh = row(here.payment(payee=of), typology="changed_details")
    at_once(
        lambda: cases.decide(ids=[case.pk], actor=here.one, **FALSE), lambda: cases.raise_alerts([fresh])
    )  # fmt: skip
    assert Alert.objects.count() == 2
    case.refresh_from_db()
    assert (case.status, case.alert_count) == ("closed", case.alerts.count())
    assert Case.objects.count() == 3 - case.alert_count


def test_a_hold_begun_while_another_case_lifts_its_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    here = scene()
    payment = here.payment()
    first, second = sorted(cases.raise_alerts([row(payment), row(payment, typology="name_unlike")]).cases)
    cases.hold(ids=[first], actor=here.one, reason="Wait")
    lift, held, lifting = workflow.lift_by_check, threading.Event(), threading.Event()

    def slow(**said: Any) -> int:
        lifting.set()
        held.wait(1)
        return lift(**said)

    def hold() -> None:
        lifting.wait(10)
        cases.hold(ids=[second], actor=here.other, reason="Wait for this, too")
        held.set()

    monkeypatch.setattr(workflow, "lift_by_check", slow)
    at_once(lambda: cases.lift(ids=[first], actor=here.one, reason="Fine"), hold)
    assert Case.objects.get(pk=second).holding
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 1


def test_what_a_lost_task_left_is_raised_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "enqueue", lambda *_task: None)
    there = checks.scene()
    payment = there.payment(creditor_number=checks.OTHER_IBAN)
    checks.judge(payment)
    assert (Alert.objects.count(), AlertDue.objects.count()) == (0, 1)
    tasks.watch_cases()
    assert Alert.objects.get().payment_id == payment.pk
    assert not AlertDue.objects.exists()
    tasks.watch_cases()
    assert Case.objects.get().alert_count == 1
