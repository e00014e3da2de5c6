"""Which versions of lists are in force together, and their names, indexed once a process.

A list set is known by the SHA-256 of its members: versions, thresholds, and the number of the rule. An index is kept
for the two sets used last; making one takes a second for 30,000 names.
"""

import hashlib
import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.common import sql
from controls.screening import rule
from controls.screening.index import Index, Listed

_KEPT = 2

_MEMBERS = """
    select v.id, v.number, l.id, l.code, l.name, l.kind, l.entity_id, l.threshold
    from controls_watchlist l join controls_watchlistversion v on v.watch_list_id = l.id and v.status = 'current'
    where l.is_active order by l.code
"""
_ENTRIES = """
    select e.id, e.watch_list_id, e.code, e.digest, e.name, e.content -> 'names'
    from controls_watchlistentry e where e.watch_list_id = any(%(lists)s) and e.last_number is null order by e.id
"""
_SOME = """
    select e.id, e.watch_list_id, e.code, e.digest, e.name, e.content -> 'names'
    from controls_watchlistentry e
    where e.watch_list_id = %(list)s and e.last_number is null and e.first_number > %(number)s order by e.id
"""


@dataclass(frozen=True, slots=True)
class Member:
    """A list as it stands in a set: its version in force and its threshold."""

    version_id: int
    number: int
    list_id: int
    code: str
    name: str
    kind: str
    entity_id: int | None
    threshold: int


@dataclass(frozen=True, slots=True)
class Meant:
    """What an index knows of an entry besides its names."""

    member: Member
    code: str
    digest: str
    name: str


@dataclass(frozen=True)
class Current:
    """The list set in force. ``index`` is made when it is first asked for."""

    list_set_id: int
    members: tuple[Member, ...]
    digest: str

    def loaded(self) -> "Loaded":
        return _loaded(self)


@dataclass(frozen=True)
class Loaded:
    index: Index
    meant: dict[int, Meant]


_making = threading.Lock()
_held: dict[str, Loaded] = {}


def members() -> tuple[Member, ...]:
    """Active lists with a version in force, by their codes. One query."""
    return tuple(Member(*row) for row in sql.rows(_MEMBERS))


def current() -> Current | None:
    """The list set of now, its row made when it is new; None without any list. One query, two with lists."""
    found = members()
    if not found:
        return None
    kept = [{"list": one.code, "version": one.version_id, "number": one.number, "threshold": one.threshold}
            for one in found]  # fmt: skip
    text = json.dumps(
        [rule.NUMBER, *([*one.values(), *_scope(member)] for one, member in zip(kept, found, strict=True))]
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Current(_row(digest, kept), found, digest)


def _scope(member: Member) -> list[Any]:
    return [member.kind, member.entity_id]


def _row(digest: str, kept: Sequence[dict[str, Any]]) -> int:
    asked = "select id from controls_listset where digest = %s"
    if found := sql.rows(asked, [digest]):
        return int(found[0][0])
    sql.run(
        "insert into controls_listset (digest, members, created_at) values (%s, %s, now()) "
        "on conflict (digest) do nothing",
        [digest, json.dumps(kept)],
    )
    return int(sql.rows(asked, [digest])[0][0])


def _loaded(asked: Current) -> Loaded:
    """Made by one thread while the others wait. One query."""
    known = _held.get(asked.digest)
    if known is not None:
        return known
    with _making:
        known = _held.get(asked.digest)
        if known is None:
            rows = sql.rows(_ENTRIES, {"lists": [one.list_id for one in asked.members]})
            known = made(rows, asked.members)
            while len(_held) >= _KEPT:
                _held.pop(next(iter(_held)))
            _held[asked.digest] = known
    return known


def since(member: Member, number: int) -> Loaded:
    """What stands of a list and was added or changed after a version of it, alone. One query."""
    return made(sql.rows(_SOME, {"list": member.list_id, "number": number}), [member])


def made(rows: Iterable[tuple[Any, ...]], of: Iterable[Member]) -> Loaded:
    by_list = {one.list_id: one for one in of}
    meant: dict[int, Meant] = {}
    listed: list[Listed] = []
    for entry_id, list_id, code, digest, name, names in rows:
        member = by_list[list_id]
        meant[entry_id] = Meant(member, code, digest, name)
        listed.extend(Listed(entry_id, text, quality, member.threshold) for text, quality in _names(names))
    return Loaded(Index(listed), meant)


def _names(stored: Any) -> list[list[str]]:
    names: list[list[str]] = json.loads(stored) if isinstance(stored, str) else stored
    return names
