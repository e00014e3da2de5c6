"""MT940 and MT942: each dialect, each oddity, and what was written comes back."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.statements_made import codes, mt940, read
from transactions.intake.rows import FileRefused
from transactions.statements import mt940_dialects
from transactions.statements.mt940 import Mt940Reader
from transactions.statements.read import AVAILABLE, CLOSING, FORWARD, OPENING, PENDING, ReadDetail, ReadLine


def only(*entries: str, **options: Any) -> ReadLine:
    [found], _said = read(mt940(*entries, **options))
    [line] = found.lines
    return line


def detail(about: str) -> ReadDetail:
    [one] = only(":61:2611241124C1,00NTRFNONREF", f":86:{about}").details
    return one


def wrapped(about: str) -> str:
    return "\r\n".join(f":86:{about}"[at : at + 65] for at in range(0, len(about) + 4, 65))


@pytest.mark.parametrize(
    ("entry", "amount", "credit", "reversal", "code", "reference", "bank"),
    [
        ("2611241124C12,50NTRFREF1//BANK1", "12.50", True, False, "NTRF", "REF1", "BANK1"),
        ("2611241124D12,NMSCNONREF", "12", False, False, "NMSC", "", ""),
        ("2611241124CR0,01NTRFNONREF", "0.01", True, False, "NTRF", "", ""),
        ("2611241124DR5,N068R", "5", False, False, "N068", "R", ""),
        ("2611241124RC7,00NTRFX", "7.00", False, True, "NTRF", "X", ""),
        ("2611241124RD7,00NTRFX", "7.00", True, True, "NTRF", "X", ""),
        ("2611241124RCR7,00NTRFX", "7.00", False, True, "NTRF", "X", ""),
        ("261124C000000001213,28N0440121470966      W.P. Jansen", "1213.28", True, False, "N044", "0121470966", ""),
        ("261124    C8.25NTRFX", "8.25", True, False, "NTRF", "X", ""),
        ("2611241124C50,00 NTRFNONREF//21", "50.00", True, False, "NTRF", "", "21"),
        ("261124D3,03NOV NONREF", "3.03", False, False, "NOV", "", ""),
        ("261124C50,00NCHG", "50.00", True, False, "NCHG", "", ""),
    ],
)  # fmt: skip
def test_an_entry_in_each_of_its_forms(  # noqa: PLR0917  as many as the form has parts
    entry: str, amount: str, credit: bool, reversal: bool, code: str, reference: str, bank: str
) -> None:
    line = only(f":61:{entry}")
    assert (line.amount, line.credit, line.reversal) == (Decimal(amount), credit, reversal)
    assert (line.code, line.customer_reference, line.bank_reference) == (code, reference, bank)
    assert line.value_on == line.booking_on == date(2026, 11, 24)


def test_an_expected_entry_is_pending_and_does_not_move_the_balance() -> None:
    [found], said = read(mt940(":61:2611241124EC5,00NTRFX"))
    assert (found.lines[0].status, codes(said)) == (PENDING, [])


@pytest.mark.parametrize(
    ("days", "value", "booked"),
    [
        ("2612311231", date(2026, 12, 31), date(2026, 12, 31)), ("2612310102", date(2026, 12, 31), date(2027, 1, 2)),
        ("2701021231", date(2027, 1, 2), date(2026, 12, 31)), ("2402280229", date(2024, 2, 28), date(2024, 2, 29)),
        ("9912310101", date(1999, 12, 31), date(2000, 1, 1)), ("261124", date(2026, 11, 24), date(2026, 11, 24)),
    ],
)  # fmt: skip
def test_the_day_of_booking_has_the_year_that_is_nearest(days: str, value: date, booked: date) -> None:
    line = only(f":61:{days}C1,00NTRFX")
    assert (line.value_on, line.booking_on) == (value, booked)


def test_days_that_no_calendar_has_are_said_and_the_entry_is_kept() -> None:
    [found], said = read(mt940(":61:2602300301C1,00NTRFX", ":61:2613411124D1,00NTRFY"))
    first, second = found.lines
    assert (first.value_on, first.booking_on) == (date(2026, 2, 28), date(2026, 3, 1))
    assert (second.value_on, second.booking_on) == (None, date(2026, 11, 24))
    assert [(one.code, one.position, one.line, one.value) for one in said] == [
        ("statement.date_bad", 1, 5, "260230"), ("statement.date_bad", 2, 6, "261341"),
    ]  # fmt: skip


GERMAN = (
    "166?00SEPA GUTSCHRIFT?109310"
    "?20EREF+E2E-000000004711-00221 ?21KREF+K-999 MREF+MANDAT-77 C?22RED+DE98ZZZ09999999999 SVWZ"
    "?23+Rechnung 4711 ABWA+Muster K?24G?30COBADEFFXXX?31DE89370400440532013000?32Handelsgesellschaft Nr. 001?33GmbH"
    "?34914"
)


def test_german_fields_with_sepa_keys_broken_over_fields_and_lines() -> None:
    for about in (GERMAN, GERMAN.replace("?", "~"), wrapped(GERMAN)[4:]):
        one = detail(about)
        assert (one.end_to_end_id, one.instruction_id, one.mandate_id) == (
            "E2E-000000004711-00221",
            "K-999",
            "MANDAT-77",
        )
        assert (one.creditor_id, one.remittance) == ("DE98ZZZ09999999999", "Rechnung 4711")
        assert (one.counterparty_number, one.counterparty_bic) == ("DE89370400440532013000", "COBADEFFXXX")
        assert one.counterparty_name == "Handelsgesellschaft Nr. 001GmbH"


def test_german_fields_without_keys_are_one_text() -> None:
    one = detail("051?00UEBERWEISUNG?100599?20Gehalt Oktober?21Firma Muster?3050060400?310847564700?32MUELLER?33KG")
    assert (one.remittance, one.counterparty_name) == ("Gehalt Oktober Firma Muster", "MUELLER KG")
    assert (one.counterparty_number, one.counterparty_bic) == ("0847564700", "50060400")


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (  # ABN AMRO
            "/TRTP/SEPA OVERBOEKING/IBAN/NL75INGB0001234567/BIC/INGBNL2A/NAME/HR K JANSEN/REMI/RES.NR 00042"
            "/EREF/NOTPROVIDED",
            {"counterparty_number": "NL75INGB0001234567", "counterparty_bic": "INGBNL2A",
             "counterparty_name": "HR K JANSEN", "remittance": "RES.NR 00042", "end_to_end_id": ""},
        ),
        (  # Rabobank
            "/EREF/02-04-2013 22:56 112/BENM//NAME/Nespresso B.V./REMI/674725433 1120/ISDT/2013-04-03",
            {"end_to_end_id": "02-04-2013 22:56 112", "counterparty_name": "Nespresso B.V.",
             "remittance": "674725433 1120"},
        ),
        (  # ING
            "/EREF/E-77//MARF/M-1//CSID/NL32ZZZ999999991234//CNTP/NL02ABNA0123456789/ABNANL2A/ING Testrekening/"
            "Amsterdam///REMI/USTD//EV10001REP1000000T1000/",
            {"end_to_end_id": "E-77", "mandate_id": "M-1", "creditor_id": "NL32ZZZ999999991234",
             "counterparty_number": "NL02ABNA0123456789", "counterparty_bic": "ABNANL2A",
             "counterparty_name": "ING Testrekening", "remittance": "EV10001REP1000000T1000"},
        ),
        (  # a structured reference, a return
            "/RTRN/MS03//EREF/E1//REMI/STRD/CUR/9001100000001234/",
            {"return_code": "MS03", "creditor_reference": "9001100000001234", "end_to_end_id": "E1"},
        ),
        (  # mBank
            "911 TRANSAKCJA COLLECT; ID IPH: XX01; Z RACH.: 56114010810000267002001001; OD: JAN NOWAK  UL. NIJAKA 1; "
            "TYT.: PRZELEW SRODKOW   ; TNR: 179171073864111.010001",
            {"counterparty_number": "56114010810000267002001001", "counterparty_name": "JAN NOWAK UL. NIJAKA 1",
             "remittance": "PRZELEW SRODKOW", "bank_reference": "179171073864111.010001"},
        ),
        ("EREF+E9 SVWZ+Miete", {"end_to_end_id": "E9", "remittance": "Miete"}),
        ("GIRO   428428 KPN BV", {"remittance": "GIRO 428428 KPN BV", "counterparty_name": ""}),
        ("999PN5477SCHECK-NR. 1", {"remittance": "999PN5477SCHECK-NR. 1"}),
    ],
)  # fmt: skip
def test_what_each_dialect_says(about: str, expected: dict[str, str]) -> None:
    for text in (about, wrapped(about)[4:]) if about.startswith("/") else (about,):
        one = detail(text)
        assert {name: getattr(one, name) for name in expected} == expected


def test_original_amount_and_charges_behind_the_entry() -> None:
    line = only(":61:2611241124D12,35NRTIX//B1\r\n/OCMT/USD11,85//CHGS/EUR0,50/", ":86:109?00RETOURE?20SVWZ+AC04 KONTO")
    [one] = line.details
    assert (one.original_amount, one.original_currency, one.charges) == (Decimal("11.85"), "USD", Decimal("0.50"))
    assert (one.return_code, one.charges_currency) == ("AC04", "EUR")


def test_balances_of_every_kind_and_the_pages_of_a_statement() -> None:
    content = mt940(":61:2611241124D1,00NTRFX", opening="D261123EUR5,5", closing=None).replace(":60F:", ":60M:")
    content = content.replace(
        "\r\n-\r\n", "\r\n:62M:D261124EUR6,5\r\n:64:C261124EUR1,\r\n:65:CnullEUR2,00\r\n:86:Note\r\n-\r\n"
    )
    [found], said = read(content)
    assert [(one.kind, one.code, one.amount) for one in found.balances] == [
        (OPENING, "60M", Decimal("-5.5")), (CLOSING, "62M", Decimal("-6.5")), (AVAILABLE, "64", Decimal("1")),
        (FORWARD, "65", Decimal("2.00")),
    ]  # fmt: skip
    assert (found.last_page, found.information, codes(said)) == (False, "Note", [])
    assert (found.from_on, found.to_on) == (date(2026, 11, 23), date(2026, 11, 24))


@pytest.mark.parametrize(
    ("account", "number"),
    [
        ("NL91ABNA0417164300EUR", "NL91ABNA0417164300"), ("NL91ABNA0417164300", "NL91ABNA0417164300"),
        ("NL91 ABNA 0417 1643 00 EUR", "NL91ABNA0417164300"), ("1291.99.348EUR", "1291.99.348"),
        ("37040044/0532013000", "37040044/0532013000"), ("0123456789", "0123456789"),
    ],
)  # fmt: skip
def test_the_account_is_read_without_its_currency(account: str, number: str) -> None:
    [found], _said = read(mt940(account=account))
    assert found.number == number


def test_an_interim_report_has_a_moment_and_totals() -> None:
    content = (
        ":20:CGN\n:25:GJB0291077111\n:28C:03917/00001\n:34F:EURD0,00\n:34F:EURC0,00\n:13D:1610301730+0100\n"
        ":61:1610301031D0,42NTRFX\n:90D:1EUR2,30\n:90C:0EUR0,00\n-\n"
    )
    [found], said = read(content)
    assert (found.kind, found.currency, found.created_at.isoformat()) == (  # type: ignore[union-attr]
        "mt942", "EUR", "2016-10-30T16:30:00+00:00",
    )  # fmt: skip
    assert [(one.code, one.params["declared"], one.params["counted"]) for one in said] == [
        ("statement.declared_debit_sum", "2.30", "0.42"),
    ]  # fmt: skip


def test_envelopes_prefixes_and_line_ends_change_nothing() -> None:
    plain = mt940(":61:2611241124C1,00NTRFX", ":86:Text", closing="C261124EUR1001,00")
    swift = f"{{1:F01COBADEFFAXXX0000000000}}{{2:I940COBADEFFXXXXN}}{{3:}}{{4:\r\n{plain[:-3]}-}}{{5:}}\r\n"
    abn = f"ABNANL2A\r\n940\r\nABNANL2A\r\n{plain}"
    expected = read(plain)[0][0]
    for content in (
        swift,
        abn,
        plain.replace("\r\n", "\n"),
        plain.replace("\r\n", "\r"),
        f"\x01\r\n{plain}",
        f":940:\r\n{plain}",
    ):
        [found], said = read(content)
        assert codes(said) == []
        assert ([(line.amount, line.information) for line in found.lines], found.balances) == (
            [(line.amount, line.information) for line in expected.lines], expected.balances,
        )  # fmt: skip
    assert read(swift)[0][0].bic == "COBADEFF"


def test_two_messages_in_envelopes_are_two_statements() -> None:
    envelope = "{{1:F01{bic}AXXX0000000000}}{{2:I940XXXXXXXXXXXXN}}{{4:\r\n{text}-}}{{5:}}"
    content = "".join(
        envelope.format(bic=bic, text=mt940(sequence=f"{n}/1")[:-3]) for n, bic in ((1, "AAAADEFF"), (2, "BBBBDEFF"))
    )
    found, said = read(content)
    assert [(one.sequence, one.bic) for one in found] == [("1", "AAAADEFF"), ("2", "BBBBDEFF")]
    assert codes(said) == ["statement.overlap"]


def test_lines_that_begin_with_a_colon_go_on_and_several_texts_are_one() -> None:
    line = only(":61:2611241124C1,00NTRFX", ":86:one\r\n:08 two\r\n:KO:three", ":86:four")
    assert line.information == "one\n:08 two\n:KO:three\nfour"


def test_bad_entries_are_named_with_their_line_and_the_rest_is_kept() -> None:
    [found], said = read(mt940(":61:2611241124C1,00NTRFX", ":61:rubbish", ":86:x", f":61:2611241124C{'9' * 14},00NTRFX",
                               ":61:2611241124C2,00NTRFY", closing="C261124EUR1003,00"))  # fmt: skip
    assert [(line.place, line.amount) for line in found.lines] == [(1, Decimal("1.00")), (4, Decimal("2.00"))]
    assert found.broken == 2
    assert [(one.code, one.position, one.line, one.severity) for one in said] == [
        ("statement.entry_bad", 2, 6, "error"), ("statement.amount_bad", 3, 8, "error"),
    ]  # fmt: skip


def test_fragments_are_read_as_far_as_they_go() -> None:
    [found], said = read(":61:2611241124C50,00NTRFNONREF\n-\n")
    assert (found.lines[0].amount, found.number) == (Decimal("50.00"), "")
    assert {*codes(said)} == {"statement.balances_missing", "statement.account_missing"}
    [after], said = read(mt940() + ":61:2611241124C50,00NTRFNONREF\n")
    assert (len(after.lines), "statement.entry_after_end" in codes(said)) == (1, True)


def test_windows_letters_are_read_and_a_field_without_end_is_refused() -> None:
    content = mt940(":61:2611241124C0,00NTRFX", ":86:Müller \x81").encode("latin-1")
    [found], said = read(content)
    assert found.lines[0].details[0].remittance == "Müller \x81"
    assert codes(said) == ["statement.encoding_guessed"]
    with pytest.raises(FileRefused) as refused:
        list(Mt940Reader(io.BytesIO(mt940(":61:x", ":86:" + "a" * 300_000).encode()), lambda _one: None).statements())
    assert refused.value.code == "statement.field_too_long"


WORD = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789./-:() ", min_size=1, max_size=40).filter(
    lambda text: text.strip() == text and not text.startswith((":", "-"))
)


@given(st.lists(st.tuples(
    st.decimals("0.01", "9999999999999.99", places=2), st.sampled_from(["C", "D", "RC", "RD"]),
    st.dates(date(1980, 1, 1), date(2079, 12, 31)), st.integers(-180, 180), WORD,
), max_size=8))  # fmt: skip
def test_what_was_written_is_read(rows: list[tuple[Decimal, str, date, int, str]]) -> None:
    from datetime import timedelta

    entries, expected, balance = [], [], Decimal(0)
    for amount, mark, day, shift, word in rows:
        booked = day + timedelta(days=shift)
        entries += [f":61:{day:%y%m%d}{booked:%m%d}{mark}{str(amount).replace('.', ',')}NTRFNONREF", f":86:{word}"]
        credit = mark in {"C", "RD"}
        balance += amount if credit else -amount
        expected.append((amount, credit, mark[0] == "R", day, booked, word))
    closing = f"{'D' if balance < 0 else 'C'}261124EUR{str(abs(balance)).replace('.', ',')}"
    if abs(balance) >= 10**13:
        return
    [found], said = read(mt940(*entries, opening="C261123EUR0,00", closing=closing))
    assert {*codes(said)} <= {"statement.line_twice"}
    told = [
        (one.amount, one.credit, one.reversal, one.value_on, one.booking_on, one.information) for one in found.lines
    ]
    assert told == expected


FIELD = st.text("ABCDEFGHIJ klmnop0123456789+-:./", max_size=30)


@given(st.lists(st.tuples(st.sampled_from(
    ["00", "10", "20", "21", "22", "23", "30", "31", "32", "33", "34", "60"]), FIELD), max_size=9),
    st.booleans(), st.sampled_from(["", "EREF+", "SVWZ+"]))  # fmt: skip
def test_the_quick_reading_of_german_fields_says_what_the_slow_one_says(
    fields: list[tuple[str, str]], full: bool, key: str
) -> None:
    text = "166" + "".join(
        f"?{number}{(key + value).ljust(27, 'x')[:27] if full and number.startswith('2') else value}"
        for number, value in sorted(fields)
    )  # fmt: skip
    found = mt940_dialects.usual(text)
    if found is None:
        return
    quick = mt940_dialects.Usual(*found)._asdict()
    slow = mt940_dialects.told(text)
    assert {**quick, "kind": ""} == {name: slow.get(name, "") for name in quick}


@given(st.lists(st.tuples(
    st.decimals("0.01", "9999999999999.99", places=2), st.sampled_from(["C", "D", "RC", "RD", "CR", "DR"]),
    st.sampled_from(["NONREF", "REF1", "KREF+", "A B", ""]),
    st.sampled_from(["", "//B1", "//NONREF", "//X\r\n/OCMT/USD1,00/"]),
    st.sampled_from(["EREF+E1 SVWZ+Text", "SVWZ+Text", "Text", "EREF+NOTPROVIDED SVWZ+x", "EREF+1 ABWA+Y"]),
    st.sampled_from(["GUTSCHRIFT", "RETOURE"]),
), max_size=6))  # fmt: skip
def test_an_entry_in_the_usual_form_is_read_as_any_other(rows: list[tuple[Decimal, str, str, str, str, str]]) -> None:
    """The same entries, once with a field that is not as usual and says nothing."""
    entries = [
        [f":61:2611241125{mark}{str(amount).replace('.', ',')}NTRF{reference}{bank}",
         f":86:166?00{kind}?109310?20{purpose}?30COBADEFFXXX?31DE89370400440532013000?32Name"]
        for amount, mark, reference, bank, purpose, kind in rows
    ]  # fmt: skip
    usual = mt940(*(line for entry in entries for line in entry))
    [found], _said = read(usual)
    [other], _said = read(usual.replace("?32Name", "?35?32Name"))
    for one, same in zip(found.lines, other.lines, strict=True):
        assert one.information.replace("?32Name", "?35?32Name") == same.information
        one.information = same.information
        assert one == same
    assert len(found.lines) == len(rows)
