"""A reason only ever says what is true of its payment; both languages say it."""

from collections import Counter

import numpy as np
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from controls.scoring import evidence, reasons, stream, unsupervised
from controls.scoring.movements import movements
from controls.scoring.pasts import Pasts
from tests.controls.scoring import claims, streams

NAMES = ("alder bois", "alder boiss", "brise conseil", "cobalt energie", "dune transports", "orme")
TEXTS = evidence.Texts(operators=("ann", "bob"), channels=("file", "app"), currencies=("EUR", "USD"),
                       lands=("FR", "DE", "LT"))  # fmt: skip


def lively(seed: int, count: int) -> dict[str, np.ndarray]:
    """Few parties, amounts that come again or stay under limits, bursts, sleeps, cash: all typologies now and then."""
    draw = np.random.default_rng(seed)
    gaps = draw.choice([60, 3_000, 20_000, 90_000, 400_000, 9_000_000], count, p=[0.3, 0.3, 0.2, 0.12, 0.07, 0.01])
    parties, seldom = int(draw.integers(2, 12)), draw.random(count) < 0.1
    at = streams.START + np.cumsum(gaps)
    return {
        "id": np.arange(count), "at": at, "debtor": draw.integers(-1, parties, count),
        "creditor": np.where(seldom, draw.integers(0, 60, count), draw.integers(0, parties, count)),
        "name": draw.integers(-1, len(NAMES), count), "operator": np.where(seldom, 1, draw.integers(-1, 1, count)),
        "channel": seldom * 1, "kind": np.zeros(count), "currency": (draw.random(count) < 0.03) * 1,
        "country": np.where(seldom, 2, 0), "reference": draw.integers(-1, 30, count),
        "nature": draw.integers(0, 3, count) * (draw.random(count) < 0.4),
        "amount": np.choose(draw.integers(0, 4, count), [
            np.round(np.exp(draw.normal(5, 1, count)), 2), draw.integers(8_000, 9_999, count), np.full(count, 980),
            np.round(np.exp(draw.normal(8, 2, count)), 2)]),
    }  # fmt: skip


def burst() -> dict[str, np.ndarray]:
    """An account without a day before it pays thirty in ten hours."""
    hours = np.arange(30)
    return {"id": hours, "at": streams.START + hours * 1_200, "debtor": hours * 0, "creditor": hours + 1,
            "currency": hours * 0, "amount": 100.0 + hours}  # fmt: skip


def told(columns: dict[str, np.ndarray]) -> Counter[str]:
    every = movements(columns)
    pasts = Pasts(every, NAMES, lambda left, right: 90 if left[:5] == right[:5] else 20)
    rows, met = claims.rows_of(every), Counter[str]()
    for part in stream.scored(pasts):
        assert ((part.risk.score >= 0) & (part.risk.score <= 100)).all()
        for place, row in enumerate(part.rows.tolist()):
            found = evidence.reasons(evidence.Case(pasts, part.table.row(place), row, TEXTS), part.risk, place)
            assert len(found) <= 3
            for one in found:
                related = [rows[number] for number in one.related]
                assert all(number < row for number in one.related), one
                assert claims.TRUE[one.code](claims.Past(rows, row), dict(one.params), related), (row, one)
                met[one.code] += 1
                for language in ("en", "fr"):
                    with translation.override(language):
                        assert "%(" not in reasons.sentence(one.code, one.params)
            if row % 7 == 0:
                _measures(pasts, part, place, rows, met)
    return met


def _measures(pasts: Pasts, part: stream.Scored, place: int, rows: list[claims.Row], met: Counter[str]) -> None:
    """Whatever a measure says of a row is true, be it seldom or not."""
    row = int(part.rows[place])
    case = evidence.Case(pasts, part.table.row(place), row, TEXTS)
    for name, tail in unsupervised.TAILS.items():
        known = not tail.history[0] or case[tail.history[0]] >= tail.history[1]
        if name in evidence.TAILS and known and (case[name] > 0 or (tail.low and case[name] == 0)):
            for one in evidence.TAILS[name](case, 50):
                related = [rows[number] for number in one.related]
                assert claims.TRUE[one.code](claims.Past(rows, row), dict(one.params), related), (row, one)
                met[one.code] += 1


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.integers(1, 160))
def test_reasons_are_true(seed: int, count: int) -> None:
    told(lively(seed, count))


def test_every_kind_of_reason_is_met() -> None:
    """So that the property above is about something: streams of known seeds bring nearly all of them, each true."""
    met = told(burst())
    for seed in range(12):
        met += told(lively(seed, 260))
    assert reasons.SENTENCES.keys() - met.keys() == {"known.frauds"}


def test_every_sentence_can_be_checked() -> None:
    assert reasons.SENTENCES.keys() - claims.TRUE.keys() == {"known.frauds"}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "The same amount went to this account already on 14 Nov 2023, 1 day before."),
     ("fr", "Le même montant est déjà allé à ce compte le 14 nov. 2023, 1 jour avant.")],
)  # fmt: skip
def test_a_sentence_in_both_languages(language: str, sentence: str) -> None:
    with translation.override(language):
        shown = reasons.sentence("duplicate.amount", {"on": "2023-11-14", "days": 1.0, "currency": "EUR"})
    assert shown.replace("\u00a0", " ") == sentence
