"""What is in a file and everything wrong with it, in words, without storing anything and without a database."""

import io
from dataclasses import dataclass, field
from typing import Any

from backoffice.common.errors import sentence
from transactions.intake import account_numbers, open_file, reading
from transactions.intake.reading import Reading
from transactions.intake.rows import ERROR, WARNING, FileRefused, Problem, Reader, Row
from transactions.messages import checking as status_report
from transactions.statements import checking as statements
from transactions.statements import opening


@dataclass
class Report:
    """``facts`` by the names of the interface; ``problems`` in the order of the file."""

    facts: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Every payment can be taken in, and the schema, where there is one, is kept."""
        return not any(one.severity == ERROR for one in self.problems) and self.facts.get("xsd_valid") is not False

    def as_json(self) -> dict[str, Any]:
        """Facts and errors, the sentences in the active language."""
        return {**self.facts, "errors": [as_json(problem) for problem in self.problems]}


def as_json(problem: Problem) -> dict[str, Any]:
    return {
        "position": problem.position,
        "line": problem.line,
        "path": problem.path,
        "field": problem.field,
        "code": problem.code,
        "message": sentence(problem.code, problem.params),
        "value": problem.value,
        "severity": problem.severity,
    }


def check(content: bytes, file_name: str = "", *, currency: str = "EUR") -> Report:
    """Read a file as the intake would and say what it would say, and what the controls will find in accounts and BICs.

    An error keeps a payment out; a warning does not. ``currency`` is assumed for lists that name none.
    """
    stream = io.BytesIO(content)
    problems: list[Problem] = []
    kind = "unknown"
    try:
        found, root = open_file.kind_of(stream)
        kind = found or "unknown"
        if root is not None and kind in status_report.KINDS:
            return Report(*status_report.check(stream, root))
        if told := opening.as_statement(kind, stream):
            return Report(*statements.check(stream, told, root))
        reader = open_file.reader_of(stream, mapping={}, currency=currency)
    except FileRefused as refusal:
        return Report({"kind": kind, "payments": 0}, [refusal.problem()])
    result, whole = Reading(reader, entity_id=None, say=problems.append), True
    try:
        for _columns in result.rows(lambda row: problems.extend(_doubts(row, reader))):
            pass
    except FileRefused as refusal:
        if refusal.code == "csv.no_header" and opening.named_as_statement(file_name):
            return Report(*statements.check(stream, "mt940", None))
        whole = False
        problems.append(refusal.problem())
        kind = _NO_LISTS.get(refusal.code, kind)
    return Report(_facts(kind, result, whole), problems)


# What was taken for a list, and is none.
_NO_LISTS = {"csv.no_header": "unknown", "file.binary": "binary"}


def _facts(kind: str, result: Reading, whole: bool) -> dict[str, Any]:
    header = result.header
    currencies = sorted(result.currencies)
    facts: dict[str, Any] = {
        "kind": kind,
        "format": header.format if header else "",
        "namespace": header.namespace if header else None,
        "message_id": header.message_id if header else "",
        "batches": result.groups,
        "payments": result.all.count,
        "not_taken_in": result.all.bad,
        "control_sum": reading.plain(result.all.total),
        "currency": currencies[0] if len(currencies) == 1 else currencies,
        "declared_nb_of_txs": header.declared_count if header else None,
        "declared_control_sum": header.declared_sum if header else None,
    }
    if result.declared_mismatch:
        facts["declared_mismatch"] = True
    if header is not None and header.xsd:
        facts["xsd"] = header.xsd
        # Of a file that cannot be read to its end nobody knows whether the rest would keep the schema.
        facts["xsd_valid"] = False if result.schema_errors else True if whole else None
    return facts


def _doubts(row: Row, reader: Reader) -> list[Problem]:
    """What a person will be shown by the controls: said here as warnings, since the payment can be taken in."""
    found = []

    def say(name: str, code: str) -> None:
        line, path = reader.locate(row, name)
        found.append(Problem(row.position, code, {}, name, row.values.get(name, "")[:200], line, path, WARNING))

    said = {problem.field for problem in row.problems}
    for name in ("debtor_number", "creditor_number"):
        number = row.values.get(name, "")
        if number and name not in said and account_numbers.looks_like_iban(number):
            fault = account_numbers.iban_fault(number)
            if fault:
                say(name, fault)
    for name in ("debtor_bic", "creditor_bic"):
        bic = row.values.get(name, "")
        fault = account_numbers.bic_fault(bic) if bic and name not in said else ""
        if fault:
            say(name, fault)
    if not row.values.get("creditor_number"):
        say("creditor_number", "creditor.account_missing")
    if not row.values.get("creditor_name"):
        say("creditor_name", "creditor.name_missing")
    return found
