"""Codes and sentences of statements: why one is not kept, and what does not add up in one that is."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.common import formats
from backoffice.common.errors import register, speak


def _amount(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda params: formats.amount(Decimal(params[name]), params["currency"])


def _between(params: Mapping[str, Any]) -> str:
    missing = int(params["missing"])
    return str(_(" %(count)s statements are missing.") % {"count": missing}) if missing else ""


_AMOUNTS = ("closed", "opening", "difference")
speak("statement.sums_wrong", **{name: _amount(name) for name in ("closing", "computed", "difference")})
for _code in ("gap", "overlap", "broken"):
    speak(f"statement.chain_{_code}", **{name: _amount(name) for name in _AMOUNTS}, missing=_between)

register(
    {
        "statement.file_size": _("A file of statements has something in it, and at most %(most)s MB."),
        "statement.account_unknown": _(
            "No account of yours at a bank has the number %(number)s in %(currency)s. Write the number as the bank "
            "does on the account, then bring the file in again."
        ),
        "statement.account_ambiguous": _("Several accounts could be meant by %(number)s in %(currency)s."),
        "statement.kind_unknown": _("“%(kind)s” is no kind of statement."),
        "statement.line_currency": _("Line %(place)s is in %(currency)s, which is not the currency of the statement."),
        "statement.line_amount": _("The amount of line %(place)s cannot be kept: %(amount)s."),
        "statement.sums_wrong": _(
            "The closing balance is %(closing)s, but the opening balance and the lines give %(computed)s: a difference "
            "of %(difference)s."
        ),
        "statement.no_balances": _("The statement does not say both its opening and its closing balance."),
        "statement.zero_lines": _("%(count)s lines without an amount were left out."),
        "statement.told_before": _("A file of another kind (%(kind)s) told this period before; its lines count."),
        "statement.chain_gap": _(
            "Something is missing before this statement: the former one closed with %(closed)s, this one opens with "
            "%(opening)s.%(missing)s"
        ),
        "statement.chain_overlap": _(
            "This statement begins before the former one ended: that closed with %(closed)s, this one opens with "
            "%(opening)s."
        ),
        "statement.chain_broken": _(
            "The balance does not follow: the former statement closed with %(closed)s, this one opens with "
            "%(opening)s, a difference of %(difference)s."
        ),
        "database.statement_once": _("this statement was taken in before. Nothing was changed."),
        "database.statement_stays": _("what a statement says stays. Nothing was changed."),
        "database.line_references": _("a line is of the account of its statement. Nothing was changed."),
    }
)
