"""ISO 20022 schemas, read from the packages that ship them, and their errors with line, path and a code of our own.

A whole file is never held to be validated. The schema is loaded a second time with its inner elements made global, so
that each payment, each group's head and the file's head are validated as they pass, with what was taken out of the tree
already validated before.
"""

import functools
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from transactions.intake import sniff
from transactions.intake.facets import Facets
from transactions.intake.rows import Problem

_XS = "{http://www.w3.org/2001/XMLSchema}"
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:((pain\.[0-9]{3})\.001\.[0-9]{2})\Z")
# Where the schemas of a message lie (package, folder), and its inner elements that are validated as they pass: of the
# last of them, many together, too.
_PLACES = {
    "pain.001": ("sepaxml", "schemas", ("GrpHdr", "PmtInf", "CdtTrfTxInf")),
    "pain.008": ("sepaxml", "schemas", ("GrpHdr", "PmtInf", "DrctDbtTxInf")),
    "pain.002": ("pain001", "pain002/schemas", ("GrpHdr", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts")),
}
# Of no message: holds payments that are validated by one call.
TOGETHER = "Payments"
_NAMES = re.compile(r"\{[^{}]*\}")
_ELEMENT = re.compile(r"Element '([^']*)'(?:, attribute '([^']*)')?: ")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)")
_FOUND = re.compile(r"has a length of '([0-9]+)'")
_LIMIT = re.compile(r"(?:maximum|minimum) length of '([0-9]+)'")
_WHOLE = re.compile(r"(.*)", re.DOTALL)
_PATTERN = re.compile(r"pattern '(.*)'", re.DOTALL)
_TYPE = re.compile(r"type '([^']*)'")


class Schema:
    """One version of the message. Not for threads: a validator keeps its last errors."""

    def __init__(self, file_name: str, content: bytes, inner: tuple[str, ...]) -> None:
        self.file_name = file_name
        document = etree.fromstring(content)
        self.whole = etree.XMLSchema(document)
        types = self._inner(document, inner)
        self.facets = Facets(document, types)
        for name, kind in types.items():
            etree.SubElement(document, f"{_XS}element", name=name, type=kind)
        together = etree.SubElement(document, f"{_XS}element", name=TOGETHER)
        many = etree.SubElement(etree.SubElement(together, f"{_XS}complexType"), f"{_XS}sequence")
        payment = inner[-1]
        etree.SubElement(many, f"{_XS}element", name=payment, type=types[payment], maxOccurs="unbounded")
        self.parts = etree.XMLSchema(document)

    @staticmethod
    def _inner(document: Any, names: tuple[str, ...]) -> dict[str, str]:
        types = {element.get("name"): element.get("type") for element in document.iter(f"{_XS}element")}
        return {name: types[name] for name in names}

    def faults(self, element: Any, *, without: str = "") -> Iterator[tuple[Any, Problem]]:
        """Errors in ``element`` as (node, problem), the problem without its place in the file.

        What stands inside children named ``without`` is left out: those are validated on their own.
        """
        validator = self.whole if element.getparent() is None or sniff.local(element) == "Document" else self.parts
        if validator.validate(element):
            return
        errors: Any = validator.error_log
        for entry in list(errors):
            node = _node(element, entry.path or "")
            if without and _inside(node, element, without, entry.message):
                continue
            yield node, _problem(entry, node)


@functools.cache
def _load(message: str, version: str) -> Schema | None:
    package, folder, inner = _PLACES[message]
    spec = find_spec(package)  # finds the package without running its code
    file = Path(str(spec and spec.origin)).parent / folder / f"{version}.xsd"
    return Schema(file.name, file.read_bytes(), inner) if file.is_file() else None


def of(namespace: str | None) -> Schema | None:
    """The schema of a namespace, or None when none is shipped (national variants, versions in between)."""
    found = _NAMESPACE.match(namespace or "")
    return _load(found.group(2), found.group(1)) if found and found.group(2) in _PLACES else None


def _node(element: Any, path: str) -> Any:
    """The element that a validator's path (counted from ``element``) leads to; of an attribute, its element."""
    steps = [step for step in path.split("/")[2:] if step and not step.startswith("@")]
    if not steps:
        return element
    prefixes = {prefix: name for prefix, name in element.nsmap.items() if prefix}
    try:
        found = element.xpath("./" + "/".join(steps), namespaces=prefixes)
    except etree.XPathError:
        return element
    return found[0] if found else element


def _inside(node: Any, element: Any, name: str, message: str) -> bool:
    at = node
    while at is not None and at is not element:
        if sniff.local(at) in name.split():
            return at is not node or "This element is not expected" not in message
        at = at.getparent()
    return False


def told(entry: Any) -> Problem:
    """An error of a validator that is not held beside its element: with the line that libxml2 says, or without."""
    return _problem(entry, None)


def _problem(entry: Any, node: Any) -> Problem:
    message = _NAMES.sub("", entry.message)
    subject = _ELEMENT.match(message)
    attribute = (subject.group(2) or "") if subject else ""
    if node is None:
        name, value = subject.group(1) if subject else "", ""
    else:
        value = (node.get(attribute) or "" if attribute else node.text or "").strip()
        name = sniff.local(node)
    code, params = _code(entry.type_name, _ELEMENT.sub("", message, count=1))
    return Problem(0, code, {"element": f"{name}@{attribute}" if attribute else name, **params}, name, value[:200])


def _code(kind: str, message: str) -> tuple[str, dict[str, Any]]:
    """Our code and parameters for an error of the validator."""
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        code = "schema.missing" if message.startswith("Missing child") else "schema.unexpected"
        return code, {"expected": _part(_EXPECTED, message, "–")}
    for begins, code, patterns in _CODES:
        if kind.startswith(begins):
            return code, {name: _part(pattern, message, "?") for name, pattern in patterns.items()}
    return "schema.other", {"detail": message[:300]}


def _part(pattern: re.Pattern[str], message: str, otherwise: str) -> str:
    found = pattern.search(message)
    return found.group(1)[:200] if found else otherwise


_CODES: list[tuple[str, str, dict[str, re.Pattern[str]]]] = [
    ("SCHEMAV_CVC_MAXLENGTH_VALID", "schema.too_long", {"length": _FOUND, "limit": _LIMIT}),
    ("SCHEMAV_CVC_MINLENGTH_VALID", "schema.too_short", {"length": _FOUND, "limit": _LIMIT}),
    ("SCHEMAV_CVC_PATTERN_VALID", "schema.pattern", {"pattern": _PATTERN}),
    ("SCHEMAV_CVC_ENUMERATION_VALID", "schema.not_listed", {}),
    ("SCHEMAV_CVC_DATATYPE_VALID", "schema.wrong_type", {"type": _TYPE}),
    ("SCHEMAV_CVC_FRACTIONDIGITS_VALID", "schema.too_precise", {}),
    ("SCHEMAV_CVC_TOTALDIGITS_VALID", "schema.too_precise", {}),
    ("SCHEMAV_CVC_MIN", "schema.out_of_range", {}),
    ("SCHEMAV_CVC_MAX", "schema.out_of_range", {}),
    ("SCHEMAV_CVC_COMPLEX_TYPE_4", "schema.attribute_missing", {"detail": _WHOLE}),
]
