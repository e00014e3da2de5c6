"""Whatever a file holds: rows are scored or named, and nothing breaks."""

from io import StringIO

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from controls.scoring import evidence, stream

_ODD = ("", "0", "-1", "1e400", "1e12", "0.001", "NaN", "2026-03-02", "9999-12-31", "2026-03-02T09:00:00+14:00",
        "0001-01-01T00:00:00Z", "FR76", "\x00", '"', ";")  # fmt: skip
_CELL = st.one_of(st.text(max_size=12), st.sampled_from(_ODD))


@settings(max_examples=150)
@given(st.lists(st.lists(_CELL, min_size=13, max_size=13), max_size=8))
def test_any_rows(rows: list[list[str]]) -> None:
    good = [f"G{number},2026-03-0{number + 1}T09:00:00,,A,N,B,{10 + number},EUR,,,,,\n" for number in range(3)]
    text = ",".join(stream.COLUMNS) + "\n" + "".join(",".join(row) + "\n" for row in rows) + "".join(good)
    try:
        payments = stream.read(StringIO(text))
    except stream.BadFile:
        return
    pasts, texts = payments.pasts(), payments.texts()
    scores = []
    for part in stream.scored(pasts):
        scores += part.risk.score.tolist()
        for place, row in enumerate(part.rows.tolist()):
            evidence.reasons(evidence.Case(pasts, part.table.row(place), row, texts), part.risk, place)
    assert len(scores) == len(payments.ids)
    assert np.isfinite(scores).all()
    assert all(0 <= score <= 100 for score in scores)


@given(st.text(max_size=80))
def test_any_text(text: str) -> None:
    try:
        payments = stream.read(StringIO(text))
    except stream.BadFile:
        return
    assert len(payments.ids) == len(payments.movements)
