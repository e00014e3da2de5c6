"""What a change that waits for a second person would allow, in words, and the cards that show such changes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backoffice.common import formats
from backoffice.people import roles
from backoffice.people.models import User
from backoffice.web import scoring_words
from controls import changes
from controls.models import ChangeRequest

Subject = ChangeRequest.Subject


def _account(change: Mapping[str, Any]) -> str:
    if change["floor"] is None:
        return _("the account %(code)s may go below zero without a floor") % {"code": change["code"]}
    floor = formats.amount(Decimal(change["floor"]), change["currency"])
    return _("the account %(code)s may go down to %(floor)s") % {"code": change["code"], "floor": floor}


def _grant(change: Mapping[str, Any]) -> str:
    held = [str(words) for right, words in roles.RIGHTS.items() if right in roles.ROLES.get(change["role"], ())]
    return _("%(who)s has the role “%(role)s” in %(place)s, and may: %(rights)s") % {
        "who": _whom(change), "role": roles.NAMES.get(change["role"], change["role"]),
        "place": change["entity"] or _("all entities"), "rights": ", ".join(held),
    }  # fmt: skip


def _token(change: Mapping[str, Any]) -> str:
    scopes = ", ".join(str(roles.RIGHTS.get(scope, scope)) for scope in change["scopes"])
    return _("the token “%(label)s” works for the program %(who)s, and may: %(rights)s") % {
        "label": change["label"], "who": _whom(change), "rights": scopes,
    }  # fmt: skip


def _channel(change: Mapping[str, Any]) -> str:
    if change["kind"] == "sftp":
        keys = change["host_keys"] or _("without a key of the server")
        where = f"{change['user']}@{change['host']}:{change['port']} {keys}"
    else:
        where = change["url"]
    folders = ", ".join(folder for folder in (change["out_folder"], change["in_folder"]) if folder)
    rest = _("all accounts without one of their own")
    accounts = ", ".join(rest if one == "*" else one for one in change["accounts"])
    said = _(
        "the channel “%(name)s” goes to %(where)s (%(folders)s), carries files of %(accounts)s and brings %(source)s"
    )
    return said % {
        "name": change["name"], "where": " ".join(where.split()) or _("folders of this server"),
        "folders": folders or _("no folder"), "accounts": accounts or _("no account"),
        "source": _("answers of the bank, and payments of “%(source)s”") % {"source": change["source"]}
        if change["source"] else _("answers of the bank"),
    }  # fmt: skip


def _verifier(change: Mapping[str, Any]) -> str:
    return _("payees of %(entity)s are verified by %(url)s; an answer counts for %(hours)s hours") % {
        "entity": change["entity"], "url": change["url"], "hours": change["valid_hours"],
    }  # fmt: skip


def _whom(change: Mapping[str, Any]) -> str:
    if not change["made_by"]:
        return _("%(name)s (%(email)s)") % {"name": change["name"], "email": change["email"]}
    return _("%(name)s (%(email)s, account made by %(made_by)s)") % {
        "name": change["name"], "email": change["email"], "made_by": change["made_by"],
    }  # fmt: skip


def _hit(change: Mapping[str, Any]) -> str:
    return (
        _("“%(given)s” is not “%(listed)s” of the list %(list)s (score %(score)s), and what it stopped goes on")
        % change
    )


def _exempt(change: Mapping[str, Any]) -> str:
    told = {**change, "until": formats.day(date.fromisoformat(change["until"]))}
    return _("“%(name)s” is let pass against “%(entry_name)s” of the list %(list_name)s until %(until)s") % told


def _watch(change: Mapping[str, Any]) -> str:
    if "version" in change:
        return (
            _("version %(number)s of the list %(list)s takes effect: entries %(entries)s, gone %(removed)s, without a "
              "name or kind they had %(weakened)s")
            % change
        )  # fmt: skip
    parts = []
    if "threshold" in change:
        parts.append(_("a hit from score %(threshold)s on") % change)
    if "shrink_percent" in change:
        parts.append(_("at most %(shrink_percent)s percent of its entries may be lost") % change)
    if "url" in change:
        parts.append(_("loaded from %(url)s") % {"url": change["url"] or _("no address")})
    if "is_active" in change:
        parts.append(_("it is screened against") if change["is_active"] else _("it is not screened against"))
    return _("the list %(list)s: %(parts)s") % {"list": change["list"], "parts": ", ".join(parts)}


_SAID: dict[str, Callable[[Mapping[str, Any]], str]] = {
    Subject.ACCOUNT: _account,
    Subject.CHANNEL: _channel,
    Subject.GRANT: _grant,
    Subject.TOKEN: _token,
    Subject.VERIFIER: _verifier,
    Subject.HIT: _hit,
    Subject.EXEMPT: _exempt,
    Subject.WATCH: _watch,
    Subject.MODEL: scoring_words.promotion,
    Subject.SCORING: scoring_words.threshold,
}


def said(subject_type: str, change: Mapping[str, Any]) -> str:
    """What would be allowed. Of subjects whose requests have a screen of their own: empty."""
    reader = _SAID.get(subject_type)
    return reader(change) if reader else ""


def cards(reader: User, subject_types: Sequence[str], subject_id: int | None = None) -> list[dict[str, Any]]:
    """Requests that wait, as changes/waiting.html shows them. One query a subject."""
    return [
        {"request": one, "own": one.asked_by_id == reader.pk, "said": said(one.subject_type, one.change)}
        for subject_type in subject_types
        for one in changes.waiting(reader, subject_type, subject_id)
    ]


def about_people(reader: User) -> list[dict[str, Any]]:
    """What waits of people's rights and limits, the newest first. One query."""
    rows = changes.seen(reader).filter(subject_type__in=changes.ABOUT_PEOPLE, status=ChangeRequest.Status.WAITING)
    return [
        {"request": one, "own": one.asked_by_id == reader.pk, "said": said(one.subject_type, one.change)}
        for one in rows[:50]
    ]
