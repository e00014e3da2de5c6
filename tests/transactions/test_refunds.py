"""Refunds: of a payment that came in, in parts, never more than it, through two people and the bank."""

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from lxml import etree

from backoffice.common import sql
from backoffice.common.errors import BusinessError, Denied
from controls import approvals, assess
from controls.models import ApprovalPolicy, RuleResult
from documents import attachments
from documents.models import AuditRecord
from tests import people
from tests.files import iban, pacs008, pain008
from tests.transactions import test_direct_debits as debits
from tests.transactions.test_incoming import UNKNOWN, bring, entry, go
from tests.transactions.test_worked_examples import balance, lines, status
from transactions import intake, ledger, refunds, settlement, workflow
from transactions.models import OutgoingFile, Payment, PaymentState, Refund
from transactions.refunds import Asked

pytestmark = pytest.mark.django_db
PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@pytest.fixture
def branch() -> people.Stage:
    return people.branch_with_suspense()


@pytest.fixture
def paid(branch: people.Stage) -> Payment:
    """Claire paid 100.00, credited to the customer."""
    _batch, [payment] = bring(branch, pacs008([{"amount": "100.00"}]))
    go([payment])
    return payment


def ask(payment: Payment, amount: str | None = None, *, actor: Any = None, **more: Any) -> workflow.Answer:
    asked = Asked(payment.pk, None if amount is None else Decimal(amount), **more)
    return refunds.refund(asked=[asked], actor=actor or people.person(), reason_code="CUST")[0]


def made(answer: workflow.Answer) -> Payment:
    assert answer.done, answer
    payment = Payment.objects.get(pk=answer.params["refund"])
    assess.assess_batch(payment.batch_id)
    return payment


def findings(payment: Payment) -> set[str]:
    wanted = ["warn", "hold", "reject", "second"]
    rows = RuleResult.objects.filter(payment=payment, version__action__in=wanted)
    return set(rows.values_list("version__rule__code", flat=True))


class TestWorkedExamples:
    """The customer had 1,000.00; Claire paid 100.00 and gets 30.00 back."""

    def test_a_partial_refund_goes_back_by_the_bank(self, branch: people.Stage, paid: Payment) -> None:
        refund = made(ask(paid, "30.00"))
        assert (refund.kind, refund.debtor_account, refund.amount) == ("refund", branch.customer, Decimal("30.00"))
        assert (refund.creditor_name, refund.creditor_number) == ("Claire Abonnée", iban(7))
        assert (refund.remittance, refund.end_to_end_id) == ("Facture 17", f"R{paid.pk}-1")
        assert findings(refund) == set()
        go([refund])
        assert lines(entry(refund)) == [("BANK-CUST", "30.00", ""), ("BANK-TRANSIT", "", "30.00")]
        supervisor = people.person("supervisor")
        [file] = settlement.prepare(account=branch.customer, actor=supervisor)
        settlement.send(file_id=file.pk, actor=supervisor)
        settlement.confirm(file_id=file.pk, actor=supervisor, value_date=date(2026, 11, 30))
        assert lines(entry(refund, "settlement")) == [("BANK-TRANSIT", "30.00", ""), ("BANK-NOSTRO", "", "30.00")]
        assert (balance(branch.customer)[0], balance(branch.bank)[0]) == ("1070.00", "1070.00")
        root = etree.fromstring(attachments.read(OutgoingFile.objects.get().attachment))
        assert root.xpath("//p:CdtTrfTxInf/p:CdtrAcct//p:IBAN/text()", namespaces=PAIN) == [iban(7)]
        assert root.xpath("//p:SvcLvl/p:Cd/text()", namespaces=PAIN) == ["SEPA"]
        assert ledger.audit() == []

    def test_a_company_owes_its_customer_less(self) -> None:
        """512 is the bank, 411 what customers owe, 58 in transit: 300.00 came in, 50.00 goes back."""
        company = people.bank_branch("CIE", iban=iban(3), balance="0")
        sales = people.account(company.entity, "706", "income", "C", floor=None)
        owed = people.account(company.entity, "411", "receivable", "D", floor=None)
        payables = people.account(company.entity, "401", "payable", "C", floor=None)
        transit = people.account(company.entity, "58", "transit", "D", floor=None)
        people.open_balance(owed, "900.00", sales)
        bank = people.account(company.entity, "512", "bank", "D", iban=UNKNOWN, counterpart=payables, transit=transit)
        ApprovalPolicy.objects.create(entity=company.entity, from_amount=Decimal(0), approvals=1)
        _batch, [payment] = bring(company, pacs008([{"amount": "300.00", "to": UNKNOWN, "name": "Banque Cie"}]))
        go([payment])
        refund = made(ask(payment, "50.00"))
        go([refund])
        assert lines(entry(refund)) == [("512", "", "50.00"), ("58", "50.00", "")]
        people.to_bank(bank)
        assert ledger.settle([refund.pk]) == {}
        assert lines(entry(refund, "settlement")) == [("58", "", "50.00"), ("411", "50.00", "")]
        assert [balance(one)[0] for one in (bank, owed, payables)] == ["250.00", "650.00", "0.00"]
        assert ledger.audit() == []

    def test_a_collected_debit_is_refunded(self, branch: people.Stage) -> None:
        debits.mandate(branch)
        _batch, [debit] = debits.bring(branch, pain008([{"amount": "250.00", "mandate": "M-1"}]))
        debits.go([debit])
        assert ask(debit).code == "refund.not_settled"
        people.to_bank(branch.customer)
        assert ledger.settle([debit.pk]) == {}
        refund = made(ask(debit))
        assert (refund.amount, refund.creditor_number, refund.debtor_account) == (
            Decimal("250.00"), debit.debtor_number, branch.customer,
        )  # fmt: skip

    def test_what_was_applied_from_suspense_is_paid_back_by_the_account_that_has_it(self, branch: people.Stage) -> None:
        other = people.account(
            branch.entity,
            "BANK-2",
            "customer",
            "C",
            iban=iban(9, "FR"),
            counterpart=branch.bank,
            transit=branch.transit,
        )
        _batch, [payment] = bring(branch, pacs008([{"amount": "80.00", "to": UNKNOWN}]))
        go([payment])
        assert ask(payment).code == "refund.not_settled"
        workflow.apply(ids=[payment.pk], actor=people.person("supervisor"), account_id=other.pk, reason="By letter")
        assert made(ask(payment)).debtor_account == other


class TestNeverMore:
    def test_partial_refunds_add_up(self, paid: Payment) -> None:
        assert ask(paid, "30.00").done
        assert ask(paid, "30.00").done
        answer = ask(paid, "40.01")
        assert (answer.code, answer.params["left"]) == ("refund.too_much", "40.00")
        assert answer.sentence == "Only 40.00 EUR of this payment is left to refund."
        last = made(ask(paid))
        assert last.amount == Decimal("40.00")
        assert ask(paid).code == "refund.nothing_left"
        found = refunds.of(paid)
        assert found is not None
        assert (found.total, found.left, len(found.refunds)) == (Decimal("100.00"), Decimal("0.00"), 3)
        assert ledger.audit() == []

    def test_the_database_says_no(self, branch: people.Stage, paid: Payment) -> None:
        ask(paid, "60.00")

        def written(amount: str, original: Payment | None) -> None:
            with transaction.atomic():
                payment = people.payment(branch, kind="refund", amount=amount)
                if original is None:
                    sql.run("set constraints refund_of_something immediate")
                Refund.objects.create(
                    payment=payment, original=original or payment, entity=branch.entity, reason_code="CUST"
                )

        with pytest.raises(DatabaseError, match="Refunds are never more"):
            written("40.01", paid)
        with pytest.raises(DatabaseError, match="of a settled payment"):
            written("1.00", people.payment(branch, kind="transfer", status="settled"))
        with pytest.raises(DatabaseError, match="of a settled payment"):
            written("1.00", people.payment(branch, kind="incoming", debtor_account=None))
        with pytest.raises(DatabaseError, match="names the payment"):
            written("1.00", None)

    def test_a_rejected_refund_gives_its_room_back_and_comes_back_only_where_there_is_room(self, paid: Payment) -> None:
        supervisor = people.person("supervisor")
        first = made(ask(paid, "70.00"))
        workflow.reject(ids=[first.pk], actor=supervisor, reason_code="AC01", reason="No")
        second = made(ask(paid, "70.00"))
        answer = workflow.reopen(ids=[first.pk], actor=supervisor, reason="After all")[0]
        assert (answer.code, status(first)) == ("refund.no_room", "rejected")
        with pytest.raises(DatabaseError, match="Refunds are never more"), transaction.atomic():
            PaymentState.objects.filter(pk=first.pk).update(status="received", approvals_required=1)
        workflow.cancel(ids=[second.pk], actor=supervisor, reason="No")
        assert workflow.reopen(ids=[first.pk], actor=supervisor, reason="After all")[0].done

    def test_what_was_refunded_is_not_returned(self, paid: Payment) -> None:
        supervisor = people.person("supervisor")
        refund = made(ask(paid, "10.00"))
        answer = workflow.return_(ids=[paid.pk], actor=supervisor, reason_code="AC04")[0]
        assert (answer.code, status(paid)) == ("payment.refunded", "settled")
        workflow.reject(ids=[refund.pk], actor=supervisor, reason_code="AC01", reason="No")
        assert people.returned(paid)[0].done
        assert ask(paid).code == "refund.not_settled"
        assert workflow.reopen(ids=[refund.pk], actor=supervisor, reason="x")[0].code == "refund.no_room"

    def test_seen_otherwise_is_a_conflict(self, paid: Payment) -> None:
        assert ask(paid, "30.00", left=Decimal("100.00")).done
        assert ask(paid, "30.00", left=Decimal("100.00")).code == "refund.changed"

    def test_many_in_one_call(self, branch: people.Stage) -> None:
        _batch, payments = bring(branch, pacs008([{"amount": f"{n}0.00"} for n in range(1, 4)]))
        go(payments)
        debtless = people.payment(branch)
        asked = [Asked(one.pk) for one in payments] + [Asked(debtless.pk), Asked(0)]
        answers = refunds.refund(asked=asked, actor=people.person(), reason_code="DUPL")
        assert [answer.code for answer in answers] == ["", "", "", "refund.wrong_kind", "not_there"]
        amounts = Refund.objects.order_by("payment_id").values_list("payment__amount", flat=True)
        assert list(amounts) == [Decimal("10.00"), Decimal("20.00"), Decimal("30.00")]
        with pytest.raises(BusinessError, match="named twice"):
            refunds.refund(asked=[asked[0], asked[0]], actor=people.person(), reason_code="DUPL")


class TestWho:
    def test_four_eyes(self, paid: Payment) -> None:
        maker = people.person("supervisor")
        refund = made(ask(paid, "30.00", actor=maker))
        assert approvals.validate(ids=[refund.pk], actor=maker)[0].code == "payment.own_work"
        record = AuditRecord.objects.get(subject_id=paid.pk, action="payment.refunded")
        assert (record.actor_id, record.details["amount"], record.details["refund"]) == (maker.pk, "30.00", refund.pk)

    def test_another_account_is_held(self, paid: Payment) -> None:
        refund = made(ask(paid, "30.00", account=iban(8), name="Sa mère"))
        assert findings(refund) == {"REFUND-ACCOUNT"}
        assert (refund.creditor_name, refund.creditor_number) == ("Sa mère", iban(8))
        assert PaymentState.objects.get(pk=refund.pk).hold_count == 1

    def test_rights_and_entities(self, paid: Payment) -> None:
        with pytest.raises(Denied):
            ask(paid, actor=people.person("auditor"))
        other = people.bank_branch("AUTRE", iban=iban(9))
        assert ask(paid, actor=people.person(entity=other.entity)).code == "not_there"
        assert not Refund.objects.exists()

    def test_a_refund_is_made_from_its_payment_alone(self, branch: people.Stage) -> None:
        titles = "nature du paiement;iban;beneficiaire;montant;iban debiteur"
        rows = f"{titles}\nrefund;{iban(7)};C;1,00;{branch.customer.iban}"
        batch, payments = bring(branch, rows.encode(), "refund.csv")
        assert (payments, batch.status) == ([], "refused")
        assert [one.code for one in batch.problems.filter(severity="error")] == ["refund.without_original"]

    def test_it_is_not_amended(self, paid: Payment) -> None:
        refund = made(ask(paid, "30.00"))
        answer = workflow.amend(
            payment_id=refund.pk, actor=people.person("supervisor"), changes={"creditor_number": iban(8)},
            version=PaymentState.objects.get(pk=refund.pk).version, reason="x",
        )  # fmt: skip
        assert answer.code == "payment.as_it_came"

    @pytest.mark.parametrize("code", ["NARR", "XXXX"])
    def test_reasons(self, paid: Payment, code: str) -> None:
        with pytest.raises(BusinessError):
            refunds.refund(asked=[Asked(paid.pk)], actor=people.person(), reason_code=code)


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time_are_not_more_than_the_payment() -> None:
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "1000.00", stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    content = pacs008([{"amount": "100.00"}])
    intake.receive(
        content=content, file_name="in.xml", entity=stage.entity, actor=None, channel="file", source=stage.source
    )
    paid = Payment.objects.get()
    approvals.validate(ids=[paid.pk], actor=people.person())
    workflow.approve(ids=[paid.pk], actor=people.person())
    assert status(paid) == "settled", "by the tasks, on commit"
    answers: list[workflow.Answer] = []
    actors = [people.person() for _ in range(4)]
    start = threading.Barrier(len(actors))

    def run(actor: Any) -> None:
        try:
            start.wait()
            answers.append(ask(paid, "60.00", actor=actor))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[actor]) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.code for answer in answers) == ["", *["refund.too_much"] * 3]
