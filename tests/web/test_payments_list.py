"""The list of payments and its search: found by whatever one has at hand, at any depth, and never another entity's."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.people import roles
from tests import people
from tests.web.desk import signed_in
from transactions.models import Payee, PaymentState
from transactions.queries.search import amount_of, number_of

pytestmark = pytest.mark.django_db
IBAN = "FR7630006000011234567890189"


@pytest.fixture
def stage() -> people.Stage:
    return people.bank_branch()


@pytest.fixture
def desk(stage: people.Stage) -> Client:
    return signed_in(people.person(roles.AUDITOR, entity=stage.entity))


def listed(answer: object) -> list[int]:
    return [int(key) for key in re.findall(r'<tr data-row="(\d+)"', answer.content.decode())]  # type: ignore[attr-defined]


def found(desk: Client, **query: str) -> list[int]:
    return listed(desk.get("/payments/", query))


def test_newest_first_in_every_state(stage: people.Stage, desk: Client) -> None:
    now = timezone.now()
    made = [
        people.payment(stage, status=status, received_at=now - timedelta(days=place))
        for place, status in enumerate(PaymentState.Status.values)
    ]
    assert found(desk) == [payment.pk for payment in made]
    for payment, status in zip(made, PaymentState.Status.values, strict=True):
        assert found(desk, status=status) == [payment.pk]


def test_by_its_number_it_opens_at_once(stage: people.Stage, desk: Client) -> None:
    payment, _other = people.payment(stage), people.payment(stage)
    for text in (payment.reference, payment.reference.lower(), f"PAY-{payment.pk}", f"pay{payment.pk:06}"):
        assert desk.get("/payments/", {"q": text}).headers["Location"] == f"/payments/{payment.pk}/", text
    assert payment.pk in found(desk, q=str(payment.pk))
    assert (
        desk.get("/search/", {"q": f"  {payment.reference} "}).headers["Location"]
        == f"/payments/?q={payment.reference}"
    )


def test_by_an_iban_with_or_without_spaces_as_creditor_or_as_ours(stage: people.Stage, desk: Client) -> None:
    payment, other = people.payment(stage, creditor_number=IBAN), people.payment(stage)
    assert found(desk, q=IBAN) == [payment.pk]
    assert found(desk, q="fr76 3000 6000 0112 3456 7890 189") == [payment.pk]
    assert set(found(desk, q=people.CUSTOMER_IBAN)) == {payment.pk, other.pk}


def test_by_amount_in_either_notation(stage: people.Stage, desk: Client) -> None:
    payment = people.payment(stage, amount="48250.00")
    people.payment(stage, amount="48250.01")
    for text in ("48250", "48250,00", "48 250,00 €", "€48,250.00", "48.250,00", "48 250.00 EUR"):
        assert found(desk, q=text) == [payment.pk], text


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234.5", "1234.50"),
        ("1.234,5", "1234.50"),
        ("1 234", "1234"),
        ("1,234", "1234"),
        ("1.234.567", "1234567"),
        ("0,99", "0.99"),
        ("F-7731", None),
        ("0", None),
        ("", None),
        ("12 rue", None),
        ("12 EUR", "12"),
        ("1.005,123", "1005.123"),
        ("1.23.456", None),
        ("12,34,567", None),
        ("1,23,4", None),
    ],
)
def test_what_someone_means_by_an_amount(text: str, amount: str | None) -> None:
    assert amount_of(text) == (Decimal(amount) if amount else None)


def test_by_the_beginning_of_a_reference_a_name_or_a_file(stage: people.Stage, desk: Client) -> None:
    payee = Payee.objects.create(
        entity=stage.entity, name="Énergie Bresle", name_key="energie bresle", created_at=timezone.now()
    )
    settled = people.payment(stage, payee=payee, creditor_name="Énergie Bresle", status="settled")
    unknown = people.payment(stage, creditor_name="Énergie Bresle SA", end_to_end_id="F-7731/A")
    filed = people.payment(stage, in_batch=people.batch(stage, file_name="VIR_20261123_01.xml"))
    assert set(found(desk, q="énergie br")) == {settled.pk, unknown.pk}
    assert found(desk, q="F-77") == [unknown.pk]
    assert found(desk, q="vir_2026") == [filed.pk]
    assert found(desk, q="100%_") == []
    assert "No payment matches" in desk.get("/payments/", {"q": "nothing at all"}).content.decode()


def test_days_are_days_of_the_readers_zone_and_amounts_have_both_ends(stage: people.Stage, desk: Client) -> None:
    paris = ZoneInfo("Europe/Paris")
    late = people.payment(stage, amount="10.00", received_at=datetime(2026, 3, 1, 23, 30, tzinfo=paris))
    early = people.payment(stage, amount="20.00", received_at=datetime(2026, 3, 2, 0, 30, tzinfo=paris))
    assert found(desk, since="2026-03-01", until="2026-03-01") == [late.pk]
    assert found(desk, since="2026-03-02") == [early.pk]
    assert found(desk, least="20") == [early.pk]
    assert found(desk, most="10,00") == [late.pk]
    page = desk.get("/payments/", {"since": "yesterday", "least": "much"}).content.decode()
    assert "Not understood, so not applied: From, Least amount." in page


def test_another_entitys_payment_is_never_found(stage: people.Stage, desk: Client) -> None:
    other = people.bank_branch("OTHER", iban="FR7610278060610002037000187")
    foreign = people.payment(
        other, amount="777.00", creditor_number=IBAN, end_to_end_id="SECRET-1", creditor_name="Secret"
    )
    for text in (foreign.reference, str(foreign.pk), IBAN, "777,00", "SECRET", "Secret", "FR7610278060610002037000187"):
        answer = desk.get("/payments/", {"q": text})
        assert answer.status_code == 200
        assert listed(answer) == [], text


def test_pages_cover_everything_once_in_both_directions(stage: people.Stage, desk: Client) -> None:
    batch, moment = people.batch(stage), timezone.now()
    made = [people.payment(stage, in_batch=batch, received_at=moment - timedelta(minutes=n // 3)) for n in range(120)]
    answer, seen = desk.get("/payments/"), []
    while True:
        page = answer.context["page"]
        seen.append(listed(answer))
        if not page.next:
            break
        answer = desk.get("/payments/", {"cursor": page.next})
    newest = sorted(made, key=lambda payment: (payment.received_at, payment.pk), reverse=True)
    assert [len(rows) for rows in seen] == [50, 50, 20]
    assert [key for rows in seen for key in rows] == [payment.pk for payment in newest]
    assert listed(desk.get("/payments/", {"cursor": page.previous})) == seen[1]
    assert desk.get("/payments/", {"cursor": "forged"}).status_code == 400


def test_the_list_costs_the_same_for_any_number_and_any_search(stage: people.Stage, desk: Client) -> None:
    batch = people.batch(stage)
    counts = []
    for query in ({}, {"q": "F-7"}, {"q": "48250,00"}, {"status": "checked", "least": "1"}):
        for _ in range(5):
            people.payment(stage, in_batch=batch, end_to_end_id="F-7731", amount="48250.00")
        desk.get("/payments/", query)
        with CaptureQueriesContext(connection) as seen:
            desk.get("/payments/", query)
        counts.append(len(seen))
    assert len(set(counts)) == 1


@pytest.mark.parametrize(("text", "amount"), [("1,234", None), ("1.234", None), ("1,234.00", "1234"), ("1234", "1234")])
def test_a_form_never_guesses_between_thousands_and_thousandths(text: str, amount: str | None) -> None:
    assert number_of(text, strict=True) == (Decimal(amount) if amount else None)
