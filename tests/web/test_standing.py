"""Standing orders on screen and by the API: asked for, approved, changed, suspended, ended; and their payments."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from backoffice.people import roles
from controls.models import ChangeRequest
from documents.models import AuditRecord
from tests import people
from tests.api.client import Program
from tests.people import PAYEE_IBAN, Stage, bank_branch, person
from tests.transactions import standing
from tests.transactions.standing import at
from tests.web.desk import signed_in
from transactions.models import PaymentState, StandingOrder
from transactions.standing import runs

pytestmark = pytest.mark.django_db
NEW = {
    "creditor_name": "SCI Ti Glas", "creditor_number": PAYEE_IBAN, "amount": "1,234.50", "floor": "", "unit": "month",
    "remittance": "Rent", "every": "1", "first_on": "2027-01-05", "last_on": "", "times": "", "working_day": "previous",
}  # fmt: skip


@pytest.fixture
def stage() -> Stage:
    return standing.branch("10000.00")


def operator(stage: Stage, name: str = "Marc Legoff", **fields: Any) -> Client:
    return signed_in(person(roles.OPERATOR, entity=stage.entity, name=name, **fields))


def test_asked_for_approved_changed_suspended_resumed_and_ended(stage: Stage) -> None:
    maker, checker = operator(stage), operator(stage, "Lena Kerdraon")
    wrong = maker.post("/standing-orders/new/", {**NEW, "account": stage.customer.pk, "amount": ""})
    assert (wrong.status_code, "Give a fixed amount" in wrong.content.decode()) == (422, True)
    answer = maker.post("/standing-orders/new/", {**NEW, "account": stage.customer.pk})
    order = StandingOrder.objects.get()
    assert answer.headers["Location"] == f"/standing-orders/{order.pk}/"
    assert (order.amount, order.working_day, order.status) == (Decimal("1234.50"), "previous", "waiting")
    own = maker.get(f"/standing-orders/{order.pk}/").content.decode()
    assert "another person approves" in own
    assert "Approve the change" not in own
    asked = ChangeRequest.objects.get()
    assert "Approve the change" in checker.get(f"/standing-orders/{order.pk}/").content.decode()
    checker.post(f"/changes/{asked.pk}/decide/", {"decision": "approve", "next": f"/standing-orders/{order.pk}/"})
    order.refresh_from_db()
    assert (order.status, order.next_on) == ("active", date(2027, 1, 5))
    page = checker.get(f"/standing-orders/{order.pk}/")
    assert [str(one.due_on) for one in page.context["coming"]][:3] == ["2027-01-05", "2027-02-05", "2027-03-05"]
    assert len(page.context["coming"]) == 12
    assert "every month, on day 5" in page.content.decode()
    changed = {**NEW, "amount": "1300", "reason": "Indexation"}
    assert maker.post(f"/standing-orders/{order.pk}/change/", changed).status_code == 302
    compared = checker.get(f"/standing-orders/{order.pk}/").content.decode()
    assert "1,234.50" in compared
    assert "1,300.00" in compared
    request = ChangeRequest.objects.get(status="waiting")
    checker.post(f"/changes/{request.pk}/decide/", {"decision": "approve"})
    silent = maker.post(f"/standing-orders/{order.pk}/suspend/", {"since": "2027-02-01"})
    assert (silent.status_code, "Give the reason in words." in silent.content.decode()) == (422, True)
    maker.post(f"/standing-orders/{order.pk}/suspend/", {"since": "2027-02-01", "until": "", "reason": "Works"})
    assert "until it is resumed" in maker.get(f"/standing-orders/{order.pk}/").content.decode()
    maker.post(f"/standing-orders/{order.pk}/resume/", {"reason": "Done"})
    maker.post(f"/standing-orders/{order.pk}/end/", {"reason": "Moved out"})
    order.refresh_from_db()
    assert (order.status, order.amount) == ("ended", Decimal("1300.00"))
    told = maker.get(f"/standing-orders/{order.pk}/").content.decode()
    for words in ("asked for these terms", "approved the terms that Marc Legoff asked for", "suspended it", "ended it"):
        assert words in told, words
    assert "End the standing order" not in told, "it is over"


def test_the_payment_says_its_order_and_waits_for_its_day(stage: Stage) -> None:
    order = standing.agreed(stage.customer)
    runs.make_due(at("2026-12-30"))
    [payment] = standing.taken_in()
    client = operator(stage)
    page = client.get(f"/payments/{payment.pk}/").content.decode()
    assert f'href="/standing-orders/{order.pk}/"' in page
    assert "took it in from a standing order" in page
    assert payment.reference in client.get(f"/standing-orders/{order.pk}/").content.decode()
    standing.signed([payment])
    page = client.get(f"/payments/{payment.pk}/").content.decode()
    assert "its funds are taken on the day of its execution" in page
    assert payment.pk not in [row.pk for row in client.get("/queue/?view=second").context["rows"]]


def test_the_list_is_filtered_and_its_queries_do_not_grow(stage: Stage, django_assert_num_queries: Any) -> None:
    client = operator(stage)
    client.get("/standing-orders/")
    for number in range(3):
        standing.ask(stage.customer, creditor_name=f"Landlord {number}")
        with django_assert_num_queries(7):
            client.get("/standing-orders/")
    found = client.get("/standing-orders/?q=landlord+1").context["page"].items
    assert [row.creditor_name for row in found] == ["Landlord 1"]
    assert client.get("/standing-orders/?status=active").context["page"].items == []


def test_in_french(stage: Stage) -> None:
    order = standing.agreed(stage.customer, every=3)
    page = operator(stage, language="fr").get(f"/standing-orders/{order.pk}/").content.decode()
    assert "tous les 3 mois, le 5" in page
    assert "Prochaines échéances" in page


def test_a_program_asks_and_a_person_approves(stage: Stage) -> None:
    program = Program(person(roles.OPERATOR, entity=stage.entity, is_machine=True))
    asked = {"account": stage.customer.pk, "creditor_name": "SCI Ti Glas", "creditor_number": PAYEE_IBAN,
             "amount": "750.00", "first_on": "2027-01-05"}  # fmt: skip
    made = program.post("/standing-orders", asked)
    assert made.status_code == 201, made.content
    told = made.json()
    key = told["id"]
    assert (told["status"], told["waiting"]["terms"]["amount"], told["coming"][0]["due_on"]) == (
        "waiting", "750.00", "2027-01-05",
    )  # fmt: skip
    refused = program.post(f"/standing-orders/{key}/approve", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "payment.by_machine")
    someone = Program(person(roles.OPERATOR, entity=stage.entity))
    assert someone.post(f"/standing-orders/{key}/approve", {}).json()["status"] == "active"
    both = program.post("/standing-orders", {**asked, "floor": "10.00"})
    assert (both.status_code, both.json()["code"]) == (422, "standing.amount_or_floor")
    wrong = program.post("/standing-orders", {**asked, "amount": "1e5x"})
    assert wrong.status_code == 400
    change = {**asked, "amount": "760.00", "reason": "Indexation"}
    del change["account"]
    assert program.post(f"/standing-orders/{key}/change", change).json()["waiting"]["terms"]["amount"] == "760.00"
    assert someone.post(f"/standing-orders/{key}/refuse", {"reason": "Not agreed"}).json()["amount"] == "750.00"
    runs.make_due(at("2026-12-30"))
    [payment] = standing.taken_in()
    dates = program.get(f"/standing-orders/{key}/dates").json()["items"]
    assert [(one["due_on"], one["payment"], one["status"]) for one in dates] == [("2027-01-05", payment.pk, "made")]
    suspended = program.post(f"/standing-orders/{key}/suspend", {"since": "2027-01-01", "reason": "Works"}).json()
    assert (suspended["next_on"], suspended["coming"][0]["suspended"]) == (None, True)
    assert PaymentState.objects.get(pk=payment.pk).status == "cancelled"
    assert program.post(f"/standing-orders/{key}/resume", {"reason": "Done"}).json()["next_on"] == "2027-02-05"
    assert program.post(f"/standing-orders/{key}/end", {"reason": "Over"}).json()["status"] == "ended"
    assert [row["id"] for row in program.get("/standing-orders", status="ended").json()["items"]] == [key]


def test_who_may_not_moves_nothing(stage: Stage) -> None:
    order = standing.agreed(stage.customer)
    before = AuditRecord.objects.count()
    auditor = signed_in(person(roles.AUDITOR, entity=stage.entity))
    assert auditor.get(f"/standing-orders/{order.pk}/").status_code == 200
    stranger = signed_in(person(roles.OPERATOR, entity=bank_branch("ELSE", iban=people.PAYEE_IBAN).entity))
    assert stranger.get(f"/standing-orders/{order.pk}/").status_code == 404
    for client in (auditor, stranger):
        for verb in ("suspend", "resume", "end", "change"):
            answer = client.post(f"/standing-orders/{order.pk}/{verb}/", {"reason": "x", "since": "2027-02-01"})
            assert answer.status_code in {403, 404}
    order.refresh_from_db()
    assert (order.status, AuditRecord.objects.count()) == ("active", before)
