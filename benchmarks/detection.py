"""Frauds found in a labelled stream of payments without any label: twelve typologies, three difficulties, look-alikes.

The stream (benchmarks/payment_stream.py, payment_frauds.py) goes through what ``manage.py score_file`` does. Alerts
are the highest scores after the first days, 0.5 % and 1 % of the payments. Recall counts episodes of which a payment
is among them, and payments; false alarms are look-alikes of which one is. The same for Isolation Forest on the same
measures (learnt from the first days), and for plain rules (how many of eight thresholds are passed, then the amount).
The ratio is the product's recall of episodes at 1 % over the better of the two.

    python -m benchmarks.detection [--seed 1] --size small|full
"""

import argparse
import csv
import io
from collections import defaultdict
from typing import Any

import numpy as np

from benchmarks import harness, payment_frauds
from benchmarks.payment_stream import START

GOAL = 1.5
BUDGETS = (0.005, 0.01)
BURN_IN = 100


def as_file(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> io.StringIO:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({**row, "created_at": row["created_at"].isoformat()} for row in rows)
    text.seek(0)
    return text


def rules_alone(table: Any) -> Any:
    """Thresholds as a house would set them by hand."""
    with np.errstate(invalid="ignore"):
        passed = [
            table["amount"] >= 10_000, table["same_amount_days"] <= 7, table["details_changed"] > 0,
            table["name_other"] > 0, table["debtor_count_1d"] >= 10, table["debtor_recency_days"] >= 90,
            (table["payee_new"] > 0) & (table["amount"] >= 5_000), table["under_debtor_count"] >= 3,
            (table["hour"] < 6) | (table["hour"] >= 22),
        ]  # fmt: skip
    return np.sum(passed, axis=0) + table["amount"] / (table["amount"].max() + 1)


def forest(table: Any, first: int, seed: int) -> Any:
    from sklearn.ensemble import IsolationForest

    values = np.nan_to_num(table.values, nan=-1.0)
    values = np.sign(values) * np.log1p(np.abs(values))
    learnt = IsolationForest(n_estimators=200, max_samples=2_000, random_state=seed).fit(values[:first])
    return -learnt.score_samples(values)


def found(rows: list[dict[str, Any]], score: Any, first: int, budget: float) -> dict[str, Any]:
    """Recall and false alarms when the highest ``budget`` of the scores after ``first`` are alerts."""
    places = first + np.argsort(-score[first:], kind="stable")[: int(budget * (len(rows) - first))]
    alerted = set(places.tolist())
    every: dict[Any, list[bool]] = defaultdict(list)
    of: dict[Any, tuple[str, int]] = {}
    for number, row in enumerate(rows):
        if row["typology"] and number >= first:
            every[row["episode"]].append(number in alerted)
            of[row["episode"]] = (row["typology"], row["difficulty"])
    typologies: dict[str, list[bool]] = defaultdict(list)
    levels: dict[int, list[bool]] = defaultdict(list)
    alike: dict[str, list[bool]] = defaultdict(list)
    payments = []
    for episode, hits in every.items():
        typology, level = of[episode]
        if level:
            typologies[typology].append(any(hits))
            levels[level].append(any(hits))
            payments += hits
        else:
            alike[typology.removeprefix("like:")].append(any(hits))
    honest = sum(not rows[place]["difficulty"] for place in alerted)
    return {
        "episodes": _share([hit for hits in levels.values() for hit in hits]), "payments": _share(payments),
        "alerts": len(alerted), "honest_alerts": honest,
        "look_alikes": _share([hit for hits in alike.values() for hit in hits]),
        "by_difficulty": {level: _share(levels[level]) for level in sorted(levels)},
        "by_typology": {name: _share(hits) for name, hits in sorted(typologies.items())},
        "by_look_alike": {name: _share(hits) for name, hits in sorted(alike.items())},
    }  # fmt: skip


def _share(hits: list[bool]) -> float:
    return round(sum(hits) / max(len(hits), 1), 3)


def measured(seed: int, options: harness.Options) -> dict[str, Any]:
    from controls.scoring import stream

    rows = payment_frauds.stream(
        seed, firms=options.pick(60, 150), persons=options.pick(500, 1_500),
        days=options.pick(220, 300), burn_in=BURN_IN, episodes=options.pick(2, 6),
    )  # fmt: skip
    first = next(number for number, row in enumerate(rows) if (row["created_at"] - START).days >= BURN_IN)
    read = stream.read(as_file(rows, stream.COLUMNS))
    parts = list(stream.scored(read.pasts()))
    score = np.concatenate([part.risk.score for part in parts])
    table = type(parts[0].table)(parts[0].table.names, np.concatenate([part.table.values for part in parts]))
    detail: dict[str, Any] = {"payments": len(rows), "judged": len(rows) - first,
                              "frauds": int(payment_frauds.is_fraud(rows).sum())}  # fmt: skip
    sides = {"product": score, "isolation_forest": forest(table, first, seed), "rules": rules_alone(table)}
    for name, told in sides.items():
        for budget in BUDGETS:
            detail[f"{name}_{100 * budget:g}%"] = found(rows, told, first, budget)
            harness.say(f"{name} {100 * budget:g} %: {detail[f'{name}_{100 * budget:g}%']}")
    return detail


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=["small", "full"], default="small")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    harness.set_up()
    detail = measured(given.seed, harness.Options(given.size))
    others = max(detail[f"{name}_1%"]["episodes"] for name in ("isolation_forest", "rules"))
    harness.report("detection", detail["product_1%"]["episodes"] / max(others, 0.001), GOAL, detail)


if __name__ == "__main__":
    main()
