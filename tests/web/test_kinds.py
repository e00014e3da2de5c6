"""Incoming payments, refunds and card payments on screen: entered, shown, applied, refunded, paid out, taken back."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from controls import assess
from tests import people
from tests.files import iban, pacs008
from tests.transactions.test_incoming import UNKNOWN, bring, go
from tests.transactions.test_worked_examples import balance, status
from tests.transactions.test_worked_examples_cards import Shop
from tests.web.desk import signed_in
from transactions.models import Payment, PaymentState, Payout, Refund

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_storage(tmp_path: object, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


@pytest.fixture
def branch() -> people.Stage:
    return people.branch_with_suspense()


@pytest.fixture
def supervisor() -> Client:
    return signed_in(people.person("supervisor"))


def came(stage: people.Stage, **said: str) -> Payment:
    _batch, [payment] = bring(stage, pacs008([{"amount": "100.00", **said}]))
    go([payment])
    return payment


def page(client: Client, payment: Payment, language: str = "en") -> str:
    answer = client.get(reverse("payment", args=[payment.pk]), headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, payment: Payment, verb: str, **said: Any) -> Any:
    return client.post(reverse("payment_act", args=[payment.pk, verb]), said)


class TestEntering:
    def given(self, stage: people.Stage, **said: Any) -> dict[str, Any]:
        return {
            "creditor_account": stage.customer.pk, "amount": "48 250,00", "debtor_name": "Claire Abonnée",
            "requested_execution_date": timezone.localdate().isoformat(),
            "debtor_number": "de89 3704 0044 0532 0130 00", "debtor_bic": "cobadeffxxx",
            "remittance": "Facture 17", "town": "Köln", "country": "de", **said,
        }  # fmt: skip

    def test_what_came_in_is_entered_by_hand(self, branch: people.Stage) -> None:
        desk = signed_in(people.person())
        address = reverse("payment_new") + "?kind=incoming"
        assert "New incoming payment" in desk.get(address).content.decode()
        answer = desk.post(address, self.given(branch))
        payment = Payment.objects.get()
        assert answer.status_code == 302
        assert answer["Location"] == reverse("payment", args=[payment.pk])
        assert (payment.kind, payment.amount, payment.channel) == ("incoming", Decimal("48250.00"), "form")
        assert (payment.debtor_number, payment.debtor_bic) == ("DE89370400440532013000", "COBADEFFXXX")
        assert (payment.creditor_account, payment.creditor_name) == (branch.customer, branch.customer.name)
        assert payment.debtor_address == {"town": "Köln", "country": "DE"}

    @pytest.mark.parametrize(
        ("said", "words"),
        [
            ({"amount": "1,234"}, "two ways"),
            ({"debtor_number": "DE00370400440532013000"}, "check digits"),
            ({"country": "QQ"}, "is not a country code"),
            ({"debtor_name": ""}, "This field is required"),
        ],
    )
    def test_faults_are_said_and_nothing_is_kept(self, branch: people.Stage, said: dict[str, str], words: str) -> None:
        answer = signed_in(people.person()).post(reverse("payment_new") + "?kind=incoming", self.given(branch, **said))
        assert (answer.status_code, Payment.objects.count()) == (422, 0)
        assert words in answer.content.decode()


class TestIncoming:
    def test_the_page_names_both_sides(self, branch: people.Stage, supervisor: Client) -> None:
        shown = page(supervisor, came(branch))
        for words in ("from Claire Abonnée", "Incoming payment", "value date", "COBADEFFXXX", "Köln, DE", "IN-1-T1",
                      "BANK-NOSTRO", "Credited", "credited the account"):  # fmt: skip
            assert words in shown, words
        assert "Confirm settlement" not in shown

    def test_the_list_is_filtered_by_kind_and_found_by_payer(self, branch: people.Stage, supervisor: Client) -> None:
        payment, other = came(branch), people.payment(branch)
        for query in ("kind=incoming", f"q={iban(7)}", "q=Claire"):
            shown = supervisor.get(reverse("payments") + f"?{query}").content.decode()
            assert f'data-row="{payment.pk}"' in shown, query
            assert f'data-row="{other.pk}"' not in shown, query

    def test_suspense_is_said_and_applied(self, branch: people.Stage, supervisor: Client) -> None:
        payment = came(branch, to=UNKNOWN)
        shown = page(supervisor, payment)
        assert "The money waits in suspense: Account number is wrong (AC01)." in shown
        assert "In suspense" in shown
        dialog = supervisor.get(reverse("payment_act", args=[payment.pk, "apply"])).content.decode()
        assert "How it is known whose the money is" in dialog
        refused = act(supervisor, payment, "apply", account=branch.customer.pk, reason="")
        assert (refused.status_code, status(payment)) == (422, "posted")
        done = act(supervisor, payment, "apply", account=branch.customer.pk, reason="By letter")
        assert (done.status_code, status(payment)) == (302, "settled")
        assert balance(branch.customer)[0] == "1100.00"
        assert "By letter" in page(supervisor, payment)

    def test_in_french(self, branch: people.Stage) -> None:
        reader = people.person("supervisor")
        reader.language = "fr"
        reader.save()
        with translation.override("fr"):
            shown = page(signed_in(reader), came(branch, to=UNKNOWN), "fr")
        assert "L’argent est en attente d’imputation\u00a0: " in shown.replace("&#x27;", "'")
        assert "Paiement entrant" in shown


class TestRefunds:
    def test_a_refund_is_made_and_shown_on_both_pages(self, branch: people.Stage, supervisor: Client) -> None:
        payment = came(branch)
        dialog = supervisor.get(reverse("payment_act", args=[payment.pk, "refund"])).content.decode()
        assert 'value="100.00"' in dialog
        said = {"left": "100.00", "reason_code": "CUST", "remittance": "Facture 17"}
        done = act(supervisor, payment, "refund", amount="30,00", **said)
        assert done.status_code == 302
        refund = Refund.objects.get().payment
        shown = page(supervisor, payment)
        assert "Refunded" in shown
        assert refund.reference in shown
        assert "made the refund" in shown
        assess.assess_batch(refund.batch_id)
        other = page(supervisor, refund)
        assert payment.reference in other
        assert "Asked for by the payer" in other
        again = act(supervisor, payment, "refund", amount="30,00", **said)
        assert again.status_code == 409, "what was left changed"
        too_much = act(supervisor, payment, "refund", amount="70,01", **{**said, "left": "70.00"})
        assert too_much.status_code == 422
        assert "Only 70.00 EUR of this payment is left" in too_much.content.decode()
        assert Refund.objects.count() == 1

    def test_what_a_person_must_say(self, branch: people.Stage, supervisor: Client) -> None:
        payment = came(branch)
        for said, words in (
            ({"reason_code": "NARR"}, "Say the reason in words."),
            ({"reason_code": "CUST", "account": iban(8)}, "Say whose account it is."),
            ({"reason_code": "CUST", "account": "DE00370400440532013000", "name": "X"}, "check digits"),
            ({"reason_code": ""}, "This field is required."),
        ):
            answer = act(supervisor, payment, "refund", amount="30,00", left="100.00", **said)
            assert answer.status_code == 422
            assert words in answer.content.decode()
        assert not Refund.objects.exists()

    def test_nothing_is_offered_for_what_left(self, branch: people.Stage, supervisor: Client) -> None:
        assert "Refund" not in page(supervisor, people.payment(branch, status="settled"))


class TestCards:
    @pytest.fixture
    def shop(self) -> Shop:
        return Shop()

    def test_from_what_is_owed_to_the_payout(self, shop: Shop, supervisor: Client) -> None:
        first, *_others = shop.booked()
        shown = page(supervisor, first)
        for words in ("from Claire Abonnée", "C-1001", "PO-7", "Le PSP", "97.10", "not paid yet"):
            assert words in shown, words
        listed = supervisor.get(reverse("payouts")).content.decode()
        assert "165.65" in listed
        address = reverse("payout_new", args=[shop.claim.pk]) + "?reference=PO-7"
        assert 'value="165.65"' in supervisor.get(address).content.decode()
        said = {"reference": "PO-7", "paid_on": "2026-11-26"}
        refused = supervisor.post(address, {**said, "amount": "165,00"})
        assert refused.status_code == 422
        assert "add up to 165.65" in refused.content.decode()
        assert not Payout.objects.exists()
        assert supervisor.post(address, {**said, "amount": "165,65"}).status_code == 302
        assert status(first) == "settled"
        listed = supervisor.get(reverse("payouts")).content.decode()
        assert "Captured and not paid out yet" not in listed
        assert "PO-7" in page(supervisor, first)
        answer = act(supervisor, first, "chargeback", fee="15,00", reason_code="FRAD")
        assert (answer.status_code, status(first)) == (302, "returned")
        shown = page(supervisor, first)
        assert "booked the chargeback: Fraud" in shown
        assert "15.00" in shown

    def test_who_may_not(self, shop: Shop) -> None:
        first, *_others = shop.booked()
        desk = signed_in(people.person())
        address = reverse("payout_new", args=[shop.claim.pk])
        assert desk.get(address).status_code == 403
        said = {"reference": "PO-7", "paid_on": "2026-11-26", "amount": "165,65"}
        assert desk.post(address, said).status_code == 403
        assert act(desk, first, "chargeback", reason_code="FRAD").status_code == 403
        assert "Book the payout" not in desk.get(reverse("payouts")).content.decode()
        assert PaymentState.objects.get(pk=first.pk).status == "posted"
        other = people.bank_branch("AUTRE", iban=iban(9))
        stranger = signed_in(people.person("supervisor", entity=other.entity))
        assert stranger.get(address).status_code == 404
        assert "165.65" not in stranger.get(reverse("payouts")).content.decode()
