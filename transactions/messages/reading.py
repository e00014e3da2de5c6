"""pain.002, pacs.002, pacs.004: status reports and returns, streamed. Matched on local names: variants are read, too.

Versions whose schema is shipped are validated part by part as they pass. What was read is taken out of the tree, so
that memory stays flat. Nothing here knows the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

from lxml import etree

from backoffice.common import money
from backoffice.common.errors import BusinessError
from transactions.intake import schema, sniff, xml_faults
from transactions.intake.rows import ERROR, WARNING, FileRefused, Problem
from transactions.messages.statuses import RETURNED

KINDS = {
    "pain002": "CstmrPmtStsRpt", "pacs002": "FIToFIPmtStsRpt", "pacs004": "PmtRtr", "camt029": "RsltnOfInvstgtn",
    "camt056": "FIToFIPmtCxlReq",
}  # fmt: skip
GROUP, BATCH, PAYMENT = "group", "batch", "payment"
LARGEST_ELEMENT = 2_000_000
MOST_FAULTS = 50
TAGS = tuple(
    f"{{*}}{name}"
    for name in ("GrpHdr", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts", "OrgnlGrpInf", "TxInf")
)
LENGTHS = {
    "status": 35, "reason_code": 35, "payment_info_id": 35, "instruction_id": 35, "end_to_end_id": 35, "uetr": 36,
    "case_id": 35,
}  # fmt: skip


@dataclass(slots=True)
class Head:
    """What the message says of itself and of the message that it answers."""

    kind: str
    format: str
    namespace: str | None
    message_id: str = ""
    sender: str = ""
    sent_on: str = ""
    original_message_id: str = ""
    original_message_name: str = ""
    original_count: str = ""
    # Of a return: how many payments it says it holds, and the day on which they are settled unless each says its own.
    declared_count: str = ""
    settled_on: str = ""
    xsd: str = ""


@dataclass(slots=True)
class Item:
    """One status: of the whole original file, of one of its groups, or of one payment."""

    level: str
    status: str
    line: int | None
    reason_code: str = ""
    reason_text: str = ""
    payment_info_id: str = ""
    instruction_id: str = ""
    end_to_end_id: str = ""
    uetr: str = ""
    amount: Decimal | None = None
    currency: str = ""
    effective_on: str = ""
    # Of an answer to a recall: the case that it names. Of a recall: what else it says, by the names of its columns.
    case_id: str = ""
    more: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """Counts of what was read beside the items themselves."""

    groups: int = 0
    payments: int = 0
    schema_errors: int | None = None
    problems: list[Problem] = field(default_factory=list)


class _Bounded:
    """The stream as the parser reads it: too much without the end of an element that can be let go is no message."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.since = stream, 0

    def read(self, size: int = 65_536) -> bytes:
        if self.since > LARGEST_ELEMENT:
            raise FileRefused.at("xml.element_too_large", largest=LARGEST_ELEMENT)
        content = self.stream.read(size)
        self.since += len(content)
        return content


class StatusReader:
    """Reads one report once. ``items`` yields statuses in the order of the file; ``head`` is whole when it ends."""

    tags = TAGS
    amounts: tuple[str, ...] = ("RtrdIntrBkSttlmAmt", "OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/IntrBkSttlmAmt")

    def __init__(self, stream: IO[bytes], root: sniff.Root) -> None:
        self.fed = _Bounded(stream)
        self.root = root
        self.schema = schema.of(root.namespace)
        self.head = Head(root.kind, sniff.version(root.namespace or "") or root.kind, root.namespace)
        self.head.xsd = self.schema.file_name if self.schema else ""
        self.report = Report(schema_errors=0 if self.schema else None)

    def items(self) -> Iterator[Item]:
        """Walk the report. Raises :class:`FileRefused` where it cannot be read on."""
        events = etree.iterparse(self.fed, events=("end",), tag=list(self.tags), **sniff.parser_options())
        try:
            for _event, element in events:
                self.fed.since = 0
                yield from self._element(sniff.local(element), element)
        except etree.XMLSyntaxError as error:
            raise xml_faults.at_the_end(sniff.malformed(error), self.fed.stream) from None
        self._end(events.root)

    def _element(self, name: str, element: Any) -> Iterator[Item]:
        if name == "GrpHdr":
            self._header(element)
        elif name == "OrgnlGrpInfAndSts":
            yield from self._original(element)
        elif name == "TxInfAndSts":
            item = self._transaction(element)
            if sniff.local(element.getparent()) == "OrgnlPmtInfAndSts":
                group = text_of(element.getparent(), "OrgnlPmtInfId")
                item.payment_info_id = group[: LENGTHS["payment_info_id"]]
            if item.status:
                yield item
            let_go(element)
        elif name == "OrgnlPmtInfAndSts":
            yield from self._group(element)
            let_go(element)
        elif self.root.kind == "pacs004" and name == "OrgnlGrpInf":
            self._returned_of(element)
        elif self.root.kind == "pacs004" and name == "TxInf":
            yield self._return(element)
            let_go(element)

    def _header(self, element: Any) -> None:
        head = self.head
        head.message_id = text_of(element, "MsgId")[:35]
        head.sent_on = text_of(element, "CreDtTm")[:10]
        head.sender = _sender(element)[:140]
        if self.root.kind == "pacs004":
            head.declared_count = text_of(element, "NbOfTxs")[:15]
            head.settled_on = text_of(element, "IntrBkSttlmDt")[:10]
        self._faults(element, "GrpHdr")

    def _original(self, element: Any) -> Iterator[Item]:
        head = self.head
        head.original_message_id = text_of(element, "OrgnlMsgId")[:35]
        head.original_message_name = text_of(element, "OrgnlMsgNmId")[:35]
        head.original_count = text_of(element, "OrgnlNbOfTxs")[:15]
        self._faults(element, "OrgnlGrpInfAndSts")
        status = text_of(element, "GrpSts")
        if status:
            yield self._item(element, GROUP, status)

    def _group(self, element: Any) -> Iterator[Item]:
        self.report.groups += 1
        self._faults(element, "OrgnlPmtInfAndSts", without="TxInfAndSts")
        status = text_of(element, "PmtInfSts")
        if status:
            item = self._item(element, BATCH, status)
            item.payment_info_id = text_of(element, "OrgnlPmtInfId")[: LENGTHS["payment_info_id"]]
            yield item

    def _transaction(self, element: Any) -> Item:
        self.report.payments += 1
        self._faults(element, "TxInfAndSts")
        item = self._item(element, PAYMENT, text_of(element, "TxSts"))
        for name, path in (
            ("instruction_id", "OrgnlInstrId"), ("end_to_end_id", "OrgnlEndToEndId"), ("uetr", "OrgnlUETR"),
        ):  # fmt: skip
            setattr(item, name, text_of(element, path)[: LENGTHS[name]])
        if not item.status:
            self._say("answer.no_status", ERROR, element)
        return item

    def _returned_of(self, element: Any) -> None:
        """The message that a return is about: said once, or with each payment (the first counts for the head)."""
        head = self.head
        head.original_message_id = head.original_message_id or text_of(element, "OrgnlMsgId")[:35]
        head.original_message_name = head.original_message_name or text_of(element, "OrgnlMsgNmId")[:35]

    def _return(self, element: Any) -> Item:
        """A payment that comes back, with its amount and the reason. Without an amount nothing is returned."""
        self.report.payments += 1
        item = self._item(element, PAYMENT, RETURNED, "RtrRsnInf")
        for name, path in (
            ("instruction_id", "OrgnlInstrId"), ("end_to_end_id", "OrgnlEndToEndId"), ("uetr", "OrgnlUETR"),
        ):  # fmt: skip
            setattr(item, name, text_of(element, path)[: LENGTHS[name]])
        item.effective_on = text_of(element, "IntrBkSttlmDt")[:10] or self.head.settled_on
        if item.amount is None:
            self._say("answer.no_amount", ERROR, element)
        return item

    def _item(self, element: Any, level: str, status: str, reasons: str = "StsRsnInf") -> Item:
        item = Item(level, status[: LENGTHS["status"]], element.sourceline)
        texts: list[str] = []
        for reason in element.iterfind(f"{{*}}{reasons}"):
            code = text_of(reason, "Rsn/Cd") or text_of(reason, "Rsn/Prtry")
            item.reason_code = item.reason_code or code[: LENGTHS["reason_code"]]
            texts += [" ".join((said.text or "").split()) for said in reason.iterfind("{*}AddtlInf")]
        item.reason_text = " ".join(text for text in texts if text)[:500]
        if level == PAYMENT:
            self._amount(element, item)
        item.effective_on = (
            text_of(element, "FctvIntrBkSttlmDt/Dt") or text_of(element, "FctvIntrBkSttlmDt/DtTm")
            or text_of(element, "OrgnlTxRef/IntrBkSttlmDt")
        )[:10]  # fmt: skip
        return item

    def _amount(self, element: Any, item: Item) -> None:
        for path in self.amounts:
            found = find(element, path)
            if found is not None:
                try:
                    item.amount = money.parse((found.text or "").strip(), found.get("Ccy") or "")
                    item.currency = found.get("Ccy") or ""
                except BusinessError as refusal:
                    self._say(refusal.code, WARNING, found, **refusal.params)
                return

    def _faults(self, element: Any, path: str, *, without: str = "") -> None:
        if self.schema is None:
            return
        for node, problem in self.schema.faults(element, without=without):
            self.report.schema_errors = (self.report.schema_errors or 0) + 1
            if len(self.report.problems) < MOST_FAULTS:
                problem.line, problem.path, problem.severity = node.sourceline, path, ERROR
                self.report.problems.append(problem)

    def _say(self, code: str, severity: str, element: Any, **params: Any) -> None:
        if len(self.report.problems) < MOST_FAULTS:
            problem = Problem(0, code, params, sniff.local(element), (element.text or "").strip()[:200])
            problem.line, problem.severity = element.sourceline, severity
            self.report.problems.append(problem)

    def _end(self, root: Any) -> None:
        declared = self.head.declared_count
        if declared and declared != str(self.report.payments):
            params = {"declared": declared, "counted": self.report.payments}
            self.report.problems.append(Problem(0, "declared.file_count", params, "NbOfTxs", declared, severity=ERROR))
        document = root if sniff.local(root) == "Document" else next(root.iter("{*}Document"), None)
        if self.schema is not None and document is not None:
            self._faults(document, "Document", without="GrpHdr OrgnlGrpInfAndSts OrgnlPmtInfAndSts TxInfAndSts")


def find(element: Any, path: str) -> Any:
    return element.find("/".join(f"{{*}}{step}" for step in path.split("/")))


def text_of(element: Any, path: str) -> str:
    found = find(element, path)
    return "" if found is None else (found.text or "").strip()


_SENDERS = (
    "InitgPty/Id/OrgId/BICOrBEI", "InitgPty/Id/OrgId/AnyBIC", "InstgAgt/FinInstnId/BICFI", "InstgAgt/FinInstnId/BIC",
    "DbtrAgt/FinInstnId/BICFI", "DbtrAgt/FinInstnId/BIC", "InitgPty/Nm", "CdtrAgt/FinInstnId/BICFI",
)  # fmt: skip


def _sender(header: Any) -> str:
    return next((found for path in _SENDERS if (found := text_of(header, path))), "")


def let_go(element: Any) -> None:
    """What was read before this element leaves the tree; the element itself is still the parser's."""
    before = element.getprevious()
    while before is not None and before.tag == element.tag:
        element.getparent().remove(before)
        before = element.getprevious()
