"""pain.008: customer direct debits, streamed as pain.001 is, which it mirrors: a group has the creditor and the date,
a payment the debtor and the mandate. What the creditor says of the mandate goes along with each payment."""

import json
from typing import Any

from transactions.intake.debits import DebitUnderstanding, DebitWriter
from transactions.intake.pain001 import Pain001Reader
from transactions.intake.paths import Address, Amount, Repeated, Special, Table, Values, birth, by_field, by_path

DIRECT_DEBIT = "CstmrDrctDbtInitn"


def _number(name: str) -> Table:
    return {"IBAN": name, "Othr": {"Id": name}}


def _agent(name: str) -> Table:
    return {"FinInstnId": {"BIC": name, "BICFI": name}}


_TYPE: Table = {
    "SvcLvl": {"Cd": "service_level", "Prtry": "service_level"},
    "LclInstrm": {"Cd": "local_instrument", "Prtry": "local_instrument"},
    "SeqTp": "sequence",
    "CtgyPurp": {"Cd": "category_purpose", "Prtry": "category_purpose"},
}
_SCHEME_ID: Table = {
    "Id": {"PrvtId": {"Othr": {"Id": "creditor_scheme_id"}}, "OrgId": {"Othr": {"Id": "creditor_scheme_id"}}}
}


class _Amendment(Special):
    """What the mandate was before it was amended, as it is kept: names of ours, texts of the file."""

    name = "amendment"
    PATHS = {
        "mandate": "OrgnlMndtId",
        "creditor_name": "OrgnlCdtrSchmeId/Nm",
        "creditor_scheme_id": "OrgnlCdtrSchmeId/Id/PrvtId/Othr/Id",
        "debtor_number": "OrgnlDbtrAcct/Id/IBAN",
        "debtor_other": "OrgnlDbtrAcct/Id/Othr/Id",
        "debtor_bic": "OrgnlDbtrAgt/FinInstnId/BIC",
        "debtor_bicfi": "OrgnlDbtrAgt/FinInstnId/BICFI",
        "debtor_bank": "OrgnlDbtrAgt/FinInstnId/Othr/Id",
    }

    def take(self, element: Any, values: Values, address: dict[str, Any]) -> None:
        found = {}
        for name, path in self.PATHS.items():
            leaf = element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
            text = "" if leaf is None else " ".join((leaf.text or "").split())[:140]
            if text:
                found[name] = text
        values[self.name] = json.dumps(found, ensure_ascii=False, sort_keys=True)


PAYMENT: Table = {
    "PmtId": {"InstrId": "instruction_id", "EndToEndId": "end_to_end_id", "UETR": "uetr"},
    "PmtTpInf": _TYPE,
    "InstdAmt": Amount(),
    "ChrgBr": "charge_bearer",
    "DrctDbtTx": {
        "MndtRltdInf": {
            "MndtId": "mandate_id",
            "DtOfSgntr": "signed_on",
            "AmdmntInd": "amended",
            "AmdmntInfDtls": _Amendment(),
        },
        "CdtrSchmeId": _SCHEME_ID,
    },
    "UltmtCdtr": {"Nm": "ultimate_creditor"},
    "DbtrAgt": _agent("debtor_bic"),
    "Dbtr": {"Nm": "debtor_name", "Id": birth("debtor")},
    "DbtrAcct": {"Id": _number("debtor_number")},
    "UltmtDbtr": {"Nm": "ultimate_debtor", "Id": birth("ultimate_debtor")},
    "Purp": {"Cd": "purpose", "Prtry": "purpose"},
    "RmtInf": {
        "Ustrd": Repeated("remittance", " "),
        "Strd": {"CdtrRefInf": {"Ref": "creditor_reference"}},
    },
}
GROUP: Table = {
    "PmtInfId": "payment_info_id",
    "NbOfTxs": "declared_count",
    "CtrlSum": "declared_sum",
    "PmtTpInf": _TYPE,
    "ReqdColltnDt": "requested_execution_date",
    "Cdtr": {"Nm": "creditor_name", "PstlAdr": Address()},
    "CdtrAcct": {"Id": _number("creditor_number")},
    "CdtrAgt": _agent("creditor_bic"),
    "UltmtCdtr": {"Nm": "ultimate_creditor"},
    "ChrgBr": "charge_bearer",
    "CdtrSchmeId": _SCHEME_ID,
}
INHERITED = frozenset(
    {"service_level", "local_instrument", "sequence", "category_purpose", "ultimate_creditor", "charge_bearer",
     "creditor_scheme_id"}
)  # fmt: skip


BY_FIELD = by_field(PAYMENT, GROUP, currency=("InstdAmt",))


class Pain008Reader(Pain001Reader):
    """Reads one file once. ``understanding`` and ``writer`` make of its rows what direct debits are."""

    name, message, otherwise = "pain.008", DIRECT_DEBIT, "xml.not_a_direct_debit"
    payment = "DrctDbtTxInf"
    tables = (PAYMENT, GROUP)
    by_field, by_path, inherited = BY_FIELD, by_path(BY_FIELD), INHERITED
    understanding = DebitUnderstanding
    writer = DebitWriter
