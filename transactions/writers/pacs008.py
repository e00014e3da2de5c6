"""pacs.008.001.08, the credit transfer between banks: from the debtor's bank, which we are, to the clearing.

Element order and lengths follow the ISO 20022 schema of that version; texts are in the basic Latin set. SEPA asks for
charges shared by the service level (SLEV) and a BIC of the creditor's bank; one that is not known is said so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape

from backoffice.common import money
from transactions.writers import interbank
from transactions.writers.characters import basic_latin
from transactions.writers.pacs004 import Settlement, settlement_information
from transactions.writers.pain001 import BEARERS, UETR, Transfer, address_of, birth_of, code_of

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"


@dataclass(frozen=True)
class Order:
    """A file: which bank sends, for whose account, and how and when the banks settle."""

    message_id: str
    created_at: datetime
    settlement: Settlement
    debtor_name: str
    debtor_number: str
    debtor_bic: str

    @property
    def settled_on(self) -> date:
        return self.settlement.day


def blocks(rows: Sequence[Transfer]) -> list[list[Transfer]]:
    """The file has no groups: all its payments are in the first."""
    return [list(rows)]


def _party(name: str, text: str, more: str = "") -> str:
    said = basic_latin(text, 70) or "NOTPROVIDED"
    return f"<{name}><Nm>{escape(said)}</Nm>{more}</{name}>"


def _ultimate(name: str, text: str, birth: str) -> str:
    return _party(name, text, birth) if text or birth else ""


def bearer(row: Transfer) -> str:
    """Who bears the charges: in SEPA the service level says it, else what was asked, else each their own."""
    if row.service_level == "SEPA":
        return "SLEV"
    return row.charge_bearer if row.charge_bearer in BEARERS else "SHAR"


def _transfer(order: Order, row: Transfer) -> str:
    uetr, remittance = row.uetr.lower(), ""
    if row.creditor_reference:
        remittance = (
            "<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
            f"{interbank.element('Ref', row.creditor_reference[:35])}</CdtrRefInf></Strd></RmtInf>"
        )
    elif text := basic_latin(row.remittance, 140):
        remittance = f"<RmtInf>{interbank.element('Ustrd', text)}</RmtInf>"
    kind = (
        code_of("SvcLvl", row.service_level) + code_of("LclInstrm", row.local_instrument)
        + code_of("CtgyPurp", row.category_purpose)
    )  # fmt: skip
    own = row.instruction_id[:35]
    return (
        f"<CdtTrfTxInf><PmtId>{interbank.element('InstrId', own)}"
        f"{interbank.element('EndToEndId', row.end_to_end_id or 'NOTPROVIDED')}{interbank.element('TxId', own)}"
        f"{interbank.element('UETR', uetr if UETR.fullmatch(uetr) else '')}</PmtId>"
        + (f"<PmtTpInf>{kind}</PmtTpInf>" if kind else "")
        + interbank.amount("IntrBkSttlmAmt", row.amount, row.currency)
        + f"<ChrgBr>{bearer(row)}</ChrgBr>"
        + _ultimate("UltmtDbtr", row.ultimate_debtor, birth_of(row, "ultimate_debtor"))
        + _party("Dbtr", order.debtor_name) + interbank.account("DbtrAcct", order.debtor_number)
        + interbank.agent("DbtrAgt", order.debtor_bic) + interbank.agent("CdtrAgt", row.creditor_bic)
        + _party("Cdtr", row.creditor_name, address_of(row.address) + birth_of(row, "creditor"))
        + interbank.account("CdtrAcct", row.creditor_number)
        + _ultimate("UltmtCdtr", row.ultimate_creditor, birth_of(row, "ultimate_creditor"))
        + code_of("Purp", row.purpose) + remittance + "</CdtTrfTxInf>"
    )  # fmt: skip


def write(order: Order, rows: Sequence[Transfer]) -> bytes:
    """The file of an order. The rows are of one currency and settle on one day."""
    currency = rows[0].currency
    total = sum((row.amount for row in rows), Decimal(0))
    group = (
        f"<GrpHdr>{interbank.element('MsgId', order.message_id)}"
        f"<CreDtTm>{order.created_at.isoformat(timespec='seconds')}</CreDtTm><NbOfTxs>{len(rows)}</NbOfTxs>"
        f"<CtrlSum>{money.plain(total, currency)}</CtrlSum>{interbank.amount('TtlIntrBkSttlmAmt', total, currency)}"
        f"<IntrBkSttlmDt>{order.settled_on}</IntrBkSttlmDt>{settlement_information(order.settlement)}"
        f"{interbank.agent('InstgAgt', order.debtor_bic)}</GrpHdr>"
    )
    transfers = "".join(_transfer(order, row) for row in rows)
    return interbank.document(NAMESPACE, f"<FIToFICstmrCdtTrf>{group}{transfers}</FIToFICstmrCdtTrf>")
