"""How the API says no when it is not the caller's fault, or when the database is the one that refuses."""

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from redis.exceptions import ConnectionError as RedisGone

from backoffice.common import problems
from backoffice.people import api as people
from backoffice.people.models import Entity
from tests.api.client import Program
from tests.people import bank_branch, grant, person
from transactions import workflow

pytestmark = pytest.mark.django_db


def failing(error: Exception) -> Any:
    def fail(*_args: Any, **_options: Any) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", [OperationalError("gone"), RedisGone("gone")])
def test_a_part_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    door = Program(person("operator", entity=bank_branch().entity))
    monkeypatch.setattr(people, "visible_entities", failing(error))
    answer = door.get("/entities")
    assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")
    assert answer["Retry-After"] == "2"


def test_what_nobody_expected_is_logged_and_says_nothing_of_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    door = Program(person("operator", entity=bank_branch().entity))
    door.client.raise_request_exception = False
    monkeypatch.setattr(people, "visible_entities", failing(RuntimeError("secret detail")))
    answer = door.get("/entities")
    assert (answer.status_code, answer.json()["code"]) == (500, "request.unexpected")
    assert answer["Content-Type"] == "application/problem+json"
    assert "secret detail" not in answer.content.decode()
    assert "api.unexpected" in caplog.text


def test_an_unexpected_failure_of_a_keyed_call_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = bank_branch()
    door = Program(person("operator", entity=stage.entity))
    door.client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(workflow, "take_next", failing(RuntimeError("bug")))
        assert door.post("/payments/take-next", {}, key="k").status_code == 500
    answer = door.post("/payments/take-next", {}, key="k")
    assert (answer.status_code, "Idempotency-Replayed" in answer) == (200, False)


def test_a_constraint_of_the_database_speaks_in_its_own_sentence() -> None:
    entity = Entity.objects.create(code="A", name="A")
    user = person("operator", entity=entity)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        grant(user, "operator", entity)
    answer = problems.answer(refused.value)
    assert answer is not None
    assert answer.status_code == 409
    assert "This person has this role here already." in answer.content.decode()


def test_a_body_larger_than_the_endpoint_takes() -> None:
    door = Program(person("operator", entity=bank_branch().entity))
    answer = door.post("/payments/take-next", b" " * 5_000_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too_large")
    assert answer.json()["params"] == {"largest": 5_000_000}


def test_a_body_of_another_kind() -> None:
    door = Program(person("operator", entity=bank_branch().entity))
    answer = door.client.post("/api/v1/payments/take-next", "a=1", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "request.media_type")


def test_a_body_where_none_is_asked_is_an_error() -> None:
    door = Program(person("operator"))
    answer = door.post("/tokens/1/revoke", {"why": "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")


def test_filters_where_there_are_none_are_an_error() -> None:
    answer = Program(person("operator")).get("/users/me", verbose="1")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "verbose")


def test_a_refusal_has_the_status_of_what_it_says() -> None:
    assert problems.status_of(problems.refusal("denied", {"right": "x"})) == 403
    assert problems.status_of(problems.refusal("not_there", {})) == 404
    assert problems.status_of(problems.refusal("conflict.version", {"read": 1, "now": 2})) == 409
    assert problems.status_of(problems.refusal("payment.held", {})) == 422
