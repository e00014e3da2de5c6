"""What does not add up in statements, said while their pieces pass: nothing is kept back, nothing is held for long.

Balances, totals that the bank declared, currencies, the same line or statement twice, and statements of one account
that do not follow on each other. Errors of a statement (position 0) are for a person; those of lines the readers say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from transactions.intake.reading import plain
from transactions.statements.read import BOOKED, CLOSING, INTERIM, OPENING, ReadLine, ReadStatement, Say
from transactions.statements.speech import Speech

ZERO = Decimal("0.00")
# Lines that are remembered to find the same one again: beyond it the first are forgotten.
MOST_REMEMBERED = 50_000
STATEMENT = 10**9  # a place in a file as one number: statements in billions, lines below
MOST_STATEMENTS = 20_000
UNNUMBERED = frozenset({"", "0", "00000", "000"})


@dataclass(slots=True)
class Tally:
    """Of one statement: what was counted of all entries, and the sums of those that the bank booked."""

    entries: int = 0
    broken: int = 0
    credit: Decimal = ZERO
    debit: Decimal = ZERO
    credits: int = 0
    debits: int = 0
    booked: Decimal = ZERO
    currencies: set[str] = field(default_factory=set)

    def add(self, lines: tuple[ReadLine, ...]) -> None:
        credit, debit, credits_, unbooked = self.credit, self.debit, 0, ZERO
        for line in lines:
            amount = line.amount
            if line.credit:
                credit += amount
                credits_ += 1
            else:
                debit += amount
            if line.status != BOOKED:
                unbooked += amount if line.credit else -amount
        self.booked += credit - self.credit - (debit - self.debit) - unbooked
        self.credit, self.debit = credit, debit
        self.credits += credits_
        self.debits += len(lines) - credits_
        self.currencies |= {line.currency for line in lines}


@dataclass(slots=True)
class _Last:
    """The statement of an account that came last."""

    place: int
    sequence: str
    page: str
    closing: Decimal | None
    currency: str
    to_on: date | None


def balanced(statement: ReadStatement, tally: Tally) -> bool | None:
    """Whether opening + credits - debits = closing, by what the bank booked; None where a balance is missing."""
    opening, closing = statement.balance(OPENING), statement.balance(CLOSING)
    if opening is None or closing is None:
        return None
    return opening.currency == closing.currency and opening.amount + tally.booked == closing.amount


class Checks:
    """Lets pieces pass and says what is odd. ``tally`` is of the statement whose piece passed last."""

    def __init__(self, say: Say) -> None:
        self.speech = Speech(say)
        self.tally = Tally()
        self.fresh = True
        self.lines: dict[int, tuple[int, Decimal]] = {}
        self.statements: dict[tuple[Any, ...], int] = {}
        self.last: dict[str, _Last] = {}

    def passing(self, pieces: Iterator[ReadStatement]) -> Iterator[ReadStatement]:
        for piece in pieces:
            if self.fresh:
                self.tally = Tally()
            self._lines(piece)
            self.fresh = not piece.continues
            if self.fresh:
                self._whole(piece)
            yield piece

    def _lines(self, piece: ReadStatement) -> None:
        tally, seen = self.tally, self.lines
        tally.entries += len(piece.lines) + piece.broken
        tally.broken += piece.broken
        tally.add(piece.lines)
        number, place = piece.number, piece.place * STATEMENT
        for line in piece.lines:
            if line.bank_reference:
                details = line.details
                first = details[0].end_to_end_id if details else ""
                key = hash((number, line.bank_reference, line.credit, line.reversal, line.booking_on, first))
            else:
                key = _same(number, line)
            # To hash an amount costs more than all else: it is compared where the rest is the same.
            here = (place + line.place, line.amount)
            before = seen.setdefault(key, here)
            if before is not here:
                self._met_before(piece, line, key, before)
        if len(seen) > MOST_REMEMBERED:
            self.lines = dict(list(seen.items())[-MOST_REMEMBERED // 2 :])

    def _met_before(
        self, piece: ReadStatement, line: ReadLine, key: int, before: tuple[int, Decimal]
    ) -> None:  # fmt: skip
        """Say that a line stands in the file twice, unless it is of another amount."""
        here = (piece.place * STATEMENT + line.place, line.amount)
        if before[1] != line.amount:
            before = self.lines.setdefault(hash((key, line.amount)), here)
            if before is here:
                return
        self.speech.warn(
            "statement.line_twice", statement=piece.place, place=line.place, line=line.line,
            before_statement=before[0] // STATEMENT, before_place=before[0] % STATEMENT, amount=str(line.amount),
            currency=line.currency,
        )  # fmt: skip

    def _whole(self, statement: ReadStatement) -> None:
        where = {"statement": statement.place, "line": statement.line}
        self._sums(statement, where)
        self._declared(statement, where)
        if len(self.tally.currencies - {""}) > 1 or (
            statement.currency and self.tally.currencies - {"", statement.currency}
        ):
            told = ", ".join(sorted(self.tally.currencies | {statement.currency} - {""}))
            self.speech.error("statement.currencies_mixed", currencies=told, **where)
        if not statement.number:
            self.speech.warn("statement.account_missing", **where)
        if len(self.statements) < MOST_STATEMENTS:
            self._again(statement, where)
            self._follows(statement, where)

    def _sums(self, statement: ReadStatement, where: dict[str, Any]) -> None:
        opening, closing = statement.balance(OPENING), statement.balance(CLOSING)
        currency = statement.currency
        answer = balanced(statement, self.tally)
        if answer is False and opening is not None and closing is not None:
            expected = opening.amount + self.tally.booked
            code = "statement.unbalanced_unread" if self.tally.broken else "statement.unbalanced"
            self.speech.error(
                code, opening=plain(opening.amount), moved=plain(self.tally.booked),
                expected=plain(expected), closing=plain(closing.amount), difference=plain(closing.amount - expected),
                currency=currency, unread=self.tally.broken, **where,
            )  # fmt: skip
        elif answer is None and statement.kind in COMPLETE:
            if opening is None and closing is None:
                self.speech.warn("statement.balances_missing", **where)
            else:
                missing = "opening" if opening is None else "closing"
                self.speech.warn(f"statement.{missing}_missing", **where)

    def _declared(self, statement: ReadStatement, where: dict[str, Any]) -> None:
        said, counted = statement.declared, self.tally
        for name, declared, found in (
            ("entries", said.entries, counted.entries), ("credit_count", said.credit_count, counted.credits),
            ("debit_count", said.debit_count, counted.debits), ("credit_sum", said.credit_sum, counted.credit),
            ("debit_sum", said.debit_sum, counted.debit),
        ):  # fmt: skip
            if declared is not None and declared != found:
                told = {"declared": _told(declared), "counted": _told(found), "currency": statement.currency}
                self.speech.error(f"statement.declared_{name}", **told, **where)

    def _again(self, statement: ReadStatement, where: dict[str, Any]) -> None:
        closing = statement.balance(CLOSING)
        key = (
            statement.number, statement.identification, statement.sequence, statement.page, statement.from_on,
            statement.to_on, closing, self.tally.entries, self.tally.credit, self.tally.debit,
        )  # fmt: skip
        before = self.statements.setdefault(key, statement.place)
        if before != statement.place and (statement.number or statement.identification):
            self.speech.error("statement.twice", before=before, number=statement.number, **where)

    def _follows(self, statement: ReadStatement, where: dict[str, Any]) -> None:
        """Whether it begins where the last one of the account in this file ended; one of a running day need not."""
        opening, closing = statement.balance(OPENING), statement.balance(CLOSING)
        number = f"{statement.number} {statement.currency}"
        before = self.last.get(number)
        if statement.kind not in COMPLETE:
            return
        if before is not None and statement.number:
            if before.closing is not None and opening is not None and opening.amount != before.closing:
                self.speech.warn(
                    "statement.gap_in_balance", before=before.place, closed=plain(before.closing),
                    opened=plain(opening.amount), currency=statement.currency, **where,
                )  # fmt: skip
            if skipped(before.sequence, statement.sequence):
                self.speech.warn(
                    "statement.gap_in_numbers", before=before.place, last=before.sequence, next=statement.sequence,
                    **where,
                )  # fmt: skip
            if before.to_on and statement.from_on and statement.from_on < before.to_on:
                self.speech.warn(
                    "statement.overlap", before=before.place, to_on=before.to_on.isoformat(),
                    from_on=statement.from_on.isoformat(), **where,
                )  # fmt: skip
        self.last[number] = _Last(
            statement.place, statement.sequence, statement.page, closing.amount if closing else None,
            statement.currency, statement.to_on or (closing.on if closing else None),
        )  # fmt: skip


# Statements of a day that is over have both balances, and follow on each other.
COMPLETE = frozenset({"camt053", "mt940", "cfonb120", "bai2"})


def skipped(before: str, now: str) -> bool:
    """Whether numbers were left out between two of the same bank. A new year begins at one; zero is no number."""
    if before in UNNUMBERED or now in UNNUMBERED or not (before.isdecimal() and now.isdecimal()):
        return False
    first, second = int(before[-18:]), int(now[-18:])
    return second != first and second != first + 1 and second > 1


def _same(number: str, line: ReadLine) -> int:
    """Of a line without a reference of the bank: equal for lines of which all is the same."""
    return hash((
        number, line.amount, line.credit, line.reversal, line.booking_on, line.value_on, line.customer_reference,
        line.information, line.details,
    ))  # fmt: skip


def _told(value: Decimal | int) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


__all__ = ["INTERIM", "Checks", "Tally", "balanced", "skipped"]
