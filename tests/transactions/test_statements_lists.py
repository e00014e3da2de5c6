"""Lists of banks and custodians: what titles mean, how amounts and days are written, and what is asked."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.statements_made import codes, read
from transactions.intake.rows import FileRefused, Problem
from transactions.statements.bank_list import BankListReader
from transactions.statements.custody import CustodyReader, ReadHolding, ReadTrade
from transactions.statements.list_mapping import Mapping
from transactions.statements.read import CLOSING, OPENING

ENGLISH = (
    "Booking Date,Value Date,Details,Amount,Currency,Balance,Counterparty Name\n"
    '2026-11-24,2026-11-25,Invoice 7,"-1,250.50",EUR,"-250.50",Kervella\n'
    "2026-11-25,2026-11-25,Salary,3500.00,EUR,3249.50,Us\n"
)
FRENCH = (
    "Date opération;Date de valeur;Libellé;Débit;Crédit;Devise;Référence\n"
    "24/11/2026;25/11/2026;Loyer;1 250,50;;EUR;R1\n25/11/2026;25/11/2026;Salaire;;3 500,00;EUR;R2\n"
)
GERMAN = (
    "Buchungstag;Wertstellung;Verwendungszweck;Betrag;Soll/Haben;Währung;Auftraggeber/Empfänger;"
    "IBAN Zahlungsbeteiligter\n"
    "24.11.2026;25.11.2026;Miete;1.250,50;S;EUR;Kervella;DE89 3704 0044 0532 0130 00\n"
    "25.11.2026;25.11.2026;Gehalt;3.500,00;H;EUR;Wir;\n"
)


@pytest.mark.parametrize("content", [ENGLISH, FRENCH, GERMAN], ids=["english", "french", "german"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_lists_in_three_languages_and_four_encodings(content: str, encoding: str) -> None:
    [found], said = read(content.encode(encoding))
    assert {*codes(said)} <= {"statement.account_missing", "statement.encoding_guessed"}
    first, second = found.lines
    assert (first.amount, first.credit, first.booking_on, first.value_on) == (
        Decimal("1250.50"), False, date(2026, 11, 24), date(2026, 11, 25),
    )  # fmt: skip
    assert (second.amount, second.credit, second.currency, found.currency) == (Decimal("3500.00"), True, "EUR", "EUR")
    assert (found.from_on, found.to_on, first.line) == (date(2026, 11, 24), date(2026, 11, 25), 2)
    assert first.details[0].remittance in {"Invoice 7", "Loyer", "Miete"}


def test_a_counterparty_and_its_account_are_read() -> None:
    [found], _said = read(GERMAN)
    assert (found.lines[0].details[0].counterparty_name, found.lines[0].details[0].counterparty_number) == (
        "Kervella", "DE89370400440532013000",
    )  # fmt: skip


def test_balances_follow_from_those_behind_the_lines_in_either_order() -> None:
    head, *lines = ENGLISH.splitlines()
    for content in (ENGLISH, "\n".join([head, *reversed(lines)])):
        [found], said = read(content)
        assert (found.balance(OPENING).amount, found.balance(CLOSING).amount) == (  # type: ignore[union-attr]
            Decimal("1000.00"), Decimal("3249.50"),
        )  # fmt: skip
        assert codes(said) == ["statement.account_missing"]
    gap = ENGLISH + "2026-11-26,2026-11-26,After a gap,-1.00,EUR,3000.00,x\n2026-11-27,,Then,-1.00,EUR,2999.00,x\n"
    _found, said = read(gap)
    odd = next(one for one in said if one.code == "statement.running_balance")
    assert (odd.position, odd.line, odd.params["expected"], odd.params["said"]) == (3, 4, "3248.50", "3000.00")


@pytest.mark.parametrize(
    ("content", "code", "answer"),
    [
        (FRENCH.replace("25/11", "05/11").replace("24/11", "04/11"), "csv.date_ambiguous", {"order": "dmy"}),
        (FRENCH.replace("1 250,50", "1,250").replace("3 500,00", "3,500"), "csv.decimal_ambiguous", {"decimal": ","}),
    ],
)  # fmt: skip
def test_what_a_list_does_not_prove_is_asked_and_an_answer_is_taken(
    content: str, code: str, answer: dict[str, str]
) -> None:
    with pytest.raises(FileRefused) as refused:
        read(content)
    assert refused.value.code == code
    [found], _said = read(content, mapping=answer)
    assert len(found.lines) == 2


def test_a_mapping_is_data_and_comes_back() -> None:
    reader = BankListReader(io.BytesIO(FRENCH.encode()), lambda _one: None)
    list(reader.statements())
    saved = reader.mapping.as_json()
    assert (saved["delimiter"], saved["decimal"], saved["order"], saved["columns"]["Libellé"]) == (
        ";",
        ",",
        "dmy",
        "label",
    )
    assert Mapping.of(saved, "bank") == reader.mapping
    own = {
        "columns": {"A": "booking_on", "B": "amount", "C": "label"},
        "account": "FR14",
        "currency": "EUR",
        "header": 1,
    }
    [found], said = read_as("A;B;C\n2026-11-24;-5,10;x\n", own)
    assert (found.number, found.lines[0].amount, found.lines[0].credit, codes(said)) == (
        "FR14",
        Decimal("5.10"),
        False,
        [],
    )
    for wrong in ({"columns": {"A": "nothing"}}, {"decimal": ";"}, {"order": "ydm"}, {"strange": 1}):
        with pytest.raises(FileRefused) as refused:
            Mapping.of(wrong, "bank")
        assert refused.value.code == "statement.mapping_bad"


def read_as(content: str, mapping: dict[str, Any]) -> tuple[list[Any], list[Problem]]:
    said: list[Problem] = []
    reader = BankListReader(io.BytesIO(content.encode()), said.append, mapping)
    return list(reader.statements()), said


def test_bad_lines_are_named_and_the_rest_is_kept() -> None:
    content = (
        "Date;Libellé;Débit;Crédit\nSolde au 23/11/2026;;;1000,00\n24/11/2026;ok;1,00;\n24/11/2026;both;1,00;2,00\n"
        "31/02/2026;no day;1,00;\n24/11/2026;garbled;12..34;\n24/11/2026;ok;;2,50\n"
    )
    [found], said = read(content, mapping={"account": "A", "currency": "EUR"})
    assert [(line.line, line.amount) for line in found.lines] == [(3, Decimal("1.00")), (7, Decimal("2.50"))]
    assert found.broken == 3
    assert [(one.code, one.line, one.severity) for one in said] == [
        ("statement.row_total", 2, "warning"), ("statement.amounts_both", 4, "error"),
        ("statement.row_no_date", 5, "error"), ("statement.amount_bad", 6, "error"),
    ]  # fmt: skip


def test_several_accounts_in_one_list_are_several_statements_and_mixed_currencies_are_said() -> None:
    content = "Account;Date;Amount;Currency\nA;2026-11-24;1.5;EUR\nA;2026-11-24;2.5;USD\nB;2026-11-24;3.5;EUR\n"
    found, said = read(content, mapping={})
    assert [(one.number, len(one.lines)) for one in found] == [("A", 2), ("B", 1)]
    [mixed] = [one for one in said if one.code == "statement.currencies_mixed"]
    assert (mixed.params["currencies"], mixed.path) == ("EUR, USD", "statement[1]")


def test_a_list_of_payments_to_make_is_no_statement() -> None:
    with pytest.raises(FileRefused) as refused:
        read("Name;IBAN;Amount;Currency;Date\nKervella;DE89370400440532013000;1,50;EUR;24/12/2026\n")
    assert refused.value.code == "statement.no_statement"


# Workbooks


def workbook(rows: list[list[Any]], *, sheet: bytes = b"", extra: dict[str, bytes] | None = None) -> bytes:
    """Texts inline and shared, numbers, and days as numbers in a style that is a date."""

    def cell(at: int, row: int, value: Any) -> str:
        place = f'r="{chr(65 + at)}{row}"'
        if isinstance(value, date):
            return f'<c {place} s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        if isinstance(value, str):
            return f'<c {place} t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c {place}><v>{value}</v></c>" if value is not None else ""

    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    made = "".join(
        f'<row r="{n}">{"".join(cell(at, n, value) for at, value in enumerate(row))}</row>'
        for n, row in enumerate(rows, start=1)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", f"<workbook {space}><workbookPr/></workbook>")
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet {space}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml", sheet or f"<worksheet {space}><sheetData>{made}</sheetData></worksheet>"
        )
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def test_the_first_sheet_of_a_workbook_is_a_list() -> None:
    content = workbook([["Date", "Label", "Amount", "Currency"], [date(2026, 11, 24), "Invoice", -1250.5, "EUR"],
                        [None, None, None, None], [date(2026, 11, 25), "Salary", 3500, "EUR"]])  # fmt: skip
    [found], said = read(content)
    assert [(one.booking_on, one.amount, one.credit, one.line) for one in found.lines] == [
        (date(2026, 11, 24), Decimal("1250.5"), False, 2), (date(2026, 11, 25), Decimal("3500"), True, 4),
    ]  # fmt: skip
    assert codes(said) == ["statement.account_missing"]


def test_bombs_and_hostile_workbooks_are_refused() -> None:
    bomb = workbook([], extra={"xl/media/a.bin": bytes(250_000_000)})
    entity = (
        b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&b;</t></is></c></row>'
        b"</sheetData></worksheet>"
    )
    for content, expected in (
        (bomb, {"sheet.too_large", "statement.no_columns"}),
        (workbook([], sheet=entity), {"xml.doctype", "sheet.unreadable"}),
        (workbook([], sheet=b"<worksheet><row>"), {"sheet.unreadable"}),
        (workbook([["a"]])[:-300] + bytes(300), {"statement.no_statement"}),
    ):  # fmt: skip
        with pytest.raises(FileRefused) as refused:
            read(content)
        assert refused.value.code in expected


# Custodians


def custody(content: str | bytes, **mapping: Any) -> tuple[CustodyReader, list[Problem]]:
    said: list[Problem] = []
    given = content.encode() if isinstance(content, str) else content
    return CustodyReader(io.BytesIO(given), said.append, mapping or None), said


def test_holdings_are_read_with_their_price_and_value() -> None:
    reader, said = custody(
        "Portefeuille;ISIN;Libellé;Quantité;Cours;Devise;Valorisation;Date d'arrêté\n"
        "P1;FR0000131104;BNP PARIBAS;1 250,0000;61,25;EUR;76 562,50;24/11/2026\n"
        "P1;FR0013508470;OAT;100 000;98,5%;EUR;98 500,00;24/11/2026\n"
        "P1;;Espèces;;;EUR;1 000,00;24/11/2026\n"
    )
    found = list(reader.holdings())
    assert codes(said) == []
    assert found[0] == ReadHolding(
        1, "P1", "FR0000131104", "BNP PARIBAS", Decimal("1250.0000"), Decimal("61.25"), "EUR", Decimal("76562.50"),
        date(2026, 11, 24), False, 2,
    )  # fmt: skip
    assert (found[1].price, found[1].percent) == (Decimal("98.5"), True)
    assert (found[2].isin, found[2].quantity, found[2].currency) == ("", Decimal("1000.00"), "EUR")
    assert reader.mapping.as_json()["columns"]["Cours"] == "price"


def test_what_is_wrong_with_a_position_is_said_and_the_rest_is_kept() -> None:
    reader, said = custody(
        "Date,ISIN,Quantity,Price,Currency,Market Value\n2026-11-24,US0378331005,10,150.25,USD,1502.50\n"
        "2026-11-24,US0378331006,10,1.5,USD,15\n2026-11-24,FR0000131104,x,1.5,EUR,15\n"
        "2026-11-24,FR0000131104,10,61.25,EUR,700.00\n2026-11-24,US0378331005,10,150.25,USD,1502.50\n"
    )
    assert [one.place for one in reader.holdings()] == [1, 4, 5]
    assert [(one.code, one.line, one.severity) for one in said] == [
        ("custody.instrument_bad", 3, "error"), ("custody.quantity_bad", 4, "error"),
        ("custody.value_differs", 5, "warning"), ("custody.twice", 6, "warning"),
    ]  # fmt: skip


def test_trades_are_read_in_words_of_three_languages() -> None:
    reader, said = custody(
        "Trade Date;Settlement Date;Side;ISIN;Quantity;Price;Currency;Net amount;Fees;Trade ID\n"
        "2026-11-24;2026-11-26;Achat;FR0000131104;100;61.25;EUR;6130.00;5.00;T1\n"
        "2026-11-24;2026-11-26;Verkauf;US0378331005;-10;150.25;USD;-1502.50;;T2\n"
        "2026-11-24;2026-11-26;Hold;US0378331005;10;150.25;USD;1502.50;;T3\n"
    )
    first, second = reader.trades()
    assert first == ReadTrade(
        1, "", "FR0000131104", "", True, Decimal(100), Decimal("61.25"), "EUR", Decimal("6130.00"), date(2026, 11, 24),
        date(2026, 11, 26), "T1", Decimal("5.00"), 2,
    )  # fmt: skip
    assert (second.bought, second.quantity, second.amount) == (False, Decimal(10), Decimal("1502.50"))
    assert [(one.code, one.line) for one in said] == [("statement.side_missing", 4)]
    with pytest.raises(FileRefused) as refused:
        list(custody("A;B\n1;2\n")[0].holdings())
    assert refused.value.code == "statement.no_columns"
