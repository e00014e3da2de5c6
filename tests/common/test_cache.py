"""What lies in the cache is data of this installation, or it is not there: its server may be reached by others."""

import json
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from kombu import serialization
from kombu.exceptions import ContentDisallowed

from backoffice.celery import app
from tests import people


@pytest.fixture
def server() -> Any:
    """The server, as somebody who reached it."""
    with redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]) as client:
        yield client


class Program:
    """Runs a command in the process that reads it as a pickle."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.mark}",)


@pytest.mark.django_db
def test_a_pickle_in_the_cache_runs_nowhere(server: Any, tmp_path: Path) -> None:
    batch = people.batch(people.bank_branch(), status="received")
    desk = Client()
    desk.force_login(people.person())
    mark = tmp_path / "ran"
    key = cache.make_key(f"intake:{batch.pk}")
    for body in (pickle.dumps(Program(mark)), pickle.dumps({"phase": "reading"}), b"17", b"", b"\xff" * 40, b"{"):
        server.set(key, body, ex=60)
        assert desk.get(f"/batches/{batch.pk}/").status_code == 200
        assert cache.get(f"intake:{batch.pk}", "nothing") == "nothing"
        assert cache.get_many([f"intake:{batch.pk}"]) == {}
    assert not mark.exists()
    server.delete(key)


@pytest.mark.django_db
def test_what_others_write_as_json_is_not_believed(server: Any) -> None:
    batch = people.batch(people.bank_branch(), status="received")
    name = f"intake:{batch.pk}"
    key = cache.make_key(name)
    server.set(key, json.dumps({"phase": "storing", "read": 10**9, "seconds": 1}), ex=60)
    assert cache.get(name) is None
    cache.set(name, {"phase": "reading", "read": 7, "seconds": 2.0}, 60)
    assert cache.get(name) == {"phase": "reading", "read": 7, "seconds": 2.0}
    kept = server.get(key)
    server.set(key, kept.replace(b'"read":7', b'"read":8'), ex=60)
    assert cache.get(name) is None
    server.set(cache.make_key("forecast:elsewhere"), kept, ex=60)
    assert cache.get("forecast:elsewhere") is None, "a value counts under its own key alone"
    server.set(key, kept, ex=60)
    desk = Client()
    desk.force_login(people.person())
    answer = desk.get(f"/batches/{batch.pk}/")
    assert answer.status_code == 200
    cache.delete(name)


def test_the_rest_of_the_cache_does_what_it_did() -> None:
    cache.delete_many(["a", "b", "c"])
    assert cache.add("a", [1.5, True, None, "é"], 60)
    assert not cache.add("a", 2, 60)
    cache.set_many({"b": 0, "c": (1, 2)}, 60)
    assert cache.get_many(["a", "b", "c", "d"]) == {"a": [1.5, True, None, "é"], "b": 0, "c": [1, 2]}
    assert (cache.incr("b"), cache.incr("b", 4), cache.decr("b")) == (1, 5, 4)
    assert cache.get_or_set("d", lambda: "made", 60) == "made" == cache.get("d")
    with pytest.raises(TypeError):
        cache.set("a", object())
    cache.delete_many(["a", "b", "c", "d"])


def test_a_worker_takes_no_pickles() -> None:
    assert set(app.conf.accept_content) == {"json"}
    body = pickle.dumps([])
    with pytest.raises(ContentDisallowed):
        serialization.loads(body, "application/x-python-serialize", "binary", accept=app.conf.accept_content)
