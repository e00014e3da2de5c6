"""What ``check_file`` tells of recalls and of their answers, and how a file is brought in by hand."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests import people
from tests.files import camt029, camt056
from transactions.intake import check
from transactions.models import RecallRequest


def told(content: bytes) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    report = check.check(content)
    return report.facts, [(problem.severity, problem.code) for problem in report.problems]


def test_of_an_answer() -> None:
    facts, problems = told(camt029([
        {"instruction": "P1", "status": "ACCR", "amount": "10.00"}, {"instruction": "P2", "status": "RJCR"},
        {"reference": "E", "status": "PDCR"}, {"reference": "F", "status": "XXXX"},
    ]))  # fmt: skip
    assert (facts["kind"], facts["format"], facts["message_id"], facts["transactions"]) == (
        "camt029", "camt.029.001.09", "ANSWER-1", 4,
    )  # fmt: skip
    assert facts["transaction_statuses"] == ["ACCR", "RJCR", "PDCR", "XXXX"]
    assert facts["statuses"][0]["amount"] == "10.00"
    assert problems == [
        ("warning", "recall.answers"), ("warning", "recall.refused_without"), ("warning", "answer.status_unknown"),
    ]  # fmt: skip


def test_of_an_answer_without_details() -> None:
    facts, problems = told(camt029([], whole="RJCR", case="R7"))
    assert (facts["transaction_statuses"], problems[0]) == (["RJCR"], ("warning", "recall.answers"))


def test_of_a_recall() -> None:
    facts, problems = told(camt056([{"reference": "A", "amount": "1.00"}, {"reference": "B"}]))
    assert (facts["kind"], facts["transactions"], facts["original_message_id"]) == ("camt056", 2, "THEIRS-1")
    assert facts["reason_codes"] == ["DUPL", "DUPL"]
    assert problems == [("warning", "recall.no_amount"), ("warning", "recall.asks")]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda content: content.replace(b"<TxCxlSts>ACCR</TxCxlSts>", b""), "answer.no_status"),
        (lambda content: content[:-30], "xml.breaks_off"),
        (
            lambda content: content.replace(b"<CxlDtls>", b"<CxlDtls></CxlDtls><!--").replace(b"</CxlDtls><", b"--><"),
            "xml.tags_crossed",
        ),
    ],
)
def test_what_is_broken_is_said(damage: Any, code: str) -> None:
    _facts, problems = told(damage(camt029([{"instruction": "P1", "status": "ACCR"}])))
    errors = {said for severity, said in problems if severity == "error"}
    assert code in errors


def test_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "recall.xml"
    file.write_bytes(camt056([{"reference": "A", "amount": "1.00", "reason": "FRAD"}]))
    out = StringIO()
    call_command("check_file", file, language="fr", stdout=out)
    assert "camt.056.001.08" in out.getvalue()
    assert "RCLL, redemandé; FRAD, Fraude" in out.getvalue()
    assert "Des paiements sont redemandés (1)" in out.getvalue()
    out = StringIO()
    call_command("check_file", file, json=True, stdout=out)
    assert json.loads(out.getvalue())["transactions"] == 1


@pytest.mark.django_db
def test_brought_in_by_hand(tmp_path: Path, django_capture_on_commit_callbacks: Any) -> None:
    stage = people.bank_branch()
    file = tmp_path / "recall.xml"
    file.write_bytes(camt056([{"reference": "A", "amount": "1.00"}]))
    with django_capture_on_commit_callbacks(execute=True):
        call_command("import_file", str(file), entity=stage.entity.code, stdout=StringIO())
    assert RecallRequest.objects.get().entity == stage.entity
