"""The way in: which reader reads this file, and the way through its checks.

Readers know no database. What custodians hold and traded (``custody.py``) is asked for by name: the titles of its lists
look like those of a bank.
"""

from collections.abc import Callable, Iterator
from typing import IO, Any

from transactions.intake import open_file, sniff
from transactions.intake.rows import FileRefused
from transactions.statements import cfonb120
from transactions.statements.bai2 import Bai2Reader
from transactions.statements.bank_list import BankListReader, is_bank_list
from transactions.statements.camt import CamtReader
from transactions.statements.cfonb120 import Cfonb120Reader
from transactions.statements.checks import Checks
from transactions.statements.mt940 import Mt940Reader
from transactions.statements.ofx import OfxReader
from transactions.statements.read import ReadStatement, Say, StatementReader
from transactions.statements.sheet import is_workbook

_MESSAGES = frozenset({"camt052", "camt053", "camt054"})
_TEXTS: dict[str, Callable[[IO[bytes], Say], StatementReader]] = {
    "mt940": Mt940Reader,
    "cfonb120": Cfonb120Reader,
    "ofx": OfxReader,
    "bai2": Bai2Reader,
}
# What files of MT940 are called: asked of a file in which nothing was recognised.
_NAMES = (".sta", ".mt940", ".mt942", ".940", ".942", ".swi")
_OTHER_CFONB = frozenset({"cfonb160", "cfonb240"})
LIST = "bank_csv"
KINDS = _MESSAGES | _TEXTS.keys() | _OTHER_CFONB


def as_statement(kind: str, stream: IO[bytes]) -> str:
    """The kind of statements that a file of this kind holds; "" when it holds none. Leaves the stream at its start."""
    if kind in KINDS or kind == LIST:
        return kind
    if (kind == "csv" and is_bank_list(stream)) or (kind == "xlsx" and is_workbook(stream)):
        return LIST
    return ""


def open_statements(stream: IO[bytes], *, say: Say, mapping: dict[str, Any] | None = None) -> StatementReader:
    """The reader of a seekable stream. Raises :class:`FileRefused` for what is no statement."""
    kind, root = open_file.kind_of(stream)
    if mapping is not None and kind in {"csv", "xlsx"}:
        kind = LIST  # who has a mapping knows what the list is
    kind = as_statement(kind, stream) or kind
    return reader_of(kind, root, stream, say=say, mapping=mapping)


def reader_of(
    kind: str, root: sniff.Root | None, stream: IO[bytes], *, say: Say, mapping: dict[str, Any] | None = None
) -> StatementReader:
    """The reader of a kind that is known."""
    if kind in _MESSAGES:
        return CamtReader(stream, say, root=root)
    if kind in _TEXTS:
        return _TEXTS[kind](stream, say)
    if kind == LIST:
        return BankListReader(stream, say, mapping)
    if kind in _OTHER_CFONB:
        raise cfonb120.refuse_other(kind)
    if kind == "binary":
        raise FileRefused.at("file.binary")
    raise FileRefused.at("statement.no_statement", kind=kind or "?")


def checked(stream: IO[bytes], *, say: Say, mapping: dict[str, Any] | None = None) -> Iterator[ReadStatement]:
    """Pieces of statements as they were read, with all that is wrong with them said on the way."""
    yield from Checks(say).passing(open_statements(stream, say=say, mapping=mapping).statements())


def named_as_statement(file_name: str) -> bool:
    return file_name.lower().endswith(_NAMES)
