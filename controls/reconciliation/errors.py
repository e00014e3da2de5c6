"""Codes and sentences of matching: why something is matched, and why it is not."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from backoffice.common.errors import register, speak


def _apart(params: Mapping[str, Any]) -> str:
    days = int(params["days"])
    if days == 0:
        return str(_("on the same day"))
    if days > 0:
        return ngettext("%(days)s day later", "%(days)s days later", days) % {"days": days}
    return ngettext("%(days)s day earlier", "%(days)s days earlier", -days) % {"days": -days}


speak("match.days", days=_apart)

# Reasons: each is said after the other.
register(
    {
        "match.reference": _("same reference"),
        "match.document": _("the line names %(document)s"),
        "match.near_document": _("the line nearly names %(document)s"),
        "match.documents": _("the line names %(count)s postings"),
        "match.amount": _("same amount"),
        "match.alone": _("no other has this amount in these days"),
        "match.days": _("%(days)s"),
        "match.number": _("same account of the counterparty"),
        "match.name": _("same name"),
        "match.alias": _("a name that the bank wrote so before"),
        "match.alike": _("the names go together"),
        "match.alike_by": _("the names are %(alike)s %% alike"),
        "match.batch": _("the line books the file %(file)s of %(count)s payments"),
        "match.batch_count": _("the only file of %(count)s payments with this sum: %(file)s"),
        "match.details": _("each of its %(count)s transactions is in the books"),
        "match.sum": _("together they make the amount"),
        "match.only": _("no others make it"),
        "match.subset": _("%(count)s postings of the same counterparty"),
        "match.instalments": _("%(count)s lines pay it"),
        "match.fee": _("the bank kept %(amount)s"),
        "match.fee_told": _("the bank says that it kept %(amount)s"),
        "match.exchange": _("%(amount)s by the exchange rate"),
        "match.part": _("%(amount)s are left over"),
        "match.contra": _("one takes the other back"),
        "match.made_of_line": _("it was made of this line"),
        "match.by_hand": _("matched by a person"),
    }
)
register(
    {
        "match.nothing": _("Choose at least two: lines and postings that belong together."),
        "match.not_open": _("Some of these are matched already, or are not there. Look again."),
        "match.other_account": _("All that belongs together is of one account."),
        "match.differs": _("The two sides differ by %(difference)s. Say what the difference is, or match a part."),
        "match.difference_unknown": _("A difference is a fee (fee) or by an exchange rate (exchange)."),
        "match.difference_too_large": _("A difference of %(difference)s is above the tolerance of %(most)s."),
        "match.nothing_in_common": _("The two sides go in different directions."),
        "match.by_machine": _("People match by hand; programs do not."),
        "match.reason_required": _("Give a reason."),
        "match.undone_before": _("This was undone before."),
        "receipt.not_credit": _("Only money that came, of which nothing is matched, becomes an incoming payment."),
        "receipt.made_before": _("An incoming payment was made of this line before."),
        "receipt.refused": _("No payment could be made of the line: %(why)s"),
        "matching_rule.unknown": _("There is no pass named “%(code)s”."),
        "matching_rule.params": _("This pass has these parameters, and no others: %(names)s."),
        "matching_rule.bounds": _("“%(name)s” is a number from %(low)s to %(high)s."),
        "matching_rule.own_work": _("Whoever wrote a version does not put it in force."),
        "matching_rule.by_machine": _("People put versions in force; programs do not."),
        "matching_rule.decided_before": _("This version stands there already."),
        "database.match_once": _("a part of this is matched already. Nothing was changed."),
        "database.match_adds_up": _("the two sides do not add up. Nothing was changed."),
        "database.match_stays": _("a match stays on record as it was made. Nothing was changed."),
    }
)
