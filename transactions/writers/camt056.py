"""camt.056.001.08, the request to cancel payments between banks: a recall in the words of SEPA."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from backoffice.common import money
from transactions.writers import interbank
from transactions.writers.interbank import Head, Original

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.056.001.08"


@dataclass(frozen=True)
class Request:
    """A payment that is asked back. ``originator`` is who wants it back: named where that is the customer."""

    case_id: str
    original: Original
    reason_code: str
    reason: str = ""
    originator: str = ""


def _request(row: Request) -> str:
    return (
        f"<TxInf>{interbank.element('CxlId', row.case_id)}{interbank.original(row.original)}"
        f"{interbank.settled(row.original)}"
        f"{interbank.reasons('CxlRsnInf', row.reason_code, row.reason, row.originator)}"
        f"{interbank.reference(row.original)}</TxInf>"
    )


def write(head: Head, rows: Sequence[Request]) -> bytes:
    """The file. The rows are of one currency."""
    total = money.plain(sum((row.original.amount for row in rows), Decimal(0)), rows[0].original.currency)
    control = f"<CtrlData><NbOfTxs>{len(rows)}</NbOfTxs><CtrlSum>{total}</CtrlSum></CtrlData>"
    return interbank.document(
        NAMESPACE,
        f"<FIToFIPmtCxlReq>{interbank.assignment(head)}{control}"
        f"<Undrlyg>{''.join(map(_request, rows))}</Undrlyg></FIToFIPmtCxlReq>",
    )
