"""What a version of a list changes, entry by entry, for people to see before and after they sign.

Of a version that took force from the entries that are kept; of one that waits from its file, as signing it now would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controls.models import WatchListEntry, WatchListVersion
from controls.screening import watchlists
from controls.screening.formats import reading

# Of a larger file that waits only the numbers are told: reading it takes longer than a page may.
LARGEST_READ = 30_000_000
Content = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One entry as it stood and as the version has it; None where it is not. ``weaker``: it lets more pass now."""

    code: str
    name: str
    before: Content | None
    after: Content | None
    weaker: bool = False


Parts = dict[str, Sequence[Entry]]


def of(version: WatchListVersion, most: int) -> Parts | None:
    """``added``, ``changed`` and ``removed``, at most so many of each. None when they are not told: of a version that
    was refused, and of a large file that waits."""
    if version.activated_at:
        return _kept(version, most)
    if version.status != WatchListVersion.Status.WAITING or version.size > LARGEST_READ:
        return None
    return _asked(version, most)


def _kept(version: WatchListVersion, most: int) -> Parts:
    """Four queries."""
    parts = {name: list(rows[:most]) for name, rows in watchlists.changes_of(version).items()}
    codes = [row.code for row in parts["changed"]]
    former = {row.code: row for row in _ended(version).filter(code__in=codes)}
    return {
        "added": [Entry(row.code, row.name, None, row.content) for row in parts["added"]],
        "changed": [Entry(row.code, row.name, former[row.code].content, row.content) for row in parts["changed"]],
        "removed": [Entry(row.code, row.name, row.content, None) for row in parts["removed"]],
    }


def _ended(version: WatchListVersion) -> Any:
    return version.watch_list.entries.filter(last_number=version.number - 1)


def _asked(version: WatchListVersion, most: int) -> Parts:
    """The file is read. Three queries. Those that become weaker come first: they are what the signature is about."""
    read = {one.code: one for one in reading.read(watchlists.stored(version)).entries}
    found = watchlists.difference(version.watch_list, list(read.values()))
    weaker = set(found.weakened)
    changed = sorted(found.changed, key=lambda code: (code not in weaker, code))[:most]
    removed = sorted(found.removed)[:most]
    standing = version.watch_list.entries.filter(last_number=None, code__in=[*changed, *removed])
    rows: dict[str, WatchListEntry] = {row.code: row for row in standing}
    return {
        "added": [Entry(code, read[code].name, None, read[code].content) for code in sorted(found.added)[:most]],
        "changed": [
            Entry(code, read[code].name, rows[code].content, read[code].content, code in weaker) for code in changed
        ],
        "removed": [Entry(code, rows[code].name, rows[code].content, None) for code in removed],
    }  # fmt: skip
