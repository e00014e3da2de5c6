"""camt.052, camt.053 and camt.054: what each element means, in every version, walked and by its shape."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.statements_made import OTHER, OWN, SPACE, balance, camt, codes, entry, read, statement
from transactions.intake import check
from transactions.intake.rows import FileRefused
from transactions.statements.camt import CamtReader
from transactions.statements.read import BOOKED, CLOSING, INFORMATION, OPENING, PENDING

PARTIES = (
    f"<RltdPties><Dbtr>{{0}}</Dbtr><DbtrAcct><Id><IBAN>{OTHER}</IBAN></Id></DbtrAcct>"
    f"<Cdtr>{{1}}</Cdtr><CdtrAcct><Id><IBAN>{OWN}</IBAN></Id></CdtrAcct></RltdPties>"
)


@pytest.mark.parametrize("version", ["02", "04", "08", "13", "99"])
def test_versions_differ_in_places_and_not_in_what_is_read(version: str) -> None:
    late = version not in {"02", "04"}
    names = ("<Pty><Nm>Payer</Nm></Pty>", "<Pty><Nm>Us</Nm></Pty>") if late else ("<Nm>Payer</Nm>", "<Nm>Us</Nm>")
    bic = "BICFI" if late else "BIC"
    details = (
        f"<TxDtls><Refs><EndToEndId>E1</EndToEndId><MndtId>M7</MndtId></Refs>{PARTIES.format(*names)}"
        f"<RltdAgts><DbtrAgt><FinInstnId><{bic}>COBADEFF</{bic}></FinInstnId></DbtrAgt></RltdAgts>"
        "<RmtInf><Ustrd>Invoice 7</Ustrd><Ustrd>of May</Ustrd></RmtInf></TxDtls>"
    )
    one = entry(details=details)
    if not late:
        one = one.replace("<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>")
    content = camt(
        statement(balance("OPBD", "100.00"), balance("CLBD", "112.50"), one),
        space=SPACE.replace("001.08", f"001.{version}"),
    )
    [found], said = read(content)
    assert codes(said) == []
    [line] = found.lines
    [detail] = line.details
    assert (found.number, found.sequence, found.kind) == (OWN, "1", "camt053")
    assert (line.amount, line.credit, line.status, line.booking_on) == (
        Decimal("12.50"),
        True,
        BOOKED,
        date(2026, 11, 24),
    )
    assert (detail.end_to_end_id, detail.mandate_id, detail.amount) == ("E1", "M7", Decimal("12.50"))
    assert (detail.counterparty_name, detail.counterparty_number) == ("Payer", OTHER)
    assert (detail.counterparty_bic, detail.remittance) == ("COBADEFF", "Invoice 7 of May")
    facts = check.check(content.encode()).facts
    assert ("statement.version_unknown" in codes(check.check(content.encode()).problems)) == (version == "99")
    assert facts["balances"] is True


@pytest.mark.parametrize(
    ("kind", "inner", "expected"),
    [("BkToCstmrAcctRpt", "Rpt", "camt052"), ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt054")],
)
def test_reports_and_notifications_are_read_alike(kind: str, inner: str, expected: str) -> None:
    number = {"camt052": "052", "camt054": "054"}[expected]
    content = camt(statement(entry()), kind=kind, space=SPACE.replace("053", number))
    [found], said = read(content.replace("<Stmt>", f"<{inner}>").replace("</Stmt>", f"</{inner}>"))
    assert (found.kind, len(found.lines), codes(said)) == (expected, 1, [])


def test_a_prefix_an_envelope_and_a_national_namespace_change_nothing() -> None:
    plain = camt(statement(entry(), entry("3.00", "DBIT")))
    prefixed = plain.replace("</", "\0").replace("<", "<n:").replace("\0", "</n:").replace("<n:?xml", "<?xml")
    prefixed = prefixed.replace("xmlns=", "xmlns:n=")
    wrapped = plain.replace("<Document", '<e:Envelope xmlns:e="urn:e"><e:Body><Document', 1) + "</e:Body></e:Envelope>"
    national = plain.replace(SPACE, f"{SPACE}.ch.02")
    expected = read(plain)[0]
    for content in (prefixed, wrapped, national):
        assert read(content)[0] == expected


def test_an_entry_taken_back_keeps_the_side_that_the_bank_says() -> None:
    [found], _said = read(camt(statement(entry(side="DBIT", inside="<RvslInd>true</RvslInd>", details=(
        f"<TxDtls>{PARTIES.format('<Nm>Payer</Nm>', '<Nm>Us</Nm>')}<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>"
    )))))  # fmt: skip
    [line] = found.lines
    assert (line.credit, line.reversal, line.details[0].return_code) == (False, True, "AC04")
    assert line.details[0].counterparty_name == "Payer"


def test_a_batch_has_its_payments_and_a_sum_that_is_wrong_makes_it_one() -> None:
    def part(amount: str, name: str) -> str:
        return (
            f'<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs><Amt Ccy="EUR">{amount}</Amt>'
            "<CdtDbtInd>DBIT</CdtDbtInd></TxDtls>"
        )

    batch = "<Btch><PmtInfId>P1</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>"
    right = entry("10.00", "DBIT", details=batch + part("4.00", "A") + part("6.00", "B"))
    wrong = entry("10.00", "DBIT", booked="2026-11-23", details=part("4.00", "C") + part("7.00", "D"))
    [found], said = read(camt(statement(right, wrong)))
    assert [one.amount for one in found.lines[0].details] == [Decimal("4.00"), Decimal("6.00")]
    assert (found.lines[0].batch_count, found.lines[0].details[1].end_to_end_id) == (2, "B")
    assert [one.amount for one in found.lines[1].details] == [None, None]
    [sum_said] = [one for one in said if one.code == "statement.details_sum"]
    assert (sum_said.position, sum_said.params["sum"], sum_said.severity) == (2, "11.00", "warning")


def test_foreign_amount_rate_and_charges_are_kept_beside_the_amount_of_the_account() -> None:
    details = (
        '<TxDtls><AmtDtls><InstdAmt><Amt Ccy="USD">11.00</Amt></InstdAmt><TxAmt><Amt Ccy="EUR">10.00</Amt><CcyXchg>'
        '<XchgRate>1.1</XchgRate></CcyXchg></TxAmt></AmtDtls><Chrgs><Rcrd><Amt Ccy="EUR">0.50</Amt></Rcrd></Chrgs>'
        "<RmtInf><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd><Strd><CdtrRefInf><Ref>RF2</Ref>"
        "</CdtrRefInf></Strd></RmtInf></TxDtls>"
    )
    [found], _said = read(camt(statement(entry("10.00", details=details))))
    [detail] = found.lines[0].details
    assert (detail.amount, detail.original_amount, detail.original_currency) == (
        Decimal("10.00"),
        Decimal("11.00"),
        "USD",
    )
    assert (detail.exchange_rate, detail.charges, detail.charges_currency) == (Decimal("1.1"), Decimal("0.50"), "EUR")
    assert (detail.creditor_reference, detail.remittance) == ("RF18539007547034", "RF2")


@pytest.mark.parametrize(
    ("one", "code", "line_kept"),
    [
        (entry("12..34"), "statement.amount_bad", False), (entry("1,50"), "statement.amount_bad", False),
        (entry("-5.00"), "statement.amount_bad", False),
        (entry("1e3"), "statement.amount_bad", False), (entry("NaN"), "statement.amount_bad", False),
        (entry("1" * 14), "statement.amount_bad", False), (entry("0.1234567"), "statement.amount_bad", False),
        (entry(side="BOTH"), "statement.side_missing", False),
        (entry(booked="2026-02-30"), "statement.date_bad", True),
        (entry(status="WHAT"), "statement.status_unknown", True),
    ],
)  # fmt: skip
def test_a_bad_entry_is_named_and_the_rest_is_kept(one: str, code: str, line_kept: bool) -> None:
    content = camt(statement(entry("1.00"), one, entry("2.00"))).replace("<Ntry>", "\n<Ntry>")
    [found], said = read(content)
    problem = next(one for one in said if one.code == code)
    assert (problem.position, problem.line, problem.path) == (2, 3, "statement[1]/entry[2]")
    assert problem.severity == ("warning" if line_kept else "error")
    assert [line.place for line in found.lines] == ([1, 2, 3] if line_kept else [1, 3])
    assert found.broken == (0 if line_kept else 1)


def test_only_what_is_booked_counts_for_the_balance() -> None:
    pending = entry("5.00", status="PDNG")
    [found], said = read(camt(statement(balance("PRCD", "10.00"), balance("CLBD", "22.50"), entry(), pending)))
    assert codes(said) == []
    assert [line.status for line in found.lines] == [BOOKED, PENDING]
    assert found.balance(OPENING).code == "PRCD"  # type: ignore[union-attr]
    [both], _said = read(camt(statement(balance("PRCD", "1.00"), balance("OPBD", "2.00"), balance("CLBD", "2.00"))))
    assert [(one.kind, one.code) for one in both.balances] == [
        (INFORMATION, "PRCD"), (OPENING, "OPBD"), (CLOSING, "CLBD"),
    ]  # fmt: skip


def test_totals_that_the_bank_declares_are_compared() -> None:
    totals = (
        "<TxsSummry><TtlNtries><NbOfNtries>3</NbOfNtries></TtlNtries><TtlCdtNtries><NbOfNtries>1</NbOfNtries>"
        "<Sum>12.50</Sum></TtlCdtNtries><TtlDbtNtries><Sum>9.99</Sum></TtlDbtNtries></TxsSummry>"
    )
    _found, said = read(camt(statement(totals, entry(), entry("2.00", "DBIT"))))
    told = {one.code: (one.params["declared"], one.params["counted"]) for one in said if "declared" in one.code}
    assert told == {
        "statement.declared_entries": ("3", "2"), "statement.declared_debit_sum": ("9.99", "2.00"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (camt(statement(entry())).replace("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>', 1), "xml.doctype"),
        (camt(statement(entry()))[:-40], "xml.breaks_off"),
        (camt(statement(entry())).replace("</Ntry>", "</Ntri>"), "xml.tags_crossed"),
        (camt(statement(entry(reference="x" * 200_000))), "xml.element_too_large"),
        (camt(statement("<a>" * 2000)), "xml.limits"),
    ],
)
def test_hostile_and_broken_files_are_refused_with_a_code(content: str, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(content)
    assert refused.value.code == code


def test_a_file_that_is_no_utf8_although_it_says_so_is_read_and_that_is_said() -> None:
    content = camt(statement(entry(reference="Müller"))).encode("cp1252")
    [found], said = read(content)
    assert found.lines[0].details[0].end_to_end_id == "Müller"
    assert codes(said)[0] == "statement.encoding_guessed"
    for encoding in ("utf-16", "iso-8859-1", "utf-8-sig"):
        declared = camt(statement(entry(reference="Müller"))).replace('"UTF-8"', f'"{encoding.removesuffix("-sig")}"')
        [same], said = read(declared.encode(encoding))
        assert (same.lines, "statement.encoding_guessed" in codes(said)) == (found.lines, False)


def test_a_comment_hides_what_looks_like_an_entry() -> None:
    hidden = f"<!-- {entry('99.00')} --><SplmtryData><Envlp>{entry('98.00')}</Envlp></SplmtryData>"
    [found], _said = read(camt(statement(entry(), entry(), hidden, entry("7.00"))))
    assert [line.amount for line in found.lines] == [Decimal("12.50"), Decimal("12.50"), Decimal("7.00")]
    [inner], _said = read(camt(statement(entry(), entry(), hidden.partition("-->")[2], entry("7.00"))))
    assert [line.amount for line in inner.lines] == [Decimal("12.50"), Decimal("12.50"), Decimal("7.00")]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=20)


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(
    st.lists(st.tuples(
        st.decimals("0.01", "9999999999.99", places=2), st.booleans(), st.dates(date(2000, 1, 1), date(2079, 12, 31)),
        TEXT, st.booleans(),
    ), max_size=12)
)  # fmt: skip
def test_what_was_written_is_read(rows: list[tuple[Decimal, bool, date, str, bool]]) -> None:
    """Amounts, sides, dates and texts come back as they were written, by a shape or walked."""
    entries = [
        entry(str(amount), "CRDT" if credit else "DBIT", booked=day.isoformat(), reference=escaped(text),
              inside="<RvslInd>false</RvslInd>" if other else "")
        for amount, credit, day, text, other in rows
    ]  # fmt: skip
    moved = sum((amount if credit else -amount for amount, credit, *_rest in rows), Decimal(0))
    closing = balance("CLBD", str(abs(moved)), "DBIT" if moved < 0 else "CRDT")
    [found], said = read(camt(statement(balance("OPBD", "0.00"), closing, *entries)))
    assert {*codes(said)} <= {"statement.line_twice"}
    read_back = [(one.amount, one.credit, one.booking_on, one.details[0].end_to_end_id) for one in found.lines]
    absent = {"NOTPROVIDED", "NONREF", "NONE"}
    assert read_back == [
        (amount, credit, day, "" if text.strip() in absent else text.strip()) for amount, credit, day, text, _o in rows
    ]  # fmt: skip


def test_a_long_statement_comes_in_pieces_and_is_the_same() -> None:
    content = camt(
        statement(balance("OPBD", "0.00"), balance("CLBD", "9.00"), *(entry(f"{n}.00") for n in range(4_500)))
    )
    reader = CamtReader(io.BytesIO(content.encode()), lambda _said: None)
    pieces = list(reader.statements())
    assert [(len(piece.lines), piece.continues) for piece in pieces] == [(2000, True), (2000, True), (500, False)]
    [whole], _said = read(content)
    assert whole == replace(pieces[-1], lines=tuple(line for piece in pieces for line in piece.lines))
    assert [line.place for line in whole.lines] == list(range(1, 4_501))
