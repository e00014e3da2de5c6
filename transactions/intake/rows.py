"""What a reader yields: the file's header, groups of payments, payments as text, and what is wrong with them.

A reader knows one format and nothing of the database; it gives every value as the text that stands in the file. What
the texts mean (amounts, dates, lengths, characters) is decided in one place for all formats: ``fields.py``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from backoffice.common.errors import BusinessError

ERROR, WARNING = "error", "warning"


@dataclass(slots=True)
class Problem:
    """Something wrong, and where. ``position`` is the payment's number in the file from 1; 0 is the file or a group.

    An ``error`` keeps its payment out; a ``warning`` does not.
    """

    position: int
    code: str
    params: dict[str, Any] = field(default_factory=dict)
    field: str = ""
    value: str = ""
    line: int | None = None
    path: str = ""
    severity: str = ERROR


@dataclass(slots=True)
class Header:
    """What the file says of itself. Counts and sums are texts as declared, or None; ``xsd`` names the schema used."""

    kind: str
    format: str
    namespace: str | None = None
    message_id: str = ""
    initiating_party: str = ""
    declared_count: str | None = None
    declared_sum: str | None = None
    line: int | None = None
    path: str = ""
    xsd: str = ""


@dataclass(slots=True)
class Group:
    """A PmtInf that ended: what it declared. ``refused``: its head is wrong, so none of its payments is taken in."""

    number: int
    line: int | None
    path: str
    declared_count: str | None
    declared_sum: str | None
    refused: bool = False


@dataclass(slots=True)
class Row:
    """One payment as it stands in the file: texts by field name, and the address by its own keys (lines a tuple)."""

    position: int
    line: int | None
    values: dict[str, str]
    address: dict[str, Any]
    group: int = 0
    refused: bool = False
    path: str = ""
    problems: list[Problem] = field(default_factory=list)


Item = Header | Group | Row | Problem


class Reader(Protocol):
    """One format. ``items`` is walked once; the header comes before the first row."""

    def items(self) -> Iterator[Item]: ...

    def locate(self, row: Row, name: str) -> tuple[int | None, str]:
        """Line and path of a field of the row that was yielded last."""
        ...


class FileRefused(BusinessError):
    """The file as a whole cannot be read, from this line on. Nothing of it is taken in."""

    line: int | None = None
    path: str = ""

    @classmethod
    def at(cls, code: str, *, line: int | None = None, path: str = "", **params: Any) -> "FileRefused":
        refusal = cls(code, **params)
        refusal.line, refusal.path = line, path
        return refusal

    def problem(self) -> Problem:
        return Problem(0, self.code, self.params, line=self.line, path=self.path)
