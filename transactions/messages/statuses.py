"""The status codes of ISO 20022 (external code sets of groups, files and transactions), and what they do here."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    "ACCC": _("settled, credited to the creditor's account"),
    "ACCR": _("recall accepted"),
    "ACCP": _("accepted, the customer was checked"),
    "ACFC": _("accepted, the funds were checked"),
    "ACSC": _("settled"),
    "ACSP": _("accepted, settlement is under way"),
    "ACTC": _("accepted, the form was checked"),
    "ACWC": _("accepted with a change"),
    "ACWP": _("accepted, not yet credited to the creditor"),
    "BLCK": _("blocked by the bank"),
    "CANC": _("cancelled on request"),
    "PART": _("accepted in part"),
    "PATC": _("signed in part"),
    "PDCR": _("recall under examination"),
    "PDNG": _("pending"),
    "RCVD": _("received"),
    "RCLL": _("asked back"),
    "RJCR": _("recall refused"),
    "RJCT": _("rejected"),
    "RTRN": _("returned"),
}
# What a pacs.004 says of each payment in it: it has no status code of its own.
RETURNED = "RTRN"
# What a camt.056 says of each payment in it, likewise.
RECALLED = "RCLL"
# What a camt.029 says of a recall.
RECALL_ACCEPTED, RECALL_REFUSED, RECALL_PENDING = "ACCR", "RJCR", "PDCR"
# The bank does not execute: the funds go back. It has executed: the payment is settled. Whatever else is recorded.
RETURNS = frozenset({"RJCT", "CANC", RETURNED})
SETTLES = frozenset({"ACSC", "ACCC"})
# Of a file or a group these say nothing of the payments that are not listed.
SAYS_NOTHING = frozenset({"PART", "PATC"})


def words(code: str) -> str:
    """The words of a code; an unknown one shows itself."""
    return str(WORDS.get(code, code))
