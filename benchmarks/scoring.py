"""Payments scored with a year of history behind them, against the time that the fact query of their check takes.

Product: one transaction for ten thousand payments: movements made of them, the pasts of their keys read, some 190
measures, the model with trees, scores and reasons written (undone afterwards). Limit: the fact queries of the same
payments (benchmarks/controls.py: the bare pass). Besides: one payment at a time, as it comes online, p95 in
milliseconds. Small: 10,000 payments against 200,000; full: 100,000 against ten million.

    python -m benchmarks.scoring --size small|full
"""

import statistics
import time
from typing import Any

from benchmarks import controls, harness
from benchmarks.pages import bare

GOAL = 1.0
ONLINE_MS = 60.0
# The movements of the history, as scoring wrote them: the keys as controls/scoring/texts.py makes them.
_KEY = "(('x' || left(encode(sha256(convert_to({text}, 'UTF8')), 'hex'), 16))::bit(64)::bigint >> 1) & {mask}"
LOAD = """
    insert into controls_movement (id, payment_id, entity_id, at, clock, debtor, creditor, name, operator, channel,
        kind, currency, country, reference, nature, amount, ratio, voided_at)
    select p.id, p.id, p.entity_id, extract(epoch from p.received_at)::bigint,
        extract(epoch from p.received_at)::bigint + 3600, {debtor}, {creditor}, {name}, -1, 1718185061, 1936028769,
        4544850, 17477, p.id % 1000000, 0, (p.amount * 1000)::bigint, 1, null
    from transactions_payment p where p.id <= {history} order by p.received_at, p.id
"""


def load(history: int) -> None:
    from django.db import transaction

    from backoffice.common import sql

    def key(text: str) -> str:
        return _KEY.format(text=text, mask=(1 << 63) - 1)

    with harness.owner():
        sql.run("truncate controls_movement, controls_score, controls_scoredue cascade")
        with transaction.atomic(), bare(("controls_movement",)):
            sql.run("set local maintenance_work_mem = '1GB'")
            sql.run(LOAD.format(
                debtor=key("p.entity_id || ' ' || p.debtor_number"), history=history,
                creditor=key("p.entity_id || ' ' || p.creditor_number"), name=key("lower(p.creditor_name)"),
            ))  # fmt: skip
        sql.run("select setval('controls_movement_id_seq', %s)", [history + 1])
        sql.run("analyze controls_movement")


def taught() -> dict[str, Any]:
    """Make a champion that has trees: learnt from drawn measures, since only its speed matters here."""
    import numpy as np
    from django.db import transaction

    from backoffice.common import sql
    from controls.models import ScoringModel
    from controls.scoring import artefacts, champions, features, house, supervised, unsupervised

    champion = champions.present()
    some = [row[0] for row in sql.rows("select id from controls_movement order by id desc limit 4000")]
    entity = sql.rows("select entity_id from controls_movement limit 1")[0][0]
    loaded = house.load(house.by_id(some), entity, house.Known())
    table = features.features(loaded.pasts, loaded.rows)
    label = (np.random.default_rng(1).random(len(table)) < 0.05).astype(np.int64)
    made = artefacts.Artefact(unsupervised.memory(table), supervised.train(table, label))
    with harness.owner(), transaction.atomic():
        sql.run("set local session_replication_role = replica")  # a model on record is never another one
        ScoringModel.objects.filter(pk=champion.pk).update(artefact=made.content, digest=made.digest)
    return {"trees": True, "measures": len(table.names)}


def main() -> None:
    options = harness.options(__doc__ or "")
    count, batch = options.pick(200_000, 10_000_000), options.pick(10_000, 100_000)
    chunk = min(batch, 10_000)
    with harness.database(settings=controls.SETTINGS):
        from controls.scoring import scores

        with harness.owner():
            values = controls.load(count, batch)
        load(count - batch)
        detail = {"history": count, "payments": batch, **taught()}
        parts = [list(range(start + 1, start + 1 + chunk)) for start in range(count - batch, count, chunk)]

        def product(_given: Any) -> None:
            for part in parts:
                controls.undone(lambda part=part: scores.score(part, values["entity"]))

        def limit(_given: Any) -> None:
            from controls import facts

            for part in parts:
                controls.undone(lambda part=part: facts.build(part))

        sides = harness.Side("product", product), harness.Side("limit", limit)
        ratio = harness.compare(*sides, rounds=options.pick(5, 3), warm_up=1)
        detail |= {"product_seconds": round(sides[0].median, 3), "limit_seconds": round(sides[1].median, 3)}
        detail |= online([part[0] for part in parts][:1][0], values["entity"])
    harness.report("scoring", ratio, GOAL, detail)


def online(first: int, entity: int, times: int = 200) -> dict[str, Any]:
    from controls.scoring import scores

    taken = []
    for payment in range(first, first + times):
        start = time.perf_counter()
        controls.undone(lambda payment=payment: scores.score([payment], entity))
        taken.append(1_000 * (time.perf_counter() - start))
    return {"online_p95_ms": round(statistics.quantiles(taken, n=20)[-1], 1), "online_at_most": ONLINE_MS}


if __name__ == "__main__":
    main()
