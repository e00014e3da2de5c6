"""Payments by the API: entering, listing, reading, and the verbs for one and for many."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.people.models import User
from documents import trail
from documents.models import AuditRecord
from tests import database
from tests.api.client import Program
from tests.people import CUSTOMER_IBAN, PAYEE_IBAN, Stage, bank_branch, grant, payment, person
from transactions import queries
from transactions.models import Hold, IntakeSource, Payment, PaymentApproval, PaymentBatch, PaymentState

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


@pytest.fixture
def operator(stage: Stage) -> Program:
    return Program(person("operator", entity=stage.entity))


@pytest.fixture
def supervisor(stage: Stage) -> Program:
    return Program(person("supervisor", entity=stage.entity))


def asked(**fields: Any) -> dict[str, Any]:
    return {
        "debtor_account": CUSTOMER_IBAN,
        "creditor_name": "Kervella Matériaux SARL",
        "creditor_account": PAYEE_IBAN,
        "amount": "150.00",
        "currency": "EUR",
        "requested_execution_date": (timezone.localdate() + timedelta(days=1)).isoformat(),
        "end_to_end_id": "INV-2026-1",
        "remittance": "Invoice 1",
        **fields,
    }


class TestEntering:
    def test_one_payment_is_taken_in(self, stage: Stage, operator: Program) -> None:
        answer = operator.post("/payments", {"payments": [asked()]})
        assert answer.status_code == 201, answer.content
        [made] = answer.json()["payments"]
        assert answer["Location"] == f"/api/v1/payments/{made['id']}"
        assert (made["amount"], made["currency"], made["status"]) == ("150.00", "EUR", "received")
        assert (made["creditor_number"], made["end_to_end_id"]) == (PAYEE_IBAN, "INV-2026-1")
        stored = Payment.objects.get()
        assert (stored.pk, stored.amount, stored.maker) == (made["id"], Decimal("150.00"), operator.user)
        assert (stored.channel, stored.debtor_account) == ("api", stage.customer)
        assert answer.json()["batch"]["id"] == stored.batch_id
        assert answer.json()["problems"] == []
        assert AuditRecord.objects.filter(subject_type="payment", action="payment.received").count() == 1

    def test_many_payments_are_taken_in_and_the_bad_ones_told(self, operator: Program) -> None:
        several = [
            asked(),
            asked(amount="0.001", end_to_end_id="BAD"),
            asked(end_to_end_id="INV-2026-2", amount="70.10"),
        ]
        answer = operator.post("/payments", {"payments": several})
        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert [made["amount"] for made in told["payments"]] == ["150.00", "70.10"]
        assert [made["position"] for made in told["payments"]] == [1, 3]
        assert [problem["position"] for problem in told["problems"]] == [2]
        assert told["problems"][0]["path"] == "/payments/1/amount"
        assert told["problems"][0]["detail"]
        assert (told["batch"]["taken_count"], told["batch"]["problem_count"]) == (2, 1)

    def test_when_nothing_is_taken_in_the_errors_name_their_fields(self, operator: Program) -> None:
        answer = operator.post("/payments", {"payments": [asked(amount="-5.00")]})
        assert answer.status_code == 422, answer.content
        told = answer.json()
        assert told["code"] == "payment.none_taken"
        assert told["errors"][0]["field"] == "payments[0].amount"
        assert PaymentBatch.objects.get(pk=told["params"]["batch"]).status == "refused"
        assert not Payment.objects.exists()

    @pytest.mark.parametrize(
        ("change", "field", "code"),
        [
            ({"amount": 150.0}, "payments[0].amount", "not_a_string"),
            ({"amount": 150}, "payments[0].amount", "not_a_string"),
            ({"amount": None}, "payments[0].amount", "null"),
            ({"ammount": "1.00"}, "payments[0].ammount", "unknown"),
            ({"requested_execution_date": "tomorrow"}, "payments[0].requested_execution_date", "invalid"),
            ({"kind": "cheque"}, "payments[0].kind", "invalid_choice"),
            ({"end_to_end_id": "x" * 36}, "payments[0].end_to_end_id", "max_length"),
            ({"creditor_address": {"planet": "Mars"}}, "payments[0].creditor_address.planet", "unknown"),
        ],
    )
    def test_input_of_the_wrong_form_is_refused_by_its_field(
        self, operator: Program, change: dict[str, Any], field: str, code: str
    ) -> None:
        answer = operator.post("/payments", {"payments": [asked(**change)]})
        assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
        assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
        assert not PaymentBatch.objects.exists()

    @pytest.mark.parametrize(
        "body",
        [b"{", b"\xff", b'{"payments": [], "payments": []}', b'{"payments": NaN}', b"[" * 100_000],
    )
    def test_what_is_not_json_is_malformed(self, operator: Program, body: bytes) -> None:
        answer = operator.post("/payments", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "request.malformed")

    @pytest.mark.parametrize("body", [[], "x", 1, {"payments": {}}, {"payments": []}, {"payments": ["x"]}, {}])
    def test_json_of_another_shape_is_invalid(self, operator: Program, body: Any) -> None:
        answer = operator.post("/payments", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")

    def test_the_same_keyed_call_takes_one_payment_in(self, operator: Program) -> None:
        body = {"payments": [asked()]}
        first = operator.post("/payments", body, key="erp-1")
        again = operator.post("/payments", body, key="erp-1")
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert (Payment.objects.count(), PaymentBatch.objects.count()) == (1, 1)

    def test_an_entity_that_is_not_ones_own_is_not_there(self, operator: Program) -> None:
        other = bank_branch("OTHER", iban="FR7630006000011234567890189")
        answer = operator.post("/payments", {"entity": other.entity.pk, "payments": [asked()]})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_there")

    def test_who_works_in_several_entities_says_which(self) -> None:
        here, _there = bank_branch(), bank_branch("OTHER", iban="FR7630006000011234567890189")
        door = Program(person("operator"))
        answer = door.post("/payments", {"payments": [asked()]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "entity")
        assert door.post("/payments", {"entity": here.entity.pk, "payments": [asked()]}).status_code == 201

    def test_what_a_person_types_is_theirs_whatever_source_they_name(self, stage: Stage, operator: Program) -> None:
        """A source of outside senders has no maker among us: whoever typed it could sign it."""
        assert stage.source.maker == "sender"
        answer = operator.post("/payments", {"source": "treasurer", "payments": [asked()]})
        assert (answer.status_code, answer.json()["code"]) == (422, "source.of_a_sender")
        assert not Payment.objects.exists()
        program = Program(person("operator", entity=stage.entity, is_machine=True))
        made = program.post("/payments", {"source": "treasurer", "payments": [asked()]})
        assert (made.status_code, Payment.objects.get().maker) == (201, None)

    def test_a_source_is_named_by_its_code(self, stage: Stage, operator: Program) -> None:
        IntakeSource.objects.filter(pk=stage.source.pk).update(maker="importer")
        answer = operator.post("/payments", {"source": "treasurer", "payments": [asked()]})
        assert answer.status_code == 201
        assert answer.json()["batch"]["source"] == "treasurer"
        answer = operator.post("/payments", {"source": "nobody", "payments": [asked(end_to_end_id="2")]})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "source")


class TestReading:
    def test_the_list_is_paged_and_filtered(self, stage: Stage, operator: Program) -> None:
        made = [payment(stage, amount=f"{number}.00") for number in range(1, 6)]
        made.append(payment(stage, amount="9.00", status="rejected"))
        first = operator.get("/payments", limit=4).json()
        assert [item["id"] for item in first["items"]] == [row.pk for row in reversed(made)][:4]
        assert first["previous"] is None
        following = operator.client.get(first["next"]).json()
        assert [item["id"] for item in following["items"]] == [made[1].pk, made[0].pk]
        assert following["next"] is None
        back = operator.client.get(following["previous"]).json()
        assert [item["id"] for item in back["items"]] == [item["id"] for item in first["items"]]
        assert [item["id"] for item in operator.get("/payments", status="rejected").json()["items"]] == [made[5].pk]
        assert len(operator.get("/payments", amount_from="3.00", amount_to="4.00").json()["items"]) == 2
        assert [item["id"] for item in operator.get("/payments", batch=made[2].batch_id).json()["items"]] == [
            made[2].pk
        ]
        assert [item["id"] for item in operator.get("/payments", q=made[0].reference).json()["items"]] == [made[0].pk]
        assert operator.get("/payments", received_to="2020-01-01").json()["items"] == []

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ({"state": "checked"}, 400, "request.invalid"),
            ({"status": "flying"}, 400, "request.invalid"),
            ({"limit": 501}, 400, "request.invalid"),
            ({"limit": 0}, 400, "request.invalid"),
            ({"cursor": "abc"}, 400, "cursor.invalid"),
        ],
    )
    def test_a_misspelt_filter_is_refused(
        self, operator: Program, query: dict[str, Any], status: int, code: str
    ) -> None:
        answer = operator.get("/payments", **query)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_a_list_costs_the_same_queries_for_any_length(self, stage: Stage, operator: Program) -> None:
        queries.paces([stage.entity.pk])
        counts = []
        for _round in range(2):
            for _number in range(5):
                payment(stage)
            with CaptureQueriesContext(
                connection,
            ) as asked_queries:
                assert operator.get("/payments").status_code == 200
            counts.append(len(asked_queries))
        # Token with its user and grants (its use is noted once), keys of the page, rows, the forecast, cut-offs.
        assert counts == [6, 5]

    def test_the_detail_tells_everything_once(self, stage: Stage, operator: Program, supervisor: Program) -> None:
        one = payment(stage, maker=None)
        assert supervisor.post(f"/payments/{one.pk}/validate", {}).status_code == 200
        told = operator.get(f"/payments/{one.pk}").json()
        assert (told["status"], told["version"]) == ("validated", 2)
        assert [(sign["stage"], sign["person"]["id"]) for sign in told["approvals"]] == [(0, supervisor.user.pk)]
        assert told["findings"] == told["entries"] == told["holds"] == []
        assert [act["action"] for act in told["timeline"]] == ["payment.validated"]
        assert told["timeline"][0]["actor"] == {"id": supervisor.user.pk, "name": supervisor.user.full_name}
        assert told["remittance"] == one.remittance
        assert told["maker"] is None

    def test_births_are_entered_told_and_amended(self, stage: Stage, operator: Program) -> None:
        varna = {"born_on": "1961-04-09", "province": "", "town": "Varna", "country": "BG"}
        body = asked(creditor_birth={"born_on": "1961-04-09", "town": "Varna", "country": "BG"})
        made = operator.post("/payments", {"payments": [body]}).json()["payments"][0]
        address = f"/payments/{made['id']}"
        assert operator.get(address).json()["births"] == [{"side": "creditor", **varna}]
        database.update(PaymentState.objects.filter(pk=made["id"]), status="checked")
        wanted = {"creditor_birth": {"born_on": "1961-09-04"}}
        amended = operator.post(
            f"{address}/amend", {"version": made["version"], "changes": wanted, "reason": "Passport"}
        )
        assert amended.status_code == 200, amended.content
        [told] = operator.get(address).json()["births"]
        assert told == {"side": "creditor", "born_on": "1961-09-04", "province": "", "town": "", "country": ""}

    @pytest.mark.parametrize(
        ("fields", "code", "field"),
        [
            ({"creditor_birth": {"born_on": "2199-01-01"}}, "birth.future", "payments[0].creditor_birth.born_on"),
            ({"creditor_birth": {"born_on": "1961-02-30"}}, "invalid", "payments[0].creditor_birth.born_on"),
            ({"creditor_birth": {"country": "QQ"}}, "birth.country", "payments[0].creditor_birth.country"),
            ({"debtor_birth": {"born_on": "1961-02-03"}}, "invalid", "payments[0].debtor_birth"),
            ({"creditor_birth": {"day": "1961-02-03"}}, "unknown", "payments[0].creditor_birth.day"),
        ],
    )
    def test_what_is_no_birth_is_refused_by_its_field(
        self, operator: Program, fields: dict[str, Any], code: str, field: str
    ) -> None:
        answer = operator.post("/payments", {"payments": [asked(**fields)]})
        [error] = answer.json()["errors"]
        assert (error["code"], error["field"], Payment.objects.count()) == (code, field, 0)

    def test_a_token_of_few_scopes_sees_little(self, stage: Stage) -> None:
        one = payment(stage)
        door = Program(person("operator", entity=stage.entity), scopes=["payment.view"])
        told = door.get(f"/payments/{one.pk}").json()
        assert told["creditor_number"] == "DE89 •••• 3000"
        assert told["findings"] is told["entries"] is told["timeline"] is None
        assert PAYEE_IBAN not in door.get("/payments").content.decode()
        assert door.post(f"/payments/{one.pk}/validate", {}).status_code == 403
        assert PaymentState.objects.get(pk=one.pk).status == "checked"

    def test_anothers_payment_is_not_there(self, operator: Program) -> None:
        other = bank_branch("OTHER", iban="FR7630006000011234567890189")
        foreign = payment(other)
        assert operator.get(f"/payments/{foreign.pk}").status_code == 404
        assert operator.get(f"/payments/{foreign.pk}/checks").status_code == 404
        assert operator.get("/payments", entity=other.entity.pk).json()["items"] == []


class TestOneAtATime:
    def test_from_validation_to_approval_by_two_people(self, stage: Stage) -> None:
        one = payment(stage)
        first, second = (Program(person("operator", entity=stage.entity)) for _person in range(2))
        validated = first.post(f"/payments/{one.pk}/validate", {"version": 1})
        assert validated.status_code == 200, validated.content
        assert (validated.json()["status"], validated.json()["version"]) == ("validated", 2)
        again = first.post(f"/payments/{one.pk}/approve", {})
        assert (again.status_code, again.json()["code"]) == (422, "payment.signed_before")
        approved = second.post(f"/payments/{one.pk}/approve", {"version": 2})
        assert approved.status_code == 200, approved.content
        signed = PaymentApproval.objects.filter(payment=one).order_by("stage").values_list("stage", "person")
        assert list(signed) == [(0, first.user.pk), (1, second.user.pk)]

    def test_a_version_that_was_not_read_is_a_conflict(self, stage: Stage, operator: Program) -> None:
        one = payment(stage)
        answer = operator.post(f"/payments/{one.pk}/validate", {"version": 7})
        assert answer.status_code == 409
        assert answer.json()["code"] == "conflict.version"
        assert answer.json()["params"] == {"read": 7, "now": 1}
        assert "you read version 7, it is now version 1" in answer.json()["detail"]

    def test_reject_cancel_reopen_hold_lift(self, stage: Stage, operator: Program, supervisor: Program) -> None:
        one = payment(stage).pk
        wrong = operator.post(f"/payments/{one}/reject", {"reason_code": "XX99"})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "reason_code")
        assert operator.post(f"/payments/{one}/hold", {"reason": "Call the payee"}).json()["hold_count"] == 1
        assert operator.post(f"/payments/{one}/lift", {"reason": "Called"}).status_code == 403
        assert supervisor.post(f"/payments/{one}/lift", {"reason": "Called"}).json()["hold_count"] == 0
        assert Hold.objects.get().lifted_by == supervisor.user
        assert operator.post(f"/payments/{one}/reject", {"reason_code": "AC01"}).json()["status"] == "rejected"
        assert supervisor.post(f"/payments/{one}/reopen", {"reason": "Corrected"}).json()["status"] == "received"
        assert supervisor.post(f"/payments/{one}/cancel", {"reason": "Not due"}).json()["status"] == "cancelled"
        late = supervisor.post(f"/payments/{one}/cancel", {"reason": "Not due"})
        assert (late.status_code, late.json()["code"]) == (422, "payment.wrong_status")
        assert late.json()["params"] == {"status": "cancelled"}
        assert late.json()["detail"] == "This cannot be done to a payment that is “Cancelled”."
        actions = [record.action.removeprefix("payment.") for record in trail.of("payment", one)][::-1]
        assert actions == ["held", "lifted", "rejected", "reopened", "cancelled"]

    def test_claim_release_and_take_next(self, stage: Stage, operator: Program) -> None:
        one = payment(stage)
        other = Program(person("operator", entity=stage.entity))
        assert operator.post(f"/payments/{one.pk}/claim").status_code == 200
        taken = other.post(f"/payments/{one.pk}/claim", {})
        assert (taken.status_code, taken.json()["code"]) == (422, "payment.claimed")
        assert other.post("/payments/take-next", {}).json() == {"payment": None}
        assert operator.post(f"/payments/{one.pk}/release", {}).status_code == 200
        assert other.post("/payments/take-next", {"entity": stage.entity.pk}).json()["payment"]["id"] == one.pk
        assert PaymentState.objects.get(pk=one.pk).claimed_by == other.user

    def test_comment_and_amend(self, stage: Stage, operator: Program) -> None:
        one = payment(stage)
        assert operator.post(f"/payments/{one.pk}/comment", {"text": "Asked the payee"}).status_code == 200
        change = {"version": 1, "changes": {"creditor_name": "Kervella SAS"}, "reason": "New name"}
        answer = operator.post(f"/payments/{one.pk}/amend", change)
        assert answer.status_code == 200, answer.content
        assert answer.json()["creditor_name"] == "Kervella SAS"
        refused = operator.post(f"/payments/{one.pk}/amend", {**change, "changes": {"amount": "1.00"}})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "changes.amount")
        empty = operator.post(f"/payments/{one.pk}/amend", {**change, "changes": {}})
        assert (empty.status_code, empty.json()["errors"][0]["field"]) == (400, "changes")
        validated = operator.post(f"/payments/{one.pk}/validate", {})
        assert validated.status_code == 422


class TestMany:
    def test_each_payment_is_answered_on_its_own(self, stage: Stage, operator: Program) -> None:
        good, late = payment(stage), payment(stage, status="rejected")
        foreign = payment(bank_branch("OTHER", iban="FR7630006000011234567890189"))
        ids = [late.pk, good.pk, foreign.pk, 10**9]
        answer = operator.post("/payments/validate", {"ids": ids, "versions": {str(good.pk): 1}})
        assert answer.status_code == 200, answer.content
        told = answer.json()
        assert (told["done"], told["refused"]) == (1, 3)
        assert [(row["payment"], row["done"], row["code"]) for row in told["answers"]] == [
            (late.pk, False, "payment.wrong_status"),
            (good.pk, True, ""),
            (foreign.pk, False, "not_there"),
            (10**9, False, "not_there"),
        ]
        assert told["answers"][2]["detail"] == told["answers"][3]["detail"] != ""
        assert PaymentState.objects.get(pk=good.pk).status == "validated"
        assert PaymentState.objects.get(pk=foreign.pk).status == "checked"
        assert PaymentApproval.objects.get().person == operator.user

    def test_seen_without_the_right_is_denied_apart(self, stage: Stage) -> None:

        other = bank_branch("OTHER", iban="FR7630006000011234567890189")
        user: User = person("operator", entity=stage.entity)
        grant(user, "auditor", other.entity)
        here, there = payment(stage), payment(other)
        told = Program(user).post("/payments/validate", {"ids": [here.pk, there.pk]}).json()
        assert [row["code"] for row in told["answers"]] == ["", "denied"]
        assert "validate a payment" in told["answers"][1]["detail"]
        french = Program(user, **{"Accept-Language": "fr"})
        told = french.post("/payments/validate", {"ids": [there.pk]}).json()["answers"][0]
        assert told["params"] == {"right": "payment.validate"}
        assert "«\xa0valider un paiement (première validation)\xa0»" in told["detail"]
        one = Program(user).post(f"/payments/{there.pk}/validate", {})
        assert (one.status_code, one.json()["code"]) == (403, "denied")

    @pytest.mark.parametrize(
        ("body", "field", "code"),
        [
            ({}, "ids", "required"),
            ({"ids": []}, "ids", "invalid"),
            ({"ids": ["1"]}, "ids", "invalid"),
            ({"ids": [1.0]}, "ids", "invalid"),
            ({"ids": [True]}, "ids", "invalid"),
            ({"ids": [1, 1]}, "ids", "unique"),
            ({"ids": list(range(1, 100_002))}, "ids", "max_length"),
            ({"ids": [1], "versions": {"x": 1}}, "versions", "invalid"),
            ({"ids": [1], "version": 1}, "version", "unknown"),
        ],
    )
    def test_what_is_asked_has_a_form(self, operator: Program, body: Any, field: str, code: str) -> None:
        answer = operator.post("/payments/validate", body)
        assert answer.status_code == 400
        assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]

    def test_a_hundred_thousand_identifiers_are_taken(self, operator: Program) -> None:
        answer = operator.post("/payments/validate", {"ids": list(range(1, 100_001))})
        assert answer.status_code == 200
        assert (answer.json()["refused"], len(answer.json()["answers"])) == (100_000, 100_000)


class TestLanguage:
    def test_sentences_are_in_the_language_asked_for_or_the_persons(self, stage: Stage) -> None:
        user = person("operator", entity=stage.entity, language="fr")
        door = Program(user)
        assert door.get("/payments/1")["Content-Language"] == "fr"
        assert Program(user, **{"Accept-Language": "en"}).get("/payments/1")["Content-Language"] == "en"
        assert "Accept-Language" in door.get("/payments/1")["Vary"]


def test_an_unknown_address_is_a_problem() -> None:
    answer = Program(person("operator")).get("/payment")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_there"


def test_another_method_is_a_problem() -> None:
    door = Program(person("operator"))
    answer = door.client.delete("/api/v1/payments")
    assert (answer.status_code, answer.json()["code"]) == (405, "request.not_allowed")
    assert answer["Allow"] == "GET, POST, HEAD"


def test_answers_are_not_kept_by_caches(stage: Stage, operator: Program) -> None:
    assert operator.get("/payments")["Cache-Control"] == "private, no-store"
