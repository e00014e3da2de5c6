"""``manage.py score_file``: a file in, scores and reasons out, nothing stored."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from controls.scoring import stream

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Row = dict[str, object]


def invoices(count: int = 12) -> list[Row]:
    """A firm pays a supplier every other week, each invoice once."""
    return [
        {
            "id": f"P{number}", "created_at": (START + timedelta(days=14 * number)).isoformat(),
            "requested_execution_date": "2026-03-02", "debtor_iban": "FR7630006000011234567890189",
            "creditor_name": "Alder Bois SARL", "creditor_iban": "DE89370400440532013000",
            "amount": f"{1000 + 7 * number}.50", "currency": "EUR", "channel": "file", "operator": "ann",
            "end_to_end_id": f"E{number}", "remittance": f"Invoice 40{number:02}", "kind": "sepa",
        }
        for number in range(count)
    ]  # fmt: skip


def written(path: Path, rows: list[Row], columns: tuple[str, ...] = stream.COLUMNS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def scored(folder: Path, rows: list[Row], *options: str) -> tuple[list[dict[str, str]], str, str]:
    out, err = StringIO(), StringIO()
    call_command("score_file", str(written(folder / "in.csv", rows)), "--out", str(folder / "out.csv"), *options,
                 stdout=out, stderr=err)  # fmt: skip
    with (folder / "out.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines)), out.getvalue(), err.getvalue()


def test_the_same_invoice_again(tmp_path: Path) -> None:
    rows = invoices()
    again = {**rows[-1], "id": "AGAIN", "created_at": (START + timedelta(days=14 * 11 + 2)).isoformat()}
    told, out, err = scored(tmp_path, [again, *rows])
    assert [one["id"] for one in told] == [*(f"P{number}" for number in range(12)), "AGAIN"]
    assert told[-1]["reasons"] == (
        "€1,077.50 with the same number in its reference went to this account on 3 Aug 2026. [P11]"
    ).replace("3 Aug 2026", "3\u00a0Aug\u00a02026")
    assert float(told[-1]["score"]) > 90
    assert max(float(one["score"]) for one in told[:-1]) < 10
    assert out.splitlines() == [
        "13 payments were scored, nothing was stored.",
        "Little is known of what is usual here: the first scores rest on what is assumed of all payments.",
    ]
    assert err == ""


def test_another_account_under_the_same_name_in_french(tmp_path: Path) -> None:
    rows = invoices()
    rows.append({**rows[-1], "id": "NEW", "created_at": (START + timedelta(days=14 * 12)).isoformat(),
                 "creditor_iban": "LT601010012345678901", "remittance": "Invoice 4099"})  # fmt: skip
    told, out, _err = scored(tmp_path, rows, "--language", "fr")
    assert told[-1]["reasons"].startswith(
        "Alder Bois SARL a déjà été payé, et rien de ses 12 paiements les plus récents"
    )
    assert out.startswith("13 paiements ont été notés, rien n’a été enregistré.")
    assert float(told[-1]["score"]) > 60


def test_bad_rows_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = invoices(3)
    rows[1:1] = [{**rows[0], "id": "X1", "amount": "many"}, {**rows[0], "id": "X2", "created_at": "yesterday"},
                 {**rows[0], "id": ""}, {**rows[0], "amount": "5"}, {**rows[0], "id": "X3", "amount": "-4"},
                 {**rows[0], "id": "X4", "amount": "NaN"}]  # fmt: skip
    told, out, err = scored(tmp_path, rows)
    assert [one["id"] for one in told] == ["P0", "P1", "P2"]
    assert err.splitlines() == [
        "Line 3: The amount is no number above zero: “many”",
        "Line 4: created_at is no moment (2026-11-28T09:30:00): “yesterday”",
        "Line 5: It has no id.",
        "Line 6: The id “P0” stands in the file twice.",
        "Line 7: The amount is no number above zero: “-4”",
        "Line 8: The amount is no number above zero: “NaN”",
    ]
    assert "6 rows were left out." in out


def test_a_name_is_no_formula(tmp_path: Path) -> None:
    rows = [{**row, "creditor_name": "=1+1"} for row in invoices(6)]
    rows[-1]["creditor_iban"] = "LT601010012345678901"
    told, _out, _err = scored(tmp_path, rows)
    assert told[-1]["reasons"].startswith("'=1+1 was paid before")


def test_later_rows_change_nothing(tmp_path: Path) -> None:
    """As if live: what comes after a payment has no part in its score."""
    rows = invoices(30)
    whole, _out, _err = scored(tmp_path, rows)
    part, _out, _err = scored(tmp_path, rows[:17])
    assert whole[:17] == part


def test_only_what_is_needed(tmp_path: Path) -> None:
    path = written(tmp_path / "in.csv", invoices(3), ("id", "created_at", "amount"))
    call_command("score_file", str(path), "--out", str(tmp_path / "out.csv"), stdout=StringIO())
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 4


def test_semicolons_do_too(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("\ufeffid;created_at;amount\nA;2026-03-02T09:00:00Z;5.10\n", encoding="utf-8")
    call_command("score_file", str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv"), stdout=StringIO())
    assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("A,")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file has no line."),
        ("\n", "These columns are missing in the first line: id, created_at, amount."),
        ("id,amount\n", "These columns are missing in the first line: created_at."),
    ],
)
def test_no_file_of_payments(tmp_path: Path, content: str, sentence: str) -> None:
    (tmp_path / "in.csv").write_text(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("score_file", str(tmp_path / "in.csv"), "--out", str(tmp_path / "out.csv"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("score_file", str(tmp_path / "none.csv"), "--out", str(tmp_path / "out.csv"))
