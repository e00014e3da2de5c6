"""Every real statement through check_file: what is told is what is expected."""

import json
from decimal import Decimal
from typing import Any

import pytest

from conftest import SHARED
from transactions.intake import check

FOLDERS = ("camt053", "camt054", "mt940", "cfonb120", "ofx", "bank_csv")
KEYS = (
    "kind", "statements", "entries", "opening", "closing", "sum_credit", "sum_debit", "currency", "balances",
    "per_statement", "balance_types", "tx_details", "namespace", "xsd", "xsd_valid", "columns", "data_rows",
    "separator", "detail_records", "investment_statements", "format",
)  # fmt: skip

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the real files of ../shared/data are not here")


def expected() -> dict[str, dict[str, Any]]:
    if not (SHARED / "expected.json").exists():
        return {}
    files = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))["files"]
    return {name: facts for name, facts in files.items() if name.split("/")[0] in FOLDERS}


# What is said otherwise, and why: all of them are marked as uncertain there.
DIFFERENCES: dict[str, dict[str, Any]] = {
    # The amount that is missing stands in a comment: nothing of a comment is taken in.
    "ofx/oca-test_ofx_wrong.ofx": {"sum_debit": "270.00"},
    # The titles stand on the fifth line, below what is said of the account.
    "bank_csv/oca-meta_data_separated_credit_debit.csv": {
        "columns": ["Date", "Operation Number", "Label", "Debit", "Credit", "Detail"],
        "data_rows": 5,
    },
}


@pytest.mark.parametrize("name", sorted(expected()))
def test_real_statements_give_the_expected_facts(name: str) -> None:
    wanted = {key: value for key, value in expected()[name].items() if key in KEYS}
    report = check.check((SHARED / name).read_bytes(), name.split("/")[1])
    found = {key: report.facts.get(key) for key in wanted}
    assert found == {**wanted, **DIFFERENCES.get(name, {})}
    if name in DIFFERENCES:
        assert expected()[name]["uncertain"]


@pytest.mark.parametrize("name", sorted(expected()))
def test_no_raw_entry_of_a_real_statement_vanishes(name: str) -> None:
    """What looks like an entry in the bytes is counted, or said to be broken."""
    content = (SHARED / name).read_bytes()
    marks = {"camt053": b"<Ntry>", "camt054": b"<Ntry>", "mt940": b"\n:61:", "cfonb120": b"\n04", "ofx": b"<STMTTRN>"}
    mark = marks.get(name.split("/", maxsplit=1)[0])
    if mark is None:
        pytest.skip("a list has no such mark")
    report = check.check(content, name.split("/")[1])
    assert report.facts.get("entries", 0) == (b"\n" + content.replace(b"\r", b"\n")).count(mark)
    assert Decimal(report.facts.get("sum_credit", "0")) >= 0
