"""manage.py check_file of statements, and what does not add up in them. No database is touched."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.statements_made import OTHER, OWN, balance, camt, codes, entry, mt940, read, statement
from transactions.statements.speech import MOST_OF_ONE


def run(path: Path, *options: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("check_file", str(path), *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def report(path: Path) -> tuple[dict[str, Any], int]:
    text, code = run(path, "--json")
    return json.loads(text), code


def day(number: int, opening: str, closing: str, *entries: str, own: str = OWN) -> str:
    """A statement of a day of November."""
    on = f"2026-11-{number:02d}"
    period = f"<FrToDt><FrDtTm>{on}T00:00:00</FrDtTm><ToDtTm>{on}T23:59:59</ToDtTm></FrToDt>"
    made = statement(balance("OPBD", opening, on=on), balance("CLBD", closing, on=on), *entries,
                     identification=f"S{number}", sequence=str(number), number=own)  # fmt: skip
    return made.replace("<Acct>", f"{period}<Acct>", 1)


def test_facts_of_a_statement_as_json_and_in_words(tmp_path: Path) -> None:
    path = tmp_path / "statement.xml"
    path.write_text(camt(day(24, "100.00", "112.50", entry())))
    facts, code = report(path)
    assert code == 0
    names = {"kind", "statements", "entries", "opening", "closing", "currency", "balances", "balance_types", "errors",
             "tx_details", "message_id"}  # fmt: skip
    assert {name: facts[name] for name in names} == {
        "kind": "camt053", "statements": 1, "entries": 1, "opening": "100.00", "closing": "112.50", "currency": "EUR",
        "balances": True, "balance_types": ["CLBD", "OPBD"], "tx_details": 1, "message_id": "M1", "errors": [],
    }  # fmt: skip
    words, _code = run(path)
    assert "Statements: 1; entries: 1\n" in words
    assert "1. EUR: opening balance 100.00, credits 12.50, debits 0.00, closing balance 112.50\n" in words
    assert words.endswith("Nothing to say.\n")
    french, _code = run(path, "--language", "fr")
    assert "Relevés\xa0: 1\u202f; écritures\xa0: 1\n" in french
    assert "solde initial 100,00, crédits 12,50, débits 0,00, solde final 112,50\n" in french


def test_a_schema_that_is_not_kept_is_said_with_its_line_and_the_statement_is_read(tmp_path: Path) -> None:
    path = tmp_path / "statement.xml"
    path.write_text(camt(day(24, "0.00", "12.50", entry().replace("<BkTxCd>", "\n<Unknown/><BkTxCd>"))))
    facts, code = report(path)
    assert (facts["xsd"], facts["xsd_valid"], facts["entries"], facts["balances"]) == (
        "camt.053.001.08.xsd", False, 1, True,
    )  # fmt: skip
    assert [(one["code"], one["line"], one["field"], one["severity"]) for one in facts["errors"]] == [
        ("schema.unexpected", 2, "Unknown", "warning"),
    ]  # fmt: skip
    assert code == 1


def test_a_statement_that_does_not_add_up_is_an_error_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "statement.sta"
    path.write_text(mt940(":61:2611241124C12,50NTRFX", closing="C261124EUR1013,50"))
    facts, code = report(path)
    assert (code, facts["balances"], facts["kind"]) == (1, False, "mt940")
    [error] = facts["errors"]
    assert (error["code"], error["severity"], error["path"], error["line"]) == (
        "statement.unbalanced", "error", "statement[1]", 1,
    )  # fmt: skip
    assert error["message"] == (
        "Opening balance 1,000.00\xa0EUR and movements of 12.50\xa0EUR make 1,012.50\xa0EUR; the closing balance is "
        "1,013.50\xa0EUR. The difference is 1.00\xa0EUR."
    )
    assert "L’écart est de 1,00\xa0EUR." in run(path, "--language", "fr")[0]


@pytest.mark.parametrize(
    ("statements", "code"),
    [
        ((day(23, "0.00", "1.00", entry("1.00")), day(24, "2.00", "2.00")), "statement.gap_in_balance"),
        ((day(23, "0.00", "0.00"), day(25, "0.00", "0.00")), "statement.gap_in_numbers"),
        ((day(24, "0.00", "0.00"), day(23, "0.00", "0.00")), "statement.overlap"),
        ((day(24, "0.00", "0.00"), day(24, "0.00", "0.00")), "statement.twice"),
        ((day(24, "0.00", "2.00", entry("1.00", reference="A"), entry("1.00", reference="A")),),
         "statement.line_twice"),
        ((day(24, "0.00", "2.00", entry("1.00"), entry("1.00", currency="USD")),), "statement.currencies_mixed"),
        ((statement(entry()),), "statement.balances_missing"),
        ((statement(balance("OPBD", "1.00")),), "statement.closing_missing"),
        ((statement(balance("CLBD", "1.00")),), "statement.opening_missing"),
        ((statement(balance("OPBD", "x"), balance("CLBD", "1.00")),), "statement.balance_bad"),
        ((day(24, "0.00", "1.00", entry("1.00"), entry("1,0,0")),), "statement.amount_bad"),
    ],
)  # fmt: skip
def test_each_thing_that_is_odd_has_its_code(statements: tuple[str, ...], code: str) -> None:
    _found, said = read(camt(*statements))
    assert code in codes(said)


def test_what_follows_on_each_other_is_fine_for_each_account_alone() -> None:
    both = [day(23, "0.00", "1.00", entry("1.00", booked="2026-11-23")), day(7, "5.00", "5.00", own=OTHER),
            day(24, "1.00", "3.00", entry("2.00")), day(8, "5.00", "5.00", own=OTHER)]  # fmt: skip
    assert codes(read(camt(*both))[1]) == []


def test_statements_of_a_running_day_need_no_balances_and_do_not_follow() -> None:
    content = mt940(":61:2611241124C1,00NTRFX", closing=None).replace(":60F:C261123EUR1000,00", ":34F:EURD0,00")
    assert codes(read(content)[1]) == []


def test_no_balance_is_reckoned_with_an_entry_that_could_not_be_read() -> None:
    _found, said = read(camt(day(24, "0.00", "5.00", entry("5..00"))))
    unread = next(one for one in said if one.code == "statement.unbalanced_unread")
    assert (unread.params["unread"], unread.params["difference"]) == (1, "5.00")


def test_a_file_of_many_slips_is_told_in_hundreds() -> None:
    _found, said = read(mt940(*[":61:bad"] * 5_000))
    assert codes(said).count("statement.entry_bad") == MOST_OF_ONE
    assert codes(said).count("statement.and_more") == 1


def test_a_file_of_nothing_says_so(tmp_path: Path) -> None:
    path = tmp_path / "statement.sta"
    path.write_text("1\n2\n3\n")
    facts, code = report(path)
    assert (code, facts["kind"], facts["statements"], [one["code"] for one in facts["errors"]]) == (
        1, "mt940", 0, ["statement.no_statement"],
    )  # fmt: skip
