"""Entering a payment by hand, and amending one: what is refused is said, what is kept is on record."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.people import roles
from backoffice.people.models import User
from controls.models import ApprovalPolicy
from documents.models import AuditRecord
from tests import people
from tests.web.desk import acts, signed_in, standing, state
from transactions import workflow
from transactions.models import Payment, PaymentBatch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(tmp_path: object, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def stage() -> people.Stage:
    stage = people.bank_branch()
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


@pytest.fixture
def operator() -> User:
    return people.person(name="Sarah Cohen")


@pytest.fixture
def desk(operator: User) -> Client:
    return signed_in(operator)


def given(stage: people.Stage, **fields: Any) -> dict[str, Any]:
    return {
        "debtor_account": stage.customer.pk,
        "kind": "sepa",
        "amount": "48 250,00",
        "currency": "",
        "requested_execution_date": (timezone.localdate() + timedelta(days=3)).isoformat(),
        "creditor_name": "Kervella Matériaux SARL",
        "creditor_number": "de89 3704 0044 0532 0130 00",
        "end_to_end_id": "F-7731",
        "remittance": "Facture F-7731",
        "town": "Brest",
        "country": "fr",
        **fields,
    }


def test_a_payment_is_entered_by_the_door_of_all_payments(stage: people.Stage, operator: User, desk: Client) -> None:
    assert desk.get("/payments/new/").status_code == 200
    answer = desk.post("/payments/new/", given(stage))
    made = Payment.objects.select_related("batch", "state").get()
    assert answer.headers["Location"] == f"/payments/{made.pk}/"
    assert (made.amount, made.currency, made.kind) == (Decimal("48250.00"), "EUR", "sepa")
    assert (made.creditor_number, made.debtor_account_id) == (people.PAYEE_IBAN, stage.customer.pk)
    assert made.creditor_address == {"town": "Brest", "country": "FR"}
    assert (made.maker_id, made.batch.channel, made.channel) == (operator.pk, "form", "form")
    assert acts(made)[0] == "payment.received"


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"creditor_number": "DE89370400440532013001"}, "creditor_number", "check digits"),
        ({"amount": "lots"}, "amount", "is not an amount"),
        ({"amount": "12345678901234567890123"}, "amount", "is above the largest amount that can be kept."),
        ({"amount": "10 000 000 000 000,00"}, "amount", "10000000000000.00 is above the largest amount"),
        ({"amount": "0,00"}, "amount", "The amount must be above zero, not 0.00."),
        ({"amount": "1.005,123"}, "amount", "more than the 2 decimals"),
        ({"amount": "1,234"}, "amount", "can be read in two ways"),
        ({"currency": "ZZZ"}, "currency", "is not a currency code"),
        ({"country": "XX"}, "country", "is not a country code"),
        ({"creditor_bic": "NOPE"}, "creditor_bic", ""),
        ({"creditor_name": ""}, "creditor_name", "required"),
        ({"requested_execution_date": "soon"}, "requested_execution_date", ""),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    stage: people.Stage, desk: Client, fields: dict[str, str], field: str, said: str
) -> None:
    answer = desk.post("/payments/new/", given(stage, **fields))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert said in str(errors[field])
    assert "Facture F-7731" in answer.content.decode()
    assert (Payment.objects.count(), PaymentBatch.objects.count()) == (0, 0)
    assert AuditRecord.objects.filter(subject_type="batch").count() == 0


def test_the_same_payment_entered_twice_is_recognised(stage: people.Stage, desk: Client) -> None:
    desk.post("/payments/new/", given(stage))
    answer = desk.post("/payments/new/", given(stage))
    assert answer.status_code == 422
    assert "This payment was taken in before" in answer.content.decode()
    assert (Payment.objects.count(), PaymentBatch.objects.count()) == (1, 1)


def test_another_entitys_account_cannot_be_chosen(stage: people.Stage) -> None:
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    desk = signed_in(people.person(entity=stage.entity))
    answer = desk.post("/payments/new/", given(stage, debtor_account=other.customer.pk))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["debtor_account"]
    assert Payment.objects.count() == 0


@pytest.mark.parametrize("role", [roles.AUDITOR, roles.LOGISTICS, roles.ADMINISTRATOR])
def test_without_the_right_nothing_is_entered(stage: people.Stage, role: str) -> None:
    desk = signed_in(people.person(role))
    assert desk.get("/payments/new/").status_code == 403
    assert desk.post("/payments/new/", given(stage)).status_code == 403
    assert Payment.objects.count() == 0


# Amending


def amended(payment: Payment, **fields: Any) -> dict[str, Any]:
    return {
        "version": state(payment).version,
        "creditor_name": payment.creditor_name,
        "creditor_number": payment.creditor_number,
        "requested_execution_date": payment.requested_execution_date.isoformat(),
        "end_to_end_id": payment.end_to_end_id,
        "remittance": payment.remittance,
        "reason": "As on the invoice.",
        **fields,
    }


def test_an_amendment_shows_what_changes_before_it_does(stage: people.Stage, operator: User, desk: Client) -> None:
    payment = people.payment(stage)
    address = f"/payments/{payment.pk}/amend/"
    wanted = amended(payment, creditor_name="Kervella SAS", town="Brest", country="FR")
    shown = desk.post(address, wanted)
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "<del>Kervella Matériaux SARL</del> <ins>Kervella SAS</ins>" in page
    assert "<del>–</del> <ins>Brest, FR</ins>" in page
    assert (state(payment).version, acts(payment)) == (1, [])
    answer = desk.post(address, {**wanted, "confirmed": "1"})
    assert answer.headers["Location"] == f"/payments/{payment.pk}/"
    payment.refresh_from_db()
    assert payment.creditor_name == "Kervella SAS"
    assert payment.creditor_address == {"town": "Brest", "country": "FR"}
    assert acts(payment)[0] == "payment.amended"
    page = desk.get(f"/payments/{payment.pk}/").content.decode()
    assert f"/payments/{payment.pk}/approve/" not in page or "You created or amended this payment" in page


def test_nothing_changed_or_no_reason_is_refused(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    address = f"/payments/{payment.pk}/amend/"
    before = standing(payment)
    same = desk.post(address, amended(payment))
    assert same.status_code == 422
    assert "Nothing was changed." in same.content.decode()
    assert desk.post(address, amended(payment, creditor_name="X", reason="")).status_code == 422
    assert desk.post(address, amended(payment, creditor_number="DE89370400440532013001")).status_code == 422
    assert standing(payment) == before


def test_two_who_amend_see_yours_and_theirs(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage)
    mine = amended(payment, creditor_name="Mine SARL")
    workflow.amend(
        payment_id=payment.pk,
        actor=people.person(),
        changes={"creditor_name": "Theirs SARL"},
        version=1,
        reason="Register.",
    )
    answer = desk.post(f"/payments/{payment.pk}/amend/", {**mine, "confirmed": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs SARL" in page
    assert 'value="Mine SARL"' in page
    payment.refresh_from_db()
    assert payment.creditor_name == "Theirs SARL"


def test_an_auditor_and_another_entity_amend_nothing(stage: people.Stage) -> None:
    payment = people.payment(stage)
    other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
    before = standing(payment)
    wanted = {**amended(payment, creditor_name="X"), "confirmed": "1"}
    address = f"/payments/{payment.pk}/amend/"
    assert signed_in(people.person(roles.AUDITOR)).post(address, wanted).status_code == 403
    assert signed_in(people.person(entity=other.entity)).post(address, wanted).status_code == 404
    assert standing(payment) == before
