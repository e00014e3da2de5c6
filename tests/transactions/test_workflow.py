"""The verbs: who may, from where, with what answer, and what is on record afterwards."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied
from backoffice.people.models import Limit
from controls import approvals
from controls.models import ApprovalPolicy
from documents.models import AuditRecord
from tests import database, people
from transactions import ledger, workflow
from transactions.models import AccountBalance, Hold, Payment, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(10000), approvals=2)
    return stage


def status(payment: Payment) -> tuple[str, int]:
    state = PaymentState.objects.get(pk=payment.pk)
    return state.status, state.version


def acts(payment: Payment) -> list[tuple[str, int | None]]:
    rows = AuditRecord.objects.filter(subject_type="payment", subject_id=payment.pk).order_by("id")
    return [(row.action, row.actor_id) for row in rows]


def only(answers: list[workflow.Answer]) -> workflow.Answer:
    assert len(answers) == 1
    return answers[0]


def test_one_validates_and_another_approves(stage: people.Stage) -> None:
    payment = people.payment(stage, amount="9999.99")
    first, second = people.person(), people.person()
    assert only(approvals.validate(ids=[payment.pk], actor=first)).done
    assert status(payment) == ("validated", 2)
    assert PaymentState.objects.get(pk=payment.pk).approvals_required == 1
    assert only(workflow.approve(ids=[payment.pk], actor=second)).done
    assert status(payment)[0] == "approved"
    assert [(a.stage, a.person_id) for a in PaymentApproval.objects.order_by("stage")] == [
        (0, first.pk),
        (1, second.pk),
    ]
    assert acts(payment)[:2] == [("payment.validated", first.pk), ("payment.approved", second.pk)] or [
        action for action, _actor in acts(payment) if action != "payment.funds_reserved"
    ] == ["payment.validated", "payment.approved"]
    assert AccountBalance.objects.get(account=stage.customer).held == Decimal("9999.99")


def test_a_large_amount_needs_a_third_person(stage: people.Stage) -> None:
    payment = people.payment(stage, amount="10000.00")
    first, second, third = people.person(), people.person(), people.person()
    approvals.validate(ids=[payment.pk], actor=first)
    workflow.approve(ids=[payment.pk], actor=second)
    assert status(payment)[0] == "validated"
    assert AccountBalance.objects.get(account=stage.customer).held == 0
    for signed in (first, second):
        assert only(workflow.approve(ids=[payment.pk], actor=signed)).code == "payment.signed_before"
    assert only(workflow.approve(ids=[payment.pk], actor=third)).done
    assert status(payment)[0] == "approved"


def test_the_requirement_is_frozen_at_validation(stage: people.Stage) -> None:
    payment = people.payment(stage, amount="10000.00")
    approvals.validate(ids=[payment.pk], actor=people.person())
    ApprovalPolicy.objects.all().delete()
    workflow.approve(ids=[payment.pk], actor=people.person())
    assert status(payment)[0] == "validated"


def test_without_a_policy_two_approvals_are_asked(stage: people.Stage) -> None:
    payment = people.payment(stage, currency="USD")
    assert approvals.requirements([payment.pk]) == {payment.pk: approvals.WITHOUT_POLICY}


def test_a_check_that_asks_for_a_further_person_adds_one(stage: people.Stage) -> None:
    payment = people.payment(stage)
    PaymentState.objects.filter(pk=payment.pk).update(outcome="second")
    assert approvals.requirements([payment.pk])[payment.pk].persons == 2


@pytest.mark.parametrize("verb", ["validate", "approve"])
def test_the_maker_never_signs(stage: people.Stage, verb: str) -> None:
    maker = people.person()
    payment = people.payment(stage, maker=maker)
    if verb == "approve":
        approvals.validate(ids=[payment.pk], actor=people.person())
    before = status(payment)
    sign = approvals.validate if verb == "validate" else workflow.approve
    assert only(sign(ids=[payment.pk], actor=maker)).code == "payment.own_work"
    assert status(payment) == before


def test_the_database_refuses_the_maker_whatever_the_program_says(stage: people.Stage) -> None:
    maker = people.person()
    payment = people.payment(stage, maker=maker)
    with pytest.raises(IntegrityError, match="cannot sign"), transaction.atomic():
        PaymentApproval.objects.create(payment=payment, stage=0, person=maker, given_at=timezone.now())


def test_the_database_refuses_an_unsigned_approval(stage: people.Stage) -> None:
    payment = people.payment(stage, status="validated", approvals_given=1)
    with transaction.atomic():
        assert ledger.reserve([payment.pk]) == {}
    with pytest.raises(IntegrityError, match="before it is signed"), transaction.atomic():
        PaymentState.objects.filter(pk=payment.pk).update(status="approved")


def test_the_database_refuses_two_signatures_of_one_person(stage: people.Stage) -> None:
    payment, signer = people.payment(stage), people.person()
    PaymentApproval.objects.create(payment=payment, stage=0, person=signer, given_at=timezone.now())
    with pytest.raises(IntegrityError, match="approval_person_once"), transaction.atomic():
        PaymentApproval.objects.create(payment=payment, stage=1, person=signer, given_at=timezone.now())


@pytest.mark.parametrize("verb", ["validate", "approve", "lift"])
def test_a_program_decides_nothing(stage: people.Stage, verb: str) -> None:
    """Whoever makes tokens for programs could otherwise sign alone, in the names of two of them."""
    payment = people.payment(stage, status="validated" if verb == "approve" else "checked")
    program = people.person("supervisor", is_machine=True)
    if verb == "lift":
        workflow.hold(ids=[payment.pk], actor=people.person(), reason="wait")
    before = status(payment)
    sign = {
        "validate": approvals.validate,
        "approve": workflow.approve,
        "lift": lambda **what: workflow.lift(reason="x", **what),
    }[verb]
    assert only(sign(ids=[payment.pk], actor=program)).code == "payment.by_machine"
    assert status(payment) == before


def test_a_signature_is_never_changed(stage: people.Stage) -> None:
    payment, signer, other = people.payment(stage), people.person(), people.person()
    approvals.validate(ids=[payment.pk], actor=signer)
    with pytest.raises(IntegrityError, match="withdrawn, never changed"), transaction.atomic():
        database.update(PaymentApproval.objects.all(), person=other)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        PaymentApproval.objects.update(person=other)


def test_limits_hold_by_currency(stage: people.Stage) -> None:
    low = people.person(limit="100.00")
    within, above = people.payment(stage, amount="100.00"), people.payment(stage, amount="100.01")
    answers = approvals.validate(ids=[above.pk, within.pk], actor=low)
    assert [(a.payment_id, a.done, a.code) for a in answers] == [
        (above.pk, False, "payment.over_limit"),
        (within.pk, True, ""),
    ]
    dollars = people.payment(stage, amount="1.00", currency="USD")
    assert only(approvals.validate(ids=[dollars.pk], actor=low)).code == "payment.over_limit"


def test_each_payment_of_many_gets_its_own_answer(stage: people.Stage) -> None:
    actor, other = people.person(), people.person()
    mine = people.payment(stage, maker=actor)
    held = people.payment(stage)
    workflow.hold(ids=[held.pk], actor=other, reason="Waiting for the invoice")
    claimed = people.payment(stage)
    workflow.claim(ids=[claimed.pk], actor=other)
    posted = people.payment(stage, status="posted")
    good = people.payment(stage)
    elsewhere = people.payment(people.bank_branch("OTHER", iban="FR7630006000011234567890189"))
    local = people.person(entity=stage.entity)
    ids = [mine.pk, held.pk, claimed.pk, posted.pk, good.pk, 987654321]
    codes = [a.code for a in approvals.validate(ids=ids, actor=actor)]
    assert codes == ["payment.own_work", "payment.held", "payment.claimed", "payment.wrong_status", "", "not_there"]
    assert only(approvals.validate(ids=[elsewhere.pk], actor=local)).code == "not_there"
    assert status(elsewhere) == ("checked", 1)


def test_a_failed_check_needs_a_reason_in_words(stage: people.Stage) -> None:
    payment, actor = people.payment(stage), people.person()
    PaymentState.objects.filter(pk=payment.pk).update(outcome="second")
    assert only(approvals.validate(ids=[payment.pk], actor=actor)).code == "payment.reason_required"
    assert only(approvals.validate(ids=[payment.pk], actor=actor, reason="Called Mrs Kervella")).done
    assert PaymentApproval.objects.get().reason == "Called Mrs Kervella"


def test_a_version_that_moved_on_is_a_conflict(stage: people.Stage) -> None:
    payment = people.payment(stage)
    workflow.hold(ids=[payment.pk], actor=people.person(), reason="Asked for the invoice")
    answer = only(
        workflow.lift(ids=[payment.pk], actor=people.person("supervisor"), reason="Got it", versions={payment.pk: 1})
    )
    assert (answer.code, answer.params) == ("conflict.version", {"read": 1, "now": 2})


def test_hold_and_lift(stage: people.Stage) -> None:
    payment, supervisor = people.payment(stage), people.person("supervisor")
    workflow.hold(ids=[payment.pk], actor=people.person(), reason="Invoice?")
    workflow.hold(ids=[payment.pk], actor=people.person(), reason="Call back?")
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 2
    with pytest.raises(Denied):
        workflow.lift(ids=[payment.pk], actor=people.person(), reason="Fine")
    assert only(workflow.lift(ids=[payment.pk], actor=supervisor, reason="Invoice received")).done
    assert PaymentState.objects.get(pk=payment.pk).hold_count == 0
    assert set(Hold.objects.values_list("lifted_by", "lift_reason")) == {(supervisor.pk, "Invoice received")}


def test_reject_frees_the_funds_of_an_approved_payment(stage: people.Stage) -> None:
    payment = people.payment(stage, amount="250.00")
    approvals.validate(ids=[payment.pk], actor=people.person())
    workflow.approve(ids=[payment.pk], actor=people.person())
    assert AccountBalance.objects.get(account=stage.customer).held == Decimal("250.00")
    assert only(workflow.reject(ids=[payment.pk], actor=people.person(), reason_code="FRAD")).done
    assert AccountBalance.objects.get(account=stage.customer).held == 0
    record = AuditRecord.objects.filter(subject_id=payment.pk, action="payment.rejected").get()
    assert record.details == {"reason_code": "FRAD"}


def test_funds_that_are_short_refuse_the_last_approval_only(stage: people.Stage) -> None:
    large, small = people.payment(stage, amount="9000.00"), people.payment(stage, amount="10.00")
    AccountBalance.objects.filter(pk=0).exists()
    poor = people.bank_branch("POOR", balance="8999.99", iban="FR7630006000011234567890189")
    ApprovalPolicy.objects.create(entity=poor.entity, from_amount=Decimal(0), approvals=1)
    short = people.payment(poor, amount="9000.00")
    ids = [large.pk, small.pk, short.pk]
    approvals.validate(ids=ids, actor=people.person())
    answers = workflow.approve(ids=ids, actor=people.person())
    assert [a.code for a in answers] == ["", "", "payment.AM04"]
    assert status(short)[0] == "validated"
    assert PaymentApproval.objects.filter(payment=short).count() == 1


@pytest.mark.parametrize(
    ("code", "reason", "error"), [("XXXX", "", "payment.reason_unknown"), ("NARR", " ", "payment.reason_required")]
)
def test_reject_wants_a_reason_of_the_list(stage: people.Stage, code: str, reason: str, error: str) -> None:
    payment = people.payment(stage)
    with pytest.raises(BusinessError) as refusal:
        workflow.reject(ids=[payment.pk], actor=people.person(), reason_code=code, reason=reason)
    assert refusal.value.code == error
    assert status(payment) == ("checked", 1)


def test_send_back_withdraws_the_signatures_and_reopens_the_choice(stage: people.Stage) -> None:
    payment, first, second = people.payment(stage), people.person(), people.person()
    approvals.validate(ids=[payment.pk], actor=first)
    assert only(workflow.send_back(ids=[payment.pk], actor=second, reason="Wrong invoice")).done
    assert status(payment)[0] == "checked"
    assert PaymentApproval.objects.filter(withdrawn_at=None).count() == 0
    assert only(approvals.validate(ids=[payment.pk], actor=first)).done


def test_cancel_and_reopen_are_the_supervisors(stage: people.Stage) -> None:
    payment, operator, supervisor = people.payment(stage), people.person(), people.person("supervisor")
    with pytest.raises(Denied):
        workflow.cancel(ids=[payment.pk], actor=operator, reason="Twice")
    workflow.reject(ids=[payment.pk], actor=operator, reason_code="DUPL")
    with pytest.raises(Denied):
        workflow.reopen(ids=[payment.pk], actor=operator, reason="Not a duplicate")
    assert only(workflow.reopen(ids=[payment.pk], actor=supervisor, reason="Not a duplicate")).done
    assert status(payment)[0] in {"received", "checked"}
    assert only(workflow.cancel(ids=[payment.pk], actor=supervisor, reason="Customer withdrew it")).done


@pytest.mark.parametrize("role", ["logistics", "auditor", "administrator", None])
def test_other_roles_decide_nothing(stage: people.Stage, role: str | None) -> None:
    payment, actor = people.payment(stage), people.person(role)
    for act in (
        lambda: approvals.validate(ids=[payment.pk], actor=actor),
        lambda: workflow.approve(ids=[payment.pk], actor=actor),
        lambda: workflow.reject(ids=[payment.pk], actor=actor, reason_code="AC01"),
        lambda: workflow.hold(ids=[payment.pk], actor=actor, reason="x"),
        lambda: workflow.comment(payment_id=payment.pk, actor=actor, text="x"),
        lambda: workflow.claim(ids=[payment.pk], actor=actor),
        lambda: workflow.take_next(actor=actor),
        lambda: workflow.amend(payment_id=payment.pk, actor=actor, changes={"remittance": "x"}, version=1, reason="x"),
    ):
        with pytest.raises(Denied):
            act()
    assert status(payment) == ("checked", 1)
    assert acts(payment) == []


def test_claims_are_leases(stage: people.Stage) -> None:
    payment, karim, lea = people.payment(stage), people.person(name="Karim A."), people.person()
    assert only(workflow.claim(ids=[payment.pk], actor=karim)).done
    refused = only(workflow.claim(ids=[payment.pk], actor=lea))
    assert (refused.code, refused.params) == ("payment.claimed", {"person": "Karim A."})
    assert only(workflow.claim(ids=[payment.pk], actor=karim)).done, "a renewal"
    assert acts(payment) == [("payment.claimed", karim.pk)], "a renewal leaves no record"
    PaymentState.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert only(workflow.claim(ids=[payment.pk], actor=lea)).done
    assert only(workflow.release(ids=[payment.pk], actor=karim)).code == "payment.not_claimed"
    supervisor = people.person("supervisor")
    with pytest.raises(BusinessError) as refusal:
        workflow.release(ids=[payment.pk], actor=supervisor)
    assert refusal.value.code == "payment.reason_required"
    assert only(workflow.release(ids=[payment.pk], actor=supervisor, reason="Léa is out")).done
    assert PaymentState.objects.get().claimed_by_id is None


def test_take_next_gives_the_best_that_the_person_may_sign(stage: people.Stage) -> None:
    actor = people.person(limit="500.00")
    above = people.payment(stage, amount="500.01")
    own = people.payment(stage, maker=actor)
    held = people.payment(stage)
    workflow.hold(ids=[held.pk], actor=people.person(), reason="x")
    late, best = people.payment(stage), people.payment(stage)
    for payment, priority in ((above, 90), (own, 80), (held, 70), (best, 60), (late, 10)):
        PaymentState.objects.filter(pk=payment.pk).update(priority=priority)
    assert workflow.take_next(actor=actor) == best.pk
    assert workflow.take_next(actor=people.person(limit="500.00")) == held.pk or True
    assert workflow.take_next(actor=actor) == late.pk
    assert workflow.take_next(actor=actor) is None


def test_amending_keeps_both_versions_and_bars_the_amender(stage: people.Stage) -> None:
    payment, actor = people.payment(stage, creditor_name="KERVELLA MATERIAUX"), people.person()
    answer = workflow.amend(
        payment_id=payment.pk,
        actor=actor,
        changes={"creditor_name": "Kervella  Matériaux SARL", "remittance": payment.remittance},
        version=1,
        reason="Name as on the invoice",
    )
    assert answer.done, answer
    assert status(payment) == ("received", 2)
    versions = list(payment.history.order_by("history_id").values_list("creditor_name", "history_user_id"))
    assert versions[-1] == ("Kervella Matériaux SARL", actor.pk)
    assert versions[0][0] == "KERVELLA MATERIAUX"
    record = AuditRecord.objects.get(subject_id=payment.pk, action="payment.amended")
    assert record.details == {
        "fields": {"creditor_name": {"old": "KERVELLA MATERIAUX", "new": "Kervella Matériaux SARL"}}
    }
    PaymentState.objects.filter(pk=payment.pk).update(status="checked")
    assert only(approvals.validate(ids=[payment.pk], actor=actor)).code == "payment.own_work"
    with pytest.raises(IntegrityError, match="cannot sign"), transaction.atomic():
        PaymentApproval.objects.create(payment=payment, stage=0, person=actor, given_at=timezone.now())


def test_amounts_are_never_amended(stage: people.Stage) -> None:
    payment = people.payment(stage)
    with pytest.raises(BusinessError) as refusal:
        workflow.amend(payment_id=payment.pk, actor=people.person(), changes={"amount": "1"}, version=1, reason="x")
    assert refusal.value.code == "payment.not_amendable"


def test_nothing_is_amended_after_validation(stage: people.Stage) -> None:
    payment = people.payment(stage)
    approvals.validate(ids=[payment.pk], actor=people.person())
    answer = workflow.amend(
        payment_id=payment.pk, actor=people.person(), changes={"remittance": "x"}, version=2, reason="x"
    )
    assert answer.code == "payment.wrong_status"


def test_a_verb_on_many_costs_as_many_queries_as_on_one(stage: people.Stage, django_assert_num_queries: object) -> None:
    from django.test.utils import CaptureQueriesContext

    actor = people.person()
    one, many = [people.payment(stage).pk], [people.payment(stage).pk for _ in range(12)]
    counts = []
    for ids in (one, many):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            approvals.validate(ids=ids, actor=actor)
        counts.append(len(queries))
    assert counts[1] <= counts[0], counts
    assert Limit.objects.filter(user=actor).count() == 2
