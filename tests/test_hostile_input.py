"""Every address is given what nobody honest would send: it answers, and shows nothing of it as markup."""

import itertools
import json
import os
import tracemalloc
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.people.models import User
from controls.models import ChangeRequest
from tests import database, rights, rights_contents
from tests.people import bank_branch, grant, payment, person
from tests.rights import PARAMS, PK_OF, Route, World
from transactions import intake, workflow
from transactions.models import Account, IntakeProblem

pytestmark = pytest.mark.django_db

SCRIPT = "\"'><script>alert(1)</script>{{7*7}}${1}"
HOSTILE = (
    SCRIPT, "\x00", "a\x00b", "9" * 30, "9" * 5000, "-1", "0", "1e9999", "NaN", "Infinity", "2026-13-45", "0001-01-01",
    "9999-12-31", "2026-11-27T99:99", "\udce9", "\u202e\ufeff\U0001f600", "%", "_%\\", "(((((", "a" * 20_000,
    "' or 1=1 --", "javascript:alert(1)", "//evil.example/", "[]", "{}", "null", "٣", "²", "1,²,٣",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "1e200000000", "1e-200000000",
)  # fmt: skip
# What addresses ask for, and what they never do.
NAMES = (
    "q", "status", "entity", "batch", "cursor", "limit", "as_of", "ids", "received_from", "received_to", "amount_from",
    "amount_to", "subject_type", "subject", "severity", "channel", "active", "machine", "from", "to", "on", "view",
    "next", "destination", "checks", "history", "title", "row", "payment", "field", "kind", "source", "maker", "state",
    "role", "account", "late", "decision", "sort", "surprise", "rule", "scheme", "at", "since", "until", "least",
    "most", "risk", "execution_from", "execution_to", "cut_off_from", "cut_off_to",
)  # fmt: skip


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world: World) -> Client:
    """Someone with every role, so that nothing is refused before it is read."""
    everybody = person(None, limit="1000000")
    for role in ("operator", "supervisor", "auditor", "administrator"):
        grant(everybody, role, None)
    client = Client(raise_request_exception=False)
    client.force_login(everybody, "django.contrib.auth.backends.ModelBackend")
    return client


def address(route: Route, things: dict[str, Any]) -> str:
    named = PARAMS | PK_OF.get(route.name.split("/")[0], {})
    given = {"subject_type": "payment", "name": "x", "code": things.get("rule", "x")}
    values = {name: things.get(named.get(name, name), given.get(name, "1")) for name in route.params}
    return reverse(route.name.split("/")[0], kwargs={**values, **route.fixed})


def post(client: Client, path: str, fields: dict[str, Any]) -> Any:
    """A form as a browser sends it, and as one never would: bytes that are no text."""
    text = urlencode({name: str(value).encode(errors="surrogateescape") for name, value in fields.items()})
    return client.post(path, text, content_type="application/x-www-form-urlencoded")


def told(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def wrong(answer: Any, what: str) -> Iterator[str]:
    if answer.status_code >= 500 and answer.status_code != 503:
        yield f"{what}: {answer.status_code}"
    if answer.status_code in {301, 302, 303} and ("evil.example" in answer["Location"].split("?")[0]):
        yield f"{what}: leads to {answer['Location']}"
    if "html" in answer.get("Content-Type", "") and b"<script>alert(1)" in told(answer):
        yield f"{what}: shown as markup"


@pytest.mark.slow
def test_every_address_takes_any_query(client: Client, world: World) -> None:
    found: list[str] = []
    for turn, route in enumerate(rights.routes()):
        path = address(route, world.own.things)
        for value in HOSTILE[turn % TURNS :: TURNS]:
            try:
                query = {name: value.encode(errors="surrogateescape") for name in NAMES}
            except UnicodeError:
                continue
            found.extend(wrong(client.get(path, query), f"GET {route.name} all={value[:20]!r}"))
            if route.is_api:
                for name in ("q", "entity", "cursor", "limit", "batch", "subject", "received_from", "amount_from"):
                    more = {"subject_type": "payment", "subject": "1"} if "audit" in route.name else {}
                    answer = client.get(path, {**more, name: value.encode(errors="surrogateescape")})
                    found.extend(wrong(answer, f"GET {route.name} {name}={value[:20]!r}"))
    assert found == [], "\n".join(found)


def test_a_page_is_left_for_pages_of_the_house_alone(client: Client) -> None:
    """Also when the place to go back to looks like the name of a view, or is none at all."""
    for target in (*HOSTILE, "account_logout", "https://evil.example/", "/\\evil.example", "\\\\evil.example"):
        for path, otherwise in (("/preferences/language/", "/"), ("/queue/undo/", "/queue/")):
            answer = post(client, path, {"language": "fr", "next": target, "ids": "9" * 5000})
            assert (answer.status_code, answer.get("Location")) == (302, otherwise), (path, target[:20])
    assert client.post("/preferences/language/", {"next": "/queue/?q=1"})["Location"] == "/queue/?q=1"


@pytest.mark.parametrize(
    "path",
    [
        *(f"/{name}/?q=%00" for name in (
            "payments", "supplier-invoices", "accounts", "mandates", "standing-orders", "batches", "users", "recalls",
            "outgoing", "payouts", "bank-messages",
        )),
        "/payments/?q=a%00b%2500", "/queue/?rule=%00", "/queue/?scheme=%00x", "/queue/?entity=%00", "/queue/?view=%00",
        "/queue/?at=9999-12-31T23:59:59-23:59", "/queue/?at=0001-01-01T00:00:00%2B23:59", "/queue/?at=%00",
        "/accounts/?as_of=9999-12-31T23:59:59-23:59", "/accounts/?as_of=0001-01-01", "/ledger/?as_of=9999-12-31",
        "/payments/?since=0001-01-01&until=9999-12-31", "/payments/?q=x&until=9999-12-31",
        "/api/v1/payments?received_to=9999-12-31", "/api/v1/payments?received_from=0001-01-01",
        "/api/v1/payments?received_from=9999-12-31&received_to=9999-12-31",
    ],
)  # fmt: skip
def test_an_address_with_what_no_database_holds_is_answered(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200


@pytest.mark.parametrize("typed", ["1e200000000", "1e-200000000", "-1e-20000000", "1e9999999999999999999", "NaN"])
def test_a_number_that_would_fill_the_memory_is_refused_unwritten(client: Client, world: World, typed: str) -> None:
    """By every body of the API that takes an amount as text, and the forms beside them."""
    things = world.own.things
    account = Account.objects.get(entity=things["entity"], kind="customer").pk
    why, before = {"reason": "x"}, ChangeRequest.objects.count()
    policy = rights_contents._policy()
    tracemalloc.start()
    for path, body, said in (
        ("approval-matrix", {"from_amount": typed, "stages": [{"persons": 1}], **why}, "from_amount"),
        ("approval-matrix", {"stages": [{"persons": 1, "ceiling": typed}], **why}, "stages"),
        ("straight-policies", {**policy, "name": "N", "max_amount": typed}, "max_amount"),
        ("straight-policies", {**policy, "name": "N", "day_amount": typed}, "day_amount"),
        (f"accounts/{account}/instant-limit", {"one_amount": typed, **why}, "money.not_a_number"),
        (f"users/{person().pk}/limits", {"act": "approve", "amount": typed}, "amount"),
        (f"users/{person().pk}/limits", {"act": "approve", "amount": "5", "day_amount": typed}, "day_amount"),
        ("standing-orders", {**rights_contents.STANDING, "account": account, "amount": typed}, "amount"),
        ("supplier-invoices", {**rights_contents.INVOICE, "gross": typed}, "money.not_a_number"),
    ):
        sent = body if "/" in path or path == "standing-orders" else {**body, "entity": things["entity"]}
        answer = client.post(f"/api/v1/{path}", json.dumps(sent), content_type="application/json")
        assert answer.status_code in {400, 422}, (path, answer.content)
        assert said in answer.content.decode(), (path, answer.content)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 15_000_000
    assert ChangeRequest.objects.count() == before


def test_a_search_loses_what_no_text_holds(client: Client) -> None:
    one = payment(bank_branch("NUL", iban=""), creditor_name="Quimperle")
    assert [row.pk for row in client.get("/payments/?q=Quim%00perle").context["page"].items] == [one.pk]
    assert client.get("/payments/%00/").status_code == 404
    refused = client.get("/api/v1/rules/a%00b")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_there")
    said = client.get("/api/v1/payments?q=%00")
    assert (said.status_code, said.json()["code"]) == (400, "request.invalid")


def test_a_form_loses_what_no_text_holds(client: Client) -> None:
    place = bank_branch("NUL", iban="")
    address = f"/accounts/{place.customer.pk}/overdraft/"
    assert client.post(address, {"overdraft": "7\x0000", "reason": "a\x00b"}).status_code == 302
    asked = ChangeRequest.objects.get(subject_type="account")
    assert (asked.reason, asked.subject_id) == ("ab", place.customer.pk)


@pytest.mark.parametrize(
    ("path", "text", "status", "code"),
    [
        ("payments/1/reject", '{"reason_code": "\\ud800"}', 400, "request.malformed"),
        ("accounts", '{"code": "A", "name": "B", "kind": "\\udce9", "currency": "EUR"}', 400, "request.malformed"),
        ("payments/1/comment", '{"text": "\\ud83d\\ude00"}', 404, "not_there"),
        ("payments/approve", '{"ids": [1], "versions": {"%s": 1}}' % ("9" * 5000), 400, "request.invalid"),
        ("payments/approve", '{"ids": [1], "versions": {"²": 1}}', 400, "request.invalid"),
    ],
)
def test_what_cannot_be_kept_is_refused_not_failed(
    client: Client, path: str, text: str, status: int, code: str
) -> None:
    answer = client.post(f"/api/v1/{path}", text, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert client.get("/api/v1/payments", {"q": "²"}).status_code == 200


# There are some hundred addresses: each of their fields meets every twelfth value, the next one those after it; in
# `make fuzz` each meets all.
TURNS = int(os.environ.get("HOSTILE_TURNS", "12"))


def bodies(content: Any, turns: Iterator[int]) -> Iterator[Any]:
    """The honest body with one thing at a time replaced by what is hostile, at every depth."""
    strange: tuple[Any, ...] = (
        *HOSTILE, 10**30, -1, 0, 1.5, True, None, [], {}, [[[[]]]], {"a": {"b": []}}, [None], ["\x00"], [10**30],
        "\ud800", [1] * 3, {"9" * 5000: 1}, {"²": 1},
    )  # fmt: skip
    if isinstance(content, dict):
        for name, inner in content.items():
            for value in strange[next(turns) % TURNS :: TURNS]:
                yield {**content, name: value}
            for changed in bodies(inner, turns):
                yield {**content, name: changed}
        yield {**content, "surprise": 1}
        yield {**content, "versions": {"9" * 5000: 1}}
    elif isinstance(content, list) and content:
        for changed in bodies(content[0], turns):
            yield [changed, *content[1:]]


@pytest.mark.slow
def test_every_call_takes_any_body(client: Client, world: World) -> None:
    found: list[str] = []
    things, turns = world.own.things, itertools.count()
    for line in rights.table():
        route = next((route for route in rights.routes() if route.name == line.route), None)
        if line.method != "POST" or route is None:
            continue
        path = address(route, things)
        content = rights_contents.sent(line.route, "POST", things).content
        if route.is_api and not (isinstance(content, dict) and "file" in content):
            for body in bodies(content, turns):
                text = json.dumps(body)
                answer = client.post(path, text, content_type="application/json")
                found.extend(wrong(answer, f"POST {route.name} {text[:120]}"))
            for raw in (b"\xff", b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000, b'"\\ud800"', b"[]", b"null", b"1"):
                answer = client.post(path, raw, content_type="application/json")
                found.extend(wrong(answer, f"POST {route.name} {raw[:20]!r}"))
        elif isinstance(content, dict) and not route.is_api:
            for name in content:
                for value in HOSTILE[next(turns) % TURNS :: TURNS]:
                    answer = post(client, path, {**content, name: value})
                    found.extend(wrong(answer, f"POST {route.name} {name}={value[:20]!r}"))
    assert found == [], "\n".join(found)


def test_what_is_stored_is_shown_as_text(client: Client, world: World) -> None:
    """Names, references, file names, titles of columns and refused values, on every page that shows them."""
    stage = world.own.stage
    things = dict(world.own.things)
    said = dict.fromkeys(("creditor_name", "remittance", "debtor_name", "ultimate_creditor"), SCRIPT)
    for status in ("checked", "validated", "rejected", "posted", "sent", "settled"):
        things[status] = payment(
            stage,
            status=status,
            end_to_end_id=SCRIPT[:35],
            creditor_address={"town": SCRIPT, "lines": [SCRIPT]},
            **said,
        ).pk
    database.update(Account.objects.filter(pk=stage.customer.pk), name=SCRIPT)
    head = f'Name;IBAN;Amount;Currency;Date;"{SCRIPT.replace(chr(34), "")}"\n'
    made = intake.receive(
        content=f"{head}{SCRIPT};{SCRIPT};{SCRIPT};EUR;2027-01-04;x\n".replace('"', "").encode(),
        file_name=f"{SCRIPT}.csv", entity=stage.entity, actor=None, channel="file",
    )  # fmt: skip
    intake.read_batch(made.pk)
    assert IntakeProblem.objects.filter(batch=made, value__contains="<script>").exists()
    things["batch"] = made.pk
    workflow.comment(payment_id=things["checked"], actor=world.people["supervisor"], text=SCRIPT)
    database.update(User.objects.filter(pk=things["user"]), full_name=SCRIPT)
    found: list[str] = []
    shown = 0
    for route in rights.routes():
        if route.is_api:
            continue
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address(route, things), {"ids": things["checked"]}, headers=headers)
            found.extend(wrong(answer, f"GET {route.name}"))
            if "html" in answer.get("Content-Type", ""):
                shown += told(answer).count(b"&lt;script&gt;alert(1)")
    assert found == [], "\n".join(found)
    assert shown > 40, "the pages do show it"
