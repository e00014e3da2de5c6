"""What back-tests and the quality of alerts say, in words: fates, minutes, what cannot be replayed, charts."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from backoffice.common import formats
from controls.backtest import figures
from controls.backtest.threshold import Threshold, histogram
from controls.models import BackTestHit, Rule, RuleVersion
from controls.rules import sentences

FATES = {
    "fraud": gettext_lazy("recalled as fraud"),
    "returned": gettext_lazy("returned"),
    "rejected": gettext_lazy("rejected by a person"),
    "released": gettext_lazy("held, then released and paid"),
    "passed": gettext_lazy("paid"),
    "given_up": gettext_lazy("cancelled, or rejected by no person"),
    "open": gettext_lazy("still open"),
}
INEXACT = {
    "funds": gettext_lazy("funds of accounts"),
    "bands": gettext_lazy("bands of the approval matrix"),
    "limits": gettext_lazy("limits of people"),
    "payees": gettext_lazy("names of payees"),
    "mandates": gettext_lazy("mandates"),
    "invoices": gettext_lazy("invoices"),
    "parties": gettext_lazy("names and addresses of account holders"),
    "accounts": gettext_lazy("status of accounts that are credited"),
    "screening": gettext_lazy("watch lists, and what was decided on their hits"),
}
MOST_DAYS = 62


def days(found: Mapping[str, Mapping[str, int]]) -> list[tuple[str, int, str]]:
    """Hits a day, for a chart; a long period by month."""
    kept: dict[str, int] = {}
    for day in sorted(found):
        label = day if len(found) <= MOST_DAYS else day[:7]
        kept[label] = kept.get(label, 0) + found[day]["new"]
    return [(_label(label), number, hits_said(number)) for label, number in kept.items()]


def _label(text: str) -> str:
    return formats.short_day(date.fromisoformat(text)) if len(text) > 7 else text


def hits_said(number: int) -> str:
    return ngettext("%(n)s hit", "%(n)s hits", number) % {"n": formats.count(number)}


def fates(found: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """What became of the payments that were hit, of those the other version hit, and of all."""
    return [
        {
            "label": FATES[name], **{by: found.get(name, {}).get(by, 0) for by in ("new", "former", "judged")},
            "side": "confirmed" if name in figures.CONFIRMED else "cleared" if name in figures.CLEARED else "",
        }
        for name in figures.FATES
        if name in found
    ]  # fmt: skip


def overlap(given: Mapping[str, Any], hits: int) -> list[tuple[str, str, int, float]]:
    """Other rules whose recorded findings are on the same payments: code, name, how many, which share of the hits."""
    found: Mapping[str, int] = given.get("rules", {})
    french = (get_language() or "en").startswith("fr")
    names = {rule.code: rule.name_fr if french else rule.name_en for rule in Rule.objects.filter(code__in=found)}
    rows = [(code, names.get(code, code), number, number / hits if hits else 0.0) for code, number in found.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def minutes(given: Mapping[str, Any]) -> list[tuple[Any, float, bool]]:
    """Action, minutes of an alert, and whether they were measured."""
    measured = given.get("measured", [])
    labels = dict(RuleVersion.Action.choices)
    return [(labels[code], float(value), code in measured) for code, value in given.get("minutes", {}).items()]


def inexact(codes: Sequence[str]) -> str:
    """What is judged as it stands now, in words; empty when the replay is exact."""
    return ", ".join(str(INEXACT[code]) for code in codes if code in INEXACT)


def bins(moved: Threshold, values: Mapping[str, int]) -> dict[str, Any]:
    """The histogram as rows of a chart, and where the hits begin or end."""
    found = histogram(moved, values)
    rows = [
        (
            sentences.write(moved.fact, str(one.low.normalize()) if one.low else "0", "EUR"), one.count,
            ngettext("%(n)s payment", "%(n)s payments", one.count) % {"n": formats.count(one.count)},
        )
        for one in found
    ]  # fmt: skip
    first = next((at for at, one in enumerate(found) if one.hit), -1)
    last = max((at for at, one in enumerate(found) if one.hit), default=-1)
    return {"rows": rows, "now": first if first > 0 else last, "value": _plain(moved.value)}


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def by_hand(sample: Sequence[BackTestHit]) -> dict[str, Any]:
    """How far the sample is judged, and the precision it tells with its interval."""
    right = sum(1 for hit in sample if hit.judgement == BackTestHit.Judgement.RIGHT)
    wrong = sum(1 for hit in sample if hit.judgement == BackTestHit.Judgement.WRONG)
    judged = sum(1 for hit in sample if hit.judgement)
    return {"judged": judged, "of": len(sample), "precision": figures.Precision(right, right + wrong)}


def precision_said(found: figures.Precision) -> str:
    """``42 % (31 % to 55 %), 12 of 29``; a dash when nothing is known."""
    if found.share is None or found.bounds is None:
        return "\u2013"
    low, high = found.bounds
    return _("%(share)s (%(low)s to %(high)s), %(right)s of %(known)s") % {
        "share": formats.percent(found.share), "low": formats.percent(low), "high": formats.percent(high),
        "right": formats.count(found.right), "known": formats.count(found.known),
    }  # fmt: skip
