"""One reading of one file: rows understood as they come, counted, compared with what the file declares of itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backoffice.common import money
from backoffice.common.errors import BusinessError
from transactions.intake.fields import Understanding
from transactions.intake.rows import ERROR, WARNING, Group, Header, Problem, Reader, Row

ZERO = Decimal(0)


@dataclass(slots=True)
class Tally:
    """What was counted. ``count`` and ``total`` are of what is in the file, taken in or not; ``bad`` of what is not."""

    count: int = 0
    total: Decimal = ZERO
    bad: int = 0


class Reading:
    """Drives a reader. ``say`` gets each problem as it is found; ``rows`` yields the columns of what was understood.

    ``refused_groups``: groups that a former reading found wrong only after their payments.
    """

    def __init__(
        self,
        reader: Reader,
        *,
        entity_id: int | None,
        say: Callable[[Problem], None],
        refused_groups: frozenset[int] = frozenset(),
    ) -> None:
        self.reader = reader
        self.understanding: Understanding = getattr(reader, "understanding", Understanding)(reader, entity_id)
        self.header: Header | None = None
        self.all = Tally()
        self.groups = 0
        self.currencies: set[str] = set()
        # Groups found wrong after their payments had been read (what stands after the last payment).
        self.refused_groups: set[int] = set(refused_groups)
        self._known_refused = refused_groups
        self.has_errors = False
        self.declared_mismatch = False
        self._say = say
        self._at_group_start = Tally()

    def say(self, problem: Problem) -> None:
        self.has_errors = self.has_errors or problem.severity == ERROR
        self._say(problem)

    @property
    def schema_errors(self) -> int | None:
        """How often the schema was not kept; None when there is no schema for the file."""
        return getattr(self.reader, "schema_errors", None)

    def rows(self, also: Callable[[Row], None] | None = None) -> Iterator[tuple[str, ...]]:
        """The stage columns of each payment that can be taken in. ``also`` sees every row, good or not."""
        understand = self.understanding.understand
        for item in self.reader.items():
            if item.__class__ is Row:
                if item.group in self._known_refused:
                    item.refused = True
                columns, amount, problems = understand(item)
                self.all.count += 1
                if amount is not None:
                    self.all.total += amount
                if columns is not None or item.values.get("currency", "") in money.currencies():
                    self.currencies.add(item.values["currency"])
                for problem in problems:
                    self.say(problem)
                if also is not None:
                    also(item)
                if columns is None:
                    self.all.bad += 1
                else:
                    yield columns
            elif isinstance(item, Problem):
                self.say(item)
            elif isinstance(item, Group):
                self._group(item)
            elif isinstance(item, Header):
                self.header = item
        self._compare_file()

    def _group(self, group: Group) -> None:
        self.groups += 1
        if group.refused:
            self.refused_groups.add(group.number)
        started, now = self._at_group_start, self.all
        counted = Tally(now.count - started.count, now.total - started.total)
        for problem in _differences(group, counted, "group", {"group": group.number}):
            self.say(problem)
        self._at_group_start = Tally(now.count, now.total)

    def _compare_file(self) -> None:
        header = self.header
        if header is None:
            return
        for problem in _differences(header, self.all, "file", {}):
            self.declared_mismatch = True
            self.say(problem)
        if not self.all.count and not self.has_errors:
            self.say(Problem(0, "file.no_payments", line=header.line, path=header.path))


def _differences(said: Header | Group, counted: Tally, of: str, params: dict[str, Any]) -> Iterator[Problem]:
    """Where a declared count or sum differs from what was counted."""
    count, total = said.declared_count, said.declared_sum
    if count is not None and number(count) != counted.count:
        words = {**params, "declared": count[:20], "counted": counted.count}
        yield Problem(0, f"declared.{of}_count", words, "NbOfTxs", count[:20], said.line, said.path, WARNING)
    if total is not None and number(total) != counted.total:
        words = {**params, "declared": total[:30], "counted": plain(counted.total)}
        yield Problem(0, f"declared.{of}_sum", words, "CtrlSum", total[:30], said.line, said.path, WARNING)


def number(text: str | None) -> Decimal | None:
    """A declared count or sum as a number; None when it is none."""
    try:
        return money.number(text or "")
    except BusinessError:
        return None


def plain(total: Decimal) -> str:
    """A control sum: a point, at least two decimals."""
    exponent = total.as_tuple().exponent
    return f"{total:.2f}" if not isinstance(exponent, int) or exponent >= -2 else f"{total:f}"
