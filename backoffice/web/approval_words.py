"""What the approval matrix asks, in words: the demands of a place, the stages of a row, its conditions."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.common import formats
from backoffice.people import roles


def demands(*, role: str, team: str, ceiling: Decimal | None, currency: str) -> str:
    """Of whom a signature is asked; empty when whoever has the right may give it."""
    said = [str(roles.NAMES[role]).lower()] if role else []
    if team:
        said.append(_("team “%(team)s”") % {"team": team})
    if ceiling is not None:
        said.append(_("limit of %(amount)s or more") % {"amount": formats.amount(ceiling, currency)})
    return ", ".join(said)


def persons(count: int) -> str:
    words = {1: _("one person"), 2: _("two persons"), 3: _("three persons")}
    return words.get(count) or ngettext("%(n)s person", "%(n)s persons", count) % {"n": count}


def stages(asked: Sequence[tuple[int, str]]) -> str:
    """Stages, each a number of persons and what is asked of them: ``one person, then one person (supervisor)``."""
    said = [
        _("%(persons)s (%(demands)s)") % {"persons": persons(count), "demands": of_whom} if of_whom else persons(count)
        for count, of_whom in asked
    ]
    return _(", then ").join(said)
