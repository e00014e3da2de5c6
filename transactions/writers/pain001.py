"""pain.001.001.09, the customer credit transfer initiation, written as a stream.

Element order and lengths follow the ISO 20022 schema of that version; texts are in the basic Latin set. The reader of
transactions/intake/pain001.py reads back what this writes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from backoffice.common import money
from transactions.writers.characters import basic_latin

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
UETR = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
CODE = re.compile(r"[A-Z]{4}")
BEARERS = {"DEBT", "CRED", "SHAR", "SLEV"}


@dataclass(frozen=True)
class Transfer:
    """One payment as the bank needs it. ``address`` is {street, building, post_code, town, country, lines}; ``births``
    has for the creditor, ultimate_debtor and ultimate_creditor {born_on, province, town, country}, what is known."""

    instruction_id: str
    end_to_end_id: str
    amount: Decimal
    currency: str
    creditor_name: str
    creditor_number: str
    creditor_bic: str = ""
    address: dict[str, Any] = field(default_factory=dict)
    uetr: str = ""
    remittance: str = ""
    creditor_reference: str = ""
    purpose: str = ""
    category_purpose: str = ""
    service_level: str = ""
    local_instrument: str = ""
    charge_bearer: str = ""
    ultimate_debtor: str = ""
    ultimate_creditor: str = ""
    births: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def group(self) -> tuple[str, str, str, str]:
        """What stands once for a payment information block."""
        return self.service_level, self.local_instrument, self.category_purpose, self.charge_bearer


@dataclass(frozen=True)
class Order:
    """A file: who orders, from which account, on which day."""

    message_id: str
    created_at: datetime
    execution_date: date
    debtor_name: str
    debtor_number: str
    debtor_bic: str
    debtor_currency: str


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _account(name: str, number: str, currency: str = "") -> str:
    identity = f"<IBAN>{number}</IBAN>" if IBAN.fullmatch(number) else f"<Othr>{_element('Id', number)}</Othr>"
    return f"<{name}><Id>{identity}</Id>{_element('Ccy', currency)}</{name}>"


def address_of(address: dict[str, Any]) -> str:
    text = {key: basic_latin(str(address.get(key) or ""), longest) for key, longest in
            (("street", 70), ("building", 16), ("post_code", 16), ("town", 35))}  # fmt: skip
    country = str(address.get("country") or "")
    lines = [basic_latin(str(line), 70) for line in address.get("lines") or []]
    parts = (
        _element("StrtNm", text["street"]) + _element("BldgNb", text["building"]) + _element("PstCd", text["post_code"])
        + _element("TwnNm", text["town"]) + _element("Ctry", country if re.fullmatch("[A-Z]{2}", country) else "")
        + "".join(_element("AdrLine", line) for line in lines[:2])
    )  # fmt: skip
    return f"<PstlAdr>{parts}</PstlAdr>" if parts else ""


def birth_of(row: Transfer, side: str) -> str:
    """Date and place, which the schema has together or not at all; a place that the basic Latin set lacks is none."""
    said = row.births.get(side, {})
    town, province = (basic_latin(said.get(part, ""), 35) for part in ("town", "province"))
    born_on, country = said.get("born_on", ""), said.get("country", "")
    if not (born_on and town and re.fullmatch("[A-Z]{2}", country)):
        return ""
    parts = (
        _element("BirthDt", born_on) + _element("PrvcOfBirth", province) + _element("CityOfBirth", town)
        + _element("CtryOfBirth", country)
    )  # fmt: skip
    return f"<Id><PrvtId><DtAndPlcOfBirth>{parts}</DtAndPlcOfBirth></PrvtId></Id>"


def _ultimate(name: str, text: str, birth: str) -> str:
    said = _element("Nm", basic_latin(text, 70)) + birth
    return f"<{name}>{said}</{name}>" if said else ""


def code_of(name: str, value: str) -> str:
    """A code of four letters as Cd, anything else as a proprietary word."""
    if not value:
        return ""
    inner = f"<Cd>{value}</Cd>" if CODE.fullmatch(value) else _element("Prtry", value[:35])
    return f"<{name}>{inner}</{name}>"


def _transfer(row: Transfer) -> str:
    uetr = row.uetr.lower()
    remittance = ""
    if row.creditor_reference:
        remittance = (
            "<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
            f"{_element('Ref', row.creditor_reference[:35])}</CdtrRefInf></Strd></RmtInf>"
        )
    elif text := basic_latin(row.remittance, 140):
        remittance = f"<RmtInf>{_element('Ustrd', text)}</RmtInf>"
    bank = _element("BICFI", row.creditor_bic)
    return (
        f"<CdtTrfTxInf><PmtId>{_element('InstrId', row.instruction_id[:35])}"
        f"{_element('EndToEndId', row.end_to_end_id or 'NOTPROVIDED')}"
        f"{_element('UETR', uetr if UETR.fullmatch(uetr) else '')}</PmtId>"
        f"<Amt><InstdAmt Ccy={quoteattr(row.currency)}>{money.plain(row.amount, row.currency)}</InstdAmt></Amt>"
        + _ultimate("UltmtDbtr", row.ultimate_debtor, birth_of(row, "ultimate_debtor"))
        + (f"<CdtrAgt><FinInstnId>{bank}</FinInstnId></CdtrAgt>" if bank else "")
        + f"<Cdtr>{_element('Nm', basic_latin(row.creditor_name, 70))}{address_of(row.address)}"
        f"{birth_of(row, 'creditor')}</Cdtr>"
        + (_account("CdtrAcct", row.creditor_number) if row.creditor_number else "")
        + _ultimate("UltmtCdtr", row.ultimate_creditor, birth_of(row, "ultimate_creditor"))
        + code_of("Purp", row.purpose) + remittance + "</CdtTrfTxInf>"
    )  # fmt: skip


def _total(rows: Sequence[Transfer]) -> str:
    total = money.plain(sum((row.amount for row in rows), Decimal(0)), rows[0].currency)
    return f"<NbOfTxs>{len(rows)}</NbOfTxs><CtrlSum>{total}</CtrlSum>"


def _block(order: Order, number: int, rows: Sequence[Transfer]) -> Iterator[str]:
    service, instrument, category, bearer = rows[0].group
    kind = code_of("SvcLvl", service) + code_of("LclInstrm", instrument) + code_of("CtgyPurp", category)
    bank = f"<BICFI>{escape(order.debtor_bic)}</BICFI>" if order.debtor_bic else "<Othr><Id>NOTPROVIDED</Id></Othr>"
    yield (
        f"<PmtInf><PmtInfId>{escape(order.message_id)}-{number}</PmtInfId><PmtMtd>TRF</PmtMtd>{_total(rows)}"
        + (f"<PmtTpInf>{kind}</PmtTpInf>" if kind else "")
        + f"<ReqdExctnDt><Dt>{order.execution_date}</Dt></ReqdExctnDt>"
        f"<Dbtr>{_element('Nm', basic_latin(order.debtor_name, 70))}</Dbtr>"
        f"{_account('DbtrAcct', order.debtor_number, order.debtor_currency)}"
        f"<DbtrAgt><FinInstnId>{bank}</FinInstnId></DbtrAgt>"
        + (f"<ChrgBr>{bearer}</ChrgBr>" if bearer in BEARERS else "")
    )
    for row in rows:
        yield _transfer(row)
    yield "</PmtInf>"


def blocks(rows: Sequence[Transfer]) -> list[list[Transfer]]:
    """A payment information block for each service level, instrument, category and bearer, numbered from 1."""
    ordered = sorted(rows, key=lambda row: row.group)
    return [list(members) for _group, members in groupby(ordered, key=lambda row: row.group)]


def write(order: Order, rows: Sequence[Transfer]) -> bytes:
    """The file of an order, in the blocks of :func:`blocks`."""
    name = basic_latin(order.debtor_name, 70)
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>'
        f"<GrpHdr><MsgId>{escape(order.message_id)}</MsgId>"
        f"<CreDtTm>{order.created_at.isoformat(timespec='seconds')}</CreDtTm>{_total(rows)}"
        f"<InitgPty>{_element('Nm', name)}</InitgPty></GrpHdr>"
    ]
    for number, members in enumerate(blocks(rows), start=1):
        parts.extend(_block(order, number, members))
    parts.append("</CstmrCdtTrfInitn></Document>\n")
    return "".join(parts).encode()
