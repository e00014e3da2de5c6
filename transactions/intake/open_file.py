"""Which reader reads this file."""

from collections.abc import Callable, Iterator
from typing import IO, Any

from transactions.intake import sniff, xml_faults
from transactions.intake.cards import CardCsvReader, CardJsonReader, is_report
from transactions.intake.csv_file import CsvReader
from transactions.intake.json_rows import JsonReader
from transactions.intake.pacs008 import Pacs008Reader
from transactions.intake.pain001 import Pain001Reader
from transactions.intake.pain008 import Pain008Reader
from transactions.intake.rows import FileRefused, Item, Reader
from transactions.intake.standing import StandingReader

JSON_TYPE = "application/vnd.backoffice.payments+json"
STANDING_TYPE = "application/vnd.backoffice.standing+json"
CARDS_TYPE = "application/vnd.backoffice.card-payments+json"


def kind_of(stream: IO[bytes]) -> tuple[str, sniff.Root | None]:
    """The kind of the file and, of XML, its root. Leaves the stream at its start."""
    head = stream.read(4096)
    stream.seek(0)
    if not head.strip():
        raise FileRefused.at("attachment.empty")
    if sniff.looks_like_xml(head):
        root = sniff.root(stream)
        stream.seek(0)
        return root.kind, root
    return sniff.other_kind(head) or ("csv" if sniff.may_be_text(head) else "binary"), None


class _Pain001(Pain001Reader):
    """Tells a file that breaks off from one with a slip in its middle."""

    def items(self) -> Iterator[Item]:
        try:
            yield from super().items()
        except FileRefused as fault:
            raise xml_faults.at_the_end(fault, self.fed.stream) from None


class _Pain008(_Pain001, Pain008Reader):
    """So of direct debits."""


class _Pacs008(_Pain001, Pacs008Reader):
    """So of what comes in."""


_AS_DATA: dict[str, Callable[[IO[bytes]], Reader]] = {
    JSON_TYPE: JsonReader,
    STANDING_TYPE: StandingReader,
    CARDS_TYPE: CardJsonReader,
}
_MESSAGES: dict[str, Callable[[IO[bytes], sniff.Root], Reader]] = {
    "pain001": _Pain001,
    "pain008": _Pain008,
    "pacs008": _Pacs008,
}


def reader_of(stream: IO[bytes], *, mapping: dict[str, Any], content_type: str = "", currency: str = "EUR") -> Reader:
    """The reader for a seekable stream at its start; ``currency`` is assumed for lists that name none.

    Raises :class:`FileRefused` for what is no payment file.
    """
    if content_type in _AS_DATA:
        return _AS_DATA[content_type](stream)
    kind, root = kind_of(stream)
    if kind in _MESSAGES and root is not None:
        return _MESSAGES[kind](stream, root)
    if kind == "csv":
        list_reader = CardCsvReader if is_report(stream) else CsvReader
        return list_reader(stream, mapping, currency=currency)
    if kind == "binary":
        raise FileRefused.at("file.binary")
    if kind:
        raise FileRefused.at("file.other_kind", kind=kind)
    element, namespace = (root.message, root.namespace) if root is not None else ("", None)
    raise FileRefused.at("file.unknown_xml", element=element or "?", namespace=namespace or "–")
