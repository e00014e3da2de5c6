"""When and where people of payments were born: by every door in, amended, written back, and never changed later."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone, translation
from lxml import etree

from backoffice.common.errors import BusinessError, sentence
from controls import approvals
from controls.models import ApprovalPolicy
from documents import attachments
from documents.models import AuditRecord
from tests import database, files, people
from tests.transactions.taking_in import said, taken_in
from tests.transactions.test_incoming import bring, go
from tests.transactions.test_settlement import SCHEMA
from transactions import births, intake, refunds, settlement, workflow
from transactions.intake import check
from transactions.models import Party, Payment, PaymentBatch, PaymentBirth, PaymentState
from transactions.refunds import Asked

pytestmark = pytest.mark.django_db
BIRTH = (
    "<Id><PrvtId><DtAndPlcOfBirth><BirthDt>{day}</BirthDt><PrvcOfBirth>Varna</PrvcOfBirth>"
    "<CityOfBirth>Varna</CityOfBirth><CtryOfBirth>BG</CtryOfBirth></DtAndPlcOfBirth></PrvtId></Id>"
)
SAID_IN_FRENCH = {
    "birth.too_early": "Cette date de naissance est antérieure à 1900.",
    "birth.future": "Personne ne naît dans le futur",
}
VARNA = {"born_on": "1961-04-09", "province": "Varna", "town": "Varna", "country": "BG"}


@pytest.fixture(autouse=True)
def own_storage(tmp_path: object, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def with_births(content: bytes, *, creditor: str = "1961-04-09", payments: int = 1) -> bytes:
    """The births of the first creditors, where the schema has them: after name and address."""
    return content.replace(
        b"</PstlAdr></Cdtr>", b"</PstlAdr>" + BIRTH.format(day=creditor).encode() + b"</Cdtr>", payments
    )


def kept(batch: PaymentBatch) -> list[tuple[int, str, dict[str, str]]]:
    rows = PaymentBirth.objects.filter(payment__batch=batch).order_by("payment__position", "side")
    return [(row.payment.position, row.side, row.told) for row in rows.select_related("payment")]


def test_a_file_of_transfers_tells_of_its_creditors() -> None:
    stage = people.bank_branch()
    batch = taken_in(stage, with_births(files.pain001(700), payments=3))
    assert (batch.taken_count, said(batch)) == (700, [])
    assert kept(batch) == [(position, "creditor", VARNA) for position in (1, 2, 3)]


def test_many_chunks_each_bring_theirs() -> None:
    stage = people.bank_branch()
    batch = taken_in(stage, with_births(files.pain001(4_000), payments=4_000))
    assert (batch.taken_count, said(batch)) == (4_000, [])
    assert PaymentBirth.objects.filter(payment__batch=batch, born_on="1961-04-09", side="creditor").count() == 4_000
    assert sorted(row.payment_id for row in PaymentBirth.objects.all()) == sorted(
        Payment.objects.filter(batch=batch).values_list("pk", flat=True)
    )


@pytest.mark.parametrize("version", ["03", "09"])
def test_every_party_of_both_versions_by_its_side(version: str) -> None:
    stage = people.bank_branch()
    content = with_births(files.pain001(2)).replace(b"pain.001.001.09", f"pain.001.001.{version}".encode())
    if version == "03":
        content = content.replace(b"<Dt>2026-11-24</Dt>", b"2026-11-24")
    group = b"<Dbtr><Nm>Fournitures Industrielles Ouest</Nm>"
    content = content.replace(group, group + BIRTH.format(day="1950-01-02").encode())
    content = content.replace(
        b"<ChrgBr>SLEV</ChrgBr>",
        f"<UltmtDbtr>{BIRTH.format(day='1940-01-02')}</UltmtDbtr><ChrgBr>SLEV</ChrgBr>".encode(),
    )
    content = content.replace(
        b"</CdtrAcct>", f"</CdtrAcct><UltmtCdtr><Nm>Heir</Nm>{BIRTH.format(day='1999-12-31')}</UltmtCdtr>".encode(), 1
    )
    batch = taken_in(stage, content)
    assert (batch.taken_count, said(batch)) == (2, [])
    told = [(position, side, birth["born_on"]) for position, side, birth in kept(batch)]
    assert told == [
        (1, "creditor", "1961-04-09"), (1, "debtor", "1950-01-02"), (1, "ultimate_creditor", "1999-12-31"),
        (1, "ultimate_debtor", "1940-01-02"), (2, "debtor", "1950-01-02"), (2, "ultimate_debtor", "1940-01-02"),
    ]  # fmt: skip


def test_an_ultimate_debtor_of_the_payment_is_not_born_when_that_of_the_group_was() -> None:
    group = f"<UltmtDbtr><Nm>Elder</Nm>{BIRTH.format(day='1940-01-02')}</UltmtDbtr><ChrgBr>SLEV</ChrgBr>"
    content = files.pain001(2).replace(b"<ChrgBr>SLEV</ChrgBr>", group.encode())
    content = content.replace(b"</Amt><Cdtr>", b"</Amt><UltmtDbtr><Nm>Younger</Nm></UltmtDbtr><Cdtr>", 1)
    batch = taken_in(people.bank_branch(), content)
    assert said(batch) == [(1, "payment.level_twice", "warning")]
    assert [(position, side) for position, side, _birth in kept(batch)] == [(2, "ultimate_debtor")]


@pytest.mark.parametrize(
    ("day", "code"),
    [("1899-12-31", "birth.too_early"), ("2199-01-01", "birth.future")],
)  # fmt: skip
def test_nobody_is_born_then(day: str, code: str) -> None:
    content = with_births(files.pain001(2), creditor=day)
    batch = taken_in(people.bank_branch(), content)
    assert (batch.taken_count, said(batch), kept(batch)) == (1, [(1, code, "error")], [])
    problem = batch.problems.get()
    assert (problem.field, problem.value) == ("creditor_birth_date", day)
    assert problem.path.endswith("/CdtTrfTxInf[1]/Cdtr/Id/PrvtId/DtAndPlcOfBirth/BirthDt")
    assert problem.line == 1
    with translation.override("fr"):
        assert sentence(code).startswith(SAID_IN_FRENCH[code])


def test_what_the_schema_does_not_take_is_said_of_the_field() -> None:
    content = with_births(files.pain001(2), creditor="1961-13-40")
    (problem,) = [one for one in check.check(content).problems if one.position == 1]
    assert (problem.field, problem.value, problem.severity) == ("creditor_birth_date", "1961-13-40", "error")


def test_the_payer_of_what_comes_in_and_what_is_wrong_of_it_is_left_out() -> None:
    stage = people.bank_branch()
    content = files.pacs008([{"amount": "10.00"}, {"amount": "11.00"}])
    first, second = content.split(b"</Dbtr>", 1)
    first = first + BIRTH.format(day="1961-04-09").encode() + b"</Dbtr>"
    second = second.replace(b"</Dbtr>", BIRTH.format(day="1861-04-09").encode() + b"</Dbtr>", 1)
    batch = taken_in(stage, first + second)
    assert batch.taken_count == 2
    assert kept(batch) == [(1, "debtor", VARNA)]
    assert (2, "birth.too_early", "warning") in said(batch)


class TestLists:
    HEAD = "Beneficiary;IBAN;Amount;Date;"

    def given(self, title: str, *cells: str) -> bytes:
        rows = [f"Vasil Korbalski;{files.iban(n)};10,00;2026-11-24;{cell}" for n, cell in enumerate(cells, start=1)]
        return "\n".join([self.HEAD + title, *rows]).encode()

    @pytest.mark.parametrize("title", ["Date of birth", "Date de naissance", "Né(e) le", "Beneficiary birth date"])
    def test_a_column_by_its_title(self, title: str) -> None:
        batch = taken_in(people.bank_branch(), self.given(title, "09/04/1961", "", "31.12.1975"), file_name="a.csv")
        assert [(at, birth) for at, _side, birth in kept(batch)] == [
            (1, {"born_on": "1961-04-09"}), (3, {"born_on": "1975-12-31"}),
        ]  # fmt: skip

    def test_a_place_in_its_columns(self) -> None:
        content = self.given("Date of birth;Place of birth;Country of birth", "1961-04-09;Varna;bg")
        batch = taken_in(people.bank_branch(), content, file_name="a.csv")
        assert kept(batch) == [(1, "creditor", {"born_on": "1961-04-09", "town": "Varna", "country": "BG"})]

    def test_the_payer_has_columns_of_their_own(self) -> None:
        content = self.given("Payer birth date;Kind of payment", "1961-04-09;incoming")
        batch = taken_in(people.bank_branch(), content, file_name="a.csv")
        assert kept(batch) == [(1, "debtor", {"born_on": "1961-04-09"})]

    def test_days_and_months_are_not_guessed(self) -> None:
        stage = people.bank_branch()
        batch = taken_in(stage, self.given("Date of birth", "03/04/1961"), file_name="a.csv")
        assert (batch.status, batch.refusal_code) == ("refused", "csv.date_ambiguous")
        proved = self.given("Date of birth", "03/04/1961", "25/04/1961")
        asked = taken_in(stage, proved, file_name="b.csv")
        assert [birth["born_on"] for _at, _side, birth in kept(asked)] == ["1961-04-03", "1961-04-25"]

    @pytest.mark.parametrize(
        ("cell", "code"),
        [("31/02/1961", "date.unreadable"), ("13/04/61", "birth.short_year"), ("1861-04-09", "birth.too_early"),
         ("long ago", "date.unreadable"), ("2199-01-01", "birth.future")],
    )  # fmt: skip
    def test_a_bad_date_keeps_its_row_out(self, cell: str, code: str) -> None:
        content = self.given("Date of birth", "1961-04-09", cell)
        batch = taken_in(people.bank_branch(), content, file_name="a.csv")
        assert (batch.taken_count, len(kept(batch))) == (1, 1)
        errors = [one for one in batch.problems.all() if one.severity == "error"]
        assert [(one.position, one.code, one.field, one.line, one.path) for one in errors] == [
            (2, code, "creditor_birth_date", 3, "Date of birth")
        ]  # fmt: skip


class TestData:
    def given(self, **fields: Any) -> dict[str, Any]:
        return {
            "debtor_account": people.CUSTOMER_IBAN, "creditor_name": "Vasil", "creditor_account": people.PAYEE_IBAN,
            "amount": "10.00", "currency": "EUR", "requested_execution_date": "2026-11-24", **fields,
        }  # fmt: skip

    def receive(self, stage: people.Stage, *payments: dict[str, Any]) -> PaymentBatch:
        return intake.receive_payments(payments=list(payments), entity=stage.entity, actor=None, channel="api")

    def test_each_side_of_a_payment(self) -> None:
        stage = people.bank_branch()
        batch = self.receive(
            stage,
            self.given(creditor_birth=VARNA, ultimate_debtor="X", ultimate_debtor_birth={"born_on": "1975-01-01"}),
            self.given(remittance="another"),
        )
        assert kept(batch) == [(1, "creditor", VARNA), (1, "ultimate_debtor", {"born_on": "1975-01-01"})]

    @pytest.mark.parametrize(
        ("birth", "code", "path"),
        [
            ({"born_on": "2199-01-01"}, "birth.future", "/payments/0/creditor_birth/born_on"),
            ({"born_on": "1961-02-30"}, "date.unreadable", "/payments/0/creditor_birth/born_on"),
            ({"country": "ZZ"}, "birth.country", "/payments/0/creditor_birth/country"),
            ({"town": "x" * 36}, "text.too_long", "/payments/0/creditor_birth/town"),
            ({"day": "1961-02-03"}, "json.unknown_field", "/payments/0/creditor_birth/day"),
            ("1961-02-03", "json.not_an_object", "/payments/0/creditor_birth"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said_where_it_stands(self, birth: Any, code: str, path: str) -> None:
        batch = self.receive(people.bank_branch(), self.given(creditor_birth=birth))
        assert (batch.taken_count, [(one.code, one.path) for one in batch.problems.all()]) == (0, [(code, path)])


def amend(payment: Payment, **changes: Any) -> workflow.Answer:
    return workflow.amend(
        payment_id=payment.pk, actor=people.person(), changes=changes, version=payment.state.version, reason="Called"
    )


class TestAmendment:
    def test_a_birth_is_amended_with_its_versions(self) -> None:
        stage = people.bank_branch()
        payment = people.payment(stage)
        PaymentBirth.objects.create(payment=payment, side="creditor", born_on=date(1961, 9, 4))
        payment.refresh_from_db()
        assert amend(payment, creditor_birth={"born_on": "1961-04-09", "town": "Varna", "country": "bg"}).done
        now = {"born_on": "1961-04-09", "town": "Varna", "country": "BG"}
        assert births.of(payment.pk) == {"creditor": now}
        row = PaymentBirth.objects.get()
        assert [one.born_on for one in row.history.all()] == [date(1961, 4, 9), date(1961, 9, 4)]
        act = AuditRecord.objects.get(subject_type="payment", subject_id=payment.pk, action="payment.amended")
        assert act.details["fields"] == {"creditor_birth": {"old": {"born_on": "1961-09-04"}, "new": now}}

    def test_one_that_was_not_known_and_one_that_is_taken_away(self) -> None:
        payment = people.payment(people.bank_branch())
        assert amend(payment, ultimate_creditor_birth={"born_on": "1975-01-01"}).done
        assert births.of(payment.pk) == {"ultimate_creditor": {"born_on": "1975-01-01"}}
        database.update(PaymentState.objects.filter(pk=payment.pk), status="checked")
        payment.state.refresh_from_db()
        assert amend(payment, ultimate_creditor_birth={}, remittance="Corrected").done
        assert births.of(payment.pk) == {}
        assert [one.born_on for one in PaymentBirth.objects.get().history.all()] == [None, date(1975, 1, 1)]
        database.update(PaymentState.objects.filter(pk=payment.pk), status="checked")
        payment.state.refresh_from_db()
        assert amend(payment, ultimate_creditor_birth={}).code == "payment.nothing_changed"

    @pytest.mark.parametrize(
        ("birth", "code"),
        [
            ({"born_on": "1899-12-31"}, "birth.too_early"), ({"born_on": "2199-01-01"}, "birth.future"),
            ({"born_on": "soon"}, "payment.field_invalid"), ({"country": "ZZ"}, "birth.country"),
            ({"when": "1961"}, "payment.field_invalid"), ("1961-04-09", "payment.field_invalid"),
        ],
    )  # fmt: skip
    def test_what_is_no_birth_is_refused(self, birth: Any, code: str) -> None:
        payment = people.payment(people.bank_branch())
        with pytest.raises(BusinessError) as refused:
            amend(payment, creditor_birth=birth)
        assert refused.value.code == code


class TestDatabase:
    def test_a_birth_is_not_written_once_somebody_signed(self) -> None:
        stage = people.bank_branch()
        ApprovalPolicy.objects.create(entity=stage.entity, from_amount=Decimal(0), approvals=1)
        payment = people.payment(stage)
        row = PaymentBirth.objects.create(payment=payment, side="creditor", born_on=date(1961, 4, 9))
        assert approvals.validate(ids=[payment.pk], actor=people.person())[0].done
        for late in (
            lambda: PaymentBirth.objects.filter(pk=row.pk).update(born_on=date(1962, 4, 9)),
            lambda: PaymentBirth.objects.create(payment=payment, side="debtor", born_on=date(1961, 4, 9)),
        ):
            with pytest.raises(DatabaseError, match="never later"), transaction.atomic():
                late()

    def test_of_whom_it_is_stays_and_nothing_goes(self) -> None:
        row = PaymentBirth.objects.create(payment=people.payment(people.bank_branch()), side="creditor")
        for way in (
            lambda: PaymentBirth.objects.filter(pk=row.pk).update(side="debtor"),
            lambda: PaymentBirth.objects.filter(pk=row.pk).delete(),
        ):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                way()

    def test_only_the_living_and_only_persons(self) -> None:
        stage = people.bank_branch()
        with pytest.raises(DatabaseError, match="birth_of_the_living"), transaction.atomic():
            PaymentBirth.objects.create(payment=people.payment(stage), side="creditor", born_on=date(1899, 12, 31))
        firm = Party(entity=stage.entity, name="Firm", kind="organisation", born_on=date(1961, 4, 9))
        with pytest.raises(DatabaseError, match="party_born_a_person"), transaction.atomic():
            firm.save()
        unborn = Party(
            entity=stage.entity, name="Jane", kind="person", born_on=timezone.localdate() + timedelta(days=1)
        )
        with pytest.raises(ValidationError, match="Nobody is born in the future"):
            unborn.full_clean()
        person = Party.objects.create(entity=stage.entity, name="Jane", kind="person", born_on=date(1961, 4, 9))
        person.birth_town = "Varna"
        person.save()
        assert [(one.born_on, one.birth_town) for one in person.history.all()] == [
            (date(1961, 4, 9), "Varna"), (date(1961, 4, 9), ""),
        ]  # fmt: skip


class TestGoingOn:
    def test_the_debtor_of_a_collection(self) -> None:
        content = files.pain008([{"amount": "10.00", "mandate": "M-1"}])
        content = content.replace(b"</Dbtr>", BIRTH.format(day="1961-04-09").encode() + b"</Dbtr>")
        batch = taken_in(people.bank_branch(), content)
        assert (batch.taken_count, kept(batch)) == (1, [(1, "debtor", VARNA)])

    @pytest.mark.parametrize(
        ("birth", "written"),
        [(VARNA, ["1961-04-09", "Varna", "Varna", "BG"]), ({"born_on": "1961-04-09"}, []),
         ({"town": "Varna", "country": "BG"}, [])],
    )  # fmt: skip
    def test_the_bank_reads_what_came_in_where_its_schema_has_it(
        self, birth: dict[str, str], written: list[str]
    ) -> None:
        stage = people.bank_branch()
        payment = people.payment(stage, status="posted", requested_execution_date=date(2030, 12, 3))
        row = {**birth, "born_on": date(1961, 4, 9)} if "born_on" in birth else birth
        database.insert(PaymentBirth(payment=payment, side="creditor", **row))
        (file,) = settlement.prepare(account=stage.customer, actor=people.person("supervisor"))
        assert file.attachment is not None
        root = etree.fromstring(attachments.read(file.attachment))
        SCHEMA.assertValid(root)
        assert [leaf.text for leaf in root.iterfind(".//{*}Cdtr/{*}Id/{*}PrvtId/{*}DtAndPlcOfBirth/*")] == written

    def test_who_paid_is_who_is_paid_back(self) -> None:
        branch = people.branch_with_suspense()
        content = files.pacs008([{"amount": "100.00"}])
        content = content.replace(b"</Dbtr>", BIRTH.format(day="1961-04-09").encode() + b"</Dbtr>")
        _batch, [payment] = bring(branch, content)
        go([payment])
        told = []
        for asked in (Asked(payment.pk, Decimal(10)), Asked(payment.pk, Decimal(10), name="Somebody else")):
            (answer,) = refunds.refund(asked=[asked], actor=people.person(), reason_code="CUST")
            told.append(births.of(answer.params["refund"]))
        assert told == [{"creditor": VARNA}, {}]
