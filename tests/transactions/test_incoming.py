"""Incoming payments from the file, list or call that brings them to the books, suspense and return."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from backoffice.common.errors import BusinessError, Denied
from controls import approvals, assess
from controls.models import ApprovalPolicy, RuleResult
from documents.models import AuditRecord
from tests import people
from tests.files import iban, pacs008
from tests.transactions.test_worked_examples import balance, lines, status
from transactions import intake, ledger, workflow
from transactions.intake import check, writer
from transactions.intake.pacs008 import Pacs008Reader
from transactions.models import Account, JournalEntry, OutgoingFile, Payment, PaymentBatch

pytestmark = pytest.mark.django_db
UNKNOWN = "FR7630006000011234567890189"


@pytest.fixture
def branch() -> people.Stage:
    """The customer has 1,000.00; what cannot be credited waits on the suspense account 471."""
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "1000.00", stage.bank)
    people.account(stage.entity, "471", "suspense", "C", floor=None, counterpart=stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, kind="incoming", from_amount=Decimal(0), approvals=1)
    return stage


def bring(stage: people.Stage, content: bytes, name: str = "in.xml") -> tuple[PaymentBatch, list[Payment]]:
    batch = intake.receive(
        content=content, file_name=name, entity=stage.entity, actor=None, channel="file", source=stage.source
    )
    intake.read_batch(batch.pk)
    assess.assess_batch(batch.pk)
    batch.refresh_from_db()
    return batch, list(Payment.objects.filter(batch=batch).order_by("position"))


def findings(payment: Payment) -> set[str]:
    return set(RuleResult.objects.filter(payment=payment).values_list("version__rule__code", flat=True))


def go(payments: list[Payment]) -> None:
    ids = [payment.pk for payment in payments]
    for answer in approvals.validate(ids=ids, actor=people.person(), reason="Checked"):
        assert answer.done, answer
    for answer in workflow.approve(ids=ids, actor=people.person(), reason="Checked"):
        assert answer.done, answer
    for answer in workflow.post(ids=ids):
        assert answer.done, answer


def entry(payment: Payment, kind: str = "posting") -> JournalEntry:
    return JournalEntry.objects.filter(payment=payment, kind=kind).latest("id")


class TestWorkedExamples:
    """The customer has 1,000.00; Claire pays 250.00."""

    def test_money_comes_in(self, branch: people.Stage) -> None:
        batch, [payment] = bring(branch, pacs008([{"amount": "250.00"}]))
        assert (batch.format, batch.status, batch.initiating_party) == ("pacs.008.001.08", "ready", "COBADEFFXXX")
        assert (payment.kind, payment.debtor_account_id, payment.creditor_account) == (
            "incoming",
            None,
            branch.customer,
        )
        assert (payment.payment_info_id, payment.debtor_address) == ("IN-1-T1", {"town": "Köln", "country": "DE"})
        assert findings(payment) == set()
        go([payment])
        made = entry(payment)
        assert lines(made) == [("BANK-NOSTRO", "250.00", ""), ("BANK-CUST", "", "250.00")]
        assert (made.value_date, made.label) == (date(2026, 11, 24), "")
        assert (balance(branch.customer), balance(branch.bank)) == (("1250.00", "0.00"), ("1250.00", "0.00"))
        assert status(payment) == "settled", "there is no bank to wait for"
        assert not OutgoingFile.objects.exists()
        assert ledger.audit() == []

    def test_unknown_account_waits_in_suspense_and_is_applied(self, branch: people.Stage) -> None:
        _batch, [payment] = bring(branch, pacs008([{"amount": "80.00", "to": UNKNOWN}]))
        assert findings(payment) == {"INCOMING-ACCOUNT"}
        go([payment])
        made = entry(payment)
        assert (lines(made), made.label) == ([("BANK-NOSTRO", "80.00", ""), ("471", "", "80.00")], "AC01")
        assert (status(payment), balance(branch.customer)[0]) == ("posted", "1000.00")
        supervisor = people.person("supervisor")
        answer = workflow.apply(ids=[payment.pk], actor=supervisor, account_id=branch.customer.pk, reason="By letter")[
            0
        ]
        assert answer.done, answer
        assert lines(entry(payment, "settlement")) == [("471", "80.00", ""), ("BANK-CUST", "", "80.00")]
        assert (status(payment), balance(branch.customer)[0]) == ("settled", "1080.00")
        assert balance(Account.objects.get(code="471"))[0] == "0.00"
        record = AuditRecord.objects.filter(subject_id=payment.pk, action="payment.settled").get()
        assert (record.reason, record.actor_id) == ("By letter", supervisor.pk)
        again = workflow.apply(ids=[payment.pk], actor=supervisor, account_id=branch.customer.pk, reason="Again")[0]
        assert again.code == "payment.already_settled"
        assert ledger.audit() == []

    @pytest.mark.parametrize(("state", "code"), [("closed", "AC04"), ("blocked", "AC06")])
    def test_an_account_that_is_not_open_is_not_credited(self, branch: people.Stage, state: str, code: str) -> None:
        _batch, [payment] = bring(branch, pacs008([{"amount": "80.00"}]))
        branch.customer.status = state
        branch.customer.save(update_fields=["status"])
        go([payment])
        assert (entry(payment).label, status(payment)) == (code, "posted")
        again = workflow.apply(
            ids=[payment.pk], actor=people.person("supervisor"), account_id=branch.customer.pk, reason="Try"
        )[0]  # fmt: skip
        assert again.code == "payment.AC07"
        assert balance(branch.customer)[0] == "1000.00"

    @pytest.mark.parametrize("to", ["", UNKNOWN])
    def test_returned_from_suspense(self, branch: people.Stage, to: str) -> None:
        _batch, [payment] = bring(branch, pacs008([{"amount": "80.00", "to": to}]))
        go([payment])
        assert people.returned(payment, reason_code="AC01")[0].done
        assert lines(entry(payment, "reversal")) == [("BANK-NOSTRO", "", "80.00"), ("471", "80.00", "")]
        assert (status(payment), balance(branch.bank)[0]) == ("returned", "1000.00")
        assert ledger.audit() == []

    def test_returned_after_it_was_applied_takes_it_from_the_customer(self, branch: people.Stage) -> None:
        _batch, [payment] = bring(branch, pacs008([{"amount": "80.00"}]))
        go([payment])
        assert people.returned(payment)[0].done
        assert (balance(branch.customer)[0], balance(branch.bank)[0]) == ("1000.00", "1000.00")

    def test_what_the_customer_spent_is_not_returned(self, branch: people.Stage) -> None:
        _batch, [payment] = bring(branch, pacs008([{"amount": "80.00"}]))
        go([payment])
        spent = people.payment(branch, amount="1050.00")
        ApprovalPolicy.objects.create(entity=branch.entity, from_amount=Decimal(0), approvals=1)
        go([spent])
        answer = workflow.return_(ids=[payment.pk], actor=people.person("supervisor"), reason_code="AC04")[0]
        assert (answer.done, answer.code, status(payment)) == (False, "payment.AM04", "settled")

    def test_a_company_is_paid_by_a_customer(self) -> None:
        """512 is the bank, 411 what customers owe: an invoice of 900.00 is out."""
        company = people.bank_branch("CIE", iban=iban(3), balance="0")
        sales = people.account(company.entity, "706", "income", "C", floor=None)
        owed = people.account(company.entity, "411", "receivable", "D", floor=None)
        people.open_balance(owed, "900.00", sales)
        bank = people.account(company.entity, "512", "bank", "D", iban=UNKNOWN)
        ApprovalPolicy.objects.create(entity=company.entity, from_amount=Decimal(0), approvals=1)
        _batch, [payment] = bring(company, pacs008([{"amount": "300.00", "to": UNKNOWN, "name": "Banque Cie"}]))
        assert findings(payment) == set()
        go([payment])
        assert lines(entry(payment)) == [("411", "", "300.00"), ("512", "300.00", "")]
        assert [balance(one)[0] for one in (bank, owed)] == ["300.00", "600.00"]
        assert ledger.audit() == []


def test_without_a_suspense_account_nothing_is_approved(branch: people.Stage) -> None:
    _batch, [payment] = bring(branch, pacs008([{"amount": "80.00", "to": UNKNOWN}]))
    Account.objects.filter(code="471").update(status="closed")
    approvals.validate(ids=[payment.pk], actor=people.person(), reason="Checked")
    answer = workflow.approve(ids=[payment.pk], actor=people.person())[0]
    assert (answer.code, status(payment)) == ("payment.no_suspense", "validated")


def test_who_may_apply(branch: people.Stage) -> None:
    _batch, [payment] = bring(branch, pacs008([{"amount": "80.00", "to": UNKNOWN}]))
    go([payment])

    def tried(actor: Any, **more: Any) -> str:
        asked = {"ids": [payment.pk], "account_id": branch.customer.pk, "reason": "Ours", **more}
        return workflow.apply(actor=actor, **asked)[0].code

    with pytest.raises(Denied):
        tried(people.person("operator"))
    with pytest.raises(BusinessError, match="Give the reason"):
        tried(people.person("supervisor"), reason=" ")
    other = people.bank_branch("AUTRE", iban=iban(9))
    assert tried(people.person("supervisor", entity=other.entity)) == "not_there"
    assert tried(people.person("supervisor"), account_id=other.customer.pk) == "payment.AC03"
    assert tried(people.person("supervisor"), account_id=branch.transit.pk) == "payment.AC03"
    assert (status(payment), balance(branch.customer)[0], balance(other.customer)[0]) == (
        "posted", "1000.00", "100000.00",
    )  # fmt: skip


def test_nobody_applies_what_they_entered(branch: people.Stage) -> None:
    maker = people.person("supervisor")
    asked = {
        "kind": "incoming", "creditor_account": UNKNOWN, "creditor_name": "Quelqu'un", "debtor_name": "Claire",
        "debtor_account": iban(7), "debtor_address": {"town": "Köln", "country": "DE"}, "amount": "80.00",
        "currency": "EUR", "requested_execution_date": "2026-11-24", "end_to_end_id": "A-1",
    }  # fmt: skip
    batch = intake.receive_payments(payments=[asked], entity=branch.entity, actor=maker, channel="api")
    assess.assess_batch(batch.pk)
    payment = Payment.objects.get(batch=batch)
    assert (payment.kind, payment.debtor_name, payment.debtor_number) == ("incoming", "Claire", iban(7))
    assert payment.debtor_address == {"town": "Köln", "country": "DE"}
    go([payment])
    answer = workflow.apply(ids=[payment.pk], actor=maker, account_id=branch.customer.pk, reason="Mine")[0]
    assert (answer.code, status(payment)) == ("payment.own_work", "posted")


def test_the_database_keeps_what_comes_in_apart(branch: people.Stage) -> None:
    with pytest.raises(DatabaseError, match="payment_received_from_outside"), transaction.atomic():
        people.payment(branch, kind="incoming")


def test_transfers_debits_and_receipts_are_posted_by_one_call(branch: people.Stage) -> None:
    ApprovalPolicy.objects.create(entity=branch.entity, from_amount=Decimal(0), approvals=1)
    _batch, received = bring(branch, pacs008([{"amount": "80.00"}, {"amount": "20.00", "to": UNKNOWN}]))
    transfer = people.payment(branch, amount="100.00")
    go([received[0], transfer, received[1]])
    assert [status(one) for one in (received[0], transfer, received[1])] == ["settled", "posted", "posted"]
    assert ledger.audit() == []


class TestChecks:
    @pytest.mark.parametrize(
        ("said", "found"),
        [
            ({"name": "Pêcheries du Large"}, {"HOLDER-UNLIKE"}),
            ({"payer": ""}, {"PAYER-INCOMPLETE"}),
            ({"payer": "N/A"}, {"PAYER-INCOMPLETE"}),
            ({"from": "", "number": ""}, {"PAYER-INCOMPLETE"}),
            ({"from": ""}, set()),
            ({"from": "DE00370400440532013000"}, {"PAYER-INCOMPLETE"}),
            ({"bank": "CHASUS33XXX", "country": ""}, {"PAYER-INCOMPLETE"}),
            ({"bank": "CHASUS33XXX", "country": "US"}, set()),
            ({"country": ""}, set()),
            ({"to": ""}, {"INCOMING-ACCOUNT"}),
        ],
    )
    def test_each(self, branch: people.Stage, said: dict[str, str], found: set[str]) -> None:
        _batch, [payment] = bring(branch, pacs008([{"amount": "80.00", **said}]))
        assert findings(payment) == found

    def test_paid_twice(self, branch: people.Stage) -> None:
        same = {"amount": "80.00", "reference": "FACT-17"}
        _batch, [_first] = bring(branch, pacs008([same]))
        _batch, [second, other] = bring(branch, pacs008([same, {**same, "from": iban(8)}], message_id="IN-2"))
        assert (findings(second), findings(other)) == ({"INCOMING-REPEAT"}, set())

    def test_the_same_transfer_in_another_file_is_not_taken_in(self, branch: people.Stage) -> None:
        one = {"amount": "80.00", "reference": "FACT-17", "number": "T-17"}
        bring(branch, pacs008([one]))
        batch, payments = bring(branch, pacs008([one], head="<NbOfTxs>1</NbOfTxs>"), "again.xml")
        assert (payments, batch.refusal_code) == ([], "batch.nothing_taken")


class TestFiles:
    @pytest.mark.parametrize("version", ["02", "08", "10"])
    def test_versions(self, branch: people.Stage, version: str) -> None:
        batch, [payment] = bring(branch, pacs008([{"amount": "80.00"}], version=version))
        assert (batch.format, payment.debtor_bic, payment.creditor_bic) == (
            f"pacs.008.001.{version}", "COBADEFFXXX", "PSSTFRPPXXX",
        )  # fmt: skip

    def test_check_file_counts_and_compares(self) -> None:
        content = pacs008([{"amount": "80.00"}, {"amount": "20.50"}], head="<NbOfTxs>3</NbOfTxs>")
        report = check.check(content, "in.xml")
        facts = report.facts
        assert (facts["kind"], facts["payments"], facts["batches"], facts["control_sum"], facts["currency"]) == (
            "pacs008", 2, 0, "100.50", "EUR",
        )  # fmt: skip
        assert (facts["declared_nb_of_txs"], facts["declared_mismatch"]) == ("3", True)
        assert [problem.code for problem in report.problems] == ["declared.file_count"]

    def test_a_fault_is_said_with_its_place(self) -> None:
        report = check.check(pacs008([{"amount": "80.00"}, {"amount": "-1.00"}]))
        [said] = [one for one in report.problems if one.severity == "error"]
        assert (said.position, said.path) == (
            2, "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/IntrBkSttlmAmt",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b'<!DOCTYPE x [<!ENTITY a "b">]>' + pacs008([{"amount": "1.00"}])[38:], "xml.doctype"),
            (pacs008([{"amount": "1.00"}])[:-60], "xml.breaks_off"),
            (pacs008([{"amount": "1.00"}]).replace(b"FIToFICstmrCdtTrf", b"FIToFIOther"), "xml.not_incoming"),
            (pacs008([]), "file.no_payments"),
        ],
    )
    def test_what_is_no_such_file(self, content: bytes, code: str) -> None:
        report = check.check(content)
        assert not report.clean
        assert code in {problem.code for problem in report.problems}, report.problems

    def test_memory_stays_flat(self) -> None:
        """What was read is taken out of the tree: at most a piece of the file stands in it."""
        content = pacs008([{"amount": "1.00"}] * 3000)
        from transactions.intake import open_file

        reader = open_file.reader_of(io.BytesIO(content), mapping={})
        assert isinstance(reader, Pacs008Reader)
        most = rows = 0
        for item in reader.items():
            rows += hasattr(item, "position") and hasattr(item, "values")
            if reader.open is not None:
                most = max(most, len(reader.open))
        assert rows == 3000
        assert most < 600

    def test_chunks(self, branch: people.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(writer, "CHUNK", 7)
        batch, payments = bring(branch, pacs008([{"amount": f"{n}.00"} for n in range(1, 31)]))
        assert (batch.taken_count, len(payments), sum(one.amount for one in payments)) == (30, 30, Decimal("465.00"))

    def test_a_list(self, branch: people.Stage) -> None:
        content = (
            "nature du paiement;compte crediteur;beneficiaire;debiteur;iban debiteur;montant;date de valeur;reference\n"
            f"recu;{branch.customer.iban};Fournitures Industrielles Ouest;Claire;{iban(7)};80,00;24/11/2026;R-1\n"
            f"autre;{branch.customer.iban};Fournitures Industrielles Ouest;Claire;{iban(7)};80,00;24/11/2026;R-2\n"
        )
        batch, [payment] = bring(branch, content.encode(), "in.csv")
        assert (payment.kind, payment.debtor_name, payment.creditor_account) == ("incoming", "Claire", branch.customer)
        assert [problem.code for problem in batch.problems.filter(severity="error")] == ["payment.kind_unknown"]
        go([payment])
        assert status(payment) == "settled"
