"""The Python client: in step with the document, and against a server that answers over a socket."""

import json
import threading
import uuid
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

import backoffice_client
from backoffice.people import access, rates, tokens
from backoffice.people.models import IdempotencyKey, User
from backoffice.webhooks import signing
from backoffice_client import Client
from clients import generate
from controls.models import ApprovalPolicy
from tests import files
from tests.people import Stage, bank_branch, open_balance, payment, person
from transactions.models import Payment


def test_it_is_in_step_with_the_document() -> None:
    for name, text in generate.made().items():
        assert (generate.PACKAGE / name).read_text(encoding="utf-8") == text, f"{name} is not in step: make client"


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    call_command("load_rules")
    made = bank_branch(balance="0")
    open_balance(made.customer, "100000.00", made.bank)
    ApprovalPolicy.objects.create(entity=made.entity, from_amount=Decimal(0), approvals=1)
    return made


def client_of(server: Any, user: User, **options: Any) -> Client:
    scopes = access.rights(User.objects.get(pk=user.pk))
    _token, secret = tokens.issue(user=user, name="Client", scopes=scopes, actor=user)
    return Client(server.url, token=secret, **options)


@pytest.mark.django_db(transaction=True)
class TestAgainstTheServer:
    def test_from_a_file_to_the_books(self, stage: Stage, live_server: Any) -> None:
        importer, first, second = (
            client_of(live_server, person("supervisor", entity=stage.entity)) for _number in range(3)
        )
        assert first.get_users_me()["rights"] == sorted(access.rights(User.objects.get(pk=first.get_users_me()["id"])))
        day = timezone.localdate()
        sent = importer.post_batches(
            files.pain001(7, execution_date=day, creditors=7), file_name="today.xml", source="treasurer"
        )
        assert (sent["file_name"], sent["entity"]) == ("today.xml", stage.entity.pk)
        batch = importer.get_batches_one(sent["id"])
        assert (batch["status"], batch["taken_count"]) == ("ready", 7)
        listed = list(first.iter_payments(batch=batch["id"], limit=3))
        assert len({row["id"] for row in listed}) == 7, "three pages"
        assert {row["status"] for row in listed} == {"checked"}
        ids = [row["id"] for row in listed]
        first.post_payments_lift({"ids": ids, "reason": "Asked the sender"})
        done = first.post_payments_validate(
            {
                "ids": ids,
                "reason": "Known",
                "versions": {str(key): first.get_payments_one(key)["version"] for key in ids},
            }
        )
        assert (done["done"], done["refused"]) == (7, 0), done
        own = first.post_payments_approve({"ids": ids})
        assert {answer["code"] for answer in own["answers"]} == {"payment.signed_before"}
        assert second.post_payments_approve({"ids": ids})["done"] == 7
        assert {row["status"] for row in first.iter_payments(batch=batch["id"])} == {"posted"}
        source = first.get_attachments_one_content(batch["attachment"])
        assert b"<CstmrCdtTrfInitn>" in source

    def test_refusals_are_exceptions(self, stage: Stage, live_server: Any) -> None:
        operator = client_of(live_server, person("operator", entity=stage.entity), language="fr")
        made = payment(stage)
        with pytest.raises(backoffice_client.NotThere):
            operator.get_payments_one(10**9)
        with pytest.raises(backoffice_client.Forbidden) as denied:
            operator.post_payments_one_cancel(made.pk, {"reason": "No"})
        assert (denied.value.code, denied.value.params) == ("denied", {"right": "payment.cancel"})
        assert "droit" in denied.value.detail
        with pytest.raises(backoffice_client.Conflict) as changed:
            operator.post_payments_one_validate(made.pk, {"version": 99})
        assert changed.value.code == "conflict.version"
        with pytest.raises(backoffice_client.Invalid) as invalid:
            operator.post_payments_one_comment(made.pk, {})  # type: ignore[typeddict-item]
        assert [error["field"] for error in invalid.value.errors] == ["text"]
        with pytest.raises(backoffice_client.Refused):
            operator.post_payments_one_reject(made.pk, {"reason_code": "NARR"})
        with pytest.raises(backoffice_client.Unauthenticated):
            Client(live_server.url, token="bo_nobody").get_users_me()

    def test_the_same_key_does_it_once(self, stage: Stage, live_server: Any) -> None:
        operator = client_of(live_server, person("operator", entity=stage.entity))
        one: Any = {
            "debtor_account": stage.customer.iban, "creditor_account": "DE89370400440532013000", "amount": "12.00",
            "creditor_name": "Kervella", "currency": "EUR", "end_to_end_id": "INV-1",
            "requested_execution_date": timezone.localdate().isoformat(),
        }  # fmt: skip
        first = operator.post_payments({"payments": [one]}, key="INV-1")
        again = operator.post_payments({"payments": [one]}, key="INV-1")
        assert first == again
        assert Payment.objects.count() == 1
        assert IdempotencyKey.objects.filter(key="INV-1").count() == 1

    def test_too_many_waits_as_it_is_told(
        self, stage: Stage, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Buckets of an earlier run lie in the cache under the same numbers.
        mark = uuid.uuid4().hex
        monkeypatch.setattr(rates.Bucket, "key", property(lambda self: f"rate:test:{mark}:{self.kind}"))
        settings.API_RATE_TOKEN = 1
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            settings.API_RATE_TOKEN = 0

        operator = client_of(live_server, person("operator", entity=stage.entity), sleep=sleep)
        operator.get_users_me()
        operator.get_users_me()
        assert waits in ([59.0], [60.0])


class Flaky:
    """A server that answers what the test lays out, one after the other; None ends the connection."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes] | None] = []
        self.asked: list[dict[str, str]] = []
        flaky = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.do_GET()

            def do_GET(self) -> None:
                flaky.asked.append({**dict(self.headers.items()), "path": self.path})
                answer = flaky.answers.pop(0)
                if answer is None:
                    self.connection.close()
                    return
                self.send_response(answer[0])
                for name, value in answer[1].items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer[2])

            def log_message(self, *_words: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def flaky() -> Iterator[Flaky]:
    made = Flaky()
    yield made
    made.server.shutdown()
    made.server.server_close()


DONE = (200, {}, b'{"done": 1, "refused": 0, "answers": []}')


def test_what_was_not_heard_is_sent_again_with_its_key(flaky: Flaky) -> None:
    waits: list[float] = []
    client = Client(flaky.url, token="bo_x", sleep=waits.append)
    busy = (503, {"Retry-After": "7"}, b'{"code": "service.unavailable"}')
    running = (409, {}, b'{"code": "idempotency.in_progress"}')
    flaky.answers = [None, busy, running, (502, {}, b"<html>"), DONE]
    assert client.post_payments_claim({"ids": [1]})["done"] == 1
    keys = {asked["Idempotency-Key"] for asked in flaky.asked}
    assert (len(flaky.asked), len(keys)) == (5, 1)
    assert waits[1] == 7
    assert 0.3 < waits[0] < 0.7
    assert 1.5 <= waits[2] <= 2.5


def test_it_gives_up_after_its_attempts(flaky: Flaky) -> None:
    client = Client(flaky.url, token="bo_x", attempts=3, sleep=lambda _seconds: None)
    flaky.answers = [None, None, None]
    with pytest.raises(backoffice_client.NoAnswer):
        client.get_users_me()
    flaky.answers = [(429, {"Retry-After": "1"}, b"{}")] * 3
    with pytest.raises(backoffice_client.TooMany):
        client.get_users_me()
    flaky.answers = [(409, {}, json.dumps({"code": "conflict.version"}).encode())]
    with pytest.raises(backoffice_client.Conflict):
        client.post_payments_claim({"ids": [1]})
    assert flaky.answers == []


def test_the_token_goes_nowhere_else(flaky: Flaky) -> None:
    client = Client(flaky.url, token="bo_x", attempts=1)
    flaky.answers = [(302, {"Location": "http://127.0.0.1:1/"}, b"")]
    with pytest.raises(backoffice_client.Problem) as refused:
        client.get_users_me()
    assert refused.value.status == 302
    page = {"items": [], "next": "https://elsewhere.example.com/?cursor=x", "previous": None}
    flaky.answers = [(200, {}, json.dumps(page).encode())]
    with pytest.raises(backoffice_client.NoAnswer, match="elsewhere"):
        list(client.iter_payments())


def test_places_in_the_address_are_escaped(flaky: Flaky) -> None:
    flaky.answers = [(200, {}, b"{}")]
    Client(flaky.url, token="bo_x").get_rules_one("../users/me?x=#")
    assert flaky.asked[0]["path"] == "/api/v1/rules/..%2Fusers%2Fme%3Fx%3D%23"


def test_signatures_of_webhooks() -> None:
    body, now = b'{"id": 1}', timezone.now()
    header = signing.signature(["bowh_new", "bowh_old"], now, body)
    for secret in ("bowh_new", "bowh_old", ["bowh_other", "bowh_old"]):
        backoffice_client.verify(secret, header, body)
    for secret, text, moment in (
        ("bowh_other", body, None), ("bowh_new", b'{"id": 2}', None), ("bowh_new", body, now.timestamp() + 301),
    ):  # fmt: skip
        with pytest.raises(backoffice_client.BadSignature):
            backoffice_client.verify(secret, header, text, now=moment)
    for broken in ("", "t=,v1=", "v1=00", "t=1,t=2,v1=00", header.replace("t=", "t=x"), "t=é,v1=é"):
        with pytest.raises(backoffice_client.BadSignature):
            backoffice_client.verify("bowh_new", broken, body)
