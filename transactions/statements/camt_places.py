"""Where a camt message keeps what a statement says: the elements by local name, from .02 to the latest version.

Versions differ in where a name or a code stands, not in what it means, so all places stand here together and a reader
needs no version. A key that several places fill is filled by the first of them that comes, unless it is ``many``.
"""

from collections.abc import Mapping
from typing import Any

# Keys of which each occurrence counts: their texts are kept apart by a mark that no XML text can hold.
MANY = frozenset({"remittance", "reference", "information", "document"})
APART = "\x1f"
# Elements that begin something of their own.
BEGIN = {
    "Stmt": "statement", "Rpt": "statement", "Ntfctn": "statement", "GrpHdr": "head", "Bal": "balance", "Ntry": "entry",
    "TxDtls": "detail",
}  # fmt: skip


class Place(dict[str, "Place"]):
    """An element: those below it by name, the key that its text fills, the key of its currency, what it begins."""

    __slots__ = ("begins", "currency", "key", "many")

    def __init__(self, key: str = "", begins: str = "") -> None:
        super().__init__()
        self.key, self.begins = key, begins
        self.currency = f"{key}/currency"
        self.many = key in MANY

    def __missing__(self, name: str) -> "Place":
        """By its local name, whatever the prefix; what no place is made for is passed over."""
        _prefix, colon, local = name.rpartition(":")
        return self.get(local, NOWHERE) if colon else NOWHERE


class _Nowhere(Place):
    def __missing__(self, _name: str) -> "Place":
        return self


NOWHERE: Place = _Nowhere()


def _grown(table: Mapping[str, Any], begins: str = "") -> Place:
    place = Place(begins=begins)
    for child, below in table.items():
        if isinstance(below, str):
            place[child] = Place(below)
        elif isinstance(below, tuple):  # text of its own in some versions, elements in others
            place[child] = _grown(below[1])
            place[child].key = below[0]
        else:
            place[child] = _grown(below, BEGIN.get(child, ""))
    return place


def _date(key: str) -> dict[str, str]:
    return {"Dt": key, "DtTm": key}


def _account(key: str) -> dict[str, Any]:
    return {"Id": {"IBAN": key, "Othr": {"Id": key}, "PrtryAcct": {"Id": key}, "BBAN": key}}


def _party(key: str) -> dict[str, Any]:
    return {"Nm": key, "Pty": {"Nm": key}, "Agt": {"FinInstnId": {"Nm": key}}}


def _bank(key: str) -> dict[str, Any]:
    return {"FinInstnId": {"BIC": key, "BICFI": key}}


def _code(key: str) -> dict[str, Any]:
    return {
        "Domn": {"Cd": f"{key}/domain", "Fmly": {"Cd": f"{key}/family", "SubFmlyCd": f"{key}/sub"}},
        "Prtry": {"Cd": f"{key}/own"},
    }


_CHARGES = {
    "TtlChrgsAndTaxAmt": "charges/total",
    "Amt": "charges",
    "Rcrd": {"Amt": "charges"},
}
_EXCHANGE = {"CcyXchg": {"XchgRate": "rate"}}
_AMOUNTS = {
    "InstdAmt": {"Amt": "amount/instructed", **_EXCHANGE},
    "TxAmt": {"Amt": "amount/transaction", **_EXCHANGE},
    "CntrValAmt": {"Amt": "amount/counter", **_EXCHANGE},
}
_REFERENCES = {
    "MsgId": "message", "AcctSvcrRef": "bank_reference", "PmtInfId": "payment_info", "InstrId": "instruction",
    "EndToEndId": "end_to_end", "UETR": "uetr", "TxId": "transaction", "MndtId": "mandate", "ChqNb": "cheque",
}  # fmt: skip
_DETAIL = {
    "Refs": _REFERENCES,
    "Amt": "amount",
    "CdtDbtInd": "side",
    "AmtDtls": _AMOUNTS,
    "BkTxCd": _code("code"),
    "Chrgs": _CHARGES,
    "RltdPties": {
        "Dbtr": _party("debtor"), "DbtrAcct": _account("debtor/number"), "UltmtDbtr": _party("debtor/ultimate"),
        "Cdtr": {
            **_party("creditor"),
            "Id": {"PrvtId": {"Othr": {"Id": "creditor_id"}}, "OrgId": {"Othr": {"Id": "creditor_id"}}},
        },
        "CdtrAcct": _account("creditor/number"), "UltmtCdtr": _party("creditor/ultimate"),
    },
    "RltdAgts": {"DbtrAgt": _bank("debtor/bic"), "CdtrAgt": _bank("creditor/bic")},
    "RmtInf": {
        "Ustrd": "remittance",
        "Strd": {
            "CdtrRefInf": {"Ref": "reference", "CdtrRef": "reference"},
            "RfrdDocInf": {"Nb": "document", "RfrdDocNb": "document"},
            "AddtlRmtInf": "information",
        },
    },
    "RtrInf": {"Rsn": {"Cd": "return", "Prtry": "return"}, "AddtlInf": "information"},
    "AddtlTxInf": "information",
}  # fmt: skip
_ENTRY = {
    "NtryRef": "entry_reference",
    "Amt": "amount",
    "CdtDbtInd": "side",
    "RvslInd": "reversal",
    "Sts": ("status", {"Cd": "status", "Prtry": "status"}),
    "BookgDt": _date("booked"),
    "ValDt": _date("valued"),
    "AcctSvcrRef": "bank_reference",
    "BkTxCd": _code("code"),
    "AmtDtls": _AMOUNTS,
    "Chrgs": _CHARGES,
    "NtryDtls": {
        "Btch": {"MsgId": "batch/message", "PmtInfId": "batch/payment_info", "NbOfTxs": "batch/count"},
        "TxDtls": _DETAIL,
    },
    "AddtlNtryInf": "information",
}
_BALANCE = {
    "Tp": {"CdOrPrtry": {"Cd": "type", "Prtry": "type"}, "Cd": "type"},
    "Amt": "amount",
    "CdtDbtInd": "side",
    "Dt": ("on", _date("on")),
}
_TOTALS = {
    "TtlNtries": {"NbOfNtries": "total/entries"},
    "TtlCdtNtries": {"NbOfNtries": "total/credits", "Sum": "total/credit"},
    "TtlDbtNtries": {"NbOfNtries": "total/debits", "Sum": "total/debit"},
}
_STATEMENT = {
    "Id": "identification",
    "StmtPgntn": {"PgNb": "page", "LastPgInd": "last"},
    "ElctrncSeqNb": "sequence",
    "LglSeqNb": "sequence/legal",
    "CreDtTm": "created",
    "FrToDt": {"FrDtTm": "from", "ToDtTm": "to", "FrDt": "from", "ToDt": "to"},
    "CpyDplctInd": "copy",
    "Acct": {
        **_account("number"), "Ccy": "currency", "Ownr": {"Nm": "holder", "Pty": {"Nm": "holder"}}, "Nm": "holder",
        "Svcr": _bank("bic"),
    },
    "Bal": _BALANCE,
    "TxsSummry": _TOTALS,
    "Ntry": _ENTRY,
    "AddtlStmtInf": "information", "AddtlNtfctnInf": "information", "AddtlRptInf": "information",
}  # fmt: skip
_HEAD = {
    "MsgId": "message", "CreDtTm": "created", "MsgPgntn": {"PgNb": "page", "LastPgInd": "last"},
    "MsgRcpt": {"Nm": "recipient"},
}  # fmt: skip
# The statement in each of the messages, with the kind of file.
MESSAGES = {
    "BkToCstmrStmt": ("Stmt", "camt053"),
    "BkToCstmrAcctRpt": ("Rpt", "camt052"),
    "BkToCstmrDbtCdtNtfctn": ("Ntfctn", "camt054"),
}


class _Around(Place):
    """Whatever stands around a message: Document, mostly, and the envelopes of banks."""

    def __missing__(self, name: str) -> Place:
        return self.get(name.rpartition(":")[2], self)


def whole() -> Place:
    """The root of a file, with the places of all three messages."""
    messages = _grown({name: {"GrpHdr": _HEAD, statement: _STATEMENT} for name, (statement, _kind) in MESSAGES.items()})
    around = _Around()
    around.update(messages)
    return around
