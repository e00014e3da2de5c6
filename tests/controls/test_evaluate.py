"""``manage.py evaluate``: facts and results of each payment of a file, and nothing is stored: no row, no bytes."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from tests import people
from tests.controls.rule_writing import draft, publish, supervisors
from tests.files import pain001

pytestmark = pytest.mark.django_db


def stored() -> dict[str, Any]:
    """How every table stands, and every file of the storage."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public' order by 1")
        tables = [row[0] for row in cursor.fetchall()]
        found: dict[str, Any] = {}
        for table in tables:
            cursor.execute(
                f'select count(*), md5(coalesce(string_agg(t::text, $$|$$ order by t::text), $$$$)) from "{table}" t'
            )
            found[table] = cursor.fetchone()
    root = Path(settings.MEDIA_ROOT)
    found["files"] = sorted(str(path) for path in root.rglob("*") if path.is_file()) if root.exists() else []
    return found


def file(tmp_path: Path, content: bytes, name: str = "list.xml") -> str:
    path = tmp_path / name
    path.write_bytes(content)
    return str(path)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("evaluate", *arguments, stdout=out)
    return out.getvalue()


def test_each_payment_has_its_facts_and_results_and_nothing_is_stored(tmp_path: Path) -> None:
    stage = people.bank_branch(balance="1000000")
    one, other = supervisors(stage.entity)
    publish(draft(one, stage.entity), one, other)
    publish(draft(one, stage.entity, code="HOUSE-SHADOW", expression="amount > 0", parameters={}, units={},
                  sentence_en="{amount}", sentence_fr="{amount}"), one, other, mode="shadow")  # fmt: skip
    csv = (
        "debtor_account;creditor_name;creditor_account;amount;currency;execution_date;reference\n"
        f"{people.CUSTOMER_IBAN};Kervella;{people.PAYEE_IBAN};1500.00;EUR;2099-01-05;E-1\n"
        f"{people.CUSTOMER_IBAN};Kervella;{people.PAYEE_IBAN};15.00;EUR;2099-01-05;E-2\n"
        f"{people.CUSTOMER_IBAN};Kervella;{people.PAYEE_IBAN};abc;EUR;2099-01-05;E-3\n"
    )
    path = file(tmp_path, csv.encode(), "list.csv")
    before = stored()
    told = json.loads(run(path, "--json", "--entity", "BANK"))
    assert stored() == before
    assert (told["taken"], told["read"], len(told["problems"]), told["status"]) == (2, 3, 1, "read")
    first, second = told["payments"]
    assert (first["facts"]["amount"], first["facts"]["creditor_country"]) == ("1500.00000", "DE")
    results = {result["rule"]: result for result in first["results"]}
    assert (results["HOUSE-LARGE"]["version"], results["HOUSE-LARGE"]["action"]) == (1, "warn")
    assert results["HOUSE-LARGE"]["sentence_en"] == "€1,500.00 is €1,000.00 or more."
    assert results["HOUSE-LARGE"]["sentence_fr"] == "1\u202f500,00\u00a0€ atteint 1\u202f000,00\u00a0€."
    assert results["HOUSE-SHADOW"]["shadow"] is True
    assert "HOUSE-LARGE" not in {result["rule"] for result in second["results"]}
    words = run(path, "--language", "fr", "--facts")
    assert "   HOUSE-LARGE 1 · Alerter · 1\u202f500,00\u00a0€ atteint 1\u202f000,00\u00a0€." in words
    assert "     amount 1\u202f500,00\u00a0€\n" in words
    assert "     account_known oui\n" in words
    assert "account_known" not in run(path)
    assert stored() == before


def test_the_entity_is_found_by_the_account_and_a_broken_file_is_said(tmp_path: Path) -> None:
    people.bank_branch()
    people.bank_branch("B2", iban="FR7630006000011234567890189")
    before = stored()
    told = json.loads(run(file(tmp_path, pain001(2)), "--json"))
    assert told["entity"] == "BANK"
    assert len(told["payments"]) == told["taken"] > 0
    with pytest.raises(CommandError, match="names no account"):
        run(file(tmp_path, b"<Document>", "broken.xml"), "--json")
    out = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("evaluate", file(tmp_path, b"<Document>", "broken.xml"), "--json", "--entity", "BANK", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["payments"], told["status"]) == ([], "refused")
    with pytest.raises(CommandError, match="There is no entity NONE"):
        run(file(tmp_path, pain001(2)), "--entity", "NONE")
    assert stored() == before
