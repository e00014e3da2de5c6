"""The index finds what the rule finds, all of it: by proof, by chance, and against brute force."""

import io
import json
import zipfile
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from conftest import SHARED
from controls.screening import normal, rule
from controls.screening.formats import reading
from controls.screening.grams import Counter, Grams, bits, common_at_least, members
from controls.screening.index import Index, Listed
from tests.controls import misspellings
from transactions.intake import fields

LISTS = SHARED / "sanctions"
WORDS = st.text(alphabet="abcde", min_size=1, max_size=12)
NAMES = st.lists(st.text(alphabet="abcdmno", min_size=1, max_size=7), min_size=1, max_size=5).map(" ".join)


@given(WORDS, WORDS, st.integers(min_value=50, max_value=100))
@settings(max_examples=1_500, deadline=None)
def test_texts_that_are_alike_share_as_many_pairs_as_the_bound_says(one: str, other: str, percent: int) -> None:
    if fuzz.ratio(one, other) < percent:
        return
    asked = common_at_least(len(one), len(other), percent / 100)
    assert asked is not None
    assert len(set(members(one)) & set(members(other))) >= asked


@given(st.lists(WORDS, min_size=1, max_size=40), WORDS, st.integers(min_value=60, max_value=100))
@settings(max_examples=400, deadline=None)
def test_no_text_that_is_alike_is_left_out(texts: list[str], asked: str, percent: int) -> None:
    ordered = sorted(texts, key=len)
    near = set(bits(Grams(ordered).near(asked, percent / 100)))
    assert {at for at, text in enumerate(ordered) if fuzz.ratio(text, asked) >= percent} <= near


@given(st.lists(st.integers(min_value=0, max_value=2**20 - 1), max_size=20), st.integers(min_value=0, max_value=21))
def test_masks_are_counted_column_by_column(masks: list[int], number: int) -> None:
    everything = 2**20 - 1
    counted = Counter(masks).at_least(number, everything)
    assert set(bits(counted)) == {at for at in range(20) if sum(mask >> at & 1 for mask in masks) >= number}


@given(st.lists(NAMES, min_size=1, max_size=25), NAMES, st.sampled_from([70, 80, 85, 92, 100]))
@settings(max_examples=600, deadline=None)
def test_the_index_finds_what_the_rule_finds(listed: list[str], asked: str, threshold: int) -> None:
    index = Index(Listed(at, name, ("primary", "alias", "weak")[at % 3], threshold) for at, name in enumerate(listed))
    assert index.find(asked) == index.brute_force(asked)
    assert index.inside(f"{asked} {listed[0]} {asked}") == index.brute_inside(f"{asked} {listed[0]} {asked}")


@given(
    st.lists(NAMES, min_size=1, max_size=25),
    st.lists(st.text(alphabet="abcdmno", min_size=2, max_size=7), min_size=40, max_size=130),
    st.integers(min_value=0, max_value=130),
)
@settings(max_examples=200, deadline=None)
def test_the_index_finds_what_the_rule_finds_in_long_texts(listed: list[str], words: list[str], at: int) -> None:
    index = Index(Listed(number, name, threshold=70) for number, name in enumerate(listed))
    text = " ".join([*words[:at], listed[0], *words[at:]])
    assert index.inside(text) == index.brute_inside(text)


def test_the_end_of_a_long_name_and_of_the_longest_text_is_screened() -> None:
    index = Index([Listed("q1", "Vasil Draganov Korbalski")])
    others = " ".join(f"{one}{other}" for one in "bcdfghjk" for other in "uo")
    name = f"{others} {others} Vasil Draganov Korbalski"[-140:]
    assert len(name.split()) > 30
    assert [one.listed.entry for one in index.find(name)] == ["q1"]
    longest = fields.LENGTHS["remittance"]
    text = ("invoice paid " * longest)[: longest - 25] + " Vasil Draganov Korbalski"
    assert len(text) == longest == normal.LONGEST_TEXT
    assert [one.listed.entry for one in index.inside(text)] == ["q1"]
    assert index.inside(text) == index.brute_inside(text)
    assert fields.LENGTHS["creditor_name"] <= normal.LONGEST


def test_a_score_is_the_same_with_and_without_its_explanation() -> None:
    names = misspellings.invented(60)
    for _kind, wrong, right in misspellings.with_errors(names):
        one, other = rule.measure(normal.name(wrong)), rule.measure(normal.name(right))
        assert rule.explain(one, other).score == rule.score(one, other)
        assert rule.explain(one, other, weak=True).score == rule.score(one, other, weak=True)


@cache
def lists_of_the_publishers() -> list[Listed]:
    found = []
    for files in (("watchman-test-sdn.csv", "watchman-test-alt.csv"), ("watchman-UN_consolidated_even.xml",)):
        content = [(LISTS / name).read_bytes() for name in files]
        read = (
            reading.read(content[0])
            if len(content) == 1
            else reading.read(zipped(dict(zip(files, content, strict=True))))
        )
        found += [Listed((read.format, one.code), text, quality) for one in read.entries for text, quality in one.names]
    return found


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in files.items():
            into.writestr(name, content)
    return packed.getvalue()


def test_recall_over_invented_names_with_errors_of_each_kind_is_whole() -> None:
    """Two thousand listed, a wrong spelling of each eleventh: the index finds what asking of every name finds."""
    names = misspellings.invented(2_000)
    index = Index(Listed(name, name) for name in names)
    asked = list(misspellings.with_errors(names[::11]))
    assert len({kind for kind, _wrong, _right in asked}) == len(misspellings.ERRORS)
    missed = [wrong for _kind, wrong, _right in asked if index.find(wrong) != index.brute_force(wrong)]
    assert missed == []


def test_every_kind_of_error_is_found() -> None:
    """What the rule is for: of each kind of error so many in a hundred are hits on the right name."""
    names = misspellings.invented(1_800)
    index = Index(Listed(name, name) for name in names)
    found: dict[str, list[bool]] = {}
    for kind, wrong, right in misspellings.with_errors(names):
        found.setdefault(kind, []).append(any(one.listed.text == right for one in index.find(wrong)))
    shares = {kind: round(100 * sum(hits) / len(hits)) for kind, hits in found.items()}
    whole = {"case", "titled", "legal_form", "accents", "punctuation", "order", "comma", "joined", "cyrillic"}
    assert {kind: share for kind, share in shares.items() if share < (100 if kind in whole else 90)} == {}


@pytest.mark.skipif(not LISTS.exists(), reason="the files of the publishers are not here")
def test_recall_over_the_lists_of_the_publishers_is_whole() -> None:
    listed = lists_of_the_publishers()
    index = Index(listed)
    asked = [one.text for one in listed[::1400]]
    wrong = [
        text for _kind, text, _right in misspellings.with_errors([name for name in asked if len(name.split()) > 1])
    ]
    missed = [name for name in [*asked, *wrong] if index.find(name) != index.brute_force(name)]
    assert missed == []
    texts = [f"payment for {name} invoice 17" for name in asked[::3]]
    assert [text for text in texts if index.inside(text) != index.brute_inside(text)] == []


@pytest.mark.skipif(not LISTS.exists(), reason="the files of the publishers are not here")
def test_the_screening_names_of_the_cases() -> None:
    told = json.loads((LISTS / "names_cases.json").read_text(encoding="utf-8"))["screening"]
    index = Index(Listed(name, name) for name in dict.fromkeys(pair["listed"] for pair in told["positives"]))
    plain = [pair for pair in told["positives"] if not _has(index, pair["listed"], pair["listed"])]
    altered = [pair for pair in told["positives"] if not _has(index, pair["altered"], pair["listed"])]
    hits = [name for name in told["negatives"] if index.find(name)]
    assert plain == []
    assert len(altered) <= 4
    assert len(hits) <= 10


def _has(index: Index, name: str, listed: str) -> bool:
    return any(one.listed.entry == listed for one in index.find(name))
