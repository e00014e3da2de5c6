"""camt.029 and camt.056: what banks answer to our recalls, and what they recall themselves, streamed.

No schema of these is shipped by a package, so that what is read is looked at here: what lacks a status, a reason or an
amount is said. Matched on local names, as :mod:`transactions.messages.reading` does. Nothing here knows the database.
"""

from collections.abc import Iterator
from typing import IO, Any

from transactions.intake import sniff
from transactions.intake.rows import ERROR, WARNING
from transactions.messages.reading import (
    BATCH,
    GROUP,
    LENGTHS,
    PAYMENT,
    TAGS,
    Item,
    StatusReader,
    find,
    let_go,
    text_of,
)
from transactions.messages.statuses import RECALL_ACCEPTED, RECALL_PENDING, RECALL_REFUSED, RECALLED

CASES = frozenset({"camt029", "camt056"})
_CASE_TAGS = (*TAGS, *(f"{{*}}{name}" for name in ("Assgnmt", "Sts", "CtrlData", "OrgnlGrpInfAndCxl", "RslvdCase")))
# How an investigation as a whole ended, and what that says of the recall that it is about.
_WHOLE = {"CNCL": RECALL_ACCEPTED, "RJCR": RECALL_REFUSED, "PDCR": RECALL_PENDING}
_MORE: dict[str, tuple[int, tuple[str, ...]]] = {
    "cancellation_id": (35, ("CxlId",)),
    "case_id": (35, ("Case/Id",)),
    "original_message_id": (35, ("OrgnlGrpInf/OrgnlMsgId",)),
    "original_message_name": (35, ("OrgnlGrpInf/OrgnlMsgNmId",)),
    "transaction_id": (35, ("OrgnlTxId",)),
    "debtor_name": (140, ("OrgnlTxRef/Dbtr/Pty/Nm", "OrgnlTxRef/Dbtr/Nm")),
    "debtor_number": (34, ("OrgnlTxRef/DbtrAcct/Id/IBAN", "OrgnlTxRef/DbtrAcct/Id/Othr/Id")),
    "debtor_bic": (11, ("OrgnlTxRef/DbtrAgt/FinInstnId/BICFI", "OrgnlTxRef/DbtrAgt/FinInstnId/BIC")),
    "creditor_name": (140, ("OrgnlTxRef/Cdtr/Pty/Nm", "OrgnlTxRef/Cdtr/Nm")),
    "creditor_number": (34, ("OrgnlTxRef/CdtrAcct/Id/IBAN", "OrgnlTxRef/CdtrAcct/Id/Othr/Id")),
}  # fmt: skip
_SENDERS = ("Assgnr/Agt/FinInstnId/BICFI", "Assgnr/Agt/FinInstnId/BIC", "Assgnr/Pty/Nm", "Assgnr/Agt/FinInstnId/Nm")


class CaseReader(StatusReader):
    """Reads one resolution or one recall. Of a resolution the items are answers, of a recall the payments in it."""

    tags = _CASE_TAGS
    amounts = ("OrgnlIntrBkSttlmAmt", "OrgnlTxRef/IntrBkSttlmAmt", "OrgnlTxRef/Amt/InstdAmt")
    _whole, _case, _answers = "", "", 0

    def items(self) -> Iterator[Item]:
        yield from super().items()
        if self.root.kind == "camt029" and self._whole and not self._answers:
            status = _WHOLE.get(self._whole, self._whole)
            yield Item(PAYMENT, status[: LENGTHS["status"]], None, case_id=self._case[: LENGTHS["case_id"]])

    def _element(self, name: str, element: Any) -> Iterator[Item]:
        if name == "Assgnmt":
            self._assigned(element)
        elif name == "CtrlData":
            self.head.declared_count = text_of(element, "NbOfTxs")[:15]
        elif self.root.kind == "camt029":
            yield from self._resolution(name, element)
        elif name == "OrgnlGrpInfAndCxl":
            self._originals(element)
            if text_of(element, "GrpCxl").lower() in {"true", "1"}:
                yield self._item(element, GROUP, RECALLED, "CxlRsnInf")
        elif name == "TxInf":
            yield self._recalled(element)
            let_go(element)

    def _assigned(self, element: Any) -> None:
        head = self.head
        head.message_id = text_of(element, "Id")[:35]
        head.sent_on = text_of(element, "CreDtTm")[:10]
        head.sender = next((found for path in _SENDERS if (found := text_of(element, path))), "")[:140]

    def _resolution(self, name: str, element: Any) -> Iterator[Item]:
        top = sniff.local(element.getparent()) == "RsltnOfInvstgtn"
        if name == "Sts" and top:
            self._whole = text_of(element, "Conf")
        elif name == "RslvdCase" and top:
            self._case = text_of(element, "Id")
        elif name == "OrgnlGrpInfAndSts":
            self._originals(element)
            if status := text_of(element, "GrpCxlSts"):
                self._answers += 1
                yield self._item(element, GROUP, status, "CxlStsRsnInf")
        elif name == "OrgnlPmtInfAndSts":
            if status := text_of(element, "PmtInfCxlSts"):
                self._answers += 1
                item = self._item(element, BATCH, status, "CxlStsRsnInf")
                item.payment_info_id = text_of(element, "OrgnlPmtInfId")[: LENGTHS["payment_info_id"]]
                yield item
            let_go(element)
        elif name in {"TxInfAndSts", "TxInf"}:
            yield from self._answer(element)
            let_go(element)

    def _answer(self, element: Any) -> Iterator[Item]:
        self.report.payments += 1
        self._answers += 1
        self._originals(element)
        item = self._item(element, PAYMENT, text_of(element, "TxCxlSts"), "CxlStsRsnInf")
        self._named(element, item)
        item.case_id = text_of(element, "RslvdCase/Id")[: LENGTHS["case_id"]]
        if item.status:
            yield item
        else:
            self._say("answer.no_status", ERROR, element)

    def _recalled(self, element: Any) -> Item:
        self.report.payments += 1
        self._originals(element)
        item = self._item(element, PAYMENT, RECALLED, "CxlRsnInf")
        self._named(element, item)
        item.effective_on = text_of(element, "OrgnlIntrBkSttlmDt")[:10] or item.effective_on
        for name, (longest, paths) in _MORE.items():
            item.more[name] = next((found for path in paths if (found := text_of(element, path))), "")[:longest]
        if item.amount is None:
            self._say("recall.no_amount", WARNING, element)
        if not item.reason_code:
            self._say("recall.no_reason", WARNING, element)
        return item

    def _named(self, element: Any, item: Item) -> None:
        item.instruction_id = (text_of(element, "OrgnlInstrId") or text_of(element, "OrgnlTxId"))[:35]
        item.end_to_end_id = text_of(element, "OrgnlEndToEndId")[: LENGTHS["end_to_end_id"]]
        item.uetr = text_of(element, "OrgnlUETR")[: LENGTHS["uetr"]]

    def _originals(self, element: Any) -> None:
        """The message that is spoken of, named once or with each payment: the first counts for the head."""
        within = find(element, "OrgnlGrpInf")
        within = element if within is None else within
        head = self.head
        head.original_message_id = head.original_message_id or text_of(within, "OrgnlMsgId")[:35]
        head.original_message_name = head.original_message_name or text_of(within, "OrgnlMsgNmId")[:35]


def reader_of(stream: IO[bytes], root: sniff.Root) -> StatusReader:
    """The reader for a message of the bank."""
    return CaseReader(stream, root) if root.kind in CASES else StatusReader(stream, root)
