"""BAI2: balances, entries, kinds of funds, texts that go on, and control totals."""

from datetime import date
from decimal import Decimal

import pytest

from tests.statements_made import codes, read
from transactions.statements.read import AVAILABLE, CLOSING, OPENING

FILE = """01,122099999,123456789,261124,0200,1,,,2/
02,031001234,122099999,1,261123,2359,USD,2/
03,0123456789,USD,010,100000,,,015,112550,,,040,90000,,/
88,100,22550,2,,400,10000,1,/
16,165,20050,S,20050,0,0,BANK1,CUST1,DEALER PAYMENTS/
16,195,2500,V,261125,,BANK2,,WIRE, WITH A COMMA
88,AND MORE OF IT
16,475,10000,0,BANK3,1001,CHECK PAID/
49,367650,7/
98,367650,1,9/
99,367650,1,11/
"""


def test_an_account_with_its_balances_and_entries() -> None:
    [found], said = read(FILE)
    assert codes(said) == []
    assert (found.number, found.currency, found.to_on) == ("0123456789", "USD", date(2026, 11, 23))
    assert [(one.kind, one.code, one.amount) for one in found.balances] == [
        (OPENING, "010", Decimal("1000.00")), (CLOSING, "015", Decimal("1125.50")),
        (AVAILABLE, "040", Decimal("900.00")),
    ]  # fmt: skip
    first, second, third = found.lines
    assert (first.amount, first.credit, first.code, first.bank_reference) == (Decimal("200.50"), True, "165", "BANK1")
    assert (first.customer_reference, first.information) == ("CUST1", "DEALER PAYMENTS")
    assert (second.value_on, second.information) == (date(2026, 11, 25), "WIRE, WITH A COMMA AND MORE OF IT")
    assert (third.credit, third.customer_reference, third.line) == (False, "1001", 8)
    assert (found.declared.credit_count, found.declared.debit_sum) == (2, Decimal("100.00"))


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("49,367650,7", "49,367651,7", "statement.declared_group"),
        ("49,367650,7", "49,367650,8", "statement.declared_records"),
        ("16,475,10000", "16,475,1000x", "statement.amount_bad"), ("16,475,", "16,999999,", "bai2.record_bad"),
        ("16,475,", "16,890,", "bai2.type_unknown"), ("02,031001234", "77,031001234", "bai2.record_bad"),
        ("100,22550,2", "100,22550,3", "statement.declared_credit_count"),
        ("015,112550", "015,112551", "statement.unbalanced"),
        ("03,0123456789", "16,0123456789", "bai2.no_account"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(before: str, after: str, code: str) -> None:
    _found, said = read(FILE.replace(before, after))
    assert code in codes(said)


def test_the_decimals_are_those_of_the_currency_and_a_negative_amount_turns_the_side() -> None:
    content = FILE.replace(",USD,", ",JPY,").replace("16,475,10000", "16,475,-10000")
    [found], _said = read(content)
    assert (found.lines[0].amount, found.lines[2].amount, found.lines[2].credit) == (
        Decimal(20050),
        Decimal(10000),
        True,
    )


def test_two_accounts_are_two_statements() -> None:
    first, _end, rest = FILE.partition("49,")
    account = first[first.index("03,") :].replace("0123456789", "99")
    found, _said = read(first + "49,367650,7/\n" + account + "49," + rest)
    assert [(one.number, len(one.lines)) for one in found] == [("0123456789", 3), ("99", 3)]
