"""How fast the API may be called: exact at the limit, by cost, by token and person, and without the cache."""

import itertools
import time
from typing import Any

import pytest
from redis.exceptions import ConnectionError as Unreachable

from backoffice.people import rates
from tests.api.client import Program
from tests.people import bank_branch, payment, person

pytestmark = pytest.mark.django_db
_owner = itertools.count(int(time.time()) % 1_000_000 * 1000)


@pytest.fixture(autouse=True)
def _fresh(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets of earlier runs lie in the cache under the same numbers; a mark of this test keeps them apart."""
    settings.API_RATE_TOKEN, settings.API_RATE_PERSON = 6_000, 12_000
    mark = next(_owner)
    monkeypatch.setattr(rates.Bucket, "key", property(lambda self: f"rate:test:{mark}:{self.kind}:{self.owner}"))
    monkeypatch.setattr(rates, "_asked_again_at", 0.0)


def test_it_is_exact_at_the_limit(settings: Any) -> None:
    settings.API_RATE_TOKEN = 3
    program = Program(person("operator"))
    told = [program.get("/users/me") for _number in range(4)]
    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
    assert [answer["RateLimit"].split(", ")[0] for answer in told[:3]] == [
        '"token";r=2;t=20', '"token";r=1;t=40', '"token";r=0;t=60',
    ]  # fmt: skip
    assert told[0]["RateLimit-Policy"] == '"token";q=3;w=60, "person";q=12000;w=60'
    refused = told[3]
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "request.too_many"
    seconds = refused.json()["params"]["seconds"]
    assert refused["Retry-After"] == str(seconds)
    assert 19 <= seconds <= 20, "a point comes back every twenty seconds"
    assert refused["RateLimit"].startswith('"token";r=0;t=60')


def test_a_bucket_fills_again() -> None:
    bucket = [rates.Bucket("token", 2, 60)]
    assert rates._take(bucket, 60) == (0.0, [0.0])
    assert rates._take(bucket, 1)[0] > 0
    time.sleep(1.1)
    assert rates._take(bucket, 1)[0] <= 0


def test_calls_cost_by_what_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = bank_branch()
    operator = Program(person("operator", entity=stage.entity))
    made = payment(stage)
    costs: list[int] = []
    take = rates._take
    monkeypatch.setattr(rates, "_take", lambda buckets, cost: (costs.append(cost), take(buckets, cost))[1])
    operator.get("/payments")
    operator.post(f"/payments/{made.pk}/comment", {"text": "Seen"})
    operator.post("/payments/claim", {"ids": [made.pk]})
    operator.post("/payments/claim", {"ids": list(range(10**9, 10**9 + 101))})
    operator.client.post("/api/v1/batches", b"<a/>", content_type="application/xml")
    assert costs == [1, 5, 6, 6, 10, 20], (
        "of a call for many the first ten are paid with it, the others when it was read"
    )


def test_a_call_for_many_costs_by_its_items(settings: Any) -> None:
    settings.API_RATE_TOKEN = 30
    operator = Program(person("operator"))
    ids = list(range(10**9, 10**9 + 201))
    assert operator.post("/payments/claim", {"ids": ids[:200]}).status_code == 200, "5 and 20 points of 30"
    assert operator.post("/payments/claim", {"ids": ids[:1]}).status_code == 429, "5 points are left, 6 are asked"


def test_a_call_dearer_than_the_bucket_passes_when_it_is_full_and_is_paid_back(settings: Any) -> None:
    settings.API_RATE_TOKEN = 60
    bucket = [rates.Bucket("token", 1, 60)]
    assert rates._take(bucket, 90) == (0.0, [-30.0])
    wait, _left = rates._take(bucket, 1)
    assert wait == pytest.approx(31, abs=0.5)


def test_all_tokens_of_a_person_count_together(settings: Any) -> None:
    settings.API_RATE_PERSON = 4
    user = person("operator")
    first, second = Program(user), Program(user)
    assert [one.get("/users/me").status_code for one in (first, second, first, second, first)] == [200] * 4 + [429]
    assert Program(person("operator")).get("/users/me").status_code == 200, "another person is not concerned"


def test_a_refused_call_takes_nothing(settings: Any) -> None:
    settings.API_RATE_TOKEN, settings.API_RATE_PERSON = 5, 12
    user = person("operator")
    program = Program(user)
    assert program.post("/payments/take-next", {}).status_code == 200
    assert {program.get("/users/me").status_code for _number in range(5)} == {429}
    other = Program(user)
    assert [other.get("/users/me").status_code for _number in range(5)] == [200] * 5


def test_a_refusal_for_speed_is_not_the_answer_of_the_key(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_RATE_TOKEN = 20
    stage = bank_branch()
    made = payment(stage)
    ids = [made.pk, *range(10**9, 10**9 + 199)]
    slow = Program(person("operator", entity=stage.entity))
    assert slow.post("/payments/claim", {"ids": ids}, key="k").status_code == 429, "5 points for it, 20 for items"
    monkeypatch.setattr(rates.Bucket, "key", property(lambda self: f"rate:test:{next(_owner)}"))
    settings.API_RATE_TOKEN = 6_000
    assert slow.post("/payments/claim", {"ids": ids}, key="k").json()["done"] == 1


def test_without_the_cache_each_process_counts_by_itself(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def gone(**_asked: Any) -> Any:
        asked.append(1)
        raise Unreachable

    monkeypatch.setattr(rates, "_script", lambda: gone)
    monkeypatch.setattr(rates, "_own", rates._Own())
    settings.API_RATE_TOKEN = 3
    program = Program(person("operator"))
    assert [program.get("/users/me").status_code for _number in range(5)] == [200, 200, 200, 429, 429]
    assert len(asked) == 1, "it is asked again after some seconds only"
    monkeypatch.setattr(rates, "_asked_again_at", 0.0)
    program.get("/users/me")
    assert len(asked) == 2


def test_what_a_process_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_BUCKETS", 10)
    own = rates._Own()
    for number in range(100):
        own.take([rates.Bucket("token", number, 10)], 1)
    assert len(own._levels) == 10


def test_zero_does_not_count(settings: Any) -> None:
    settings.API_RATE_TOKEN = settings.API_RATE_PERSON = 0
    answer = Program(person("operator")).get("/users/me")
    assert answer.status_code == 200
    assert "RateLimit" not in answer
