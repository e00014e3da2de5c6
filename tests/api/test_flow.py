"""A real file goes through by the API alone: brought in, checked, signed by two, posted, sent, settled, on record."""

from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from conftest import SHARED
from tests.api.client import ROOT, Program
from tests.people import Stage, bank_branch, open_balance, person
from transactions import ledger
from transactions.models import OutgoingFile

pytestmark = pytest.mark.django_db
FILE = SHARED / "pain001" / "sepaking-pain.001.001.03.xml"
DEBTOR = "DE87200500001234567890"


@pytest.fixture
def stage() -> Stage:
    if not FILE.exists():
        pytest.skip(f"there is no {FILE}")
    call_command("load_rules")
    made = bank_branch(balance="0", iban=DEBTOR)
    open_balance(made.customer, "10000.00", made.bank)
    return made


def test_from_a_real_file_to_settlement(
    stage: Stage, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.STATE_DIR = tmp_path
    importer, first, second, chief = (
        Program(person(role, entity=stage.entity)) for role in ("operator", "operator", "operator", "supervisor")
    )

    def act(door: Program, path: str, body: Any = None) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            answer = door.post(path, body)
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    with django_capture_on_commit_callbacks(execute=True):
        sent = importer.client.post(f"{ROOT}/batches?file_name={FILE.name}", FILE.read_bytes(), "application/xml")
    assert sent.status_code == 201, sent.content
    batch = importer.get(f"/batches/{sent.json()['id']}").json()
    assert (batch["status"], batch["taken_count"], batch["checked_count"], batch["read_sum"]) == (
        "ready",
        2,
        2,
        "6655.86",
    )
    listed = first.get("/payments", batch=batch["id"]).json()["items"]
    assert sorted(item["amount"] for item in listed) == ["112.72", "6543.14"]
    assert {item["status"] for item in listed} == {"checked"}
    ids = [item["id"] for item in listed]
    for key in ids:
        findings = first.get(f"/payments/{key}").json()["findings"]
        assert all(finding["sentence"] for finding in findings)
        if first.get(f"/payments/{key}").json()["hold_count"]:
            act(chief, f"/payments/{key}/lift", {"reason": "Asked the sender"})

    own = act(importer, "/payments/validate", {"ids": ids, "reason": "Mine"})
    assert {answer["code"] for answer in own["answers"]} == {"payment.own_work"}
    why = {"ids": ids, "reason": "The sender confirmed the dates", "reason_code": "VERIFIED"}
    assert act(first, "/payments/validate", why)["done"] == 2
    again = act(first, "/payments/approve", {"ids": ids})
    assert {answer["code"] for answer in again["answers"]} == {"payment.signed_before"}
    for approver in (second, chief):
        act(approver, "/payments/approve", {"ids": ids})
    told = first.get(f"/payments/{ids[0]}").json()
    assert told["status"] == "posted", told
    assert {entry["kind"] for entry in told["entries"]} == {"posting"}
    account = first.get(f"/accounts/{stage.customer.pk}").json()
    assert (account["balance"], account["held"]) == ("3344.14", "0.00")

    files = act(chief, "/outgoing-files", {"account": stage.customer.pk})["files"]
    assert [(file["payment_count"], file["control_sum"]) for file in files] == [(2, "6655.86")]
    key = files[0]["id"]
    content = chief.get(f"/outgoing-files/{key}/content")
    assert b"<CtrlSum>6655.86</CtrlSum>" in content.content
    assert act(chief, f"/outgoing-files/{key}/send")["status"] == "sent"
    twice = chief.post(f"/outgoing-files/{key}/send")
    assert (twice.status_code, twice.json()["code"]) == (409, "outgoing.sent_before")
    day = timezone.localdate().isoformat()
    assert act(chief, f"/outgoing-files/{key}/confirm", {"value_date": day})["status"] == "settled"
    assert OutgoingFile.objects.get().status == "settled"
    assert_found_again(stage, first, chief, ids[0])


def assert_found_again(stage: Stage, first: Program, chief: Program, key: int) -> None:
    """History, books and statement tell the same life."""
    done = first.get(f"/payments/{key}").json()
    assert done["status"] == "settled"
    actions = [record["action"].removeprefix("payment.") for record in done["timeline"]]
    for action in ("received", "checked", "validated", "approved", "posted", "sent", "settled"):
        assert action in actions
    record = first.get("/audit-records", subject_type="payment", subject=key).json()["items"]
    assert [item["action"] for item in record] == [item["action"] for item in done["timeline"]]
    books = chief.get("/trial-balance").json()["books"]
    assert [book["balanced"] for book in books] == [True]
    statement = first.get(f"/accounts/{stage.customer.pk}/statement").json()
    assert (statement["balance"], [item["amount"] for item in statement["items"]]) == (
        "3344.14",
        ["112.72", "6543.14", "10000.00"],
    )
    assert ledger.audit() == []
