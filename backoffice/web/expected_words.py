"""What is expected, in words: rhythms, amounts, why it ended, acts on record."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.common import formats
from controls.models import Expectation

RHYTHMS: dict[str, Any] = {
    "week": gettext_lazy("every week"), "fortnight": gettext_lazy("every two weeks"),
    "month": gettext_lazy("every month"), "quarter": gettext_lazy("every three months"),
    "year": gettext_lazy("every year"),
}  # fmt: skip
ENDS: dict[str, Any] = {
    "silent": gettext_lazy("it did not come three times in a row"),
    "announced": gettext_lazy("it is announced, or was added by hand"),
    "order": gettext_lazy("the standing order is over"),
}
ACTS: dict[str, Any] = {
    "expectation.learnt": gettext_lazy("learnt it from %(learnt_from)s that came"),
    "expectation.announced": gettext_lazy("took it over from the standing order"),
    "expectation.changed": gettext_lazy("changed its rhythm"),
    "expectation.lapsed": gettext_lazy("ended it: %(why)s"),
    "expectation.added": gettext_lazy("added it by hand"),
    "expectation.ended": gettext_lazy("ended it"),
    "expectation.excused": gettext_lazy("excused the one of %(due_on)s"),
    "case.arrived": gettext_lazy("noted that what was due on %(due_on)s came on %(day)s"),
    "case.excused": gettext_lazy("excused what was due on %(due_on)s"),
}


def readable(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an act, in words."""
    told: dict[str, Any] = {}
    for name in ("due_on", "day"):
        if data.get(name):
            told[name] = formats.day(date.fromisoformat(data[name]))
    if "why" in data:
        told["why"] = ENDS.get(data["why"], data["why"])
    return told


def rhythm(one: Expectation) -> str:
    """How often, in words: ``every 3 months, on day 5``."""
    count = {"n": one.every}
    often = {
        "week": ngettext("every week", "every %(n)s weeks", one.every),
        "month": ngettext("every month", "every %(n)s months", one.every),
        "year": ngettext("every year", "every %(n)s years", one.every),
    }[one.unit] % count
    said = {"rhythm": often, "day": one.first_on.day}
    if one.last_working_day or (one.unit == "month" and one.first_on.day == 31 and one.working_day == "previous"):
        return _("%(rhythm)s, on the last working day") % said
    if one.unit == "month":
        return _("%(rhythm)s, on day %(day)s") % said
    return often


def amount(one: Expectation) -> str:
    return formats.amount(one.amount, one.currency) if one.amount is not None else ""


def end_reason(one: Expectation) -> str:
    """Why it ended: what a person said, or the machine's reason."""
    return one.end_reason if one.ended_by_id else str(ENDS.get(one.end_reason, one.end_reason))
