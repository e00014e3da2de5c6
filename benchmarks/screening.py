"""Screening names: the index against asking of every listed name, under a rule that leaves the order of words aside.

Product: 20,000 invented names are listed and asked for with an error of every kind, through the index (normalise,
filter, score, explain). Limit: rapidfuzz's ``token_set_ratio`` over every listed name, normalised beforehand, in C:
what screening costs without an index. The hits are compared with brute force on the product's own rule, and must all be
found: of a sample the rule is asked of every listed name; at full size, of all 20,000, of every listed name that is
near as a whole or has a word near one that is asked, found by comparing all names and all words. ``online`` is the
95th percentile of one name, in milliseconds of the processor, each asked for the first time.

    python -m benchmarks.screening --size small|full
"""

import statistics
import time
from collections.abc import Sequence
from typing import Any

from rapidfuzz import fuzz, process

from benchmarks import harness

GOAL = 5.0
ONLINE_MS = 5.0


def plain_hits(index: Any, name: str, near: dict[str, list[int]]) -> list[Any]:
    """Brute force without the filters of the product: all names as a whole, all words, then the rule."""
    from controls.screening import normal, rule

    given = rule.measure(normal.name(name))
    if not given.name.words:
        return []
    places: set[int] = set()
    for asked, texts in ((given.joined, index.joined_texts), (given.sorted, index.sorted_texts)):
        found = process.extract(asked, texts, scorer=fuzz.ratio, score_cutoff=index.lowest, limit=None)
        places.update(at for _text, _score, at in found)
    for at in given.full:
        word = given.name.folded[at]
        if word not in near:
            found = process.extract(word, index._vocabulary, scorer=fuzz.ratio, score_cutoff=rule.NEAR, limit=None)
            near[word] = [place for _text, _score, number in found for place in index._places[number]]
        places.update(near[word])
    scores = ((place, rule.score(given, index.names[place])) for place in sorted(places))
    hits: list[Any] = index._found(given, [(place, score) for place, score in scores if score >= index.lowest])
    return hits


def names_and_errors(count: int) -> tuple[list[str], list[str]]:
    from tests.controls import misspellings

    names = misspellings.invented(count)
    return names, [wrong for _kind, wrong, _right in misspellings.with_errors(names)]


def limit(asked: Sequence[str], texts: Sequence[str]) -> int:
    from controls.screening import normal

    keys = [" ".join(normal.name(name).folded) for name in asked]
    return sum(
        len(process.extract(key, texts, scorer=fuzz.token_set_ratio, score_cutoff=82, limit=None)) for key in keys
    )


def recall(index: Any, asked: Sequence[str], options: harness.Options) -> dict[str, Any]:
    """How many hits brute force finds, and how many of them the index leaves out: none, or it is wrong."""
    near: dict[str, list[int]] = {}
    index.joined_texts = [one.joined for one in index.names]
    index.sorted_texts = [one.sorted for one in index.names]
    hits = missed = 0
    sample = asked[:: max(1, len(asked) // options.pick(150, 300))]
    for name in sample:
        right, found = index.brute_force(name), index.find(name)
        hits, missed = hits + len(right), missed + (right != found)
    if options.full:
        for name in asked:
            right, found = plain_hits(index, name, near), index.find(name)
            hits, missed = hits + len(right), missed + (right != found)
    return {"hits": hits, "names_missed": missed, "every_pair": len(sample), "all": len(asked) if options.full else 0}


def main() -> None:
    options = harness.options(__doc__ or "")
    harness.set_up()
    from controls.screening import normal
    from controls.screening.index import Index, Listed

    names, wrong = names_and_errors(20_000)
    start = time.perf_counter()
    index = Index(Listed(name, name) for name in names)
    built = time.perf_counter() - start
    texts = [" ".join(one.name.folded) for one in index.names]
    asked = wrong[:: len(wrong) // options.pick(150, 1_000)]
    times = []
    for name in wrong[7 :: len(wrong) // 2_000]:
        normal.name.cache_clear()
        start = time.process_time()
        index.find(name)
        times.append((time.process_time() - start) * 1000)
    sides = (
        harness.Side("product", lambda given: [index.find(name) for name in given], lambda: asked),
        harness.Side("token_set_ratio over all", lambda given: limit(given, texts), lambda: asked),
    )
    ratio = harness.compare(*sides, rounds=options.pick(3, 5))
    found = recall(index, wrong, options)
    online = statistics.quantiles(times, n=20)[-1]
    if found["names_missed"] or online > ONLINE_MS:
        raise RuntimeError(f"{found}, online {online:.2f} ms")
    detail = {
        **found, "listed": len(index), "recall_percent": 100.0, "online_p95_ms": round(online, 2),
        "online_p50_ms": round(statistics.median(times), 2), "index_seconds": round(built, 2),
        "product_ms_a_name": round(1000 * sides[0].median / len(asked), 2),
        "limit_ms_a_name": round(1000 * sides[1].median / len(asked), 2),
    }  # fmt: skip
    harness.report("screening", ratio, GOAL, detail)


if __name__ == "__main__":
    main()
