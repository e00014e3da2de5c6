"""Recalls on screen and by the interface: asked, approved by another, answered; received, given back, refused."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.people import roles
from backoffice.web import navigation
from documents.models import AuditRecord
from tests.api.client import Program
from tests.files import camt029, camt056
from tests.people import Stage, person
from tests.transactions.test_messages import balances, sent, take_in
from tests.transactions.test_messages import branch as _branch  # noqa: F401
from tests.transactions.test_recall_requests import came_in
from tests.transactions.test_recalls import asked, recalled, said
from tests.web.desk import signed_in
from transactions import settlement
from transactions.models import Account, OutgoingFile, Recall, RecallRequest
from transactions.recalls import deadlines

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(_branch: Stage) -> Stage:  # noqa: F811
    return _branch


def desk(stage: Stage, role: str, name: str) -> Client:
    return signed_in(person(role, entity=stage.entity, name=name))


def test_asked_on_the_payment_s_page_and_approved_by_another(stage: Stage) -> None:
    file, payments = sent(stage, "120.00")
    key = payments[0].pk
    operator = desk(stage, roles.OPERATOR, "Anne Le Goff")
    page = operator.get(f"/payments/{key}/").content.decode()
    assert f'href="/payments/{key}/recall/"' in page
    form = operator.get(f"/payments/{key}/recall/")
    assert [(one["code"], one["until"]) for one in form.context["choices"]] == [
        (code, deadlines.ask_until(code, file.execution_date)) for code in Recall.Reason.values
    ]
    again = operator.post(f"/payments/{key}/recall/", {"reason_code": "DUPL", "reason": " "})
    assert again.status_code == 422
    assert not Recall.objects.exists()
    answer = operator.post(f"/payments/{key}/recall/", {"reason_code": "DUPL", "reason": "Payé deux fois"})
    recall = Recall.objects.get()
    assert answer.headers["Location"] == f"/recalls/{recall.pk}/"
    own = operator.get(f"/recalls/{recall.pk}/").content.decode()
    assert "Payé deux fois" in own
    assert f"/recalls/{recall.pk}/approve/" not in own, "an operator does not approve"
    assert operator.post(f"/recalls/{recall.pk}/approve/").status_code == 403
    recall.refresh_from_db()
    assert recall.status == "asked"
    supervisor = desk(stage, roles.SUPERVISOR, "Marion Durand")
    due = supervisor.get("/recalls/")
    assert [(one.mine, one.row.pk) for one in due.context["rows"]] == [(True, recall.pk)]
    assert f"/recalls/{recall.pk}/approve/" in supervisor.get(f"/recalls/{recall.pk}/").content.decode()
    assert supervisor.post(f"/recalls/{recall.pk}/approve/").status_code == 302
    recall.refresh_from_db()
    sheet = supervisor.get(f"/outgoing/{recall.file_id}/").content.decode()
    assert f'href="/recalls/{recall.pk}/"' in sheet
    assert "The same" in sheet, "what the file says was counted"
    assert supervisor.post(f"/outgoing/{recall.file_id}/send/").status_code == 302
    history = supervisor.get(f"/payments/{key}/").content.decode()
    assert "asked for its recall: Duplicate payment, recalled (DUPL)" in history
    assert "sent its recall" in history
    assert f'href="/payments/{key}/recall/"' not in history, "one open recall a payment"
    recall.refresh_from_db()
    shown = supervisor.get(f"/recalls/{recall.pk}/").content.decode()
    for words in ("asked for the recall", "approved the recall", "sent the recall"):
        assert words in shown


def test_nobody_approves_their_own(stage: Stage) -> None:
    _file, payments = sent(stage, "1.00")
    asker = person(roles.SUPERVISOR, entity=stage.entity)
    (recall,) = asked(payments, actor=asker)
    client = signed_in(asker)
    assert "Another person must approve it." in client.get(f"/recalls/{recall.pk}/").content.decode()
    answer = client.post(f"/recalls/{recall.pk}/approve/")
    assert answer.status_code == 422
    assert not OutgoingFile.objects.filter(kind="camt056").exists()
    assert client.post(f"/recalls/{recall.pk}/withdraw/", {"reason": ""}).status_code == 422
    assert client.post(f"/recalls/{recall.pk}/withdraw/", {"reason": "Correct after all"}).status_code == 302
    recall.refresh_from_db()
    assert (recall.status, recall.ended_reason) == ("withdrawn", "Correct after all")


def test_the_answer_is_brought_in_and_shown(stage: Stage, django_capture_on_commit_callbacks: Any) -> None:
    recalls, payments = recalled(stage, "10.00", "20.00")
    content = camt029([said(recalls[0]), said(recalls[1], "RJCR", reason="NOAS"), {"reference": "?", "status": "ACCR"}])
    client = desk(stage, roles.SUPERVISOR, "Marion Durand")
    upload = SimpleUploadedFile("answer.xml", content, "text/xml")
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/batches/bring-in/", {"destination": stage.entity.code, "files": upload})
    page = client.get(f"/recalls/{recalls[1].pk}/").content.decode()
    assert "No answer from the customer" in page
    assert "answered: recall refused: No answer from the customer (NOAS)" in page
    history = client.get(f"/payments/{payments[1].pk}/").content.decode()
    assert "answered: recall refused: No answer from the customer (NOAS)" in history
    queue = client.get("/bank-messages/").content.decode()
    assert "It answers no recall that was sent from here." in queue


def test_another_bank_asks_and_two_people_give_back(stage: Stage, django_capture_on_commit_callbacks: Any) -> None:
    payment = came_in(stage)
    importer = desk(stage, roles.SUPERVISOR, "Ines Morvan")
    upload = SimpleUploadedFile(
        "recall.xml", camt056([{"reference": "THEIR-REF", "amount": "250.00", "reason": "FRAD"}]), "text/xml"
    )
    with django_capture_on_commit_callbacks(execute=True):
        importer.post("/batches/bring-in/", {"destination": stage.entity.code, "files": upload})
    row = RecallRequest.objects.get()
    operator, supervisor = desk(stage, roles.OPERATOR, "Anne"), desk(stage, roles.SUPERVISOR, "Marion")
    listed = operator.get("/recalls/")
    assert [(one.mine, one.row.pk, one.day) for one in listed.context["rows"]] == [(False, row.pk, row.due_on)]
    page = operator.get(f"/recalls/requests/{row.pk}/").content.decode()
    assert payment.reference in page
    assert "FRAD" in page
    assert operator.post(f"/recalls/requests/{row.pk}/accept/", {"reason": "He agrees"}).status_code == 302
    assert operator.post(f"/recalls/requests/{row.pk}/confirm/").status_code == 403
    assert balances(stage) == ("10250.00", "0.00", "10250.00")
    assert importer.post(f"/recalls/requests/{row.pk}/confirm/").status_code == 422
    assert supervisor.post(f"/recalls/requests/{row.pk}/confirm/").status_code == 302
    assert balances(stage) == ("10000.00", "0.00", "10000.00")
    row.refresh_from_db()
    shown = supervisor.get(f"/recalls/requests/{row.pk}/").content.decode()
    for file in (row.answer_file_id, row.return_file_id):
        assert f'href="/outgoing/{file}/"' in shown
        sheet = supervisor.get(f"/outgoing/{file}/").content.decode()
        assert "The same" in sheet
        assert f'href="/recalls/requests/{row.pk}/"' in sheet
    assert "had it given back" in supervisor.get(f"/payments/{payment.pk}/").content.decode()


def test_what_we_do_not_hold_is_pointed_out_or_refused(stage: Stage) -> None:
    payment = came_in(stage, reference="OTHER-REF")
    for number in (1, 2):
        take_in(stage, camt056([{"reference": "X", "amount": "250.00", "case": str(number)}], message_id=f"M{number}"))
    one, two = RecallRequest.objects.order_by("pk")
    operator = desk(stage, roles.OPERATOR, "Anne")
    page = operator.get(f"/recalls/requests/{one.pk}/").content.decode()
    assert "No payment that came in here has this reference." in page
    address = f"/recalls/requests/{one.pk}/"
    assert operator.post(address + "accept/", {"payment": "what"}).status_code == 422
    assert operator.post(address + "accept/", {"payment": payment.reference}).status_code == 302
    assert operator.post(f"/recalls/requests/{two.pk}/refuse/", {"reason_code": "NOOR"}).status_code == 302
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.status, one.payment_id, two.status, two.answer_code) == ("proposed", payment.pk, "refused", "NOOR")
    received = operator.get("/recalls/", {"view": "received", "status": "refused"})
    assert [due.row.pk for due in received.context["rows"]] == [two.pk]


def test_the_menu_counts_what_waits(stage: Stage) -> None:
    _file, payments = sent(stage, "1.00", "2.00")
    asked(payments)
    take_in(stage, camt056([{"reference": "X", "amount": "1.00"}]))
    groups = navigation.menu(person(roles.OPERATOR, entity=stage.entity), "recalls")
    counts = {item["url"]: (item["count"], item["late"]) for group in groups for item in group["items"]}
    assert counts["/recalls/"] == (3, False)


def test_how_transfers_leave_is_set_on_the_account(stage: Stage) -> None:
    address = f"/accounts/{stage.customer.pk}/channel/"
    given = {"message_format": "pacs008", "settlement_method": "CLRG", "clearing_system": "ST2"}
    assert desk(stage, roles.OPERATOR, "Anne").post(address, given).status_code == 403
    assert Account.objects.get(pk=stage.customer.pk).message_format == "pain001"
    client = desk(stage, roles.SUPERVISOR, "Marion")
    assert client.post(address, given).status_code == 302
    page = client.get(f"/accounts/{stage.customer.pk}/").content.decode()
    assert "To the clearing (pacs.008)" in page
    assert "changed how transfers leave from “To the bank (pain.001)” to “To the clearing (pacs.008)”" in page
    file, _payments = sent(stage, "5.00")
    assert file.kind == "pacs008"
    listed = client.get("/outgoing/").content.decode()
    assert "Credit transfers between banks" in listed


class TestTheInterface:
    def test_of_ours(self, stage: Stage) -> None:
        _file, payments = sent(stage, "1.00", "2.00")
        operator = Program(person(roles.OPERATOR, entity=stage.entity))
        supervisor = Program(person(roles.SUPERVISOR, entity=stage.entity))
        body = {"payments": [payments[0].pk, 10**12], "reason_code": "TECH", "reason": "Sent twice"}
        made = operator.post("/recalls", body, key="k-1")
        assert made.status_code == 200, made.content
        told = made.json()
        recall = Recall.objects.get()
        assert (told["done"], told["refused"]) == (1, 1)
        assert [(one["payment"], one["recall"], one["code"]) for one in told["answers"]] == [
            (payments[0].pk, recall.pk, ""), (10**12, None, "not_there"),
        ]  # fmt: skip
        assert operator.post("/recalls", body, key="k-1").json() == told
        assert Recall.objects.count() == 1
        assert operator.post(f"/recalls/{recall.pk}/approve").status_code == 403
        approved = supervisor.post(f"/recalls/{recall.pk}/approve")
        assert (approved.status_code, approved.json()["status"]) == (200, "approved")
        twice = supervisor.post(f"/recalls/{recall.pk}/approve")
        assert (twice.status_code, twice.json()["code"]) == (422, "recall.wrong_status")
        settlement.send(file_id=approved.json()["outgoing_file"], actor=supervisor.user)
        one = supervisor.get(f"/recalls/{recall.pk}").json()
        assert (one["status"], one["case"], one["amount"]) == ("sent", f"R{recall.pk}", "1.00")
        listed = supervisor.get("/recalls", status="sent", payment=payments[0].pk).json()
        assert [row["id"] for row in listed["items"]] == [recall.pk]
        assert supervisor.get("/recalls", status="asked").json()["items"] == []
        late = operator.post(f"/recalls/{recall.pk}/withdraw", {"reason": "x"})
        assert (late.status_code, late.json()["code"]) == (422, "recall.wrong_status")

    def test_of_others(self, stage: Stage) -> None:
        came_in(stage)
        take_in(stage, camt056([{"reference": "THEIR-REF", "amount": "250.00"}, {"reference": "X", "amount": "1.00"}]))
        held, unknown = RecallRequest.objects.order_by("pk")
        operator = Program(person(roles.OPERATOR, entity=stage.entity))
        supervisor = Program(person(roles.SUPERVISOR, entity=stage.entity))
        machine = Program(person(roles.SUPERVISOR, entity=stage.entity, is_machine=True))
        listed = operator.get("/recall-requests", status="open").json()["items"]
        assert [row["id"] for row in listed] == [unknown.pk, held.pk]
        for act, sent_body in (("accept", {}), ("confirm", None), ("refuse", {"reason_code": "CUST"})):
            denied = machine.post(f"/recall-requests/{held.pk}/{act}", sent_body)
            assert (denied.status_code, denied.json()["code"]) == (403, "payment.by_machine")
        proposed = operator.post(f"/recall-requests/{held.pk}/accept", {"reason": "He agrees"})
        assert (proposed.status_code, proposed.json()["status"]) == (200, "proposed")
        accepted = supervisor.post(f"/recall-requests/{held.pk}/confirm").json()
        assert (accepted["status"], accepted["return_file"] is not None) == ("accepted", True)
        refused = operator.post(f"/recall-requests/{unknown.pk}/refuse", {"reason_code": "NOOR"}).json()
        assert (refused["status"], refused["answer_code"], refused["return_file"]) == ("refused", "NOOR", None)
        again = operator.post(f"/recall-requests/{unknown.pk}/refuse", {"reason_code": "NOAS"})
        assert again.status_code == 422
        assert AuditRecord.objects.filter(action="recall_request.refused").count() == 1

    def test_the_channel_of_an_account(self, stage: Stage) -> None:
        supervisor = Program(person(roles.SUPERVISOR, entity=stage.entity))
        path = f"/accounts/{stage.customer.pk}/channel"
        told = supervisor.post(path, {"message_format": "pacs008", "clearing_system": "ST2"}).json()
        assert (told["message_format"], told["settlement_method"], told["clearing_system"]) == (
            "pacs008",
            "CLRG",
            "ST2",
        )
        assert supervisor.post(path, {"message_format": "mt103"}).status_code == 400
