"""Cases judged by one or two, what the database refuses, reports of suspicion, silences; refusals move nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from controls import cases
from controls.cases import findings, reports, silences
from controls.models import (
    Alert,
    Case,
    CaseTick,
    CaseVerdict,
    Incident,
    Silence,
    SuspicionReport,
)
from controls.quality import quality
from documents.models import AuditRecord
from tests import people
from tests.controls import scene as checks
from tests.controls.cases_scene import ELSEWHERE, FALSE, RISK, Scene, acts, code, payee, row, scene, standing
from transactions.models import PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    return scene()


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
