"""Alerts and cases by their services: raised once, gathered, worked on, judged by one or two; refusals move nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from controls import cases
from controls.cases import findings, reports, silences, verbs
from controls.models import (
    Alert,
    AlertDue,
    Case,
    CaseRequest,
    CaseTick,
    CaseVerdict,
    Incident,
    Silence,
    SuspicionReport,
)
from controls.quality import quality
from documents.models import AuditRecord
from tests import database, people
from tests.controls import scene as checks
from tests.controls.cases_scene import ELSEWHERE, Scene, payee, row, scene
from transactions.models import Hold, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db
FALSE: Any = {"disposition": "false_positive", "cause": "known_habit", "reason": "Monthly order"}
RISK: Any = {"disposition": "confirmed_risk", "cause": "fraud_outside", "reason": "Mailbox taken over"}


@pytest.fixture
def here() -> Scene:
    return scene()


def standing() -> tuple[Any, ...]:
    """Everything of cases that an act could move."""
    return (
        list(Case.objects.order_by("pk").values_list()),
        list(CaseVerdict.objects.order_by("pk").values_list()),
        CaseTick.objects.count(), CaseRequest.objects.count(), Incident.objects.count(), Hold.objects.count(),
        AuditRecord.objects.count(),
    )  # fmt: skip


def code(answers: list[cases.Answer]) -> str:
    return answers[0].code if not answers[0].done else f"done {answers[0].code}".strip()


def acts(case: Case) -> list[str]:
    rows = AuditRecord.objects.filter(subject_type="case", subject_id=case.pk).order_by("id")
    return [record.action for record in rows]


# Raising


def test_alerts_of_one_party_and_typology_are_one_case(here: Scene) -> None:
    of = payee(here)
    first, second = (here.payment(payee=of, amount=amount) for amount in ("100.00", "250.00"))
    raised = cases.raise_alerts([
        row(first, typology="changed_details", score=60), row(second, typology="changed_details", score=82),
        row(second, typology="duplicate"),
    ])  # fmt: skip
    assert (raised.made, raised.known, len(raised.cases), len(raised.opened)) == (3, 0, 2, 2)
    case = Case.objects.get(typology="changed_details")
    assert (case.group, case.group_key, case.subject) == ("payee", str(of.pk), "Kervella")
    assert (case.score, case.alert_count, case.status, case.priority) == (82, 2, "open", 820 + 40)
    assert case.due_at - case.opened_at == timedelta(hours=4)
    again = cases.raise_alerts([row(here.payment(payee=of), typology="changed_details", score=10)])
    assert (again.cases, list(again.opened)) == ([case.pk], [])
    case.refresh_from_db()
    assert (case.alert_count, case.score) == (3, 82)
    assert acts(case) == ["case.opened", "case.alerted"]


def test_the_same_alert_twice_is_one(here: Scene) -> None:
    payment = here.payment()
    assert cases.raise_alerts([row(payment), row(payment)]).made == 1
    before = standing()
    again = cases.raise_alerts([row(payment, score=99)])
    assert (again.made, again.known, list(again.cases)) == (0, 1, [])
    assert standing() == before
    assert cases.raise_alerts([row(payment, version="twice 2")]).made == 1
    assert Case.objects.get().alert_count == 2


def test_an_old_case_a_closed_one_and_one_before_a_second_person_are_not_joined(here: Scene) -> None:
    of = payee(here)
    for _number in range(3):
        cases.raise_alerts([row(here.payment(payee=of), typology="changed_details")])
    first = Case.objects.get()
    database.update(Case.objects.all(), last_alert_at=timezone.now() - timedelta(days=15))
    (second_id,) = cases.raise_alerts([row(here.payment(payee=of), typology="changed_details", score=90)]).opened
    assert second_id != first.pk
    assert code(cases.decide(ids=[second_id], actor=here.one, **FALSE)) == "done case.second_asked"
    (third_id,) = cases.raise_alerts([row(here.payment(payee=of), typology="changed_details")]).opened
    assert code(cases.decide(ids=[third_id], actor=here.one, **FALSE)) == "done"
    assert len(cases.raise_alerts([row(here.payment(payee=of), typology="changed_details")]).opened) == 1


@pytest.mark.parametrize(
    ("fault", "refusal"),
    [
        ({"typology": "horoscope"}, "alert.typology_unknown"),
        ({"origin": "person"}, "alert.origin_unknown"),
        ({"score": 101}, "alert.score"),
        ({"reasons": []}, "alert.reasons_missing"),
        ({"reasons": [{"code": "unheard_of", "weight": 1}]}, "alert.reason_malformed"),
        ({"reasons": [{"sentence_en": "Only one language", "weight": 1}]}, "alert.reason_malformed"),
        ({"payment": 999_999_999}, "alert.payment_unknown"),
    ],
)
def test_a_malformed_row_raises_nothing(here: Scene, fault: dict[str, Any], refusal: str) -> None:
    before = standing()
    with pytest.raises(BusinessError) as refused:
        cases.raise_alerts([row(here.payment()), {**row(here.payment()), **fault}])
    assert refused.value.code == refusal
    assert standing() == before


def test_raising_many_costs_a_constant_number_of_queries(here: Scene) -> None:
    def cost(number: int) -> int:
        rows = [row(here.payment(creditor_number=f"X{people.next_number()}")) for _one in range(number)]
        with CaptureQueriesContext(
            connection,
        ) as counted:
            cases.raise_alerts(rows)
        return len(counted)

    assert cost(2) == cost(30)


def test_findings_become_alerts_with_sentences_that_quote_the_payment() -> None:
    there = checks.scene()
    payment = there.payment(creditor_number=checks.OTHER_IBAN)
    usual = there.payment()
    checks.judge(payment, usual)
    assert [due.payment_id for due in AlertDue.objects.all()] == [payment.pk]
    assert findings.raise_due() == 1
    assert findings.raise_due() == 0
    assert not AlertDue.objects.exists()
    alert = Alert.objects.get(typology="changed_details")
    assert (alert.payment_id, alert.origin, alert.score) == (payment.pk, "rule", 85)
    assert alert.version == "NUMBER-UNLIKE 1"
    (told,) = cases.reasons.told([alert])[alert.pk]
    assert told.sentence == checks.found(payment)["NUMBER-UNLIKE"]
    assert (told.rule, told.weight, told.share) == ("NUMBER-UNLIKE", 60, 100)
    assert not Alert.objects.filter(payment=usual).exists()


def test_a_check_that_is_undone_leaves_nothing_to_look_at() -> None:
    there = checks.scene()
    payment = there.payment(creditor_number=checks.OTHER_IBAN)
    with transaction.atomic():
        checks.judge(payment)
        transaction.set_rollback(True)
    assert not AlertDue.objects.exists()


def test_a_person_raises_by_hand(here: Scene) -> None:
    operator = people.person(roles.OPERATOR, entity=here.stage.entity)
    mine, elsewhere = here.payment(), people.payment(people.bank_branch("ELSE", iban=ELSEWHERE))
    said = {"typology": "name_unlike", "reason": "The voice was another one"}
    answers = cases.raise_by_hand(payment_ids=[mine.pk, elsewhere.pk], actor=operator, **said)
    assert [(one.done, one.code) for one in answers] == [(True, ""), (False, "not_there")]
    alert = Alert.objects.get()
    assert (alert.origin, alert.raised_by, alert.case_id) == ("person", operator, answers[0].params["case"])
    assert cases.reasons.told([alert])[alert.pk][0].sentence == "Raised by hand: The voice was another one"
    again = cases.raise_by_hand(payment_ids=[mine.pk], actor=operator, **said)
    assert again[0].params == answers[0].params
    assert Alert.objects.count() == 1
    with pytest.raises(Denied):
        cases.raise_by_hand(payment_ids=[mine.pk], actor=people.person(roles.AUDITOR), **said)
    with pytest.raises(BusinessError, match="Say why"):
        cases.raise_by_hand(payment_ids=[mine.pk], actor=operator, typology="name_unlike", reason=" ")


# Daily work


def test_a_case_is_taken_given_on_and_released(here: Scene) -> None:
    case = here.case()
    assert code(cases.take(ids=[case.pk], actor=here.one)) == "done"
    case.refresh_from_db()
    assert (case.status, case.assignee, case.version) == ("working", here.one, 2)
    before = standing()
    assert code(cases.take(ids=[case.pk], actor=here.other)) == "case.assigned"
    assert code(cases.take(ids=[case.pk], actor=here.one, versions={case.pk: 1})) == "conflict.version"
    assert code(cases.release(ids=[case.pk], actor=here.other)) == "case.reason_required"
    assert code(cases.assign(ids=[case.pk], actor=here.other, person_id=here.third.pk)) == "case.reason_required"
    auditor = people.person(roles.AUDITOR, entity=here.stage.entity)
    assert code(cases.assign(ids=[case.pk], actor=here.one, person_id=auditor.pk)) == "case.not_theirs"
    assert standing() == before
    assert code(cases.assign(ids=[case.pk], actor=here.other, person_id=here.third.pk, reason="Away")) == "done"
    assert code(cases.release(ids=[case.pk], actor=here.third)) == "done"
    case.refresh_from_db()
    assert (case.status, case.assignee) == ("open", None)
    assert acts(case) == ["case.opened", "case.taken", "case.assigned", "case.released"]


def test_nobody_is_given_what_they_had_a_hand_in(here: Scene) -> None:
    case = here.case(maker=here.other)
    assert code(cases.assign(ids=[case.pk], actor=here.one, person_id=here.other.pk)) == "case.concerned"
    assert [one.person for one in cases.suggested(case)] == [here.one, here.third]


def test_the_least_loaded_is_suggested_first_then_who_knows_the_typology(here: Scene) -> None:
    cases.take(ids=[here.case().pk], actor=here.one)
    known = here.case()
    cases.decide(ids=[known.pk], actor=here.third, **FALSE)
    told = [(one.person, one.load, one.known) for one in cases.suggested(here.case())]
    assert told == [(here.third, 0, 1), (here.other, 0, 0), (here.one, 1, 0)]


def test_a_snoozed_case_comes_back_with_its_due_time_moved(here: Scene) -> None:
    case = here.case()
    until = timezone.now() + timedelta(days=2)
    assert code(cases.snooze(ids=[case.pk], actor=here.one, until=until, reason="Closed until Monday")) == "done"
    assert code(cases.snooze(ids=[case.pk], actor=here.one, until=until, reason="Again")) == "case.rests"
    for moment in (timezone.now(), timezone.now() + timedelta(days=91)):
        with pytest.raises(BusinessError):
            cases.snooze(ids=[case.pk], actor=here.one, until=moment, reason="x")
    assert verbs.come_back() == 0
    due = case.due_at
    database.update(Case.objects.filter(pk=case.pk), paused_at=timezone.now() - timedelta(hours=5))
    assert verbs.come_back(until) == 1
    assert verbs.come_back(until) <= 1
    case.refresh_from_db()
    assert (case.status, case.snoozed_until) == ("open", None)
    assert timedelta(hours=5) <= case.due_at - due < timedelta(hours=6)
    assert acts(case)[:3] == ["case.opened", "case.snoozed", "case.came_back"]


def test_a_graver_alert_wakes_a_snoozed_case(here: Scene) -> None:
    of = payee(here)
    cases.raise_alerts([row(here.payment(payee=of), typology="unusual_amount", score=50)])
    case = Case.objects.get()
    cases.snooze(ids=[case.pk], actor=here.one, until=timezone.now() + timedelta(days=2), reason="Later")
    cases.raise_alerts([row(here.payment(payee=of), typology="unusual_amount", score=45)])
    case.refresh_from_db()
    assert case.status == "snoozed"
    cases.raise_alerts([row(here.payment(payee=of), typology="unusual_amount", score=88)])
    case.refresh_from_db()
    assert (case.status, case.score) == ("open", 88)


def test_what_is_overdue_goes_to_the_top_once(here: Scene) -> None:
    case = here.case()
    low = case.priority
    assert verbs.come_back(case.due_at) == 1
    assert verbs.come_back(case.due_at) == 0
    case.refresh_from_db()
    assert case.priority == low + 500


def test_escalating_ticking_commenting(here: Scene) -> None:
    case = here.case()
    cases.take(ids=[case.pk], actor=here.one)
    assert code(cases.escalate(ids=[case.pk], actor=here.other, reason="Too large")) == "case.assigned"
    assert code(cases.escalate(ids=[case.pk], actor=here.one, reason="Too large")) == "done"
    case.refresh_from_db()
    assert (case.status, case.assignee, case.priority) == ("escalated", None, 700 + 40 + 300)
    assert code(cases.tick(ids=[case.pk], actor=here.other, item="document")) == "done"
    assert code(cases.tick(ids=[case.pk], actor=here.other, item="tarot")) == "case.item_unknown"
    assert list(CaseTick.objects.values_list("item", "ticked_by")) == [("document", here.other.pk)]
    assert code(cases.tick(ids=[case.pk], actor=here.other, item="document", done=False)) == "done"
    assert not CaseTick.objects.exists()
    assert code(cases.comment(ids=[case.pk], actor=here.other, words="Called twice")) == "done"
    assert AuditRecord.objects.get(action="case.commented").reason == "Called twice"


def test_what_is_asked_makes_the_case_wait_until_it_is_answered(here: Scene) -> None:
    case = here.case()
    later = timezone.now() + timedelta(days=1)
    assert (
        code(cases.ask(ids=[case.pk], actor=here.one, addressee="Purchasing", question="Who?", due_at=later)) == "done"
    )
    case.refresh_from_db()
    assert (case.status, case.paused_at is not None) == ("waiting", True)
    assert code(cases.decide(ids=[case.pk], actor=here.one, **FALSE)) == "case.waits"
    request = CaseRequest.objects.get()
    assert cases.answer(request_id=request.pk, actor=here.other, words="We did").done
    assert cases.answer(request_id=request.pk, actor=here.other, words="Again").code == "case.request_answered"
    case.refresh_from_db()
    assert (case.status, case.paused_at) == ("open", None)


def test_links_are_of_the_same_entity_and_stand_once(here: Scene) -> None:
    case, second = here.case(), here.case()
    theirs = scene("THEIRS", ELSEWHERE)
    assert (
        code(cases.link(ids=[case.pk], actor=here.one, kind="other", target=second.pk, note="Same mailbox")) == "done"
    )
    assert code(cases.link(ids=[case.pk], actor=here.one, kind="other", target=second.pk)) == "case.linked"
    assert code(cases.link(ids=[case.pk], actor=here.one, kind="other", target=case.pk)) == "case.link_itself"
    assert code(cases.link(ids=[case.pk], actor=here.one, kind="account", target=here.stage.customer.pk)) == "done"
    with pytest.raises(NotThere):
        cases.link(ids=[case.pk], actor=here.one, kind="account", target=theirs.stage.customer.pk)
    link = case.links.get(other=second)
    assert cases.unlink(link_id=link.pk, actor=here.one).done
    assert case.links.count() == 1


# Holding


def test_a_case_holds_its_payments_and_lets_them_go(here: Scene) -> None:
    case = here.case()
    payment = Alert.objects.get(case=case).payment
    (held,) = cases.hold(ids=[case.pk], actor=here.one, reason="Wait for the call")
    assert (held.code, held.params) == ("case.held", {"payments": 1})
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 1
    assert code(cases.hold(ids=[case.pk], actor=here.one, reason="Again")) == "case.holds"
    made = people.person(roles.SUPERVISOR, entity=here.stage.entity)
    PaymentApproval.objects.create(payment=payment, stage=0, person=made, given_at=timezone.now())
    assert code(cases.lift(ids=[case.pk], actor=made, reason="Fine")) == "case.signed"
    (lifted,) = cases.lift(ids=[case.pk], actor=here.other, reason="Fine")
    assert lifted.params == {"payments": 1}
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 0


def test_a_payment_in_two_cases_goes_on_when_both_let_it(here: Scene) -> None:
    payment = here.payment()
    raised = cases.raise_alerts([row(payment), row(payment, typology="name_unlike")])
    first, second = sorted(raised.cases)
    cases.hold(ids=[first, second], actor=here.one, reason="Both")
    (lifted,) = cases.lift(ids=[first], actor=here.one, reason="One is fine")
    assert lifted.params == {"payments": 0}
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 1
    cases.lift(ids=[second], actor=here.one, reason="So is the other")
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 0


# Deciding


def test_one_person_closes_what_needs_no_second(here: Scene) -> None:
    case = here.case()
    assert code(cases.decide(ids=[case.pk], actor=here.one, **FALSE)) == "done"
    case.refresh_from_db()
    assert (case.status, case.disposition, case.cause) == ("closed", "false_positive", "known_habit")
    before = standing()
    for answers in (
        cases.decide(ids=[case.pk], actor=here.other, **RISK), cases.take(ids=[case.pk], actor=here.other),
        cases.comment(ids=[case.pk], actor=here.other, words="Late"),
        cases.tick(ids=[case.pk], actor=here.other, item="document"),
        cases.hold(ids=[case.pk], actor=here.other, reason="Late"),
    ):  # fmt: skip
        assert code(answers) == "case.closed"
    assert standing() == before


def test_a_risk_to_stop_takes_a_second_person_who_does_not_see_the_first(here: Scene) -> None:
    case = here.case()
    payment = Alert.objects.get(case=case).payment
    first = cases.decide(ids=[case.pk], actor=here.one, actions=["reject"], **RISK)
    assert code(first) == "done case.second_asked"
    case.refresh_from_db()
    assert (case.status, case.seconding, case.holding, case.disposition) == ("working", True, True, "")
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 1
    assert cases.verdicts(case, here.other) == []
    assert [one.disposition for one in cases.verdicts(case, here.one)] == ["confirmed_risk"]
    said = AuditRecord.objects.get(action="case.judged")
    assert (said.details, said.reason) == ({"step": "second_asked"}, "")
    before = standing()
    assert code(cases.decide(ids=[case.pk], actor=here.one, **RISK)) == "case.same_person"
    assert code(cases.lift(ids=[case.pk], actor=here.one, reason="Alone")) == "case.seconding"
    assert standing() == before
    assert code(cases.decide(ids=[case.pk], actor=here.other, actions=["reject"], **RISK)) == "done"
    case.refresh_from_db()
    assert (case.status, case.disposition) == ("closed", "confirmed_risk")
    assert PaymentState.objects.get(pk=payment.pk).status == "rejected"
    assert [one.person for one in cases.verdicts(case, here.third)] == [here.one, here.other]


def test_only_what_both_asked_for_is_done(here: Scene) -> None:
    case = here.case()
    payment = Alert.objects.get(case=case).payment
    cases.decide(ids=[case.pk], actor=here.one, actions=["hold", "reject"], **RISK)
    cases.decide(ids=[case.pk], actor=here.other, actions=["hold"], **RISK)
    state = PaymentState.objects.get(pk=payment.pk)
    assert (state.status, state.hold_count) == ("checked", 1)


def test_two_who_differ_escalate_and_the_next_round_is_open_to_all(here: Scene) -> None:
    case = here.case()
    cases.decide(ids=[case.pk], actor=here.one, actions=["hold"], **RISK)
    assert code(cases.decide(ids=[case.pk], actor=here.other, **FALSE)) == "done case.differ"
    case.refresh_from_db()
    assert (case.status, case.round, case.seconding, case.holding) == ("escalated", 2, False, True)
    assert [one.disposition for one in cases.verdicts(case, here.third)] == ["confirmed_risk", "false_positive"]
    assert code(cases.decide(ids=[case.pk], actor=here.third, **FALSE)) == "done"
    payment = Alert.objects.get(case=case).payment
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 0


def test_from_80_on_a_second_person_is_asked_whatever_was_said(here: Scene) -> None:
    case = here.case(score=80)
    assert code(cases.decide(ids=[case.pk], actor=here.one, **FALSE)) == "done case.second_asked"
    assert code(cases.decide(ids=[case.pk], actor=here.other, **FALSE)) == "done"
    payment = Alert.objects.get(case=case).payment
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 0
    assert code(cases.decide(ids=[here.case(score=79).pk], actor=here.one, **FALSE)) == "done"


def test_nobody_judges_their_own_work_and_no_program_does(here: Scene) -> None:
    made, signed = here.case(maker=here.one), here.case()
    payment = Alert.objects.get(case=signed).payment
    PaymentApproval.objects.create(payment=payment, stage=0, person=here.one, given_at=timezone.now())
    machine = people.person(roles.SUPERVISOR, entity=here.stage.entity, is_machine=True)
    before = standing()
    answers = cases.decide(ids=[made.pk, signed.pk], actor=here.one, **FALSE)
    assert [one.code for one in answers] == ["case.own_work", "case.signed"]
    with pytest.raises(Denied):
        cases.decide(ids=[made.pk], actor=machine, **FALSE)
    with pytest.raises(Denied):
        cases.decide(ids=[made.pk], actor=people.person(roles.AUDITOR, entity=here.stage.entity), **FALSE)
    assert cases.decide(ids=[made.pk], actor=scene("FAR", ELSEWHERE).one, **FALSE)[0].code == "not_there"
    for wrong in ({**FALSE, "cause": "fraud_outside"}, {**FALSE, "actions": ["hold"]}, {**RISK, "actions": ["burn"]}):
        with pytest.raises(BusinessError):
            cases.decide(ids=[made.pk], actor=here.other, **wrong)  # type: ignore[arg-type]
    assert Case.objects.exclude(status="open").count() == 0
    assert standing()[:2] == before[:2]


def test_a_case_is_opened_again_and_judged_anew(here: Scene) -> None:
    case = here.case()
    assert code(cases.reopen(ids=[case.pk], actor=here.other, reason="?")) == "case.not_closed"
    cases.decide(ids=[case.pk], actor=here.one, **FALSE)
    assert code(cases.reopen(ids=[case.pk], actor=here.other, reason="It happened again")) == "done"
    case.refresh_from_db()
    assert (case.status, case.round, case.disposition, case.assignee) == ("open", 2, "", None)
    assert cases.labels(timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1)) == []
    assert code(cases.decide(ids=[case.pk], actor=here.one, **RISK)) == "done"
    assert len(cases.verdicts(case, here.third)) == 2


def test_an_incident_is_decided_in_bulk(here: Scene) -> None:
    many = [here.case() for _one in range(3)]
    ids = [one.pk for one in many]
    gathered = cases.gather(ids=ids, actor=here.one, kind="file", label="SALARIES-11.xml")
    incident = Incident.objects.get()
    assert {one.params["incident"] for one in gathered} == {incident.pk}
    other = here.case()
    assert code(cases.gather(ids=[other.pk], actor=here.one, incident_id=incident.pk)) == "done case.gathered"
    assert code(cases.gather(ids=ids[:1], actor=here.one, kind="file", label="Another")) == "case.in_incident"
    assert [one.done for one in cases.decide(ids=[*ids, other.pk], actor=here.one, **FALSE)] == [True] * 4
    assert set(incident.cases.values_list("status", flat=True)) == {"closed"}


def test_verbs_cost_the_same_for_many_cases(here: Scene) -> None:
    later = timezone.now() + timedelta(days=1)
    verbs_of = {
        "take": {}, "assign": {"person_id": here.one.pk}, "hold": {"reason": "x"}, "lift": {"reason": "x"},
        "comment": {"words": "x"}, "tick": {"item": "document"}, "release": {},
        "link": {"kind": "account", "target": here.stage.customer.pk}, "snooze": {"until": later, "reason": "x"},
        "wake": {}, "decide": FALSE, "silence": {"days": 30, "reason": "x"}, "reopen": {"reason": "x"},
    }  # fmt: skip
    few, many = ([here.case(creditor_name=f"P{n}").pk for n in range(number)] for number in (2, 20))
    cases.comment(ids=few, actor=here.one, words="The person's rights are asked for once")
    for verb, said in verbs_of.items():
        cost = []
        for ids in (few, many):
            with CaptureQueriesContext(connection) as counted:
                answers = getattr(cases, verb)(ids=ids, actor=here.one, **said)
            assert all(one.done for one in answers), (verb, answers[0])
            cost.append(len(counted))
        assert cost[0] == cost[1], (verb, cost)


def test_labels_are_what_closed_cases_say_of_payments(here: Scene) -> None:
    since = timezone.now()
    payment = here.payment()
    raised = cases.raise_alerts([row(payment), row(payment, typology="name_unlike")])
    wrong, right = sorted(raised.cases)
    worth = here.case()
    cases.decide(ids=[wrong], actor=here.one, **FALSE)
    cases.decide(ids=[right], actor=here.one, **RISK)
    valuable = {"disposition": "valuable_alert", "cause": "error_caught", "reason": "Paid the old price"}
    cases.decide(ids=[worth.pk], actor=here.one, **valuable)
    here.case()
    told = cases.labels(since, timezone.now())
    assert [(one.payment_id, one.label, one.case_id) for one in told] == [
        (payment.pk, 1, right), (Alert.objects.get(case=worth).payment_id, 2, worth.pk),
    ]  # fmt: skip
    assert told[0].known_at == Case.objects.get(pk=right).closed_at
    known_before = cases.labels(since, told[0].known_at)
    assert [(one.payment_id, one.label) for one in known_before] == [(payment.pk, 0)]


# The database


def test_the_database_refuses_what_the_services_would_not_do(here: Scene) -> None:
    case, closed = here.case(score=85), here.case()
    cases.decide(ids=[closed.pk], actor=here.one, **FALSE)
    now = timezone.now()
    given = {"round": 1, "place": 1, "disposition": "confirmed_risk", "cause": "laundering", "reason": "x",
             "given_at": now}  # fmt: skip

    def refused(constraint: str, attempt: Any) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            attempt()

    def close(one: Case) -> None:
        Case.objects.filter(pk=one.pk).update(
            status="closed", disposition="confirmed_risk", cause="laundering", closed_at=now
        )

    refused("case is closed by a verdict", lambda: close(case))
    refused("case is closed", lambda: Case.objects.filter(pk=closed.pk).update(cause="one_off"))
    refused("case is closed", lambda: CaseTick.objects.create(case=closed, item="document", ticked_by=here.one))
    refused("takes no such verdict", lambda: CaseVerdict.objects.create(case=closed, person=here.other, **given))
    first = {**given, "actions": ["hold"], "asks_second": True}
    CaseVerdict.objects.create(case=case, person=here.one, **first)
    refused("two people", lambda: close(case))
    Case.objects.filter(pk=case.pk).update(seconding=True)
    second = {**given, "place": 2}
    refused("verdict_person_once", lambda: CaseVerdict.objects.create(case=case, person=here.one, **second))
    machine = people.person(roles.SUPERVISOR, is_machine=True)
    refused("People judge", lambda: CaseVerdict.objects.create(case=case, person=machine, **second))
    own = here.case(maker=here.one)
    refused("made, amended or signed", lambda: CaseVerdict.objects.create(case=own, person=here.one, **given))


# Reports of suspicion


def test_a_report_is_known_to_those_with_the_right_alone(here: Scene) -> None:
    case = here.case()
    reporter = people.person(roles.REPORTER, entity=here.stage.entity)
    before, trail_before = Case.objects.filter(pk=case.pk).values().get(), acts(case)
    made = reports.prepare(actor=reporter, case_id=case.pk)
    assert made.facts["payments"][0]["amount"] == "150.00"
    assert made.facts["alerts"][0]["reasons"] == Alert.objects.get().reasons
    with pytest.raises(BusinessError, match="a draft of this case"):
        reports.prepare(actor=reporter, case_id=case.pk)
    with pytest.raises(BusinessError, match="needs its analysis"):
        reports.file(actor=reporter, report_id=made.pk, reference="T-1")
    written = reports.write(actor=reporter, report_id=made.pk, analysis="Money goes through.", version=1)
    assert written.version == 2
    reports.file(actor=reporter, report_id=made.pk, reference="T-1")
    with pytest.raises(BusinessError, match="filed or given up"):
        reports.drop(actor=reporter, report_id=made.pk, reason="No")
    for person in (here.one, people.person(roles.AUDITOR), people.person(roles.ADMINISTRATOR)):
        assert reports.of_case(person, case) == []
        for attempt in (
            lambda who=person: reports.found(who, made.pk),
            lambda who=person: reports.prepare(actor=who, case_id=case.pk),
        ):
            with pytest.raises(Denied):
                attempt()
    far = people.person(roles.REPORTER, entity=people.bank_branch("FAR", iban=ELSEWHERE).entity)
    with pytest.raises(NotThere):
        reports.found(far, made.pk)
    assert Case.objects.filter(pk=case.pk).values().get() == before
    assert acts(case) == trail_before
    assert not AuditRecord.objects.filter(action__startswith="suspicion", entity_id__isnull=False).exists()
    assert [one.status for one in reports.of_case(reporter, case)] == ["filed"]
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        SuspicionReport.objects.filter(pk=made.pk).update(analysis="Other")


def test_what_a_case_says_counts_in_the_precision_of_its_rule() -> None:
    there = checks.scene()
    payment = there.payment(creditor_number=checks.OTHER_IBAN)
    checks.judge(payment)
    findings.raise_due()
    day = (checks.NOON - timedelta(days=1), checks.NOON + timedelta(days=1))

    def precision() -> tuple[int, int]:
        found = quality([there.stage.entity.pk], *day)
        (line,) = [one for one in found.lines if one.code == "NUMBER-UNLIKE"]
        return line.confirmed, line.cleared

    assert precision() == (0, 0)
    case = Case.objects.get(typology="changed_details")
    for name in ("One", "Other"):
        supervisor = people.person(roles.SUPERVISOR, entity=there.stage.entity, name=name)
        cases.decide(ids=[case.pk], actor=supervisor, **FALSE)
    assert precision() == (0, 1)
    cases.reopen(ids=[case.pk], actor=supervisor, reason="It was not")
    for name in ("Third", "Fourth"):
        supervisor = people.person(roles.SUPERVISOR, entity=there.stage.entity, name=name)
        cases.decide(ids=[case.pk], actor=supervisor, **RISK)
    assert precision() == (1, 0)


def test_a_silence_hides_alerts_like_a_false_positive_until_its_day(here: Scene) -> None:
    of = payee(here)

    def raised(score: int = 50, **later: Any) -> cases.Raised:
        return cases.raise_alerts([row(here.payment(payee=of), typology="unusual_amount", score=score)], **later)

    (case_id,) = raised().opened
    case = Case.objects.get(pk=case_id)
    assert code(cases.silence(ids=[case_id], actor=here.one, days=180, reason="Monthly")) == "case.not_closed"
    cases.decide(ids=[case_id], actor=here.one, **FALSE)
    for days in (0, 181):
        with pytest.raises(BusinessError, match="180 days"):
            cases.silence(ids=[case_id], actor=here.one, days=days, reason="Monthly")
    assert code(cases.silence(ids=[case_id], actor=here.one, days=180, reason="Monthly")) == "done"
    assert code(cases.silence(ids=[case_id], actor=here.other, days=30, reason="Again")) == "silence.in_force"
    quiet = case.silences.get()
    hidden = raised()
    assert (hidden.made, hidden.silenced, list(hidden.cases)) == (0, 1, [])
    graver = raised(score=80)
    assert (graver.made, graver.silenced, len(graver.opened)) == (1, 0, 1)
    by_hand = cases.raise_by_hand(
        payment_ids=[here.payment(payee=of).pk], typology="unusual_amount", reason="Odd", actor=here.one
    )
    assert by_hand[0].done
    assert cases.raise_alerts([row(here.payment(payee=of), typology="changed_details")]).made == 1
    quiet.refresh_from_db()
    assert quiet.hidden_count == 1
    assert raised(now=quiet.valid_to).made == 1
    silences.end(silence_id=quiet.pk, actor=here.other)
    assert raised().made == 1
    with pytest.raises(BusinessError, match="over"):
        silences.end(silence_id=quiet.pk, actor=here.other)
    with pytest.raises(NotThere):
        silences.end(silence_id=quiet.pk, actor=scene("FAR", ELSEWHERE).one)
    risk = here.case()
    cases.decide(ids=[risk.pk], actor=here.one, **RISK)
    assert code(cases.silence(ids=[risk.pk], actor=here.one, days=9, reason="x")) == "silence.of_false_positive"
    with pytest.raises(IntegrityError, match="silence_bounded"), transaction.atomic():
        Silence.objects.create(
            entity=here.stage.entity, typology="unusual_amount", group="payee", group_key=str(of.pk), case=case,
            reason="x", made_by=here.one, made_at=timezone.now(), valid_to=timezone.now() + timedelta(days=181),
        )  # fmt: skip
