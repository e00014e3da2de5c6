"""What the demo's bank answered this morning: a file on its way with one payment rejected, and one that is not ours."""

from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from transactions.models import OutgoingFile, OutgoingItem

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"
BANK = "BNPAFRPPXXX"


def _report(name: str, now: datetime, original: str, group: str, payments: str) -> bytes:
    said = f"<GrpSts>{group}</GrpSts>" if group else ""
    groups = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{escape(original)}-1</OrgnlPmtInfId>{payments}</OrgnlPmtInfAndSts>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><CstmrPmtStsRpt>'
        f"<GrpHdr><MsgId>{name}</MsgId><CreDtTm>{now:%Y-%m-%dT%H:%M:%S}</CreDtTm>"
        f"<InitgPty><Id><OrgId><BICOrBEI>{BANK}</BICOrBEI></OrgId></Id></InitgPty></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{escape(original)}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{said}</OrgnlGrpInfAndSts>"
        f"{groups if payments else ''}</CstmrPmtStsRpt></Document>\n"
    ).encode()


def _rejected(instruction: str, reference: str, code: str, words: str) -> str:
    return (
        f"<TxInfAndSts><OrgnlInstrId>{escape(instruction)}</OrgnlInstrId>"
        f"<OrgnlEndToEndId>{escape(reference)}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn><AddtlInf>{escape(words)}</AddtlInf></StsRsnInf></TxInfAndSts>"
    )


def of_the_bank(entity_id: int, now: datetime) -> Iterator[tuple[str, bytes]]:
    """Reports on the newest file under way, and on a file of somebody else."""
    file = OutgoingFile.objects.filter(entity=entity_id, status="sent").order_by("-pk").first()
    if file is not None:
        payment = OutgoingItem.objects.filter(file=file).select_related("payment").order_by("-pk")[0].payment
        rejected = _rejected(f"P{payment.pk}", payment.end_to_end_id, "AC04", "Compte clos chez la banque du créancier")
        yield "pain002-compte-rendu.xml", _report(f"CR-{now:%y%m%d}-1", now, file.message_id, "ACSP", rejected)
    stranger = _rejected("INSTR-0042", "FACT-88121", "AC01", "Numéro de compte inconnu")
    yield "pain002-inconnu.xml", _report(f"CR-{now:%y%m%d}-2", now, "MSG-AUTRE-0007", "", stranger)
