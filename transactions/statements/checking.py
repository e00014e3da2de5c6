"""What is in a file of statements and what is odd about it, without a database: the part of ``check_file``."""

from collections.abc import Iterable
from decimal import Decimal
from typing import IO, Any

from transactions.intake import sniff
from transactions.intake.reading import plain
from transactions.intake.rows import FileRefused, Problem
from transactions.statements import camt_schema, opening
from transactions.statements.checks import ZERO, Checks, Tally, balanced
from transactions.statements.ofx import OfxReader
from transactions.statements.read import CLOSING, OPENING, ReadStatement, StatementReader

MOST_SHOWN = 5_000
# Kinds under the name that their files have together.
FAMILY = {"mt942": "mt940"}
# Where a line names no currency of its own, the balances alone prove it.
BY_BALANCES = frozenset({"mt940", "mt942"})


class _Facts:
    """Gathers over all statements of a file."""

    def __init__(self) -> None:
        self.statements = self.entries = 0
        self.credit = self.debit = ZERO
        self.opening: Decimal | None = None
        self.closing: Decimal | None = None
        self.currencies: set[str] = set()
        self.adds_up: bool | None = None
        self.types: set[str] = set()
        self.each: list[dict[str, Any]] = []

    def add(self, statement: ReadStatement, tally: Tally) -> None:
        opened, closed = statement.balance(OPENING), statement.balance(CLOSING)
        told = {statement.balances[0].currency} if statement.balances else set()
        if not told and statement.kind not in BY_BALANCES:
            told = set(tally.currencies)
        told -= {""}
        answer = balanced(statement, tally)
        if answer is not None:
            self.adds_up = answer if self.adds_up is None else self.adds_up and answer
        self.opening = (opened.amount if opened else None) if not self.statements else self.opening
        self.closing = closed.amount if closed else None
        self.statements += 1
        self.entries += tally.entries
        self.credit += tally.credit
        self.debit += tally.debit
        self.currencies |= told
        self.types |= {one.code for one in statement.balances}
        if len(self.each) < MOST_SHOWN:
            self.each.append({
                "opening": _plain(opened.amount if opened else None),
                "closing": _plain(closed.amount if closed else None), "currency": _one(told),
                "entries": tally.entries, "sum_credit": plain(tally.credit), "sum_debit": plain(tally.debit),
            })  # fmt: skip

    def add_outside(self, reader: OfxReader) -> None:
        """Entries that are counted, and are of no bank statement."""
        self.entries += reader.outside
        self.credit += reader.outside_credit
        self.debit += reader.outside_debit
        self.currencies |= {reader.outside_currency} - {""}

    def told(self) -> dict[str, Any]:
        return {
            "statements": self.statements, "entries": self.entries, "opening": _plain(self.opening),
            "closing": _plain(self.closing), "sum_credit": plain(self.credit), "sum_debit": plain(self.debit),
            "currency": _one(self.currencies), "balances": self.adds_up,
            **({"per_statement": self.each} if self.statements > 1 else {}),
        }  # fmt: skip


def _one(currencies: Iterable[str]) -> str | list[str] | None:
    found = sorted(currencies)
    return found[0] if len(found) == 1 else found or None


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def check(
    stream: IO[bytes], kind: str, root: sniff.Root | None, *, mapping: dict[str, Any] | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """The facts by the names of the interface, and the problems in the order in which they were found."""
    problems: list[Problem] = []
    facts = _Facts()
    told: dict[str, Any] = {"kind": kind}
    if root is not None:
        told["format"], told["namespace"] = sniff.version(root.namespace or "") or kind, root.namespace
    checks = Checks(problems.append)
    reader: StatementReader | None = None
    of_reader: dict[str, Any] = {}
    try:
        reader = opening.reader_of(kind, root, stream, say=problems.append, mapping=mapping)
        of_reader = reader.facts
        for piece in checks.passing(reader.statements()):
            if not piece.continues:
                facts.add(piece, checks.tally)
    except FileRefused as refusal:
        problems.append(refusal.problem())
    if isinstance(reader, OfxReader):
        facts.add_outside(reader)
    told |= {**facts.told(), **of_reader}
    told["kind"] = FAMILY.get(kind, kind)
    if root is not None:
        told["balance_types"] = sorted(facts.types)
        told["xsd"], told["xsd_valid"], faults = camt_schema.faults(stream, root)
        problems += faults
        if not told["xsd"]:
            del told["xsd"], told["xsd_valid"]
            known = sniff.version(root.namespace or "")
            if known not in KNOWN:
                problems.append(_unknown(root))
    return told, problems


KNOWN = frozenset(f"camt.05{of}.001.{version:02d}" for of in (2, 3, 4) for version in range(1, 15))


def _unknown(root: sniff.Root) -> Problem:
    return Problem(0, "statement.version_unknown", {"namespace": root.namespace or "–"}, severity="warning")
