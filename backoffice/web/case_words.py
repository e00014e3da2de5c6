"""Cases in words: acts on record, and how their parts are called."""

from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.common import formats
from controls.cases import typologies
from controls.models import Case

ACTS: dict[str, Any] = {
    "case.opened": gettext_lazy("opened the case: %(typology)s, score %(score)s"),
    "case.alerted": gettext_lazy("added an alert, score %(score)s"),
    "case.taken": gettext_lazy("took the case"),
    "case.assigned": gettext_lazy("gave the case to %(person)s"),
    "case.released": gettext_lazy("gave the case back"),
    "case.snoozed": gettext_lazy("snoozed the case until %(until)s"),
    "case.woken": gettext_lazy("brought the case back"),
    "case.came_back": gettext_lazy("brought the case back: its moment had come"),
    "case.overdue": gettext_lazy("put the case on top: its due time had passed"),
    "case.escalated": gettext_lazy("escalated the case"),
    "case.commented": gettext_lazy("commented"),
    "case.ticked": gettext_lazy("ticked “%(item)s”"),
    "case.unticked": gettext_lazy("took back “%(item)s”"),
    "case.asked": gettext_lazy("asked %(addressee)s, due %(due)s"),
    "case.answered": gettext_lazy("wrote down the answer of %(addressee)s"),
    "case.held": gettext_lazy("put the payments on hold"),
    "case.lifted": gettext_lazy("let the payments go on"),
    "case.linked": gettext_lazy("linked: %(kind)s %(target)s"),
    "case.unlinked": gettext_lazy("took away the link: %(kind)s %(target)s"),
    "case.gathered": gettext_lazy("put the case into the incident “%(incident)s”"),
    "case.judged": "%(said)s",
    "case.silenced": gettext_lazy("silenced alerts like these until %(until)s"),
    "case.heard": gettext_lazy("ended the silence about alerts like these"),
    "case.reopened": gettext_lazy("opened the case again"),
}
KINDS: dict[str, Any] = {
    "payment": gettext_lazy("payment"), "payee": gettext_lazy("payee"), "party": gettext_lazy("party"),
    "account": gettext_lazy("account"), "other": gettext_lazy("case"),
}  # fmt: skip
WHY: dict[str, Any] = {
    "alert": gettext_lazy("alert"), "evidence": gettext_lazy("named as evidence"), "link": gettext_lazy("linked"),
    "party": gettext_lazy("same party"),
}  # fmt: skip


def readable(action: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an act, in words."""
    told: dict[str, Any] = {}
    if "typology" in data:
        told["typology"] = typologies.name(data["typology"])
    if "item" in data:
        told["item"] = _item(str(data["item"]))
    for name in ("until", "due"):
        if moment := parse_datetime(str(data.get(name, ""))) if data.get(name) else None:
            told[name] = formats.when(moment)
    if "kind" in data:
        told["kind"] = KINDS.get(data["kind"], data["kind"])
    if action == "case.judged":
        told["said"] = _judged(data)
    return told


def _item(code: str) -> str:
    found = (one.checklist[code] for one in typologies.TYPOLOGIES.values() if code in one.checklist)
    return str(next(found, code))


def _judged(data: Mapping[str, Any]) -> str:
    """A verdict, as far as it may be told."""
    if data.get("step") == "second_asked":
        return _("gave the first verdict; a second person is asked")
    said = {
        "disposition": Case.Disposition(data["disposition"]).label, "cause": typologies.cause(data["cause"]),
        "person": data.get("first_by", ""),
    }  # fmt: skip
    if data.get("step") == "differ":
        said["first"] = Case.Disposition(data["first"]).label
        return _("said “%(disposition)s” where %(person)s had said “%(first)s”: the case is escalated") % said
    if "first" in data:
        return _("closed the case as “%(disposition)s” (%(cause)s), as %(person)s had said") % said
    return _("closed the case as “%(disposition)s” (%(cause)s)") % said


def minutes(value: float | None) -> str:
    """A time in the largest unit that says it."""
    if value is None:
        return "\u2013"
    if value < 1:
        return _("< 1 min")
    if value < 90:
        number = round(value)
        return ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": number}
    if value < 48 * 60:
        number = round(value / 60)
        return ngettext("%(n)s hour", "%(n)s hours", number) % {"n": number}
    number = round(value / 1440)
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": number}
