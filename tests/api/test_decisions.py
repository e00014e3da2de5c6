"""Taking back, asking, answering, handing over and holding until a moment, by a program with a person's token."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backoffice.people.models import Entity, Team, User
from controls.models import ApprovalPolicy
from documents.models import AttachmentLink
from tests.api.client import ROOT, Program
from tests.people import Stage, bank_branch, grant, payment, person
from tests.web.desk import acts, standing, state
from transactions.models import AccountBalance, InformationRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    stage = bank_branch(undo_seconds=60)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def test_an_approval_says_when_it_is_posted_and_is_withdrawn(stage: Stage) -> None:
    first, second = Program(person(entity=stage.entity)), Program(person(entity=stage.entity))
    made = [payment(stage, amount="10.00") for _number in range(3)]
    ids = [one.pk for one in made]
    assert first.post("/payments/validate", {"ids": ids}).json()["done"] == 3
    told = second.post(f"/payments/{ids[0]}/approve", {}).json()
    assert (told["status"], told["version"]) == ("approved", 3)
    assert told["effective_at"] > timezone.now().isoformat()
    late = first.post("/payments/withdraw", {"ids": ids}).json()
    assert (late["done"], late["refused"]) == (2, 1)
    assert (late["answers"][0]["code"], late["answers"][1]["code"]) == ("withdraw.overtaken", "")
    assert [state(one).status for one in made] == ["approved", "checked", "checked"]
    back = second.post(f"/payments/{ids[0]}/withdraw", {"version": 3}).json()
    assert (back["status"], back["effective_at"]) == ("validated", None)
    assert AccountBalance.objects.get(account=stage.customer).held == 0
    nothing = second.post(f"/payments/{ids[0]}/withdraw", {})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "withdraw.nothing")


def test_a_document_is_asked_for_and_answered(stage: Stage) -> None:
    door = Program(person(entity=stage.entity))
    one = payment(stage)
    asked = {
        "kind": "invoice", "question": "Which invoice is it?", "addressee": "department",
        "addressee_name": "Purchasing", "due_at": (timezone.now() + timedelta(hours=2)).isoformat(),
    }  # fmt: skip
    assert door.post(f"/payments/{one.pk}/ask", {**asked, "kind": "letter"}).status_code == 400
    assert door.post(f"/payments/{one.pk}/ask", asked).json()["hold_count"] == 1
    again = door.post(f"/payments/{one.pk}/ask", asked)
    assert (again.status_code, again.json()["code"]) == (422, "request.asked_already")
    listed = door.get("/information-requests", open="true", payment=one.pk).json()["items"]
    assert [(item["question"], item["answered_at"]) for item in listed] == [("Which invoice is it?", None)]
    signing = Program(person(entity=stage.entity)).post(f"/payments/{one.pk}/validate", {})
    assert (signing.status_code, signing.json()["code"]) == (422, "payment.answer_open")
    file = SimpleUploadedFile("F-7731.pdf", b"%PDF")
    sent = door.client.post(f"{ROOT}/payments/{one.pk}/attachments", {"file": file, "kind": "invoice"})
    kept = sent.json()["attachment"]["id"]
    address = f"/information-requests/{listed[0]['id']}/answer"
    assert door.post(address, {"text": ""}).json()["code"] == "request.answer_empty"
    assert door.post(address, {"attachment": kept + 1}).status_code == 404
    told = door.post(address, {"attachment": kept}).json()
    assert (told["attachment"], told["answered_by"]["id"]) == (kept, door.user.pk)
    assert state(one).hold_count == 0
    assert door.post(address, {"text": "Again"}).json()["code"] == "request.ended"
    assert acts(one) == ["payment.asked", "payment.document_added", "payment.request_answered"]


def test_the_maker_does_not_lift_the_hold_of_a_question_asked_of_another(stage: Stage) -> None:
    maker, checker = Program(person(entity=stage.entity)), Program(person(entity=stage.entity))
    one = payment(stage, maker=maker.user)
    asked = {
        "kind": "bank_details", "question": "Proof from the payee please", "addressee": "payee",
        "addressee_name": "Kervella", "due_at": (timezone.now() + timedelta(days=2)).isoformat(), "required": True,
    }  # fmt: skip
    assert checker.post(f"/payments/{one.pk}/ask", asked).json()["hold_count"] == 1
    address = f"/information-requests/{InformationRequest.objects.get().pk}/answer"
    refused = maker.post(address, {"text": "ok"})
    assert (refused.status_code, refused.json()["code"]) == (422, "request.asked_of_another")
    refused = checker.post(address, {"text": "ok"})
    assert (refused.status_code, refused.json()["code"]) == (422, "request.document_missing")
    source = AttachmentLink.objects.create(
        attachment=one.batch.attachment, subject_type="payment", subject_id=one.pk, kind="source"
    )
    assert checker.post(address, {"attachment": source.attachment_id}).status_code == 404, "the file it came by"
    assert (state(one).hold_count, acts(one)) == (1, ["payment.asked"])


def test_handing_over_and_declining(stage: Stage) -> None:
    giver, receiver = Program(person(entity=stage.entity)), Program(person(entity=stage.entity))
    one = payment(stage)
    body = {"person": receiver.user.pk, "reason": "You know them."}
    assert giver.post(f"/payments/{one.pk}/hand-over", body).status_code == 200
    assert state(one).claimed_by_id == receiver.user.pk
    assert giver.post(f"/payments/{one.pk}/decline", {"reason": "x"}).json()["code"] == "payment.claimed"
    assert receiver.post(f"/payments/{one.pk}/decline", {"reason": "No.", "to_queue": True}).status_code == 200
    assert state(one).claimed_by_id is None


def test_nobody_of_another_entity_is_named(stage: Stage) -> None:
    """Handing over to, or asking, someone of another entity is answered as if they did not exist."""
    other = bank_branch("OTHER", iban="FR7630006000011234567890189")
    door, both = Program(person(entity=stage.entity)), person(entity=stage.entity)
    grant(both, "operator", other.entity)
    secret = person(entity=other.entity, name="Secret Person")
    team = Team.objects.create(entity=other.entity, name="Secret M&A team")
    team.members.add(both)
    one, foreign = payment(stage), payment(other)
    asked = {"kind": "answer", "question": "?", "addressee": "team",
             "due_at": (timezone.now() + timedelta(days=2)).isoformat()}  # fmt: skip
    for path, body, code in (
        ("hand-over", {"person": secret.pk, "reason": "x"}, "hand_over.nobody"),
        ("hand-over", {"person": 10**9, "reason": "x"}, "hand_over.nobody"),
        ("hand-over", {"team": team.pk, "reason": "x"}, "hand_over.nobody"),
        ("hand-over", {"team": 10**9, "reason": "x"}, "hand_over.nobody"),
        ("ask", {**asked, "team": team.pk}, "request.addressee_missing"),
        ("ask", {**asked, "team": 10**9}, "request.addressee_missing"),
    ):
        for sent in (
            door.post(f"/payments/{one.pk}/{path}", body),
            door.post(f"/payments/{path}", {**body, "ids": [one.pk, foreign.pk]}),
        ):
            assert (sent.status_code, sent.json()["code"], sent.json()["params"]) == (422, code, {}), path
            assert b"Secret" not in sent.content
        assert door.post(f"/payments/{foreign.pk}/{path}", body).status_code == 404
    # Who works in both knows the team, and is told that it is not for this payment.
    wide = Program(User.objects.get(pk=both.pk))
    told = wide.post("/payments/ask", {**asked, "team": team.pk, "ids": [one.pk, foreign.pk]}).json()["answers"]
    assert [(answer["done"], answer.get("code", "")) for answer in told] == [(False, "request.other_team"), (True, "")]
    assert state(one).hold_count == 0


def test_a_hold_until_a_moment(stage: Stage) -> None:
    door = Program(person(entity=stage.entity))
    one = payment(stage)
    wrong = door.post(f"/payments/{one.pk}/hold", {"reason": "Wait", "lifts_itself": True})
    assert wrong.json()["code"] == "hold.needs_moment"
    until = (timezone.now() + timedelta(hours=1)).isoformat()
    held = {"reason": "Wait", "until": until, "question": "Did they call?"}
    assert door.post(f"/payments/{one.pk}/hold", held).json()["hold_count"] == 1
    assert door.get(f"/payments/{one.pk}").json()["holds"][0]["question"] == "Did they call?"
    assert door.post(f"/payments/{one.pk}/resume", {"answer": "Yes."}).json()["hold_count"] == 0


def test_another_entity_sees_and_moves_nothing(stage: Stage) -> None:
    elsewhere = Entity.objects.create(code="ELSE", name="Else")
    stranger, door = Program(person("supervisor", entity=elsewhere)), Program(person(entity=stage.entity))
    one = payment(stage)
    asked = {"kind": "answer", "question": "Ours?", "addressee": "maker",
             "due_at": (timezone.now() + timedelta(hours=2)).isoformat()}  # fmt: skip
    door.post(f"/payments/{one.pk}/ask", asked)
    key, before = InformationRequest.objects.get().pk, standing(one)
    assert stranger.get("/information-requests").json()["items"] == []
    for path, body in (
        (f"/information-requests/{key}/answer", {"text": "x"}),
        (f"/information-requests/{key}/close", {"reason": "x"}),
        (f"/payments/{one.pk}/withdraw", {}),
        (f"/payments/{one.pk}/hand-over", {"person": stranger.user.pk, "reason": "x"}),
        (f"/entities/{stage.entity.pk}/undo-window", {"seconds": 0, "reason": "x"}),
    ):
        assert stranger.post(path, body).status_code == 404, path
    assert standing(one) == before
    assert door.post(f"/entities/{stage.entity.pk}/undo-window", {"seconds": 0, "reason": "x"}).status_code == 403
    assert Entity.objects.get(pk=stage.entity.pk).undo_seconds == 60


@pytest.mark.parametrize("verb", ["validate", "approve"])
def test_nobody_signs_in_the_place_of_someone_who_is_not_there(stage: Stage, verb: str) -> None:
    one, other = person(entity=stage.entity), person(entity=stage.entity)
    made = payment(stage, amount="10.00")
    if verb == "approve":
        assert Program(other).post(f"/payments/{made.pk}/validate", {}).status_code == 200
    before = state(made).version
    refused = Program(one).post(f"/payments/{made.pk}/{verb}", {"on_behalf_of": 720_039})
    assert (refused.status_code, refused.json()["code"]) == (422, "delegation.none")
    assert state(made).version == before
