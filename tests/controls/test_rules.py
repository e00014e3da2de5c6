"""Each shipped rule: a payment that it stops, and its nearest neighbour that it lets through."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from controls.models import ApprovalPolicy
from controls.rules.catalogue import CATALOGUE
from tests import database, people
from tests.controls import scene as scenes
from tests.controls import test_rules_of_law
from tests.controls.names_judged import alike_to_a, verified
from tests.controls.scene import NOON, OTHER_IBAN, TOMORROW, Scene
from transactions.models import (
    Account,
    CardPayment,
    Collection,
    InvoiceShare,
    Mandate,
    Payee,
    Payment,
    Refund,
    SupplierInvoice,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return scenes.scene()


def test_an_ordinary_payment_passes_everything(scene: Scene) -> None:
    payment = scene.payment()
    scenes.judge(payment)
    assert scenes.found(payment) == {}
    payment.state.refresh_from_db()
    assert (payment.state.status, payment.state.outcome, payment.state.risk) == ("checked", "pass", 0)


Make = Callable[[Scene], Payment]


def with_fields(**fields: Any) -> Make:
    return lambda scene: scene.payment(**fields)


def debit(
    *,
    status: str = "active",
    said: date = date(2026, 1, 10),
    number: str = people.PAYEE_IBAN,
    before: str = "",
    on: date = TOMORROW,
    creditor_account: Any = ...,
    **fields: Any,
) -> Make:
    """A direct debit that rests on a mandate; ``before``: one of this amount was collected on the same day."""

    def make(scene: Scene) -> Payment:
        ours = scene.stage.customer
        Mandate.objects.create(
            entity=scene.stage.entity, account=ours, creditor_scheme_id="FR72ZZZ123456", reference="M-1", status=status,
            debtor_name="Claire", debtor_number=people.PAYEE_IBAN, signed_on=said,
        )  # fmt: skip
        made = None
        for amount in [before, "150.00"] if before else ["150.00"]:
            made = scene.payment(
                kind="debit", amount=amount, debtor_account=None, debtor_number=number, debtor_name="Claire",
                payee=None,
                creditor_account=ours if creditor_account is ... else creditor_account, creditor_number=ours.iban,
                creditor_name=ours.name, requested_execution_date=on,
            )  # fmt: skip
            Collection.objects.create(
                **{
                    "payment": made, "entity": scene.stage.entity, "creditor_scheme_id": "FR72ZZZ123456",
                    "creditor_id_valid": True, "mandate_reference": "M-1", "signed_on": said, "sequence": "RCUR",
                    "scheme": "CORE", **fields,
                }
            )  # fmt: skip
        assert made is not None
        return made

    return make


def supplied(
    *,
    due: date = TOMORROW,
    issued: date = TOMORROW - timedelta(days=30),
    number: str = people.PAYEE_IBAN,
    invoiced: bool = True,
    twin: date | None = None,
) -> Make:
    """A payment to the supplier that settles one invoice; ``twin``: another of the same amount, of this day."""

    def make(scene: Scene) -> Payment:
        payment = scene.payment(kind="supplier", creditor_number=number)
        fields = {
            "entity": scene.stage.entity, "supplier": scene.payee, "received_on": issued, "due_on": due,
            "gross": Decimal(150), "currency": "EUR", "registered_by": people.person(),
        }  # fmt: skip
        if twin:
            SupplierInvoice.objects.create(number="F-0", number_key="F0", issued_on=twin, **fields)
        if invoiced:
            one = SupplierInvoice.objects.create(number="F-1", number_key="F1", issued_on=issued, **fields)
            InvoiceShare.objects.create(payment=payment, invoice=one, amount=Decimal(150))
        return payment

    return make


def incoming(*, before: str = "", **fields: Any) -> Make:
    """Credited to the customer's account; ``before``: one with this reference came in before."""

    def make(scene: Scene) -> Payment:
        ours = scene.stage.customer
        usual = {
            "kind": "incoming", "debtor_account": None, "debtor_number": OTHER_IBAN, "debtor_name": "Claire",
            "debtor_bic": "COBADEFFXXX", "payee": None, "creditor_account": ours, "creditor_number": ours.iban,
            "creditor_name": ours.name, "end_to_end_id": "SAME", **fields,
        }  # fmt: skip
        if before:
            scene.earlier(days=3, **{**usual, "end_to_end_id": before})
        return scene.payment(**usual)

    return make


def refund(number: str) -> Make:
    """Of a payment that came from the payee's usual account."""

    def make(scene: Scene) -> Payment:
        ours = scene.stage.customer
        original = scene.earlier(
            days=3, kind="incoming", debtor_account=None, debtor_number=people.PAYEE_IBAN, creditor_account=ours
        )
        made = scene.payment(kind="refund", creditor_number=number, payee=None)
        Refund.objects.create(payment=made, original=original, entity=scene.stage.entity, reason_code="CUST")
        return made

    return make


def card(*, order: str = "", fee: str = "3.00", fees: bool = True) -> Make:
    """150.00 captured by an acquirer; one of the order C-1 was captured before."""

    def make(scene: Scene) -> Payment:
        stage = scene.stage
        expense = people.account(stage.entity, "627", "expense", "D", floor=None)
        claim = people.account(
            stage.entity, "PSP", "receivable", "D", floor=None, counterpart=stage.bank, fees=expense if fees else None
        )
        usual = {"kind": "card", "debtor_account": None, "payee": None, "creditor_account": stage.customer}
        made = None
        for at, reference in enumerate(("C-1", order)):
            made = scene.earlier(days=2, **usual) if not at else scene.payment(**usual)
            CardPayment.objects.create(
                payment=made, entity=stage.entity, acquirer=claim, acquirer_code="PSP", captured_on=TOMORROW,
                fee=Decimal(fee), order_reference=reference,
            )  # fmt: skip
        assert made is not None
        return made

    return make


def address(**parts: Any) -> Make:
    return with_fields(creditor_address=parts)


def after_earlier(earlier: dict[str, Any], **fields: Any) -> Make:
    def make(scene: Scene) -> Payment:
        scene.earlier(**earlier)
        return scene.payment(**fields)

    return make


def on_account(**fields: Any) -> Make:
    def make(scene: Scene) -> Payment:
        database.update(Account.objects.filter(pk=scene.stage.customer.pk), **fields)
        return scene.payment()

    return make


def to_own_account(status: str) -> Make:
    def make(scene: Scene) -> Payment:
        own = people.account(scene.stage.entity, "SAVINGS", "customer", "C", iban=OTHER_IBAN, status=status)
        return scene.payment(kind="internal", payee=None, creditor_number=OTHER_IBAN, creditor_account=own)

    return make


def in_a_file(first: dict[str, Any], second: dict[str, Any], *, files: int = 1) -> Make:
    """Two payments of one file (or of two received together); the second is judged."""

    def make(scene: Scene) -> Payment:
        batch = scene.batch()
        scene.payment(in_batch=batch, **first)
        return scene.payment(in_batch=batch if files == 1 else scene.batch(), **second)

    return make


def with_balance(amount: str, *, before: str | None = None, floor: str | None = "0") -> Make:
    """An account with so much on it, and a payment of 150 before in the file or not."""

    def make(scene: Scene) -> Payment:
        account = people.account(
            scene.stage.entity, "POOR", "customer", "C", balance=amount, floor=floor, iban=OTHER_IBAN
        )
        fields = {"debtor_account": account, "debtor_number": OTHER_IBAN}
        batch = scene.batch()
        if before:
            scene.payment(in_batch=batch, amount=before, **fields)
        return scene.payment(in_batch=batch, amount="150.00", **fields)

    return make


def changed(days: float, **details: Any) -> Make:
    def make(scene: Scene) -> Payment:
        made = scene.details_from(days=days, **details)
        return scene.payment(creditor_number=made.account_number)

    return make


def unconfirmed(*, paid: bool) -> Make:
    def make(scene: Scene) -> Payment:
        made = scene.details_from(days=100, confirmed=False)
        if paid:
            scene.earlier(days=40, amount="151", creditor_number=made.account_number)
        return scene.payment(creditor_number=made.account_number)

    return make


def dormant(days: int) -> Make:
    def make(scene: Scene) -> Payment:
        payee = Payee.objects.create(
            entity=scene.stage.entity, name="Orme", name_key="orme", created_at=NOON - timedelta(days=900)
        )
        fields = {"payee": payee, "creditor_name": "Orme", "creditor_number": OTHER_IBAN}
        scene.earlier(days=days, amount="90", **fields)
        return scene.payment(**fields)

    return make


def near_bands(amounts: list[str], *, days: float = 6) -> Make:
    """Earlier payments of so much within the days, then one more."""

    def make(scene: Scene) -> Payment:
        for amount in amounts[:-1]:
            scene.earlier(days=days, amount=amount, status="checked")
        return scene.payment(amount=amounts[-1])

    return make


def same_day(first: str, second: str, *, day_before: bool = False) -> Make:
    def make(scene: Scene) -> Payment:
        # 23:30 in Paris is the day before, although it is 22:30 UTC of it: days are the entity's.
        moment = datetime(2026, 11, 22, 23, 30, tzinfo=NOON.tzinfo) if day_before else NOON - timedelta(hours=11)
        scene.payment(amount=first, received_at=moment, status="checked")
        return scene.payment(amount=second)

    return make


REFERENCE = {"end_to_end_id": "INV-2026-77", "remittance": "Invoice 77"}
NO_REFERENCE = {"end_to_end_id": "NOTPROVIDED", "remittance": ""}

CASES: list[tuple[str, Make, Make]] = [
    ("VOP-CLOSE", verified("CMTC", name="Kervella SAS"), verified("MTCH")),
    ("VOP-NO-MATCH", verified("NMTC"), verified("CMTC", name="Kervella SAS")),
    ("VOP-NO-MATCH", verified("NMTC", received_at=datetime(2025, 10, 9, 0, 30, tzinfo=NOON.tzinfo)),
     verified("NMTC", received_at=datetime(2025, 10, 8, 23, 30, tzinfo=NOON.tzinfo))),
    ("VOP-NOT-POSSIBLE", verified("NOAP", code="verification.too_slow"), verified("NMTC")),
    ("VOP-NOT-POSSIBLE", verified("NOAP", code="verification.too_slow"),
     verified("NOAP", code="verification.too_slow", local_instrument="INST")),
    ("INSTANT-UNCONFIRMED",
     verified("NOAP", code="verification.too_slow", local_instrument="INST", creditor_number=OTHER_IBAN),
     verified("MTCH", local_instrument="INST", creditor_number=OTHER_IBAN)),
    ("NAME-UNLIKE", verified("MTCH", creditor_name="Global Trade"), verified("NMTC", creditor_name="Global Trade")),
    ("CREDITOR-IBAN", with_fields(creditor_number="DE88370400440532013000"), with_fields()),
    (
        "CREDITOR-IBAN",
        with_fields(creditor_number="0532013000", payee=None),
        with_fields(creditor_number="0532013000", payee=None, kind="transfer"),
    ),
    (
        "DEBTOR-IBAN",
        with_fields(debtor_number="FR1420041010050500013M02607"),
        with_fields(debtor_number="FR1420041010050500013M02606"),
    ),
    ("CREDITOR-BIC", with_fields(creditor_bic="PSSTXXPP"), with_fields(creditor_bic="PSSTFRPP")),
    ("DEBTOR-BIC", with_fields(debtor_bic="PSSTFRPPX"), with_fields(debtor_bic="PSSTFRPPXXX")),
    (
        "SEPA-COUNTRY",
        with_fields(creditor_number="BR1800360305000010009795493C1", payee=None),
        with_fields(creditor_number="AL47212110090000000235698741", payee=None),
    ),
    ("CREDITOR-NAME", with_fields(creditor_name=""), with_fields()),
    ("CREDITOR-NAME", with_fields(creditor_name="Not provided"), with_fields(creditor_name="Kervella")),
    ("CREDITOR-ACCOUNT", with_fields(creditor_number=""), with_fields()),
    ("DEBTOR-NAME", with_fields(debtor_name=""), with_fields(debtor_name="F")),
    ("CHARACTERS", with_fields(remittance="Été 2026"), with_fields(remittance="Ete 2026 (a/b), c: d? 'e' + f-g.")),
    ("REFERENCE", with_fields(end_to_end_id="INV_77"), with_fields(end_to_end_id="INV-77")),
    ("REFERENCE", with_fields(end_to_end_id="/INV"), with_fields(end_to_end_id="I/NV")),
    ("REFERENCE", with_fields(end_to_end_id="A//B"), with_fields(end_to_end_id="A/B/C")),
    ("NAME-LENGTH", with_fields(creditor_name="K" * 71), with_fields(creditor_name="K" * 70)),
    ("REMITTANCE-LENGTH", with_fields(remittance="r" * 141), with_fields(remittance="r" * 140)),
    (
        "CREDITOR-REFERENCE",
        with_fields(creditor_reference="RF19539007547034"),
        with_fields(creditor_reference="RF18539007547034"),
    ),
    (
        "ADDRESS",
        address(lines=["Hauptstr. 1", "10115 Berlin"]),
        address(town="Berlin", country="DE", lines=["Hauptstr. 1"]),
    ),
    ("ADDRESS", address(country="DE"), address(town="Berlin", country="DE")),
    (
        "ADDRESS",
        address(town="Berlin", country="DE", lines=["a", "b", "c"]),
        address(town="Berlin", country="DE", lines=["a", "b"]),
    ),
    (
        "ADDRESS",
        with_fields(creditor_address={"lines": ["Berlin"]}, requested_execution_date=date(2026, 11, 15)),
        with_fields(creditor_address={"lines": ["Berlin"]}, requested_execution_date=date(2026, 11, 14)),
    ),
    ("CHARGES", with_fields(charge_bearer="DEBT"), with_fields(charge_bearer="")),
    ("ACCOUNT-UNKNOWN", with_fields(debtor_account=None), with_fields()),
    ("ACCOUNT-NOT-OPEN", on_account(status="blocked"), on_account(status="open")),
    ("ACCOUNT-CURRENCY", with_fields(currency="USD", kind="transfer"), with_fields(kind="transfer")),
    ("CREDITOR-NOT-OPEN", to_own_account("closed"), to_own_account("open")),
    ("SAME-ACCOUNT", with_fields(creditor_number=people.CUSTOMER_IBAN, payee=None), with_fields()),
    ("FUNDS", with_balance("149.99"), with_balance("150.00")),
    ("FUNDS", with_balance("200", before="50.01"), with_balance("200", before="50.00")),
    ("FUNDS", with_balance("0"), with_balance("0", floor="-150.00")),
    ("FUNDS", with_balance("0"), with_balance("0", floor=None)),
    ("FIRST-PAYMENT", with_fields(payee=None, creditor_number=OTHER_IBAN), with_fields()),
    (
        "FIRST-PAYMENT",
        after_earlier(
            {"days": 3, "status": "rejected", "payee": None, "creditor_number": OTHER_IBAN},
            payee=None, creditor_number=OTHER_IBAN,
        ),
        after_earlier(
            {"days": 3, "status": "posted", "payee": None, "creditor_number": OTHER_IBAN},
            payee=None, creditor_number=OTHER_IBAN,
        ),
    ),
    ("NUMBER-UNLIKE", with_fields(creditor_number=OTHER_IBAN), with_fields()),
    ("NUMBER-UNCONFIRMED", unconfirmed(paid=False), unconfirmed(paid=True)),
    ("NUMBER-UNCONFIRMED", changed(60, confirmed=False), changed(60, confirmed=True)),
    ("NUMBER-CHANGED", changed(29), changed(30)),
    ("NAME-UNLIKE", with_fields(creditor_name="Logiciels Orme"), with_fields(creditor_name="KERVELLA MATERIAUX")),
    ("PAYEE-DORMANT", dormant(366), dormant(365)),
    ("DUPLICATE-FILE", in_a_file(REFERENCE, REFERENCE), in_a_file(REFERENCE, {**REFERENCE, "amount": "150.01"})),
    (
        "DUPLICATE-FILE",
        in_a_file({"remittance": "Invoice  77"}, {"remittance": "invoice 77"}),
        in_a_file({"remittance": "Invoice 77"}, {"remittance": "Invoice 78"}),
    ),
    ("DUPLICATE-FILE", in_a_file(REFERENCE, REFERENCE), in_a_file(NO_REFERENCE, NO_REFERENCE)),
    ("DUPLICATE-FILE", in_a_file(REFERENCE, REFERENCE), in_a_file(REFERENCE, REFERENCE, files=2)),
    (
        "DUPLICATE-OTHER",
        after_earlier({"days": 90, **REFERENCE}, **REFERENCE),
        after_earlier({"days": 91, **REFERENCE}, **REFERENCE),
    ),
    (
        "DUPLICATE-OTHER",
        after_earlier({"days": 5, "status": "checked", **REFERENCE}, **REFERENCE),
        after_earlier({"days": 5, "status": "rejected", **REFERENCE}, **REFERENCE),
    ),
    ("NEAR-AMOUNT", after_earlier({"days": 10}), after_earlier({"days": 11})),
    (
        "NEAR-AMOUNT",
        after_earlier({"days": 5}, amount="150.00"),
        after_earlier({"days": 5}, amount="150.01"),
    ),
    (
        "NEAR-REFERENCE",
        after_earlier({"days": 5, "amount": "148.60", **REFERENCE}, **REFERENCE),
        after_earlier({"days": 5, "amount": "148.50", **REFERENCE}, **REFERENCE),
    ),
    ("SEPA-CURRENCY", with_fields(currency="CHF"), with_fields(currency="CHF", kind="transfer")),
    ("SEPA-AMOUNT", with_fields(amount="1000000000.00"), with_fields(amount="999999999.99")),
    ("LIMIT", with_fields(amount="50000.00"), with_fields(amount="49999.99")),
    ("UNUSUAL-AMOUNT", with_fields(amount="444.01"), with_fields(amount="444.00")),
    ("SPLIT", near_bands(["9000", "9500", "9999.99"]), near_bands(["8999.99", "9500", "9999.99"])),
    ("SPLIT", near_bands(["9000", "9500", "9999.99"]), near_bands(["9000", "9500", "10000"])),
    ("SPLIT", near_bands(["9000", "9500", "9999.99"]), near_bands(["9000", "9500", "9999.99"], days=7.01)),
    ("DAY-SUM", same_day("5000", "5000"), same_day("5000", "4999.99")),
    ("DAY-SUM", same_day("5000", "5000"), same_day("5000", "5000", day_before=True)),
    (
        "DATE-PAST",
        with_fields(requested_execution_date=date(2026, 11, 22)),
        with_fields(requested_execution_date=date(2026, 11, 23)),
    ),
    ("MANDATE-UNKNOWN", debit(mandate_reference="OTHER"), debit()),
    ("MANDATE-CANCELLED", debit(status="cancelled"), debit()),
    ("MANDATE-UNSIGNED", debit(said=date(2026, 11, 25)), debit(said=TOMORROW)),
    ("MANDATE-EXPIRED", debit(said=date(2023, 11, 24)), debit(said=date(2023, 11, 25))),
    ("MANDATE-DEBTOR", debit(number=OTHER_IBAN), debit(number=OTHER_IBAN, amendment={"debtor_other": "SMNDA"})),
    ("MANDATE-SCHEME", debit(scheme="B2B"), debit(scheme="CORE")),
    ("MANDATE-SEQUENCE", debit(sequence="OOFF"), debit(sequence="FNAL")),
    ("MANDATE-TWICE", debit(before="150.00"), debit(before="150.01")),
    ("INVOICE-NONE", supplied(invoiced=False), supplied()),
    ("INVOICE-ACCOUNT", supplied(number=OTHER_IBAN), supplied()),
    ("INVOICE-ALIKE", supplied(twin=date(2026, 10, 15)), supplied(twin=date(2026, 10, 14))),
    ("INVOICE-EARLY", supplied(due=TOMORROW + timedelta(days=11)), supplied(due=TOMORROW + timedelta(days=10))),
    ("INVOICE-LATE", supplied(due=TOMORROW - timedelta(days=1)), supplied()),
    ("INVOICE-TERMS", supplied(due=TOMORROW + timedelta(days=31)), supplied(due=TOMORROW + timedelta(days=30))),
    ("CREDITOR-ID", debit(creditor_id_valid=False), debit()),
    ("INCOMING-ACCOUNT", incoming(creditor_account=None), incoming()),
    ("HOLDER-UNLIKE", incoming(creditor_name="Global Trade Partners"), incoming(creditor_name="Fournitures Ouest")),
    ("PAYER-INCOMPLETE", incoming(debtor_name="N/A"), incoming(debtor_name="Nadia")),
    ("PAYER-INCOMPLETE", incoming(debtor_bic="CHASUS33XXX"), incoming(debtor_bic="BNPAFRPPXXX")),
    (
        "PAYER-INCOMPLETE",
        incoming(debtor_bic="CHASUS33XXX", debtor_address={"country": "US"}),
        incoming(debtor_bic="CHASUS33XXX", debtor_address={"country": "US", "town": "Boston"}),
    ),
    ("INCOMING-REPEAT", incoming(before="SAME"), incoming(before="OTHER")),
    ("REFUND-ACCOUNT", refund(OTHER_IBAN), refund(people.PAYEE_IBAN)),
    ("CARD-ACCOUNTS", card(fees=False), card()),
    ("CARD-FEE", card(fee="30.01"), card(fee="30.00")),
    ("ORDER-REPEAT", card(order="C-1"), card(order="C-2")),
    ("COLLECTION-ACCOUNT", debit(creditor_account=None), debit()),
    ("COLLECTION-LATE", debit(on=NOON.date()), debit(on=TOMORROW)),
    ("SCREENING", alike_to_a("sanctions", "Korbalski, Vasil"), alike_to_a("sanctions", "Korbut, Vasil")),
    ("PEP", alike_to_a("pep", "Korbalski, Vasil"), alike_to_a("pep", "Korbut, Vasil")),
    (
        "DATE-CLOSED",
        with_fields(requested_execution_date=date(2026, 12, 25)),
        with_fields(requested_execution_date=date(2026, 12, 24)),
    ),
    (
        "DATE-FAR",
        with_fields(requested_execution_date=date(2027, 11, 24)),
        with_fields(requested_execution_date=date(2027, 11, 23)),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "caught", "near"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_a_rule_stops_its_case_and_not_the_neighbour(scene: Scene, code: str, caught: Make, near: Make) -> None:
    payment = caught(scene)
    scenes.judge(payment)
    assert code in scenes.found(payment)


@pytest.mark.parametrize(("code", "caught", "near"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_a_rule_lets_the_neighbour_through(scene: Scene, code: str, caught: Make, near: Make) -> None:
    payment = near(scene)
    scenes.judge(payment)
    assert code not in scenes.found(payment)


def test_every_shipped_rule_has_its_case() -> None:
    told = {case[0] for case in (*CASES, *test_rules_of_law.CASES)}
    assert told == {rule.code for rule in CATALOGUE}


def test_the_bands_of_an_entity_replace_the_shipped_ones(scene: Scene) -> None:
    ApprovalPolicy.objects.create(entity=scene.stage.entity, from_amount=Decimal(3000), approvals=2)
    payment = near_bands(["2700", "2800", "2999"])(scene)
    scenes.judge(payment)
    assert "SPLIT" in scenes.found(payment)


def test_another_entity_s_payments_are_no_duplicates(scene: Scene) -> None:
    other = people.bank_branch("OTHER", iban=OTHER_IBAN)
    people.payment(other, amount="150.00", received_at=NOON - timedelta(days=1), status="settled", **REFERENCE)
    payment = scene.payment(**REFERENCE)
    scenes.judge(payment)
    assert scenes.found(payment) == {}
