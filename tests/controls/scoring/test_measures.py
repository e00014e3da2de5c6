"""What the measures look at, and what they must not see."""

import numpy as np
import pytest

from controls.scoring.features import features
from controls.scoring.movements import DAY, NEVER, movements
from controls.scoring.pasts import Pasts
from tests.controls.scoring import streams

_AT = streams.START


def _of(*rows: dict[str, float]) -> dict[str, float]:
    """The measures of the last of these movements."""
    names = {
        "debtor",
        "creditor",
        "name",
        "operator",
        "country",
        "reference",
        "channel",
        "currency",
        "label",
        "known_at",
    }
    columns = {
        name: [row.get(name, {"known_at": NEVER, "label": -1, "debtor": 1, "creditor": 2}.get(name, 0)) for row in rows]
        for name in names
    }
    columns |= {
        "id": list(range(len(rows))), "at": [_AT + round(row["day"] * DAY) for row in rows],
        "amount": [row["amount"] for row in rows],
    }  # fmt: skip
    return features(movements(columns)).row(len(rows) - 1)


def test_the_future_is_not_seen() -> None:
    """The measures of a movement are the same whether or not anything came after it."""
    every = streams.stream()
    whole = features(every)
    for count in (1, 2, 57, 301, 599):
        part = features(every.take(np.arange(count)))
        assert np.array_equal(part.values, whole.values[:count], equal_nan=True), count


def test_rows_wanted_get_what_all_get() -> None:
    every = streams.stream()
    rows = np.array([5, 17, 400, 599])
    assert np.array_equal(features(every, rows).values, features(every).values[rows], equal_nan=True)


def test_labels_younger_than_a_week_are_never_used() -> None:
    """Shuffle them, give them all away at once: nothing moves; of older ones something does."""
    columns = streams.columns(900)
    rows = np.arange(700, 900)
    first = columns["at"][rows].min()
    columns["known_at"] = columns["at"].copy()  # whoever labels may know at once; the measures wait all the same
    before = features(movements(columns), rows).values
    draw = np.random.default_rng(7)
    young = columns["at"] > first - 7 * DAY
    shuffled = {**columns, "label": columns["label"].copy()}
    shuffled["label"][young] = draw.integers(-1, 2, young.sum())
    one = features(movements(shuffled), rows[:1]).values
    assert np.array_equal(one, before[:1], equal_nan=True)
    for number, row in enumerate(rows):
        if number % 40 == 0:
            own = {**columns, "label": columns["label"].copy()}
            late = columns["at"] > columns["at"][row] - 7 * DAY
            own["label"][late] = 1 - own["label"][late]
            assert np.array_equal(features(movements(own), np.array([row])).values[0], before[number], equal_nan=True)
    old = {**columns, "label": np.where(young, columns["label"], 1 - columns["label"])}
    assert not np.array_equal(features(movements(old), rows).values, before, equal_nan=True)


def test_labels_not_known_yet_are_never_used() -> None:
    columns = streams.columns(900)
    rows = np.arange(850, 900)
    late = {**columns, "known_at": columns["at"] + 90 * DAY}
    other = {**late, "label": 1 - columns["label"]}
    assert np.array_equal(
        features(movements(late), rows).values, features(movements(other), rows).values, equal_nan=True
    )


def test_amount_against_the_habit() -> None:
    rows = [{"day": day, "amount": amount} for day, amount in enumerate((100, 110, 90, 100, 300))]
    told = _of(*rows, {"day": 6, "amount": 500})
    assert told["debtor_median"] == 100
    assert told["debtor_ratio"] == 5
    assert told["debtor_over_most"] == pytest.approx(500 / 300)
    assert told["debtor_high_14d"] == 1
    assert told["debtor_count_7d"] == 6
    assert told["debtor_sum_7d"] == 1200
    assert told["debtor_count_1d"] == 1


def test_new_account_under_a_known_name() -> None:
    known = [{"day": day * 30, "amount": 1000, "name": 5, "creditor": 2} for day in range(4)]
    told = _of(*known, {"day": 121, "amount": 9000, "name": 5, "creditor": 3})
    assert (told["details_changed"], told["details_before"], told["details_ratio"]) == (1, 4, 9)
    same = _of(*known, {"day": 121, "amount": 9000, "name": 5, "creditor": 2})
    assert same["details_changed"] == 0


def test_in_and_out_again() -> None:
    told = _of(
        {"day": 1, "amount": 4000, "debtor": 7, "creditor": 1},
        {"day": 1.2, "amount": 1500, "debtor": 1, "creditor": 8},
        {"day": 1.3, "amount": 2400, "debtor": 1, "creditor": 9},
    )
    assert told["through_in_48h"] == 4000
    assert told["through_share"] == pytest.approx(3900 / 4000)


def test_circles_close() -> None:
    two = _of(
        {"day": 1, "amount": 1000, "debtor": 1, "creditor": 2}, {"day": 3, "amount": 980, "debtor": 2, "creditor": 1}
    )
    assert (two["circle_two"], two["circle_three"]) == (1, 0)
    three = (
        {"day": 1, "amount": 1000, "debtor": 1, "creditor": 2},
        {"day": 2, "amount": 990, "debtor": 2, "creditor": 3},
        {"day": 3, "amount": 970, "debtor": 3, "creditor": 1},
    )
    assert (_of(*three)["circle_two"], _of(*three)["circle_three"]) == (0, 1)
    assert _of(*three)["circle_four"] == 0
    four = (
        {"day": 1, "amount": 1000, "debtor": 1, "creditor": 2},
        {"day": 2, "amount": 990, "debtor": 2, "creditor": 3},
        {"day": 3, "amount": 970, "debtor": 3, "creditor": 4},
        {"day": 4, "amount": 950, "debtor": 4, "creditor": 1},
    )
    assert (_of(*four)["circle_three"], _of(*four)["circle_four"]) == (0, 1)
    against_time = _of(three[1], {**three[0], "day": 2.5}, three[2])
    assert against_time["circle_three"] == 0


def test_pieces_under_a_limit() -> None:
    pieces = [{"day": 1 + number, "amount": 9_500 - number} for number in range(4)]
    told = _of(*pieces)
    assert (told["under_limit"], told["under_pair_count"], told["under_pair_sum"]) == (10_000, 4, 37_994)


def test_sums_are_exact_far_into_a_stream() -> None:
    """What came long before leaves no trace in a sum over a window: the same to the last bit."""
    draw = np.random.default_rng(3)
    count = 5_000
    columns = streams.columns(count, accounts=3, days=300)
    columns["amount"] = np.round(draw.random(count) * 10**9, 2)
    every = movements(columns)
    late = np.flatnonzero(every.at >= every.at[-1] - 45 * DAY)
    whole = features(every, late[-50:])["debtor_sum_7d"]
    assert np.array_equal(features(every.take(late), np.arange(len(late))[-50:])["debtor_sum_7d"], whole)


def test_keys_may_be_large() -> None:
    """Only which movements share a key counts, not its number: pairs of a million accounts have very large ones."""
    columns = streams.columns(400)
    wide = {**columns, **{name: columns[name] * 80_000 for name in ("debtor", "creditor", "name", "operator")}}
    assert np.array_equal(features(movements(wide)).values, features(movements(columns)).values, equal_nan=True)


def test_ratio_that_is_given_is_kept() -> None:
    columns = streams.columns(50)
    columns["ratio"] = np.full(50, 3.5)
    assert set(Pasts(movements(columns)).ratio.tolist()) == {3.5}
