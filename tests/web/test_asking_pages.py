"""The dialogs of asking, handing over, holding until a moment and undoing: what they ask, show and move."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import Entity, Team, User
from controls.models import ApprovalPolicy
from documents.models import AttachmentLink, AuditRecord
from tests import database, people
from tests.web.desk import acts, signed_in, standing, state
from transactions import workflow
from transactions.models import HandOver, Hold, InformationRequest, Payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch(undo_seconds=10)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


@pytest.fixture
def operator() -> User:
    return people.person(name="Sarah Cohen")


@pytest.fixture
def desk(operator: User) -> Client:
    return signed_in(operator)


def field(moment: timedelta) -> str:
    return timezone.localtime(timezone.now() + moment).strftime("%Y-%m-%dT%H:%M:%S")


ASKED = {"kind": "invoice", "question": "Which invoice is it?", "to": "department", "addressee_name": "Purchasing"}


def test_asking_moves_it_to_waiting_for_document(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    address = f"/payments/{payment.pk}/ask/"
    assert 'name="due_at"' in desk.get(address).content.decode()
    for wrong in ({"addressee_name": ""}, {"due_at": field(-timedelta(hours=1))}, {"question": ""}):
        given = {**ASKED, "due_at": field(timedelta(hours=2)), "required": "on", **wrong}
        assert desk.post(address, given).status_code == 422
    assert state(payment).version == 1
    desk.post(address, {**ASKED, "due_at": field(timedelta(hours=2)), "required": "on"})
    page = desk.get("/queue/?view=document")
    row = page.context["rows"][0]
    assert (row.state.pk, row.reason.partition(": ")[2]) == (payment.pk, "Which invoice is it?")
    assert page.context["counts"]["document"] == 1
    assert desk.get("/queue/").context["rows"] == []
    text = desk.get(f"/payments/{payment.pk}/").content.decode()
    assert "A required answer is still open." in text
    assert "Purchasing" in text


def test_a_file_answers_it_and_is_kept_with_the_payment(stage: people.Stage, operator: User, desk: Client) -> None:
    payment = people.payment(stage)
    desk.post(f"/payments/{payment.pk}/ask/", {**ASKED, "due_at": field(timedelta(hours=2)), "required": "on"})
    asked = InformationRequest.objects.get()
    address = f"/payments/{payment.pk}/requests/{asked.pk}/answer/"
    refused = desk.post(address, {"text": ""})
    assert refused.status_code == 422
    assert "Write an answer or attach a document." in refused.content.decode()
    answer = desk.post(address, {"file": SimpleUploadedFile("F-7731.pdf", b"%PDF-1.7"), "text": "Here it is."})
    assert answer.headers["Location"] == f"/payments/{payment.pk}/"
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by_id) == ("Here it is.", operator.pk)
    link = AttachmentLink.objects.get(subject_type="payment", subject_id=payment.pk)
    assert (link.kind, link.attachment_id) == ("invoice", asked.attachment_id)
    assert acts(payment) == ["payment.asked", "payment.document_added", "payment.request_answered"]
    assert desk.get("/queue/").context["rows"][0].reason == "Sarah Cohen answered: Here it is."
    again = desk.post(address, {"file": SimpleUploadedFile("F-7732.pdf", b"%PDF-1.8")})
    assert "This request was answered or closed before." in again.content.decode()
    assert AttachmentLink.objects.count() == 1, "a second answer leaves nothing behind"


def test_a_request_is_closed_with_a_reason(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    desk.post(f"/payments/{payment.pk}/ask/", {**ASKED, "due_at": field(timedelta(hours=2)), "required": "on"})
    address = f"/payments/{payment.pk}/requests/{InformationRequest.objects.get().pk}/close/"
    assert desk.post(address, {"reason": " "}).status_code == 422
    assert desk.post(address, {"reason": "Found in the archive."}).status_code == 302
    assert state(payment).hold_count == 0
    other = people.payment(stage)
    before = standing(other)
    assert desk.post(address.replace(str(payment.pk), str(other.pk), 1), {"reason": "x"}).status_code == 404
    assert standing(other) == before


def test_the_receiver_sees_first_what_was_handed_over_and_may_decline(stage: people.Stage, desk: Client) -> None:
    receiver = people.person(name="Karim Aziz", entity=stage.entity)
    payment = people.payment(stage)
    choices = desk.get(f"/payments/{payment.pk}/hand-over/").content.decode()
    assert f'value="person:{receiver.pk}"' in choices
    desk.post(f"/payments/{payment.pk}/hand-over/", {"to": f"person:{receiver.pk}", "reason": "You know them."})
    theirs = signed_in(receiver)
    page = theirs.get("/queue/?view=mine")
    assert page.context["rows"][0].reason == "Sarah Cohen handed it over: You know them."
    assert page.context["counts"]["mine"] == 1
    assert f"/payments/{payment.pk}/decline/" in theirs.get(f"/payments/{payment.pk}/").content.decode()
    theirs.post(f"/payments/{payment.pk}/decline/", {"reason": "On leave."})
    assert desk.get("/queue/?view=mine").context["rows"][0].reason == "Karim Aziz handed it over: On leave."
    assert HandOver.objects.filter(ended_at=None).get().person.full_name == "Sarah Cohen"


def test_a_hold_comes_back_with_its_question_and_is_answered_and_lifted(
    stage: people.Stage, operator: User, desk: Client
) -> None:
    payment = people.payment(stage)
    address = f"/payments/{payment.pk}/hold/"
    given = {"code": "callback", "reason": "They call back.", "question": "Did they call?"}
    assert desk.post(address, given).status_code == 422, "a question has a moment"
    given["until"] = field(timedelta(hours=1))
    assert desk.post(address, {**given, "lifts_itself": "on"}).status_code == 422, "one or the other"
    assert desk.post(address, given).status_code == 302
    database.update(Hold.objects.all(), until=timezone.now() - timedelta(seconds=1))
    workflow.come_due([payment.pk])
    assert desk.get("/queue/").context["rows"][0].reason == "You asked: Did they call?"
    dialog = desk.get(f"/payments/{payment.pk}/resume/").content.decode()
    assert "Did they call?" in dialog
    desk.post(f"/payments/{payment.pk}/resume/", {"reason": "Yes, at noon."})
    hold = Hold.objects.get()
    assert (hold.answer, hold.lifted_by_id, state(payment).hold_count) == ("Yes, at noon.", operator.pk, 0)


@pytest.mark.parametrize("verb", ["reject", "cancel", "hold"])
def test_every_decision_offers_undo(stage: people.Stage, verb: str) -> None:
    desk = signed_in(people.person(roles.SUPERVISOR))
    payment = people.payment(stage)
    code = {"reject": "AC01", "cancel": "duplicate", "hold": ""}[verb]
    desk.post(f"/payments/{payment.pk}/{verb}/", {"reason_code": code, "code": "person", "reason": "Because."})
    before = state(payment)
    page = desk.get("/queue/")
    undo = page.context["undo"]
    assert undo["ids"] == [payment.pk]
    assert 0 < undo["seconds"] <= 10
    desk.post("/queue/undo/", {"ids": undo["value"], "next": "/queue/"})
    assert (state(payment).status, state(payment).hold_count) == ("checked", 0)
    assert acts(payment)[-1] == "payment.withdrawn"
    assert before.version + 1 == state(payment).version


def test_the_last_approval_is_undone_and_says_when_another_acted(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    signed_in(people.person()).post(f"/payments/{payment.pk}/approve/", {"version": 1})
    desk.post(f"/payments/{payment.pk}/approve/", {"version": 2})
    assert state(payment).status == "approved"
    supervisor = people.person(roles.SUPERVISOR, name="Inès Morvan")
    workflow.cancel(ids=[payment.pk], actor=supervisor, reason_code="duplicate")
    before = standing(payment)
    page = desk.post("/queue/undo/", {"ids": str(payment.pk), "next": "/queue/"}, follow=True).content.decode()
    assert "Inès Morvan acted on this payment meanwhile; nothing was taken back." in page
    assert standing(payment) == before


@pytest.mark.parametrize(
    ("act", "given", "status"),
    [
        ("reject", {"reason_code": "FRAD"}, "rejected"),
        ("cancel", {"reason_code": "sender"}, "cancelled"),
        ("hold", {"code": "inquiry", "reason": "One case."}, "checked"),
    ],
)
def test_many_are_decided_with_a_summary_and_one_undo(
    stage: people.Stage, act: str, given: dict[str, str], status: str
) -> None:
    desk = signed_in(people.person(roles.SUPERVISOR))
    made = [people.payment(stage, amount=amount) for amount in ("10.00", "20.00", "30.00", "40.00")]
    claimed = people.payment(stage)
    workflow.claim(ids=[claimed.pk], actor=people.person(name="Karim Aziz"))
    ids = [payment.pk for payment in [*made, claimed]]
    page = desk.get("/queue/many/", {"act": act, "ids": ids})
    plan = page.context["plan"]
    assert plan.totals == [("EUR", Decimal("100.00"))]
    assert [found.payment.amount for found in plan.largest] == [40, 30, 20]
    assert [(group.sentence, len(group.states)) for group in plan.left_out] == [("Held by others", 1)]
    sent = {"act": act, "payment": [f"{payment.pk}:1" for payment in made]}
    if act != "hold":
        assert desk.post("/queue/many/", sent).status_code == 422
        assert {state(payment).version for payment in made} == {1}
    assert desk.post("/queue/many/", {**sent, **given}).status_code == 302
    assert {(state(payment).status, state(payment).version) for payment in made} == {(status, 2)}
    undo = desk.get("/queue/").context["undo"]
    desk.post("/queue/undo/", {"ids": undo["value"], "next": "/queue/"})
    assert {(state(payment).status, state(payment).hold_count) for payment in made} == {("checked", 0)}


def test_many_are_asked_about_and_handed_over(stage: people.Stage, desk: Client) -> None:
    team = Team.objects.create(entity=stage.entity, name="Treasury")
    team.members.add(people.person())
    made = [people.payment(stage) for _number in range(2)]
    sent = [f"{payment.pk}:1" for payment in made]
    handed = {"act": "hand-over", "payment": sent, "to": f"team:{team.pk}", "reason": "Yours."}
    assert desk.post("/queue/many/", handed).status_code == 302
    assert HandOver.objects.filter(team=team, ended_at=None).count() == 2
    asked = {**ASKED, "to": f"team:{team.pk}", "due_at": field(timedelta(hours=2)), "required": "on"}
    versions = [f"{payment.pk}:2" for payment in made]
    assert desk.post("/queue/many/", {"act": "ask", "payment": versions, **asked}).status_code == 302
    assert {state(payment).hold_count for payment in made} == {1}


def test_an_operator_cancels_nothing_in_bulk(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    before = standing(payment)
    assert "Cancel…" not in desk.get("/queue/").content.decode()
    sent = {"act": "cancel", "payment": [f"{payment.pk}:1"], "reason_code": "sender"}
    assert desk.post("/queue/many/", sent).status_code == 403
    assert standing(payment) == before


def test_the_undo_window_is_changed_with_a_reason(stage: people.Stage) -> None:
    desk = signed_in(people.person(roles.SUPERVISOR, entity=stage.entity))
    address = f"/approvals/{stage.entity.pk}/undo-window/"
    assert "A decision can be taken back for 10 seconds" in desk.get("/approvals/").content.decode()
    assert desk.post(address, {"seconds": "301", "reason": "Long"}).status_code == 422
    assert desk.post(address, {"seconds": "30", "reason": "New people"}).status_code == 302
    assert Entity.objects.get(pk=stage.entity.pk).undo_seconds == 30
    assert "changed the undo window from 10 to 30 seconds" in desk.get(address).content.decode()
    assert AuditRecord.objects.get(action="entity.undo_window_changed").reason == "New people"


def test_the_history_tells_it_in_words(stage: people.Stage, operator: User, desk: Client) -> None:
    payment: Payment = people.payment(stage)
    desk.post(f"/payments/{payment.pk}/approve/", {"version": 1})
    desk.post("/queue/undo/", {"ids": str(payment.pk), "next": "/queue/"})
    page = desk.get(f"/payments/{payment.pk}/").content.decode()
    assert "took back: the first approval" in page
