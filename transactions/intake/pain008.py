"""pain.008: customer direct debits, streamed as pain.001 is, which it mirrors: a group has the creditor and the date,
a payment the debtor and the mandate. What the creditor says of the mandate goes along with each payment."""

import json
from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from transactions.intake import sniff
from transactions.intake.debits import DebitUnderstanding, DebitWriter
from transactions.intake.pain001 import MOST_FAULTS, Pain001Reader
from transactions.intake.paths import Address, Amount, Repeated, Special, Table, Values, bound
from transactions.intake.rows import ERROR, WARNING, Group, Header, Item, Problem, Row

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
    "Dbtr": {"Nm": "debtor_name"},
    "DbtrAcct": {"Id": _number("debtor_number")},
    "UltmtDbtr": {"Nm": "ultimate_debtor"},
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


def _places() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {"currency": ("InstdAmt",)}

    def walk(table: Table, steps: str) -> None:
        for name, rule in table.items():
            path = f"{steps}/{name}".strip("/")
            if isinstance(rule, dict):
                walk(rule, path)
            else:
                field = rule if isinstance(rule, str) else getattr(rule, "name", "")
                found[field] = (*found.get(field, ()), path)

    walk(PAYMENT, "")
    walk(GROUP, "")
    return found


BY_FIELD = _places()
BY_PATH = {path: field for field, places in BY_FIELD.items() for path in places if field != "currency"}


class Pain008Reader(Pain001Reader):
    """Reads one file once. ``understanding`` and ``writer`` make of its rows what direct debits are."""

    understanding = DebitUnderstanding
    writer = DebitWriter

    def __init__(self, stream: IO[bytes], root: sniff.Root) -> None:
        super().__init__(stream, root)
        prefix = "" if root.namespace is None else f"{{{root.namespace}}}"
        self.payment_tag = f"{prefix}DrctDbtTxInf"
        self.tags = [f"{prefix}GrpHdr", self.group_tag, self.payment_tag]
        self.payment_table, self.group_table = bound(PAYMENT, prefix), bound(GROUP, prefix)

    def locate(self, row: Row, name: str) -> tuple[int | None, str]:
        for element, path in ((self.element, row.path), (self.element.getparent(), row.path.rpartition("/")[0])):
            for steps in BY_FIELD.get(name, ()):
                leaf = element.find("/".join(f"{{*}}{step}" for step in steps.split("/") if step))
                if leaf is not None:
                    return leaf.sourceline, f"{path}/{steps}"
        return row.line, row.path

    def _header(self, element: Any | None) -> Iterator[Item]:
        for item in super()._header(element):
            if isinstance(item, Header):
                item.kind = "pain008"
                item.format = sniff.version(self.root.namespace or "") or "pain.008"
            yield item

    def _row(self, element: Any, group: Group) -> Row:
        row = super()._row(element, group)
        row.path = f"{group.path}/DrctDbtTxInf[{self.in_group}]"
        return row

    def _remarks(self, row: Row, own: Values) -> Iterator[Problem]:
        for name in sorted(self.defaults.keys() & own.keys() & INHERITED):
            line, path = self.locate(row, name)
            yield Problem(row.position, "payment.level_twice", {}, name, own[name][:200], line, path, WARNING)

    def _group_faults(self, element: Any) -> Iterator[Problem]:
        group = self.group
        assert group is not None  # noqa: S101  set by _group_start
        for fault in self._faults(element, group.path, without="DrctDbtTxInf"):
            group.refused = True
            yield fault

    def _end(self, root: Any) -> Iterator[Item]:
        if self.header is None:
            yield from self._header(None)
        document = root if sniff.local(root) == "Document" else next(root.iter("{*}Document"), None)
        if self.schema is not None and document is not None and not self.file_strange_said:
            path = "/" + "/".join(sniff.local(one) for one in [*reversed(list(document.iterancestors())), document])
            yield from self._faults(document, path, severity=WARNING, without="GrpHdr PmtInf")
        if self.root.message != DIRECT_DEBIT:
            params = {"element": self.root.message or sniff.local(root), "wanted": DIRECT_DEBIT}
            yield Problem(0, "xml.not_a_direct_debit", params, "", params["element"], root.sourceline)

    def _faults(
        self, element: Any, path: str, *, position: int = 0, severity: str = ERROR, without: str = ""
    ) -> Iterator[Problem]:
        if self.schema is None:
            return
        for number, (node, problem) in enumerate(self.schema.faults(element, without=without)):
            self.schema_errors = (self.schema_errors or 0) + 1
            if number >= MOST_FAULTS:
                return
            steps = _steps(node, element)
            problem.position, problem.severity, problem.line = position, severity, node.sourceline
            problem.path = f"{path}/{steps}".rstrip("/")[:200]
            problem.field = BY_PATH.get(steps, problem.field)
            yield problem


def _steps(node: Any, above: Any) -> str:
    names: list[str] = []
    while node is not None and node is not above:
        names.append(etree.QName(node).localname)
        node = node.getparent()
    return "/".join(reversed(names))
