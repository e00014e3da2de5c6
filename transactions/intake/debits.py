"""Direct debits on their way in: what a payment says of its mandate, understood and stored beside the payment."""

from collections.abc import Iterator
from decimal import Decimal

from stdnum.eu import at_02

from transactions.intake.fields import COLUMNS, Understanding, clean, day
from transactions.intake.rows import ERROR, WARNING, Problem, Row
from transactions.intake.writer import ChunkWriter, Stage

MANDATE_COLUMNS = (
    "mandate_reference", "signed_on", "sequence", "scheme", "creditor_scheme_id", "creditor_id_valid", "amendment",
)  # fmt: skip
LONGEST = 35
SEQUENCES = frozenset({"FRST", "RCUR", "FNAL", "OOFF"})
SCHEMES = frozenset({"CORE", "B2B"})


class DebitUnderstanding(Understanding):
    """A debit without a mandate, creditor's identifier, scheme or sequence cannot be collected: it is not taken in.

    What can be wrong with a mandate that is named is for the controls, where a person sees it.
    """

    def understand(self, row: Row) -> tuple[tuple[str, ...] | None, Decimal | None, list[Problem]]:
        columns, value, problems = super().understand(row)
        if row.refused:
            return columns, value, problems
        said = {problem.field for problem in problems}
        problems = [*problems, *(fault for fault in self._faults(row) if fault.field not in said)]
        if columns is None or any(problem.severity == ERROR for problem in problems):
            return None, value, problems
        values = row.values
        identifier = values["creditor_scheme_id"]
        mandate = (
            values["mandate_id"], day(values.get("signed_on", "")), values["sequence"],
            values["local_instrument"], identifier, "t" if at_02.is_valid(identifier) else "f",
            values.get("amendment") or "{}",
        )  # fmt: skip
        return (*columns, *mandate), value, problems

    def _faults(self, row: Row) -> Iterator[Problem]:
        values = row.values
        for name, code in (
            ("mandate_id", "mandate.missing"), ("creditor_scheme_id", "mandate.creditor_id_missing"),
            ("sequence", "mandate.sequence_missing"), ("local_instrument", "mandate.scheme_missing"),
        ):  # fmt: skip
            text, said = clean(values.get(name, ""))
            values[name] = text
            if not text:
                yield self._problem(row, name, code)
            elif said or len(text) > LONGEST:
                yield self._problem(row, name, "text.too_long", {"length": len(text), "longest": LONGEST})
        if values["sequence"] and values["sequence"] not in SEQUENCES:
            yield self._problem(row, "sequence", "mandate.sequence_unknown")
        if values["local_instrument"] and values["local_instrument"] not in SCHEMES:
            yield self._problem(row, "local_instrument", "mandate.scheme_unknown", severity=WARNING)
        if values["creditor_scheme_id"] and not at_02.is_valid(values["creditor_scheme_id"]):
            yield self._problem(row, "creditor_scheme_id", "mandate.creditor_id", severity=WARNING)
        if not values.get("signed_on"):
            yield self._problem(row, "signed_on", "mandate.unsigned", severity=WARNING)
        elif not day(values["signed_on"]):
            yield self._problem(row, "signed_on", "date.unreadable")


class DebitWriter(ChunkWriter):
    """Chunks of debits into payments and their collections."""

    stage = Stage(
        "debits",
        text="intake_debits_stage",
        tables=("debit_stage",),
        columns=(*COLUMNS, *MANDATE_COLUMNS),
        steps=("intake_debits",),
    )
