"""What a model is made of as bytes: the same from the same parts, read back as it was, refused when it is not."""

import numpy as np
import pytest

from controls.scoring import artefacts, supervised, unsupervised
from controls.scoring.features import features
from controls.scoring.movements import movements
from tests.controls.scoring import streams

SMALL = {**supervised.PARAMETERS, "rounds": 20, "seeds": 2, "min_data_in_leaf": 10}


def made(seed: int = 3) -> artefacts.Artefact:
    columns = streams.columns(1_500, days=90)
    table = features(movements(columns))
    model = supervised.train(table, columns["label"], SMALL, seed=seed)
    return artefacts.Artefact(unsupervised.memory(table).thinned(), model)


def test_the_same_parts_give_the_same_bytes_and_another_seed_gives_others() -> None:
    one, again, other = made(), made(), made(seed=4)
    assert one.content == again.content
    assert one.digest == again.digest != other.digest


@pytest.mark.parametrize("trees", [True, False])
def test_what_is_read_back_scores_to_the_last_bit(trees: bool) -> None:
    whole = made()
    one = whole if trees else artefacts.Artefact(whole.memory)
    table = features(streams.stream(seed=9))
    read = artefacts.load(one.content)
    assert read.content == one.content
    assert np.array_equal(read.assess(table).score, one.assess(table).score)
    assert (read.blank, read.model is not None) == (False, trees)
    assert read.contributions(table) == one.contributions(table)


def test_the_first_model_knows_nothing_and_scores_from_assumptions() -> None:
    read = artefacts.load(artefacts.FIRST.content)
    assert read.blank
    table = features(streams.stream())
    score = read.assess(table).score
    assert 0 <= score.min() < 20
    assert 60 < score.max() <= 100


def test_loaded_once_by_digest() -> None:
    one = made()
    assert artefacts.load(one.content) is artefacts.load(bytes(bytearray(one.content)))

    def asked() -> bytes:
        raise AssertionError("read again")

    assert artefacts.by_digest(one.digest, asked) is artefacts.load(one.content)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda bytes_: bytes_[:-8],
        lambda bytes_: bytes_ + b"12345678",
        lambda bytes_: bytes_.replace(b"scoring model 1", b"scoring model 2"),
        lambda _bytes: b"",
        lambda _bytes: b"[]\n",
        lambda bytes_: b"{" + bytes_,
    ],
)
def test_bytes_that_are_no_model_are_refused(spoil: object) -> None:
    with pytest.raises(artefacts.Damaged):
        artefacts.load(spoil(made().content))  # type: ignore[operator]


def test_other_bytes_than_their_digest_names_are_refused() -> None:
    with pytest.raises(artefacts.Damaged):
        artefacts.by_digest("0" * 64, lambda: made().content)


def test_measures_of_another_version_are_not_scored_with() -> None:
    old = artefacts.Artefact(unsupervised.Memory(), measures=0)
    with pytest.raises(artefacts.Outdated):
        artefacts.load(old.content).assess(features(streams.stream(50)))
