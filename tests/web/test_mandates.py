"""Mandates on screen and by the API, and a direct debit shown as one."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from backoffice.people import roles
from documents.models import AuditRecord
from tests.api.client import Program
from tests.files import iban, pain008
from tests.people import Stage, bank_branch, person
from tests.transactions.test_direct_debits import bring, mandate
from tests.web.desk import signed_in
from transactions.models import Mandate

pytestmark = pytest.mark.django_db
NEW = {
    "creditor_scheme_id": "FR72 ZZZ 123456", "reference": "RUM-2026-1", "scheme": "CORE", "kind": "recurrent",
    "signed_on": "2026-01-10", "debtor_name": "Claire Abonnée", "debtor_number": iban(7), "debtor_bic": "",
}  # fmt: skip


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


def supervisor(stage: Stage, **fields: Any) -> Client:
    return signed_in(person(roles.SUPERVISOR, entity=stage.entity, name="Marion Durand", **fields))


def test_registered_amended_and_cancelled(stage: Stage) -> None:
    client = supervisor(stage)
    wrong = client.post("/mandates/new/", {**NEW, "account": stage.customer.pk, "creditor_scheme_id": "FR00ZZZ123456"})
    assert (wrong.status_code, "check digits of this creditor identifier" in wrong.content.decode()) == (422, True)
    answer = client.post("/mandates/new/", {**NEW, "account": stage.customer.pk})
    made = Mandate.objects.get()
    assert answer.headers["Location"] == f"/mandates/{made.pk}/"
    assert (made.creditor_scheme_id, made.reference, made.signed_on) == (
        "FR72ZZZ123456",
        "RUM-2026-1",
        date(2026, 1, 10),
    )
    debtor = {"debtor_name": "Claire Abonnée", "debtor_number": iban(9), "debtor_bic": ""}
    silent = client.post(f"/mandates/{made.pk}/amend/", debtor)
    assert (silent.status_code, "Give the reason in words." in silent.content.decode()) == (422, True)
    assert client.post(f"/mandates/{made.pk}/amend/", {**debtor, "reason": "Her letter"}).status_code == 302
    client.post(f"/mandates/{made.pk}/cancel/", {"reason": "Closed"})
    made.refresh_from_db()
    assert (made.debtor_number, made.status) == (iban(9), "cancelled")
    page = client.get(f"/mandates/{made.pk}/").content.decode()
    assert "amended the mandate: account" in page
    assert "Her letter" in page
    assert "Cancel the mandate" not in page, "a cancelled mandate is over"


def test_the_list_is_filtered_and_its_queries_do_not_grow(stage: Stage, django_assert_num_queries: Any) -> None:
    client = supervisor(stage)
    client.get("/mandates/")
    for number in range(3):
        mandate(stage, f"M-{number}")
        with django_assert_num_queries(6):
            client.get("/mandates/")
    assert [row.reference for row in client.get("/mandates/?q=M-1").context["page"].items] == ["M-1"]
    assert client.get("/mandates/?scheme=B2B").context["page"].items == []


def test_a_debit_is_shown_as_one(stage: Stage) -> None:
    known = mandate(stage)
    _batch, [debit] = bring(stage, pain008([{"amount": "25.00", "mandate": "M-1"}]))
    client = supervisor(stage)
    page = client.get(f"/payments/{debit.pk}/").content.decode()
    assert "from Claire Abonnée" in page
    assert f'href="/mandates/{known.pk}/"' in page
    assert "FR72ZZZ123456" in page
    assert "RCUR" in page
    assert "BANK-NOSTRO" in page, "what will be posted"
    assert debit.reference in client.get(f"/mandates/{known.pk}/").content.decode()
    assert "Claire Abonnée" in client.get("/queue/").content.decode()
    _batch, [unknown] = bring(stage, pain008([{"amount": "25.00", "mandate": "M-9"}], message_id="DD-9"))
    page = client.get(f"/payments/{unknown.pk}/").content.decode()
    assert "This mandate is not registered here." in page
    assert "The mandate M-9 of the creditor FR72ZZZ123456 is not registered here." in page


def test_in_french(stage: Stage) -> None:
    mandate(stage)
    _batch, [debit] = bring(stage, pain008([{"amount": "25.00", "mandate": "M-1"}], sequence="FNAL"))
    page = supervisor(stage, language="fr").get(f"/payments/{debit.pk}/").content.decode()
    assert "Prélèvement" in page
    assert "Dernier" in page


def test_who_may_not_moves_nothing(stage: Stage) -> None:
    made = mandate(stage)
    before = AuditRecord.objects.count()
    for role in (roles.OPERATOR, roles.AUDITOR):
        client = signed_in(person(role, entity=stage.entity))
        assert client.get(f"/mandates/{made.pk}/").status_code == 200
        assert client.post("/mandates/new/", {**NEW, "account": stage.customer.pk}).status_code == 403
        assert client.post(f"/mandates/{made.pk}/cancel/", {"reason": "x"}).status_code == 403
    assert (AuditRecord.objects.count(), Mandate.objects.get().status) == (before, "active")


def test_a_program_registers_reads_and_ends_one(stage: Stage) -> None:
    program = Program(person(roles.SUPERVISOR, entity=stage.entity, is_machine=True))
    asked = {**NEW, "account": stage.customer.pk}
    made = program.post("/mandates", asked)
    assert made.status_code == 201, made.content
    key = made.json()["id"]
    again = program.post("/mandates", asked)
    assert (again.status_code, again.json()["code"]) == (409, "mandate.known")
    change = {"debtor_name": "Claire Abonnée", "debtor_number": iban(9), "reason": "Letter"}
    assert program.post(f"/mandates/{key}/amend", change).json()["debtor_number"] == iban(9)
    assert program.post(f"/mandates/{key}/cancel", {"reason": "Closed"}).json()["status"] == "cancelled"
    told = program.get(f"/mandates/{key}").json()
    assert [version["debtor_number"] for version in told["versions"]] == [iban(7), iban(9), iban(9)]
    assert [row["id"] for row in program.get("/mandates", reference="RUM-2026-1").json()["items"]] == [key]
    elsewhere = bank_branch("ELSE", iban="FR7630006000011234567890189")
    stranger = Program(person(roles.SUPERVISOR, entity=elsewhere.entity))
    assert stranger.get(f"/mandates/{key}").status_code == 404
