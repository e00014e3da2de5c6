"""manage.py check_file: what is in a file and every error in words. No database is touched: these tests have none."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from conftest import SHARED
from tests.files import pain001

FOLDER = SHARED / "pain001"
KEYS = (
    "batches",
    "control_sum",
    "currency",
    "declared_control_sum",
    "declared_mismatch",
    "declared_nb_of_txs",
    "kind",
    "message_id",
    "namespace",
    "payments",
    "xsd",
    "xsd_valid",
)


def expected() -> dict[str, dict[str, Any]]:
    if not (SHARED / "expected.json").exists():
        return {}
    files = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))["files"]
    return {name: facts for name, facts in files.items() if facts["kind"] == "pain001"}


def run(path: Path, *options: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("check_file", str(path), *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def report(path: Path, *options: str) -> tuple[dict[str, Any], int]:
    text, code = run(path, "--json", *options)
    return json.loads(text), code


@pytest.mark.skipif(not FOLDER.exists(), reason="the real files of ../shared/data are not here")
@pytest.mark.parametrize("name", sorted(expected()))
def test_real_files_give_the_expected_facts(name: str) -> None:
    found, code = report(SHARED / name)
    facts = expected()[name]
    assert {key: found.get(key) for key in KEYS} == {key: facts.get(key) for key in KEYS}
    # Only what is present in the expectation is present in the answer.
    assert {key for key in KEYS if key in found} == {key for key in KEYS if key in facts}
    assert code == (1 if facts["payments"] == 0 else 0)


@pytest.mark.skipif(not FOLDER.exists(), reason="the real files of ../shared/data are not here")
def test_a_header_that_declares_too_little_is_said_with_both_counts() -> None:
    found, _code = report(FOLDER / "bsp-pain.001.001.03.xml")
    [said] = [error for error in found["errors"] if error["code"] == "declared.file_count"]
    assert said["message"] == "The file declares 2 payments; it holds 6."
    assert (said["severity"], said["value"], said["path"]) == ("warning", "2", "/Document/CstmrCdtTrfInitn/GrpHdr")
    missing = [error for error in found["errors"] if error["code"] == "creditor.account_missing"]
    assert [error["position"] for error in missing] == [1, 2, 3, 4, 5, 6]
    assert missing[1]["path"] == "/Document/CstmrCdtTrfInitn/PmtInf[2]/CdtTrfTxInf[1]"


@pytest.mark.skipif(not FOLDER.exists(), reason="the real files of ../shared/data are not here")
def test_a_status_report_without_namespace_is_named_for_what_it_is() -> None:
    found, code = report(FOLDER / "moov-invalid_pain_v11.xml")
    assert code == 1
    assert [(error["code"], error["line"], error["path"]) for error in found["errors"]] == [
        ("xml.not_a_credit_transfer", 2, "/Document/CstmrPmtStsRpt"),
        ("xml.no_namespace", 1, "/Document"),
    ]
    assert found["errors"][0]["message"] == (
        "The message is CstmrPmtStsRpt; a credit transfer file holds CstmrCdtTrfInitn."
    )


@pytest.mark.skipif(not FOLDER.exists(), reason="the real files of ../shared/data are not here")
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("fec", "fec"),
    ],
)
def test_files_of_other_kinds_are_named_and_refused(name: str, kind: str) -> None:
    seen = {"said": 0}
    for path in sorted((SHARED / name).iterdir()):
        if path.name == "SOURCES.md":
            continue
        found, code = report(path)
        assert code == 1, path
        assert found["payments"] == 0, path
        assert len(found["errors"]) >= 1, path
        seen["said"] += found["kind"] == kind
    assert seen["said"] >= 1


def test_wrong_check_digits_are_a_warning_with_line_and_path(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(pain001(2).replace(b"FR1420041010050500013M02606", b"FR1520041010050500013M02606"))
    found, code = report(path)
    assert code == 0
    assert (found["payments"], found["not_taken_in"]) == (2, 0)
    [first, _second] = found["errors"]
    assert (first["code"], first["field"], first["value"], first["severity"]) == (
        "iban.check_digits",
        "debtor_number",
        "FR1520041010050500013M02606",
        "warning",
    )
    assert first["path"] == "/Document/CstmrCdtTrfInitn/PmtInf[1]/DbtrAcct/Id/IBAN"


def test_a_schema_error_keeps_its_payment_out_and_says_where(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(pain001(3).replace(b"<EndToEndId>TEST-1-E1<", b"<EndToEndId>" + b"x" * 40 + b"<"))
    found, code = report(path)
    assert code == 1
    assert (found["payments"], found["not_taken_in"], found["xsd_valid"]) == (3, 1, False)
    assert found["control_sum"] == "30.06"
    [error] = found["errors"]
    assert (error["position"], error["field"], error["code"]) == (2, "end_to_end_id", "schema.too_long")
    assert error["path"] == "/Document/CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[2]/PmtId/EndToEndId"
    assert error["message"] == "EndToEndId has 40 characters; the format allows at most 35."
    assert error["value"] == "x" * 40


def test_words_for_people_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(pain001(1))
    english, code = run(path)
    assert code == 0
    assert "\nPayments: 1 in 1 group, €10.01\n" in english
    assert "Schema pain.001.001.09.xsd: kept" in english
    french, code = run(path, "--language", "fr")
    assert code == 0
    assert "\nPaiements\xa0: 1 en 1 groupe, 10,01\xa0€\n" in french


def test_a_file_that_breaks_off_is_not_said_to_keep_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(pain001(2)[:-200])
    said, code = run(path)
    assert code == 1
    assert "The file breaks off at line 1, column " in said
    assert "Schema" not in said
    french, _code = run(path, "--language", "fr")
    assert "Le fichier s’interrompt à la ligne 1, colonne " in french
    facts, _code = report(path)
    assert (facts["xsd"], facts["xsd_valid"]) == ("pain.001.001.09.xsd", None)
    assert facts["payments"] == 1


def test_a_file_that_broke_its_schema_before_it_breaks_off_is_said_not_to_keep_it(tmp_path: Path) -> None:
    path = tmp_path / "file.xml"
    path.write_bytes(pain001(2).replace(b"<EndToEndId>TEST-1-E0<", b"<EndToEndId>" + b"x" * 40 + b"<")[:-20])
    facts, code = report(path)
    assert (code, facts["xsd_valid"]) == (1, False)


@pytest.mark.parametrize(
    ("content", "kind", "error"),
    [
        (bytes(range(256)) * 40, "binary", "file.binary"),
        (bytes(range(1, 32)) * 200, "binary", "file.binary"),
        (b"Name;Amount\n" + b"a;1\n" * 2000 + b"\0;2\n", "binary", "file.binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "image", "file.other_kind"),
        (b"\x1f\x8b\x08" + bytes(100), "gzip", "file.other_kind"),
        (b"just some words\n", "unknown", "csv.no_header"),
        ("Name;IBAN;Amount\nK\x07ervella;DE89370400440532013000;1.50\n".encode("utf-16"), "csv", "text.invisible"),
    ],
)
def test_what_is_no_text_is_not_called_a_list(tmp_path: Path, content: bytes, kind: str, error: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    facts, code = report(path)
    assert (facts["kind"], code) == (kind, 0 if kind == "csv" else 1)
    assert error in [one["code"] for one in facts["errors"]]


def test_rubbish_is_named_in_words(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(bytes(range(256)))
    assert "Kind: not a text file\n" in run(path)[0]
    assert "Type\xa0: pas un fichier texte\n" in run(path, "--language", "fr")[0]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    from django.core.management.base import CommandError

    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "missing.xml")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "attachment.empty"),
        (b"   \n ", "attachment.empty"),
        (b"\x00\x01\x02binary\x00", "file.binary"),
        (b"just some words\nand more words\n", "csv.no_header"),
        (b"%PDF-1.7 ...", "file.other_kind"),
        (b"PK\x03\x04 sheet", "file.other_kind"),
        (b"<html><body>no</body></html>", "file.unknown_xml"),
    ],
)
def test_what_is_no_payment_file_gets_a_clear_word(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    found, end = report(path)
    assert end == 1
    assert [error["code"] for error in found["errors"]] == [code]
    assert found["payments"] == 0
