"""What back-tests and the quality of alerts say, in words: fates, minutes, what cannot be replayed, charts."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from backoffice.common import formats
from backoffice.web import rule_words
from controls.backtest import figures
from controls.backtest.threshold import Threshold, histogram
from controls.models import BackTestHit, Rule, RuleVersion
from controls.rules import sentences
from controls.screening import hits

FATES = {
    "fraud": gettext_lazy("recalled as fraud"),
    "returned": gettext_lazy("returned"),
    "rejected": gettext_lazy("rejected by a person"),
    "released": gettext_lazy("held, then released and paid"),
    "passed": pgettext_lazy("payment", "paid"),
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
QUEUES = {
    "warn": gettext_lazy("Validation queue"),
    "second": gettext_lazy("Second approvals"),
    "hold": gettext_lazy("Waiting"),
    "reject": gettext_lazy("Waiting"),
}
MOST_DAYS = 62
_SIGNS = {">": ">", ">=": "≥", "<": "<", "<=": "≤"}


def by_time(found: Mapping[str, Mapping[str, int]]) -> tuple[str, list[tuple[str, int, str]]]:
    """The title and the rows of a chart: hits a day of receipt, and of a long period a month."""
    long = len(found) > MOST_DAYS
    kept: dict[str, int] = {}
    for day in sorted(found):
        when = date.fromisoformat(day)
        label = formats.month(when) if long else formats.short_day(when)
        kept[label] = kept.get(label, 0) + found[day]["new"]
    title = _("Hits by month of receipt") if long else _("Hits by day of receipt")
    return title, [(label, number, hits_said(number)) for label, number in kept.items()]


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


def queue_of(rule: str, action: str) -> str:
    """The queue in which an alert of this rule waits for somebody, in words; empty when it waits in none."""
    if rule == hits.RULE:
        return _("Screening")
    return str(QUEUES.get(action, ""))


def inexact(codes: Sequence[str]) -> str:
    """What is judged as it stands now, in words; empty when the replay is exact."""
    return ", ".join(str(INEXACT[code]) for code in codes if code in INEXACT)


def bins(moved: Threshold, values: Mapping[str, int]) -> dict[str, Any]:
    """The histogram as rows of a chart under its title, and where the hits begin or end."""
    found = histogram(moved, values)
    rows = [
        (
            _round(moved.fact, one.low) if one is not found[-1] else _("from %(value)s") % {
                "value": _round(moved.fact, one.low)}, one.count,
            ngettext("%(n)s payment", "%(n)s payments", one.count) % {"n": formats.count(one.count)},
        )
        for one in found
    ]  # fmt: skip
    first = next((at for at, one in enumerate(found) if one.hit), -1)
    last = max((at for at, one in enumerate(found) if one.hit), default=-1)
    title = _("%(fact)s: hit when %(sign)s %(value)s") % {
        "fact": rule_words.called(moved.fact), "sign": _SIGNS[moved.sign], "value": value_said(moved, moved.value),
    }  # fmt: skip
    now = first if first > 0 else last
    return {"title": title, "rows": rows, "now": now, "value": f"{moved.value.normalize():f}"}


def value_said(moved: Threshold, value: Decimal) -> str:
    """A value of the fact that is compared, as a person reads it."""
    return sentences.write(moved.fact, f"{value:f}", "EUR")


def _round(fact: str, value: Decimal) -> str:
    """The same without the decimals that say nothing, for the foot of a column."""
    return re.sub(r"[.,]00(?!\d)", "", sentences.write(fact, f"{value:f}", "EUR"))


def value_typed(text: str) -> Decimal | None:
    """The threshold that somebody typed; None when it is no number. ``12,500`` is grouped where that is how numbers
    are written, and ``12,5`` has a decimal wherever it is typed."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", text)
    if not formats.locale_name().startswith("fr") and re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        value = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def by_hand(sample: Sequence[BackTestHit]) -> dict[str, Any]:
    """How far the sample is judged, and the precision it tells with its interval."""
    right = sum(1 for hit in sample if hit.judgement == BackTestHit.Judgement.RIGHT)
    wrong = sum(1 for hit in sample if hit.judgement == BackTestHit.Judgement.WRONG)
    judged = sum(1 for hit in sample if hit.judgement)
    return {"judged": judged, "of": len(sample), "precision": figures.Precision(right, right + wrong)}


def bounds_said(found: figures.Precision) -> str:
    """``31 % to 55 %, 12 of 29``; empty when nothing is known."""
    if found.bounds is None:
        return ""
    low, high = found.bounds
    return _("%(low)s to %(high)s, %(right)s of %(known)s") % {
        "low": formats.percent(low), "high": formats.percent(high), "right": formats.count(found.right),
        "known": formats.count(found.known),
    }  # fmt: skip


def precision_said(found: figures.Precision) -> str:
    """``42 % (31 % to 55 %), 12 of 29``; a dash when nothing is known."""
    if found.share is None or found.bounds is None:
        return "\u2013"
    low, high = found.bounds
    return _("%(share)s (%(low)s to %(high)s), %(right)s of %(known)s") % {
        "share": formats.percent(found.share), "low": formats.percent(low), "high": formats.percent(high),
        "right": formats.count(found.right), "known": formats.count(found.known),
    }  # fmt: skip
