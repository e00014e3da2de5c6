"""What a change that waits for a second person would allow, in words, and the cards that show such changes."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backoffice.common import formats
from backoffice.people.models import User
from controls import changes
from controls.models import ChangeRequest

Subject = ChangeRequest.Subject


def _account(change: Mapping[str, Any]) -> str:
    if change["floor"] is None:
        return _("the account %(code)s may go below zero without a floor") % {"code": change["code"]}
    floor = formats.amount(Decimal(change["floor"]), change["currency"])
    return _("the account %(code)s may go down to %(floor)s") % {"code": change["code"], "floor": floor}


_SAID: dict[str, Callable[[Mapping[str, Any]], str]] = {Subject.ACCOUNT: _account}


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
