"""The other nouns of the API: people, accounts, payees, sources, batches, rules, documents, the audit trail."""

import hashlib
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.common import formats
from conftest import SHARED
from documents import attachments
from documents.models import Attachment, AuditRecord
from tests import database
from tests.api.client import ROOT, Program
from tests.files import pain001
from tests.people import CUSTOMER_IBAN, PAYEE_IBAN, Stage, account, bank_branch, batch, payment, person
from tests.web.desk import finding
from transactions.intake import names
from transactions.models import BankDetails, BankMessage, IntakeProblem, OutgoingFile, Payee, Payment, PaymentBatch
from transactions.tasks import read_batch

pytestmark = pytest.mark.django_db
OTHER_IBAN = "FR7630006000011234567890189"


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


@pytest.fixture
def other() -> Stage:
    return bank_branch("OTHER", iban=OTHER_IBAN)


@pytest.fixture
def operator(stage: Stage) -> Program:
    return Program(person("operator", entity=stage.entity))


@pytest.fixture
def supervisor(stage: Stage) -> Program:
    return Program(person("supervisor", entity=stage.entity))


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [item["id"] for item in answer.json()["items"]]


class TestPeople:
    def test_entities_are_those_with_a_role(self, stage: Stage, other: Stage, operator: Program) -> None:
        assert ids(operator.get("/entities")) == [stage.entity.pk]
        assert operator.get(f"/entities/{stage.entity.pk}").json()["code"] == "BANK"
        assert operator.get(f"/entities/{other.entity.pk}").status_code == 404
        assert ids(Program(person("auditor")).get("/entities")) == [stage.entity.pk, other.entity.pk]

    def test_me(self, stage: Stage, operator: Program) -> None:
        told = operator.get("/users/me").json()
        assert told["grants"] == [{"role": "operator", "entity": stage.entity.pk}]
        limit = {"act": "validate", "currency": "EUR", "amount": "1000000.00", "day_amount": None}
        assert limit in told["limits"]
        assert "payment.validate" in told["rights"]
        assert "account.manage" not in told["rights"]

    def test_users_are_seen_by_who_may_and_where(self, stage: Stage, other: Stage, operator: Program) -> None:
        auditor = Program(person("auditor", entity=stage.entity))
        elsewhere = person("operator", entity=other.entity)
        seen = ids(auditor.get("/users"))
        assert set(seen) == {operator.user.pk, auditor.user.pk}
        assert auditor.get(f"/users/{elsewhere.pk}").status_code == 404
        assert auditor.get(f"/users/{operator.user.pk}").json()["name"] == operator.user.full_name
        assert operator.get("/users").status_code == 403
        assert ids(auditor.get("/users", machine="true")) == []


class TestAccounts:
    def test_list_detail_and_filters(self, stage: Stage, other: Stage, operator: Program) -> None:
        assert [item["code"] for item in operator.get("/accounts").json()["items"]] == [
            "BANK-CUST",
            "BANK-NOSTRO",
            "BANK-TRANSIT",
        ]
        told = operator.get(f"/accounts/{stage.customer.pk}").json()
        assert (told["iban"], told["balance"], told["held"], told["available"], told["floor"]) == (
            CUSTOMER_IBAN,
            "100000.00",
            "0.00",
            "100000.00",
            "0.00",
        )
        assert ids(operator.get("/accounts", kind="bank")) == [stage.bank.pk]
        assert ids(operator.get("/accounts", q="FR14 2004 1010")) == [stage.customer.pk]
        assert operator.get(f"/accounts/{other.customer.pk}").status_code == 404
        assert ids(operator.get("/accounts", entity=other.entity.pk)) == []

    def test_without_the_right_numbers_are_masked(self, stage: Stage) -> None:
        door = Program(person("operator", entity=stage.entity), scopes=["account.view"])
        assert door.get(f"/accounts/{stage.customer.pk}").json()["iban"] == "FR14 •••• 2606"

    def test_open_block_and_unblock(self, stage: Stage, operator: Program, supervisor: Program) -> None:
        wanted = {
            "code": "cust-2",
            "name": "Second",
            "kind": "customer",
            "currency": "EUR",
            "iban": "FR76 3000 6000 0112 3456 7890 189",
            "counterpart": stage.bank.pk,
            "transit": stage.transit.pk,
            "overdraft": "500.00",
        }
        assert operator.post("/accounts", wanted).status_code == 403
        made = supervisor.post("/accounts", wanted)
        assert made.status_code == 201, made.content
        told = made.json()
        assert (told["code"], told["iban"], told["floor"], told["balance"]) == ("CUST-2", OTHER_IBAN, "0.00", "0.00")
        [asked] = supervisor.get("/changes", subject="account").json()["items"]
        assert asked["change"] == {"floor": "-500.00", "currency": "EUR", "code": "CUST-2"}
        assert supervisor.post(f"/changes/{asked['id']}/approve", {}).status_code == 422
        second = Program(person("supervisor", entity=stage.entity))
        assert second.post(f"/changes/{asked['id']}/approve", {}).json()["status"] == "approved"
        assert supervisor.get(f"/accounts/{told['id']}").json()["floor"] == "-500.00"
        narrowed = supervisor.post(f"/accounts/{told['id']}/overdraft", {"overdraft": "100.00", "reason": "Less"})
        assert narrowed.json() == {"in_effect": True, "change": None}
        wider = supervisor.post(f"/accounts/{told['id']}/overdraft", {"overdraft": None, "reason": "More"}).json()
        assert (wider["in_effect"], wider["change"]["status"], wider["change"]["change"]["floor"]) == (
            False, "waiting", None,
        )  # fmt: skip
        again = supervisor.post("/accounts", wanted)
        assert (again.status_code, again.json()["code"]) == (409, "account.code_taken")
        blocked = supervisor.post(f"/accounts/{told['id']}/block", {"reason": "Court order"})
        assert blocked.json()["status"] == "blocked"
        assert supervisor.post(f"/accounts/{told['id']}/block", {"reason": "Court order"}).status_code == 409
        assert supervisor.post(f"/accounts/{told['id']}/unblock", {"reason": "Lifted"}).json()["status"] == "open"

    def test_an_account_of_another_entity_cannot_be_counterpart(self, other: Stage, supervisor: Program) -> None:
        wanted = {"code": "X", "name": "X", "kind": "suspense", "currency": "EUR", "counterpart": other.bank.pk}
        assert supervisor.post("/accounts", wanted).status_code == 404


class TestPayees:
    @pytest.fixture
    def payee(self, stage: Stage) -> Payee:
        made = Payee.objects.create(
            entity=stage.entity,
            name="Kervella",
            name_key=names.key("Kervella"),
            country="DE",
            created_at=timezone.now(),
        )
        BankDetails.objects.create(
            payee=made, entity=stage.entity, account_number=PAYEE_IBAN, valid_from=timezone.now()
        )
        return made

    def test_bank_details_change_by_two_people(self, payee: Payee, operator: Program, supervisor: Program) -> None:
        change = {"account_number": CUSTOMER_IBAN, "reason": "Letter of 3 November"}
        assert operator.post(f"/payees/{payee.pk}/bank-details", change).status_code == 403
        made = supervisor.post(f"/payees/{payee.pk}/bank-details", change)
        assert made.status_code == 201, made.content
        new, former = made.json()["bank_details"]
        assert (new["account_number"], new["confirmed_by"], new["valid_to"]) == (CUSTOMER_IBAN, None, None)
        assert (former["account_number"], former["valid_to"] is None) == (PAYEE_IBAN, False)
        confirm = f"/payees/{payee.pk}/bank-details/{new['id']}/confirm"
        own = supervisor.post(confirm, {"reason": "Called back"})
        assert (own.status_code, own.json()["code"]) == (422, "payee.confirmed_by_another")
        second = Program(person("supervisor", entity=payee.entity))
        assert second.post(confirm, {"reason": "Called back"}).json()["bank_details"][0]["confirmed_by"] == {
            "id": second.user.pk,
            "name": second.user.full_name,
        }

    def test_search_by_name_and_account(self, payee: Payee, operator: Program) -> None:
        assert ids(operator.get("/payees", q="kerv")) == [payee.pk]
        assert ids(operator.get("/payees", q="DE89 3704 0044 0532 0130 00")) == [payee.pk]
        assert ids(operator.get("/payees", q="nobody")) == []

    def test_details_of_another_payee_are_not_there(self, stage: Stage, payee: Payee, supervisor: Program) -> None:
        second = Payee.objects.create(entity=stage.entity, name="Second", name_key="SECOND", created_at=timezone.now())
        details = payee.bank_details.get()
        answer = supervisor.post(f"/payees/{second.pk}/bank-details/{details.pk}/confirm", {"reason": "Called"})
        assert answer.status_code == 404


class TestFiles:
    CSV = b"beneficiary;iban;amount;currency;date;reference\nKervella;DE89370400440532013000;10,00;EUR;2026-12-01;R1\n"

    def test_a_file_as_part_of_a_form(self, stage: Stage, operator: Program) -> None:
        sent = {"file": SimpleUploadedFile("list.csv", self.CSV, "text/csv"), "source": "treasurer"}
        answer = operator.client.post(f"{ROOT}/batches", sent)
        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert told["sha256"] == hashlib.sha256(self.CSV).hexdigest()
        assert (told["file_name"], told["source"], told["channel"]) == ("list.csv", "treasurer", "file")
        detail = operator.get(f"/batches/{told['id']}").json()
        assert detail["progress"]["batch"] == told["id"]

    def test_a_file_as_the_body_keyed_and_replayed(self, operator: Program) -> None:
        def send(key: str) -> Any:
            return operator.client.post(
                f"{ROOT}/batches?file_name=list.csv",
                self.CSV,
                content_type="text/csv",
                headers={"Idempotency-Key": key},
            )

        first, again, seen = send("a"), send("a"), send("b")
        assert (first.status_code, again.status_code) == (201, 201)
        assert again["Idempotency-Replayed"] == "true"
        assert (seen.status_code, seen.json()["code"]) == (409, "batch.seen_before")
        assert seen.json()["params"]["batch"] == first.json()["id"]
        moment = datetime.fromisoformat(seen.json()["params"]["received_at"])
        assert seen.json()["detail"].endswith(f", on {formats.when(moment)}.")
        assert PaymentBatch.objects.count() == 1

    def test_the_boundary_of_a_form_is_not_part_of_the_call(self, operator: Program) -> None:
        def send(name: str) -> Any:
            boundary = f"b{name}"
            body = (
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
                f"Content-Type: text/csv\r\n\r\n".encode()
                + self.CSV
                + f"\r\n--{boundary}--\r\n".encode()
            )
            return operator.client.post(
                f"{ROOT}/batches", body, content_type=f"multipart/form-data; boundary={boundary}",
                headers={"Idempotency-Key": "k"},
            )  # fmt: skip

        assert send("one").status_code == 201
        assert send("two")["Idempotency-Replayed"] == "true"

    def test_a_form_without_a_file(self, operator: Program) -> None:
        answer = operator.client.post(f"{ROOT}/batches", {"entity": "1"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "file")
        empty = operator.client.post(f"{ROOT}/batches", b"", content_type="text/csv")
        assert empty.status_code == 400

    def test_a_real_file(self, operator: Program, django_capture_on_commit_callbacks: Any) -> None:
        path = next(iter(sorted((SHARED / "pain001").glob("*.xml"))), None)
        if path is None:
            pytest.skip(f"no files in {SHARED / 'pain001'}")
        with django_capture_on_commit_callbacks(execute=True):
            answer = operator.client.post(f"{ROOT}/batches", path.read_bytes(), content_type="application/xml")
        assert answer.status_code == 201, answer.content
        told = operator.get(f"/batches/{answer.json()['id']}").json()
        assert told["status"] in {"ready", "refused"}

    def test_batches_and_problems_are_paged(self, stage: Stage, other: Stage, operator: Program) -> None:
        first, second = batch(stage), batch(stage, status="refused")
        foreign = batch(other)
        for position in range(1, 4):
            IntakeProblem.objects.create(
                batch=first, position=position, code="text.too_long", params={"length": 40, "longest": 35}
            )
        assert ids(operator.get("/batches")) == [second.pk, first.pk]
        assert ids(operator.get("/batches", status="refused")) == [second.pk]
        page = operator.get(f"/batches/{first.pk}/problems", limit=2).json()
        assert [problem["position"] for problem in page["items"]] == [1, 2]
        assert page["items"][0]["detail"] == "This has 40 characters; at most 35 can be kept."
        rest = operator.client.get(page["next"]).json()
        assert [problem["position"] for problem in rest["items"]] == [3]
        for path in (f"/batches/{foreign.pk}", f"/batches/{foreign.pk}/problems"):
            assert operator.get(path).status_code == 404

    def test_a_cursor_of_one_list_is_refused_by_another(self, stage: Stage, operator: Program) -> None:
        one = batch(stage)
        for position in range(1, 4):
            IntakeProblem.objects.create(batch=one, position=position, code="amount.missing")
        cursor = operator.get(f"/batches/{one.pk}/problems", limit=1).json()["next"].split("cursor=")[1].split("&")[0]
        answer = operator.get("/batches", cursor=cursor)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor.invalid")

    def test_a_person_is_the_maker_of_what_their_own_token_brings_in(self, stage: Stage, operator: Program) -> None:
        assert stage.source.maker == "sender"
        program = Program(person("operator", entity=stage.entity, is_machine=True))
        made = []
        for number, door in enumerate((operator, program)):
            sent = {"source": "treasurer", "file": SimpleUploadedFile("a.xml", pain001(1, message_id=f"M{number}"))}
            answer = door.client.post(f"{ROOT}/batches", sent)
            assert answer.status_code == 201, answer.content
            read_batch(answer.json()["id"])
            made.append(Payment.objects.get(batch=answer.json()["id"]).maker)
        assert made == [operator.user, None]

    def test_how_a_batch_fared(self, stage: Stage, other: Stage, operator: Program) -> None:
        made = batch(stage, taken_count=3)
        payment(stage, in_batch=made, amount="10.00")
        payment(stage, in_batch=made, amount="500", currency="JPY")
        rule = finding(payment(stage, in_batch=made, amount="2.50", status="validated"), "warn")
        assert operator.get(f"/batches/{made.pk}/outcome").json() == {
            "batch": made.pk,
            "payments": 3,
            "whole": True,
            "outcomes": [
                {
                    "outcome": "pass",
                    "count": 2,
                    "sums": [{"currency": "EUR", "amount": "10.00"}, {"currency": "JPY", "amount": "500"}],
                },
                {"outcome": "warn", "count": 1, "sums": [{"currency": "EUR", "amount": "2.50"}]},
            ],
            "waiting": {"first_approval": 2, "second_approval": 1, "on_hold": 0},
            "findings": [{"rule": rule.code, "name": rule.name_en, "action": "warn", "count": 1}],
        }
        narrow = Program(operator.user, ["batch.view"])
        assert narrow.get(f"/batches/{made.pk}/outcome").json()["findings"] is None
        assert operator.get(f"/batches/{batch(other).pk}/outcome").status_code == 404

    def test_sources(self, stage: Stage, other: Stage, operator: Program, supervisor: Program) -> None:
        assert ids(operator.get("/sources")) == [stage.source.pk]
        assert operator.post("/sources", {"code": "erp", "name": "ERP"}).status_code == 403
        made = supervisor.post("/sources", {"code": "erp", "name": "ERP", "maker": "sender"})
        assert made.status_code == 201, made.content
        added = AuditRecord.objects.get(action="source.added", subject_id=made.json()["id"])
        assert added.details["maker"] == "sender"
        changed = supervisor.post(f"/sources/{made.json()['id']}/change", {"is_active": False})
        assert (changed.json()["is_active"], changed.json()["name"]) == (False, "ERP")
        assert supervisor.post(f"/sources/{other.source.pk}/change", {"is_active": False}).status_code == 404


class TestDocuments:
    def test_upload_list_and_download(self, stage: Stage, operator: Program) -> None:
        one = payment(stage)
        page = b"<html><script>alert(1)</script></html>"
        answer = operator.client.post(
            f"{ROOT}/payments/{one.pk}/attachments",
            {"file": SimpleUploadedFile("facture é.html", page, "text/html"), "kind": "invoice"},
        )
        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert (told["kind"], told["attachment"]["name"]) == ("invoice", "facture é.html")
        assert operator.get(f"/payments/{one.pk}/attachments").json()["items"] == [told]
        key = told["attachment"]["id"]
        assert operator.get(f"/attachments/{key}").json() == told["attachment"]
        content = operator.get(f"/attachments/{key}/content")
        assert content.content == page
        assert content["Content-Type"] == "application/octet-stream"
        assert content["X-Content-Type-Options"] == "nosniff"
        assert content["Content-Disposition"].startswith("attachment; ")
        assert "facture%20%C3%A9.html" in content["Content-Disposition"]
        assert "sandbox" in content["Content-Security-Policy"]
        actions = AuditRecord.objects.filter(subject_type="attachment", subject_id=key).order_by("id")
        assert [record.action for record in actions] == ["attachment.stored", "attachment.downloaded"]

    def test_the_bytes_of_files_that_hold_account_numbers_need_the_right_to_see_them(self, stage: Stage) -> None:
        """In by file, out to the bank, back from it, or named by nothing: the right to see documents is not enough."""
        user = person("operator")
        wide, narrow = Program(user), Program(user, ["document.view", "payment.view", "batch.view"])

        def kept(name: str) -> Attachment:
            with transaction.atomic():
                return attachments.store(
                    content=f"<IBAN>{PAYEE_IBAN}</IBAN>{name}".encode(), name=name, content_type="text/xml",
                    entity_id=stage.entity.pk, actor=None,
                )  # fmt: skip

        source, out, answer, loose = (kept(name) for name in ("in", "out", "answer", "loose"))
        one = payment(stage, in_batch=batch(stage, attachment=source))
        OutgoingFile.objects.create(
            entity=stage.entity, account=stage.bank, message_id="OUT-1", execution_date=timezone.localdate(),
            currency="EUR", attachment=out, prepared_at=timezone.now(),
        )  # fmt: skip
        BankMessage.objects.create(entity=stage.entity, kind="pain002", attachment=answer, sha256=answer.sha256)
        attachments.link(source, subject_type="payment", subject_id=one.pk, kind="other", actor=user)
        invoice = {"file": SimpleUploadedFile("facture.pdf", b"%PDF"), "kind": "invoice"}
        added = wide.client.post(f"{ROOT}/payments/{one.pk}/attachments", invoice).json()["attachment"]["id"]
        for file in (source, out, answer, loose):
            refused = narrow.get(f"/attachments/{file.pk}/content")
            assert (refused.status_code, refused.json()["code"]) == (403, "denied"), file.name
            assert refused.json()["params"] == {"right": "iban.view"}
            assert narrow.get(f"/attachments/{file.pk}").json()["name"] == file.name
            assert not AuditRecord.objects.filter(action="attachment.downloaded", subject_id=file.pk).exists()
            assert PAYEE_IBAN.encode() in wide.get(f"/attachments/{file.pk}/content").content
        assert narrow.get(f"/attachments/{added}/content").content == b"%PDF"

    def test_anothers_documents_are_not_there(self, other: Stage, operator: Program) -> None:
        foreign = payment(other)
        key = foreign.batch.attachment_id
        before = Attachment.objects.count()
        sent = {"file": SimpleUploadedFile("a.txt", b"a", "text/plain")}
        assert operator.client.post(f"{ROOT}/payments/{foreign.pk}/attachments", sent).status_code == 404
        for path in (f"/payments/{foreign.pk}/attachments", f"/attachments/{key}", f"/attachments/{key}/content"):
            assert operator.get(path).status_code == 404
        assert Attachment.objects.count() == before

    def test_the_acts_on_a_subject(self, stage: Stage, other: Stage, operator: Program) -> None:
        one = payment(stage)
        operator.post(f"/payments/{one.pk}/comment", {"text": "Seen"})
        operator.post(f"/payments/{one.pk}/hold", {"reason": "Wait"})
        told = operator.get("/audit-records", subject_type="payment", subject=one.pk).json()["items"]
        assert [(act["action"], act["reason"]) for act in told] == [
            ("payment.held", "Wait"),
            ("payment.commented", "Seen"),
        ]
        assert {act["actor"]["id"] for act in told} == {operator.user.pk}
        foreign = payment(other)
        assert operator.get("/audit-records", subject_type="payment", subject=foreign.pk).status_code == 404
        assert operator.get("/audit-records", subject_type="user", subject=operator.user.pk).status_code == 403
        assert operator.get("/audit-records", subject_type="cat", subject=1).status_code == 400
        assert operator.get("/audit-records").json()["errors"][0]["field"] == "subject_type"


class TestRules:
    def test_rules_tell_the_version_in_force(self, operator: Program) -> None:
        from controls.models import Rule, RuleVersion

        rule = Rule.objects.create(code="AAA-TEST", family="amount", name_en="Test", name_fr="Essai")
        for number, published in ((1, timezone.now()), (2, timezone.now()), (3, None)):
            database.insert(RuleVersion(
                rule=rule, number=number, expression="amount > 1", action="warn", mode="active", sentence_en="Large.",
                sentence_fr="Grand.", published_at=published,
            ))  # fmt: skip
        told = {item["code"]: item for item in operator.get("/rules", limit=500).json()["items"]}
        assert told["AAA-TEST"]["version"]["number"] == 2
        detail = operator.get("/rules/AAA-TEST").json()
        assert [version["number"] for version in detail["versions"]] == [2, 1]
        assert detail["version"]["number"] == 2
        assert operator.get("/rules/NO-SUCH").status_code == 404
        assert Program(person("administrator")).get("/rules").status_code == 403


class TestHead:
    def test_head_answers_as_get_without_a_body(self, operator: Program) -> None:
        answer = operator.client.head(f"{ROOT}/payments")
        assert (answer.status_code, answer.content) == (200, b"")
        assert Client().head(f"{ROOT}/payments").status_code == 401


def grow(stage: Stage, number: int) -> None:
    """One more of everything that the lists list."""
    one = payment(stage)
    IntakeProblem.objects.create(batch=one.batch, position=1, code="amount.missing")
    payee = Payee.objects.create(
        entity=stage.entity, name=f"P{number}", name_key=f"P{number}", created_at=timezone.now()
    )
    BankDetails.objects.create(payee=payee, entity=stage.entity, account_number=f"X{number}", valid_from=timezone.now())
    person("operator", entity=stage.entity)
    account(stage.entity, f"MORE-{number}", "suspense", "C")


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/entities", 2),
        ("/users", 4),
        ("/tokens", 2),
        ("/accounts", 2),
        ("/journal-entries", 2),
        ("/payees", 2),
        ("/sources", 2),
        ("/batches", 2),
        ("/payments", 5),
        ("/outgoing-files", 2),
        ("/outgoing-files/waiting", 3),
        ("/rules", 3),
    ],
)
def test_lists_cost_the_same_for_any_length(stage: Stage, path: str, queries: int) -> None:
    door = Program(person("auditor", entity=stage.entity))
    door.get(path)  # notes the use of the token
    for round_ in range(2):
        for number in range(3):
            grow(stage, 10 * round_ + number)
        door.get(path)  # measures the pace
        with CaptureQueriesContext(connection) as asked:
            assert door.get(path, **({} if path.endswith("waiting") else {"limit": 100})).status_code == 200
        assert len(asked) == queries, [query["sql"] for query in asked.captured_queries]
