"""Filters of lists: each finds what it says, stands in the document, and is answered by a walk along an index."""

import re
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice import api_document
from tests import database
from tests.api.client import Program
from tests.people import Stage, account, bank_branch, batch, payment, person
from transactions.models import IntakeSource, OutgoingFile, Payee, Payment, PaymentState

pytestmark = pytest.mark.django_db
LISTS = ("payments", "batches", "outgoing-files")


class Scene:
    """Three ordinary payments, and one that differs in everything."""

    def __init__(self) -> None:
        self.stage: Stage = bank_branch()
        for _number in range(3):
            payment(self.stage, received_at=timezone.now() - timedelta(days=40))
        other = account(self.stage.entity, "YEN", "customer", "C", currency="JPY")
        self.payee = Payee.objects.create(entity=self.stage.entity, name="P", name_key="p", created_at=timezone.now())
        self.odd: Payment = payment(
            self.stage, amount="900.00", status="validated", kind="internal", channel="api", currency="JPY",
            debtor_account=other, payee=self.payee, end_to_end_id="ODD-1",
            requested_execution_date=timezone.localdate() + timedelta(days=20),
            in_batch=batch(self.stage, message_id="MSG-ODD", channel="api", status="refused", sha256="ab" * 32,
                           source=IntakeSource.objects.create(entity=self.stage.entity, code="odd", name="Odd")),
        )  # fmt: skip
        now = timezone.now()
        database.update(
            PaymentState.objects.filter(pk=self.odd.pk), outcome="hold", hold_count=1, due_at=now + timedelta(days=30),
            execution_date=timezone.localdate() + timedelta(days=30),
        )  # fmt: skip
        for code, status, days in ((self.stage.customer, "prepared", 1), (other, "sent", 20)):
            self.file = OutgoingFile.objects.create(
                entity=self.stage.entity, account=code, message_id=f"M-{code.code}", status=status, currency="EUR",
                execution_date=timezone.localdate() + timedelta(days=days), prepared_at=now, payment_count=1,
                attachment=self.odd.batch.attachment,
            )  # fmt: skip
        self.program = Program(person("operator", entity=self.stage.entity))

    def filters(self) -> dict[str, dict[str, Any]]:
        """By list, for each filter a value that one thing alone meets."""
        day, odd = timezone.localdate(), self.odd
        return {
            "payments": {
                "entity": self.stage.entity.pk, "status": "validated", "outcome": "hold", "held": "true",
                "batch": odd.batch_id, "kind": "internal", "channel": "api", "currency": "JPY",
                "account": odd.debtor_account_id, "payee": self.payee.pk, "end_to_end_id": "ODD-1",
                "execution_from": (day + timedelta(days=10)).isoformat(), "execution_to": "2999-01-01",
                "received_from": (day - timedelta(days=5)).isoformat(), "received_to": "2999-01-01",
                "amount_from": "899", "amount_to": "901", "q": "ODD-1",
                "cut_off_from": (timezone.now() + timedelta(days=20)).isoformat(), "will_miss": "false",
                "cut_off_to": (timezone.now() + timedelta(days=40)).isoformat(),
            },
            "batches": {
                "entity": self.stage.entity.pk, "status": "refused", "channel": "api", "source": "odd",
                "message_id": "MSG-ODD", "sha256": "ab" * 32,
            },
            "outgoing-files": {
                "entity": self.stage.entity.pk, "status": "sent", "account": self.file.account_id,
                "execution_date": self.file.execution_date.isoformat(),
            },
        }  # fmt: skip


# Bounds that everything meets: they are tried from the other side below.
WIDE = {"entity", "execution_to", "received_to", "amount_to", "will_miss"}


@pytest.fixture
def scene() -> Scene:
    return Scene()


def documented(name: str) -> set[str]:
    document = yaml.safe_load(api_document.document())
    parameters = document["paths"][f"/api/v1/{name}"]["get"]["parameters"]
    return {one["name"] for one in parameters if one["in"] == "query"} - {"cursor", "limit"}


@pytest.mark.parametrize("name", LISTS)
def test_each_finds_what_it_says_and_is_documented(name: str, scene: Scene) -> None:
    wanted = {"payments": scene.odd.pk, "batches": scene.odd.batch_id, "outgoing-files": scene.file.pk}[name]
    filters = scene.filters()[name]
    assert documented(name) == set(filters)
    for one, value in filters.items():
        answer = scene.program.get(f"/{name}", **{one: value})
        assert answer.status_code == 200, (one, answer.content)
        found = [item["id"] for item in answer.json()["items"]]
        assert wanted in found, one
        assert found == [wanted] or one in WIDE, one
    assert [item["id"] for item in scene.program.get(f"/{name}", **filters).json()["items"]] == [wanted]


def test_bounds_from_the_other_side(scene: Scene) -> None:
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    for query in (
        {"execution_to": yesterday}, {"amount_to": "899.99", "amount_from": "200"},
        {"held": "false", "status": "validated"},
        {"received_to": (timezone.localdate() - timedelta(days=100)).isoformat()}, {"entity": 10**9},
        {"account": 10**30}, {"payee": 10**30},
    ):  # fmt: skip
        assert scene.program.get("/payments", **query).json()["items"] == [], query
    assert len(scene.program.get("/payments", received_to=yesterday).json()["items"]) == 3
    assert len(scene.program.get("/payments", held="false").json()["items"]) == 3


@pytest.mark.parametrize("name", LISTS)
def test_each_is_answered_along_an_index(name: str, scene: Scene) -> None:
    """However few rows there are here, the plan of a large table is wanted: no reading of it all, no counting."""
    table = {"payments": "transactions_payment", "batches": "transactions_paymentbatch",
             "outgoing-files": "transactions_outgoingfile"}[name]  # fmt: skip
    for one, value in scene.filters()[name].items():
        with CaptureQueriesContext(connection) as asked:
            scene.program.get(f"/{name}", **{one: value})
        lists = [query["sql"] for query in asked if f'"{table}"' in query["sql"] or f"{table} " in query["sql"]]
        assert lists, one
        for text in lists:
            assert not re.search(r"(?i)\boffset\b|count\(", text), (one, text)
            with connection.cursor() as cursor:
                cursor.execute("set local enable_seqscan = off")
                cursor.execute("set local enable_bitmapscan = off")
                cursor.execute("explain " + text)
                plan = "\n".join(row[0] for row in cursor.fetchall())
            assert not re.search(rf"Seq Scan on {table}\b", plan), (one, plan)
