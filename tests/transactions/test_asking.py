"""Asking for documents and answers, holding until a moment, handing over: what waits, what comes back, who may."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.people import roles
from backoffice.people.models import Entity, Team, User
from controls import approvals
from controls.models import ApprovalPolicy
from documents import attachments
from documents.models import AuditRecord
from tests import database, people
from transactions import queries, sweeper, workflow
from transactions.models import HandOver, Hold, InformationRequest, Payment, PaymentApproval, PaymentState

pytestmark = pytest.mark.django_db
Captures = Callable[..., Any]


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def state(payment: Payment) -> PaymentState:
    return PaymentState.objects.get(pk=payment.pk)


def only(answers: list[workflow.Answer]) -> workflow.Answer:
    assert len(answers) == 1
    return answers[0]


def acts(payment: Payment) -> list[str]:
    rows = AuditRecord.objects.filter(subject_type="payment", subject_id=payment.pk).order_by("id")
    return [row.action.removeprefix("payment.") for row in rows]


def ask(payment: Payment, actor: User, **more: Any) -> workflow.Answer:
    said = {
        "kind": "invoice", "question": "Which invoice is it?", "addressee": "department",
        "addressee_name": "Purchasing", "due_at": timezone.now() + timedelta(hours=2),
    } | more  # fmt: skip
    return only(workflow.ask(ids=[payment.pk], actor=actor, **said))


class TestAsking:
    def test_the_payment_waits_and_nobody_signs_it(self, stage: people.Stage) -> None:
        payment, person = people.payment(stage), people.person()
        assert ask(payment, person).done
        asked = InformationRequest.objects.get()
        assert (asked.asked_by_id, asked.addressee_name, asked.required) == (person.pk, "Purchasing", True)
        assert state(payment).hold_count == 1
        refused = only(approvals.validate(ids=[payment.pk], actor=people.person()))
        assert (refused.done, refused.code) == (False, "payment.answer_open")
        assert refused.sentence == "A required answer is still open. It is approved when it is answered or closed."
        assert acts(payment) == ["asked"]

    def test_the_database_refuses_the_signature_whatever_the_program_says(self, stage: people.Stage) -> None:
        payment = people.payment(stage)
        ask(payment, people.person())
        database.update(PaymentState.objects.filter(pk=payment.pk), hold_count=0)
        with pytest.raises(IntegrityError, match="required answer is open"), transaction.atomic():
            PaymentApproval.objects.create(payment=payment, stage=0, person=people.person(), given_at=timezone.now())

    def test_its_hold_is_lifted_by_the_answer_alone(self, stage: people.Stage) -> None:
        payment, supervisor = people.payment(stage), people.person(roles.SUPERVISOR)
        ask(payment, people.person())
        assert only(workflow.lift(ids=[payment.pk], actor=supervisor, reason="Go")).code == "payment.answer_open"
        with pytest.raises(IntegrityError, match="answered or closed"), transaction.atomic():
            Hold.objects.update(lifted_at=timezone.now())
        workflow.hold(ids=[payment.pk], actor=people.person(), reason="Another")
        assert only(workflow.lift(ids=[payment.pk], actor=supervisor, reason="Go")).done
        assert state(payment).hold_count == 1, "the other hold is lifted, that of the request stays"

    def test_an_answer_brings_it_back_on_top(self, stage: people.Stage) -> None:
        payment, other = people.payment(stage), people.payment(stage)
        PaymentState.objects.filter(pk=other.pk).update(priority=180)
        due = state(payment).due_at
        ask(payment, people.person(), kind="answer")
        database.update(Hold.objects.all(), placed_at=timezone.now() - timedelta(hours=3))
        asked = InformationRequest.objects.get()
        maker = people.person()
        assert workflow.answer(request_id=asked.pk, actor=maker, text="F-7731").done
        asked.refresh_from_db()
        assert (asked.answer, asked.answered_by_id, asked.is_open) == ("F-7731", maker.pk, False)
        assert state(payment).hold_count == 0
        assert timedelta(hours=3) <= state(payment).due_at - due < timedelta(hours=3, minutes=1), "waiting counts apart"
        page = queries.queue_page(queries.QueueFilter([stage.entity.pk]))
        assert page.ids == [payment.pk, other.pk]
        assert queries.notes([payment.pk], 0)[payment.pk].words == "F-7731"
        assert only(approvals.validate(ids=[payment.pk], actor=people.person())).done
        assert acts(payment) == ["asked", "request_answered", "validated"]

    def test_it_is_answered_once(self, stage: people.Stage) -> None:
        payment, person = people.payment(stage), people.person()
        ask(payment, person, kind="answer")
        asked = InformationRequest.objects.get()
        workflow.answer(request_id=asked.pk, actor=person, text="F-7731")
        assert workflow.answer(request_id=asked.pk, actor=person, text="F-7732").code == "request.ended"
        assert workflow.close(request_id=asked.pk, actor=person, reason="Late").code == "request.ended"
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            InformationRequest.objects.update(answer="F-7733")
        assert InformationRequest.objects.get().answer == "F-7731"

    def test_one_open_request_of_a_kind(self, stage: people.Stage) -> None:
        payment, person = people.payment(stage), people.person()
        assert ask(payment, person).done
        assert ask(payment, person).code == "request.asked_already"
        assert ask(payment, person, kind="answer").done
        assert state(payment).hold_count == 2
        again = InformationRequest.objects.filter(kind="invoice").get()
        again.pk, again.hold, again.required = None, None, False
        with pytest.raises(IntegrityError, match="request_open_once_a_kind"), transaction.atomic():
            again.save(force_insert=True)

    def test_a_document_is_the_answer(self, stage: people.Stage) -> None:
        payment, person = people.payment(stage), people.person()
        ask(payment, person)
        with transaction.atomic():
            kept = attachments.store(
                content=b"%PDF", name="F-7731.pdf", content_type="application/pdf", entity_id=stage.entity.pk,
                actor=person,
            )  # fmt: skip
        asked = InformationRequest.objects.get()
        with pytest.raises(BusinessError, match="attach"):
            workflow.answer(request_id=asked.pk, actor=person, text=" ")
        assert workflow.answer(request_id=asked.pk, actor=person, attachment=kept).done
        assert InformationRequest.objects.get().attachment_id == kept.pk

    def test_words_are_no_answer_where_a_document_was_asked_for(self, stage: people.Stage) -> None:
        payment, checker = people.payment(stage), people.person()
        ask(payment, checker, kind="bank_details")
        asked = InformationRequest.objects.get()
        refused = workflow.answer(request_id=asked.pk, actor=people.person(), text="It is right")
        assert (refused.done, refused.code) == (False, "request.document_missing")
        with pytest.raises(IntegrityError, match="words alone do not answer"), transaction.atomic():
            InformationRequest.objects.update(answered_at=timezone.now(), answered_by=checker, answer="It is right")
        assert (state(payment).hold_count, acts(payment)) == (1, ["asked"])
        assert workflow.close(request_id=asked.pk, actor=checker, reason="They said it by phone").done

    @pytest.mark.parametrize(
        ("addressee", "who", "answers"),
        [
            ("payee", "maker", False), ("department", "maker", False), ("team", "maker", False),
            ("team", "member", True), ("maker", "maker", True), ("maker", "amended", False),
            ("payee", "amended", False), ("payee", "other", True), ("maker", "other", True),
        ],
    )  # fmt: skip
    def test_who_made_the_payment_answers_what_was_asked_of_them_alone(
        self, stage: people.Stage, addressee: str, who: str, answers: bool
    ) -> None:
        maker, amender, checker = people.person(), people.person(), people.person()
        payment = people.payment(stage, maker=maker)
        change = {"remittance": "F-7731"}
        assert workflow.amend(payment_id=payment.pk, actor=amender, changes=change, version=1, reason="x").done
        PaymentState.objects.filter(pk=payment.pk).update(status="checked")
        team = Team.objects.create(entity=stage.entity, name="Treasury")
        if who == "member":
            team.members.add(maker)
        assert ask(payment, checker, kind="answer", addressee=addressee, team=team.pk).done
        asked = InformationRequest.objects.get()
        person = {"maker": maker, "member": maker, "amended": amender, "other": people.person()}[who]
        said = workflow.answer(request_id=asked.pk, actor=person, text="It is right")
        assert (said.done, said.code) == (answers, "" if answers else "request.asked_of_another")
        assert state(payment).hold_count == (0 if answers else 1)
        if not answers:
            with pytest.raises(IntegrityError, match="not answered by who made"), transaction.atomic():
                InformationRequest.objects.update(answered_at=timezone.now(), answered_by=person, answer="It is right")

    def test_a_request_that_is_not_required_holds_nothing(self, stage: people.Stage) -> None:
        payment = people.payment(stage)
        due = state(payment).due_at
        assert ask(payment, people.person(), kind="answer", required=False).done
        assert (state(payment).hold_count, Hold.objects.count()) == (0, 0)
        assert only(approvals.validate(ids=[payment.pk], actor=people.person())).done
        workflow.answer(request_id=InformationRequest.objects.get().pk, actor=people.person(), text="Later")
        assert state(payment).due_at == due

    def test_it_is_closed_by_who_asked_or_a_supervisor_never_by_the_maker(self, stage: people.Stage) -> None:
        maker, person = people.person(), people.person(name="Sarah Cohen")
        payment = people.payment(stage, maker=maker)
        ask(payment, person)
        asked = InformationRequest.objects.get().pk
        assert workflow.close(request_id=asked, actor=maker, reason="No").code == "payment.own_work"
        refused = workflow.close(request_id=asked, actor=people.person(), reason="No")
        assert refused.sentence == "Sarah Cohen asked for this; they close it, or who may lift holds."
        assert state(payment).hold_count == 1
        assert workflow.close(request_id=asked, actor=people.person(roles.SUPERVISOR), reason="Found it").done
        assert (state(payment).hold_count, InformationRequest.objects.get().close_reason) == (0, "Found it")

    def test_it_is_overdue_once(self, stage: people.Stage, django_capture_on_commit_callbacks: Captures) -> None:
        payment = people.payment(stage)
        ask(payment, people.person(), due_at=timezone.now() + timedelta(milliseconds=200))
        for _time in range(2):
            database.as_owner("select pg_sleep(0.25)")
            with django_capture_on_commit_callbacks(execute=True):
                sweeper.sweep()
        asked = InformationRequest.objects.get()
        assert asked.is_overdue
        assert state(payment).brought_back
        assert queries.notes([payment.pk], 0)[payment.pk].kind == "overdue"
        assert acts(payment) == ["asked", "request_overdue"]
        counts = queries.queue_counts([stage.entity.pk], 0)
        assert (counts["document"], counts["waiting"], counts["todo"]) == (1, 1, 1)

    def test_another_entitys_people_neither_ask_nor_answer(self, stage: people.Stage) -> None:
        payment = people.payment(stage)
        stranger = people.person(entity=Entity.objects.create(code="ELSE", name="Else"))
        assert ask(payment, stranger).code == "not_there"
        ask(payment, people.person())
        with pytest.raises(NotThere):
            workflow.answer(request_id=InformationRequest.objects.get().pk, actor=stranger, text="x")
        with pytest.raises(Denied):
            workflow.answer(
                request_id=InformationRequest.objects.get().pk, actor=people.person(roles.AUDITOR), text="x"
            )
        assert acts(payment) == ["asked"]

    def test_nothing_waits_for_a_moment_that_nobody_means(self, stage: people.Stage) -> None:
        payment, operator = people.payment(stage), people.person()
        for far in (
            timezone.now() + timedelta(days=1099),
            datetime.fromisoformat("9999-12-31T23:59:59-23:59"),
        ):
            with pytest.raises(BusinessError) as asked:
                ask(payment, operator, due_at=far)
            with pytest.raises(BusinessError) as held:
                workflow.hold(ids=[payment.pk], actor=operator, reason="Later", until=far)
            assert str(asked.value) == str(held.value) == "This moment is more than 1098 days away."
        assert (acts(payment), state(payment).hold_count) == ([], 0)

    def test_many_at_once_each_with_a_request_of_its_own(self, stage: people.Stage) -> None:
        team = Team.objects.create(entity=stage.entity, name="Treasury")
        made = [people.payment(stage) for _number in range(3)]
        people.person()
        answers = workflow.ask(
            ids=[payment.pk for payment in made], actor=people.person(), kind="answer", question="Ours?",
            addressee="team", team=team.pk, due_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
        assert all(answer.done for answer in answers)
        assert sorted(InformationRequest.objects.values_list("payment_id", "addressee_name")) == [
            (payment.pk, "Treasury") for payment in made
        ]


class TestHolding:
    def hold(self, payment: Payment, actor: User, **more: Any) -> None:
        until = timezone.now() + timedelta(milliseconds=150)
        assert only(workflow.hold(ids=[payment.pk], actor=actor, reason="Wait", until=until, **more)).done

    def sweep(self, capture: Captures) -> None:
        database.as_owner("select pg_sleep(0.2)")
        with capture(execute=True):
            sweeper.sweep()

    def test_it_comes_back_on_top_with_its_question_still_on_hold(
        self, stage: people.Stage, django_capture_on_commit_callbacks: Captures
    ) -> None:
        payment, person = people.payment(stage), people.person()
        self.hold(payment, person, question="Did they call?")
        assert queries.queue_page(queries.QueueFilter([stage.entity.pk])).ids == []
        self.sweep(django_capture_on_commit_callbacks)
        self.sweep(django_capture_on_commit_callbacks)
        assert queries.queue_page(queries.QueueFilter([stage.entity.pk])).ids == [payment.pk]
        assert (state(payment).hold_count, state(payment).brought_back) == (1, True)
        assert queries.notes([payment.pk], person.pk)[payment.pk].words == "Did they call?"
        assert only(approvals.validate(ids=[payment.pk], actor=people.person())).code == "payment.held"
        assert acts(payment) == ["held", "hold_due"]
        assert only(workflow.resume(ids=[payment.pk], actor=person, reason="", answer="Yes, at noon.")).done
        hold = Hold.objects.get()
        assert (hold.answer, hold.lift_reason, hold.lifted_by_id) == ("Yes, at noon.", "Yes, at noon.", person.pk)
        assert (state(payment).hold_count, state(payment).brought_back) == (0, False)

    def test_it_lifts_by_itself_when_that_was_chosen(
        self, stage: people.Stage, django_capture_on_commit_callbacks: Captures
    ) -> None:
        payment = people.payment(stage)
        self.hold(payment, people.person(), lifts_itself=True)
        self.sweep(django_capture_on_commit_callbacks)
        assert (state(payment).hold_count, state(payment).status) == (0, "checked")
        record = AuditRecord.objects.filter(subject_type="payment").latest("id")
        assert (record.action, record.actor_id, record.details) == ("payment.lifted", None, {"by_itself": True})

    def test_a_hold_that_lifts_by_itself_has_a_moment(self, stage: people.Stage) -> None:
        payment, person = people.payment(stage), people.person()
        with pytest.raises(BusinessError, match="lifts by itself"):
            workflow.hold(ids=[payment.pk], actor=person, reason="Wait", lifts_itself=True)
        with pytest.raises(BusinessError, match="past"):
            workflow.hold(ids=[payment.pk], actor=person, reason="Wait", until=timezone.now())
        assert state(payment).version == 1

    def test_one_resumes_ones_own_hold_alone_and_never_the_maker(self, stage: people.Stage) -> None:
        maker, person = people.person(), people.person()
        payment = people.payment(stage, maker=maker)
        workflow.hold(ids=[payment.pk], actor=person, reason="Wait")
        assert only(workflow.resume(ids=[payment.pk], actor=people.person(), reason="Go")).code == "hold.not_yours"
        assert state(payment).hold_count == 1
        workflow.hold(ids=[payment.pk], actor=maker, reason="Mine")
        assert only(workflow.resume(ids=[payment.pk], actor=maker, reason="Go")).code == "payment.own_work"
        assert only(workflow.resume(ids=[payment.pk], actor=person, reason="Go")).done
        assert state(payment).hold_count == 1


class TestHandingOver:
    def test_the_receiver_holds_it_and_sees_it_first(self, stage: people.Stage) -> None:
        giver, receiver = people.person(name="Sarah Cohen"), people.person()
        payment, claimed = people.payment(stage), people.payment(stage)
        PaymentState.objects.filter(pk=claimed.pk).update(priority=190)
        workflow.claim(ids=[claimed.pk], actor=receiver)
        workflow.claim(ids=[payment.pk], actor=giver)
        done = workflow.hand_over(ids=[payment.pk], actor=giver, person=receiver.pk, reason="You know them.")
        assert only(done).done
        assert state(payment).claimed_by_id == receiver.pk
        mine = queries.QueueFilter([stage.entity.pk], view=queries.MINE, person_id=receiver.pk)
        assert queries.queue_page(mine).ids == [payment.pk, claimed.pk]
        note = queries.notes([payment.pk], receiver.pk)[payment.pk]
        assert (note.kind, note.person, note.words) == ("handed", "Sarah Cohen", "You know them.")
        PaymentState.objects.filter(pk=payment.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
        assert queries.queue_page(mine).ids == [payment.pk, claimed.pk], "after the lease it is still theirs"
        assert workflow.take_next(actor=giver) is None, "it is left to the receiver"
        assert workflow.take_next(actor=receiver) == payment.pk
        assert only(approvals.validate(ids=[payment.pk], actor=receiver)).done
        assert HandOver.objects.get().end == "decided"
        assert acts(payment) == ["claimed", "handed_over", "claimed", "validated"]

    @pytest.mark.parametrize("who", ["maker", "limit", "right", "machine", "oneself", "elsewhere"])
    def test_nobody_gets_what_they_cannot_decide_on(self, stage: people.Stage, who: str) -> None:
        giver = people.person()
        cast = {
            "maker": people.person(), "limit": people.person(limit="1"), "right": people.person(roles.AUDITOR),
            "machine": people.person(is_machine=True), "oneself": giver,
            "elsewhere": people.person(entity=Entity.objects.create(code="ELSE", name="Else")),
        }  # fmt: skip
        payment = people.payment(stage, maker=cast["maker"])
        try:
            code = only(
                workflow.hand_over(ids=[payment.pk], actor=giver, person=cast[who].pk, reason="Please")
            ).code  # fmt: skip
        except BusinessError as refused:
            code = refused.code
        assert code == {
            "maker": "hand_over.maker", "limit": "hand_over.over_limit", "right": "hand_over.no_right",
            "machine": "hand_over.nobody", "oneself": "hand_over.to_oneself", "elsewhere": "hand_over.nobody",
        }[who]  # fmt: skip
        assert (acts(payment), state(payment).claimed_by_id, HandOver.objects.count()) == ([], None, 0)

    def test_a_team_takes_it(self, stage: people.Stage) -> None:
        team = Team.objects.create(entity=stage.entity, name="Treasury")
        member, giver = people.person(), people.person()
        payment = people.payment(stage)
        refused = only(workflow.hand_over(ids=[payment.pk], actor=giver, team=team.pk, reason="Yours"))
        assert refused.code == "hand_over.cannot", "a team without members"
        team.members.add(member)
        assert only(workflow.hand_over(ids=[payment.pk], actor=giver, team=team.pk, reason="Yours")).done
        assert state(payment).claimed_by_id is None
        assert workflow.take_next(actor=people.person()) is None
        assert workflow.take_next(actor=member) == payment.pk

    def test_it_is_declined_to_the_giver_then_to_the_queue(self, stage: people.Stage) -> None:
        giver, receiver = people.person(), people.person(name="Karim Aziz")
        payment = people.payment(stage)
        workflow.hand_over(ids=[payment.pk], actor=giver, person=receiver.pk, reason="You know them.")
        assert only(workflow.decline(ids=[payment.pk], actor=people.person(), reason="No")).code == "payment.claimed"
        assert only(workflow.decline(ids=[payment.pk], actor=receiver, reason="On leave.")).done
        first, back = HandOver.objects.order_by("id")
        assert (first.end, first.end_reason) == ("declined", "On leave.")
        assert (back.person_id, back.giver_id, back.declines_id, back.reason) == (
            giver.pk, receiver.pk, first.pk, "On leave.",
        )  # fmt: skip
        assert state(payment).claimed_by_id == giver.pk
        assert only(workflow.decline(ids=[payment.pk], actor=giver, reason="Nor I.")).done
        assert (state(payment).claimed_by_id, HandOver.objects.filter(ended_at=None).count()) == (None, 0)
        assert acts(payment) == ["handed_over", "hand_over_declined", "hand_over_declined"]

    def test_what_a_colleague_holds_is_handed_over_by_a_supervisor_alone(self, stage: people.Stage) -> None:
        holder, receiver = people.person(), people.person()
        payment = people.payment(stage)
        workflow.claim(ids=[payment.pk], actor=holder)
        asked = {"ids": [payment.pk], "person": receiver.pk, "reason": "Urgent"}
        assert only(workflow.hand_over(actor=people.person(), **asked)).code == "payment.claimed"
        assert only(workflow.hand_over(actor=people.person(roles.SUPERVISOR), **asked)).done
        assert state(payment).claimed_by_id == receiver.pk

    def test_one_open_hand_over_of_a_payment(self, stage: people.Stage) -> None:
        giver, one, two = people.person(), people.person(), people.person()
        payment = people.payment(stage)
        workflow.hand_over(ids=[payment.pk], actor=giver, person=one.pk, reason="First")
        assert only(workflow.hand_over(ids=[payment.pk], actor=one, person=two.pk, reason="Second")).done
        assert list(HandOver.objects.order_by("id").values_list("end", flat=True)) == ["passed_on", ""]
        with pytest.raises(IntegrityError, match="hand_over_open_once"), transaction.atomic():
            HandOver.objects.create(
                payment=payment, entity=stage.entity, giver=giver, person=one, reason="x", given_at=timezone.now()
            )
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            HandOver.objects.filter(end="passed_on").update(end="declined")


class TestEnding:
    def test_cancelling_takes_a_code_or_words(self, stage: people.Stage) -> None:
        payment, supervisor = people.payment(stage), people.person(roles.SUPERVISOR)
        for wrong in ({}, {"reason_code": "other"}, {"reason_code": "nothing"}):
            with pytest.raises(BusinessError):
                workflow.cancel(ids=[payment.pk], actor=supervisor, **wrong)
        assert only(workflow.cancel(ids=[payment.pk], actor=supervisor, reason_code="duplicate")).done
        assert AuditRecord.objects.latest("id").details == {"reason_code": "duplicate"}

    def test_a_return_keeps_its_words_and_value_date(self, stage: people.Stage) -> None:
        payment, supervisor = people.payment(stage), people.person(roles.SUPERVISOR)
        approvals.validate(ids=[payment.pk], actor=people.person())
        workflow.approve(ids=[payment.pk], actor=people.person())
        workflow.post(ids=[payment.pk])
        people.to_bank(stage.customer)
        assert only(workflow.settle(ids=[payment.pk], actor=supervisor)).done
        yesterday = timezone.localdate() - timedelta(days=1)
        asked = {"ids": [payment.pk], "actor": supervisor, "reason_code": "NARR", "reason": "The bank's letter."}
        with pytest.raises(BusinessError, match="today or earlier"):
            workflow.return_(**asked, value_date=timezone.localdate() + timedelta(days=2))
        with pytest.raises(BusinessError, match="words"):
            workflow.return_(**{**asked, "reason": ""})
        assert only(workflow.return_(**asked, value_date=yesterday)).code == "payment.return_proposed"
        assert only(workflow.return_(**asked | {"actor": people.person(roles.SUPERVISOR)})).done
        reversal = (
            payment.entries.order_by("-id")[0] if hasattr(payment, "entries") else queries.entries(payment.pk)[-1]
        )
        assert (reversal.value_date, reversal.booking_date) == (yesterday, timezone.localdate())
        record = AuditRecord.objects.filter(action="payment.returned").get()
        assert (record.reason, record.details["reason_code"]) == ("The bank's letter.", "NARR")
