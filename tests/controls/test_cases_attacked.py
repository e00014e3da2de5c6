"""Cases as a dishonest person would use them: alone where two are asked, on one's own work, or past the services."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError
from backoffice.people import roles
from controls import cases
from controls.models import Alert, Case, CaseRequest, CaseTick, CaseVerdict, Silence, SuspicionReport
from tests import people
from tests.controls.cases_scene import ELSEWHERE, Scene, payee, row, scene
from transactions.births import cleaned
from transactions.models import PaymentState
from transactions.workflow import amend

pytestmark = pytest.mark.django_db
FALSE = {"disposition": "false_positive", "cause": "known_habit", "reason": "Monthly order"}
RISK = {"disposition": "confirmed_risk", "cause": "fraud_outside", "reason": "Mailbox taken over"}


@pytest.fixture
def here() -> Scene:
    return scene()


def code(answers: list[cases.Answer]) -> str:
    return answers[0].code if not answers[0].done else f"done {answers[0].code}".strip()


def holds(case: Case) -> int:
    return PaymentState.objects.get(pk=Alert.objects.filter(case=case).earliest("pk").payment_id).hold_count


# What two decided


def test_the_second_of_two_who_differ_does_not_then_decide_alone(here: Scene) -> None:
    case = here.case()
    cases.decide(ids=[case.pk], actor=here.one, actions=["hold"], **RISK)
    assert code(cases.decide(ids=[case.pk], actor=here.other, **FALSE)) == "done case.differ"
    assert code(cases.lift(ids=[case.pk], actor=here.other, reason="I say so")) == "case.two_decide"
    assert code(cases.decide(ids=[case.pk], actor=here.other, **FALSE)) == "done case.second_asked"
    assert holds(case) == 1
    assert code(cases.decide(ids=[case.pk], actor=here.third, **FALSE)) == "done"
    assert holds(case) == 0


def test_what_two_stopped_is_not_let_go_by_one_who_opens_it_again(here: Scene) -> None:
    case = here.case()
    for person in (here.one, here.other):
        cases.decide(ids=[case.pk], actor=person, actions=["hold"], **RISK)
    assert code(cases.reopen(ids=[case.pk], actor=here.third, reason="Something new")) == "done"
    assert code(cases.lift(ids=[case.pk], actor=here.third, reason="Fine")) == "case.two_decide"
    for verdict in (FALSE, RISK):
        with transaction.atomic():
            assert code(cases.decide(ids=[case.pk], actor=here.third, **verdict)) == "done case.second_asked"
            transaction.set_rollback(True)
    assert holds(case) == 1


# One's own work


def test_who_made_a_payment_does_not_take_rest_or_tick_its_case(here: Scene) -> None:
    case = here.case(maker=here.one)
    later, of = timezone.now() + timedelta(days=2), [case.pk]
    before = Case.objects.values().get()
    for answers in (
        cases.take(ids=of, actor=here.one), cases.snooze(ids=of, actor=here.one, until=later, reason="Later"),
        cases.ask(ids=of, actor=here.one, addressee="Myself", question="Fine?", due_at=later),
        cases.tick(ids=of, actor=here.one, item="document"),
    ):  # fmt: skip
        assert code(answers) == "case.own_work"
    assert Case.objects.values().get() == before
    assert (CaseRequest.objects.count(), CaseTick.objects.count()) == (0, 0)


def test_who_amended_a_birth_has_amended_the_payment(here: Scene) -> None:
    payment = here.payment()
    case = Case.objects.get(pk=cases.raise_alerts([row(payment)]).cases[0])
    changes = {"creditor_birth": {"born_on": "1961-04-09"}}
    person = people.person(roles.OPERATOR, entity=here.stage.entity)
    people.grant(person, roles.SUPERVISOR, here.stage.entity)
    assert amend(
        payment_id=payment.pk, actor=person, changes=changes, reason="The passport", version=payment.state.version
    ).done
    assert code(cases.decide(ids=[case.pk], actor=person, **FALSE)) == "case.own_work"
    assert payment.history.order_by("-history_date", "-history_id")[0].history_user == person


# Holds


def test_what_joins_a_case_that_holds_waits_with_it(here: Scene) -> None:
    of = payee(here)
    cases.raise_alerts([row(here.payment(payee=of), typology="changed_details")])
    case = Case.objects.get()
    cases.hold(ids=[case.pk], actor=here.one, reason="Wait for the call")
    fresh = here.payment(payee=of)
    assert cases.raise_alerts([row(fresh, typology="changed_details")]).cases == [case.pk]
    assert PaymentState.objects.get(pk=fresh.pk).hold_count == 1
    cases.lift(ids=[case.pk], actor=here.other, reason="Fine")
    assert PaymentState.objects.get(pk=fresh.pk).hold_count == 0


# Raising


def test_what_a_person_sees_again_after_the_case_is_closed_is_another_alert(here: Scene) -> None:
    payment = here.payment()
    said = {"payment_ids": [payment.pk], "typology": "name_unlike", "actor": here.other}
    (first,) = cases.raise_by_hand(reason="Another voice", **said)
    cases.decide(ids=[first.params["case"]], actor=here.one, **FALSE)
    (second,) = cases.raise_by_hand(reason="The holder denies it", **said)
    (third,) = cases.raise_by_hand(reason="The holder denies it", **said)
    assert first.params != second.params == third.params
    assert Case.objects.get(pk=second.params["case"]).status == "open"
    assert Alert.objects.count() == 2


def test_not_more_are_raised_by_hand_than_people_could_look_at(here: Scene) -> None:
    with pytest.raises(BusinessError, match="At most 1000"):
        cases.raise_by_hand(payment_ids=list(range(1, 1002)), typology="fan", reason="All", actor=here.one)


def test_a_measure_said_a_thousand_times_is_kept_once(here: Scene) -> None:
    cases.decide(ids=[here.case().pk], actor=here.one, actions=["hold"] * 1000, **RISK)
    assert CaseVerdict.objects.get().actions == ["hold"]


# Past the services, with the rights of the application


def refused(constraint: str, attempt: Any) -> None:
    with pytest.raises(Error) as fault, transaction.atomic():
        attempt()
    assert fault.value.__cause__.diag.constraint_name == constraint


def given(place: int = 1, **fields: Any) -> dict[str, Any]:
    return {
        "round": 1, "place": place, "disposition": "false_positive", "cause": "known_habit", "reason": "x",
        "given_at": timezone.now(), **fields,
    }  # fmt: skip


def test_no_case_begins_judged(here: Scene) -> None:
    now = timezone.now()
    fields = {
        "entity": here.stage.entity, "typology": "fan", "group": "payee", "group_key": "1", "score": 50,
        "opened_at": now, "last_alert_at": now, "due_at": now,
    }  # fmt: skip
    closed = {"status": "closed", "disposition": "false_positive", "cause": "data", "closed_at": now}
    for more in (closed, {"round": 2}, {"seconding": True}, {"holding": True}):
        refused("case_begins_open", lambda more=more: Case.objects.create(**fields, **more))


def test_no_score_falls_and_no_round_ends_before_its_verdicts(here: Scene) -> None:
    case = here.case(score=85)
    rows = Case.objects.filter(pk=case.pk)
    refused("case_score_stays", lambda: rows.update(score=10))
    refused("case_round_by_verdicts", lambda: rows.update(round=2))
    refused("case_round_by_verdicts", lambda: rows.update(seconding=True))
    cases.decide(ids=[case.pk], actor=here.one, **FALSE)
    refused("case_round_by_verdicts", lambda: rows.update(seconding=False))
    refused("case_round_by_verdicts", lambda: rows.update(seconding=False, round=2))


def test_no_verdict_is_the_only_one_where_two_are_asked(here: Scene) -> None:
    grave, held = here.case(score=85), here.case()
    attempts = [(grave, given()), (held, given(disposition="confirmed_risk", cause="laundering", actions=["hold"]))]
    for case, said in attempts:
        refused(
            "verdict_asks_second",
            lambda case=case, said=said: CaseVerdict.objects.create(case=case, person=here.one, **said),
        )
    for person in (here.one, here.other):
        cases.decide(ids=[held.pk], actor=person, actions=["hold"], **RISK)
    cases.reopen(ids=[held.pk], actor=here.third, reason="New")
    refused(
        "verdict_asks_second",
        lambda: CaseVerdict.objects.create(case=held, person=here.third, **given(round=2)),
    )


def test_no_alert_joins_a_case_of_others_or_before_a_second_person(here: Scene) -> None:
    case, far = here.case(score=85), scene("FAR", ELSEWHERE)
    theirs, ours = far.payment(), here.payment()

    def joins(payment: Any, entity: Any, **fields: Any) -> None:
        Alert.objects.create(**{
            "entity": entity, "payment": payment, "typology": "duplicate", "origin": "model", "version": "x",
            "score": 1, "reasons": [], "raised_at": timezone.now(), "case": case, **fields,
        })  # fmt: skip

    refused("alert_of_the_case", lambda: joins(theirs, here.stage.entity))
    refused("alert_of_the_case", lambda: joins(theirs, far.stage.entity))
    refused("alert_of_the_case", lambda: joins(ours, here.stage.entity, typology="fan"))
    cases.decide(ids=[case.pk], actor=here.one, **FALSE)
    refused("alert_of_the_case", lambda: joins(ours, here.stage.entity))


def test_no_answer_is_written_anew(here: Scene) -> None:
    later = timezone.now() + timedelta(days=1)
    cases.ask(ids=[here.case().pk], actor=here.one, addressee="Bank", question="Who?", due_at=later)
    request = CaseRequest.objects.get()
    cases.answer(request_id=request.pk, actor=here.one, words="Nobody we know")
    refused("case_request_once", lambda: CaseRequest.objects.filter(pk=request.pk).update(answer="An old customer"))


def test_no_silence_is_made_of_what_was_no_false_positive_or_begins_again(here: Scene) -> None:
    risk, false = here.case(), here.case()
    cases.decide(ids=[risk.pk], actor=here.one, **RISK)
    cases.decide(ids=[false.pk], actor=here.one, **FALSE)
    now = timezone.now()

    def quiet(case: Case, **fields: Any) -> None:
        Silence.objects.create(**{
            "entity_id": case.entity_id, "typology": case.typology, "group": case.group, "group_key": case.group_key,
            "case": case, "reason": "x", "made_by": here.one, "made_at": now, "valid_to": now + timedelta(days=9),
            **fields,
        })  # fmt: skip

    refused("silence_of_false_positive", lambda: quiet(risk))
    refused("silence_of_false_positive", lambda: quiet(false, group_key="another"))
    far = now + timedelta(days=400)
    refused("silence_of_false_positive", lambda: quiet(false, made_at=far, valid_to=far + timedelta(days=9)))
    cases.silence(ids=[false.pk], actor=here.one, days=9, reason="Monthly")
    made = Silence.objects.filter(case=false)
    made.update(ended_at=now, ended_by=here.one)
    refused("silence_ends_once", lambda: made.update(ended_at=None, ended_by=None))
    refused("silence_ends_once", lambda: made.update(hidden_count=-1))


def test_no_report_begins_as_filed(here: Scene) -> None:
    refused(
        "suspicion_begins",
        lambda: SuspicionReport.objects.create(
            case=here.case(), facts={}, status="filed", reference="T-1", prepared_by=here.one, ended_at=timezone.now()
        ),
    )


@pytest.mark.parametrize(
    "born", [{"country": "x" * 100_000}, {"town": "\x00"}, {"born_on": "9" * 10_000}, {"town": [[]] * 99}]
)
def test_a_hostile_birth_is_refused_by_its_code(born: Any) -> None:
    with pytest.raises(BusinessError):
        cleaned(born, "creditor_birth")
