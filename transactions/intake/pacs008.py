"""pacs.008: credit transfers between banks that reach accounts of ours, streamed as pain.001 is: the payments stand
under the message itself, whose head has what they share.

No package ships its schema, so that it is checked by what it must say: amount, settlement date, accounts and names.
``payment_info_id`` keeps the number of the transaction (TxId), by which banks speak of it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from transactions.intake.pain001 import Pain001Reader, _path_of
from transactions.intake.paths import Address, Amount, Repeated, Table, birth, by_field, by_path
from transactions.intake.received import INCOMING, ReceivedUnderstanding, ReceivedWriter
from transactions.intake.rows import Header, Item, Problem

TRANSFER = "FIToFICstmrCdtTrf"


def _number(name: str) -> Table:
    return {"IBAN": name, "Othr": {"Id": name}}


def _agent(name: str) -> Table:
    return {"FinInstnId": {"BIC": name, "BICFI": name}}


def _code(name: str) -> Table:
    return {"Cd": name, "Prtry": name}


_TYPE: Table = {
    "SvcLvl": _code("service_level"),
    "LclInstrm": _code("local_instrument"),
    "CtgyPurp": _code("category_purpose"),
}
PAYMENT: Table = {
    "PmtId": {
        "InstrId": "instruction_id",
        "EndToEndId": "end_to_end_id",
        "TxId": "payment_info_id",
        "UETR": "uetr",
    },
    "PmtTpInf": _TYPE,
    "IntrBkSttlmAmt": Amount(),
    "IntrBkSttlmDt": "requested_execution_date",
    "ChrgBr": "charge_bearer",
    "UltmtDbtr": {"Nm": "ultimate_debtor", "Id": birth("ultimate_debtor")},
    "Dbtr": {
        "Nm": "debtor_name",
        "PstlAdr": {
            "StrtNm": "debtor_street",
            "BldgNb": "debtor_building",
            "PstCd": "debtor_post_code",
            "TwnNm": "debtor_town",
            "Ctry": "debtor_country",
            "AdrLine": Repeated("debtor_lines", "; "),
        },
        "Id": birth("debtor"),
    },
    "DbtrAcct": {"Id": _number("debtor_number")},
    "DbtrAgt": _agent("debtor_bic"),
    "CdtrAgt": _agent("creditor_bic"),
    "Cdtr": {"Nm": "creditor_name", "PstlAdr": Address(), "Id": birth("creditor")},
    "CdtrAcct": {"Id": _number("creditor_number")},
    "UltmtCdtr": {"Nm": "ultimate_creditor", "Id": birth("ultimate_creditor")},
    "Purp": _code("purpose"),
    "RmtInf": {
        "Ustrd": Repeated("remittance", " "),
        "Strd": {"CdtrRefInf": {"Ref": "creditor_reference"}, "RfrdDocInf": {"Nb": Repeated("documents", ", ")}},
    },
}
# The head of the message, for all of its payments.
GROUP: Table = {"GrpHdr": {"IntrBkSttlmDt": "requested_execution_date", "PmtTpInf": _TYPE}}
BY_FIELD = by_field(PAYMENT, GROUP, currency=("IntrBkSttlmAmt",))


class Pacs008Reader(Pain001Reader):
    """Reads one file once. Every payment of it comes in."""

    name, message, otherwise = "pacs.008", TRANSFER, "xml.not_incoming"
    tables = (PAYMENT, GROUP)
    by_field, by_path = BY_FIELD, by_path(BY_FIELD)
    inherited = frozenset({"service_level", "local_instrument", "category_purpose"})
    understanding = ReceivedUnderstanding
    writer = ReceivedWriter

    def _group_path(self) -> str:
        return self.base

    def _group_start(self, parent: Any) -> Iterator[Item]:
        self.base = self.base or _path_of(parent)
        yield from super()._group_start(parent)
        self.defaults["kind"] = INCOMING

    def _group_faults(self, element: Any) -> Iterator[Problem]:
        """The whole message is the group: it has no head of its own to keep a schema."""
        yield from ()

    def _header(self, element: Any | None) -> Iterator[Item]:
        """The sending bank stands for the initiating party; the total to be settled, for a control sum."""

        def text(path: str) -> str:
            found = None if element is None else element.find("/".join(f"{{*}}{step}" for step in path.split("/")))
            return "" if found is None else (found.text or "").strip()

        for item in super()._header(element):
            if isinstance(item, Header):
                bank = text("InstgAgt/FinInstnId/BICFI") or text("InstgAgt/FinInstnId/BIC")
                total = item.declared_sum or text("TtlIntrBkSttlmAmt") or None
                self.header = item = replace(item, initiating_party=bank, declared_sum=total)  # noqa: PLW2901
            yield item
