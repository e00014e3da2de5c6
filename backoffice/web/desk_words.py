"""Words of reconciliation: what people did, what explains a difference, what changed a signed day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from backoffice.common import formats
from controls.models import Break
from controls.reconciliation import breaks, positions

ACTS: dict[str, Any] = {
    "day.prepared": gettext_lazy("prepared the day %(day)s of %(account)s"),
    "day.signed": gettext_lazy("signed the day %(day)s of %(account)s"),
    "day.sent_back": gettext_lazy("sent the day %(day)s of %(account)s back"),
    "day.reopening_asked": gettext_lazy("asked to reopen the day %(day)s of %(account)s"),
    "day.reopened": gettext_lazy("agreed to reopen the day %(day)s of %(account)s"),
    "day.kept": gettext_lazy("left the day %(day)s of %(account)s signed"),
    "day.changed": gettext_lazy("found the day %(day)s of %(account)s changed after it was signed"),
    "day.agrees_again": gettext_lazy("found the day %(day)s of %(account)s as it was signed again"),
    "break.assigned": gettext_lazy("gave it to %(owner)s"),
    "break.explained": gettext_lazy("explained it: %(cause)s"),
    "break.commented": gettext_lazy("commented"),
    "break.left_out": gettext_lazy("left it out"),
    "break.taken_up": gettext_lazy("took it up again"),
    "correction.asked": gettext_lazy("asked for an entry of %(amount)s %(currency)s on %(contra)s"),
    "correction.booked": gettext_lazy("booked an entry of %(amount)s %(currency)s on %(contra)s"),
    "correction.refused": gettext_lazy("refused an entry of %(amount)s %(currency)s on %(contra)s"),
    "match.made": gettext_lazy("matched lines and postings of %(account)s by hand"),
    "match.undone": gettext_lazy("undid a match"),
    "reconciliation_policy.asked": gettext_lazy("asked for other limits of reconciliation"),
    "reconciliation_policy.agreed": gettext_lazy("agreed to other limits of reconciliation"),
}
KINDS: dict[str, Any] = {
    positions.LINE: gettext_lazy("At the bank, not in the books"),
    positions.ITEM: gettext_lazy("In the books, not at the bank"),
    positions.BANK_FIRST: gettext_lazy("Matched: in the books later"),
    positions.BOOKS_FIRST: gettext_lazy("Matched: at the bank later"),
    positions.WAITS: gettext_lazy("Matched: not posted yet"),
    positions.IGNORED_LINE: gettext_lazy("Left out, at the bank"),
    positions.IGNORED_ITEM: gettext_lazy("Left out, in the books"),
    positions.DIFFERENCE: gettext_lazy("Matched with a difference"),
}
# What a match with a difference says of it.
DIFFERENCES: dict[str, Any] = {"fee": gettext_lazy("a fee"), "exchange": gettext_lazy("by an exchange rate")}
CHANGES: dict[str, Any] = {
    "bank": gettext_lazy("The balance at the bank was %(before)s, it is %(after)s now."),
    "books": gettext_lazy("The balance in the books was %(before)s, it is %(after)s now."),
    "lines": gettext_lazy("The bookings of the day are not the same any more: %(before)s then, %(after)s now."),
    "late": gettext_lazy("Postings with a value date until that day came later: %(after)s."),
    "undone": gettext_lazy("Matches of the day were undone: %(after)s."),
}
AGES: dict[str, Any] = {
    "0-1": gettext_lazy("0 to 1 day"), "2-5": gettext_lazy("2 to 5 days"), "6-30": gettext_lazy("6 to 30 days"),
    "30+": gettext_lazy("over 30 days"),
}  # fmt: skip
BANDS: dict[str, Any] = {
    "certain": pgettext_lazy("suggestion", "certain"), "likely": pgettext_lazy("suggestion", "likely"),
    "possible": pgettext_lazy("suggestion", "possible"),
}  # fmt: skip
TONES = {"certain": "ok", "likely": "pair", "possible": "warn"}
assert tuple(AGES) == breaks.AGES  # noqa: S101


def readable(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an act, in words."""
    told: dict[str, Any] = {}
    if data.get("day"):
        told["day"] = formats.day(date.fromisoformat(data["day"]))
    if "cause" in data:
        told["cause"] = Break.Cause(data["cause"]).label
    if "owner" in data:
        told["owner"] = data["owner"] or "–"
    return told


def changes(change: Mapping[str, Any]) -> list[str]:
    """What a signed day does not agree with any more, in sentences."""
    return [str(CHANGES[name]) % both for name, both in change.items() if name in CHANGES]
