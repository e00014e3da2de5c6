"""Instant transfers on screen and by the API: what waits for an answer, how long each took, what a customer allows."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from backoffice.people import roles
from tests.api.client import Program
from tests.people import Stage, bank_branch, person
from tests.transactions import standing
from tests.transactions.test_worked_examples_instant import ask, limit, sent, sign
from tests.web.desk import signed_in
from transactions import instant
from transactions.models import InstantLimit

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> Stage:
    return standing.branch("5000.00")


def test_what_the_bank_did_not_answer_stands_first_and_is_counted(stage: Stage) -> None:
    payment, _file = sent(stage)
    client = signed_in(person(roles.OPERATOR, entity=stage.entity))
    assert client.get("/instant-transfers/").context["page"].items == []
    assert [row.pk for row in client.get("/instant-transfers/?status=sent").context["page"].items] == [payment.pk]
    instant.watch(timezone.now() + timedelta(seconds=11))
    page = client.get("/instant-transfers/").content.decode()
    assert payment.reference in page
    assert "Nobody knows yet whether the bank executed these." in page
    assert '<span class="n hot">1' in page, "the menu says that one waits"
    told = client.get(f"/payments/{payment.pk}/").content.decode()
    assert "The bank did not answer within 10 seconds: ask it." in told
    assert "Instant transfer" in told
    elsewhere = bank_branch("ELSE", iban="FR7630006000011234567890189")
    stranger = signed_in(person(roles.OPERATOR, entity=elsewhere.entity))
    assert stranger.get("/instant-transfers/").context["page"].items == []


def test_a_limit_on_screen_and_its_refusal_in_words(stage: Stage) -> None:
    client = signed_in(person(roles.SUPERVISOR, entity=stage.entity))
    address = f"/accounts/{stage.customer.pk}/instant/"
    silent = client.post(address, {"one_amount": "1,000.00", "day_amount": ""})
    assert silent.status_code == 422
    wrong = client.post(address, {"one_amount": "a lot", "day_amount": "", "reason": "Letter"})
    assert (wrong.status_code, InstantLimit.objects.exists()) == (422, False)
    client.post(address, {"one_amount": "1,000.00", "day_amount": "1,500.00", "reason": "Letter of the 3rd"})
    known = InstantLimit.objects.get()
    assert (known.one_amount, known.day_amount) == (Decimal(1000), Decimal(1500))
    page = client.get(f"/accounts/{stage.customer.pk}/").content.decode()
    assert "1,500.00" in page
    assert "changed what the customer allows by instant transfers" in page
    payment = ask(stage, "1200.00")
    assert sign([payment])[0].sentence == "The customer allows no instant transfer of this amount."
    operator = signed_in(person(roles.OPERATOR, entity=stage.entity))
    assert operator.post(address, {"one_amount": "", "day_amount": "", "reason": "x"}).status_code == 403
    assert InstantLimit.objects.get().one_amount == Decimal(1000)


def test_by_the_api(stage: Stage) -> None:
    program = Program(person(roles.SUPERVISOR, entity=stage.entity))
    none = program.get(f"/accounts/{stage.customer.pk}/instant-limit").json()
    assert (none["one_amount"], none["day_amount"], none["spent_today"]) == (None, None, "0.00")
    asked = {"one_amount": "2000.00", "reason": "Letter"}
    assert program.post(f"/accounts/{stage.customer.pk}/instant-limit", asked).json()["one_amount"] == "2000.00"
    wrong = program.post(f"/accounts/{stage.customer.pk}/instant-limit", {**asked, "one_amount": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "money.not_a_number")
    payment, _file = sent(stage)
    assert program.get(f"/accounts/{stage.customer.pk}/instant-limit").json()["spent_today"] == "1200.00"
    [told] = program.get("/instant-transfers", status="sent").json()["items"]
    assert (told["payment"], told["payment_status"], told["amount"]) == (payment.pk, "sent", "1200.00")
    assert told["seconds_to_send"] >= 0
    assert [row["id"] for row in program.get("/payments", kind="instant").json()["items"]] == [payment.pk]


def test_entered_by_the_form(stage: Stage) -> None:
    client = signed_in(person(roles.OPERATOR, entity=stage.entity))
    answer = client.post("/payments/new/", {
        "debtor_account": stage.customer.pk, "kind": "instant", "amount": "12.50", "currency": "EUR",
        "creditor_name": "Kervella", "creditor_number": "DE89370400440532013000",
        "requested_execution_date": timezone.localdate().isoformat(),
    })  # fmt: skip
    assert answer.status_code == 302
    assert "Instant transfer" in client.get(answer.headers["Location"]).content.decode()


def test_in_french(stage: Stage) -> None:
    limit(stage, "10.00", None)
    payment, _file = sent(stage, "9.00")
    instant.watch(timezone.now() + timedelta(seconds=11))
    client = signed_in(person(roles.SUPERVISOR, entity=stage.entity, language="fr"))
    assert "Virements instantanés" in client.get("/instant-transfers/").content.decode()
    assert "La banque n’a pas répondu en 10 secondes" in client.get(f"/payments/{payment.pk}/").content.decode()
