"""Lists and their versions: made, loaded, taken into force, compared.

A file is read whole before anything is stored (formats/reading.py refuses what is no list, in words). The same file
again only confirms the version in force. A file that a person brings waits for a second person when it removes or
weakens an entry (see :func:`_lost`); from the publisher's address, when these are more than the list's share. Without a
person who asks (a fetch by the clock) it is refused, kept once and told each time. Entries are stored once, with the
first and the last version that they stood in.

Locks: the list, then its versions. A version takes force in a constant number of statements.
"""

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urldefrag, urljoin

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from backoffice.common import destinations, sql
from backoffice.common.errors import BusinessError, Denied, NotThere
from backoffice.common.tasks import enqueue
from backoffice.people import access
from backoffice.people.models import Entity, User
from controls.models import ChangeRequest, WatchList, WatchListEntry, WatchListVersion
from controls.screening import normal
from controls.screening.formats import reading
from controls.screening.formats.entry import WEAK, Entry
from documents import attachments, trail

VIEW, MANAGE = "screening.view", "watchlist.manage"
SETTINGS = ("threshold", "shrink_percent", "is_active", "url")
FETCH_SECONDS = 120.0
# Addresses asked for one file, and how long one may be that another points to: with signatures they are.
MOST_STEPS, LONGEST_STEP = 5, 4_000
_MOVED = frozenset({301, 302, 303, 307, 308})
# Without a name of the program some publishers refuse.
_HEADERS = {"User-Agent": "backoffice", "Accept": "*/*"}
S = WatchListVersion.Status

_CLOSE = """
    update controls_watchlistentry set last_number = %(number)s - 1
    where watch_list_id = %(list)s and last_number is null and code = any(%(codes)s)
"""
_COLUMNS = ("watch_list_id", "code", "first_number", "kind", "name", "digest", "content")


def visible(actor: User) -> QuerySet[WatchList]:
    """The lists that concern an entity in which the person may see screening: those of all, and those of its own."""
    places = access.entity_ids(actor, VIEW)
    return WatchList.objects.filter(Q(entity=None) | Q(entity__in=places) if places else Q(pk=None)).order_by("code")


def found(actor: User, list_id: int) -> WatchList:
    one = visible(actor).select_related("entity").filter(pk=list_id).first()
    if one is None:
        raise NotThere("not_there")
    return one


def may_manage(actor: User, entity_id: int | None) -> bool:
    """A list of all entities is managed by whoever may do so in every entity there is."""
    if entity_id is not None:
        return access.can(actor, MANAGE, entity_id)
    return access.can(actor, MANAGE) and set(access.entity_ids(actor, MANAGE)) >= set(
        Entity.objects.values_list("pk", flat=True)
    )


def demand(actor: User, entity_id: int | None) -> None:
    if not may_manage(actor, entity_id):
        raise Denied("denied", right=MANAGE)


def create(
    *, actor: User, code: str, name: str, kind: str, entity: Entity | None, publisher: str = "", url: str = "",
    threshold: int = 82, shrink_percent: int = 10,
) -> WatchList:  # fmt: skip
    """A list without entries yet, by one person: it can only stop more."""
    demand(actor, entity.pk if entity else None)
    values = {"threshold": threshold, "shrink_percent": shrink_percent, "url": url.strip(), "is_active": True}
    check(values)
    plain = code.strip().upper()
    if not plain.replace("-", "").isalnum() or not plain.isascii() or len(plain) > 32 or not name.strip():
        raise BusinessError("watchlist.malformed", field="code" if name.strip() else "name")
    if kind not in WatchList.Kind.values:
        raise BusinessError("watchlist.malformed", field="kind")
    made = WatchList(
        code=plain, name=name.strip()[:80], kind=kind, entity=entity, publisher=publisher.strip()[:80], **values
    )
    made._history_user = actor  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            made.save()
            _record("watchlist.made", made, actor, {"code": plain, "kind": kind, **values})
    except IntegrityError:
        raise BusinessError("watchlist.code_taken", code=plain) from None
    return made


def check(values: dict[str, Any]) -> None:
    """Refuses settings that cannot be: ``watchlist.malformed`` with the field, ``watchlist.address_bad``."""
    if not 70 <= int(values["threshold"]) <= 100:
        raise BusinessError("watchlist.malformed", field="threshold")
    if not 0 <= int(values["shrink_percent"]) <= 90:
        raise BusinessError("watchlist.malformed", field="shrink_percent")
    if values["url"]:
        destinations.parse(values["url"], room="watchlist")


def weakens(before: WatchList, values: dict[str, Any]) -> bool:
    """Would these settings let more pass, or take the list from elsewhere?"""
    return (
        values["threshold"] > before.threshold
        or values["shrink_percent"] > before.shrink_percent
        or (before.is_active and not values["is_active"])
        or values["url"] != before.url
    )


def put(*, actor: User, of: WatchList, values: dict[str, Any], request_id: int | None = None) -> WatchList:
    """Write settings. What weakens comes here by a signed request alone; the database looks at that, too. What is known
    is screened against the whole list again."""
    for name in SETTINGS:
        setattr(of, name, values[name])
    of._history_user = actor  # type: ignore[attr-defined]
    of.save()
    _record("watchlist.changed", of, actor, {**values, "request": request_id})
    current = of.versions.filter(status=S.CURRENT)
    current.update(rescreened_at=None)
    for version_id in current.values_list("pk", flat=True):
        enqueue("controls.rescreen", version_id)
    return of


def take_in(
    *, actor: User | None, list_id: int, content: bytes, file_name: str, origin: str = "upload"
) -> WatchListVersion:
    """Read a file and take it into force, or let it wait when it lost something. ``actor`` None: the clock or console.

    Refuses what is no list (``watchlist.*``), and another file while one waits (``watchlist.waiting``). The same
    file again confirms the version in force, which is returned.
    """
    if actor is not None:
        demand(actor, found(actor, list_id).entity_id)
    read = reading.read(content)
    with transaction.atomic():
        of = WatchList.objects.select_for_update().get(pk=list_id)
        before = of.versions.filter(status=S.CURRENT).first()
        sha256 = hashlib.sha256(content).hexdigest()
        if before is not None and before.sha256 == sha256:
            before.confirmed_at = timezone.now()
            before.save(update_fields=["confirmed_at"])
            _record("watchlist.confirmed", of, actor, {"number": before.number, "sha256": sha256})
            return before
        if of.versions.filter(status=S.WAITING).exists():
            raise BusinessError("watchlist.waiting")
        changes = difference(of, read.entries)
        shrunk = before is not None and _shrunk(changes, origin, before.entry_count * of.shrink_percent)
        last = of.versions.order_by("-number").first()
        status = S.CURRENT if not shrunk else (S.WAITING if actor else S.REFUSED)
        if last is not None and (last.sha256, last.status, S.REFUSED) == (sha256, status, status):
            _record("watchlist.shrunk", of, actor, _told(last))
            return last
        made = WatchListVersion(
            watch_list=of, number=last.number + 1 if last else 1, status=S.WAITING, format=read.format, origin=origin,
            file_name=attachments.safe_name(file_name), sha256=attachments.keep(content), size=len(content),
            published=read.published, loaded_by=actor, entry_count=len(read.entries),
            **changes.counts,
        )  # fmt: skip
        made.missing = read.missing
        if status == S.CURRENT:
            made.save()
            _into_force(of, made, read.entries, changes, actor)
        else:
            made.status = status
            made.save()
            _record("watchlist.shrunk", of, actor, _told(made))
    return made


@dataclass(frozen=True)
class Difference:
    """Codes that are new, that changed, those of them that weaken (see :func:`_lost`), and that are gone."""

    added: Sequence[str]
    changed: Sequence[str]
    weakened: Sequence[str]
    removed: Sequence[str]

    @property
    def counts(self) -> dict[str, int]:
        parts = ("added", "changed", "weakened", "removed")
        return {f"{name}_count": len(getattr(self, name)) for name in parts}


def _shrunk(changes: Difference, origin: str, share: int) -> bool:
    """Whether it takes a second person. ``share``: entries in force, times the percent that the list allows."""
    lost = len(changes.removed) + len(changes.weakened)
    return lost * 100 > share if origin == WatchListVersion.Origin.URL else lost > 0


def difference(of: WatchList, entries: Sequence[Entry]) -> Difference:
    """Against what stands now. Two queries."""
    standing = dict(of.entries.filter(last_number=None).values_list("code", "digest"))
    added, changed = [], []
    for one in entries:
        if one.code not in standing:
            added.append(one.code)
        elif standing[one.code] != one.digest:
            changed.append(one.code)
    by_code = {one.code: one for one in entries}
    rows = of.entries.filter(last_number=None, code__in=changed).values_list("code", "kind", "content__names")
    weakened = [code for code, kind, names in rows if _lost(by_code[code], kind, names)]
    return Difference(added, changed, weakened, [code for code in standing if code not in by_code])


def _lost(now: Entry, kind: str, names: Iterable[Sequence[str]]) -> bool:
    """Whether an entry lets more pass than it did: another kind, a name gone (as names are compared), or one that is
    called weak now."""
    stand = {normal.name(text) for text, _quality in now.names}
    strong = {normal.name(text) for text, quality in now.names if quality != WEAK}
    gone = any(normal.name(text) not in (stand if quality == WEAK else strong) for text, quality in names)
    return gone or kind != now.kind


def _into_force(
    of: WatchList, version: WatchListVersion, entries: Sequence[Entry], changes: Difference, actor: User | None
) -> None:
    of.versions.filter(status=S.CURRENT).update(status=S.PAST)
    version.status, version.activated_at = S.CURRENT, timezone.now()
    for name, count in changes.counts.items():
        setattr(version, name, count)
    version.save(update_fields=["status", "activated_at", *changes.counts])
    ending = [*changes.changed, *changes.removed]
    sql.run(_CLOSE, {"list": of.pk, "number": version.number, "codes": ending})
    fresh = {*changes.added, *changes.changed}
    sql.copy(
        "controls_watchlistentry",
        _COLUMNS,
        (
            (of.pk, one.code, version.number, one.kind, one.name, one.digest, trail.encode(one.content))
            for one in entries
            if one.code in fresh
        ),
    )
    _record("watchlist.activated", of, actor, _told(version))
    enqueue("controls.rescreen", version.pk)


def _told(version: WatchListVersion) -> dict[str, Any]:
    names = ("number", "sha256", "published", "entry_count", "added_count", "changed_count", "removed_count",
             "weakened_count")  # fmt: skip
    return {name: getattr(version, name) for name in names}


def fetch(*, list_id: int) -> WatchListVersion:
    """Load from the list's address by the clock or the console; asking.fetch when a person asks."""
    content, name = download(actor=None, list_id=list_id)
    return take_in(actor=None, list_id=list_id, content=content, file_name=name, origin="url")


def download(*, actor: User | None, list_id: int) -> tuple[bytes, str]:
    """What the list's address answers, and a name for it. Where the house may call: backoffice/common/destinations.py.
    Outside any transaction: it may take two minutes."""
    of = found(actor, list_id) if actor else WatchList.objects.get(pk=list_id)
    if actor is not None:
        demand(actor, of.entity_id)
    if not of.url:
        raise BusinessError("watchlist.no_address")
    status, content, target = _asked(of.url)
    if status != 200:
        raise BusinessError("watchlist.answered", host=target.host, status=status)
    # Named by the list's own address: where a publisher keeps it changes.
    name = destinations.parse(of.url, room="watchlist").path.partition("?")[0].rpartition("/")[2]
    return content, name or of.code


def _asked(url: str) -> tuple[int, bytes, destinations.Target]:
    """What the address answers, or the one that it points to: publishers move files, and sign where they keep them."""
    until = time.monotonic() + FETCH_SECONDS
    for _step in range(MOST_STEPS):
        connection = destinations.Connection(
            url, room="watchlist", seconds=max(1.0, until - time.monotonic()), longest=LONGEST_STEP
        )
        target = connection.target
        try:
            status, content = connection.ask("GET", target.path, None, _HEADERS, reading.LARGEST + 1)
        except (OSError, HTTPException):
            raise BusinessError("watchlist.no_answer", host=target.host) from None
        finally:
            connection.close()
        if status not in _MOVED or not connection.location:
            break
        try:
            url = urldefrag(urljoin(url, connection.location)).url
        except ValueError:
            raise BusinessError("watchlist.address_bad", url=connection.location[:200]) from None
    return status, content, target


def take_effect(asked: ChangeRequest) -> None:
    """What two people signed about a list: its settings, or a version that lost much."""
    of = WatchList.objects.select_for_update().get(pk=asked.subject_id or 0)
    demand(asked.asked_by, of.entity_id)
    if "version" not in asked.change:
        # What was not asked for stays as it is by now: it may have been tightened meanwhile.
        values = {name: asked.change.get(name, getattr(of, name)) for name in SETTINGS}
        put(actor=asked.asked_by, of=of, values=values, request_id=asked.pk)
        return
    version = of.versions.get(pk=asked.change["version"])
    if version.status != S.WAITING:
        raise BusinessError("change.decided")
    read = reading.read(stored(version))
    _into_force(of, version, read.entries, difference(of, read.entries), asked.asked_by)


def refused(asked: ChangeRequest) -> None:
    """A version that waited is refused; it stays on record with its file."""
    if "version" in asked.change:
        WatchListVersion.objects.filter(pk=asked.change["version"], status=S.WAITING).update(status=S.REFUSED)


def stored(version: WatchListVersion) -> bytes:
    """The file as it was loaded, refused when it no longer has its fingerprint."""
    try:
        with default_storage.open(attachments.path(version.sha256), "rb") as kept:
            content: bytes = kept.read()
    except FileNotFoundError:
        raise BusinessError("attachment.missing", sha256=version.sha256) from None
    if hashlib.sha256(content).hexdigest() != version.sha256:
        raise BusinessError("attachment.damaged", sha256=version.sha256)
    return content


def as_of(of: WatchList, number: int) -> QuerySet[WatchListEntry]:
    """The entries of a version that was in force."""
    rows = of.entries.filter(Q(last_number=None) | Q(last_number__gte=number), first_number__lte=number)
    return rows.order_by("code")


def changes_of(version: WatchListVersion) -> dict[str, QuerySet[WatchListEntry]]:
    """What a version added, changed (as it is since) and removed (as it was), by the codes of its entries."""
    began = version.watch_list.entries.filter(first_number=version.number)
    ended = version.watch_list.entries.filter(last_number=version.number - 1)
    return {
        "added": began.exclude(code__in=ended.values("code")).order_by("code"),
        "changed": began.filter(code__in=ended.values("code")).order_by("code"),
        "removed": ended.exclude(code__in=began.values("code")).order_by("code"),
    }


def _record(action: str, of: WatchList, actor: User | None, data: dict[str, Any]) -> None:
    trail.record(
        action, subject_type="watchlist", subject_id=of.pk, entity_id=of.entity_id, actor=actor,
        data={"list": of.code, **data},
    )  # fmt: skip
