"""The reasons that people give, as codes with their words: at most nine to a choice."""

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

# ISO 20022 external status, return and cancellation reason codes. Banks use more of them than people choose from.
ISO: dict[str, Words] = {
    "AC01": _("Account number is wrong"),
    "AC03": _("Creditor's account cannot take it"),
    "AC04": _("Account is closed"),
    "AC06": _("Account is blocked"),
    "AC13": _("Wrong type of debtor's account"),
    "AG01": _("Payment is not allowed on this account"),
    "AG02": _("Operation code is wrong"),
    "AM01": _("Amount is zero"),
    "AM02": _("Amount is not allowed"),
    "AM03": _("Currency cannot be processed"),
    "AM04": _("Insufficient funds"),
    "AM05": _("Duplicate"),
    "AM09": _("Amount is wrong"),
    "AM10": _("Control sum is wrong"),
    "ARDT": _("Returned already"),
    "BE01": _("Name does not fit the account"),
    "BE04": _("Creditor's address is missing or wrong"),
    "BE05": _("Creditor identifier is not recognised"),
    "CNOR": _("Creditor's bank is not registered"),
    "CURR": _("Currency is wrong"),
    "CUST": _("Asked for by the customer"),
    "DNOR": _("Debtor's bank is not registered"),
    "DT01": _("Date is invalid"),
    "DUPL": _("Duplicate payment, recalled"),
    "ED05": _("Settlement failed"),
    "FF01": _("Form of the file is wrong"),
    "FF05": _("Local instrument is wrong"),
    "FOCR": _("Returned after a recall"),
    "FRAD": _("Fraud"),
    "LEGL": _("Legal decision"),
    "MD01": _("No mandate"),
    "MD06": _("Debtor disputes the debit"),
    "MD07": _("Debtor is deceased"),
    "MS02": _("Refused by the customer without a reason"),
    "MS03": _("No reason given by the bank"),
    "NARR": _("Other, said in words"),
    "NOAS": _("No answer from the customer"),
    "NOOR": _("Original payment was never received"),
    "RC01": _("BIC is wrong"),
    "RR01": _("Debtor's account or identification is missing"),
    "RR02": _("Debtor's name or address is missing"),
    "RR03": _("Creditor's name or address is missing"),
    "RR04": _("Regulatory reason"),
    "SL01": _("Refused by a service of the debtor's bank"),
    "TECH": _("Technical problem"),
    "TM01": _("Received after the cut-off time"),
    "UPAY": _("Undue payment"),
}

# Offered when a person rejects, most used first. DUPL is the reason of a recall; a rejected duplicate is AM05.
REJECT: Sequence[str] = ("AC01", "AM05", "FRAD", "BE04", "AC04", "AC06", "AM04", "RR04", "NARR")
RETURN: Sequence[str] = ("AC01", "AC04", "AC06", "AM05", "BE04", "DUPL", "FRAD", "RR04", "NARR")
RETURN_COLLECTED: Sequence[str] = ("MD06", "MD01", "AM04", "AC04", "AC01", "AC06", "MS02", "MD07", "NARR")

# Why someone signs although a check failed.
APPROVE: dict[str, Words] = {
    "callback": _("Called back on a known number"),
    "document": _("Compared with a document"),
    "debtor": _("Confirmed by the debtor"),
    "expected": _("Known and expected"),
    "check_mistaken": _("The check is mistaken"),
    "other": _("Other, said in words"),
}

# Why something is paid back: ISO 20022 cancellation reasons.
REFUND: dict[str, Words] = {
    "CUST": _("Asked for by the payer"),
    "DUPL": _("Paid twice"),
    "AM09": _("Wrong amount"),
    "SVNR": _("Service or goods not delivered"),
    "FRAD": _("Fraud"),
    "TECH": _("Technical mistake"),
    "NARR": _("Other, said in words"),
}

REFUND_CODES = tuple(REFUND)

# Why an acquirer takes a payment back.
CHARGEBACK: dict[str, Words] = {
    "FRAD": _("Fraud"),
    "DUPL": _("Paid twice"),
    "AM09": _("Wrong amount"),
    "SVNR": _("Service or goods not delivered"),
    "CUST": _("Asked for by the payer"),
    "NOAS": _("Not answered in time"),
    "NARR": _("Other, said in words"),
}

CHARGEBACK_CODES = tuple(CHARGEBACK)

# Why what was asked is taken back before posting.
CANCEL: dict[str, Words] = {
    "sender": _("Recalled by who sent it"),
    "duplicate": _("Entered twice"),
    "wrong_amount": _("Amount is wrong"),
    "wrong_payee": _("Payee or account is wrong"),
    "not_due": _("Not due, or due later"),
    "paid_otherwise": _("Paid another way"),
    "other": _("Other, said in words"),
}

CANCEL_CODES = tuple(CANCEL)

# Why a rejected payment is looked at again.
REOPEN: dict[str, Words] = {
    "mistake": _("Rejected by mistake"),
    "cleared": _("The reason was cleared up"),
    "document": _("A document arrived since"),
    "sender": _("Asked for by who sent it"),
    "other": _("Other, said in words"),
}

REOPEN_CODES = tuple(REOPEN)

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
