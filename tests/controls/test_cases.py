"""Alerts and cases by their services: raised once, gathered, worked on; refusals move nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from controls import cases
from controls.cases import findings, verbs
from controls.models import (
    Alert,
    AlertDue,
    Case,
    CaseRequest,
    CaseTick,
)
from documents.models import AuditRecord
from tests import database, people
from tests.controls import scene as checks
from tests.controls.cases_scene import ELSEWHERE, FALSE, Scene, acts, code, payee, row, scene, standing
from transactions.models import PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


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
