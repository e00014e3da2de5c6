"""What the record of a model says, in the reader's language: what it learnt from, and its figures beside another's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.common import formats
from controls.models import ScoringModel
from controls.scoring import comparing

NAMES: Mapping[str, str | Promise] = {
    "average_precision": gettext_lazy("Average precision"),
    "recall_0.5": gettext_lazy("Found, looking at one payment in 200"),
    "recall_1": gettext_lazy("Found, looking at one payment in 100"),
    "precision_0.5": gettext_lazy("Right, looking at one payment in 200"),
    "precision_1": gettext_lazy("Right, looking at one payment in 100"),
    "precision": gettext_lazy("Right among alerts at the present threshold"),
    "alerts_a_day": gettext_lazy("Alerts a day at the present threshold"),
}
_NUMBERS = {"average_precision", "alerts_a_day"}


@dataclass(frozen=True)
class Said:
    """A measure in words. ``worse``: less than the champion's, and it counts."""

    code: str
    name: str
    own: str
    champion: str
    by: str
    worse: bool


def compared(figures: Mapping[str, Any]) -> list[Said]:
    return [said(line) for line in comparing.lines(figures)]


def said(line: comparing.Line) -> Said:
    return Said(
        line.code, str(NAMES[line.code]), value(line.code, line.own), value(line.code, line.champion),
        _signed(line.code, line.by), line.worse,
    )  # fmt: skip


def value(code: str, told: float | None) -> str:
    if told is None:
        return _("not measured")
    if code in _NUMBERS:
        return formats.decimal(told, 3 if code == "average_precision" else 1)
    return formats.percent(told)


def _signed(code: str, told: float | None) -> str:
    """A difference; of shares in points."""
    if told is None:
        return ""
    sign = "+" if told > 0 else "−" if told < 0 else "±"
    if code in _NUMBERS:
        return f"{sign}{formats.decimal(abs(told), 3 if code == 'average_precision' else 1)}"
    return _("%(points)s points") % {"points": f"{sign}{formats.decimal(abs(told) * 100)}"}


def worse(lines: Sequence[comparing.Line]) -> list[str]:
    """Each worse measure as a sentence's part: its name, its value, the champion's and how far they are apart."""
    return [
        _("%(name)s: %(own)s against %(champion)s (%(by)s)")
        % {"name": one.name, "own": one.own, "champion": one.champion, "by": one.by}
        for one in map(said, lines)
    ]


def learnt(model: ScoringModel) -> list[str]:
    """What it learnt from, a sentence each."""
    told = model.learnt
    if not told.get("payments"):
        return [_("It knows nothing yet: its scores rest on what is assumed of all payments.")]
    lines = [
        ngettext("It learnt from %(count)s payment.", "It learnt from %(count)s payments.", told["learnt"])
        % {"count": formats.count(told["learnt"])}
    ]
    if told["of"] > told["payments"]:
        lines.append(
            _("Of %(all)s payments in these days an even share of %(some)s was taken.")
            % {"all": formats.count(told["of"]), "some": formats.count(told["payments"])}
        )
    lines.append(
        _("Confirmed risks: %(confirmed)s; valuable alerts: %(valuable)s; honest ones: %(honest)s; not known: "
          "%(unknown)s.")
        % {name: formats.count(told[name]) for name in ("confirmed", "valuable", "honest", "unknown")}
    )  # fmt: skip
    if told["trees"]:
        lines.append(_("It has learnt from what people made of alerts."))
    else:
        lines.append(
            _("Too little is known to learn from what people made of alerts (%(needed)s frauds are needed): it "
              "remembers what is usual.")
            % {"needed": told["needed"]}
        )  # fmt: skip
    return lines


def tested(figures: Mapping[str, Any]) -> str:
    """On what it was judged."""
    told = figures.get("tested") or {}
    if not told.get("payments"):
        return _("It was not judged: no payment of the last part of these days has settled.")
    return _(
        "Judged on %(count)s payments from %(first)s to %(last)s that it did not learn from: %(confirmed)s confirmed "
        "risks, %(valuable)s valuable alerts."
    ) % {
        "count": formats.count(told["payments"]), "first": formats.day(date.fromisoformat(told["from"])),
        "last": formats.day(date.fromisoformat(told["to"])), "confirmed": formats.count(told["confirmed"]),
        "valuable": formats.count(told["valuable"]),
    }  # fmt: skip
