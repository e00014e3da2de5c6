"""Frauds found among card transactions of a known simulation, by the protocol of the handbook it comes from.

The product's own measures and models, the customer as debtor and the terminal as creditor. Trained on some days, a
week waited (labels are known after seven days), tested on the next days without the cards that are known as
compromised by then: those with a fraud in the week that ends the training, or eight or more days before the day
tested. The ratio is the average precision over the goal's; windows are arguments, and the same is measured for the
four windows that lie one to four weeks earlier, which the parameters were chosen by. Cards are taken out alike for 7
and for 60 days of training, so that both are tested on the same rows.

    python -m benchmarks.detection_cards [--train-from 2018-07-11 --train-to 2018-07-17]
        [--test-from 2018-07-25 --test-to 2018-07-31] [--file card-transactions.csv.xz] [--size small|full]

``small`` measures 7 days of training and the day without labels; ``full`` adds 60 days and the earlier windows.
"""

import argparse
import csv
import dataclasses
import io
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import harness

FILE = Path(__file__).resolve().parents[2] / "shared/data/fraud/card-transactions.csv.xz"
GOAL, GOAL_CARDS, GOAL_LONG, GOAL_UNLABELLED = 0.72, 0.283, 0.73, 1.3
DELAY, LONG, TOP = 7, 60, 100
_DAY = 86_400


@dataclass(frozen=True)
class Windows:
    """First and last day of training and of the test, as days since 1970."""

    train: tuple[int, int]
    test: tuple[int, int]

    def earlier(self, weeks: int) -> "Windows":
        back = 7 * weeks
        return Windows((self.train[0] - back, self.train[1] - back), (self.test[0] - back, self.test[1] - back))

    def longer(self, days: int) -> "Windows":
        return dataclasses.replace(self, train=(self.train[1] - days + 1, self.train[1]))


def read(path: Path) -> Any:
    """The file as movements; terminals are numbered after the customers."""
    from controls.scoring.movements import movements

    with lzma.open(path, "rt", newline="") as lines:
        reader = csv.reader(io.StringIO(lines.read()))
        next(reader)
        rows = list(zip(*reader, strict=True))
    at = np.array([moment.replace(" ", "T") for moment in rows[1]], dtype="datetime64[s]").astype(np.int64)
    customer, terminal = np.array(rows[2], dtype=np.int64), np.array(rows[3], dtype=np.int64)
    columns = {
        "id": np.array(rows[0], dtype=np.int64), "at": at,
        "debtor": customer, "creditor": terminal + customer.max() + 1,
        "amount": np.array(rows[4], dtype=np.float64), "label": np.array(rows[5], dtype=np.int64),
        "known_at": at + DELAY * _DAY,
    }  # fmt: skip
    return movements(columns)


def split(movements: Any, windows: Windows) -> tuple[Any, Any]:
    """Rows of the training and of the test."""
    day = movements.at // _DAY
    train = np.flatnonzero((day >= windows.train[0]) & (day <= windows.train[1]))
    fraud = movements.label == 1
    first = windows.train[1] - 6
    kept = []
    for one in range(windows.test[0], windows.test[1] + 1):
        rows = np.flatnonzero(day == one)
        known = np.unique(movements.debtor[fraud & (day >= first) & (day <= max(one - DELAY - 1, windows.train[1]))])
        kept.append(rows[~np.isin(movements.debtor[rows], known)])
    return train, np.concatenate(kept)


def average_precision(label: Any, score: Any) -> float:
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    hits = np.cumsum(label[order])[ends]
    return float((hits / (ends + 1) * np.diff(hits, prepend=0)).sum() / max(label.sum(), 1))


def card_precision(movements: Any, rows: Any, score: Any) -> float:
    """Of the 100 customers with the highest scores of each day, the share that had a fraud; found ones leave."""
    day, found, shares = movements.at[rows] // _DAY, np.empty(0, dtype=np.int64), []
    for one in np.unique(day):
        here = (day == one) & ~np.isin(movements.debtor[rows], found)
        customers, place = np.unique(movements.debtor[rows][here], return_inverse=True)
        best, fraud = np.full(len(customers), -np.inf), np.zeros(len(customers), dtype=bool)
        np.maximum.at(best, place, score[here])
        np.logical_or.at(fraud, place, movements.label[rows][here] == 1)
        top = np.argsort(-best, kind="stable")[:TOP]
        found = np.union1d(found, customers[top][fraud[top]])
        shares.append(fraud[top].sum() / TOP)
    return float(np.mean(shares))


def trained(pasts: Any, windows: Windows) -> dict[str, Any]:
    """Learn and test in one window."""
    from controls.scoring import supervised
    from controls.scoring.features import CARD_PARTS, features

    movements = pasts.movements
    train, test = split(movements, windows)
    model = supervised.train(features(pasts, train, CARD_PARTS), movements.label[train])
    score = model.risk(features(pasts, test, CARD_PARTS))
    return {**_figures(movements, test, score), "train": _counts(movements, train), "test": _counts(movements, test)}


def unlabelled(pasts: Any, windows: Windows) -> dict[str, Any]:
    """The model of the first day, which saw the movements of the training and no label."""
    from controls.scoring import unsupervised
    from controls.scoring.features import CARD_PARTS, features

    movements = pasts.movements
    train, test = split(movements, windows)
    blind = CARD_PARTS[:-1]
    past = unsupervised.memory(features(pasts, train, blind))
    score, _each, _names = unsupervised.surprise(features(pasts, test, blind), past)
    alone = average_precision(movements.label[test], movements.amount[test].astype(np.float64))
    found = _figures(movements, test, score)
    return {**found, "amount_alone": round(alone, 4), "over_amount": round(found["average_precision"] / alone, 3)}


def _figures(movements: Any, rows: Any, score: Any) -> dict[str, Any]:
    precision = average_precision(movements.label[rows], score)
    return {
        "average_precision": round(precision, 4),
        "card_precision": round(card_precision(movements, rows, score), 4),
    }


def _counts(movements: Any, rows: Any) -> list[int]:
    return [len(rows), int(movements.label[rows].sum())]


def _options() -> tuple[harness.Options, Windows, Path]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=["small", "full"], default="small")
    parser.add_argument("--file", type=Path, default=FILE)
    for name, day in (("train-from", "2018-07-11"), ("train-to", "2018-07-17"), ("test-from", "2018-07-25"),
                      ("test-to", "2018-07-31")):  # fmt: skip
        parser.add_argument(f"--{name}", type=date.fromisoformat, default=date.fromisoformat(day))
    given = parser.parse_args()
    first, last, test_first, test_last = (
        (day - date(1970, 1, 1)) // timedelta(days=1)
        for day in (given.train_from, given.train_to, given.test_from, given.test_to)
    )
    return harness.Options(given.size), Windows((first, last), (test_first, test_last)), given.file


def _earlier(pasts: Any, windows: Windows) -> Iterator[dict[str, Any]]:
    for weeks in range(1, 5):
        yield (one := trained(pasts, windows.earlier(weeks)))
        harness.say(f"{weeks} weeks earlier: {one}")


def main() -> None:
    options, windows, path = _options()
    if not path.exists():
        harness.say(f"{path} is not there; nothing was measured")
        return
    from controls.scoring.pasts import Pasts

    pasts = Pasts(read(path))
    detail: dict[str, Any] = {"no_labels": unlabelled(pasts, windows)}
    harness.say(f"without labels: {detail['no_labels']}")
    detail["learnt"] = trained(pasts, windows)
    harness.say(f"learnt: {detail['learnt']}")
    detail["goals"] = {"average_precision": GOAL, "card_precision": GOAL_CARDS, "over_amount": GOAL_UNLABELLED}
    if options.full:
        detail["learnt_60_days"] = trained(pasts, windows.longer(LONG))
        harness.say(f"learnt from {LONG} days: {detail['learnt_60_days']}")
        detail["goals"]["average_precision_60_days"] = GOAL_LONG
        weeks = list(_earlier(pasts, windows))
        for name in ("average_precision", "card_precision"):
            detail[f"earlier_mean_{name}"] = round(float(np.mean([one[name] for one in weeks])), 4)
    harness.report("detection_cards", detail["learnt"]["average_precision"] / GOAL, 1.0, detail)


if __name__ == "__main__":
    main()
