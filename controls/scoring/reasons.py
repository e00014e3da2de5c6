"""Reasons of a score: a code, the values that its sentence quotes, and the movements that it speaks of.

Values are kept as they are (numbers, days as ``2026-11-20``), and written in the reader's language when they are read.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.common import formats

Value = float | int | str

# What the values of sentences measure; what is not named is text. Money is written in the reason's own currency.
UNITS: Mapping[str, str] = {
    "amount": "money", "usual": "money",
    "most": "money", "sum": "money", "limit": "money", "before": "money", "came": "money",
    "share": "percent", "times": "number", "week": "number", "frauds": "whole", "busiest": "whole", "alike": "whole",
    "count": "payments", "parties": "accounts", "days": "days", "usual_days": "days", "hours": "hours",
    "on": "date", "since": "date",
}  # fmt: skip

SENTENCES: Mapping[str, str | Promise] = {
    "duplicate.reference": _("%(before)s with the same number in its reference went to this account on %(on)s."),
    "duplicate.amount": _("The same amount went to this account already on %(on)s, %(days)s before."),
    "duplicate.close": _("%(before)s, nearly the same, went to this account on %(on)s, %(days)s before."),
    "changed_details.first": _(
        "%(name)s was paid before, in the last %(count)s of which none went to this account; the last, on %(on)s, went "
        "to another."
    ),
    "changed_details.after": _(
        "Among the last payments to %(name)s, the first to this account was on %(since)s; others went to another one."
    ),
    "name_unlike_holder": _(
        "This account was paid before, in the last %(count)s under other names; the nearest is alike to this one by "
        "%(alike)s of 100."
    ),
    "splitting.pair": _(
        "%(count)s from this account to the same payee within 7 days, each just under %(limit)s: together %(sum)s."
    ),
    "splitting.debtor": _("%(count)s from this account within 7 days, each just under %(limit)s: together %(sum)s."),
    "splitting.creditor": _("%(count)s to this account within 7 days, each just under %(limit)s: together %(sum)s."),
    "splitting.pieces": _("%(count)s from this account to the same payee within 3 days: together %(sum)s."),
    "velocity.hour": _("%(count)s left this account within an hour."),
    "velocity.day": _("%(count)s left this account within 24 hours."),
    "velocity.busiest": _(
        "%(count)s left this account within 24 hours; in two months before the most was %(busiest)s."
    ),
    "sleeping_account": _("This account had paid nothing for %(days)s until %(on)s."),
    "operator_habits.hour": _(
        "Of the last %(count)s that %(operator)s entered, %(share)s came about this time of day (%(clock)s)."
    ),
    "operator_habits.weekend": _(
        "Of the last %(count)s that %(operator)s entered, %(share)s came on a weekend, as this one."
    ),
    "operator_habits.amount": _("The amount is %(times)s times what %(operator)s usually enters (%(usual)s)."),
    "operator_habits.account": _("Of the last %(count)s that %(operator)s entered, none was from this account."),
    "operator_habits.stranger": _("Of the last %(count)s of this account, %(operator)s entered %(share)s."),
    "first_payee_large": _(
        "No payment from this account to this payee is known before, and the amount is %(times)s times the usual of "
        "this account (%(usual)s)."
    ),
    "mule_pass_through": _(
        "%(came)s came in within the last %(hours)s; with this payment %(share)s of it has gone out again."
    ),
    "circle.two": _("The payee paid this account %(before)s on %(on)s: the money goes back."),
    "circle.three": _(
        "Within %(days)s money went from the payee to another account and from there to this one; now it returns."
    ),
    "circle.four": _(
        "Within %(days)s money went from the payee over two other accounts to this one; now it returns."
    ),
    "fan.out": _(
        "This account paid %(parties)s within 7 days; in the four weeks before it was %(week)s a week on average."
    ),
    "fan.in": _(
        "This payee was paid by %(parties)s within 7 days; in the four weeks before it was %(week)s a week on average."
    ),
    "cumulative_cash": _("%(count)s in cash within 30 days, the largest of %(most)s: together %(sum)s."),
    "tail.amount": _("The amount is %(amount)s, and %(count)s of this account in this currency are known before."),
    "tail.debtor_ratio": _(
        "The amount is %(times)s times the usual of this account (%(usual)s over its last %(count)s)."
    ),
    "tail.pair_ratio": _(
        "The amount is %(times)s times the usual between the two (%(usual)s over their last %(count)s)."
    ),
    "tail.creditor_ratio": _(
        "The amount is %(times)s times what this payee usually receives (%(usual)s over the last %(count)s)."
    ),
    "tail.debtor_count_1h": _("%(count)s left this account within an hour."),
    "tail.debtor_count_1d": _("%(count)s left this account within 24 hours."),
    "tail.creditor_count_1d": _("%(count)s came to this payee within 24 hours."),
    "tail.fan_out_new_1d": _("This account paid %(parties)s within 24 hours."),
    "tail.fan_in_new_7d": _("This payee was paid by %(parties)s within 7 days."),
    "tail.debtor_gap_ratio": _(
        "This account last paid %(days)s before; usually there are %(usual_days)s between its payments."
    ),
    "tail.hour_share": _(
        "Of the last %(count)s of this account, %(share)s came about this time of day (%(clock)s)."
    ),
    "tail.payee_share": _("Of the last %(count)s of this account, %(share)s went to this payee."),
    "tail.country_share": _("Of the last %(count)s of this account, %(share)s went to this country (%(land)s)."),
    "tail.currency_share": _("Of the last %(count)s of this account, %(share)s were in this currency (%(coin)s)."),
    "tail.channel_share": _("Of the last %(count)s of this account, %(share)s came this way (%(channel)s)."),
    "known.frauds": _(
        "Of %(count)s to this payee in the 30 days until a week ago whose outcome is known, %(frauds)s turned out as "
        "fraud."
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """``weight``: how strongly it speaks, 0 to 100. ``related``: places in the movements, the newest first."""

    code: str
    params: Mapping[str, Value]
    weight: float
    related: tuple[int, ...] = ()

    def document(self) -> dict[str, Any]:
        return asdict(self)


def sentence(code: str, params: Mapping[str, Value]) -> str:
    """The sentence of a reason in the active language. A code that is no longer known shows itself."""
    text = SENTENCES.get(code)
    if text is None:
        return code
    currency = str(params.get("currency") or "EUR")
    return str(text) % {name: _written(name, value, currency) for name, value in params.items()}


def _written(name: str, value: Value, currency: str) -> str:
    unit = UNITS.get(name, "")
    if unit in _COUNTED:
        return _counted(unit, float(value))
    if unit in _PLAIN:
        return _PLAIN[unit](float(value))
    if unit == "money":
        return formats.amount(Decimal(str(value)), currency)
    return formats.day(date.fromisoformat(str(value))) if unit == "date" else str(value)


_PLAIN: Mapping[str, Callable[[float], str]] = {
    "percent": formats.percent, "number": formats.decimal, "whole": lambda value: formats.count(int(value)),
}  # fmt: skip
_COUNTED = ("payments", "accounts", "days", "hours")


def _counted(unit: str, value: float) -> str:
    # One and a half is as the language says: one day in French, two in English.
    many = 1 if value == 1 or (value < 2 and formats.locale_name().startswith("fr")) else 2
    words = {
        "payments": ngettext("%(n)s payment", "%(n)s payments", many),
        "accounts": ngettext("%(n)s account", "%(n)s different accounts", many),
        "days": ngettext("%(n)s day", "%(n)s days", many),
        "hours": ngettext("%(n)s hour", "%(n)s hours", many),
    }
    return words[unit] % {"n": formats.decimal(value)}
