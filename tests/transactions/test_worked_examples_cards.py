"""Card and marketplace payments as an accountant writes them: account, debit, credit."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from controls import approvals, assess
from controls.models import ApprovalPolicy, RuleResult
from tests import database, people
from tests.files import iban
from tests.transactions.test_incoming import go
from tests.transactions.test_worked_examples import balance, lines, status
from transactions import cards, intake, ledger, refunds, settlement, workflow
from transactions.intake import check
from transactions.models import Account, CardPayment, Chargeback, JournalEntry, Payment, PaymentBatch, Payout

pytestmark = pytest.mark.django_db
REPORT = """order;transaction id;captured on;gross;fee;net;payout;customer
C-1001;ch_1;24/11/2026;100,00;2,90;97,10;PO-7;Claire Abonnée
C-1002;ch_2;24/11/2026;50,00;1,45;48,55;PO-7;Yves Le Floch
C-1003;ch_3;24/11/2026;20,00;0,00;20,00;PO-7;Nolwenn Stephan
"""


class Shop:
    """A company that sells: 512 bank, 411 what customers owe (500.00), 467 the claim on PSP, 627 fees."""

    def __init__(self) -> None:
        self.stage = people.bank_branch("SHOP", iban=iban(3), balance="0")
        entity = self.entity = self.stage.entity
        self.sales = people.account(entity, "706", "income", "C", floor=None)
        self.owed = people.account(entity, "411", "receivable", "D", floor=None)
        self.payables = people.account(entity, "401", "payable", "C", floor=None)
        self.transit = people.account(entity, "58", "transit", "D", floor=None)
        self.fees = people.account(entity, "627", "expense", "D", floor=None)
        self.bank = people.account(
            entity, "512", "bank", "D", iban="FR7630006000011234567890189", counterpart=self.payables,
            transit=self.transit,
        )  # fmt: skip
        self.claim = people.account(
            entity, "PSP", "receivable", "D", floor=None, counterpart=self.bank, fees=self.fees, name="Le PSP"
        )
        people.open_balance(self.owed, "500.00", self.sales)
        ApprovalPolicy.objects.create(entity=entity, kind="card", from_amount=Decimal(0), approvals=1)
        ApprovalPolicy.objects.create(entity=entity, from_amount=Decimal(0), approvals=1)
        self.stage.source.mapping = {"defaults": {"acquirer": "PSP"}}
        self.stage.source.save()
        self.supervisor = people.person("supervisor")

    def bring(self, content: str, name: str = "report.csv") -> tuple[PaymentBatch, list[Payment]]:
        batch = intake.receive(
            content=content.encode(), file_name=name, entity=self.entity, actor=None, channel="file",
            source=self.stage.source,
        )  # fmt: skip
        intake.read_batch(batch.pk)
        assess.assess_batch(batch.pk)
        batch.refresh_from_db()
        return batch, list(Payment.objects.filter(batch=batch).order_by("position"))

    def booked(self) -> list[Payment]:
        _batch, payments = self.bring(REPORT)
        go(payments)
        return payments

    def pay(self, amount: str, reference: str = "PO-7", **more: Any) -> Payout:
        asked = {"actor": self.supervisor, "acquirer_id": self.claim.pk, "paid_on": date(2026, 11, 26), **more}
        return cards.receive_payout(reference=reference, amount=amount, **asked)

    def balances(self) -> list[str]:
        """512, 411, the claim, fees."""
        return [balance(account)[0] for account in (self.bank, self.owed, self.claim, self.fees)]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def findings(payment: Payment) -> set[str]:
    return set(RuleResult.objects.filter(payment=payment).values_list("version__rule__code", flat=True))


def entry(payment: Payment, kind: str) -> JournalEntry:
    return JournalEntry.objects.get(payment=payment, kind=kind)


class TestWorkedExamples:
    def test_three_payments_are_captured_and_paid_out_at_once(self, shop: Shop) -> None:
        batch, payments = shop.bring(REPORT)
        assert (batch.status, batch.taken_count, batch.problem_count) == ("ready", 3, 0)
        first, second, third = payments
        assert (first.kind, first.debtor_name, first.amount) == ("card", "Claire Abonnée", Decimal("100.00"))
        card = first.card
        assert (card.acquirer, card.order_reference, card.fee, card.net) == (
            shop.claim, "C-1001", Decimal("2.90"), Decimal("97.10"),
        )  # fmt: skip
        assert (card.captured_on, card.payout_reference, card.payout) == (date(2026, 11, 24), "PO-7", None)
        assert [findings(one) for one in payments] == [set(), set(), set()]
        go(payments)
        assert lines(entry(first, "posting")) == [("PSP", "97.10", ""), ("627", "2.90", ""), ("411", "", "100.00")]
        assert lines(entry(third, "posting")) == [("PSP", "20.00", ""), ("411", "", "20.00")]
        assert entry(first, "posting").value_date == date(2026, 11, 24)
        assert [status(one) for one in payments] == ["posted"] * 3
        assert shop.balances() == ["0.00", "330.00", "165.65", "4.35"]
        [due] = cards.expected([shop.entity.pk])
        assert (due.reference, due.count, due.total) == ("PO-7", 3, Decimal("165.65"))
        payout = shop.pay("165.65")
        assert lines(payout.entry) == [("512", "165.65", ""), ("PSP", "", "165.65")]
        assert (payout.entry.label, payout.entry.value_date) == ("PO-7", date(2026, 11, 26))
        assert [status(one) for one in (first, second, third)] == ["settled"] * 3
        assert shop.balances() == ["165.65", "330.00", "0.00", "4.35"]
        assert cards.expected([shop.entity.pk]) == []
        assert ledger.audit() == []

    def test_a_chargeback_comes_back_with_its_fee_and_the_next_payout_is_short_of_it(self, shop: Shop) -> None:
        first, *_others = shop.booked()
        shop.pay("165.65")
        answer = workflow.charge_back(ids=[first.pk], actor=shop.supervisor, reason_code="FRAD", fee="15.00")[0]
        assert answer.done, answer
        assert lines(entry(first, "chargeback")) == [("411", "100.00", ""), ("PSP", "", "115.00"), ("627", "15.00", "")]
        assert (status(first), Chargeback.objects.get().fee) == ("returned", Decimal("15.00"))
        assert shop.balances() == ["165.65", "430.00", "-115.00", "19.35"]
        later = REPORT.splitlines()[0] + "\nC-1004;ch_4;25/11/2026;300,00;8,70;291,30;PO-8;Claire Abonnée\n"
        _batch, payments = shop.bring(later, "later.csv")
        go(payments)
        ids = [first.pk, payments[0].pk]
        with pytest.raises(BusinessError, match=r"add up to 176\.30"):
            shop.pay("291.30", "PO-8", ids=ids)
        shop.pay("176.30", "PO-8", ids=ids)
        assert shop.balances() == ["341.95", "130.00", "0.00", "28.05"]
        assert Chargeback.objects.get().payout == Payout.objects.get(reference="PO-8")
        assert ledger.audit() == []

    def test_a_chargeback_before_the_payout(self, shop: Shop) -> None:
        first, *_others = shop.booked()
        assert workflow.charge_back(ids=[first.pk], actor=shop.supervisor, reason_code="DUPL")[0].done
        assert lines(entry(first, "chargeback")) == [("411", "100.00", ""), ("PSP", "", "100.00")]
        [due] = cards.expected([shop.entity.pk])
        assert (due.count, due.chargebacks, due.total) == (2, 1, Decimal("65.65"))
        shop.pay("65.65")
        assert shop.balances() == ["65.65", "430.00", "0.00", "4.35"]
        assert ledger.audit() == []

    def test_a_card_payment_is_refunded_from_the_bank_to_an_account_that_a_check_holds(self, shop: Shop) -> None:
        first, *_others = shop.booked()
        shop.pay("165.65")
        asked = refunds.Asked(first.pk, Decimal("30.00"))
        assert refunds.refund(asked=[asked], actor=people.person(), reason_code="SVNR")[0].code == "refund.no_account"
        asked = refunds.Asked(first.pk, Decimal("30.00"), account=iban(7), name="Claire Abonnée")
        answer = refunds.refund(asked=[asked], actor=people.person(), reason_code="SVNR")[0]
        refund = Payment.objects.get(pk=answer.params["refund"])
        assess.assess_batch(refund.batch_id)
        assert "REFUND-ACCOUNT" in findings(refund)
        workflow.lift(ids=[refund.pk], actor=shop.supervisor, reason="She wrote it")
        go([refund])
        [file] = settlement.prepare(account=shop.bank, actor=shop.supervisor)
        settlement.send(file_id=file.pk, actor=shop.supervisor)
        settlement.confirm(file_id=file.pk, actor=shop.supervisor, value_date=date(2026, 11, 30))
        assert lines(entry(refund, "settlement")) == [("58", "", "30.00"), ("411", "30.00", "")]
        assert shop.balances() == ["135.65", "360.00", "0.00", "4.35"]
        answer = workflow.charge_back(ids=[first.pk], actor=shop.supervisor, reason_code="FRAD")[0]
        assert answer.code == "payment.refunded"
        assert ledger.audit() == []

    def test_a_bank_credits_its_merchant(self) -> None:
        stage = people.bank_branch(balance="0")
        fees = people.account(stage.entity, "627", "expense", "D", floor=None)
        claim = people.account(stage.entity, "VISA", "receivable", "D", floor=None, counterpart=stage.bank, fees=fees)
        ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
        row = {
            "amount": "100.00", "currency": "EUR", "fee": "2.90", "acquirer": "VISA", "captured_on": "2026-11-24",
            "transaction": "ch_1", "creditor_account": stage.customer.iban,
        }  # fmt: skip
        batch = intake.receive_payments(
            payments=[row], entity=stage.entity, actor=people.person(), channel="api", cards=True
        )
        assess.assess_batch(batch.pk)
        payments = list(Payment.objects.filter(batch=batch))
        go(payments)
        assert lines(entry(payments[0], "posting")) == [
            ("VISA", "97.10", ""), ("627", "2.90", ""), ("BANK-CUST", "", "100.00"),
        ]  # fmt: skip
        supervisor = people.person("supervisor")
        made = cards.receive_payout(
            actor=supervisor, acquirer_id=claim.pk, reference="V-1", amount="97.10", paid_on=date(2026, 11, 26),
            ids=[payments[0].pk],
        )  # fmt: skip
        assert lines(made.entry) == [("BANK-NOSTRO", "97.10", ""), ("VISA", "", "97.10")]
        assert balance(stage.customer)[0] == "100.00"
        spent = people.payment(stage, amount="60.00")
        go([spent])
        answer = workflow.charge_back(ids=[payments[0].pk], actor=supervisor, reason_code="FRAD")[0]
        assert (answer.code, status(payments[0])) == ("payment.AM04", "settled")


class TestPayouts:
    def test_it_is_the_sum_of_its_payments(self, shop: Shop) -> None:
        first, *_others = shop.booked()
        with pytest.raises(
            BusinessError, match=r"165\.64 EUR was paid; the payments and chargebacks add up to 165\.65"
        ):
            shop.pay("165.64")
        with pytest.raises(BusinessError, match="Nothing that was posted"):
            shop.pay("165.65", "PO-9")
        shop.pay("97.10", "PO-7A", ids=[first.pk])
        with pytest.raises(BusinessError, match="not paid out"):
            shop.pay("97.10", "PO-7B", ids=[first.pk])
        with pytest.raises(Conflict):
            shop.pay("68.55", "PO-7A")
        shop.pay("68.55")
        assert shop.balances()[2] == "0.00"

    def test_who(self, shop: Shop) -> None:
        shop.booked()
        with pytest.raises(Denied):
            shop.pay("165.65", actor=people.person())
        other = people.bank_branch("AUTRE", iban=iban(9))
        with pytest.raises(NotThere):
            shop.pay("165.65", actor=people.person("supervisor", entity=other.entity))
        with pytest.raises(Denied):
            workflow.charge_back(ids=[Payment.objects.first().pk], actor=people.person(), reason_code="FRAD")  # type: ignore[union-attr]
        assert not Payout.objects.exists()

    def test_the_database_says_no(self, shop: Shop) -> None:
        payments = shop.booked()
        ids = [payment.pk for payment in payments]
        call = "select settle_payout(%s, 'X', %s, %s, '2026-11-26', null)"
        for params, words in (
            ([shop.claim.pk, ids, Decimal("1.00")], "sum of its payments"),
            ([shop.owed.pk, ids, Decimal("165.65")], "account of its entity"),
            ([shop.claim.pk, [people.payment(shop.stage).pk], Decimal("1.00")], "not paid out"),
        ):
            with pytest.raises(DatabaseError, match=words), transaction.atomic():
                database.as_owner(call, params)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            CardPayment.objects.filter(pk=ids[0]).update(fee=Decimal("1.00"))


class TestReports:
    def test_what_does_not_agree_is_not_taken_in(self, shop: Shop) -> None:
        titles = "gross;fee;net;payout;order\n"
        rows = "100,00;2,90;97,00;P;A\n100,00;100,00;0,00;P;B\n100,00;;95,00;P;C\n100,00;-3,00;97,00;P;D\n"
        rows += "-5,00;0,00;;P;E\n"
        batch, payments = shop.bring(titles + rows)
        assert [(one.card.order_reference, f"{one.card.fee:.2f}") for one in payments] == [("C", "5.00"), ("D", "3.00")]
        said = batch.problems.filter(severity="error").order_by("position").values_list("position", "code")
        assert list(said) == [(1, "card.net_differs"), (2, "card.fee_too_high"), (5, "money.not_positive")]

    def test_a_report_is_known_by_its_titles(self, shop: Shop) -> None:
        report = check.check(REPORT.encode(), "report.csv")
        assert (report.facts["kind"], report.facts["payments"], report.facts["control_sum"]) == ("csv", 3, "170.00")
        assert {one.code for one in report.problems if one.severity == "error"} == {"card.no_acquirer"}

    def test_the_same_payment_in_a_later_report_is_one(self, shop: Shop) -> None:
        first, *_others = shop.booked()
        workflow.charge_back(ids=[first.pk], actor=shop.supervisor, reason_code="FRAD")
        batch, payments = shop.bring(REPORT.replace("PO-7", "PO-8"), "again.csv")
        assert (payments, batch.refusal_code) == ([], "batch.nothing_taken")

    def test_an_acquirer_without_accounts_is_held(self, shop: Shop) -> None:
        shop.stage.source.mapping = {"defaults": {"acquirer": "AUTRE"}}
        shop.stage.source.save()
        _batch, payments = shop.bring(REPORT)
        assert [findings(one) for one in payments] == [{"CARD-ACCOUNTS"}] * 3
        ids = [one.pk for one in payments]
        workflow.lift(ids=ids, actor=shop.supervisor, reason="x")
        approvals.validate(ids=ids, actor=people.person(), reason="Checked")
        codes = {answer.code for answer in workflow.approve(ids=ids, actor=people.person(), reason="Checked")}
        assert codes == {"payment.no_acquirer"}

    def test_checks(self, shop: Shop) -> None:
        rows = "C-1;a;24/11/2026;100,00;25,00;75,00;P;X\nC-1;b;24/11/2026;100,00;2,00;98,00;P;X\n"
        _batch, [dear, twice] = shop.bring(REPORT.splitlines()[0] + "\n" + rows)
        assert (findings(dear), findings(twice)) == ({"CARD-FEE"}, {"ORDER-REPEAT"})

    def test_it_is_booked_by_its_own_verbs_alone(self, shop: Shop) -> None:
        first, *_others = shop.booked()
        answer = workflow.return_(ids=[first.pk], actor=shop.supervisor, reason_code="AC04")[0]
        assert answer.code == "payment.wrong_kind"
        assert workflow.settle(ids=[first.pk], actor=shop.supervisor)[0].code == "payment.no_counterpart"
        other = people.payment(shop.stage, status="settled")
        answer = workflow.charge_back(ids=[other.pk], actor=shop.supervisor, reason_code="FRAD")[0]
        assert answer.code == "payment.wrong_kind"
        assert Account.objects.get(pk=shop.claim.pk).fees == shop.fees
