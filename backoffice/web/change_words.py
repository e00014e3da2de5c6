"""What a change that waits for a second person would allow, in words, and the cards that show such changes."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backoffice.common import formats
from backoffice.people import roles
from backoffice.people.models import User
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


def _whom(change: Mapping[str, Any]) -> str:
    if not change["made_by"]:
        return _("%(name)s (%(email)s)") % {"name": change["name"], "email": change["email"]}
    return _("%(name)s (%(email)s, account made by %(made_by)s)") % {
        "name": change["name"], "email": change["email"], "made_by": change["made_by"],
    }  # fmt: skip


_SAID: dict[str, Callable[[Mapping[str, Any]], str]] = {
    Subject.ACCOUNT: _account,
    Subject.GRANT: _grant,
    Subject.TOKEN: _token,
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
