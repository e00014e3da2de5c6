"""pacs.004.001.09, the return of payments between banks: the money of what came in goes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from backoffice.common import money
from transactions.writers import interbank
from transactions.writers.interbank import Head, Original

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pacs.004.001.09"


@dataclass(frozen=True)
class Settlement:
    """How and when the returned money moves between the banks. ``system`` is the clearing's code, or empty."""

    method: str
    day: date
    system: str = ""


@dataclass(frozen=True)
class Return:
    return_id: str
    original: Original
    reason_code: str
    reason: str = ""
    originator: str = ""


def settlement_information(settlement: Settlement) -> str:
    system = (
        f"<ClrSys>{interbank.element('Cd' if len(settlement.system) <= 3 else 'Prtry', settlement.system)}</ClrSys>"
        if settlement.system and settlement.method == "CLRG"
        else ""
    )
    return f"<SttlmInf>{interbank.element('SttlmMtd', settlement.method)}{system}</SttlmInf>"


def _return(row: Return) -> str:
    of = row.original
    return (
        f"<TxInf>{interbank.element('RtrId', row.return_id)}{interbank.original(of)}{interbank.settled(of)}"
        f"{interbank.amount('RtrdIntrBkSttlmAmt', of.amount, of.currency)}"
        f"{interbank.reasons('RtrRsnInf', row.reason_code, row.reason, row.originator)}"
        f"{interbank.reference(of)}</TxInf>"
    )


def write(head: Head, settlement: Settlement, rows: Sequence[Return]) -> bytes:
    """The file. The rows are of one currency and go back in full."""
    currency = rows[0].original.currency
    total = sum((row.original.amount for row in rows), Decimal(0))
    group = (
        f"<GrpHdr>{interbank.element('MsgId', head.message_id)}"
        f"<CreDtTm>{head.created_at.isoformat(timespec='seconds')}</CreDtTm><NbOfTxs>{len(rows)}</NbOfTxs>"
        f"<CtrlSum>{money.plain(total, currency)}</CtrlSum>"
        f"{interbank.amount('TtlRtrdIntrBkSttlmAmt', total, currency)}"
        f"<IntrBkSttlmDt>{settlement.day}</IntrBkSttlmDt>{settlement_information(settlement)}"
        f"{interbank.agent('InstgAgt', head.sender.bic)}{interbank.agent('InstdAgt', head.receiver.bic)}</GrpHdr>"
    )
    return interbank.document(NAMESPACE, f"<PmtRtr>{group}{''.join(map(_return, rows))}</PmtRtr>")
