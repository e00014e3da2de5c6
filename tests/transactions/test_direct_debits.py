"""Direct debits from the file that comes in to the file that goes out, with the books as an accountant writes them."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from lxml import etree

from backoffice.common import calendars, sql
from backoffice.common.errors import BusinessError, Conflict, Denied, NotThere
from conftest import SHARED
from controls import approvals, assess
from controls.models import ApprovalPolicy, RuleResult
from documents import attachments
from documents.models import AuditRecord
from tests import people
from tests.files import iban, pain002, pain008
from tests.transactions.test_messages import statuses, take_in
from transactions import intake, ledger, mandates, settlement, workflow
from transactions.intake import check, writer
from transactions.models import (
    AccountBalance,
    Collection,
    JournalEntry,
    Mandate,
    OutgoingFile,
    Payment,
    PaymentBatch,
)

pytestmark = pytest.mark.django_db
CREDITOR = "FR72ZZZ123456"
SCHEMA = etree.XMLSchema(etree.fromstring((files("sepaxml") / "schemas" / "pain.008.001.08.xsd").read_bytes()))
NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"}


@pytest.fixture
def branch() -> people.Stage:
    stage = people.bank_branch(balance="0")
    people.open_balance(stage.customer, "1000.00", stage.bank)
    ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
    return stage


def mandate(stage: people.Stage, reference: str = "M-1", **fields: Any) -> Mandate:
    return mandates.register(
        **{
            "actor": people.person("supervisor"), "account": stage.customer, "creditor_scheme_id": CREDITOR,
            "reference": reference, "debtor_name": "Claire Abonnée", "debtor_number": iban(7),
            "signed_on": date(2026, 1, 10), **fields,
        }
    )  # fmt: skip


def bring(stage: people.Stage, content: bytes) -> tuple[PaymentBatch, list[Payment]]:
    """Through the door, read and checked."""
    batch = intake.receive(
        content=content, file_name="dd.xml", entity=stage.entity, actor=None, channel="file", source=stage.source
    )
    intake.read_batch(batch.pk)
    assess.assess_batch(batch.pk)
    batch.refresh_from_db()
    return batch, list(Payment.objects.filter(batch=batch).order_by("position"))


def findings(payment: Payment) -> set[str]:
    rows = RuleResult.objects.filter(payment=payment, version__action__in=["hold", "reject", "second"])
    return set(rows.values_list("version__rule__code", flat=True))


def go(payments: list[Payment]) -> None:
    ids = [payment.pk for payment in payments]
    for answer in approvals.validate(ids=ids, actor=people.person(), reason="Checked"):
        assert answer.done, answer
    for answer in workflow.approve(ids=ids, actor=people.person(), reason="Checked"):
        assert answer.done, answer
    for answer in workflow.post(ids=ids):
        assert answer.done, answer


def send(stage: people.Stage) -> OutgoingFile:
    supervisor = people.person("supervisor")
    file = settlement.prepare(account=stage.customer, actor=supervisor)[0]
    settlement.send(file_id=file.pk, actor=supervisor)
    file.refresh_from_db()
    return file


def balances(stage: people.Stage) -> tuple[str, ...]:
    """Customer, transit, nostro."""
    found = dict(AccountBalance.objects.values_list("account_id", "balance"))
    return tuple(f"{found[one.pk]:.2f}" for one in (stage.customer, stage.transit, stage.bank))


def lines(payment: Payment, kind: str) -> list[tuple[str, str, str]]:
    entry = JournalEntry.objects.filter(payment=payment, kind=kind).latest("id")
    return [
        (p.account.code, f"{p.amount:.2f}" if p.side == "D" else "", f"{p.amount:.2f}" if p.side == "C" else "")
        for p in entry.postings.select_related("account").order_by("line")
    ]


class TestWorkedExamples:
    """The customer has 1,000.00 and collects 250.00 from Claire Abonnée."""

    @pytest.fixture
    def collected(self, branch: people.Stage) -> Payment:
        mandate(branch)
        batch, [payment] = bring(branch, pain008([{"amount": "250.00", "mandate": "M-1"}]))
        assert (batch.status, batch.format, batch.taken_count) == ("ready", "pain.008.001.08", 1)
        assert (payment.kind, payment.creditor_account_id, payment.debtor_account_id) == (
            "debit", branch.customer.pk, None,
        )  # fmt: skip
        assert findings(payment) == set()
        go([payment])
        return payment

    def test_collection_and_settlement(self, branch: people.Stage, collected: Payment) -> None:
        assert lines(collected, "posting") == [("BANK-NOSTRO", "250.00", ""), ("BANK-TRANSIT", "", "250.00")]
        assert balances(branch) == ("1000.00", "250.00", "1250.00"), "to be received; the customer waits"
        file = send(branch)
        settlement.confirm(file_id=file.pk, actor=people.person("supervisor"), value_date=date(2027, 1, 15))
        assert lines(collected, "settlement") == [("BANK-TRANSIT", "250.00", ""), ("BANK-CUST", "", "250.00")]
        assert JournalEntry.objects.get(kind="settlement").value_date == date(2027, 1, 15)
        assert balances(branch) == ("1250.00", "0.00", "1250.00")
        assert (statuses([collected]), OutgoingFile.objects.get().status) == (["settled"], "settled")
        assert ledger.audit() == []

    def test_returned_before_settlement(self, branch: people.Stage, collected: Payment) -> None:
        file = send(branch)
        said = {"instruction": f"P{collected.pk}", "status": "RJCT", "reason": "MD01"}
        take_in(branch, pain002(file.message_id, payments=[said]))
        assert lines(collected, "reversal") == [("BANK-NOSTRO", "", "250.00"), ("BANK-TRANSIT", "250.00", "")]
        assert balances(branch) == ("1000.00", "0.00", "1000.00")
        assert statuses([collected]) == ["returned"]
        assert ledger.audit() == []

    def test_returned_after_settlement(self, branch: people.Stage, collected: Payment) -> None:
        file = send(branch)
        take_in(branch, pain002(file.message_id, group="ACSC"))
        assert balances(branch) == ("1250.00", "0.00", "1250.00")
        assert people.returned(collected, reason_code="MD06")[0].done
        assert balances(branch) == ("1000.00", "0.00", "1000.00")
        assert JournalEntry.objects.filter(payment=collected, kind="reversal").count() == 2
        assert ledger.audit() == []

    def test_a_return_needs_the_funds_that_it_takes(self, branch: people.Stage, collected: Payment) -> None:
        take_in(branch, pain002(send(branch).message_id, group="ACSC"))
        spent = people.payment(branch, amount="1100.00")
        go([spent])
        supervisor = people.person("supervisor")
        answer = workflow.return_(ids=[collected.pk], actor=supervisor, reason_code="MD06")[0]
        assert (answer.done, answer.code) == (False, "payment.AM04")
        assert statuses([collected]) == ["settled"]
        assert ledger.audit() == []

    def test_a_company_collects_a_claim(self) -> None:
        company = people.bank_branch("CIE", iban="FR7630006000011234567890189", balance="0")
        claims = people.account(company.entity, "411", "receivable", "D", floor=None)
        transit = people.account(company.entity, "58", "transit", "D", floor=None)
        bank = people.account(
            company.entity, "512", "bank", "D", iban="FR7610011000201234567890188", counterpart=claims, transit=transit
        )
        ApprovalPolicy.objects.create(entity=company.entity, from_amount=Decimal(0), approvals=1)
        mandate(company, account=bank)
        _batch, [payment] = bring(company, pain008([{"amount": "90.00", "mandate": "M-1"}], creditor=bank.iban))
        go([payment])
        assert lines(payment, "posting") == [("411", "", "90.00"), ("58", "90.00", "")]
        assert ledger.settle([payment.pk]) == {payment.pk: "not_sent"}, "nobody was asked for it yet"
        people.to_bank(bank)
        assert ledger.settle([payment.pk]) == {}
        assert lines(payment, "settlement") == [("58", "", "90.00"), ("512", "90.00", "")]
        assert ledger.audit() == []


class TestOut:
    def test_the_file_is_valid_whole_and_sent_once(self, branch: people.Stage) -> None:
        amendment = (
            "<AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlMndtId>OLD-9</OrgnlMndtId><OrgnlDbtrAcct><Id><Othr>"
            "<Id>SMNDA</Id></Othr></Id></OrgnlDbtrAcct></AmdmntInfDtls>"
        )
        for reference in ("M-1", "M-2"):
            mandate(branch, reference)
        mandate(branch, "M-3", scheme="B2B")
        debits = [
            {"amount": "10.00", "mandate": "M-1", "name": "Société Élan & Fils"},
            {"amount": "20.50", "mandate": "M-2", "amendment": amendment},
        ]
        _batch, core = bring(branch, pain008(debits, sequence="FRST"))
        _batch, b2b = bring(branch, pain008([{"amount": "5.00", "mandate": "M-3"}], scheme="B2B", message_id="DD-2"))
        assert [findings(payment) for payment in (*core, *b2b)] == [set(), set(), set()]
        go([*core, *b2b])
        file = send(branch)
        assert (file.kind, file.payment_count, file.control_sum) == ("pain008", 3, Decimal("35.50"))
        assert file.attachment is not None
        root = etree.fromstring(attachments.read(file.attachment))
        SCHEMA.assertValid(root)
        groups = root.findall(".//p:PmtInf", NS)
        assert [
            (g.findtext("p:PmtTpInf/p:LclInstrm/p:Cd", namespaces=NS), g.findtext("p:PmtTpInf/p:SeqTp", namespaces=NS),
             g.findtext("p:NbOfTxs", namespaces=NS), g.findtext("p:CtrlSum", namespaces=NS))
            for g in groups
        ] == [("B2B", "RCUR", "1", "5.00"), ("CORE", "FRST", "2", "30.50")]  # fmt: skip
        assert groups[0].findtext("p:ReqdColltnDt", namespaces=NS) == "2027-01-15"
        assert groups[0].findtext("p:CdtrSchmeId/p:Id/p:PrvtId/p:Othr/p:Id", namespaces=NS) == CREDITOR
        amended = groups[1].findall("p:DrctDbtTxInf", NS)[1]
        assert amended.findtext(".//p:OrgnlMndtId", namespaces=NS) == "OLD-9"
        assert amended.findtext(".//p:OrgnlDbtrAcct//p:Othr/p:Id", namespaces=NS) == "SMNDA"
        assert root.findtext(".//p:Dbtr/p:Nm", namespaces=NS) is not None
        assert "Societe Elan + Fils" in [e.text for e in root.iterfind(".//p:Dbtr/p:Nm", NS)]
        supervisor = people.person("supervisor")
        with pytest.raises(Conflict):
            settlement.send(file_id=file.pk, actor=supervisor)
        assert settlement.prepare(account=branch.customer, actor=supervisor) == []
        # What we write is what we read.
        read = check.check(attachments.read(file.attachment))
        assert (read.facts["payments"], read.facts["control_sum"], read.facts["xsd_valid"]) == (3, "35.50", True)

    def test_it_is_due_the_banking_day_before(self, branch: people.Stage) -> None:
        people.cut_off(branch.entity, time(14), account=branch.customer, scheme="core", days_before=1)
        mandate(branch)
        monday = timezone.localdate() + timedelta(days=21 - timezone.localdate().weekday())
        while not (calendars.is_open(monday) and calendars.is_open(monday - timedelta(days=3))):
            monday += timedelta(days=7)
        _batch, payments = bring(branch, pain008([{"amount": "1.00", "mandate": "M-1"}], collection_date=monday))
        go(payments)
        zone = ZoneInfo(branch.entity.time_zone)
        friday = datetime.combine(monday - timedelta(days=3), time(13, 59), zone)
        assert settlement.prepare_due(friday) == []
        assert len(settlement.prepare_due(friday + timedelta(minutes=2))) == 1

    def test_transfers_and_collections_do_not_share_a_file(self, branch: people.Stage) -> None:
        mandate(branch)
        day = date(2027, 1, 15)
        _batch, debits = bring(branch, pain008([{"amount": "1.00", "mandate": "M-1"}], collection_date=day))
        transfer = people.payment(branch, amount="2.00", requested_execution_date=day)
        go([*debits, transfer])
        made = settlement.prepare(account=branch.customer, actor=people.person("supervisor"))
        assert sorted((file.kind, file.control_sum) for file in made) == [
            ("pain001", Decimal("2.00")), ("pain008", Decimal("1.00")),
        ]  # fmt: skip


class TestChecks:
    def held(self, stage: people.Stage, content: bytes) -> list[set[str]]:
        _batch, payments = bring(stage, content)
        return [findings(payment) for payment in payments]

    def test_a_mandate_must_be_known_and_in_force(self, branch: people.Stage) -> None:
        gone = mandate(branch, "M-2")
        mandates.cancel(actor=people.person("supervisor"), mandate_id=gone.pk, reason="The debtor wrote")
        debits = [{"amount": "1.00", "mandate": name} for name in ("NONE", "M-2")]
        assert self.held(branch, pain008(debits)) == [{"MANDATE-UNKNOWN"}, {"MANDATE-CANCELLED"}]

    def test_it_lapses_after_36_months_without_use(self, branch: people.Stage) -> None:
        mandate(branch, signed_on=date(2023, 1, 15))
        one = {"amount": "1.00", "mandate": "M-1", "signed_on": "2023-01-15"}
        assert self.held(branch, pain008([one], collection_date=date(2027, 1, 15))) == [{"MANDATE-EXPIRED"}]
        people.database.as_owner("update transactions_paymentstate set status = 'rejected'")
        used = pain008([one], collection_date=date(2026, 1, 14), message_id="DD-0")
        assert "MANDATE-EXPIRED" not in self.held(branch, used)[0]
        later = pain008([{**one, "amount": "2.00"}], collection_date=date(2027, 1, 15), message_id="DD-2")
        assert self.held(branch, later) == [set()], "used within 36 months"

    def test_the_sequence_follows(self, branch: people.Stage) -> None:
        for reference in ("M-1", "M-2", "M-3"):
            mandate(branch, reference)
        mandate(branch, "M-4", kind="one_off")
        every = [{"amount": "1.00", "mandate": f"M-{number}"} for number in (1, 2, 3)]
        assert self.held(branch, pain008(every[:1], sequence="FRST")) == [set()]
        assert self.held(branch, pain008(every[1:2], sequence="FNAL", message_id="DD-2")) == [set()]
        assert self.held(branch, pain008(every[2:], sequence="OOFF", message_id="DD-3")) == [{"MANDATE-SEQUENCE"}]
        again = [{**one, "amount": "3.00"} for one in every]
        assert self.held(branch, pain008(again, sequence="FRST", message_id="DD-4")) == [{"MANDATE-SEQUENCE"}] * 3
        rest = [{"amount": "4.00", "mandate": "M-1"}, {"amount": "4.00", "mandate": "M-4"}]
        assert self.held(branch, pain008(rest, sequence="RCUR", message_id="DD-5")) == [set(), {"MANDATE-SEQUENCE"}]

    def test_account_scheme_signature_identifier_lead_time_and_repeats(self, branch: people.Stage) -> None:
        mandate(branch)
        one = {"amount": "1.00", "mandate": "M-1"}
        other = pain008([{**one, "debtor": iban(8)}], message_id="A", collection_date=date(2027, 1, 11))
        assert self.held(branch, other) == [{"MANDATE-DEBTOR"}]
        assert self.held(branch, pain008([one], scheme="B2B", message_id="B", collection_date=date(2027, 1, 12))) == [
            {"MANDATE-SCHEME"}
        ]
        late = pain008([{**one, "signed_on": "2027-06-01"}], message_id="C", collection_date=date(2027, 1, 13))
        assert self.held(branch, late) == [{"MANDATE-UNSIGNED"}]
        wrong = pain008([one], creditor_id="FR00ZZZ123456", message_id="D", collection_date=date(2027, 1, 14))
        assert self.held(branch, wrong) == [{"CREDITOR-ID", "MANDATE-UNKNOWN"}]
        today = pain008([one], message_id="E", collection_date=date.today())  # noqa: DTZ011
        assert "COLLECTION-LATE" in self.held(branch, today)[0]
        twice = pain008([one, {**one, "reference": "X"}], message_id="F")
        assert self.held(branch, twice) == [set(), {"MANDATE-TWICE"}]
        foreign = pain008([{**one, "amount": "9.00"}], creditor=iban(44), message_id="G")
        assert self.held(branch, foreign) == [{"COLLECTION-ACCOUNT"}]

    def test_many_debits_of_the_same_amount_are_not_duplicates_or_splits(self, branch: people.Stage) -> None:
        ApprovalPolicy.objects.create(entity=branch.entity, from_amount=Decimal(100), approvals=2)
        for number in range(6):
            mandate(branch, f"S-{number}")
        debits = [{"amount": "99.00", "mandate": f"S-{number}"} for number in range(6)]
        assert self.held(branch, pain008(debits)) == [set()] * 6

    def test_what_is_not_collectable_is_not_taken_in(self, branch: people.Stage) -> None:
        batch, payments = bring(branch, pain008([{"amount": "1.00"}, {"amount": "2.00", "mandate": "M-1"}]))
        assert (batch.read_count, batch.taken_count, batch.read_sum) == (2, 1, Decimal("3.00"))
        assert [payment.amount for payment in payments] == [Decimal("2.00")]
        assert "mandate.missing" in batch.problems.values_list("code", flat=True) or "schema.missing" in (
            batch.problems.values_list("code", flat=True)
        )
        said = Collection.objects.get(payment=payments[0])
        assert (said.mandate_reference, said.sequence, said.scheme, said.signed_on, said.creditor_id_valid) == (
            "M-1", "RCUR", "CORE", date(2026, 1, 10), True,
        )  # fmt: skip

    def test_the_same_file_again_and_its_payments_in_another(self, branch: people.Stage) -> None:
        content = pain008([{"amount": "1.00", "mandate": "M-1", "reference": "R"}])
        bring(branch, content)
        with pytest.raises(Conflict):
            intake.receive(content=content, file_name="", entity=branch.entity, actor=None, channel="file")
        batch, payments = bring(branch, content.replace(b"<MsgId>DD-1<", b"<MsgId>DD-9<"))
        assert (batch.status, payments) == ("refused", [])
        assert batch.problems.filter(code="payment.seen_before").count() == 1

    def test_a_debit_is_not_amended(self, branch: people.Stage) -> None:
        mandate(branch)
        _batch, [payment] = bring(branch, pain008([{"amount": "1.00", "mandate": "M-1"}]))
        answer = workflow.amend(
            payment_id=payment.pk, actor=people.person(), changes={"remittance": "x"}, version=2, reason="x"
        )
        assert answer.code in {"payment.debit_as_presented", "conflict.version"}
        payment.refresh_from_db()
        assert (payment.kind, payment.remittance) == ("debit", "Subscription")


class TestMandates:
    def test_registered_amended_cancelled_with_history(self, branch: people.Stage) -> None:
        supervisor = people.person("supervisor")
        made = mandate(branch, actor=supervisor)
        with pytest.raises(Conflict) as known:
            mandate(branch)
        assert known.value.code == "mandate.known"
        mandates.amend(
            actor=supervisor, mandate_id=made.pk, debtor_name="Claire Abonnée", debtor_number=iban(9), reason="Letter"
        )
        mandates.cancel(actor=supervisor, mandate_id=made.pk, reason="Closed")
        with pytest.raises(Conflict):
            mandates.cancel(actor=supervisor, mandate_id=made.pk, reason="Again")
        versions = made.history.order_by("history_id")
        assert [(v.debtor_number, v.status, v.history_user_id) for v in versions] == [
            (iban(7), "active", supervisor.pk), (iban(9), "active", supervisor.pk),
            (iban(9), "cancelled", supervisor.pk),
        ]  # fmt: skip
        acts = AuditRecord.objects.filter(subject_type="mandate", subject_id=made.pk).order_by("id")
        assert [(act.action, act.reason) for act in acts] == [
            ("mandate.registered", ""), ("mandate.amended", "Letter"), ("mandate.cancelled", "Closed"),
        ]  # fmt: skip
        assert acts[1].details["fields"]["debtor_number"] == {"old": iban(7), "new": iban(9)}

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"creditor_scheme_id": "FR00ZZZ123456"}, "mandate.creditor_id"),
            ({"reference": "/M"}, "mandate.reference_bad"),
            ({"reference": "M//1"}, "mandate.reference_bad"),
            ({"debtor_number": "DE00370400440532013000"}, "mandate.number_bad"),
            ({"debtor_name": " "}, "mandate.name_missing"),
            ({"signed_on": date(2099, 1, 1)}, "mandate.signed_later"),
            ({"debtor_bic": "X"}, "account.bic_bad"),
        ],
    )
    def test_what_is_no_mandate(self, branch: people.Stage, fields: dict[str, Any], code: str) -> None:
        with pytest.raises(BusinessError) as refusal:
            mandate(branch, **fields)
        assert refusal.value.code == code
        assert not Mandate.objects.exists()

    def test_who_may_not_moves_nothing(self, branch: people.Stage) -> None:
        made = mandate(branch)
        elsewhere = people.bank_branch("ELSE", iban="FR7630006000011234567890189").entity
        for actor, refusal in (
            (people.person("operator"), Denied),
            (people.person("auditor"), Denied),
            (people.person("supervisor", entity=elsewhere), NotThere),
        ):
            with pytest.raises(refusal):
                mandates.cancel(actor=actor, mandate_id=made.pk, reason="x")
        with pytest.raises(Denied):
            mandate(branch, "M-2", actor=people.person("operator"))
        assert Mandate.objects.get().status == "active"

    def test_the_database_keeps_what_was_said(self, branch: people.Stage) -> None:
        mandate(branch)
        bring(branch, pain008([{"amount": "1.00", "mandate": "M-1"}]))
        for query in (
            "update transactions_collection set sequence = 'FNAL'",
            "delete from transactions_collection",
            "delete from transactions_mandate",
            "update transactions_mandate set signed_on = now()",
            "update transactions_historicalmandate set status = 'active'",
            "select * from move_collections(array[1::bigint], 'posting', null, null)",
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                sql.run(query)
        transfer = people.payment(branch)
        with pytest.raises(DatabaseError, match="belongs to a direct debit"), transaction.atomic():
            Collection.objects.create(
                payment=transfer, entity=branch.entity, creditor_scheme_id=CREDITOR, creditor_id_valid=True,
                mandate_reference="M-1", sequence="FRST", scheme="CORE",
            )  # fmt: skip


def _expected() -> dict[str, dict[str, Any]]:
    if not (SHARED / "expected.json").exists():
        return {}
    known = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))["files"]
    return {name: facts for name, facts in known.items() if facts["kind"] == "pain008"}


@pytest.mark.skipif(not SHARED.exists(), reason="the real files of ../shared/data are not here")
@pytest.mark.parametrize("name", sorted(_expected()))
def test_real_files_give_their_facts_and_come_in(branch: people.Stage, name: str) -> None:
    content = (SHARED / name).read_bytes()
    wanted = {key: value for key, value in _expected()[name].items() if key != "uncertain"}
    report = check.check(content)
    assert {key: report.facts[key] for key in wanted} == wanted
    batch, payments = bring(branch, content)
    assert (batch.read_count, batch.read_sum, batch.message_id) == (
        wanted["payments"], Decimal(wanted["control_sum"]), wanted["message_id"],
    )  # fmt: skip
    assert len(payments) == wanted["payments"]
    assert all("MANDATE-UNKNOWN" in findings(payment) for payment in payments)


def test_files_of_many_chunks_come_in_one_after_the_other_in_one_session(
    branch: people.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tables where debits wait are kept: what one chunk or file left there is not taken in with the next."""
    monkeypatch.setattr(writer, "CHUNK", 2)
    # One payment in the middle is of another shape, and is walked.
    amended = "<AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlMndtId>OLD-1</OrgnlMndtId></AmdmntInfDtls>"
    debits = [{"amount": f"{number}.10", "mandate": f"M-{number}"} for number in range(1, 8)]
    debits[3]["amendment"] = amended
    for message in ("DD-1", "DD-2"):
        batch = intake.receive(
            content=pain008(debits, message_id=message), file_name="dd.xml", entity=branch.entity, actor=None,
            channel="file", source=branch.source,
        )  # fmt: skip
        intake.read_batch(batch.pk)
        batch.refresh_from_db()
        assert (batch.taken_count, batch.problem_count, batch.read_sums) == (7, 0, {"EUR": "28.70"})
        said = Collection.objects.filter(payment__batch=batch).order_by("payment__position")
        assert [(one.mandate_reference, f"{one.payment.amount:.2f}", one.amendment) for one in said] == [
            (f"M-{number}", f"{number}.10", {"mandate": "OLD-1"} if number == 4 else {}) for number in range(1, 8)
        ]


def test_a_file_of_debits_that_breaks_off_says_so_and_nothing_of_it_is_taken_in(branch: people.Stage) -> None:
    content = pain008([{"amount": "1.00", "mandate": "M-1"}, {"amount": "2.00", "mandate": "M-2"}])
    cut = content[: content.rindex(b"<DbtrAcct>") + 14]
    batch = intake.receive(
        content=cut, file_name="dd.xml", entity=branch.entity, actor=None, channel="file", source=branch.source
    )
    intake.read_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.refusal_code, batch.taken_count) == ("refused", "xml.breaks_off", 0)


def test_a_debit_inside_a_debit_is_refused(branch: people.Stage) -> None:
    content = pain008([{"amount": "1.00", "mandate": "M-1"}])
    start, end = content.index(b"<DrctDbtTxInf>"), content.index(b"</DrctDbtTxInf>") + len(b"</DrctDbtTxInf>")
    nested = content[: end - len(b"</DrctDbtTxInf>")] + content[start:end] + content[end - len(b"</DrctDbtTxInf>") :]
    batch = intake.receive(
        content=nested, file_name="dd.xml", entity=branch.entity, actor=None, channel="file", source=branch.source
    )
    intake.read_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.status, batch.refusal_code, batch.refusal_params["element"]) == (
        "refused", "xml.nested", "DrctDbtTxInf",
    )  # fmt: skip
