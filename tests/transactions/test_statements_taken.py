"""Statements are kept once, in a chain, and a corrected one replaces its forerunner with history."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from backoffice.common.errors import Denied
from backoffice.people import roles
from documents.models import AuditRecord
from tests import people
from tests.transactions.statements_scene import DAY, IBAN, company, line, statement
from transactions.models import Account, Statement, StatementDetail, StatementLine
from transactions.statements import taking
from transactions.statements.read import FORWARD, ReadBalance, ReadDetail, ReadStatement

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank() -> Account:
    return company()


def take(bank: Account, *read: ReadStatement) -> list[taking.Taken]:
    return taking.take(read, source=taking.Source(bank.entity, file_name="day.xml"), actor=None)


def codes(statement_id: int | None) -> list[str]:
    return [one["code"] for one in Statement.objects.get(pk=statement_id).findings]


def test_a_statement_is_kept_with_its_lines_and_what_each_transaction_says(bank: Account) -> None:
    several = (ReadDetail(amount=Decimal("10.00"), end_to_end_id="A"), ReadDetail(amount=Decimal("2.50")))
    read = statement(
        line(1, "-12.50", details=several, batch_count=2),
        line(2, "100.00", end_to_end_id="E2E-1", counterparty_name="Kervella", remittance="Facture F-7731"),
        line(3, "7.00", status="pending"),
    )
    (answer,) = take(bank, read)
    assert (answer.outcome, answer.lines, answer.code) == ("taken", 3, "")
    kept = Statement.objects.get(pk=answer.statement_id)
    assert (kept.opening, kept.closing, kept.credit_sum, kept.debit_sum, kept.line_count) == (
        1000, Decimal("1087.50"), 100, Decimal("12.50"), 3,
    )  # fmt: skip
    assert (kept.account, kept.findings, kept.from_on, kept.to_on) == (bank, [], DAY, DAY)
    batch, credit, pending = StatementLine.objects.order_by("place")
    assert (batch.credit, batch.amount, batch.batch_count, batch.detail_count) == (False, Decimal("12.5"), 2, 2)
    assert (credit.end_to_end_id, credit.counterparty_name, credit.remittance) == (
        "E2E-1",
        "Kervella",
        "Facture F-7731",
    )
    assert pending.status == "pending"
    assert list(StatementDetail.objects.order_by("place").values_list("amount", "end_to_end_id")) == [
        (10, "A"), (Decimal("2.5"), ""),
    ]  # fmt: skip
    act = AuditRecord.objects.get(action="statement.taken")
    assert (act.subject_id, act.data) == (
        kept.pk, '{"account":"SHOP-512","file_name":"day.xml","lines":3,"sha256":""}',
    )  # fmt: skip


def test_the_same_statement_again_changes_nothing(bank: Account) -> None:
    read = statement(line(1, "-20.00", end_to_end_id="X"))
    first, twin = take(bank, read, read)
    (again,) = take(bank, read)
    assert (first.outcome, twin.outcome, again.outcome) == ("taken", "known", "known")
    assert again.statement_id == first.statement_id
    assert (Statement.objects.count(), StatementLine.objects.count()) == (1, 1)
    assert AuditRecord.objects.filter(subject_type="statement").count() == 1


@pytest.mark.parametrize("numbered", [{"sequence": "7"}, {"sequence": ""}, {"sequence": "", "identification": ""}])
def test_a_corrected_statement_replaces_its_forerunner_and_keeps_its_lines(
    bank: Account, numbered: dict[str, str]
) -> None:
    stays, wrong = line(1, "-20.00", end_to_end_id="X"), line(2, "-5.00", end_to_end_id="Y")
    (first,) = take(bank, statement(stays, wrong, **numbered))
    right = line(2, "-6.00", end_to_end_id="Y")
    (second,) = take(bank, statement(stays, right, **numbered))
    assert second.outcome == "replaced"
    old, new = Statement.objects.order_by("id")
    assert (old.status, new.status, new.supersedes_id) == ("superseded", "taken", old.pk)
    kept, fresh = new.lines.order_by("place")
    assert (kept.origin_id, fresh.origin_id) == (old.lines.get(place=1).pk, None)
    assert old.lines.count() == 2
    # The forerunner, brought in once more, does not come back.
    (again,) = take(bank, statement(stays, wrong, **numbered))
    assert (again.outcome, again.statement_id) == ("known", first.statement_id)
    assert AuditRecord.objects.filter(action="statement.replaced").count() == 1


def test_wrong_sums_are_said(bank: Account) -> None:
    (answer,) = take(bank, statement(line(1, "-20.00"), opening="100.00", closing="85.00"))
    (finding,) = Statement.objects.get(pk=answer.statement_id).findings
    assert finding["code"] == "statement.sums_wrong"
    assert finding["params"] == {"currency": "EUR", "closing": "85.00", "computed": "80.00", "difference": "5.00"}


def test_a_gap_is_said_until_what_was_missing_comes(bank: Account) -> None:
    days = [DAY + timedelta(days=number) for number in range(3)]
    monday, tuesday, wednesday = (
        statement(line(1, "10.00", booking_on=day), opening=str(1000 + 10 * number), day=day, sequence=str(number + 41))
        for number, day in enumerate(days)
    )
    first, third = take(bank, monday, wednesday)
    assert codes(first.statement_id) == []
    (finding,) = Statement.objects.get(pk=third.statement_id).findings
    assert finding["code"] == "statement.chain_gap"
    assert finding["params"]["missing"] == 1
    assert (finding["params"]["closed"], finding["params"]["opening"]) == ("1010.00000", "1020.00000")
    (second,) = take(bank, tuesday)
    assert codes(second.statement_id) == codes(third.statement_id) == []


def test_a_balance_that_does_not_follow_and_an_overlap_are_told_apart(bank: Account) -> None:
    tomorrow = DAY + timedelta(days=1)
    take(bank, statement(line(1, "10.00"), opening="0.00", sequence="1"))
    (broken,) = take(bank, statement(line(1, "1.00"), opening="500.00", day=tomorrow, sequence="2"))
    assert codes(broken.statement_id) == ["statement.chain_broken"]
    later = tomorrow + timedelta(days=1)
    (overlap,) = take(
        bank, statement(line(1, "1.00"), opening="9.00", day=later, from_on=DAY, sequence="3", identification="Z")
    )
    assert codes(overlap.statement_id) == ["statement.chain_overlap"]


def test_downloads_that_overlap_tell_a_line_once(bank: Account) -> None:
    first, second, third = line(1, "5.00"), line(2, "5.00"), line(3, "8.00", bank_reference="B3")
    download = {"kind": "ofx", "identification": "", "opening": None}
    take(bank, statement(first, second, **download))
    take(bank, statement(first, second, third, **download))
    assert StatementLine.objects.filter(origin=None).count() == 3
    assert StatementLine.objects.count() == 5


def test_another_kind_of_file_that_tells_the_same_day_counts_for_nothing(bank: Account) -> None:
    take(bank, statement(line(1, "5.00")))
    (answer,) = take(bank, statement(line(1, "5.00", customer_reference="NONREF"), kind="mt940"))
    assert (answer.outcome, codes(answer.statement_id)) == ("parallel", ["statement.told_before"])
    assert not Statement.objects.get(pk=answer.statement_id).counts


def test_pages_are_chained_by_what_they_carry_over(bank: Account) -> None:
    first = statement(line(1, "5.00"), opening="0.00", kind="mt940", sequence="9", page="1", identification="")
    second = ReadStatement(
        kind="mt940", number=IBAN, currency="EUR", sequence="9", page="2", from_on=DAY, to_on=DAY,
        balances=(ReadBalance(FORWARD, Decimal("5.00"), "EUR", DAY), ReadBalance(FORWARD, Decimal("4.00"), "EUR", DAY)),
        lines=(line(1, "-1.00"),),
    )  # fmt: skip
    answers = take(bank, first, second)
    assert [answer.outcome for answer in answers] == ["taken", "taken"]
    assert [codes(answer.statement_id) for answer in answers] == [[], []]


@pytest.mark.parametrize(
    ("number", "currency", "found"),
    [
        (IBAN, "EUR", True),
        ("FR76 3000 6000 0112 3456 7890 189", "EUR", True),
        (IBAN + "EUR", "EUR", True),
        ("30006 00001 12345678901", "EUR", True),
        ("30006/12345678901", "EUR", True),
        ("12345", "EUR", False),
        ("30006000011234567890999", "EUR", False),
        (IBAN, "USD", False),
    ],
)
def test_an_account_is_found_as_the_bank_writes_it(bank: Account, number: str, currency: str, found: bool) -> None:
    (answer,) = take(bank, statement(number=number, currency=currency))
    assert answer.outcome == ("taken" if found else "refused")
    assert answer.code == ("" if found else "statement.account_unknown")


def test_what_cannot_be_kept_stops_no_other(bank: Account) -> None:
    fine = line(2, "1.00")
    answers = take(
        bank, statement(line(1, "1.001")), statement(fine, identification="B"),
        statement(number="DE00"),
        statement(kind="fax"),
    )  # fmt: skip
    assert [(answer.outcome, answer.code) for answer in answers] == [
        ("refused", "statement.line_amount"), ("taken", ""), ("refused", "statement.account_unknown"),
        ("refused", "statement.kind_unknown"),
    ]  # fmt: skip
    assert answers[0].sentence == "The amount of line 1 cannot be kept: 1.001."


def test_nobody_without_the_right_brings_statements_in_and_none_reaches_another_entity(bank: Account) -> None:
    auditor = people.person(roles.AUDITOR)
    source = taking.Source(bank.entity)
    with pytest.raises(Denied):
        taking.take([statement(line(1, "1.00"))], source=source, actor=auditor)
    other = company("OTHER", "FR7610107001011234567890129")
    (answer,) = taking.take([statement(line(1, "1.00"))], source=taking.Source(other.entity), actor=None)
    assert answer.code == "statement.account_unknown"


def test_what_a_bank_told_is_never_changed(bank: Account) -> None:
    (answer,) = take(bank, statement(line(1, "1.00")))
    for act in (
        lambda: StatementLine.objects.update(amount=2),
        lambda: StatementLine.objects.all().delete(),
        lambda: Statement.objects.filter(pk=answer.statement_id).update(closing=3),
        lambda: Statement.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
