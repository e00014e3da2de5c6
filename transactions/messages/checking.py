"""What is in a message of the bank and what is odd about it, without a database: the part of ``check_file``."""

from typing import IO, Any

from transactions.intake import sniff
from transactions.intake.rows import WARNING, FileRefused, Problem
from transactions.messages import cases
from transactions.messages.reading import BATCH, GROUP, KINDS, PAYMENT, Item, StatusReader
from transactions.messages.statuses import RECALL_ACCEPTED, RECALL_REFUSED, SAYS_NOTHING, WORDS

__all__ = ["KINDS", "check"]
MOST_SHOWN = 1_000


def check(stream: IO[bytes], root: sniff.Root) -> tuple[dict[str, Any], list[Problem]]:
    """The facts by the names of the interface, and the problems in the order in which they were found."""
    reader = cases.reader_of(stream, root)
    items: list[Item] = []
    problems = reader.report.problems
    try:
        items.extend(reader.items())
    except FileRefused as refusal:
        problems.append(refusal.problem())
    else:
        told = _of_cases if root.kind in cases.CASES else _oddities
        problems.extend(told(reader, items))
    return _facts(reader, items), problems


def _facts(reader: StatusReader, items: list[Item]) -> dict[str, Any]:
    head = reader.head
    facts: dict[str, Any] = {
        "kind": head.kind,
        "format": head.format,
        "namespace": head.namespace,
        "message_id": head.message_id,
        "original_message_id": head.original_message_id,
        "original_message_name": head.original_message_name,
        "group_status": next((item.status for item in items if item.level == GROUP), None),
        "payment_info_statuses": [item.status for item in items if item.level == BATCH],
        "transaction_statuses": [item.status for item in items if item.level == PAYMENT],
        "reason_codes": [item.reason_code for item in items if item.reason_code],
        "transactions": reader.report.payments,
        "statuses": [_told(item) for item in items[:MOST_SHOWN]],
    }
    if head.xsd:
        facts["xsd"], facts["xsd_valid"] = head.xsd, not reader.report.schema_errors
    return facts


def _told(item: Item) -> dict[str, Any]:
    return {
        "level": item.level, "status": item.status, "reason_code": item.reason_code, "reason": item.reason_text,
        "payment_info_id": item.payment_info_id, "instruction_id": item.instruction_id,
        "end_to_end_id": item.end_to_end_id, "amount": None if item.amount is None else str(item.amount),
        "currency": item.currency,
    }  # fmt: skip


def _oddities(reader: StatusReader, items: list[Item]) -> list[Problem]:
    """What a person should know before relying on the report: all of it can be read."""
    said = [Problem(0, "answer.national", {"namespace": reader.head.namespace or "–"})] if not reader.head.xsd else []
    if not items:
        said.append(Problem(0, "message.no_status"))
        return [*_warnings(said[:-1]), said[-1]]
    if not reader.head.original_message_id:
        said.append(Problem(0, "answer.no_original"))
    levels = {item.level for item in items}
    partial = next((item for item in items if item.status in SAYS_NOTHING), None)
    if partial is not None:
        listed = reader.report.payments
        said.append(Problem(0, "answer.partial", {"listed": listed, "status": partial.status}, line=partial.line))
    elif GROUP not in levels and BATCH in levels:
        said.append(Problem(0, "answer.groups_only"))
    elif levels == {PAYMENT}:
        said.append(Problem(0, "answer.payments_only", {"listed": reader.report.payments}))
    elif levels == {GROUP}:
        said.append(Problem(0, "answer.file_only"))
    for item in items:
        if item.status not in WORDS:
            said.append(Problem(0, "answer.status_unknown", {"status": item.status}, "Sts", item.status, item.line))
        if item.status == "RJCT" and not item.reason_code and item.level != PAYMENT and PAYMENT not in levels:
            said.append(Problem(0, "answer.no_reason", {}, "", item.status, item.line))
    return _warnings(said)


def _of_cases(reader: StatusReader, items: list[Item]) -> list[Problem]:
    """What a recall asks, or how recalls are answered, in numbers; and what is missing in it."""
    if not items:
        return [Problem(0, "message.no_status")]
    said: list[Problem] = []
    if reader.head.kind == "camt056":
        said.append(Problem(0, "recall.asks", {"listed": reader.report.payments}))
        said += [Problem(0, "recall.of_a_file", line=item.line) for item in items if item.level == GROUP]
        return _warnings(said)
    accepted = sum(item.status == RECALL_ACCEPTED for item in items)
    refused = sum(item.status == RECALL_REFUSED for item in items)
    counts = {"accepted": accepted, "refused": refused, "other": len(items) - accepted - refused}
    said.append(Problem(0, "recall.answers", counts))
    for item in items:
        if item.status not in WORDS:
            said.append(Problem(0, "answer.status_unknown", {"status": item.status}, "Sts", item.status, item.line))
        elif item.status == RECALL_REFUSED and not item.reason_code:
            said.append(Problem(0, "recall.refused_without", {}, "", item.status, item.line))
    return _warnings(said)


def _warnings(problems: list[Problem]) -> list[Problem]:
    for problem in problems:
        problem.severity = WARNING
    return problems
