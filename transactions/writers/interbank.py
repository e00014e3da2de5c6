"""What messages between banks have in common: agents, parties, accounts, and how they name a payment of before.

Element order and lengths follow the ISO 20022 schemas of pacs.004.001.09, camt.029.001.09 and camt.056.001.08, which
share these types; texts are in the basic Latin set.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from backoffice.common import money
from transactions.writers.characters import basic_latin
from transactions.writers.pain001 import IBAN, UETR

BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


@dataclass(frozen=True)
class Original:
    """A payment as the message that brought it named it. ``transaction_id`` is the one between the banks."""

    message_id: str
    message_name: str
    end_to_end_id: str
    amount: Decimal
    currency: str
    instruction_id: str = ""
    transaction_id: str = ""
    uetr: str = ""
    settled_on: date | None = None
    debtor_name: str = ""
    debtor_number: str = ""
    debtor_bic: str = ""
    creditor_name: str = ""
    creditor_number: str = ""
    creditor_bic: str = ""
    remittance: str = ""


@dataclass(frozen=True)
class Side:
    """Who sends or receives: a bank by its BIC, else a party by its name."""

    bic: str = ""
    name: str = ""

    @classmethod
    def of(cls, said: str) -> "Side":
        """As a message named its sender: by a BIC, or by a name."""
        return cls(bic=said) if BIC.fullmatch(said) else cls(name=said)


@dataclass(frozen=True)
class Head:
    message_id: str
    created_at: datetime
    sender: Side
    receiver: Side


def element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def agent(name: str, bic: str) -> str:
    inner = f"<BICFI>{bic}</BICFI>" if BIC.fullmatch(bic) else "<Othr><Id>NOTPROVIDED</Id></Othr>"
    return f"<{name}><FinInstnId>{inner}</FinInstnId></{name}>"


def account(name: str, number: str) -> str:
    if not number:
        return ""
    identity = f"<IBAN>{number}</IBAN>" if IBAN.fullmatch(number) else f"<Othr>{element('Id', number)}</Othr>"
    return f"<{name}><Id>{identity}</Id></{name}>"


def amount(name: str, value: Decimal, currency: str) -> str:
    return f"<{name} Ccy={quoteattr(currency)}>{money.plain(value, currency)}</{name}>"


def party(name: str, text: str) -> str:
    """A party by its name, in the messages where an agent could stand, too."""
    said = basic_latin(text, 70)
    return f"<{name}><Pty><Nm>{escape(said)}</Nm></Pty></{name}>" if said else ""


def side(name: str, who: Side) -> str:
    if not who.bic and (said := basic_latin(who.name, 70)):
        return f"<{name}><Pty><Nm>{escape(said)}</Nm></Pty></{name}>"
    return f"<{name}>{agent('Agt', who.bic)}</{name}>"


def assignment(head: Head) -> str:
    return (
        f"<Assgnmt>{element('Id', head.message_id)}{side('Assgnr', head.sender)}{side('Assgne', head.receiver)}"
        f"<CreDtTm>{head.created_at.isoformat(timespec='seconds')}</CreDtTm></Assgnmt>"
    )


def original(of: Original) -> str:
    """The message and the references that named the payment."""
    uetr = of.uetr.lower()
    message = element("OrgnlMsgId", of.message_id or "NOTPROVIDED") + element("OrgnlMsgNmId", of.message_name)
    return (
        f"<OrgnlGrpInf>{message}</OrgnlGrpInf>{element('OrgnlInstrId', of.instruction_id)}"
        f"{element('OrgnlEndToEndId', of.end_to_end_id or 'NOTPROVIDED')}{element('OrgnlTxId', of.transaction_id)}"
        f"{element('OrgnlUETR', uetr if UETR.fullmatch(uetr) else '')}"
    )


def settled(of: Original) -> str:
    """The amount and day on which the banks settled it, where the amount is known."""
    if not of.currency:
        return ""
    day = element("OrgnlIntrBkSttlmDt", str(of.settled_on or ""))
    return amount("OrgnlIntrBkSttlmAmt", of.amount, of.currency) + day


def reference(of: Original) -> str:
    """Who paid whom, as the original said."""
    remittance = basic_latin(of.remittance, 140)
    parts = (
        (f"<RmtInf>{element('Ustrd', remittance)}</RmtInf>" if remittance else "")
        + party("Dbtr", of.debtor_name) + account("DbtrAcct", of.debtor_number)
        + (agent("DbtrAgt", of.debtor_bic) if of.debtor_bic else "")
        + (agent("CdtrAgt", of.creditor_bic) if of.creditor_bic else "")
        + party("Cdtr", of.creditor_name) + account("CdtrAcct", of.creditor_number)
    )  # fmt: skip
    return f"<OrgnlTxRef>{parts}</OrgnlTxRef>" if parts else ""


def reasons(name: str, code: str, text: str, originator: str = "") -> str:
    """Why, with words in lines of 105 characters, at most two as the SEPA rulebooks allow."""
    words = basic_latin(text, 210)
    lines = [line.strip() for at in (0, 105) if (line := words[at : at + 105]).strip()]
    who = basic_latin(originator, 70)
    return (
        f"<{name}>" + (f"<Orgtr><Nm>{escape(who)}</Nm></Orgtr>" if who else "")
        + f"<Rsn>{element('Cd' if len(code) <= 4 else 'Prtry', code)}</Rsn>"
        + "".join(element("AddtlInf", line) for line in lines) + f"</{name}>"
    )  # fmt: skip


def document(namespace: str, content: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace}">{content}</Document>\n'.encode()
