"""How a model is made from the house's own payments and what people made of their alerts.

**Labels.** A payment of a closed case is a fraud when the case was a confirmed risk. A valuable alert (rightly raised,
no harm done) is learnt as one too: what people were glad to see must not be taught to stay silent; both are counted.
A false positive is honest. What nobody judged is honest once it has settled for ``settling_days``; younger ones are
neither. A label counts from when its case was closed (``known_until``), and no payment of the last week is learnt from.

**Figures.** The window is parted by time: the model learns from the first part, without the week before the second, and
is judged on the second. So the figures are those of these very bytes. The champion is judged on the same payments.

The same payments, labels known by then, parameters and seed give the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from backoffice.common import sql
from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from controls import cases
from controls.cases.labels import CONFIRMED, VALUABLE
from controls.models import Movement, ScoringModel, ScoringPolicy
from controls.scoring import champions, figures, house, supervised, unsupervised
from controls.scoring.artefacts import Artefact
from controls.scoring.features import CHUNK, VERSION, Table, features
from controls.scoring.movements import DAY, Bools, Floats, Ints
from documents import trail

LONGEST_DAYS = 3 * 366
# ``most``: payments taken into a training; ``test_percent``: of the window's days, the last ones; ``trees``: what
# differs from supervised.PARAMETERS.
PARAMETERS: Mapping[str, Any] = {
    "most": 200_000, "test_percent": 25, "delay_days": 7, "settling_days": 30, "trees": {},
}  # fmt: skip
_BOUNDS = {"most": (1_000, 1_000_000), "test_percent": (5, 50), "delay_days": (7, 90), "settling_days": (7, 365)}
_TREES = {"learning_rate": (0.001, 1), "num_leaves": (2, 255), "min_data_in_leaf": (1, 10_000), "rounds": (1, 2_000),
          "seeds": (1, 20)}  # fmt: skip
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_ENTITIES = "select id, entity_id from transactions_payment where id = any(%s)"


@dataclass(frozen=True)
class Made:
    """A model that is not stored yet."""

    artefact: Artefact
    names: tuple[str, ...]
    learnt: dict[str, Any]
    figures: dict[str, Any]


@dataclass(frozen=True)
class _Rows:
    """The payments of the window. ``outcome``: 1 confirmed, 2 valuable, 0 honest, -1 nobody knows; ``learnt`` and
    ``tested`` are the two parts of time."""

    payments: Ints
    at: Ints
    outcome: Ints
    learnt: Bools
    tested: Bools
    table: Table = field(repr=False)

    @property
    def wanted(self) -> Ints:
        """What alerts are for."""
        return (self.outcome > 0).astype(np.int64)


def train(
    *, from_on: date, to_on: date, actor: User | None, parameters: Mapping[str, Any] | None = None, seed: int = 0,
    known_until: datetime | None = None,
) -> ScoringModel:  # fmt: skip
    """Make a candidate from the payments of these days (of UTC, both included) and put it on record.

    ``actor`` None: the calendar or the console. ``known_until``: labels known before (default: now), to make a model
    again. A training that gives the bytes of a model on record gives that one. Raises ``training.*``. Takes minutes:
    not within a request.
    """
    if actor is not None:
        champions.demand(actor)
    given = checked(from_on=from_on, to_on=to_on, parameters=parameters, seed=seed)
    until = known_until or timezone.now()
    made = make(from_on=from_on, to_on=to_on, parameters=given, seed=seed, known_until=until)
    with transaction.atomic():
        champions.locked()
        same = ScoringModel.objects.filter(digest=made.artefact.digest).order_by("pk").first()
        if same is not None:
            if known_until is None:  # else a task that was taken up again: nobody did anything
                _record("model.made_again", same, actor)
            return same
        last = ScoringModel.objects.aggregate(last=Max("number"))["last"]
        model = ScoringModel.objects.create(
            number=last + 1, window_from=from_on, window_to=to_on, measures=VERSION, names=list(made.names),
            parameters=given, seed=seed, learnt=made.learnt, figures=made.figures, artefact=made.artefact.content,
            digest=made.artefact.digest, trained_by=actor,
        )  # fmt: skip
        _record("model.trained", model, actor)
    return model


def checked(*, from_on: date, to_on: date, parameters: Mapping[str, Any] | None, seed: int) -> dict[str, Any]:
    """All parameters, those given looked at. Raises ``training.period``, ``training.parameter``."""
    if to_on < from_on or (to_on - from_on).days >= LONGEST_DAYS or from_on.year < 2000 or to_on.year > 9000:
        raise BusinessError("training.period", days=LONGEST_DAYS)
    given = {**PARAMETERS, **(parameters or {})}
    trees = given.pop("trees")
    if not isinstance(trees, Mapping):
        raise BusinessError("training.parameter", name="trees")
    for values, bounds in ((given, _BOUNDS), (trees, _TREES)):
        for name, value in values.items():
            low, high = bounds.get(name, (1, 0))
            number = isinstance(value, float if name == "learning_rate" else int) and not isinstance(value, bool)
            if not number or not low <= value <= high:
                raise BusinessError("training.parameter", name=str(name)[:40])
    if not 0 <= seed < 2**31:
        raise BusinessError("training.parameter", name="seed")
    return {**given, "trees": {**supervised.PARAMETERS, **trees}}


def make(*, from_on: date, to_on: date, parameters: Mapping[str, Any], seed: int, known_until: datetime) -> Made:
    """Learn and judge; nothing is stored. ``parameters``: all of them, see :func:`checked`."""
    start, end = (datetime.combine(day, time(), UTC) for day in (from_on, to_on + timedelta(days=1)))
    rows = _rows(start, end, parameters, known_until)
    if rows is None or not rows.learnt.any():
        raise BusinessError("training.nothing")
    of_all = Movement.objects.filter(
        at__gte=int(start.timestamp()), at__lt=int(end.timestamp()), voided_at=None
    ).count()  # fmt: skip
    times = max(1.0, of_all / len(rows.at))
    artefact = _learn(rows, parameters, seed)
    told = {
        **_counts(rows), "payments": len(rows.at), "of": max(of_all, len(rows.at)),
        "known_until": known_until.isoformat(), "trees": artefact.model is not None,
        "needed": supervised.ENOUGH_FRAUDS,
    }  # fmt: skip
    return Made(artefact, rows.table.names, told, _figures(artefact, rows, times))


def _rows(start: datetime, end: datetime, parameters: Mapping[str, Any], known_until: datetime) -> _Rows | None:
    """The payments of the window with their measures, in order of time; None when there is none."""
    moments, payments, tables = [], [], []
    for loaded in house.between(start, end, most=int(parameters["most"])):
        moments.append(loaded.pasts.movements.at[loaded.rows])
        payments.append(loaded.payments)
        tables.append(features(loaded.pasts, loaded.rows))
    if not tables:
        return None
    at, payment = np.concatenate(moments), np.concatenate(payments)
    order = np.lexsort((payment, at))
    at, payment = at[order], payment[order]
    table = Table(tables[0].names, np.concatenate([one.values for one in tables])[order])
    now, delay = int(known_until.timestamp()), int(parameters["delay_days"]) * DAY
    old = at <= now - int(parameters["settling_days"]) * DAY
    days = (end - start).days
    split = int(end.timestamp()) - max(1, days * int(parameters["test_percent"]) // 100) * DAY
    return _Rows(
        payment, at, _outcomes(payment, old, known_until), at <= min(split, now) - delay, (at >= split) & old, table
    )


def _outcomes(payments: Ints, old: Bools, known_until: datetime) -> Ints:
    outcome = np.where(old, 0, -1)
    known = {one.payment_id: one.label for one in cases.labels(_EARLIEST, known_until)}
    if known:
        judged = np.array(sorted(known.items()), dtype=np.int64)
        place = np.minimum(np.searchsorted(judged[:, 0], payments), len(judged) - 1)
        there = judged[place, 0] == payments
        outcome[there] = judged[place[there], 1]
    return outcome


def _learn(rows: _Rows, parameters: Mapping[str, Any], seed: int) -> Artefact:
    """What is usual, from all but what people wanted to see; trees when enough of that is known."""
    memory = unsupervised.Memory()
    usual = np.flatnonzero(rows.learnt & (rows.outcome <= 0))
    for first in range(0, len(usual), CHUNK):
        memory = memory.with_more(rows.table.rows(usual[first : first + CHUNK]))
    judged = np.flatnonzero(rows.learnt & (rows.outcome >= 0))
    model = None
    if int(rows.wanted[judged].sum()) >= supervised.ENOUGH_FRAUDS:
        model = supervised.train(rows.table.rows(judged), rows.wanted[judged], parameters["trees"], seed=seed)
    return Artefact(memory.thinned(), model)


def _counts(rows: _Rows) -> dict[str, int]:
    """Of what was learnt from."""
    outcome = rows.outcome[rows.learnt]
    named = {"unknown": -1, "honest": 0, "confirmed": CONFIRMED, "valuable": VALUABLE}
    return {"learnt": len(outcome), **{name: int((outcome == code).sum()) for name, code in named.items()}}


def _figures(artefact: Artefact, rows: _Rows, times: float) -> dict[str, Any]:
    tested = np.flatnonzero(rows.tested)
    told: dict[str, Any] = {"tested": {"payments": len(tested)}, "own": {}, "champion": {}, "scores": []}
    table = rows.table.rows(tested) if len(tested) else rows.table.rows(np.flatnonzero(rows.learnt))
    score = artefact.assess(table).score
    told["scores"] = figures.bands(score)
    if not len(tested):
        return told
    first, last = int(rows.at[tested].min()), int(rows.at[tested].max())
    outcome, wanted = rows.outcome[tested], rows.wanted[tested]
    told["tested"] |= {
        "from": _day(first), "to": _day(last), "confirmed": int((outcome == CONFIRMED).sum()),
        "valuable": int((outcome == VALUABLE).sum()),
    }  # fmt: skip
    threshold, days = _thresholds(rows.payments[tested]), max((last - first) / DAY, 1.0)

    def quality(of: Floats) -> dict[str, Any]:
        return figures.quality(wanted, of, threshold=threshold, days=days, times=times)

    champion = champions.present()
    told["own"] = quality(score)
    told["champion"] = {"number": champion.number}
    if champion.measures == VERSION:
        told["champion"] |= quality(champions.artefact(champion).assess(table).score)
    return told


def _thresholds(payments: Ints) -> Ints:
    """From which score on each payment's entity raises alerts. Two queries."""
    policies = dict(ScoringPolicy.objects.values_list("entity", "threshold"))
    entities = dict(sql.rows(_ENTITIES, [payments.tolist()]))
    usual = ScoringPolicy().threshold
    told = (policies.get(entities.get(payment, 0), usual) for payment in payments.tolist())
    return np.fromiter(told, dtype=np.int64, count=len(payments))


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def _record(action: str, model: ScoringModel, actor: User | None) -> None:
    trail.record(
        action, subject_type="model", subject_id=model.pk, entity_id=None, actor=actor,
        data={"model": model.number, "from": model.window_from, "to": model.window_to, "seed": model.seed,
              "digest": model.digest, "learnt": model.learnt},
    )  # fmt: skip
