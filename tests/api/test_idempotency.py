"""The same call with the same key is done once and answered alike, also when eight send it together."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people import idempotency, tokens
from backoffice.people.models import ApiToken, IdempotencyKey, User
from tests.api.client import Program
from tests.people import PAYEE_IBAN, bank_branch, grant, person
from transactions.models import Payment

BODY = {"name": "Report", "scopes": ["payment.view"]}


def program() -> Program:
    """Someone whose token may make other tokens: a small act with an effect that can be counted."""
    from backoffice.people.models import Entity

    Entity.objects.get_or_create(code="HERE", name="Here")
    user = person("administrator")
    grant(user, "operator")
    return Program(user)


def call_of(user: User, key: str = "k", body: bytes = b"") -> idempotency.Call:
    return idempotency.Call(user, key, hashlib.sha256(body).digest())


@pytest.mark.django_db
class TestAnswers:
    def test_the_same_call_is_done_once_and_answered_alike(self) -> None:
        door = program()
        first = door.post("/tokens", BODY, key="order-1")
        second = door.post("/tokens", BODY, key="order-1")
        assert (first.status_code, second.status_code) == (201, 201)
        assert "Idempotency-Replayed" not in first
        assert second["Idempotency-Replayed"] == "true"
        assert second["Content-Type"] == "application/json"
        assert second.json()["id"] == first.json()["id"]
        assert ApiToken.objects.filter(name="Report").count() == 1

    def test_another_body_path_or_person_with_the_same_key(self) -> None:
        door, other = program(), program()
        assert door.post("/tokens", BODY, key="order-1").status_code == 201
        refused = door.post("/tokens", {**BODY, "name": "Other"}, key="order-1")
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency.other_body")
        assert refused["Content-Type"] == "application/problem+json"
        moved = door.post("/tokens/1/revoke", key="order-1")
        assert (moved.status_code, moved.json()["code"]) == (409, "idempotency.other_body")
        assert other.post("/tokens", BODY, key="order-1").status_code == 201
        assert ApiToken.objects.filter(name="Report").count() == 2

    def test_a_narrower_token_of_the_same_person_gets_no_answer_of_a_wider_one(self) -> None:
        here, there = bank_branch(), bank_branch("OTHER", iban="FR7630006000011234567890189")
        user = person("operator")
        body = {"entity": there.entity.pk, "payments": [{
            "debtor_account": "FR7630006000011234567890189", "creditor_name": "X", "creditor_account": PAYEE_IBAN,
            "amount": "9.00", "currency": "EUR",
            "requested_execution_date": (timezone.localdate() + timedelta(days=1)).isoformat()}]}  # fmt: skip
        wide = Program(user)
        assert wide.post("/payments", body, key="K1").status_code == 201

        def narrowed(**narrower: Any) -> Any:
            _token, secret = tokens.issue(
                user=User.objects.get(pk=user.pk), name="narrow", actor=user,
                **{"scopes": ["payment.create"], "entities": [here.entity.pk], **narrower},
            )  # fmt: skip
            program = Program(user)
            program.client = Client(headers={"Authorization": f"Bearer {secret}"})
            return program

        elsewhere, masked = narrowed(), narrowed(entities=[])
        without = narrowed(scopes=["payment.view"], entities=[])
        assert elsewhere.post("/payments", body).status_code == 404
        for narrow in (elsewhere, masked):
            answer = narrow.post("/payments", body, key="K1")
            assert (answer.status_code, answer.json()["code"]) == (409, "idempotency.other_body")
            assert "Idempotency-Replayed" not in answer
        assert without.post("/payments", body, key="K1").status_code == 403, "the right is asked before the key"
        browser = Client()
        browser.force_login(user, "django.contrib.auth.backends.ModelBackend")
        headers = {"Idempotency-Key": "K1"}
        assert browser.post("/api/v1/payments", body, "application/json", headers=headers).status_code == 409
        assert wide.post("/payments", body, key="K1")["Idempotency-Replayed"] == "true"
        assert Payment.objects.count() == 1

    def test_without_a_key_each_call_is_its_own(self) -> None:
        door = program()
        assert {door.post("/tokens", BODY).status_code for _call in range(2)} == {201}
        assert ApiToken.objects.filter(name="Report").count() == 2
        assert not IdempotencyKey.objects.exists()

    def test_a_refusal_of_the_act_is_replayed(self) -> None:
        door = program()
        wrong = {**BODY, "scopes": ["account.manage"]}
        first, second = door.post("/tokens", wrong, key="k"), door.post("/tokens", wrong, key="k")
        assert (first.status_code, first.json()["code"]) == (422, "token.scope_exceeds")
        assert second.content == first.content
        assert second.status_code == 422
        assert second["Content-Type"] == "application/problem+json"
        assert second["Idempotency-Replayed"] == "true"

    def test_input_with_errors_is_answered_alike(self) -> None:
        door = program()
        first, second = door.post("/tokens", {"name": ""}, key="k"), door.post("/tokens", {"name": ""}, key="k")
        assert first.status_code == second.status_code == 400
        assert first.content == second.content

    @pytest.mark.parametrize("key", ["", " ", "x" * 201, "a\tb", "clé"])
    def test_a_key_is_printable_and_short(self, key: str) -> None:
        door = program()
        answer = door.post("/tokens", BODY, key=key)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.bad_key")
        assert not ApiToken.objects.filter(name="Report").exists()

    def test_a_denied_call_is_not_kept(self) -> None:
        door = Program(person("operator"))
        assert door.post("/tokens", BODY, key="k").status_code == 403
        assert not IdempotencyKey.objects.exists()

    def test_a_crash_leaves_neither_effect_nor_answer(self) -> None:
        user = person("operator")

        def crash() -> HttpResponse:
            tokens.issue(user=user, name="Report", scopes=["payment.view"], actor=user)
            raise RuntimeError("the power went")

        with pytest.raises(RuntimeError):
            idempotency.once(call_of(user), crash)
        assert not ApiToken.objects.exists()
        assert not IdempotencyKey.objects.exists()
        assert idempotency.once(call_of(user), lambda: HttpResponse(b"{}", status=201)).status_code == 201

    def test_an_effect_before_a_refusal_is_undone(self) -> None:
        user = person("operator")

        def half() -> HttpResponse:
            tokens.issue(user=user, name="Report", scopes=["payment.view"], actor=user)
            raise BusinessError("form.invalid")

        assert idempotency.once(call_of(user), half).status_code == 422
        assert not ApiToken.objects.exists()
        assert IdempotencyKey.objects.get().status == 422

    def test_old_answers_are_forgotten(self) -> None:
        user = person("operator")
        for key in ("old", "new"):
            idempotency.once(call_of(user, key), lambda: HttpResponse(b"{}", status=201))
        IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(days=8))
        assert idempotency.forget_old() == 1
        assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_while_the_first_call_runs_the_second_is_told_so(self) -> None:
        door = program()
        name = call_of(door.user, "order-1").lock
        with ThreadPoolExecutor(1) as another:
            held, go = _hold(another, name)
            try:
                answer = door.post("/tokens", BODY, key="order-1")
            finally:
                go.set()
                held.result()
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency.in_progress")
        assert not ApiToken.objects.filter(name="Report").exists()
        assert door.post("/tokens", BODY, key="order-1").status_code == 201

    def test_whoever_commits_first_is_the_answer_and_the_other_is_undone(self) -> None:
        user = person("operator")
        call = call_of(user)

        def first() -> None:
            IdempotencyKey.objects.create(
                user=user, key="k", request_digest=call.digest, status=201, body='{"first":1}'
            )
            connection.close()

        def overtaken() -> HttpResponse:
            tokens.issue(user=user, name="Report", scopes=["payment.view"], actor=user)
            with ThreadPoolExecutor(1) as another:
                another.submit(first).result()
            return HttpResponse(b'{"second":2}', status=201)

        answer = idempotency.once(call, overtaken)
        assert (answer.content, answer["Idempotency-Replayed"]) == (b'{"first":1}', "true")
        assert not ApiToken.objects.exists()

    def test_eight_clients_send_the_same_call(self) -> None:
        door = program()

        def send(_number: int) -> Any:
            try:
                return door.post("/tokens", BODY, key="order-1")
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as clients:
            answers = list(clients.map(send, range(32)))
        made = ApiToken.objects.get(name="Report")
        assert sorted({answer.status_code for answer in answers}) in ([201], [201, 409])
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency.in_progress"}
        good = [answer for answer in answers if answer.status_code == 201]
        assert {answer.json()["id"] for answer in good} == {made.pk}
        assert sum("Idempotency-Replayed" not in answer for answer in good) == 1
        assert door.post("/tokens", BODY, key="order-1")["Idempotency-Replayed"] == "true"


def _hold(pool: ThreadPoolExecutor, name: int) -> Any:
    """Hold the lock of a call in another connection until told to let go."""
    from threading import Event

    taken, go = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            sql.rows("select pg_advisory_xact_lock(%s)", [name])
            taken.set()
            go.wait(20)
        connection.close()

    future = pool.submit(hold)
    assert taken.wait(20)
    return future, go
