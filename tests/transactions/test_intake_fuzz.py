"""A small share of ``make fuzz-readers``; and what it found."""

import io
from decimal import Decimal

import pytest

from tests import fuzz_readers
from tests.files import NAMESPACE, pain001
from transactions.intake import json_rows
from transactions.intake.json_rows import JsonReader
from transactions.intake.reading import Reading


@pytest.mark.parametrize("kind", fuzz_readers.READERS)
def test_damaged_files_are_refused_or_read_rightly(kind: str) -> None:
    counted, wrong = fuzz_readers.run(kind, 400, seed=7)
    assert wrong == []
    assert counted["refused"] > 10
    # Of a workbook little is left whole when bytes of the archive change.
    assert counted["read"] > (5 if kind == "workbook" else 40)


SPACE = NAMESPACE.encode()
FOUND = {
    "a namespace that no element can be made in": pain001(3).replace(SPACE, SPACE + b"\xc2\xac"),
    "a prefix of such a namespace": pain001(3).replace(b"<PmtInf>", "<PmtInf xmlns:x='\u202e'>".encode()),
    "a payment in the head of its group": pain001(3).replace(b"<PmtMtd>", b"<CdtTrfTxInf/><PmtMtd>"),
    "groups at the root": b"<Document xmlns='%s'><PmtInf/><CdtTrfTxInf/><a/><PmtInf/></Document>" % SPACE,
    "nothing in a group": pain001(1).replace(b"<PmtInf>", b"<PmtInf><CdtTrfTxInf/></PmtInf><PmtInf>"),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_the_fuzz_found(name: str) -> None:
    assert fuzz_readers.compare("pain001", FOUND[name]) in {"read", "refused"}


def test_an_amount_with_something_hidden_in_it_is_none() -> None:
    content = json_rows.encode([{"amount": amount, "currency": "EUR"} for amount in ("10.02", "1\x7f0.02")])
    said: list[tuple[int, str, str]] = []
    reading = Reading(
        JsonReader(io.BytesIO(content)), entity_id=1, say=lambda one: said.append((one.position, one.code, one.value))
    )
    list(reading.rows())
    assert (2, "money.not_a_number", "1\\x7f0.02") in said
    assert reading.all.total == Decimal("10.02")
