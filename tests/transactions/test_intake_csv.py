"""Lists of payments as CSV: what is recognised, what is asked, what is said of a bad row."""

import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.common.errors import BusinessError, Denied
from backoffice.people import roles
from documents.models import AuditRecord
from tests import people
from transactions import intake
from transactions.intake import check, mapping
from transactions.intake.csv_file import CsvReader
from transactions.intake.rows import FileRefused, Problem, Row
from transactions.models import IntakeProblem, IntakeSource, Payment, PaymentBatch

IBAN = "DE89370400440532013000"
TODAY = date(2026, 11, 23)


def reader(text: str | bytes, saved: dict[str, Any] | None = None) -> CsvReader:
    content = text if isinstance(text, bytes) else text.encode()
    return CsvReader(io.BytesIO(content), saved, today=TODAY)


def read(text: str | bytes, saved: dict[str, Any] | None = None) -> tuple[list[Row], list[Problem]]:
    items = list(reader(text, saved).items())
    rows = [item for item in items if isinstance(item, Row)]
    return rows, [item for item in items if isinstance(item, Problem)] + [p for row in rows for p in row.problems]


def refusal(text: str | bytes, saved: dict[str, Any] | None = None) -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        read(text, saved)
    return refused.value


def test_english_and_french_titles_are_recognised() -> None:
    english = (
        "Beneficiary name,IBAN,Amount,Currency,Execution date,Reference,Remittance\n"
        f"A,{IBAN},1234.50,EUR,2026-11-25,R1,Inv 1\n"
    )
    french = (
        "Nom du bénéficiaire;IBAN du bénéficiaire;Montant (EUR);Date d'exécution;Référence;Motif;"
        "Code postal;Ville;Pays\n"
        f'A;{IBAN};1 234,50;25/11/2026;R1;"Inv 1";44000;Nantes;FR\n'
    )
    [first], _said = read(english)
    [second], _said = read(french.encode("cp1252"))
    assert first.values == {
        "creditor_name": "A",
        "creditor_number": IBAN,
        "amount": "1234.50",
        "currency": "EUR",
        "requested_execution_date": "2026-11-25",
        "end_to_end_id": "R1",
        "remittance": "Inv 1",
    }
    assert second.values == first.values
    assert second.address == {"post_code": "44000", "town": "Nantes", "country": "FR"}
    assert (first.position, first.line, second.line) == (1, 2, 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_dialects_and_encodings(encoding: str, delimiter: str, quote: str) -> None:
    def line(*cells: str) -> str:
        return delimiter.join(f"{quote}{cell}{quote}" for cell in cells) + "\r\n"

    text = "Liste des virements\r\n\r\n" + line("Bénéficiaire", "IBAN", "Montant", "Devise", "Motif")
    text += line("Café; de, la|Gare", IBAN, "12,5", "EUR", f"ligne{quote}{quote}s")
    found = reader(text.encode(encoding))
    [row] = [item for item in found.items() if isinstance(item, Row)]
    assert (row.values["creditor_name"], row.values["amount"]) == ("Café; de, la|Gare", "12.5")
    assert row.values["remittance"] == f"ligne{quote}s"
    assert row.line == 4
    assert (found.mapping["delimiter"], found.mapping["quote"], found.mapping["decimal"]) == (delimiter, quote, ",")


def test_lines_are_counted_over_cells_that_span_several() -> None:
    rows, _said = read(f'Name,IBAN,Amount\n"A\nB",{IBAN},1.50\nC,{IBAN},2.50\n')
    assert [(row.line, row.values["creditor_name"]) for row in rows] == [(2, "A\nB"), (4, "C")]


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["1.234,50"], ["1234.50"]),
        (["1,234.50"], ["1234.50"]),
        (["1 234,50", "12"], ["1234.50", "12"]),
        (["1'234.50"], ["1234.50"]),
        (["1.234", "5,5"], ["1234", "5.5"]),
        (["1,234", "5.5"], ["1234", "5.5"]),
        (["1.234.567"], ["1234567"]),
        (["0,500"], ["0.500"]),
        (["1234,567"], ["1234.567"]),
        (["12"], ["12"]),
        (["12,50 €", "EUR 3,20"], ["12.50", "3.20"]),
        (["-33.50"], ["-33.50"]),
    ],
)
def test_the_decimal_mark_is_proved_by_the_list(amounts: list[str], expected: list[str]) -> None:
    text = "Name;IBAN;Amount\n" + "".join(f"A;{IBAN};{amount}\n" for amount in amounts)
    rows, _said = read(text)
    assert [row.values["amount"] for row in rows] == expected


def test_an_ambiguous_decimal_mark_is_asked_and_the_saved_answer_counts() -> None:
    text = f"Name;IBAN;Amount\nA;{IBAN};1.234\n"
    asked = refusal(text)
    assert (asked.code, asked.params) == ("csv.decimal_ambiguous", {"example": "1.234"})
    assert read(text, {"decimal": ","})[0][0].values["amount"] == "1234"
    assert read(text, {"decimal": "."})[0][0].values["amount"] == "1.234"


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["25/11/2026", "03/12/2026"], ["2026-11-25", "2026-12-03"]),
        (["11/25/2026", "12/03/2026"], ["2026-11-25", "2026-12-03"]),
        (["3.12.26"], ["2026-12-03"]),
        (["20261203"], ["2026-12-03"]),
        (["2026-12-03T10:00:00"], ["2026-12-03"]),
        (["05/05/2026"], ["2026-05-05"]),
    ],
)
def test_the_order_of_dates_is_proved_by_the_list(dates: list[str], expected: list[str]) -> None:
    text = "Name;IBAN;Amount;Date\n" + "".join(f"A;{IBAN};1,50;{day}\n" for day in dates)
    rows, _said = read(text)
    assert [row.values["requested_execution_date"] for row in rows] == expected


def test_an_ambiguous_order_of_dates_is_asked_and_the_saved_answer_counts() -> None:
    text = f"Name;IBAN;Amount;Date\nA;{IBAN};1,50;03/04/2026\n"
    asked = refusal(text)
    assert (asked.code, asked.params) == ("csv.date_ambiguous", {"example": "03/04/2026"})
    assert read(text, {"date": "dmy"})[0][0].values["requested_execution_date"] == "2026-04-03"
    assert read(text, {"date": "mdy"})[0][0].values["requested_execution_date"] == "2026-03-04"


def test_a_row_that_breaks_the_rule_of_the_list_is_named() -> None:
    text = (
        f"Name;IBAN;Amount;Date\nA;{IBAN};12,50;25/12/2026\nB;{IBAN};12..34;25/12/2026\n"
        f"C;{IBAN};1,234.50;31/02/2026\n;;5,50;25/12/2026\nE;{IBAN};1,10;25/12/2026;more\n"
    )
    report = check.check(text.encode())
    assert (report.facts["payments"], report.facts["not_taken_in"]) == (5, 4)
    errors = [
        (one.line, one.field, one.path, one.code, one.value) for one in report.problems if one.severity == "error"
    ]
    assert errors == [
        (3, "amount", "Amount", "csv.amount_comma_expected", "12..34"),
        (4, "amount", "Amount", "csv.amount_comma_expected", "1,234.50"),
        (4, "requested_execution_date", "Date", "date.unreadable", "2026-02-31"),
        (5, "creditor_name", "Name", "creditor.missing", ""),
        (6, "", "", "csv.too_many_cells", "more"),
    ]


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd|'x'!A1", '=1+1"'])
def test_formulas_are_refused(cell: str) -> None:
    quoted = cell.replace('"', '""')
    _rows, said = read(f'Name;IBAN;Amount;Motif\nA;{IBAN};1,50;"{quoted}"\n')
    assert [(one.code, one.field, one.value) for one in said if one.severity == "error"] == [
        ("csv.formula", "remittance", cell)
    ]


@pytest.mark.parametrize("cell", ["- solde de tout compte", "+33 2 40 00 00 00", "-12", "a=b"])
def test_dashes_and_telephones_are_no_formulas(cell: str) -> None:
    rows, said = read(f"Name;IBAN;Amount;Motif\nA;{IBAN};1,50;{cell}\n")
    assert not [one for one in said if one.severity == "error"]
    assert rows[0].values["remittance"] == cell


def test_what_is_assumed_or_left_out_is_said() -> None:
    rows, said = read(f"Name;IBAN;Amount;Colour\nA;{IBAN};1,50;red\n")
    assert [(one.code, one.severity, one.params) for one in said] == [
        ("csv.column_left_out", "warning", {"title": "Colour"}),
        ("csv.currency_assumed", "warning", {"currency": "EUR"}),
        ("csv.date_assumed", "warning", {"date": "2026-11-23"}),
        ("csv.no_debtor_column", "warning", {}),
    ]
    assert rows[0].values["requested_execution_date"] == "2026-11-23"


def test_the_saved_mapping_knows_titles_that_are_not_ours() -> None:
    text = f"Wer;Wohin;Wieviel;Egal\nA;{IBAN};1,50;x\n"
    assert refusal(text).code == "csv.no_header"
    saved = {
        "columns": {"Wer": "creditor_name", "Wohin": "creditor_number", "Wieviel": "amount", "Egal": ""},
        "defaults": {"debtor_number": people.CUSTOMER_IBAN, "currency": "CHF"},
    }
    rows, said = read(text, saved)
    assert rows[0].values["debtor_number"] == people.CUSTOMER_IBAN
    assert rows[0].values["currency"] == "CHF"
    assert [one.code for one in said] == ["csv.currency_assumed", "csv.date_assumed"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"Date,Description,Amount,Currency\n2026-04-02,x,1.00,EUR\n", "csv.no_creditor_column"),
        (b"Name,IBAN,Date\nA,B,2026-04-02\n", "csv.no_amount_column"),
        (b"Name,IBAN,Amount\nA,B\0,1\n", "file.binary"),
        (b"Name,IBAN,Amount\nA," + b"x" * 140_000 + b",1\n", "csv.line_too_long"),
        (b"x" * 1_000_000, "csv.line_too_long"),
    ],
)
def test_lists_that_cannot_be_read_are_refused_with_a_word(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_an_unclosed_quote_is_refused_with_its_line() -> None:
    text = f'Name;IBAN;Amount\nA;{IBAN};1,50\n"B;{IBAN};2,50\n' + f"C;{IBAN};3,50\n" * 6_000
    found = refusal(text)
    assert (found.code, found.line) == ("csv.unreadable", 3)


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Cs", "Cn", "Co"]),
    min_size=1,
    max_size=30,
)
PAYMENT = st.tuples(TEXTS, st.integers(1, 10**11), st.dates(date(2000, 1, 1), date(2099, 12, 31)), TEXTS)


@given(
    payments=st.lists(PAYMENT, min_size=1, max_size=8),
    delimiter=st.sampled_from([";", ",", "\t", "|"]),
    decimal=st.sampled_from(",."),
    grouped=st.booleans(),
)
def test_a_list_reads_back_as_it_was_written(
    payments: list[tuple[str, int, date, str]], delimiter: str, decimal: str, grouped: bool
) -> None:
    """Whatever stands in the cells; two decimals and ISO dates leave nothing to ask."""
    import csv

    out = io.StringIO()
    written = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    written.writerow(["Beneficiary", "IBAN", "Amount", "Currency", "Date", "Motif"])
    for name, cents, day, motif in payments:
        plain = f"{cents // 100:,}.{cents % 100:02d}" if grouped else f"{cents // 100}.{cents % 100:02d}"
        shown = plain if decimal == "." else plain.translate(str.maketrans(",.", ".,"))
        written.writerow([name, IBAN, shown, "EUR", day.isoformat(), motif])
    rows, said = read(out.getvalue())
    assert {one.code for one in said} <= {"csv.no_debtor_column", "csv.formula"}
    assert [
        (
            row.values["creditor_name"],
            row.values["amount"],
            row.values["requested_execution_date"],
            row.values["remittance"],
        )
        for row in rows
    ] == [(name, f"{cents // 100}.{cents % 100:02d}", day.isoformat(), motif) for name, cents, day, motif in payments]


@given(st.binary(max_size=400))
def test_no_bytes_break_the_check(content: bytes) -> None:
    """Whatever comes, the answer is a report with at least a word or a payment."""
    report = check.check(content)
    assert report.problems or report.facts["payments"]


@given(st.text(max_size=200), st.sampled_from([";", ","]))
def test_no_text_below_a_header_breaks_the_check(text: str, delimiter: str) -> None:
    header = delimiter.join(["Beneficiary", "IBAN", "Amount", "Date"])
    report = check.check(f"{header}\n{text}".encode("utf-8", "surrogatepass"))
    assert report.facts["kind"] == ("binary" if "\0" in text else "csv")


@pytest.mark.django_db
class TestStored:
    @pytest.fixture
    def stage(self) -> people.Stage:
        return people.bank_branch()

    def taken_in(self, stage: people.Stage, text: str) -> PaymentBatch:
        batch = intake.receive(
            content=text.encode(),
            file_name="list.csv",
            entity=stage.entity,
            actor=None,
            channel="file",
            source=stage.source,
        )
        intake.read_batch(batch.pk)
        batch.refresh_from_db()
        return batch

    def test_the_mapping_is_saved_with_the_source(self, stage: people.Stage) -> None:
        text = (
            "Compte à débiter;Bénéficiaire;IBAN;Montant;Date\n"
            f"{people.CUSTOMER_IBAN[:4]} {people.CUSTOMER_IBAN[4:]};A;{IBAN.lower()};10,50;25/11/2026\n"
        )
        batch = self.taken_in(stage, text)
        assert (batch.status, batch.format, batch.taken_count) == ("checking", "csv", 1)
        payment = Payment.objects.get(batch=batch)
        assert (payment.debtor_account, payment.debtor_name, payment.creditor_number, payment.kind) == (
            stage.customer,
            stage.customer.name,
            IBAN,
            "sepa",
        )
        stage.source.refresh_from_db()
        assert stage.source.mapping == {
            "delimiter": ";",
            "quote": '"',
            "encoding": "utf-8-sig",
            "decimal": ",",
            "date": "dmy",
            "columns": {
                "Compte à débiter": "debtor_number",
                "Bénéficiaire": "creditor_name",
                "IBAN": "creditor_number",
                "Montant": "amount",
                "Date": "requested_execution_date",
            },
        }

    def test_what_one_list_proved_answers_for_the_next(self, stage: people.Stage) -> None:
        head = "Name;IBAN;Amount;Date\n"
        assert self.taken_in(stage, f"{head}A;{IBAN};1,5;25/12/2026\n").status == "checking"
        batch = self.taken_in(stage, f"{head}B;{IBAN};1.234;03/04/2026\n")
        payment = Payment.objects.get(batch=batch)
        assert (str(payment.amount), payment.requested_execution_date) == ("1234.00000", date(2026, 4, 3))

    def test_an_open_question_refuses_the_batch_and_its_answer_lets_it_in(self, stage: people.Stage) -> None:
        text = f"Name;IBAN;Amount;Date\nA;{IBAN};1.234;03/04/2026\n"
        assert self.taken_in(stage, text).refusal_code == "csv.decimal_ambiguous"
        actor = people.person(roles.SUPERVISOR, entity=stage.entity)
        mapping.answer(source=stage.source, actor=actor, decimal=",", date="mdy")
        batch = self.taken_in(stage, text)
        assert Payment.objects.get(batch=batch).requested_execution_date == date(2026, 3, 4)
        assert AuditRecord.objects.get(action="source.mapping_changed").actor_id == actor.pk
        assert IntakeProblem.objects.filter(batch=batch, severity="error").count() == 0

    def test_who_may_answer_and_with_what(self, stage: people.Stage) -> None:
        with pytest.raises(Denied):
            mapping.answer(source=stage.source, actor=people.person(entity=stage.entity), decimal=",")
        actor = people.person(roles.SUPERVISOR, entity=stage.entity)
        for wrong in (
            {"decimal": ";"},
            {"date": "ymd"},
            {"columns": {"x": "password"}},
            {"defaults": {"amount": "1"}},
        ):
            with pytest.raises(BusinessError):
                mapping.answer(source=stage.source, actor=actor, **wrong)  # type: ignore[arg-type]
        assert IntakeSource.objects.get(pk=stage.source.pk).mapping == {}
