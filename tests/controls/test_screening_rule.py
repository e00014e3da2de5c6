"""The rule by examples: what makes two names the same, and what does not."""

import pytest

from controls.screening import normal, rule
from controls.screening.normal import Name


def score(given: str, listed: str, *, weak: bool = False) -> int:
    return rule.score(rule.measure(normal.name(given)), rule.measure(normal.name(listed)), weak=weak)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("PUTIN, Vladimir", "vladimir putin"),
        ("Dr. Vladimir PUTIN", "vladimir putin"),
        ("Владимир Путин", "vladimir putin"),
        ("O’Brien & Sons, Ltd.", "obrien sons"),
        ("Kervella Matériaux S.A.R.L.", "kervella materiaux"),
        ("Sheikh Usama bin Laden", "usama laden"),
        ("bin Laden", "bin laden"),
        ("Abd al-Rahman AL-DARI", "abdrahman dari"),
        ("Abdurrahman Dari", "abdrahman dari"),
        ("Jean-Claude van der Berg", "jean claude berg"),
        ("Ltd", "ltd"),
        ("", ""),
        ("???", ""),
    ],
)
def test_names_are_made_comparable(written: str, words: str) -> None:
    assert normal.name(written).key == words


@pytest.mark.parametrize(
    ("given", "listed", "least"),
    [
        ("Vladimir Putin", "PUTIN, Vladimir Vladimirovich", 85),
        ("Wladimir Poutine", "Vladimir Putin", 90),
        ("V. Putin", "Vladimir Putin", 85),
        ("Salek Abdulhai", "ABDULHAI SALEK", 100),
        ("Aerocaribbean Airlines", "AERO CARIBBEAN AIRLINES", 100),
        ("Hans J Friedrich", "Hans Joachim Friedrich", 85),
        ("Karbadin Trade LLC", "Karbadin Trading Company", 85),
    ],
)
def test_what_is_the_same_is_a_hit(given: str, listed: str, least: int) -> None:
    assert score(given, listed) >= least
    assert score(listed, given) >= least


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ("Octavian Scholz", "Olaf Scholz"),
        ("Hans O Friedrich", "Hans Joachim Friedrich"),
        ("Putin", "Vladimir Putin"),
        ("John Smith", "John Baker"),
        ("Brigade 55", "Brigade 77"),
        ("Lu", "Li"),
        ("", "Vladimir Putin"),
    ],
)
def test_what_is_another_is_none(given: str, listed: str) -> None:
    assert score(given, listed) < 85
    assert score(listed, given) < 85


def test_a_weak_alias_counts_five_less() -> None:
    assert (score("Vasil Korbalski", "Vasil Korbalski"), score("Vasil Korbalski", "Vasil Korbalski", weak=True)) == (
        100,
        95,
    )


def test_the_explanation_says_what_matched_what() -> None:
    match = rule.explain(
        *(rule.measure(normal.name(one)) for one in ("V. Korbalsky Draganov", "Vasil Draganov Korbalski"))
    )
    assert {(pair.given, pair.listed, pair.kind) for pair in match.pairs} == {
        ("v", "vasil", "initial"), ("korbalsky", "korbalski", "spelling"), ("draganov", "draganov", "equal"),
    }  # fmt: skip
    assert (match.missing, match.extra) == ((), ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Payment for Vasil Korbalski, invoice 17", True),
        ("KORBALSKI VASIL 2026", True),
        ("Vasil invoice of the month for goods to Korbalski", False),
        ("Korbalski", False),
    ],
)
def test_a_name_is_found_inside_a_text(text: str, found: bool) -> None:
    listed = rule.measure(normal.name("Vasil Korbalski"))
    words: Name = normal.text(text)
    assert (rule.inside(words, listed) is not None) == found
