"""The rule: how alike a name is to a listed one, 0 to 100, and what agrees with what.

**Likeness of two texts** is ``rapidfuzz.fuzz.ratio``: twice the letters they have in common in order (their longest
common subsequence), divided by the letters of both, in percent. It is taken of folded words (see ``normal``).

**As a whole.** The words joined without blanks, in the order they are written or sorted, whichever is more alike. So
order, and words written together or apart, do not count. Names of up to four letters must be equal.

**Word by word.** The words of both are paired, the most alike first, each once, when they are at least ``NEAR`` alike;
words of up to three letters, and those with a digit, must be equal; an initial pairs with a word that begins with it.
Every word of the name that has fewer must find its pair. The score is the mean likeness of the pairs, weighted by their
letters (a pair that is alike only when folded counts at most ``SPELLING``, an initial ``INITIAL``), less:

* ``ALONE`` times the share of letters that stay alone, of each side;
* ``CONTRARY`` for each side that has an initial which contradicts the other's words;
* ``ONE_WORD`` when one full word alone agrees and either name has more, ``ONE_AND_INITIAL`` when an initial agrees too.

**The score** is the higher of both, less ``WEAK`` for an alias that the publisher calls weak; at most ``SHORT_OF`` when
the listed name has a number that the other has not. A hit is a score that reaches the threshold of the list.

**In running text** (``inside``) a listed name of two words or more, eight letters or more, is found when each of its
words has its pair of at least ``NEAR_IN_TEXT`` within a window of two words more than it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from controls.screening.normal import Name

NEAR, NEAR_IN_TEXT = 75, 88
SPELLING, INITIAL = 97, 90
ALONE, CONTRARY, ONE_WORD, ONE_AND_INITIAL, WEAK = 15, 12, 20, 10, 5
SHORT_OF = 70
SHORTEST_WHOLE, SHORTEST_NEAR = 4, 3
SHORTEST_IN_TEXT, MORE_IN_TEXT = 8, 2
LOWEST_THRESHOLD = 70
# Changes with the rule, so that what was found by an earlier one is asked anew.
NUMBER = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """A word that was given, the listed word it stands for, and their likeness. ``kind``: see :func:`_kind`."""

    given: str
    listed: str
    likeness: int
    kind: str


@dataclass(frozen=True, slots=True)
class Match:
    """``way``: whole, order (as a whole, words sorted), words or text. ``missing`` are listed words without a pair,
    ``extra`` given ones. ``less`` is what was taken off: code and points."""

    score: int
    way: str
    pairs: tuple[Pair, ...]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    less: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """A name with what the rule needs of it, worked out once."""

    name: Name
    joined: str
    sorted: str
    full: tuple[int, ...]
    # The full words: place, folded, and whether they may be near another instead of equal.
    words: tuple[tuple[int, str, bool], ...]
    initials: tuple[int, ...]
    letters: int
    numbers: frozenset[str]


def measure(name: Name) -> Measured:
    folded = name.folded
    full = tuple(at for at, word in enumerate(name.words) if len(word) > 1)
    return Measured(
        name, "".join(folded), "".join(sorted(folded)), full,
        tuple((at, folded[at], len(folded[at]) > SHORTEST_NEAR and folded[at].isalpha()) for at in full),
        tuple(at for at, word in enumerate(name.words) if len(word) == 1 and word.isalpha()),
        sum(len(folded[at]) for at in full),
        frozenset(word for word in name.words if not word.isalpha()),
    )  # fmt: skip


def score(given: Measured, listed: Measured, *, weak: bool = False) -> int:
    """The score alone, without its explanation: what every candidate is asked."""
    best = max(_whole(given, listed), _by_words(given, listed)[0])
    return _bounded(best, given, listed, weak)


def explain(given: Measured, listed: Measured, *, weak: bool = False) -> Match:
    """The same score with what it is made of."""
    joined = fuzz.ratio(given.joined, listed.joined)
    whole, (words, paired, less) = _whole(given, listed), _by_words(given, listed)
    way = "words" if words >= whole else ("whole" if joined >= whole else "order")
    pairs = _pairs(given, listed, paired if way == "words" else _loosely(given, listed))
    taken = [*less] if way == "words" else []
    if weak:
        taken.append(("weak", WEAK))
    if not listed.numbers <= given.numbers and max(whole, words) > SHORT_OF:
        taken.append(("numbers", int(max(whole, words)) - SHORT_OF))
    said = [*zip(*((pair.given, pair.listed) for pair in pairs), strict=True)] or [(), ()]
    return Match(
        _bounded(max(whole, words), given, listed, weak), way, tuple(pairs),
        missing=_left(listed.name.words, said[1]), extra=_left(given.name.words, said[0]), less=tuple(taken),
    )  # fmt: skip


def inside(text: Name, listed: Measured) -> Match | None:
    """The listed name, found in running text; None when it is not. The best window counts, the first of equals."""
    wanted = len(listed.full)
    if wanted < 2 or listed.letters < SHORTEST_IN_TEXT:
        return None
    reach = wanted + MORE_IN_TEXT
    best: Match | None = None
    for start in range(max(1, len(text.words) - reach + 1)):
        window = Name(text.words[start : start + reach], text.folded[start : start + reach])
        given = measure(window)
        likes = _likes(given, listed, NEAR_IN_TEXT)
        pairs = _paired(likes)
        if len(pairs) < wanted:
            continue
        likeness = int(_mean_of(given, listed, pairs))
        if best is None or likeness > best.score:
            best = Match(likeness, "text", tuple(_pairs(given, listed, pairs)))
    return best


def _bounded(best: float, given: Measured, listed: Measured, weak: bool) -> int:
    if not listed.numbers <= given.numbers:
        best = min(best, SHORT_OF)
    return max(0, int(best) - (WEAK if weak else 0))


def _whole(given: Measured, listed: Measured) -> float:
    if min(len(given.joined), len(listed.joined)) <= SHORTEST_WHOLE and given.sorted != listed.sorted:
        return 0.0
    return max(fuzz.ratio(given.joined, listed.joined), fuzz.ratio(given.sorted, listed.sorted))


Likes = list[tuple[float, int, int]]
_NOTHING: tuple[float, dict[int, tuple[int, float]], list[tuple[str, int]]] = (0.0, {}, [])


def _likes(given: Measured, listed: Measured, near: int) -> Likes:
    """Pairs of full words that are alike enough: likeness, place of the given word, place of the listed one."""
    found: Likes = []
    ratio = fuzz.ratio
    for here, one, loosely in given.words:
        for there, other, as_loosely in listed.words:
            if one == other:
                found.append((100.0, here, there))
            elif loosely and as_loosely:
                likeness = ratio(one, other, score_cutoff=near)
                if likeness:
                    found.append((likeness, here, there))
    return found


def _order(like: tuple[float, int, int]) -> tuple[float, int, int]:
    return -like[0], like[1], like[2]


def _paired(likes: Likes) -> dict[int, tuple[int, float]]:
    """The most alike first, each word once, ties by their places: given place -> (listed place, likeness)."""
    pairs: dict[int, tuple[int, float]] = {}
    taken: set[int] = set()
    for likeness, here, there in sorted(likes, key=_order) if len(likes) > 1 else likes:
        if here not in pairs and there not in taken:
            pairs[here] = (there, likeness)
            taken.add(there)
    return pairs


def _with_initials(given: Measured, listed: Measured, pairs: dict[int, tuple[int, float]]) -> int:
    """Pair initials with words that are left, or with equal initials. Returns how many found one."""
    taken = {there for there, _likeness in pairs.values()}
    found = 0
    left, right = given.name.words, listed.name.words
    for here in given.initials:
        for there in (*listed.initials, *listed.full):
            if there not in taken and right[there][0] == left[here]:
                pairs[here] = (there, INITIAL)
                taken.add(there)
                found += 1
                break
    for there in listed.initials:
        if there in taken:
            continue
        for here in given.full:
            if here not in pairs and left[here][0] == right[there]:
                pairs[here] = (there, INITIAL)
                taken.add(there)
                found += 1
                break
    return found


def words_score(given: Measured, listed: Measured) -> int:
    """The score of names that are not alike as a whole: what :func:`score` gives when their words decide."""
    return _bounded(_by_words(given, listed)[0], given, listed, False)


def _by_words(given: Measured, listed: Measured) -> tuple[float, dict[int, tuple[int, float]], list[tuple[str, int]]]:
    """The score word by word, the pairs by their places, and what was taken off."""
    if not given.full or not listed.full:
        return _NOTHING
    likes = _likes(given, listed, NEAR)
    fewest = min(len(given.full), len(listed.full))
    if len(likes) < fewest - max(len(given.initials), len(listed.initials)) or not likes:
        return _NOTHING
    paired = _paired(likes)
    words = len(paired)
    initials = _with_initials(given, listed, paired) if given.initials or listed.initials else 0
    if len(paired) < fewest:
        return _NOTHING
    taken = {there for there, _likeness in paired.values()}
    alone_here = [at for at in given.full if at not in paired]
    alone_there = [at for at in listed.full if at not in taken]
    if len(given.full) == len(listed.full):
        fewer = min(alone_here, alone_there, key=len)
    else:
        fewer = alone_here if len(given.full) < len(listed.full) else alone_there
    if fewer:
        return _NOTHING
    less = _less(given, listed, paired, (words, initials), (alone_here, alone_there))
    return _mean_of(given, listed, paired) - sum(points for _code, points in less), paired, less


def _mean_of(given: Measured, listed: Measured, paired: dict[int, tuple[int, float]]) -> float:
    """The mean likeness of the pairs, weighted by their letters."""
    left, right = given.name.words, listed.name.words
    total = letters = 0
    for here, (there, likeness) in paired.items():
        one, other = left[here], right[there]
        weight = min(len(one), len(other))
        worth = int(likeness)
        if worth == 100 and one != other:
            worth = SPELLING
        total += weight * worth
        letters += weight
    return total / letters


def _less(
    given: Measured, listed: Measured, paired: dict[int, tuple[int, float]], agreed: tuple[int, int],
    alone: tuple[list[int], list[int]],
) -> list[tuple[str, int]]:  # fmt: skip
    """What is taken off the mean of the pairs."""
    words, initials = agreed
    taken = {there for there, _likeness in paired.values()}
    less = []
    for code, side, places in (("extra", given, alone[0]), ("missing", listed, alone[1])):
        if points := round(ALONE * sum(len(side.name.folded[at]) for at in places) / side.letters):
            less.append((code, points))
    contrary = [
        at for at in given.initials if at not in paired and (alone[1] or set(listed.initials) - taken)
    ]  # fmt: skip
    if contrary:
        less.append(("initial_given", CONTRARY))
    if [at for at in listed.initials if at not in taken and (alone[0] or set(given.initials) - set(paired))]:
        less.append(("initial_listed", CONTRARY))
    if words == 1 and not len(given.full) == len(listed.full) == 1:
        less.append(("one_and_initial", ONE_AND_INITIAL) if initials else ("one_word", ONE_WORD))
    return less


def _pairs(given: Measured, listed: Measured, paired: dict[int, tuple[int, float]]) -> list[Pair]:
    left, right = given.name.words, listed.name.words
    found = []
    for here, (there, likeness) in sorted(paired.items()):
        kind = _kind(left[here], right[there], likeness)
        worth = min(int(likeness), SPELLING) if kind == "spelling" else int(likeness)
        found.append(Pair(left[here], right[there], worth, kind))
    return found


def _kind(given: str, listed: str, likeness: float) -> str:
    """equal, initial, spelling (equal when folded), typing (nearly all letters in common) or near."""
    if given == listed:
        return "equal"
    if len(given) == 1 or len(listed) == 1:
        return "initial"
    if likeness >= 100:
        return "spelling"
    return "typing" if likeness >= 85 else "near"


def _loosely(given: Measured, listed: Measured) -> dict[int, tuple[int, float]]:
    """Pairs to show for names that are alike as a whole."""
    paired = _paired(_likes(given, listed, 60))
    _with_initials(given, listed, paired)
    return paired


def _left(words: Sequence[str], said: Sequence[str]) -> tuple[str, ...]:
    rest = list(words)
    for word in said:
        if word in rest:
            rest.remove(word)
    return tuple(rest)
