"""OFX in both syntaxes, and as banks write it."""

from datetime import date
from decimal import Decimal

import pytest

from tests.statements_made import codes, read
from transactions.intake.rows import FileRefused
from transactions.statements.read import AVAILABLE, CLOSING

ENTRY = (
    "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261124120000.000[-5:EST]<TRNAMT>-80.25<FITID>F1<CHECKNUM>17"
    "<NAME>Kervella &amp; Fils<MEMO>Facture 4711</STMTTRN>"
)
BODY = (
    "<OFX><BANKMSGSRSV1><STMTTRNRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>20041"
    "<ACCTID>0500013M026<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261101<DTEND>20261130{entries}"
    "</BANKTRANLIST><LEDGERBAL><BALAMT>919.75<DTASOF>20261130</LEDGERBAL><AVAILBAL><BALAMT>900<DTASOF>20261130</AVAILBAL>"
    "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
)
HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"


def sgml(*entries: str) -> str:
    return HEADER + BODY.format(entries="".join(entries))


def xml(content: str) -> str:
    """The same with every leaf closed."""
    import re

    closed = re.sub(r"<([A-Z]+)>([^<\n]+)(?=<)", r"<\1>\2</\1>", content.partition("\n\n")[2])
    return '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n' + closed


@pytest.mark.parametrize("form", ["sgml", "xml", "one line", "lines", "no header"])
def test_a_statement_in_each_syntax(form: str) -> None:
    plain = sgml(ENTRY, ENTRY.replace("-80.25", "+1250,5").replace("F1", "F2").replace("DEBIT", "CREDIT"))
    content = {
        "sgml": plain, "xml": xml(plain), "one line": plain.replace("\n", " "), "lines": plain.replace("<", "\r\n  <"),
        "no header": plain.removeprefix(HEADER),
    }[form]  # fmt: skip
    [found], said = read(content)
    assert codes(said) == []
    assert (found.number, found.currency, found.from_on, found.to_on) == (
        "0500013M026", "EUR", date(2026, 11, 1), date(2026, 11, 30),
    )  # fmt: skip
    assert [(one.kind, one.amount) for one in found.balances] == [
        (CLOSING, Decimal("919.75")),
        (AVAILABLE, Decimal(900)),
    ]
    first, second = found.lines
    assert (first.amount, first.credit, first.booking_on, first.code) == (
        Decimal("80.25"),
        False,
        date(2026, 11, 24),
        "DEBIT",
    )
    assert (first.bank_reference, first.customer_reference) == ("F1", "17")
    assert (first.details[0].counterparty_name, first.details[0].remittance) == ("Kervella & Fils", "Facture 4711")
    assert (second.amount, second.credit) == (Decimal("1250.5"), True)


@pytest.mark.parametrize(
    ("told", "amount"),
    [
        ("1,234.56", "1234.56"),
        ("1.234,56", "1234.56"),
        ("-0007.5000", "-7.5000"),
        ("+12", "12"),
        ("1'234.50", "1234.50"),
        (".5", "0.5"),
    ],
)
def test_amounts_as_they_are_written(told: str, amount: str) -> None:
    [found], _said = read(sgml(ENTRY.replace("-80.25", told)))
    [line] = found.lines
    assert (line.amount if line.credit else -line.amount) == Decimal(amount)


def test_an_entry_without_amount_or_date_is_said() -> None:
    [found], said = read(sgml(ENTRY.replace("<TRNAMT>-80.25", ""), ENTRY.replace("<TRNAMT>-80.25", "<TRNAMT>x"),
                              ENTRY.replace("20261124120000.000[-5:EST]", "20260231"),
                              ENTRY.replace("F1", "F9")))  # fmt: skip
    assert [(one.code, one.position, one.severity) for one in said] == [
        ("ofx.amount_missing", 1, "error"), ("statement.amount_bad", 2, "error"), ("statement.date_bad", 3, "warning"),
    ]  # fmt: skip
    assert [(line.place, line.booking_on) for line in found.lines] == [(3, None), (4, date(2026, 11, 24))]
    assert found.broken == 2


def test_comments_are_no_data_wherever_the_file_is_cut() -> None:
    [found], said = read(sgml(f"<!-- {ENTRY} -->", "<!--" + "x" * 300_000 + "-->", ENTRY))
    assert (len(found.lines), codes(said)) == (1, [])


def test_card_statements_and_several_accounts() -> None:
    card = (
        BODY.replace("STMTRS", "CCSTMTRS")
        .replace("BANKACCTFROM", "CCACCTFROM")
        .replace("<OFX>", "")
        .replace("</OFX>", "")
    )
    content = sgml(ENTRY).replace("</OFX>", card.format(entries=ENTRY).replace("0500013M026", "4111") + "</OFX>")
    found, said = read(content)
    assert [(one.number, len(one.lines)) for one in found] == [("0500013M026", 1), ("4111", 1)]
    assert codes(said) == []


def test_an_error_of_the_bank_is_told() -> None:
    status = "<OFX><STMTTRNRS><STATUS><CODE>2000<SEVERITY>ERROR<MESSAGE>General error</STATUS></STMTTRNRS></OFX>"
    found, said = read(HEADER + status)
    assert found == []
    assert [(one.code, one.params) for one in said] == [
        ("ofx.status", {"code": "2000", "text": "General error"}), ("statement.no_statement", {}),
    ]  # fmt: skip


def test_a_document_type_and_a_tag_without_end_are_refused() -> None:
    for content, code in (
        (sgml(ENTRY).replace("<OFX>", '<!DOCTYPE a [<!ENTITY b "c">]><OFX>'), "xml.doctype"),
        (sgml(ENTRY) + "<" + "A" * 600_000, "statement.field_too_long"),
    ):
        with pytest.raises(FileRefused) as refused:
            read(content)
        assert refused.value.code == code
