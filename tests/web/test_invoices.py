"""Supplier invoices on screen and by the API: registered, listed by age, proposed, paid and cancelled."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from backoffice.people import roles
from documents.models import AttachmentLink, AuditRecord
from tests.api.client import Program
from tests.people import PAYEE_IBAN, person
from tests.transactions.test_worked_examples_supplier import bank, invoice  # noqa: F401 - a fixture
from tests.web.desk import signed_in
from transactions.models import Account, Payment, SupplierInvoice

pytestmark = pytest.mark.django_db


def operator(account: Account, **fields: Any) -> Client:
    return signed_in(person(roles.OPERATOR, entity=account.entity, **fields))


def test_registered_by_hand_with_its_document(bank: Account) -> None:  # noqa: F811
    client = operator(bank)
    asked = {
        "entity": "CIE", "kind": "invoice", "supplier_name": "Le Bris SAS", "number": "B-77", "gross": "1,200.00",
        "tax": "200.00", "currency": "EUR", "issued_on": "2026-11-02", "account_number": PAYEE_IBAN,
        "file": SimpleUploadedFile("b77.pdf", b"%PDF-1.7 ...", "application/pdf"),
    }  # fmt: skip
    answer = client.post("/supplier-invoices/new/", asked)
    made = SupplierInvoice.objects.get()
    assert answer.headers["Location"] == f"/supplier-invoices/{made.pk}/"
    assert (made.gross, made.tax, made.supplier.name) == (Decimal(1200), Decimal(200), "Le Bris SAS")
    assert AttachmentLink.objects.filter(subject_type="invoice", subject_id=made.pk, kind="invoice").count() == 1
    again = client.post("/supplier-invoices/new/", {**asked, "number": "b 77", "file": ""})
    assert (again.status_code, "registered already" in again.content.decode()) == (422, True)
    page = client.get(f"/supplier-invoices/{made.pk}/").content.decode()
    assert "b77.pdf" in page
    assert "Nothing is paid of it yet" in page


def test_a_list_is_brought_in_or_each_line_says_why(bank: Account) -> None:  # noqa: F811
    client = operator(bank)
    content = b"supplier;number;date;gross;iban\nA;1;2026-11-02;10.00;\nB;2;2026-11-02;x;\n"
    wrong = client.post("/supplier-invoices/list/", {"entity": "CIE", "file": SimpleUploadedFile("l.csv", content)})
    assert (wrong.status_code, SupplierInvoice.objects.count()) == (422, 0)
    assert "Line 3" in wrong.content.decode()
    right = content.replace(b"x;", b"20.00;")
    client.post("/supplier-invoices/list/", {"entity": "CIE", "file": SimpleUploadedFile("l.csv", right)})
    assert SupplierInvoice.objects.count() == 2


def test_the_same_amount_of_one_supplier_is_not_proposed_twice(bank: Account) -> None:  # noqa: F811
    for number, gross in (("V-30871", "240.00"), ("V-30871B", "240.00"), ("V-30872", "60.00")):
        invoice(bank, number, gross)
    invoice(bank, "AV-1", "60.00", kind="credit", due_on=None)
    page = operator(bank).get(f"/supplier-invoices/pay/?account={bank.pk}")
    told = {one.number: one.twin_of for one in page.context["invoices"]}
    assert told == {"V-30871": "", "V-30871B": "V-30871", "V-30872": "", "AV-1": ""}
    assert page.context["proposed"] == {"count": 3, "suppliers": 1, "total": Decimal("240.00")}
    assert page.content.decode().count(" checked>") == 3
    assert "same amount as V-30871" in page.content.decode()


def test_what_is_due_is_proposed_and_paid(bank: Account) -> None:  # noqa: F811
    today = timezone.localdate()
    one, two = invoice(bank, "F-1", "100.00"), invoice(bank, "F-2", "50.00")
    later = invoice(bank, "F-3", "7.00", due_on=today + timedelta(days=30))
    credit = invoice(bank, "AV-1", "20.00", kind="credit", due_on=None)
    client = operator(bank)
    proposed = client.get(f"/supplier-invoices/pay/?account={bank.pk}").context["invoices"]
    assert {row.number for row in proposed} == {"F-1", "F-2", "AV-1"}
    none = client.post("/supplier-invoices/pay/", {"account": bank.pk})
    assert (none.status_code, "Choose 1 to 500 invoices." in none.content.decode()) == (422, True)
    keys = [one.pk, two.pk, credit.pk]
    asked = {"account": bank.pk, "invoice": keys, "execution_on": today.isoformat()}
    answer = client.post("/supplier-invoices/pay/", asked)
    payment = Payment.objects.get(kind="supplier")
    assert answer.headers["Location"] == f"/batches/{payment.batch_id}/"
    assert payment.amount == Decimal("130.00")
    twice = client.post("/supplier-invoices/pay/", asked)
    assert (twice.status_code, Payment.objects.count()) == (422, 1)
    assert [row.number for row in client.get("/supplier-invoices/").context["page"].items] == [later.number]
    shown = client.get(f"/payments/{payment.pk}/").content.decode()
    assert f'href="/supplier-invoices/{one.pk}/"' in shown
    assert "Supplier payment" in shown
    assert payment.reference in client.get(f"/supplier-invoices/{one.pk}/").content.decode()


def test_the_list_shows_ages_and_its_queries_do_not_grow(bank: Account, django_assert_num_queries: Any) -> None:  # noqa: F811
    client = operator(bank)
    invoice(bank, "F-0", "10.00", due_on=timezone.localdate() - timedelta(days=3))
    assert "3 days late" in client.get("/supplier-invoices/").content.decode()
    for number in range(1, 4):
        invoice(bank, f"F-{number}", "10.00")
        with django_assert_num_queries(8):
            client.get("/supplier-invoices/")
    assert [row.number for row in client.get("/supplier-invoices/?q=f+2").context["page"].items] == ["F-2"]
    assert client.get("/supplier-invoices/?view=cancelled").context["page"].items == []


def test_by_the_api(bank: Account) -> None:  # noqa: F811
    program = Program(person(roles.OPERATOR, entity=bank.entity, is_machine=True))
    asked = {
        "supplier_name": "Le Bris SAS", "number": "B-77", "gross": "1200.00", "issued_on": "2026-11-02",
        "account_number": PAYEE_IBAN, "discount": "24.00", "discount_until": timezone.localdate().isoformat(),
    }  # fmt: skip
    made = program.post("/supplier-invoices", asked)
    assert made.status_code == 201, made.content
    key = made.json()["id"]
    again = program.post("/supplier-invoices", {**asked, "number": "b77"})
    assert (again.status_code, again.json()["code"]) == (409, "invoice.known")
    wrong = program.post("/supplier-invoices", {**asked, "number": "B-78", "gross": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "money.not_a_number")
    paid = program.post(
        "/supplier-invoices/pay",
        {"account": bank.pk, "invoices": [key], "execution_date": timezone.localdate().isoformat()},
    )
    assert (paid.status_code, paid.json()["taken_count"]) == (201, 1), paid.content
    told = program.get(f"/supplier-invoices/{key}").json()
    assert (told["open"], told["shares"][0]["amount"], told["shares"][0]["discount"]) == ("0.00", "1176.00", "24.00")
    refused = program.post(f"/supplier-invoices/{key}/cancel", {"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "invoice.paid_already")
    assert [row["id"] for row in program.get("/supplier-invoices", number="b77").json()["items"]] == [key]
    assert program.get("/payments", kind="supplier").json()["items"][0]["kind"] == "supplier"


def test_in_french_and_who_may_not(bank: Account) -> None:  # noqa: F811
    one = invoice(bank, "F-1", "10.00")
    assert "Factures fournisseurs" in operator(bank, language="fr").get("/supplier-invoices/").content.decode()
    before = AuditRecord.objects.count()
    auditor = signed_in(person(roles.AUDITOR, entity=bank.entity))
    assert auditor.get(f"/supplier-invoices/{one.pk}/").status_code == 200
    assert auditor.post(f"/supplier-invoices/{one.pk}/cancel/", {"reason": "x"}).status_code == 403
    assert auditor.post("/supplier-invoices/pay/", {"account": bank.pk, "invoice": [one.pk]}).status_code == 403
    assert (AuditRecord.objects.count(), SupplierInvoice.objects.get().status) == (before, "registered")
