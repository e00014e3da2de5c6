"""pain.008.001.08, the customer direct debit initiation, written as a stream.

Element order and lengths follow the ISO 20022 schema of that version; texts are in the basic Latin set. The reader of
transactions/intake/pain008.py reads back what this writes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from backoffice.common import money
from transactions.writers.characters import basic_latin
from transactions.writers.pain001 import BEARERS, IBAN, UETR

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"


@dataclass(frozen=True)
class Debit:
    """One collection as the bank needs it."""

    instruction_id: str
    end_to_end_id: str
    amount: Decimal
    currency: str
    debtor_name: str
    debtor_number: str
    mandate_reference: str
    signed_on: date | None
    sequence: str
    scheme: str
    creditor_scheme_id: str
    debtor_bic: str = ""
    amendment: Mapping[str, str] = field(default_factory=dict)
    uetr: str = ""
    remittance: str = ""
    creditor_reference: str = ""
    purpose: str = ""
    ultimate_debtor: str = ""
    charge_bearer: str = ""

    @property
    def group(self) -> tuple[str, str, str]:
        """What stands once for a payment information block."""
        return self.scheme, self.sequence, self.creditor_scheme_id


@dataclass(frozen=True)
class Order:
    """A file: who collects, on which account, on which day."""

    message_id: str
    created_at: datetime
    collection_date: date
    creditor_name: str
    creditor_number: str
    creditor_bic: str
    creditor_currency: str


def blocks(rows: Sequence[Debit]) -> list[list[Debit]]:
    """A payment information block for each scheme, sequence and creditor identifier, numbered from 1."""
    ordered = sorted(rows, key=lambda row: row.group)
    return [list(members) for _group, members in groupby(ordered, key=lambda row: row.group)]


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def _account(name: str, number: str, currency: str = "") -> str:
    identity = f"<IBAN>{number}</IBAN>" if IBAN.fullmatch(number) else f"<Othr>{_element('Id', number)}</Othr>"
    return f"<{name}><Id>{identity}</Id>{_element('Ccy', currency)}</{name}>"


def _instrument(scheme: str) -> str:
    return f"<LclInstrm>{_element('Cd' if len(scheme) <= 4 else 'Prtry', scheme)}</LclInstrm>"


def _agent(name: str, bic: str) -> str:
    inner = f"<BICFI>{escape(bic)}</BICFI>" if bic else "<Othr><Id>NOTPROVIDED</Id></Othr>"
    return f"<{name}><FinInstnId>{inner}</FinInstnId></{name}>"


def _scheme_id(name: str, identifier: str, holder: str = "") -> str:
    return (
        f"<{name}>{_element('Nm', holder)}<Id><PrvtId><Othr>{_element('Id', identifier)}"
        f"<SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></{name}>"
    )


def _amendment(said: Mapping[str, str]) -> str:
    """What the mandate was before. Only what was said; without anything, the debit is not one of an amended mandate."""
    parts = _element("OrgnlMndtId", said.get("mandate", "")[:35])
    holder, identifier = basic_latin(said.get("creditor_name", ""), 70), said.get("creditor_scheme_id", "")[:35]
    if identifier:
        parts += _scheme_id("OrgnlCdtrSchmeId", identifier, holder)
    elif holder:
        parts += f"<OrgnlCdtrSchmeId>{_element('Nm', holder)}</OrgnlCdtrSchmeId>"
    if bic := said.get("debtor_bicfi") or said.get("debtor_bic", ""):
        parts += _agent("OrgnlDbtrAgt", bic)
    elif bank := said.get("debtor_bank", "")[:35]:
        parts += f"<OrgnlDbtrAgt><FinInstnId><Othr>{_element('Id', bank)}</Othr></FinInstnId></OrgnlDbtrAgt>"
    if number := said.get("debtor_number") or said.get("debtor_other", "")[:34]:
        parts += _account("OrgnlDbtrAcct", number)
    return f"<AmdmntInd>true</AmdmntInd><AmdmntInfDtls>{parts}</AmdmntInfDtls>" if parts else ""


def _debit(row: Debit) -> str:
    uetr, remittance = row.uetr.lower(), ""
    if row.creditor_reference:
        remittance = (
            "<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
            f"{_element('Ref', row.creditor_reference[:35])}</CdtrRefInf></Strd></RmtInf>"
        )
    elif text := basic_latin(row.remittance, 140):
        remittance = f"<RmtInf>{_element('Ustrd', text)}</RmtInf>"
    ultimate = basic_latin(row.ultimate_debtor, 70)
    purpose = row.purpose if len(row.purpose) <= 4 else ""
    return (
        f"<DrctDbtTxInf><PmtId>{_element('InstrId', row.instruction_id[:35])}"
        f"{_element('EndToEndId', row.end_to_end_id or 'NOTPROVIDED')}"
        f"{_element('UETR', uetr if UETR.fullmatch(uetr) else '')}</PmtId>"
        f"<InstdAmt Ccy={quoteattr(row.currency)}>{money.plain(row.amount, row.currency)}</InstdAmt>"
        f"<DrctDbtTx><MndtRltdInf>{_element('MndtId', row.mandate_reference)}"
        f"{_element('DtOfSgntr', str(row.signed_on or ''))}"
        f"{_amendment(row.amendment)}</MndtRltdInf></DrctDbtTx>"
        f"{_agent('DbtrAgt', row.debtor_bic)}"
        f"<Dbtr>{_element('Nm', basic_latin(row.debtor_name, 70))}</Dbtr>{_account('DbtrAcct', row.debtor_number)}"
        + (f"<UltmtDbtr><Nm>{escape(ultimate)}</Nm></UltmtDbtr>" if ultimate else "")
        + (f"<Purp><Cd>{escape(purpose)}</Cd></Purp>" if purpose else "")
        + remittance + "</DrctDbtTxInf>"
    )  # fmt: skip


def _total(rows: Sequence[Debit]) -> str:
    total = money.plain(sum((row.amount for row in rows), Decimal(0)), rows[0].currency)
    return f"<NbOfTxs>{len(rows)}</NbOfTxs><CtrlSum>{total}</CtrlSum>"


def _block(order: Order, number: int, rows: Sequence[Debit]) -> Iterator[str]:
    scheme, sequence, identifier = rows[0].group
    bearer = rows[0].charge_bearer if rows[0].charge_bearer in BEARERS else "SLEV"
    yield (
        f"<PmtInf><PmtInfId>{escape(order.message_id)}-{number}</PmtInfId><PmtMtd>DD</PmtMtd>{_total(rows)}"
        f"<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl>{_instrument(scheme)}"
        f"<SeqTp>{escape(sequence)}</SeqTp></PmtTpInf><ReqdColltnDt>{order.collection_date}</ReqdColltnDt>"
        f"<Cdtr>{_element('Nm', basic_latin(order.creditor_name, 70))}</Cdtr>"
        f"{_account('CdtrAcct', order.creditor_number, order.creditor_currency)}"
        f"{_agent('CdtrAgt', order.creditor_bic)}<ChrgBr>{bearer}</ChrgBr>{_scheme_id('CdtrSchmeId', identifier)}"
    )
    for row in rows:
        yield _debit(row)
    yield "</PmtInf>"


def write(order: Order, rows: Sequence[Debit]) -> bytes:
    """The file of an order, in the blocks of :func:`blocks`."""
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><CstmrDrctDbtInitn>'
        f"<GrpHdr><MsgId>{escape(order.message_id)}</MsgId>"
        f"<CreDtTm>{order.created_at.isoformat(timespec='seconds')}</CreDtTm>{_total(rows)}"
        f"<InitgPty>{_element('Nm', basic_latin(order.creditor_name, 70))}</InitgPty></GrpHdr>"
    ]
    for number, members in enumerate(blocks(rows), start=1):
        parts.extend(_block(order, number, members))
    parts.append("</CstmrDrctDbtInitn></Document>\n")
    return "".join(parts).encode()
