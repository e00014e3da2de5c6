"""Names of files at banks: those that we give, and those that we accept."""

import re
from datetime import date

from backoffice.common.errors import BusinessError

LONGEST = 160
_PLACES = re.compile(r"\{([a-z_]*)\}")
_OURS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_KNOWN = ("message_id", "kind", "date")
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", ".lock")
ACKNOWLEDGES = ".ack"


def made(pattern: str, *, message_id: str, kind: str, on: date) -> str:
    """The name of a file there: the pattern with ``{message_id}``, ``{kind}`` and ``{date}`` (20261127) filled in."""
    values = {"message_id": message_id, "kind": kind, "date": f"{on:%Y%m%d}"}
    return _PLACES.sub(lambda place: values[place.group(1)], pattern)


def check_pattern(pattern: str) -> None:
    """Refuse a pattern whose names could meet (without the message id), hide, or leave their folder."""
    places = _PLACES.findall(pattern)
    if "message_id" not in places:
        raise BusinessError("channel.pattern_not_unique")
    unknown = [place for place in places if place not in _KNOWN]
    if unknown:
        raise BusinessError("channel.pattern_place", place=unknown[0][:20])
    trial = made(pattern, message_id="M" * 35, kind="pain001", on=date(2026, 1, 1))
    if len(trial) > LONGEST or not _OURS.fullmatch(trial) or ".." in trial or is_unfinished(trial):
        raise BusinessError("channel.pattern_bad", pattern=pattern[:80])
    if trial.lower().endswith(ACKNOWLEDGES):
        raise BusinessError("channel.pattern_bad", pattern=pattern[:80])


def meanwhile(name: str) -> str:
    """The name under which a file is written before it gets its own: hidden, and marked as unfinished."""
    return f".{name}.part"


def is_unfinished(name: str) -> bool:
    """Is it somebody's file in the making, to be left until it has another name?"""
    return name.startswith((".", "~")) or name.lower().endswith(UNFINISHED)


def is_hostile(name: str) -> bool:
    """Does the name lead elsewhere, hide characters, or is it longer than can be kept?"""
    return (
        not 0 < len(name) <= 200
        or name in {".", ".."}
        or any(character in "/\\" or not character.isprintable() for character in name)
    )


def shown(name: str) -> str:
    """A hostile name as it can be kept and shown."""
    return "".join(character if character.isprintable() else "�" for character in name)[:200] or "?"
