"""camt.029.001.09, the resolution of an investigation: what a bank answers to each recall of a camt.056."""

from collections.abc import Sequence
from dataclasses import dataclass

from transactions.writers import interbank
from transactions.writers.interbank import Head, Original

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"
ACCEPTED, REFUSED = "ACCR", "RJCR"
# Of the message as a whole: all given back, none, or some of each.
_WHOLE = {frozenset({ACCEPTED}): "CNCL", frozenset({REFUSED}): "RJCR"}
_PARTIAL = "PECR"


@dataclass(frozen=True)
class Resolution:
    """The answer to one recall. ``case_id`` is how the other bank named its case; a refusal has a reason."""

    answer_id: str
    status: str
    original: Original
    case_id: str = ""
    reason_code: str = ""
    reason: str = ""
    originator: str = ""


def _resolution(row: Resolution) -> str:
    # Whose case it is: who asked for the recall, not named again here.
    case = (
        f"<RslvdCase>{interbank.element('Id', row.case_id)}<Cretr>{interbank.agent('Agt', row.original.debtor_bic)}"
        "</Cretr></RslvdCase>"
        if row.case_id
        else ""
    )
    why = interbank.reasons("CxlStsRsnInf", row.reason_code, row.reason, row.originator) if row.reason_code else ""
    return (
        f"<TxInfAndSts>{interbank.element('CxlStsId', row.answer_id)}{case}{interbank.original(row.original)}"
        f"{interbank.element('TxCxlSts', row.status)}{why}{interbank.settled(row.original)}"
        f"{interbank.reference(row.original)}</TxInfAndSts>"
    )


def write(head: Head, rows: Sequence[Resolution]) -> bytes:
    whole = _WHOLE.get(frozenset(row.status for row in rows), _PARTIAL)
    return interbank.document(
        NAMESPACE,
        f"<RsltnOfInvstgtn>{interbank.assignment(head)}<Sts><Conf>{whole}</Conf></Sts>"
        f"<CxlDtls>{''.join(map(_resolution, rows))}</CxlDtls></RsltnOfInvstgtn>",
    )
