"""The forecast in words: the pace of each stage, and each near cut-off with why payments will miss it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.common import formats
from backoffice.people.models import Entity
from transactions import queries
from transactions.models import CutOff
from transactions.queries import Closing, Pace

STAGES = {"checked": gettext_lazy("First approval"), "validated": gettext_lazy("Second approval")}


@dataclass(frozen=True)
class PaceRow:
    entity: str
    stage: str
    pace: Pace


def paces(entities: Sequence[Entity]) -> list[PaceRow]:
    """One query, or none."""
    found = queries.paces([place.pk for place in entities])
    return [
        PaceRow(place.name, str(words), found[place.pk, stage]) for place in entities for stage, words in STAGES.items()
    ]


def scheme_name(code: str) -> str:
    return str(dict(CutOff.Scheme.choices).get(code, _("Instant transfer") if code == "instant" else code))


@dataclass(frozen=True)
class ClosingRow:
    """A near cut-off. The addresses lead to the payments behind each number."""

    closing: Closing
    entity: str
    scheme: str
    because: str
    first_url: str
    later_url: str
    miss_url: str
    held_url: str


def closings(entities: Sequence[Entity], now: datetime) -> list[ClosingRow]:
    """The cut-offs of the next 36 hours. Three queries at most."""
    places = {place.pk: place for place in entities}
    paces = queries.paces(list(places))
    rows = []
    for one in queries.closings(list(places)):
        place = places[one.entity_id]

        def link(name: str, view: str = "", *, one: Closing = one, place: Entity = place) -> str:
            asked = QueryDict(mutable=True)
            asked.update({**({"view": view} if view else {}), "entity": place.code,
                          "at": one.cut_off_at.isoformat(), "scheme": one.scheme})  # fmt: skip
            return f"{reverse(name)}?{asked.urlencode()}"

        rows.append(
            ClosingRow(
                one, place.name, scheme_name(one.scheme), _because(one, paces, now), link("queue"),
                link("second_approvals"), link("queue", "miss"), link("queue", "waiting"),
            )
        )  # fmt: skip
    return rows


def _because(one: Closing, paces: Mapping[tuple[int, str], Pace], now: datetime) -> str:
    """What must be decided before the last of them, at what pace; empty when none will miss it."""
    if not one.missing:
        return ""
    told = []
    for stage, number in (("checked", one.firsts_before), ("validated", one.laters_before)):
        if number:
            pace = paces[one.entity_id, stage]
            told.append(_need(stage, number, pace))
    told.append(_("%(left)s are left") % {"left": formats.duration(one.cut_off_at - now)})
    return "; ".join(told)


def _need(stage: str, number: int, pace: Pace) -> str:
    present = (
        ngettext("%(n)s person", "%(n)s persons", pace.present) % {"n": pace.present} if pace.present else _("nobody")
    )
    values: dict[str, Any] = {
        "n": formats.count(number), "minutes": formats.decimal(pace.minutes, 1), "present": present,
        "need": formats.count(round(number * pace.each)),
    }  # fmt: skip
    if stage == "checked":
        return _("%(n)s first approvals at %(minutes)s min each, %(present)s present: %(need)s min") % values
    return _("%(n)s further approvals at %(minutes)s min each, %(present)s present: %(need)s min") % values
