"""The models: the same from the same data to the last bit, never wiser than their labels, and between 0 and 100."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controls.scoring import artefacts, calibration, evidence, risk, supervised, unsupervised
from controls.scoring.features import Table, features
from controls.scoring.movements import DAY, movements
from controls.scoring.pasts import Pasts
from tests.controls.scoring import streams

SMALL = {**supervised.PARAMETERS, "rounds": 20, "seeds": 2, "min_data_in_leaf": 10}


def taught(count: int = 1_500) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Columns in which a high amount is fraud more often than not."""
    columns = streams.columns(count, days=90)
    chance = np.where(columns["amount"] > 2_000, 0.6, 0.02)
    columns["label"] = (np.random.default_rng(5).random(count) < chance).astype(np.int64)
    return columns, np.arange(count // 2, count)


def test_training_is_the_same_bit_for_bit() -> None:
    columns, rows = taught()
    table, label = features(movements(columns), rows), columns["label"][rows]
    one, again, other = (supervised.train(table, label, SMALL, seed=seed) for seed in (3, 3, 4))
    assert one.artefact() == again.artefact()
    assert one.digest == again.digest != other.digest
    read = supervised.load(one.artefact())
    assert np.array_equal(read.risk(table), one.risk(table))
    assert read.digest == one.digest


def test_it_learns_what_can_be_learnt() -> None:
    columns, rows = taught()
    table, label = features(movements(columns), rows), columns["label"][rows]
    half = len(rows) // 2
    model = supervised.train(table.rows(np.arange(half)), label[:half], SMALL)
    judged = table.rows(np.arange(half, len(rows)))
    found = model.risk(judged)
    true = label[half:] == 1
    assert found[true].mean() > 3 * found[~true].mean()
    assert ((found >= 0) & (found <= 1)).all()
    # Calibrated: as many as there were.
    assert found.mean() == pytest.approx(label[:half].mean(), rel=0.25)
    assert model.contributions(judged).sum(axis=1) == pytest.approx(model.raw(judged))


def test_labels_younger_than_a_week_move_no_score() -> None:
    columns, rows = taught()
    now = columns["at"][rows[-1]]
    old = rows[columns["at"][rows] <= now - 7 * DAY]
    young = columns["at"] > now - 7 * DAY
    shuffled = {
        **columns,
        "label": np.where(young, np.random.default_rng(1).permutation(columns["label"]), columns["label"]),
    }
    scores = []
    for given_columns in (columns, shuffled):
        every = movements(given_columns)
        model = supervised.train(features(every, old), every.label[old], SMALL)
        table = features(every, rows[-1:])
        past = unsupervised.memory(features(every, old))
        scores.append((risk.assess(table, past, model).score.tolist(), model.digest))
    assert scores[0] == scores[1]


def test_known_frauds_are_told_of_as_they_are() -> None:
    columns, rows = taught()
    every = movements(columns)
    table = features(every, rows)
    model = supervised.train(table, every.label[rows], SMALL)
    found = risk.assess(table, unsupervised.memory(table), model)
    pasts, told = Pasts(every), 0
    learnt = artefacts.Artefact(unsupervised.Memory(), model).contributions(table)
    for place, row in enumerate(rows.tolist()):
        case = evidence.Case(pasts, table.row(place), row, evidence.Texts())
        for one in evidence.reasons(case, found, place, learnt[place]):
            if one.code == "known.frauds":
                age = every.at[row] - every.at[:row]
                month = (every.creditor[:row] == every.creditor[row]) & (age >= 7 * DAY) & (age < 37 * DAY)
                assert one.params["count"] == month.sum()
                assert one.params["frauds"] == every.label[:row][month].sum() > 0
                told += 1
    assert told > 20


def test_too_few_frauds_teach_nothing() -> None:
    columns, rows = taught()
    table = features(movements(columns), rows[:60])
    with pytest.raises(ValueError, match="are needed"):
        supervised.train(table, columns["label"][rows[:60]], SMALL)


def test_the_payers_own_frauds_are_not_learnt_from() -> None:
    names = ("amount", "debtor_fraud_share_7d", "debtor_known_7d", "creditor_fraud_share_7d", "debtor_ratio")
    assert supervised.learnt(names) == ("amount", "creditor_fraud_share_7d", "debtor_ratio")


@given(st.lists(st.tuples(st.floats(-50, 50), st.booleans()), min_size=1, max_size=60))
def test_a_curve_rises_between_nothing_and_all(seen: list[tuple[float, bool]]) -> None:
    raw = np.array([one for one, _label in seen])
    curve = calibration.rising(raw, np.array([int(label) for _one, label in seen]))
    found = curve(np.linspace(-60, 60, 500))
    assert (np.diff(found) >= 0).all()
    assert 0 <= found[0] <= found[-1] <= 1 + 1e-6


def test_a_curve_says_how_often() -> None:
    """Of those up to the middle a tenth are true, of those above nine tenths."""
    raw = np.arange(2_000.0)
    label = np.where(raw < 1_000, raw % 10 == 0, raw % 10 != 0).astype(np.int64)
    curve = calibration.rising(raw, label)
    assert curve(np.array([300.0]))[0] == pytest.approx(0.1, abs=0.03)
    assert curve(np.array([1_700.0]))[0] == pytest.approx(0.9, abs=0.03)


def _amounts(*values: float) -> Table:
    return Table(("amount",), np.array(values)[:, None])


def test_a_tail_is_assumed_until_it_is_seen() -> None:
    nothing = unsupervised.tails(_amounts(50, 100, 200, 400), unsupervised.Memory())["amount"]
    assert nothing.tolist() == pytest.approx([1, 1, 1 / 1.6, 1 / 1.6**2])
    seen = unsupervised.memory(_amounts(*([400.0] * 1_800)))
    # 1,800 of at least 400 and 200 assumed movements of which 1 in 2.56 is.
    assert unsupervised.tails(_amounts(400), seen)["amount"].tolist() == pytest.approx([(1_800 + 200 / 2.56) / 2_000])
    assert unsupervised.tails(_amounts(401), seen)["amount"][0] < 0.05


def test_a_short_history_says_nothing() -> None:
    table = Table(("debtor_ratio", "debtor_history"), np.array([[50.0, 2], [50.0, 3]]))
    assert unsupervised.tails(table, unsupervised.Memory())["debtor_ratio"].tolist()[0] == 1
    assert unsupervised.tails(table, unsupervised.Memory())["debtor_ratio"].tolist()[1] < 0.01


def test_what_is_remembered_is_bounded() -> None:
    past = unsupervised.Memory()
    for start in range(0, 100_000, 5_000):
        past = past.with_more(_amounts(*np.arange(start, start + 5_000.0)))
    assert past.seen == 100_000
    assert len(past.values["amount"]) <= 2 * unsupervised.REMEMBERED
    # What came lately weighs more: the middle of all is below the middle of what is remembered.
    assert 0.5 < unsupervised.tails(_amounts(50_000), past)["amount"][0] < 0.9
