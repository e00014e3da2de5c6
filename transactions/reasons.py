"""The reasons that people give, as codes with their words: at most nine to a choice."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

# ISO 20022 external status reason codes, for rejections and returns.
ISO: dict[str, Words] = {
    "AC01": _("Account number is wrong"),
    "AC04": _("Account is closed"),
    "AC06": _("Account is blocked"),
    "AM04": _("Insufficient funds"),
    "AM05": _("Duplicate"),
    "BE04": _("Creditor's address is missing or wrong"),
    "DUPL": _("Duplicate payment, recalled"),
    "FRAD": _("Fraud"),
    "NARR": _("Other, said in words"),
    "RR04": _("Regulatory reason"),
}

# Offered when a person rejects, most used first. DUPL is the reason of a recall; a rejected duplicate is AM05.
REJECT: Sequence[str] = ("AC01", "AM05", "FRAD", "BE04", "AC04", "AC06", "AM04", "RR04", "NARR")
RETURN: Sequence[str] = ("AC01", "AC04", "AC06", "AM05", "BE04", "DUPL", "FRAD", "RR04", "NARR")

# Why someone signs although a check failed.
APPROVE: dict[str, Words] = {
    "callback": _("Called back on a known number"),
    "document": _("Compared with a document"),
    "debtor": _("Confirmed by the debtor"),
    "expected": _("Known and expected"),
    "check_mistaken": _("The check is mistaken"),
    "other": _("Other, said in words"),
}

# Why a person makes a payment wait.
HOLD: dict[str, Words] = {
    "document": _("A document is awaited"),
    "answer": _("An answer is awaited"),
    "callback": _("A call back is to be made"),
    "inquiry": _("An inquiry is under way"),
    "person": _("Other, said in words"),
}


def words(code: str, table: Mapping[str, Words]) -> str:
    """The words of a code; an unknown one shows itself."""
    return str(table.get(code, code))


def choices(codes: Sequence[str], table: Mapping[str, Words], recent: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Codes with their words for a choice, the reader's last three used first."""
    first = [code for code in dict.fromkeys(recent) if code in codes][:3]
    return [(code, words(code, table)) for code in [*first, *(code for code in codes if code not in first)]]
