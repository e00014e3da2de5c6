"""Taking a decision back: within the window, by its author, while nobody acted; and what then stands."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied
from backoffice.people import roles, services
from backoffice.people.models import Entity, User
from controls import approvals
from controls.models import ApprovalPolicy
from documents.models import AuditRecord
from tests import database, people
from transactions import ledger, sweeper, workflow
from transactions.models import AccountBalance, Decision, Hold, Payment, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db


def set_up(undo_seconds: int = 10) -> people.Stage:
    stage = people.bank_branch(balance="0", undo_seconds=undo_seconds)
    people.open_balance(stage.customer, 100000, stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(10000), approvals=2)
    return stage


@pytest.fixture
def stage() -> people.Stage:
    return set_up()


def standing(payment: Payment) -> tuple[str, int, int, bool]:
    state = PaymentState.objects.get(pk=payment.pk)
    return state.status, state.approvals_given, state.hold_count, state.funds_held


def only(answers: list[workflow.Answer]) -> workflow.Answer:
    assert len(answers) == 1
    return answers[0]


def acts(payment: Payment) -> list[str]:
    rows = AuditRecord.objects.filter(subject_type="payment", subject_id=payment.pk).order_by("id")
    return [row.action.removeprefix("payment.") for row in rows]


def signed(payment: Payment) -> list[tuple[int, bool]]:
    rows = PaymentApproval.objects.filter(payment=payment).order_by("id")
    return [(row.stage, row.withdrawn_at is not None) for row in rows]


def held(stage: people.Stage) -> tuple[Decimal, Decimal]:
    found = AccountBalance.objects.get(account=stage.customer)
    return found.balance, found.held


def approved(stage: people.Stage, first: User, second: User, **fields: Any) -> Payment:
    payment = people.payment(stage, **fields)
    assert only(approvals.validate(ids=[payment.pk], actor=first)).done
    assert only(workflow.approve(ids=[payment.pk], actor=second)).done
    return payment


def test_a_first_approval_is_taken_back(stage: people.Stage) -> None:
    payment, person = people.payment(stage), people.person()
    approvals.validate(ids=[payment.pk], actor=person)
    assert only(workflow.withdraw(ids=[payment.pk], actor=person)).done
    assert standing(payment) == ("checked", 0, 0, False)
    assert signed(payment) == [(0, True)]
    assert acts(payment) == ["validated", "withdrawn"], "the decision stays on record"
    assert only(workflow.withdraw(ids=[payment.pk], actor=person)).code == "withdraw.nothing"
    assert only(approvals.validate(ids=[payment.pk], actor=person)).done, "and may be taken again"


def test_the_last_approval_reserves_at_once_and_posts_when_the_window_is_over(stage: people.Stage) -> None:
    payment = approved(stage, people.person(), people.person())
    assert standing(payment) == ("approved", 1, 0, True)
    assert held(stage) == (Decimal(100000), Decimal(150))
    assert only(workflow.post(ids=[payment.pk])).code == "payment.undoable"
    assert standing(payment)[0] == "approved"
    database.update(PaymentState.objects.filter(pk=payment.pk), effective_at=timezone.now() - timedelta(seconds=1))
    assert only(workflow.post(ids=[payment.pk])).done
    assert standing(payment)[0] == "posted"
    assert held(stage) == (Decimal("99850.00"), Decimal(0))
    assert ledger.audit() == []


def test_the_sweeper_finds_an_approval_whose_task_was_lost(
    stage: people.Stage, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    payment = approved(stage, people.person(), people.person())
    long_ago = timezone.now() - timedelta(minutes=5)
    database.update(PaymentState.objects.filter(pk=payment.pk), changed_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweeper.sweep()["approved"] == 0, "its window is open"
    database.update(PaymentState.objects.filter(pk=payment.pk), effective_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweeper.sweep()["approved"] == 1
    assert standing(payment)[0] == "posted"


def test_the_last_approval_is_taken_back_with_its_funds(stage: people.Stage) -> None:
    first, second = people.person(), people.person()
    payment = approved(stage, first, second)
    assert only(workflow.withdraw(ids=[payment.pk], actor=second)).done
    assert standing(payment) == ("validated", 0, 0, False)
    assert held(stage) == (Decimal(100000), Decimal(0))
    assert signed(payment) == [(0, False), (1, True)]
    assert PaymentState.objects.get(pk=payment.pk).effective_at is None
    assert only(workflow.approve(ids=[payment.pk], actor=second)).done
    assert ledger.audit() == []


def test_an_approval_between_is_taken_back(stage: people.Stage) -> None:
    first, second, third = people.person(), people.person(), people.person()
    payment = approved(stage, first, second, amount="10000.00")
    assert standing(payment) == ("validated", 1, 0, False)
    assert only(workflow.withdraw(ids=[payment.pk], actor=second)).done
    assert standing(payment) == ("validated", 0, 0, False)
    assert signed(payment) == [(0, False), (1, True)]
    assert only(workflow.approve(ids=[payment.pk], actor=third)).done
    assert only(workflow.approve(ids=[payment.pk], actor=second)).done
    assert standing(payment)[:2] == ("approved", 2)


@pytest.mark.parametrize("verb", ["reject", "cancel"])
@pytest.mark.parametrize("before", ["checked", "validated", "approved"])
def test_a_refusal_is_taken_back_to_where_it_was(stage: people.Stage, verb: str, before: str) -> None:
    first, second, supervisor = people.person(), people.person(), people.person(roles.SUPERVISOR)
    payment = people.payment(stage)
    if before != "checked":
        approvals.validate(ids=[payment.pk], actor=first)
    if before == "approved":
        workflow.approve(ids=[payment.pk], actor=second)
    was = standing(payment)
    assert was[0] == before
    if verb == "reject":
        workflow.reject(ids=[payment.pk], actor=supervisor, reason_code="AC01")
    else:
        workflow.cancel(ids=[payment.pk], actor=supervisor, reason_code="duplicate")
    assert held(stage)[1] == 0
    assert only(workflow.withdraw(ids=[payment.pk], actor=supervisor)).done
    assert standing(payment) == was
    assert held(stage)[1] == (Decimal(150) if before == "approved" else 0)
    assert ledger.audit() == []


def test_a_refusal_is_not_taken_back_when_the_funds_are_gone(stage: people.Stage) -> None:
    first, second, supervisor = people.person(), people.person(), people.person(roles.SUPERVISOR)
    payment = approved(stage, first, second)
    workflow.cancel(ids=[payment.pk], actor=supervisor, reason_code="duplicate")
    database.update(AccountBalance.objects.filter(account=stage.customer), balance=Decimal("149.99"))
    assert only(workflow.withdraw(ids=[payment.pk], actor=supervisor)).code == "payment.AM04"
    assert standing(payment) == ("cancelled", 1, 0, False)


def test_what_was_rejected_on_hold_goes_back_on_hold(stage: people.Stage) -> None:
    payment, person = people.payment(stage), people.person()
    approvals.validate(ids=[payment.pk], actor=people.person())
    workflow.hold(ids=[payment.pk], actor=person, reason="Wait")
    workflow.reject(ids=[payment.pk], actor=person, reason_code="FRAD")
    assert only(workflow.withdraw(ids=[payment.pk], actor=person)).done
    assert standing(payment) == ("validated", 0, 1, False)


def test_a_hold_is_taken_back(stage: people.Stage) -> None:
    payment, person = people.payment(stage), people.person()
    due = PaymentState.objects.get(pk=payment.pk).due_at
    workflow.hold(ids=[payment.pk], actor=person, reason="Wait")
    assert only(workflow.withdraw(ids=[payment.pk], actor=person)).done
    assert standing(payment) == ("checked", 0, 0, False)
    assert Hold.objects.get(payment=payment).lifted_by_id == person.pk
    assert PaymentState.objects.get(pk=payment.pk).due_at >= due, "its due time rested"


def test_a_lot_is_taken_back_at_once_and_what_was_acted_on_stays(stage: people.Stage) -> None:
    person, other = people.person(), people.person(name="Karim Aziz")
    made = [people.payment(stage, amount=f"{100 + n}.00") for n in range(4)]
    approvals.validate(ids=[payment.pk for payment in made], actor=person)
    workflow.approve(ids=[made[1].pk], actor=other)
    answers = workflow.withdraw(ids=[payment.pk for payment in made], actor=person)
    assert [answer.done for answer in answers] == [True, False, True, True]
    assert answers[1].sentence == "Karim Aziz acted on this payment meanwhile; nothing was taken back."
    assert [standing(payment)[0] for payment in made] == ["checked", "approved", "checked", "checked"]


def test_only_the_author_takes_back(stage: people.Stage) -> None:
    payment = people.payment(stage)
    approvals.validate(ids=[payment.pk], actor=people.person())
    before = standing(payment), acts(payment)
    assert only(workflow.withdraw(ids=[payment.pk], actor=people.person())).code == "withdraw.nothing"
    stranger = people.person(entity=Entity.objects.create(code="ELSE", name="Else"))
    assert only(workflow.withdraw(ids=[payment.pk], actor=stranger)).code == "not_there"
    with pytest.raises(Denied):
        workflow.withdraw(ids=[payment.pk], actor=people.person(roles.AUDITOR))
    assert (standing(payment), acts(payment)) == before


def test_after_the_window_nothing_is_taken_back() -> None:
    stage = set_up(undo_seconds=1)
    payment, person = people.payment(stage), people.person()
    approvals.validate(ids=[payment.pk], actor=person)
    time.sleep(1.1)
    assert only(workflow.withdraw(ids=[payment.pk], actor=person)).code == "withdraw.over"
    assert standing(payment)[0] == "validated"
    with pytest.raises(IntegrityError, match="decision_withdrawn_in_time"), transaction.atomic():
        Decision.objects.update(withdrawn_at=timezone.now())


def test_without_a_window_a_decision_takes_effect_at_once(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    stage = set_up(undo_seconds=0)
    with django_capture_on_commit_callbacks(execute=True):
        second = people.person()
        payment = approved(stage, people.person(), second)
    assert standing(payment)[0] == "posted"
    assert not Decision.objects.exists()
    assert only(workflow.withdraw(ids=[payment.pk], actor=second)).code == "withdraw.nothing"


def test_the_task_is_sent_for_when_the_window_is_over(
    stage: people.Stage, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    sent: list[tuple[str, Any, float | None]] = []
    monkeypatch.setattr(
        "backoffice.common.tasks._send", lambda name, ids, countdown: sent.append((name, ids, countdown))
    )
    with django_capture_on_commit_callbacks(execute=True):
        payment = approved(stage, people.person(), people.person())
    assert ("transactions.post", ([payment.pk],), 11) in sent


def test_the_database_lets_nothing_go_back_without_a_decision(stage: people.Stage) -> None:
    first, second = people.person(), people.person()
    payment = approved(stage, first, second)
    workflow.withdraw(ids=[payment.pk], actor=second)
    workflow.reject(ids=[payment.pk], actor=first, reason_code="AC01")
    state = PaymentState.objects.filter(pk=payment.pk)
    with pytest.raises(IntegrityError, match="does not go from"), transaction.atomic():
        state.update(status="checked")
    Decision.objects.filter(verb="reject").update(withdrawn_at=timezone.now())
    with pytest.raises(IntegrityError, match="does not go from"), transaction.atomic():
        state.update(status="validated")
    made_up = Decision(
        payment=payment, verb="cancel", person=first, decided_at=timezone.now(), version=state.get().version + 1,
        effective_at=timezone.now() + timedelta(seconds=5), before_status="checked", before_given=0,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="kept as it was taken"), transaction.atomic():
        made_up.save()


class TestBySql:
    """Whoever has the password of the application's role: decisions are taken with their moves, not made up."""

    WAYS = ("cancel", "reject")
    GIVEN_UP = {"cancel": "cancelled", "reject": "rejected"}

    def given_up(self, stage: people.Stage, verb: str) -> Payment:
        """Long ago: approved, then given up, when the entity had no window."""
        Entity.objects.filter(pk=stage.entity.pk).update(undo_seconds=0)
        payment, supervisor = approved(stage, people.person(), people.person()), people.person(roles.SUPERVISOR)
        if verb == "cancel":
            assert only(workflow.cancel(ids=[payment.pk], actor=supervisor, reason="Fraud")).done
        else:
            assert only(workflow.reject(ids=[payment.pk], actor=supervisor, reason_code="FRAD")).done
        Entity.objects.filter(pk=stage.entity.pk).update(undo_seconds=300)
        return payment

    def signed_long_ago(self, stage: people.Stage, times: int) -> Payment:
        Entity.objects.filter(pk=stage.entity.pk).update(undo_seconds=0)
        payment = people.payment(stage)
        assert only(approvals.validate(ids=[payment.pk], actor=people.person())).done
        assert times == 1 or only(workflow.approve(ids=[payment.pk], actor=people.person())).done
        Entity.objects.filter(pk=stage.entity.pk).update(undo_seconds=300)
        return payment

    def decision(self, payment: Payment, verb: str, before: str, *, ahead: int, given: int = 1) -> Decision:
        now = timezone.now()
        return Decision(
            payment=payment, verb=verb, person=people.person(roles.SUPERVISOR), decided_at=now,
            version=PaymentState.objects.get(pk=payment.pk).version + ahead, before_status=before, before_given=given,
            effective_at=now + timedelta(seconds=200),
        )  # fmt: skip

    @pytest.mark.parametrize("verb", WAYS)
    @pytest.mark.parametrize("ahead", [0, 1])
    def test_what_was_given_up_is_not_revived(self, stage: people.Stage, verb: str, ahead: int) -> None:
        payment = self.given_up(stage, verb)
        for before in ("approved", "validated", "checked", self.GIVEN_UP[verb]):
            with pytest.raises(IntegrityError, match="kept as it was taken"), transaction.atomic():
                self.decision(payment, verb, before, ahead=ahead).save()
        assert ledger.reserve([payment.pk]) == {payment.pk: "wrong_status"}
        with pytest.raises(IntegrityError, match="does not go from"), transaction.atomic():
            PaymentState.objects.filter(pk=payment.pk).update(status="approved")
        assert standing(payment) == (self.GIVEN_UP[verb], 1, 0, False)
        assert held(stage) == (Decimal(100000), Decimal(0))

    @pytest.mark.parametrize(("verb", "before", "given"), [
        ("cancel", "approved", 0), ("cancel", "validated", 1), ("reject", "checked", 1), ("validate", "approved", 1),
        ("approve", "approved", 1), ("hold", "approved", 1),
    ])  # fmt: skip
    def test_where_it_came_from_is_what_the_database_sees(
        self, stage: people.Stage, verb: str, before: str, given: int
    ) -> None:
        payment = self.signed_long_ago(stage, 2)
        for ahead in (0, 1):
            with pytest.raises(IntegrityError, match="kept as it was taken"), transaction.atomic():
                self.decision(payment, verb, before, ahead=ahead, given=given).save()

    def test_none_is_laid_by_for_what_others_decide(self, stage: people.Stage) -> None:
        payment = self.signed_long_ago(stage, 2)
        laid = self.decision(payment, "cancel", "approved", ahead=1)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
        with pytest.raises(IntegrityError, match="kept with its move"), transaction.atomic():
            laid.save()

    def test_a_decision_leads_back_from_its_own_move_alone(self, stage: people.Stage) -> None:
        payment = self.signed_long_ago(stage, 1)
        self.decision(payment, "hold", "validated", ahead=0, given=0).save()
        state = PaymentState.objects.filter(pk=payment.pk)
        version = state.get().version
        assert only(workflow.approve(ids=[payment.pk], actor=people.person())).done
        ledger.release([payment.pk])
        with transaction.atomic():
            state.update(version=version)
            with pytest.raises(IntegrityError, match="does not go from approved to validated"), transaction.atomic():
                state.update(status="validated")
            transaction.set_rollback(True)


def test_the_setting_has_a_history_and_bounds(stage: people.Stage) -> None:
    supervisor = people.person(roles.SUPERVISOR)
    services.set_undo_window(actor=supervisor, entity_id=stage.entity.pk, seconds=30, reason="New people")
    assert Entity.objects.get(pk=stage.entity.pk).undo_seconds == 30
    version = stage.entity.history.first()
    assert (version.undo_seconds, version.history_user_id) == (30, supervisor.pk)
    record = AuditRecord.objects.get(action="entity.undo_window_changed")
    assert record.details == {"before": 10, "after": 30}
    with pytest.raises(BusinessError, match="300"):
        services.set_undo_window(actor=supervisor, entity_id=stage.entity.pk, seconds=301, reason="Long")
    with pytest.raises(Denied):
        services.set_undo_window(actor=people.person(), entity_id=stage.entity.pk, seconds=0, reason="No")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", range(6))
def test_undo_against_a_second_approver(turn: int) -> None:
    """Both at the same moment: one of them wins, the other is told, and state and books fit together."""
    stage = set_up()
    first, second = people.person(name="First"), people.person(name="Second")
    payment = people.payment(stage)
    approvals.validate(ids=[payment.pk], actor=first)
    gate, answers = threading.Barrier(2), {}

    def run(name: str, does: Callable[[], list[workflow.Answer]], late: float) -> None:
        try:
            gate.wait()
            time.sleep(late)
            answers[name] = only(does())
        finally:
            connections.close_all()

    late = (0, 0.002) if turn % 2 else (0.002, 0)
    threads = [
        threading.Thread(target=run, args=("undo", lambda: workflow.withdraw(ids=[payment.pk], actor=first), late[0])),
        threading.Thread(target=run, args=("sign", lambda: workflow.approve(ids=[payment.pk], actor=second), late[1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers["undo"].done != answers["sign"].done
    if answers["undo"].done:
        assert answers["sign"].code == "payment.wrong_status"
        assert standing(payment) == ("checked", 0, 0, False)
        assert signed(payment) == [(0, True)]
        assert held(stage) == (Decimal(100000), Decimal(0))
    else:
        assert answers["undo"].sentence == "Second acted on this payment meanwhile; nothing was taken back."
        assert standing(payment) == ("approved", 1, 0, True)
        assert signed(payment) == [(0, False), (1, False)]
        assert held(stage) == (Decimal(100000), Decimal(150))
    assert ledger.audit() == []
