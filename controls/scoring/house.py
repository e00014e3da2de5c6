"""Movements of the house with the pasts that measures look at, out of the database: for each key what
:class:`controls.scoring.pasts.Pasts` keeps of it, so that the numbers are those of a stream.

Two or three queries for ten thousand: by the keys of the rows wanted; of keys whose past is longer than what is kept,
the pairs, names and cash that it does not reach; and the middles of rings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from backoffice.common import columns, sql
from controls import facts
from controls.scoring import texts
from controls.scoring.measures import circles, flows, parties
from controls.scoring.movements import CASH, DAY, NEVER, UNKNOWN, Ints, Movements
from controls.scoring.pasts import DAYS, HABIT, KEPT, Pasts

COLUMNS = ("id", "payment_id", "at", "clock", "debtor", "creditor", "name", "operator", "channel", "kind", "currency",
           "country", "reference", "nature", "amount", "ratio")  # fmt: skip
SHAPE = np.dtype([(name, {"nature": np.int16, "ratio": np.float64}.get(name, np.int64)) for name in COLUMNS])
_SELECTED = ", ".join(f"m.{name}" for name in COLUMNS)
_COUNTRY, _NAMES, _CASH_KEPT, _MIDDLES = 100, 24, 96, 3
# Labels are looked up by payment up to here, and all of the entity's beyond.
_FEW = 2_000
Keys = tuple[Ints, Ints, Ints]  # keys, and the first and last moment that they are looked back from

_BY_KEY = """
    select {columns} from unnest(%s::bigint[], %s::bigint[], %s::bigint[]) k(key, first_at, last_at)
    cross join lateral (
        select * from controls_movement m
        where {where} and m.at >= k.first_at and m.at <= k.last_at and {known}
        union all
        (select * from controls_movement m
         where {where} and m.at < k.first_at and m.at > k.first_at - {span} and {known}
         order by m.at desc, m.id desc limit {width})
    ) m
"""
_BY_TWO = _BY_KEY.replace(
    "unnest(%s::bigint[], %s::bigint[], %s::bigint[]) k(key,",
    "unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) k(key, other,",
)
_BY_ID = "select {columns} from controls_movement m where m.id = any(%s)"
_LABELS = """
    select a.payment_id, bool_or(c.disposition = 'confirmed_risk'), extract(epoch from min(c.closed_at))::bigint
    from controls_alert a join controls_case c on c.id = a.case_id
    where c.status = 'closed' and a.payment_id is not null and c.entity_id = %(entity)s
      and (%(ids)s::bigint[] is null or a.payment_id = any(%(ids)s::bigint[]))
    group by a.payment_id
"""


@dataclass(frozen=True)
class Known:
    """As of when movements are looked at: those that were in the house by ``horizon`` (an id), and not voided by
    ``at``. None: all of them, as they stand."""

    horizon: int | None = None
    at: datetime | None = None

    def condition(self) -> str:
        known = "m.voided_at is null" if self.at is None else f"(m.voided_at is null or m.voided_at > '{self.at}')"
        return known if self.horizon is None else f"{known} and m.id <= {int(self.horizon)}"


@dataclass(frozen=True)
class Loaded:
    """Movements with their pasts. ``rows``: those wanted, in order of time; ``raw``: all as they are written."""

    entity_id: int
    pasts: Pasts
    rows: Ints
    raw: NDArray[np.void]

    @property
    def movements(self) -> Movements:
        return self.pasts.movements

    @property
    def payment(self) -> Ints:
        """Of every movement."""
        return np.asarray(self.raw["payment_id"])

    @property
    def payments(self) -> Ints:
        """Of those wanted."""
        return self.payment[self.rows]


def load(wanted: NDArray[np.void], entity_id: int, known: Known, *, new: bool = False) -> Loaded:
    """The rows ``wanted`` (of one entity, :data:`COLUMNS`), and all that their measures look at.

    ``new``: they are not written yet, and their ids are later than all others.
    """
    keys = {column: _keys(wanted, column, new=new) for column in ("debtor", "creditor", "operator", "country")}
    # Other keys hold the entity: a person who works in two is two of them.
    here = f"m.entity_id = {int(entity_id)}"
    first = _read([
        _part("debtor", keys["debtor"], KEPT), _part("creditor", keys["creditor"], KEPT),
        _part("creditor", keys["debtor"], flows.WIDE), _part("debtor", keys["creditor"], circles.HOPS),
        _part("operator", keys["operator"], HABIT, here), _part("country", keys["country"], _COUNTRY, here),
    ], known)  # fmt: skip
    rows = _merged([wanted, first])
    beyond = _read(_beyond(rows, wanted, new=new), known)
    if len(beyond):
        rows = _merged([rows, beyond])
    loaded = _loaded(rows, wanted, entity_id)
    middles = _middles(loaded, rows, known)
    if len(middles):
        loaded = _loaded(_merged([rows, middles]), wanted, entity_id)
    _name(loaded)
    return loaded


def empty(count: int) -> NDArray[np.void]:
    """Rows to fill in."""
    made = np.zeros(count, dtype=SHAPE)
    made["ratio"] = np.nan
    return made


def by_id(ids: Sequence[int]) -> NDArray[np.void]:
    """Movements as they are written, in order of time."""
    found = _read([(_BY_ID.format(columns=_SELECTED), [list(ids)])], Known())
    return found[np.lexsort((found["id"], found["at"]))]


def _keys(wanted: NDArray[np.void], column: str, *, new: bool) -> Keys:
    """The distinct keys of a column with the first and the last moment of each: all between is read, and what is kept
    of before.

    Of new rows of one moment, as those of a file are, all that is written of that moment is before: nothing between.
    """
    keys, place = np.unique(wanted[column], return_inverse=True)
    low, high = np.full(len(keys), NEVER), np.full(len(keys), -NEVER)
    np.minimum.at(low, place, wanted["at"])
    np.maximum.at(high, place, wanted["at"])
    there = keys >= 0
    low += new & (low == high)
    return keys[there], low[there], high[there]


def _part(column: str, keys: Keys, width: int, *conditions: str) -> tuple[str, list[list[int]]]:
    where = " and ".join((f"m.{column} = k.key and m.{column} >= 0", *conditions))
    query = _BY_KEY.format(columns=_SELECTED, where=where, known="{known}", width=width, span=DAYS * DAY + 1)
    return query, [part.tolist() for part in keys]


def _pairs(column: str, keys: Ints, first: Ints, last: Ints, width: int) -> tuple[str, list[list[int]]]:
    where = f"m.debtor = k.key and m.{column} = k.other and m.debtor >= 0"
    query = _BY_TWO.format(columns=_SELECTED, where=where, known="{known}", width=width, span=DAYS * DAY + 1)
    return query, [keys[:, 0].tolist(), keys[:, 1].tolist(), first.tolist(), last.tolist()]


def _read(parts: Sequence[tuple[str, list[list[int]]]], known: Known) -> NDArray[np.void]:
    """The rows of several queries in one COPY."""
    asked = [(query, params) for query, params in parts if params and params[0]]
    if not asked:
        return empty(0)
    condition = known.condition()
    query = " union all ".join(f"({query.replace('{known}', condition)})" for query, _params in asked)
    return columns.read(query, [param for _query, params in asked for param in params], SHAPE)


def _merged(parts: Sequence[NDArray[np.void]]) -> NDArray[np.void]:
    """All rows, each once, in order of time and id."""
    rows = np.concatenate(parts)
    _ids, first = np.unique(rows["id"], return_index=True)
    rows = rows[first]
    return rows[np.lexsort((rows["id"], rows["at"]))]


def _beyond(rows: NDArray[np.void], wanted: NDArray[np.void], *, new: bool) -> list[tuple[str, list[list[int]]]]:
    """What keys whose past fills what is kept do not reach: pairs, names, cash."""
    cut = {column: _cut(rows, wanted, column, new=new) for column in ("debtor", "creditor")}
    long = {column: np.isin(wanted[column], cut[column]) for column in cut}
    found = []
    for column, which, width in (("creditor", long["debtor"] & long["creditor"], KEPT),
                                 ("name", long["debtor"] & (wanted["name"] >= 0), _NAMES)):  # fmt: skip
        some = wanted[which & (wanted[column] >= 0)]
        both = np.stack([some["debtor"], some[column]], axis=1)
        keys, place = np.unique(both, axis=0, return_inverse=True)
        low, high = np.full(len(keys), NEVER), np.full(len(keys), -NEVER)
        np.minimum.at(low, place.ravel(), some["at"])
        np.maximum.at(high, place.ravel(), some["at"])
        low += new & (low == high)
        found.append(_pairs(column, keys, low, high, width))
    for column in cut:
        found.append(_part(column, _keys(wanted[long[column]], column, new=new), _CASH_KEPT, f"m.nature = {CASH}"))
    return found


def _cut(rows: NDArray[np.void], wanted: NDArray[np.void], column: str, *, new: bool) -> Ints:
    """Keys of which as many movements were read, before their first row wanted, as are kept."""
    keys, low, _high = _keys(wanted, column, new=new)
    place = np.searchsorted(keys, rows[column])
    place = np.minimum(place, max(len(keys) - 1, 0))
    if not len(keys):
        return keys
    before = (keys[place] == rows[column]) & (rows["at"] < low[place])
    return keys[np.bincount(place[before], minlength=len(keys)) >= KEPT]


def _loaded(rows: NDArray[np.void], wanted: NDArray[np.void], entity_id: int) -> Loaded:
    accounts, place = np.unique(np.concatenate([rows["debtor"], rows["creditor"]]), return_inverse=True)
    ranks = np.where(accounts < 0, UNKNOWN, np.arange(len(accounts)))[place]
    _names, named = np.unique(rows["name"], return_inverse=True)
    label, known_at = _labels(rows["payment_id"], entity_id)
    movements = Movements(
        id=rows["id"], at=rows["at"], clock=rows["clock"], debtor=ranks[: len(rows)], creditor=ranks[len(rows) :],
        name=np.where(rows["name"] < 0, UNKNOWN, named), operator=rows["operator"], channel=rows["channel"],
        kind=rows["kind"], currency=rows["currency"], country=rows["country"], reference=rows["reference"],
        nature=rows["nature"].astype(np.int64), amount=rows["amount"], label=label, known_at=known_at,
        ratio=rows["ratio"].copy(),
    )  # fmt: skip
    where = np.flatnonzero(np.isin(rows["id"], wanted["id"]))
    return Loaded(entity_id, Pasts(movements, _Names(), _likeness), where, rows)


def _likeness(given: str, known: str) -> int:
    return facts.name_likeness(given, known)[0]


class _Names(dict[int, str]):
    """Texts of names by rank: those that :func:`_name` filled in. What nobody can read any more is like nothing."""

    def __missing__(self, _rank: int) -> str:
        return ""


def _name(loaded: Loaded) -> None:
    """The texts of names that will be compared: of payees paid under other names before. One query, if there are."""
    pasts, names = loaded.pasts, loaded.movements.name
    past, named, other = parties.other_names(pasts, loaded.rows)
    wanted = np.unique(np.concatenate([names[loaded.rows[other]], names[past[other][named[other]]]]))
    if not len(wanted):
        return
    codes, first = np.unique(names, return_index=True)
    of = dict(zip(codes.tolist(), loaded.payment[first].tolist(), strict=True))
    asked = {of[code]: code for code in wanted.tolist()}
    query = "select p.id, p.creditor_name from transactions_payment p where p.id = any(%s)"
    for payment, text in sql.rows(query, [list(asked)]):
        pasts.names[asked[payment]] = texts.bare(text)  # type: ignore[index]


def _labels(payments: Ints, entity_id: int) -> tuple[Ints, Ints]:
    """What people made of the payments, and when that was known."""
    label, known_at = np.full(len(payments), UNKNOWN), np.full(len(payments), NEVER)
    distinct = np.unique(payments)
    ids = distinct.tolist() if len(distinct) <= _FEW else None
    told = sql.rows(_LABELS, {"entity": entity_id, "ids": ids})
    if told:
        judged = np.array(sorted((payment, int(risk), at) for payment, risk, at in told), dtype=np.int64)
        place = np.minimum(np.searchsorted(judged[:, 0], payments), len(judged) - 1)
        there = judged[place, 0] == payments
        label[there], known_at[there] = judged[place[there], 1], judged[place[there], 2]
    return label, known_at


def _middles(loaded: Loaded, rows: NDArray[np.void], known: Known) -> NDArray[np.void]:
    """Movements between where a ring of four began and where it ends."""
    wanted = circles.middles_wanted(loaded.pasts, loaded.rows)
    if not len(wanted):
        return empty(0)
    begun, ended, row = wanted.T
    keys = np.stack([rows["creditor"][begun], rows["debtor"][ended]], axis=1)
    at = rows["at"][row]
    # Of a pair the last three before the row that asks: each row asks for itself.
    return _read([_pairs("creditor", keys, at, at, _MIDDLES)], known)


def between(start: datetime, end: datetime, *, most: int, chunk: int = 10_000) -> Iterator[Loaded]:
    """All movements from ``start`` to before ``end`` with their pasts, entity by entity in order of time, in stretches.

    Of more than ``most`` an even share, the same each time: by the hash of the payment.
    """
    span = {"start": int(start.timestamp()), "end": int(end.timestamp())}
    count = sql.rows(f"select count(*) {_STRETCH}", span)[0][0]
    share = 1 << 31 if count <= most else (most << 31) // count
    for (entity_id,) in sql.rows(f"select distinct m.entity_id {_STRETCH} order by 1", span):
        query = f"select m.id {_STRETCH} and m.entity_id = %(entity)s and {_THINNED} order by m.at, m.id"
        ids = [row[0] for row in sql.rows(query, {**span, "entity": entity_id, "share": share})]
        for first in range(0, len(ids), chunk):
            yield load(by_id(ids[first : first + chunk]), entity_id, Known())


_STRETCH = "from controls_movement m where m.at >= %(start)s and m.at < %(end)s and m.voided_at is null"
_THINNED = "(hashint8(m.payment_id)::bigint & 2147483647) < %(share)s"
