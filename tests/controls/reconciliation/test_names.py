"""When a bank's writing is a name of the books, and when a sum of several is no accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.common import sql
from controls.reconciliation import names, sums


@pytest.mark.parametrize(
    ("written", "said", "meant", "supported"),
    [
        ("KERVELLA MAT", "", "Kervella Matériaux SARL", True),
        ("KERVELA MATERIAUX", "", "Kervella Matériaux SARL", True),
        ("ENERGIE BRESLE", "", "Énergie Bresle", True),
        ("BRESLE", "", "Énergie Bresle", True),
        ("GARAGE MARTIN", "", "Garage Bernard", False),
        ("GARAGE", "", "Garage", True),
        ("", "VIR SEPA ENERGIE BRESLE 06/2026", "Énergie Bresle", True),
        ("", "VIR SEPA ENERGIE 06/2026", "Énergie Bresle", False),
        ("SARL", "", "SAS", False),
        ("", "", "Kervella", False),
        ("KERVELLA", "", "", False),
    ],
)
def test_a_name_is_known_cut_off_or_misspelt(written: str, said: str, meant: str, supported: bool) -> None:
    assert names.supports(written, said, meant) is supported


@given(st.text(max_size=40), st.text(max_size=60), st.text(max_size=40))
def test_any_text_is_judged(written: str, said: str, meant: str) -> None:
    assert names.supports(written, said, meant) in {True, False}
    assert 0 <= names.alike(written, meant) <= 1


@given(
    st.lists(st.integers(1, 10_000), min_size=2, max_size=12),
    st.sets(st.integers(0, 11), min_size=1, max_size=6),
)
def test_a_subset_is_found_and_every_answer_is_one(amounts: list[int], chosen: set[int]) -> None:
    members = [place for place in chosen if place < len(amounts)] or [0]
    target = sum(amounts[place] for place in members)
    found = sums.solutions(amounts, target, 6, most=1000)
    assert tuple(sorted(members)) in found
    for places in found:
        assert sum(amounts[place] for place in places) == target
        assert len(set(places)) == len(places) <= 6
    assert len(set(found)) == len(found)


def test_of_more_than_six_none_is_found() -> None:
    assert sums.solutions([1] * 12, 7, 6) == []


def test_what_could_be_by_chance_grows_with_what_is_open() -> None:
    assert sums.by_chance(3, 6, 12_345_67, 1) < 1e-4 < sums.by_chance(20, 6, 12_345_67, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("call", "said", "found"),
    [
        ("match_key", "RF18 5390-0754/7034", "RF18539007547034"),
        ("match_key", "NotProvided", ""),
        ("match_key", "", ""),
        ("match_document", "Facture F-7731 du 12/06", "F7731"),
        ("match_document", "Facture", ""),
        ("match_document", "A1 12", ""),
        ("match_name", "Énergie  Bresle, SAS", "BRESLE ENERGIE"),
        ("match_name", "VIR SEPA de la", ""),
    ],
)
def test_texts_are_compared_by_what_they_say(call: str, said: str, found: str) -> None:
    assert sql.rows(f"select {call}(%s)", [said]) == [(found,)]
