"""Payments scored after their check: a task's work, many at once, and the same again for who doubts a score.

The check notes its payments in :class:`ScoreDue` in its own transaction; ``score_due`` takes them, writes movements and
scores, raises what they amount to, and lets go of the notes in one transaction. A task that is lost leaves the notes.
What fails is narrowed down, and set aside alone (controls/scoring/waiting.py).

Locks: the notes taken, then the entities in order (advisory: movements of one entity are written one transaction after
the other), then what alerts lock (controls/cases/raising.py).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from numpy.typing import NDArray

from backoffice.common import columns, sql
from backoffice.common.tasks import enqueue
from controls.models import Score, ScoringModel
from controls.scoring import alerting, champions, entering, evidence, house, waiting
from controls.scoring.artefacts import Artefact
from controls.scoring.features import Table, features
from controls.scoring.reasons import Reason
from controls.scoring.risk import Risk
from controls.scoring.typologies import TOLD

log = structlog.get_logger(__name__)
TASK = "controls.score"
CHUNK = 10_000
# What failed is tried again in so many parts.
_PARTS = 8
# What is no payment's fault: the task ends, its notes stay.
PASSING = (OperationalError, InterfaceError, SoftTimeLimitExceeded)
_NOTE = (
    "insert into controls_scoredue (payment_id) select payment_id from fact_subject order by received_at, payment_id"
)
# Those refused before anybody scored them come last: what others are compared with, they are no part of.
_ENTITIES = """
    select p.entity_id, coalesce(s.status in ('rejected', 'cancelled', 'returned'), false) as refused,
           array_agg(p.id order by p.id)
    from transactions_payment p left join transactions_paymentstate s on s.payment_id = p.id
    where p.id = any(%s) group by 1, 2 order by 1, 2
"""
_REFUSED = """
    update controls_movement m set voided_at = clock_timestamp() from transactions_paymentstate s
    where m.payment_id = any(%s) and m.voided_at is null and s.payment_id = m.payment_id
      and s.status in ('rejected', 'cancelled', 'returned')
"""
_NUMBERS = "select nextval('controls_movement_id_seq') from generate_series(1, %s)"
_MOVEMENTS = np.dtype([*house.SHAPE.descr, ("entity_id", np.int64)])
_SCORES = np.dtype([
    *((name, np.int64) for name in ("movement_id", "payment_id", "entity_id", "model_id", "horizon")),
    ("value", np.float64), ("scored_at", "M8[us]"), ("shadow", np.bool_),
])  # fmt: skip
_TOLD = ("movement_id", "payment_id", "entity_id", "model_id", "horizon", "value", "scored_at", "reasons")


def expect() -> None:
    """Note the payments of the present check, and wake the task. Inside the transaction of the check, one query."""
    if sql.run(_NOTE):
        enqueue(TASK)


def score_due() -> int:
    """Score what waits, ten thousand payments a transaction. Returns how many were scored. Safe twice, at once too.

    A chunk that fails is tried in parts, and the one payment that fails alone is set aside.
    """
    champions.artefact(champions.usable())
    return _scored(waiting.fresh, CHUNK) + _scored(waiting.aside, 1)


def _scored(take: Callable[[int], list[int]], chunk: int) -> int:
    seen, most = 0, chunk
    while True:
        taken: list[int] = []
        try:
            with transaction.atomic():
                taken += take(most)
                for entity_id, refused, payments in sql.rows(_ENTITIES, [taken]) if taken else ():
                    score(payments, entity_id, refused=refused)
        except PASSING:
            raise
        except Exception:
            if not taken:
                raise
            log.exception("score.failed", payments=len(taken), first=taken[0])
            if len(taken) == 1:
                waiting.set_aside(taken[0])
            most = max(len(taken) // _PARTS, 1)
            continue
        if taken:
            # Who was refused while this was under way met no movement to end.
            sql.run(_REFUSED, [taken])
        seen += len(taken)
        if len(taken) < most:
            return seen
        most = min(most * 2, chunk)


def score(payment_ids: Sequence[int], entity_id: int, *, refused: bool = False) -> int:
    """Score payments of one entity by the champion, and by the challenger where there is one; raise alerts.

    Those that were scored as they stand are left alone. ``refused``: payments that are no past of others: their
    movements end as they are written. Inside ``atomic()``. Some twenty queries, however many.
    """
    sql.rows("select pg_advisory_xact_lock(hashtext('controls.scores'), %s)", [entity_id])
    given = entering.entering(payment_ids, entity_id)
    if not len(given):
        return 0
    now = timezone.now()
    if given.former:
        sql.run("update controls_movement set voided_at = %s where id = any(%s)", [now, given.former])
    wanted = _numbered(given)
    loaded = house.load(wanted, entity_id, house.Known(), new=True)
    table = features(loaded.pasts, loaded.rows)
    _write(loaded)
    champion, challenger = champions.usable(), champions.challenger()
    made = _assessed(loaded, table, champion, given, now)
    if challenger is not None:
        _shadowed(loaded, table, challenger, now)
    alerting.raise_scored(made, entity_id, champion, now)
    if refused:
        # Later than the scores, which saw one another: so they are made again.
        ended = now + timedelta(microseconds=1)
        sql.run("update controls_movement set voided_at = %s where id = any(%s)", [ended, wanted["id"].tolist()])
    return len(given)


def _shadowed(loaded: house.Loaded, table: Table, challenger: ScoringModel, now: datetime) -> None:
    """A challenger scores along: whatever is wrong with it stops nobody."""
    try:
        with transaction.atomic():
            _assessed(loaded, table, challenger, None, now)
    except PASSING:
        raise
    except Exception:
        log.exception("score.challenger_failed", model=challenger.number)


def _numbered(given: entering.Entering) -> NDArray[np.void]:
    """The payments as rows of movements, with the ids that they are going to have: in order of time."""
    wanted = house.empty(len(given))
    wanted["id"] = [row[0] for row in sql.rows(_NUMBERS, [len(given)])]
    wanted["payment_id"] = given.payments
    for column, values in given.columns.items():
        wanted[column] = values
    order = np.lexsort((wanted["payment_id"], wanted["at"]))
    ids = np.sort(wanted["id"])
    wanted = wanted[order]
    wanted["id"] = ids
    return wanted


def _write(loaded: house.Loaded) -> None:
    raw = loaded.raw[loaded.rows]
    made = np.empty(len(raw), dtype=_MOVEMENTS)
    for name in house.COLUMNS:
        made[name] = raw[name]
    made["entity_id"], made["ratio"] = loaded.entity_id, loaded.pasts.ratio[loaded.rows]
    columns.write("controls_movement", made)


@dataclass(frozen=True)
class Scored:
    """Payments with their scores by one model, and what they were made of."""

    loaded: house.Loaded
    table: Table
    risk: Risk
    reasons: Mapping[int, Sequence[Reason]]
    texts: evidence.Texts


def _assessed(
    loaded: house.Loaded, table: Table, model: ScoringModel, given: entering.Entering | None, now: datetime
) -> Scored:
    """The scores by one model, written. ``given``: the texts for reasons; a challenger tells none."""
    artefact = champions.artefact(model)
    risk = artefact.assess(table)
    texts = told(loaded, given) if given else evidence.Texts()
    reasons = _reasons(loaded, table, risk, texts, artefact) if given else {}
    made = np.empty(len(loaded.rows), dtype=_SCORES)
    made["movement_id"], made["payment_id"] = loaded.movements.id[loaded.rows], loaded.payments
    made["entity_id"], made["model_id"], made["horizon"] = loaded.entity_id, model.pk, made["movement_id"].max()
    made["shadow"] = given is None
    made["value"], made["scored_at"] = np.clip(risk.score, 0, 100), np.datetime64(now.replace(tzinfo=None), "us")
    untold = np.ones(len(made), dtype=bool)
    untold[list(reasons)] = False
    columns.write("controls_score", made[untold])
    sql.copy(
        "controls_score", _TOLD,
        ((*made[list(_TOLD[:-2])][place].item(), now.isoformat(),
          json.dumps([document(one, loaded) for one in found])) for place, found in reasons.items()),
    )  # fmt: skip
    return Scored(loaded, table, risk, reasons, texts)


def _reasons(
    loaded: house.Loaded, table: Table, risk: Risk, texts: evidence.Texts, artefact: Artefact
) -> dict[int, list[Reason]]:
    """Of those worth telling."""
    places = np.flatnonzero(risk.score >= TOLD)
    learnt = artefact.contributions(table.rows(places))
    return {
        place: evidence.reasons(
            evidence.Case(loaded.pasts, table.row(place), int(loaded.rows[place]), texts), risk, place, added
        )
        for place, added in zip(places.tolist(), learnt, strict=True)
    }


def told(loaded: house.Loaded, given: entering.Entering) -> evidence.Texts:
    names = {
        int(row): given.names[payment]
        for row, payment in zip(loaded.rows.tolist(), loaded.payments.tolist(), strict=True)
        if payment in given.names
    }
    return evidence.Texts(given.operators, given.channels, given.currencies, given.lands, names)


def document(reason: Reason, loaded: house.Loaded) -> dict[str, Any]:
    """A reason as it is kept: what it speaks of by the keys of payments."""
    related = [int(loaded.payment[row]) for row in reason.related]
    return {"code": reason.code, "params": plain(reason.params), "weight": reason.weight, "payments": related}


def plain(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in params.items()}


def again(score_ids: Sequence[int]) -> dict[int, float]:
    """The values of scores made again, from what was known then and the model of then, by score.

    Each is as of its own moment; those of one run are looked at together.
    """
    runs: dict[tuple[int, int, int, datetime], list[Score]] = {}
    for one in Score.objects.filter(pk__in=score_ids).select_related("model").defer("model__artefact"):
        runs.setdefault((one.entity_id, one.model_id, one.horizon, one.scored_at), []).append(one)
    made: dict[int, float] = {}
    for (entity_id, _model, horizon, at), members in runs.items():
        wanted = house.by_id([one.movement_id for one in members])
        loaded = house.load(wanted, entity_id, house.Known(horizon, at))
        risk = champions.artefact(members[0].model).assess(features(loaded.pasts, loaded.rows))
        values = dict(zip(loaded.movements.id[loaded.rows].tolist(), np.clip(risk.score, 0, 100).tolist(), strict=True))
        made |= {one.pk: values[one.movement_id] for one in members}
    return made
