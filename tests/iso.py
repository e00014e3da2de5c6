"""The shape of messages between banks for which no package ships a schema: element order, cardinality and types.

Written from the message definitions of ISO 20022 (pacs.008.001.08, pacs.004.001.09, camt.029.001.09, camt.056.001.08),
as far as we write them; an element that is not listed is a fault. ``?`` may be left out, ``+`` comes once or more.
"""

import re
from decimal import Decimal
from typing import Any

from lxml import etree

_LEAVES = {
    "t4": r".{1,4}", "t16": r".{1,16}", "t34": r".{1,34}", "t35": r".{1,35}", "t70": r".{1,70}", "t105": r".{1,105}",
    "t140": r".{1,140}",
    "bic": r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", "iban": r"[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}",
    "day": r"\d{4}-\d{2}-\d{2}", "moment": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", "count": r"\d{1,15}",
    "decimal": r"\d{1,18}(\.\d{1,17})?", "amount": r"\d{1,18}(\.\d{1,5})?", "code": r"[A-Z0-9]{1,4}",
    "country": r"[A-Z]{2}", "method": r"INDA|INGA|COVE|CLRG", "bearer": r"DEBT|CRED|SHAR|SLEV",
    "status": r"ACCR|RJCR|PDCR", "name": r"[a-z]{4}\.\d{3}\.\d{3}\.\d{2}|.{1,35}",
    "uetr": r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}",
}  # fmt: skip
_SHARED = {
    "agent": "FinInstnId:institution", "institution": "BICFI?:bic Othr?:other", "other": "Id:t35",
    "account": "Id:number", "number": "IBAN?:iban Othr?:othernumber", "othernumber": "Id:t34",
    "either": "Pty?:named Agt?:agent", "named": "Nm:t140", "party": "Nm:t140 PstlAdr?:address",
    "address": "StrtNm?:t70 BldgNb?:t16 PstCd?:t16 TwnNm?:t35 Ctry?:country AdrLine?:t70 AdrLine?:t70",
    "assignment": "Id:t35 Assgnr:either Assgne:either CreDtTm:moment", "case": "Id:t35 Cretr:either",
    "group": "OrgnlMsgId:t35 OrgnlMsgNmId:name", "choice": "Cd?:code Prtry?:t35",
    "why": "Orgtr?:named Rsn?:choice AddtlInf?:t105 AddtlInf?:t105", "remittance": "Ustrd?:t140 Strd?:structured",
    "structured": "CdtrRefInf:reference", "reference": "Tp:kind Ref:t35", "kind": "CdOrPrtry:choice",
    "parties": "RmtInf?:remittance Dbtr?:either DbtrAcct?:account DbtrAgt?:agent CdtrAgt?:agent Cdtr?:either "
               "CdtrAcct?:account",
    "settlement": "SttlmMtd:method ClrSys?:choice",
    "types": "SvcLvl?:choice LclInstrm?:choice CtgyPurp?:choice",
}  # fmt: skip
_ORIGINAL = "OrgnlGrpInf?:group OrgnlInstrId?:t35 OrgnlEndToEndId?:t35 OrgnlTxId?:t35 OrgnlUETR?:uetr "
_SETTLED = "OrgnlIntrBkSttlmAmt?:amount OrgnlIntrBkSttlmDt?:day "
_MESSAGES: dict[str, dict[str, str]] = {
    "camt.056.001.08": {
        "Document": "FIToFIPmtCxlReq:request", "request": "Assgnmt:assignment CtrlData?:control Undrlyg+:underlying",
        "control": "NbOfTxs:count CtrlSum?:decimal", "underlying": "TxInf+:payment",
        "payment": "CxlId?:t35 Case?:case " + _ORIGINAL + _SETTLED + "CxlRsnInf+:why OrgnlTxRef?:parties",
    },
    "camt.029.001.09": {
        "Document": "RsltnOfInvstgtn:resolution", "resolution": "Assgnmt:assignment Sts:whole CxlDtls+:details",
        "whole": "Conf:code", "details": "TxInfAndSts+:payment",
        "payment": "CxlStsId?:t35 RslvdCase?:case " + _ORIGINAL + "TxCxlSts?:status CxlStsRsnInf?:why " + _SETTLED
                   + "OrgnlTxRef?:parties",
    },
    "pacs.004.001.09": {
        "Document": "PmtRtr:returns", "returns": "GrpHdr:header TxInf+:payment",
        "header": "MsgId:t35 CreDtTm:moment NbOfTxs:count CtrlSum?:decimal TtlRtrdIntrBkSttlmAmt?:amount "
                  "IntrBkSttlmDt?:day SttlmInf:settlement InstgAgt?:agent InstdAgt?:agent",
        "payment": "RtrId?:t35 " + _ORIGINAL + _SETTLED
                   + "RtrdIntrBkSttlmAmt:amount RtrRsnInf?:why OrgnlTxRef?:parties",
    },
    "pacs.008.001.08": {
        "Document": "FIToFICstmrCdtTrf:transfers", "transfers": "GrpHdr:header CdtTrfTxInf+:payment",
        "header": "MsgId:t35 CreDtTm:moment NbOfTxs:count CtrlSum?:decimal TtlIntrBkSttlmAmt?:amount "
                  "IntrBkSttlmDt?:day SttlmInf:settlement InstgAgt?:agent InstdAgt?:agent",
        "payment": "PmtId:names PmtTpInf?:types IntrBkSttlmAmt:amount IntrBkSttlmDt?:day InstdAmt?:amount "
                   "ChrgBr:bearer InstgAgt?:agent InstdAgt?:agent UltmtDbtr?:party Dbtr:party DbtrAcct?:account "
                   "DbtrAgt:agent CdtrAgt:agent Cdtr:party CdtrAcct?:account UltmtCdtr?:party Purp?:choice "
                   "RmtInf?:remittance",
        "names": "InstrId?:t35 EndToEndId:t35 TxId?:t35 UETR?:uetr",
    },
}  # fmt: skip


def faults(content: bytes) -> list[str]:
    """What does not keep the form of its message, as paths with what is wrong; [] when all does."""
    root = etree.fromstring(content)
    name = str(root.tag).rpartition("}")[0].rpartition(":")[2]
    types = {**_SHARED, **_MESSAGES[name]}
    found: list[str] = []
    _look(root, "Document", types, "", found)
    return found


def _look(element: Any, kind: str, types: dict[str, str], path: str, found: list[str]) -> None:
    at = f"{path}/{etree.QName(element).localname}"
    if kind in _LEAVES:
        text = element.text or ""
        if len(element) or not re.fullmatch(_LEAVES[kind], text):
            found.append(f"{at}: {text[:60]!r} is no {kind}")
        if kind == "amount" and not re.fullmatch("[A-Z]{3}", element.get("Ccy", "")):
            found.append(f"{at}: no currency")
        return
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        found.append(f"{at}: empty")
    for rule in types[kind].split():
        label, _colon, inner = rule.partition(":")
        many, may = label.endswith("+"), label.endswith("?")
        label = label.rstrip("+?")
        count = 0
        while children and etree.QName(children[0]).localname == label and (many or not count):
            _look(children.pop(0), inner, types, at, found)
            count += 1
        if not count and not may:
            found.append(f"{at}: {label} is missing")
    found += [f"{at}: {etree.QName(child).localname} is not expected" for child in children]


def leaves(content: bytes, path: str) -> list[str]:
    """The texts at a path of local names below the document: ``PmtRtr/TxInf/RtrId``."""
    nodes = etree.fromstring(content).iterfind("/".join(f"{{*}}{step}" for step in path.split("/")))
    return [(node.text or "") for node in nodes]


def total(content: bytes, path: str) -> Decimal:
    return sum((Decimal(text) for text in leaves(content, path)), Decimal(0))
