"""CFONB 120: amounts with a sign in their last digit, complements, and records that are not where they should be."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.statements_made import codes, read
from transactions.intake.rows import FileRefused
from transactions.statements.cfonb120 import NEGATIVE, POSITIVE, iban
from transactions.statements.read import CLOSING, OPENING

HEAD = "20041"


def signed(amount: Decimal, decimals: int = 2) -> str:
    units = int(abs(amount).scaleb(decimals))
    return f"{units // 10:013d}{(NEGATIVE if amount < 0 else POSITIVE)[units % 10]}"


def record(code: str, *, on: str = "241126", amount: str = "", decimals: str = "2", currency: str = "EUR",
           operation: str = "05", rejected: str = "  ", value: str = "251126", label: str = "", number: str = "",
           reference: str = "", account: str = "0500013M026") -> str:  # fmt: skip
    balance = code in {"01", "07"}
    return (
        f"{code}{HEAD}    01005{currency}{decimals} {account}{'  ' if balance else operation}{on}"
        f"{'  ' if balance else rejected}{' ' * 6 if balance else value}{label:31}"
        f"  {number:7}  {amount:14}{reference:16}"
    )


def more(name: str, told: str) -> str:
    return f"05{HEAD}    01005EUR2 0500013M02605241126     {name}{told:70}  "


def statement(*entries: str, opening: str = "0", closing: str = "0") -> list[str]:
    return [
        record("01", amount=signed(Decimal(opening)), on="231126"),
        *entries,
        record("07", amount=signed(Decimal(closing))),
    ]


def test_records_have_the_length_of_the_format() -> None:
    assert {len(one) for one in [*statement(record("04", amount=signed(Decimal(1)))), more("LIB", "x")]} == {120}


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_an_entry_with_all_that_is_told_of_it(end: str) -> None:
    entry = [
        record("04", amount=signed(Decimal("1250.55")), label="VIR SEPA RECU", reference="REF-1", number="0000042"),
        more("NPY", "DUPONT SA"), more("IPY", "FR1420041010050500013M02606"), more("RCN", f"{'E2E-7':35}SALA"),
        more("LCC", "Facture 4711"), more("LC2", "de mai"), more("LCS", "RF18539007547034"), more("RUM", "MANDAT-9"),
        more("MMO", "USD200000000137500"), more("FEE", "EUR200000000000250"), more("XYZ", "inconnu"),
    ]  # fmt: skip
    [found], said = read(end.join(statement(*entry, closing="1250.55")))
    assert codes(said) == []
    assert (found.number, found.currency, found.kind) == ("FR1420041010050500013M02606", "EUR", "cfonb120")
    assert [(one.kind, one.amount, one.on) for one in found.balances] == [
        (OPENING, Decimal("0.00"), date(2026, 11, 23)), (CLOSING, Decimal("1250.55"), date(2026, 11, 24)),
    ]  # fmt: skip
    [line] = found.lines
    assert (line.amount, line.credit, line.code) == (Decimal("1250.55"), True, "05")
    assert (line.booking_on, line.value_on) == (date(2026, 11, 24), date(2026, 11, 25))
    assert (line.customer_reference, line.bank_reference) == ("REF-1", "42")
    assert "XYZ inconnu" in line.information
    [one] = line.details
    assert (one.counterparty_name, one.counterparty_number) == ("DUPONT SA", "FR1420041010050500013M02606")
    assert (one.end_to_end_id, one.mandate_id, one.creditor_reference) == ("E2E-7", "MANDAT-9", "RF18539007547034")
    assert one.remittance == "Facture 4711 de mai"
    assert (one.original_amount, one.original_currency, one.charges) == (Decimal("1375.00"), "USD", Decimal("2.50"))


def test_a_debit_names_its_payee_and_a_reject_its_code() -> None:
    entry = [
        record("04", amount=signed(Decimal("-9.90")), label="PRLV", rejected="20"),
        more("NBE", "EDF"),
        more("NPY", "NOUS"),
    ]
    [found], said = read("\n".join(statement(*entry, closing="-9.90")))
    assert codes(said) == []
    [line] = found.lines
    assert (line.credit, line.amount) == (False, Decimal("9.90"))
    assert (line.details[0].counterparty_name, line.details[0].return_code, line.details[0].remittance) == (
        "EDF",
        "20",
        "PRLV",
    )


def test_decimals_and_the_braces_of_french_terminals() -> None:
    francs = [record("01", amount=signed(Decimal(0), 0), decimals="0", currency="XPF"),
              record("04", amount=signed(Decimal(1500), 0), decimals="0", currency="XPF"),
              record("07", amount=signed(Decimal(1500), 0), decimals="0", currency="XPF")]  # fmt: skip
    [found], said = read("\n".join(francs))
    assert (found.lines[0].amount, found.currency, codes(said)) == (Decimal(1500), "XPF", [])
    blank = [
        record("01", amount=f"{0:013d}é", decimals=" ", currency="   "),
        record("07", amount=f"{5:013d}è", decimals=" ", currency="   "),
    ]
    [found], _said = read("\n".join(blank).encode("latin-1"))
    assert [one.amount for one in found.balances] == [Decimal("0.00"), Decimal("-0.50")]
    assert found.currency == "EUR"


def test_records_that_stand_alone_are_read_and_said() -> None:
    content = "\n".join([more("LIB", "x"), record("04", amount=signed(Decimal(1))),
                         record("07", amount=signed(Decimal(1))), record("07", amount=signed(Decimal(2))),
                         "08" + "x" * 118])  # fmt: skip
    found, said = read(content)
    assert [(len(one.lines), one.balance(OPENING)) for one in found] == [(1, None), (0, None)]
    assert [(one.code, one.line) for one in said if one.code.startswith("cfonb")] == [
        ("cfonb.detail_alone", 1), ("cfonb.outside", 2), ("cfonb.closing_alone", 4), ("cfonb.record_unknown", 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "code", "severity"),
    [
        (record("04", amount=f"{1:013d}Z"), "cfonb.sign", "error"),
        (record("04", amount="12a4567890123}"), "statement.amount_bad", "error"),
        (record("04", amount=signed(Decimal(0)), on="310226"), "statement.date_bad", "warning"),
        (record("04", amount=signed(Decimal(0)))[:80], "cfonb.length", "warning"),
        (record("04", amount=signed(Decimal(0)), account="99999999999"), "cfonb.account_other", "warning"),
    ],
)  # fmt: skip
def test_a_bad_record_is_named_with_its_line_and_the_rest_is_kept(entry: str, code: str, severity: str) -> None:
    [found], said = read(
        "\n".join(
            statement(
                record("04", amount=signed(Decimal(1))), entry, record("04", amount=signed(Decimal(2))), closing="3"
            )
        )
    )
    problem = next(one for one in said if one.code == code)
    assert (problem.line, problem.severity) == (3, severity)
    assert [line.amount for line in found.lines if line.amount] == [Decimal("1.00"), Decimal("2.00")]


def test_other_formats_of_cfonb_are_refused_by_name() -> None:
    for length, name in ((160, "160"), (240, "240")):
        with pytest.raises(FileRefused) as refused:
            read("0302" + "x" * (length - 4) + "\n")
        assert (refused.value.code, refused.value.params) == ("cfonb.other_format", {"format": name})


def test_the_keys_of_an_account_are_reckoned() -> None:
    assert iban("20041010050500013M026") == "FR1420041010050500013M02606"
    assert iban("30006000011234567890189"[:21]).startswith("FR")
    assert iban("2004101005 500013M026") == ""


@given(st.lists(st.tuples(
    st.decimals("-99999999999.99", "99999999999.99", places=2), st.dates(date(1980, 1, 1), date(2079, 12, 31)),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789.-/", max_size=31),
), max_size=10), st.sampled_from(["\n", "\r\n", ""]))  # fmt: skip
def test_what_was_written_is_read(rows: list[tuple[Decimal, date, str]], end: str) -> None:
    total = sum((amount for amount, _day, _label in rows), Decimal(0))
    entries = [
        record("04", amount=signed(amount), on=f"{day:%d%m%y}", value=f"{day:%d%m%y}", label=label)
        for amount, day, label in rows
    ]
    [found], said = read(end.join(statement(*entries, closing=str(total))))
    assert {*codes(said)} <= {"statement.line_twice"}
    assert [(one.amount if one.credit else -one.amount, one.booking_on, one.information) for one in found.lines] == [
        (amount, day, label.strip()) for amount, day, label in rows
    ]  # fmt: skip
    assert [one.amount for one in found.balances] == [Decimal("0.00"), total]
