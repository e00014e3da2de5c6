"""pacs.004: what comes back after it was settled, by reversal with the bank's reason; and what does not fit waits."""

from datetime import date
from typing import Any

import pytest

from tests import people
from tests.files import pacs004, pain002
from tests.transactions.test_messages import balances, outcomes, refused, sent, statuses, take_in
from tests.transactions.test_messages import branch as _branch  # noqa: F401
from tests.transactions.test_worked_examples import lines
from transactions import ledger, messages
from transactions.intake import check
from transactions.models import JournalEntry, OutgoingFile

pytestmark = pytest.mark.django_db
UETR = "eb6305c9-1f7f-49de-aed0-16487c27b42d"


@pytest.fixture
def branch(_branch: people.Stage) -> people.Stage:  # noqa: F811
    return _branch


def settled(branch: people.Stage, *amounts: str, each: list[dict[str, Any]] | None = None) -> Any:
    file, payments = sent(branch, *amounts, each=each)
    take_in(branch, pain002(file.message_id, group="ACSC"))
    assert set(statuses(payments)) == {"settled"}
    return file, payments


def test_the_money_is_the_customer_s_again(branch: people.Stage) -> None:
    _file, payments = settled(branch, "450.00", "50.00")
    assert balances(branch) == ("9500.00", "0.00", "9500.00")
    said = {"instruction": f"P{payments[0].pk}", "reference": payments[0].end_to_end_id, "amount": "450.00",
            "reason": "AC04", "text": "Account closed"}  # fmt: skip
    message = take_in(branch, pacs004("CLEARING-7", [said]))
    assert (message.kind, message.status, message.sender) == ("pacs004", "applied", "BNPAFRPPXXX")
    assert outcomes(message) == [("applied", "")]
    reversals = JournalEntry.objects.filter(payment=payments[0], kind="reversal").order_by("id")
    assert [(entry.reverses.kind, lines(entry), entry.value_date) for entry in reversals] == [
        ("settlement", [("BANK-TRANSIT", "", "450.00"), ("BANK-NOSTRO", "450.00", "")], date(2026, 11, 27)),
        ("posting", [("BANK-CUST", "", "450.00"), ("BANK-TRANSIT", "450.00", "")], date(2026, 11, 27)),
    ]
    assert balances(branch) == ("9950.00", "0.00", "9950.00")
    assert statuses(payments) == ["returned", "settled"]
    assert OutgoingFile.objects.get().status == "settled", "what became of the file stays"
    again = take_in(branch, pacs004("CLEARING-7", [said], message_id="RETURN-2"))
    assert outcomes(again) == [("recorded", "")]
    assert ledger.audit() == []


def test_it_is_found_by_its_uetr(branch: people.Stage) -> None:
    _file, payments = settled(branch, "10.00", each=[{"uetr": UETR}])
    said = {"reference": payments[0].end_to_end_id, "uetr": UETR, "amount": "10.00", "settled_on": "2026-11-30"}
    take_in(branch, pacs004("CLEARING-7", [said]))
    assert statuses(payments) == ["returned"]
    assert set(JournalEntry.objects.filter(kind="reversal").values_list("value_date", flat=True)) == {
        date(2026, 11, 30)
    }


def test_a_part_of_it_is_not_taken_for_all_of_it(branch: people.Stage) -> None:
    _file, payments = settled(branch, "450.00")
    said = {"instruction": f"P{payments[0].pk}", "amount": "440.00", "reason": "FOCR"}
    message = take_in(branch, pacs004("CLEARING-7", [said]))
    assert outcomes(message) == [("unknown", "answer.disagrees")]
    with refused("answer.other_amount"):
        messages.assign(
            item_id=message.items.get().pk, payment_id=payments[0].pk, actor=people.person("supervisor"), reason="x"
        )
    assert statuses(payments) == ["settled"]


def test_what_is_not_whole_moves_nothing(branch: people.Stage) -> None:
    _file, payments = settled(branch, "10.00")
    said = {"instruction": f"P{payments[0].pk}"}
    silent = take_in(branch, pacs004("CLEARING-7", [said]))
    assert (silent.status, silent.refusal_params["code"]) == ("refused", "answer.no_amount")
    short = take_in(branch, pacs004("CLEARING-7", [{**said, "amount": "10.00"}], count="2"))
    assert (short.status, short.refusal_params["code"]) == ("refused", "declared.file_count")
    assert statuses(payments) == ["settled"]


def test_check_file_tells_what_comes_back() -> None:
    report = check.check(pacs004("CLEARING-7", [{"instruction": "P1", "amount": "10.00", "reason": "MD07"}]))
    assert report.clean
    facts = report.facts
    assert (facts["kind"], facts["format"], facts["original_message_id"]) == (
        "pacs004",
        "pacs.004.001.09",
        "CLEARING-7",
    )
    assert (facts["transactions"], facts["transaction_statuses"], facts["reason_codes"]) == (1, ["RTRN"], ["MD07"])
    assert [problem.code for problem in report.problems] == ["answer.national", "answer.payments_only"]
    broken = check.check(pacs004("CLEARING-7", [{"instruction": "P1"}]))
    assert not broken.clean
