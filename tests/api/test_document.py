"""The OpenAPI document is in step: every route is in it, making it warns of nothing, the committed copy is the same."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema

from backoffice import api_document, api_urls
from backoffice.common.api import Endpoint
from backoffice.people import roles
from tests.api.client import Program
from tests.people import person

COPY = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def document() -> Any:
    return yaml.safe_load(api_document.document())


def declared() -> dict[tuple[str, str], Any]:
    """Every path and method that the addresses name, with its act."""
    found = {}
    for pattern in api_urls.urlpatterns:
        if pattern.name == "nowhere":
            continue
        path = "/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        view = pattern.callback.cls(**pattern.callback.initkwargs)
        assert isinstance(view, Endpoint)
        for method in ("GET", "POST"):
            act = view.act_of(method)
            if act is not None:
                found[path, method] = act
    return found


def test_making_it_warns_of_nothing() -> None:
    api_document.document.cache_clear()
    GENERATOR_STATS.reset()
    GENERATOR_STATS.enable_trace_lineno()
    api_document.document()
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_it_is_valid_openapi(document: Any) -> None:
    validate_schema(document)


def test_every_route_and_method_is_in_it(document: Any) -> None:
    described = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert described == set(declared())


def test_every_act_asks_for_a_known_right() -> None:
    for (path, method), act in declared().items():
        assert act.right == "" or act.right in roles.RIGHTS, (path, method)
        assert act.summary, (path, method)


def test_operations_have_names_of_their_own(document: Any) -> None:
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


def test_every_post_takes_an_idempotency_key(document: Any) -> None:
    for path, methods in document["paths"].items():
        if "post" in methods:
            names = {(parameter["in"], parameter["name"]) for parameter in methods["post"].get("parameters", [])}
            assert ("header", "Idempotency-Key") in names, path


def test_every_answer_has_a_shape_and_a_refusal(document: Any) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            good = [code for code in answers if code < "400"]
            assert len(good) == 1, (path, method)
            assert answers[good[0]]["content"], (path, method)
            for code in {"400", "401", "403", "404", "503"} | ({"409", "422"} if method == "post" else set()):
                told = document["components"]["responses"][answers[code]["$ref"].rpartition("/")[2]]
                assert "application/problem+json" in told["content"], (path, method, code)


def test_the_committed_copy_is_what_is_made() -> None:
    made = api_document.document()
    assert COPY.read_bytes() == made, "docs/openapi.yaml is not in step: manage.py describe_api"


@pytest.mark.django_db
def test_the_root_says_where_to_go_on() -> None:
    operator = Program(person("operator"))
    told = operator.get("/").json()
    assert told["document"] == "http://testserver/api/v1/schema"
    assert told["me"] == "http://testserver/api/v1/users/me"
    assert "http://testserver/api/v1/payments" in told["lists"]
    assert operator.client.get(told["document"]).content == api_document.document()


@pytest.mark.django_db
def test_it_is_served_to_who_is_signed_in() -> None:
    answer = Program(person("operator")).get("/schema")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vnd.oai.openapi")
    assert answer.content == api_document.document()
