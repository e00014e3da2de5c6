"""What the bank would refuse a file for: found before the file is kept, left out in words, and given back."""

import dataclasses
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from backoffice.people import roles
from controls import assess
from documents import attachments
from documents.models import AuditRecord
from tests import database, people
from tests.api.client import Program
from tests.files import pain008
from tests.transactions import standing
from tests.transactions import test_direct_debits as debits
from tests.transactions.test_worked_examples import balance, status
from transactions import ledger, settlement
from transactions.models import Account, OutgoingFault, OutgoingFile, Payment, PaymentState
from transactions.writers import pacs004, pacs008, pain001, validity
from transactions.writers import pain008 as collections

pytestmark = pytest.mark.django_db
BAD = "A<&B"
WHY = "BICFI does not have the form that the format asks for"


@pytest.fixture
def branch() -> people.Stage:
    return standing.branch("1000.00")


@pytest.fixture
def supervisor() -> Program:
    return Program(people.person(roles.SUPERVISOR))


def posted(stage: people.Stage, amount: str, **fields: Any) -> Payment:
    payment = people.payment(stage, amount=amount, **fields)
    debits.go([payment])
    return payment


def valid(file: OutgoingFile, schema: str) -> Any:
    assert file.attachment is not None
    root = etree.fromstring(attachments.read(file.attachment))
    etree.XMLSchema(etree.fromstring((files("sepaxml") / "schemas" / schema).read_bytes())).assertValid(root)
    return root


class TestAtTheDoor:
    def test_a_bic_that_is_none_is_not_amended_in(self, branch: people.Stage) -> None:
        payment = people.payment(branch, creditor_bic="COBADEFFXXX")
        for wrong in (BAD, "COBADE", "COBADEFFX", "C0BA1EFF"):
            body = {"version": 1, "changes": {"creditor_bic": wrong}, "reason": "x"}
            answer = Program(people.person()).post(f"/payments/{payment.pk}/amend", body)
            assert (answer.status_code, answer.json()["code"]) in {
                (422, "account.bic_bad"),
                (422, "payment.field_invalid"),
            }
            payment.refresh_from_db()
            assert payment.creditor_bic == "COBADEFFXXX"
        body = {"version": 1, "changes": {"creditor_bic": "psstfrppxxx"}, "reason": "x"}
        assert Program(people.person()).post(f"/payments/{payment.pk}/amend", body).status_code == 200
        payment.refresh_from_db()
        assert payment.creditor_bic == "PSSTFRPPXXX"

    def test_one_that_came_in_is_held_in_words(self, branch: people.Stage) -> None:
        payment = people.payment(branch, status="received", creditor_bic=BAD)
        assess.assess([payment.pk])
        state = PaymentState.objects.get(pk=payment.pk)
        assert (state.status, state.outcome, state.hold_count) == ("checked", "hold", 1)


class TestLeftOut:
    """Somebody lifted the hold: 10.00 to a good BIC and 11.00 to a bad one are posted."""

    @pytest.fixture
    def good(self, branch: people.Stage) -> Payment:
        return posted(branch, "10.00", creditor_bic="COBADEFFXXX")

    @pytest.fixture
    def bad(self, branch: people.Stage) -> Payment:
        return posted(branch, "11.00", creditor_bic=BAD)

    def test_the_rest_goes(self, branch: people.Stage, good: Payment, bad: Payment, supervisor: Program) -> None:
        [file] = supervisor.post("/outgoing-files", {"account": branch.customer.pk}).json()["files"]
        kept = OutgoingFile.objects.get()
        root = valid(kept, "pain.001.001.09.xsd")
        assert root.xpath("//*[local-name() = 'InstrId']/text()") == [f"P{good.pk}"]
        assert (file["payment_count"], file["control_sum"]) == (1, "10.00")
        assert supervisor.post(f"/outgoing-files/{kept.pk}/send", {}).status_code == 200
        assert (status(good), status(bad)) == ("sent", "posted")
        record = AuditRecord.objects.get(action="payment.left_out")
        assert (record.subject_id, record.actor_id) == (bad.pk, supervisor.user.pk)
        assert record.details["code"] == "schema.pattern"

    def test_it_is_told_and_tried_again_by_hand_alone(
        self, branch: people.Stage, good: Payment, bad: Payment, supervisor: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [file] = settlement.prepare_due()
        assert list(file.items.values_list("payment", flat=True)) == [good.pk]
        assert settlement.prepare_due() == []
        assert AuditRecord.objects.filter(action="payment.left_out").count() == 1, "not once a minute"
        said = supervisor.get("/outgoing-files/waiting").json()
        assert said["items"] == []
        [left] = said["left_out"]
        assert (left["payment"], left["code"], left["detail"].startswith(WHY)) == (bad.pk, "schema.pattern", True)
        web = Client()
        web.force_login(supervisor.user)
        for page in ("/outgoing/", f"/payments/{bad.pk}/"):
            assert WHY in web.get(page).content.decode(), page
        assert supervisor.post("/outgoing-files", {"account": branch.customer.pk}).json()["files"] == []
        assert AuditRecord.objects.filter(action="payment.left_out").count() == 2
        monkeypatch.setattr(validity, "faults", lambda _content: {})  # the next version of a format allows more
        [anew] = supervisor.post("/outgoing-files", {"account": branch.customer.pk}).json()["files"]
        assert (anew["payment_count"], OutgoingFault.objects.count()) == (1, 0)

    def test_its_funds_are_given_back(self, branch: people.Stage, bad: Payment) -> None:
        assert ledger.reverse([bad.pk], None, "RC01") == {bad.pk: "not_settled"}, "not before a file was tried"
        assert settlement.prepare_due() == []
        assert balance(branch.customer) == ("989.00", "0.00")
        assert ledger.reverse([bad.pk], None, "RC01") == {}
        assert (status(bad), balance(branch.customer)) == ("returned", ("1000.00", "0.00"))
        assert settlement.prepare_due() == []
        assert ledger.audit() == []

    def test_of_debits_too(self, branch: people.Stage) -> None:
        debits.mandate(branch)
        debits.mandate(branch, "M-2")
        raw = pain008([{"amount": "50.00", "mandate": "M-1"}, {"amount": "60.00", "mandate": "M-2"}]).decode()
        at = raw.index("<DbtrAgt>")
        spoilt = re.sub(
            r"<DbtrAgt>.*?</DbtrAgt>", "<DbtrAgt><FinInstnId><BICFI>A&lt;&amp;B</BICFI></FinInstnId></DbtrAgt>",
            raw[at:], count=1,
        )  # fmt: skip
        # Of a version whose schema nobody ships, nothing is validated when it comes in.
        content = re.sub(r"pain\.008\.001\.\d\d", "pain.008.001.99", raw[:at] + spoilt).encode()
        _batch, got = debits.bring(branch, content)
        assert [one.debtor_bic for one in got] == [BAD, "DEUTDEFFXXX"]
        debits.go(got)
        [file] = settlement.prepare_due()
        root = valid(file, "pain.008.001.08.xsd")
        assert root.xpath("//*[local-name() = 'InstrId']/text()") == [f"P{got[1].pk}"]
        assert list(OutgoingFault.objects.values_list("payment", "code")) == [(got[0].pk, "schema.pattern")]


class TestOurs:
    """The fault is in no payment, but in our account."""

    @pytest.fixture
    def spoilt(self, branch: people.Stage) -> people.Stage:
        database.update(Account.objects.filter(pk=branch.customer.pk), bic=BAD)
        return branch

    def test_no_file_is_made_and_others_are_not_held_up(self, spoilt: people.Stage) -> None:
        other = people.bank_branch("OTHER", iban="FR7630006000011234567890189")
        posted(spoilt, "10.00")
        fine = people.payment(other, status="posted")
        [file] = settlement.prepare_due()
        assert list(file.items.values_list("payment", flat=True)) == [fine.pk]
        assert OutgoingFault.objects.count() == 0

    def test_a_person_is_told(self, spoilt: people.Stage, supervisor: Program) -> None:
        payment = posted(spoilt, "10.00")
        answer = supervisor.post("/outgoing-files", {"account": spoilt.customer.pk})
        assert (answer.status_code, answer.json()["code"]) == (422, "outgoing.unwritable")
        assert answer.json()["detail"].startswith(f"The bank would refuse every file of this account: {WHY}")
        web = Client()
        web.force_login(supervisor.user)
        assert web.post(f"/outgoing/prepare/{spoilt.customer.pk}/").status_code < 500
        assert (OutgoingFile.objects.count(), status(payment)) == (0, "posted")


HOSTILE = "<&>\"'"


def texts(row: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(row) if isinstance(getattr(row, field.name), str)]


class TestWriters:
    """Whatever stands in a field, the file is XML."""

    TRANSFER = pain001.Transfer("P1", "E2E-1", Decimal("1.00"), "EUR", "Kervella", people.PAYEE_IBAN)
    DEBIT = collections.Debit(
        "P1", "E2E-1", Decimal("1.00"), "EUR", "Kervella", people.PAYEE_IBAN, "M-1", date(2026, 1, 1), "RCUR", "CORE",
        "FR72ZZZ123456", amendment={"mandate": HOSTILE, "creditor_name": HOSTILE, "creditor_scheme_id": HOSTILE,
                                    "debtor_bic": HOSTILE, "debtor_number": HOSTILE},
    )  # fmt: skip
    OURS = ("Banque", people.CUSTOMER_IBAN, "PSSTFRPPXXX")
    NOW, DAY = datetime(2026, 11, 27, 10, tzinfo=UTC), date(2026, 12, 1)

    @pytest.mark.parametrize("name", texts(TRANSFER))
    def test_transfers(self, name: str) -> None:
        if name == "currency":
            return
        row = dataclasses.replace(self.TRANSFER, **{name: HOSTILE})
        order = pain001.Order("BO-1", self.NOW, self.DAY, *self.OURS, "EUR")
        between = pacs008.Order("BO-1", self.NOW, pacs004.Settlement("CLRG", self.DAY, HOSTILE), *self.OURS)
        for content in (pain001.write(order, [row]), pacs008.write(between, [row])):
            assert etree.fromstring(content) is not None

    @pytest.mark.parametrize("name", texts(DEBIT))
    def test_debits(self, name: str) -> None:
        if name == "currency":
            return
        row = dataclasses.replace(self.DEBIT, **{name: HOSTILE})
        order = collections.Order("BO-1", self.NOW, self.DAY, *self.OURS, "EUR")
        assert etree.fromstring(collections.write(order, [row])) is not None

    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_what_is_ours(self, place: int) -> None:
        ours = [*self.OURS]
        ours[place] = HOSTILE
        for content in (
            pain001.write(pain001.Order(HOSTILE, self.NOW, self.DAY, *ours, "EUR"), [self.TRANSFER]),
            collections.write(collections.Order(HOSTILE, self.NOW, self.DAY, *ours, "EUR"), [self.DEBIT]),
        ):
            assert etree.fromstring(content) is not None

    def test_the_faults_of_a_block_are_those_of_its_payments(self) -> None:
        rows = [
            dataclasses.replace(self.DEBIT, instruction_id=f"P{number}", amendment={}, sequence=sequence)
            for number, sequence in enumerate(("RCUR", "OFTEN", "OFTEN", "FRST"), start=1)
        ]
        order = collections.Order("BO-1", self.NOW, self.DAY, *self.OURS, "EUR")
        assert validity.faults(collections.write(order, rows)).keys() == {"P2", "P3"}
        assert validity.faults(b"<Document><").keys() == {""}
