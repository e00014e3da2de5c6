"""What two people decide about screening, asked for: that a hit is somebody else, that a name may pass, what weakens a
list, a version that lost many entries. controls/changes.py has it signed and applied."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from backoffice.common.errors import BusinessError
from backoffice.people.models import User
from controls import changes
from controls.models import ChangeRequest, ScreeningHit, WatchList, WatchListVersion
from controls.screening import exemptions, hits, watchlists

Subject = ChangeRequest.Subject


def release(*, actor: User, hit_id: int, reason: str) -> ChangeRequest:
    """Propose that a hit is somebody else; another person confirms. Of a decided hit: ``hit.decided``."""
    one = hits.found(actor, hit_id)
    hits.demand(actor, one.entity_id)
    if one.status not in {ScreeningHit.Status.OPEN, ScreeningHit.Status.TRUE}:
        raise BusinessError("hit.decided")
    change = {"given": one.given[:300], "listed": one.match.get("name", one.entry.name), "score": one.score,
              "list": one.entry.watch_list.name, "was": one.status}  # fmt: skip
    return _ask(Subject.HIT, one.pk, one.entity, change, actor, reason)


def exempt(*, actor: User, hit_id: int, until: date, reason: str) -> ChangeRequest:
    """Ask to let the name of a hit pass against its entry until a day, at most a year away."""
    one = hits.found(actor, hit_id)
    hits.demand(actor, one.entity_id)
    change = exemptions.described(one, until)
    waiting = ChangeRequest.objects.filter(
        subject_type=Subject.EXEMPT, status="waiting", entity=one.entity, change__key=change["key"],
        change__list=change["list"], change__code=change["code"],
    )  # fmt: skip
    if waiting.exists():
        raise BusinessError("change.waiting")
    return _ask(Subject.EXEMPT, None, one.entity, change, actor, reason)


def settings(*, actor: User, list_id: int, values: Mapping[str, Any], reason: str = "") -> ChangeRequest | None:
    """Change a list's threshold, share, address, or switch it on or off: at once when it stops more, else by a second
    person; None when it took effect."""
    one = watchlists.found(actor, list_id)
    watchlists.demand(actor, one.entity_id)
    asked = {name: values.get(name, getattr(one, name)) for name in watchlists.SETTINGS}
    watchlists.check(asked)
    if all(asked[name] == getattr(one, name) for name in watchlists.SETTINGS):
        raise BusinessError("payment.nothing_changed")
    if watchlists.weakens(one, asked):
        change = {name: value for name, value in asked.items() if value != getattr(one, name)}
        return _ask(Subject.WATCH, one.pk, one.entity, {"list": one.name, **change}, actor, reason)
    with transaction.atomic():
        watchlists.put(actor=actor, of=WatchList.objects.select_for_update().get(pk=one.pk), values=asked)
    return None


def load(
    *, actor: User, list_id: int, content: bytes, file_name: str, reason: str = "", origin: str = "upload"
) -> tuple[WatchListVersion, ChangeRequest | None]:
    """Load a file (see watchlists.take_in); a version that lost something is asked for at once."""
    with transaction.atomic():
        made = watchlists.take_in(
            actor=actor, list_id=list_id, content=content, file_name=file_name, origin=origin
        )  # fmt: skip
        return made, _of_version(actor, made, reason)


def fetch(*, actor: User, list_id: int) -> tuple[WatchListVersion, ChangeRequest | None]:
    """Load from the list's address now. The version and what is asked for it come to be together, or neither."""
    content, name = watchlists.download(actor=actor, list_id=list_id)
    return load(actor=actor, list_id=list_id, content=content, file_name=name, origin="url")


def _of_version(actor: User, made: WatchListVersion, reason: str) -> ChangeRequest | None:
    if made.status != WatchListVersion.Status.WAITING:
        return None
    of = made.watch_list
    change = {"list": of.name, "version": made.pk, "number": made.number, "removed": made.removed_count,
              "weakened": made.weakened_count, "entries": made.entry_count}  # fmt: skip
    said = reason or f"{made.file_name}: -{made.removed_count + made.weakened_count}"
    return _ask(Subject.WATCH, of.pk, of.entity, change, actor, said)


def _ask(  # noqa: PLR0917 - the columns of one row
    subject: str, subject_id: int | None, entity: Any, change: dict[str, Any], actor: User, reason: str
) -> ChangeRequest:
    changes.demand_person(actor)
    if not reason.strip():
        raise BusinessError("payment.reason_required")
    try:
        with transaction.atomic():
            return changes.ask(subject, subject_id, entity, change, actor, reason)
    except IntegrityError as error:
        if "change_of_a_row_once" not in str(error):
            raise
        raise BusinessError("change.waiting") from None
