"""Messages of the bank on screen: brought in, read, and what waits is decided on."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.people import roles
from documents.models import AuditRecord
from tests.api.client import ROOT, Program
from tests.files import pain002
from tests.people import Stage, bank_branch, person
from tests.transactions.test_messages import branch as _branch  # noqa: F401
from tests.transactions.test_messages import sent, statuses, take_in
from tests.web.desk import signed_in
from transactions.models import BankMessage, MessageItem, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(_branch: Stage) -> Stage:  # noqa: F811
    return _branch


def supervisor(stage: Stage) -> Client:
    return signed_in(person(roles.SUPERVISOR, entity=stage.entity, name="Marion Durand"))


def waiting(stage: Stage, **said: str) -> MessageItem:
    one = {"instruction": "X1", "status": "RJCT", "reason": "AC04", "text": "Konto erloschen", **said}
    return take_in(stage, pain002("NOT-OURS", payments=[one])).items.get()


def test_it_is_brought_in_where_files_are(stage: Stage, django_capture_on_commit_callbacks: Any) -> None:
    file, payments = sent(stage, "10.00")
    upload = SimpleUploadedFile("answer.xml", pain002(file.message_id, group="RJCT", reason="AM10"), "text/xml")
    client = supervisor(stage)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/batches/bring-in/", {"destination": stage.entity.code, "files": upload})
    message = BankMessage.objects.get()
    assert answer.headers["Location"] == f"/bank-messages/{message.pk}/"
    assert statuses(payments) == ["returned"]
    page = client.get(f"/bank-messages/{message.pk}/").content.decode()
    assert "rejected" in page
    assert "Control sum is wrong" in page
    assert "applied the message" in page
    history = client.get(f"/payments/{payments[0].pk}/").content.decode()
    assert "The bank" in history
    assert "answered: rejected: Control sum is wrong (AM10)" in history
    sheet = client.get(f"/outgoing/{file.pk}/").content.decode()
    assert "What the bank answered" in sheet
    assert "by the bank" in sheet


def test_again_it_is_recognised(stage: Stage) -> None:
    content = pain002("NOT-OURS", group="ACTC")
    first = take_in(stage, content)
    upload = SimpleUploadedFile("again.xml", content, "text/xml")
    answer = supervisor(stage).post("/batches/bring-in/", {"destination": stage.entity.code, "files": upload})
    assert answer.status_code == 422
    assert f"This message was taken in before: answer.xml, message {first.pk}." in answer.content.decode()


def test_an_operator_does_not_bring_it_in(stage: Stage) -> None:
    upload = SimpleUploadedFile("answer.xml", pain002("X", group="RJCT"), "text/xml")
    client = signed_in(person(roles.OPERATOR, entity=stage.entity))
    assert client.post("/batches/bring-in/", {"destination": stage.entity.code, "files": upload}).status_code == 403
    assert not BankMessage.objects.exists()


def test_what_waits_is_listed_and_assigned(stage: Stage) -> None:
    _file, payments = sent(stage, "10.00")
    item = waiting(stage, reference=payments[0].end_to_end_id, amount="10.00")
    client = supervisor(stage)
    listed = client.get("/bank-messages/").content.decode()
    assert "It answers a file that was not sent from here." in listed
    page = client.get(f"/bank-messages/answers/{item.pk}/")
    assert [found.pk for found in page.context["candidates"]] == [payments[0].pk]
    assert "Konto erloschen" in page.content.decode()
    reference = payments[0].reference
    nowhere = client.post(f"/bank-messages/answers/{item.pk}/assign/", {"payment": "what?", "reason": "x"})
    assert (nowhere.status_code, "such as PAY-2026-000123" in nowhere.content.decode()) == (422, True)
    missing = client.post(f"/bank-messages/answers/{item.pk}/assign/", {"payment": "P99999999", "reason": "x"})
    assert (missing.status_code, "There is no such payment." in missing.content.decode()) == (422, True)
    silent = client.post(f"/bank-messages/answers/{item.pk}/assign/", {"payment": reference, "reason": ""})
    assert (silent.status_code, "Give the reason in words." in silent.content.decode()) == (422, True)
    done = client.post(f"/bank-messages/answers/{item.pk}/assign/", {"payment": reference, "reason": "Called"})
    assert done.headers["Location"] == "/bank-messages/"
    assert statuses(payments) == ["returned"]
    assert "Nothing to decide" in client.get("/bank-messages/").content.decode()
    assert client.post(f"/bank-messages/answers/{item.pk}/dismiss/", {"reason": "x"}).status_code == 409


def test_what_is_laid_aside_moves_nothing(stage: Stage) -> None:
    item = waiting(stage)
    client = supervisor(stage)
    client.post(f"/bank-messages/answers/{item.pk}/dismiss/", {"reason": "Another bank's"})
    item.refresh_from_db()
    assert (item.outcome, item.decision) == ("dismissed", "Another bank's")
    page = client.get(f"/bank-messages/{item.message_id}/").content.decode()
    assert "Another bank&#x27;s" in page
    assert "laid answer 1 aside" in page


def test_the_source_file_is_handed_out_and_on_record(stage: Stage) -> None:
    message = take_in(stage, pain002("NOT-OURS", group="ACTC"))
    answer = supervisor(stage).get(f"/bank-messages/{message.pk}/file/")
    assert b"".join(answer.streaming_content) == pain002("NOT-OURS", group="ACTC")  # type: ignore[attr-defined]
    assert AuditRecord.objects.filter(action="message.downloaded", subject_id=message.pk).count() == 1


def test_in_french(stage: Stage) -> None:
    item = waiting(stage)
    user = person(roles.SUPERVISOR, entity=stage.entity, language="fr")
    page = signed_in(user).get(f"/bank-messages/answers/{item.pk}/").content.decode()
    assert "Elle répond à un fichier qui n’a pas été envoyé d’ici." in page
    assert "rejeté" in page


def test_lists_take_a_constant_number_of_queries(stage: Stage, django_assert_num_queries: Any) -> None:
    client = supervisor(stage)
    client.get("/bank-messages/")
    for number in range(3):
        take_in(stage, pain002("NOT-OURS", group="ACTC", message_id=f"M{number}"))
        for view in ("", "?view=messages"):
            with django_assert_num_queries(6):
                client.get(f"/bank-messages/{view}")


class TestProgram:
    def test_sends_a_report_and_reads_what_was_made_of_it(
        self, stage: Stage, django_capture_on_commit_callbacks: Any
    ) -> None:
        file, payments = sent(stage, "10.00", "20.00")
        program = Program(person(roles.SUPERVISOR, entity=stage.entity, is_machine=True))
        said = [{"instruction": f"P{payments[0].pk}", "status": "RJCT", "reason": "AC01"}, {"status": "RJCT"}]
        content = pain002(file.message_id, payments=said)
        with django_capture_on_commit_callbacks(execute=True):
            made = program.client.post(f"{ROOT}/bank-messages", content, content_type="application/xml")
        assert made.status_code == 201, made.content
        key = made.json()["id"]
        told = program.get(f"/bank-messages/{key}").json()
        assert (told["status"], told["kind"], told["item_count"]) == ("applied", "pain002", 2)
        answers = program.get(f"/bank-messages/{key}/answers").json()["items"]
        assert [(row["outcome"], row["payment"], row["reason_code"]) for row in answers] == [
            ("applied", payments[0].pk, "AC01"), ("unknown", None, ""),
        ]  # fmt: skip
        [left] = program.get("/bank-answers/waiting").json()["items"]
        assert left["detail"] == "It names a payment that the file does not have."
        refused = program.post(f"/bank-answers/{left['id']}/assign", {"payment": payments[1].pk, "reason": "x"})
        assert (refused.status_code, refused.json()["code"]) == (422, "payment.by_machine")
        assert program.post(f"/bank-answers/{left['id']}/dismiss", {"reason": "Nobody's"}).json()["outcome"] == (
            "dismissed"
        )
        again = program.client.post(f"{ROOT}/bank-messages", content, content_type="application/xml")
        assert (again.status_code, again.json()["code"]) == (409, "message.seen_before")
        assert PaymentState.objects.get(pk=payments[1].pk).status == "sent"

    def test_of_another_entity_nothing_is_there(self, stage: Stage) -> None:
        item = waiting(stage)
        elsewhere = bank_branch("ELSE", iban="FR7630006000011234567890189")
        program = Program(person(roles.SUPERVISOR, entity=elsewhere.entity))
        assert program.get(f"/bank-messages/{item.message_id}").status_code == 404
        assert program.get("/bank-answers/waiting").json()["items"] == []
        assert program.post(f"/bank-answers/{item.pk}/dismiss", {"reason": "x"}).status_code == 404
