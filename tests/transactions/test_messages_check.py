"""Messages of the bank before ``check_file``: the facts of real files, and what is odd about them in words."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from conftest import SHARED
from tests import people
from tests.files import pacs002, pain002
from transactions import messages
from transactions.intake import check

here = pytest.mark.skipif(not SHARED.exists(), reason="the real files of ../shared/data are not here")


def expected() -> dict[str, dict[str, Any]]:
    if not (SHARED / "expected.json").exists():
        return {}
    files = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))["files"]
    return {name: facts for name, facts in files.items() if facts["kind"] == "pain002"}


def command(path: Path, *options: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("check_file", str(path), *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


@here
@pytest.mark.parametrize("name", sorted(expected()))
def test_the_facts_of_real_reports(name: str) -> None:
    said, code = command(SHARED / name, "--json")
    facts = json.loads(said)
    wanted = {key: value for key, value in expected()[name].items() if key != "uncertain"}
    assert {key: facts[key] for key in wanted} == wanted
    assert code == 0
    assert "answer.national" in [error["code"] for error in facts["errors"]], "a Swiss variant, without a schema here"


@here
@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(expected()))
def test_real_reports_on_files_of_others_wait_for_a_person(name: str) -> None:
    stage = people.bank_branch()
    content = (SHARED / name).read_bytes()
    message = messages.receive(content=content, file_name=name, entity=stage.entity, actor=None)
    messages.read_message(message.pk)
    message.refresh_from_db()
    assert (message.status, message.sender) == ("applied", "POFICHBE")
    assert {item.outcome_code for item in message.items.all()} == {"answer.no_file"}
    assert {item.outcome for item in message.items.all()} == {"unknown"}


@here
def test_a_real_report_in_words() -> None:
    name = "moov-pain002-epo_p_ch5109000000250092291_1110097605_0_2018031511252307.xml"
    said, code = command(SHARED / "pain002" / name)
    assert code == 0
    assert "Answer to: MsgId-001 (pain.001.001.03.ch.02)" in said
    assert "Group PmtInfId-001-03: PART, accepted in part" in said
    assert "Payment InstrId-001-03-04: RJCT, rejected; AC01, Account number is wrong" in said
    assert "1301813;Konto ungültig" in said
    assert "“PART” says nothing of the payments that are not listed: 1 listed, the rest keep their status." in said
    french, _code = command(SHARED / "pain002" / name, "--language", "fr")
    assert "Répond à\u00a0: MsgId-001 (pain.001.001.03.ch.02)" in french
    assert "RJCT, rejeté; AC01, Numéro de compte erroné" in french


def test_what_keeps_its_schema_and_what_does_not() -> None:
    report = check.check(pain002("A-1", group="ACTC"))
    assert (report.clean, report.facts["xsd"], report.facts["xsd_valid"]) == (True, "pain.002.001.03.xsd", True)
    assert [problem.code for problem in report.problems] == ["answer.file_only"]
    broken = check.check(pain002("A-1", group="ACTCX"))
    assert not broken.clean
    assert (broken.facts["xsd_valid"], broken.problems[0].code) == (False, "schema.not_listed")
    cut = check.check(pain002("A-1", group="ACTC")[:-20])
    assert not cut.clean
    assert cut.problems[-1].code == "xml.breaks_off"


def test_a_report_between_banks() -> None:
    report = check.check(pacs002("X", [{"instruction": "P1", "status": "RJCT", "reason": "AC01"}]))
    assert (report.facts["kind"], report.facts["transaction_statuses"], report.facts["reason_codes"]) == (
        "pacs002", ["RJCT"], ["AC01"],
    )  # fmt: skip
    assert [problem.code for problem in report.problems] == ["answer.national", "answer.payments_only"]


def test_a_report_without_a_status_is_an_error() -> None:
    report = check.check(pain002("A-1"))
    assert not report.clean
    assert report.problems[-1].code == "message.no_status"
